"""The acceptance report as a workbook: figures as numbers, native charts, every counted record; nothing is a formula."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from reports import paper_words, settled_words, view
from reports.content import Line, Month, Report, Section
from reports.figure_words import percent
from reports.layout import BREAK, reach
from reports.settled_words import KEPT
from services import sheets
from services.figures import Number

A4 = 9
MARGINS = {"left": 0.4, "right": 0.4, "top": 0.6, "bottom": 0.6}
FONT = "微软雅黑"
RATE = "0.0%"
CHART_SCALE, ROWS_A_PAGE = 70, 46
SCALE_LINES = {"visible": True, "line": {"color": "#E3E9EA"}}
LOOKS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16},
    "note": {"font_color": "#5B6B6E"},
    "head": {"bold": True, "bg_color": "#EEF3F4", "bottom": 1, "text_wrap": True, "valign": "vcenter", "indent": 1},
    "part": {"bold": True, "bg_color": "#F7FAFA"},
    "text": {"text_wrap": True, "valign": "top", "num_format": "@", "align": "left", "indent": 1},
    "number": {"valign": "top", "num_format": "#,##0.##########"},
    "whole": {"valign": "top", "num_format": "#,##0"},
    "rate": {"valign": "top", "num_format": RATE},
}


class Book:
    """A workbook being written: A4 landscape pages with repeated heads and page numbers, in our looks."""

    def __init__(self, footer: str, *, constant_memory: bool = False) -> None:
        self.file, self.footer = io.BytesIO(), footer
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                   "constant_memory": constant_memory}  # fmt: skip
        self.book = xlsxwriter.Workbook(self.file, options)
        base = {"font_name": FONT, "font_size": 10}
        self.looks = {name: self.book.add_format(base | look) for name, look in LOOKS.items()}
        self.names: set[str] = set()

    def page(self, name: str, widths: Sequence[float], *, heads_at: int = 0) -> Worksheet:
        """A new sheet; the row of heads repeats on every printed page."""
        made = self.book.add_worksheet(self._free_name(name))
        made.set_paper(A4)
        made.set_landscape()
        made.fit_to_pages(1, 0)
        made.set_margins(**MARGINS)
        made.set_footer(f"&L&8{self.footer.replace('&', '&&')}&R&8第 &P 页 共 &N 页")
        made.repeat_rows(heads_at)
        made.freeze_panes(heads_at + 1, 0)
        for place, width in enumerate(widths):
            made.set_column(place, place, width)
        return made

    def _free_name(self, name: str) -> str:
        plain = sheets.sheet_name(name) or "表"
        number = 1
        while (free := plain if number == 1 else f"{plain[:27]} {number}").lower() in self.names:
            number += 1
        self.names.add(free.lower())
        return free

    def row(self, page: Worksheet, at: int, cells: Iterable[object], look: str = "text") -> None:
        """Write a row: numbers as numbers, everything else as text."""
        for place, cell in enumerate(cells):
            self.cell(page, at, place, cell, look)

    def cell(self, page: Worksheet, at: int, place: int, cell: object, look: str = "text") -> None:
        value = sheets.plain(cell)
        if isinstance(value, int | float) and not isinstance(value, bool):
            whole = look == "text" and value == int(value)
            page.write_number(at, place, value, self.looks["whole" if whole else "number" if look == "text" else look])
        elif value is not None:
            sheets.put_text(page, at, place, sheets.as_text(value), self.looks["text" if look == "rate" else look])
        elif look in ("head", "part"):
            page.write_blank(at, place, None, self.looks[look])

    def closed(self) -> bytes:
        self.book.close()
        return self.file.getvalue()


def workbook(report: Report) -> bytes:
    """The report as .xlsx."""
    told = view.texts(report)
    book = Book(f"{told['contract']} {told['title']}　{told['stamp']}")
    overview, rates = _overview(book, report, told)
    months, paced = _months(book, report)
    _charts(book, overview, rates, months, paced)
    for section in report.sections:
        _records(book, section)
    _amendments(book, report)
    _settled(book, told)
    _evidence(book, told)
    return book.closed()


HEADS = [
    "编号",
    "指标",
    "合同原文",
    "种类",
    "目标",
    "原目标",
    "单位",
    "实际",
    "完成率",
    "分子",
    "分母",
    "按类别表述",
    "应到",
    "状态",
    "本期",
]
WIDTHS = [8, 36, 24, 10, 10, 10, 8, 11, 10, 9, 9, 18, 10, 12, 12]
SETTLED_WIDTHS = [22, 40, 14, 26, 22, 44]
FROZEN = ["本期结账数", "累计结账数"]
KINDS = {
    "at_least": "不少于",
    "deliver": "交付",
    "ongoing": "恒常",
    "several": "若干",
    "ratio": "比率",
    "per_unit": "逐站",
}


def _overview(book: Book, report: Report, told: dict[str, Any]) -> tuple[str, list[int]]:
    """The sheet of all indicators; returns its name and the rows whose rate is a number to be reached."""
    of_time = report.months is not None
    heads = [*(HEADS if of_time else HEADS[:-1]), *(FROZEN if report.settled.frozen else [])]
    start = len(told["about"]) + 2
    page = book.page("总览", [*WIDTHS[: len(heads)], *[17] * (len(heads) - len(WIDTHS))], heads_at=start)
    page.write_string(0, 0, sheets.as_text(sheets.plain(f"{told['contract']} {told['title']}")), book.looks["title"])
    for at, (name, words) in enumerate(told["about"], 1):
        book.cell(page, at, 0, name, "note")
        sheets.put_text(page, at, 1, sheets.as_text(sheets.plain(words) or ""))
    book.row(page, start, heads, "head")
    at = start
    rates: list[int] = []
    for section in report.sections:
        at += 1
        title = f"{section.code} {section.name.zh}　量化指标达成 {section.met}/{section.quantified} 项"
        book.row(page, at, [title, *[None] * (len(heads) - 1)], "part")
        for line in section.lines:
            at += 1
            _indicator(book, page, at, line, of_time)
            kept = settled_words.frozen_texts(line, report)
            book.cell(page, at, len(HEADS), kept["frozen_added"].removeprefix(KEPT) or None)
            book.cell(page, at, len(HEADS) + 1, kept["frozen"].removeprefix(KEPT) or None)
            rates += [at] if line.figure.kind == "at_least" and line.figure.share is not None else []
        if said := paper_words.feedback_words(section.feedback):
            at += 1
            book.cell(page, at, 0, said, "note")
    book.row(page, at + 1, [f"合计　量化指标达成 {told['met']} 项", *[None] * (len(heads) - 1)], "part")
    return page.get_name(), rates


def _indicator(book: Book, page: Worksheet, at: int, line: Line, of_time: bool) -> None:
    figure = line.figure
    is_rate = figure.kind == "ratio"
    state = paper_words.state_texts(figure)
    actual = None if figure.status == "waiting" else figure.actual
    book.row(page, at, [figure.code, figure.name.zh, figure.wording, KINDS[figure.kind]])
    for place, value in ((4, figure.target), (5, figure.original_target), (7, actual)):
        book.cell(page, at, place, cut(value) if is_rate else value, "rate" if is_rate else "text")
    book.cell(page, at, 6, figure.unit.zh)
    book.cell(page, at, 8, cut(figure.share) if figure.kind == "at_least" else None, "rate")
    words = f"{paper_words.actual_words(figure)}　{paper_words.rate_words(figure)}".replace(f"　{paper_words.NONE}", "")
    due = None if figure.expected is None or is_rate else round(figure.expected, 1)
    more = [figure.numerator, figure.denominator, words, due, f"{state['mark']} {state['state']}"]
    for place, cell in enumerate([*more, *([line.added] if of_time else [])], 9):
        book.cell(page, at, place, cell)


def cut(share: Number | None) -> float | None:
    """A fraction cut to a tenth of a percent, as everywhere in the portal: 89.96 % is not yet 90 %."""
    return None if share is None else float(percent(share).rstrip("%")) / 100


def _months(book: Book, report: Report) -> tuple[str, list[tuple[Line, int]]]:
    """The sheet of every indicator month by month; returns its name, and the lines with a pace with the row of that."""
    lines = [line for line in report.lines if line.months]
    if not lines:
        return "", []
    heads = ["编号", "指标", "数列", *(f"{month.first:%Y-%m}" for month in lines[0].months)]
    page = book.page("逐月", [8, 34, 10, *[9] * (len(heads) - 3)])
    book.row(page, 0, heads, "head")
    at = 0
    drawn: list[tuple[Line, int]] = []
    for line in lines:
        is_rate = line.figure.kind == "ratio"
        for name, values in _series(line.months, line.figure.is_stock):
            at += 1
            book.row(page, at, [line.figure.code, line.figure.name.zh, name])
            for place, value in enumerate(values, 3):
                book.cell(page, at, place, cut(value) if is_rate else value, "rate" if is_rate else "text")
        if line.months[0].due is not None:
            drawn.append((line, at))
    return page.get_name(), drawn


def _series(months: Sequence[Month], is_stock: bool) -> list[tuple[str, list[Any]]]:
    found: list[tuple[str, list[Any]]] = [("增减" if is_stock else "当月", [month.added for month in months])]
    if any(month.total is not None for month in months):
        found.append(("月末存量" if is_stock else "累计", [month.total for month in months]))
    if months[0].plan is not None:
        found.append(("计划", [month.plan for month in months]))
    if months[0].due is not None:
        found.append(("应到", [None if month.due is None else round(month.due, 1) for month in months]))
    return found


def _charts(book: Book, overview: str, rates: Sequence[int], months: str, paced: Sequence[tuple[Line, int]]) -> None:
    """Native charts: the rates on the first page, then every line against what is due, six on a page."""
    if not rates and not paced:
        return
    page = book.page("图表", [12] * 12)
    page.fit_page = False
    page.set_print_scale(CHART_SCALE)
    page.freeze_panes(0, 0)
    page.write_string(0, 0, "完成率、累计与应到进度", book.looks["title"])
    breaks = []
    if rates:
        page.insert_chart(1, 0, _rate_chart(book, overview, rates), {"description": "各项指标完成率的条形图"})
        breaks.append(ROWS_A_PAGE)
    for number, (line, row) in enumerate(paced):
        on_page, place = divmod(number, 6)
        first = ROWS_A_PAGE * (on_page + bool(rates)) + 1
        words = {"description": f"{line.figure.code} 累计与应到"}
        page.insert_chart(first + place // 2 * 14, place % 2 * 6, _pace_chart(book, months, line, row), words)
        breaks += [first - 1 + ROWS_A_PAGE] if place == 5 else []
    page.set_h_pagebreaks(breaks)


def _rate_chart(book: Book, sheet: str, rows: Sequence[int]) -> Any:
    """The rates of what has a number to reach, as bars."""
    chart = book.book.add_chart({"type": "bar"})
    names, rates = ("=(" + ",".join(f"'{sheet}'!${column}${row + 1}" for row in rows) + ")" for column in "AI")
    chart.add_series({"name": "完成率", "categories": names, "values": rates, "fill": {"color": "#0B6E75"}, "gap": 60,
                      "data_labels": {"value": True, "num_format": RATE}})  # fmt: skip
    chart.set_title({"name": "有数量目标的指标：完成率", "name_font": {"size": 12}})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "0%", "min": 0, "major_gridlines": SCALE_LINES})
    chart.set_size({"width": 1040, "height": min(120 + 24 * len(rows), 780)})
    return chart


def _pace_chart(book: Book, sheet: str, line: Line, due_at: int) -> Any:
    chart, last = book.book.add_chart({"type": "line"}), 2 + len(line.months)
    total_at = due_at - 1 - (line.months[0].plan is not None)
    for row, name, colour, dash in ((total_at, "累计", "#0B6E75", "solid"), (due_at, "应到", "#8A9A9D", "dash")):
        look = {"color": colour, "width": 2.25 if dash == "solid" else 1.25, "dash_type": dash}
        chart.add_series({"name": name, "categories": [sheet, 0, 3, 0, last], "values": [sheet, row, 3, row, last],
                          "line": look})  # fmt: skip
    title = str(sheets.plain(f"{line.figure.code} {line.figure.name.zh}"))
    chart.set_title({"name": title[:60], "name_font": {"size": 10}})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"interval_unit": 2, "num_font": {"size": 8, "rotation": 0}})
    chart.set_y_axis({"min": 0, "major_gridlines": SCALE_LINES})
    chart.set_size({"width": 515, "height": 250})
    return chart


def _records(book: Book, section: Section) -> None:
    """The counted records of a category, one list under the other."""
    heads = ["指标", "序号", "日期", "记录种类", "记录", "摘要", "站点", "计数", "佐证文件数"]
    page = book.page(f"{section.code} {section.name.zh}", [8, 8, 12, 16, 40, 48, 16, 9, 11])
    book.row(page, 0, heads, "head")
    at = 0
    for line in section.lines:
        for row in line.rows:
            at += 1
            book.row(page, at, [
                line.figure.code, row.number, row.day.isoformat(), row.kind.zh, row.title, row.about, row.station, row.n,
                row.files,
            ])  # fmt: skip
        if line.rows:
            at += 1
            counted = f"{line.figure.code} 合计 {line.rows_total:,} 条"
            if line.rows_total > len(line.rows):
                counted += f"，列出最近的 {len(line.rows):,} 条，{view.rest_words(line, len(line.rows))}"
            book.row(page, at, [counted, *[None] * 6], "part")
            book.cell(page, at, 7, line.counted, "part")
            book.cell(page, at, 8, None, "part")
    page.autofilter(0, 0, max(at, 1), len(heads) - 1)


def _amendments(book: Book, report: Report) -> None:
    """Every amended target with its ground, where there is one."""
    found = [(line.figure, one) for line in report.lines for one in line.amendments]
    if not found:
        return
    page = book.page("目标变更", [8, 36, 12, 10, 10, 8, 48, 24, 11])
    book.row(
        page, 0, ["编号", "指标", "生效日期", "变更前", "变更后", "单位", "变更理由", "依据文号", "佐证文件数"], "head"
    )
    for at, (figure, one) in enumerate(found, 1):
        values = [cut(one.before), cut(one.after)] if figure.kind == "ratio" else [one.before, one.after]
        book.row(page, at, [figure.code, figure.name.zh, one.effective_on.isoformat()])
        for place, value in enumerate(values, 3):
            book.cell(page, at, place, value, "rate" if figure.kind == "ratio" else "text")
        for place, cell in enumerate([figure.unit.zh, one.reason, one.document, one.files], 5):
            book.cell(page, at, place, cell)


def _settled(book: Book, told: dict[str, Any]) -> None:
    """Months closed, what was adjusted since, and what that changed, one table under the other."""
    if not told["settled"]:
        return
    page = book.page("结账与调整", SETTLED_WIDTHS)
    page.freeze_panes(0, 0)
    page.write_string(0, 0, "结账与调整", book.looks["title"])
    at = 1
    for one in told["settled"]:
        at += 1
        book.row(page, at, [one["title"], *[None] * (len(SETTLED_WIDTHS) - 1)], "part")
        if one["text"]:
            at += 1
            book.cell(page, at, 0, one["text"], "note")
        at += 1
        for look, row in [("head", one["headings"]), *(("text", row) for row in one["rows"])] if one["rows"] else []:
            book.row(page, at, [cell.replace(BREAK, "") for cell in row], look)
            at += 1


def _evidence(book: Book, told: dict[str, Any]) -> None:
    rows = [[cell.replace(BREAK, "") for cell in row] for row in told["evidence"]]
    heads = told["evidence_headings"]
    page = book.page("佐证材料", [min(max(reach(head), *(reach(row[n]) for row in rows[:500]), 8) + 2, 60)
                                  for n, head in enumerate(heads)])  # fmt: skip
    book.row(page, 0, heads, "head")
    for at, row in enumerate(rows, 1):
        book.row(page, at, row)
    book.cell(page, len(rows) + 2, 0, told["bare"], "note")
