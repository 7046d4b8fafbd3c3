"""A ledger (台账) of any record type on A4: what its list shows, masked as an export is, for the shelf (X12)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models import RecordType
from models.base import LIST, FieldSpec
from models.words import L, Language
from reports import paper, wordfile
from reports.excel import Book
from reports.layout import breakable, widths
from reports.paper_words import date_time, exact
from services import clock, db, exchange, sheets
from services.access import Actor
from services.errors import Invalid
from services.store import Query

Told = Callable[[str, int, int], None]
RIGHT = ("number", "money")
NUMBER = L("序号", "No.")
SIGNERS = (L("制表人：", "Prepared by:"), L("审核人：", "Checked by:"), L("日期：", "Date:"))
PAGE_REACH, LARGEST, SMALLEST = 176, 8.5, 6.0
SMALL_BOOK = 5000
MOST_PRINTED = 10_000


@dataclass(frozen=True, slots=True)
class Ledger:
    """A list as it stood at one moment: the cells of its columns, numbers as numbers."""

    record: RecordType
    specs: tuple[FieldSpec, ...]
    rows: list[list[object]]
    moment: datetime
    version: int
    made_by: str
    language: Language

    @property
    def title(self) -> str:
        label = self.record.label
        return f"{label.zh}台账" if self.language == "zh" else f"Ledger: {label.en.lower()}"

    @property
    def headings(self) -> list[str]:
        return [NUMBER(self.language), *(spec.label(self.language) for spec in self.specs)]

    @property
    def stamp(self) -> str:
        when = date_time(self.moment)
        text = L(f"数据时刻 {when} · 数据版本 {self.version}", f"As of {when} · data version {self.version}")
        return text(self.language)

    @property
    def total(self) -> str:
        count = len(self.rows)
        return L(f"共 {count:,} 条", f"{count:,} {'row' if count == 1 else 'rows'}")(self.language)

    @property
    def by(self) -> str:
        return L(f"生成人 {self.made_by}", f"Made by {self.made_by}")(self.language)

    @property
    def right(self) -> list[int]:
        """The places of columns that hold numbers."""
        return [0, *(place for place, spec in enumerate(self.specs, 1) if spec.kind in RIGHT)]

    def texts(self) -> list[list[str]]:
        """The rows as texts, numbered."""
        return [[str(number), *map(_text, row)] for number, row in enumerate(self.rows, 1)]


def _text(cell: object) -> str:
    if isinstance(cell, bool) or not hasattr(cell, "__abs__"):
        return sheets.as_text(cell) if cell is not None else ""
    return exact(cell)  # type: ignore[arg-type]


def gather(
    actor: Actor,
    record: RecordType,
    query: Query,
    language: Language = "zh",
    told: Told = lambda step, done, total: None,
) -> Ledger:
    """What the list of that query shows, of one moment, within the actor's rights and stations. Raises Denied."""
    names = [name for name in query.fields if name in record.by_name]
    specs = tuple(map(record.field, names)) or tuple(spec for spec in record.fields if spec.shows(LIST))
    with (
        db.snapshot() as version,
        exchange.listed(actor, record, query, specs, language=language, progress=told) as (_, rows),
    ):
        return Ledger(record, specs, list(rows), clock.now(), version, actor.name, language)


def pdf(ledger: Ledger) -> bytes:
    """The ledger as PDF, A4 across."""
    rows = ledger.texts()
    wide = widths(ledger.headings, rows)
    told = {
        "title": ledger.title,
        "stamp": ledger.stamp,
        "made_by": ledger.made_by,
        "about": f"{ledger.stamp} · {ledger.by}",
        "total": ledger.total,
        "headings": ledger.headings,
        "widths": wide,
        "right": ledger.right,
        "size": min(max(PAGE_REACH * LARGEST / sum(wide), SMALLEST), LARGEST),
        "rows": [[breakable(cell) for cell in row] for row in rows],
        "signers": [words(ledger.language) for words in SIGNERS],
    }
    return paper.pdf("ledger", told, ledger.moment)


def word(ledger: Ledger) -> bytes:
    """The ledger as a Word file, A4 across."""
    made = wordfile.begun(landscape=True, title=ledger.title, author=ledger.made_by, moment=ledger.moment)
    wordfile.head_and_foot(made, ledger.title, ledger.stamp)
    made.add_heading(ledger.title, 1)
    wordfile.paragraph(made, f"{ledger.by}　　{ledger.total}", size=8, muted=True)
    rows = ledger.texts()
    wide = widths(ledger.headings, rows)
    size = round(min(max(PAGE_REACH * LARGEST / sum(wide), SMALLEST), LARGEST) * 2) / 2
    wordfile.table(made, ledger.headings, rows, wide, size=size, right=ledger.right, landscape=True)
    gap = "\u3000" * 12
    wordfile.paragraph(made, "\n" + gap.join(words(ledger.language) for words in SIGNERS), size=9)
    return wordfile.written(made)


def excel(ledger: Ledger) -> bytes:
    """The ledger as a workbook, A4 across, its head on every page."""
    book = Book(f"{ledger.title}　{ledger.stamp}", constant_memory=len(ledger.rows) > SMALL_BOOK)
    sample = [[str(number), *map(_text, row)] for number, row in enumerate(ledger.rows[:SMALL_BOOK], 1)]
    wide = [min(width + 1, 60) for width in widths(ledger.headings, sample)]
    page = book.page(ledger.title, wide, heads_at=2)
    page.write_string(0, 0, ledger.title, book.looks["title"])
    page.write_string(1, 0, f"{ledger.total} · {ledger.stamp} · {ledger.by}", book.looks["note"])
    book.row(page, 2, ledger.headings, "head")
    at = 2
    for at, row in enumerate(ledger.rows, 3):
        book.row(page, at, [at - 2, *row])
    page.autofilter(2, 0, at, len(ledger.headings) - 1)
    page.write_string(at + 2, 1, "　　　　".join(words(ledger.language) for words in SIGNERS), book.looks["note"])
    return book.closed()


FORMATS: dict[str, Callable[[Ledger], bytes]] = {"pdf": pdf, "xlsx": excel, "docx": word}


def written(ledger: Ledger, fmt: str) -> bytes:
    """The ledger in a format. Raises Invalid where it is too long for anything but a workbook: a page takes memory."""
    if fmt != "xlsx" and len(ledger.rows) > MOST_PRINTED:
        raise Invalid({"format": "ledger_too_long"})
    return FORMATS[fmt](ledger)
