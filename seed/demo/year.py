"""The demonstration's contract year: two monthly plans, an amended target, months closed, one of them corrected.

It comes after the records, since a closing reads what is stored and then locks it.
"""

from datetime import date
from decimal import Decimal

from sqlmodel import col, select

from models import RECORDS
from models.community import CommunityVisit, HeldState
from models.contract import Contract, Indicator
from models.periods import Period
from services import closing, db, store, targets
from services.access import SYSTEM, Actor

LEADER = Actor(None, "示例院长", is_system=True)
COORDINATOR = Actor(None, "示例社工", is_system=True)
PLANS = {"02.4": (1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 2, 2), "06.3": (2, 2, 3, 3, 2, 2, 3, 3, 3, 3, 2, 2)}
AMENDED, NEW_TARGET = "06.7", Decimal(600)
LEFT_OPEN = 4  # two of them lack a record, which can still be entered


def fill(contract_id: int, today: date) -> None:
    with db.reading(SYSTEM) as s:
        contract = s.get_one(Contract, contract_id)
        found = s.exec(select(Indicator).where(Indicator.contract_id == contract_id))
        keys = {indicator.code: indicator.id or 0 for indicator in found}
    period = Period(contract.starts, contract.ends)
    _plan(keys, period)
    _amend(keys, period, today)
    over = [first for first, last in period.months if last < today]
    for first in over[:-LEFT_OPEN]:
        closing.close(LEADER, contract_id, first, today=today)
    if len(over) > LEFT_OPEN:
        _correct(contract_id, period.months[0], today)


def _plan(keys: dict[str, int], period: Period) -> None:
    """More in spring and autumn than in the heat and at New Year."""
    for code, amounts in PLANS.items():
        if code in keys and len(amounts) == len(period.months):
            targets.save_plan(SYSTEM, keys[code], amounts)


def _amend(keys: dict[str, int], period: Period, today: date) -> None:
    """Agreed in the fourth month, where that has come."""
    if AMENDED not in keys or len(period.months) < 4 or period.months[3][0] > today:
        return
    given = {
        "effective_on": period.months[3][0],
        "target_after": NEW_TARGET,
        "reason": "新增两个社区服务点，双方协商上调服务人次",
        "document": "补充协议（一）",
    }
    targets.amend(LEADER, keys[AMENDED], given)


def _correct(contract_id: int, month: tuple[date, date], today: date) -> None:
    """A visit of the first month was counted too low: reopened, corrected, closed again."""
    first, last = month
    visits = col(CommunityVisit.visited_on).between(first, last)
    with db.reading(SYSTEM) as s:
        held = select(CommunityVisit).where(visits, CommunityVisit.state == HeldState.HELD)
        visit = s.exec(held.order_by(col(CommunityVisit.id))).first()
    newest = closing.year(SYSTEM, contract_id, today).month(first).newest
    if visit is None or newest is None:
        return
    closing.reopen(LEADER, newest.id, "核对签到表，补记漏登的服务人次")
    given = {"encounters": (visit.encounters or 0) + 3}
    store.save(COORDINATOR, RECORDS["community_visit"], given, id=visit.id, reason="按纸质签到表更正", today=today)
    closing.close(LEADER, contract_id, first, today=today)
