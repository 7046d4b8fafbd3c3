"""What was found in the records, kept until one of them is written to: keyed by the newest audit ids (decision 10)."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from functools import cache
from threading import Lock
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import TextClause, text

from services import db
from services.db import PortalSession

T = TypeVar("T")


class Kept:
    """A bounded memory shared by all threads; what was not asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._values.clear()

    def __len__(self) -> int:
        return len(self._values)


VALUES = Kept(2000)
TURNS = tuple(Lock() for _ in range(64))


WRITING = """(WITH held AS MATERIALIZED (SELECT pid, locktype, mode, relation, database, transactionid::text AS xid
        FROM pg_locks WHERE granted),
    running AS (SELECT pid, xid FROM held WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock'),
    writing AS (SELECT pid FROM held WHERE locktype = 'relation' AND mode = 'RowExclusiveLock'
        AND relation = 'audit_entry'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())),
    seen AS (SELECT (xid::numeric % 4294967296)::text AS xid
        FROM unnest(string_to_array(split_part(pg_current_snapshot()::text, ':', 3), ',')) AS flying(xid)),
    found AS (SELECT xid FROM running JOIN writing USING (pid)
        UNION SELECT xid FROM seen WHERE xid NOT IN (SELECT xid FROM running))
    SELECT coalesce(string_agg(xid, ',' ORDER BY xid), '') FROM found)"""
# Transactions that hold a place in the audit, or were in flight and have ended while this was read. Who runs without
# having written to the audit does not count: its ids will be newer. So other databases and stored summaries do not count.


class Newest(NamedTuple):
    """The newest audit id of each record type, and the transactions that were writing when it was read.

    One of these may still commit a lower id than the newest (PostgreSQL; SQLite has one writer at a time).
    """

    ids: dict[str, int]
    in_flight: str

    def saw_all_of(self, in_flight: str) -> bool:
        """What was found while those were writing is complete still: none of them has committed meanwhile."""
        return set(in_flight.split(",")) <= {"", *self.in_flight.split(",")}


def newest(s: PortalSession, records: Iterable[str]) -> Newest:
    names = tuple(sorted(records))
    *ids, in_flight = s.execute(_newest_statement(names, db.is_sqlite())).one()
    return Newest({name: newest or 0 for name, newest in zip(names, ids, strict=True)}, in_flight)


@cache
def _newest_statement(records: tuple[str, ...], is_sqlite: bool) -> TextClause:
    """One look-up in ix_audit_entry_newest for each record type, however old its newest entry is.

    GROUP BY would read every entry of them, and max(id) or an equality lets PostgreSQL walk the primary key instead. It is
    read several times for every page, and as text it is sent in a quarter of the time.
    """
    newest = (
        f"(SELECT id FROM audit_entry WHERE record BETWEEN '{name}' AND '{name}' ORDER BY record DESC, id DESC LIMIT 1)"
        for name in map(_identifier, records)
    )
    in_flight = "''" if is_sqlite else WRITING
    return text(f"SELECT {', '.join([*newest, in_flight])}")


def _identifier(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(name)
    return name


def kept(key: tuple[Hashable, ...], known: Newest, records: Iterable[str], find: Callable[[], T]) -> T:
    """The value found while the records were as they are now; of many who miss it at once, one looks and the rest wait.

    `find` must not ask for another kept value.
    """
    whole = (db.engine(), *key, tuple(known.ids[name] for name in records))
    if (value := _recall(whole, known)) is None:
        with TURNS[hash(whole) % len(TURNS)]:
            if (value := _recall(whole, known)) is None:
                value = find()
                VALUES.put(whole, (known.in_flight, value))
    return cast(T, value)


def _recall(whole: tuple[Hashable, ...], known: Newest) -> Any:
    in_flight, value = VALUES.get(whole) or ("", None)
    return value if known.saw_all_of(in_flight) else None
