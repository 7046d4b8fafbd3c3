"""Deployments of the rescue volunteers: where they were called, who went, for how long, and how it ended (feature T16)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, LONG, SEARCH, Choice, StationRow, Ui, record, unique
from models.types import Amount, UtcDateTime, Word
from models.words import L

LONGEST_HOURS = 24 * 14


class DeploymentKind(Choice):
    FIRST_AID = "first_aid", "现场急救", "First aid on the spot"
    EMERGENCY = "emergency", "突发事件", "Emergency"
    DISASTER = "disaster", "灾害救援", "Disaster relief"
    EVENT = "event", "活动保障", "Standby at an event"
    DRILL = "drill", "演练", "Drill"
    OTHER = "other", "其他", "Other"


@record(
    "出队记录",
    "Deployment",
    area="volunteers",
    menu=3,
    icon="ambulance",
    title="title",
    sort="-starts",
    keys=(("title", "starts"),),
    about=L(
        "应急救护志愿者每次出队：何时何地、谁去了多久、结果和复盘。",
        "Each time the rescue volunteers went out: when, where, who for how long, outcome and debrief.",
    ),
)
class Deployment(StationRow, table=True):
    """Rescue volunteers went out together; without an end they are still out."""

    __table_args__ = (Index("ix_deployment_starts", "starts"),)
    title: Annotated[str, Ui("事件", "Event", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    kind: Annotated[DeploymentKind, Ui("种类", "Kind", LIST | FILTER)] = Field(sa_type=Word)
    starts: Annotated[datetime, Ui("出队时间", "Left at", LIST | FILTER)] = Field(sa_type=UtcDateTime)
    ends: Annotated[
        datetime | None,
        Ui("归队时间", "Back at", LIST, help=L("还在外面就留空", "Leave empty while they are out")),
    ] = Field(default=None, sa_type=UtcDateTime)
    place: Annotated[str, Ui("地点", "Place", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    requested_by: Annotated[str, Ui("请求单位", "Requested by")] = Field(default="", max_length=80)
    helped: Annotated[int | None, Ui("救助人数", "People helped", LIST)] = Field(default=None, ge=0, le=100_000)
    outcome: Annotated[str, Ui("结果", "Outcome", LONG)] = Field(default="", max_length=1000)
    debrief: Annotated[str, Ui("复盘", "Debrief", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        starts, ends = values.get("starts"), values.get("ends")
        if not (starts and ends):
            return {}
        if ends <= starts:
            return {"ends": "ends_before_start"}
        return {"ends": "span_too_long"} if (ends - starts).total_seconds() > LONGEST_HOURS * 3600 else {}


class Duty(Choice):
    LEADER = "leader", "带队", "Led the team"
    RESCUER = "rescuer", "施救", "First aid"
    SUPPORT = "support", "后勤", "Support"


@record(
    "出队人员",
    "Deployed volunteer",
    area="volunteers",
    menu=10,
    icon="directions_run",
    title="volunteer_id",
    sort="-deployment_id",
    keys=(("deployment_id", "volunteer_id"),),
    about=L("谁出了队、多少小时。", "Who went out, for how many hours."),
)
class DeploymentMember(StationRow, table=True):
    """A volunteer of a deployment; hours that are not given follow from its times once it has ended."""

    __table_args__ = (
        unique("ux_deployment_member", "deployment_id", "volunteer_id"),
        Index("ix_deployment_member_volunteer", "volunteer_id"),
    )
    deployment_id: Annotated[int, Ui("出队记录", "Deployment", LIST)] = Field(foreign_key="deployment.id")
    volunteer_id: Annotated[int, Ui("志愿者", "Volunteer", LIST)] = Field(foreign_key="volunteer.id")
    duty: Annotated[Duty, Ui("分工", "Duty", LIST | FILTER)] = Field(default=Duty.RESCUER, sa_type=Word)
    hours: Annotated[
        Decimal | None,
        Ui("时长（小时）", "Hours", LIST, help=L("留空则按出队和归队时间计算", "Empty: from leaving to coming back")),
    ] = Field(default=None, gt=0, le=LONGEST_HOURS, sa_type=Amount)
    credited_on: Annotated[date | None, Ui("计入时长", "Credited on", LIST | FIXED)] = None
