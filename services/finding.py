"""Which rows a list shows, in which order and how many: filters and words as SQL, a page at a time.

Few hits are collected and sorted. Many are walked in the order of an index until the page is full: beyond
sqrt(page size x rows) that is the shorter way, at any size of the table.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from math import isqrt
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, false, func, or_, select, text, tuple_, union
from sqlmodel import SQLModel, col

from models import RECORDS, RecordType
from models.base import SEARCH, FieldSpec
from models.people import Person
from models.vault import digest
from models.waiting import WAITING, Moment
from services import clock, db, search
from services.db import PortalSession
from services.kept import kept, newest

PAGE = 50
CAP = 10_000
NOTHING: tuple[Any, ...] = (None, "", [], (), (None, None))


@dataclass(frozen=True, slots=True)
class Query:
    """What a list shows: words to find, filters by field, order (`-field` is descending), page.

    A filter may go through the records that a row names: {"organisation_id.region": "海珠区"}.
    only: the name of what waits (models/waiting.py), at that moment (None: now); a name of another type narrows nothing.
    """

    text: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    sort: str = ""
    page: int = 0
    size: int = PAGE
    fields: Sequence[str] = ()
    binned: bool = False
    only: str = ""
    at: Moment | None = None


class Found(NamedTuple):
    """The ids of a page in order, and how many rows there are in all; `more`: at least one more than that."""

    ids: list[int]
    total: int
    more: bool


class Words(NamedTuple):
    """What was asked for, and whether so many match that they are walked rather than collected."""

    question: str
    common: bool


def moment(today: date | None = None, now: datetime | None = None) -> Moment:
    """This moment, or another one, at the site."""
    today = today or clock.today()
    monday = today + timedelta(days=7 - today.weekday())
    return Moment(today, now or clock.now(), clock.from_local(datetime.combine(monday, time())))


def column(record: RecordType, spec: FieldSpec) -> Any:
    """The column that holds a field, in the record's table or its person's."""
    return getattr(Person if spec.owner != record.name else record.model, spec.name)


def base(record: RecordType, *columns: Any) -> Select[Any]:
    statement = select(*columns).select_from(record.model)
    if record.role_fields:
        statement = statement.join(Person, Person.id == record.model.person_id)  # type: ignore[attr-defined]
    return statement


def page(session: PortalSession, record: RecordType, query: Query, cap: int = CAP) -> Found:
    """One page, and the total counted to `cap`, of common words to search.COMMON."""
    _need_paths(session, record, query)
    by_person = _sorts_by_person(record, query)
    words = _words(session, record, query.text, walk=not by_person)
    walk = by_person and words is None and _total(session, record, query, None, cap) > _many(session, record)
    statement = _narrowed(record, query, words, record.model.id, person_first=walk)
    statement = statement.order_by(*_order(record, query.sort)).limit(query.size).offset(query.page * query.size)
    options = {"with_bin": query.binned, "in_order": walk or words is not None}
    ids = list(session.execute(statement, execution_options=options).scalars())
    is_last = len(ids) < query.size and (ids or not query.page)
    total = query.page * query.size + len(ids) if is_last else _total(session, record, query, words, cap)
    most = cap if is_last else _most(words, cap)
    return Found(ids, min(total, most), total > most)


def first(record: RecordType, query: Query, *columns: Any) -> Select[Any]:
    """These columns of the first rows of a list, in its order; for a list that is asked neither words nor other records."""
    statement = _narrowed(record, query, None, *columns, with_person=bool(record.role_fields))
    return statement.order_by(*_order(record, query.sort)).limit(query.size)


def among(record: RecordType, targets: Sequence[Any], wanted: Sequence[tuple[Any, ...]], *columns: Any) -> Select[Any]:
    """These columns of the rows whose targets hold one of many lists of values.

    SQLite walks through what is wanted and looks each up: by itself it may read the whole table for them.
    """
    if not db.is_sqlite():
        one = targets[0].in_([value for (value,) in wanted]) if len(targets) == 1 else tuple_(*targets).in_(wanted)
        return base(record, *columns).where(one)
    given = zip(targets, zip(*wanted, strict=True), strict=True)
    sent = zip(*(db.bound(target.type, [*values]) for target, values in given), strict=True)
    asked = func.json_each(json.dumps([*sent])).table_valued("value", name="asked")
    is_asked = and_(*(t == func.json_extract(asked.c.value, f"$[{place}]") for place, t in enumerate(targets)))
    model: Any = record.model
    statement = select(*columns).select_from(asked).execution_options(in_order=True)
    if not record.role_fields:
        return statement.join(model, is_asked)
    if any(target.class_ is model for target in targets):
        return statement.join(model, is_asked).join(Person, Person.id == model.person_id)
    return statement.join(Person, is_asked).join(model, model.person_id == Person.id)


def counting(record: RecordType, query: Query) -> Select[Any]:
    """One line for each row of such a list, to be counted."""
    return _narrowed(record, query, None, text("1"))


def every_id(session: PortalSession, record: RecordType, query: Query) -> list[int]:
    """The ids of all that a list shows, in its order."""
    _need_paths(session, record, query)
    words = Words(query.text, common=False) if query.text.strip() else None
    statement = _narrowed(record, query, words, record.model.id).order_by(*_order(record, query.sort))
    options = {"with_bin": query.binned, "in_order": words is not None}
    return list(session.execute(statement, execution_options=options).scalars())


def totals(session: PortalSession, record: RecordType, query: Query, *columns: ColumnElement[Any]) -> Any:
    """How many rows a list shows in all, whatever its cap, and aggregates of them; words are not looked for."""
    _need_paths(session, record, query)
    return session.execute(_narrowed(record, query, None, func.count(), *columns)).one()


def matches(session: PortalSession, record: RecordType, question: str) -> ColumnElement[bool]:
    """A WHERE for statements of one's own: names and words by text, pinyin and initials, personal numbers by the whole
    or the last four. The person must be joined where the record is a role."""
    words = _words(session, record, question)
    if words is None or words.common:
        return _walked(record, question)
    return col(record.model.id).in_(select(_hits(record, question).c.id))


# -- order and total --------------------------------------------------


def _order(record: RecordType, sort: str) -> list[Any]:
    spec, down = _sort(record, sort)
    key, own = column(record, spec) if spec else None, record.model.id
    behind = [Person.id] if spec and spec.owner != record.name else []
    found = [part for part in (key, *behind, own) if part is not None]
    return [part.desc() if down else part.asc() for part in found]  # type: ignore[union-attr]


def _sort(record: RecordType, sort: str) -> tuple[FieldSpec | None, bool]:
    """The field to sort by, None for the id, and whether downwards."""
    wanted = sort if sort.removeprefix("-") in (*record.by_name, "id") else record.sort
    return record.by_name.get(wanted.removeprefix("-")), wanted.startswith("-")


def _sorts_by_person(record: RecordType, query: Query) -> bool:
    """Whether the order is one that an index of the persons has."""
    spec, _ = _sort(record, query.sort)
    indexes = SQLModel.metadata.tables["person"].indexes
    return bool(spec and spec.owner != record.name and any(i.columns[0].name == spec.name for i in indexes))


def _many(session: PortalSession, record: RecordType) -> int:
    """From how many hits on walking is shorter."""
    newest_id = select(func.max(SQLModel.metadata.tables[record.name].c.id))
    rows = session.connection().execute(newest_id).scalar() or 0
    return min(max(search.COMMON, isqrt(PAGE * rows)), CAP)


def _most(words: Words | None, cap: int) -> int:
    return min(cap, search.COMMON) if words and words.common else cap


def _total(session: PortalSession, record: RecordType, query: Query, words: Words | None, cap: int) -> int:
    """How many rows there are, counted to one more than the most; kept until one of the records is written to."""
    most = _most(words, cap)
    asked = (query.text, repr(sorted(query.filters.items())), query.binned, session.actor.units, most)
    through = {owner.name for path in query.filters if record.reach(path) for owner in _owners(record, path)}
    behind = {record.name, *_searched(record), *(["person"] if record.role_fields else []), *through}

    def count() -> int:
        inner = _narrowed(record, query, words, text("1")).limit(most + 1).subquery()
        options = {"with_bin": query.binned, "in_order": words is not None}
        counted = session.execute(select(func.count()).select_from(inner), execution_options=options)
        return int(counted.scalar_one())

    if query.only:
        return count()
    return kept(("total", record.name, *asked), newest(session, behind), behind, count)


# -- filters --------------------------------------------------


def _narrowed(
    record: RecordType, query: Query, words: Words | None, *columns: Any, person_first: bool = False,
    with_person: bool = False,
) -> Select[Any]:  # fmt: skip
    """What the query leaves; the tables stand in the order in which they are best read."""
    wanted = {n: v for n, v in query.filters.items() if record.reach(n) and v not in (None, "", [], (), (None, None))}
    sort, _ = _sort(record, query.sort)
    used = [*(record.field(name.partition(".")[0]) for name in wanted), *([sort] if sort else [])]
    person = record.role_fields and (any(spec.owner != record.name for spec in used) or (words and words.common))
    joined = with_person or bool(person)
    statement = _from(record, words, columns, with_person=joined, person_first=person_first)
    if query.binned:
        statement = statement.where(col(record.model.deleted_at).is_not(None))
    if words and words.common:
        statement = statement.where(_walked(record, words.question))
    if query.only in WAITING and WAITING[query.only].record is record:
        statement = statement.where(WAITING[query.only].condition(query.at or moment()))
    return statement.where(*(_at(record, path, value) for path, value in wanted.items()))


def _from(
    record: RecordType, words: Words | None, columns: Sequence[Any], *, with_person: bool, person_first: bool
) -> Select[Any]:
    model: Any = record.model
    if person_first:
        return select(*columns).select_from(Person).join(model, model.person_id == Person.id)
    statement = select(*columns).select_from(model)
    if words and not words.common:
        hits = _hits(record, words.question)
        statement = select(*columns).select_from(hits).join(model, model.id == hits.c.id)
    return statement.join(Person, Person.id == model.person_id) if with_person else statement


def _need_paths(session: PortalSession, record: RecordType, query: Query) -> None:
    """A filter through other records tells of them: Denied to whoever may not read those."""
    for path in query.filters:
        if "." in path and record.reach(path):
            for owner in _owners(record, path):
                session.actor.need("read", owner.area)


def _owners(record: RecordType, path: str) -> Iterator[RecordType]:
    for name in path.split(".")[:-1]:
        record = RECORDS[record.field(name).refers_to or ""]
        yield record


def _at(record: RecordType, path: str, wanted: Any) -> ColumnElement[bool]:
    first, _, rest = path.partition(".")
    spec = record.field(first)
    if not rest:
        return _condition(record, spec, wanted)
    parent = RECORDS[spec.refers_to or ""]
    inside = base(parent, parent.model.id).where(_at(parent, rest, wanted))
    return column(record, spec).in_(inside)  # type: ignore[no-any-return]


def _condition(record: RecordType, spec: FieldSpec, wanted: Any) -> ColumnElement[bool]:
    target: ColumnElement[Any] = column(record, spec)
    if spec.kind in ("choices", "options"):
        wanted = wanted if isinstance(wanted, (list, tuple)) else [wanted]
        return or_(*(target.like(f"%,{getattr(code, 'value', code)},%") for code in wanted))
    if spec.kind in ("date", "time") and isinstance(wanted, (list, tuple)):
        return _between(spec, target, *wanted)
    if isinstance(wanted, (list, tuple, set, frozenset)):
        return target.in_(list(wanted))
    return target.contains(str(wanted), autoescape=True) if spec.kind == "text" else target == wanted


def _between(spec: FieldSpec, target: Any, first: date | None, last: date | None = None) -> ColumnElement[bool]:
    """Local days, both included."""
    if spec.kind == "date":
        bounds = [target >= first if first else None, target <= last if last else None]
    else:
        start = clock.from_local(datetime.combine(first, time())) if first else None
        end = clock.from_local(datetime.combine(last + timedelta(days=1), time())) if last else None
        bounds = [target >= start if start else None, target < end if end else None]
    return and_(*(bound for bound in bounds if bound is not None))


# -- words --------------------------------------------------


def _words(session: PortalSession, record: RecordType, question: str, *, walk: bool = True) -> Words | None:
    """What to search for; common where any text that is searched has more hits than are worth collecting.

    Names in the order of names are never walked: who is searched by surname stands together, maybe at the end.
    """
    if not question.strip():
        return None
    if not walk:
        return Words(question, common=False)
    most = _many(session, record)
    bare = session.connection()
    return Words(question, any(search.more_than(bare, table, question, most) for table in _searched(record)))


def _searched(record: RecordType) -> list[str]:
    """The tables whose search text finds rows of the record: its own, its person's, its parents'."""
    own = [record.name] if record.search_fields else []
    return own + (["person"] if record.role_fields else []) + [_text_of(parent) for _, parent in _parents(record)]


def _parents(record: RecordType) -> list[tuple[FieldSpec, RecordType]]:
    """Rows are found by the title of a parent whose field is marked SEARCH."""
    named = [spec for spec in record.own_fields if spec.kind == "record" and spec.shows(SEARCH)]
    return [(spec, RECORDS[spec.refers_to or ""]) for spec in named]


def _text_of(record: RecordType) -> str:
    return "person" if record.role_fields else record.name


def _hits(record: RecordType, question: str) -> Subquery:
    """The ids of the rows that match, each way by its own index."""
    tables = SQLModel.metadata.tables
    table = tables[record.name]
    ways: list[ColumnElement[bool]] = []
    if search.terms(question):
        if record.search_fields:
            ways.append(table.c.id.in_(_ids(record.name, question)))
        if record.role_fields:
            ways.append(table.c.person_id.in_(_ids("person", question)))
        for spec, parent in _parents(record):
            found: Any = _ids(_text_of(parent), question)
            if parent.role_fields:
                roles = tables[parent.name]
                found = select(roles.c.id).where(roles.c.person_id.in_(found))
            ways.append(table.c[spec.name].in_(found))
    for condition in _by_number(record, question):
        people = select(tables["person"].c.id).where(condition)
        ways.append(table.c.person_id.in_(people) if record.role_fields else condition)
    ways += _by_code(record, question)
    found_ids = [select(table.c.id).where(way) for way in ways or [false()]]
    return (union(*found_ids) if found_ids[1:] else found_ids[0]).subquery("hits")


def _ids(table: str, question: str) -> Select[Any]:
    return search.ids("sqlite" if db.is_sqlite() else "postgresql", table, question)


def _walked(record: RecordType, question: str) -> ColumnElement[bool]:
    """The same as a condition that is tried row by row."""
    found: list[Any] = [*_by_number(record, question), *_by_code(record, question)]
    if search.terms(question):
        if record.search_fields:
            found.append(search.like(record.model.search_text, question))
        if record.role_fields:
            found.append(search.like(Person.search_text, question))
        for spec, parent in _parents(record):
            owner: Any = Person if parent.role_fields else parent.model
            named = base(parent, parent.model.id).where(col(parent.model.id) == column(record, spec))
            found.append(named.where(search.like(owner.search_text, question)).correlate(record.model).exists())
    return or_(false(), *found)


def _by_code(record: RecordType, question: str) -> list[ColumnElement[bool]]:
    """Rows by a number of their own that stands in full: a volunteer's, a reference, a certificate's."""
    code = question.strip().upper()
    if len(code) < 6 or not any(character.isdigit() for character in code):
        return []
    columns = SQLModel.metadata.tables[record.name].c
    return [columns[name] == code for name in record.codes]


def _by_number(record: RecordType, question: str) -> list[ColumnElement[bool]]:
    model = Person if record.role_fields else record.model
    number = question.replace(" ", "").replace("-", "").upper()
    keyed = [name for name in db.personal_columns(model) if f"{name}_key" in model.model_fields]
    if not keyed or not number[:-1].isdigit():
        return []
    part = {4: "tail"}.get(len(number), "key" if len(number) > 6 else "")
    return [col(getattr(model, f"{name}_{part}")) == digest(number) for name in keyed] if part else []
