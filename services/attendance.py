"""Who came to a session as a whole (feature T5): marks of the staff, typed and imported attendances, each a presence at a lesson."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import select

from models.base import Record
from models.training import (
    Attendance,
    CheckIn,
    Enrolment,
    EnrolmentRole,
    EnrolmentState,
    SessionState,
    TrainingSession,
)
from services import clock, db, overruling, presence, seats, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import after_write, before_write


def mark_attendance(
    actor: Actor,
    session_id: int,
    present: Mapping[int, bool],
    *,
    now: datetime | None = None,
    token: str | None = None,
    override_reason: str = "",
) -> int:
    """Note who was there, {person id: came}; returns how many marks changed. Marking twice changes nothing.

    Raises Invalid: session_cancelled, not_started before the day, not_enrolled, enrolment_cancelled, full.
    """
    actor.need("write", "training")
    now = now or clock.now()
    with db.unit(actor, reason=override_reason, token=token) as s:
        training = db.lock(s, TrainingSession, session_id)
        refuse_early(training, clock.local(now).date())
        parts = presence.parts(training, presence.lessons_of(s, session_id))
        there = presence.noted(s, session_id, list(present))
        enrolled = {row.person_id: row for row in s.exec(select(Enrolment).where(Enrolment.session_id == session_id))}
        marks: dict[presence.Slot, presence.Mark | None] = {}
        changed = [who for who, came in present.items() if came != bool(presence.came_to(there, who))]
        for who in changed:
            if present[who]:
                admit(s, training, enrolled.get(who))
                marks[presence.nearest(parts, now).id, who] = presence.Mark()
            else:
                marks |= {(row.lesson_id, who): None for row in presence.came_to(there, who)}
        presence.write(s, training, marks, now, there)
        return len(changed)


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


@before_write("attendance")
def _attendance(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """An attendance typed or imported: not before the day, not of a cancelled session or enrolment."""
    if isinstance(row, Attendance):
        if given["session_id"] != row.session_id:
            raise Invalid({"session_id": "session_fixed"})
        return
    training = seats.session_of(s, given["session_id"])
    if training is None:
        return
    refuse_early(training, today)
    given["unit_id"] = training.unit_id
    known = store.find_person(s, given)
    enrolment = seats.enrolment_of(s, db.id_of(training), [db.id_of(known)]) if known else None
    if enrolment is not None:
        admit(s, training, enrolment)


@after_write("attendance")
def _note_presence(s: PortalSession, row: Record) -> None:
    """An attendance of the session as a whole is a presence at the lesson of that moment; one taken back takes all."""
    assert isinstance(row, Attendance)
    training = db.lock(s, TrainingSession, row.session_id)
    there, who = presence.noted(s, row.session_id, [row.person_id]), row.person_id
    came = presence.came_to(there, who)
    mark = presence.Mark(arrived_at=row.checked_in_at, by=CheckIn(row.checked_in_by))
    if row.deleted_at is not None:
        presence.write(s, training, {(old.lesson_id, who): None for old in came}, clock.now(), there)
    elif not came:
        part = presence.nearest(presence.parts(training, presence.lessons_of(s, row.session_id)), row.checked_in_at)
        presence.write(s, training, {(part.id, who): mark}, clock.now(), there)
    else:
        first = min(came, key=lambda one: one.arrived_at or row.checked_in_at)
        first.arrived_at, first.noted_by = row.checked_in_at, row.checked_in_by
        s.flush()
