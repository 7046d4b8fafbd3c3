"""Whom staff may put on a shift: active people who are not on it yet, first who holds the credentials and has the insurance
that are asked for (features V3, V4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlmodel import col

from models.people import Person, Volunteer, VolunteerCredential, VolunteerState
from models.service import ServicePost, ServiceShift, ShiftSignup, ShiftSlot, SignupState, VolunteerInsurance
from services import clock, db, finding, readiness, rescue, serving, store
from services.access import Actor
from services.db import PortalSession
from services.volunteers import VOLUNTEER, shown_name

MOST = 50
TAIL = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be put on a shift: the last digits of the phone ("" where there is none), whether they said that
    they have time then, and whether they hold what the place asks for, and have the insurance if it does, on that day."""

    id: int
    name: str
    tail: str
    free: bool
    holds: bool
    insured: bool


def candidates(actor: Actor, shift_id: int, slot_id: int | None = None, words: str = "") -> list[Candidate]:
    """At most fifty whom the words match: first who holds the credentials, then who is insured, then who has time, the
    newest first. Raises NotFound for the shift."""
    actor.need("write", "volunteers")
    with db.reading(actor) as s:
        shift = store.find(s, serving.SHIFT, shift_id)
        local, post = clock.local(shift.starts), s.get_one(ServicePost, shift.post_id)
        slot = s.get(ShiftSlot, slot_id) if slot_id else None
        fit = {
            "holds": _holds(serving.asked_for(post, slot), local.date()),
            "insured": _insured(local.date()) if post.needs_insurance else true(),
            "free": func.coalesce(rescue.available(readiness.slot_at(s, local)), False),
        }
        found = s.execute(_people(s, shift, words, fit)).all()
        return [
            Candidate(
                row.id, shown_name(actor, row.name), (row.phone or "")[-TAIL:],
                free=bool(row.free), holds=bool(row.holds), insured=bool(row.insured),
            )
            for row in found
        ]  # fmt: skip


def _people(s: PortalSession, shift: ServiceShift, words: str, fit: Mapping[str, ColumnElement[bool]]) -> Any:
    """Those who are not on it, in the order of what they fit, each as 0 or 1."""
    on_it = select(ShiftSignup.volunteer_id).where(  # type: ignore[call-overload]
        ShiftSignup.shift_id == shift.id, col(ShiftSignup.state) != SignupState.WITHDRAWN
    )
    first = [case((one, 1), else_=0).label(name) for name, one in fit.items()]
    wanted = (
        select(col(Volunteer.id), col(Person.name), col(Person.phone), *first)
        .join(Person, col(Person.id) == col(Volunteer.person_id))
        .where(col(Volunteer.state) == VolunteerState.ACTIVE, col(Volunteer.consent))
        .where(col(Volunteer.id).not_in(on_it))
    )
    if words.strip():
        wanted = wanted.where(finding.matches(s, VOLUNTEER, words))
    return wanted.order_by(*(one.desc() for one in first), col(Volunteer.id).desc()).limit(MOST)


def _insured(day: date) -> ColumnElement[bool]:
    policy = select(col(VolunteerInsurance.id)).where(
        col(VolunteerInsurance.volunteer_id) == col(Volunteer.id),
        col(VolunteerInsurance.starts) <= day,
        col(VolunteerInsurance.ends) >= day,
    )
    return policy.exists()


def _holds(wanted: Sequence[tuple[str, ...]], day: date) -> ColumnElement[bool]:
    """Whether a volunteer holds on that day one of each of the credentials asked for."""
    ends = col(VolunteerCredential.expires_on)
    held = select(col(VolunteerCredential.id)).where(
        col(VolunteerCredential.volunteer_id) == col(Volunteer.id),
        col(VolunteerCredential.issued_on) <= day,
        or_(ends.is_(None), ends >= day),
    )
    return and_(true(), *(held.where(col(VolunteerCredential.kind).in_(kinds)).exists() for kinds in wanted))
