"""The acceptance report as a Word file, from the same texts as the PDF; its charts are pictures with words."""

from typing import Any

from docx.document import Document
from docx.shared import Mm, Pt, RGBColor

from reports import paper, wordfile
from reports.content import Report
from reports.layout import BREAK
from reports.paper_words import Texts
from reports.view import texts
from reports.wordfile import Cell

PICTURE_WIDTH = 174


def document(report: Report) -> bytes:
    """The report as .docx."""
    told = texts(report)
    made = wordfile.begun(title=f"{told['contract']} {told['title']}", author=report.made_by, moment=report.moment)
    wordfile.head_and_foot(made, f"{told['contract']}　{told['title']}", told["stamp"])
    _cover(made, told)
    _contents(made, told)
    _overview(made, told)
    drawn = [line for section in told["sections"] for line in section["lines"] if line["chart"]]
    pictures = dict(
        zip((line["code"] for line in drawn), paper.pictures([line["chart"] for line in drawn]), strict=True)
    )
    for section in told["sections"]:
        _section(made, section, pictures)
    _settled(made, told)
    _evidence(made, told)
    made.add_heading("验收签署", 1).paragraph_format.space_before = Mm(10)
    wordfile.paragraph(made, "验收意见：\n\n\n\n", muted=True)
    wordfile.signatures(made, [f"采购方：{told['client']}", f"服务方：{told['supplier']}"])
    return wordfile.written(made)


def _cover(made: Document, told: Texts) -> None:
    wordfile.paragraph(made, told["contract"], size=13, muted=True).paragraph_format.space_before = Mm(44)
    wordfile.paragraph(made, told["title"], style="Title").paragraph_format.space_before = Pt(6)
    wordfile.paragraph(made, told["edition"], size=14).paragraph_format.space_after = Mm(22)
    grid: Any = made.add_table(rows=0, cols=2)
    grid.autofit = False
    for column, width in zip(grid.columns, (26, 148), strict=True):
        column.width = Mm(width)
    for name, words in told["about"]:
        row = grid.add_row().cells
        wordfile.paragraph(row[0], name, muted=True)
        wordfile.paragraph(row[1], words)
        for cell, width in zip(row, (26, 148), strict=True):
            cell.width = Mm(width)
            cell._tc.remove(cell.paragraphs[0]._p)
    wordfile.paragraph(made, "\n本报告的数字与门户在上述数据时刻的指标总览一致；个人信息已打码。", size=8, muted=True)


def _contents(made: Document, told: Texts) -> None:
    """A table of contents that the program can update; until then the headings themselves."""
    wordfile.paragraph(made, "目录", size=16, bold=True).paragraph_format.page_break_before = True
    names = ["总览"]
    for section in told["sections"]:
        names.append(f"{section['code']} {section['name']}")
        names += [f"　　{line['code']} {line['indicator']}" for line in section["lines"]]
    last = ["结账与调整"] if told["settled"] else []
    place = made.add_paragraph()
    wordfile.field(
        place, 'TOC \\o "1-2" \\h \\z \\u', "\n".join([*map(wordfile.plain, names), *last, "佐证材料索引", "验收签署"])
    )
    wordfile.paragraph(made, "右键目录并选择“更新域”，可显示页码。", size=8, muted=True)


def _overview(made: Document, told: Texts) -> None:
    made.add_heading("总览", 1).paragraph_format.page_break_before = True
    line = made.add_paragraph()
    for one in told["counts"]:
        run = line.add_run(f"{one['mark']} {one['state']} {one['n']}　　")
        run.font.color.rgb = RGBColor.from_string(one["colour"].lstrip("#"))
        run.bold = True
    wordfile.paragraph(
        made, f"共 {told['lines']} 项指标，其中量化指标达成 {told['met']} 项。"
        "单位不同的指标不作平均；“恒常”看有记录的月份，“若干”只计数量。",
        size=8, muted=True,
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for part in told["overview"]:
        rows.append([f"{part['code']} {part['name']}　　{part['met']}"])
        rows += [_row(row, told["of_time"]) for row in part["rows"]]
    numbers = ["本期", "累计", "期末应到"] if told["of_time"] else ["实际", "完成率"]
    widths = [7, 32, 23, 17, *([15, 16, 14] if told["of_time"] else [16, 13]), 13]
    wordfile.table(
        made, ["编号", "指标", "合同原文", "目标", *numbers, "状态"], rows, widths, bold=(5 if told["of_time"] else 4,)
    )


def _row(row: Texts, of_time: bool) -> list[Cell]:
    added, actual = (
        "\n".join(filter(None, (row[name], row[kept])))
        for name, kept in (("added", "frozen_added"), ("actual", "frozen"))
    )
    numbers = [added, actual, row["due"]] if of_time else [row["actual"], row["rate"]]
    state = (f"{row['mark']} {row['state']}", row["colour"])
    return [
        row["code"],
        row["indicator"],
        (row["wording"], "#5B6B6E"),
        row["target"].replace("（原", "\n（原"),
        *numbers,
        state,
    ]


def _section(made: Document, section: Texts, pictures: dict[str, bytes]) -> None:
    heading = made.add_heading(wordfile.plain(f"{section['code']} {section['name']}"), 1)
    heading.paragraph_format.page_break_before = True
    for words in filter(None, (section["met"], section["feedback"])):
        wordfile.paragraph(made, words, size=8, muted=True)
    for line in section["lines"]:
        made.add_heading(wordfile.plain(f"{line['code']} {line['indicator']}"), 2)
        _line(made, line, pictures)


def _line(made: Document, line: Texts, pictures: dict[str, bytes]) -> None:
    numbers: list[Cell] = [(f"{line['mark']} {line['state']}", line["colour"]), *(words for _, words in line["strip"])]
    heads = ["状态", *(name for name, _ in line["strip"])]
    wordfile.table(made, heads, [numbers], line["strip_widths"], size=9, bold=range(len(heads)))
    for name, words in line["facts"]:
        fact = wordfile.paragraph(made, f"{name}　", size=8.5, muted=True)
        fact.add_run(wordfile.plain(words)).font.size = Pt(9)
        fact.paragraph_format.space_after = Pt(1)
    if line["code"] in pictures:
        wordfile.picture(made, pictures[line["code"]], line["alt"], PICTURE_WIDTH)
    for rows in line["months"]:
        places = range(1, len(rows[0]))
        wordfile.table(made, rows[0], rows[1:], [12, *(9 for _ in places)], size=7, right=places)
    if line["stations"]:
        wordfile.table(made, ["站点", "数量"], line["stations"], [40, 10], right=(1,))
    if line["listing"]:
        wordfile.paragraph(made, line["listing"], size=8, muted=True)
    if line["records"]:
        last = len(line["headings"]) - 1
        rows = [[cell.replace(BREAK, "") for cell in row] for row in line["records"]]
        wordfile.table(made, line["headings"], rows, line["widths"], size=7.5, right=(0, last - 1, last))


def _settled(made: Document, told: Texts) -> None:
    """Months closed, what was adjusted since, and what that changed."""
    for place, one in enumerate(told["settled"]):
        if not place:
            made.add_heading("结账与调整", 1).paragraph_format.page_break_before = True
        made.add_heading(wordfile.plain(one["title"]), 3)
        if one["text"]:
            wordfile.paragraph(made, one["text"], size=8, muted=True)
        if one["rows"]:
            rows = [[cell.replace(BREAK, "") for cell in row] for row in one["rows"]]
            wordfile.table(made, one["headings"], rows, one["widths"], size=7.5)


def _evidence(made: Document, told: Texts) -> None:
    heading = made.add_heading("佐证材料索引", 1)
    heading.paragraph_format.page_break_before = True
    wordfile.paragraph(made, told["bare"], size=8, muted=True)
    if told["evidence"]:
        rows = [[cell.replace(BREAK, "") for cell in row] for row in told["evidence"]]
        wordfile.table(made, told["evidence_headings"], rows, told["evidence_widths"], size=7.5, right=(0, 4))
