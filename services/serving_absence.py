"""Staff take somebody off a shift, or mark them as not having come: with a reason, which the volunteer reads (V4, V8).

Whoever writes volunteers does so, in their stations; who was taken off may come back by staff alone. Neither has hours
that stand, and both leave the seat to somebody else.
"""

from datetime import datetime

from sqlmodel import col, func, select

from models.service import ServiceHours, ServiceShift, ShiftSignup, ShiftState, SignupState
from services import clock, db, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid
from services.serving import SIGNUP, leave
from services.serving_hours import STANDING

LONGEST_NOTE = 200


def take_off(actor: Actor, signup_id: int, reason: str) -> None:
    """Take somebody off a shift who has not come, at any time.

    Raises Invalid without a reason, and has_hours for somebody whose hours wait or took effect; NotFound, Conflict.
    """
    actor.need("write", "volunteers")
    with db.unit(actor, reason=_given(reason)) as s:
        row = store.find(s, SIGNUP, signup_id)
        db.lock(s, ServiceShift, row.shift_id)
        if _has_hours(s, row):
            raise Invalid({"": "has_hours"})
        leave(s, row)
        row.note = _given(reason)


def no_show(actor: Actor, signup_id: int, reason: str, *, now: datetime | None = None) -> None:
    """Mark somebody as not having come, once the shift has begun.

    Raises Invalid: reason_missing, shift_not_begun, has_hours, shift_closed for one that was called off; NotFound, Conflict.
    """
    actor.need("write", "volunteers")
    with db.unit(actor, reason=_given(reason)) as s:
        row = store.find(s, SIGNUP, signup_id)
        shift = db.lock(s, ServiceShift, row.shift_id)
        s.refresh(row)
        if row.state not in (SignupState.SIGNED, SignupState.SERVED):
            raise Conflict({}, {"state": row.state})
        if code := _hindered(s, shift, row, now or clock.now()):
            raise Invalid({"": code})
        row.state, row.note = SignupState.NO_SHOW, _given(reason)


def _given(reason: str) -> str:
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    return reason.strip()[:LONGEST_NOTE]


def _hindered(s: PortalSession, shift: ServiceShift, row: ShiftSignup, now: datetime) -> str:
    if shift.state == ShiftState.CANCELLED:
        return "shift_closed"
    if now < shift.starts:
        return "shift_not_begun"
    return "has_hours" if _has_hours(s, row) else ""


def _has_hours(s: PortalSession, row: ShiftSignup) -> bool:
    standing = select(ServiceHours.id).where(
        ServiceHours.shift_id == row.shift_id, ServiceHours.volunteer_id == row.volunteer_id,
        col(ServiceHours.state).in_(STANDING),
    )  # fmt: skip
    return s.exec(standing).first() is not None


def missed(s: PortalSession, volunteer_id: int) -> int:
    """How many shifts a volunteer did not come to without withdrawing, of all that the session's actor sees."""
    mine = select(func.count(col(ShiftSignup.id))).where(
        ShiftSignup.volunteer_id == volunteer_id, ShiftSignup.state == SignupState.NO_SHOW
    )
    return s.exec(mine).one()


def missed_by(actor: Actor, volunteer_id: int) -> int:
    """The same for whoever reads volunteers."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        return missed(s, volunteer_id)
