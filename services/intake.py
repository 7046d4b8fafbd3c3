"""Reads the rows of a sheet as a record type: its columns and cells, the parents they name, the rules of a row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any

from models import RECORDS, RecordType
from models.base import FieldSpec
from services import db, naming, values
from services.access import Actor
from services.errors import Invalid
from services.sheets import Sheet

Columns = list[tuple[int, FieldSpec]]
EXAMPLES = 50
KEPT = 20_000  # of a column what is made of its values, each made once


@dataclass(slots=True)
class Line:
    """One row of a sheet on its way in: what its cells gave, what the rules made of it, what is wrong with it; like: how
    a name that several records have may be written."""

    index: int
    number: int
    given: dict[str, Any] = field(default_factory=dict)
    clean: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    same_as: int = 0
    like: dict[str, str] = field(default_factory=dict)
    unit: int | None = None
    keys: dict[Any, Any] = field(default_factory=dict)

    @property
    def errors(self) -> dict[str, str]:
        """{field: code}: cells that could not be read at all first, then what the rules say of the row."""
        return {**self.wrong, **self.refused}


def columns_of(record: RecordType, sheet: Sheet) -> tuple[Columns, list[str]]:
    """Which column holds which field, by the Chinese or English heading, and the headings that none knows.

    Raises Invalid({"file": "missing_column"}) with the `columns` that are required and not there.
    """
    known = _headings(record)
    found: Columns = []
    ignored = []
    for index, heading in enumerate(sheet.header):
        spec = known.get(values.squeezed(heading))
        if spec is not None and spec not in (other for _, other in found):
            found.append((index, spec))
        elif heading:
            ignored.append(sheet.headings[index])
    there = {spec.name for _, spec in found}
    missing = [spec.label for spec in record.sheet_fields if spec.required and spec.name not in there]
    if missing:
        raise Invalid({"file": "missing_column"}, columns=missing)
    return found, ignored


def _headings(record: RecordType) -> dict[str, FieldSpec]:
    """The words by which a column may be headed: the Chinese ones win over the English, these over the identifiers."""
    specs = record.sheet_fields
    said = [[spec.label.zh for spec in specs], [spec.label.en for spec in specs], [spec.name for spec in specs]]
    pairs = ((values.squeezed(word), spec) for words in reversed(said) for word, spec in zip(words, specs, strict=True))
    return dict(pairs)


def read_lines(sheet: Sheet, columns: Columns) -> list[Line]:
    """The rows with their cells read; a row without anything in the known columns is none."""
    flags: dict[int, list[tuple[int, str]]] = {}
    for (index, column), code in sheet.flags.items():
        flags.setdefault(index, []).append((column, code))
    readers = [(column, spec.name, lru_cache(KEPT)(partial(_read, spec))) for column, spec in columns]
    lines = []
    for index, (number, row) in enumerate(zip(sheet.numbers, sheet.rows, strict=True)):
        line = Line(index, number)
        for column, name, reader in readers:
            if row[column]:
                value, code = reader(row[column])
                if code:
                    line.refused[name] = code
                elif value is not None:
                    line.given[name] = value
        _refuse_flagged(line, flags.get(index, ()), columns)
        if line.given or line.refused:
            lines.append(line)
    return lines


def _refuse_flagged(line: Line, flags: Iterable[tuple[int, str]], columns: Columns) -> None:
    by_column = dict(columns)
    for column, code in flags:
        if spec := by_column.get(column):
            line.refused[spec.name] = code
            line.given.pop(spec.name, None)


def _read(spec: FieldSpec, text: str) -> tuple[Any, str]:
    """What a cell says: (value, error code)."""
    try:
        return values.parse(spec, text), ""
    except values.BadValue as error:
        return None, error.code


def resolve_parents(actor: Actor, record: RecordType, lines: Sequence[Line], columns: Columns) -> None:
    """Put the ids of the records that the lines name in the place of their names, as far as the actor sees them.

    Refuses a cell with parent_not_found or parent_ambiguous; one look-up for each column and 500 names.
    """
    with db.reading(actor) as session:
        for spec in sorted((spec for _, spec in columns if spec.refers_to), key=record.fields.index):
            words = {word for line in lines if spec.name in line.given for word in _words(line.given[spec.name])}
            parent = RECORDS[spec.refers_to or ""]
            found = naming.find(session, parent, words)
            example = lru_cache(KEPT)(partial(_example, session, parent))
            for line in lines:
                if spec.name in line.given:
                    _resolve(record, spec, line, found, example)


def _example(session: db.PortalSession, parent: RecordType, word: str, ids: tuple[int, ...]) -> str:
    """How one of the records that go by a word may be named."""
    return next(iter(naming.told_apart(session, parent, word, ids).values()))


def _words(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _resolve(
    record: RecordType,
    spec: FieldSpec,
    line: Line,
    found: Mapping[str, list[naming.Named]],
    example: Callable[[str, tuple[int, ...]], str],
) -> None:
    ids = []
    for word in _words(line.given[spec.name]):
        rows = naming.fitting(record, spec, found.get(word, ()), line.given)
        if len(rows) != 1:
            line.refused[spec.name] = "parent_ambiguous" if rows else "parent_not_found"
            line.like |= {spec.name: example(word, tuple(row.id for row in rows[:EXAMPLES]))} if rows else {}
            del line.given[spec.name]
            return
        ids.append(rows[0].id)
    line.given[spec.name] = sorted(set(ids)) if spec.kind == "links" else ids[0]


def place(actor: Actor, record: RecordType, lines: Sequence[Line]) -> None:
    """The station of each row: as written, else its parent's, else the actor's only one; nobody writes in another."""
    if not record.has_unit:
        return
    inherited = _inherited(actor, record, lines)
    alone = next(iter(actor.units)) if actor.units and len(actor.units) == 1 else None
    for line, unit in zip(lines, inherited, strict=True):
        line.unit = line.given.get("unit_id") or unit or alone
        if actor.units is not None and line.unit and line.unit not in actor.units:
            line.refused.setdefault("unit_id", "other_station")


def _inherited(actor: Actor, record: RecordType, lines: Sequence[Line]) -> list[int | None]:
    """The station of the first parent that has one: children of a station's record carry it as well."""
    named = (spec for spec in record.own_fields if spec.kind == "record" and spec.name != "person_id")
    spec = next((spec for spec in named if RECORDS[spec.refers_to or ""].has_unit), None)
    if spec is None:
        return [None] * len(lines)
    keys = [line.given.get(spec.name) for line in lines]
    with db.reading(actor) as session:
        units = naming.units(session, RECORDS[spec.refers_to or ""], {key for key in keys if key})
    return [units.get(key) for key in keys]


def check(record: RecordType, lines: Sequence[Line], today: date) -> None:
    """Apply the rules of a whole row; a new row of a record with a source says that it came by import."""
    imported = import_source(record)
    for line in lines:
        line.clean, line.wrong = values.validate(record, {**imported, **line.given}, today)


def import_source(record: RecordType) -> dict[str, Any]:
    """The field `source` of a record, where its closed list knows imports."""
    spec = record.by_name.get("source")
    known = spec.choices and any(member.value == "import" for member in spec.choices) if spec else False
    return {"source": spec.choices("import")} if spec and spec.choices and known else {}
