"""Past hours that volunteers claim by themselves: source "self-claim" of the national system, effective once somebody of
the staff confirms (features V5, V6; rules.md §1). All rules of an entry hold; nothing of it is believed before.

A claim for a post at which one had signed up for a shift that day belongs to that shift, whose times are then its limits.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlmodel import col, func, select

from models.service import (
    HoursSource,
    HoursState,
    ServiceHours,
    ServicePost,
    ServiceShift,
    ShiftSignup,
    ShiftState,
    SignupState,
)
from services import clock, db, serving_numbers, store
from services.db import PortalSession
from services.errors import Denied, Invalid
from services.serving_hours import HOURS, entry_of, signup_of
from services.serving_pass import Visitor

MOST = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed: at which post, on which day at the site, from and to as HH:MM, and what was done."""

    post_id: int
    day: date
    starts: str
    ends: str
    content: str


def posts(who: Visitor) -> dict[int, str]:
    """The posts that are in use, by their names."""
    with db.reading(who.actor) as s:
        found = s.exec(select(ServicePost).where(col(ServicePost.active)).order_by(col(ServicePost.code))).all()
        return {db.id_of(row): row.name for row in found}


def claim(who: Visitor, given: Claim, *, today: date | None = None) -> Decimal:
    """Enter one's own past hours, which wait for somebody of the staff; returns the hours.

    Raises Denied("too_many") above ten that wait; Invalid: claim_too_old, not_a_choice, and what an entry of hours raises.
    """
    with db.unit(who.actor) as s:
        post = s.get(ServicePost, given.post_id)
        if post is None or not post.active:
            raise Invalid({"post_id": "not_a_choice"})
        if given.day < (today or clock.today()) - timedelta(days=serving_numbers.numbers(s)["claim_days"]):
            raise Invalid({"served_on": "claim_too_old"})
        if _waiting(s, who) >= MOST:
            raise Denied("too_many")
        shift = _shift(s, who, given)
        s.info["step"] = {"source": HoursSource.CLAIM}
        row = store.write(s, HOURS, {
            "volunteer_id": who.volunteer_id, "unit_id": who.unit_id, "shift_id": shift and db.id_of(shift),
            "activity": shift.title if shift else post.name, "served_on": given.day, "content": given.content,
            "times": f"{given.starts}-{given.ends}",
        })  # fmt: skip
        if shift and (signup := signup_of(s, db.id_of(shift), who.volunteer_id)) and signup.state == SignupState.SIGNED:
            signup.state = SignupState.SERVED
        return row.hours  # type: ignore[attr-defined, no-any-return]


def _waiting(s: PortalSession, who: Visitor) -> int:
    mine = select(func.count(col(ServiceHours.id))).where(
        ServiceHours.volunteer_id == who.volunteer_id, ServiceHours.source == HoursSource.CLAIM,
        ServiceHours.state == HoursState.PENDING,
    )  # fmt: skip
    return s.exec(mine).one()


def _shift(s: PortalSession, who: Visitor, given: Claim) -> ServiceShift | None:
    """One's own shift at that post on that day that touches these times and has no hours yet."""
    midnight = clock.from_local(datetime.combine(given.day, time()))
    found = s.exec(
        select(ServiceShift)
        .join(ShiftSignup, col(ShiftSignup.shift_id) == ServiceShift.id)
        .where(ShiftSignup.volunteer_id == who.volunteer_id, ShiftSignup.state != SignupState.WITHDRAWN)
        .where(ServiceShift.post_id == given.post_id, ServiceShift.state != ShiftState.CANCELLED)
        .where(col(ServiceShift.starts).between(midnight, midnight + timedelta(days=1, seconds=-1)))
        .order_by(col(ServiceShift.starts))
    )
    own = (shift for shift in found if entry_of(s, db.id_of(shift), who.volunteer_id) is None)
    return next((shift for shift in own if _touches(shift, given)), None)


def _touches(shift: ServiceShift, given: Claim) -> bool:
    starts, ends = (f"{clock.local(moment):%H:%M}" for moment in (shift.starts, shift.ends))
    return given.starts < (ends if ends > starts else "24:00") and starts < given.ends
