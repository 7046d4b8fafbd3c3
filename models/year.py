"""The contract's year as it runs: monthly plan, amended targets, closed months and what corrects them (K8, K9, issue 3)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, LONG, SEARCH, Record, Table, Ui, now, record, unique
from models.system import Verb
from models.types import Amount, Json, UtcDateTime, Word
from models.words import L


@record(
    "月度计划",
    "Monthly target",
    area="contract",
    menu=8,
    icon="calendar_view_month",
    title="id",
    sort="month",
    keys=(("indicator_id", "month"),),
    about=L(
        "指标分月的计划量；有计划的指标按计划算进度，没有的按时间平均。",
        "What an indicator plans for each month; its pace follows the plan, else it is even.",
    ),
)
class MonthlyTarget(Record, table=True):
    """What an indicator plans for one month of its contract; a month without a row plans nothing once others have one."""

    __table_args__ = (unique("ux_monthly_target", "indicator_id", "month"),)
    indicator_id: Annotated[int, Ui("指标", "Indicator", LIST | FILTER)] = Field(foreign_key="indicator.id")
    month: Annotated[
        date, Ui("月份", "Month", LIST | FILTER, help=L("合同月的第一天", "First day of the contract month"))
    ] = Field()
    amount: Annotated[Decimal, Ui("计划量", "Amount", LIST)] = Field(sa_type=Amount, ge=0, le=9_999_999_999)


@record(
    "指标变更",
    "Target amendment",
    area="contract",
    menu=9,
    icon="edit_note",
    title="document",
    sort="-effective_on",
    keys=(("indicator_id", "effective_on"),),
    about=L(
        "目标值从哪天起改成多少、凭什么改；原目标保留，进度从生效日起重算。",
        "Since when a target is another and on which ground; the first wording stays, pace turns on that day.",
    ),
)
class TargetAmendment(Record, table=True):
    """A target that was agreed anew, from a day on; the indicator itself keeps the number of its first wording."""

    __table_args__ = (unique("ux_target_amendment", "indicator_id", "effective_on"),)
    indicator_id: Annotated[int, Ui("指标", "Indicator", LIST | FILTER)] = Field(foreign_key="indicator.id")
    effective_on: Annotated[date, Ui("新目标从哪天起", "New target from", LIST | FILTER)] = Field()
    target_before: Annotated[Decimal | None, Ui("原目标", "Target before", LIST | FIXED)] = Field(
        default=None, sa_type=Amount
    )
    target_after: Annotated[Decimal, Ui("新目标", "New target", LIST)] = Field(sa_type=Amount, ge=0, le=9_999_999_999)
    reason: Annotated[str, Ui("为什么改", "Why it changed", LIST | LONG)] = Field(min_length=1, max_length=500)
    document: Annotated[str | None, Ui("补充协议编号", "Number of the agreement", LIST | SEARCH)] = Field(
        default=None, max_length=80
    )


@record(
    "月度结账",
    "Month closing",
    area="indicators",
    menu=0,
    icon="lock",
    title="month",
    sort="-month",
    keys=(("contract_id", "month", "edition"),),
)
class PeriodClose(Record, table=True):
    """A closed month: every figure on its last day. The snapshot never changes; a later edition stands beside it.

    records are the record types on which the figures rest, as {name: {"days": the paths of the dates that place a row,
    "fields": of what is no event, the fields that the figures read, "measures": who reads them, as [measure, its
    arguments, whether each station is told]}}: what the closing locks until it is reopened.
    """

    __table_args__ = (Index("ux_period_close_edition", "contract_id", "month", "edition", unique=True),)
    contract_id: Annotated[int, Ui("合同", "Contract", LIST | FIXED)] = Field(foreign_key="contract.id")
    month: Annotated[date, Ui("月份首日", "First day", LIST | FIXED)] = Field()
    last_day: Annotated[date, Ui("月份末日", "Last day", LIST | FIXED)] = Field()
    edition: Annotated[int, Ui("版次", "Edition", LIST | FIXED)] = Field(ge=1)
    closed_at: Annotated[datetime, Ui("结账时间", "Closed at", LIST | FIXED)] = Field(
        default_factory=now, sa_type=UtcDateTime
    )
    closed_by_id: int | None = None
    closed_by: Annotated[str, Ui("结账人", "Closed by", LIST | FIXED)] = Field(default="", max_length=60)
    reopened_at: Annotated[datetime | None, Ui("重开时间", "Reopened at", LIST | FIXED)] = Field(
        default=None, sa_type=UtcDateTime
    )
    reopened_by_id: int | None = None
    reopened_by: Annotated[str, Ui("重开人", "Reopened by", LIST | FIXED)] = Field(default="", max_length=60)
    reopen_reason: Annotated[str, Ui("重开理由", "Reason", LIST | FIXED)] = Field(default="", max_length=500)
    records: dict[str, dict[str, list[Any]]] = Field(default_factory=dict, sa_type=Json)
    snapshot: Any = Field(default=None, sa_type=Json)


class Adjustment(Table, table=True):
    """A write to a record that is dated in a month which was closed and reopened: what the next edition differs by."""

    id: int | None = Field(default=None, primary_key=True)
    closing_id: int = Field(foreign_key="period_close.id", index=True)
    record: str = Field(max_length=40)
    record_id: int
    title: str = Field(default="", max_length=200)
    verb: Verb = Field(sa_type=Word)
    day_before: date | None = None
    day_after: date | None = None
    at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    account_id: int | None = None
    actor: str = Field(default="", max_length=60)
    reason: str = Field(default="", max_length=500)
