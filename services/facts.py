"""What the fact columns of a measure say in SQL: the days, the stations and the rows that make up a number.

A fact counts as of day D in the period P when it holds on some day of P up to D (contracts.md, "Measures"): an event on
its own day, a state from its first day to its `until`. It is placed on the first day of P on which it holds.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Join,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.schema import Table
from sqlalchemy.sql import visitors

from models import RECORDS
from models.contract import Counting
from models.measures import Facts
from models.periods import Period


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a contract period that counts: its days up to `last`."""

    first: date
    last: date

    @classmethod
    def of(cls, period: Period, as_of: date) -> "Span":
        return cls(period.start, min(as_of, period.end))


@lru_cache(maxsize=500)
def records_of(facts: Facts) -> frozenset[str]:
    """The record types that a measure reads: every audited table in it."""
    return frozenset(
        element.name for element in visitors.iterate(facts) if isinstance(element, Table) and element.name in RECORDS
    )


NOT_PLAIN = re.compile(r"\b(GROUP BY|DISTINCT|OVER|LIMIT|SELECT\b.*\bSELECT)\b", re.S)


@lru_cache(maxsize=500)
def is_plain(part: Select[Any]) -> bool:
    """Each of its facts comes from one row of each of its tables, and from no other row of them."""
    sources = [element for element in visitors.iterate(part) if isinstance(element, FromClause)]
    return not NOT_PLAIN.search(str(part)) and all(
        isinstance(source, Join) or (isinstance(source, Table) and source.name in RECORDS) for source in sources
    )


class Of(Enum):
    """Which days of a span: every one, those given as the parameter `days`, or those and its first among them."""

    EVERY = "every"
    GIVEN = "given"
    GIVEN_AND_FIRST = "first"

    @classmethod
    def days(cls, days: Collection[date] | None, span: Span) -> "Of":
        """The span's first day holds what began before it, too, and so is asked for in another way."""
        if days is None:
            return cls.EVERY
        return cls.GIVEN_AND_FIRST if span.first in days else cls.GIVEN


class Feed(NamedTuple):
    """A record type that feeds a measure, and its field with the day on which it counts ("" where no one field has it)."""

    record: str
    day: str


def feeds_of(facts: Facts, own: str) -> tuple[Feed, ...]:
    """What feeds a measure of the record type `own`: that type first, then the others of a union by name."""
    columns = facts.subquery().c
    days = [column for column in columns.day.base_columns if isinstance(column, Column)]
    records = {marker.value or own for marker in columns.record.base_columns}  # type: ignore[attr-defined]
    return tuple(Feed(name, _own_day(name, days)) for name in sorted(records, key=lambda name: (name != own, name)))


def _own_day(record: str, days: list[Column[Any]]) -> str:
    known = RECORDS[record].by_name
    return next((day.name for day in days if day.table.name == record and day.name in known), "")


GIVEN = bindparam("days", type_=Date, expanding=True)


def holding(facts: Facts, span: Span, *, to_the_last: bool = False, days: Of = Of.EVERY) -> FromClause:
    """The facts that count, each on the day on which it is placed (of those `days`); before the period none does.

    to_the_last: a state counts only if it still holds on the span's last day.
    """
    fact = facts.subquery("fact").c
    began = case((fact.day < span.first, literal(span.first, Date)), else_=fact.day)
    columns = (began.label("day"), fact.ref, fact.station, fact.worker, fact.who, fact.n, fact.record)
    return select(*columns).where(*_holds(fact, span, to_the_last, days)).subquery("holding")


@lru_cache(maxsize=500)
def added(
    facts: Facts, counting: Counting, span: Span, *, by_station: bool = False, days: Of = Of.EVERY
) -> Select[Any]:
    """What each day (of those `days`) adds to the number: rows of (day, station or NULL, n, base); n adds up to the number.

    Distinct: each `who` is added once, on its first day (by_station: once in each station); standing: of those alone
    that still hold on the last day. Latest: the change from the snapshot before; base is what the same `who` counted in
    its last snapshot before the period. But for standing no row depends on the span's last day: it only cuts them off.
    """
    if counting == Counting.LATEST:
        steps = _steps(facts, span)
    elif counting == Counting.SUM:
        steps = _sums(facts, span, by_station, days)
    elif days != Of.EVERY:
        steps = _first_days_of(facts, span, by_station, days)
    else:
        held = holding(facts, span, to_the_last=counting == Counting.STANDING).c
        steps = _first_days(held, by_station).subquery("first_days")
    day, n = steps.c.day, steps.c.n
    base = func.sum(steps.c.base) if "base" in steps.c else literal(0)
    if not by_station:
        return select(day, literal(None).label("station"), func.sum(n).label("n"), base.label("base")).group_by(day)
    station = steps.c.station
    return select(day, station, func.sum(n).label("n"), base.label("base")).group_by(day, station)


def _sums(facts: Facts, span: Span, by_station: bool, days: Of) -> FromClause:
    """The sums of each day, each part of a union by itself: as the index has the days, nothing needs to be sorted."""
    summed = [_sums_of(part, span, by_station, days) for part in parts(facts)]
    fact = union(summed).subquery("sums").c
    began = case((fact.day < span.first, literal(span.first, Date)), else_=fact.day)
    return select(began.label("day"), fact.station, fact.n).subquery("steps")


def _sums_of(facts: Facts, span: Span, by_station: bool, days: Of) -> Select[Any]:
    fact = facts.subquery("fact").c
    keys = (fact.day, fact.station) if by_station else (fact.day,)
    station = fact.station if by_station else literal(None).label("station")
    holds = _holds(fact, span, days=days)
    return select(fact.day, station, func.sum(fact.n).label("n")).where(*holds).group_by(*keys)


def parts(facts: Facts) -> list[Select[Any]]:
    """The selects of a union, or the one that there is."""
    return list(facts.selects) if isinstance(facts, CompoundSelect) else [facts]  # type: ignore[arg-type]


def union(parts: Sequence[Select[Any]]) -> Facts:
    return union_all(*parts) if parts[1:] else parts[0]


def _holds(fact: Any, span: Span, to_the_last: bool = False, days: Of = Of.EVERY) -> tuple[ColumnElement[bool], ...]:
    """The fact holds on some day of the span (to_the_last: on its last; days: is placed on one of these)."""
    needed = span.last if to_the_last else span.first
    lasts = or_(and_(fact.until.is_(None), fact.day >= span.first), fact.until >= needed)
    began = fact.day <= span.last if days == Of.EVERY else _placed(fact.day, span, days)
    return began, lasts, literal(span.first, Date) <= span.last


def _placed(day: Any, span: Span, days: Of) -> ColumnElement[bool]:
    """Said of the fact's own day, for which there are indexes."""
    on: ColumnElement[bool] = day.in_(GIVEN)
    return or_(on, day < span.first) if days == Of.GIVEN_AND_FIRST else on


def _first_days_of(facts: Facts, span: Span, by_station: bool, days: Of) -> FromClause:
    """The first days that are among `days`: looked for among those alone who were there on one of them."""
    there = holding(facts, span, days=days).c
    held = holding(union([by_person(part) for part in parts(facts)]), span).c
    found = _first_days(held, by_station).where(held.who.in_(select(there.who)))
    return found.having(func.min(held.day).in_(GIVEN)).subquery("first_days")


@lru_cache(maxsize=500)
def by_person(part: Select[Any]) -> Select[Any]:
    """The same facts of one table, to be looked up by `who`: within a CASE no index serves their other conditions.

    SQLite, which has no statistics here, would look up those first, and so read the whole table for a few people.
    """
    is_table = isinstance(part.get_final_froms()[0], Table)
    if part.whereclause is None or not is_table:
        return part
    return select(*part.selected_columns).where(case((part.whereclause, 1)) == 1)


def _first_days(fact: Any, by_station: bool) -> Select[Any]:
    keys = (fact.who, fact.station) if by_station else (fact.who,)
    return (
        select(func.min(fact.day).label("day"), *keys, literal(1).label("n"))
        .where(fact.who.is_not(None))
        .group_by(*keys)
    )


def _steps(facts: Facts, span: Span) -> FromClause:
    """Snapshots of the period as changes: n less the snapshot before it in the period."""
    fact = facts.subquery("fact").c
    in_turn: dict[str, Any] = {"partition_by": fact.who, "order_by": (fact.day, fact.ref)}
    before = (
        select(
            fact.day,
            fact.station,
            fact.n,
            func.lag(fact.day).over(**in_turn).label("last_day"),
            func.lag(fact.n).over(**in_turn).label("last_n"),
        )
        .where(fact.day <= span.last, fact.who.is_not(None))
        .subquery("snapshots")
    )
    c = before.c
    change = c.n - case((c.last_day >= span.first, c.last_n), else_=0)
    base = case((c.last_day < span.first, c.last_n), else_=0)
    return select(c.day, c.station, change.label("n"), base.label("base")).where(c.day >= span.first).subquery("steps")


def proof(facts: Facts, counting: Counting, span: Span, *, by_station: bool = False) -> FromClause:
    """The facts behind the number, with n as what each adds to it; the sum of n is the number.

    Distinct: every fact, of which the first of each `who` adds one and the others nothing. Latest: the newest snapshot
    of each `who` alone.
    """
    fact = holding(facts, span, to_the_last=counting == Counting.STANDING).c
    columns = (fact.day, fact.ref, fact.station, fact.worker, fact.who, fact.record)
    if counting == Counting.SUM:
        return select(*columns, fact.n).subquery("proof")
    newest_first = counting == Counting.LATEST
    order = (fact.day.desc(), fact.ref.desc()) if newest_first else (fact.day, fact.ref)
    keys = (fact.who, fact.station) if by_station and not newest_first else (fact.who,)
    turn = func.row_number().over(partition_by=keys, order_by=order).label("turn")
    ranked = select(*columns, fact.n, turn).where(fact.who.is_not(None)).subquery("ranked").c
    shown = (ranked.day, ranked.ref, ranked.station, ranked.worker, ranked.who, ranked.record)
    if newest_first:
        return select(*shown, ranked.n).where(ranked.turn == 1).subquery("proof")
    return select(*shown, _one_if(ranked.turn == 1).label("n")).subquery("proof")


def standing_on(facts: Facts, first: date, days: Sequence[date]) -> Select[Any]:
    """One row: how many different `who` there were on each of these days of the period, in one reading of the facts."""
    fact = facts.subquery("fact").c
    there = [and_(*_holds(fact, Span(first, day), to_the_last=True)) for day in days]
    counts: list[Any] = [func.count(case((holds, fact.who)).distinct()) for holds in there]
    return select(*counts)


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)
