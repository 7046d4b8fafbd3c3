"""Any record type: list, get, save, bin and restore, history, related rows, choices. Values leave masked; SQL stays here."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import SQLModel, col

from models import RECORDS, RecordType
from models.base import FILTER, FIXED, LIST, NAME, FieldSpec, Links
from models.people import Person
from models.system import Attachment, AuditEntry, Verb
from models.vault import digest
from models.words import Language
from services import clock, db, files, finding, hooks, locked, namesakes, search, values
from services.access import SYSTEM, Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid, NotFound
from services.finding import CAP, PAGE, Query, base, column, every_id
from services.ordering import natural

__all__ = [
    "CAP", "PAGE", "Event", "Page", "Query", "Row", "any_station", "base", "choices", "column", "current", "drop_content",
    "empty_bins", "every_id", "fetch", "find", "find_all", "find_person", "first", "get", "history", "linked", "list_filters",
    "related", "remove", "restore", "reveal", "rows", "safe", "save", "shown", "some", "strangers", "telling", "titles",
    "told_apart", "version_of", "write",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A record as it may be shown: values by field (personal data masked), titles of the records it names."""

    record: str
    id: int
    version: int
    values: dict[str, Any]
    titles: dict[str, dict[Any, str]] = field(default_factory=dict)
    title: str = ""
    created_at: datetime | None = None
    changed_at: datetime | None = None
    deleted_at: datetime | None = None

    def show(self, name: str, language: Language = "zh") -> str:
        """A field's value as people read it."""
        spec = RECORDS[self.record].field(name)
        return values.show(spec, self.values.get(name), language, self.titles.get(name))


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; total is exact up to CAP and `more` says that there are more than that."""

    rows: list[Row]
    total: int
    more: bool = False


EVERYTHING = Query()


# -- reading --------------------------------------------------


def rows(actor: Actor, record: RecordType, query: Query = EVERYTHING) -> Page:
    """A page of a list, filtered, sorted and cut in SQL."""
    actor.need("read", record.area)
    with db.reading(actor) as session:
        return _page(session, record, query)


def _page(session: PortalSession, record: RecordType, query: Query) -> Page:
    specs = _wanted(record, query.fields)
    found = finding.page(session, record, query, CAP)
    rows = shown(session, record, specs, found.ids)
    if found.total == len(rows) and not record.role_fields and (query.sort or record.sort) == record.title:
        rows.sort(key=lambda row: natural(row.title))
    return Page(rows, found.total, found.more)


def shown(session: PortalSession, record: RecordType, specs: Sequence[FieldSpec], ids: Sequence[int]) -> list[Row]:
    """The rows with these ids as the session's actor may see them, in their order."""
    return _as_rows(session, session.actor, record, specs, fetch(session, record, specs, ids))


def first(session: PortalSession, record: RecordType, specs: Sequence[FieldSpec], query: Query) -> list[Row]:
    """The first rows of a list that is asked no words (finding.first), as the session's actor may see them."""
    statement = finding.first(record, query, *_columns(record, [spec.name for spec in specs if spec.kind != "links"]))
    return _as_rows(session, session.actor, record, specs, session.execute(statement).all())


def _wanted(record: RecordType, names: Sequence[str]) -> list[FieldSpec]:
    if names:
        return [record.field(name) for name in names]
    return [spec for spec in record.fields if spec.shows(LIST)]


def fetch(
    session: PortalSession, record: RecordType, specs: Sequence[FieldSpec], ids: Sequence[int], *, binned: bool = True
) -> list[Any]:
    """The rows with these ids, in their order."""
    if not ids:
        return []
    statement = _fetching(record.name, tuple(spec.name for spec in specs if spec.kind != "links"))
    found = {
        row.id: row for row in session.execute(statement, {"ids": list(ids)}, execution_options={"with_bin": binned})
    }
    return [found[key] for key in ids if key in found]


@cache
def _fetching(name: str, fields: tuple[str, ...]) -> Select[Any]:
    record = RECORDS[name]
    return base(record, *_columns(record, fields)).where(col(record.model.id).in_(bindparam("ids", expanding=True)))


def _columns(record: RecordType, fields: Sequence[str]) -> list[Any]:
    """What a row is made of, with these fields."""
    model = record.model
    versions: Any = model.version + Person.version if record.role_fields else model.version
    own = [model.id, versions.label("version"), model.created_at, model.changed_at, model.deleted_at]
    return own + [column(record, record.field(field)).label(f"f_{field}") for field in fields]


def _as_rows(
    session: PortalSession, actor: Actor, record: RecordType, specs: Sequence[FieldSpec], found: Sequence[Any]
) -> list[Row]:
    links = {
        spec.name: linked(session, record, spec, [row.id for row in found]) for spec in specs if spec.kind == "links"
    }
    plainly = [spec.name for spec in specs if spec.kind != "links"]
    places = {name: found[0]._fields.index(f"f_{name}") for name in plainly} if found else {}
    shown: list[tuple[Any, dict[str, Any]]] = []
    for raw in found:
        plain = {name: raw[place] for name, place in places.items()}
        shown.append((raw, plain | {name: by_row.get(raw.id, []) for name, by_row in links.items()}))
    titles = {
        spec.name: _titles_of(session, actor, spec, [cells[spec.name] for _, cells in shown])
        for spec in specs
        if spec.refers_to
    }
    full, guarded = actor.may("personal", record.area), [spec for spec in specs if spec.personal or spec.shows(NAME)]
    made = []
    for raw, cells in shown:
        kept = cells | {spec.name: safe(spec, cells[spec.name], full) for spec in guarded}
        title = _title(record, raw.id, kept, titles)
        made.append(
            Row(record.name, raw.id, raw.version, kept, titles, title, raw.created_at, raw.changed_at, raw.deleted_at)
        )
    return made


def safe(spec: FieldSpec, value: Any, full: bool) -> Any:
    if spec.personal:
        return values.mask(spec, value)
    if spec.shows(NAME) and value and not full:
        return values.mask_person(value)
    return value


def _title(record: RecordType, key: int, cells: Mapping[str, Any], titles: Mapping[str, Mapping[Any, str]]) -> str:
    if cells.get(record.title):
        return str(cells[record.title])
    named = [titles[name].get(cells[name], "") for name in titles if not isinstance(cells[name], list)]
    return " · ".join(name for name in named if name) or f"#{key}"


def linked(session: PortalSession, record: RecordType, spec: FieldSpec, ids: Sequence[int]) -> dict[int, list[int]]:
    link = _link(record, spec)
    table = SQLModel.metadata.tables[link.via]
    here, there = table.c[link.here], table.c[link.there]
    found: dict[int, list[int]] = {}
    for owner, linked in session.connection().execute(select(here, there).where(here.in_(ids)).order_by(here, there)):
        found.setdefault(owner, []).append(linked)
    return found


def _link(record: RecordType, spec: FieldSpec) -> Links:
    return next(link for link in record.links if link.name == spec.name)


def _titles_of(session: PortalSession, actor: Actor, spec: FieldSpec, cells: Sequence[Any]) -> dict[Any, str]:
    wanted = {key for cell in cells for key in (cell if isinstance(cell, list) else [cell]) if key}
    parent = RECORDS[spec.refers_to or ""]
    found = _titles(session, actor, parent, wanted)
    masked = parent.title in parent.by_name and parent.field(parent.title).shows(NAME)
    if masked and not actor.may("personal", parent.area):
        return found  # 刘** and 刘** need not be of the same name
    return told_apart(session, actor, parent, found)


def _titles(session: PortalSession, actor: Actor, record: RecordType, ids: set[int]) -> dict[Any, str]:
    """{id: title}, the bin included: a row that names a binned parent still says which."""
    if not ids:
        return {}
    spec = record.by_name.get(record.title)
    if spec is None:
        return {key: f"#{key}" for key in ids}
    full = actor.may("personal", record.area)
    found = session.execute(_naming(record.name), {"ids": list(ids)}, execution_options={"with_bin": True})
    return {key: str(safe(spec, title, full) or f"#{key}") for key, title in found}


@cache
def _naming(name: str) -> Select[Any]:
    record = RECORDS[name]
    title = column(record, record.field(record.title))
    return base(record, record.model.id, title).where(col(record.model.id).in_(bindparam("ids", expanding=True)))


def titles(actor: Actor, record: RecordType, ids: Sequence[int]) -> dict[Any, str]:
    """{id: title} for whoever may read the records or name them in others; for anybody else their numbers alone."""
    if not (actor.may("read", record.area) or _may_name(actor, record)):
        return {key: f"#{key}" for key in ids}
    with db.reading(actor) as session:
        return _titles(session, actor, record, set(ids))


def get(actor: Actor, record: RecordType, key: int, *, binned: bool = False) -> Row:
    """One record whole. Raises NotFound where it does not exist for this actor."""
    actor.need("read", record.area)
    specs = list(record.fields)
    with db.reading(actor) as session:
        found = fetch(session, record, specs, [key], binned=binned)
        if not found:
            raise NotFound(record=record.name, id=key)
        return _as_rows(session, actor, record, specs, found)[0]


def some(actor: Actor, record: RecordType, keys: Sequence[int], names: Sequence[str] = ()) -> dict[int, Row]:
    """{id: row} of those that the actor may see, with these fields (none: those of the list)."""
    actor.need("read", record.area)
    specs = _wanted(record, names)
    with db.reading(actor) as session:
        found = fetch(session, record, specs, list(keys), binned=False)
        return {row.id: row for row in _as_rows(session, actor, record, specs, found)}


def choices(
    actor: Actor, record: RecordType, words: str = "", keep: Sequence[int] = (), size: int = 50
) -> dict[int, str]:
    """{id: title} to choose from: what matches the words, and what is already chosen. For whoever may read the records,
    or write others that name them: a course may be named without the right to its page."""
    if not _may_name(actor, record):
        actor.need("read", record.area)
    spec = record.by_name.get(record.title)
    query = Query(text=words, sort=record.title if spec and not record.role_fields else "", size=size)
    with db.reading(actor) as session:
        ids = [*keep, *finding.page(session, record, query, CAP).ids]
        found = _titles(session, actor, record, set(ids))
        named = {key: found[key] for key in dict.fromkeys(ids) if key in found}
        if query.sort and not words:
            named = dict(sorted(named.items(), key=lambda one: natural(one[1])))
        return told_apart(session, actor, record, named)


def any_station(actor: Actor) -> bool:
    """Whether there is a station to choose, for whoever may choose one."""
    unit = RECORDS["unit"]
    if not _may_name(actor, unit):
        actor.need("read", unit.area)
    with db.reading(actor) as session:
        return session.execute(select(col(unit.model.id)).limit(1)).first() is not None


def lapsed(actor: Actor, record: RecordType, ids: Sequence[int]) -> set[int]:
    """Those of these records whose last day of use is over; for whoever may name them."""
    if record.lapses is None or not ids:
        return set()
    if not _may_name(actor, record):
        actor.need("read", record.area)
    last = getattr(record.model, record.lapses[0])
    over = select(col(record.model.id)).where(col(record.model.id).in_(ids), last < clock.today())
    with db.reading(actor) as session:
        return {key for (key,) in session.execute(over)}


def told_apart(session: PortalSession, actor: Actor, record: RecordType, named: dict[Any, str]) -> dict[Any, str]:
    """Two of the same title carry beside it what tells them apart: the wrong one must not be chosen."""
    twice = {title for title, times in Counter(named.values()).items() if times > 1}
    keys = [key for key, title in named.items() if title in twice]
    if not keys:
        return named
    specs = telling(actor, record)
    rows = _as_rows(session, actor, record, specs, fetch(session, record, specs, keys))
    return namesakes.told_apart(named, rows, [spec.name for spec in specs])


def telling(actor: Actor, record: RecordType) -> Sequence[FieldSpec]:
    """The fields by which records of the same title are told apart to this actor."""
    return namesakes.telling(record) if actor.may("read", record.area) else namesakes.codes(record)


def _may_name(actor: Actor, record: RecordType) -> bool:
    areas = {other.area for other, spec in _named_by(record) if not spec.shows(FIXED)}
    return any(actor.may("write", area) for area in areas)


@cache
def _named_by(record: RecordType) -> tuple[tuple[RecordType, FieldSpec], ...]:
    """Every field of any record that names one of these."""
    every = ((other, spec) for other in RECORDS.values() for spec in other.own_fields)
    return tuple((other, spec) for other, spec in every if spec.refers_to == record.name)


# -- writing --------------------------------------------------


def save(
    actor: Actor,
    record: RecordType,
    given: Mapping[str, Any],
    *,
    id: int | None = None,
    version: int | None = None,
    token: str | None = None,
    reason: str = "",
    today: date | None = None,
) -> int:
    """Create or change one record; returns its id.

    Raises Invalid with every wrong field at once, Conflict where `version` is not the stored one any more, NotFound,
    Denied, AlreadyDone for a token that was used.
    """
    actor.need("write", record.area)
    try:
        with db.unit(actor, reason=reason, token=token) as session:
            row = find(session, record, id) if id else None
            if row is not None and version is not None and version != version_of(session, record, row):
                raise Conflict({}, {})
            return write(session, record, given, row, today).id or 0
    except Conflict as error:
        theirs = get(actor, record, id).values if id and not error.theirs else error.theirs
        raise Conflict(given, theirs) from error


def find(session: PortalSession, record: RecordType, key: int) -> Any:
    row = session.execute(select(record.model).where(col(record.model.id) == key)).scalar_one_or_none()
    if row is None:
        raise NotFound(record=record.name, id=key)
    return row


def find_all(session: PortalSession, record: RecordType, keys: Sequence[int]) -> dict[int, Any]:
    """{id: row} of those that exist for the session's actor."""
    found = session.execute(select(record.model).where(col(record.model.id).in_(keys))).scalars()
    return {row.id: row for row in found}


def version_of(session: PortalSession, record: RecordType, row: Any) -> int:
    """A number that grows with every change of the row, or of the person behind it."""
    own: int = row.version
    return own + session.get_one(Person, row.person_id).version if record.role_fields else own


def write(
    session: PortalSession,
    record: RecordType,
    given: Mapping[str, Any],
    row: Any = None,
    today: date | None = None,
) -> Any:
    """Check values and write one row inside a transaction; fields that are not given keep what they have."""
    today = today or clock.today()
    stored = current(session, record, row) if row is not None else {}
    clean, errors = values.validate(record, {**stored, **given}, today)
    if not errors:
        hooks.run(session, record, clean, row, today)
        errors = _missing_parents(session, record, clean)
    if errors:
        raise Invalid(errors)
    person = _person(session, record, clean, row, set(given) | set(stored)) if record.role_fields else None
    if row is None:
        identity: dict[str, Any] = {"person_id": person.id} if person else {}
        row = record.model(**_own(record, clean), **identity)
        _inherit_unit(session, record, row)
        session.add(row)
    else:
        _assign(row, _own(record, clean))
    session.flush()
    _write_links(session, record, row, clean)
    hooks.ran(session, record, row)
    return row


def current(session: PortalSession, record: RecordType, row: Any) -> dict[str, Any]:
    """The stored values of a row, personal ones in full: what a change is checked against."""
    person = session.get(Person, row.person_id) if record.role_fields else None
    names = [spec for spec in record.fields if spec.kind != "links"]
    return {spec.name: getattr(row if spec.owner == record.name else person, spec.name) for spec in names}


def _own(record: RecordType, clean: Mapping[str, Any]) -> dict[str, Any]:
    names = {spec.name for spec in record.own_fields if spec.kind != "links"} - {"person_id"}
    return {name: value for name, value in clean.items() if name in names or name in record.extra.get("also", ())}


def _assign(row: Any, wanted: Mapping[str, Any]) -> None:
    for name, value in wanted.items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def _missing_parents(session: PortalSession, record: RecordType, clean: Mapping[str, Any]) -> dict[str, str]:
    """A parent must exist for this actor, and not in the bin."""
    errors = {}
    for spec in record.own_fields:
        if spec.kind != "record" or not clean.get(spec.name) or spec.name == "person_id":
            continue
        model = RECORDS[spec.refers_to or ""].model
        if session.execute(select(col(model.id)).where(col(model.id) == clean[spec.name])).first() is None:
            errors[spec.name] = "not_found"
    return errors


def _inherit_unit(session: PortalSession, record: RecordType, row: Any) -> None:
    """Children of a station's record carry the station as well."""
    if not record.has_unit or row.unit_id is not None:
        return
    for spec in record.own_fields:
        parent = RECORDS.get(spec.refers_to or "")
        if spec.kind == "record" and parent and parent.has_unit and getattr(row, spec.name):
            row.unit_id = session.get_one(parent.model, getattr(row, spec.name)).unit_id  # type: ignore[attr-defined]
            return


def _write_links(session: PortalSession, record: RecordType, row: Any, clean: Mapping[str, Any]) -> None:
    for link in record.links:
        if link.name not in clean:
            continue
        table = SQLModel.metadata.tables[link.via]
        bare = session.connection()
        old = set(bare.execute(select(table.c[link.there]).where(table.c[link.here] == row.id)).scalars())
        new = set(clean[link.name] or [])
        if old == new:
            continue
        locked.guard_part(session, record, row.id)
        bare.execute(table.delete().where(table.c[link.here] == row.id))
        if new:
            bare.execute(table.insert(), [{link.here: row.id, link.there: key} for key in sorted(new)])
        db.note(session, Verb.CHANGE, record.name, row.id, {link.name: [sorted(old), sorted(new)]})


# -- the person behind a role --------------------------------------------------


def find_person(session: PortalSession, given: Mapping[str, Any]) -> Person | None:
    """The person that these values name: by document, else by phone and name, else by name and birth date.

    The two weaker ways do not join people whose documents differ.
    """
    if given.get("id_number"):
        by_number = select(Person).where(col(Person.id_number_key) == digest(given["id_number"]))
        known: Person | None = session.execute(by_number).scalars().first()
        if known:
            return known
    ways = [("phone_key", digest(given["phone"]))] if given.get("phone") else []
    ways += [("birth_date", given["birth_date"])] if given.get("birth_date") else []
    for name, value in ways:
        statement = select(Person).where(col(Person.name) == given.get("name"), getattr(Person, name) == value)
        person: Person
        for person in session.execute(statement.limit(5)).scalars():
            if not (given.get("id_number") and person.id_number):
                return person
    return None


def strangers(session: PortalSession, people: Iterable[int]) -> set[int]:
    """Those of the people whom none of the records that the session's actor sees is about; nobody to who sees them all."""
    left = set(people)
    if session.actor.units is None:
        return set()
    for record in RECORDS.values():
        if record.role_fields and left:
            role: Any = record.model
            left -= set(session.execute(select(role.person_id).where(role.person_id.in_(left))).scalars())
    return left


def _person(session: PortalSession, record: RecordType, clean: Mapping[str, Any], row: Any, given: set[str]) -> Person:
    """The person of a role row, found or made, brought up to what was given; of somebody whom only other stations know,
    what they know stands."""
    wanted = {name: clean[name] for name in record.role_fields if name in clean}
    person = session.get_one(Person, row.person_id) if row is not None else find_person(session, wanted)
    if person is None:
        person = Person(**wanted)
        session.add(person)
    elif person.name != wanted.get("name") and row is None:
        raise Invalid({"name": "name_differs"})
    else:
        filled = {n: v for n, v in wanted.items() if n in given and (row is not None or v not in (None, ""))}
        if row is None and strangers(session, [person.id or 0]):
            filled = {n: v for n, v in filled.items() if getattr(person, n) in (None, "")}
        _assign(person, filled)
    session.flush()
    return person


# -- bin, history, relations --------------------------------------------------


def remove(actor: Actor, record: RecordType, key: int, *, reason: str = "", token: str | None = None) -> None:
    """Move a record to the bin. Raises Invalid where other records, of any station, still name it."""
    actor.need("remove", record.area)
    with db.unit(actor, reason=reason, token=token) as session:
        row = find(session, record, key)
        for child, spec in _named_by(record):
            if child.menu and _names(session, child, spec, key):
                raise Invalid({"": "has_children"}, record=child.name)
        row.deleted_at, row.deleted_by = clock.now(), actor.account_id
        session.flush()
        hooks.ran(session, record, row)


def _names(session: PortalSession, child: RecordType, spec: FieldSpec, key: int) -> bool:
    """Whether any row of the record, the bin aside, names that one."""
    table = SQLModel.metadata.tables[child.name]
    wanted = select(table.c.id).where(table.c.deleted_at.is_(None)).limit(1)
    if spec.kind == "links":
        link = _link(child, spec)
        via = SQLModel.metadata.tables[link.via]
        wanted = wanted.join(via, via.c[link.here] == table.c.id).where(via.c[link.there] == key)
    else:
        wanted = wanted.where(table.c[spec.name] == key)
    return session.connection().execute(wanted).first() is not None


def restore(actor: Actor, record: RecordType, key: int) -> None:
    """Take a record out of the bin. Raises Invalid where its key has been taken meanwhile, or what it belongs to is in
    the bin itself."""
    actor.need("remove", record.area)
    with db.unit(actor) as session:
        statement = select(record.model).where(col(record.model.id) == key)
        row = session.execute(statement, execution_options={"with_bin": True}).scalar_one_or_none()
        if row is None:
            raise NotFound(record=record.name, id=key)
        if record.role_fields and session.get(Person, row.person_id) is None:
            raise Invalid({"": "parent_not_found"})
        found = current(session, record, row)
        if _missing_parents(session, record, found):
            raise Invalid({"": "parent_not_found"})
        hooks.run(session, record, found, row, clock.today())
        _assign(row, _own(record, found))
        row.deleted_at = row.deleted_by = None
        session.flush()
        hooks.ran(session, record, row)


def empty_bins(before: datetime) -> int:
    """Erase for good what was binned before that moment, children first, with their files; returns how many records.

    A record that another one still names waits until that one goes.
    """
    order = {table.name: place for place, table in enumerate(SQLModel.metadata.sorted_tables)}
    return sum(
        _erase(record, key)
        for record in sorted(RECORDS.values(), key=lambda record: -order[record.name])
        for key in _binned(record, before)
    )


def _binned(record: RecordType, before: datetime) -> list[int]:
    old = select(col(record.model.id)).where(col(record.model.deleted_at) < before)
    with db.reading(SYSTEM) as session:
        return [key for key in session.execute(old, execution_options={"with_bin": True}).scalars() if key]


def _erase(record: RecordType, key: int) -> bool:
    try:
        with db.unit(SYSTEM) as session:
            session.info["erasing"] = True
            bare = session.connection()
            for link in record.links:
                table = SQLModel.metadata.tables[link.via]
                bare.execute(table.delete().where(table.c[link.here] == key))
            if record.search_fields:
                search.remove(bare, record.name, key)
            attached = _attached(session, record, key)
            for row in [*_belongings(session, record, key), *attached]:
                session.delete(row)
            session.flush()
            found = select(record.model).where(col(record.model.id) == key)
            session.delete(session.execute(found, execution_options={"with_bin": True}).scalar_one())
    except Invalid:
        return False
    for sha256 in {file.sha256 for file in attached}:
        drop_content(sha256)
    return True


def _attached(session: PortalSession, record: RecordType, key: int) -> list[Attachment]:
    """The record's files, those that were taken away from it included."""
    mine = select(Attachment).where(col(Attachment.record) == record.name, col(Attachment.record_id) == key)
    return list(session.execute(mine).scalars())


def drop_content(sha256: str) -> None:
    """Remove a content that no attachment holds any more, and its small picture; nobody attaches it meanwhile."""
    with db.unit(SYSTEM) as session:
        db.alone(session, sha256)
        if session.execute(select(col(Attachment.id)).where(col(Attachment.sha256) == sha256)).first() is None:
            files.remove(files.content_key(sha256))
            files.remove(files.thumb_key(sha256))


def _belongings(session: PortalSession, record: RecordType, key: int) -> list[Any]:
    """Rows that are nothing without the record: those of types that have no list of their own."""
    parts = [(child, spec) for child in RECORDS.values() if not child.menu for spec in child.own_fields]
    found = [
        select(child.model).where(getattr(child.model, spec.name) == key)
        for child, spec in parts
        if spec.kind == "record" and spec.refers_to == record.name and spec.name != "unit_id"
    ]
    return [row for rows in found for row in session.execute(rows, execution_options={"with_bin": True}).scalars()]


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a record's history."""

    at: datetime
    actor: str
    verb: Verb
    changes: Mapping[str, Any]
    reason: str


def history(actor: Actor, record: RecordType, key: int, size: int = 50) -> list[Event]:
    """What happened to a record, newest first; without the right to personal data only which fields changed."""
    get(actor, record, key, binned=True)
    statement = (
        select(AuditEntry)
        .where(col(AuditEntry.record) == record.name, col(AuditEntry.record_id) == key)
        .order_by(col(AuditEntry.id).desc())
        .limit(size)
    )
    full = actor.may("personal", record.area) or actor.may("write", record.area)
    with db.reading(actor) as session:
        return [
            Event(e.at, e.actor, Verb(e.verb), (e.changes or {}) if full else dict.fromkeys(e.changes or {}), e.reason)
            for e in session.execute(statement).scalars()
        ]


def related(actor: Actor, record: RecordType, key: int, size: int = 10) -> list[tuple[RecordType, FieldSpec, Page]]:
    """The newest rows of every record type that names this record, as far as the actor may read them; the field by
    which they name it is left out, since it would say the same in every row."""
    wanted = [(child, spec) for child, spec in record.children if actor.may("read", child.area)]
    with db.reading(actor) as session:
        return [(child, spec, _page(session, child, _naming_this(child, spec, key, size))) for child, spec in wanted]


def _naming_this(child: RecordType, spec: FieldSpec, key: int, size: int) -> Query:
    shown = [other.name for other in _wanted(child, ()) if other.name != spec.name]
    return Query(filters={spec.name: key}, size=size, fields=shown)


def reveal(actor: Actor, record: RecordType, key: int, name: str, purpose: str) -> str:
    """One personal value in full, for a purpose that goes into the audit with it."""
    actor.need("personal", record.area)
    if not purpose.strip():
        raise Invalid({"purpose": "required"})
    spec = record.field(name)
    get(actor, record, key)
    with db.unit(actor, reason=purpose.strip()) as session:
        value = session.execute(base(record, column(record, spec)).where(col(record.model.id) == key)).scalar_one()
        db.note(session, Verb.REVEAL, record.name, key, {"field": name})
        return str(value or "")


def list_filters(record: RecordType) -> list[FieldSpec]:
    """The record's own filters first, then its person's."""
    return sorted((spec for spec in record.fields if spec.shows(FILTER)), key=lambda spec: spec.owner != record.name)
