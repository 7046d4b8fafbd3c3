"""What every Word file of ours has: A4, fonts that show Chinese, real headings, wide tables whose heads repeat."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

from services import sheets

LATIN, CHINESE = "Calibri", "微软雅黑"
INK, MUTED = RGBColor(0x17, 0x27, 0x2A), RGBColor(0x5B, 0x6B, 0x6E)
EDGE, HEAD = "C9D4D6", "EEF3F4"
TWIPS_A_MM = 56.7
STYLES = {
    "Normal": (10, False),
    "Title": (28, True),
    "Heading 1": (16, True),
    "Heading 2": (12, True),
    "Heading 3": (10, True),
}
Cell = str | tuple[str, str]


def plain(text: str) -> str:
    """Text without what no XML holds."""
    return str(sheets.plain(text) or "")


def begun(*, landscape: bool = False, title: str, author: str, moment: datetime) -> Document:
    """An empty document, A4, in our styles."""
    made = docx.Document()
    section: Any = made.sections[0]
    wide, high = Mm(210), Mm(297)
    section.page_width, section.page_height = (high, wide) if landscape else (wide, high)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(14 if landscape else 18)
    section.top_margin, section.bottom_margin = Mm(17 if landscape else 20), Mm(15 if landscape else 18)
    section.header_distance = section.footer_distance = Mm(9)
    for name, (size, bold) in STYLES.items():
        _style(made.styles[name], size, bold)
    made.core_properties.title, made.core_properties.author = plain(title)[:255], plain(author)[:255]
    made.core_properties.created = made.core_properties.modified = moment.replace(tzinfo=None)
    return made


def _style(style: Any, size: float, bold: bool) -> None:
    style.font.name, style.font.size, style.font.bold, style.font.color.rgb = LATIN, Pt(size), bold, INK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{attribute}"), None)
    fonts.set(qn("w:eastAsia"), CHINESE)
    style.paragraph_format.space_after = Pt(4)
    if style.name == "Heading 1":
        style.paragraph_format.space_before = Pt(0)
    if style.name == "Title":
        for border in style.element.pPr.findall(qn("w:pBdr")):
            style.element.pPr.remove(border)


def paragraph(
    to: Any, text: str, *, size: float = 0, muted: bool = False, bold: bool = False, style: Any = None
) -> Any:
    made = to.add_paragraph(style=style)
    run = made.add_run(plain(text))
    run.bold = bold or None
    if size:
        run.font.size = Pt(size)
    if muted:
        run.font.color.rgb = MUTED
    return made


def field(to: Any, code: str, shown: str = "1") -> None:
    """A field that the program computes: PAGE, NUMPAGES, TOC."""
    for kind in ("begin", "separate", "end"):
        run = to.add_run()
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        if kind == "begin":
            run._r.append(mark)
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = f" {code} "
            to.add_run()._r.append(text)
            continue
        run._r.append(mark)
        if kind == "separate" and shown:
            to.add_run(shown)


def head_and_foot(made: Document, left: str, stamp: str) -> None:
    """The paper's name above, the moment and 第 x 页 共 y 页 below."""
    section = made.sections[0]
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    head.add_run(plain(left))
    foot.add_run(f"{plain(stamp)}　　第 ")
    field(foot, "PAGE")
    foot.add_run(" 页 共 ")
    field(foot, "NUMPAGES")
    foot.add_run(" 页")
    for line in (head, foot):
        for run in line.runs:
            run.font.size, run.font.color.rgb = Pt(7.5), MUTED


def table(
    made: Document, headings: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[int], *,
    size: float = 8, right: Sequence[int] = (), bold: Sequence[int] = (), landscape: bool = False,
) -> None:  # fmt: skip
    """A table as wide as the page; its head repeats, no row breaks across pages. A cell may be (text, colour); a row
    of one cell spans the table."""
    room = int((297 - 28 if landscape else 210 - 36) * TWIPS_A_MM)
    twips = [room * width // sum(widths) for width in widths]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in twips)
    look = _Look(twips, size, frozenset(right), frozenset(bold))
    body = [look.row(headings, head=True), *(look.row(row) for row in rows)]
    edges = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="{EDGE}"/>' for side in ("top", "bottom", "insideH"))
    xml = (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{room}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/>'
        f"</w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(body)}</w:tbl>"
    )
    made.element.body.insert(len(made.element.body) - 1, parse_xml(xml))
    spacer = made.add_paragraph().paragraph_format
    spacer.space_after, spacer.line_spacing = Pt(0), Pt(6)


class _Look:
    """How the cells of one table are written."""

    def __init__(self, twips: Sequence[int], size: float, right: frozenset[int], bold: frozenset[int]) -> None:
        self.twips, self.half_points, self.right, self.bold = twips, round(size * 2), right, bold

    def row(self, cells: Sequence[Cell], *, head: bool = False) -> str:
        spans = len(cells) == 1 and len(self.twips) > 1
        inner = "".join(self.cell(place, cell, head, spans) for place, cell in enumerate(cells))
        repeated = "<w:tblHeader/>" if head else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{inner}</w:tr>"

    def cell(self, place: int, cell: Cell, head: bool, spans: bool) -> str:
        text, colour = cell if isinstance(cell, tuple) else (cell, "5B6B6E" if head else "")
        width = sum(self.twips) if spans else self.twips[place]
        span = f'<w:gridSpan w:val="{len(self.twips)}"/>' if spans else ""
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{HEAD if head else "F7FAFA"}"/>' if head or spans else ""
        bold = "<w:b/>" if head or spans or place in self.bold else ""
        ink = f'<w:color w:val="{colour.lstrip("#")}"/>' if colour else ""
        aligned = '<w:jc w:val="right"/>' if place in self.right and not spans else ""
        keep = "<w:keepNext/>" if head or spans else ""
        sizes = f'<w:sz w:val="{self.half_points}"/><w:szCs w:val="{self.half_points}"/>'
        lines = (f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in plain(text).split("\n"))
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{shade}<w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr>{keep}<w:spacing w:before="20" w:after="20"/>{aligned}<w:rPr>{sizes}</w:rPr></w:pPr>'
            f"<w:r><w:rPr>{bold}{ink}{sizes}</w:rPr>{'<w:br/>'.join(lines)}</w:r></w:p></w:tc>"
        )


def picture(made: Document, png: bytes, alt: str, millimetres: float) -> None:
    """A picture with what it shows in words."""
    shape = made.add_picture(BytesIO(png), width=Mm(millimetres))
    shape._inline.docPr.set("descr", plain(alt))


def signatures(made: Document, parties: Sequence[str]) -> None:
    """A place to sign and seal for each party, kept on one page."""
    grid = made.add_table(rows=1, cols=len(parties))
    for cell, who in zip(grid.rows[0].cells, parties, strict=True):
        cell.paragraphs[0].add_run(plain(who)).bold = True
        for words in ("\n\n签字（盖章）：＿＿＿＿＿＿＿＿＿＿", "\n日期：＿＿＿＿年＿＿月＿＿日"):
            line = cell.add_paragraph(words)
            line.paragraph_format.keep_together = True


def written(made: Document) -> bytes:
    file = BytesIO()
    made.save(file)
    return file.getvalue()
