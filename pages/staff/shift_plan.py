"""What is planned of a shift: the same in the next weeks, or none at all."""

import streamlit as st

from models.words import L
from pages.staff.shift_people import folded
from services import serving
from services.access import Actor
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, t


def planning(actor: Actor, row: Row) -> None:
    form = f"repeat.{row.id}"
    with folded(L("每周重复", "Repeat weekly"), ":material/repeat:", form):
        st.number_input(t(L("再排几周", "How many more weeks")), value=4, min_value=1, max_value=serving.MOST_COPIES,
                        key=field_key(form, "weeks"))  # fmt: skip

        def repeat(used: str) -> Outcome:
            made = serving.repeat_shift(actor, row.id, int(field_value(form, "weeks", 4)), token=used)
            return Outcome(L(f"已排 {made} 班", f"{made} shifts planned"))

        button(L("排班", "Plan them"), repeat, form=form)
    call = f"cancel.{row.id}"
    with folded(L("取消班次", "Call it off"), ":material/event_busy:", call):
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(call, "reason"))

        def cancel(_used: str) -> Outcome:
            told = serving.cancel_shift(actor, row.id, field_value(call, "reason", ""))
            return Outcome(L(f"已取消，请通知 {told} 人", f"Called off; {told} people are to be told"), stays=True)

        button(L("取消班次", "Call it off"), cancel, form=call)
        errors_of(call)
