"""Values of the portal as a whole (numbers, names, phones): one setter, which tells who set what when and writes over nobody's."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import col, select

from models.system import Setting, Verb
from models.words import L
from services import clock, db
from services.db import PortalSession
from services.errors import Conflict


def hold(session: PortalSession) -> None:
    """Those who set something decide one after the other: a row that is not there yet cannot be held."""
    db.alone(session, "settings")


def stored(session: PortalSession, keys: Iterable[str]) -> dict[str, Setting]:
    """{key: row} of those that were ever set; one statement."""
    return {row.key: row for row in session.exec(select(Setting).where(col(Setting.key).in_(list(keys))))}


def put(
    session: PortalSession,
    wanted: Mapping[str, Any],
    before: Mapping[str, Any],
    labels: Mapping[str, L],
    seen: Mapping[str, int],
) -> None:
    """Inside a transaction that holds the settings: write values by key, each with its version, who set it and when.

    before: the values that stand; seen: the versions that the writer was shown. Raises Conflict with the fields that
    somebody else set meanwhile.
    """
    rows = stored(session, wanted)
    versions = {key: rows[key].version if key in rows else 0 for key in wanted}
    if stale := [key for key in wanted if versions[key] != seen.get(key, versions[key])]:
        lines = [(labels[key], before[key], wanted[key]) for key in stale]
        raise Conflict({key: wanted[key] for key in stale}, {key: before[key] for key in stale}, fields=lines)
    for key, given in wanted.items():
        row = rows.get(key) or Setting(key=key, version=0)
        row.value, row.version = given, row.version + 1
        row.changed_at, row.changed_by = clock.now(), session.actor.account_id
        session.add(row)
        db.note(session, Verb.CHANGE, "setting", None, {key: [before[key], given]})
