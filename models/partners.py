"""Partners: organisations, contacts, the log with next steps, agreements, stages (source 000 §三.1, .4 and .7)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Index, Select
from sqlmodel import Field, col, func, or_, select

from models.base import ACT, DOER, FILTER, FIXED, LIST, LONG, SEARCH, Choice, StationRow, Ui, record, unique
from models.checks import in_order, past
from models.measures import facts, measure
from models.types import Amount, Codes, CreditCode, Phone, Word
from models.words import L


class OrganisationKind(Choice):
    FOUNDATION = "foundation", "基金会", "Foundation"
    SOCIAL = "social_organisation", "社会组织", "Social organisation"
    COMMUNITY = "community", "社区", "Community"
    SCHOOL = "school", "学校", "School"
    GOVERNMENT = "government", "政府部门", "Government"
    ENTERPRISE = "enterprise", "企业", "Enterprise"
    MEDICAL = "medical_institution", "医疗机构", "Medical institution"
    MEDIA = "media", "媒体", "Media"
    OTHER = "other", "其他", "Other"


class Level(Choice):
    NATIONAL = "national", "国家级", "National"
    PROVINCIAL = "provincial", "省级", "Provincial"
    CITY = "city", "市级", "City"
    DISTRICT = "district", "区县级", "District"


class Tier(Choice):
    KEY = "key", "重点", "Key"
    IMPORTANT = "important", "重要", "Important"
    REGULAR = "regular", "一般", "Regular"


class Stage(Choice):
    LEAD = "lead", "线索", "Lead"
    TALKS = "in_talks", "洽谈", "In talks"
    SIGNED = "signed", "签约", "Signed"
    ACTIVE = "active", "合作中", "Active"
    DORMANT = "dormant", "暂停", "Dormant"
    ENDED = "ended", "结束", "Ended"


WHO, WHERE, CARE = L("单位", "Organisation"), L("所在地", "Place"), L("维系", "Relationship")


@record(
    "合作单位",
    "Organisation",
    area="partners",
    menu=1,
    icon="handshake",
    title="name",
    sort="-id",
    keys=(("credit_code",), ("name",)),
    about=L(
        "基金会、社区、学校、政府、企业等往来单位。",
        "Foundations, communities, schools and others.",
    ),
)
class Organisation(StationRow, table=True):
    """An organisation that we work with, or would like to."""

    __table_args__ = (
        unique("ux_organisation_credit_code", "credit_code"),
        Index("ix_organisation_name", "name", "id"),
        Index("ix_organisation_stage", "stage", "id"),
    )
    name: Annotated[str, Ui("单位名称", "Name", LIST | SEARCH, group=WHO)] = Field(min_length=1, max_length=120)
    kind: Annotated[OrganisationKind, Ui("类型", "Kind", LIST | FILTER, group=WHO)] = Field(sa_type=Word)
    level: Annotated[Level, Ui("级别", "Level", LIST | FILTER, group=WHO)] = Field(default=Level.DISTRICT, sa_type=Word)
    credit_code: Annotated[
        CreditCode | None, Ui("统一社会信用代码", "Unified social credit code", SEARCH, group=WHO)
    ] = Field(default=None, max_length=18)
    region: Annotated[str, Ui("所在区域", "Region", LIST | FILTER, group=WHERE)] = Field(default="", max_length=60)
    address: Annotated[str, Ui("地址", "Address", group=WHERE)] = Field(default="", max_length=200)
    tier: Annotated[Tier, Ui("维系等级", "Tier", LIST | FILTER, group=CARE)] = Field(default=Tier.REGULAR, sa_type=Word)
    stage: Annotated[Stage, Ui("合作阶段", "Stage", LIST | FILTER | ACT)] = Field(default=Stage.LEAD, sa_type=Word)
    owner: Annotated[str, Ui("负责人", "Owner", LIST | FILTER | DOER, group=CARE)] = Field(default="", max_length=60)
    source: Annotated[str, Ui("来源", "Source", group=CARE)] = Field(default="", max_length=80)
    department: Annotated[
        str,
        Ui(
            "代表科室",
            "On behalf of department",
            FILTER,
            group=CARE,
            help=L("为哪个科室拓展；填写后计入 04.3", "Which department it was won for; counts in 04.3"),
        ),
    ] = Field(default="", max_length=60)
    tags: Annotated[list[str], Ui("标签", "Tags", group=CARE, options="tags")] = Field(
        default_factory=list, sa_type=Codes
    )


CONTACT = ("name", "gender", "phone", "wechat", "email")


@record(
    "联系人",
    "Contact",
    area="partners",
    menu=4,
    icon="contacts",
    title="name",
    sort="-id",
    keys=(("organisation_id", "name"),),
    role_fields=CONTACT,
    about=L("合作单位里和我们对接的人。", "The people we deal with at an organisation."),
)
class Contact(StationRow, table=True):
    """A person at an organisation."""

    __table_args__ = (unique("ux_contact_person", "organisation_id", "person_id"),)
    organisation_id: Annotated[int, Ui("合作单位", "Organisation", LIST | SEARCH)] = Field(
        foreign_key="organisation.id", index=True
    )
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    title: Annotated[str, Ui("职务", "Title", LIST)] = Field(default="", max_length=60)
    work_phone: Annotated[Phone | None, Ui("办公电话", "Work phone", LIST)] = Field(default=None, max_length=24)
    is_primary: Annotated[bool, Ui("主要联系人", "Primary", LIST)] = False


class InteractionKind(Choice):
    CALL = "call", "电话", "Call"
    VISIT = "visit", "走访", "Visit"
    MEETING = "meeting", "会议", "Meeting"
    WECHAT = "wechat", "微信", "WeChat"
    EMAIL = "email", "邮件", "E-mail"
    EVENT = "event", "活动", "Event"


@record(
    "往来记录",
    "Interaction",
    area="partners",
    menu=3,
    icon="forum",
    title="summary",
    sort="-happened_on",
    keys=(("organisation_id", "happened_on", "kind", "summary"),),
    about=L("和谁谈了什么，下一步什么时候做。", "What was said with whom, and the next step."),
)
class Interaction(StationRow, table=True):
    """Something that happened between us, and what is to happen next."""

    __table_args__ = (
        Index("ix_interaction_organisation_on", "organisation_id", "happened_on"),
        Index("ix_interaction_next", "done", "next_on"),
    )
    organisation_id: Annotated[int, Ui("合作单位", "Organisation", LIST | SEARCH)] = Field(
        foreign_key="organisation.id"
    )
    contact_id: Annotated[int | None, Ui("联系人", "Contact", LIST)] = Field(default=None, foreign_key="contact.id")
    kind: Annotated[InteractionKind, Ui("方式", "Kind", LIST | FILTER)] = Field(
        default=InteractionKind.CALL, sa_type=Word
    )
    happened_on: Annotated[date, Ui("日期", "Date", LIST | FILTER)] = Field(index=True)
    summary: Annotated[str, Ui("内容", "Summary", LIST | SEARCH | LONG)] = Field(min_length=1, max_length=2000)
    next_step: Annotated[str, Ui("下一步", "Next step", LIST)] = Field(default="", max_length=200)
    next_on: Annotated[date | None, Ui("下一步日期", "Next step on", LIST | FILTER)] = None
    done: Annotated[bool, Ui("下一步已完成", "Next step done", LIST | FILTER | ACT)] = False
    result: Annotated[str, Ui("下一步结果", "Result", ACT)] = Field(default="", max_length=500)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """What happened lies not in the future; a next step and its date go together."""
        happened, planned = values.get("happened_on"), values.get("next_on")
        if happened and happened > today:
            return {"happened_on": "date_future"}
        if bool(values.get("next_step")) != bool(planned):
            return {"next_on" if values.get("next_step") else "next_step": "step_and_date"}
        return {"next_on": "ends_before_start"} if planned and happened and planned < happened else {}


class AgreementKind(Choice):
    FRAMEWORK = "framework", "框架协议", "Framework agreement"
    PROJECT = "project", "项目协议", "Project agreement"
    DONATION = "donation", "捐赠协议", "Donation agreement"
    TRAINING = "training", "培训合作", "Training agreement"
    MEDICAL = "medical", "医联体 / 转诊", "Medical consortium or referral"
    OTHER = "other", "其他", "Other"


class AgreementState(Choice):
    DRAFT = "draft", "拟定", "Draft"
    SIGNED = "signed", "已签署", "Signed"
    TERMINATED = "terminated", "已终止", "Terminated"


@record(
    "合作协议",
    "Agreement",
    area="partners",
    menu=2,
    icon="contract",
    title="number",
    sort="ends",
    keys=(("number",), ("organisation_id", "kind", "starts")),
    days=("starts", "signed_on"),
    until="ends",
    about=L("协议与到期；到期前 60 天和 30 天提醒。", "Agreements and their end; reminders 60 and 30 days before."),
)
class Agreement(StationRow, table=True):
    """A signed paper between us; in force from its start through its last day, or the day of its termination."""

    __table_args__ = (
        unique("ux_agreement_number", "number"),
        Index("ix_agreement_force", "state", "starts", "ends"),
        Index("ix_agreement_organisation_signed", "organisation_id", "signed_on"),
    )
    organisation_id: Annotated[int, Ui("合作单位", "Organisation", LIST | SEARCH)] = Field(
        foreign_key="organisation.id"
    )
    number: Annotated[str | None, Ui("协议编号", "Number", LIST | SEARCH)] = Field(default=None, max_length=40)
    kind: Annotated[AgreementKind, Ui("种类", "Kind", LIST | FILTER)] = Field(
        default=AgreementKind.FRAMEWORK, sa_type=Word
    )
    signed_on: Annotated[date, Ui("签署日期", "Signed on", LIST | FILTER)] = Field()
    starts: Annotated[date, Ui("生效日期", "Starts", LIST)] = Field()
    ends: Annotated[date, Ui("到期日期", "Ends", LIST | FILTER, help=L("当天仍有效", "In force through this day"))] = (
        Field(index=True)
    )
    amount: Annotated[Decimal | None, Ui("金额（元）", "Amount (CNY)", LIST)] = Field(
        default=None, sa_type=Amount, ge=0, le=99999999999.99
    )
    scope: Annotated[str, Ui("合作内容", "Scope", LONG)] = Field(default="", max_length=2000)
    state: Annotated[AgreementState, Ui("状态", "State", LIST | FILTER)] = Field(
        default=AgreementState.SIGNED, sa_type=Word
    )
    terminated_on: Annotated[
        date | None,
        Ui(
            "终止日期",
            "Terminated on",
            LIST,
            help=L(
                "提前终止的最后有效日；已签署的改为已终止时不填即今天，直接录入已终止的不填视为从未生效",
                "The last day in force. Left empty: today where a signed one is terminated, never in force where it is"
                " entered as terminated",
            ),
        ),
    ] = None
    renewal_of_id: Annotated[int | None, Ui("续签自", "Renewal of")] = Field(default=None, foreign_key="agreement.id")

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """A terminated agreement ended on a day of its term that is not still to come."""
        starts, ends, ended = (values.get(name) for name in ("starts", "ends", "terminated_on"))
        errors = in_order(values, "starts", "ends")
        if ended and values.get("state") != AgreementState.TERMINATED:
            return errors | {"terminated_on": "state_and_day"}
        if ended and starts and ends and not starts <= ended <= ends:
            errors |= {"terminated_on": "outside_term"}
        return errors | past(values, today, "terminated_on")


@record(
    "阶段变更",
    "Stage change",
    area="partners",
    icon="timeline",
    title="id",
    sort="-changed_on",
    menu=0,
)
class StageChange(StationRow, table=True):
    """One step of an organisation through the stages; a step back has its reason."""

    organisation_id: Annotated[int, Ui("合作单位", "Organisation", LIST | SEARCH)] = Field(
        foreign_key="organisation.id", index=True
    )
    before: Annotated[Stage, Ui("原阶段", "From", LIST | FIXED)] = Field(sa_type=Word)
    after: Annotated[Stage, Ui("新阶段", "To", LIST | FIXED)] = Field(sa_type=Word)
    changed_on: Annotated[date, Ui("日期", "On", LIST | FIXED)] = Field()
    reason: Annotated[str, Ui("理由", "Reason", LIST | FIXED)] = Field(default="", max_length=500)


def _of_kind(query: Select[Any], kinds: list[str] | None, levels: list[str] | None) -> Select[Any]:
    if kinds:
        query = query.where(col(Organisation.kind).in_(kinds))
    return query.where(col(Organisation.level).in_(levels)) if levels else query


@measure("organisation.in_force")
def organisations_in_force(kinds: list[str] | None = None, levels: list[str] | None = None) -> Select[Any]:
    """Organisations with a signed agreement in force on some day of the period; one that was terminated, through that
    day, and without it never."""
    query = facts(
        Agreement.starts,
        Agreement.id,
        until=func.coalesce(Agreement.terminated_on, Agreement.ends),
        station=Agreement.unit_id,
        who=Agreement.organisation_id,
        record="agreement",
    ).join_from(Agreement, Organisation, col(Agreement.organisation_id) == Organisation.id)
    was_signed = or_(col(Agreement.state) == AgreementState.SIGNED, col(Agreement.terminated_on).is_not(None))
    return _of_kind(query.where(was_signed), kinds, levels)


@measure("organisation.first_signed")
def organisations_first_signed(for_department: bool = False) -> Select[Any]:
    """Organisations on the day of their first agreement ever; a later one does not count again."""
    first = (
        select(col(Agreement.organisation_id).label("organisation_id"), func.min(Agreement.signed_on).label("day"))
        .where(col(Agreement.state) != AgreementState.DRAFT)
        .group_by(col(Agreement.organisation_id))
        .subquery()
    )
    query = facts(first.c.day, Organisation.id, station=Organisation.unit_id).join_from(
        Organisation, first, first.c.organisation_id == Organisation.id
    )
    return query.where(col(Organisation.department) != "") if for_department else query
