"""What is decided on a correction request and on an application for stars, on their own pages."""

from collections.abc import Callable

import streamlit as st

from models import RECORDS
from models.service import RequestState, StarState
from models.words import L
from services import serving_awards, serving_ledger, store
from services.access import Actor
from services.store import Row
from ui.detail import detail, fields_html
from ui.shell import Outcome, button, errors_of, field_key, field_value, language, link, t

REQUEST, AWARD, HOURS = (RECORDS[name] for name in ("correction_request", "star_award", "service_hours"))


def correction(actor: Actor, key: int) -> None:
    detail(actor, REQUEST, key, above=_answer, titled=lambda row: (row.show("volunteer_id"), row.values["asked"]))


def _answer(actor: Actor, row: Row) -> None:
    if row.values["hours_id"]:
        _disputed(actor, row.values["hours_id"])
    if row.values["state"] != RequestState.OPEN or not actor.may("write", "volunteers"):
        return
    form = f"answer.{row.id}"
    with st.container(border=True):
        st.text_area(
            t(L("答复：更正了什么，或为什么不更正（本人会看到）*", "Answer: what was corrected, or why not; they read it *")),
            key=field_key(form, "answer"), max_chars=500,
        )  # fmt: skip
        errors_of(form)
        with st.container(horizontal=True):
            for accept, label in ((True, L("已更正", "Corrected")), (False, L("不予更正", "Not corrected"))):
                button(label, _answering(actor, row.id, form, accept), form=form, name=str(accept),
                       kind="primary" if accept else "secondary")  # fmt: skip


def _disputed(actor: Actor, key: int) -> None:
    """What the request is about, and the way to it."""
    entry = store.get(actor, HOURS, key)
    names = ("activity", "served_on", "times", "hours", "state")
    with st.container(border=True):
        st.html(fields_html([(t(HOURS.field(name).label), entry.show(name, language())) for name in names]))
        link(L("打开这条时长", "Open these hours"), "service_hours", ":material/schedule:", id=key)


def _answering(actor: Actor, key: int, form: str, accept: bool) -> Callable[[str], Outcome]:
    def act(_used: str) -> Outcome:
        serving_awards.answer(actor, key, accept=accept, words=field_value(form, "answer", "") or "")
        return Outcome(L("已答复", "Answered"))

    return act


def star(actor: Actor, key: int) -> None:
    detail(actor, AWARD, key, above=_decide, titled=_titled)


def _titled(row: Row) -> tuple[str, str]:
    return f"{row.show('volunteer_id')} · {'★' * row.values['level']}", row.show("applied_on")


def _decide(actor: Actor, row: Row) -> None:
    if row.values["is_manual"]:
        st.badge(t(L("时长未达门槛", "Beyond the hours")), icon=":material/warning:", color="orange")
    if row.values["state"] != StarState.APPLIED or not actor.may("approve", "volunteers"):
        return
    ledger, form = serving_ledger.ledger(actor, row.values["volunteer_id"]), f"star.{row.id}"
    least = serving_ledger.threshold(actor, row.values["level"])
    with st.container(border=True):
        pairs = [
            (t(L("累计时长", "Hours in all")), str(ledger.total)),
            (t(L("这一级的门槛", "Threshold of this level")), t(L(f"{least} 小时", f"{least} h"))),
            (t(L("可评星级", "Entitled to")), "★" * ledger.entitled or "—"),
        ]
        st.html(fields_html(pairs))
        st.text_input(
            t(L("理由（不授予或破格时必填）", "Reason (to refuse, or beyond the hours)")),
            key=field_key(form, "reason"),
        )
        errors_of(form)
        with st.container(horizontal=True):
            for award, label in ((True, L("授予", "Award")), (False, L("不授予", "Refuse"))):
                button(label, _deciding(actor, row.id, form, award), form=form, name=str(award),
                       kind="primary" if award else "secondary")  # fmt: skip


def _deciding(actor: Actor, key: int, form: str, award: bool) -> Callable[[str], Outcome]:
    def act(_used: str) -> Outcome:
        serving_awards.decide_star(actor, key, award=award, reason=field_value(form, "reason", "") or "")
        return Outcome(L("已评定", "Decided"))

    return act
