"""Training: courses, venues, instructors, sessions, who enrolled and who came (source 000 §三.5 and §三.8; rules.md §2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Index, Select, func
from sqlmodel import Field, col

from models.base import (
    ACT,
    FILTER,
    FIXED,
    LIST,
    LONG,
    SEARCH,
    Choice,
    Links,
    Record,
    Show,
    StationRow,
    Table,
    Ui,
    now,
    record,
    unique,
)  # fmt: skip
from models.measures import facts, measure
from models.people import CredentialKind
from models.types import Codes, UtcDateTime, Word
from models.words import L

EXAM = L("考核", "Assessment")
PRACTICAL_ITEMS, QUESTION_TOPICS = "practical_items", "question_topics"


class CourseKind(Choice):
    FIRST_AID = "first_aid", "应急救护", "First aid"
    CPR_AED = "cpr_aed", "CPR+AED", "CPR+AED"
    FIRST_AIDER = "first_aider", "救护员", "First-aider"
    REFRESHER = "refresher", "复训", "Refresher"
    INSTRUCTOR = "instructor", "师资", "Instructor"
    SOCIAL_WORK = "medical_social_work", "医务社工", "Medical social work"
    VOLUNTEER = "volunteer", "志愿者", "Volunteers"
    LECTURE = "lecture", "科普讲座", "Public lecture"


PAPER = L("结业与证书", "Passing and certificate")


@record(
    "课程",
    "Course",
    area="training",
    menu=3,
    icon="menu_book",
    title="name",
    sort="name",
    keys=(("code",), ("name",)),
    links=(
        Links(
            "prerequisites",
            "先修课程",
            "Prerequisites",
            via="course_prerequisite",
            here="course_id",
            there="required_id",
            to="course",
            show=Show(0),
            group=PAPER,
        ),
    ),
    about=L("开什么课：学时、人数、师资比、证书有效期。", "What is taught: hours, numbers, ratios, validity."),
)
class Course(Record, table=True):
    """A type of course; its numbers are settings of the hospital, not law."""

    __table_args__ = (unique("ux_course_code", "code"),)
    code: Annotated[str, Ui("课程代码", "Code", LIST | SEARCH)] = Field(min_length=1, max_length=40)
    name: Annotated[str, Ui("课程名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=80)
    kind: Annotated[CourseKind, Ui("类别", "Kind", LIST | FILTER)] = Field(sa_type=Word)
    hours: Annotated[float, Ui("学时", "Class hours", LIST)] = Field(default=4, gt=0, le=400)
    syllabus: Annotated[str, Ui("大纲", "Syllabus", LONG)] = Field(default="", max_length=2000)
    name_en: Annotated[str, Ui("英文名称", "English name")] = Field(default="", max_length=120)
    trainees_per_instructor: Annotated[int | None, Ui("每名讲师最多学员", "Trainees per instructor")] = Field(
        default=20, ge=1, le=500
    )
    trainees_per_manikin: Annotated[int | None, Ui("每个模拟人最多学员", "Trainees per manikin")] = Field(
        default=None, ge=1, le=500
    )
    passing_score: Annotated[
        int | None, Ui("及格分", "Passing score", group=EXAM, help=L("留空表示不考理论", "Empty: no theory exam"))
    ] = Field(default=None, ge=0, le=100)
    practical_items: Annotated[
        list[str],
        Ui("必过实操项目", "Practical items required", options=PRACTICAL_ITEMS,
           group=EXAM, help=L("留空表示不考实操", "Empty: no practical exam")),
    ] = Field(default_factory=list, sa_type=Codes)  # fmt: skip
    practical_optional: Annotated[
        list[str], Ui("选考实操项目", "Practical items not required", options=PRACTICAL_ITEMS, group=EXAM)
    ] = Field(default_factory=list, sa_type=Codes)
    attempts: Annotated[
        int, Ui("考核次数", "Attempts", group=EXAM, help=L("每项最多考几次，补考在内", "Of each exam, resits included"))
    ] = Field(default=2, ge=1, le=9)
    quiz_questions: Annotated[
        int | None,
        Ui("测验题数", "Quiz questions", group=EXAM, help=L("留空表示不开手机测验", "Empty: no quiz on the phone")),
    ] = Field(default=None, ge=1, le=30)
    quiz_minutes: Annotated[
        int | None, Ui("测验限时（分钟）", "Quiz minutes", group=EXAM, help=L("留空不限时", "Empty: no limit"))
    ] = Field(default=None, ge=1, le=240)
    quiz_topics: Annotated[
        list[str],
        Ui(
            "测验主题",
            "Quiz topics",
            options=QUESTION_TOPICS,
            group=EXAM,
            help=L("留空为整个题库", "Empty: the whole bank"),
        ),
    ] = Field(default_factory=list, sa_type=Codes)
    attendance_percent: Annotated[
        int,
        Ui("最低出勤率（%）", "Attendance required (%)", group=PAPER,
           help=L("到课次数占全部课次", "Lessons attended of all lessons")),
    ] = Field(default=100, ge=0, le=100)  # fmt: skip
    hours_percent: Annotated[
        int | None,
        Ui("到课时长须达（%）", "Time present required (%)", group=PAPER,
           help=L("在场时间占每次课（不分课次的占全班）的比例；留空按“参数设置”（起初为 80%），最低出勤率更低的按它",
                  "Of each lesson, or of the whole class; empty: as the settings say (80 % at first),"
                  " or the attendance required where that is less")),
    ] = Field(default=None, ge=0, le=100)  # fmt: skip
    certified: Annotated[bool, Ui("结业发证", "Issues a certificate", FILTER, group=PAPER)] = False
    credential: Annotated[str, Ui("证书名称", "Certificate's title", LIST, group=PAPER)] = Field(
        default="", max_length=60
    )
    credential_en: Annotated[str, Ui("证书英文名称", "Its title in English", group=PAPER)] = Field(
        default="", max_length=120
    )
    credential_kind: Annotated[CredentialKind | None, Ui("证书种类", "Certificate's kind", group=PAPER)] = Field(
        default=None, sa_type=Word
    )
    issuer_id: Annotated[int | None, Ui("发证单位", "Issuer", group=PAPER)] = Field(
        default=None, foreign_key="certificate_issuer.id"
    )
    validity_months: Annotated[
        int | None,
        Ui(
            "证书有效期（月）",
            "Validity in months",
            LIST,
            group=PAPER,
            help=L("留空为长期有效；改动只影响以后发的证", "Empty: no end. A change concerns later certificates alone"),
        ),
    ] = Field(default=None, ge=1, le=600)
    until_month_end: Annotated[bool, Ui("有效到当月最后一天", "Valid to the end of the month", group=PAPER)] = False
    renewed_by_id: Annotated[
        int | None,
        Ui(
            "续期课程",
            "Renewed by",
            group=PAPER,
            help=L("在期限内修完它，证书即续期", "Completing it in time renews the certificate"),
        ),
    ] = Field(default=None, foreign_key="course.id")
    renewal_months: Annotated[int, Ui("到期前几个月可续期", "Renewable, months before its end", group=PAPER)] = Field(
        default=3, ge=0, le=120
    )
    active: Annotated[bool, Ui("在用", "In use", LIST | FILTER)] = True

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """A certificate has a title, a kind and an issuer; a quiz gives the theory score, so it needs a passing score."""
        needed = ["credential", "credential_kind", "issuer_id"] if values.get("certified") else []
        needed += ["passing_score"] if values.get("quiz_questions") else []
        return {name: "required" for name in needed if values.get(name) in (None, "")}


class CoursePrerequisite(Table, table=True):
    """Which courses must have been passed before another."""

    course_id: int = Field(foreign_key="course.id", primary_key=True)
    required_id: int = Field(foreign_key="course.id", primary_key=True, index=True)


@record(
    "场地",
    "Venue",
    area="training",
    menu=4,
    icon="meeting_room",
    title="name",
    sort="name",
    keys=(("name",),),
    about=L("在哪里上课，能坐多少人。", "Where courses are held and how many fit."),
)
class Venue(Record, table=True):
    """A room or place."""

    __table_args__ = (unique("ux_venue_name", "name"),)
    name: Annotated[str, Ui("场地名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=80)
    capacity: Annotated[int, Ui("容纳人数", "Capacity", LIST)] = Field(default=40, ge=1, le=5000)
    address: Annotated[str, Ui("地址", "Address", LIST)] = Field(default="", max_length=200)
    active: Annotated[bool, Ui("在用", "In use", LIST | FILTER)] = True


@record(
    "师资",
    "Instructor",
    area="training",
    menu=5,
    icon="co_present",
    title="name",
    sort="-id",
    keys=(("name", "phone"),),
    role_fields=("name", "phone", "gender"),
    about=L("能授课的人：职工、志愿者或外聘。", "Who teaches: staff, volunteers, outside people."),
    lapses=("credential_until", L("（证书已过期）", " (certificate lapsed)")),
)
class Instructor(Record, table=True):
    """A person who teaches."""

    __table_args__ = (unique("ux_instructor_person", "person_id"),)
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    title: Annotated[str, Ui("职称 / 单位", "Title and employer", LIST)] = Field(default="", max_length=80)
    credential: Annotated[str, Ui("师资证书", "Instructor's certificate", LIST)] = Field(default="", max_length=80)
    credential_until: Annotated[date | None, Ui("证书有效期至", "Certificate valid until", LIST | FILTER)] = None
    active: Annotated[bool, Ui("在聘", "Active", LIST | FILTER)] = True


class Base(Choice):
    TRAINING_BASE = "training_base", "医务社工实训基地", "Medical Social Work Training Base"
    EMERGENCY_BASE = "emergency_base", "应急救护科普基地", "First-Aid Education Base"


class Audience(Choice):
    EXTERNAL = "external", "对外", "External"
    INTERNAL = "internal", "对内", "Internal"
    PUBLIC = "public", "公众", "Public"


class SessionState(Choice):
    DRAFT = "draft", "草稿", "Draft"
    OPEN = "open", "报名中", "Open"
    CLOSED = "closed", "报名截止", "Closed"
    HELD = "held", "已举办", "Held"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class DoorCode(Choice):
    TOLD = "fixed", "海报，数字当场报", "Poster, digits told in the room"
    ROTATING = "rotating", "动态码（屏幕）", "Changing code on a screen"


WHEN, WHO, SEATS = (
    L("时间地点", "When and where"),
    L("谁办给谁", "By whom, for whom"),
    L("名额与报名", "Seats and enrolment"),
)


@record(
    "培训班",
    "Training session",
    area="training",
    menu=1,
    icon="school",
    title="title",
    sort="-starts",
    keys=(("code",), ("title", "starts")),
    links=(
        Links(
            "instructors",
            "讲师",
            "Instructors",
            via="session_instructor",
            here="session_id",
            there="instructor_id",
            to="instructor",
            group=WHO,
        ),
    ),
    extra={"also": ("checkin_token", "series_id", "series_place")},
    days=("starts",),
    about=L("排课、报名、签到都在这里。", "Scheduling, enrolment and attendance."),
)
class TrainingSession(StationRow, table=True):
    """A training session: one class, held once."""

    __table_args__ = (
        unique("ux_training_session_code", "code"),
        Index("ix_training_session_venue_time", "venue_id", "starts", "ends"),
        Index("ix_training_session_starts", "starts", "id"),
        Index("ix_training_session_fact", "state", "base", "audience", "held_on"),
    )
    code: Annotated[
        str | None,
        Ui(
            "班次编号", "Session code", LIST | SEARCH, group=WHEN, help=L("留空自动编号", "Numbered for you when empty")
        ),
    ] = Field(default=None, max_length=40)
    title: Annotated[str, Ui("班名", "Title", LIST | SEARCH, group=WHEN)] = Field(min_length=1, max_length=120)
    state: Annotated[SessionState, Ui("状态", "State", LIST | FILTER | ACT)] = Field(
        default=SessionState.OPEN, sa_type=Word
    )
    course_id: Annotated[int, Ui("课程", "Course", LIST | FILTER, group=WHEN)] = Field(
        foreign_key="course.id", index=True
    )
    starts: Annotated[datetime, Ui("开始时间", "Starts", LIST | FILTER, group=WHEN)] = Field(sa_type=UtcDateTime)
    ends: Annotated[datetime, Ui("结束时间", "Ends", LIST, group=WHEN)] = Field(sa_type=UtcDateTime)
    venue_id: Annotated[int | None, Ui("场地", "Venue", LIST, group=WHEN)] = Field(default=None, foreign_key="venue.id")
    base: Annotated[Base, Ui("承办基地", "Base", LIST | FILTER, group=WHO)] = Field(
        default=Base.TRAINING_BASE, sa_type=Word
    )
    audience: Annotated[Audience, Ui("对象", "Audience", LIST | FILTER, group=WHO)] = Field(
        default=Audience.EXTERNAL, sa_type=Word
    )
    organisation_id: Annotated[int | None, Ui("服务单位", "Organisation served", group=WHO)] = Field(
        default=None, foreign_key="organisation.id", index=True
    )
    capacity: Annotated[int, Ui("名额", "Capacity", LIST, group=SEATS)] = Field(default=40, ge=1, le=5000)
    waitlist: Annotated[int, Ui("候补名额", "Waitlist places", group=SEATS)] = Field(default=10, ge=0, le=5000)
    registration_opens: Annotated[datetime | None, Ui("报名开始", "Registration opens", group=SEATS)] = Field(
        default=None, sa_type=UtcDateTime
    )
    registration_closes: Annotated[datetime | None, Ui("报名截止", "Registration closes", group=SEATS)] = Field(
        default=None, sa_type=UtcDateTime
    )
    door_code: Annotated[
        DoorCode,
        Ui(
            "签到码", "Check-in code", group=SEATS,
            help=L("都要现场的 6 位数字：屏幕上每 30 秒、口头报每 5 分钟换一次，拍照转发无效",
                   "Six digits of the room: new every 30 seconds on a screen, every 5 minutes told. A photo is worth nothing"),
        ),
    ] = Field(default=DoorCode.TOLD, sa_type=Word)  # fmt: skip
    open_to_public: Annotated[
        bool | None,
        Ui(
            "对外公开报名",
            "Open to the public",
            FILTER | ACT,
            group=SEATS,
            help=L("留空时，对象为公众的公开", "When empty, sessions for the public are"),
        ),
    ] = None
    held_on: Annotated[date | None, Ui("举办日期", "Held on", FIXED)] = None
    checkin_token: str | None = Field(default=None, max_length=64, unique=True)
    series_id: int | None = Field(default=None, foreign_key="training_series.id", index=True)
    series_place: int | None = None

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """Half-open in time; registration closes no later than the end; the public sees what is meant for it."""
        if values.get("open_to_public") is None:
            values["open_to_public"] = values.get("audience") == Audience.PUBLIC
        starts, ends = values.get("starts"), values.get("ends")
        if starts and ends and ends <= starts:
            return {"ends": "ends_before_start"}
        if starts and ends and ends - starts > timedelta(days=30):
            return {"ends": "span_too_long"}
        opens, closes = values.get("registration_opens"), values.get("registration_closes")
        if opens and closes and closes <= opens:
            return {"registration_closes": "ends_before_start"}
        if values.get("state") == SessionState.HELD and starts and starts > datetime.now(UTC):
            return {"state": "held_in_future"}
        return {}


class SessionInstructor(Table, table=True):
    """Who teaches which session."""

    session_id: int = Field(foreign_key="training_session.id", primary_key=True)
    instructor_id: int = Field(foreign_key="instructor.id", primary_key=True, index=True)


class EnrolmentState(Choice):
    ENROLLED = "enrolled", "已录取", "Enrolled"
    WAITLISTED = "waitlisted", "候补", "Waitlisted"
    CANCELLED = "cancelled", "已取消", "Cancelled"
    NO_SHOW = "no_show", "未到", "No-show"


class EnrolmentSource(Choice):
    STAFF = "staff", "工作人员", "Staff"
    PUBLIC = "public", "网上报名", "Public page"
    WALK_IN = "walk_in", "现场", "Walk-in"
    IMPORT = "import", "导入", "Import"
    PARTNER = "partner", "合作单位", "Partner"


class EnrolmentRole(Choice):
    TRAINEE = "trainee", "学员", "Trainee"
    OBSERVER = "observer", "观摩", "Observer"
    ASSISTANT = "assistant", "助教", "Assistant"


@record(
    "单位报名链接",
    "Partner link",
    area="training",
    menu=0,
    icon="add_link",
    title="id",
    sort="-id",
    keys=(("session_id", "organisation_id"),),
    about=L(
        "一家单位凭链接最多可为某班报多少人。", "How many people an organisation may enrol in a session by its link."
    ),
)
class PartnerLink(StationRow, table=True):
    """A cap on how many of a session's seats come by one organisation's link; it keeps no seats free."""

    __table_args__ = (Index("ix_partner_link_session", "session_id", "id"),)
    session_id: Annotated[int, Ui("培训班", "Session", LIST | FIXED)] = Field(foreign_key="training_session.id")
    organisation_id: Annotated[int, Ui("单位", "Organisation", LIST | FIXED)] = Field(
        foreign_key="organisation.id", index=True
    )
    seats: Annotated[int, Ui("最多几人", "At most", LIST)] = Field(default=10, ge=1, le=500)
    revoked_at: Annotated[datetime | None, Ui("停用时间", "Revoked at", LIST | FIXED)] = Field(
        default=None, sa_type=UtcDateTime
    )


TRAINEE = ("name", "phone", "id_type", "id_number")


@record(
    "报名",
    "Enrolment",
    area="training",
    menu=8,
    icon="how_to_reg",
    title="name",
    sort="-id",
    keys=(("session_id", "name", "phone"), ("session_id", "id_number")),
    role_fields=TRAINEE,
    about=L("谁报了哪个班，录取、候补还是取消。", "Who enrolled in which session, and how it stands."),
)
class Enrolment(StationRow, table=True):
    """A person's place in a session; seats are counted from these rows, never kept in a counter.

    queue is their place in the order where staff have moved it, else it is the row's number (`in_order`); link_key is the
    hash of the secret in their personal link.
    """

    __table_args__ = (
        unique("ux_enrolment_person", "session_id", "person_id"),
        Index("ix_enrolment_session_state", "session_id", "state", "id"),
    )
    session_id: Annotated[int, Ui("培训班", "Session", LIST | SEARCH)] = Field(foreign_key="training_session.id")
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    employer: Annotated[str, Ui("单位", "Organisation", LIST)] = Field(default="", max_length=80)
    state: Annotated[EnrolmentState, Ui("状态", "State", LIST | FILTER | ACT)] = Field(
        default=EnrolmentState.ENROLLED, sa_type=Word
    )
    source: Annotated[EnrolmentSource, Ui("来源", "Source", LIST | FIXED)] = Field(
        default=EnrolmentSource.STAFF, sa_type=Word
    )
    role: Annotated[
        EnrolmentRole,
        Ui(
            "身份", "Role", LIST | FILTER, help=L("观摩和助教不占名额，不计人次", "Only trainees take a seat and count")
        ),
    ] = Field(default=EnrolmentRole.TRAINEE, sa_type=Word)
    partner_link_id: Annotated[int | None, Ui("单位报名链接", "Partner link", FIXED)] = Field(
        default=None, foreign_key="partner_link.id", index=True
    )
    consent_version: Annotated[str, Ui("同意的告知版本", "Consent given to", FIXED)] = Field(default="", max_length=20)
    queue: int | None = None
    link_key: str | None = Field(default=None, max_length=32, unique=True, index=True)


OVER = (SessionState.HELD, SessionState.CANCELLED)
SEATED = (EnrolmentState.ENROLLED, EnrolmentState.WAITLISTED)


def has_seat() -> ColumnElement[bool]:
    """Enrolments that take one of the session's seats."""
    return (col(Enrolment.state) == EnrolmentState.ENROLLED) & (col(Enrolment.role) == EnrolmentRole.TRAINEE)


def in_order() -> ColumnElement[int]:
    """The order in which those who wait move up."""
    return func.coalesce(col(Enrolment.queue), col(Enrolment.id))


class CheckIn(Choice):
    QR = "qr", "扫码", "QR code"
    DIGITS = "digits", "填数字", "Typed digits"
    HAND = "hand", "手工", "By hand"
    IMPORT = "import", "导入", "Import"


DOOR = (CheckIn.QR, CheckIn.DIGITS)


@record(
    "签到",
    "Attendance",
    area="training",
    menu=8,
    icon="fact_check",
    title="name",
    sort="-id",
    keys=(("session_id", "name", "phone"), ("session_id", "id_number")),
    role_fields=TRAINEE,
    days=("session_id.starts",),
    about=L("谁到了哪个班；同一人同一班只计一次。", "Who came to which session; a person counts once a session."),
)
class Attendance(StationRow, table=True):
    """A person was at a session."""

    __table_args__ = (
        unique("ux_attendance_person", "session_id", "person_id"),
        Index("ix_attendance_session", "session_id", "deleted_at", "id"),
    )
    session_id: Annotated[int, Ui("培训班", "Session", LIST | SEARCH)] = Field(foreign_key="training_session.id")
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    checked_in_at: Annotated[datetime, Ui("签到时间", "Checked in at", LIST)] = Field(
        default_factory=now, sa_type=UtcDateTime
    )
    checked_in_by: Annotated[CheckIn, Ui("签到方式", "Checked in by", LIST | FILTER)] = Field(
        default=CheckIn.HAND, sa_type=Word
    )


def _held(query: Select[Any], bases: list[str] | None, audiences: list[str] | None) -> Select[Any]:
    query = query.where(col(TrainingSession.state) == SessionState.HELD)
    if bases:
        query = query.where(col(TrainingSession.base).in_(bases))
    return query.where(col(TrainingSession.audience).in_(audiences)) if audiences else query


@measure("training_session.held")
def sessions_held(bases: list[str] | None = None, audiences: list[str] | None = None) -> Select[Any]:
    """Sessions in the state 已举办, on the local day on which they began."""
    query = facts(TrainingSession.held_on, TrainingSession.id, station=TrainingSession.unit_id)
    return _held(query, bases, audiences)


@measure("attendance.held")
def attendances(bases: list[str] | None = None, audiences: list[str] | None = None) -> Select[Any]:
    """Attendances (人次) at held sessions, on the session's day; the same person counts in every session."""
    query = facts(
        TrainingSession.held_on, Attendance.id, station=TrainingSession.unit_id, who=Attendance.person_id
    ).join_from(TrainingSession, Attendance, col(Attendance.session_id) == TrainingSession.id)
    return _held(query, bases, audiences)
