"""Hours as staff look at them: the roster of a shift, and the queue of what waits for a second person (features V5, V6)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import and_
from sqlmodel import col, func, select

from models import RECORDS
from models.service import HoursSource, HoursState, ServiceHours, ShiftSignup, ShiftSlot, SignupState
from services import db, store
from services.access import Actor
from services.serving import SHIFT
from services.serving_hours import may_review


@dataclass(frozen=True, slots=True)
class Served:
    """One line of a shift's roster: the sign-up and, where there are any, the hours."""

    signup_id: int
    volunteer_id: int
    name: str
    role: str
    state: SignupState
    hours_id: int | None
    times: str
    hours: Decimal
    hours_state: HoursState | None


def roster(actor: Actor, shift_id: int) -> list[Served]:
    """Everybody who signed up for a shift and did not withdraw, in that order. Raises NotFound."""
    actor.need("read", "volunteers")
    same = and_(
        col(ServiceHours.volunteer_id) == ShiftSignup.volunteer_id, col(ServiceHours.shift_id) == ShiftSignup.shift_id
    )
    with db.reading(actor) as s:
        store.find(s, SHIFT, shift_id)
        found = s.exec(
            select(ShiftSignup, ShiftSlot.name, ServiceHours)
            .join(ShiftSlot, col(ShiftSlot.id) == ShiftSignup.slot_id, isouter=True)
            .join(ServiceHours, same, isouter=True)
            .where(ShiftSignup.shift_id == shift_id, ShiftSignup.state != SignupState.WITHDRAWN)
            .order_by(col(ShiftSignup.id))
        ).all()
    names = store.titles(actor, RECORDS["volunteer"], [signup.volunteer_id for signup, *_ in found])
    return [_served(signup, names[signup.volunteer_id], role or "", row) for signup, role, row in found]


def _served(signup: ShiftSignup, name: str, role: str, row: ServiceHours | None) -> Served:
    told = (row.id, row.times, row.hours, HoursState(row.state)) if row else (None, "", Decimal(0), None)
    return Served(db.id_of(signup), signup.volunteer_id, name, role, SignupState(signup.state), *told)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits for a second person; `mine` may not be confirmed by this actor: their own, or of a higher level."""

    id: int
    version: int
    name: str
    activity: str
    served_on: date | None
    times: str
    hours: Decimal
    source: HoursSource
    entered_name: str
    record_by: date | None
    level: int
    is_short: bool
    is_forced: bool
    own: bool
    too_high: bool

    @property
    def is_plain(self) -> bool:
        """Whether it can be confirmed without a reason."""
        return not (self.level or self.is_short or self.is_forced or self.own or self.too_high)


def queue(actor: Actor, size: int = 200) -> tuple[list[Waiting], int]:
    """The first entries that wait, the most urgent first, and how many there are."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        waiting = select(ServiceHours).where(ServiceHours.state == HoursState.PENDING)
        total = s.exec(select(func.count()).select_from(waiting.subquery())).one()
        rows = s.exec(waiting.order_by(col(ServiceHours.record_by), col(ServiceHours.id)).limit(size)).all()
    names = store.titles(actor, RECORDS["volunteer"], [row.volunteer_id for row in rows])
    return [_waiting(actor, row, names[row.volunteer_id]) for row in rows], total


def _waiting(actor: Actor, row: ServiceHours, name: str) -> Waiting:
    own = row.entered_by is not None and row.entered_by == actor.account_id
    return Waiting(
        db.id_of(row), row.version, name, row.activity, row.served_on, row.times, row.hours, HoursSource(row.source),
        row.entered_name, row.record_by, row.review_level, row.is_short, row.is_forced, own,
        not may_review(actor, row.review_level),
    )  # fmt: skip
