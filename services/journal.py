"""The audit log as an auditor reads it: who did what to which record, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from models.system import AuditEntry, Verb
from services import db
from services.access import Actor


@dataclass(frozen=True, slots=True)
class Journal:
    """One page of the log; `newest` is the highest number there is."""

    entries: Sequence[AuditEntry]
    newest: int


def read(
    actor: Actor, *, verb: Verb | None = None, record: str = "", name: str = "", before: int = 0, size: int = 50
) -> Journal:
    """Entries older than number `before` (0: the newest), filtered. Raises Denied."""
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
        return Journal(session.execute(statement).scalars().all(), newest)
