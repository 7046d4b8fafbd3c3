"""Where a deliverable or a site stands with its acceptance: submitted when complete, accepted by who may, or reopened."""

from typing import Any

import streamlit as st

from models import RecordType
from models.words import L
from services import clock, deliverables, steps
from services.access import Actor
from services.deliverables import ACCEPTANCE, STEPS
from services.store import Row
from ui.detail import fields_html
from ui.shell import Outcome, button, errors_of, field_key, field_value, language, literal, t
from ui.steps import short_form


def acceptance(actor: Actor, record: RecordType, row: Row, missing: int) -> None:
    names = steps.open_to(actor, record, STEPS, row.values["state"]) if row.deleted_at is None else []
    told = [(t(record.field(n).label), row.show(n, language())) for n in ACCEPTANCE if row.values[n]]
    if told:
        st.html(fields_html(told))
    if missing:
        st.caption(
            t(L(f"还差 {missing} 份文件，齐备后才能验收。", f"{missing} documents are missing before acceptance."))
        )
    elif "accept" in names:
        _accept(actor, record, row)
    elif "submit" in names:
        _submit(actor, record, row)
    if "reopen" in names:
        _reopen(actor, record, row)


def _accept(actor: Actor, record: RecordType, row: Row) -> None:
    def act(given: dict[str, Any], used: str) -> Outcome:
        deliverables.accept(actor, record, row.id, given, version=row.version, token=used)
        return Outcome(L(f"已验收：{literal(row.title)}", f"Accepted: {literal(row.title)}"))

    preset, label = {"accepted_on": clock.today(), "accepted_by": actor.name}, L("验收通过", "Accept")
    short_form(actor, record, ACCEPTANCE, f"accept.{record.name}.{row.id}", label, act, row=row, preset=preset)


def _submit(actor: Actor, record: RecordType, row: Row) -> None:
    def act(used: str) -> Outcome:
        steps.take(actor, record, STEPS["submit"], row.id, {}, version=row.version, token=used)
        return Outcome(L("已提交，等待验收", "Submitted for acceptance"))

    button(L("提交验收", "Submit for acceptance"), act, form=f"submit.{record.name}.{row.id}", kind="primary")


def _reopen(actor: Actor, record: RecordType, row: Row) -> None:
    form = f"reopen.{record.name}.{row.id}"
    with st.popover(t(L("退回建设中", "Back to in progress")), icon=":material/undo:"):
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"))

        def act(_used: str) -> Outcome:
            deliverables.reopen(actor, record, row.id, field_value(form, "reason", ""), version=row.version)
            return Outcome(L("已退回", "Reopened"))

        button(L("退回", "Reopen"), act, form=form)
        errors_of(form)
