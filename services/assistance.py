"""Visit assistance along its steps, and what was entered already (features S4, S5; 03.1, 06.6)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from models import RECORDS
from models.clients import AssistanceKind, AssistanceState
from services import steps, store
from services.access import Actor
from services.steps import Step
from services.store import Query, Row

ASSISTANCE = RECORDS["assistance_service"]
REQUESTED, ACCEPTED, SERVED, OPENED, FAILED, CANCELLED = AssistanceState
ONGOING = (REQUESTED, ACCEPTED)
DONE = ("served_on", "satisfaction", "summary")
STEPS: dict[str, Step] = {
    "accept": Step((REQUESTED,), ACCEPTED, ("accepted_on",), ("accepted_on",)),
    "serve": Step(ONGOING, SERVED, DONE, ("served_on",)),
    "open": Step(ONGOING, OPENED, DONE, ("served_on",)),
    "fail": Step(ONGOING, FAILED, ("summary",), ("summary",)),
    "cancel": Step(ONGOING, CANCELLED, ("summary",)),
}


def open_to(actor: Actor, row: Row) -> list[str]:
    """The steps that may be taken now, the next one first: a green channel is opened, everything else is served."""
    other = "serve" if row.values["kind"] == AssistanceKind.GREEN_CHANNEL else "open"
    return [name for name in steps.open_to(actor, ASSISTANCE, STEPS, row.values["state"]) if name != other]


def advance(
    actor: Actor,
    key: int,
    name: str,
    given: Mapping[str, Any],
    *,
    version: int | None = None,
    token: str | None = None,
    today: date | None = None,
) -> None:
    """Take a service one step on. Raises Invalid for a missing or wrong fact, Conflict where somebody was quicker."""
    steps.take(actor, ASSISTANCE, STEPS[name], key, given, version=version, token=token, today=today)


def alike(actor: Actor, client_id: int, kind: str, requested_on: date, *, but: int = 0) -> list[Row]:
    """Services of the same client, kind and day, the one whose id is `but` aside: probably the same one twice."""
    actor.need("read", ASSISTANCE.area)
    same = {"client_id": client_id, "kind": kind, "requested_on": (requested_on, requested_on)}
    found = store.rows(actor, ASSISTANCE, Query(filters=same, size=5)).rows
    return [row for row in found if row.id != but]
