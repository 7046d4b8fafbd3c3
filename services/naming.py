"""How a sheet names another record, both ways: by its natural key, another unique text, or its title."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import RECORDS, RecordType
from models.base import FieldSpec
from models.identifiers import normalised
from models.vault import digest
from services import db, finding, store, values
from services.access import Actor
from services.db import PortalSession

PART = 500
WIDE = str.maketrans({mark: chr(ord(mark) + 0xFEE0) for mark in "(),:;!?"})


def parts(wanted: Iterable[Any], size: int = PART) -> Iterator[list[Any]]:
    """The values in lists that fit one statement."""
    rest = iter(wanted)
    while part := list(islice(rest, size)):
        yield part


@cache
def naming_fields(record: RecordType) -> tuple[FieldSpec, ...]:
    """The texts by which a row may be named, best first: those of its keys, those unique by themselves, its title."""
    indexes = record.model.__table__.indexes  # type: ignore[attr-defined]
    unique = [index.columns[0].name for index in indexes if index.unique and len(index.columns) == 1]
    names = dict.fromkeys([*(name for key in record.keys for name in key), *sorted(unique), record.title])
    return tuple(record.field(name) for name in names if name in record.by_name and record.field(name).kind == "text")


def lookup(record: RecordType, spec: FieldSpec) -> Any:
    """The column by which a field's value is looked up: its keyed hash where it is personal."""
    found = store.column(record, spec)
    return getattr(found.class_, f"{spec.name}_key") if spec.personal else found


def comparable(spec: FieldSpec, value: Any) -> Any:
    """A value as its lookup column holds it."""
    return digest(value) if spec.personal and value else value


@dataclass(frozen=True, slots=True)
class Named:
    """A row that goes by a name; `names` holds which rows it names itself, by field."""

    id: int
    unit_id: int | None
    names: Mapping[str, Any]


Meant = dict[Any, list[str]]
"""Values of a lookup column, each with the words that mean it."""


def find(session: PortalSession, record: RecordType, words: Iterable[str]) -> dict[str, list[Named]]:
    """The rows that go by each word, as far as the session's actor sees them; the best field that knows it decides.

    As typed first; what none goes by so may be written in another width, with other blanks or in another case.
    """
    found: dict[str, list[Named]] = {}
    left = set(words)
    for spelt in (_as_typed, _otherwise):
        for spec in naming_fields(record):
            for key, row in _rows(session, record, spec, meant := spelt(session, record, spec, left)):
                for word in meant[key]:
                    found.setdefault(word, []).append(row)
            left -= found.keys()
    return found


def _as_typed(_session: PortalSession, _record: RecordType, spec: FieldSpec, words: Iterable[str]) -> Meant:
    return _meant((digest(normalised(word)) if spec.personal else word, word) for word in words)


def _otherwise(session: PortalSession, record: RecordType, spec: FieldSpec, words: Iterable[str]) -> Meant:
    """Stored texts that differ from a word in width, blanks and case alone: the register is read once for all words,
    but for people's, which is long; there the word is tried in both widths."""
    if spec.personal or not words:
        return {}
    if record.role_fields:
        return _meant((form, word) for word in words for form in _widths(word))
    meant = _meant((values.squeezed(word), word) for word in words)
    stored = session.execute(select(store.column(record, spec)).distinct())
    return {text: meant[values.squeezed(text)] for text in stored.scalars() if text and values.squeezed(text) in meant}


def _widths(word: str) -> set[str]:
    narrow = unicodedata.normalize("NFKC", word)
    return {narrow, narrow.translate(WIDE)} - {word}


def _meant(pairs: Iterable[tuple[Any, str]]) -> Meant:
    found: Meant = {}
    for value, word in pairs:
        found.setdefault(value, []).append(word)
    return found


def _rows(
    session: PortalSession, record: RecordType, spec: FieldSpec, wanted: Iterable[Any]
) -> Iterator[tuple[Any, Named]]:
    target = lookup(record, spec)
    parents = [other for other in record.own_fields if other.kind == "record"]
    columns = [store.column(record, other) for other in parents]
    for part in parts(wanted):
        asked = finding.among(record, [target], [(key,) for key in part], target, record.model.id, *columns)
        for key, id_, *named in session.execute(asked):
            names = {other.name: value for other, value in zip(parents, named, strict=True)}
            yield key, Named(id_, names.get("unit_id"), names)


def units(session: PortalSession, record: RecordType, ids: Iterable[int]) -> dict[int | None, int | None]:
    """{id: station} of rows that belong to one."""
    id_, unit = col(record.model.id), store.column(record, record.field("unit_id"))
    return {key: value for part in parts(ids) for key, value in session.execute(select(id_, unit).where(id_.in_(part)))}


def fitting(record: RecordType, spec: FieldSpec, found: Sequence[Named], given: Mapping[str, Any]) -> Sequence[Named]:
    """Of several rows of that name, those that belong to what the row itself names (a contact of its organisation).

    A record belongs to what it cannot be without: a client's department may be another than that of the service.
    """
    parent = RECORDS[spec.refers_to or ""]
    for other in parent.own_fields:
        if other.kind != "record" or other.name == "unit_id" or not other.required:
            continue
        for mine in record.own_fields:
            if mine.kind == "record" and mine.refers_to == other.refers_to and given.get(mine.name):
                found = [row for row in found if row.names[other.name] == given[mine.name]]
    return found


def names(session: PortalSession, record: RecordType, ids: Iterable[int], *, full: bool) -> dict[int, str]:
    """{id: the name to write}: the title where only one row has it, else the best key; personal keys only if `full`."""
    fields = sorted(naming_fields(record), key=lambda spec: spec.name != record.title)
    fields = [spec for spec in fields if full or not spec.personal]
    if not fields:  # nothing names it but its number
        return {key: f"#{key}" for key in ids}
    found: dict[int, str] = {}
    for part in parts(set(ids)):
        columns = [store.column(record, spec) for spec in fields]
        statement = store.base(record, record.model.id, *columns).where(col(record.model.id).in_(part))
        rows = session.execute(statement, execution_options={"with_bin": True}).all()
        shared = _shared(session, record, fields[0], [row[1] for row in rows])
        for key, title, *others in rows:
            best = title if title not in shared else next((other for other in others if other), title)
            found[key] = str(best or f"#{key}")
    return found


def _shared(session: PortalSession, record: RecordType, spec: FieldSpec, titles: Iterable[str]) -> set[str]:
    """The titles that more than one row has."""
    target = store.column(record, spec)
    among = finding.among(record, [target], [(title,) for title in set(titles)], target)
    statement = among.group_by(target).having(func.count() > 1)
    return set(session.execute(statement).scalars())


def small(session: PortalSession, record: RecordType, most: int = 200) -> list[str]:
    """The titles of a record with few rows, to choose from; nothing where there are more, or they are people."""
    if record.role_fields or record.title not in record.by_name:
        return []
    target = store.column(record, record.field(record.title))
    found = session.execute(select(target).order_by(target).limit(most + 1)).scalars().all()
    return [str(title) for title in found if title] if len(found) <= most else []


def ids_by_name(actor: Actor, record: RecordType, words: Iterable[str]) -> dict[str, int]:
    """{word: id} of the rows that go by these words alone."""
    with db.reading(actor) as session:
        return {word: rows[0].id for word, rows in find(session, record, words).items() if len(rows) == 1}
