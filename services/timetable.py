"""Training to be looked at: the people of one session on one page, the sessions of a calendar (features T3, T5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import select as columns
from sqlmodel import col, func, select

from models.equipment import EquipmentBooking
from models.people import Person
from models.training import (
    Attendance,
    CheckIn,
    Enrolment,
    EnrolmentRole,
    EnrolmentSource,
    EnrolmentState,
    SessionInstructor,
    SessionState,
    TrainingSession,
    Venue,
    has_seat,
    in_order,
)
from services import clashes, clock, db, store, values
from services.access import Actor
from services.doubles import Named, doubles
from services.seats import ENROLMENT
from services.training import SESSION


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person of a session: how they stand (None: came without an enrolment), when they came, and for a walk-in the
    name of the one on the list whom they may be ("" for nobody)."""

    enrolment_id: int | None
    person_id: int
    name: str
    phone: str
    employer: str
    state: EnrolmentState | None
    source: EnrolmentSource | None
    position: int | None
    came_at: datetime | None
    came_by: CheckIn | None
    may_be: str = ""


NAMED = (col(Person.name), col(Person.phone))


def roster(actor: Actor, session_id: int) -> list[RosterRow]:
    """The trainees: who is enrolled, waits, cancelled or just came, in their order; three statements however many."""
    actor.need("read", "training")
    came = (col(Attendance.checked_in_at), col(Attendance.checked_in_by))
    with db.reading(actor) as s:
        store.find(s, SESSION, session_id)
        same = (col(Attendance.session_id) == session_id) & (col(Attendance.person_id) == col(Enrolment.person_id))
        enrolled = (
            columns(Enrolment, *NAMED, *came)
            .join(Person, col(Person.id) == Enrolment.person_id)
            .outerjoin(Attendance, same)
            .where(col(Enrolment.session_id) == session_id, col(Enrolment.role) == EnrolmentRole.TRAINEE)
            .order_by(in_order())
        )
        return _roster(actor, s.execute(enrolled).all(), s.execute(_unexpected(session_id)).all())


def _unexpected(session_id: int) -> Any:
    """Attendances of people who are not enrolled (an imported list of who came)."""
    enrolled = select(Enrolment.person_id).where(Enrolment.session_id == session_id)
    return (
        columns(Attendance, *NAMED)
        .join(Person, col(Person.id) == Attendance.person_id)
        .where(col(Attendance.session_id) == session_id, col(Attendance.person_id).not_in(enrolled))
        .order_by(col(Attendance.id))
    )


def _roster(actor: Actor, enrolled: Iterable[Any], others: Iterable[Any]) -> list[RosterRow]:
    def shown(name: str) -> str:
        return name if actor.may("personal", "training") else values.mask_person(name)

    def person(name: str, phone: str | None) -> tuple[str, str]:
        return shown(name), values.mask(ENROLMENT.field("phone"), phone) or ""

    found, position, enrolled = [], 0, list(enrolled)
    may_be = _may_be(enrolled)
    for row, name, phone, at, by in enrolled:
        waits = row.state == EnrolmentState.WAITLISTED
        position += waits
        state, source = EnrolmentState(row.state), EnrolmentSource(row.source)
        place = position if waits else None
        who = row.id, row.person_id, *person(name, phone), row.employer
        other = may_be.get(row.person_id, "")
        found.append(RosterRow(*who, state, source, place, at, _by(by), shown(other)))
    for row, name, phone in others:
        at, by = row.checked_in_at, _by(row.checked_in_by)
        found.append(RosterRow(None, row.person_id, *person(name, phone), "", None, None, None, at, by))
    return found


def _may_be(enrolled: Iterable[Any]) -> dict[int, str]:
    """{person who walked in: name of the one on the list whom they may be}."""
    walked: dict[bool, list[Named]] = {True: [], False: []}
    for row, name, phone, *_ in enrolled:
        if row.state != EnrolmentState.CANCELLED:
            walked[row.source == EnrolmentSource.WALK_IN].append(Named(row.person_id, name, phone or ""))
    names = {one.id: one.name for one in walked[False]}
    return {who: names[other] for who, other in doubles(walked[True], walked[False]).items()}


def _by(word: str | None) -> CheckIn | None:
    return CheckIn(word) if word else None


@dataclass(frozen=True, slots=True)
class CalendarItem:
    """A session as a calendar shows it."""

    id: int
    title: str
    starts: datetime
    ends: datetime
    state: SessionState
    venue: str
    enrolled: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Only:
    """Which sessions a calendar shows: those of a base, a venue, an instructor, those that use some equipment."""

    base: str | None = None
    venue_id: int | None = None
    instructor_id: int | None = None
    equipment_id: int | None = None


EVERY = Only()


def calendar(actor: Actor, first: date, last: date, only: Only = EVERY) -> list[CalendarItem]:
    """The sessions that touch these local days (both included), by their start; one statement."""
    actor.need("read", "training")
    start, end = (clock.from_local(datetime.combine(day, time())) for day in (first, last + timedelta(days=1)))
    when = col(TrainingSession.starts)
    seats = select(func.count(col(Enrolment.id))).where(Enrolment.session_id == TrainingSession.id, has_seat())
    shown = (
        columns(TrainingSession, col(Venue.name), seats.scalar_subquery())
        .outerjoin(Venue, col(Venue.id) == TrainingSession.venue_id)
        .where(when < end, when > start - clashes.LONGEST, col(TrainingSession.ends) > start, *_narrowed(only))
        .order_by(when, col(TrainingSession.id))
    )
    with db.reading(actor) as s:
        return [_item(row, venue or "", enrolled) for row, venue, enrolled in s.execute(shown)]


def _narrowed(only: Only) -> list[ColumnElement[bool]]:
    found = [
        col(column) == value
        for column, value in ((TrainingSession.base, only.base), (TrainingSession.venue_id, only.venue_id))
        if value
    ]
    if only.instructor_id:
        teaches = select(SessionInstructor.session_id).where(SessionInstructor.instructor_id == only.instructor_id)
        found.append(col(TrainingSession.id).in_(teaches))
    if only.equipment_id:
        uses = select(EquipmentBooking.session_id).where(EquipmentBooking.equipment_id == only.equipment_id)
        found.append(col(TrainingSession.id).in_(uses))
    return found


def _item(row: TrainingSession, venue: str, enrolled: int) -> CalendarItem:
    state = SessionState(row.state)
    return CalendarItem(db.id_of(row), row.title, row.starts, row.ends, state, venue, enrolled, row.capacity)


def day_from(text: str) -> date | None:
    """A day that stands in an address; None where it is none, or one that no calendar shows."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2150 else None


def moment_from(text: str) -> datetime | None:
    """A time of the site that stands in an address, such as 2026-11-22T14:00; None where it is none."""
    if day_from(text[:10]) is None:
        return None
    try:
        return clock.from_local(datetime.fromisoformat(text[:16]))
    except ValueError:
        return None
