"""A partner's quotas: what is left, a short form to use some of it, the ledger with its undo."""

from collections.abc import Callable
from datetime import date
from functools import partial

import streamlit as st

from models.quotas import QuotaAct
from models.words import L
from services import clock, quotas
from services.access import Actor
from services.quotas import ENTRY, QUOTA, Ledger
from services.store import Row
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, go, language, t

ACTS: dict[QuotaAct, Callable[..., int]] = {
    QuotaAct.ASSIGN: quotas.assign,
    QuotaAct.RELEASE: quotas.release,
    QuotaAct.ADJUST: lambda actor, key, n, *, purpose, **more: quotas.adjust(actor, key, n, purpose, **more),
}
SHOWN = 6


def card(actor: Actor, organisation_id: int) -> None:
    found = quotas.of_organisation(actor, organisation_id)
    may_write = actor.may("write", "partners")
    if not found and not may_write:
        return
    with st.container(border=True):
        st.html(f"<h4>{t(L('名额', 'Quotas'))}</h4>")
        for one in found:
            _quota(actor, one, may_write)
        label = t(L("给予名额", "Grant a quota"))
        if may_write and st.button(label, icon=":material/add:", type="tertiary", key="quota.new"):
            go(QUOTA.name, do="new", **{"set.organisation_id": organisation_id})


def _quota(actor: Actor, one: Ledger, may_write: bool) -> None:
    now, shown = one.standing, one.quota
    kind, starts, ends = (shown.show(name, language()) for name in ("kind", "starts", "ends"))
    st.metric(f"{kind} · {starts} – {ends}", t(L(f"剩余 {now.left}", f"{now.left} left")))
    st.progress(
        min(now.used / now.total, 1.0) if now.total else 0.0,
        t(L(f"已用 {now.used} / {now.total}", f"{now.used} of {now.total} used")),
    )
    if may_write:
        _enter(actor, one)
    if one.entries:
        with st.popover(t(L(f"台账 {len(one.entries)}", f"Ledger {len(one.entries)}")), icon=":material/receipt_long:"):
            for entry in one.entries:
                _line(actor, entry, may_write and entry.id in one.undoable)


def _enter(actor: Actor, one: Ledger) -> None:
    form, key = f"quota.{one.quota.id}", one.quota.id
    with st.popover(t(L("分配 / 退回", "Assign or release")), icon=":material/event_seat:"):
        st.segmented_control(
            t(L("做什么", "What")), list(ACTS), default=QuotaAct.ASSIGN, key=field_key(form, "act"), required=True,
            format_func=lambda act: t(act.label), help=t(L("调整可填负数", "An adjustment may be negative")),
        )  # fmt: skip
        st.number_input(t(L("数量", "How many")), value=1, step=1, key=field_key(form, "amount"))
        st.date_input(t(L("日期", "On")), value=clock.today(), key=field_key(form, "on"), format="YYYY-MM-DD")
        st.text_input(t(L("用途或理由", "Purpose or reason")), key=field_key(form, "purpose"), max_chars=200)

        def act(used: str) -> Outcome:
            chosen, amount, why = (field_value(form, name) for name in ("act", "amount", "purpose"))
            day: date | None = field_value(form, "on")
            ACTS[QuotaAct(chosen)](actor, key, int(amount or 0), on=day, purpose=why or "", token=used)
            return Outcome(L("已记入台账", "Entered in the ledger"))

        button(L("记入台账", "Enter"), act, form=form, kind="primary")
        errors_of(form)


def _line(actor: Actor, entry: Row, undoable: bool) -> None:
    act, day, purpose = (entry.show(name, language()) for name in ("act", "entered_on", "purpose"))
    undoes = t(L("撤销：", "Undo: ")) if entry.values["reversal_of_id"] else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(
            f"<b>{undoes}{escaped(act)} {entry.values['amount']:+d}</b> <small>{day}</small><br>{escaped(purpose)}",
            width="stretch",
        )
        if undoable:
            button(L("撤销", "Undo"), partial(_undo, actor, entry.id), form=f"{ENTRY.name}.{entry.id}", kind="tertiary")
    errors_of(f"{ENTRY.name}.{entry.id}")


def _undo(actor: Actor, key: int, used: str) -> Outcome:
    quotas.undo(actor, key, token=used)
    return Outcome(L("已撤销", "Undone"))
