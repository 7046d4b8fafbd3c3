"""A board with one indicator of every kind, for the tests of what is drawn from it; all names are invented."""

from datetime import date
from typing import Any

from models.periods import Period
from models.words import L
from services import pace
from services.figures import Board, Figure, Kind, UnitFigure
from services.pace import Pace

PERIOD = Period(date(2026, 4, 1), date(2027, 3, 31))
TODAY = date(2026, 11, 22)
UNIT = L("次", "visits")
MONTHS = (78.0, 96.0, 121.0, 104.0, 88.0, 131.0, 118.0, 76.0)


def figure(code: str, kind: Kind, figures: Pace, **values: Any) -> Figure:
    """A figure with the status and the values that the arithmetic of pace gives."""
    computed = {name: getattr(figures, name) for name in Pace.__dataclass_fields__}
    defaults: dict[str, Any] = {"target": None, "actual": 0, "unit": UNIT}
    return Figure(
        **computed
        | defaults
        | {"id": hash(code), "code": code, "category": code[:2], "kind": kind, "name": L(f"指标{code}", f"Line {code}")}
        | values
    )


def counted(code: str, actual: float, target: float, as_of: date = TODAY, **values: Any) -> Figure:
    figures = pace.at_least(actual, target, PERIOD, as_of)
    return figure(code, "at_least", figures, **{"actual": actual, "target": target, "by_month": MONTHS} | values)


def monthly(code: str, *active: bool, as_of: date = TODAY) -> Figure:
    return figure(code, "ongoing", pace.ongoing(active, PERIOD, as_of), actual=sum(active))


def per_station(code: str, target: int, *actuals: int) -> Figure:
    units = tuple(UnitFigure(n, f"石桥{n}站", value, value >= target) for n, value in enumerate(actuals))
    figures = pace.per_unit(actuals, target, PERIOD, TODAY)
    return figure(code, "per_unit", figures, actual=sum(actuals), target=target, units=units)


def share(code: str, numerator: int, denominator: int, target: float) -> Figure:
    figures = pace.ratio(numerator, denominator, target, PERIOD, TODAY)
    return figure(code, "ratio", figures, target=target, numerator=numerator, denominator=denominator)


def waiting(code: str) -> Figure:
    return figure(code, "at_least", Pace("waiting"), actual=None, target=2, waits_for=L("公益项目", "charity projects"))


BEHIND = counted("01.1", 812, 1500, unit=L("人", "people"))
AT_RISK = counted("01.2", 3, 10)
ON_PACE = counted("01.3", 209, 300)
ACHIEVED = counted("01.4", 21, 20)
STOCK = counted("01.5", 38_120, 50_000, is_stock=True, by_month=(20_000.0, 30_000.0, 38_120.0))
SEVERAL = figure("02.1", "several", pace.several(25, PERIOD, TODAY), actual=25, unit=L("个", "groups"))
ONGOING = monthly("02.2", True, True, True, True, False, True, True, True)
DOCUMENTS = figure(
    "03.1", "deliver", pace.deliver(0, 1, PERIOD, TODAY, begun=True), target=1, numerator=4, denominator=6
)
SITES = figure("03.2", "deliver", pace.deliver(1, 2, PERIOD, TODAY), target=2, actual=1)
RATIO = share("03.3", 86, 100, 0.9)
STATIONS = per_station("03.4", 3, 3, 3, 1, 4)
WAITING = waiting("04.1")
UNTOUCHED = figure("04.2", "deliver", pace.deliver(0, 1, PERIOD, TODAY), target=1)
ALL = (
    BEHIND, AT_RISK, ON_PACE, ACHIEVED, STOCK, SEVERAL, ONGOING, DOCUMENTS, SITES, RATIO, STATIONS, WAITING, UNTOUCHED
)  # fmt: skip


def board(*figures: Figure, as_of: date = TODAY) -> Board:
    """A board of one year with these figures, a category for every first two characters of their codes."""
    codes = sorted({one.category for one in figures})
    categories = tuple((code, L(f"类别{code}", f"Category {code}")) for code in codes)
    day = PERIOD.day_of(as_of)
    return Board(1, "A", "合同", PERIOD.start, PERIOD.end, as_of, day, PERIOD.days, categories, figures)
