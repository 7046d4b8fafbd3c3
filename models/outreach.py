"""Departments of the hospital and what is done with them: cooperation projects, new technologies (source 000 §三.4)."""

from datetime import date
from typing import Annotated, Any

from sqlalchemy import Index, Select
from sqlmodel import Field, col, func

from models.base import FILTER, LIST, LONG, SEARCH, Choice, Record, StationRow, Ui, record, unique
from models.checks import happened, in_order
from models.measures import facts, measure
from models.types import Phone, Word
from models.words import L


@record(
    "科室",
    "Department",
    area="partners",
    menu=8,
    icon="local_hospital",
    title="name",
    sort="name",
    keys=(("name",),),
    about=L("医院的科室和联系人。", "The hospital's departments and whom to ask there."),
)
class Department(Record, table=True):
    """A department of the hospital."""

    __table_args__ = (unique("ux_department_name", "name"),)
    name: Annotated[str, Ui("科室名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=60)
    head: Annotated[str, Ui("负责人", "Head", LIST)] = Field(default="", max_length=60)
    liaison: Annotated[str, Ui("对接人", "Liaison", LIST)] = Field(default="", max_length=60)
    work_phone: Annotated[Phone | None, Ui("科室电话", "Work phone", LIST)] = Field(default=None, max_length=24)
    specialty: Annotated[str, Ui("专科特色", "Specialty", LONG)] = Field(default="", max_length=500)
    active: Annotated[bool, Ui("在用", "In use", LIST | FILTER)] = True


class CooperationState(Choice):
    PLANNED = "planned", "策划中", "Planned"
    LAUNCHED = "launched", "已启动", "Launched"
    ENDED = "ended", "已结束", "Ended"
    CANCELLED = "cancelled", "已取消", "Cancelled"


BEGUN = (CooperationState.LAUNCHED, CooperationState.ENDED)


@record(
    "医疗合作项目",
    "Cooperation project",
    area="partners",
    menu=9,
    icon="join_inner",
    title="name",
    sort="-launched_on",
    keys=(("name",),),
    days=("launched_on",),
    until="ended_on",
    about=L("协助科室推出的医疗合作项目；启动后计入 04.1。", "Medical cooperation with departments; counts in 04.1."),
)
class CooperationProject(StationRow, table=True):
    """A medical cooperation project run with a department."""

    __table_args__ = (
        unique("ux_cooperation_project_name", "name"),
        Index("ix_cooperation_project_fact", "state", "launched_on"),
    )
    name: Annotated[str, Ui("项目名称", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    department_id: Annotated[int | None, Ui("科室", "Department", LIST | FILTER)] = Field(
        default=None, foreign_key="department.id", index=True
    )
    organisation_id: Annotated[int | None, Ui("合作单位", "Organisation", LIST)] = Field(
        default=None, foreign_key="organisation.id", index=True
    )
    launched_on: Annotated[
        date | None, Ui("启动日期", "Launched on", LIST | FILTER, help=L("按这一天计入 04.1", "The day it counts"))
    ] = None
    ended_on: Annotated[date | None, Ui("结束日期", "Ended on", LIST)] = None
    state: Annotated[CooperationState, Ui("状态", "State", LIST | FILTER)] = Field(sa_type=Word)
    summary: Annotated[str, Ui("合作内容", "Summary", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "launched_on", BEGUN) or in_order(values, "launched_on", "ended_on")


class PromotionKind(Choice):
    LECTURE = "lecture", "讲座", "Lecture"
    TRAINING = "training", "培训", "Training"
    CLINIC = "free_clinic", "义诊", "Free clinic"
    MEDIA = "media", "媒体宣传", "Media"
    VISIT = "visit", "上门推介", "Visit"
    OTHER = "other", "其他", "Other"


class PromotionState(Choice):
    PLANNED = "planned", "计划", "Planned"
    DONE = "done", "已开展", "Done"
    CANCELLED = "cancelled", "已取消", "Cancelled"


@record(
    "适宜新技术推广",
    "Technology promotion",
    area="partners",
    menu=10,
    icon="biotech",
    title="technology",
    sort="-promoted_on",
    keys=(("technology", "promoted_on"),),
    days=("promoted_on",),
    about=L("每开展一次推广记一条；04.2 按技术去重。", "One row for each promotion; 04.2 counts a technology once."),
)
class TechnologyPromotion(StationRow, table=True):
    """One promotion of an appropriate new technology."""

    __table_args__ = (Index("ix_technology_promotion_fact", "state", "promoted_on", "technology"),)
    technology: Annotated[
        str,
        Ui(
            "技术名称", "Technology", LIST | SEARCH,
            help=L("同一技术请用同一名称，空格和大小写不计", "Write the same one alike; spaces and case do not matter"),
        ),
    ] = Field(min_length=1, max_length=120)  # fmt: skip
    department_id: Annotated[int | None, Ui("科室", "Department", LIST | FILTER)] = Field(
        default=None, foreign_key="department.id", index=True
    )
    promoted_on: Annotated[date, Ui("推广日期", "Promoted on", LIST | FILTER)] = Field()
    kind: Annotated[PromotionKind, Ui("方式", "Kind", LIST | FILTER)] = Field(
        default=PromotionKind.LECTURE, sa_type=Word
    )
    state: Annotated[PromotionState, Ui("状态", "State", LIST | FILTER)] = Field(
        default=PromotionState.DONE, sa_type=Word
    )
    place: Annotated[str, Ui("地点 / 对象", "Where and for whom", LIST)] = Field(default="", max_length=120)
    audience: Annotated[int | None, Ui("覆盖人数", "People reached", LIST)] = Field(default=None, ge=0, le=1_000_000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "promoted_on", (PromotionState.DONE,))


@measure("cooperation_project.launched")
def projects_launched() -> Select[Any]:
    """Medical cooperation projects, on the day of their launch."""
    return facts(CooperationProject.launched_on, CooperationProject.id, station=CooperationProject.unit_id).where(
        col(CooperationProject.state).in_(BEGUN)
    )


@measure("technology_promotion.promoted")
def technologies_promoted() -> Select[Any]:
    """Promotions done; who is the technology, told by its first record of the same name, whatever its case, spaces and
    brackets."""
    name = func.lower(TechnologyPromotion.technology)
    for wide, plain in (("（", "("), ("）", ")"), ("　", ""), (" ", "")):
        name = func.replace(name, wide, plain)
    return facts(
        TechnologyPromotion.promoted_on,
        TechnologyPromotion.id,
        station=TechnologyPromotion.unit_id,
        who=func.min(TechnologyPromotion.id).over(partition_by=name),
    ).where(col(TechnologyPromotion.state) == PromotionState.DONE)
