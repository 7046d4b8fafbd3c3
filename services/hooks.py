"""Rules of a record type that need the database: registered by name, run by every path that writes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from models import RecordType
from models.base import Record
from services.access import Actor
from services.db import PortalSession

Hook = Callable[[PortalSession, dict[str, Any], Record | None, date], None]
After = Callable[[PortalSession, Record], None]
Opens = Callable[[Actor, int], None]
Bulk = Callable[[PortalSession, Sequence[Mapping[str, Any]], date], Mapping[str, Sequence[Any]]]

OWNERS = (
    "services.accounts",
    "services.training",
    "services.seats",
    "services.attendance",
    "services.lessons",
    "services.attending",
    "services.partners",
    "services.volunteers",
    "services.charity",
    "services.counting_rules",
    "services.targets",
    "services.closing",
    "services.quotas",
    "services.deliverables",
    "services.acceptance",
    "services.eligibility",
    "services.rulings",
    "services.certificates",
    "services.assessment",
    "services.kit",
    "services.deployments",
    "services.serving",
    "services.serving_hours",
    "services.serving_awards",
    "services.serving_proof",
)
_BEFORE: dict[str, list[Hook]] = {}
_AFTER: dict[str, list[After]] = {}
_OPENS: dict[str, Opens] = {}
_BULK: dict[str, tuple[tuple[str, ...], Bulk]] = {}


def before_write(record: str) -> Callable[[Hook], Hook]:
    """Register a function that completes `values` in place, or raises Invalid, before a row is written."""

    def register(hook: Hook) -> Hook:
        _BEFORE.setdefault(record, []).append(hook)
        return hook

    return register


def after_write(record: str) -> Callable[[After], After]:
    """Register a function for what follows from a row that was written, binned or restored, in the same transaction."""

    def register(hook: After) -> After:
        _AFTER.setdefault(record, []).append(hook)
        return hook

    return register


def before_open(record: str) -> Callable[[Opens], Opens]:
    """Register the function that refuses a record's files to whoever may see the record but not all that is in them."""

    def register(hook: Opens) -> Opens:
        _OPENS[record] = hook
        return hook

    return register


def before_bulk(record: str, *columns: str) -> Callable[[Bulk], Bulk]:
    """Register what completes many new rows at once (numbering): it returns the values of these columns, row by row.

    It runs inside the import's write transaction, in the place of the single-row functions.
    """

    def register(hook: Bulk) -> Bulk:
        _BULK[record] = (columns, hook)
        return hook

    return register


def bulk_columns(record: RecordType) -> tuple[str, ...]:
    """The columns that the bulk function fills."""
    load()
    return _BULK[record.name][0] if record.name in _BULK else ()


def run_bulk(
    session: PortalSession, record: RecordType, rows: Sequence[Mapping[str, Any]], today: date
) -> Mapping[str, Sequence[Any]]:
    """The values of the bulk columns for rows about to be inserted."""
    return _BULK[record.name][1](session, rows, today) if bulk_columns(record) else {}


def one_by_one(record: RecordType) -> bool:
    """Whether rows must be written singly, because a function looks at each of them."""
    return not bulk_columns(record) and (record.name in _BEFORE or record.name in _AFTER)


def looks_at(record: RecordType) -> bool:
    """Whether a function completes or refuses rows of this record before they are written."""
    load()
    return record.name in _BEFORE


def run(session: PortalSession, record: RecordType, values: dict[str, Any], row: Record | None, today: date) -> None:
    """Complete the values of a row about to be written (row is None for a new one)."""
    load()
    for hook in _BEFORE.get(record.name, ()):
        hook(session, values, row, today)


def ran(session: PortalSession, record: RecordType, row: Record) -> None:
    """Do what follows from a row that was written, binned or restored; it has been flushed."""
    load()
    for hook in _AFTER.get(record.name, ()):
        hook(session, row)


def opens(actor: Actor, record: RecordType, key: int) -> None:
    """Raises NotFound where the actor may not open the files of that row."""
    load()
    if hook := _OPENS.get(record.name):
        hook(actor, key)


@cache
def load() -> None:
    """Import what registers here: those services import the store, so the store cannot import them first."""
    for name in OWNERS:
        import_module(name)
