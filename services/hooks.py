"""Rules of a record type that need the database: registered by name, run by every path that writes."""

from collections.abc import Callable
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from models import RecordType
from models.base import Record
from services.db import PortalSession

Hook = Callable[[PortalSession, dict[str, Any], Record | None, date], None]
After = Callable[[PortalSession, Record], None]

OWNERS = ("services.training",)
_BEFORE: dict[str, Hook] = {}
_AFTER: dict[str, list[After]] = {}


def before_write(record: str) -> Callable[[Hook], Hook]:
    """Register the function that completes `values` in place, or raises Invalid, before a row is written."""

    def register(hook: Hook) -> Hook:
        _BEFORE[record] = hook
        return hook

    return register


def after_write(record: str) -> Callable[[After], After]:
    """Register a function for what follows from a row that was written, binned or restored, in the same transaction."""

    def register(hook: After) -> After:
        _AFTER.setdefault(record, []).append(hook)
        return hook

    return register


def run(session: PortalSession, record: RecordType, values: dict[str, Any], row: Record | None, today: date) -> None:
    """Complete the values of a row about to be written (row is None for a new one)."""
    _load()
    if hook := _BEFORE.get(record.name):
        hook(session, values, row, today)


def ran(session: PortalSession, record: RecordType, row: Record) -> None:
    """Do what follows from a row that was written, binned or restored; it has been flushed."""
    _load()
    for hook in _AFTER.get(record.name, ()):
        hook(session, row)


@cache
def _load() -> None:
    """The services that register hooks import the store, so the store cannot import them first."""
    for name in OWNERS:
        import_module(name)
