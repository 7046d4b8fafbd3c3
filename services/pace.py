"""The arithmetic of pace (contracts.md, "Target kinds"): what is due on a day, how things stand, what closes a gap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from models.periods import Period
from services.figures import Amendment, Number, Status

DAYS_OF_A_WEEK = 7
DAYS_OF_A_MONTH = 365.25 / 12
FLOAT_ERROR = 1e-9
LONGEST_WAIT = 3660


@dataclass(frozen=True, slots=True)
class Limits:
    """From which part of what is due an indicator counts as on pace or only behind; a setting, not law.

    due: below this many units nothing can be expected yet, so "no record" is not a lag; notice_days: how long
    before the end an outstanding deliverable is called behind.
    """

    on_pace: float = 0.98
    behind: float = 0.80
    due: float = 0.5
    notice_days: int = 30


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Pace:
    """How an indicator stands; the fields carry the names and the meaning they have in Figure."""

    status: Status
    share: float | None = None
    expected: float | None = None
    projection: float | None = None
    months_active: int | None = None
    months_elapsed: int | None = None
    months_filled: tuple[bool | None, ...] = ()
    units_met: int | None = None
    units_total: int | None = None


def expected(
    target: Number,
    period: Period,
    as_of: date,
    plan: Sequence[Number] | None = None,
    amendments: Sequence[Amendment] = (),
) -> float:
    """What is due at the end of the day, in units: linear, or by a plan of monthly targets (linear inside a month).

    Before the period nothing is due. target is the newest; amendments, in order of their days, bend the line (see
    amended). A plan stands as it was entered.
    """
    if as_of < period.start:
        return 0.0
    first = float(amendments[0].before if amendments else target)
    if plan:
        return sum(
            float(amount) * Period(*month).elapsed(as_of) for amount, month in zip(plan, period.months, strict=False)
        )
    return amended(first, amendments, period, as_of)


def amended(target: float, amendments: Sequence[Amendment], period: Period, as_of: date) -> float:
    """The line of what is due, from nothing before the first day to the target on the last one: each amendment turns it
    on the day before it takes effect, from what is due by then straight to the new target on the last day."""
    day, done, due, goal = period.day_of(as_of), 0, 0.0, target
    for amendment in amendments:
        turn = max(period.day_of(amendment.effective_on) - 1, 0)
        if not done <= turn < day:
            break
        due, done, goal = _between(due, goal, (turn - done) / (period.days - done)), turn, float(amendment.after)
    return _between(due, goal, (day - done) / (period.days - done))


def _between(start: float, end: float, part: float) -> float:
    return end if part == 1 else start + (end - start) * part


def projection(actual: Number, period: Period, as_of: date, base: Number = 0) -> float | None:
    """The value on the last day if the speed so far continues, in units; None before the first day.

    base: what a stock had before the period of what was counted in it, which is no speed.
    """
    elapsed = period.elapsed(as_of)
    return float(base) + (float(actual) - float(base)) / elapsed if elapsed else None


def at_least(
    actual: Number,
    target: Number,
    period: Period,
    as_of: date,
    plan: Sequence[Number] | None = None,
    base: Number = 0,
    limits: Limits = DEFAULT_LIMITS,
    amendments: Sequence[Amendment] = (),
) -> Pace:
    """Pace of "at least n". Once the period is over, what misses the target is never called on pace."""
    due = expected(target, period, as_of, plan, amendments)
    return Pace(
        _at_least_status(actual, target, due, period, as_of, limits),
        share=float(actual) / float(target) if target else None,
        expected=due,
        projection=projection(actual, period, as_of, base),
    )


def standing(actual: Number, target: Number, period: Period, as_of: date, limits: Limits = DEFAULT_LIMITS) -> Pace:
    """Pace of what must be there on every day (staff in post): the whole target is expected from the first day on."""
    share = float(actual) / float(target) if target else None
    if as_of < period.start:
        return Pace("not_started", share=share, expected=0.0)
    status = "achieved" if actual >= target else _lag(float(actual), float(target), as_of > period.end, limits)
    return Pace(status, share=share, expected=float(target), projection=float(actual))


def ongoing(active: Sequence[bool], period: Period, as_of: date, limits: Limits = DEFAULT_LIMITS) -> Pace:
    """Pace of "ongoing" from each contract month's "has a record"; a missing tail counts as no record.

    The running month is elapsed, but not missing before it is over: without a record it is None in months_filled.
    Achieved only from the last day on; never a share, an expected value or a projection.
    """
    started, completed = period.months_started(as_of), period.months_completed(as_of)
    known = [month < min(len(active), started) and bool(active[month]) for month in range(len(period.months))]
    filled = tuple(has or (False if month < completed else None) for month, has in enumerate(known))
    return Pace(
        _ongoing_status(sum(known[:completed]), completed, any(known), period, as_of, limits),
        months_active=sum(known),
        months_elapsed=started,
        months_filled=filled,
    )


def several(actual: Number, period: Period, as_of: date) -> Pace:
    """Pace of "several": one is enough, and there is no share."""
    return Pace("achieved" if actual >= 1 and as_of >= period.start else "not_started")


def deliver(
    accepted: Number,
    target: Number,
    period: Period,
    as_of: date,
    begun: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Pace:
    """Pace of "deliver n": a deliverable is due on the last day, so nothing lags before limits.notice_days to the end.

    Outstanding in those last days it is behind, after the last day at risk. begun: some of its documents exist.
    """
    share = float(accepted) / float(target) if target else None
    return Pace(_deliver_status(accepted, target, period, as_of, begun, limits), share=share)


def ratio(
    numerator: Number, denominator: Number, target: Number, period: Period, as_of: date, limits: Limits = DEFAULT_LIMITS
) -> Pace:
    """Pace of "numerator / denominator ≥ target" (target a fraction, 0.9 for 90 %).

    The whole target is expected on every day, and reached means achieved today: a later record may undo it.
    Nothing in the denominator is nothing due: not started.
    """
    if not denominator or as_of < period.start:
        return Pace("not_started", expected=float(target))
    reached = float(numerator) / float(denominator)
    met = float(numerator) + FLOAT_ERROR >= float(target) * float(denominator)
    status = "achieved" if met else _lag(reached, float(target), as_of > period.end, limits)
    return Pace(status, share=reached / float(target) if target else None, expected=float(target))


def per_unit(
    actuals: Sequence[Number],
    target: Number,
    period: Period,
    as_of: date,
    plan: Sequence[Number] | None = None,
    limits: Limits = DEFAULT_LIMITS,
    amendments: Sequence[Amendment] = (),
) -> Pace:
    """Pace of "every unit reaches n" from the units' values: the worst unit decides; expected is for one unit.

    share is units that reached n / all units. A unit not started does not hold back those that have.
    """
    due = expected(target, period, as_of, plan, amendments=amendments)
    statuses = {_at_least_status(actual, target, due, period, as_of, limits) for actual in actuals}
    met = sum(actual >= target for actual in actuals)
    return Pace(
        _worst(statuses),
        share=met / len(actuals) if actuals else None,
        expected=due,
        units_met=met,
        units_total=len(actuals),
    )


@dataclass(frozen=True, slots=True)
class Closing:
    """How a gap of `remaining` units stands to the present speed; needed and speed in units a week.

    needed: None after the last day; reached_on: when the present speed gets there, None if it never does (in ten years).
    """

    remaining: float
    days_left: int
    needed: float | None
    speed: float
    reached_on: date | None


def closing(remaining: Number, period: Period, as_of: date, recent: Number = 0, days: int = 0) -> Closing:
    """What closes a gap, if the last `days` days added `recent` units; nothing is to be closed where nothing is left."""
    left, days_left = max(float(remaining), 0.0), (period.end - as_of).days
    speed = float(recent) / days * DAYS_OF_A_WEEK if days else 0.0
    wait = ceil(left / speed * DAYS_OF_A_WEEK - FLOAT_ERROR) if speed > 0 else LONGEST_WAIT
    return Closing(
        remaining=left,
        days_left=days_left,
        needed=left * DAYS_OF_A_WEEK / days_left if days_left > 0 else None,
        speed=speed,
        reached_on=as_of + timedelta(days=wait) if wait < LONGEST_WAIT else None,
    )


def a_month(weekly: float) -> float:
    """What so many units a week are in a month."""
    return weekly / DAYS_OF_A_WEEK * DAYS_OF_A_MONTH


@dataclass(frozen=True, slots=True)
class Portion:
    """One part of a number: its share (a fraction of the whole), and what it has to add each week if the shares stay."""

    share: float
    weekly: float | None


def portions(parts: Sequence[Number], needed: float | None) -> list[Portion]:
    """The shares of parts, and what each has to do of `needed` units a week."""
    whole = sum(float(part) for part in parts)
    shares = [float(part) / whole if whole else 0.0 for part in parts]
    return [Portion(share, None if needed is None else share * needed) for share in shares]


def _at_least_status(actual: Number, target: Number, due: float, period: Period, as_of: date, limits: Limits) -> Status:
    if as_of < period.start:
        return "not_started"
    if actual >= target:
        return "achieved"
    if not actual and due < limits.due and as_of <= period.end:
        return "not_started"
    return _lag(float(actual), due, as_of > period.end, limits)


def _lag(actual: float, due: float, over: bool, limits: Limits) -> Status:
    if actual + FLOAT_ERROR >= limits.on_pace * due and not over:
        return "on_pace"
    return "behind" if actual + FLOAT_ERROR >= limits.behind * due else "at_risk"


def _ongoing_status(
    active: int, completed: int, any_record: bool, period: Period, as_of: date, limits: Limits
) -> Status:
    if not completed:
        return "on_pace" if any_record else "not_started"
    if active == completed:
        return "achieved" if as_of >= period.end else "on_pace"
    return "behind" if active + FLOAT_ERROR >= limits.behind * completed else "at_risk"


def _deliver_status(
    accepted: Number, target: Number, period: Period, as_of: date, begun: bool, limits: Limits
) -> Status:
    days_left = (period.end - as_of).days
    if as_of < period.start:
        return "not_started"
    if accepted >= target:
        return "achieved"
    if days_left < limits.notice_days:
        return "behind" if days_left >= 0 else "at_risk"
    return "on_pace" if accepted or begun else "not_started"


def _worst(statuses: set[Status]) -> Status:
    if not statuses or statuses == {"not_started"}:
        return "not_started"
    order: tuple[Status, ...] = ("at_risk", "behind", "on_pace", "not_started")
    for status in order:
        if status in statuses:
            return "on_pace" if status == "not_started" else status
    return "achieved"
