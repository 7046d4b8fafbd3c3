"""Keeps closed months closed (feature K8): services/db.py asks here at every write of a record that can be counted.

What is added to a closed month or taken from it is refused, and any change of an event in it. A change of what lasts or
has no day (an organisation of another kind, an agreement that is signed late) is refused if the month then counts
otherwise: its measures are asked before the change and after it. In a month that was reopened, all of these are
adjustments, written down in the same transaction. What locks which records, by which days and measures, stands in the
closings themselves (models/year.py), so that this module knows no record type. A writer reads them once a transaction,
on PostgreSQL behind a lock that it shares with other writers and that a closing holds alone; reads cost nothing.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, insert, inspect, select, text

from models import RECORDS, RecordType
from models.base import NAME, Record
from models.contract import Contract
from models.system import Verb
from models.year import Adjustment, PeriodClose
from services import clock
from services.counted import Counts, Question, counted
from services.errors import Invalid

if TYPE_CHECKING:
    from services.db import PortalSession

CLOSINGS = "period_close"
LOCK = 0x4D6F6E7468
Values = Mapping[str, Any]


class Held(NamedTuple):
    """What a closing keeps of a record type: the days that place its rows, the fields that its figures read, and how."""

    days: tuple[str, ...]
    fields: tuple[str, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """The newest edition of a month, as a writer needs it; `begins` is the contract's first day."""

    id: int
    contract_id: int
    first: date
    last: date
    begins: date
    records: Mapping[str, Held]
    closed_at: datetime
    closed_by: str
    is_reopened: bool
    reopen_reason: str

    @property
    def month(self) -> tuple[date, date]:
        return self.first, self.last

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(slots=True)
class Write:
    """One row about to be written: the values that place it before and after, None where it is not there."""

    record: RecordType
    verb: Verb
    before: Values | None
    after: Values | None
    row: Record | None = None
    key: int = 0

    @property
    def id(self) -> int:
        return (self.row.id if self.row is not None else self.key) or 0

    @property
    def there(self) -> Values:
        return self.after if self.after is not None else self.before or {}


class Recount(NamedTuple):
    """Changes, all of a record type, of what its measures read; and what each closed month counted before them."""

    writes: list[Write]
    before: dict[Question, Counts]


@dataclass(frozen=True, slots=True)
class Correction:
    """A write that corrects a month which was reopened."""

    write: Write
    closing: Closing
    day_before: date | None
    day_after: date | None


# -- the doors of services/db.py --------------------------------------------------


def guard_flush(session: "PortalSession") -> None:
    """Before rows are written: refuse those dated in a closed month, keep in mind those that correct a reopened one."""
    writes = [found for row in [*session.new, *session.dirty] if (found := _write(session, row))]
    session.info["corrections"] = _guard(session, writes) if writes else []
    session.info["recounts"] = list(_recounts(session, writes))


def note_written(session: "PortalSession") -> None:
    """After rows were written, when new ones have their ids: refuse what a closed month would count otherwise now."""
    found = [*session.info.pop("corrections", []), *_recounted(session)]
    _note(session, {(id(one.write), one.closing.id): one for one in found}.values())


def guard_new(session: "PortalSession", record: RecordType, ids: Sequence[int], rows: Sequence[Values]) -> None:
    """Many rows about to be inserted in bulk."""
    if _closings(session, record):
        writes = (Write(record, Verb.CREATE, None, row, key=key) for key, row in zip(ids, rows, strict=True))
        _note(session, _guard(session, list(writes)))


def guard_changes(session: "PortalSession", record: RecordType, changes: Mapping[int, Values]) -> None:
    """Many rows about to be changed in bulk: {id: new values}; `note_written` follows."""
    if closings := _closings(session, record):
        writes = _changes(session, record, closings, changes)
        session.info["corrections"] = _guard(session, writes)
        session.info["recounts"] = list(_recounts(session, writes))


def is_read(session: "PortalSession", record: RecordType, names: Iterable[str]) -> bool:
    """Whether a closed month may count otherwise once these fields of some rows change; from a reading."""
    closings = _closings(session, record, writes=False)
    return bool(set(names) & _fields(record, closings)) and not is_event(record)


def guard_part(session: "PortalSession", record: RecordType, key: int, *, goes: bool = False) -> None:
    """What belongs to a row and stands elsewhere is about to change (its links), or goes (a file that proves it)."""
    closings = _closings(session, record)
    if closings and (found := _stored(session, record, closings, [key])):
        write = Write(record, Verb.CHANGE, found[key], None if goes else found[key], key=key)
        _note(session, _guard(session, [write]))


def guard_day(session: "PortalSession", contract_id: int, field: str, day: date) -> None:
    """What the contract itself says of that day is about to change. Raises Invalid({field: "month_closed"})."""
    for closing in ever_closed(session, contract_id):
        if closing.holds(day) and not closing.is_reopened:
            raise _refusal(field, closing)


def ever_closed(session: "PortalSession", contract_id: int) -> list[Closing]:
    """The contract's months that are closed or were; no other is closed before this transaction ends."""
    return [closing for closing in _known(session) if closing.contract_id == contract_id]


def refusals(
    session: "PortalSession", record: RecordType, rows: Sequence[Values], changes: Mapping[int, Values]
) -> tuple[dict[int, dict[str, str]], dict[int, dict[str, str]]]:
    """What a bulk write would be refused for: {place in rows: {field: code}} and {id: {field: code}}; from a reading."""
    closings = [closing for closing in _closings(session, record, writes=False) if not closing.is_reopened]
    if not closings:
        return {}, {}
    new = [Write(record, Verb.CREATE, None, row, key=place) for place, row in enumerate(rows)]
    old = _changes(session, record, closings, changes)
    return _codes(session, closings, new), _codes(session, closings, old)


def alone(session: "PortalSession") -> None:
    """Wait until no write is under way and let none begin before this transaction ends (a month is closed in it)."""
    _hold(session, "pg_advisory_xact_lock")


# -- what a write touches --------------------------------------------------


def _write(session: "PortalSession", row: Any) -> Write | None:
    record = RECORDS.get(row.__table__.name) if isinstance(row, Record) else None  # type: ignore[attr-defined]
    if record is None or not (row in session.new or session.is_modified(row)):
        return None
    closings = _closings(session, record)
    if not closings:
        return None
    names = _watched(record, closings)
    if row in session.new:
        return Write(record, Verb.CREATE, None, _values(row, names), row)
    was_there, is_there = _old(row, "deleted_at") is None, row.deleted_at is None
    if not was_there and not is_there:
        return None
    before = {name: _old(row, name) for name in names} if was_there else None
    after = _values(row, names) if is_there else None
    return Write(record, _VERBS[was_there, is_there], before, after, row)


_VERBS = {(True, True): Verb.CHANGE, (True, False): Verb.REMOVE, (False, True): Verb.RESTORE}


def _values(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _old(row: Any, name: str) -> Any:
    history = inspect(row).attrs[name].history
    return history.deleted[0] if history.deleted else getattr(row, name)


def _watched(record: RecordType, closings: Sequence[Closing]) -> tuple[str, ...]:
    """The columns that place a row, say whether it still holds and what it counts for, and name it."""
    names = [*(day.partition(".")[0] for day in _days(record, closings)), record.until, _titled(record)]
    return tuple(dict.fromkeys(name for name in [*names, *sorted(_fields(record, closings))] if name))


def _days(record: RecordType, closings: Sequence[Closing]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(day for closing in closings for day in closing.records[record.name].days))


def _fields(record: RecordType, closings: Sequence[Closing]) -> set[str]:
    return {name for closing in closings for name in closing.records[record.name].fields}


def is_event(record: RecordType) -> bool:
    """Of an event a closed month keeps everything; of all else what it counts of it."""
    return bool(record.days) and record.until is None


@cache
def _titled(record: RecordType) -> str:
    """The column of the title, where it says nothing of a person."""
    spec = record.by_name.get(record.title)
    return record.title if spec and spec.owner == record.name and not (spec.personal or spec.shows(NAME)) else ""


def _changes(
    session: "PortalSession", record: RecordType, closings: Sequence[Closing], changes: Mapping[int, Values]
) -> list[Write]:
    stored = _stored(session, record, closings, list(changes))
    return [Write(record, Verb.CHANGE, old, {**old, **changes[key]}, key=key) for key, old in stored.items()]


def _stored(
    session: "PortalSession", record: RecordType, closings: Sequence[Closing], keys: Sequence[int]
) -> dict[int, dict[str, Any]]:
    """{id: the watched values as stored} of rows that are not in the bin."""
    table, names = record.model.__table__, _watched(record, closings)  # type: ignore[attr-defined]
    wanted = select(table.c.id, *(table.c[name] for name in names)).where(table.c.deleted_at.is_(None))
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(keys), 500):
        for key, *values in session.connection().execute(wanted.where(table.c.id.in_(keys[start : start + 500]))):
            found[key] = dict(zip(names, values, strict=True))
    return found


# -- in which month --------------------------------------------------


def _guard(session: "PortalSession", writes: Sequence[Write]) -> list[Correction]:
    """Raises Invalid({day field: "month_closed"}) with the month, who closed it and when."""
    found = []
    for record, part in _by_record(writes):
        closings = _closings(session, record)
        for write, field, day, closing in _hits(session, closings, part) if closings else ():
            if not closing.is_reopened:
                raise _refusal(field, closing)
            found.append((write, closing, day))
    return _corrections(session, found)


def _by_record(writes: Sequence[Write]) -> Iterator[tuple[RecordType, list[Write]]]:
    for record in {write.record.name: write.record for write in writes}.values():
        yield record, [write for write in writes if write.record is record]


def _hits(
    session: "PortalSession", closings: Sequence[Closing], writes: Sequence[Write]
) -> Iterator[tuple[Write, str, date, Closing]]:
    """Each day by which one of the writes, all of a record type, touches a month that was ever closed."""
    record = writes[0].record
    days = _days(record, closings)
    before = _placed(session, record, days, [write.before or {} for write in writes])
    after = _placed(session, record, days, [write.after or {} for write in writes])
    for write, was, will in zip(writes, before, after, strict=True):
        for path, day in _touched(write, was, will, closings):
            for closing in closings:
                own = path in closing.records[record.name].days
                if (own and closing.holds(day)) or _ran_into(write, path, day, closing):
                    yield write, path.partition(".")[0], day, closing


def _touched(write: Write, was: Values, will: Values, closings: Sequence[Closing]) -> list[tuple[str, date]]:
    """The days at which the write adds, takes or changes something; of a change of what lasts the measures tell, or
    where an old closing (before 0.3) does not name them, its days and fields."""
    if write.before is not None and write.after is not None and not is_event(write.record):
        is_told = all(closing.records[write.record.name].questions for closing in closings)
        if is_told or (was == will and not _changed(write, _fields(write.record, closings))):
            return []
    return list(dict.fromkeys([*was.items(), *will.items()]))


def _ran_into(write: Write, path: str, day: date, closing: Closing) -> bool:
    """What began before the contract and lasted into it counts from the contract's first day on."""
    until = write.record.until
    if not until or path != write.record.days[0] or not day < closing.begins == closing.first:
        return False
    end = write.there.get(until)
    return end is None or bool(end >= closing.first)


def _placed(
    session: "PortalSession", record: RecordType, paths: Iterable[str], rows: Sequence[Values]
) -> list[dict[str, date]]:
    """{path: day} of each row; a parent's field is looked up, a time is the site's day."""
    found: list[dict[str, date]] = [{} for _ in rows]
    for path in paths:
        name, _, of_parent = path.partition(".")
        cells = [row.get(name) for row in rows]
        known = _parents(session, record, name, of_parent, cells) if of_parent else {}
        for days, cell in zip(found, cells, strict=True):
            if day := known.get(cell) if of_parent else cell:
                days[path] = clock.local(day).date() if isinstance(day, datetime) else day
    return found


def _parents(
    session: "PortalSession", record: RecordType, name: str, wanted: str, keys: Iterable[Any]
) -> dict[Any, Any]:
    table = RECORDS[record.field(name).refers_to or ""].model.__table__  # type: ignore[attr-defined]
    left = sorted({key for key in keys if key})
    found: dict[Any, Any] = {}
    for start in range(0, len(left), 500):
        named = select(table.c.id, table.c[wanted]).where(table.c.id.in_(left[start : start + 500]))
        found |= dict(tuple(row) for row in session.connection().execute(named))
    return found


# -- what the closed months count --------------------------------------------------


def _recounts(session: "PortalSession", writes: Sequence[Write]) -> Iterator[Recount]:
    for record, part in _by_record(writes):
        closings = [] if is_event(record) else _closings(session, record)
        read = _fields(record, closings)
        if changing := [write for write in part if _changed(write, read)]:
            yield Recount(changing, _counted(session, changing, closings))


def _changed(write: Write, read: Collection[str]) -> list[str]:
    """Those of the fields that the change changes, dates first; none of what comes or goes as a whole."""
    if write.before is None or write.after is None:
        return []
    names = [name for name in sorted(read) if write.before.get(name) != write.after.get(name)]
    return sorted(names, key=lambda name: name in write.record.by_name and write.record.field(name).kind != "date")


def _counted(session: "PortalSession", writes: Sequence[Write], closings: Sequence[Closing]) -> dict[Question, Counts]:
    """What the months count of the written rows, by each measure that their closings asked."""
    record, months = writes[0].record, defaultdict(list)
    for closing in closings:
        for question in closing.records[record.name].questions:
            months[question].append(closing.month)
    keys = [write.id for write in writes]
    return {question: counted(session, record, keys, question, found) for question, found in months.items()}


def _recounted(session: "PortalSession") -> Iterator[Correction]:
    """The changes after which a month that was reopened counts otherwise. Raises Invalid where it is closed."""
    for writes, before in session.info.pop("recounts", ()):
        record = writes[0].record
        closings = _closings(session, record)
        after = _counted(session, writes, closings)
        for closing in closings:
            other = {
                key
                for question in closing.records[record.name].questions
                for key, month in before[question].keys() | after[question].keys()
                if month == closing.month and before[question].get((key, month)) != after[question].get((key, month))
            }
            for write in [one for one in writes if one.id in other] or writes[: len(other)]:
                if not closing.is_reopened:
                    raise _refusal(_changed(write, _fields(record, closings))[0], closing)
                yield from _corrections(session, [(write, closing, closing.first)])


# -- what follows --------------------------------------------------


def _refusal(field: str, closing: Closing) -> Invalid:
    on = clock.local(closing.closed_at).date()
    told = {"first": closing.first, "last": closing.last, "who": closing.closed_by, "on": on}
    return Invalid({field: "month_closed"}, fuller="month_closed_by", **told)


def _codes(session: "PortalSession", closings: Sequence[Closing], writes: Sequence[Write]) -> dict[int, dict[str, str]]:
    hits = _hits(session, closings, writes) if writes else ()
    return {write.key: {field: "month_closed"} for write, field, _day, _closing in hits}


def _corrections(session: "PortalSession", hits: Sequence[tuple[Write, Closing, date]]) -> list[Correction]:
    """One for each write and month: which of its days lay there before, and lie there now."""
    found: dict[tuple[int, int], Correction] = {}
    for write, closing, _day in hits:
        days = [_day_in(session, write.record, values, closing) for values in (write.before, write.after)]
        found[id(write), closing.id] = Correction(write, closing, *days)
    return list(found.values())


def _day_in(session: "PortalSession", record: RecordType, values: Values | None, closing: Closing) -> date | None:
    own = closing.records[record.name].days
    days = _placed(session, record, own, [values])[0].values() if values is not None else ()
    return next((day for day in days if closing.holds(day)), None)


def _note(session: "PortalSession", corrections: Iterable[Correction]) -> None:
    rows = [_row(session, correction) for correction in corrections]
    if rows:
        session.connection().execute(insert(Adjustment), rows)


def _row(session: "PortalSession", correction: Correction) -> dict[str, Any]:
    write, closing, actor = correction.write, correction.closing, session.actor
    title = str(write.there.get(_titled(write.record)) or "")
    return {
        "closing_id": closing.id,
        "record": write.record.name,
        "record_id": write.id,
        "title": title[:200],
        "verb": write.verb,
        "day_before": correction.day_before,
        "day_after": correction.day_after,
        "at": clock.now(),
        "account_id": actor.account_id,
        "actor": actor.name,
        "reason": session.info.get("reason") or closing.reopen_reason,
    }


# -- the closings --------------------------------------------------


def _closings(session: "PortalSession", record: RecordType, *, writes: bool = True) -> list[Closing]:
    """The months that lock this record type or did, read once in a transaction; none where personal data end their
    time (services/retention.py), since that changes no figure."""
    if not (record.days or record.menu) or session.info.get("anonymising"):
        return []
    return [closing for closing in _known(session, writes=writes) if record.name in closing.records]


def _known(session: "PortalSession", *, writes: bool = True) -> list[Closing]:
    if "closings" not in session.info:
        if writes:
            _hold(session, "pg_advisory_xact_lock_shared")
        session.info["closings"] = _newest(session.connection())
    found: list[Closing] = session.info["closings"]
    return found


def _hold(session: "PortalSession", function: str) -> None:
    """Until the transaction ends. SQLite has one writer at a time, who holds the database from the beginning."""
    if session.connection().dialect.name != "sqlite":
        session.connection().execute(text(f"SELECT {function}({LOCK})"))


def _newest(bare: Connection) -> list[Closing]:
    closing, contract = PeriodClose.__table__, Contract.__table__  # type: ignore[attr-defined]
    c = closing.c
    wanted = (
        select(c.contract_id, c.month, c.last_day, contract.c.starts, c.id, c.records, c.closed_at, c.closed_by)
        .add_columns(c.reopened_at, c.reopen_reason)
        .join_from(closing, contract, c.contract_id == contract.c.id)
        .where(c.deleted_at.is_(None), contract.c.deleted_at.is_(None))
        .order_by(c.edition)
    )
    newest = {(of, first): rest for of, first, *rest in bare.execute(wanted)}
    return [
        Closing(key, of, first, last, begins, _held(of, records), at, by, reopened is not None, reason)
        for (of, first), (last, begins, key, records, at, by, reopened, reason) in sorted(newest.items())
    ]


def _held(contract_id: int, records: Mapping[str, Mapping[str, Sequence[Any]]]) -> dict[str, Held]:
    return {
        name: Held(
            tuple(held["days"]),
            tuple(held["fields"]),
            tuple(
                Question(measure, json.dumps(args, sort_keys=True), contract_id, by_station)
                for measure, args, by_station in held.get("measures", ())
            ),
        )
        for name, held in records.items()
    }
