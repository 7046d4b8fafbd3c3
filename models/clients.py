"""Clients and what is done for them: visit assistance, green channels, follow-up (source 000 §三.3 and §三.6)."""

from datetime import date
from typing import Annotated, Any, ClassVar

from sqlalchemy import Index, Select
from sqlmodel import Field, col

from models.base import DOER, FILTER, FIXED, LIST, LONG, SEARCH, Choice, StationRow, Ui, record, unique
from models.checks import happened, in_order, past
from models.measures import facts, measure
from models.people import CONSENT, GUARDIAN, age_on
from models.types import Codes, Encrypted, Phone, Word
from models.words import L


class ClientKind(Choice):
    PATIENT = "patient", "患者", "Patient"
    FAMILY = "family", "家属", "Family member"
    RESIDENT = "resident", "社区居民", "Resident"
    ELDER = "elder", "老年人", "Elder"
    CHILD = "child", "儿童", "Child"
    PREGNANT = "pregnant", "孕产妇", "Pregnant woman"
    OTHER = "other", "其他", "Other"


class KeyGroup(Choice):
    HARDSHIP = "extreme_hardship", "特困人员", "Extreme hardship"
    ALLOWANCE = "subsistence_allowance", "低保对象", "Subsistence allowance"
    LONELY = "lonely", "孤寡", "Without family"
    ALONE = "living_alone", "独居", "Living alone"
    EMPTY_NEST = "empty_nest", "空巢", "Empty nest"
    LEFT_BEHIND = "left_behind", "留守", "Left behind"
    DISABLED_ELDER = "incapacitated", "失能", "Incapacitated"
    AT_RISK_CHILD = "at_risk_child", "困境儿童", "At-risk child"
    DISABLED = "disabled", "残疾人", "Disabled"


class ClientSource(Choice):
    CLINIC = "clinic", "门诊", "Outpatient clinic"
    WARD = "ward", "病房转介", "Ward"
    COMMUNITY = "community", "社区", "Community"
    WECHAT = "wechat", "微信社群", "WeChat group"
    PARTNER = "partner", "合作单位", "Partner"
    SELF = "self", "本人求助", "Asked for help"
    OTHER = "other", "其他", "Other"


CLIENT = ("name", "id_type", "id_number", "gender", "birth_date", "phone", "region", "address", "wechat")
FILE = L("服务档案", "File")


@record(
    "服务对象",
    "Client",
    area="services",
    menu=1,
    icon="personal_injury",
    title="name",
    sort="-id",
    keys=(("number",), ("id_number",), ("name", "phone"), ("name", "birth_date")),
    role_fields=CLIENT,
    about=L("患者、家属、居民等我们服务的人；一人一档。", "Patients, families, residents: one file each."),
)
class Client(StationRow, table=True):
    """A person whom we serve."""

    __table_args__ = (
        unique("ux_client_person", "person_id"),
        unique("ux_client_number", "number"),
        Index("ix_client_opened", "opened_on"),
    )
    GUARDED_AGE: ClassVar[int] = 14
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    number: Annotated[
        str | None,
        Ui(
            "档案编号", "File number", LIST | SEARCH, group=FILE,
            help=L("本单位的编号；导入其他表时可凭它指认", "Your own number; other sheets may name the client by it"),
        ),
    ] = Field(default=None, max_length=40)  # fmt: skip
    kind: Annotated[ClientKind, Ui("类别", "Kind", LIST | FILTER, group=FILE)] = Field(
        default=ClientKind.PATIENT, sa_type=Word
    )
    key_groups: Annotated[list[KeyGroup], Ui("重点人群", "Key groups", LIST | FILTER, group=FILE)] = Field(
        default_factory=list, sa_type=Codes
    )
    department_id: Annotated[int | None, Ui("就诊科室", "Department", LIST | FILTER, group=FILE)] = Field(
        default=None, foreign_key="department.id", index=True
    )
    source: Annotated[ClientSource, Ui("来源", "Source", FILTER, group=FILE)] = Field(
        default=ClientSource.CLINIC, sa_type=Word
    )
    opened_on: Annotated[date | None, Ui("建档日期", "File opened on", LIST | FILTER, group=FILE)] = None
    guardian_name: Annotated[
        str, Ui("监护人", "Guardian", group=GUARDIAN, help=L("未满 14 周岁必填", "Required under 14"))
    ] = Field(default="", max_length=60)
    guardian_phone: Annotated[Phone | None, Ui("监护人电话", "Guardian's phone", group=GUARDIAN)] = Field(
        default=None, sa_type=Encrypted, max_length=24
    )
    consent: Annotated[
        bool,
        Ui(
            "知情同意", "Consent given", LIST | FILTER, group=CONSENT,
            help=L("已告知用途并取得同意", "Told what the data is for, and agreed"),
        ),
    ] = False  # fmt: skip
    consent_scope: Annotated[str, Ui("同意范围", "Scope of consent", group=CONSENT)] = Field(default="", max_length=200)
    consent_on: Annotated[date | None, Ui("同意日期", "Consent on", group=CONSENT)] = None

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """A child under 14 has a guardian (PIPL art. 31); a file is opened when it is entered, if nobody says else."""
        values["opened_on"] = values.get("opened_on") or today
        errors = past(values, today, "opened_on", "consent_on")
        born = values.get("birth_date")
        if born and age_on(born, today) < cls.GUARDED_AGE and not values.get("guardian_name"):
            errors["guardian_name"] = "guardian_of_child"
        return errors


class AssistanceKind(Choice):
    APPOINTMENT = "appointment", "预约挂号", "Appointment"
    EXAMINATION = "examination_booking", "检查预约", "Examination booking"
    ESCORT = "escort", "陪诊", "Escort"
    ADMISSION = "admission", "入院协助", "Admission"
    DISCHARGE = "discharge_followup", "出院跟进", "Discharge follow-up"
    PAPERWORK = "paperwork", "代办手续", "Paperwork on behalf"
    EMERGENCY = "emergency_help", "紧急求助", "Emergency help"
    GREEN_CHANNEL = "green_channel", "绿色就医通道", "Green channel"
    OTHER = "other", "其他", "Other"


class AssistanceState(Choice):
    REQUESTED = "requested", "已申请", "Requested"
    ACCEPTED = "accepted", "已受理", "Accepted"
    SERVED = "served", "已完成", "Served"
    OPENED = "opened", "已开通", "Opened"
    FAILED = "failed", "未成功", "Failed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


DONE = (AssistanceState.SERVED, AssistanceState.OPENED)


class Place(Choice):
    HOSPITAL = "hospital", "院内", "In hospital"
    COMMUNITY = "community", "社区", "In a community"
    REMOTE = "remote", "线上 / 电话", "Online or by phone"


REQUEST, RESULT = L("需求", "Request"), L("办理结果", "Result")


@record(
    "就医协助",
    "Assistance service",
    area="services",
    menu=2,
    icon="assist_walker",
    title="number",
    sort="-requested_on",
    keys=(("number",), ("client_id", "kind", "requested_on")),
    days=("served_on",),
    about=L(
        "挂号、检查、陪诊、入院、代办和绿色通道；完成后计入 03.1，绿色通道计入 06.6。",
        "Appointments, examinations, escorts, paperwork, green channels; count in 03.1 and 06.6 when done.",
    ),
)
class AssistanceService(StationRow, table=True):
    """Something done for a client on the way through the hospital; a green channel ends as opened, others as served."""

    __table_args__ = (
        unique("ux_assistance_service_number", "number"),
        Index("ix_assistance_service_fact", "state", "served_on", "client_id"),
        Index("ix_assistance_service_kind", "kind", "state", "served_on"),
        Index("ix_assistance_service_requested", "requested_on", "id"),
    )
    number: Annotated[str | None, Ui("单号", "Number", LIST | SEARCH, group=REQUEST)] = Field(
        default=None, max_length=40
    )
    client_id: Annotated[int, Ui("服务对象", "Client", LIST | SEARCH, group=REQUEST)] = Field(
        foreign_key="client.id", index=True
    )
    kind: Annotated[AssistanceKind, Ui("种类", "Kind", LIST | FILTER, group=REQUEST)] = Field(sa_type=Word)
    department_id: Annotated[int | None, Ui("科室", "Department", LIST | FILTER, group=REQUEST)] = Field(
        default=None, foreign_key="department.id", index=True
    )
    place: Annotated[
        Place,
        Ui(
            "服务地点", "Place", FILTER, group=REQUEST,
            help=L("在社区完成的同时计入 06.7", "Done in a community it counts in 06.7 as well"),
        ),
    ] = Field(default=Place.HOSPITAL, sa_type=Word)  # fmt: skip
    requested_on: Annotated[date, Ui("申请日期", "Requested on", LIST | FILTER, group=REQUEST)] = Field()
    accepted_on: Annotated[date | None, Ui("受理日期", "Accepted on", group=RESULT)] = None
    served_on: Annotated[
        date | None,
        Ui(
            "服务 / 开通日期", "Served or opened on", LIST | FILTER, group=RESULT,
            help=L("按这一天计入指标", "The day on which it counts"),
        ),
    ] = None  # fmt: skip
    state: Annotated[AssistanceState, Ui("状态", "State", LIST | FILTER, group=RESULT)] = Field(sa_type=Word)
    worker: Annotated[str, Ui("经办人", "Worker", LIST | FILTER | DOER, group=RESULT)] = Field(
        default="", max_length=60
    )
    satisfaction: Annotated[int | None, Ui("满意度（1-5）", "Satisfaction (1-5)", group=RESULT)] = Field(
        default=None, ge=1, le=5
    )
    summary: Annotated[str, Ui("情况说明", "Summary", LONG, group=RESULT)] = Field(default="", max_length=1000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """A green channel is opened, everything else is served; the days follow each other."""
        state, is_green = values.get("state"), values.get("kind") == AssistanceKind.GREEN_CHANNEL
        if state in DONE and values.get("kind") and is_green != (state == AssistanceState.OPENED):
            return {"state": "state_of_kind"}
        days = past(values, today, "requested_on", "accepted_on", "served_on")
        return (
            days
            or in_order(values, "requested_on", "accepted_on", "served_on")
            or happened(values, today, "served_on", DONE)
        )


class Channel(Choice):
    PHONE = "phone", "电话", "Telephone"
    WECHAT = "wechat", "微信", "WeChat"
    SMS = "sms", "短信", "Text message"
    FACE = "face_to_face", "面访", "Face to face"


class FollowupState(Choice):
    OPEN = "open", "待随访", "Open"
    DONE = "done", "已完成", "Done"
    UNREACHED = "unreached", "未接通", "Not reached"
    LOST = "lost", "失访", "Lost to follow-up"
    CANCELLED = "cancelled", "已取消", "Cancelled"


@record(
    "随访任务",
    "Follow-up task",
    area="services",
    menu=4,
    icon="phone_in_talk",
    title="id",
    sort="-due_on",
    keys=(("client_id", "due_on", "channel"),),
    days=("done_on",),
    about=L("该随访谁、何时、什么方式、结果如何。", "Whom to follow up, when, how, and what came of it."),
)
class FollowupTask(StationRow, table=True):
    """One contact to be made with a client, and what came of it."""

    __table_args__ = (
        Index("ix_followup_task_fact", "channel", "state", "done_on"),
        Index("ix_followup_task_due", "state", "due_on"),
    )
    client_id: Annotated[int, Ui("服务对象", "Client", LIST | SEARCH)] = Field(foreign_key="client.id", index=True)
    channel: Annotated[Channel, Ui("方式", "Channel", LIST | FILTER)] = Field(default=Channel.PHONE, sa_type=Word)
    due_on: Annotated[date, Ui("应随访日期", "Due on", LIST | FILTER)] = Field()
    done_on: Annotated[date | None, Ui("完成日期", "Done on", LIST | FILTER)] = None
    state: Annotated[FollowupState, Ui("状态", "State", LIST | FILTER)] = Field(
        default=FollowupState.OPEN, sa_type=Word
    )
    worker: Annotated[str, Ui("随访人", "Worker", LIST | FILTER | DOER)] = Field(default="", max_length=60)
    outcome: Annotated[str, Ui("随访结果", "Outcome", LIST | LONG)] = Field(default="", max_length=1000)
    next_on: Annotated[date | None, Ui("下次随访", "Next on", LIST)] = None

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "done_on") or happened(values, today, "done_on", (FollowupState.DONE,))


@measure("assistance_service.completed")
def assisted() -> Select[Any]:
    """Clients with a service that was done, on its day: served, or for a green channel opened."""
    return facts(
        AssistanceService.served_on,
        AssistanceService.id,
        station=AssistanceService.unit_id,
        who=AssistanceService.client_id,
    ).where(col(AssistanceService.state).in_(DONE))


@measure("assistance_service.green_channel")
def green_channels() -> Select[Any]:
    """Green channels that were opened, on the day of opening; each case counts."""
    return facts(
        AssistanceService.served_on,
        AssistanceService.id,
        station=AssistanceService.unit_id,
        who=AssistanceService.client_id,
    ).where(
        col(AssistanceService.kind) == AssistanceKind.GREEN_CHANNEL,
        col(AssistanceService.state) == AssistanceState.OPENED,
    )


@measure("followup_task.by_phone")
def telephone_followups() -> Select[Any]:
    """Follow-ups done by telephone, on the day they were done."""
    return facts(FollowupTask.done_on, FollowupTask.id, station=FollowupTask.unit_id, who=FollowupTask.client_id).where(
        col(FollowupTask.channel) == Channel.PHONE, col(FollowupTask.state) == FollowupState.DONE
    )
