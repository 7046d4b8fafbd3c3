"""What an administrator asks of an installation: can the data be read, is the audit kept, how much is there."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from models import RecordType
from models.system import AuditEntry, Verb
from models.types import Encrypted
from services import db
from services.access import SYSTEM


def counts(records: Mapping[str, RecordType]) -> dict[str, int]:
    """How many rows each record has, those in the bin not counted."""
    tables = [record.model.__table__ for record in records.values()]  # type: ignore[attr-defined]
    with db.connection() as bare:
        alive = ((t, select(func.count()).select_from(t).where(t.c.deleted_at.is_(None))) for t in tables)
        return {table.name: bare.execute(statement).scalar_one() for table, statement in alive}


def is_fresh() -> bool:
    """Whether nothing personal is stored yet, so that there need be no keys."""
    return _sample() is None


def personal_data_is_readable() -> bool:
    """Whether the keys here decrypt what is stored here."""
    try:
        _sample()
    except Exception:
        return False
    return True


def _sample() -> str | None:
    with db.connection() as bare:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Encrypted):
                    found: str | None = bare.execute(select(column).where(column.is_not(None)).limit(1)).scalar()
                    if found:
                        return found
    return None


class _UndoError(Exception):
    pass


def audit_is_append_only() -> bool:
    """Whether the database refuses to change an audit row: tried on one that does not stay."""
    try:
        with db.unit(SYSTEM) as session:
            db.note(session, Verb.CHANGE, "account", None, {"check": True})
            newest = select(func.max(AuditEntry.id))
            bare = session.connection()
            key = bare.execute(newest).scalar()
            try:
                with bare.begin_nested():
                    bare.exec_driver_sql(f"UPDATE audit_entry SET reason = '' WHERE id = {key}")
            except DBAPIError:
                raise _UndoError from None
            raise RuntimeError
    except _UndoError:
        return True
    except RuntimeError:
        return False
