"""The audit log as an auditor reads it: who did what to which record, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from models import RECORDS
from models.base import NAME
from models.system import AuditEntry, Verb
from services import clock, db, store
from services.access import Actor


@dataclass(frozen=True, slots=True)
class Journal:
    """One page of the log; `newest` is the highest number there is."""

    entries: Sequence[AuditEntry]
    newest: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: of an act, a record type, somebody whose name holds these words, on the site's days from `first` to
    `last`, with numbers below `before` (0: the newest)."""

    verb: Verb | None = None
    record: str = ""
    name: str = ""
    first: date | None = None
    last: date | None = None
    before: int = 0


def read(actor: Actor, wanted: Wanted = Wanted(), size: int = 50) -> Journal:
    """The newest of the entries that are wanted; people's names in full only for whoever may see personal data of that
    area. Raises Denied."""
    actor.need("read", "admin")
    statement = select(AuditEntry).where(*_narrowed(wanted)).order_by(col(AuditEntry.id).desc()).limit(size)
    with db.reading(actor) as session:
        newest = session.execute(select(func.max(AuditEntry.id))).scalar() or 0
        entries = session.execute(statement).scalars().all()
        session.expunge_all()
    for entry in entries:
        entry.changes = _seen(actor, entry)
    return Journal(entries, newest)


def _narrowed(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.verb:
        yield col(AuditEntry.verb) == wanted.verb
    if wanted.record:
        yield col(AuditEntry.record) == wanted.record
    if wanted.name:
        yield col(AuditEntry.actor).contains(wanted.name, autoescape=True)
    if wanted.first:
        yield col(AuditEntry.at) >= clock.from_local(datetime.combine(wanted.first, time.min))
    if wanted.last:
        yield col(AuditEntry.at) < clock.from_local(datetime.combine(wanted.last + timedelta(days=1), time.min))
    if wanted.before:
        yield col(AuditEntry.id) < wanted.before


def _seen(actor: Actor, entry: AuditEntry) -> Any:
    record = RECORDS.get(entry.record)
    if record is None or not isinstance(entry.changes, dict) or actor.may("personal", record.area):
        return entry.changes
    names = {spec.name: spec for spec in record.own_fields if spec.shows(NAME)}

    def masked(name: str, value: Any) -> Any:
        if isinstance(value, list):
            return [masked(name, one) for one in value]
        return store.safe(names[name], value, full=False) if name in names else value

    return {name: masked(name, value) for name, value in entry.changes.items()}
