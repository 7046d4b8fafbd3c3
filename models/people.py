"""People and volunteers: one identity, many roles; the register of emergency-rescue volunteers (source 000 §三.8; M67 art. 5-7)."""

from datetime import date
from typing import Annotated, Any, ClassVar

from sqlalchemy import Index, Select, text, union_all
from sqlmodel import Field, col, func

from models.base import ACT, FILTER, FIXED, LIST, LONG, NAME, SEARCH, Choice, Record, StationRow, Ui, record, unique
from models.identifiers import PROVINCES, BadIdentifier, check_identity
from models.measures import Facts, facts, measure
from models.types import Codes, Encrypted, Mobile, Phone, Word
from models.words import L

IDENTITY, CONTACT, SERVICE, BACKGROUND, GUARDIAN, EMERGENCY, CONSENT = (
    L("身份", "Identity"),
    L("联系方式", "Contact"),
    L("服务意向", "Service"),
    L("背景（选填）", "Background (optional)"),
    L("监护人（未满 18 周岁必填，其他人选填）", "Guardian (required under 18, else optional)"),
    L("紧急联系人（选填）", "Emergency contact (optional)"),
    L("知情同意", "Consent"),
)


class Gender(Choice):
    MALE = "male", "男", "Male"
    FEMALE = "female", "女", "Female"


class IdType(Choice):
    """National code table of volunteer registration (rules.md §1), and the permits of §4.3."""

    RESIDENT_ID = "resident_id", "居民身份证", "Resident ID card"
    HK_ID = "hk_id", "香港居民身份证", "Hong Kong ID card"
    MACAU_ID = "macau_id", "澳门居民身份证", "Macau ID card"
    TAIWAN_ID = "taiwan_id", "台湾居民身份证", "Taiwan ID card"
    PASSPORT = "passport", "护照", "Passport"
    HK_MACAU_PERMIT = "hk_macau_permit", "港澳居民来往内地通行证", "HK/Macau travel permit"
    TAIWAN_PERMIT = "taiwan_permit", "台湾居民来往大陆通行证", "Taiwan travel permit"
    RESIDENCE_PERMIT = "residence_permit", "港澳台居民居住证", "HK/Macau/Taiwan residence permit"
    FOREIGN_PERMANENT = "foreign_permanent", "外国人永久居留身份证", "Foreign permanent resident card"
    OFFICER_CARD = "officer_card", "军官证", "Officer's card"
    SOLDIER_CARD = "soldier_card", "士兵证", "Soldier's card"
    OTHER = "other", "其他证件", "Other document"


@record(
    "人员",
    "Person",
    area="people",
    icon="person",
    title="name",
    sort="name",
    keys=(("id_number",), ("name", "phone"), ("name", "birth_date")),
    menu=0,
)
class Person(Record, table=True):
    """One human being, whatever roles they have; seeing a person never reveals which."""

    __table_args__ = (
        Index("ix_person_name_id", "name", "id"),
        Index("ix_person_name_birth", "name", "birth_date"),
        unique("ux_person_id_number", "id_number_key"),
    )
    name: Annotated[str, Ui("姓名", "Name", LIST | SEARCH | NAME, group=IDENTITY)] = Field(min_length=1, max_length=60)
    id_type: Annotated[IdType | None, Ui("证件类型", "Document type", group=IDENTITY)] = Field(
        default=None, sa_type=Word
    )
    id_number: Annotated[str | None, Ui("证件号码", "Document number", LIST, group=IDENTITY)] = Field(
        default=None, sa_type=Encrypted, max_length=24
    )
    gender: Annotated[Gender | None, Ui("性别", "Gender", LIST | FILTER, group=IDENTITY)] = Field(
        default=None, sa_type=Word
    )
    birth_date: Annotated[date | None, Ui("出生日期", "Birth date", group=IDENTITY)] = None
    phone: Annotated[Mobile | None, Ui("手机号", "Phone", LIST, group=CONTACT)] = Field(
        default=None, sa_type=Encrypted, max_length=24
    )
    region_code: Annotated[
        str | None,
        Ui(
            "居住区域代码",
            "Region code",
            group=CONTACT,
            suggests="regions",
            help=L("六位行政区划代码，如海珠区 440105", "Six-digit region code, e.g. 440105"),
        ),
    ] = Field(default=None, max_length=18)
    region: Annotated[str, Ui("居住区域", "Region", LIST | FILTER, group=CONTACT)] = Field(default="", max_length=60)
    address: Annotated[str | None, Ui("详细地址", "Address", group=CONTACT)] = Field(
        default=None, sa_type=Encrypted, max_length=200
    )
    wechat: Annotated[str | None, Ui("微信号", "WeChat", group=CONTACT)] = Field(
        default=None, sa_type=Encrypted, max_length=60
    )
    email: Annotated[str | None, Ui("电子邮箱", "E-mail", group=CONTACT)] = Field(
        default=None, sa_type=Encrypted, max_length=120
    )
    hold_until: Annotated[date | None, Ui("保留至", "Hold until", FIXED)] = None
    hold_reason: Annotated[str, Ui("保留理由", "Reason of the hold", FIXED)] = Field(default="", max_length=200)
    anonymised_on: Annotated[date | None, Ui("匿名化日期", "Anonymised on", FIXED)] = None
    id_number_key: str | None = Field(default=None, max_length=32)
    id_number_tail: str | None = Field(default=None, max_length=32, index=True)
    phone_key: str | None = Field(default=None, max_length=32, index=True)
    phone_tail: str | None = Field(default=None, max_length=32, index=True)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """The document number is checked by its type; gender and birth date follow from it where it tells them."""
        code = str(values.get("region_code") or "")
        known = code.isdigit() and len(code) in (6, 9, 12, 18) and code[:2] in PROVINCES
        errors = {} if not code or known else {"region_code": "region_code"}
        if values.get("birth_date") and values["birth_date"] > today:
            errors["birth_date"] = "date_future"
        if values.get("id_number"):
            errors |= cls._identify(values, today)
        return errors

    @staticmethod
    def _identify(values: dict[str, Any], today: date) -> dict[str, str]:
        if not values.get("id_type"):
            return {"id_type": "required"}
        try:
            identity = check_identity(str(values["id_type"]), values["id_number"], today)
        except BadIdentifier as error:
            return {"id_number": error.code}
        values["id_number"] = identity.number
        if identity.birth_date and values.get("birth_date") not in (None, identity.birth_date):
            return {"birth_date": "birth_date_differs"}
        if identity.gender and values.get("gender") not in (None, identity.gender):
            return {"gender": "gender_differs"}
        values["birth_date"] = identity.birth_date or values.get("birth_date")
        values["gender"] = Gender(identity.gender) if identity.gender else values.get("gender")
        return {}


class VolunteerState(Choice):
    APPLIED = "applied", "待审核", "Applied"
    REJECTED = "rejected", "已拒绝", "Rejected"
    ACTIVE = "active", "在册", "Active"
    PAUSED = "paused", "暂停", "Paused"
    LEFT = "left", "退出", "Left"


_APPLIED, _REJECTED, _ACTIVE, _PAUSED, _LEFT = VolunteerState
MOVES: dict[str, tuple[tuple[VolunteerState, ...], VolunteerState]] = {
    "approve": ((_APPLIED,), _ACTIVE),
    "reject": ((_APPLIED,), _REJECTED),
    "reopen": ((_REJECTED, _LEFT), _APPLIED),
    "pause": ((_ACTIVE,), _PAUSED),
    "resume": ((_PAUSED,), _ACTIVE),
    "leave": ((_APPLIED, _ACTIVE, _PAUSED), _LEFT),
    "withdraw": (tuple(VolunteerState), _LEFT),
}


class Education(Choice):
    PRIMARY = "primary", "小学", "Primary school"
    JUNIOR = "junior", "初中", "Junior secondary"
    SENIOR = "senior", "高中 / 中专", "Senior secondary"
    COLLEGE = "college", "大专", "College"
    BACHELOR = "bachelor", "本科", "Bachelor"
    MASTER = "master", "硕士", "Master"
    DOCTOR = "doctor", "博士", "Doctorate"


class Politics(Choice):
    MASSES = "masses", "群众", "None"
    LEAGUE = "league", "共青团员", "Youth League"
    PARTY = "party", "中共党员", "CPC member"
    OTHER_PARTY = "other_party", "民主党派", "Other party"


class Blood(Choice):
    A = "a", "A 型", "A"
    B = "b", "B 型", "B"
    AB = "ab", "AB 型", "AB"
    O = "o", "O 型", "O"  # noqa: E741 - the blood group's name


class Availability(Choice):
    WEEKDAY_MORNING = "weekday_morning", "工作日上午", "Weekday mornings"
    WEEKDAY_AFTERNOON = "weekday_afternoon", "工作日下午", "Weekday afternoons"
    WEEKDAY_EVENING = "weekday_evening", "工作日晚上", "Weekday evenings"
    WEEKEND_MORNING = "weekend_morning", "周末上午", "Weekend mornings"
    WEEKEND_AFTERNOON = "weekend_afternoon", "周末下午", "Weekend afternoons"
    WEEKEND_EVENING = "weekend_evening", "周末晚上", "Weekend evenings"
    NIGHT = "night", "夜间", "Nights"


class VolunteerSource(Choice):
    PUBLIC = "public", "网上登记", "Public page"
    STAFF = "staff", "工作人员录入", "Entered by staff"
    IMPORT = "import", "导入", "Imported"


VOLUNTEER_PERSON = (
    "name",
    "id_type",
    "id_number",
    "gender",
    "birth_date",
    "phone",
    "region_code",
    "region",
    "address",
    "wechat",
    "email",
)


def partial(name: str, column: str, *, unique: bool = False) -> Index:
    """An index of a column that few rows fill: the others cost nothing."""
    filled = text(f"{column} IS NOT NULL")
    return Index(name, column, unique=unique, sqlite_where=filled, postgresql_where=filled)


@record(
    "志愿者",
    "Volunteer",
    area="volunteers",
    menu=1,
    icon="volunteer_activism",
    title="name",
    sort="-id",
    keys=(("id_number",),),
    role_fields=VOLUNTEER_PERSON,
    required_here=("id_type", "id_number", "phone", "region_code"),
    days=("registered_on", "verified_on"),
    until="",
    about=L("登记、资质与服务意向。", "Registration, credentials and intentions."),
)
class Volunteer(StationRow, table=True):
    """A person who serves as a volunteer."""

    __table_args__ = (
        unique("ux_volunteer_person", "person_id"),
        Index("ux_volunteer_number", "number", unique=True),
        Index("ix_volunteer_state_id", "state", "deleted_at", "id"),
        Index("ix_volunteer_rescue_state_id", "is_emergency_rescue", "state", "deleted_at", "id"),
        Index("ix_volunteer_deleted_id", "deleted_at", "id"),
        Index("ix_volunteer_rescue_registered", "is_emergency_rescue", "deleted_at", "registered_on"),
        Index("ix_volunteer_rescue_verified", "is_emergency_rescue", "deleted_at", "verified_on"),
        Index("ix_volunteer_registered", "registered_on"),
        Index("ix_volunteer_verified", "verified_on"),
        partial("ix_volunteer_again", "registered_again_on"),
        partial("ux_volunteer_reference", "reference", unique=True),
    )
    MINOR_AGE: ClassVar[int] = 18
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    number: Annotated[str | None, Ui("志愿者编号", "Volunteer number", LIST | FIXED)] = Field(
        default=None, max_length=20
    )
    state: Annotated[VolunteerState, Ui("状态", "State", LIST | FILTER | ACT)] = Field(
        default=VolunteerState.ACTIVE, sa_type=Word
    )
    is_emergency_rescue: Annotated[
        bool, Ui("应急救护志愿者", "Emergency-rescue volunteer", LIST | FILTER, group=SERVICE)
    ] = True
    service_categories: Annotated[
        list[str], Ui("服务类别", "Service categories", FILTER, group=SERVICE, options="service_categories")
    ] = Field(default_factory=list, sa_type=Codes)
    skills: Annotated[list[str], Ui("专业技能", "Skills", FILTER, group=SERVICE, options="skills")] = Field(
        default_factory=list, sa_type=Codes
    )
    service_area: Annotated[str, Ui("服务区域", "Service area", group=SERVICE)] = Field(default="", max_length=120)
    availability: Annotated[list[Availability], Ui("可服务时间", "Availability", LIST | FILTER, group=SERVICE)] = Field(
        default_factory=list, sa_type=Codes
    )
    political_status: Annotated[Politics | None, Ui("政治面貌", "Political status", group=BACKGROUND)] = Field(
        default=None, sa_type=Word
    )
    education: Annotated[Education | None, Ui("学历", "Education", group=BACKGROUND)] = Field(
        default=None, sa_type=Word
    )
    occupation: Annotated[str, Ui("从业状况", "Occupation", group=BACKGROUND)] = Field(default="", max_length=60)
    employer: Annotated[str, Ui("单位或学校", "Employer or school", group=BACKGROUND)] = Field(
        default="", max_length=120
    )
    languages: Annotated[str, Ui("语言", "Languages", group=BACKGROUND)] = Field(default="", max_length=120)
    blood_type: Annotated[Blood | None, Ui("血型", "Blood type", group=BACKGROUND)] = Field(default=None, sa_type=Word)
    national_number: Annotated[
        str,
        Ui("全国志愿者编号", "National volunteer number", group=BACKGROUND),
    ] = Field(default="", max_length=40)
    guardian_name: Annotated[str, Ui("监护人姓名", "Guardian's name", NAME, group=GUARDIAN)] = Field(
        default="", max_length=60
    )
    guardian_phone: Annotated[Phone | None, Ui("监护人电话", "Guardian's phone", group=GUARDIAN)] = Field(
        default=None, sa_type=Encrypted, max_length=24
    )
    emergency_contact: Annotated[str, Ui("紧急联系人", "Emergency contact", NAME, group=EMERGENCY)] = Field(
        default="", max_length=60
    )
    emergency_phone: Annotated[Phone | None, Ui("紧急联系电话", "Emergency phone", group=EMERGENCY)] = Field(
        default=None, sa_type=Encrypted, max_length=24
    )
    consent: Annotated[
        bool,
        Ui(
            "知情同意",
            "Consent given",
            group=CONSENT,
            help=L("本人（或监护人）已同意登记和使用上述信息", "The person (or guardian) agreed to this record"),
        ),
    ] = False
    consent_on: Annotated[date | None, Ui("同意日期", "Consent date", group=CONSENT)] = None
    consent_version: Annotated[str, Ui("告知版本", "Notice version", FIXED)] = Field(default="", max_length=20)
    source: Annotated[VolunteerSource, Ui("来源", "Source", FILTER | FIXED)] = Field(
        default=VolunteerSource.STAFF, sa_type=Word
    )
    registered_on: Annotated[date | None, Ui("登记日期", "Registered on", LIST | ACT)] = None
    verified_on: Annotated[date | None, Ui("身份核验日期", "Identity verified on", LIST | ACT)] = None
    verified_by: Annotated[str, Ui("核验人", "Verified by", FIXED)] = Field(default="", max_length=60)
    reject_reason: Annotated[str, Ui("拒绝理由", "Reason of rejection", FIXED)] = Field(default="", max_length=200)
    reference: Annotated[str | None, Ui("受理编号", "Reference", FIXED)] = Field(default=None, max_length=12)
    registered_again_on: Annotated[date | None, Ui("再次登记日期", "Registered again on", FIXED)] = None
    application: str | None = Field(default=None, sa_type=Encrypted)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """Consent is a condition; a minor needs a guardian who can be reached (PIPL art. 31; rules.md 1.15)."""
        errors: dict[str, str] = {}
        if not values.get("consent"):
            errors["consent"] = "consent_missing"
        elif not values.get("consent_on"):
            values["consent_on"] = values.get("registered_on") or today
        values["registered_on"] = values.get("registered_on") or today
        for day in ("consent_on", "registered_on", "verified_on"):
            if values.get(day) and values[day] > today:
                errors[day] = "date_future"
        born = values.get("birth_date")
        if born and age_on(born, today) < cls.MINOR_AGE:
            errors |= {f: "guardian_missing" for f in ("guardian_name", "guardian_phone") if not values.get(f)}
        return errors


def age_on(born: date, day: date) -> int:
    """Full years on that day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class CredentialKind(Choice):
    CPR_AED = "cpr_aed", "CPR+AED", "CPR+AED"
    FIRST_AIDER = "first_aider", "救护员", "First-aider"
    BLS = "bls", "BLS", "BLS"
    INSTRUCTOR = "instructor", "急救导师 / 师资", "First-aid instructor"
    SOCIAL_WORKER = "social_worker", "社会工作者职业资格", "Social worker's licence"
    MEDICAL = "medical", "医护执业资格", "Medical or nursing licence"
    INFECTION_CONTROL = "infection_control", "院感与隐私培训", "Infection control and privacy"
    OTHER = "other", "其他", "Other"


@record(
    "资质证书",
    "Credential",
    area="volunteers",
    menu=2,
    icon="workspace_premium",
    title="number",
    sort="expires_on",
    keys=(("issuer", "number"),),
    about=L("救护员、CPR+AED 等证书及其有效期。", "First-aid certificates and their validity."),
)
class VolunteerCredential(StationRow, table=True):
    """A certificate that a volunteer holds; its state follows from its dates."""

    __table_args__ = (
        unique("ux_volunteer_credential_number", "issuer", "number"),
        Index("ix_volunteer_credential_volunteer_expiry", "volunteer_id", "kind", "expires_on"),
        partial("ux_volunteer_credential_certificate", "certificate_id", unique=True),
    )
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST | SEARCH)] = Field(
        foreign_key="volunteer.id", index=True
    )
    kind: Annotated[CredentialKind, Ui("证书种类", "Kind", LIST | FILTER)] = Field(sa_type=Word)
    number: Annotated[str, Ui("证书编号", "Number", LIST | SEARCH)] = Field(min_length=1, max_length=40)
    issuer: Annotated[str, Ui("发证单位", "Issuer", LIST | SEARCH)] = Field(min_length=1, max_length=80)
    issued_on: Annotated[date, Ui("发证日期", "Issued on", LIST)] = Field()
    expires_on: Annotated[
        date | None,
        Ui(
            "有效期至",
            "Valid until",
            LIST | FILTER,
            help=L("当天仍有效；长期有效留空", "Valid through this day; empty: no end"),
        ),
    ] = Field(default=None, index=True)
    certificate_id: Annotated[int | None, Ui("本院证书", "Our certificate", FIXED)] = Field(
        default=None, foreign_key="certificate.id"
    )

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        issued, expires = values.get("issued_on"), values.get("expires_on")
        if issued and issued > today:
            return {"issued_on": "date_future"}
        return {"expires_on": "ends_before_start"} if issued and expires and expires < issued else {}


@record(
    "志愿服务队",
    "Volunteer team",
    area="volunteers",
    menu=3,
    icon="groups",
    title="name",
    sort="name",
    keys=(("name",),),
    days=("founded_on",),
    until="dissolved_on",
    about=L("志愿服务队和它的成员。", "Volunteer teams and their members."),
)
class VolunteerTeam(StationRow, table=True):
    """A team of volunteers."""

    __table_args__ = (unique("ux_volunteer_team_name", "name"),)
    name: Annotated[str, Ui("队名", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=60)
    founded_on: Annotated[date, Ui("成立日期", "Founded on", LIST | FILTER)] = Field()
    dissolved_on: Annotated[date | None, Ui("解散日期", "Dissolved on", LIST)] = None
    leader: Annotated[str, Ui("队长", "Leader", LIST | NAME)] = Field(default="", max_length=60)
    purpose: Annotated[str, Ui("服务内容", "Purpose", LONG)] = Field(default="", max_length=500)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        starts, ends = values.get("founded_on"), values.get("dissolved_on")
        return {"dissolved_on": "ends_before_start"} if starts and ends and ends < starts else {}


class TeamRole(Choice):
    LEADER = "leader", "队长", "Leader"
    DEPUTY = "deputy", "副队长", "Deputy"
    MEMBER = "member", "队员", "Member"


@record(
    "队员",
    "Team member",
    area="volunteers",
    menu=9,
    icon="group_add",
    title="id",
    keys=(("team_id", "volunteer_id", "joined_on"),),
    about=L("谁在哪支队，从何时到何时。", "Who is in which team, from when to when."),
)
class TeamMembership(StationRow, table=True):
    """A volunteer's time in a team."""

    __table_args__ = (unique("ux_team_membership", "team_id", "volunteer_id", "joined_on"),)
    team_id: Annotated[int, Ui("志愿服务队", "Team", LIST | FILTER)] = Field(
        foreign_key="volunteer_team.id", index=True
    )
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST | SEARCH)] = Field(
        foreign_key="volunteer.id", index=True
    )
    role: Annotated[TeamRole, Ui("角色", "Role", LIST | FILTER)] = Field(default=TeamRole.MEMBER, sa_type=Word)
    joined_on: Annotated[date, Ui("加入日期", "Joined on", LIST)] = Field()
    left_on: Annotated[date | None, Ui("离队日期", "Left on", LIST)] = None

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        starts, ends = values.get("joined_on"), values.get("left_on")
        return {"left_on": "ends_before_start"} if starts and ends and ends < starts else {}


@measure("volunteer.kept")
def volunteers_kept(emergency: bool = False) -> Facts:
    """Volunteer records registered, and again verified: the upkeep of the register (数据维系)."""
    made = facts(Volunteer.registered_on, Volunteer.id, station=Volunteer.unit_id)
    checked = facts(Volunteer.verified_on, Volunteer.id, station=Volunteer.unit_id).where(
        col(Volunteer.verified_on).is_not(None)
    )
    if emergency:
        made, checked = (query.where(col(Volunteer.is_emergency_rescue)) for query in (made, checked))
    return union_all(made, checked)


@measure("volunteer.verified")
def volunteers_verified() -> Select[Any]:
    """Real-name volunteers: identity verified, counted once a person, on the day of verification, also if they left later."""
    return facts(Volunteer.verified_on, Volunteer.id, station=Volunteer.unit_id, who=Volunteer.person_id).where(
        col(Volunteer.verified_on).is_not(None), col(Volunteer.state).in_(REGISTERED)
    )


REGISTERED = (VolunteerState.ACTIVE, VolunteerState.PAUSED, VolunteerState.LEFT)


@measure("volunteer_team.active")
def teams_active() -> Select[Any]:
    """Volunteer teams that existed on some day of the period."""
    return facts(
        VolunteerTeam.founded_on,
        VolunteerTeam.id,
        until=func.coalesce(VolunteerTeam.dissolved_on, date.max),
        station=VolunteerTeam.unit_id,
    )
