"""Seats and the waitlist of a session (feature T3): one capacity rule for form, service, import, partner's link and QR.

Seats are counted from the enrolments while the session's row is held; the waitlist is their order.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import col, func, select

from models import RECORDS
from models.base import Record
from models.training import (
    OVER,
    SEATED,
    Enrolment,
    EnrolmentRole,
    EnrolmentSource,
    EnrolmentState,
    Instructor,
    SessionState,
    TrainingSession,
    has_seat,
    in_order,
)
from services import clock, db, overruling, presence, store, teaching
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.hooks import after_write, before_write

ENROLMENT = RECORDS["enrolment"]


def enrol(
    actor: Actor,
    session_id: int,
    person: Mapping[str, Any] | int,
    *,
    employer: str = "",
    source: EnrolmentSource = EnrolmentSource.STAFF,
    role: EnrolmentRole = EnrolmentRole.TRAINEE,
    now: datetime | None = None,
    token: str | None = None,
    override_reason: str = "",
) -> EnrolmentState:
    """Give a person (values, or the id of one) a seat, else a place on the waitlist; returns which.

    An observer or an assistant is enrolled without taking a seat.

    Raises Invalid: full, already_enrolled, teaches_here, session_cancelled, and for the public not_open_yet or
    registration_closed. A reason gives a seat beyond the capacity.
    """
    actor.need("write", "training")
    now = now or clock.now()
    with db.unit(actor, reason=override_reason, token=token) as s:
        training = db.lock(s, TrainingSession, session_id)
        if source == EnrolmentSource.PUBLIC:
            refuse_outside(training, now)
        made = enter(s, training, person, {"employer": employer, "source": source, "role": role}, now)
        return EnrolmentState(made.state)


def refuse_outside(training: TrainingSession, now: datetime) -> None:
    """Raises Invalid where people from outside cannot enrol now."""
    if closed := closed_outside(training, now):
        raise Invalid({"": closed})


def closed_outside(training: TrainingSession, now: datetime) -> str:
    """Why people from outside cannot enrol now, or empty; registration ends with the start at the latest."""
    if training.state == SessionState.CANCELLED:
        return "session_cancelled"
    if training.state == SessionState.DRAFT or (training.registration_opens and now < training.registration_opens):
        return "not_open_yet"
    closes = min(training.registration_closes or training.starts, training.starts)
    return "registration_closed" if training.state in (SessionState.CLOSED, SessionState.HELD) or now >= closes else ""


def enter(
    s: PortalSession,
    training: TrainingSession,
    person: Mapping[str, Any] | int,
    own: Mapping[str, Any],
    now: datetime,
) -> Enrolment:
    """Inside a transaction that holds the session: a seat or a place on the waitlist, on whatever path somebody comes;
    `own` are the values of the enrolment's own fields."""
    given: dict[str, Any] = {"session_id": training.id, "employer": "", **own}
    if isinstance(person, int):
        made = _enrol_known(s, training, person, given)
    else:
        typed = {name: person[name] for name in ENROLMENT.role_fields if name in person}
        made = store.write(s, ENROLMENT, typed | given, None, clock.local(now).date())
    overruling.note(s, made)
    return made


def _enrol_known(s: PortalSession, training: TrainingSession, person_id: int, given: dict[str, Any]) -> Enrolment:
    store.find(s, RECORDS["person"], person_id)
    if store.strangers(s, [person_id]):
        raise NotFound(record="person")
    if len(given["employer"]) > (ENROLMENT.field("employer").max_length or 0):
        raise Invalid({"employer": "too_long"})
    given["state"] = EnrolmentState.ENROLLED
    _admit_new(s, training, given, person_id)
    made = Enrolment(**given, person_id=person_id)
    s.add(made)
    s.flush()
    return made


@before_write("enrolment")
def _place(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """A seat, a place on the waitlist, or Invalid: decided while the session's row is held."""
    if isinstance(row, Enrolment) and row.deleted_at is None:
        _replace(s, given, row)
        return
    training = session_of(s, given["session_id"])
    if training is not None:
        known = store.find_person(s, given)
        _admit_new(s, training, given, known.id if known else None)


def _admit_new(s: PortalSession, training: TrainingSession, given: dict[str, Any], person_id: int | None) -> None:
    if training.state == SessionState.CANCELLED:
        raise Invalid({"": "session_cancelled"})
    if person_id is not None:
        _make_way(s, training, person_id)
    given["unit_id"] = training.unit_id
    takes_seat = given.get("role", EnrolmentRole.TRAINEE) == EnrolmentRole.TRAINEE
    if not takes_seat and person_id is not None:
        _refuse_trainee(s, training, person_id)
    if given["state"] in SEATED:
        given["state"] = _seat(s, training) if takes_seat else EnrolmentState.ENROLLED


def _refuse_trainee(s: PortalSession, training: TrainingSession, person_id: int) -> None:
    """Who came as a trainee has counted, and is no observer or assistant afterwards."""
    if presence.attendance_of(s, db.id_of(training), [person_id]):
        raise Invalid({"role": "came_as_trainee"})


def _replace(s: PortalSession, given: dict[str, Any], row: Enrolment) -> None:
    """A changed enrolment: it stays with its session, and a seat taken again must be free."""
    if given["session_id"] != row.session_id:
        raise Invalid({"session_id": "session_fixed"})
    if (given["state"], given["role"]) == (row.state, row.role):
        return
    training = db.lock(s, TrainingSession, row.session_id)
    takes_seat = given["role"] == EnrolmentRole.TRAINEE
    if not takes_seat:
        _refuse_trainee(s, training, row.person_id)
    if not takes_seat and given["state"] == EnrolmentState.WAITLISTED:
        given["state"] = EnrolmentState.ENROLLED
    has_one = (row.state, row.role) == (EnrolmentState.ENROLLED, EnrolmentRole.TRAINEE)
    if takes_seat and given["state"] == EnrolmentState.ENROLLED and not has_one and free_seats(s, training) <= 0:
        overruling.overrule(s, "full")
    if given["state"] == EnrolmentState.WAITLISTED and row.state not in SEATED:
        raise Invalid({"state": "state_move"})


def session_of(s: PortalSession, session_id: int) -> TrainingSession | None:
    """The session, held; None where this actor knows none (the store then says so beside the field)."""
    try:
        return db.lock(s, TrainingSession, session_id)  # type: ignore[no-any-return]
    except NotFound:
        return None


def _make_way(s: PortalSession, training: TrainingSession, person_id: int) -> None:
    """Nobody is enrolled twice or in the class that they teach; a cancelled enrolment gives way to one at the end."""
    if person_id in teachers_of(s, db.id_of(training)):
        raise Invalid({"": "teaches_here"})
    old = enrolment_of(s, db.id_of(training), [person_id])
    if old is None:
        return
    if old.state != EnrolmentState.CANCELLED:
        raise Invalid({"": "already_enrolled"})
    give_way(s, old)


def give_way(s: PortalSession, row: Record) -> None:
    row.deleted_at, row.deleted_by = clock.now(), s.actor.account_id
    s.flush()


def enrolment_of(s: PortalSession, session_id: int, person_ids: Sequence[int]) -> Enrolment | None:
    """The enrolment of a person; of several rows of one person, the one that is not cancelled."""
    mine = select(Enrolment).where(Enrolment.session_id == session_id, col(Enrolment.person_id).in_(person_ids))
    found = s.exec(mine.order_by(col(Enrolment.id))).all()
    return min(found, key=lambda row: row.state == EnrolmentState.CANCELLED, default=None)


def _seat(s: PortalSession, training: TrainingSession) -> EnrolmentState:
    """A seat if one is free (those who wait come first), else a waitlist place, else Invalid."""
    if training.state not in OVER:
        promote(s, db.id_of(training), training.capacity)
    if free_seats(s, training) > 0:
        return EnrolmentState.ENROLLED
    waiting = count(s, db.id_of(training), EnrolmentState.WAITLISTED)
    if not overruling.reason_of(s) and training.state not in OVER and waiting < training.waitlist:
        return EnrolmentState.WAITLISTED
    overruling.overrule(s, "full", {"capacity": training.capacity})
    return EnrolmentState.ENROLLED


def count(s: PortalSession, session_id: int, *states: EnrolmentState) -> int:
    mine = select(func.count(col(Enrolment.id))).where(Enrolment.session_id == session_id)
    return s.exec(mine.where(col(Enrolment.state).in_(states))).one()


def seated(s: PortalSession, session_id: int) -> int:
    """How many seats are taken."""
    mine = select(func.count(col(Enrolment.id))).where(Enrolment.session_id == session_id, has_seat())
    return s.exec(mine).one()


def free_seats(s: PortalSession, training: TrainingSession) -> int:
    return training.capacity - seated(s, db.id_of(training))


def promote(s: PortalSession, session_id: int, capacity: int) -> int:
    """The first who wait take the seats that are free; returns how many did."""
    free = capacity - seated(s, session_id)
    first = s.exec(_waiting(session_id).limit(free)).all() if free > 0 else []
    for enrolment in first:
        enrolment.state = EnrolmentState.ENROLLED
    s.flush()
    return len(first)


def _waiting(session_id: int) -> Any:
    """Those who wait, in their order."""
    mine = select(Enrolment).where(Enrolment.session_id == session_id, Enrolment.state == EnrolmentState.WAITLISTED)
    return mine.order_by(in_order())


def move_in_waitlist(actor: Actor, enrolment_id: int, places: int, reason: str, *, token: str | None = None) -> int:
    """Move somebody who waits up (-1) or down (+1) by so many places, as far as the list goes; returns their new place.

    Raises Invalid: reason_missing, and not_waiting for somebody who has a seat by now.
    """
    actor.need("write", "training")
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason.strip(), token=token) as s:
        session_id = store.find(s, ENROLMENT, enrolment_id).session_id
        db.lock(s, TrainingSession, session_id)
        line = list(s.exec(_waiting(session_id).execution_options(populate_existing=True)))
        at = next((place for place, row in enumerate(line) if row.id == enrolment_id), None)
        if at is None:
            raise Invalid({"": "not_waiting"})
        to = min(max(at + places, 0), len(line) - 1)
        keys = [row.queue or db.id_of(row) for row in line]
        line.insert(to, line.pop(at))
        for row, key in zip(line, keys, strict=True):
            if (row.queue or db.id_of(row)) != key:
                row.queue = key
        return to + 1


def cancel(actor: Actor, enrolment_id: int, reason: str = "") -> int:
    """Cancel an enrolment; returns how many moved up from the waitlist (0 or 1). Raises Invalid where they came."""
    actor.need("write", "training")
    with db.unit(actor, reason=reason) as s:
        row = store.find(s, ENROLMENT, enrolment_id)
        training = db.lock(s, TrainingSession, row.session_id)
        s.refresh(row)
        if row.state == EnrolmentState.CANCELLED:
            return 0
        if presence.attendance_of(s, row.session_id, [row.person_id]):
            raise Invalid({"": "attended"})
        row.state = EnrolmentState.CANCELLED
        s.flush()
        return 0 if training.state in OVER else promote(s, db.id_of(training), training.capacity)


@after_write("enrolment")
def _move_up(s: PortalSession, row: Record) -> None:
    """A seat given back on any path (the bin, an import) goes to the first who waits."""
    assert isinstance(row, Enrolment)
    training = session_of(s, row.session_id)
    if training is not None and training.state not in OVER:
        promote(s, db.id_of(training), training.capacity)


def teachers_of(s: PortalSession, session_id: int) -> set[int]:
    """The people who teach a session."""
    theirs = col(Instructor.id).in_(teaching.teaching_in(s, session_id))
    return set(s.exec(select(Instructor.person_id).where(theirs)))
