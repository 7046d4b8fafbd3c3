"""How a sheet names another record, both ways: by its natural key, another unique text, or its title."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlmodel import col

from models import RECORDS, RecordType
from models.base import NAME, FieldSpec
from models.identifiers import normalised
from models.vault import digest
from services import db, finding, namesakes, store, values
from services.access import Actor
from services.db import PortalSession
from services.namesakes import BETWEEN

PART, DOT = 500, BETWEEN.strip()
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


T = TypeVar("T")
Meant = dict[Any, list[str]]
"""Values of a lookup column, each with the words that mean it."""


def find(session: PortalSession, record: RecordType, words: Iterable[str]) -> dict[str, list[Named]]:
    """The rows that go by each word, as far as the session's actor sees them; the best field that knows it decides.

    As typed first; what none goes by so may be written in another width, with other blanks or in another case, or tell
    behind the name which of its namesakes is meant.
    """
    wanted = set(words)
    found = _plainly(session, record, wanted)
    return found | _told(session, record, wanted - found.keys())


def _plainly(session: PortalSession, record: RecordType, words: Iterable[str]) -> dict[str, list[Named]]:
    found: dict[str, list[Named]] = {}
    left = set(words)
    for spelt in (_as_typed, _otherwise):
        for spec in naming_fields(record):
            for key, row in _rows(session, record, spec, meant := spelt(session, record, spec, left)):
                for word in meant[key]:
                    found.setdefault(word, []).append(row)
            left -= found.keys()
    return found


def _told(session: PortalSession, record: RecordType, words: Iterable[str]) -> dict[str, list[Named]]:
    """The rows of words such as `told_apart` writes them; any of what tells a row from its namesakes will do, and of a
    record that it names the number as well as the title."""
    heads = _meant((_pieces(word)[0], word) for word in words if DOT in word)
    found: dict[str, list[Named]] = {}
    for head, rows in _plainly(session, record, heads).items():
        exact = _meant(
            (values.squeezed(text), key)
            for key, text in told_apart(session, record, head, [row.id for row in rows]).items()
        )
        marks = _marks(session, record, [row.id for row in rows])
        for word in heads[head]:
            behind = {values.squeezed(mark) for mark in _pieces(word)[1:]}
            keys = exact.get(values.squeezed(word)) or [key for key, told in marks.items() if behind <= told]
            if keys:
                found[word] = [row for row in rows if row.id in keys]
    return found


def _pieces(word: str) -> list[str]:
    """A title and what stands behind it; the title itself may hold the dot, without blanks."""
    return [piece.strip() for piece in word.split(BETWEEN if BETWEEN in word else DOT)]


def told_apart(session: PortalSession, record: RecordType, word: str, ids: Iterable[int]) -> dict[int, str]:
    """{id: the word and what tells the rows of that name apart}, as a list shows it and a sheet may say it."""
    return store.told_apart(session, session.actor, record, dict.fromkeys(ids, word))


def _marks(session: PortalSession, record: RecordType, ids: Sequence[int]) -> dict[int, set[str]]:
    """What is told of each row where its title is not enough, piece by piece."""
    specs = store.telling(session.actor, record)
    found: dict[int, set[str]] = {key: set() for key in ids}
    for part in parts(ids):
        for row in store.shown(session, record, specs, part):
            shown = (mark for spec in specs for mark in row.show(spec.name).split(DOT))
            found[row.id] |= {values.squeezed(mark) for mark in shown if mark}
    for spec in specs:
        if spec.kind == "record":
            _add_numbers(session, record, spec, found)
    return found


def _add_numbers(session: PortalSession, record: RecordType, spec: FieldSpec, found: Mapping[int, set[str]]) -> None:
    """The numbers of the records that a field names."""
    parent = RECORDS[spec.refers_to or ""]
    id_: Any = record.model.id
    is_named = col(parent.model.id) == store.column(record, spec)
    for number in namesakes.codes(parent):
        asked = select(id_, store.column(parent, number)).join(parent.model, is_named)
        for part in parts(found):
            for key, text in session.execute(asked.where(id_.in_(part))):
                found[key].add(values.squeezed(text or ""))


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


def _meant(pairs: Iterable[tuple[Any, T]]) -> dict[Any, list[T]]:
    found: dict[Any, list[T]] = {}
    for value, meant in pairs:
        found.setdefault(value, []).append(meant)
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
    """{id: the name to write}: the title where only one row has it, else a number of its own, a person's best key, or
    the title and what tells it from its namesakes, who are named as well; personal keys only if `full`."""
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
            numbers = (text for spec, text in zip(fields[1:], others, strict=True) if text and _alone(record, spec))
            found[key] = str((next(numbers, title) if title in shared else title) or f"#{key}")
        if not record.role_fields:
            found |= _namesakes(session, record, fields[0], shared.intersection(found.values()))
    return found


def _alone(record: RecordType, spec: FieldSpec) -> bool:
    """Whether a field names a row by itself; of people any key does better than their name."""
    return bool(record.role_fields) or spec.name in record.codes


def _namesakes(session: PortalSession, record: RecordType, spec: FieldSpec, shared: Collection[str]) -> dict[int, str]:
    """Every row of these titles, told apart."""
    if not shared:
        return {}
    target: Any = store.column(record, spec)
    among = finding.among(record, [target], [(title,) for title in shared], record.model.id, target)
    named = {key: str(title) for key, title in session.execute(among)}
    return store.told_apart(session, session.actor, record, named)


def _shared(session: PortalSession, record: RecordType, spec: FieldSpec, titles: Iterable[str]) -> set[str]:
    """The titles that more than one row has."""
    target = store.column(record, spec)
    among = finding.among(record, [target], [(title,) for title in set(titles)], target)
    statement = among.group_by(target).having(func.count() > 1)
    return set(session.execute(statement).scalars())


def small(session: PortalSession, record: RecordType, most: int = 200) -> list[str]:
    """The titles of a record with few rows, to choose from; of many, or of people, nothing. Namesakes are told apart
    unless it would take somebody's name: a template is for everybody."""
    if record.role_fields or record.title not in record.by_name:
        return []
    target = store.column(record, record.field(record.title))
    found = session.execute(select(col(record.model.id), target).order_by(target).limit(most + 1)).all()
    named = {key: str(title) for key, title in found if title} if len(found) <= most else {}
    if any(_tells_of_somebody(spec) for spec in store.telling(session.actor, record)):
        return list(dict.fromkeys(named.values()))
    return list(store.told_apart(session, session.actor, record, named).values())


def _tells_of_somebody(spec: FieldSpec) -> bool:
    return spec.personal or spec.shows(NAME) or bool(spec.refers_to and RECORDS[spec.refers_to].role_fields)


def ids_by_name(actor: Actor, record: RecordType, words: Iterable[str]) -> dict[str, int]:
    """{word: id} of the rows that go by these words alone."""
    with db.reading(actor) as session:
        return {word: rows[0].id for word, rows in find(session, record, words).items() if len(rows) == 1}
