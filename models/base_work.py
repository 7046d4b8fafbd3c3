"""The two bases day by day, and the full-time staff with their qualifications (source 000 §三.5, §三.8 and §四)."""

from datetime import date
from typing import Annotated, Any

from sqlalchemy import Index, Select
from sqlmodel import Field, col, func

from models.base import DOER, FILTER, FIXED, LIST, LONG, NAME, SEARCH, Choice, StationRow, Ui, record, unique
from models.checks import in_order, past
from models.measures import earlier, facts, later, measure
from models.people import Education
from models.training import Base
from models.types import Word
from models.words import L


@record(
    "基地管理日志",
    "Base duty log",
    area="training",
    menu=6,
    icon="event_note",
    title="on_duty",
    sort="-logged_on",
    keys=(("base", "logged_on", "on_duty"),),
    days=("logged_on",),
    about=L("基地每天的值班与管理；08.2 每月至少一条。", "Duty and upkeep of the bases; 08.2 needs one every month."),
)
class BaseDutyLog(StationRow, table=True):
    """A day's entry in the log of a base."""

    __table_args__ = (Index("ix_base_duty_log_fact", "base", "logged_on"),)
    base: Annotated[Base, Ui("基地", "Base", LIST | FILTER)] = Field(default=Base.EMERGENCY_BASE, sa_type=Word)
    logged_on: Annotated[date, Ui("日期", "Date", LIST | FILTER)] = Field()
    on_duty: Annotated[str, Ui("值班人", "On duty", LIST | SEARCH | NAME | DOER)] = Field(min_length=1, max_length=60)
    visitors: Annotated[int | None, Ui("接待人数", "Visitors", LIST)] = Field(default=None, ge=0, le=100_000)
    equipment_checked: Annotated[bool, Ui("教具已检查", "Equipment checked", LIST | FILTER)] = False
    entry: Annotated[str, Ui("工作内容", "Entry", LIST | SEARCH | LONG)] = Field(min_length=1, max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "logged_on")


class StaffRole(Choice):
    SOCIAL_WORKER = "social_worker", "社会工作者", "Social worker"
    STATION_HEAD = "station_head", "站长", "Station head"
    PROJECT_MANAGER = "project_manager", "项目主管", "Project manager"
    OUTREACH = "outreach", "对外联络", "Outreach"
    BASE_MANAGER = "base_manager", "基地管理", "Base manager"
    STEWARD = "health_steward", "健康管家", "Health steward"
    OTHER = "other", "其他", "Other"


STAFF = ("name", "id_type", "id_number", "gender", "birth_date", "phone")


@record(
    "专职人员",
    "Staff member",
    area="contract",
    menu=6,
    icon="badge",
    title="name",
    sort="-hired_on",
    keys=(("id_number",), ("name", "phone"), ("name", "birth_date")),
    role_fields=STAFF,
    days=("hired_on",),
    until="left_on",
    about=L("在岗人员；持有效资质的计入 10.1。", "People in post; those with a valid qualification count in 10.1."),
)
class StaffMember(StationRow, table=True):
    """A person in post, from the day of hiring through the day of leaving."""

    __table_args__ = (unique("ux_staff_member_person", "person_id"),)
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    role: Annotated[StaffRole, Ui("岗位", "Role", LIST | FILTER)] = Field(default=StaffRole.SOCIAL_WORKER, sa_type=Word)
    full_time: Annotated[bool, Ui("专职", "Full-time", LIST | FILTER)] = True
    education: Annotated[Education | None, Ui("学历", "Diploma", LIST)] = Field(default=None, sa_type=Word)
    major: Annotated[str, Ui("专业", "Major", LIST)] = Field(default="", max_length=60)
    hired_on: Annotated[date, Ui("入职日期", "Hired on", LIST | FILTER)] = Field()
    left_on: Annotated[
        date | None,
        Ui(
            "离职日期", "Left on", LIST | FILTER,
            help=L(
                "当天仍算在岗；一人一条记录，重新入职的在页面上改原来那条",
                "In post through this day; one record each: who comes back is changed on the page of it",
            ),
        ),
    ] = None  # fmt: skip

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return in_order(values, "hired_on", "left_on")


class QualificationKind(Choice):
    NATIONAL = "national_certificate", "全国社会工作者职业资格", "National social-work certificate"
    LOCAL = "local_certificate", "地方社工证", "Local social-work certificate"
    OUTREACH = "outreach", "对外联络专业资质", "Outreach qualification"
    TRAINING = "training", "专业培训", "Training"
    MEDICAL = "medical", "医护执业资格", "Medical or nursing licence"
    OTHER = "other", "其他", "Other"


PROFESSIONAL = (QualificationKind.NATIONAL, QualificationKind.LOCAL, QualificationKind.OUTREACH)


@record(
    "人员资质",
    "Staff qualification",
    area="contract",
    menu=7,
    icon="school",
    title="number",
    sort="expires_on",
    keys=(("number",), ("staff_member_id", "kind", "issued_on")),
    days=("issued_on",),
    until="expires_on",
    about=L("专职人员的证书与培训学时。", "Certificates and training hours of the staff."),
)
class StaffQualification(StationRow, table=True):
    """A certificate or a training of a staff member."""

    __table_args__ = (
        unique("ux_staff_qualification_number", "number"),
        Index("ix_staff_qualification_member", "staff_member_id", "kind"),
    )
    staff_member_id: Annotated[int, Ui("专职人员", "Staff member", LIST | SEARCH)] = Field(
        foreign_key="staff_member.id"
    )
    kind: Annotated[QualificationKind, Ui("种类", "Kind", LIST | FILTER)] = Field(sa_type=Word)
    number: Annotated[str | None, Ui("证书编号", "Number", LIST | SEARCH)] = Field(default=None, max_length=40)
    issuer: Annotated[str, Ui("发证 / 举办单位", "Issuer", LIST)] = Field(default="", max_length=80)
    issued_on: Annotated[date, Ui("取得日期", "Issued on", LIST | FILTER)] = Field()
    expires_on: Annotated[
        date | None,
        Ui(
            "有效期至",
            "Valid until",
            LIST | FILTER,
            help=L("当天仍有效；长期有效留空", "Valid through this day; empty: no end"),
        ),
    ] = None
    training_hours: Annotated[float | None, Ui("培训学时", "Training hours", LIST)] = Field(
        default=None, ge=0, le=10_000
    )

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "issued_on") or in_order(values, "issued_on", "expires_on")


@measure("base_duty_log.kept")
def log_kept(bases: list[str] | None = None) -> Select[Any]:
    """Entries of the bases' logs, on their day."""
    query = facts(BaseDutyLog.logged_on, BaseDutyLog.id, station=BaseDutyLog.unit_id)
    return query.where(col(BaseDutyLog.base).in_(bases)) if bases else query


@measure("staff_member.qualified")
def staff_qualified() -> Select[Any]:
    """Full-time staff while they are in post and hold a qualification in outreach or social work."""
    return (
        facts(
            later(StaffMember.hired_on, StaffQualification.issued_on),
            StaffMember.id,
            until=earlier(
                func.coalesce(StaffMember.left_on, date.max), func.coalesce(StaffQualification.expires_on, date.max)
            ),
            station=StaffMember.unit_id,
            worker=StaffMember.id,
            who=StaffMember.person_id,
        )
        .join_from(StaffMember, StaffQualification, col(StaffQualification.staff_member_id) == StaffMember.id)
        .where(col(StaffMember.full_time), col(StaffQualification.kind).in_(PROFESSIONAL))
    )
