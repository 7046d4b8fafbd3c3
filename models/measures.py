"""Measures: SELECTs with the same columns, so that one engine gives the number, the trend, the split and the proof.

Columns: day (the date that places the fact in the period), until (the last day on which it still holds, or NULL when
it is an event), ref (the record that proves it), station, worker, who (what is counted once), n (how much it counts),
record (the type of ref where it is another than the measure's own).
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Any

from sqlalchemy import Column, ColumnElement, CompoundSelect, Date, Integer, Select, String, case, literal, null, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

Facts = Select[Any] | CompoundSelect[Any]
FACT_COLUMNS = ("day", "until", "ref", "station", "worker", "who", "n", "record")


def facts(
    day: Any,
    ref: Any,
    *,
    until: Any = None,
    station: Any = None,
    worker: Any = None,
    who: Any = None,
    n: Any = 1,
    record: str | None = None,
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
        (literal(n, Integer) if isinstance(n, int) else n).label("n"),
        literal(record, String).label("record"),
    )


def later(one: Any, other: Any) -> ColumnElement[Any]:
    """The later of two days."""
    return case((one >= other, one), else_=other)


def earlier(one: Any, other: Any) -> ColumnElement[Any]:
    """The earlier of two days."""
    return case((one <= other, one), else_=other)


class day_after(GenericFunction[Any]):  # noqa: N801 - it reads as a function of SQL
    """The day after a day."""

    type = Date()
    inherit_cache = True


@compiles(day_after)
def _day_after(element: Any, compiler: Any, **more: Any) -> str:
    return f"({compiler.process(element.clauses, **more)} + 1)"


@compiles(day_after, "sqlite")
def _day_after_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    return f"date({compiler.process(element.clauses, **more)}, '+1 day')"


@dataclass(frozen=True)
class Measure:
    """A named way to count; `record` is the type whose rows prove the number (its `ref`)."""

    name: str
    record: str
    select: Callable[..., Facts]

    def fits(self, args: dict[str, Any]) -> bool:
        """Whether it can be asked with these arguments."""
        try:
            signature(self.select).bind(**args)
        except TypeError:
            return False
        return True

    def facts(self, args: dict[str, Any], contract_id: int) -> Facts:
        """Its facts for an indicator of a contract; a measure that asks for the contract is told it."""
        asks = "contract_id" in signature(self.select).parameters
        return self.select(**args, **({"contract_id": contract_id} if asks else {}))

    def day_field(self, args: dict[str, Any], contract_id: int) -> str:
        """The field of the record whose day places a fact in the period; "" where several are reckoned together."""
        found = self.facts(args, contract_id)
        day: Any = found.selected_columns["day"] if isinstance(found, Select) else None
        column = getattr(day, "element", None)
        return column.name if isinstance(column, Column) and str(column.table) == self.record else ""


MEASURES: dict[str, Measure] = {}


def measure(name: str) -> Callable[[Callable[..., Facts]], Callable[..., Facts]]:
    """Register a measure under `<record type>.<what>`; its arguments come from the indicator."""

    def declare(function: Callable[..., Facts]) -> Callable[..., Facts]:
        MEASURES[name] = Measure(name, name.split(".")[0], function)
        return function

    return declare
