"""Who came to a session as a whole (feature T5): attendances that are typed or imported, each a presence at a lesson."""

from datetime import date, datetime, timedelta
from typing import Any

from models.base import Record
from models.training import (
    DOOR,
    Attendance,
    CheckIn,
    Enrolment,
    EnrolmentRole,
    EnrolmentState,
    SessionState,
    TrainingSession,
)
from services import clock, db, overruling, presence, seats, store
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import after_write, before_write


def refuse_early(training: TrainingSession, today: date) -> None:
    if training.state == SessionState.CANCELLED:
        raise Invalid({"": "session_cancelled"})
    if clock.local(training.starts).date() > today:
        raise Invalid({"": "not_started"})


def admit(s: PortalSession, training: TrainingSession, enrolment: Enrolment | None) -> None:
    """Who comes needs a seat: their own, or a free one for somebody who waited."""
    if enrolment is None:
        raise Invalid({"": "not_enrolled"})
    if enrolment.state == EnrolmentState.CANCELLED:
        raise Invalid({"": "enrolment_cancelled"})
    if enrolment.role != EnrolmentRole.TRAINEE:
        raise Invalid({"": "no_trainee"})
    if enrolment.state != EnrolmentState.ENROLLED and seats.free_seats(s, training) <= 0:
        overruling.overrule(s, "full", {"capacity": training.capacity})
    enrolment.state = EnrolmentState.ENROLLED
    s.flush()
    overruling.note(s, enrolment)


def _came(training: TrainingSession, noted: datetime, now: datetime) -> datetime:
    """The moment that is noted of a coming; a list typed in once the class is over says none, which is its start."""
    is_typed_now = abs(now - noted) < timedelta(minutes=1)
    return min(training.starts, noted) if is_typed_now and now >= training.ends + presence.AFTER else noted


def _refuse_time(training: TrainingSession, came: datetime, today: date) -> None:
    """Nobody comes before the door opens, nor tomorrow; late a list may be typed in."""
    if clock.local(came).date() > today:
        raise Invalid({"checked_in_at": "date_future"})
    if came < training.starts - presence.BEFORE:
        raise Invalid({"checked_in_at": "before_door"})


@before_write("attendance")
def _attendance(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """An attendance typed or imported: not before the door opened, not of a cancelled session or enrolment."""
    training = seats.session_of(s, given["session_id"])
    if isinstance(row, Attendance):
        if given["session_id"] != row.session_id:
            raise Invalid({"session_id": "session_fixed"})
        if training and given["checked_in_at"] != row.checked_in_at:
            _refuse_time(training, given["checked_in_at"], today)
        return
    if training is None:
        return
    refuse_early(training, today)
    given["checked_in_at"] = _came(training, given["checked_in_at"], clock.now())
    _refuse_time(training, given["checked_in_at"], today)
    given["unit_id"] = training.unit_id
    known = store.find_person(s, given)
    enrolment = seats.enrolment_of(s, db.id_of(training), [db.id_of(known)]) if known else None
    if enrolment is not None:
        admit(s, training, enrolment)


@after_write("attendance")
def _note_presence(s: PortalSession, row: Record) -> None:
    """An attendance of the session as a whole is a presence at the lesson of that moment; one taken back takes all.

    When it was typed is not when somebody came: a time that nobody noted at the door stays unknown until a presence tells.
    """
    assert isinstance(row, Attendance)
    training = db.lock(s, TrainingSession, row.session_id)
    there, who = presence.noted(s, row.session_id, [row.person_id]), row.person_id
    came = presence.came_to(there, who)
    if row.deleted_at is not None:
        presence.write(s, training, {(old.lesson_id, who): None for old in came}, clock.now(), there)
    elif not came:
        part = presence.nearest(presence.parts(training, presence.lessons_of(s, row.session_id)), row.checked_in_at)
        arrived = row.checked_in_at if row.checked_in_by in DOOR else None
        mark = presence.Mark(arrived_at=arrived, by=CheckIn(row.checked_in_by))
        presence.write(s, training, {(part.id, who): mark}, clock.now(), there)
    else:
        first = min(came, key=lambda one: one.arrived_at or row.checked_in_at)
        if first.arrived_at or row.checked_in_by in DOOR:
            first.arrived_at = row.checked_in_at
        first.noted_by = row.checked_in_by
        s.flush()
