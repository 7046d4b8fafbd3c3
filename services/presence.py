"""Presence at lessons inside a transaction: which lesson it is now, what is noted of whom, and the session's attendance,
which follows: somebody attended the session who came to one of its lessons at least (feature T5).

Every path - door, grid, import, the attendance list itself - writes presence through `write`, under the session's lock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sqlmodel import col, select

from models import RECORDS
from models.lessons import CAME, Lesson, Presence, PresenceState
from models.training import Attendance, CheckIn, TrainingSession
from services import clock, db
from services.attendance_rules import Rules
from services.db import PortalSession

BEFORE = AFTER = timedelta(minutes=60)
PRESENCE, ATTENDANCE = RECORDS["presence"], RECORDS["attendance"]
PRESENT, LATE, LEFT_EARLY, LATE_AND_EARLY, ABSENT, EXCUSED = PresenceState
Slot = tuple[int | None, int]
Noted = dict[Slot, Presence]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is to be noted of a person at a lesson; by hand or from a list nobody's coming has a time, unless one was given."""

    state: PresenceState = PRESENT
    reason: str = ""
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    by: CheckIn = CheckIn.HAND
    once: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A lesson, or the whole of a session that has none (`lesson` is None), and when its door opens: one comes until it
    ends, and goes until an hour later."""

    lesson: Lesson | None
    starts: datetime
    ends: datetime
    opens: datetime

    @property
    def id(self) -> int | None:
        return self.lesson.id if self.lesson else None


# -- lessons ----------------------------------------------------------------------------------------------------------


def lessons_of(s: PortalSession, session_id: int) -> list[Lesson]:
    """The lessons of a session in their order."""
    return list(s.exec(select(Lesson).where(Lesson.session_id == session_id).order_by(col(Lesson.starts))))


def parts(training: TrainingSession, lessons: Sequence[Lesson]) -> list[Part]:
    """The lessons with the times at which their doors open: an hour before, but not while the one before lasts."""
    if not lessons:
        return [Part(None, training.starts, training.ends, training.starts - BEFORE)]
    opens = [lessons[0].starts - BEFORE]
    opens += [max(last.ends, following.starts - BEFORE) for last, following in pairwise(lessons)]
    return [Part(lesson, lesson.starts, lesson.ends, opened) for lesson, opened in zip(lessons, opens, strict=True)]


def open_at(all_parts: Iterable[Part], now: datetime) -> list[Part]:
    """The parts whose doors one may pass at this moment; to come, only the last of them, and only until it ends."""
    return [part for part in all_parts if part.opens <= now < part.ends + AFTER]


def leaving(all_parts: Iterable[Part], noted: Mapping[Slot, Presence], person: int, now: datetime) -> Part | None:
    """The part that this person leaves at this moment: the last one they came to whose door is open."""
    there = [part for part in open_at(all_parts, now) if (row := noted.get((part.id, person))) and row.came]
    return there[-1] if there else None


def nearest(all_parts: Sequence[Part], moment: datetime) -> Part:
    """The part under way at a moment, else the first: where an attendance of the session as a whole belongs."""
    return (open_at(all_parts, moment) or all_parts[:1])[-1]


# -- marks ------------------------------------------------------------------------------------------------------------


def arrived(part: Part, rules: Rules, now: datetime) -> Mark:
    is_late = now > part.starts + timedelta(minutes=rules.late_minutes)
    return Mark(LATE if is_late else PRESENT, arrived_at=now, by=CheckIn.QR)


def back(part: Part, rules: Rules, row: Presence) -> Mark:
    """Who left by mistake is there as since they came."""
    came = arrived(part, rules, row.arrived_at or part.starts)
    return replace(came, reason=row.reason, by=CheckIn(row.noted_by))


def left(part: Part, rules: Rules, row: Presence, now: datetime) -> Mark:
    """Who leaves again later has left later."""
    was_late = row.state in (LATE, LATE_AND_EARLY)
    early = now < part.ends - timedelta(minutes=rules.early_minutes)
    states = {(False, False): PRESENT, (True, False): LATE, (False, True): LEFT_EARLY, (True, True): LATE_AND_EARLY}
    return Mark(states[was_late, early], row.reason, row.arrived_at, now, CheckIn(row.noted_by))


def noted(s: PortalSession, session_id: int, people: Collection[int] | None = None) -> Noted:
    """What is noted by lesson and person, of these people or all; a row in the bin where there is no other."""
    mine = select(Presence).where(Presence.session_id == session_id)
    if people is not None:
        mine = mine.where(col(Presence.person_id).in_(people))
    rows = s.exec(mine.execution_options(with_bin=True))
    return {(row.lesson_id, row.person_id): row for row in sorted(rows, key=lambda row: row.deleted_at is None)}


def write(
    s: PortalSession,
    training: TrainingSession,
    marks: Mapping[Slot, Mark | None],
    now: datetime,
    known: Noted | None = None,
) -> None:
    """Note these marks (None takes a note back) and let the attendance follow.

    `known` is what `noted` has just told of their people. Raises Invalid where a month is closed.
    """
    people = {person for _, person in marks}
    there = noted(s, db.id_of(training), people) if known is None else known
    new: list[dict[str, Any]] = []
    for slot, mark in marks.items():
        if mark is None:
            _bin(s, there.get(slot))
        elif row := there.get(slot):
            row.sqlmodel_update({"deleted_at": None, "deleted_by": None} | _values(mark, row.once))
        else:
            of = {"session_id": training.id, "lesson_id": slot[0], "person_id": slot[1], "unit_id": training.unit_id}
            new.append(of | _values(mark))
    s.flush()
    db.bulk_insert(s, PRESENCE, new)
    fresh = {row["person_id"]: Came(row["arrived_at"], row["noted_by"]) for row in new if row["state"] in CAME}
    follow(s, training, people, there, now, fresh)


def _values(mark: Mark, once: str = "") -> dict[str, Any]:
    return {
        "state": mark.state, "reason": mark.reason, "arrived_at": mark.arrived_at, "left_at": mark.left_at,
        "noted_by": mark.by, "once": mark.once or once,
    }  # fmt: skip


def _bin(s: PortalSession, row: Presence | Attendance | None) -> None:
    if row is not None and row.deleted_at is None:
        row.deleted_at, row.deleted_by = clock.now(), s.actor.account_id


class Came(NamedTuple):
    """When somebody came first (None: not told) and how that was noted."""

    at: datetime | None
    by: CheckIn


def follow(
    s: PortalSession,
    training: TrainingSession,
    people: Collection[int],
    there: Noted,
    now: datetime,
    fresh: Mapping[int, Came] | None = None,
) -> None:
    """Make each person's attendance what their presences say; `fresh` are presences that were noted just now."""
    mine = select(Attendance).where(Attendance.session_id == training.id, col(Attendance.person_id).in_(people))
    rows = sorted(s.exec(mine.execution_options(with_bin=True)), key=lambda row: row.deleted_at is None)
    attendances, first = {row.person_id: row for row in rows}, _first(there, fresh or {})
    new: list[dict[str, Any]] = []
    for person in people:
        row, came = attendances.get(person), first.get(person)
        if came is None:
            _bin(s, row)
        elif row is None:
            of = {"session_id": training.id, "person_id": person, "unit_id": training.unit_id}
            new.append(of | {"checked_in_at": came.at or now, "checked_in_by": came.by})
        elif row.deleted_at is not None:
            row.deleted_at, row.deleted_by, row.checked_in_at, row.checked_in_by = None, None, came.at or now, came.by
        else:
            row.checked_in_at = came.at or row.checked_in_at
    s.flush()
    db.bulk_insert(s, ATTENDANCE, new)


def _first(there: Noted, fresh: Mapping[int, Came]) -> dict[int, Came]:
    """The earliest presence of each person who came; one whose time is not told comes after those whose is."""
    found: dict[int, Came] = {}
    told = [(who, Came(row.arrived_at, CheckIn(row.noted_by))) for (_, who), row in there.items() if row.came]
    for person, came in [*told, *fresh.items()]:
        best = found.get(person)
        if best is None or best.at is None or (came.at and came.at < best.at):
            found[person] = came
    return found


def came_to(there: Mapping[Slot, Presence], person: int) -> list[Presence]:
    return [row for (_, who), row in there.items() if who == person and row.came]


def attendance_of(s: PortalSession, session_id: int, person_ids: Sequence[int]) -> Attendance | None:
    mine = select(Attendance).where(Attendance.session_id == session_id, col(Attendance.person_id).in_(person_ids))
    return s.exec(mine).first()
