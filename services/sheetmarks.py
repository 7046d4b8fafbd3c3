"""Which cells of a workbook hold a formula or an error: calamine hides both, and neither may be taken for data.

Each function returns {(row, column): (code, text)}, counted from 0; code is "formula_cell" or "error_cell", and text
what an error shows. Runs in the child process of sheetparse, within its memory and time.
"""

import re
import struct
from collections.abc import Callable, Iterator
from itertools import product
from typing import IO
from xml.etree import ElementTree
from xml.parsers import expat
from zipfile import ZipFile

Marks = dict[tuple[int, int], tuple[str, str]]
Start = Callable[[str, dict[str, str]], object]

_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_FREE, _END = 0xFFFFFFFF, 0xFFFFFFFE
_BIFF_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def position(reference: str) -> tuple[int, int]:
    """(row, column) from 0 of a reference such as B7. ValueError if it is none."""
    match = _REFERENCE.fullmatch(reference)
    if not match:
        raise ValueError(reference)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


class _Worksheet:
    """Follows the elements of one xlsx worksheet part; cells and rows may leave out their references."""

    def __init__(self, most: int) -> None:
        self.marks: Marks = {}
        self.most, self.row, self.column, self.error, self.value = most, -1, -1, False, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self.row, self.column = int(attributes.get("r", self.row + 2)) - 1, -1
            case "c":
                self.column += 1
                if "r" in attributes:
                    self.row, self.column = position(attributes["r"])
                self.error = attributes.get("t") == "e"
            case "f":
                self._formula(attributes)
            case "v":
                self.value = self.error
                if self.error:
                    self.marks[self.row, self.column] = ("error_cell", "")

    def _formula(self, attributes: dict[str, str]) -> None:
        spilled = attributes.get("ref", "") if attributes.get("t") in ("array", "dataTable") else ""
        for cell in _range(spilled, self.most) if spilled else [(self.row, self.column)]:
            self.marks[cell] = ("formula_cell", "")

    def text(self, text: str) -> None:
        if self.value:
            before = self.marks[self.row, self.column][1]
            self.marks[self.row, self.column] = ("error_cell", before + text)

    def end(self, name: str) -> None:
        if name.rpartition(":")[2] == "v":
            self.value = False


def _range(reference: str, most: int) -> Iterator[tuple[int, int]]:
    first, _, last = reference.partition(":")
    (top, left), (bottom, right) = position(first), position(last or first)
    if (bottom - top + 1) * (right - left + 1) > most:
        raise MemoryError
    return product(range(top, bottom + 1), range(left, right + 1))


def in_xlsx(book: ZipFile, index: int, most: int) -> Marks:
    """Of the index-th sheet; MemoryError when one formula spills over more than `most` cells."""
    sheet = _Worksheet(most)
    with book.open(_part(book, index)) as stream:
        _parse(stream, sheet.start, sheet.end, sheet.text)
    return sheet.marks


def _part(book: ZipFile, index: int) -> str:
    relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    elements = ElementTree.fromstring(book.read("xl/workbook.xml")).iter()
    sheet = [element for element in elements if element.tag.rpartition("}")[2] == "sheet"][index]
    target = next(targets[value] for key, value in sheet.attrib.items() if key.endswith("}id"))
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def in_ods(book: ZipFile, index: int, most: int) -> Marks:
    """Of the index-th table; MemoryError when a repeated formula fills more than `most` cells."""
    marks: Marks = {}
    table, row, column, height = -1, 0, 0, 1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal table, row, column, height
        if name == "table:table":
            table, row, column, height = table + 1, 0, 0, 0
        elif name == "table:table-row":
            row, column = row + height, 0
            height = int(attributes.get("table:number-rows-repeated", 1))
        elif name in ("table:table-cell", "table:covered-table-cell"):
            width = int(attributes.get("table:number-columns-repeated", 1))
            if table == index and "table:formula" in attributes:
                if height * width + len(marks) > most:
                    raise MemoryError
                area = product(range(row, row + height), range(column, column + width))
                marks.update(dict.fromkeys(area, ("formula_cell", "")))
            column += width

    with book.open("content.xml") as stream:
        _parse(stream, start)
    return marks


def _parse(
    stream: IO[bytes],
    start: Start,
    end: Callable[[str], object] | None = None,
    text: Callable[[str], object] | None = None,
) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.ParseFile(stream)


def in_xls(data: bytes, index: int) -> Marks:
    """Of the index-th sheet of an old workbook (BIFF8 in a compound file)."""
    stream = _workbook_stream(data)
    sheets = [struct.unpack_from("<I", body)[0] for code, body in _records(stream, 0) if code == 0x85]
    marks: Marks = {}
    for code, body in _records(stream, sheets[index]):
        if code in (0x06, 0x205):
            row, column = struct.unpack_from("<HH", body)
            error = body[8] if code == 0x06 and body[6] == 2 and body[12:14] == b"\xff\xff" else None
            error = body[6] if code == 0x205 and body[7] else error
            if error is not None:
                marks[row, column] = ("error_cell", _BIFF_ERRORS.get(error, "#N/A"))
            elif code == 0x06:
                marks[row, column] = ("formula_cell", "")
    return marks


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one substream: up to the end that matches its beginning (charts nest)."""
    depth = 0
    while at + 4 <= len(stream):
        code, size = struct.unpack_from("<HH", stream, at)
        depth += (code == 0x809) - (code == 0x0A)
        yield code, stream[at + 4 : at + 4 + size]
        at += 4 + size
        if not depth:
            return


def _workbook_stream(data: bytes) -> bytes:
    """The stream "Workbook" of a compound file. ValueError if there is none."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    entries = size // 4

    def sector(number: int) -> bytes:
        return data[(number + 1) * size : (number + 2) * size]

    blocks = [block for block in struct.unpack_from("<109I", data, 76) if block < _END]
    more = struct.unpack_from("<I", data, 68)[0]
    while more < _END and len(blocks) < len(data) // size:
        *listed, more = struct.unpack(f"<{entries}I", sector(more))
        blocks += [block for block in listed if block < _END]
    links = [link for block in blocks for link in struct.unpack(f"<{entries}I", sector(block))]

    def chain(number: int, links: list[int], read: Callable[[int], bytes]) -> bytes:
        pieces: list[bytes] = []
        while number < _END and len(pieces) <= len(links):
            pieces.append(read(number))
            number = links[number]
        return b"".join(pieces)

    directory = chain(struct.unpack_from("<I", data, 48)[0], links, sector)
    found = {name: (first, length) for name, first, length in _entries(directory)}
    first, length = found.get("Workbook") or found.get("Book") or _missing()
    if length >= struct.unpack_from("<I", data, 56)[0]:
        return chain(first, links, sector)[:length]
    small = chain(struct.unpack_from("<I", data, 60)[0], links, sector)
    short = chain(found["Root Entry"][0], links, sector)
    table = list(struct.unpack(f"<{len(small) // 4}I", small))
    return chain(first, table, lambda number: short[number * 64 : number * 64 + 64])[:length]


def _entries(directory: bytes) -> Iterator[tuple[str, int, int]]:
    for at in range(0, len(directory) - 127, 128):
        name = directory[at : at + 64][: max(struct.unpack_from("<H", directory, at + 64)[0] - 2, 0)]
        yield name.decode("utf-16-le", "replace"), *struct.unpack_from("<II", directory, at + 116)


def _missing() -> tuple[int, int]:
    raise ValueError("no workbook in this file")
