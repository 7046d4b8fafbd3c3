"""An acceptance report as texts in the order of the page: what the PDF and the Word file both print, in Chinese."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from reports import charts
from reports.content import Evidence, Line, Listed, Report, Section
from reports.figure_words import amount, days_left, gap_words, percent, waiting_words
from reports.layout import breakable, widths
from reports.states import STATES, StateName, state_of
from services import clock
from services.figures import Board, Figure, Number

NONE = "—"
SHAPES: dict[StateName, str] = {
    "achieved": "●", "on_pace": "→", "behind": "▲", "at_risk": "◆", "not_started": "○", "count": "#", "waiting": "◇",
}  # fmt: skip
MONTHS_A_TABLE = 12
PRINTED = 15_000

Texts = dict[str, Any]


# -- words of one figure --------------------------------------------------


def exact(value: Number | None) -> str:
    """A number to its last digit, thousands grouped; a float without the noise of its last bits."""
    if value is None:
        return NONE
    number = Decimal(repr(round(value, 9))) if isinstance(value, float) else Decimal(value)
    return f"{int(number):,}" if number == int(number) else f"{number.normalize():,f}"


def target_words(figure: Figure) -> str:
    """The target with its unit, or the contract's word for a target without a number."""
    match figure.kind:
        case "several":
            return "若干"
        case "ongoing":
            return "恒常（每月）"
        case "ratio":
            return f"≥ {percent(figure.target or 0)}"
        case "per_unit":
            return f"各 {exact(figure.target)} {figure.unit.zh}"
    return f"{exact(figure.target)} {figure.unit.zh}"


def actual_words(figure: Figure) -> str:
    """The value in the words of its kind."""
    if figure.status == "waiting":
        return NONE
    match figure.kind:
        case "ongoing":
            return f"{figure.months_active or 0}/{figure.months_elapsed or 0} 个月"
        case "ratio":
            reached = percent(float(figure.numerator or 0) / float(figure.denominator)) if figure.denominator else NONE
            return f"{reached}（{exact(figure.numerator or 0)}/{exact(figure.denominator or 0)}）"
        case "deliver":
            return f"{exact(figure.actual)}/{exact(figure.target)} {figure.unit.zh}"
    return f"{exact(figure.actual)} {figure.unit.zh}"


def rate_words(figure: Figure) -> str:
    """The rate where the target is a number to be reached, else what stands in its place."""
    if figure.status == "waiting":
        return NONE
    match figure.kind:
        case "at_least":
            return NONE if figure.share is None else percent(figure.share)
        case "per_unit":
            return f"{figure.units_met or 0}/{figure.units_total or 0} 达标"
        case "deliver":
            return f"文件 {exact(figure.numerator)}/{exact(figure.denominator)}" if figure.denominator else NONE
        case "several":
            return "只计数"
    return NONE


def added_words(line: Line) -> str:
    """What the edition's months added."""
    if line.added is None:
        return NONE
    unit = "个月" if line.figure.kind == "ongoing" else line.figure.unit.zh
    return f"{exact(line.added)} {unit}"


def due_words(figure: Figure) -> str:
    if figure.expected is None or figure.status == "waiting":
        return NONE
    return percent(figure.expected) if figure.kind == "ratio" else exact(round(figure.expected, 1))


def state_texts(figure: Figure) -> Texts:
    name = state_of(figure)
    state = STATES[name]
    return {"state": state.word.zh, "mark": SHAPES[name], "colour": charts.COLOURS[state.colour], "name": name}


def date_time(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M:%S}"


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
        "met": f"{report.met}/{len(report.lines)}",
        "overview": [_overview(section) for section in report.sections],
        "sections": [_section(section, board, of_time, most_printed(report)) for section in report.sections],
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
    """What stands on the cover: about which contract, which days, of which moment, by whom."""
    board = report.board
    day = f"第 {board.day} 天 / 共 {board.days} 天"
    left = days_left(board)
    rest = f"还有 {left} 天" if left >= 0 else f"已结束 {-left} 天"
    rows = [
        ("合同名称", board.title),
        ("合同编号", board.code),
        ("采购方", report.client or NONE),
        ("服务方", report.supplier or NONE),
        ("合同期", f"{board.start} 至 {board.end}（共 {board.days} 天）"),
        ("报告范围", report.name.zh),
        (
            "统计日",
            f"{board.as_of}（{day}，{rest}）" if board.as_of >= board.start else f"{board.as_of}（合同期尚未开始）",
        ),
        ("数据时刻", f"{date_time(report.moment)}（数据版本 {report.version}）"),
        ("生成人", report.made_by),
    ]
    return [*rows, ("站点范围", "、".join(report.scope))] if report.scope else rows


def counts(board: Board, report: Report) -> list[Texts]:
    """How many of the report's indicators stand in each state."""
    found = Counter(state_of(line.figure) for line in report.lines)
    return [
        {"name": name, "state": state.word.zh, "n": str(found[name]), "mark": SHAPES[name],
         "colour": charts.COLOURS[state.colour]}
        for name, state in STATES.items() if found[name] or name in ("achieved", "on_pace", "behind", "at_risk")
    ]  # fmt: skip


def _overview(section: Section) -> Texts:
    return {
        "code": section.code,
        "name": section.name.zh,
        "met": f"达成 {section.met}/{len(section.lines)} 项",
        "rows": [_row(line) for line in section.lines],
    }


def _row(line: Line) -> Texts:
    figure = line.figure
    return {
        "code": figure.code,
        "indicator": figure.name.zh,
        "wording": figure.wording or NONE,
        "target": target_words(figure),
        "added": added_words(line),
        "actual": actual_words(figure),
        "due": due_words(figure),
        "rate": rate_words(figure),
        **state_texts(figure),
    }


def _section(section: Section, board: Board, of_time: bool, most: int) -> Texts:
    return {
        "code": section.code,
        "name": section.name.zh,
        "met": f"达成 {section.met}/{len(section.lines)} 项",
        "lines": [_line(line, board, of_time, most) for line in section.lines],
    }


def _line(line: Line, board: Board, of_time: bool, most: int) -> Texts:
    drawn, words = charts.chart(line, board)
    printed = line.rows[-most:]
    return _row(line) | {
        "strip": strip(line, board, of_time),
        "facts": facts(line, board),
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
    rows += (
        [("本期", added_words(line)), ("累计", actual_words(figure))] if of_time else [("实际", actual_words(figure))]
    )
    rows += [("完成率", rate_words(figure))] if rate_words(figure) != NONE else []
    if figure.kind == "at_least":
        rows += [("当日应到", f"{due_words(figure)} {figure.unit.zh}")]
    if figure.projection is not None and board.as_of < board.end:
        rows += [("按现速期末", amount(round(figure.projection), figure.unit).zh)]
    return rows


def facts(line: Line, board: Board) -> list[tuple[str, str]]:
    """The indicator in words: the contract's wording, how it is counted, what closes the gap."""
    figure = line.figure
    rows = [("合同原文", figure.wording), ("计算口径", figure.rule.zh if figure.rule else "")]
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
    words = f"计入的记录 {line.rows_total:,} 条，合计 {exact(line.counted)}；其中 {line.bare:,} 条没有佐证文件。"
    if line.rows_total > printed:
        words += f"以下列出最近的 {printed:,} 条，其余见 Excel。"
    if any(row.n == 0 for row in line.rows):
        words += "计数为 0 的，同一对象已在前面计过。"
    return words


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
    record = f"{one.record_number}　{one.title}"
    cells = [record, one.name, size(one.size)]
    return [str(one.number), one.code, *map(breakable, cells), one.sha256[:12], added.isoformat()]


def _bare(report: Report) -> str:
    listed = sum(len(line.rows) for line in report.lines)
    bare = sum(line.bare for line in report.lines)
    return f"共 {len(report.evidence):,} 份佐证文件；计入的记录 {listed:,} 条中 {bare:,} 条没有佐证文件。"


def size(count: int) -> str:
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"
