"""Closed months and their adjustments as texts and tables, in Chinese, for the PDF, the Word file and the workbook."""

from collections.abc import Sequence

from models import RECORDS
from reports.content import Line, Report, added
from reports.layout import breakable, widths
from reports.month_words import days_words, month_title
from reports.paper_words import NONE, Texts, actual_words, added_words, date_time, state_texts, target_words
from reports.settled import Correction, Settled
from services.closing import Change, Difference, Month
from services.figures import Figure

KEPT = "结账数 "
CLOSINGS = ["月份", "起止", "版次", "结账人", "结账时间", "重新打开"]
CHANGES = ["时间", "记录", "动作", "记录日期", "谁", "理由"]


def tables(settled: Settled) -> list[Texts]:
    """The section's tables in their order, each {title, text, headings, rows, widths}; none where no month was closed."""
    if not settled.closed:
        return []
    rows = [row for month in settled.closed for row in _closings(month)]
    found = [_table("各月结账", _about(settled), CLOSINGS, rows)]
    for one in settled.corrections:
        found += _correction(one)
    return found


def _table(title: str, text: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Texts:
    cells = [[breakable(cell) for cell in row] for row in rows]
    return {"title": title, "text": text, "headings": list(headings), "rows": cells, "widths": widths(headings, cells)}


def _about(settled: Settled) -> str:
    """Which months are over and not closed; whether the figures are still those of the closing."""
    open_ = "、".join(month_title(month).zh for month in settled.months if not month.editions)
    words = f"已结束而未结账：{open_}。" if open_ else "报告范围内已结束的月份均已结过账。"
    if settled.frozen is None:
        return words
    if not settled.frozen:
        return f"{words}本报告的数字与结账时一致。"
    return f"{words}有 {len(settled.frozen)} 项指标现在的数字与结账时不同，“结账数”印在现数旁。"


def _closings(month: Month) -> list[list[str]]:
    name, days = month_title(month).zh, f"{month.first} 至 {month.last}"
    return [
        [name, days, f"第 {one.number} 版", one.closed_by or NONE, date_time(one.closed_at),
         f"{one.reopened_by} {date_time(one.reopened_at)}" if one.reopened_at else NONE]
        for one in month.editions
    ]  # fmt: skip


def _correction(one: Correction) -> list[Texts]:
    """What was adjusted since an edition was reopened, and what that changed."""
    title, number = month_title(one.month).zh, one.edition.number
    count = f"调整 {len(one.changes)} 处" if one.changes else "没有调整"
    reason = f"重新打开的理由：{one.edition.reason.rstrip('。')}。{count}。"
    rows = [_change(change) for change in one.changes]
    return [
        _table(f"{title}　第 {number} 版以后的调整", reason, CHANGES, rows),
        _differences(one, f"{title}　第 {number} 版与第 {number + 1} 版的差异"),
    ]


def _differences(one: Correction, title: str) -> Texts:
    headings = ["编号", "指标", f"第 {one.edition.number} 版", f"第 {one.edition.number + 1} 版"]
    if one.differences is None:
        return _table(title, "尚未再次结账。", headings, [])
    if not one.differences:
        return _table(title, "报告内各项指标两版数字相同。", headings, [])
    return _table(title, "", headings, [_difference(difference) for difference in one.differences])


def _change(change: Change) -> list[str]:
    record = f"{RECORDS[change.record].label.zh} #{change.record_id} {change.title}".strip()
    return [date_time(change.at), record, change.verb.label.zh, days_words(change), change.actor, change.reason or NONE]


def _difference(one: Difference) -> list[str]:
    before, after = one
    return [after.code, after.name.zh, "；".join(_told(before, after)), "；".join(_told(after, before))]


def _told(figure: Figure, other: Figure) -> list[str]:
    """The value; the target and the state where the other figure has another one."""
    words = [actual_words(figure)]
    words += [f"目标 {target_words(figure)}"] if target_words(figure) != target_words(other) else []
    state, others = state_texts(figure)["state"], state_texts(other)["state"]
    return [*words, state] if state != others else words


def frozen_texts(line: Line, report: Report) -> Texts:
    """What the closing of the report's last month kept of an indicator, where the figures of now are others."""
    was = (report.settled.frozen or {}).get(line.figure.code)
    if was is None or report.months is None:
        return {"frozen": "", "frozen_added": ""}
    then, now = added_words(was, added(was, report.months)), added_words(line.figure, line.added)
    words = "，".join(_told(was, line.figure))
    return {"frozen": f"{KEPT}{words}", "frozen_added": f"{KEPT}{then}" if then != now else ""}
