"""Hours as staff look at them: the roster of a shift, and the queue of what waits for a second person (features V5, V6)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import and_, or_
from sqlmodel import col, func, select

from models import RECORDS
from models.service import HoursSource, HoursState, ServiceHours, ServiceShift, ShiftSignup, ShiftSlot, SignupState
from services import clock, db, store
from services.access import Actor
from services.db import PortalSession
from services.serving import SHIFT
from services.serving_hours import HOURS, may_review


@dataclass(frozen=True, slots=True)
class Served:
    """One line of a shift's roster: the sign-up and, where there are any, the hours."""

    signup_id: int
    volunteer_id: int
    name: str
    role: str
    state: SignupState
    note: str
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
    return Served(db.id_of(signup), signup.volunteer_id, name, role, SignupState(signup.state), signup.note, *told)


@dataclass(frozen=True, slots=True)
class Missed:
    """A shift that somebody was taken off (withdrawn) or did not come to (no-show), with what staff said of it."""

    title: str
    state: SignupState
    note: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that waits for a second person; `mine` may not be confirmed by this actor: their own, or of a higher level.
    `missed` are the volunteer's shifts of that day that staff spoke of; `refused` why the entry was refused before."""

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
    missed: Sequence[Missed]
    refused: str

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
        missed = _missed(s, rows)
    names = store.titles(actor, RECORDS["volunteer"], [row.volunteer_id for row in rows])
    return [
        _waiting(actor, row, names[row.volunteer_id], missed[row.volunteer_id, row.served_on]) for row in rows
    ], total


def missed_that_day(actor: Actor, hours_id: int) -> Sequence[Missed]:
    """What staff said of the volunteer's shifts of the day of one entry. Raises NotFound."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        row = store.find(s, HOURS, hours_id)
        return _missed(s, [row])[row.volunteer_id, row.served_on]


def _missed(s: PortalSession, rows: Sequence[ServiceHours]) -> Mapping[tuple[int, date | None], Sequence[Missed]]:
    """{(volunteer id, day): the shifts that they were taken off or did not come to}."""
    days = [row.served_on for row in rows if row.served_on]
    if not days:
        return defaultdict(list)
    first, last = (
        clock.from_local(datetime.combine(day, time())) for day in (min(days), max(days) + timedelta(days=1))
    )
    taken_off = and_(col(ShiftSignup.state) == SignupState.WITHDRAWN, col(ShiftSignup.note) != "")
    spoken_of = (
        select(ShiftSignup, ServiceShift.title, col(ServiceShift.starts))
        .join(ServiceShift, col(ServiceShift.id) == ShiftSignup.shift_id)
        .where(col(ShiftSignup.volunteer_id).in_({row.volunteer_id for row in rows}))
        .where(ServiceShift.starts >= first, ServiceShift.starts < last)
        .where(or_(taken_off, col(ShiftSignup.state) == SignupState.NO_SHOW))
        .order_by(col(ServiceShift.starts))
    )
    found: dict[tuple[int, date | None], list[Missed]] = defaultdict(list)
    for signup, title, starts in s.exec(spoken_of):
        told = Missed(title, SignupState(signup.state), signup.note)
        found[signup.volunteer_id, clock.local(starts).date()].append(told)
    return found


def _waiting(actor: Actor, row: ServiceHours, name: str, missed: Sequence[Missed]) -> Waiting:
    own = row.entered_by is not None and row.entered_by == actor.account_id
    return Waiting(
        db.id_of(row), row.version, name, row.activity, row.served_on, row.times, row.hours, HoursSource(row.source),
        row.entered_name, row.record_by, row.review_level, row.is_short, row.is_forced, own,
        not may_review(actor, row.review_level), missed, row.decision,
    )  # fmt: skip
