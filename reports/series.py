"""The series behind an indicator's charts, on the screen and on paper: month by month, cumulated, covered or not."""

from collections.abc import Sequence
from datetime import date, timedelta

from models.periods import Period
from reports.figure_words import period_of
from services.figures import Board, Figure, Number, growth
from services.pace import expected


def monthly_values(figure: Figure) -> list[float]:
    """What each started month added; for a stock by how much it grew."""
    return [float(value) for value in growth(figure)]


def monthly_needs(figure: Figure, months: int, plan: Sequence[Number] | None = None) -> list[float]:
    """What each month has to add: the plan, or the target in equal parts; empty where less than one a month is due."""
    if plan:
        return [float(value) for value in plan]
    if figure.kind == "ratio":
        return [float(figure.target or 0)] * months
    if figure.kind != "at_least" or figure.target is None:
        return []
    need = float(figure.target) / months
    return [need] * months if need >= 1 else []


def cumulated(figure: Figure, period: Period, today: date) -> tuple[list[str], list[float]]:
    """The days on which the running total is known, and the total: the start, every month's end, today."""
    lasts = [min(last, today) for first, last in period.months if first <= today][: len(figure.by_month)]
    days, values = [str(period.start)], [0.0]
    for day, value in zip(lasts, figure.by_month, strict=False):
        days.append(str(day))
        values.append(float(value) if figure.is_stock else values[-1] + float(value))
    return (days, values) if figure.by_month else ([], [])


def pace_line(figure: Figure, period: Period, plan: Sequence[Number] | None) -> list[tuple[date, float]]:
    """The line of what is due: the day before the first, every month's end, and where an amendment turns it."""
    turns = {amendment.effective_on - timedelta(days=1) for amendment in figure.amendments}
    days = sorted({last for _, last in period.months} | {day for day in turns if day >= period.start})
    due = [expected(figure.target or 0, period, day, plan, figure.amendments) for day in days]
    return [(period.start - timedelta(days=1), 0.0), *zip(days, due, strict=True)]


def month_states(figure: Figure, board: Board) -> list[tuple[date, float, str]]:
    """First day, records and state (yes, no, running, open) of every contract month."""
    period = period_of(board)
    done, started = period.months_completed(board.as_of), period.months_started(board.as_of)
    cells = []
    for index, (first, _) in enumerate(period.months):
        value = float(figure.by_month[index]) if index < len(figure.by_month) else 0.0
        filled = index < len(figure.months_filled) and figure.months_filled[index]
        waiting = "no" if index < done else "running" if index < started else "open"
        cells.append((first, value, "yes" if filled else waiting))
    return cells
