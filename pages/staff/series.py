"""The series that a session belongs to: its sessions in their places, and the end of those that are not wanted any more."""

import streamlit as st

from models.training import SessionState
from models.words import L
from pages.staff import recurring as form_parts
from services import recurring
from services.access import Actor
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, link, t
from ui.words import span

MARKS = {SessionState.HELD: ":material/check:", SessionState.CANCELLED: ":material/close:"}


def panel(actor: Actor, row: Row) -> None:
    """Nothing where the session stands alone."""
    found = recurring.members(actor, row.id)
    here = next((one for one in found if one.id == row.id), None)
    if here is None:
        return
    label = L(f"系列第 {here.place} 次，共 {len(found)} 次", f"No. {here.place} of a series of {len(found)}")
    with st.expander(t(label), icon=":material/event_repeat:"):
        for one in found:
            words = f"{one.place}. {t(span(one.starts, one.ends))} · {t(one.state.label)}"
            if one.id == row.id:
                st.markdown(f"**{words}**")
            else:
                link(words, "training_session", MARKS.get(one.state, ":material/event:"), id=one.id)
        if actor.may("write", "training") and row.values["state"] not in (SessionState.HELD, SessionState.CANCELLED):
            _cancelling(actor, row)


def _cancelling(actor: Actor, row: Row) -> None:
    form = f"series.{row.id}"
    with st.popover(
        t(L("取消系列里的培训", "Cancel sessions of the series")), icon=":material/event_busy:", width="stretch"
    ):
        form_parts.scope(form, L("取消哪些", "Which of them"))
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"), max_chars=500)

        def act(used: str) -> Outcome:
            which, reason = form_parts.chosen_scope(form), field_value(form, "reason", "")
            done = recurring.cancel(actor, row.id, which, reason, token=used)
            return Outcome(
                L(f"已取消 {done} 次，报名的人需要通知", f"{done} cancelled; those enrolled have to be told")
            )

        button(L("取消这些培训", "Cancel them"), act, form=form)
        errors_of(form)
