"""What waits for somebody, declared once: a condition on a record type, the day it is due, and how it is called (X10).

The work list of the home page counts these rows and the list of the record type shows the very same (`?only=<name>`),
so a number is the length of the list that it opens. Days are those of the site.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from models.base import RECORDS, RecordType, snake
from models.base_work import StaffMember, StaffQualification
from models.certificates import BatchState, CertificateBatch
from models.charity import AidApplication, AidState
from models.clients import AssistanceService, AssistanceState, FollowupState, FollowupTask
from models.community import (
    CommunityVisit,
    CoordinationMeeting,
    GroupSnapshot,
    GroupState,
    HeldState,
    Screening,
    WechatGroup,
    WelfareCampaign,
)
from models.deliverables import PolicyDocument, PolicyState, RequiredDocument
from models.equipment import Equipment, EquipmentBooking, EquipmentState
from models.outreach import CooperationProject, CooperationState, PromotionState, TechnologyPromotion
from models.partners import Agreement, AgreementState
from models.research import Seminar
from models.service import (
    CorrectionRequest,
    HoursState,
    RequestState,
    ServiceHours,
    ServiceShift,
    ShiftSignup,
    ShiftSlot,
    ShiftState,
    SignupState,
    StarAward,
    StarState,
)
from models.training import Instructor, SessionState, TrainingSession
from models.words import L

Condition = ColumnElement[bool]
F = TypeVar("F", bound=Callable[..., ColumnElement[bool]])
WEEK = 7
REMIND = 60
SOON = 90
SNAPSHOT_DAYS = 35
AT_RISK = timedelta(hours=48)


class Moment(NamedTuple):
    """The local day, the time, and when the local week ends."""

    today: date
    now: datetime
    week_ends: datetime


@dataclass(frozen=True)
class Waiting:
    """Rows of a record type that wait; `doing` names one of them by its fields as people read them.

    due is the field whose day orders them, "" where they have none of their own; days: so many days after that day
    they are overdue, and after `grave` days it is grave (0: as soon as they are overdue), unless an administrator set
    other terms (services/overdue.py). verb is the right in the record's area that
    concerns. since: the field whose day tells since when it waits, where due is a term set beforehand. opens: the parent whose
    page is opened instead of the row. screen: the page of their own that opens one by its id, and without an id lists
    them. together: one line for all of them, with why.
    """

    name: str
    record: RecordType
    due: str
    verb: str
    label: L
    doing: L
    button: L
    condition: Callable[[Moment], Condition]
    days: int = 0
    grave: int = 0
    since: str = ""
    opens: str = ""
    screen: str = ""
    together: bool = False
    why: L = L("", "")

    @property
    def grows_overdue(self) -> bool:
        """Whether somebody has to do it within so many days; what is only to be known has a day and no term."""
        return self.verb != "read" and bool(self.due) and not self.together


WAITING: dict[str, Waiting] = {}


def waits(
    name: str, model: type[Any], due: str, verb: str, label: L, doing: L, button: L, **more: Any
) -> Callable[[F], F]:
    """Declare that the rows of a record type for which the condition below holds wait for somebody."""

    def declare(condition: F) -> F:
        WAITING[name] = Waiting(
            name, RECORDS[snake(model.__name__)], due, verb, label, doing, button, condition, **more
        )
        return condition

    return declare


def within(column: Any, moment: Moment, days: int) -> Condition:
    """From today to so many days ahead, both included."""
    return col(column).between(moment.today, moment.today + timedelta(days=days))


# -- clients and aid --------------------------------------------------


@waits(
    "followups", FollowupTask, "due_on", "write",
    L("7 天内要随访", "Follow-ups in 7 days"),
    L("{channel}随访：{client_id}", "Follow up by {channel}: {client_id}"),
    L("记录随访", "Record it"),
)  # fmt: skip
def followups(moment: Moment) -> Condition:
    """Follow-ups that are overdue or due within a week."""
    due = col(FollowupTask.due_on) <= moment.today + timedelta(days=WEEK)
    return and_(col(FollowupTask.state) == FollowupState.OPEN, due)


@waits(
    "assistance", AssistanceService, "requested_on", "write",
    L("办理中的就医协助", "Assistance under way"),
    L("{kind}：{client_id}", "{kind}: {client_id}"),
    L("去办理", "See to it"), days=3,
)  # fmt: skip
def assistance(_moment: Moment) -> Condition:
    return col(AssistanceService.state).in_((AssistanceState.REQUESTED, AssistanceState.ACCEPTED))


@waits(
    "aid_decide", AidApplication, "applied_on", "approve",
    L("待审批的救助申请", "Aid applications to decide"),
    L("审批救助申请：{client_id} · {charity_project_id}", "Decide on aid: {client_id}, {charity_project_id}"),
    L("去审批", "Decide"), days=15,
)  # fmt: skip
def aid_to_decide(_moment: Moment) -> Condition:
    return col(AidApplication.state).in_((AidState.SUBMITTED, AidState.SCREENED))


@waits(
    "aid_pay", AidApplication, "applied_on", "write",
    L("待拨付的救助款", "Aid to pay out"),
    L("拨付救助款：{client_id} · {charity_project_id}", "Pay out aid: {client_id}, {charity_project_id}"),
    L("去拨付", "Pay it"), days=30,
)  # fmt: skip
def aid_to_pay(_moment: Moment) -> Condition:
    return col(AidApplication.state) == AidState.APPROVED


# -- training --------------------------------------------------

UNFINISHED = (SessionState.DRAFT, SessionState.OPEN, SessionState.CLOSED)


@waits(
    "to_close", TrainingSession, "ends", "write",
    L("待结束的培训", "Sessions to close"),
    L("结束培训：{title}", "Close the session {title}"),
    L("去结束", "Close it"), days=7, grave=30,
)  # fmt: skip
def sessions_to_close(moment: Moment) -> Condition:
    """Sessions that are over and neither held nor cancelled yet."""
    return and_(col(TrainingSession.ends) <= moment.now, col(TrainingSession.state).in_(UNFINISHED))


@waits(
    "certify", TrainingSession, "ends", "approve",
    L("待批准的发证名单", "Certificates to approve"),
    L("批准发证：{title}", "Approve the certificates of {title}"),
    L("去批准", "Approve"), days=7, screen="certify",
)  # fmt: skip
def certificates_to_approve(_moment: Moment) -> Condition:
    """Sessions of which a list was submitted and not decided on."""
    return (
        select(col(CertificateBatch.id))
        .where(col(CertificateBatch.session_id) == col(TrainingSession.id))
        .where(col(CertificateBatch.state) == BatchState.SUBMITTED)
        .exists()
    )


@waits(
    "this_week", TrainingSession, "starts", "read",
    L("本周培训", "Sessions this week"), L("培训：{title} · {venue_id}", "Session: {title} · {venue_id}"), L("打开", "Open"),
)  # fmt: skip
def sessions_this_week(moment: Moment) -> Condition:
    """Sessions from now to the end of Sunday."""
    return and_(
        col(TrainingSession.ends) > moment.now,
        col(TrainingSession.starts) < moment.week_ends,
        col(TrainingSession.state).in_((SessionState.OPEN, SessionState.CLOSED)),
    )


@waits(
    "instructors", Instructor, "credential_until", "read",
    L("90 天内到期的师资证", "Instructors' certificates ending"),
    L("师资证到期：{name}", "Instructor's certificate of {name} ends"),
    L("打开", "Open"),
)  # fmt: skip
def instructors_ending(moment: Moment) -> Condition:
    return and_(col(Instructor.active), within(Instructor.credential_until, moment, SOON))


@waits(
    "equipment_checks", Equipment, "next_check_on", "write",
    L("7 天内要检查的教具", "Kit to check in 7 days"),
    L("检查教具：{name}", "Check the kit: {name}"),
    L("打开", "Open"),
)  # fmt: skip
def equipment_to_check(moment: Moment) -> Condition:
    due = col(Equipment.next_check_on) <= moment.today + timedelta(days=WEEK)
    return and_(col(Equipment.state) != EquipmentState.RETIRED, due)


@waits(
    "equipment_broken", TrainingSession, "starts", "write",
    L("教具不够的培训", "Sessions short of kit"),
    L("所约教具已损坏或不够：{title}", "Its kit is damaged or too few: {title}"),
    L("去调整", "See to it"),
)  # fmt: skip
def sessions_with_broken_equipment(moment: Moment) -> Condition:
    """Sessions to come that have booked what has become unusable since."""
    usable = case(
        (col(Equipment.state) == EquipmentState.USABLE, col(Equipment.number) - col(Equipment.out_of_use)), else_=0
    )
    broken = (
        select(col(EquipmentBooking.id))
        .join(Equipment, col(Equipment.id) == col(EquipmentBooking.equipment_id))
        .where(col(EquipmentBooking.session_id) == col(TrainingSession.id), col(EquipmentBooking.number) > usable)
        .exists()
    )
    return and_(col(TrainingSession.starts) > moment.now, col(TrainingSession.state).in_(UNFINISHED), broken)


# -- volunteers at work --------------------------------------------------


@waits(
    "shifts_at_risk", ServiceShift, "starts", "write",
    L("48 小时内缺人的班次", "Shifts short of people in 48 hours"),
    L("补人：{title} · {place}", "Find people: {title}, {place}"),
    L("去补人", "Find people"),
)  # fmt: skip
def shifts_at_risk(moment: Moment) -> Condition:
    """Shifts that begin within 48 hours with fewer people, in all or in a role, than they need."""
    serving = col(ShiftSignup.state).in_((SignupState.SIGNED, SignupState.SERVED))
    counted = select(func.count(col(ShiftSignup.id))).where(serving)
    in_all = counted.where(col(ShiftSignup.shift_id) == col(ServiceShift.id)).scalar_subquery()
    in_role = counted.where(col(ShiftSignup.slot_id) == col(ShiftSlot.id)).scalar_subquery()
    short = select(col(ShiftSlot.id)).where(
        col(ShiftSlot.shift_id) == col(ServiceShift.id), ShiftSlot.minimum > in_role
    )
    soon = col(ServiceShift.starts).between(moment.now, moment.now + AT_RISK)
    return and_(
        col(ServiceShift.state) == ShiftState.OPEN, soon, or_(col(ServiceShift.minimum) > in_all, short.exists())
    )


@waits(
    "shifts_to_record", ServiceShift, "record_by", "write",
    L("待登记时长的班次", "Shifts to record"),
    L("登记时长：{title}", "Record the hours of {title}"),
    L("去登记", "Record"),
)  # fmt: skip
def shifts_to_record(moment: Moment) -> Condition:
    """Shifts that are over and not closed; ten working days are granted (M67 art. 11)."""
    return and_(col(ServiceShift.state) == ShiftState.OPEN, col(ServiceShift.ends) <= moment.now)


@waits(
    "hours_to_confirm", ServiceHours, "record_by", "approve",
    L("待确认的服务时长", "Hours to confirm"),
    L("确认时长：{volunteer_id} · {activity} · {source}", "Confirm the hours of {volunteer_id}: {activity} ({source})"),
    L("去确认", "Confirm"), since="served_on",
)  # fmt: skip
def hours_to_confirm(_moment: Moment) -> Condition:
    return col(ServiceHours.state) == HoursState.PENDING


@waits(
    "signed_in_still", ServiceHours, "served_on", "write",
    L("忘记签退的时长", "Sign-outs forgotten"),
    L("没有签退：{volunteer_id} · {activity}", "Not signed out: {volunteer_id}, {activity}"),
    L("去处理", "See to it"),
)  # fmt: skip
def signed_in_still(moment: Moment) -> Condition:
    """Signed in on an earlier day and still open."""
    return and_(col(ServiceHours.state) == HoursState.OPEN, col(ServiceHours.served_on) < moment.today)


@waits(
    "corrections", CorrectionRequest, "asked_on", "write",
    L("待答复的更正申请", "Corrections to answer"),
    L("答复更正申请：{volunteer_id}", "Answer the request of {volunteer_id}"),
    L("去答复", "Answer"), days=10,
)  # fmt: skip
def corrections(_moment: Moment) -> Condition:
    return col(CorrectionRequest.state) == RequestState.OPEN


@waits(
    "stars", StarAward, "applied_on", "approve",
    L("待评定的星级", "Stars to decide"),
    L("评定 {level} 星：{volunteer_id}", "Decide on {level} stars for {volunteer_id}"),
    L("去评定", "Decide"), days=20,
)  # fmt: skip
def stars_to_decide(_moment: Moment) -> Condition:
    return col(StarAward.state) == StarState.APPLIED


# -- partners and staff --------------------------------------------------


@waits(
    "agreements", Agreement, "ends", "read",
    L("60 天内到期协议", "Agreements ending in 60 days"),
    L("续签合作协议：{organisation_id}", "Renew the agreement with {organisation_id}"),
    L("去续签", "Renew"), opens="organisation_id",
)  # fmt: skip
def agreements_ending(moment: Moment, days: int = REMIND) -> Condition:
    """Signed agreements that end soon and have no successor."""
    later = aliased(Agreement)
    renewed = (
        select(col(later.id))
        .where(col(later.renewal_of_id) == col(Agreement.id), col(later.state) != AgreementState.TERMINATED)
        .exists()
    )
    return and_(col(Agreement.state) == AgreementState.SIGNED, within(Agreement.ends, moment, days), ~renewed)


@waits(
    "qualifications", StaffQualification, "expires_on", "read",
    L("90 天内到期的人员资质", "Staff qualifications ending"),
    L("人员资质到期：{staff_member_id} · {kind}", "Qualification of {staff_member_id} ends: {kind}"),
    L("打开", "Open"),
)  # fmt: skip
def qualifications_ending(moment: Moment) -> Condition:
    """Qualifications, of people in post, that end soon and are followed by none of their kind."""
    later = aliased(StaffQualification)
    renewed = (
        select(col(later.id))
        .where(col(later.staff_member_id) == col(StaffQualification.staff_member_id))
        .where(col(later.kind) == col(StaffQualification.kind))
        .where(or_(col(later.expires_on).is_(None), col(later.expires_on) > col(StaffQualification.expires_on)))
        .exists()
    )
    in_post = (
        select(col(StaffMember.id))
        .where(col(StaffMember.id) == col(StaffQualification.staff_member_id))
        .where(or_(col(StaffMember.left_on).is_(None), col(StaffMember.left_on) >= moment.today))
        .exists()
    )
    return and_(within(StaffQualification.expires_on, moment, SOON), in_post, ~renewed)


# -- what is missing --------------------------------------------------


@waits(
    "documents", RequiredDocument, "", "write",
    L("还缺的必备文件", "Required documents missing"),
    L("{count} 份必备文件还没有发布", "{count} required documents are not published yet"),
    L("看清单", "See which"), together=True,
    why=L("制度文件发布后即消失", "Goes as the documents are published"),
)  # fmt: skip
def documents_missing(_moment: Moment) -> Condition:
    published = (
        select(col(PolicyDocument.id))
        .where(col(PolicyDocument.required_id) == col(RequiredDocument.id))
        .where(col(PolicyDocument.state) == PolicyState.PUBLISHED)
        .exists()
    )
    return ~published


@waits(
    "groups", WechatGroup, "", "write",
    L("要报人数的社群", "Groups without a count"),
    L("{count} 个社群 35 天没有快照", "{count} groups have had no snapshot for 35 days"),
    L("去登记", "Enter them"), together=True,
    why=L("02.3 取每群最新的一次人数", "02.3 takes the newest count of each group"),
)  # fmt: skip
def groups_uncounted(moment: Moment) -> Condition:
    """Groups in operation whose members nobody counted in the last 35 days."""
    since = moment.today - timedelta(days=SNAPSHOT_DAYS)
    counted = (
        select(col(GroupSnapshot.id))
        .where(col(GroupSnapshot.group_id) == col(WechatGroup.id), col(GroupSnapshot.taken_on) >= since)
        .exists()
    )
    return and_(col(WechatGroup.state) == GroupState.ACTIVE, col(WechatGroup.founded_on) < since, ~counted)


# -- planned, and its day has passed --------------------------------------------------


class Plan(NamedTuple):
    """A planned activity: the field of its day, the state when it took place, what is asked then."""

    day: str
    planned: str
    done: str
    asks: tuple[str, ...] = ()


def planned(name: str) -> str:
    """The name under which planned rows of the record type wait."""
    return f"planned_{name}"


PLANS: dict[str, Plan] = {}
PLANNED: tuple[tuple[type[Any], str, Plan], ...] = (
    (WelfareCampaign, "title", Plan("held_on", HeldState.PLANNED, HeldState.HELD, ("participants",))),
    (CommunityVisit, "place", Plan("visited_on", HeldState.PLANNED, HeldState.HELD, ("encounters",))),
    (Screening, "disease", Plan("screened_on", HeldState.PLANNED, HeldState.HELD, ("screened", "found"))),
    (CoordinationMeeting, "title", Plan("held_on", HeldState.PLANNED, HeldState.HELD, ("parties", "attendees"))),
    (Seminar, "title", Plan("held_on", HeldState.PLANNED, HeldState.HELD, ("participants",))),
    (
        TechnologyPromotion,
        "technology",
        Plan("promoted_on", PromotionState.PLANNED, PromotionState.DONE, ("audience",)),
    ),
    (CooperationProject, "name", Plan("launched_on", CooperationState.PLANNED, CooperationState.LAUNCHED)),
)


def _passed(model: type[Any], plan: Plan) -> Callable[[Moment], Condition]:
    day, state = getattr(model, plan.day), model.state
    return lambda moment: and_(state == plan.planned, day < moment.today)


def _declare_plans() -> None:
    for model, title, plan in PLANNED:
        record = RECORDS[snake(model.__name__)]
        PLANS[planned(record.name)] = plan
        label = L(f"已过期的{record.label.zh}计划", f"Planned, day passed: {record.label.en.lower()}")
        doing = L(f"{record.label.zh}开展了吗：{{{title}}}", f"{record.label.en}, did it take place? {{{title}}}")
        declare = waits(
            planned(record.name), model, plan.day, "write", label, doing, L("标记为已开展", "It took place")
        )
        declare(_passed(model, plan))


_declare_plans()
