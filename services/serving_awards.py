"""Stars on application, and corrections that volunteers ask for: who decides, on what, with which answer (features V9, V10;
M67 art. 10, 12-13)."""

from datetime import date
from typing import Any

from sqlmodel import select

from models import RECORDS
from models.base import Record
from models.service import CorrectionRequest, RequestState, ServiceHours, StarAward, StarState
from services import clock, db, serving_numbers
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Denied, Invalid
from services.hooks import before_write
from services.serving_ledger import ledger_of
from services.serving_numbers import STARS

AWARD, REQUEST = RECORDS["star_award"], RECORDS["correction_request"]
DECIDED = ("state", "applied_on", "applied_by", "decided_name", "decided_on")
ANSWERED = ("state", "asked_on", "answer", "answered_name", "answered_on")


@before_write("star_award")
def _apply(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """An application, with the hours of that moment; beyond them only with a reason, and flagged."""
    if isinstance(row, StarAward):
        if row.state != StarState.APPLIED and (given["level"], given["volunteer_id"]) != (row.level, row.volunteer_id):
            raise Invalid({"level": "decided_already"})
        given |= {name: getattr(row, name) for name in DECIDED}
        if row.state == StarState.APPLIED and _asks_otherwise(given, row):
            given |= {"applied_on": today, "applied_by": s.actor.account_id}
    else:
        _refuse_twice(s, given["volunteer_id"], given["level"])
        given |= {"state": StarState.APPLIED, "applied_on": today, "applied_by": s.actor.account_id}
    if given["state"] == StarState.APPLIED:
        given |= _measured(s, given["volunteer_id"], given["level"])
        if given["is_manual"] and not (given.get("reason") or "").strip():
            raise Invalid({"reason": "reason_missing"})


def _refuse_twice(s: PortalSession, volunteer_id: int, level: int) -> None:
    same = select(StarAward.state).where(
        StarAward.volunteer_id == volunteer_id, StarAward.level == level, StarAward.state != StarState.REFUSED
    )
    if state := s.exec(same).first():
        raise Invalid({"level": "stars_waiting" if state == StarState.APPLIED else "stars_awarded"})


def _asks_otherwise(given: dict[str, Any], row: StarAward) -> bool:
    """Whoever changes what is applied for is the one who applies."""
    return (given["level"], given["volunteer_id"], given.get("reason") or "") != (
        row.level,
        row.volunteer_id,
        row.reason,
    )


def _measured(s: PortalSession, volunteer_id: int, level: int) -> dict[str, Any]:
    hours = ledger_of(s, volunteer_id).total
    return {"hours": hours, "is_manual": hours < serving_numbers.numbers(s)[STARS[level - 1]]}


def decide_star(actor: Actor, award_id: int, *, award: bool, reason: str = "", today: date | None = None) -> None:
    """Award the stars or not, by the hours of this moment.

    Raises Denied("own_entry") for whoever applied, Conflict where it was decided, Invalid without a reason for a refusal or
    for stars beyond the hours.
    """
    actor.need("approve", "volunteers")
    with db.unit(actor, reason=reason.strip()) as s:
        row = db.lock(s, StarAward, award_id)
        if row.state != StarState.APPLIED:
            raise Conflict({}, {"state": row.state})
        if row.applied_by is not None and row.applied_by == actor.account_id:
            raise Denied("own_entry")
        for name, value in _measured(s, row.volunteer_id, row.level).items():
            setattr(row, name, value)
        if not reason.strip() and (row.is_manual or not award):
            raise Invalid({"reason": "reason_missing"})
        row.state = StarState.AWARDED if award else StarState.REFUSED
        row.decided_name, row.decided_on = actor.name, today or clock.today()


@before_write("correction_request")
def _ask(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """A request keeps its answer; the hours that it names are the volunteer's own."""
    if isinstance(row, CorrectionRequest):
        given |= {name: getattr(row, name) for name in ANSWERED}
    else:
        given |= {"state": RequestState.OPEN, "asked_on": today}
    entry = s.get(ServiceHours, given["hours_id"]) if given.get("hours_id") else None
    if given.get("hours_id") and (entry is None or entry.volunteer_id != given["volunteer_id"]):
        raise Invalid({"hours_id": "not_found"})


def answer(actor: Actor, request_id: int, *, accept: bool, words: str, today: date | None = None) -> None:
    """Settle a request with an answer that the volunteer reads. Raises Invalid without one, Conflict."""
    actor.need("write", "volunteers")
    if not 0 < len(words.strip()) <= 500:
        raise Invalid({"answer": "too_long" if words.strip() else "required"})
    with db.unit(actor) as s:
        row = db.lock(s, CorrectionRequest, request_id)
        if row.state != RequestState.OPEN:
            raise Conflict({}, {"state": row.state})
        row.state = RequestState.ACCEPTED if accept else RequestState.REFUSED
        row.answer, row.answered_name, row.answered_on = words.strip(), actor.name, today or clock.today()
