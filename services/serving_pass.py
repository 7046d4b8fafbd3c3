"""A volunteer's one-time link and the visit that it becomes: once used it opens nothing, revoked it ends (feature V7).

Link and visit are random; only their hashes are kept. A link is used by a click on its page, so that a messenger which
fetches addresses for a preview does not use it up.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, or_, select

from models.people import Person, Volunteer, VolunteerState
from models.service import VolunteerPass
from models.system import Verb
from models.words import L
from services import clock, db, limits, serving_numbers, store
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.numbers import tries
from services.volunteers import VOLUNTEER

SERVING = (VolunteerState.ACTIVE, VolunteerState.PAUSED)
LIMIT = tries("links_per_hour", L("打开志愿者个人页", "Volunteers' own pages opened"), 60)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A volunteer at their own page; `actor` is who the audit says it was."""

    volunteer_id: int
    person_id: int
    unit_id: int | None
    number: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Pass:
    """A link as staff see it: when it was made and used."""

    made_at: datetime
    used_at: datetime | None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_link(actor: Actor, volunteer_id: int, now: datetime | None = None) -> str:
    """The path of a new one-time link; an earlier one that was not used ends. Raises NotFound, Invalid for somebody who
    is not on the register."""
    actor.need("write", "volunteers")
    token = secrets.token_urlsafe(24)
    with db.unit(actor) as s:
        row = db.lock(s, Volunteer, volunteer_id)
        if row.state not in SERVING or not row.consent:
            raise Invalid({"": "volunteer_not_active"})
        for old in _passes(s, volunteer_id):
            if old.used_at is None:
                old.revoked_at = now or clock.now()
        s.add(VolunteerPass(volunteer_id=volunteer_id, link_hash=_hash(token), made_by=actor.account_id,
                            made_at=now or clock.now()))  # fmt: skip
        db.note(s, Verb.CHANGE, VOLUNTEER.name, volunteer_id, {"link": "made"})
    return f"/my/in/{token}"


def _passes(s: PortalSession, volunteer_id: int) -> Sequence[VolunteerPass]:
    mine = select(VolunteerPass).where(
        VolunteerPass.volunteer_id == volunteer_id, col(VolunteerPass.revoked_at).is_(None)
    )
    return s.exec(mine.order_by(col(VolunteerPass.id).desc())).all()


def passes(actor: Actor, volunteer_id: int, now: datetime | None = None) -> list[Pass]:
    """The links and visits of a volunteer that are still good, the newest first. Raises NotFound."""
    actor.need("write", "volunteers")
    with db.reading(actor) as s:
        store.find(s, VOLUNTEER, volunteer_id)
        return [
            Pass(one.made_at, one.used_at) for one in _passes(s, volunteer_id) if _alive(s, one, now or clock.now())
        ]


def revoke(actor: Actor, volunteer_id: int, reason: str, now: datetime | None = None) -> int:
    """End every link and visit of a volunteer; returns how many were still good. Raises NotFound, Invalid without a
    reason."""
    actor.need("write", "volunteers")
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    now = now or clock.now()
    with db.unit(actor, reason=reason.strip()) as s:
        db.lock(s, Volunteer, volunteer_id)
        found = _passes(s, volunteer_id)
        good = sum(_alive(s, one, now) for one in found)
        for one in found:
            one.revoked_at = now
        if found:
            db.note(s, Verb.CHANGE, VOLUNTEER.name, volunteer_id, {"link": "revoked"}, reason.strip())
        return good


def opens_within(actor: Actor) -> int:
    """How many hours a link that was made can be opened."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        return serving_numbers.numbers(s)["link_hours"]


def _alive(s: PortalSession, one: VolunteerPass, now: datetime) -> bool:
    """A link waits for hours, a visit goes on for days."""
    numbers = serving_numbers.numbers(s)
    if one.used_at is None:
        return now < one.made_at + timedelta(hours=numbers["link_hours"])
    return now < one.used_at + timedelta(days=numbers["visit_days"])


def is_good(token: str, now: datetime | None = None) -> bool:
    """Whether a link still opens something; looking does not use it up."""
    with db.reading(PUBLIC) as s:
        return _unused(s, token, now or clock.now()) is not None


def _unused(s: PortalSession, token: str, now: datetime) -> VolunteerPass | None:
    mine = select(VolunteerPass).where(VolunteerPass.link_hash == _hash(token), col(VolunteerPass.used_at).is_(None))
    found = s.exec(mine.where(col(VolunteerPass.revoked_at).is_(None)).with_for_update()).first()
    return found if found and _alive(s, found, now) else None


def enter(token: str, *, ip: str = "", now: datetime | None = None) -> str:
    """Use a link; returns the token of the visit. Raises NotFound for one that was used, ended or never was."""
    now = now or clock.now()
    limits.spend(f"my:{ip}", LIMIT, now)
    visit = secrets.token_urlsafe(32)
    with db.unit(PUBLIC) as s:
        found = _unused(s, token, now)
        if found is None:
            raise NotFound
        found.used_at, found.session_hash = now, _hash(visit)
        db.note(s, Verb.SIGN_IN, VOLUNTEER.name, found.volunteer_id, {"link": "used"})
    return visit


def visitor(visit: str | None, now: datetime | None = None) -> Visitor | None:
    """Whose page a visit opens; None where it has ended, was revoked, or the volunteer has left."""
    if not visit:
        return None
    with db.reading(PUBLIC) as s:
        mine = select(VolunteerPass, Volunteer).join(Volunteer, col(Volunteer.id) == VolunteerPass.volunteer_id)
        found = s.exec(
            mine.where(VolunteerPass.session_hash == _hash(visit), col(VolunteerPass.revoked_at).is_(None))
            .where(col(Volunteer.state).in_(SERVING), col(Volunteer.consent))
            .where(or_(col(VolunteerPass.used_at).is_not(None)))
        ).first()
        if found is None or not _alive(s, found[0], now or clock.now()):
            return None
        row = found[1]
        actor = Actor(None, f"志愿者 {row.number or row.id}", is_system=True, pass_id=found[0].id)
        return Visitor(row.id or 0, row.person_id, row.unit_id, row.number or "", actor)


def end(visit: str, now: datetime | None = None) -> None:
    """The volunteer leaves the page for good on this device."""
    with db.unit(PUBLIC) as s:
        found = s.exec(select(VolunteerPass).where(VolunteerPass.session_hash == _hash(visit))).first()
        if found is not None:
            found.revoked_at = now or clock.now()


def name_of(s: PortalSession, who: Visitor) -> str:
    return s.get_one(Person, who.person_id).name
