"""Aid applications along their steps, and what a charity project raised, granted and paid (feature S1; 01.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from models import RECORDS
from models.base import Record
from models.charity import (
    AIDED,
    APPROVED,
    CLOSED,
    DRAFTED,
    GRANTED,
    LINE,
    PAID,
    REFUSED,
    SCREENED,
    SUBMITTED,
    AidApplication,
    AidState,
    AidStep,
    Funding,
)
from models.clients import Client
from services import clock, db, steps, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Denied, Invalid
from services.hooks import before_write
from services.steps import Step
from services.store import Query, Row

APPLICATION, PROJECT, STEP = (RECORDS[name] for name in ("aid_application", "charity_project", "aid_step"))
NOTHING = Decimal("0.00")
STEPS: dict[str, Step] = {
    "submit": Step((DRAFTED,), SUBMITTED, ("diagnosis", "asked"), ("diagnosis", "asked")),
    "screen": Step((SUBMITTED,), SCREENED),
    "approve": Step((SCREENED,), APPROVED, ("granted",), ("granted",), "approve"),
    "pay": Step((APPROVED,), PAID, ("paid", "paid_on"), ("paid", "paid_on")),
    "close": Step((PAID,), CLOSED, ("result",), ("result",)),
    "refuse": Step((SUBMITTED, SCREENED, APPROVED), REFUSED, ("reason",), ("reason",), "approve"),
}
FACTS = {"granted": APPROVED, "paid": PAID, "paid_on": PAID, "result": CLOSED}

# -- steps --------------------------------------------------


def advance(
    actor: Actor,
    key: int,
    name: str,
    given: Mapping[str, Any],
    *,
    remark: str = "",
    version: int | None = None,
    token: str | None = None,
    today: date | None = None,
) -> None:
    """Take the application one step on, with the facts that the step asks for.

    Raises Denied("own_submission") for who approves what they submitted, Invalid for a missing or wrong fact and a
    missing consent of the client, Conflict where somebody else was quicker.
    """
    step, today = STEPS[name], today or clock.today()
    actor.need(step.verb, "services")
    with db.unit(actor, reason=remark, token=token) as session:
        row = steps.hold(session, APPLICATION, step, key, version)
        before = AidState(row.state)
        if name == "submit":
            _need_consent(session, row)
        if name == "approve" and _submitted(session, row):
            raise Denied("own_submission")
        steps.move(session, APPLICATION, step, row, given, today)
        _note(session, row, before, today, remark)


def _need_consent(session: PortalSession, row: AidApplication) -> None:
    given = session.execute(select(col(Client.consent)).where(col(Client.id) == row.client_id)).scalar()
    if not given:
        raise Invalid({"client_id": "consent_missing"})


def _submitted(session: PortalSession, row: AidApplication) -> bool:
    """Whether this actor's account ever submitted it, or entered what came in beyond the draft; who led it back did
    neither."""
    taken = select(AidStep).where(col(AidStep.aid_application_id) == row.id).order_by(col(AidStep.id))
    course = session.execute(taken).scalars().all()
    submitters = {step.created_by for step in course if (step.before, step.after) == (DRAFTED, SUBMITTED)}
    if not course or course[0].before != DRAFTED:
        submitters.add(row.created_by)
    return session.actor.account_id is not None and session.actor.account_id in submitters


def _note(session: PortalSession, row: AidApplication, before: AidState, day: date, remark: str) -> None:
    session.add(
        AidStep(
            aid_application_id=row.id or 0, unit_id=row.unit_id, before=before, after=AidState(row.state),
            stepped_on=day, taken_by=session.actor.name[:60], reason=remark.strip() or row.reason,
        )
    )  # fmt: skip


def earlier(actor: Actor, state: AidState) -> tuple[AidState, ...]:
    """The states that this actor may lead an application back to; what was granted is undone by who may grant."""
    if not actor.may("approve" if state in GRANTED else "write", "services"):
        return ()
    return (DRAFTED,) if state == REFUSED else LINE[: LINE.index(state)]


def step_back(
    actor: Actor, key: int, to: AidState, reason: str, *, version: int | None = None, today: date | None = None
) -> None:
    """Lead an application back, for a reason; the facts of the steps undone are cleared, the history keeps them.

    Raises Invalid without a reason, Conflict where `to` is not an earlier state (any more).
    """
    actor.need("write", "services")
    today, reason = today or clock.today(), reason.strip()
    if not reason:
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason) as session:
        row = db.lock(session, AidApplication, key)
        before = AidState(row.state)
        if to not in earlier(actor, before) or version not in (None, row.version):
            raise Conflict({}, {})
        undone = [name for name, state in FACTS.items() if LINE.index(state) > LINE.index(to)]
        cleared: dict[str, Any] = {name: "" if name == "result" else None for name in undone} | {"reason": ""}
        steps.move(session, APPLICATION, Step((before,), to, tuple(cleared)), row, cleared, today)
        _note(session, row, before, today, reason)


@before_write("aid_application")
def _keep_to_the_steps(session: PortalSession, values: dict[str, Any], row: Record | None, _today: date) -> None:
    """A new application may stand anywhere (a ledger of the past), where something was granted if entered by who may
    approve; from then on only steps change where it stands."""
    if row is None and values["state"] in GRANTED and not session.actor.may("approve", APPLICATION.area):
        raise Invalid({"state": "only_by_steps"})
    if row is None or session.info.get("stepping"):
        return
    fixed = ["state", "reason", *FACTS]
    fixed += ["client_id", "charity_project_id", "asked"] if values["state"] in GRANTED else []
    changed = [name for name in fixed if values[name] != getattr(row, name)]
    if changed:
        raise Invalid(dict.fromkeys(changed, "only_by_steps"))


@dataclass(frozen=True, slots=True)
class Course:
    """How an application went so far: its steps, the newest first; free: what its project may still grant, for those who
    may know; own: whether this actor submitted it, and so leaves the approval to others."""

    steps: list[Row]
    free: Decimal | None
    own: bool


def course(actor: Actor, key: int) -> Course:
    """The course of one application. Raises NotFound."""
    row = store.get(actor, APPLICATION, key)
    told = ("before", "after", "stepped_on", "taken_by", "reason")
    asked = Query(filters={"aid_application_id": key}, sort="-id", fields=told, size=200)
    left = None
    if actor.may("read", "partners"):
        left = project(actor, row.values["charity_project_id"]).money.free
    with db.reading(actor) as session:
        own = _submitted(session, store.find(session, APPLICATION, key))
    return Course(store.rows(actor, STEP, asked).rows, left, own)


# -- a project whole --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Money:
    """A project's money in CNY: what arrived, what was granted and paid, and what of the grants is still to be paid."""

    budget: Decimal | None
    raised: Decimal
    granted: Decimal
    paid: Decimal
    promised: Decimal

    @property
    def balance(self) -> Decimal:
        """What lies there."""
        return self.raised - self.paid

    @property
    def free(self) -> Decimal:
        """What may still be granted; negative where more was promised than there is."""
        return self.balance - self.promised


@dataclass(frozen=True, slots=True)
class Whole:
    """A project: its applications by state, its money, and how many people it aided since its beginning and in a period."""

    counts: dict[AidState, int]
    money: Money
    people: int
    people_in_period: int


def project(actor: Actor, key: int, first: date = date.min, last: date = date.max) -> Whole:
    """One project as sums, without anybody's name; people_in_period: paid from `first` to `last`. Raises NotFound."""
    row = store.get(actor, PROJECT, key)
    with db.reading(actor) as session:
        found = _by_state(session, key)
        raised = select(func.sum(Funding.amount)).where(col(Funding.charity_project_id) == key)
        money = _money(row.values["budget"], session.execute(raised).scalar() or NOTHING, found)
        people = _people(session, key)
        within = _people(session, key, col(AidApplication.paid_on).between(first, last))
    return Whole({state: found[state][0] if state in found else 0 for state in AidState}, money, people, within)


def _by_state(session: PortalSession, key: int) -> dict[AidState, tuple[int, Decimal, Decimal]]:
    """{state: how many, granted, paid}"""
    sums = func.count(), func.sum(AidApplication.granted), func.sum(AidApplication.paid)
    wanted = select(col(AidApplication.state), *sums).where(col(AidApplication.charity_project_id) == key)
    rows = session.execute(wanted.group_by(col(AidApplication.state)))
    return {AidState(state): (number, granted or NOTHING, paid or NOTHING) for state, number, granted, paid in rows}


def _money(budget: Decimal | None, raised: Decimal, found: dict[AidState, tuple[int, Decimal, Decimal]]) -> Money:
    granted = sum((found[state][1] for state in GRANTED if state in found), NOTHING)
    paid = sum((found[state][2] for state in AIDED if state in found), NOTHING)
    return Money(budget, raised, granted, paid, found[APPROVED][1] if APPROVED in found else NOTHING)


def _people(session: PortalSession, key: int, *when: ColumnElement[bool]) -> int:
    """Distinct clients aided, by the rule of 01.3."""
    aided = (col(AidApplication.charity_project_id) == key, col(AidApplication.state).in_(AIDED), *when)
    return int(session.execute(select(func.count(col(AidApplication.client_id).distinct())).where(*aided)).scalar_one())
