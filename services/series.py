"""What each day of a contract adds to a number; a figure as of any day is the sum of the days before (decision 10)."""

import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from models.periods import Period
from services.figures import Number, number


class Added(NamedTuple):
    """What a contract month (from 0) added, in one station where that was asked for."""

    month: int
    station: int | None
    n: Number
    base: Number


class Days(NamedTuple):
    """The days on which something was added, counted from the period's first (0), and beside each what it added."""

    days: tuple[int, ...]
    n: tuple[Number, ...]
    base: tuple[Number, ...]


@dataclass(frozen=True)
class Series:
    """The days of one number by station; None is what belongs to none, or all where stations were not asked for."""

    first: date
    stations: dict[int | None, Days]

    @classmethod
    def of(cls, first: date, rows: Iterable[tuple[date, int | None, Number | None, Number | None]]) -> "Series":
        """From rows of (day, station, n, base) as services/facts.py selects them."""
        found: dict[int | None, list[tuple[int, Number, Number]]] = {}
        for day, station, n, base in rows:
            found.setdefault(station, []).append(((day - first).days, number(n), number(base)))
        return cls(first, {station: _columns(lines) for station, lines in found.items()})

    def months(self, period: Period, as_of: date) -> Iterator[Added]:
        """What each month added up to the end of the day; a month that has no day at all is left out."""
        ends = [(min(last, as_of) - self.first).days for first, last in period.months if first <= as_of]
        for station, (days, n, base) in self.stations.items():
            start = 0
            for month, end in enumerate(ends):
                stop = bisect_right(days, end)
                if stop > start:
                    yield Added(month, station, number(sum(n[start:stop])), number(sum(base[start:stop])))
                start = stop

    def replaced(self, days: Collection[date], new: "Series") -> "Series":
        """With what the new series says of those days."""
        gone = {(day - self.first).days for day in days}
        found = {
            station: [line for line in zip(*own, strict=True) if line[0] not in gone] for station, own in self._all()
        }
        for station, own in new._all():
            found.setdefault(station, []).extend(zip(*own, strict=True))
        return Series(self.first, {station: _columns(lines) for station, lines in found.items() if lines})

    def _all(self) -> Iterable[tuple[int | None, Days]]:
        return self.stations.items()

    def lines(self) -> set[tuple[date, int | None, Number, Number]]:
        """(day, station, n, base) of every day."""
        return {
            (self.first + timedelta(days=day), station, n, base)
            for station, own in self._all()
            for day, n, base in zip(*own, strict=True)
        }

    def to_text(self) -> str:
        """Compact, and exact: a decimal stands in quotes."""
        plain = {"" if station is None else station: days for station, days in self.stations.items()}
        return json.dumps(plain, separators=(",", ":"), default=str)

    @classmethod
    def from_text(cls, first: date, text: str) -> "Series":
        read = json.loads(text)
        return cls(first, {int(station) if station else None: _days(*columns) for station, columns in read.items()})


def _columns(lines: Iterable[tuple[int, Number, Number]]) -> Days:
    days, n, base = zip(*sorted(lines, key=lambda line: line[0]), strict=True)
    return Days(days, n, base)


def _days(days: list[int], n: list[Number | str], base: list[Number | str]) -> Days:
    return Days(tuple(days), _numbers(n), _numbers(base))


def _numbers(values: list[Number | str]) -> tuple[Number, ...]:
    return tuple(Decimal(value) if isinstance(value, str) else value for value in values)
