"""What is asked of an indicator while the contract runs: its monthly plan and its amended targets (features K4 and K9).

The number in the contract's first wording stays where it is: once a month of the contract is over, another target is an
amendment with a day and a reason, and none takes effect in a closed month. Codes: amend_instead, month_closed, no_plan,
no_target, not_a_month, outside_period.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import RECORDS
from models.base import Record
from models.contract import Contract, Counting, Indicator, TargetKind
from models.periods import Period
from models.year import MonthlyTarget, TargetAmendment
from services import attachments, clock, db, locked, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Denied, Invalid, NotFound
from services.figures import Amendment, Number
from services.hooks import after_write, before_write

PLAN, AMENDMENT = RECORDS["monthly_target"], RECORDS["target_amendment"]
RECORDS_OF = (PLAN.name, AMENDMENT.name)
PLANNED = (TargetKind.AT_LEAST, TargetKind.PER_UNIT)
UNTOLD = (TargetKind.SEVERAL, TargetKind.ONGOING)


@dataclass(frozen=True, slots=True)
class Amended:
    """An amendment as it is shown, with the files that prove it: (id, name)."""

    id: int
    effective_on: date
    before: Number
    after: Number
    reason: str
    document: str
    files: tuple[tuple[int, str], ...]


# -- reading --------------------------------------------------


def plans(s: PortalSession, contract_id: int, period: Period) -> dict[int, tuple[Number, ...]]:
    """{indicator: what each month of the contract is to add} of those that have a plan."""
    firsts = {first: place for place, (first, _) in enumerate(period.months)}
    rows = select(col(MonthlyTarget.indicator_id), col(MonthlyTarget.month), col(MonthlyTarget.amount))
    found: dict[int, list[Number]] = {}
    for indicator, month, amount in s.execute(_of(rows, MonthlyTarget, contract_id)):
        if month in firsts:
            found.setdefault(indicator, [0] * len(firsts))[firsts[month]] = _number(amount)
    return {indicator: tuple(amounts) for indicator, amounts in found.items()}


def amendments(s: PortalSession, contract_id: int) -> dict[int, tuple[Amendment, ...]]:
    """{indicator: its amendments, the first that takes effect first}."""
    rows = select(TargetAmendment).order_by(col(TargetAmendment.effective_on))
    found: dict[int, list[Amendment]] = {}
    for row in s.execute(_of(rows, TargetAmendment, contract_id)).scalars():
        change = Amendment(row.effective_on, _number(row.target_before), _number(row.target_after))
        found.setdefault(row.indicator_id, []).append(change)
    return {indicator: tuple(changes) for indicator, changes in found.items()}


def _of(statement: Any, model: Any, contract_id: int) -> Any:
    of_indicator = col(Indicator.id) == model.indicator_id
    return statement.join(Indicator, of_indicator).where(col(Indicator.contract_id) == contract_id)


def history(actor: Actor, indicator_id: int) -> list[Amended]:
    """Every amendment of the indicator, also one to come, in the order of their days; within `indicators`."""
    actor.need("read", "indicators")
    mine = select(TargetAmendment).where(col(TargetAmendment.indicator_id) == indicator_id)
    with db.reading(actor) as s:
        rows = s.execute(mine.order_by(col(TargetAmendment.effective_on))).scalars().all()
    may = actor.may("read", AMENDMENT.area)
    return [
        Amended(
            row.id or 0, row.effective_on, _number(row.target_before), _number(row.target_after), row.reason,
            row.document or "",
            tuple((file.id, file.name) for file in attachments.list(actor, AMENDMENT, row.id or 0)) if may else (),
        )
        for row in rows
    ]  # fmt: skip


def may_be_planned(kind: str, counting: str = "") -> bool:
    """Whether an indicator adds up over the months, so that each may plan its part."""
    return kind in PLANNED and counting != Counting.STANDING


def may_amend(actor: Actor) -> bool:
    return actor.may("write", "contract") or actor.may("approve", "indicators")


def even(total: Number, months: int) -> list[Number]:
    """A total in equal parts, whole numbers where it is one, which add up to it exactly."""
    exact = Decimal(str(total))
    cents = Decimal(1) if exact == int(exact) else Decimal("0.01")
    steps = [(exact * place / months).quantize(cents) for place in range(months)] + [exact]
    return [_number(later - before) for before, later in pairwise(steps)]


# -- writing --------------------------------------------------


def save_plan(actor: Actor, indicator_id: int, amounts: Sequence[Number | None], *, token: str | None = None) -> None:
    """Keep what each contract month is to add; all None is no plan. Raises Denied, NotFound, Invalid."""
    _need(actor)
    with db.unit(actor, token=token) as s:
        indicator, period = _indicator(s, indicator_id)
        if len(amounts) != len(period.months):
            raise Invalid({"month": "not_a_month"})
        of_indicator = col(MonthlyTarget.indicator_id) == indicator_id
        stored = {row.month: row for row in s.execute(select(MonthlyTarget).where(of_indicator)).scalars()}
        planned = any(amount is not None for amount in amounts)
        for (first, _), amount in zip(period.months, amounts, strict=True):
            row = stored.pop(first, None)
            if planned:
                given = {"indicator_id": indicator.id, "month": first, "amount": Decimal(str(amount or 0))}
                store.write(s, PLAN, given, row)
            elif row:
                stored[first] = row
        for row in stored.values():
            row.deleted_at, row.deleted_by = clock.now(), actor.account_id


def amend(
    actor: Actor, indicator_id: int, given: Mapping[str, Any], *, file: tuple[str, bytes] | None = None,
    token: str | None = None,
) -> int:  # fmt: skip
    """Change the target from a day on: given effective_on, target_after, reason and document, and the file that proves
    it as (name, content); returns the amendment's id. Raises Denied, NotFound, Invalid."""
    _need(actor)
    proof = attachments.accept(*file) if file else None
    with db.unit(actor, reason=str(given.get("reason") or "")[: db.LONGEST_REASON], token=token) as s:
        row = store.write(s, AMENDMENT, {**given, "indicator_id": _indicator(s, indicator_id)[0].id})
        if proof:
            attachments.put(s, AMENDMENT, row.id, proof)
        return row.id or 0


def _need(actor: Actor) -> None:
    if not may_amend(actor):
        raise Denied(verb="approve", area="indicators")


def _indicator(s: PortalSession, indicator_id: int) -> tuple[Indicator, Period]:
    found = s.execute(select(Indicator).where(col(Indicator.id) == indicator_id)).scalar_one_or_none()
    if found is None:
        raise NotFound(record="indicator")
    contract = s.get_one(Contract, found.contract_id)
    return found, Period(contract.starts, contract.ends)


# -- rules that every path keeps --------------------------------------------------


@before_write("monthly_target")
def _plan_of_a_month(s: PortalSession, given: dict[str, Any], _row: Record | None, _today: date) -> None:
    indicator, period = _indicator(s, given["indicator_id"])
    if not may_be_planned(indicator.kind, indicator.counting):
        raise Invalid({"indicator_id": "no_plan"})
    if given["month"] not in (first for first, _ in period.months):
        raise Invalid({"month": "not_a_month"})


@before_write("target_amendment")
def _amend_what_has_a_target(s: PortalSession, given: dict[str, Any], row: Record | None, _today: date) -> None:
    _hold(s, given["indicator_id"])
    indicator, period = _indicator(s, given["indicator_id"])
    if indicator.kind in UNTOLD:
        raise Invalid({"indicator_id": "no_target"})
    if not period.start <= given["effective_on"] <= period.end:
        raise Invalid({"effective_on": "outside_period"})
    if isinstance(row, TargetAmendment):
        locked.guard_day(s, indicator.contract_id, "effective_on", row.effective_on)


@after_write("target_amendment")
def _follow(s: PortalSession, row: Record) -> None:
    assert isinstance(row, TargetAmendment)
    _hold(s, row.indicator_id)
    locked.guard_day(s, _indicator(s, row.indicator_id)[0].contract_id, "effective_on", row.effective_on)
    _chain(s, row.indicator_id)


@after_write("indicator")
def _begin_anew(s: PortalSession, row: Record) -> None:
    if row.deleted_at is None:
        _chain(s, row.id or 0)


def _hold(s: PortalSession, indicator_id: int) -> None:
    """One at a time amends an indicator, from before its row is written, so that each sees the chain as it stands."""
    db.lock(s, Indicator, indicator_id)


def _chain(s: PortalSession, indicator_id: int) -> None:
    """Each amendment starts from what the one before it ended with, the first from the contract's own wording."""
    before = s.execute(select(col(Indicator.target)).where(col(Indicator.id) == indicator_id)).scalar_one()
    mine = select(TargetAmendment).where(col(TargetAmendment.indicator_id) == indicator_id)
    changes: Iterable[TargetAmendment] = s.execute(mine.order_by(col(TargetAmendment.effective_on))).scalars()
    for change in changes:
        if change.target_before != before:
            change.target_before = before
        before = change.target_after
    s.flush()


@before_write("indicator")
def _amend_instead(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """The first wording stands once a month of the contract is over."""
    if not isinstance(row, Indicator) or given.get("target") == row.target:
        return
    if _indicator(s, row.id or 0)[1].months_completed(today):
        raise Invalid({"target": "amend_instead"})


def _number(value: Decimal | None) -> Number:
    exact = value or Decimal(0)
    return int(exact) if exact == int(exact) else exact
