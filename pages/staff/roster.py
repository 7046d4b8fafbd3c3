"""The grid of a session: who is enrolled, and one tick for everybody who came."""

import pandas as pd
import streamlit as st

from models.training import EnrolmentState
from models.words import L
from services import clock, training
from services.access import Actor
from services.store import Row
from services.timetable import RosterRow
from ui.shell import Outcome, button, errors_of, field_key, field_value, t
from ui.words import came_words


def grid(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    shown = [person for person in people if person.state != EnrolmentState.CANCELLED]
    came = sum(person.came_at is not None for person in shown)
    st.markdown(f"**{t(L('签到', 'Attendance'))}**　{t(came_words(came, len(shown)))}")
    if not shown:
        st.caption(
            t(
                L(
                    "还没有人报名：在右边添加，或导入名单。",
                    "Nobody has enrolled yet: add people at the right, or import a list.",
                )
            )
        )
        return
    present = t(L("到场", "Came"))
    frame = pd.DataFrame(
        {
            t(L("姓名", "Name")): [person.name for person in shown],
            t(L("手机", "Phone")): [person.phone for person in shown],
            t(L("单位", "From")): [person.employer for person in shown],
            t(L("状态", "State")): [_state(person) for person in shown],
            present: [person.came_at is not None for person in shown],
            t(L("签到时间", "At")): [
                f"{clock.local(person.came_at):%H:%M}" if person.came_at else "" for person in shown
            ],
        }
    )
    form = f"attendance.{row.id}"
    may = actor.may("write", "training")
    st.data_editor(
        frame, hide_index=True, key=field_key(form, "grid"), placeholder="", height=min(35 * len(frame) + 38, 1000),
        disabled=[name for name in frame.columns if name != present or not may],
    )  # fmt: skip

    def marked() -> dict[int, bool]:
        """What was ticked or unticked and is not saved yet, by person."""
        edits = (field_value(form, "grid") or {}).get("edited_rows", {})
        ticks = {shown[int(place)]: bool(cells[present]) for place, cells in edits.items() if present in cells}
        return {person.person_id: tick for person, tick in ticks.items() if tick != (person.came_at is not None)}

    def act(used: str) -> Outcome:
        done = training.mark_attendance(actor, row.id, marked(), token=used)
        return Outcome(L(f"已更新 {done} 人的签到", f"Attendance of {done} people updated"))

    if changes := len(marked()):
        button(L(f"保存 {changes} 处改动", f"Save {changes} changes"), act, form=form, kind="primary")
    errors_of(form)


def _state(person: RosterRow) -> str:
    if person.state is None:
        return t(L("未报名", "Not enrolled"))
    place = f" {person.position}" if person.position else ""
    return t(person.state.label) + place
