"""Volunteers at work: posts, shifts, who signed up, hours, stars, insurance, corrections, proofs (M67 art. 5-17; rules.md §1)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Index, Select, text
from sqlmodel import Field, col

from models import spans
from models.base import (
    FILTER,
    FIXED,
    LIST,
    LONG,
    NAME,
    SEARCH,
    Choice,
    Record,
    StationRow,
    Table,
    Ui,
    now,
    record,
    unique,
)
from models.checks import in_order, past
from models.measures import facts, measure
from models.people import CredentialKind
from models.types import Amount, Codes, Json, UtcDateTime, Word
from models.words import L

WHAT, GATE, WHEN, SEATS = (
    L("岗位内容", "The work"),
    L("上岗条件", "Who may take it"),
    L("时间地点", "When and where"),
    L("人数与报名", "People and sign-up"),
)


@record(
    "服务岗位",
    "Service post",
    area="volunteers",
    menu=7,
    icon="badge",
    title="name",
    sort="code",
    keys=(("code",), ("name",)),
    about=L("做什么、要什么培训或资质、有什么风险。", "What is done, which training it asks for, what the risks are."),
)
class ServicePost(Record, table=True):
    """A kind of work for volunteers, with the credentials that it cannot do without."""

    __table_args__ = (unique("ux_service_post_code", "code"),)
    code: Annotated[str, Ui("岗位代码", "Code", LIST | SEARCH, group=WHAT)] = Field(min_length=1, max_length=40)
    name: Annotated[str, Ui("岗位名称", "Name", LIST | SEARCH, group=WHAT)] = Field(min_length=1, max_length=60)
    form: Annotated[str, Ui("服务形式", "Form of service", LIST | FILTER, group=WHAT, options="service_categories")] = (
        Field(max_length=40)
    )
    content: Annotated[str, Ui("服务内容", "What is done", LONG, group=WHAT)] = Field(default="", max_length=500)
    credentials: Annotated[
        list[CredentialKind],
        Ui(
            "必须持有", "Required, all of",
            LIST, group=GATE, help=L("缺一项或已过期都不能报名", "One missing or expired, and nobody signs up"),
        ),
    ] = Field(default_factory=list, sa_type=Codes)  # fmt: skip
    either: Annotated[
        list[CredentialKind],
        Ui(
            "持有其一即可",
            "Required, one of",
            LIST,
            group=GATE,
            help=L("有任意一项有效即可", "Any one of them will do"),
        ),
    ] = Field(default_factory=list, sa_type=Codes)
    needs_insurance: Annotated[
        bool,
        Ui("须有意外险", "Accident insurance needed", LIST, group=GATE, help=L("条例第十六条", "Regulation, art. 16")),
    ] = False
    risk_note: Annotated[str, Ui("风险告知", "Risks told", LONG, group=GATE)] = Field(default="", max_length=500)
    active: Annotated[bool, Ui("在用", "In use", LIST | FILTER)] = True


class ShiftState(Choice):
    OPEN = "open", "招募中", "Open"
    DONE = "done", "已完成", "Done"
    CANCELLED = "cancelled", "已取消", "Cancelled"


LONGEST_SHIFT = timedelta(hours=16)


@record(
    "服务班次",
    "Service shift",
    area="volunteers",
    menu=3,
    icon="calendar_clock",
    title="title",
    sort="-starts",
    keys=(("title", "starts"),),
    about=L("一个岗位的一次服务：何时、几人、谁负责。", "One service at a post: when, how many, who is in charge."),
)
class ServiceShift(StationRow, table=True):
    """One turn of service at a post, within one day; seats are counted from its sign-ups."""

    __table_args__ = (Index("ix_service_shift_state_starts", "state", "deleted_at", "starts"),)
    post_id: Annotated[int, Ui("服务岗位", "Post", LIST | FILTER, group=WHEN)] = Field(
        foreign_key="service_post.id", index=True
    )
    title: Annotated[
        str,
        Ui("活动名称", "Title", LIST | SEARCH, group=WHEN, help=L("留空用岗位名称", "Empty: as the post is called")),
    ] = Field(default="", max_length=80)
    starts: Annotated[datetime, Ui("开始时间", "Starts", LIST | FILTER, group=WHEN)] = Field(
        sa_type=UtcDateTime, index=True
    )
    ends: Annotated[datetime, Ui("结束时间", "Ends", LIST, group=WHEN)] = Field(sa_type=UtcDateTime)
    place: Annotated[str, Ui("地点", "Place", LIST | SEARCH, group=WHEN)] = Field(default="", max_length=80)
    in_charge: Annotated[str, Ui("负责人", "Person in charge", LIST | SEARCH, group=WHEN)] = Field(
        default="", max_length=60
    )
    team_id: Annotated[int | None, Ui("志愿服务队", "Team", group=WHEN)] = Field(
        default=None, foreign_key="volunteer_team.id", index=True
    )
    minimum: Annotated[int, Ui("至少几人", "At least", LIST, group=SEATS)] = Field(default=1, ge=0, le=500)
    capacity: Annotated[int, Ui("最多几人", "At most", LIST, group=SEATS)] = Field(default=4, ge=1, le=500)
    signup_until: Annotated[
        datetime | None, Ui("报名截止", "Sign-up until", group=SEATS, help=L("留空为开始时", "Empty: its start"))
    ] = Field(default=None, sa_type=UtcDateTime)
    withdraw_until: Annotated[
        datetime | None,
        Ui(
            "退出截止",
            "Withdrawal until",
            group=SEATS,
            help=L("留空为开始前 24 小时", "Empty: 24 hours before the start"),
        ),
    ] = Field(default=None, sa_type=UtcDateTime)
    risk_note: Annotated[
        str, Ui("风险告知", "Risks told", LONG, group=SEATS, help=L("留空用岗位的告知", "Empty: as told of the post"))
    ] = Field(default="", max_length=500)
    state: Annotated[ShiftState, Ui("状态", "State", LIST | FILTER | FIXED)] = Field(
        default=ShiftState.OPEN, sa_type=Word
    )
    record_by: Annotated[date | None, Ui("记录期限", "Record by", FIXED)] = None

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        starts, ends = values.get("starts"), values.get("ends")
        if starts and ends and ends <= starts:
            return {"ends": "ends_before_start"}
        if starts and ends and ends - starts > LONGEST_SHIFT:
            return {"ends": "span_too_long"}
        if (values.get("minimum") or 0) > (values.get("capacity") or 0):
            return {"minimum": "above_capacity"}
        late = (f for f in ("signup_until", "withdraw_until") if starts and values.get(f) and values[f] > starts)
        return dict.fromkeys(late, "after_start")


@record(
    "班次角色",
    "Shift role",
    area="volunteers",
    menu=9,
    icon="assignment_ind",
    title="name",
    sort="id",
    keys=(("shift_id", "name"),),
    about=L("班次里留给某种角色或持证者的名额。", "Seats of a shift that are kept for a role or a credential."),
)
class ShiftSlot(StationRow, table=True):
    """Of a shift's seats those that only somebody with a credential may take."""

    __table_args__ = (unique("ux_shift_slot", "shift_id", "name"),)
    shift_id: Annotated[int, Ui("服务班次", "Shift", LIST)] = Field(foreign_key="service_shift.id", index=True)
    name: Annotated[str, Ui("角色", "Role", LIST | SEARCH)] = Field(min_length=1, max_length=40)
    credential: Annotated[CredentialKind | None, Ui("须持证书", "Credential", LIST | FILTER)] = Field(
        default=None, sa_type=Word
    )
    minimum: Annotated[int, Ui("至少几人", "At least", LIST)] = Field(default=1, ge=0, le=100)
    maximum: Annotated[int, Ui("最多几人", "At most", LIST)] = Field(default=1, ge=1, le=100)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return {"minimum": "above_capacity"} if (values.get("minimum") or 0) > (values.get("maximum") or 0) else {}


class SignupState(Choice):
    SIGNED = "signed", "已报名", "Signed up"
    SERVED = "served", "已到岗", "Served"
    NO_SHOW = "no_show", "未到", "No-show"
    WITHDRAWN = "withdrawn", "已退出", "Withdrawn"


class SignupSource(Choice):
    STAFF = "staff", "工作人员", "Staff"
    SELF = "self", "本人", "The volunteer"


@record(
    "班次报名",
    "Shift sign-up",
    area="volunteers",
    menu=9,
    icon="how_to_reg",
    title="id",
    sort="-id",
    keys=(("shift_id", "volunteer_id"),),
    about=L("谁报了哪一班，到了没有。", "Who signed up for which shift, and whether they came."),
)
class ShiftSignup(StationRow, table=True):
    """A volunteer's place in a shift."""

    __table_args__ = (
        unique("ux_shift_signup", "shift_id", "volunteer_id"),
        Index("ix_shift_signup_volunteer_state", "volunteer_id", "state"),
        Index("ix_shift_signup_shift_state", "shift_id", "state"),
    )
    shift_id: Annotated[int, Ui("服务班次", "Shift", LIST | SEARCH)] = Field(foreign_key="service_shift.id")
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST | SEARCH)] = Field(foreign_key="volunteer.id")
    slot_id: Annotated[int | None, Ui("角色", "Role", LIST)] = Field(
        default=None, foreign_key="shift_slot.id", index=True
    )
    state: Annotated[SignupState, Ui("状态", "State", LIST | FILTER | FIXED)] = Field(
        default=SignupState.SIGNED, sa_type=Word
    )
    source: Annotated[SignupSource, Ui("来源", "Source", LIST | FIXED)] = Field(
        default=SignupSource.STAFF, sa_type=Word
    )
    withdrawn_at: Annotated[datetime | None, Ui("退出时间", "Withdrawn at", FIXED)] = Field(
        default=None, sa_type=UtcDateTime
    )
    note: Annotated[
        str, Ui("移出或未到的理由", "Why taken off or absent", FIXED, help=L("本人会看到", "The volunteer reads it"))
    ] = Field(default="", max_length=200)


class HoursState(Choice):
    """As the national system has them (rules.md §1); deleted is the bin."""

    PENDING = "pending", "待确认", "Pending"
    OPEN = "open", "未签退", "Signed in"
    EFFECTIVE = "effective", "已生效", "Effective"
    REJECTED = "rejected", "已拒绝", "Rejected"
    VOID = "void", "未生效", "Not effective"


class HoursSource(Choice):
    GROUP = "group", "工作人员录入", "Entered by staff"
    CLAIM = "claim", "本人申请", "Claimed"
    CHECK_IN = "check_in", "签到", "Check-in"
    DEPLOYMENT = "deployment", "应急出动", "Deployment"


class Quality(Choice):
    EXCELLENT = "excellent", "优秀", "Excellent"
    GOOD = "good", "良好", "Good"
    FAIR = "fair", "合格", "Fair"


@record(
    "服务时长",
    "Hours entry",
    area="volunteers",
    menu=3,
    icon="schedule",
    title="activity",
    sort="-served_on",
    keys=(("volunteer_id", "shift_id"), ("volunteer_id", "served_on", "times")),
    extra={"also": ("entered_by", "signed_in_at")},
    days=("served_on",),
    about=L(
        "每人每天每项活动一条；由另一人确认后生效。",
        "One a person, day and activity; effective once somebody else confirms.",
    ),
)
class ServiceHours(StationRow, table=True):
    """What a volunteer gave on one day in one activity (M67 art. 7); hours are the sum of its times."""

    __table_args__ = (
        unique("ux_service_hours_shift", "volunteer_id", "shift_id"),
        Index(
            "ux_service_hours_open", "volunteer_id", unique=True,
            sqlite_where=text("signed_in_at IS NOT NULL AND deleted_at IS NULL"),
            postgresql_where=text("signed_in_at IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index("ix_service_hours_volunteer_day", "volunteer_id", "served_on", "state"),
        Index("ix_service_hours_state_due", "state", "deleted_at", "record_by"),
    )  # fmt: skip
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST | SEARCH)] = Field(foreign_key="volunteer.id")
    shift_id: Annotated[int | None, Ui("服务班次", "Shift")] = Field(
        default=None, foreign_key="service_shift.id", index=True
    )
    deployment_id: Annotated[int | None, Ui("出队记录", "Deployment", FIXED)] = Field(
        default=None, foreign_key="deployment.id", index=True
    )
    activity: Annotated[
        str,
        Ui("活动名称", "Activity", LIST | SEARCH, help=L("选了班次可留空", "May stay empty where a shift is named")),
    ] = Field(default="", max_length=80)
    served_on: Annotated[
        date | None, Ui("服务日期", "Served on", LIST | FILTER, help=L("选了班次可留空", "May stay empty with a shift"))
    ] = Field(default=None, index=True)
    times: Annotated[
        str,
        Ui(
            "起止时间", "Times", LIST, help=L("如 08:30-11:10，最多 10 段，用空格隔开", "08:30-11:10, up to 10 of them")
        ),
    ] = Field(min_length=1, max_length=200)
    minutes: Annotated[int, Ui("分钟", "Minutes", FIXED)] = Field(default=0, ge=0)
    hours: Annotated[Decimal, Ui("时长（小时）", "Hours", LIST | FIXED)] = Field(default=Decimal(0), sa_type=Amount)
    content: Annotated[str, Ui("服务内容", "What was done", LONG)] = Field(default="", max_length=500)
    place: Annotated[str, Ui("地点", "Place")] = Field(default="", max_length=80)
    in_charge: Annotated[str, Ui("负责人", "Person in charge")] = Field(default="", max_length=60)
    quality: Annotated[Quality | None, Ui("服务评价", "Quality", FILTER)] = Field(default=None, sa_type=Word)
    source: Annotated[HoursSource, Ui("来源", "Source", LIST | FILTER | FIXED)] = Field(
        default=HoursSource.GROUP, sa_type=Word
    )
    state: Annotated[HoursState, Ui("状态", "State", LIST | FILTER | FIXED)] = Field(
        default=HoursState.PENDING, sa_type=Word
    )
    review_level: Annotated[int, Ui("复核级别", "Review level", FIXED)] = 0
    is_short: Annotated[bool, Ui("在岗不足", "Presence too short", FILTER | FIXED)] = False
    is_forced: Annotated[bool, Ui("系统代签退", "Closed by force", FILTER | FIXED)] = False
    record_by: Annotated[date | None, Ui("记录期限", "Record by", FIXED)] = None
    entered_name: Annotated[str, Ui("录入人", "Entered by", FIXED)] = Field(default="", max_length=60)
    confirmed_name: Annotated[str, Ui("确认人", "Confirmed by", FIXED)] = Field(default="", max_length=60)
    confirmed_on: Annotated[date | None, Ui("确认日期", "Confirmed on", FIXED)] = None
    decision: Annotated[str, Ui("确认说明", "Decision", FIXED)] = Field(default="", max_length=200)
    entered_by: int | None = None
    signed_in_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """Times of one day in order, none twice; the day has come (rules.md §1, hour-entry rules)."""
        errors = past(values, today, "served_on")
        if not values.get("shift_id"):
            errors |= {name: "required" for name in ("activity", "served_on") if not values.get(name)}
        if values.get("times") and values.get("state") != HoursState.OPEN:
            try:
                found = spans.parse(values["times"])
            except spans.BadSpans as error:
                return errors | {"times": error.code}
            values["times"], values["minutes"] = spans.written(found), spans.minutes(found)
        return errors


class StarState(Choice):
    APPLIED = "applied", "待评定", "Applied for"
    AWARDED = "awarded", "已授予", "Awarded"
    REFUSED = "refused", "未授予", "Refused"


@record(
    "星级评定",
    "Star award",
    area="volunteers",
    menu=6,
    icon="star",
    title="id",
    sort="-applied_on",
    keys=(("volunteer_id", "level"),),
    extra={"also": ("applied_by",)},
    about=L("申请、由人评定；门槛在设置里。", "Applied for and awarded by a person; thresholds are settings."),
)
class StarAward(StationRow, table=True):
    """Stars for hours and quality (M67 art. 10), awarded on application."""

    __table_args__ = (
        Index(
            "ux_star_award", "volunteer_id", "level", unique=True,
            sqlite_where=text("deleted_at IS NULL AND state <> 'refused'"),
            postgresql_where=text("deleted_at IS NULL AND state <> 'refused'"),
        ),
    )  # fmt: skip
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST | SEARCH)] = Field(
        foreign_key="volunteer.id", index=True
    )
    level: Annotated[int, Ui("星级", "Stars", LIST)] = Field(ge=1, le=5)
    reason: Annotated[
        str,
        Ui(
            "理由",
            "Reason",
            LONG,
            help=L("时长未达门槛时必须写明", "Needed where the hours do not reach the threshold"),
        ),
    ] = Field(default="", max_length=300)
    applied_on: Annotated[date | None, Ui("申请日期", "Applied on", LIST | FIXED)] = None
    state: Annotated[StarState, Ui("状态", "State", LIST | FILTER | FIXED)] = Field(
        default=StarState.APPLIED, sa_type=Word
    )
    hours: Annotated[Decimal, Ui("当时累计时长", "Hours then", LIST | FIXED)] = Field(
        default=Decimal(0), sa_type=Amount
    )
    is_manual: Annotated[bool, Ui("人工破格", "By hand", LIST | FILTER | FIXED)] = False
    decided_name: Annotated[str, Ui("评定人", "Decided by", FIXED)] = Field(default="", max_length=60)
    decided_on: Annotated[date | None, Ui("评定日期", "Decided on", LIST | FIXED)] = None
    applied_by: int | None = None


@record(
    "志愿者保险",
    "Insurance policy",
    area="volunteers",
    menu=8,
    icon="health_and_safety",
    title="policy",
    sort="-ends",
    keys=(("volunteer_id", "policy"),),
    about=L("人身意外伤害保险：保单与起止。", "Accident insurance: the policy, from when to when."),
)
class VolunteerInsurance(StationRow, table=True):
    """Who is insured by which policy (志愿服务条例 art. 16)."""

    __table_args__ = (unique("ux_volunteer_insurance", "volunteer_id", "policy"),)
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST | SEARCH)] = Field(
        foreign_key="volunteer.id", index=True
    )
    policy: Annotated[str, Ui("保单号", "Policy", LIST | SEARCH)] = Field(min_length=1, max_length=60)
    insurer: Annotated[str, Ui("承保机构", "Insurer", LIST)] = Field(default="", max_length=80)
    starts: Annotated[date, Ui("保险起期", "From", LIST)] = Field()
    ends: Annotated[date, Ui("保险止期", "Through", LIST | FILTER)] = Field(index=True)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return in_order(values, "starts", "ends")


class RequestState(Choice):
    OPEN = "open", "待处理", "Open"
    ACCEPTED = "accepted", "已更正", "Corrected"
    REFUSED = "refused", "不予更正", "Refused"


@record(
    "更正申请",
    "Correction request",
    area="volunteers",
    menu=6,
    icon="rule",
    title="asked",
    sort="-asked_on",
    keys=(("volunteer_id", "asked"),),
    about=L("志愿者请求更正自己的服务记录（67 号令第十三条）。", "A volunteer asks to correct a record (M67 art. 13)."),
)
class CorrectionRequest(StationRow, table=True):
    """Somebody asks for a correction of their record, and is answered."""

    __table_args__ = (Index("ix_correction_request_state", "state", "deleted_at", "asked_on"),)
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST | SEARCH)] = Field(
        foreign_key="volunteer.id", index=True
    )
    hours_id: Annotated[int | None, Ui("服务时长", "Service hours")] = Field(
        default=None, foreign_key="service_hours.id", index=True
    )
    asked: Annotated[str, Ui("要更正什么", "What to correct", LIST | SEARCH | LONG)] = Field(
        min_length=1, max_length=500
    )
    asked_on: Annotated[date | None, Ui("提出日期", "Asked on", LIST | FIXED)] = None
    state: Annotated[RequestState, Ui("状态", "State", LIST | FILTER | FIXED)] = Field(
        default=RequestState.OPEN, sa_type=Word
    )
    answer: Annotated[str, Ui("答复", "Answer", LIST | FIXED)] = Field(default="", max_length=500)
    answered_name: Annotated[str, Ui("答复人", "Answered by", FIXED)] = Field(default="", max_length=60)
    answered_on: Annotated[date | None, Ui("答复日期", "Answered on", LIST | FIXED)] = None


@record(
    "服务记录证明",
    "Proof of service",
    area="volunteers",
    menu=0,
    icon="verified",
    title="number",
    sort="-issued_on",
    keys=(("number",),),
    about=L("按 67 号令出具，可凭编号查验。", "Issued under decree 67; anyone can check its number."),
)
class ServiceProof(StationRow, table=True):
    """A numbered proof of service as it was issued (M67 art. 14-17); nothing of it is written anew later."""

    __table_args__ = (Index("ux_service_proof_number", "number", unique=True),)
    number: Annotated[str, Ui("证明编号", "Number", LIST | SEARCH | FIXED)] = Field(max_length=20)
    check_code: str = Field(max_length=8)
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST | FIXED)] = Field(
        foreign_key="volunteer.id", index=True
    )
    holder: Annotated[str, Ui("姓名", "Name", NAME | FIXED)] = Field(max_length=60)
    document: Annotated[str, Ui("证件", "Document", FIXED)] = Field(max_length=60)
    volunteer_number: Annotated[str, Ui("志愿者编号", "Volunteer number", FIXED)] = Field(default="", max_length=20)
    starts: Annotated[date, Ui("服务起", "From", LIST | FIXED)] = Field()
    ends: Annotated[date, Ui("服务止", "Through", LIST | FIXED)] = Field()
    hours: Annotated[Decimal, Ui("服务时长（小时）", "Hours", LIST | FIXED)] = Field(sa_type=Amount)
    lines: list[Any] = Field(default_factory=list, sa_type=Json)
    unit_name: Annotated[str, Ui("记录单位", "Recording unit", FIXED)] = Field(max_length=120)
    in_charge: Annotated[str, Ui("负责人", "Person in charge", FIXED)] = Field(max_length=60)
    contact: Annotated[str, Ui("联系电话", "Phone", FIXED)] = Field(default="", max_length=40)
    purpose: Annotated[str, Ui("用途", "Purpose", FIXED)] = Field(default="", max_length=120)
    issued_on: Annotated[date, Ui("出具日期", "Issued on", LIST | FIXED)] = Field()
    issued_name: Annotated[str, Ui("经办人", "Issued by", FIXED)] = Field(default="", max_length=60)
    revoked_on: Annotated[date | None, Ui("撤销日期", "Revoked on", LIST | FIXED)] = None
    revoke_reason: Annotated[str, Ui("撤销理由", "Reason", FIXED)] = Field(default="", max_length=200)


class VolunteerPass(Table, table=True):
    """A volunteer's one-time link, and the session that it became; of both only the hashes are kept."""

    id: int | None = Field(default=None, primary_key=True)
    volunteer_id: int = Field(foreign_key="volunteer.id", index=True)
    link_hash: str = Field(max_length=64, unique=True)
    session_hash: str | None = Field(default=None, max_length=64, unique=True)
    made_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    made_by: int | None = None
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


@measure("service_hours.effective")
def hours_effective() -> Select[Any]:
    """Entries of service that took effect (人次), on the day of service; distinct volunteers are counted once."""
    return facts(
        ServiceHours.served_on, ServiceHours.id, station=ServiceHours.unit_id, who=ServiceHours.volunteer_id
    ).where(col(ServiceHours.state) == HoursState.EFFECTIVE)
