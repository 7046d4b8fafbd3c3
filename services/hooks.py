"""Rules of a record type that need the database: registered by name, run by every path that writes (form, service, import)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from models import RecordType
from models.base import Record
from services.db import PortalSession

Hook = Callable[[PortalSession, dict[str, Any], Record | None, date], None]

_BEFORE: dict[str, Hook] = {}


def before_write(record: str) -> Callable[[Hook], Hook]:
    """Register the function that completes `values` in place, or raises Invalid, before a row is written."""

    def register(hook: Hook) -> Hook:
        _BEFORE[record] = hook
        return hook

    return register


def run(session: PortalSession, record: RecordType, values: dict[str, Any], row: Record | None, today: date) -> None:
    """Complete the values of a row about to be written (row is None for a new one)."""
    if hook := _BEFORE.get(record.name):
        hook(session, values, row, today)
