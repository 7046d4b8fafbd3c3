"""Parses one file that a stranger may have made, in a child process with little memory and time (design decision 16).

`main` writes marshal frames to standard output: ("sheet", name, headings), then ("rows", numbers, rows, flags) in
pieces and ("end",); or ("error", code, detail); or it dies in the middle, when the file is beyond reading. Knows
nothing of the portal; sheets.py starts it and reads the frames.
"""

import csv
import io
import itertools
import json
import marshal
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from services import sheetmarks
from services.sheetmarks import Marks

PIECE = 5_000
NUMBER_END = 1e15
"""From here on a number cell has more than the 15 digits that a spreadsheet keeps."""

ARMOURED = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
"""What a spreadsheet program may take for a formula in a CSV; one more ' before it makes it text."""

_CELL_COLUMN = re.compile(rb"""r=["']([A-Z]{1,3})\d{1,7}["'][^/>]*>""")
_CELL_ROW = re.compile(rb"""r=["'][A-Z]{1,3}(\d{1,7})["'][^/>]*>""")
_FORMULA = re.compile(rb"[<:]f[\s/>]")
_MARKUP = re.compile(r"\s*<(?:!doctype|!--|\?xml|html|head|meta|table|style)", re.IGNORECASE)
_BINARY = re.compile("[\x00-\x08\x0e-\x1f]")
_ROUNDED = re.compile(r"-?\d(?:\.\d+)?E\+\d{2,}")

Line = tuple[int, list[str]]
Flags = dict[tuple[int, int], str]
Frame = tuple[Any, ...]


class SheetError(Exception):
    """A file that cannot be read as a sheet; code says why, detail where (plain values, for the message)."""

    def __init__(self, code: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(code, detail or {})
        self.code = code
        self.detail = detail or {}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may ask of the machine; rows are those with data, cells the area up to the farthest one."""

    file_bytes: int = 20 << 20
    unzipped_bytes: int = 256 << 20
    entries: int = 1_000
    rows: int = 200_000
    columns: int = 200
    cells: int = 4_000_000
    memory_bytes: int = 1 << 30
    seconds: int = 60


def as_text(value: object) -> str:
    """A cell as a person sees it: 13800138000.0 is "13800138000", a date 2026-01-02, a moment 2026-01-02 08:30,
    a duration 30:00, a yes TRUE, nothing "". A number format is not applied: 50% is "0.5"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e21 else f"{value:.15g}"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, time):
        return value.isoformat("seconds").removesuffix(":00")
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{'-' * (minutes < 0)}{abs(minutes) // 60}:{abs(minutes) % 60:02}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _moment(value: datetime) -> str:
    if value.microsecond:
        value = (value + timedelta(milliseconds=500)).replace(microsecond=0)
    return value.replace(tzinfo=None).isoformat(" ", "seconds" if value.second else "minutes")


def frames(path: Path, limits: Limits, name: str | None) -> Iterator[Frame]:
    """What the file says, decided by its content and not by its ending. SheetError if it is no sheet or too much."""
    with path.open("rb") as file:
        magic = file.read(8)
    if not magic:
        raise SheetError("empty_file")
    if magic.startswith(b"PK\x03\x04"):
        return _frames_of_zip(path, limits, name)
    if magic == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        data = path.read_bytes()
        return _frames_of_workbook(path, limits, name, lambda index: sheetmarks.in_xls(data, index))
    return _frames_of_csv(path.read_bytes(), limits)


def _frames_of_zip(path: Path, limits: Limits, name: str | None) -> Iterator[Frame]:
    with zipfile.ZipFile(path) as book:
        parts = {part.lower() for part in book.namelist()}
        kind = "xlsx" if "xl/workbook.xml" in parts else "ods" if "content.xml" in parts else ""
        if not kind or (kind == "ods" and b"spreadsheet" not in book.open("mimetype").read(100)):
            raise SheetError("not_a_sheet", {"found": "zip"})
        hidden = guard(book, limits)

        def marks(index: int) -> Marks:
            if kind == "ods":
                return sheetmarks.in_ods(book, index, limits.cells)
            return sheetmarks.in_xlsx(book, index, limits.cells) if hidden else {}

        yield from _frames_of_workbook(path, limits, name, marks)


def guard(book: zipfile.ZipFile, limits: Limits) -> bool:
    """Unpack every part without keeping it, since declared sizes can lie, and look for the farthest cell, since
    calamine takes memory for the whole area up to it. True when some part may hold formulas or errors. SheetError
    too_big."""
    if len(book.infolist()) > limits.entries:
        raise SheetError("too_big", {"entries": len(book.infolist())})
    size, hidden = 0, False
    for part in book.infolist():
        with book.open(part) as stream:
            tail, row, columns = b"", 1, {b"A"}
            while chunk := stream.read(1 << 20):
                size += len(chunk)
                if size > limits.unzipped_bytes:
                    raise SheetError("too_big", {"unzipped": limits.unzipped_bytes})
                chunk = tail + chunk
                tail = chunk[chunk.rfind(b"<") :][:1000]
                hidden = hidden or _may_hide(chunk)
                columns.update(_CELL_COLUMN.findall(chunk))
                row = max(row, *map(int, set(_CELL_ROW.findall(chunk))), 0)
        corner = f"{max(columns, key=lambda letters: (len(letters), letters)).decode()}{row}"
        if row * (sheetmarks.position(corner)[1] + 1) > limits.cells:
            raise SheetError("too_big", {"cell": corner})
    return hidden


def _may_hide(xml: bytes) -> bool:
    """Whether formulas or errors may be in it; the plain searches spare nearly every file the slow one."""
    return b'"e"' in xml or b"'e'" in xml or ((b"<f" in xml or b":f" in xml) and bool(_FORMULA.search(xml)))


def _frames_of_workbook(
    path: Path, limits: Limits, name: str | None, marks_of: Callable[[int], Marks]
) -> Iterator[Frame]:
    from python_calamine import PasswordError, SheetVisibleEnum, load_workbook

    try:
        with path.open("rb") as file:
            book = load_workbook(file)
    except PasswordError:
        raise SheetError("password") from None
    if name is not None and name not in book.sheet_names:
        raise SheetError("no_such_sheet", {"name": name})
    for index, about in enumerate(book.sheets_metadata):
        if about.name == name or (name is None and about.visible == SheetVisibleEnum.Visible):
            sheet, flags = book.get_sheet_by_index(index), Flags()
            left = sheet.start[1] if sheet.start else 0
            lines = _lines(sheet.iter_rows(), left, marks_of(index), flags)
            if found := list(_table(about.name, lines, flags, limits)):
                return iter(found)
    raise SheetError("empty_file")


def _lines(rows: Iterable[Sequence[Any]], left: int, marks: Marks, flags: Flags) -> Iterator[Line]:
    """The rows as text, with sheet row numbers from 1; fills flags by (row number, column) as it goes. calamine gives
    the blank rows above the data, but not the `left` blank columns beside it."""
    marked: dict[int, list[int]] = {}
    for index, column in marks:
        marked.setdefault(index, []).append(column)
    margin = [""] * left
    for index, row in enumerate(rows):
        cells = margin + [cell if type(cell) is str else as_text(cell) for cell in row]
        for column, cell in enumerate(row, left):
            if type(cell) is float and abs(cell) >= NUMBER_END:
                flags[index + 1, column] = "number_lost_digits"
        for column in marked.get(index, ()):
            if column < len(cells):
                flags[index + 1, column], shown = marks[index, column]
                cells[column] = shown or cells[column]
        yield index + 1, cells


def _frames_of_csv(data: bytes, limits: Limits) -> Iterator[Frame]:
    text = decode(data)
    if _MARKUP.match(text):
        raise SheetError("not_a_sheet", {"found": "markup"})
    flags: Flags = {}
    found = list(_table("", _csv_lines(text, flags), flags, limits))
    if not found:
        raise SheetError("empty_file")
    return iter(found)


def decode(data: bytes) -> str:
    """Text of a CSV: UTF-16 by its mark, UTF-8 if it is that without a fault (as Chinese in GBK all but never is),
    else GB18030, which includes GBK. SheetError encoding, or not_a_sheet for what is no text."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _BINARY.search(text):
            raise SheetError("not_a_sheet", {"found": "binary"})
        return text
    raise SheetError("not_a_sheet" if b"\0" in data else "encoding")


def _csv_lines(text: str, flags: Flags) -> Iterator[Line]:
    csv.field_size_limit(1 << 20)
    number = 0
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter(text), strict=True)
        for number, row in enumerate(records, 1):
            for column, cell in enumerate(row):
                if cell.startswith("'") and ARMOURED.match(cell):
                    row[column] = cell[1:]
                elif "E+" in cell and _ROUNDED.fullmatch(cell):
                    flags[number, column] = "number_lost_digits"
            yield number, row
    except csv.Error:
        raise SheetError("unreadable", {"row": number + 1}) from None


def delimiter(text: str) -> str:
    """Comma, tab or semicolon: whichever parts the first line that is not blank into the most cells."""
    line = next((line for line in io.StringIO(text) if line.strip()), "")
    return max(",\t;", key=lambda sign: len(next(csv.reader([line], delimiter=sign), [])))


def _table(name: str, lines: Iterator[Line], flags: Flags, limits: Limits) -> Iterator[Frame]:
    """Nothing for a sheet without text; else its headings and its rows, all of one width, without the blank rows."""
    filled = ((number, row) for number, row in lines if any(row) and "".join(row).strip())
    heading = next(filled, None)
    if heading is None:
        return
    second = next(filled, None)
    if second and _filled(heading[1]) == 1 < _filled(second[1]):
        heading, second = second, next(filled, None)
    numbers: list[int] = []
    rows: list[tuple[str, ...]] = []
    known: dict[str, str] = {}
    width = 0
    for number, row in itertools.chain([heading], [second] if second else [], filled):
        width = _width(row, width)
        if width > limits.columns:
            raise SheetError("too_many_columns", {"row": number, "most": limits.columns})
        if len(rows) > limits.rows or len(rows) * width > limits.cells:
            raise SheetError("too_many_rows", {"most": min(limits.rows, limits.cells // width)})
        numbers.append(number)
        rows.append(tuple(map(known.setdefault, row, row)))
    yield from _pieces(name, numbers, rows, width, flags)


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _width(row: Sequence[str], width: int) -> int:
    """How many columns are used, when `width` were so far."""
    if any(row[width:]):
        return max(column for column, cell in enumerate(row) if cell) + 1
    return width


def _pieces(name: str, numbers: list[int], rows: list[tuple[str, ...]], width: int, flags: Flags) -> Iterator[Frame]:
    blank = ("",) * width
    yield "sheet", name, (rows[0] + blank)[:width]
    flagged: dict[int, list[tuple[int, str]]] = {}
    for (number, column), code in flags.items():
        flagged.setdefault(number, []).append((column, code))
    for start in range(1, len(rows), PIECE):
        piece = slice(start, start + PIECE)
        codes = [
            (index - 1, column, code)
            for index, number in enumerate(numbers[piece], start)
            for column, code in flagged.get(number, ())
        ]
        whole = [row if len(row) == width else (row + blank)[:width] for row in rows[piece]]
        yield "rows", numbers[piece], whole, codes


def _confine(limits: Limits) -> None:
    """No more memory or time than allowed, no file written, no core dumped."""
    import resource

    for limit, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))


def main() -> None:
    """python -c '...main()' PATH LIMITS NAME: LIMITS and NAME as JSON."""
    path, limits, name = Path(sys.argv[1]), Limits(**json.loads(sys.argv[2])), json.loads(sys.argv[3])
    _confine(limits)
    out = sys.stdout.buffer
    try:
        for frame in frames(path, limits, name):
            marshal.dump(frame, out)
        marshal.dump(("end",), out)
    except SheetError as error:
        marshal.dump(("error", error.code, error.detail), out)
    except MemoryError:
        marshal.dump(("error", "too_big", {}), out)
    out.flush()
