"""The audit log as an auditor reads it: who did what to which record, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import RECORDS
from models.base import NAME
from models.system import AuditEntry, Verb
from services import db, store
from services.access import Actor


@dataclass(frozen=True, slots=True)
class Journal:
    """One page of the log; `newest` is the highest number there is."""

    entries: Sequence[AuditEntry]
    newest: int


def read(
    actor: Actor, *, verb: Verb | None = None, record: str = "", name: str = "", before: int = 0, size: int = 50
) -> Journal:
    """Entries older than number `before` (0: the newest), filtered; people's names in full only for whoever may see
    personal data of that area. Raises Denied."""
    actor.need("read", "admin")
    statement = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(size)
    if verb:
        statement = statement.where(col(AuditEntry.verb) == verb)
    if record:
        statement = statement.where(col(AuditEntry.record) == record)
    if name:
        statement = statement.where(col(AuditEntry.actor) == name)
    if before:
        statement = statement.where(col(AuditEntry.id) < before)
    with db.reading(actor) as session:
        newest = session.execute(select(func.max(AuditEntry.id))).scalar() or 0
        entries = session.execute(statement).scalars().all()
        session.expunge_all()
    for entry in entries:
        entry.changes = _seen(actor, entry)
    return Journal(entries, newest)


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
