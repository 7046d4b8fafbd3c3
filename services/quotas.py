"""What is left of a partner's quota, and its ledger: assign, release, adjust, undo (feature P6).

What is left is never kept: it is what was granted and the sum of the entries, read while the quota's row is held, so that
of two who want the last seat one gets it. An entry is undone once, by another entry, and never changed.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import RECORDS
from models.base import Record
from models.quotas import PartnerQuota, QuotaAct, QuotaEntry
from services import clock, db, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid, NotFound
from services.hooks import after_write, before_write
from services.store import Query, Row

QUOTA, ENTRY = RECORDS["partner_quota"], RECORDS["quota_entry"]
LINES = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of a quota in all, what is used of it, and what is left."""

    total: int
    used: int

    @property
    def left(self) -> int:
        return self.total - self.used


@dataclass(frozen=True, slots=True)
class Ledger:
    """A quota with its standing and its newest entries; `undoable` holds the ids of those not undone yet."""

    quota: Row
    standing: Standing
    entries: list[Row]
    undoable: frozenset[int]


# -- entries --------------------------------------------------


def assign(
    actor: Actor,
    quota_id: int,
    amount: int,
    *,
    on: date | None = None,
    session_id: int | None = None,
    purpose: str = "",
    token: str | None = None,
) -> int:
    """Use so many for a session or a purpose; returns the entry's id.

    Raises Invalid where too few are left, the day lies outside the quota's period, or neither session nor purpose is told.
    """
    actor.need("write", "partners")
    told = {"session_id": session_id, "purpose": purpose.strip()}
    if not session_id and not told["purpose"]:
        raise Invalid({"purpose": "required"})
    return _enter(actor, quota_id, QuotaAct.ASSIGN, -_positive(amount), on, told, token)


def release(
    actor: Actor, quota_id: int, amount: int, *, on: date | None = None, purpose: str = "", token: str | None = None
) -> int:
    """Give back what was assigned and not used; Invalid above what is used."""
    actor.need("write", "partners")
    told = {"purpose": purpose.strip()}
    return _enter(actor, quota_id, QuotaAct.RELEASE, _positive(amount), on, told, token)


def adjust(
    actor: Actor, quota_id: int, change: int, reason: str, *, on: date | None = None, token: str | None = None
) -> int:
    """Grant more, or less where the change is negative; Invalid without a reason, or below what is used."""
    actor.need("write", "partners")
    if not reason.strip():
        raise Invalid({"purpose": "reason_missing"})
    if not change:
        raise Invalid({"amount": "too_small"})
    return _enter(actor, quota_id, QuotaAct.ADJUST, change, on, {"purpose": reason.strip()}, token)


def undo(actor: Actor, entry_id: int, reason: str = "", *, today: date | None = None, token: str | None = None) -> int:
    """Undo an entry by another one; returns that one's id.

    Raises Conflict where it is undone already or is an undo itself, Invalid where later entries stand on it.
    """
    actor.need("write", "partners")
    with db.unit(actor, reason=reason.strip(), token=token) as session:
        entry = store.find(session, ENTRY, entry_id)
        quota = db.lock(session, PartnerQuota, entry.quota_id)
        again = select(col(QuotaEntry.id)).where(col(QuotaEntry.reversal_of_id) == entry_id)
        if entry.reversal_of_id or session.execute(again).first():
            raise Conflict({}, {})
        told = {"purpose": reason.strip(), "session_id": entry.session_id, "reversal_of_id": entry_id}
        return _write(session, quota, QuotaAct(entry.act), -entry.amount, today or clock.today(), told)


def _positive(amount: int) -> int:
    if amount < 1:
        raise Invalid({"amount": "too_small"})
    return amount


def _enter(
    actor: Actor, quota_id: int, act: QuotaAct, amount: int, on: date | None, told: dict[str, Any], token: str | None
) -> int:
    day = on or clock.today()
    with db.unit(actor, token=token) as session:
        quota = db.lock(session, PartnerQuota, quota_id)
        if act == QuotaAct.ASSIGN and not quota.starts <= day <= quota.ends:
            raise Invalid({"on": "outside_quota"})
        if told.get("session_id"):
            store.find(session, RECORDS["training_session"], told["session_id"])
        return _write(session, quota, act, amount, day, told)


def _write(
    session: PortalSession, quota: PartnerQuota, act: QuotaAct, amount: int, day: date, told: dict[str, Any]
) -> int:
    """Add the entry where what is left and what is used stay at nothing or more; the quota's row is held."""
    now = standing(session, quota)
    moved = amount if act == QuotaAct.ADJUST else 0
    after = Standing(now.total + moved, now.used - (amount - moved))
    if after.left < 0:
        raise Invalid({"amount": "quota_short"})
    if after.used < 0:
        raise Invalid({"amount": "quota_unused"})
    entry = QuotaEntry(
        quota_id=quota.id or 0, unit_id=quota.unit_id, act=act, amount=amount, entered_on=day, **told
    )  # fmt: skip
    session.add(entry)
    session.flush()
    return entry.id or 0


def standing(session: PortalSession, quota: PartnerQuota) -> Standing:
    """How a quota stands: what was granted, and the sum of its entries."""
    summed = (
        select(col(QuotaEntry.act), func.sum(QuotaEntry.amount))
        .where(col(QuotaEntry.quota_id) == quota.id)
        .group_by(col(QuotaEntry.act))
    )
    sums = {QuotaAct(act): int(total) for act, total in session.execute(summed)}
    more = sums.pop(QuotaAct.ADJUST, 0)
    return Standing(quota.granted + more, -sum(sums.values()))


# -- reading --------------------------------------------------


def of_organisation(actor: Actor, organisation_id: int) -> list[Ledger]:
    """The quotas of a partner with their ledgers, the last to end first."""
    return [
        _ledger(actor, row)
        for row in store.rows(actor, QUOTA, Query(filters={"organisation_id": organisation_id}, sort="-ends")).rows
    ]


def ledger(actor: Actor, quota_id: int) -> Ledger:
    """One quota with its ledger. Raises NotFound, Denied."""
    return _ledger(actor, store.get(actor, QUOTA, quota_id))


def _ledger(actor: Actor, row: Row) -> Ledger:
    entries = store.rows(actor, ENTRY, Query(filters={"quota_id": row.id}, sort="-id", size=LINES)).rows
    undone = {entry.values["reversal_of_id"] for entry in entries}
    open_ = frozenset(e.id for e in entries if e.id not in undone and not e.values["reversal_of_id"])
    with db.reading(actor) as session:
        quota = session.get(PartnerQuota, row.id)
        if quota is None:
            raise NotFound(record=QUOTA.name, id=row.id)
        return Ledger(row, standing(session, quota), entries, open_)


# -- what else writes --------------------------------------------------


@before_write("partner_quota")
def _grant_what_is_used(session: PortalSession, values: dict[str, Any], row: Record | None, _today: date) -> None:
    """What is granted cannot fall below what is used."""
    if row is None:
        return
    quota = db.lock(session, PartnerQuota, row.id or 0, binned=True)
    if standing(session, quota).left + values["granted"] - quota.granted < 0:
        raise Invalid({"granted": "quota_short"})


@after_write("partner_quota")
def _keep_the_ledger(session: PortalSession, row: Record) -> None:
    """A quota of which something is used does not go to the bin."""
    if row.deleted_at is not None and isinstance(row, PartnerQuota) and standing(session, row).used:
        raise Invalid({"": "quota_used"})


@before_write("quota_entry")
def _sealed(_session: PortalSession, _values: dict[str, Any], _row: Record | None, _today: date) -> None:
    raise Invalid({"": "ledger_fixed"})


@after_write("quota_entry")
def _kept(_session: PortalSession, _row: Record) -> None:
    raise Invalid({"": "ledger_fixed"})
