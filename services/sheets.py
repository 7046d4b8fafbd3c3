"""Spreadsheets in and out, as text in rows: bounded reading, safe writing (design decision 16); no record types here.

Codes of SheetError: empty_file, not_a_sheet, too_big, too_many_rows, too_many_columns, too_slow, unreadable, password,
encoding, no_header, duplicate_header, no_such_sheet. Codes of flagged cells: number_lost_digits, formula_cell,
error_cell.
"""

import csv
import io
import json
import marshal
import re
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from services.sheetparse import ARMOURED, NUMBER_END, Limits, SheetError, as_text

__all__ = [
    "Column",
    "Limits",
    "Sheet",
    "SheetError",
    "SheetOut",
    "as_text",
    "plain",
    "read_sheet",
    "sheet_name",
    "write_csv",
    "write_sheet",
]

USUAL = Limits()
Kind = Literal["text", "number", "date", "datetime"]

_ROOT = Path(__file__).resolve().parent.parent
_CHILD = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from services.sheetparse import main; main()"
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_UNSEEN = re.compile("[\u200b-\u200f\u2060\ufeff]")
_REQUIRED = re.compile(r"^[\s*]+|(?:[\s*]|\((?:必填|required)\))+$", re.IGNORECASE)
_NOT_IN_NAME = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_LAST_ROW = 1_048_575
_EPOCH = date(1900, 3, 1)
"""Spreadsheets miscount the days before this one (a 29 February 1900 that never was), so older dates go out as text."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as a person sees it: every row as wide as the header, every cell text, blank rows left out.

    header is what to match columns by (NFKC, stripped, without required marks; "" for a column without a heading);
    headings are the same as written. numbers holds the sheet's own row number of each row. flags names, by (index in
    rows, column), the cells that cannot be trusted, so that their rows can be refused.
    """

    name: str
    header: list[str]
    headings: list[str]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    flags: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def first_row(self) -> int:
        """The sheet row number of rows[0]; 0 without rows."""
        return self.numbers[0] if self.numbers else 0


@dataclass(frozen=True, slots=True)
class Column:
    """One column to write: a text column keeps zeros and long digits; choices become a list to pick one from, or with
    `many` are only offered, since several may stand in a cell."""

    heading: str
    kind: Kind = "text"
    required: bool = False
    hint: str = ""
    choices: Sequence[str] = ()
    width: int = 0
    many: bool = False


@dataclass(frozen=True, slots=True)
class SheetOut:
    """One sheet to write; rows are taken one at a time, so they may be a generator."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]] = ()


def read_sheet(path: Path | str, *, limits: Limits = USUAL, name: str | None = None) -> Sheet:
    """The sheet of that name, or the first visible one that holds anything, of an xlsx, xls, ods or CSV file.

    The header is the first row that is not blank (a title alone above it is passed over). Parsed in a child process, so
    that no file can take this one's memory or end it. SheetError says why a file is refused.
    """
    size = Path(path).stat().st_size
    if size > limits.file_bytes:
        raise SheetError("too_big", {"bytes": size, "most": limits.file_bytes})
    with _child(Path(path), limits, name) as frames:
        _, found, headings = next(frames)
        sheet = Sheet(found, _header(headings), list(headings))
        for _, numbers, rows, codes in frames:
            sheet.rows.extend(rows)
            sheet.numbers.extend(numbers)
            sheet.flags.update({(index, column): code for index, column, code in codes})
    return sheet


@contextmanager
def _child(path: Path, limits: Limits, name: str | None) -> Iterator[Iterator[tuple[Any, ...]]]:
    arguments = [str(path.resolve()), json.dumps(asdict(limits)), json.dumps(name)]
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-I", "-c", _CHILD, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    ) as child:
        clock = threading.Timer(limits.seconds, child.kill)
        clock.start()
        try:
            assert child.stdout
            yield _frames(child.stdout)
        except (EOFError, ValueError, TypeError):
            slow = time.monotonic() - began >= limits.seconds
            raise SheetError("too_slow" if slow else "unreadable") from None
        finally:
            clock.cancel()
            child.kill()


def _frames(stream: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    """Frames up to the end; EOFError, ValueError or TypeError when the child died before it."""
    while (frame := marshal.load(stream))[0] != "end":
        if frame[0] == "error":
            raise SheetError(frame[1], frame[2])
        yield frame


def _header(headings: Sequence[str]) -> list[str]:
    header = [_matchable(heading) for heading in headings]
    for index, heading in enumerate(header):
        if heading and heading in header[:index]:
            raise SheetError("duplicate_header", {"heading": heading})
    if not any(character.isalpha() for heading in header for character in heading):
        raise SheetError("no_header")
    return header


def _matchable(heading: str) -> str:
    heading = _UNSEEN.sub("", unicodedata.normalize("NFKC", heading))
    return " ".join(_REQUIRED.sub("", heading).split())


def plain(value: object) -> object:
    """The value as a spreadsheet can hold it without loss: numbers of more than 15 digits become text, characters that
    no sheet can hold go, empty is None. What is written reads back as as_text(plain(value))."""
    if isinstance(value, str):
        return (_UNWRITABLE.sub("", value) if _UNWRITABLE.search(value) else value) or None
    if isinstance(value, Decimal) and value.is_finite():
        return float(value) if len(value.normalize().as_tuple().digits) <= 15 and abs(value) < 1e15 else f"{value:f}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value if abs(value) < NUMBER_END else as_text(value) if abs(value) < float("inf") else None
    if value is None or isinstance(value, bool | date):
        return value
    return _UNWRITABLE.sub("", as_text(value)) or None


def write_sheet(target: Path | BinaryIO, sheets: Sequence[SheetOut], *, choices_name: str = "选项") -> int:
    """Write an xlsx in little memory and return how many rows it holds; no cell is ever a formula or a link.

    Choices go to a last sheet of that name. Text over 32,767 characters is cut by the format. If rows raises, nothing
    is written to target. SheetError too_many_rows beyond what a sheet can hold.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), options)
    try:
        formats = _formats(book)
        pages = [(book.add_worksheet(sheet_name(sheet.name)), sheet) for sheet in sheets]
        written = sum(_fill(page, sheet, formats) for page, sheet in pages)
        _offer_choices(book, pages, choices_name, formats["heading"])
    except BaseException:
        book.filename = io.BytesIO()
        book.close()
        raise
    book.close()
    return written


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    heading = {"bold": True, "bg_color": "#E8EEF4", "bottom": 1, "valign": "top", "text_wrap": True, "num_format": "@"}
    return {
        "heading": book.add_format(heading),
        "text": book.add_format({"num_format": "@"}),
        "number": book.add_format({}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }


def sheet_name(name: str) -> str:
    """A name that a sheet may have."""
    return _NOT_IN_NAME.sub(" ", name).strip()[:31]


def _fill(page: Worksheet, sheet: SheetOut, formats: dict[str, Format]) -> int:
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width or _width(column.heading), formats[column.kind])
        page.write_string(0, index, column.heading + "*" * column.required, formats["heading"])
        if column.hint:
            page.write_comment(0, index, column.hint)
    page.freeze_panes(1, 0)
    number = 0
    for number, row in enumerate(sheet.rows, 1):
        if number > _LAST_ROW:
            raise SheetError("too_many_rows", {"most": _LAST_ROW})
        _write_row(page, number, row, sheet.columns, formats)
    page.autofilter(0, 0, number, len(sheet.columns) - 1)
    return number


def _write_row(
    page: Worksheet, number: int, row: Sequence[object], columns: Sequence[Column], formats: dict[str, Format]
) -> None:
    text = formats["text"]
    for index, value in enumerate(row):
        if type(value) is str and value.isprintable():
            if value:
                put_text(page, number, index, value, text)
        elif value is not None:
            _put(page, number, index, as_text(plain(value)) if columns[index].kind == "text" else value, formats)


def put_text(page: Worksheet, row: int, column: int, text: str, look: Format | None = None) -> None:
    """Write a text as it stands: one between these marks xlsxwriter takes for XML of its own, unless it comes in parts."""
    if text.startswith("<r>") and text.endswith("</r>"):
        page.write_rich_string(row, column, *text[:2], text[2:], *filter(None, [look]))
    else:
        page.write_string(row, column, text, look)


def _width(heading: str) -> int:
    """Columns wide: a Chinese character counts two, with room for the filter's arrow."""
    return min(max(sum(2 if ord(character) > 0x2E7F else 1 for character in heading) + 4, 10), 40)


def _put(page: Worksheet, row: int, column: int, value: object, formats: dict[str, Format]) -> None:
    """Write one value as what it is; what a sheet cannot hold as such, as text."""
    if isinstance(value, datetime) and value.date() >= _EPOCH:
        page.write_datetime(row, column, value.replace(tzinfo=None), formats["datetime"])
    elif type(value) is date and value >= _EPOCH:
        page.write_datetime(row, column, value, formats["date"])
    elif isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value := plain(value), int | float):
        page.write_number(row, column, value)
    elif value is not None:
        put_text(page, row, column, as_text(value), formats["text"])


def _offer_choices(
    book: xlsxwriter.Workbook, pages: Sequence[tuple[Worksheet, SheetOut]], name: str, heading: Format
) -> None:
    """A last sheet with the choices of each column that has them, and a list to pick from where they belong."""
    offered = [
        (page, index, column) for page, sheet in pages for index, column in enumerate(sheet.columns) if column.choices
    ]
    if not offered:
        return
    choices = book.add_worksheet(sheet_name(name))
    for at, (page, index, column) in enumerate(offered):
        choices.set_column(at, at, _width(column.heading))
        choices.write_string(0, at, column.heading, heading)
        source = xlsxwriter.utility.xl_range_abs(1, at, len(column.choices), at)
        rule = {"validate": "list", "source": f"='{choices.name}'!{source}"}
        if not column.many:
            page.data_validation(1, index, _LAST_ROW, index, rule)
    for row, values in enumerate(zip_longest(*(column.choices for _, _, column in offered)), 1):
        for at, value in enumerate(values):
            if value is not None:
                put_text(choices, row, at, value)


def write_csv(target: Path | BinaryIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write UTF-8 with its mark and CRLF and return the number of rows; text that a spreadsheet program would take for
    a formula gets a ' before it (read_sheet takes it off), numbers do not."""
    if isinstance(target, Path):
        with target.open("wb") as file:
            return write_csv(file, header, rows)
    stream = io.TextIOWrapper(target, "utf-8-sig", newline="")
    try:
        writer = csv.writer(stream)
        writer.writerow([_safe(heading) for heading in header])
        return sum(writer.writerow([_safe(value) for value in row]) > 0 for row in rows)
    finally:
        stream.detach()


def _safe(value: object) -> str:
    value = plain(value)
    if isinstance(value, str):
        return f"'{value}" if ARMOURED.match(value) else value
    return as_text(value)
