"""Sessions that recur: planned together from one rule, then changed one by one, from one on, or all (feature T2).

Every session of a series is a session like any other; the series says only where it came from and its place in it. A
change of several is one transaction: all of them, or none. Held and cancelled ones stay as they are, in their place.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import col, select

from models.periods import WorkCalendar
from models.planning import TrainingSeries, Weekday
from models.training import OVER, SessionState, TrainingSession
from services import clashes, clock, db, holidays, kit, store, teaching, training
from services.access import Actor
from services.clashes import Clash
from services.db import PortalSession
from services.errors import Conflict, Invalid
from services.kit import Shortage
from services.training import SESSION

MOST = 100
REACH = timedelta(days=5 * 366)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
TIMES = ("starts", "ends", "registration_opens", "registration_closes")
OWN = ("code", "state")


@dataclass(frozen=True, slots=True)
class Rule:
    """Every n weeks, counted from the first day's week, on these weekdays, until a day (included) or so many times."""

    weekdays: Collection[Weekday]
    every: int = 1
    until: date | None = None
    times: int | None = None
    skip_holidays: bool = True

    def problems(self, first: date) -> dict[str, str]:
        """{field: error code}; until or times ends it, both together whichever comes first."""
        found = {} if self.weekdays else {"weekdays": "required"}
        if not 1 <= self.every <= 52:
            found["every"] = "too_small" if self.every < 1 else "too_large"
        if self.until is None and self.times is None:
            found["until"] = "series_end"
        if self.until is not None and self.until < first:
            found["until"] = "ends_before_start"
        if self.times is not None and not 1 <= self.times <= MOST:
            found["times"] = "too_small" if self.times < 1 else "series_too_long"
        return found


@dataclass(frozen=True, slots=True)
class Occasion:
    """One day that the rule names: skipped as a holiday, or a session with what is in its way."""

    day: date
    starts: datetime
    ends: datetime
    is_holiday: bool = False
    clashes: Sequence[Clash] = ()
    short: Sequence[Shortage] = ()

    @property
    def in_the_way(self) -> list[str]:
        """The names of what is taken or short that day."""
        return list(dict.fromkeys([clash.name for clash in self.clashes] + [short.name for short in self.short]))


class Scope(StrEnum):
    """How much of a series a change is meant for."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Member:
    """A session of a series, in its place."""

    id: int
    place: int
    starts: datetime
    ends: datetime
    state: SessionState


def days(rule: Rule, first: date, calendar: WorkCalendar) -> list[tuple[date, bool]]:
    """The days of the rule from the first on, and whether each is skipped as a holiday; skipped ones do not count.

    Raises Invalid for a rule that cannot be, that gives nothing, or more than MOST sessions.
    """
    problems = rule.problems(first)
    if problems:
        raise Invalid(problems)
    monday, found, held = first - DAY * first.weekday(), [], 0
    last = min(rule.until or date.max, first + REACH)
    wanted = {int(weekday) for weekday in rule.weekdays}
    day = first
    while day <= last and held < (rule.times or MOST + 1):
        if day.weekday() in wanted and (day - monday).days // 7 % rule.every == 0:
            skipped = rule.skip_holidays and day in calendar.off
            found.append((day, skipped))
            held += not skipped
        day += DAY
    if not held:
        raise Invalid({"until": "series_empty"})
    if held > MOST:
        raise Invalid({"until": "series_too_long"})
    return found


def shifted(moment: datetime, by: timedelta) -> datetime:
    """So many days and hours later by the clock on the wall."""
    return clock.from_local(clock.local(moment).replace(tzinfo=None) + by)


# -- planning a series -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would give, or what is wrong with it, {field: error code}; and the years without holidays on file."""

    occasions: Sequence[Occasion] = ()
    problems: Mapping[str, str] = field(default_factory=dict)
    unknown_years: Sequence[int] = ()


def preview(actor: Actor, given: Mapping[str, Any], rule: Rule, equipment: kit.Wanted = kit.NOTHING) -> Preview:
    """Every day of the rule with what is in its way; the number of statements does not grow with the days."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        calendar = holidays.calendar(s)
        try:
            found = _occasions(given, rule, calendar)
        except Invalid as error:
            return Preview(problems=error.fields)
        held = [one for one in found if not one.is_holiday]
        span = held[0].starts, held[-1].ends
        teachers = given.get("instructors") or []
        others = clashes.between(s, given.get("venue_id"), teachers, *span, None)
        known, taken = kit.stock(s, list(equipment)), kit.taken(s, list(equipment), *span)
        met = [one if one.is_holiday else _met(one, others, known, taken, equipment) for one in found]
        return Preview(met, unknown_years=_unknown(calendar, found) if rule.skip_holidays else ())


def _unknown(calendar: WorkCalendar, found: Sequence[Occasion]) -> list[int]:
    return [year for year in sorted({one.day.year for one in found}) if not calendar.known(year)]


def _occasions(given: Mapping[str, Any], rule: Rule, calendar: WorkCalendar) -> list[Occasion]:
    missing = {name: "required" for name in ("starts", "ends") if not isinstance(given.get(name), datetime)}
    if missing:
        raise Invalid(missing)
    starts, ends = given["starts"], given["ends"]
    first = clock.local(starts).date()
    return [
        Occasion(day, shifted(starts, day - first), shifted(ends, day - first), skipped)
        for day, skipped in days(rule, first, calendar)
    ]


def _met(
    one: Occasion, others: Sequence[Clash], known: Any, taken: Sequence[kit.Taken], equipment: kit.Wanted
) -> Occasion:
    there = [clash for clash in others if clash.starts < one.ends and clash.ends > one.starts]
    short = kit.shortages(known, equipment, taken, one.starts, one.ends)
    return Occasion(one.day, one.starts, one.ends, clashes=there, short=short)


def create(
    actor: Actor,
    given: Mapping[str, Any],
    rule: Rule,
    chosen: Collection[date] | None = None,
    *,
    equipment: kit.Wanted = kit.NOTHING,
    override_reason: str = "",
    token: str | None = None,
    today: date | None = None,
) -> list[int]:
    """Create the sessions of the rule, or those on the chosen days of it, in one transaction; returns their ids in order.

    Raises Invalid as `days` and services.training.save_session do, and not_in_series for a day that is not the rule's.
    """
    actor.need("write", "training")
    with db.unit(actor, reason=override_reason, token=token) as s:
        found = [one for one in _occasions(given, rule, holidays.calendar(s)) if not one.is_holiday]
        wanted = {one.day for one in found} if chosen is None else set(chosen)
        if not wanted:
            raise Invalid({"": "series_empty"})
        if wanted - {one.day for one in found}:
            raise Invalid({"": "not_in_series"})
        series = _series(s, given, rule, min(wanted))
        made = []
        for place, one in enumerate((one for one in found if one.day in wanted), 1):
            s.info["series"] = {"series_id": series.id, "series_place": place}
            own = _moved(given, clock.local(one.starts).date() - clock.local(given["starts"]).date())
            made.append(db.id_of(training.put(s, own, None, equipment, today)))
        return made


def _series(s: PortalSession, given: Mapping[str, Any], rule: Rule, first: date) -> TrainingSeries:
    made = TrainingSeries(
        title=str(given.get("title") or "")[:120], first_on=first, every_weeks=rule.every,
        weekdays=sorted(rule.weekdays), until=rule.until, times=rule.times, skip_holidays=rule.skip_holidays,
        unit_id=given.get("unit_id"),
    )  # fmt: skip
    s.add(made)
    s.flush()
    return made


def _moved(given: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    """The values of a session so many days later; its number is its own."""
    times = {name: shifted(given[name], by) for name in TIMES if given.get(name)}
    return {**given, **times, "code": None}


# -- a series that exists --------------------------------------------------------------------------------------------


def members(actor: Actor, session_id: int) -> list[Member]:
    """The sessions of the series that this one belongs to, in their places; none where it belongs to none."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        row = store.find(s, SESSION, session_id)
        found = _members(s, row.series_id) if row.series_id else []
        return [
            Member(db.id_of(one), one.series_place or 0, one.starts, one.ends, SessionState(one.state)) for one in found
        ]


def _members(s: PortalSession, series_id: int) -> list[TrainingSession]:
    mine = select(TrainingSession).where(TrainingSession.series_id == series_id)
    return list(s.exec(mine.order_by(col(TrainingSession.series_place))))


def change(
    actor: Actor,
    session_id: int,
    given: Mapping[str, Any],
    scope: Scope,
    *,
    version: int | None = None,
    equipment: kit.Wanted | None = None,
    override_reason: str = "",
    token: str | None = None,
    today: date | None = None,
) -> int:
    """Change a session, and what was changed of it also in the others of the scope; returns how many were changed.

    Times move by as much as the session's own did, by the clock on the wall. Raises as services.training.save_session does.
    """
    actor.need("write", "training")
    with db.unit(actor, reason=override_reason, token=token) as s:
        row = db.lock(s, TrainingSession, session_id)
        if version is not None and version != row.version:
            raise Conflict(given, store.get(actor, SESSION, session_id).values)
        change = _changes(s, row, given)
        changed_kit = equipment if equipment is not None and equipment != kit.booked(s, session_id) else None
        rows = _in_scope(s, row, scope)
        if change.later > timedelta():
            rows.reverse()  # the last one first, so that none moves to where the next still is
        for one in rows:
            training.put(s, given if one.id == session_id else change.of(one), one, changed_kit, today)
        return len(rows)


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed of a session: new values, by how much times were moved, new times as a distance from the start."""

    values: Mapping[str, Any]
    by: Mapping[str, timedelta]
    from_start: Mapping[str, timedelta]

    @property
    def later(self) -> timedelta:
        return self.by.get("starts", timedelta())

    def of(self, one: TrainingSession) -> dict[str, Any]:
        """The same change for another session of the series; a time that it does not have stays empty."""
        moved = {name: shifted(getattr(one, name), by) for name, by in self.by.items() if getattr(one, name)}
        starts = moved.get("starts", one.starts)
        return {**self.values, **moved, **{name: shifted(starts, by) for name, by in self.from_start.items()}}


def _changes(s: PortalSession, row: TrainingSession, given: Mapping[str, Any]) -> Change:
    stored = store.current(s, SESSION, row) | {"instructors": teaching.teaching_in(s, db.id_of(row))}
    asked = {**given, **({"instructors": sorted(given["instructors"] or [])} if "instructors" in given else {})}
    new = {n: value for n, value in asked.items() if n in stored and n not in OWN and value != stored[n]}
    times = {name: new.pop(name) for name in TIMES if new.get(name)}
    return Change(
        new,
        {name: _apart(at, stored[name]) for name, at in times.items() if stored[name]},
        {name: _apart(at, asked.get("starts", row.starts)) for name, at in times.items() if not stored[name]},
    )


def _apart(new: datetime, old: datetime) -> timedelta:
    """How much later by the clock on the wall."""
    return clock.local(new).replace(tzinfo=None) - clock.local(old).replace(tzinfo=None)


def _in_scope(s: PortalSession, row: TrainingSession, scope: Scope) -> list[TrainingSession]:
    """The session itself, and those of the scope that are still to be held, in their order; all of them locked."""
    if scope == Scope.THIS or row.series_id is None:
        return [row]
    others = [
        one
        for one in _members(s, row.series_id)
        if one.id == row.id
        or (one.state not in OVER and (scope == Scope.ALL or (one.series_place or 0) > (row.series_place or 0)))
    ]
    return [db.lock(s, TrainingSession, db.id_of(one)) for one in others]


def cancel(actor: Actor, session_id: int, scope: Scope, reason: str, *, token: str | None = None) -> int:
    """Cancel the sessions of the scope; they keep their place. Returns how many. Raises Invalid without a reason."""
    actor.need("write", "training")
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason, token=token) as s:
        row = db.lock(s, TrainingSession, session_id)
        rows = [one for one in _in_scope(s, row, scope) if one.state not in OVER]
        for one in rows:
            training.put(s, {"state": SessionState.CANCELLED}, one, None)
        return len(rows)
