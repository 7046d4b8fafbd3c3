"""Charity projects, the money that comes in and the aid that goes out (source 000 §三.1; indicators 01.2, 01.3)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Index, Select
from sqlmodel import Field, col, func

from models.base import ACT, FILTER, FIXED, LIST, LONG, SEARCH, Choice, StationRow, Ui, record, unique
from models.checks import at_most, happened, in_order, past
from models.measures import facts, measure
from models.types import Amount, Encrypted, Word
from models.words import L

MOST = 99_999_999_999


class ProjectState(Choice):
    PLANNED = "planned", "筹备", "Planned"
    RUNNING = "running", "执行中", "Running"
    ENDED = "ended", "已结束", "Ended"
    CANCELLED = "cancelled", "已取消", "Cancelled"


LAUNCHED = (ProjectState.RUNNING, ProjectState.ENDED)
WHAT, MONEY = L("项目", "Project"), L("期限与资金", "Term and money")


@record(
    "公益项目",
    "Charity project",
    area="partners",
    menu=5,
    icon="favorite",
    title="name",
    sort="-starts",
    keys=(("code",), ("name",)),
    days=("starts",),
    until="ends",
    about=L("救助哪种病、和谁一起、从何时到何时。", "Which disease, with whom, from when to when."),
)
class CharityProject(StationRow, table=True):
    """A named project that pays for patients; it counts once it runs, from its first day."""

    __table_args__ = (
        unique("ux_charity_project_code", "code"),
        unique("ux_charity_project_name", "name"),
        Index("ix_charity_project_fact", "state", "starts", "ends"),
    )
    code: Annotated[str | None, Ui("项目代码", "Code", SEARCH, group=WHAT)] = Field(default=None, max_length=40)
    name: Annotated[str, Ui("项目名称", "Name", LIST | SEARCH, group=WHAT)] = Field(min_length=1, max_length=120)
    disease: Annotated[str, Ui("病种 / 领域", "Disease or cause", LIST | SEARCH | FILTER, group=WHAT)] = Field(
        default="", max_length=80
    )
    department_id: Annotated[int | None, Ui("科室", "Department", LIST | FILTER, group=WHAT)] = Field(
        default=None, foreign_key="department.id", index=True
    )
    description: Annotated[str, Ui("救助对象与标准", "Whom it helps, and how", LONG, group=WHAT)] = Field(
        default="", max_length=2000
    )
    state: Annotated[
        ProjectState,
        Ui("状态", "State", LIST | FILTER, group=MONEY, help=L("执行中起计入 01.2", "Counts in 01.2 once it runs")),
    ] = Field(default=ProjectState.PLANNED, sa_type=Word)
    starts: Annotated[date | None, Ui("启动日期", "Starts", LIST | FILTER, group=MONEY)] = None
    ends: Annotated[
        date | None, Ui("结束日期", "Ends", LIST, group=MONEY, help=L("当天仍在执行", "Runs through this day"))
    ] = None
    budget: Annotated[Decimal | None, Ui("预算（元）", "Budget (CNY)", LIST, group=MONEY)] = Field(
        default=None, sa_type=Amount, ge=0, le=MOST
    )

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """A running project has begun, an ended one has its last day."""
        errors = happened(values, today, "starts", LAUNCHED) | happened(values, today, "ends", (ProjectState.ENDED,))
        return errors or in_order(values, "starts", "ends")


class PartnerRole(Choice):
    FUNDER = "funder", "资助方", "Funder"
    INITIATOR = "initiator", "发起方", "Initiator"
    EXECUTOR = "executor", "执行方", "Executor"
    MEDICAL = "medical", "医疗支持", "Medical support"
    PUBLICITY = "publicity", "宣传支持", "Publicity"
    OTHER = "other", "其他", "Other"


@record(
    "项目参与单位",
    "Project partner",
    area="partners",
    menu=6,
    icon="diversity_3",
    title="id",
    keys=(("charity_project_id", "organisation_id", "role"),),
    about=L("哪家单位在哪个公益项目里做什么。", "Which organisation does what in which charity project."),
)
class ProjectPartner(StationRow, table=True):
    """An organisation's part in a charity project."""

    __table_args__ = (unique("ux_project_partner", "charity_project_id", "organisation_id", "role"),)
    charity_project_id: Annotated[int, Ui("公益项目", "Charity project", LIST | FILTER)] = Field(
        foreign_key="charity_project.id", index=True
    )
    organisation_id: Annotated[int, Ui("合作单位", "Organisation", LIST | SEARCH)] = Field(
        foreign_key="organisation.id", index=True
    )
    role: Annotated[PartnerRole, Ui("角色", "Role", LIST | FILTER)] = Field(default=PartnerRole.FUNDER, sa_type=Word)


@record(
    "资助到账",
    "Funding",
    area="partners",
    menu=7,
    icon="payments",
    title="voucher",
    sort="-received_on",
    keys=(("voucher",), ("charity_project_id", "organisation_id", "received_on")),
    about=L("公益项目收到的每一笔款。", "Every sum that a charity project received."),
)
class Funding(StationRow, table=True):
    """Money that arrived for a charity project; what a project has raised is the sum of these."""

    __table_args__ = (
        unique("ux_funding_voucher", "voucher"),
        Index("ix_funding_project_on", "charity_project_id", "received_on"),
    )
    charity_project_id: Annotated[int, Ui("公益项目", "Charity project", LIST | FILTER)] = Field(
        foreign_key="charity_project.id"
    )
    organisation_id: Annotated[int, Ui("资助单位", "Organisation", LIST | SEARCH)] = Field(
        foreign_key="organisation.id", index=True
    )
    received_on: Annotated[date, Ui("到账日期", "Received on", LIST | FILTER)] = Field()
    amount: Annotated[Decimal, Ui("金额（元）", "Amount (CNY)", LIST)] = Field(sa_type=Amount, gt=0, le=MOST)
    voucher: Annotated[str | None, Ui("凭证号", "Voucher", LIST | SEARCH)] = Field(default=None, max_length=40)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "received_on")


class AidState(Choice):
    """Screened: found eligible by us, and now with the funder, who decides."""

    DRAFTED = "drafted", "草拟", "Drafted"
    SUBMITTED = "submitted", "已提交", "Submitted"
    SCREENED = "screened", "已初审", "Screened"
    APPROVED = "approved", "已批准", "Approved"
    PAID = "paid", "已拨付", "Paid"
    CLOSED = "closed", "已办结", "Closed"
    REFUSED = "refused", "未通过", "Refused"


DRAFTED, SUBMITTED, SCREENED, APPROVED, PAID, CLOSED, REFUSED = AidState
LINE = (DRAFTED, SUBMITTED, SCREENED, APPROVED, PAID, CLOSED)
GRANTED, AIDED = (APPROVED, PAID, CLOSED), (PAID, CLOSED)


ASK, ANSWER = L("申请", "Application"), L("审批与拨付", "Decision and payment")


@record(
    "救助申请",
    "Aid application",
    area="services",
    menu=3,
    icon="volunteer_activism",
    title="number",
    sort="-applied_on",
    keys=(("number",), ("client_id", "charity_project_id", "applied_on")),
    days=("paid_on",),
    until="",
    about=L("从申请到拨付；拨付后计入 01.3。", "From application to payment; counts in 01.3 once paid."),
)
class AidApplication(StationRow, table=True):
    """A client's application to a charity project, along its pipeline."""

    __table_args__ = (
        unique("ux_aid_application_number", "number"),
        Index("ix_aid_application_fact", "state", "paid_on", "client_id"),
        Index("ix_aid_application_project", "charity_project_id", "state"),
    )
    number: Annotated[str | None, Ui("申请编号", "Number", LIST | SEARCH, group=ASK)] = Field(
        default=None, max_length=40
    )
    client_id: Annotated[int, Ui("服务对象", "Client", LIST | SEARCH, group=ASK)] = Field(
        foreign_key="client.id", index=True
    )
    charity_project_id: Annotated[int, Ui("公益项目", "Charity project", LIST | FILTER, group=ASK)] = Field(
        foreign_key="charity_project.id"
    )
    applied_on: Annotated[date, Ui("申请日期", "Applied on", LIST | FILTER, group=ASK)] = Field()
    diagnosis: Annotated[str | None, Ui("诊断", "Diagnosis", group=ASK)] = Field(
        default=None, sa_type=Encrypted, max_length=200
    )
    asked: Annotated[Decimal | None, Ui("申请金额（元）", "Amount asked (CNY)", LIST, group=ASK)] = Field(
        default=None, sa_type=Amount, ge=0, le=MOST
    )
    state: Annotated[AidState, Ui("状态", "State", LIST | FILTER | ACT, group=ANSWER)] = Field(
        default=DRAFTED, sa_type=Word
    )
    granted: Annotated[Decimal | None, Ui("批准金额（元）", "Amount granted (CNY)", LIST | ACT, group=ANSWER)] = Field(
        default=None, sa_type=Amount, ge=0, le=MOST
    )
    paid: Annotated[Decimal | None, Ui("拨付金额（元）", "Amount paid (CNY)", LIST | ACT, group=ANSWER)] = Field(
        default=None, sa_type=Amount, ge=0, le=MOST
    )
    paid_on: Annotated[
        date | None,
        Ui(
            "拨付日期",
            "Paid on",
            LIST | FILTER | ACT,
            group=ANSWER,
            help=L("按这一天计入 01.3", "The day on which it counts"),
        ),
    ] = None
    result: Annotated[str, Ui("办结情况", "Result", LONG | ACT, group=ANSWER)] = Field(default="", max_length=500)
    reason: Annotated[str, Ui("未通过原因", "Reason for refusal", ACT, group=ANSWER)] = Field(
        default="", max_length=500
    )

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """What was approved says how much, what was paid says when, a refusal says why; nobody gets more than asked.

        A ledger that tells no sum for what was paid means the whole grant.
        """
        errors = past(values, today, "applied_on", "paid_on") | happened(values, today, "paid_on", AIDED)
        if values.get("state") in AIDED and values.get("paid") is None:
            values["paid"] = values.get("granted")
        if values.get("state") in GRANTED and values.get("granted") is None:
            errors["granted"] = "required"
        if values.get("state") == REFUSED and not values.get("reason"):
            errors["reason"] = "reason_missing"
        errors |= dict.fromkeys(at_most(values, "granted", "asked"), "granted_above_asked")
        errors |= dict.fromkeys(at_most(values, "paid", "granted"), "paid_above_granted")
        return errors or in_order(values, "applied_on", "paid_on")


@record("救助步骤", "Step of an application", area="services", icon="timeline", title="id", sort="id", menu=0)
class AidStep(StationRow, table=True):
    """One step of an application, or a jump back with its reason: when, and by whom."""

    aid_application_id: Annotated[int, Ui("救助申请", "Aid application", LIST | FIXED)] = Field(
        foreign_key="aid_application.id", index=True
    )
    before: Annotated[AidState, Ui("原状态", "From", LIST | FIXED)] = Field(sa_type=Word)
    after: Annotated[AidState, Ui("新状态", "To", LIST | FIXED)] = Field(sa_type=Word)
    stepped_on: Annotated[date, Ui("日期", "On", LIST | FIXED)] = Field()
    taken_by: Annotated[str, Ui("经办人", "By", LIST | FIXED)] = Field(default="", max_length=60)
    reason: Annotated[str, Ui("说明", "Remark", LIST | FIXED)] = Field(default="", max_length=500)


@measure("charity_project.running")
def projects_running() -> Select[Any]:
    """Charity projects that ran on some day of the period."""
    return facts(
        CharityProject.starts,
        CharityProject.id,
        until=func.coalesce(CharityProject.ends, date.max),
        station=CharityProject.unit_id,
    ).where(col(CharityProject.state).in_(LAUNCHED))


@measure("aid_application.aided")
def people_aided() -> Select[Any]:
    """Clients whose application was paid, on the day of payment."""
    return facts(
        AidApplication.paid_on, AidApplication.id, station=AidApplication.unit_id, who=AidApplication.client_id
    ).where(col(AidApplication.state).in_(AIDED))
