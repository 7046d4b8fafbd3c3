"""One shift on one page: where and when, how it is staffed, who comes and when they served, what is next."""

import streamlit as st

from models import RECORDS
from models.service import ShiftState
from models.words import L
from pages.staff.shift_grid import grid
from pages.staff.shift_people import add, checking
from services import clock, serving, serving_hours, serving_roster
from services.access import Actor
from services.serving import Staffing
from services.store import Row
from ui.detail import detail, fields_html
from ui.shell import Outcome, button, errors_of, field_key, field_value, language, t
from ui.words import span

SHIFT = RECORDS["service_shift"]
INFO = ("post_id", "place", "in_charge", "team_id", "signup_until", "withdraw_until", "record_by", "risk_note")
COLOURS = {"open": "blue", "done": "green", "cancelled": "gray"}


def page(actor: Actor, key: int) -> None:
    detail(actor, SHIFT, key, actions=_actions, above=_shift, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    parts = [t(span(row.values["starts"], row.values["ends"])), row.values["place"], row.values["in_charge"]]
    return row.title, " · ".join(part for part in parts if part)


def _actions(actor: Actor, row: Row) -> None:
    over = row.values["ends"] <= clock.now()
    if not (over and row.values["state"] == ShiftState.OPEN and actor.may("write", "volunteers")):
        return

    def act(_used: str) -> Outcome:
        away = serving_hours.finish_shift(actor, row.id)
        return Outcome(L(f"班次已完成，{away} 人未到", f"The shift is done; {away} did not come"))

    button(L("完成班次", "Finish the shift"), act, form=f"finish.{row.id}", kind="primary", icon=":material/task_alt:")


def _shift(actor: Actor, row: Row) -> None:
    state, staffed = ShiftState(row.values["state"]), serving.staffing(actor, [row.id])[row.id]
    with st.container(horizontal=True):
        st.badge(t(state.label), color=COLOURS[state])  # type: ignore[arg-type]
        if state == ShiftState.OPEN:
            short_badge(staffed)
    left, right = st.columns([7, 3], gap="medium")
    with left:
        with st.container(border=True):
            pairs = [(t(SHIFT.field(n).label), row.show(n, language())) for n in INFO if row.values.get(n)]
            st.html(fields_html([*pairs, *_places(staffed)]))
        grid(actor, row, serving_roster.roster(actor, row.id))
    with right:
        if actor.may("write", "volunteers") and state == ShiftState.OPEN:
            add(actor, row, staffed)
            checking(actor, row)
            _more(actor, row)


def short_badge(staffed: Staffing) -> None:
    """How a shift is staffed, in a word and a colour."""
    if staffed.short:
        words = L(f"还差 {staffed.short} 人", f"{staffed.short} more needed")
        st.badge(t(words), icon=":material/warning:", color="orange")
    else:
        st.badge(t(L("人手已够", "Enough people")), icon=":material/check:", color="green")


def _places(staffed: Staffing) -> list[tuple[str, str]]:
    total = L(f"{staffed.taken} / {staffed.capacity} 人，至少 {staffed.minimum} 人",
              f"{staffed.taken} of {staffed.capacity}, at least {staffed.minimum}")  # fmt: skip
    roles = [
        (
            place.name + (f"（{t(place.credential.label)}）" if place.credential else ""),
            f"{place.taken} / {place.maximum}",
        )
        for place in staffed.places
        if place.id
    ]
    return [(t(L("报名", "Signed up")), t(total)), *roles]


def _more(actor: Actor, row: Row) -> None:
    with st.popover(t(L("每周重复", "Repeat weekly")), icon=":material/repeat:", width="stretch"):
        form = f"repeat.{row.id}"
        st.number_input(t(L("再排几周", "How many more weeks")), value=4, min_value=1, max_value=serving.MOST_COPIES,
                        key=field_key(form, "weeks"))  # fmt: skip

        def repeat(used: str) -> Outcome:
            made = serving.repeat_shift(actor, row.id, int(field_value(form, "weeks", 4)), token=used)
            return Outcome(L(f"已排 {made} 班", f"{made} shifts planned"))

        button(L("排班", "Plan them"), repeat, form=form)
    with st.popover(t(L("取消班次", "Call it off")), icon=":material/event_busy:", width="stretch"):
        call = f"cancel.{row.id}"
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(call, "reason"))

        def cancel(_used: str) -> Outcome:
            told = serving.cancel_shift(actor, row.id, field_value(call, "reason", ""))
            return Outcome(L(f"已取消，请通知 {told} 人", f"Called off; {told} people are to be told"), stays=True)

        button(L("取消班次", "Call it off"), cancel, form=call)
        errors_of(call)
