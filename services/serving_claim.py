"""Past hours that volunteers claim by themselves: source "self-claim" of the national system, effective once somebody of
the staff confirms (features V5, V6; rules.md §1). All rules of an entry hold; nothing of it is believed before.

A claim for a post at which one had signed up for a shift that day belongs to that shift, whose times are
then its limits. What staff said of shifts of that day stands beside the claim where it waits (serving_roster).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlmodel import col, func, select

from models import spans
from models.people import Volunteer
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
from models.spans import Span
from services import clock, db, serving_numbers, store
from services.db import PortalSession
from services.errors import Denied, Invalid
from services.serving_hours import HOURS, STANDING, anew, entry_of, span_of, times_of
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


def days(who: Visitor) -> int:
    """How many days back hours can be claimed."""
    with db.reading(who.actor) as s:
        return serving_numbers.numbers(s)["claim_days"]


def claim(who: Visitor, given: Claim, *, today: date | None = None) -> Decimal:
    """Enter one's own past hours, which wait for somebody of the staff; returns the hours.

    The sign-up stays as it is until somebody confirms. Raises Denied("claims_waiting") above ten that wait; Invalid:
    claim_too_old, not_a_choice, why a shift cannot be claimed (`_why`), and what an entry of hours raises.
    """
    with db.unit(who.actor) as s:
        db.lock(s, Volunteer, who.volunteer_id)
        post = s.get(ServicePost, given.post_id)
        if post is None or not post.active:
            raise Invalid({"post_id": "not_a_choice"})
        if given.day < (today or clock.today()) - timedelta(days=serving_numbers.numbers(s)["claim_days"]):
            raise Invalid({"served_on": "claim_too_old"})
        if _waiting(s, who) >= MOST:
            raise Denied("claims_waiting")
        times = f"{given.starts}-{given.ends}"
        shift, refused = _shift(s, who, given, times_of(times))
        s.info["step"] = anew(s) | {
            "source": HoursSource.CLAIM,
            "decision": refused.decision if refused else "",
        }
        row = store.write(s, HOURS, {
            "volunteer_id": who.volunteer_id, "unit_id": who.unit_id, "shift_id": shift and db.id_of(shift),
            "activity": shift.title if shift else post.name, "served_on": given.day, "content": given.content,
            "times": times,
        }, refused)  # fmt: skip
        return row.hours  # type: ignore[no-any-return]


def _waiting(s: PortalSession, who: Visitor) -> int:
    mine = select(func.count(col(ServiceHours.id))).where(
        ServiceHours.volunteer_id == who.volunteer_id, ServiceHours.source == HoursSource.CLAIM,
        ServiceHours.state == HoursState.PENDING,
    )  # fmt: skip
    return s.exec(mine).one()


def _shift(
    s: PortalSession, who: Visitor, given: Claim, times: Sequence[Span]
) -> tuple[ServiceShift | None, ServiceHours | None]:
    """One's own shift at that post that these times touch, with the entry of it that was refused, where there is one.

    (None, None) only where they touch none that one ever signed up for: there is no way round a shift.
    """
    found = [(shift, signup) for shift, signup in _turns(s, who, given) if spans.clash(times, [span_of(shift)])]
    reasons = []
    for shift, signup in found:
        entry = entry_of(s, db.id_of(shift), who.volunteer_id)
        if not (reason := _why(shift, signup, entry)):
            return shift, entry
        reasons.append(reason)
    if reasons:
        raise Invalid({"times": reasons[0]})
    return None, None


def _turns(s: PortalSession, who: Visitor, given: Claim) -> Sequence[tuple[ServiceShift, ShiftSignup]]:
    """One's own shifts at that post on that day, however the sign-up stands."""
    midnight = clock.from_local(datetime.combine(given.day, time()))
    return s.exec(
        select(ServiceShift, ShiftSignup)
        .join(ShiftSignup, col(ShiftSignup.shift_id) == ServiceShift.id)
        .where(ShiftSignup.volunteer_id == who.volunteer_id, ServiceShift.post_id == given.post_id)
        .where(col(ServiceShift.starts).between(midnight, midnight + timedelta(days=1, seconds=-1)))
        .order_by(col(ServiceShift.starts), col(ServiceShift.id))
    ).all()


def _why(shift: ServiceShift, signup: ShiftSignup, entry: ServiceHours | None) -> str:
    """Why hours of a shift cannot be claimed; what was refused can be claimed again, and says so."""
    if shift.state == ShiftState.CANCELLED:
        return "shift_called_off"
    if signup.state == SignupState.WITHDRAWN:
        return "taken_off" if signup.note else "withdrawn_then"
    if entry is not None and entry.state == HoursState.VOID:
        return "hours_taken_back"
    return "hours_already" if entry is not None and entry.state in STANDING else ""
