"""Enrolment by the public, without an account (features T3, T4): what is open, a place, and giving it back.

The secret that a form carries becomes the person's own link; of it only a hash is kept. Who lost it gets another one from
the staff, and the old one ends. Whoever sends a form twice gets the same place, and who withdrew enrols anew with it; who
is enrolled already is told so to the name and number alone, and nothing of how they stand.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import select as columns
from sqlmodel import col, func, select

from models.people import Person
from models.system import Verb
from models.training import (
    OVER,
    SEATED,
    Base,
    Enrolment,
    EnrolmentRole,
    EnrolmentSource,
    EnrolmentState,
    SessionState,
    TrainingSession,
    Venue,
    has_seat,
    in_order,
)
from models.vault import digest
from models.words import L, Language
from services import clock, db, institution, limits, numbers, seats, signed, store, training, values, walk_ins
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.institution import Host
from services.numbers import Subject, Unit, number, tries
from services.seats import ENROLMENT
from services.training import SESSION

PAGE = "enrolment"
LIMIT = tries("enrolments_per_hour", L("培训报名", "Enrolments"), 300)
HOURS = number(
    "withdrawal_hours", Subject.TRAINING, L("开课前几小时起不能自行取消报名", "Hours before a session when one's own withdrawal ends"),
    24, 0, 720, Unit.HOURS,
)  # fmt: skip
NOTICE_VERSION = "2026-11"
SHOWN = 100
SECRET = re.compile(r"[\w-]{24}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Offer:
    """A session as anybody may see it: the free seats, then the free waitlist places; `closed` is the code of why nobody
    can enrol now, or empty; enrolment ends at `closes`."""

    token: str
    title: str
    starts: datetime
    ends: datetime
    place: str
    free: int
    waitlist: int
    opens: datetime | None
    closes: datetime
    closed: str
    host: Host


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's own enrolment: how it stands, their place on the waitlist and how many wait in all, and until when they
    may give it back."""

    enrolment_id: int
    offer: Offer
    reference: str
    name: str
    state: EnrolmentState
    position: int | None
    waiting: int
    until: datetime
    may_withdraw: bool


# -- what is open -----------------------------------------------------------------------------------------------------


def offers(now: datetime | None = None) -> list[Offer]:
    """The sessions that are shown to the public and not closed yet, by their start; two statements."""
    now = now or clock.now()
    shown = (col(TrainingSession.state) == SessionState.OPEN, col(TrainingSession.starts) > now)
    with db.reading(PUBLIC) as s:
        hosts = institution.hosts(s)
        found = [offered(hosts, now, *row) for row in s.execute(_shown(*shown).limit(SHOWN))]
    return [offer for offer in found if offer.closed in ("", "not_open_yet")]


def offer(token: str, now: datetime | None = None) -> Offer:
    """The session of a public link. Raises NotFound for a wrong one, and for what is not shown to the public."""
    with db.reading(PUBLIC) as s:
        found = s.execute(_shown(col(TrainingSession.id) == signed.row_of(PAGE, token))).first()
        if found is None:
            raise NotFound(record="training_session")
        return offered(institution.hosts(s), now or clock.now(), *found)


def _shown(*where: ColumnElement[bool]) -> Any:
    public = (col(TrainingSession.open_to_public).is_(True), col(TrainingSession.state) != SessionState.DRAFT)
    return with_seats(*where, *public).order_by(col(TrainingSession.starts), col(TrainingSession.id))


def with_seats(*where: ColumnElement[bool]) -> Any:
    """Sessions with their venue, how many seats are taken and how many wait."""
    mine = select(func.count(col(Enrolment.id))).where(Enrolment.session_id == TrainingSession.id)
    waiting = mine.where(Enrolment.state == EnrolmentState.WAITLISTED)
    return (
        columns(TrainingSession, Venue, mine.where(has_seat()).scalar_subquery(), waiting.scalar_subquery())
        .outerjoin(Venue, col(Venue.id) == TrainingSession.venue_id)
        .where(*where)
    )


def offered(
    hosts: Mapping[Base, Host],
    now: datetime,
    row: TrainingSession,
    venue: Venue | None,
    seated: int,
    waiting: int,
) -> Offer:
    place = " · ".join(part for part in (venue.name, venue.address) if part) if venue else ""
    free, waitlist = max(row.capacity - seated - waiting, 0), max(row.waitlist - waiting, 0)
    closed = _over(row, now) or seats.closed_outside(row, now)
    closes = min(row.registration_closes or row.starts, row.starts)
    token, host = signed.sign(PAGE, db.id_of(row)), hosts[Base(row.base)]
    return Offer(
        token, row.title, row.starts, row.ends, place, free, waitlist, row.registration_opens, closes, closed, host
    )


def _over(row: TrainingSession, now: datetime) -> str:
    """A session that took place says so, rather than that enrolment has closed."""
    is_over = row.state == SessionState.HELD or (row.state != SessionState.CANCELLED and now >= row.ends)
    return "session_over" if is_over else ""


# -- a place ----------------------------------------------------------------------------------------------------------


def enrol(
    token: str,
    secret: str,
    given: Mapping[str, Any],
    language: Language,
    *,
    now: datetime | None = None,
    ip: str = "",
) -> str:
    """Enrol somebody {name, phone, employer} from the public page; returns the secret of their own link.

    Raises NotFound, Denied("too_many"), Invalid: name, phone, employer, not_open_yet, registration_closed,
    session_cancelled, full, already_enrolled, teaches_here.
    """
    now = now or clock.now()
    limits.spend(f"enrolment:{ip}", LIMIT, now)
    person = walk_ins.named(given["name"], given["phone"], clock.local(now).date())
    with db.unit(PUBLIC) as s:
        row = db.lock(s, TrainingSession, signed.row_of(PAGE, token))
        if not row.open_to_public:
            raise NotFound(record="training_session")
        before = _by_secret(s, secret, binned=True)
        is_theirs = before is not None and _is_of(s, before, row, person)
        if before is not None and is_theirs and before.deleted_at is None and before.state in SEATED:
            return secret
        seats.refuse_outside(row, now)
        own = {
            "employer": given.get("employer", ""),
            "source": EnrolmentSource.PUBLIC,
            "consent_version": f"{NOTICE_VERSION}-{language}",
        }
        made = seats.enter(s, row, person, own, now)
        if before is not None and is_theirs:
            before.link_key = None  # their link goes on to the new place
            s.flush()
        elif before is not None or not SECRET.fullmatch(secret):
            secret = training.new_token()
        made.link_key = _key(secret)
        return secret


def _key(secret: str) -> str:
    return digest(f"mine:{secret}")


def _by_secret(s: PortalSession, secret: str, *, binned: bool = False) -> Enrolment | None:
    """The enrolment of a link; `binned`: also one that gave way to a later one."""
    wanted = select(Enrolment).where(Enrolment.link_key == _key(secret)).execution_options(with_bin=binned)
    return s.exec(wanted).first() if secret else None


def _is_of(s: PortalSession, before: Enrolment, row: TrainingSession, person: Mapping[str, Any]) -> bool:
    return before.session_id == row.id and before.person_id in walk_ins.called(s, person)


def mine(secret: str, now: datetime | None = None) -> Place:
    """How the holder of a personal link stands. Raises NotFound for a wrong one."""
    now = now or clock.now()
    with db.reading(PUBLIC) as s:
        row = _by_secret(s, secret)
        found = s.execute(with_seats(col(TrainingSession.id) == row.session_id)).first() if row else None
        if row is None or found is None:
            raise NotFound(record=ENROLMENT.name)
        session, state = found[0], EnrolmentState(row.state)
        until = _until(s, session)
        name = values.mask_person(s.get_one(Person, row.person_id).name)
        position = _position(s, row) if state == EnrolmentState.WAITLISTED else None
        may = state in SEATED and session.state not in OVER and now < until
        reference = f"{session.code}-{row.id}"
        offer = offered(institution.hosts(s), now, *found)
        return Place(db.id_of(row), offer, reference, name, state, position, found[3], until, may)


def session_of(secret: str) -> int:
    """The session that the holder of a personal link is enrolled or waits in. Raises NotFound, also for who withdrew."""
    with db.reading(PUBLIC) as s:
        row = _by_secret(s, secret)
        if row is None or row.state not in SEATED:
            raise NotFound(record=ENROLMENT.name)
        return row.session_id


def _position(s: PortalSession, row: Enrolment) -> int:
    ahead = select(func.count(col(Enrolment.id))).where(
        Enrolment.session_id == row.session_id,
        Enrolment.state == EnrolmentState.WAITLISTED,
        in_order() <= (row.queue or db.id_of(row)),
    )
    return s.exec(ahead).one()


def _until(s: PortalSession, session: TrainingSession) -> datetime:
    """Until when a place may be given back: the end of registration, else some hours before the start."""
    before = session.starts - timedelta(hours=numbers.value(s, HOURS))
    return min(session.registration_closes or before, session.starts)


def withdraw(secret: str, *, now: datetime | None = None) -> int:
    """Give the place back; returns how many moved up (0 or 1). A second time does nothing.

    Raises NotFound, Invalid: withdrawal_over, attended.
    """
    place = mine(secret, now)
    if place.state == EnrolmentState.CANCELLED:
        return 0
    if not place.may_withdraw:
        raise Invalid({"": "withdrawal_over"})
    return seats.cancel(PUBLIC, place.enrolment_id, "本人在网上退出")


# -- for staff --------------------------------------------------------------------------------------------------------


def path(actor: Actor, session_id: int) -> str:
    """The address of a session's public page on this site, for whoever keeps the session."""
    actor.need("write", "training")
    with db.reading(actor) as s:
        return f"/e/{signed.sign(PAGE, db.id_of(store.find(s, SESSION, session_id)))}"


def closed(actor: Actor, session_id: int, now: datetime | None = None) -> str:
    """Why people from outside cannot enrol in a session now, or empty: not_open_yet, registration_closed,
    session_cancelled."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        return seats.closed_outside(store.find(s, SESSION, session_id), now or clock.now())


def link_of(actor: Actor, enrolment_id: int) -> str:
    """A new address of somebody's own page on this site, to be given to them: the one before ends, and the audit says
    who made it. Raises NotFound."""
    actor.need("write", "training")
    secret = training.new_token()
    with db.unit(actor) as s:
        row = store.find(s, ENROLMENT, enrolment_id)
        row.link_key = _key(secret)
        db.note(s, Verb.REVEAL, ENROLMENT.name, row.id, {"link": "shown"})
    return f"/e/mine/{secret}"


def publish(actor: Actor, session_id: int, shown: bool) -> None:
    """Show a session to the public, or take it off again; who is enrolled stays enrolled."""
    actor.need("write", "training")
    with db.unit(actor) as s:
        row = db.lock(s, TrainingSession, session_id)
        store.write(s, SESSION, {"open_to_public": shown}, row)


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who is at a session without a seat."""

    enrolment_id: int
    name: str
    employer: str
    role: EnrolmentRole


def helpers(actor: Actor, session_id: int) -> list[Helper]:
    """Observers and assistants of a session, in the order of enrolment; one statement."""
    actor.need("read", "training")
    wanted = (
        columns(Enrolment, col(Person.name))
        .join(Person, col(Person.id) == Enrolment.person_id)
        .where(
            col(Enrolment.session_id) == session_id,
            col(Enrolment.role) != EnrolmentRole.TRAINEE,
            col(Enrolment.state) == EnrolmentState.ENROLLED,
        )
        .order_by(col(Enrolment.id))
    )
    full = actor.may("personal", "training")
    with db.reading(actor) as s:
        return [
            Helper(db.id_of(row), name if full else values.mask_person(name), row.employer, EnrolmentRole(row.role))
            for row, name in s.execute(wanted)
        ]
