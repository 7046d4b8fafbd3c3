"""Measures: SELECTs with the same columns, so that one engine gives the number, the trend, the split and the proof.

Columns: day (the date that places the fact in the period), until (the last day on which it still holds, or NULL when
it is an event), ref (the record that proves it), station, worker, who (what is counted once), n (how much it counts).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Date, Integer, Select, literal, null, select

Facts = Select[Any] | CompoundSelect[Any]
FACT_COLUMNS = ("day", "until", "ref", "station", "worker", "who", "n")


def facts(
    day: Any,
    ref: Any,
    *,
    until: Any = None,
    station: Any = None,
    worker: Any = None,
    who: Any = None,
    n: Any = 1,
) -> Select[Any]:
    """The facts of a measure: one row for each thing that counts."""
    empty = null().cast(Integer)
    return select(
        day.label("day"),
        (null().cast(Date) if until is None else until).label("until"),
        ref.label("ref"),
        (empty if station is None else station).label("station"),
        (empty if worker is None else worker).label("worker"),
        (ref if who is None else who).label("who"),
        (n if isinstance(n, ColumnElement) else literal(n, Integer)).label("n"),
    )


@dataclass(frozen=True)
class Measure:
    """A named way to count; `record` is the type whose rows prove the number (its `ref`)."""

    name: str
    record: str
    select: Callable[..., Facts]


MEASURES: dict[str, Measure] = {}


def measure(name: str) -> Callable[[Callable[..., Facts]], Callable[..., Facts]]:
    """Register a measure under `<record type>.<what>`; its arguments come from the indicator."""

    def declare(function: Callable[..., Facts]) -> Callable[..., Facts]:
        MEASURES[name] = Measure(name, name.split(".")[0], function)
        return function

    return declare
