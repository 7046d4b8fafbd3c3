"""A record goes its way in steps: from which states to which, what each asks for, who may; of two at once one wins.

Used where a state has facts of its own: aid applications, assistance, groups, deliverables (features S1, S4, S5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from models import RecordType
from services import clock, db, store
from services.access import Actor, Verb
from services.db import PortalSession
from services.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Step:
    """A move from one of the states `of` to `to`: the fields that it asks for, those that it cannot do without."""

    of: tuple[str, ...]
    to: str
    asks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    verb: Verb = "write"


Steps = Mapping[str, Step]


def open_to(actor: Actor, record: RecordType, steps: Steps, state: str) -> list[str]:
    """The names of the steps that this actor may take from the state, in the order of their declaration."""
    return [name for name, step in steps.items() if state in step.of and actor.may(step.verb, record.area)]


def take(
    actor: Actor,
    record: RecordType,
    step: Step,
    key: int,
    given: Mapping[str, Any],
    *,
    version: int | None = None,
    reason: str = "",
    token: str | None = None,
    today: date | None = None,
) -> None:
    """One step in a transaction of its own. Raises Denied, NotFound, AlreadyDone and what `move` raises."""
    actor.need(step.verb, record.area)
    with db.unit(actor, reason=reason, token=token) as session:
        move(session, record, step, hold(session, record, step, key, version), given, today or clock.today())


def hold(session: PortalSession, record: RecordType, step: Step, key: int, version: int | None = None) -> Any:
    """The row, locked. Raises Conflict where somebody took the step, or changed the row, before."""
    row = db.lock(session, record.model, key)
    if row.state not in step.of or version not in (None, row.version):
        raise Conflict({}, {})
    return row


def move(
    session: PortalSession, record: RecordType, step: Step, row: Any, given: Mapping[str, Any], today: date
) -> None:
    """Write the step's facts and its state. Raises Invalid for those that are missing or wrong."""
    facts = {name: given[name] for name in step.asks if name in given}
    there = {name: facts.get(name, getattr(row, name)) for name in step.needs}
    missing = [name for name, value in there.items() if value is None or not str(value).strip()]
    if missing:
        raise Invalid(dict.fromkeys(missing, "required"))
    session.info["stepping"] = True
    store.write(session, record, {**facts, "state": step.to}, row, today)
    session.info["stepping"] = False
