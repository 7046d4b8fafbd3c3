"""Presence at lessons inside a transaction: which lesson it is now, what is noted of whom, and the session's attendance,
which follows: somebody attended the session who came to one of its lessons at least (feature T5).

Every path - door, grid, import, the attendance list itself - writes presence through `write`, under the session's lock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlmodel import col, select

from models.lessons import Lesson, Presence, PresenceState
from models.training import Attendance, CheckIn, TrainingSession
from services import clock
from services.attendance_rules import Rules
from services.db import PortalSession

BEFORE = AFTER = timedelta(minutes=60)
PRESENT, LATE, LEFT_EARLY, LATE_AND_EARLY, ABSENT, EXCUSED = PresenceState
Slot = tuple[int | None, int]
Noted = dict[Slot, Presence]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is to be noted of a person at a lesson."""

    state: PresenceState = PRESENT
    reason: str = ""
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    by: CheckIn = CheckIn.HAND
    once: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A lesson, or the whole of a session that has none (`lesson` is None), and from when to when its door is open."""

    lesson: Lesson | None
    starts: datetime
    ends: datetime
    opens: datetime
    closes: datetime

    @property
    def id(self) -> int | None:
        return self.lesson.id if self.lesson else None


# -- lessons ----------------------------------------------------------------------------------------------------------


def lessons_of(s: PortalSession, session_id: int) -> list[Lesson]:
    """The lessons of a session in their order."""
    return list(s.exec(select(Lesson).where(Lesson.session_id == session_id).order_by(col(Lesson.starts))))


def parts(training: TrainingSession, lessons: Sequence[Lesson]) -> list[Part]:
    """The lessons with the times of their doors: from an hour before, but not while the one before lasts, to an hour
    after, but not once the next one's has opened."""
    if not lessons:
        starts, ends = training.starts, training.ends
        return [Part(None, starts, ends, starts - BEFORE, ends + AFTER)]
    opens = [lessons[0].starts - BEFORE]
    opens += [max(last.ends, following.starts - BEFORE) for last, following in pairwise(lessons)]
    closes = [min(lesson.ends + AFTER, later) for lesson, later in zip(lessons, opens[1:], strict=False)]
    closes.append(lessons[-1].ends + AFTER)
    times = zip(lessons, opens, closes, strict=True)
    return [Part(lesson, lesson.starts, lesson.ends, opened, closed) for lesson, opened, closed in times]


def entering(all_parts: Iterable[Part], now: datetime) -> Part | None:
    """The part that one comes to at this moment."""
    return next((part for part in all_parts if part.opens <= now < part.closes), None)


def leaving(all_parts: Iterable[Part], noted: Mapping[Slot, Presence], person: int, now: datetime) -> Part | None:
    """The part that this person leaves at this moment: the last one they came to that has begun and is not long over."""
    begun = [part for part in all_parts if part.opens <= now < part.ends + AFTER]
    there = [part for part in begun if (row := noted.get((part.id, person))) and row.came]
    return there[-1] if there else None


def nearest(all_parts: Sequence[Part], moment: datetime) -> Part:
    """The part under way at a moment, else the first: where an attendance of the session as a whole belongs."""
    return entering(all_parts, moment) or all_parts[0]


# -- marks ------------------------------------------------------------------------------------------------------------


def arrived(part: Part, rules: Rules, now: datetime) -> Mark:
    is_late = now > part.starts + timedelta(minutes=rules.late_minutes)
    return Mark(LATE if is_late else PRESENT, arrived_at=now, by=CheckIn.QR)


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
) -> Noted:
    """Note these marks (None takes a note back) and let the attendance follow; returns all that is noted of the people.

    `known` is what `noted` has just told of them. Raises Invalid where a month is closed.
    """
    people = {person for _, person in marks}
    there = noted(s, training.id or 0, people) if known is None else known
    for slot, mark in marks.items():
        row = there.get(slot)
        if mark is None:
            _bin(s, row)
        else:
            there[slot] = _put(s, training, slot, row, mark)
    follow(s, training, people, there, now)
    return there


def _bin(s: PortalSession, row: Presence | Attendance | None) -> None:
    if row is not None and row.deleted_at is None:
        row.deleted_at, row.deleted_by = clock.now(), s.actor.account_id


def _put(s: PortalSession, training: TrainingSession, slot: Slot, row: Presence | None, mark: Mark) -> Presence:
    if row is None:
        row = Presence(session_id=training.id or 0, lesson_id=slot[0], person_id=slot[1], unit_id=training.unit_id)
        s.add(row)
    row.deleted_at = row.deleted_by = None
    row.state, row.reason, row.arrived_at, row.left_at = mark.state, mark.reason, mark.arrived_at, mark.left_at
    row.noted_by, row.once = mark.by, mark.once or row.once
    return row


def follow(s: PortalSession, training: TrainingSession, people: Collection[int], there: Noted, now: datetime) -> None:
    """Make each person's attendance what their presences say, and write it all."""
    mine = select(Attendance).where(Attendance.session_id == training.id, col(Attendance.person_id).in_(people))
    rows = sorted(s.exec(mine.execution_options(with_bin=True)), key=lambda row: row.deleted_at is None)
    attendances = {row.person_id: row for row in rows}
    came: dict[int, list[Presence]] = {}
    for (_, person), row in there.items():
        if row.came:
            came.setdefault(person, []).append(row)
    for person in people:
        if person in came:
            first = min(came[person], key=lambda row: row.arrived_at or datetime.max.replace(tzinfo=now.tzinfo))
            _attend(s, training, person, attendances.get(person), first, now)
        else:
            _bin(s, attendances.get(person))
    s.flush()


def _attend(
    s: PortalSession, training: TrainingSession, person: int, row: Attendance | None, first: Presence, now: datetime
) -> None:
    if row is not None and row.deleted_at is None:
        row.checked_in_at = first.arrived_at or row.checked_in_at
        return
    if row is None:
        row = Attendance(session_id=training.id or 0, person_id=person, unit_id=training.unit_id)
        s.add(row)
    row.deleted_at = row.deleted_by = None
    row.checked_in_at, row.checked_in_by = first.arrived_at or now, first.noted_by


def came_to(there: Mapping[Slot, Presence], person: int) -> list[Presence]:
    return [row for (_, who), row in there.items() if who == person and row.came]
