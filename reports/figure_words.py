"""What is said of an indicator in words: its numbers, what closes its gap, and the one sentence a reader hears."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from models.periods import Period
from models.words import L, Language
from reports.states import STATES, state_of
from services.figures import Board, Figure, Number, UnitFigure, met_of
from services.pace import DAYS_OF_A_MONTH, DAYS_OF_A_WEEK, Closing, a_month, closing

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NONE = L("", "")


def number(value: Number, language: Language = "zh", decimals: int = 1) -> str:
    """Thousands grouped, no needless decimals; round tens of thousands as 万 in Chinese: 5万 / 50,000."""
    if language == "zh" and value >= 10_000 and value % 10_000 == 0:
        return f"{int(value) // 10_000:,}万"
    rounded = round(float(value), decimals)
    return f"{rounded:,.0f}" if rounded == int(rounded) else f"{rounded:,.{decimals}f}"


def whole(value: Number) -> str:
    """To the nearest whole unit: nobody owes 157.9 people."""
    return f"{float(value):,.0f}"


def numbers(value: Number, decimals: int = 1) -> L:
    return L(number(value, "zh", decimals), number(value, "en", decimals))


def percent(value: Number) -> str:
    """A fraction as a percentage, cut rather than rounded up: 89.96 % is not yet 90 %."""
    return f"{math.floor(float(value) * 1000 + 1e-6) / 10:.1f}".removesuffix(".0") + "%"


def amount(value: Number, unit: L, decimals: int = 1) -> L:
    """A number with its unit, the English unit in the singular for one."""
    count = numbers(value, decimals)
    return L(f"{count.zh} {unit.zh}".rstrip(), f"{count.en} {unit.en if value != 1 else singular(unit.en)}".rstrip())


def singular(unit: str) -> str:
    """English units are stored in the plural; this is their form for one."""
    if unit == "people":
        return "person"
    if unit.endswith("ies"):
        return unit[:-3] + "y"
    return unit[:-1] if unit.endswith("s") and not unit.endswith("ss") else unit


def month_name(first: date) -> L:
    """A contract month is called after the month its first day lies in."""
    return L(f"{first.month}月", MONTHS[first.month - 1])


def period_of(board: Board) -> Period:
    return Period(board.start, board.end)


def remaining(figure: Figure) -> float:
    """What is missing to the target, in units; negative once it is passed."""
    return float(figure.target or 0) - float(figure.actual or 0)


def days_left(board: Board) -> int:
    """Days after today; negative once the period is over."""
    return (board.end - board.as_of).days


def value_words(figure: Figure) -> tuple[L, L]:
    """What stands at the right of a line: the actual value, and what it is measured against with the unit."""
    actual = numbers(figure.actual or 0)
    match figure.kind:
        case "several":
            return actual, figure.unit
        case "ongoing":
            elapsed = figure.months_elapsed or 0
            return numbers(figure.months_active or 0), L(f"/ {elapsed} 个月", f"/ {elapsed} months")
        case "per_unit":
            total = figure.units_total or 0
            return numbers(figure.units_met or 0), L(f"/ {total} 达标", f"/ {total} met")
        case "ratio":
            reached = percent(float(figure.numerator or 0) / float(figure.denominator)) if figure.denominator else "–"
            return L(reached, reached), L(f"/ ≥ {percent(figure.target or 0)}", f"/ ≥ {percent(figure.target or 0)}")
    target = amount(figure.target or 0, figure.unit)
    return actual, L(f"/ {target.zh}", f"/ {target.en}")


def original_words(figure: Figure) -> L:
    """The number of the contract's first wording, where an amendment has replaced it."""
    if figure.original_target is None:
        return NONE
    was = target_words(figure, figure.original_target)
    return L(f"（原 {was.zh}）", f" (was {was.en})")


def target_words(figure: Figure, target: Number) -> L:
    """A target's number as the indicator tells it, without its unit."""
    return L(percent(target), percent(target)) if figure.kind == "ratio" else numbers(target)


def plan_words(figure: Figure, plan: Sequence[Number]) -> L:
    """How the sum of a monthly plan stands to the target: a plan that differs is allowed, and told."""
    target = float(figure.target or 0)
    over, goal = sum(map(float, plan)) - target, amount(target, figure.unit)
    if abs(over) < 0.005:
        return L(f"合计与目标 {goal.zh}一致", f"it adds up to the target of {goal.en}")
    by = amount(abs(over), figure.unit)
    if over < 0:
        return L(f"合计比目标 {goal.zh}少 {by.zh}", f"it adds up to {by.en} less than the target of {goal.en}")
    return L(f"合计比目标 {goal.zh}多 {by.zh}", f"it adds up to {by.en} more than the target of {goal.en}")


def gap_words(figure: Figure, board: Board) -> tuple[L, L]:
    """What closes the gap, or where it is heading; the second part is what a narrow screen leaves out."""
    if figure.status == "waiting":
        return waiting_words(figure), NONE
    if board.as_of < board.start:
        return L("合同期尚未开始", "The period has not begun"), NONE
    return _GAPS[figure.kind](figure, board)


def waiting_words(figure: Figure) -> L:
    waits = figure.waits_for or L("数据来源", "its records")
    return L(f"等待：{waits.zh} 记录类型上线", f"Waiting for: {waits.en}")


def sentence(figure: Figure, board: Board) -> L:
    """The whole line in one sentence, for those who hear it."""
    actual, against = value_words(figure)
    first, second = gap_words(figure, board)
    state = STATES[state_of(figure)].word
    due = amount(round(figure.expected or 0, 1), figure.unit) if _has_pace(figure) else None
    was, counted = original_words(figure), figure.status != "waiting"
    parts = [
        state,
        *([L(f"{actual.zh} {against.zh}{was.zh}", f"{actual.en} {against.en} {was.en}".rstrip())] if counted else []),
        *([L(f"今天应到 {due.zh}", f"{due.en} due today")] if due else []),
        *(part for part in (first, second) if part.zh),
    ]
    return L(
        f"{figure.code} {figure.name.zh}：{'，'.join(part.zh for part in parts)}。",
        f"{figure.code} {figure.name.en}: {', '.join(part.en for part in parts)}.",
    )


def closing_words(left: Number, board: Board, unit: L) -> L:
    """The rate that closes the gap, rounded up so that keeping to it does close it."""
    found, gap = closing(left, period_of(board), board.as_of), amount(left, unit)
    if found.days_left < 0:
        return L(f"期末仍差 {gap.zh}", f"ended {gap.en} short")
    if found.needed is None or _is_soon_done(found, found.needed):
        return L(f"期末前再 {gap.zh}即可达标", f"{gap.en} more by the end will do")
    if found.needed >= 1:
        weekly = amount(_up(found.needed, 0 if found.needed >= 3 else 1), unit)
        return L(f"每周 {weekly.zh}即可达标", f"{weekly.en} a week will do")
    monthly = amount(_up(a_month(found.needed), 1), unit)
    return L(f"每月 {monthly.zh}即可达标", f"{monthly.en} a month will do")


def _is_soon_done(found: Closing, weekly: float) -> bool:
    """What is so little or so near the end is told whole, and not by the week or the month."""
    near = DAYS_OF_A_WEEK if weekly >= 1 else DAYS_OF_A_MONTH
    return found.remaining <= 3 or found.days_left < near


def missing_months(figure: Figure, board: Board) -> list[date]:
    """First days of the months that are over and have no record."""
    months = period_of(board).months
    done = period_of(board).months_completed(board.as_of)
    return [month[0] for month, filled in zip(months[:done], figure.months_filled, strict=False) if filled is False]


def unmet_units(figure: Figure) -> list[UnitFigure]:
    """Units below the target, the furthest first."""
    return sorted((unit for unit in figure.units if not unit.met), key=lambda unit: unit.actual)


def _at_least_gap(figure: Figure, board: Board) -> tuple[L, L]:
    match figure.status:
        case "achieved":
            return L("目标已完成", "Target reached"), NONE
        case "not_started":
            return L("尚无记录，目前也还没有应完成的量", "No record yet, none due either"), NONE
        case "on_pace":
            return _heading(figure), NONE
    if not figure.actual and days_left(board) > 0:
        left, days = amount(remaining(figure), figure.unit), days_left(board)
        return L(f"尚无记录，须在 {days} 天内完成 {left.zh}", f"No record yet: {left.en} to do in {days} days"), NONE
    short = round(float(figure.expected or 0) - float(figure.actual or 0))
    less = amount(short, figure.unit)
    second = L(f"比进度少 {less.zh}", f"{less.en} below pace") if short >= 1 and days_left(board) >= 0 else NONE
    return closing_words(remaining(figure), board, figure.unit), second


def _heading(figure: Figure) -> L:
    if figure.projection is None:
        return L("与进度相符", "As planned")
    reach = L(f"{whole(figure.projection)} {figure.unit.zh}", f"{whole(figure.projection)} {figure.unit.en}")
    return L(f"按现速期末约 {reach.zh}", f"Heading for {reach.en}")


def _several_gap(figure: Figure, board: Board) -> tuple[L, L]:
    if not figure.actual:
        return L("尚无记录，有 1 个即可", "No record yet: one is enough"), NONE
    return L("合同写“若干”，只看数量", 'The contract says "several"'), NONE


def _ongoing_gap(figure: Figure, board: Board) -> tuple[L, L]:
    missing = [month_name(first) for first in missing_months(figure, board)]
    if not missing:
        running = figure.months_active != figure.months_elapsed
        if not figure.months_active:
            return L("本月待记录", "This month awaits its record"), NONE
        return L("每月都有记录", "A record in every month"), L("本月待记", "this month still open") if running else NONE
    if len(missing) > 3:
        return L(f"{len(missing)} 个月无记录", f"No record in {len(missing)} months"), NONE
    which = L("、".join(month.zh for month in missing), ", ".join(month.en for month in missing))
    return L(f"{which.zh}无记录", f"No record in {which.en}"), L("补录即可恢复", "late entries count")


def _deliver_gap(figure: Figure, board: Board) -> tuple[L, L]:
    if figure.status == "achieved":
        return L("已验收", "Accepted"), NONE
    left = amount(remaining(figure), figure.unit)
    accept = L(f"还有 {left.zh}待验收", f"{left.en} to be accepted")
    missing = int(figure.denominator or 0) - int(figure.numerator or 0)
    if days_left(board) < 0:
        return L(f"期末仍差 {left.zh}", f"ended {left.en} short"), NONE
    if not missing:
        return accept, NONE
    files = amount(missing, L("份文件", "documents"))
    return L(f"还差 {files.zh}", f"{files.en} missing"), accept


def _ratio_gap(figure: Figure, board: Board) -> tuple[L, L]:
    if not figure.denominator:
        return L("还没有应计的记录", "Nothing to count yet"), NONE
    numerator, denominator = numbers(figure.numerator or 0), amount(figure.denominator, figure.unit)
    of = L(f"{numerator.zh} / {denominator.zh}", f"{numerator.en} of {denominator.en}")
    if figure.status == "achieved":
        return L(f"达到要求：{of.zh}", f"As required: {of.en}"), NONE
    needed = math.ceil(float(figure.target or 0) * float(figure.denominator) - float(figure.numerator or 0) - 1e-9)
    left = amount(needed, figure.unit)
    return L(f"还差 {left.zh}", f"{left.en} short"), of


def _per_unit_gap(figure: Figure, board: Board) -> tuple[L, L]:
    if figure.status == "achieved":
        return L("全部达标", "All units met"), NONE
    each = amount(figure.target or 0, figure.unit)
    unmet = unmet_units(figure)
    if not unmet:
        return L(f"每个须满 {each.zh}", f"{each.en} needed in each"), NONE
    worst, has = unmet[0], amount(unmet[0].actual, figure.unit)
    return (
        L(f"最少：{worst.name} {has.zh}", f"Lowest: {worst.name}, {has.en}"),
        L(f"每个须满 {each.zh}", f"{each.en} needed in each"),
    )


_GAPS: dict[str, Callable[[Figure, Board], tuple[L, L]]] = {
    "at_least": _at_least_gap,
    "several": _several_gap,
    "ongoing": _ongoing_gap,
    "deliver": _deliver_gap,
    "ratio": _ratio_gap,
    "per_unit": _per_unit_gap,
}


def _has_pace(figure: Figure) -> bool:
    return figure.kind == "at_least" and figure.expected is not None and figure.status not in ("waiting", "achieved")


def _up(value: float, decimals: int) -> float:
    steps: int = 10**decimals
    return math.ceil(value * steps - 1e-9) / steps


def met_words(figures: Iterable[Figure]) -> L:
    """Rows met of rows with a number to meet, never an average of unlike units; nothing where none has one."""
    met, total = met_of(figures)
    return L(f"量化指标达成 {met} / {total} 项", f"{met} of {total} targets met") if total else NONE
