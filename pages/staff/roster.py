"""The grid of a session: who is enrolled, and one tick for everybody who came."""

import streamlit as st

from models.training import EnrolmentState
from models.words import L
from services import clock, training
from services.access import Actor
from services.store import Row
from services.timetable import RosterRow
from ui.shell import Outcome, button, errors_of, t
from ui.tables import Columns, editable, edited, frame
from ui.words import came_words

CAME = L("到场", "Came")


def grid(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    shown = [person for person in people if person.state != EnrolmentState.CANCELLED]
    came = sum(person.came_at is not None for person in shown)
    st.markdown(f"**{t(L('签到', 'Attendance'))}**　{t(came_words(came, len(shown)))}")
    if shown:
        _ticks(actor, row, shown)
    else:
        zh, en = (
            "还没有人报名：在右边添加，或导入名单。",
            "Nobody has enrolled yet: add people at the right, or import a list.",
        )
        st.caption(t(L(zh, en)))


def _ticks(actor: Actor, row: Row, shown: list[RosterRow]) -> None:
    """The roster with its one editable column; one save for all that was ticked or unticked."""
    form, height = f"attendance.{row.id}", min(35 * len(shown) + 38, 1000)
    editable(frame(shown, COLUMNS), form, "grid", CAME, may=actor.may("write", "training"), height=height)

    def act(used: str) -> Outcome:
        done = training.mark_attendance(actor, row.id, _marked(form, shown), token=used)
        return Outcome(L(f"已更新 {done} 人的签到", f"Attendance of {done} people updated"))

    if changes := len(_marked(form, shown)):
        button(L(f"保存 {changes} 处改动", f"Save {changes} changes"), act, form=form, kind="primary")
    errors_of(form)


def _marked(form: str, shown: list[RosterRow]) -> dict[int, bool]:
    """What was ticked or unticked and is not saved yet, by person."""
    ticks = edited(form, "grid", CAME)
    now = {shown[place].person_id: (shown[place].came_at is not None, bool(tick)) for place, tick in ticks.items()}
    return {person: tick for person, (was, tick) in now.items() if tick != was}


def _state(person: RosterRow) -> str:
    if person.state is None:
        return t(L("未报名", "Not enrolled"))
    place = f" {person.position}" if person.position else ""
    return t(person.state.label) + place


COLUMNS: Columns = {
    L("姓名", "Name"): lambda person: person.name,
    L("手机", "Phone"): lambda person: person.phone,
    L("单位", "From"): lambda person: person.employer,
    L("状态", "State"): _state,
    CAME: lambda person: person.came_at is not None,
    L("签到时间", "At"): lambda person: f"{clock.local(person.came_at):%H:%M}" if person.came_at else "",
}
