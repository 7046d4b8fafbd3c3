"""Accounts: who signs in, in which roles and for which stations; one-time passwords; ending sessions."""

import streamlit as st

from models import RECORDS
from models.system import Role
from models.words import L
from services import accounts, store
from services.access import Actor
from services.store import Query, Row
from ui.detail import detail
from ui.messages import words_of
from ui.shell import Outcome, button, errors_of, field_key, field_value, go, header, literal, number, param, t
from ui.tables import as_frame, picked

ACCOUNT = RECORDS["account"]
ROLE_FIELDS = ("username", "name", "roles", "active", "must_change")
NEW, FORM = L("新建账号", "New account"), "account.new"


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
        if actor.may("write", "admin") and st.button(t(NEW), icon=":material/person_add:", type="primary"):
            go("accounts", do="new")
    found = store.rows(actor, ACCOUNT, Query(fields=ROLE_FIELDS, size=500)).rows
    frame = as_frame(found, [ACCOUNT.field(name) for name in ROLE_FIELDS])
    if row := picked(frame, found, "accounts.table"):
        go("accounts", id=row.id)


def _new(actor: Actor) -> None:
    """The one-time password is shown once, here; it must be changed at the first sign-in."""
    zh, en = (
        "保存后显示一次性密码，首次登录须修改。",
        "A one-time password is shown once; it must be changed at first sign-in.",
    )
    header(t(NEW), L(zh, en))
    with st.container(width=560, border=True):
        _fields(store.choices(actor, RECORDS["unit"], size=200))
        errors_of(FORM)

    def act(_used: str) -> Outcome:
        username, name, roles, units = (field_value(FORM, n) for n in ("username", "name", "roles", "units"))
        secret = accounts.create_account(actor, username, name, roles, units)
        return Outcome(_told(username), "accounts", stays=True, secret=secret)

    button(L("保存", "Save"), act, form=FORM, kind="primary")


def _fields(stations: dict[int, str]) -> None:
    name = t(L("用户名 *", "User name *"))
    st.text_input(name, key=field_key(FORM, "username"), help=t(words_of("username_bad")))
    st.text_input(t(L("姓名 *", "Name *")), key=field_key(FORM, "name"))
    roles, only = t(L("角色 *", "Roles *")), t(L("只限站点（空为全部）", "Only these stations (none: all)"))
    st.multiselect(
        roles, list(Role), format_func=lambda role: t(role.label), key=field_key(FORM, "roles"), select_all=False
    )
    st.multiselect(
        only, list(stations), format_func=stations.__getitem__, key=field_key(FORM, "units"), select_all=False
    )


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
