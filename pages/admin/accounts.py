"""Accounts: who signs in, in which roles and for which stations; one-time passwords; ending sessions."""

from typing import Any

import streamlit as st

from models import RECORDS
from models.system import Role
from models.words import L
from services import accounts, store
from services.access import Actor
from services.store import Query, Row
from ui.detail import detail
from ui.listing import as_frame
from ui.messages import words_of
from ui.shell import Outcome, button, errors, escaped, field_key, field_value, go, header, literal, number, param, t

ACCOUNT = RECORDS["account"]
ROLE_FIELDS = ("username", "name", "roles", "active", "must_change")


def page(actor: Actor) -> None:
    if number("id"):
        detail(actor, ACCOUNT, number("id"), actions=_actions)
    elif param("do") == "new":
        _new(actor)
    else:
        _list(actor)


def _list(actor: Actor) -> None:
    about = L("每人一个账号；没有默认密码。", "One account for each person; no default passwords.")
    with header(t(L("账号", "Accounts")), about):
        if actor.may("write", "admin") and st.button(
            t(L("新建账号", "New account")), icon=":material/person_add:", type="primary"
        ):
            go("accounts", do="new")
    found = store.rows(actor, ACCOUNT, Query(fields=ROLE_FIELDS, size=500)).rows
    frame = as_frame(found, [ACCOUNT.field(name) for name in ROLE_FIELDS])
    event: Any = st.dataframe(
        frame, hide_index=True, on_select="rerun", selection_mode="single-cell", key="accounts.table"
    )
    if event.selection.cells:
        go("accounts", id=found[event.selection.cells[0][0]].id)


def _new(actor: Actor) -> None:
    """The one-time password is shown once, here; it must be changed at the first sign-in."""
    header(
        t(L("新建账号", "New account")),
        L(
            "保存后显示一次性密码，首次登录须修改。",
            "A one-time password is shown once; it must be changed at first sign-in.",
        ),
    )
    form, wrong = "account.new", errors("account.new")
    with st.container(width=560, border=True):
        st.text_input(
            t(L("用户名 *", "User name *")), key=field_key(form, "username"), help=t(words_of("username_bad"))
        )
        st.text_input(t(L("姓名 *", "Name *")), key=field_key(form, "name"))
        st.multiselect(
            t(L("角色 *", "Roles *")), list(Role), format_func=lambda r: t(r.label), key=field_key(form, "roles")
        )
        stations = store.choices(actor, RECORDS["unit"], size=200)
        st.multiselect(
            t(L("只限站点（空为全部）", "Only these stations (none: all)")), list(stations), format_func=lambda key: stations[key],
            key=field_key(form, "units"),
        )  # fmt: skip
        for code in wrong.values():
            st.html(f"<p class='fe' role='alert'>{escaped(t(words_of(code)))}</p>")

    def act(_used: str) -> Outcome:
        username, name, roles, units = (field_value(form, n) for n in ("username", "name", "roles", "units"))
        secret = accounts.create_account(actor, username, name, roles, units)
        return Outcome(_told(username), "accounts", stays=True, secret=secret)

    button(L("保存", "Save"), act, form=form, kind="primary")


def _told(username: str) -> L:
    return L(
        f"{literal(username)} 的一次性密码只显示这一次，首次登录须修改：",
        f"The one-time password of {literal(username)} is shown this once; it must be changed at first sign-in:",
    )


def _actions(actor: Actor, row: Row) -> None:
    if not actor.may("write", "admin"):
        return

    def end(_used: str) -> Outcome:
        ended = accounts.end_sessions(actor, row.id)
        return Outcome(L(f"已结束 {ended} 个登录", f"{ended} sessions ended"))

    def reset(_used: str) -> Outcome:
        secret = accounts.reset_password(actor, row.id)
        return Outcome(_told(row.values["username"]), stays=True, secret=secret)

    button(L("结束所有登录", "End all sessions"), end, form=f"end.{row.id}", icon=":material/logout:")
    button(L("重置密码", "Reset password"), reset, form=f"reset.{row.id}", icon=":material/key:")
