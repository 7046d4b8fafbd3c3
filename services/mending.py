"""On which days a number may have changed since it was counted, told by the audit alone (decision 10, perf.md).

The audit names every row that was written and the values it had before. The days on which such a row stands and stood
are counted anew, and nothing else; where that cannot be told, the whole number is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnClause, Select, and_, func, or_, select
from sqlalchemy.schema import Table
from sqlalchemy.sql import visitors

from models import RECORDS
from models.contract import Counting
from models.measures import Facts
from models.system import AuditEntry, Verb
from services import facts
from services.db import PortalSession
from services.facts import Span

MOST_WRITES, MOST_PEOPLE, MOST_DAYS = 500, 1000, 31
WRITES = frozenset({Verb.CREATE, Verb.CHANGE, Verb.REMOVE, Verb.RESTORE, Verb.ERASE})
UNIT = "unit_id"
FORGOTTEN = "*"  # the audit of somebody made anonymous says only that something changed


class Write(NamedTuple):
    """One audit entry of a change."""

    record: str
    id: int
    verb: str
    changes: Mapping[str, Any]


@dataclass
class Touched:
    """The rows of one table that were written to, and the values that their fields had before."""

    ids: set[int] = field(default_factory=set)
    old: dict[str, set[Any]] = field(default_factory=dict)


class NotTold(Exception):
    """The audit does not tell on which days a number changed."""


def writes(session: PortalSession, since: Mapping[str, int]) -> list[Write] | None:
    """What was written after these audit ids of each record type; None where that is too much to look at, or not said."""
    audit = AuditEntry.__table__.c  # type: ignore[attr-defined]
    newer = or_(*(and_(audit.record == name, audit.id > known) for name, known in since.items()))
    wanted = select(audit.record, audit.record_id, audit.verb, audit.changes).where(newer).limit(MOST_WRITES + 1)
    found = session.connection().execute(wanted).all()
    made = [Write(record, key, verb, changes or {}) for record, key, verb, changes in found if verb in WRITES]
    return None if len(found) > MOST_WRITES or any(write.id is None for write in made) else made


def dirty_days(
    session: PortalSession, measured: Facts, counting: Counting, span: Span, written: Sequence[Write]
) -> set[date] | None:
    """The days of the span whose number the writes may have changed; None where every day may have."""
    try:
        found = _spots(session, measured, counting, span, written)
    except NotTold:
        return None
    days = {max(day, span.first) for day in found if day <= span.last}
    return days if len(days) <= MOST_DAYS else None


def _spots(
    session: PortalSession, measured: Facts, counting: Counting, span: Span, written: Sequence[Write]
) -> set[date]:
    parts = facts.parts(measured)
    touched = [_touched(part, written) for part in parts]
    if not any(touched):
        return set()
    if counting in (Counting.LATEST, Counting.STANDING) or not all(facts.is_plain(part) for part in parts):
        raise NotTold
    days, people = set(), set()
    for part, rows in zip(parts, touched, strict=True):
        if rows:
            for day, who in _places(session, part, rows):
                days.add(day)
                people.add(who)
    if counting != Counting.SUM:
        if len(people) > MOST_PEOPLE:
            raise NotTold
        days |= _first_days(session, parts, touched, people, span)
    return days - {None}


def _touched(part: Select[Any], written: Iterable[Write]) -> dict[str, Touched]:
    """The rows by table whose writes concern what the part reads of them."""
    columns = _columns(part)
    used = {(column.table.name, column.name) for column in columns}
    tables = {column.table.name for column in columns}
    joins = {(c.table.name, c.name) for c in columns if any(key.column.table.name in tables for key in c.foreign_keys)}
    found: dict[str, Touched] = {}
    for write in written:
        if write.record in tables and _concerns(write, used, joins):
            rows = found.setdefault(write.record, Touched())
            rows.ids.add(write.id)
            for name, old in _before(write):
                rows.old.setdefault(name, set()).add(old)
    return found


@lru_cache(maxsize=500)
def _columns(part: Select[Any]) -> list[Column[Any]]:
    """Every column of a table that the part reads, also through a subquery or another name of the table."""
    read = [element for element in visitors.iterate(part) if isinstance(element, ColumnClause)]
    bases = {base for element in read for base in element.base_columns}
    return [base for base in bases if isinstance(base, Column) and isinstance(base.table, Table)]


def _concerns(write: Write, used: set[tuple[str, str]], joins: set[tuple[str, str]]) -> bool:
    if write.verb == Verb.ERASE or FORGOTTEN in write.changes:
        raise NotTold
    names = {(write.record, name) for name in write.changes}
    if write.verb != Verb.CREATE and names & joins:
        raise NotTold
    return write.verb != Verb.CHANGE or bool(names & used) or UNIT in write.changes


def _before(write: Write) -> Iterator[tuple[str, Any]]:
    if write.verb == Verb.CREATE:
        return
    for name, change in write.changes.items():
        if isinstance(change, list) and len(change) == 2:
            yield name, change[0]


def _places(session: PortalSession, part: Select[Any], rows: Mapping[str, Touched]) -> Iterator[tuple[Any, Any]]:
    """(day, who) of the rows as they are, in the bin or another station too, and of what they were."""
    day, who = _column(part, "day"), _column(part, "who")
    named = or_(*(_ids(name).in_(sorted(own.ids)) for name, own in rows.items()))
    is_now = select(day, who).select_from(*part.get_final_froms()).where(named)
    yield from ((day, who) for day, who in session.connection().execute(is_now))
    for name, own in rows.items():
        if day.table.name == name:
            yield from ((date.fromisoformat(str(old)), None) for old in own.old.get(day.name, ()) if old)
        if who.table.name == name:
            yield from ((None, old) for old in own.old.get(who.name, ()))


def _column(part: Select[Any], name: str) -> Column[Any]:
    found = getattr(part.selected_columns[name], "element", None)
    if not isinstance(found, Column):
        raise NotTold
    return found


def _ids(record: str) -> Any:
    return RECORDS[record].model.__table__.c.id  # type: ignore[attr-defined]


def _first_days(
    session: PortalSession,
    parts: Sequence[Select[Any]],
    touched: Sequence[Mapping[str, Touched]],
    people: set[Any],
    span: Span,
) -> set[date]:
    """When each of the people is first counted but for the written rows: there they count from now on, or did before."""
    others = [
        facts.by_person(part).where(*(_ids(name).not_in(sorted(own.ids)) for name, own in rows.items()))
        for part, rows in zip(parts, touched, strict=True)
    ]
    held = facts.holding(facts.union(others), span).c
    first = select(func.min(held.day)).where(held.who.in_(sorted(people - {None}))).group_by(held.who, held.station)
    return set(session.execute(first).scalars())
