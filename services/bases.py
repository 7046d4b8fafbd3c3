"""One base at a glance: its rules, this month's duty log, what it supported and what comes next (05.1, 08.1-08.4)."""

from dataclasses import dataclass
from datetime import date

from models import RECORDS
from models.periods import add_months
from models.training import Base, SessionState
from services import clock, deliverables, feedback, kpi, store
from services.access import Actor
from services.deliverables import Checklist
from services.feedback import Satisfaction
from services.store import Page, Query, Row

DUTY, SESSION = RECORDS["base_duty_log"], RECORDS["training_session"]
RULES = {Base.TRAINING_BASE: "training_base", Base.EMERGENCY_BASE: "emergency_base_rules"}
NEXT = 5


@dataclass(frozen=True, slots=True)
class Overview:
    """rules: the deliverable's id and checklist, None where there is none that this actor may see; the month runs from
    `first` to `last`; log, held, ahead and feedback are of this base."""

    rules: tuple[int, Checklist] | None
    first: date
    last: date
    log: Page
    held: int
    ahead: list[Row]
    feedback: Satisfaction


def overview(actor: Actor, base: Base, today: date | None = None) -> Overview:
    """The base as it stands today; the month is that of the contract, by which 08.2 is counted."""
    actor.need("read", "training")
    today = today or clock.today()
    first, last = _month(actor, today)
    month = {"base": base.value, "logged_on": (first, last)}
    held = {"base": base.value, "state": SessionState.HELD.value, "starts": (first, last)}
    ahead = {"base": base.value, "starts": (today, None)}
    return Overview(
        rules=deliverables.of_code(actor, RULES[base]) if actor.may("read", "research") else None,
        first=first,
        last=last,
        log=store.rows(actor, DUTY, Query(filters=month, sort="-logged_on", size=20)),
        held=store.rows(actor, SESSION, Query(filters=held, size=1)).total,
        ahead=store.rows(actor, SESSION, Query(filters=ahead, sort="starts", size=NEXT)).rows,
        feedback=feedback.of_base(actor, base, *_year(actor, today)),
    )


def _year(actor: Actor, today: date) -> tuple[date, date]:
    """The contract's period so far; outside a contract the last twelve months."""
    period = kpi.period(actor, today) if actor.may("read", "indicators") else None
    return (period.start, today) if period else (add_months(today, -12), today)


def _month(actor: Actor, today: date) -> tuple[date, date]:
    """The contract's month of the day; outside a contract the calendar's."""
    period = kpi.period(actor, today) if actor.may("read", "indicators") else None
    months = [span for span in period.months if span[0] <= today <= span[1]] if period else []
    first = today.replace(day=1)
    return months[0] if months else (first, date.fromordinal(add_months(first, 1).toordinal() - 1))
