"""How an indicator counts, and what closes its gap, in words (features K3 and K11)."""

from collections.abc import Sequence
from datetime import date
from math import ceil

from models.contract import Counting
from models.words import L
from reports.figure_words import amount, missing_months, month_name
from services.figures import Board, Figure
from services.pace import Closing, a_month

Fact = tuple[L, L]


def counting_words(counting: Counting, figure: Figure) -> L:
    """Whether people or attendances, records or the newest of each are counted."""
    if figure.kind == "ongoing":
        return L("逐月检查：每个合同月至少有 1 条记录", "Month by month: at least one record in each contract month")
    if figure.kind == "ratio":
        return L("比率：做到的 ÷ 应做的", "A ratio: what was done ÷ what was due")
    if figure.kind == "deliver":
        return L("交付成果：验收，且必备文件全部发布后才计", "A deliverable: accepted, and every document published")
    unit = figure.unit
    match counting:
        case Counting.DISTINCT if unit.zh in ("人", "名"):
            return L("人数，按人去重：同一人多条记录只计 1 人", "People: somebody with several records counts once")
        case Counting.DISTINCT:
            return L(
                f"去重：同一对象多条记录只计 1 {unit.zh}", f"Distinct {unit.en}: several records of one count once"
            )
        case Counting.LATEST:
            return L(
                "存量：每个对象只取最近一次快照，旧的不累加", "A stock: the newest snapshot of each, never added up"
            )
        case Counting.STANDING:
            return L("现存：只计统计日当天仍成立的", "What is there: only what still holds on the day itself")
    if unit.zh == "人次":
        return L("人次，不去重：同一人来几次计几次", "Attendances: somebody who comes twice counts twice")
    return L("逐条计数，不去重：每条记录都计", "Every record counts, nothing is taken out")


def zero_words(counting: Counting) -> L:
    """Why a row adds nothing."""
    if counting in (Counting.DISTINCT, Counting.STANDING):
        return L("0 · 已由较早记录计入", "0 · counted by an earlier record")
    return L("0", "0")


def sum_words(figure: Figure, counted: float, total: int, whole: bool) -> L:
    """What the rows add up to; whole: nothing is filtered out."""
    each = amount(counted, figure.unit)
    rows = L(f"{total:,} 条记录", f"{total:,} record{'s' * (total != 1)}")
    if figure.kind == "ongoing" and whole:
        months = figure.months_active or 0
        return L(f"{rows.zh}，覆盖 {months} 个月", f"{rows.en} in {months} month{'s' * (months != 1)}")
    if not total:
        return L("还没有计入的记录", "No record counts yet")
    adds = L(f"{rows.zh}，“计入”一列相加 = {each.zh}", f"{rows.en}; the column Counts adds up to {each.en}")
    return adds if whole else L(f"筛选出 {adds.zh}", f"Shown: {adds.en}")


def closing_facts(closing: Closing, figure: Figure, days: int) -> list[Fact]:
    """Label and value of all that is said of a gap: what is left, the rate needed and the present one, when it is reached."""
    left = amount(closing.remaining, figure.unit)
    facts = [(L("还差", "Missing"), left), (L("剩余时间", "Time left"), _days(closing.days_left))]
    if closing.needed is not None:
        facts.append((L("每周须完成", "Needed a week"), _rate(closing.needed, figure.unit)))
        facts.append((L("折合每月", "That is a month"), _rate(a_month(closing.needed), figure.unit)))
    weeks = (
        L("最近 4 周，每周", "Last 4 weeks, a week") if days >= 28 else L("开始以来，每周", "Since the start, a week")
    )
    return [*facts, (weeks, _speed(closing.speed, figure.unit))]


def closing_title(closing: Closing, figure: Figure, end: date) -> L:
    """The one answer: does the present speed do, and when does it get there."""
    goal = amount(figure.target or 0, figure.unit)
    if closing.needed is None:
        short = amount(closing.remaining, figure.unit)
        return L(f"期限已到，还差 {short.zh}", f"The period is over, {short.en} short")
    if closing.reached_on is None:
        return L("最近没有新增，不加快就到不了", "Nothing was added lately: unless that changes, it is not reached")
    day, late = closing.reached_on, (closing.reached_on - end).days
    if late <= 0:
        return L(f"照最近的速度，{day} 达到 {goal.zh}", f"At the present speed {goal.en} on {day}")
    times = closing.needed / closing.speed - 1
    return L(
        f"照最近的速度要到 {day}，晚 {late} 天；须再快 {times:.0%}",
        f"At the present speed only on {day}, {late} days late; {times:.0%} faster is needed",
    )


def ratio_words(figure: Figure) -> L:
    """How many more of those that are due have to be done."""
    if not figure.denominator:
        return L("还没有应计的记录", "Nothing is due yet")
    target, part, whole = (float(value or 0) for value in (figure.target, figure.numerator, figure.denominator))
    more = ceil(target * whole - part - 1e-9)
    if more <= 0:
        return L("已达到要求", "As required")
    new = ceil((target * whole - part) / (1 - target) - 1e-9) if target < 1 else 0
    old = amount(more, figure.unit)
    late = L(f"已到期的再补 {old.zh}即可", f"{old.en} more of those due will do")
    if not new:
        return late
    following = amount(new, figure.unit)
    return L(f"{late.zh}；或今后连续 {following.zh}都做到", f"{late.en}; or the next {following.en} without a miss")


def documents_words(figure: Figure, published: int, required: int) -> L:
    """What stands between a deliverable and its acceptance."""
    if figure.status == "achieved":
        return L(f"{required} 份已全部发布，已验收", f"All {required} published, accepted")
    if published == required:
        return L(f"{required} 份已全部发布，等待验收", f"All {required} published, acceptance is left")
    left = required - published
    return L(
        f"{required} 份中已发布 {published} 份，还差 {left} 份",
        f"{published} of {required} published, {left} to go",
    )


def months_words(figure: Figure, board: Board) -> L:
    """Which months want a late record."""
    missing = [month_name(first) for first in missing_months(figure, board)]
    if not missing:
        return L("没有缺的月份", "No month is missing")
    zh, en = "、".join(name.zh for name in missing), ", ".join(name.en for name in missing)
    return L(f"{zh}没有记录：补录当月实际做过的即可", f"No record in {en}: enter what was done then")


def closed_words(months: Sequence[date]) -> L:
    """Why nothing can be entered in these months, and the way to do it all the same."""
    names = [month_name(first) for first in months]
    zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    return L(
        f"{zh}已结账，不能直接补录。确有当时做过而漏登的：请领导在“月度结账”里写明理由、重新打开，补录后记为调整，再结一次账。",
        f"{en}: closed, so nothing can be entered directly. If something done then was missed, a leader reopens the month "
        "with a reason under Month closing; what is entered then stands as an adjustment until the month is closed again.",
    )


def weekly(rate: float | None, unit: L) -> L:
    return L("—", "—") if rate is None else _rate(rate, unit)


def _rate(rate: float, unit: L) -> L:
    """Rounded up, so that keeping to it does close the gap."""
    steps = 1 if rate >= 10 else 10
    return amount(ceil(rate * steps - 1e-9) / steps, unit)


def _speed(rate: float, unit: L) -> L:
    return amount(round(rate, 0 if rate >= 100 else 1), unit)


def _days(days: int) -> L:
    if days < 0:
        return L(f"已过 {-days} 天", f"{-days} days over")
    return L(f"{days} 天", f"{days} day{'s' * (days != 1)}")


def is_open(figure: Figure, board: Board) -> bool:
    """Whether there is a gap to close: begun, not achieved, and of a kind that has one."""
    begun = board.as_of >= board.start
    if figure.kind == "ongoing":
        return begun and bool(missing_months(figure, board))
    return begun and figure.status not in ("achieved", "waiting") and figure.kind != "several"
