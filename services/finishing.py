"""What the work list finishes on the spot: a follow-up with its outcome, a planned activity that took place (X10).

Codes: date_past.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from models import RECORDS
from models.base import FieldSpec
from models.clients import FollowupState
from models.waiting import PLANS, WAITING
from services import clock, db, store, values
from services.access import Actor
from services.errors import Conflict, Invalid

FOLLOWUP = RECORDS["followup_task"]


def follow_up(
    actor: Actor,
    key: int,
    state: FollowupState,
    outcome: str,
    next_on: date | None = None,
    *,
    today: date | None = None,
    token: str | None = None,
) -> int | None:
    """End an open follow-up today with what came of it; with a next day the following task is made, whose id returns.

    Raises Invalid where a follow-up that was done has no outcome or the next day has passed, Conflict where somebody
    ended it before.
    """
    actor.need("write", FOLLOWUP.area)
    today, outcome = today or clock.today(), outcome.strip()
    errors = {"outcome": "required"} if state == FollowupState.DONE and not outcome else {}
    if next_on and next_on < today:
        errors["next_on"] = "date_past"
    if errors:
        raise Invalid(errors)
    with db.unit(actor, token=token) as session:
        row = db.lock(session, FOLLOWUP.model, key)
        if row.state != FollowupState.OPEN:
            raise Conflict({"outcome": outcome}, {"outcome": row.outcome})
        told = {"outcome": outcome, "state": state, "next_on": next_on}
        told["done_on"] = today if state == FollowupState.DONE else None
        store.write(session, FOLLOWUP, told, row, today)
        if next_on is None:
            return None
        same = {name: getattr(row, name) for name in ("client_id", "channel", "worker", "unit_id")}
        return int(store.write(session, FOLLOWUP, same | {"due_on": next_on}, None, today).id)


def asked(name: str, today: date | None = None) -> list[FieldSpec]:
    """What is asked of a planned activity that took place: its day, then the rest; what it cannot do without is
    required."""
    plan, record = PLANS[name], WAITING[name].record
    must = values.needed(record, {"state": plan.done}, today or clock.today())
    specs = [record.field(field) for field in (plan.day, *plan.asks)]
    return [replace(spec, required=spec.required or spec.name in must) for spec in specs]


def nobody(name: str, given: Mapping[str, Any]) -> list[FieldSpec]:
    """The numbers among them that say that nobody came: right sometimes, more often a slip."""
    return [spec for spec in asked(name) if spec.name in PLANS[name].asks and given.get(spec.name) == 0]


def took_place(
    actor: Actor,
    name: str,
    key: int,
    given: Mapping[str, Any],
    *,
    today: date | None = None,
    token: str | None = None,
) -> None:
    """Mark a planned activity (by its name in WAITING) as held, with what is known since: its day, who came.

    Raises Invalid, and Conflict where it is planned no more.
    """
    plan, record = PLANS[name], WAITING[name].record
    actor.need("write", record.area)
    told = {field: given[field] for field in (plan.day, *plan.asks) if field in given}
    with db.unit(actor, token=token) as session:
        row = db.lock(session, record.model, key)
        if row.state != plan.planned:
            raise Conflict({}, {})
        store.write(session, record, {**told, "state": plan.done}, row, today or clock.today())
