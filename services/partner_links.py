"""Links by which a partner enrols its own people in a session (feature T3; P6): several at once, up to the link's cap.

A link keeps no seats free: it is a cap on how many seats may come by it, and who comes by it takes a seat or a place on the
waitlist like everybody else. What it used are the enrolments that name it, counted while the session is held.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select

from models import RECORDS
from models.partners import Organisation
from models.people import Person
from models.training import SEATED, Enrolment, EnrolmentSource, EnrolmentState, PartnerLink, TrainingSession
from models.words import Language
from services import clock, db, enrolling, institution, limits, seats, signed, store, values, walk_ins
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.enrolling import LIMIT, NOTICE_VERSION, Offer
from services.errors import AlreadyDone, Invalid, NotFound
from services.training import SESSION

LINK = RECORDS["partner_link"]
PAGE = "partner"
MOST = 30


@dataclass(frozen=True, slots=True)
class Invited:
    """What the holder of a partner's link may see: the session, who the partner is, the cap and who came by the link so
    far, names masked; `closed` is the code of why nobody can be added now, or empty."""

    offer: Offer
    organisation: str
    seats: int
    people: tuple[tuple[str, EnrolmentState], ...]
    closed: str

    @property
    def left(self) -> int:
        return max(self.seats - sum(state in SEATED for _, state in self.people), 0)


def invited(token: str, now: datetime | None = None) -> Invited:
    """The link as it stands. Raises NotFound for a wrong one, or one of a session that is not planned any more."""
    now = now or clock.now()
    with db.reading(PUBLIC) as s:
        link = store.find(s, LINK, signed.row_of(PAGE, token))
        row = s.execute(enrolling.with_seats(col(TrainingSession.id) == link.session_id)).first()
        if row is None:
            raise NotFound(record=LINK.name)
        came = select(Person.name, Enrolment.state).join(Enrolment, col(Enrolment.person_id) == Person.id)
        found = s.exec(came.where(Enrolment.partner_link_id == link.id).order_by(col(Enrolment.id)))
        people = tuple((values.mask_person(name), EnrolmentState(state)) for name, state in found)
        offer = enrolling.offered(institution.hosts(s), now, *row)
        name = s.get_one(Organisation, link.organisation_id).name
        return Invited(offer, name, link.seats, people, "link_revoked" if link.revoked_at else offer.closed)


def read_lines(text: str) -> list[tuple[str, str]]:
    """Name and phone of each line as people paste them: parted by blanks, tabs or commas; the phone stands last."""
    found = []
    for line in text.splitlines():
        words = line.replace("，", " ").replace(",", " ").replace("、", " ").split()
        at = next((place for place, word in enumerate(words) if place and word[0] in "+0123456789"), len(words))
        if words:
            found.append((" ".join(words[:at]), " ".join(words[at:])))
    return found


def enter(
    token: str,
    secret: str,
    people: Sequence[tuple[str, str]],
    language: Language,
    *,
    now: datetime | None = None,
    ip: str = "",
) -> dict[EnrolmentState, int]:
    """Enrol all of the people (name, phone), or none; returns how many have a seat and how many wait.

    A form that is sent twice counts once and returns nothing. Raises NotFound, Denied("too_many"), Invalid by the line's
    number as text ({"2": "phone_format"}), or for the whole: required, too_many_lines, link_short, link_revoked, and what
    closes a session.
    """
    now = now or clock.now()
    limits.spend(f"enrolment:{ip}", LIMIT, now)
    if not people or len(people) > MOST:
        raise Invalid({"people": "too_many_lines" if people else "required"})
    read = _read(people, now)
    try:
        with db.unit(PUBLIC, token=f"{PAGE}:{secret}"[:60] if secret else None) as s:
            return _enter(s, signed.row_of(PAGE, token), read, f"{NOTICE_VERSION}-{language}", now)
    except AlreadyDone:
        return {}


def _read(people: Sequence[tuple[str, str]], now: datetime) -> list[dict[str, Any]]:
    """Every line as it is stored; Invalid with each wrong line at once."""
    read, wrong = list[dict[str, Any]](), {}
    for number, (name, phone) in enumerate(people, 1):
        try:
            read.append(walk_ins.named(name, phone, clock.local(now).date()))
        except Invalid as error:
            read.append({})
            wrong[str(number)] = next(iter(error.fields.values()))
    wrong |= {str(n): "line_twice" for n, one in enumerate(read, 1) if one and one in read[: n - 1]}
    if wrong:
        raise Invalid(wrong)
    return read


def _enter(
    s: PortalSession, link_id: int, people: Sequence[dict[str, Any]], consent: str, now: datetime
) -> dict[EnrolmentState, int]:
    session = db.lock(s, TrainingSession, store.find(s, LINK, link_id).session_id)
    link = db.lock(s, PartnerLink, link_id)
    s.refresh(link)
    if link.revoked_at:
        raise Invalid({"": "link_revoked"})
    seats.refuse_outside(session, now)
    if used(s, link_id) + len(people) > link.seats:
        raise Invalid({"": "link_short"})
    employer = s.get_one(Organisation, link.organisation_id).name[:80]
    own = {"source": EnrolmentSource.PARTNER, "partner_link_id": link_id, "employer": employer}
    states, wrong = list[EnrolmentState](), {}
    for number, person in enumerate(people, 1):
        try:
            states.append(seats.enter(s, session, person, own | {"consent_version": consent}, now).state)
        except Invalid as error:
            wrong[str(number)] = next(iter(error.fields.values()))
    if wrong:
        raise Invalid(wrong)
    return {state: states.count(state) for state in SEATED}


def used(s: PortalSession, link_id: int) -> int:
    """How many seats and waitlist places came by the link and were not given back."""
    mine = select(func.count(col(Enrolment.id))).where(
        Enrolment.partner_link_id == link_id, col(Enrolment.state).in_(SEATED)
    )
    return s.exec(mine).one()


# -- for staff --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """A partner's link for whoever keeps the session."""

    id: int
    organisation: str
    seats: int
    used: int
    revoked: bool
    path: str


def make(actor: Actor, session_id: int, organisation_id: int, seats: int, *, token: str | None = None) -> int:
    """A link by which the organisation may enrol up to so many; returns its id. Raises NotFound, Invalid for `seats`."""
    actor.need("write", "training")
    with db.unit(actor, token=token) as s:
        store.find(s, SESSION, session_id)
        given = {"session_id": session_id, "organisation_id": organisation_id, "seats": seats}
        return db.id_of(store.write(s, LINK, given))


def revoke(actor: Actor, link_id: int, *, token: str | None = None) -> None:
    """The link opens nothing any more; who came by it stays enrolled."""
    actor.need("write", "training")
    with db.unit(actor, token=token) as s:
        link = store.find(s, LINK, link_id)
        link = db.lock(s, PartnerLink, db.id_of(link))
        link.revoked_at = link.revoked_at or clock.now()


def of_session(actor: Actor, session_id: int) -> list[Link]:
    """The links of a session, the newest first; one statement."""
    actor.need("write", "training")
    taken = select(func.count(col(Enrolment.id))).where(
        Enrolment.partner_link_id == PartnerLink.id, col(Enrolment.state).in_(SEATED)
    )
    wanted = (
        select(PartnerLink, Organisation.name, taken.scalar_subquery())
        .join(Organisation, col(Organisation.id) == PartnerLink.organisation_id)
        .where(PartnerLink.session_id == session_id)
        .order_by(col(PartnerLink.id).desc())
    )
    with db.reading(actor) as s:
        return [_link(*row) for row in s.exec(wanted)]


def _link(link: PartnerLink, organisation: str, taken: int) -> Link:
    path = f"/e/p/{signed.sign(PAGE, db.id_of(link))}"
    return Link(db.id_of(link), organisation, link.seats, taken, link.revoked_at is not None, path)
