"""What the portal says of one indicator at one moment: plain values, no database, no words of the interface."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from models.words import L

Kind = Literal["at_least", "deliver", "ongoing", "several", "ratio", "per_unit"]
Status = Literal["achieved", "on_pace", "behind", "at_risk", "not_started", "waiting"]
Number = int | float | Decimal


def number(value: Number | None) -> Number:
    """A whole number as int; NULL, the sum of nothing, as 0."""
    return int(value or 0) if value is None or value == int(value) else value


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """One station or worker of a per_unit indicator."""

    id: int
    name: str
    actual: Number
    met: bool


@dataclass(frozen=True, slots=True)
class Amendment:
    """A target that changed: from the beginning of a day on it is another."""

    effective_on: date
    before: Number
    after: Number


@dataclass(frozen=True, slots=True)
class Figure:
    """One indicator as of one day; None where a value does not apply to its kind.

    share is actual / target (a fraction, not a percentage); expected is what the pace asks for today, in the
    indicator's unit; projection is the end-of-period value at the present speed; by_month holds the value that
    each started contract month added (or, for a stock or what stands on a day, its value at the month's end); carried
    says of a stock, for each of these months, what those counted in it for the first time had been before the period;
    months_filled says for each contract month whether it has a record, None for a month still to come. A ratio's target
    is a fraction (0.9); a deliverable's numerator and denominator are its documents published and required. target is the
    one in force on the day; original_target the contract's first wording where amendments (those in force, in order) have
    changed it; plan what each contract month is to add, empty without a plan.
    """

    id: int
    code: str
    name: L
    category: str
    kind: Kind
    target: Number | None
    unit: L
    actual: Number | None
    expected: float | None
    share: float | None
    status: Status
    projection: float | None = None
    months_active: int | None = None
    months_elapsed: int | None = None
    units_met: int | None = None
    units_total: int | None = None
    numerator: Number | None = None
    denominator: Number | None = None
    by_month: tuple[float, ...] = ()
    months_filled: tuple[bool | None, ...] = ()
    units: tuple[UnitFigure, ...] = ()
    is_stock: bool = False
    carried: tuple[Number, ...] = ()
    waits_for: L | None = None
    rule: L | None = None
    wording: str = ""
    plan: tuple[Number, ...] = ()
    original_target: Number | None = None
    amendments: tuple[Amendment, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A contract's indicators as of one day: the dashboard, the report and `manage.py kpi` all read this."""

    contract_id: int
    code: str
    title: str
    start: date
    end: date
    as_of: date
    day: int
    days: int
    categories: tuple[tuple[str, L], ...]
    figures: tuple[Figure, ...]


def growth(figure: Figure) -> list[Any]:
    """What each started month added; for a stock by how much what was counted in it has changed since it was counted last,
    be it before the period."""
    if not figure.is_stock:
        return list(figure.by_month)
    values: list[Any] = list(figure.by_month)
    carried: Sequence[Any] = figure.carried or [0] * len(values)
    steps = zip([0, *values], values, carried, strict=False)
    return [value - before - known for before, value, known in steps]


def met_of(figures: Iterable[Figure]) -> tuple[int, int]:
    """How many quantified indicators are met, of how many; what is ongoing or only counted has no number to meet (K7)."""
    quantified = [figure for figure in figures if figure.kind not in ("ongoing", "several")]
    return sum(figure.status == "achieved" for figure in quantified), len(quantified)
