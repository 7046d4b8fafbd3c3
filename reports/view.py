"""An acceptance report as texts in the order of the page: what the PDF and the Word file both print, in Chinese."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from reports import charts, settled_words
from reports.content import Evidence, Line, Listed, Report, Section
from reports.figure_words import amount, days_left, gap_words, percent, plan_words, waiting_words
from reports.layout import breakable, reach, widths
from reports.paper_words import (
    NONE,
    SHAPES,
    Texts,
    actual_words,
    added_words,
    amended_words,
    date_time,
    due_words,
    exact,
    feedback_words,
    rate_words,
    state_texts,
    target_words,
)  # fmt: skip
from reports.states import STATES, state_of
from services import clock
from services.figures import Board, Number

MONTHS_A_TABLE = 12
PRINTED = 15_000
NARROW = 12


# -- the whole --------------------------------------------------


def texts(report: Report) -> Texts:
    """The report's texts, numbers included, ready to be laid out."""
    board, of_time = report.board, report.months is not None
    return {
        "title": title(report),
        "contract": board.title,
        "edition": report.name.zh,
        "of_time": of_time,
        "about": about(report),
        "moment": date_time(report.moment),
        "stamp": f"数据时刻 {date_time(report.moment)} · 数据版本 {report.version}",
        "counts": counts(board, report),
        "met": f"{report.met}/{report.quantified}",
        "overview": [_overview(section, report) for section in report.sections],
        "sections": [_section(section, report, most_printed(report)) for section in report.sections],
        "settled": settled_words.tables(report.settled),
        "evidence": [_evidence(one) for one in report.evidence],
        "bare": _bare(report),
        "evidence_headings": EVIDENCE_HEADINGS,
        "evidence_widths": widths(EVIDENCE_HEADINGS, [_evidence(one) for one in report.evidence]),
        "lines": str(len(report.lines)),
        "client": report.client,
        "supplier": report.supplier,
        "made_by": report.made_by,
        "icons": {name: charts.state_icon(name) for name in STATES},
    }


def title(report: Report) -> str:
    kinds = {"whole": "验收报告", "category": "分类验收报告", "month": "月度报告", "quarter": "季度报告"}
    return kinds[report.edition.kind.value]


def about(report: Report) -> list[tuple[str, str]]:
    """What stands on the cover: about which contract, which days, of which moment, by whom; nothing empty."""
    board = report.board
    day = f"第 {board.day} 天 / 共 {board.days} 天"
    left = days_left(board)
    rest = f"还有 {left} 天" if left >= 0 else f"已结束 {-left} 天"
    rows = [
        ("合同名称", board.title),
        ("合同编号", report.number),
        ("采购方", report.client),
        ("服务方", report.supplier),
        ("合同期", f"{board.start} 至 {board.end}（共 {board.days} 天）"),
        ("报告范围", report.name.zh),
        (
            "统计日",
            f"{board.as_of}（{day}，{rest}）" if board.as_of >= board.start else f"{board.as_of}（合同期尚未开始）",
        ),
        ("数据时刻", f"{date_time(report.moment)}（数据版本 {report.version}）"),
        ("生成人", report.made_by),
    ]
    rows.append(("站点范围", "、".join(report.scope)))
    return [(name, words) for name, words in rows if words]


def counts(board: Board, report: Report) -> list[Texts]:
    """How many of the report's indicators stand in each state."""
    found = Counter(state_of(line.figure) for line in report.lines)
    return [
        {"name": name, "state": state.word.zh, "n": str(found[name]), "mark": SHAPES[name],
         "colour": charts.COLOURS[state.colour]}
        for name, state in STATES.items() if found[name] or name in ("achieved", "on_pace", "behind", "at_risk")
    ]  # fmt: skip


def _overview(section: Section, report: Report) -> Texts:
    return {
        "code": section.code,
        "name": section.name.zh,
        "met": _met(section),
        "rows": [_row(line, report) for line in section.lines],
    }


def _met(section: Section) -> str:
    return f"量化指标达成 {section.met}/{section.quantified} 项" if section.quantified else ""


def _row(line: Line, report: Report) -> Texts:
    figure = line.figure
    return {
        "code": figure.code,
        "indicator": figure.name.zh,
        "wording": figure.wording or NONE,
        "target": target_words(figure),
        "added": added_words(line.figure, line.added),
        "actual": actual_words(figure),
        "due": due_words(figure),
        "rate": rate_words(figure),
        **settled_words.frozen_texts(line, report),
        **state_texts(figure),
    }


def _section(section: Section, report: Report, most: int) -> Texts:
    return {
        "code": section.code,
        "name": section.name.zh,
        "met": _met(section),
        "feedback": feedback_words(section.feedback),
        "lines": [_line(line, report, most) for line in section.lines],
    }


def _line(line: Line, report: Report, most: int) -> Texts:
    board, row = report.board, _row(line, report)
    drawn, words = charts.chart(line, board)
    printed = line.rows[-most:]
    kept = [(name, words) for name, words in (("本期", row["frozen_added"]), ("累计", row["frozen"])) if words]
    return row | {
        "strip": (numbers := strip(line, board, report.months is not None)),
        "strip_widths": [NARROW, *(max(NARROW, reach(words)) for _, words in numbers)],
        "facts": [
            *facts(line, board),
            *((f"{name}结账数", words.removeprefix(settled_words.KEPT)) for name, words in kept),
        ],
        "chart": drawn,
        "alt": words,
        "months": month_tables(line),
        "stations": [(name, exact(n)) for name, n in line.stations],
        "listing": listing_words(line, len(printed)),
        **_records(printed, bool(line.stations)),
    }


def most_printed(report: Report) -> int:
    """How many records of one indicator are printed: all, unless that were more than paper and memory are good for."""
    total = sum(len(line.rows) for line in report.lines)
    return total or 1 if total <= PRINTED else max(PRINTED // len(report.lines), 1)


def _records(printed: Sequence[Listed], stations: bool) -> Texts:
    """The list of records, and how wide its columns are beside each other."""
    headings, rows = record_headings(stations), [_record(row, stations) for row in printed]
    return {"headings": headings, "records": rows, "widths": widths(headings, rows) if rows else []}


def strip(line: Line, board: Board, of_time: bool) -> list[tuple[str, str]]:
    """The indicator's numbers, each under its name."""
    figure = line.figure
    rows = [("目标", target_words(figure))]
    if figure.status == "waiting":
        return rows
    rows += [("本期", added_words(figure, line.added))] if of_time else []
    rows += [("累计" if of_time else "实际", actual_words(figure))]
    rows += [("完成率", rate_words(figure))] if rate_words(figure) != NONE else []
    if figure.kind == "at_least":
        rows += [("当日应到", f"{due_words(figure)} {figure.unit.zh}")]
    if figure.projection is not None and board.as_of < board.end:
        rows += [("按现速期末", amount(round(figure.projection), figure.unit).zh)]
    return rows


def facts(line: Line, board: Board) -> list[tuple[str, str]]:
    """The indicator in words: the contract's wording, how it is counted, what closes the gap."""
    figure = line.figure
    rows = [("合同原文", figure.wording), *(("目标变更", amended_words(figure, one)) for one in line.amendments)]
    rows += [("计算口径", figure.rule.zh if figure.rule else "")]
    rows += [("月度计划", plan_words(figure, figure.plan).zh)] if figure.plan else []
    if figure.status == "waiting":
        return [*(row for row in rows if row[1]), ("说明", waiting_words(figure).zh)]
    told = "；".join(part.zh for part in gap_words(figure, board) if part.zh)
    return [(name, words) for name, words in [*rows, ("进展", told)] if words]


def month_tables(line: Line) -> list[list[list[str]]]:
    """The months side by side, at most twelve in one table: a heading row, what each added, value at its end, due."""
    figure = line.figure
    tables = []
    for start in range(0, len(line.months), MONTHS_A_TABLE):
        part = line.months[start : start + MONTHS_A_TABLE]
        ratio = figure.kind == "ratio"
        rows = [["合同月", *(f"{month.first:%y}-{month.first.month:02}" for month in part)]]
        rows.append(["当月" if not figure.is_stock else "增减", *(_cell(month.added, ratio) for month in part)])
        if not ratio:
            rows.append(["月末存量" if figure.is_stock else "累计", *(_cell(month.total, False) for month in part)])
        if figure.plan:
            rows.append(["计划", *(exact(month.plan) for month in part)])
        if any(month.due is not None for month in part):
            rows.append(["应到", *(NONE if month.due is None else exact(round(month.due, 1)) for month in part)])
        tables.append(rows)
    return tables


def _cell(value: Number | None, ratio: bool) -> str:
    if value is None:
        return ""
    return percent(value) if ratio else exact(value)


def listing_words(line: Line, printed: int) -> str:
    """What stands above a list of records: how many, what they add up to, what proves them."""
    if line.figure.status == "waiting":
        return ""
    if not line.rows_total:
        return "没有计入的记录。"
    listed, whole = len(line.rows), line.rows_total == len(line.rows)
    of = "其中" if whole else f"最近的 {listed:,} 条中"
    words = f"计入的记录 {line.rows_total:,} 条，合计 {exact(line.counted)}；{of} {line.bare:,} 条没有佐证文件。"
    if line.rows_total > printed:
        words += f"以下列出最近的 {printed:,} 条，{rest_words(line, printed)}。"
    if any(row.n == 0 for row in line.rows):
        words += "计数为 0 的，同一对象已在前面计过。"
    return words


def rest_words(line: Line, printed: int) -> str:
    """Where the records are that a list of the newest leaves out: the workbook holds no more than were read."""
    listed = len(line.rows)
    if line.rows_total == listed:
        return "其余见 Excel"
    return f"Excel 列出最近的 {listed:,} 条，其余见门户" if listed > printed else "其余见门户"


def _record(row: Listed, has_stations: bool) -> list[str]:
    station = [row.station or NONE] if has_stations else []
    files = str(row.files) if row.files else NONE
    cells = [row.title, row.about, *station, exact(row.n), files]
    return [str(row.number), row.day.isoformat(), *map(breakable, cells)]


def record_headings(has_stations: bool) -> list[str]:
    return ["序号", "日期", "记录", "摘要", *(["站点"] if has_stations else []), "计数", "佐证"]


EVIDENCE_HEADINGS = ["编号", "指标", "记录", "文件名", "大小", "SHA-256 前 12 位", "上传日期"]


def _evidence(one: Evidence) -> list[str]:
    added: date = clock.local(one.added_at).date()
    record = one.title if one.record_number is None else f"{one.record_number}　{one.title}"
    cells = [record, one.name, size(one.size)]
    return [str(one.number), one.code, *map(breakable, cells), one.sha256[:12], added.isoformat()]


def _bare(report: Report) -> str:
    listed = sum(len(line.rows) for line in report.lines)
    bare = sum(line.bare for line in report.lines)
    which = "计入的" if listed == sum(line.rows_total for line in report.lines) else "列出的"
    return f"共 {len(report.evidence):,} 份佐证文件；{which}记录 {listed:,} 条中 {bare:,} 条没有佐证文件。"


def size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"
