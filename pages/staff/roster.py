"""The grid of a session: who is enrolled, and one column for each lesson in which presence is chosen; one save for all."""

from collections.abc import Collection

import pandas as pd
import streamlit as st

from models.lessons import CAME, Lesson, PresenceState
from models.training import EnrolmentState
from models.words import L
from pages.staff.roster_cells import cells_of, excuse, headings, reason_heading, settings
from services import lessons
from services.access import Actor
from services.lessons import Cell
from services.presence import Slot
from services.store import Row
from services.timetable import RosterRow
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, t
from ui.tables import height
from ui.words import came_words

Wanted = dict[Slot, tuple[PresenceState, str] | None]


def grid(actor: Actor, row: Row, people: list[RosterRow], planned: list[Lesson]) -> None:
    shown = [person for person in people if person.state != EnrolmentState.CANCELLED]
    came = sum(person.came_at is not None for person in shown)
    st.markdown(f"**{t(L('签到', 'Attendance'))}**　{t(came_words(came, len(shown)))}")
    if not shown:
        words = L(
            "还没有人报名：用上面的“添加学员”或“导入报名名单”。",
            "Nobody has enrolled yet: add a trainee or import a list with the buttons above.",
        )
        st.caption(t(words))
        return
    noted, columns = lessons.grid(actor, row.id), headings(planned)
    if actor.may("write", "training"):
        _all_present(actor, row, f"attendance.{row.id}", shown, noted, columns)
    frame = pd.DataFrame(cells_of(shown, noted, columns))
    may, form = actor.may("write", "training"), f"attendance.{row.id}"
    editable = {*columns, reason_heading()} if may else set()
    st.data_editor(
        frame, hide_index=True, key=field_key(form, "grid"), placeholder="", height=height(len(frame)),
        disabled=[name for name in frame.columns if name not in editable],
        column_config=settings(columns, planned),
    )  # fmt: skip
    wanted = _wanted(form, shown, noted, columns)
    ready = {
        slot: mark
        for slot, mark in wanted.items()
        if mark is None or mark[0] != PresenceState.EXCUSED or mark[1].strip()
    }
    _unexplained(shown, wanted.keys() - ready.keys())
    if ready:
        _save(actor, row, form, ready, L(f"保存 {len(ready)} 处改动", f"Save {len(ready)} changes"), "primary")
    errors_of(form)


def _unexplained(shown: list[RosterRow], slots: Collection[Slot]) -> None:
    """Who is excused without a reason: named, since the others may be saved meanwhile."""
    people = {who for _, who in slots}
    if people:
        names = t(L("、", ", ")).join(person.name for person in shown if person.person_id in people)
        told = L(f"请假要写理由：{names}", f"Say why they are excused: {names}")
        st.html(f"<p class='fe' role='alert'>{escaped(t(told))}</p>")


def _wanted(form: str, shown: list[RosterRow], noted: dict[Slot, Cell], columns: dict[str, int | None]) -> Wanted:
    """What was chosen and is not saved yet, by lesson and person; a reason alone excuses."""
    states = {t(state.label): state for state in PresenceState}
    found: Wanted = {}
    for place, cells in (field_value(form, "grid") or {}).get("edited_rows", {}).items():
        person = shown[int(place)]
        reason = cells.get(reason_heading(), excuse(person, noted)) or ""
        if reason and not any(cells.get(name) or (slot, person.person_id) in noted for name, slot in columns.items()):
            cells = dict.fromkeys(columns, t(PresenceState.EXCUSED.label)) | {reason_heading(): reason}
        for heading, lesson in columns.items():
            old = noted.get((lesson, person.person_id))
            state = states.get(cells[heading] or "") if heading in cells else old and old.state
            wanted = (state, reason if state == PresenceState.EXCUSED else "") if state else None
            if wanted != (old and (old.state, old.reason)):
                found[lesson, person.person_id] = wanted
    return found


def _all_present(
    actor: Actor, row: Row, form: str, shown: list[RosterRow], noted: dict[Slot, Cell], columns: dict[str, int | None]
) -> None:
    """Everybody of whom nothing is noted at a lesson that has begun was there: one click instead of forty."""
    seated = [person.person_id for person in shown if person.state == EnrolmentState.ENROLLED]
    rests: dict[str, Wanted] = {
        heading: {(lesson, who): (CAME[0], "") for who in seated if (lesson, who) not in noted}
        for heading, lesson in columns.items()
    }
    if not any(rests.values()):
        return
    with st.popover(t(L("其余都到", "All others came")), icon=":material/done_all:", key=f"rest.{row.id}.{len(noted)}"):
        for heading, rest in rests.items():
            if rest:
                label = L(f"{heading}：{len(rest)} 人标为到", f"{heading}: mark {len(rest)} present")
                _save(actor, row, f"rest.{row.id}.{columns[heading] or 0}", rest, label)


def _save(actor: Actor, row: Row, form: str, wanted: Wanted, label: L, kind: str = "secondary") -> None:
    def act(used: str) -> Outcome:
        done = lessons.mark(actor, row.id, wanted, token=used)
        return Outcome(L(f"已更新 {done} 处签到", f"{done} marks saved"))

    button(label, act, form=form, kind=kind)
