"""The summary behind the dashboard: the series of days of every indicator, kept in the database (decision 10, perf.md).

A series that rests on what was written since is mended when it is read next: the days that the writes concern are
counted anew, and the rest stands. What is kept here can be thrown away at any time; it is counted again.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from models.base import now
from models.contract import Counting
from models.measures import Facts
from models.periods import Period
from models.system import Summary
from services import db, facts, mending
from services.access import Actor
from services.db import PortalSession
from services.facts import Of, Span
from services.kept import Newest, newest
from services.mending import Write
from services.series import Series

TABLE: Any = Summary.__table__  # type: ignore[attr-defined]
LOG = logging.getLogger(__name__)
COUNTED_BY = ("models", "migrations/versions", "services/facts.py")


class Wanted(NamedTuple):
    """A series to be read: of which indicator and part, how it is counted, and from which record types."""

    indicator_id: int
    part: str
    counted_as: tuple[Any, ...]
    facts: Callable[[], Facts]
    counting: Counting
    period: Period
    by_station: bool
    records: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Another one, and the stored series is of no use: another question, or another version of the portal."""
        told = repr((_version(), self.counted_as, self.counting, self.period, self.by_station))
        return blake2b(told.encode(), digest_size=16).hexdigest()


@cache
def _version() -> str:
    """The code by which facts are selected, and the schema: an update of the portal counts everything anew."""
    places = [db.ROOT / name for name in COUNTED_BY]
    files = [file for place in places for file in (sorted(place.glob("*.py")) if place.is_dir() else [place])]
    return blake2b(b"".join(file.read_bytes() for file in files), digest_size=16).hexdigest()


def scope_of(actor: Actor) -> str:
    """The actor's stations as the table names them; "" is every station."""
    return "" if actor.units is None else "," + ",".join(str(unit) for unit in sorted(actor.units))


@dataclass(frozen=True)
class Summaries:
    """The series of some indicators within the session's scope, as one request reads them."""

    session: PortalSession
    indicators: tuple[int, ...]
    records: frozenset[str]

    def read(self, wanted: Wanted) -> Series:
        """The series as of now: the stored one, or mended, or counted; what is new is stored when the session ends."""
        row, is_usable = self._row(wanted)
        behind = {name: self.known.ids[name] for name in wanted.records}
        if is_usable and row.behind == behind:
            return Series.from_text(wanted.period.start, row.series)
        found = (self._mended(wanted, row) if is_usable else None) or self.counted(wanted)
        if not is_usable or Newest({}, row.in_flight).saw_all_of(self.known.in_flight):
            self._keep(wanted, behind, found)
        return found

    def counted(self, wanted: Wanted) -> Series:
        """The whole series, counted live."""
        return self._count(wanted, wanted.facts())

    @cached_property
    def _rows(self) -> dict[tuple[int, str], Any]:
        mine = TABLE.c.indicator_id.in_(self.indicators), TABLE.c.scope == scope_of(self.session.actor)
        found = self.session.connection().execute(select(TABLE).where(*mine))
        return {(row.indicator_id, row.part): row for row in found}

    @cached_property
    def known(self) -> Newest:
        return newest(self.session, self.records)

    def _row(self, wanted: Wanted) -> tuple[Any, bool]:
        """Also whether it can be built upon. The rows are read before `known`, so that none can be ahead of it."""
        row = self._rows.get((wanted.indicator_id, wanted.part))
        is_usable = (
            row is not None
            and row.fingerprint == wanted.fingerprint
            and self.known.saw_all_of(row.in_flight)
            and all(row.behind.get(name, 0) <= self.known.ids[name] for name in wanted.records)
        )
        return row, is_usable

    def _mended(self, wanted: Wanted, row: Any) -> Series | None:
        since = {name: row.behind.get(name, 0) for name in wanted.records}
        written = self._writes(since)
        if written is None:
            return None
        measured, span = wanted.facts(), Span.of(wanted.period, wanted.period.end)
        days = mending.dirty_days(self.session, measured, wanted.counting, span, written)
        if days is None:
            return None
        stored = Series.from_text(wanted.period.start, row.series)
        return stored.replaced(days, self._count(wanted, measured, days)) if days else stored

    def _writes(self, since: Mapping[str, int]) -> list[Write] | None:
        return mending.writes(self.session, {n: k for n, k in since.items() if k != self.known.ids[n]})

    def _count(self, wanted: Wanted, measured: Facts, days: Collection[date] | None = None) -> Series:
        span = Span.of(wanted.period, wanted.period.end)
        of = Of.days(days, span)
        statement = facts.added(measured, wanted.counting, span, by_station=wanted.by_station, days=of)
        found = self.session.execute(statement, {"days": sorted(days)} if days else {})
        return Series.of(wanted.period.start, (tuple(row) for row in found))

    def _keep(self, wanted: Wanted, behind: Mapping[str, int], found: Series) -> None:
        row = {
            "indicator_id": wanted.indicator_id,
            "part": wanted.part,
            "scope": scope_of(self.session.actor),
            "fingerprint": wanted.fingerprint,
            "behind": behind,
            "in_flight": self.known.in_flight,
            "series": found.to_text(),
            "counted_at": now(),
        }
        self.session.info.setdefault("counted", []).append(row)


class Difference(NamedTuple):
    """Where what the summary says of a series is not what the records say: (day, station, n and base of each)."""

    indicator_id: int
    part: str
    scope: str
    summary: list[Any]
    records: list[Any]


@dataclass(frozen=True)
class Compared(Summaries):
    """Reads as Summaries does, counts everything live beside it, and notes where they differ."""

    differences: list[Difference] = field(default_factory=list)

    def read(self, wanted: Wanted) -> Series:
        kept, live = super().read(wanted), self.counted(wanted)
        ours, theirs = kept.lines() - live.lines(), live.lines() - kept.lines()
        if ours or theirs:
            told = sorted(ours, key=str), sorted(theirs, key=str)
            found = Difference(wanted.indicator_id, wanted.part, scope_of(self.session.actor), *told)
            self.differences.append(found)
        return live


def store(rows: Iterable[Mapping[str, Any]]) -> None:
    """Keep what was counted, unless the database is busy or only to be read: then the next reader counts again."""
    if not (found := list(rows)):
        return
    try:
        with db.at_once() as bare:
            bare.execute(_upsert(), found)
    except DBAPIError as error:
        LOG.info("the summary was not stored: %s", error.orig)


def _upsert() -> Any:
    made: Any = (sqlite if db.is_sqlite() else postgresql).insert(TABLE)
    keys = list(TABLE.primary_key.columns)
    return made.on_conflict_do_update(
        index_elements=keys, set_={c.name: made.excluded[c.name] for c in TABLE.c if not c.primary_key}
    )


def clear() -> None:
    """Forget everything; each series is counted again when it is read."""
    with db.connection(write=True) as bare:
        bare.execute(delete(TABLE))


def size() -> int:
    """How many series are stored."""
    with db.connection() as bare:
        return bare.execute(select(func.count()).select_from(TABLE)).scalar_one()


def scopes(actor: Actor) -> list[Actor]:
    """The actor, as wide as each scope of stations for which anything is stored; every station always."""
    with db.connection() as bare:
        found = set(bare.execute(select(TABLE.c.scope).distinct()).scalars())
    units = (
        frozenset(int(unit) for unit in scope.split(",") if unit) if scope else None for scope in sorted({"", *found})
    )
    return [replace(actor, units=own) for own in units]
