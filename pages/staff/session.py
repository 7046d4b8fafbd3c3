"""One training session on one page: where it stands, who is enrolled, who came, the QR code of the door."""

import streamlit as st

from models import RECORDS
from models.training import EnrolmentState, SessionState
from models.words import L
from pages.staff import enrolling, equipment, series, session_papers, waiting_line
from pages.staff.door import bring_in, desk
from pages.staff.door_sign import sign
from pages.staff.exam_card import card
from pages.staff.lesson_plan import plan
from pages.staff.roster import grid
from pages.staff.session_moves import next_step, other_moves
from services import clock, lessons, timetable
from services.access import Actor
from services.store import Row
from services.timetable import RosterRow
from ui.detail import detail, facts, fields_html
from ui.shell import escaped, go, language, t
from ui.steps import bar
from ui.words import span

SESSION = RECORDS["training_session"]
STEPS = {
    SessionState.DRAFT: L("排课", "Planned"),
    SessionState.OPEN: L("报名", "Enrolment"),
    SessionState.CLOSED: L("签到", "Attendance"),
    SessionState.HELD: L("已举办", "Held"),
}
INFO = ("course_id", "instructors", "venue_id", "base", "audience", "organisation_id")


def page(actor: Actor, key: int) -> None:
    detail(actor, SESSION, key, actions=_actions, above=_session, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    parts = [t(span(row.values["starts"], row.values["ends"])), row.show("venue_id"), row.show("audience", language())]
    return row.title, " · ".join(part for part in parts if part)


def _actions(actor: Actor, row: Row) -> None:
    """The next step of the session, and the other states that it may be moved to."""
    if row.values["state"] == SessionState.HELD and st.button(t(L("发证", "Certificates")), icon=":material/verified:"):
        go("certify", id=row.id)
    if actor.may("write", "training"):
        next_step(actor, row)
        other_moves(actor, row)


def _session(actor: Actor, row: Row) -> None:
    people, planned = timetable.roster(actor, row.id), lessons.lessons(actor, row.id)
    st.html(_steps(_stands(row), people, row.values["capacity"]))
    left, right = st.columns([5, 3], gap="medium")
    with left:
        with st.container(border=True):
            facing = [*facts(SESSION, row, INFO), (t(L("名额", "Seats")), _seats(people, row))]
            st.html(fields_html([*facing, *equipment.words(actor, row.id)]))
            series.panel(actor, row)
        _nobody_came(actor, row, people)
        desk(actor, row, people)
        grid(actor, row, people, planned)
        waiting_line.waitlist(actor, row, people)
        waiting_line.helpers(actor, row)
    with right:
        sign(actor, row)
        plan(actor, row, planned)
        session_papers.papers(actor, row)
        card(actor, row)
        if actor.may("write", "training"):
            enrolling.public(actor, row, people)


def _nobody_came(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    """A session that is over without anybody ticked adds nobody to the figures: told before and after it is held."""
    unticked = row.values["starts"] <= clock.now() and not any(person.came_at for person in people)
    if unticked and row.values["state"] not in (SessionState.DRAFT, SessionState.CANCELLED):
        words = L(
            "还没有人签到：培训人次按 0 计。请在下面逐人选，或点“其余都到”，也可导入签到表。",
            "Nobody is ticked as present, so it adds no attendances. Choose below, press “All others came”, or import the list.",
        )
        st.warning(t(words), icon=":material/warning:")
        if actor.may("import", "training"):
            bring_in(L("导入到场的人（签到表）", "Import who came (attendance)"), "attendance")


def _stands(row: Row) -> SessionState:
    """Where it stands: once it runs, people come to it whether enrolment was closed or not."""
    state = SessionState(row.values["state"])
    return SessionState.CLOSED if state == SessionState.OPEN and row.values["starts"] <= clock.now() else state


def _steps(state: SessionState, people: list[RosterRow], capacity: int) -> str:
    if state == SessionState.CANCELLED:
        return f"<p class='steps'><b>{escaped(t(state.label))}</b></p>"
    order = list(STEPS)
    now = order.index(state)
    enrolled = sum(person.state == EnrolmentState.ENROLLED for person in people)
    came = sum(person.came_at is not None for person in people)
    numbers = {SessionState.OPEN: f" {enrolled} / {capacity}", SessionState.CLOSED: f" {came}"}
    notes = {order.index(step): words for step, words in numbers.items()}
    return bar(list(STEPS.values()), now, notes)


def _seats(people: list[RosterRow], row: Row) -> str:
    enrolled = sum(person.state == EnrolmentState.ENROLLED for person in people)
    waiting = sum(person.state == EnrolmentState.WAITLISTED for person in people)
    zh = f"录取 {enrolled} 人，候补 {waiting} 人，名额 {row.values['capacity']}"
    return t(L(zh, f"{enrolled} enrolled, {waiting} waiting, {row.values['capacity']} seats"))
