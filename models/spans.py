"""Times of one day as people write them, `08:30-11:10 14:00-15:00`, and the minutes and hours they add up to (rules.md §1)."""

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

Span = tuple[int, int]

MOST = 10
DAY = 24 * 60
CENT = Decimal("0.01")
SEPARATORS = re.compile(r"[\s,，;；、]+")
ONE = re.compile(r"(\d{1,2})[:：](\d{2})[-–—~～至](\d{1,2})[:：](\d{2})")
AROUND = re.compile(r"\s*[-–—~～至]\s*")


class BadSpans(ValueError):
    """Times that cannot be; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse(written: str) -> list[Span]:
    """Half-open spans in minutes of the day, in order.

    Raises BadSpans: times_format, times_backwards (a span over midnight is one), times_overlap, too_many_times.
    """
    parts = [part for part in SEPARATORS.split(AROUND.sub("-", written.strip())) if part]
    if not parts:
        raise BadSpans("times_format")
    if len(parts) > MOST:
        raise BadSpans("too_many_times")
    found = sorted(_one(part) for part in parts)
    if any(overlap(first, second) for first, second in pairwise(found)):
        raise BadSpans("times_overlap")
    return found


def _one(part: str) -> Span:
    match = ONE.fullmatch(part)
    if not match:
        raise BadSpans("times_format")
    hours, minutes, end_hours, end_minutes = map(int, match.groups())
    first, last = hours * 60 + minutes, end_hours * 60 + end_minutes
    if max(minutes, end_minutes) > 59 or max(first, last) > DAY:
        raise BadSpans("times_format")
    if first >= last:
        raise BadSpans("times_backwards")
    return first, last


def overlap(one: Span, other: Span) -> bool:
    """Half-open: 08:00-12:00 and 12:00-14:00 do not overlap."""
    return one[0] < other[1] and other[0] < one[1]


def clash(some: Sequence[Span], others: Sequence[Span]) -> bool:
    return any(overlap(one, other) for one in some for other in others)


def written(spans: Iterable[Span]) -> str:
    return " ".join(f"{clock(first)}-{clock(last)}" for first, last in spans)


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minutes(spans: Iterable[Span]) -> int:
    return sum(last - first for first, last in spans)


def hours(total: int) -> Decimal:
    """Minutes as hours with two decimals: minutes are added up first, so three times twenty are one hour."""
    return (Decimal(total) / 60).quantize(CENT, ROUND_HALF_UP)
