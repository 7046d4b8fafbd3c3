"""One shift on one page: where and when, how it is staffed, who comes and when they served, what is next."""

import streamlit as st

from models import RECORDS
from models.service import ShiftState
from models.words import L
from pages.staff.shift_absence import absences
from pages.staff.shift_grid import grid
from pages.staff.shift_people import add, checking
from pages.staff.shift_plan import planning
from services import clock, serving, serving_hours, serving_roster
from services.access import Actor
from services.serving import Staffing
from services.store import Row
from ui.detail import detail, fields_html
from ui.shell import Outcome, button, language, t
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
        people = serving_roster.roster(actor, row.id)
        grid(actor, row, people)
    if not actor.may("write", "volunteers"):
        return
    with right:
        coming, leaving = st.container(), st.container()  # both stay, whatever is in the first
        if state == ShiftState.OPEN:
            with coming:
                add(actor, row, staffed)
                checking(actor, row, people)
        with leaving:
            absences(actor, row, people)
            if state == ShiftState.OPEN:
                planning(actor, row)


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
