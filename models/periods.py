"""Owns the calendar arithmetic of contracts: anchored months, periods, workdays (rules §1 and §9)."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

_DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The corresponding day `months` later (or earlier), the month's last day where there is none."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def default_end(start: date, months: int = 12) -> date:
    """Last day of a period of `months` whose first day counts: the day before the corresponding day.

    Where the corresponding day does not exist, the day before it is the month's end (Civil Code 202).
    """
    corresponding = add_months(start, months)
    return corresponding if corresponding.day < start.day else corresponding - _DAY


@dataclass(frozen=True)
class Period:
    """The days from start to end, both counted; ValueError if it ends before it starts."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("a period cannot end before it starts")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def day_of(self, as_of: date) -> int:
        """1 on the first day; 0 before the period, `days` after it."""
        return min(max((as_of - self.start).days + 1, 0), self.days)

    def elapsed(self, as_of: date) -> float:
        """Share of the days that have begun, 0.0 to 1.0."""
        return self.day_of(as_of) / self.days

    @cached_property
    def months(self) -> tuple[tuple[date, date], ...]:
        """First and last day of every contract month; month k starts at add_months(start, k), the last ends at `end`.

        The period has as many months as the shortest default_end that covers it, so a year from 29 February has 12.
        """
        firsts = [self.start]
        while default_end(self.start, len(firsts)) < self.end:
            firsts.append(add_months(self.start, len(firsts)))
        lasts = [first - _DAY for first in firsts[1:]] + [self.end]
        return tuple(zip(firsts, lasts, strict=True))

    def month_of(self, day: date) -> int | None:
        """Index in `months` of the month that holds the day; None outside the period."""
        if not self.start <= day <= self.end:
            return None
        index = (day.year - self.start.year) * 12 + day.month - self.start.month
        if add_months(self.start, index) > day:
            index -= 1
        return min(index, len(self.months) - 1)

    def months_started(self, as_of: date) -> int:
        """Contract months whose first day has come."""
        return sum(first <= as_of for first, _ in self.months)

    def months_completed(self, as_of: date) -> int:
        """Contract months whose last day has come; like `elapsed`, the day itself counts."""
        return sum(last <= as_of for _, last in self.months)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Monday to Friday, less the days off, plus the weekend days worked instead; years without data are plain weeks."""

    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    years: frozenset[int] = frozenset()

    @classmethod
    def from_mapping(cls, mapping: Mapping[int, Mapping[str, Iterable[object]]]) -> "WorkCalendar":
        """From {year: {days_off: [[first, last], ...], make_up_days: [day, ...]}}; ValueError if not dates."""
        off = {day for year in mapping.values() for span in year["days_off"] for day in _days_of(span)}
        work = {
            day for year in mapping.values() for single in year["make_up_days"] for day in _days_of([single, single])
        }
        if off & work:
            raise ValueError(f"both off and worked: {min(off & work)}")
        return cls(frozenset(off), frozenset(work), frozenset(mapping))

    def known(self, year: int) -> bool:
        """Whether the year's holidays are loaded; where not, the caller says that only weekends were skipped."""
        return year in self.years

    def is_workday(self, day: date) -> bool:
        return day in self.work or (day.weekday() < 5 and day not in self.off)

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th workday after `day`, which itself is not counted; n = 0 is the day itself."""
        if n < 0:
            raise ValueError("workdays are counted forward")
        while n:
            day += _DAY
            n -= self.is_workday(day)
        return day


def _days_of(span: object) -> Iterable[date]:
    """Every day of a [first, last] pair."""
    match span:
        case [date() as first, date() as last] if first <= last:
            return [first + _DAY * offset for offset in range((last - first).days + 1)]
    raise ValueError(f"not a pair of days: {span!r}")
