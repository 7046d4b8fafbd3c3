"""How one indicator is counted, by its kind of target (contracts.md, "Target kinds"): its figure and its proof."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from typing import Any, cast

from sqlalchemy import Select, case, func, select

from models import MEASURES, RECORDS
from models.contract import Counting, Indicator, Per, TargetKind
from models.general import SUFFIX, wrong_arguments
from models.measures import Facts, Measure
from models.periods import Period
from models.words import L
from services import facts, pace
from services.awaited import NO_RULE, label_of
from services.db import PortalSession
from services.facts import Span
from services.figures import Amendment, Figure, Kind, Number, UnitFigure, number
from services.series import Added, Series
from services.summary import Summaries, Wanted


def waits_for(indicator: Indicator) -> L | None:
    """What is missing before the indicator can be counted: a record type, or its counting rule; None if nothing is."""
    wanted = [indicator.measure, indicator.of_measure] if indicator.kind == TargetKind.RATIO else [indicator.measure]
    for measure in wanted:
        if measure not in MEASURES:
            return label_of(measure.split(".")[0]) if measure else NO_RULE
    if not _askable(indicator):
        return NO_RULE
    return label_of("staff_member") if indicator.per == Per.WORKER else None


@dataclass(frozen=True, slots=True)
class Task:
    """One indicator to be counted: in which period, up to which day, over which stations; against which monthly plan
    and after which amendments of its target, those in force on the day; live without a summary."""

    session: PortalSession
    indicator: Indicator
    period: Period
    as_of: date
    stations: tuple[tuple[int, str], ...]
    plan: tuple[Number, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    records: tuple[str, ...] = ()
    summary: Summaries | None = None

    @property
    def target(self) -> Number:
        return self.amendments[-1].after if self.amendments else number(self.indicator.target)

    @property
    def months(self) -> int:
        return self.period.months_started(self.as_of)

    def added(self, *, by_station: bool = False, of: bool = False) -> list[Added]:
        """What counts, by month; by station without what belongs to none; `of`: of a ratio's denominator."""
        known = {station for station, _ in self.stations}
        months = self._series(self.wanted(by_station=by_station, of=of)).months(self.period, self.as_of)
        return [one for one in months if not by_station or one.station in known]

    def wanted(self, *, by_station: bool, of: bool) -> Wanted:
        indicator = self.indicator
        measure, args = (indicator.of_measure, indicator.of_args) if of else (indicator.measure, indicator.args)
        return Wanted(
            indicator.id or 0,
            "of" if of else "n",
            (measure, sorted(args.items()), indicator.contract_id),
            lambda: (_base_facts if of else _facts)(indicator),
            counting_of(indicator),
            self.period,
            by_station,
            self.records,
        )

    def _series(self, wanted: Wanted) -> Series:
        """From the summary, or live; what stands on the day is told by that day alone, and so never summed up."""
        if self.summary and wanted.counting != Counting.STANDING:
            return self.summary.read(wanted)
        span = Span.of(self.period, self.as_of)
        statement = facts.added(wanted.facts(), wanted.counting, span, by_station=wanted.by_station)
        return Series.of(self.period.start, (tuple(row) for row in self.session.execute(statement)))

    def by_month(self, added: Iterable[Added]) -> tuple[Number, ...]:
        """What each started month added; of a stock, what it was at the month's end."""
        months = self._summed((one.month, one.n) for one in added)
        return tuple(_running_total(months) if is_stock(self.indicator) else months)

    def carried(self, added: Iterable[Added]) -> tuple[Number, ...]:
        """Of a stock, what those counted in each started month for the first time had been before the period."""
        return tuple(self._summed((one.month, one.base) for one in added)) if is_stock(self.indicator) else ()

    def _summed(self, numbers: Iterable[tuple[int, Number]]) -> list[Number]:
        months: list[Number] = [0] * self.months
        for month, n in numbers:
            months[month] = _plus(months[month], n)
        return months


def blank(task: Task, category: str) -> Figure:
    """The indicator as the contract and its amendments print it, before anything is counted."""
    indicator = task.indicator
    scale = 100 if indicator.kind == TargetKind.RATIO else 1
    amendments = tuple(Amendment(a.effective_on, _cut(a.before, scale), _cut(a.after, scale)) for a in task.amendments)
    return Figure(
        id=indicator.id or 0,
        code=indicator.code,
        name=L(indicator.zh, indicator.en),
        category=category,
        kind=cast(Kind, str(indicator.kind)),
        target=None if indicator.target is None else _cut(task.target, scale),
        unit=L(indicator.unit_zh, indicator.unit_en),
        actual=None,
        expected=None,
        share=None,
        status="waiting",
        is_stock=_is_level(indicator),
        waits_for=waits_for(indicator),
        rule=L(indicator.rule_zh, indicator.rule_en),
        wording=indicator.wording,
        plan=task.plan,
        original_target=_cut(number(indicator.target), scale) if amendments else None,
        amendments=amendments,
    )


def _cut(value: Number, scale: int) -> Number:
    """A ratio's target, which is stored in per cent, as a fraction."""
    return float(value) / scale if scale != 1 else value


def count(blank: Figure, task: Task) -> Figure:
    return blank if blank.waits_for else replace(blank, **_KINDS[blank.kind](task))


def _at_least(task: Task) -> dict[str, Any]:
    told = _told(task)
    if _is_told_by_day(task.indicator):
        found = pace.standing(told["actual"], task.target, task.period, task.as_of)
    else:
        goal = (task.target, task.period, task.as_of, task.plan, _sum(told["carried"]))
        found = pace.at_least(told["actual"], *goal, amendments=task.amendments)
    return told | _paced(found)


def _several(task: Task) -> dict[str, Any]:
    told = _told(task)
    return told | _paced(pace.several(told["actual"], task.period, task.as_of))


def _told(task: Task) -> dict[str, Any]:
    if _is_told_by_day(task.indicator):
        months = _standing(task)
        return {"actual": months[-1] if months else 0, "by_month": months}
    added = task.added()
    return {"actual": _total(added), "by_month": task.by_month(added), "carried": task.carried(added)}


def _standing(task: Task) -> tuple[Number, ...]:
    """How many there were at the end of each started month, the last of them being the day itself."""
    lasts = [min(last, task.as_of) for _, last in task.period.months[: task.months]]
    if not lasts:
        return ()
    standing = facts.standing_on(_facts(task.indicator), task.period.start, lasts)
    return tuple(map(number, task.session.execute(standing).one()))


def _deliver(task: Task) -> dict[str, Any]:
    """Beside what was accepted: of the documents that it takes, how many there are."""
    added = task.added()
    required, published = _documents(task)
    found = pace.deliver(_total(added), task.target, task.period, task.as_of, begun=published > 0)
    documents = {"numerator": published, "denominator": required} if required else {}
    return {"actual": _total(added), "by_month": task.by_month(added), **documents, **_paced(found)}


def _askable(indicator: Indicator) -> bool:
    """Whether its measures take the arguments that it has; one that they do not must not take the board down."""
    asked = [(indicator.measure, indicator.args)]
    if indicator.kind == TargetKind.RATIO:
        asked.append((indicator.of_measure, indicator.of_args))
    general = (
        name for name, args in asked if name.endswith(SUFFIX) and wrong_arguments(RECORDS[name[: -len(SUFFIX)]], args)
    )
    return not any(general) and all(MEASURES[name].fits(args) for name, args in asked)


def documents_of(indicator: Indicator) -> Measure | None:
    """What tells the documents that an accepted deliverable takes; a rule of one's own has none."""
    record, _, what = indicator.measure.partition(".")
    return MEASURES.get(f"{record}.documents") if what == "accepted" else None


def _documents(task: Task) -> tuple[int, int]:
    """Documents required, and published by the day: the rows of `<record>.documents`, dated when they are published."""
    indicator, documents = task.indicator, documents_of(task.indicator)
    if documents is None:
        return 0, 0
    args = json.dumps(indicator.args, sort_keys=True)
    fact = _selected(documents, args, indicator.contract_id).subquery("document").c
    published = func.sum(case((fact.day <= task.as_of, 1), else_=0))
    required, there = task.session.execute(select(func.count(), published).select_from(fact.day.table)).one()
    return required, there or 0


def _ongoing(task: Task) -> dict[str, Any]:
    """The actual value is the number of months with a record: of a station's, months in which every station has one."""
    per_unit = task.indicator.per == Per.UNIT
    added = task.added(by_station=per_unit)
    units = _months_of_stations(task, added) if per_unit else {}
    sets = [set(months) for months in units.values()] if per_unit else [{one.month for one in added}]
    everywhere = set.intersection(*sets) if sets else set()
    found = pace.ongoing([month in everywhere for month in range(task.months)], task.period, task.as_of)
    values = {"actual": found.months_active, "by_month": task.by_month(added), **_paced(found)}
    if not per_unit:
        return values
    done = set(range(task.period.months_completed(task.as_of)))
    shown = tuple(UnitFigure(key, name, len(units[key]), units[key] >= done) for key, name in task.stations)
    return values | {"units": shown, "units_met": sum(unit.met for unit in shown), "units_total": len(shown)}


def _months_of_stations(task: Task, added: Iterable[Added]) -> dict[int, set[int]]:
    months: dict[int, set[int]] = {station: set() for station, _ in task.stations}
    for one in added:
        months[cast(int, one.station)].add(one.month)
    return months


def _ratio(task: Task) -> dict[str, Any]:
    above = task.added()
    below = task.added(of=True)
    part, whole, target = _total(above), _total(below), float(task.target) / 100
    found = pace.ratio(part, whole, target, task.period, task.as_of)
    months = zip(task.by_month(above), task.by_month(below), strict=True)
    return {
        "actual": float(part) / float(whole) if whole else None,
        "numerator": part,
        "denominator": whole,
        "by_month": tuple(float(n) / float(of) if of else 0.0 for n, of in months),
        **_paced(found),
    }


def _per_unit(task: Task) -> dict[str, Any]:
    """Every station, also one without records; the actual value is their sum."""
    added = task.added(by_station=True)
    values = {station: _total(one for one in added if one.station == station) for station, _ in task.stations}
    units = tuple(UnitFigure(key, name, values[key], values[key] >= task.target) for key, name in task.stations)
    actuals = [unit.actual for unit in units]
    found = pace.per_unit(actuals, task.target, task.period, task.as_of, task.plan, amendments=task.amendments)
    return {"actual": _total(added), "by_month": task.by_month(added), "units": units, **_paced(found)}


_KINDS: dict[str, Callable[[Task], dict[str, Any]]] = {
    "at_least": _at_least,
    "several": _several,
    "deliver": _deliver,
    "ongoing": _ongoing,
    "ratio": _ratio,
    "per_unit": _per_unit,
}


def proof(task: Task, month: int | None = None) -> Select[Any]:
    """The rows that add up to the number, or to a month's column in the trend."""
    indicator, period = task.indicator, task.period
    first, last = period.months[month] if month is not None else (period.start, period.end)
    of_stations = indicator.per == Per.UNIT
    is_today = counting_of(indicator) == Counting.STANDING and not _is_level(indicator)  # also for a month's part
    span = Span.of(period, task.as_of if is_today else min(task.as_of, last))
    found = facts.proof(_facts(indicator), counting_of(indicator), span, by_station=of_stations)
    rows = select(*found.c)
    if of_stations:
        rows = rows.where(found.c.station.in_([station for station, _ in task.stations]))
    return rows if _is_level(indicator) else rows.where(found.c.day.between(first, last))


def _facts(indicator: Indicator) -> Facts:
    return _selected(MEASURES[indicator.measure], json.dumps(indicator.args, sort_keys=True), indicator.contract_id)


def _base_facts(indicator: Indicator) -> Facts:
    """What the denominator of a ratio counts."""
    of = json.dumps(indicator.of_args, sort_keys=True)
    return _selected(MEASURES[indicator.of_measure], of, indicator.contract_id)


@lru_cache(maxsize=500)
def _selected(measure: Measure, args: str, contract_id: int) -> Facts:
    """A SELECT takes longer to put together than to run."""
    return measure.facts(json.loads(args), contract_id)


def counting_of(indicator: Indicator) -> Counting:
    """A month is covered by any record: ongoing indicators count every one."""
    return Counting.SUM if indicator.kind == TargetKind.ONGOING else indicator.counting


def is_stock(indicator: Indicator) -> bool:
    return counting_of(indicator) == Counting.LATEST


def _is_told_by_day(indicator: Indicator) -> bool:
    """Whether each month's value is what there was on its last day, whatever is there today."""
    kinds = (TargetKind.AT_LEAST, TargetKind.SEVERAL)
    return indicator.counting == Counting.STANDING and indicator.kind in kinds


def _is_level(indicator: Indicator) -> bool:
    """Whether a month's value is what there was at its end, not what the month added."""
    return is_stock(indicator) or _is_told_by_day(indicator)


def records(indicator: Indicator) -> frozenset[str]:
    """The record types that the indicator's measures read; none while it waits for one."""
    if waits_for(indicator):
        return frozenset()
    found = facts.records_of(_facts(indicator))
    if indicator.kind == TargetKind.RATIO:
        found |= facts.records_of(_base_facts(indicator))
    return found


def feeds(indicator: Indicator) -> tuple[facts.Feed, ...]:
    """What feeds the indicator's number; nothing while it waits for a record type."""
    return () if waits_for(indicator) else facts.feeds_of(_facts(indicator), MEASURES[indicator.measure].record)


def _paced(found: pace.Pace) -> dict[str, Any]:
    return {field.name: getattr(found, field.name) for field in fields(found)}


def _total(added: Iterable[Added]) -> Number:
    return _sum(one.n for one in added)


def _sum(numbers: Iterable[Number]) -> Number:
    total: Number = 0
    for one in numbers:
        total = _plus(total, one)
    return total


def _plus(a: Number, b: Number) -> Number:
    return number(a + b)  # type: ignore[operator]


def _running_total(numbers: Iterable[Number]) -> Iterator[Number]:
    total: Number = 0
    for one in numbers:
        total = _plus(total, one)
        yield total
