"""Rules of training that span records: clashes, numbering, seats and waitlist, attendance (features T2-T5).

Every path - form, service, import, QR - comes through the hooks below, so a seat is given in one place only. Seats are
counted from the enrolments while the session's row is held; the waitlist is their order. A reason given with the write
(`reason` of a unit) lets a clash or a full session pass and goes into the audit.
"""

import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, union
from sqlalchemy import select as columns
from sqlmodel import SQLModel, col, func, select

from models import RECORDS
from models.assessment import Feedback, PracticalCheck, QuizPaper, TheoryScore
from models.base import Record
from models.equipment import EquipmentBooking
from models.people import Person
from models.system import Verb
from models.training import (
    Attendance,
    Audience,
    CheckIn,
    Enrolment,
    EnrolmentRole,
    EnrolmentSource,
    EnrolmentState,
    Instructor,
    PartnerLink,
    SessionInstructor,
    SessionState,
    TrainingSession,
    Venue,
    has_seat,
    in_order,
)
from models.vault import digest
from services import clock, db, kit, overdue, presence, store, teaching, values
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid, NotFound
from services.hooks import after_write, before_write

SESSION, ENROLMENT, ATTENDANCE = (RECORDS[name] for name in ("training_session", "enrolment", "attendance"))
LONGEST = timedelta(days=30)
OVER = (SessionState.HELD, SessionState.CANCELLED)
SEATED = (EnrolmentState.ENROLLED, EnrolmentState.WAITLISTED)
OF_SESSION: tuple[Any, ...] = (
    Enrolment,
    Attendance,
    TheoryScore,
    PracticalCheck,
    QuizPaper,
    Feedback,
    EquipmentBooking,
    PartnerLink,
)

DRAFT, OPEN, CLOSED, HELD, CANCELLED = SessionState
MOVES: dict[SessionState, tuple[SessionState, ...]] = {
    DRAFT: (OPEN, CANCELLED),
    OPEN: (DRAFT, CLOSED, HELD, CANCELLED),
    CLOSED: (OPEN, HELD, CANCELLED),
    HELD: (CLOSED,),
    CANCELLED: (DRAFT, OPEN),
}
REOPENING = {(CLOSED, OPEN), (HELD, CLOSED), (CANCELLED, DRAFT), (CANCELLED, OPEN)}


# -- clashes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Clash:
    """Another session, or a lesson of it (then its times), at the same time with the same venue or instructor; its title
    is empty for another station's."""

    kind: Literal["venue", "instructor"]
    name: str
    session_id: int
    title: str
    starts: datetime
    ends: datetime


def clashes(
    actor: Actor,
    *,
    venue_id: int | None,
    instructor_ids: Iterable[int],
    starts: datetime,
    ends: datetime,
    session_id: int | None = None,
) -> list[Clash]:
    """Sessions of any station that overlap [starts, ends) in venue or instructor, the cancelled ones aside."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        return found_clashes(s, venue_id, tuple(instructor_ids), starts, ends, session_id)


def found_clashes(
    s: PortalSession,
    venue_id: int | None,
    instructor_ids: Sequence[int],
    starts: datetime,
    ends: datetime,
    session_id: int | None,
) -> list[Clash]:
    """Of other sessions and of the lessons that have a venue or an instructor of their own, by their start."""
    span = starts, ends, session_id
    found = (
        [_clash(s, "venue", row) for row in s.connection().execute(venue_query(venue_id, *span))] if venue_id else []
    )
    if instructor_ids:
        taught = s.connection().execute(instructor_query(instructor_ids, *span))
        found += [_clash(s, "instructor", row) for row in taught]
    return sorted(found, key=lambda clash: (clash.starts, clash.kind, clash.name))


PLANNED, LESSON = (SQLModel.metadata.tables[name] for name in ("training_session", "lesson"))
SHOWN = (PLANNED.c.id, PLANNED.c.title, PLANNED.c.unit_id)


def _overlapping(of: Any, starts: datetime, ends: datetime, session_id: int | None) -> list[ColumnElement[bool]]:
    """Half-open; asked of the tables themselves, since a venue is shared by stations that do not see each other."""
    return [
        of.c.starts < ends,
        of.c.starts > starts - LONGEST,
        of.c.ends > starts,
        of.c.deleted_at.is_(None),
        PLANNED.c.state != CANCELLED,
        PLANNED.c.deleted_at.is_(None),
        PLANNED.c.id != (session_id or 0),
    ]


def venue_query(venue_id: int, starts: datetime, ends: datetime, session_id: int | None) -> Any:
    venue = SQLModel.metadata.tables["venue"]

    def taken(of: Any, joined: Any) -> Any:
        shown = columns(*SHOWN, of.c.starts, of.c.ends, venue.c.name)
        there = shown.select_from(joined.join(venue, venue.c.id == of.c.venue_id)).where(of.c.venue_id == venue_id)
        return there.where(*_overlapping(of, starts, ends, session_id))

    return union(taken(PLANNED, PLANNED), taken(LESSON, _lessons()))


def _lessons() -> Any:
    return LESSON.join(PLANNED, PLANNED.c.id == LESSON.c.session_id)


def instructor_query(instructor_ids: Sequence[int], starts: datetime, ends: datetime, session_id: int | None) -> Any:
    link, teacher, person = (SQLModel.metadata.tables[name] for name in ("session_instructor", "instructor", "person"))

    def busy(of: Any, key: Any, joined: Any) -> Any:
        whole = joined.join(teacher, teacher.c.id == key).join(person, person.c.id == teacher.c.person_id)
        shown = columns(*SHOWN, of.c.starts, of.c.ends, person.c.name).select_from(whole)
        return shown.where(key.in_(instructor_ids), *_overlapping(of, starts, ends, session_id))

    linked = link.join(PLANNED, PLANNED.c.id == link.c.session_id)
    return union(busy(PLANNED, link.c.instructor_id, linked), busy(LESSON, LESSON.c.instructor_id, _lessons()))


def _clash(s: PortalSession, kind: Literal["venue", "instructor"], row: Row[Any]) -> Clash:
    actor = s.actor
    seen = actor.units is None or row.unit_id in actor.units
    name = row.name if kind == "venue" or actor.may("personal", "training") else values.mask_person(row.name)
    return Clash(kind, name, row.id, row.title if seen else "", row.starts, row.ends)


# -- sessions: one path for form, service and import ------------------------------------------------------------------


def save_session(
    actor: Actor,
    given: Mapping[str, Any],
    *,
    id: int | None = None,
    version: int | None = None,
    token: str | None = None,
    override_reason: str = "",
    today: date | None = None,
    equipment: kit.Wanted | None = None,
) -> int:
    """Create or change a session, with the venue, the instructors and the equipment {id: number}; returns its id.

    Raises Invalid({"": code}) unless a reason is given: clash (clashes=[...]), equipment_short (short=[...]),
    credential_lapsed (lapsed=[...]), closing_overdue (left_open=[...]); and what services.store.save raises.
    """
    actor.need("write", "training")
    with db.unit(actor, reason=override_reason, token=token) as s:
        row = db.lock(s, TrainingSession, id) if id else None
        if row is not None and version is not None and version != row.version:
            raise Conflict(given, store.get(actor, SESSION, row.id).values)
        return id_of(put(s, given, row, equipment, today))


def put(
    s: PortalSession,
    given: Mapping[str, Any],
    row: TrainingSession | None,
    equipment: kit.Wanted | None,
    today: date | None = None,
) -> TrainingSession:
    """Inside a transaction: write one session with its equipment (None leaves what it has)."""
    s.info["equipment"] = equipment
    made: TrainingSession = store.write(s, SESSION, given, row, today)
    if s.info.pop("equipment") is not None:
        kit.book(s, made, equipment or {})
    _note_overruled(s, made)
    return made


def set_state(
    actor: Actor, session_id: int, state: SessionState, reason: str = "", *, now: datetime | None = None
) -> int:
    """Move a session to another state; returns how many people are enrolled or waiting, who may have to be told.

    Raises Invalid for `state`: state_move, held_in_future, or reason_missing where a session is opened again.
    """
    actor.need("write", "training")
    now = now or clock.now()
    with db.unit(actor, reason=reason) as s:
        row = db.lock(s, TrainingSession, session_id)
        if state == HELD and row.starts > now:
            raise Invalid({"state": "held_in_future"})
        s.info["override"] = ""
        store.write(s, SESSION, {"state": state}, row, clock.local(now).date())
        return _count(s, session_id, *SEATED)


@before_write("training_session")
def _complete(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """Fills in code, day and check-in token; refuses clashes, impossible moves, too few seats; lets people move up."""
    old = row if isinstance(row, TrainingSession) else None
    if old is not None:
        db.lock(s, TrainingSession, id_of(old), binned=True)
        _refuse_move(s, SessionState(old.state), SessionState(given["state"]))
    if old is None:
        _refuse_indebted(s, given)
        given.update(s.info.pop("series", {}))
    _refuse_clash(s, given, old)
    given["held_on"] = clock.local(given["starts"]).date()
    given["code"] = given.get("code") or (old.code if old else None) or _next_code(s, given["held_on"])
    given["checkin_token"] = (old.checkin_token if old else None) or new_token()
    if old is not None:
        if given["audience"] != old.audience and given["open_to_public"] == old.open_to_public:
            given["open_to_public"] = given["audience"] == Audience.PUBLIC
        _refit(s, old, given)


def _refuse_move(s: PortalSession, old: SessionState, new: SessionState) -> None:
    if new != old and new not in MOVES[old]:
        raise Invalid({"state": "state_move"})
    if (old, new) in REOPENING and not s.info.get("reason", "").strip():
        raise Invalid({"state": "reason_missing"})


def _refuse_clash(s: PortalSession, given: Mapping[str, Any], old: TrainingSession | None) -> None:
    """A session that was held is a fact and clashes no more; what stands as it stood is not asked again."""
    if given["state"] in OVER:
        return
    key, teachers = old.id if old else None, _instructors(s, given, old)
    had = kit.booked(s, key)
    asked = s.info.get("equipment")
    wanted = had if asked is None else asked
    stands = old is not None and old.deleted_at is None and old.state != CANCELLED
    moved = old is None or not stands or _moved(s, given, old, teachers)
    if moved:
        _refuse_taken(s, given, teachers, key)
    if moved or wanted != had:
        _refuse_short(s, given, wanted, key)


def _refuse_taken(s: PortalSession, given: Mapping[str, Any], teachers: list[int], key: int | None) -> None:
    """The venue and the instructors are free, and their certificates valid on the session's last day."""
    _hold(s, given.get("venue_id"), teachers)
    found = found_clashes(s, given.get("venue_id"), teachers, given["starts"], given["ends"], key)
    if found:
        _overrule(s, "clash", [clash.session_id for clash in found], clashes=found)
    lapsed = teaching.lapsed(s, teachers, last_day(given["ends"]))
    if lapsed:
        _overrule(s, "credential_lapsed", [one.instructor_id for one in lapsed], lapsed=lapsed)


def _refuse_short(s: PortalSession, given: Mapping[str, Any], wanted: kit.Wanted, key: int | None) -> None:
    kit.hold(s, wanted)
    short = kit.short(s, wanted, given["starts"], given["ends"], key)
    if short:
        _overrule(s, "equipment_short", {str(one.equipment_id): [one.wanted, one.free] for one in short}, short=short)


def last_day(ends: datetime) -> date:
    """The site's day on which a session that ends then is still going on; the end itself is not part of it."""
    return clock.local(ends - timedelta(microseconds=1)).date()


def _refuse_indebted(s: PortalSession, given: Mapping[str, Any]) -> None:
    """Who has left sessions unclosed for too long plans no new ones (feature T11)."""
    if given["state"] in OVER or s.actor.account_id is None:
        return
    left = overdue.left_open(s, s.actor.account_id)
    if left:
        _overrule(s, "closing_overdue", [one.id for one in left], left_open=left)


def _instructors(s: PortalSession, given: Mapping[str, Any], old: TrainingSession | None) -> list[int]:
    if "instructors" in given:
        return sorted(given["instructors"] or [])
    return teaching_in(s, old.id) if old and old.id else []


def teaching_in(s: PortalSession, session_id: int) -> list[int]:
    linked = select(SessionInstructor.instructor_id).where(SessionInstructor.session_id == session_id)
    return sorted(s.exec(linked).all())


def _moved(s: PortalSession, given: Mapping[str, Any], old: TrainingSession, teachers: list[int]) -> bool:
    same = all(given.get(name) == getattr(old, name) for name in ("venue_id", "starts", "ends"))
    return not same or teachers != teaching_in(s, id_of(old))


def _hold(s: PortalSession, venue_id: int | None, teachers: Sequence[int]) -> None:
    """Two who plan for the same venue or instructor decide one after the other."""
    if venue_id:
        s.exec(select(Venue.id).where(Venue.id == venue_id).with_for_update()).all()
    if teachers:
        wanted = select(Instructor.id).where(col(Instructor.id).in_(teachers))
        s.exec(wanted.order_by(col(Instructor.id)).with_for_update()).all()


def _next_code(s: PortalSession, day: date) -> str:
    """PX20261123-01, -02 ...; numbers of the bin and of other stations are not given again."""
    if not db.is_sqlite():
        s.execute(columns(func.pg_advisory_xact_lock(int(f"{day:%Y%m%d}"))))
    prefix = f"PX{day:%Y%m%d}-"
    taken = s.connection().execute(columns(PLANNED.c.code).where(PLANNED.c.code.startswith(prefix))).scalars()
    numbers = [int(code.removeprefix(prefix)) for code in taken if code.removeprefix(prefix).isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1:02d}"


def _refit(s: PortalSession, old: TrainingSession, given: dict[str, Any]) -> None:
    """Fit the people to changed numbers: nobody who is enrolled loses a seat, those who wait take what is free."""
    if given["capacity"] < old.capacity and given["capacity"] < seated(s, id_of(old)):
        raise Invalid({"capacity": "capacity_below_enrolled"})
    if given["state"] not in OVER:
        _promote(s, id_of(old), given["capacity"])
    if given.get("unit_id") != old.unit_id:
        _move_children(s, id_of(old), given.get("unit_id"))


def _move_children(s: PortalSession, session_id: int, unit_id: int | None) -> None:
    """The people of a session stay with its station."""
    for model in OF_SESSION:
        mine = select(model).where(model.session_id == session_id).execution_options(with_bin=True)
        for child in s.exec(mine):
            child.unit_id = unit_id


# -- reasons ----------------------------------------------------------------------------------------------------------


def _reason(s: PortalSession) -> str:
    return str(s.info.get("override", s.info.get("reason", ""))).strip()


def _overrule(s: PortalSession, code: str, what: Any = None, **detail: Any) -> None:
    """Raises Invalid with the code unless a reason was given; then it is noted once the row is written."""
    if not _reason(s):
        raise Invalid({"": code}, **detail)
    s.info.setdefault("overruled", []).append({code: what})


@after_write("training_session")
@after_write("enrolment")
def _note_overruled(s: PortalSession, row: Record) -> None:
    for detail in s.info.pop("overruled", []):
        db.note(s, Verb.OVERRIDE, row.__table__.name, row.id, detail, _reason(s))  # type: ignore[attr-defined]


# -- seats ------------------------------------------------------------------------------------------------------------


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
    if training.state == CANCELLED:
        return "session_cancelled"
    if training.state == DRAFT or (training.registration_opens and now < training.registration_opens):
        return "not_open_yet"
    closes = min(training.registration_closes or training.starts, training.starts)
    return "registration_closed" if training.state in (CLOSED, HELD) or now >= closes else ""


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
    _note_overruled(s, made)
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
    if training.state == CANCELLED:
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
    if attendance_of(s, id_of(training), [person_id]):
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
        _overrule(s, "full")
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
    if person_id in _teachers(s, id_of(training)):
        raise Invalid({"": "teaches_here"})
    old = enrolment_of(s, id_of(training), [person_id])
    if old is None:
        return
    if old.state != EnrolmentState.CANCELLED:
        raise Invalid({"": "already_enrolled"})
    _bin(s, old)


def _bin(s: PortalSession, row: Record) -> None:
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
        _promote(s, id_of(training), training.capacity)
    if free_seats(s, training) > 0:
        return EnrolmentState.ENROLLED
    waiting = _count(s, id_of(training), EnrolmentState.WAITLISTED)
    if not _reason(s) and training.state not in OVER and waiting < training.waitlist:
        return EnrolmentState.WAITLISTED
    _overrule(s, "full", {"capacity": training.capacity})
    return EnrolmentState.ENROLLED


def _count(s: PortalSession, session_id: int, *states: EnrolmentState) -> int:
    mine = select(func.count(col(Enrolment.id))).where(Enrolment.session_id == session_id)
    return s.exec(mine.where(col(Enrolment.state).in_(states))).one()


def seated(s: PortalSession, session_id: int) -> int:
    """How many seats are taken."""
    mine = select(func.count(col(Enrolment.id))).where(Enrolment.session_id == session_id, has_seat())
    return s.exec(mine).one()


def free_seats(s: PortalSession, training: TrainingSession) -> int:
    return training.capacity - seated(s, id_of(training))


def _promote(s: PortalSession, session_id: int, capacity: int) -> int:
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
        keys = [row.queue or id_of(row) for row in line]
        line.insert(to, line.pop(at))
        for row, key in zip(line, keys, strict=True):
            if (row.queue or id_of(row)) != key:
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
        if attendance_of(s, row.session_id, [row.person_id]):
            raise Invalid({"": "attended"})
        row.state = EnrolmentState.CANCELLED
        s.flush()
        return 0 if training.state in OVER else _promote(s, id_of(training), training.capacity)


@after_write("enrolment")
def _move_up(s: PortalSession, row: Record) -> None:
    """A seat given back on any path (the bin, an import) goes to the first who waits."""
    assert isinstance(row, Enrolment)
    training = session_of(s, row.session_id)
    if training is not None and training.state not in OVER:
        _promote(s, id_of(training), training.capacity)


# -- attendance -------------------------------------------------------------------------------------------------------


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
        _refuse_early(training, clock.local(now).date())
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


def _refuse_early(training: TrainingSession, today: date) -> None:
    if training.state == CANCELLED:
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
    if enrolment.state != EnrolmentState.ENROLLED and free_seats(s, training) <= 0:
        _overrule(s, "full", {"capacity": training.capacity})
    enrolment.state = EnrolmentState.ENROLLED
    s.flush()
    _note_overruled(s, enrolment)


def attendance_of(s: PortalSession, session_id: int, person_ids: Sequence[int]) -> Attendance | None:
    mine = select(Attendance).where(Attendance.session_id == session_id, col(Attendance.person_id).in_(person_ids))
    return s.exec(mine).first()


@before_write("attendance")
def _attendance(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """An attendance typed or imported: not before the day, not of a cancelled session or enrolment."""
    if isinstance(row, Attendance):
        if given["session_id"] != row.session_id:
            raise Invalid({"session_id": "session_fixed"})
        return
    training = session_of(s, given["session_id"])
    if training is None:
        return
    _refuse_early(training, today)
    given["unit_id"] = training.unit_id
    known = store.find_person(s, given)
    enrolment = enrolment_of(s, id_of(training), [id_of(known)]) if known else None
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


def add_walk_in(
    actor: Actor, session_id: int, name: str, phone: str, *, now: datetime | None = None, override_reason: str = ""
) -> int:
    """Somebody who came without enrolling takes a free seat and is marked present; returns the person's id.

    Raises Invalid: full (unless a reason is given), already_enrolled, and for `name` and `phone`.
    """
    actor.need("write", "training")
    now = now or clock.now()
    with db.unit(actor, reason=override_reason) as s:
        training = db.lock(s, TrainingSession, session_id)
        _refuse_early(training, clock.local(now).date())
        clean = named(name, phone, clock.local(now).date())
        known = store.find_person(s, clean)
        [seat] = seat_walk_ins(s, training, [(clean, id_of(known) if known else None)])
        if isinstance(seat, Invalid):
            raise seat
        part = presence.nearest(presence.parts(training, presence.lessons_of(s, session_id)), now)
        presence.write(s, training, {(part.id, seat): presence.Mark(arrived_at=now)}, now)
        return seat


def named(name: str, phone: str, today: date) -> dict[str, Any]:
    """Name and phone as they are stored; Invalid for what cannot be."""
    typed = {"name": " ".join(unicodedata.normalize("NFKC", name).split()), "phone": phone.strip()}
    clean, errors = values.validate(RECORDS["person"], typed, today)
    errors |= {} if typed["phone"] else {"phone": "required"}
    if errors:
        raise Invalid(errors)
    return {field: clean[field] for field in typed}


def called(s: PortalSession, person: Mapping[str, Any]) -> list[int]:
    """Everybody in the register with this name and phone, as `named` gives them."""
    same = select(Person.id).where(Person.name == person["name"], Person.phone_key == digest(person["phone"]))
    return [key for key in s.exec(same.order_by(col(Person.id))) if key]


Walker = tuple[Mapping[str, Any], int | None]


def seat_walk_ins(s: PortalSession, training: TrainingSession, people: Sequence[Walker]) -> list[int | Invalid]:
    """Inside a transaction that holds the session: people (values, and their id where they are known) who came without
    enrolling take the free seats in turn, never a place on the waitlist; their ids, or why not.

    A reason gives seats beyond the capacity. Who is enrolled is refused: already_enrolled.
    """
    if training.state == CANCELLED:
        return [Invalid({"": "session_cancelled"}) for _ in people]
    if training.state not in OVER:
        _promote(s, id_of(training), training.capacity)
    free, teachers = free_seats(s, training), _teachers(s, id_of(training))
    enrolled = _enrolled(s, training, [known for _, known in people if known])
    seats: list[int | Invalid | None] = []
    for _, known in people:
        refused = _refusal(s, known, enrolled.get(known or 0), teachers, free)
        free -= refused is None
        seats.append(refused or known)
    s.flush()
    new = db.bulk_insert(s, RECORDS["person"], [dict(who) for who, _ in _strangers(people, seats)])
    made = iter(new)
    found = [next(made) if seat is None else seat for seat in seats]
    same = {"session_id": training.id, "source": EnrolmentSource.WALK_IN, "unit_id": training.unit_id}
    db.bulk_insert(s, ENROLMENT, [same | {"person_id": key} for key in found if not isinstance(key, Invalid)])
    for detail in s.info.pop("overruled", []):
        db.note(s, Verb.OVERRIDE, "training_session", training.id, detail, _reason(s))
    return found


def _strangers(people: Sequence[Walker], seats: Sequence[int | Invalid | None]) -> list[Walker]:
    """Those who have a seat and stand in no register yet."""
    return [person for person, seat in zip(people, seats, strict=True) if seat is None]


def _enrolled(s: PortalSession, training: TrainingSession, people: Sequence[int]) -> dict[int, Enrolment]:
    """The enrolment of each of them; the one that is not cancelled where there are several."""
    mine = select(Enrolment).where(Enrolment.session_id == training.id, col(Enrolment.person_id).in_(people))
    rows = s.exec(mine.order_by(col(Enrolment.id))).all() if people else []
    return {row.person_id: row for row in sorted(rows, key=lambda row: row.state != EnrolmentState.CANCELLED)}


def _refusal(
    s: PortalSession, known: int | None, old: Enrolment | None, teachers: set[int], free: int
) -> Invalid | None:
    """Why this person gets no seat; a cancelled enrolment of theirs gives way."""
    if known in teachers:
        return Invalid({"": "teaches_here"})
    if old is not None and old.state != EnrolmentState.CANCELLED:
        return Invalid({"": "already_enrolled"})
    if free <= 0 and not _reason(s):
        return Invalid({"": "full"})
    if free <= 0:
        _overrule(s, "full")
    if old is not None:
        _bin(s, old)
    return None


def _teachers(s: PortalSession, session_id: int) -> set[int]:
    """The people who teach a session."""
    theirs = col(Instructor.id).in_(teaching_in(s, session_id))
    return set(s.exec(select(Instructor.person_id).where(theirs)))


def id_of(row: Any) -> int:
    return int(row.id)


def new_token() -> str:
    """The secret of a check-in link."""
    return secrets.token_urlsafe(18)
