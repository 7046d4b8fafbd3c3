"""What the grid of a session shows of each person: the lessons as columns, excuses, and when they came and went."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from models.lessons import Lesson, PresenceState
from models.training import CheckIn
from models.words import L
from services import clock
from services.lessons import Cell
from services.presence import Slot
from services.timetable import RosterRow
from ui.shell import t


def headings(planned: list[Lesson]) -> dict[str, int | None]:
    """The heading of each lesson; one for a session without."""
    if not planned:
        return {t(L("到场", "Came")): None}
    told = {one.id: f" {clock.local(one.starts):%m-%d}" if on_several_days(planned) else "" for one in planned}
    return {t(L(f"第{one.number}次{told[one.id]}", f"No. {one.number}{told[one.id]}")): one.id for one in planned}


def on_several_days(planned: list[Lesson]) -> bool:
    return len({clock.local(one.starts).date() for one in planned}) > 1


def cells_of(shown: list[RosterRow], noted: dict[Slot, Cell], columns: dict[str, int | None]) -> dict[str, list[Any]]:
    """What is ticked stands beside the names, so that a phone shows both."""
    cells: dict[str, list[Any]] = {t(L("姓名", "Name")): [person.name for person in shown]}
    for heading, lesson in columns.items():
        of = [noted.get((lesson, person.person_id)) for person in shown]
        cells[heading] = [t(cell.state.label) if cell else None for cell in of]
    cells[reason_heading()] = [excuse(person, noted) for person in shown]
    cells[times_heading()] = [_times(person, noted, list(columns.values())) for person in shown]
    cells[t(L("状态", "State"))] = [_state(person) for person in shown]
    cells[t(L("单位", "Organisation"))] = [person.employer for person in shown]
    cells[t(L("手机", "Phone"))] = [person.phone for person in shown]
    return cells


def settings(columns: Iterable[str], planned: list[Lesson]) -> dict[str, Any]:
    """How each column stands: a lesson is one of the states."""
    states, width = [t(state.label) for state in PresenceState], 130 if on_several_days(planned) else 96
    ticked = {heading: st.column_config.SelectboxColumn(options=states, width=width) for heading in columns}
    return ticked | {times_heading(): st.column_config.TextColumn(width=150)}


def reason_heading() -> str:
    return t(L("请假理由", "Why excused"))


def times_heading() -> str:
    return t(L("签到–签退", "In–out"))


def excuse(person: RosterRow, noted: dict[Slot, Cell]) -> str:
    return next((cell.reason for (_, who), cell in noted.items() if who == person.person_id and cell.reason), "")


def _times(person: RosterRow, noted: dict[Slot, Cell], order: list[int | None]) -> str:
    """09:02–11:58 of each lesson that the door noted."""
    cells = [cell for lesson in order if (cell := noted.get((lesson, person.person_id))) and cell.arrived_at]
    return "  ".join(_span(cell) for cell in cells)


def _span(cell: Cell) -> str:
    """Who typed the digits instead of scanning is told apart: digits can be passed on."""
    times = "–".join(f"{clock.local(at):%H:%M}" for at in (cell.arrived_at, cell.left_at) if at)
    return f"{times} {t(cell.by.label)}" if cell.by == CheckIn.DIGITS else times


def _state(person: RosterRow) -> str:
    if person.state is None:
        return t(L("未报名", "Not enrolled"))
    place = f" {person.position}" if person.position else ""
    double = L(f"，可能与 {person.may_be} 是同一人", f", may be {person.may_be}") if person.may_be else L("", "")
    return t(person.state.label) + place + t(double)
