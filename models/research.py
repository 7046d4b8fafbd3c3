"""Research and dissemination: grants, articles, seminars, nominations (source 000 §三.9)."""

from datetime import date
from typing import Annotated, Any

from sqlalchemy import Index, Select
from sqlmodel import Field, col

from models.base import DOER, FILTER, LIST, LONG, SEARCH, Choice, StationRow, Ui, record, unique
from models.checks import happened, in_order
from models.community import HeldState
from models.measures import facts, measure
from models.types import Word
from models.words import L


class AcademicLevel(Choice):
    INTERNATIONAL = "international", "国际级", "International"
    NATIONAL = "national", "国家级", "National"
    PROVINCIAL = "provincial", "省级", "Provincial"
    CITY = "city", "市级", "City"
    HOSPITAL = "hospital", "院级", "Hospital"


class GrantState(Choice):
    DRAFT = "draft", "撰写中", "Draft"
    SUBMITTED = "submitted", "已申报", "Submitted"
    GRANTED = "granted", "已立项", "Granted"
    REJECTED = "rejected", "未立项", "Rejected"
    FINISHED = "finished", "已结题", "Finished"


SENT = tuple(GrantState)[1:]


@record(
    "课题",
    "Grant application",
    area="research",
    menu=4,
    icon="science",
    title="title",
    sort="-submitted_on",
    keys=(("title",),),
    days=("submitted_on",),
    until="",
    about=L("课题申报；提交后计入 09.1，立项与否不影响。", "Applications for research; count in 09.1 once submitted."),
)
class GrantApplication(StationRow, table=True):
    """An application for a research project."""

    __table_args__ = (
        unique("ux_grant_application_title", "title"),
        Index("ix_grant_application_fact", "state", "submitted_on"),
    )
    title: Annotated[str, Ui("课题名称", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=160)
    funder: Annotated[str, Ui("主管单位", "Funder", LIST | SEARCH)] = Field(default="", max_length=120)
    level: Annotated[AcademicLevel, Ui("级别", "Level", LIST | FILTER)] = Field(
        default=AcademicLevel.PROVINCIAL, sa_type=Word
    )
    leader: Annotated[str, Ui("负责人", "Leader", LIST | DOER)] = Field(default="", max_length=60)
    submitted_on: Annotated[date | None, Ui("申报日期", "Submitted on", LIST | FILTER)] = None
    state: Annotated[GrantState, Ui("状态", "State", LIST | FILTER)] = Field(sa_type=Word)
    number: Annotated[str, Ui("立项编号", "Grant number", LIST)] = Field(default="", max_length=60)
    summary: Annotated[str, Ui("摘要", "Summary", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "submitted_on", SENT)


class PublicationState(Choice):
    DRAFT = "draft", "撰写中", "Draft"
    SUBMITTED = "submitted", "已投稿", "Submitted"
    ACCEPTED = "accepted", "已录用", "Accepted"
    PUBLISHED = "published", "已刊发", "Published"
    REJECTED = "rejected", "退稿", "Rejected"


@record(
    "文章",
    "Publication",
    area="research",
    menu=5,
    icon="article",
    title="title",
    sort="-published_on",
    keys=(("title",),),
    days=("published_on",),
    about=L(
        "专业刊物、网站上的文章；刊发后计入 09.2。", "Articles in journals and on websites; count in 09.2 once out."
    ),
)
class Publication(StationRow, table=True):
    """An article, from the draft to print."""

    __table_args__ = (
        unique("ux_publication_title", "title"),
        Index("ix_publication_fact", "state", "published_on"),
    )
    title: Annotated[str, Ui("文章题目", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=160)
    outlet: Annotated[str, Ui("刊物 / 网站", "Journal or website", LIST | SEARCH)] = Field(default="", max_length=120)
    authors: Annotated[str, Ui("作者", "Authors", LIST)] = Field(default="", max_length=120)
    submitted_on: Annotated[date | None, Ui("投稿日期", "Submitted on")] = None
    published_on: Annotated[date | None, Ui("刊发日期", "Published on", LIST | FILTER)] = None
    state: Annotated[PublicationState, Ui("状态", "State", LIST | FILTER)] = Field(sa_type=Word)
    link: Annotated[str, Ui("链接 / 卷期", "Link or issue")] = Field(default="", max_length=300)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        errors = happened(values, today, "published_on", (PublicationState.PUBLISHED,))
        return errors or in_order(values, "submitted_on", "published_on")


@record(
    "研讨会",
    "Seminar",
    area="research",
    menu=6,
    icon="podium",
    title="title",
    sort="-held_on",
    keys=(("title", "held_on"),),
    days=("held_on",),
    about=L("省级及以上、已举办的计入 09.3。", "Held ones of provincial level or above count in 09.3."),
)
class Seminar(StationRow, table=True):
    """A seminar that we help to prepare."""

    __table_args__ = (Index("ix_seminar_fact", "state", "level", "held_on"),)
    title: Annotated[str, Ui("研讨会名称", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=160)
    level: Annotated[AcademicLevel, Ui("级别", "Level", LIST | FILTER)] = Field(sa_type=Word)
    held_on: Annotated[date, Ui("举办日期", "Held on", LIST | FILTER)] = Field()
    state: Annotated[HeldState, Ui("状态", "State", LIST | FILTER)] = Field(default=HeldState.HELD, sa_type=Word)
    place: Annotated[str, Ui("地点", "Place", LIST)] = Field(default="", max_length=120)
    organisers: Annotated[str, Ui("主办 / 承办", "Organisers", LIST)] = Field(default="", max_length=200)
    speakers: Annotated[str, Ui("讲者", "Speakers", LONG)] = Field(default="", max_length=1000)
    guests: Annotated[str, Ui("嘉宾", "Guests", LONG)] = Field(default="", max_length=1000)
    agenda: Annotated[str, Ui("议程", "Agenda", LONG)] = Field(default="", max_length=2000)
    participants: Annotated[int | None, Ui("参会人数", "Participants", LIST)] = Field(default=None, ge=0, le=100_000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "held_on", (HeldState.HELD,))


class NominationState(Choice):
    NOMINATED = "nominated", "已推选", "Nominated"
    AWARDED = "awarded", "已获奖", "Awarded"
    NOT_AWARDED = "not_awarded", "未获奖", "Not awarded"


@record(
    "推选",
    "Award nomination",
    area="research",
    menu=7,
    icon="military_tech",
    title="award",
    sort="-nominated_on",
    keys=(("award", "nominee", "nominated_on"),),
    about=L("推选个人、团队或项目参评。", "People, teams and projects put forward for awards."),
)
class AwardNomination(StationRow, table=True):
    """Somebody or something put forward for an award."""

    __table_args__ = (Index("ix_award_nomination_on", "nominated_on", "id"),)
    award: Annotated[str, Ui("奖项", "Award", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    nominee: Annotated[str, Ui("推选对象", "Nominee", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    level: Annotated[AcademicLevel, Ui("级别", "Level", LIST | FILTER)] = Field(
        default=AcademicLevel.PROVINCIAL, sa_type=Word
    )
    nominated_on: Annotated[date, Ui("推选日期", "Nominated on", LIST | FILTER)] = Field()
    state: Annotated[NominationState, Ui("结果", "Result", LIST | FILTER)] = Field(
        default=NominationState.NOMINATED, sa_type=Word
    )

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "nominated_on", tuple(NominationState))


@measure("grant_application.submitted")
def grants_submitted() -> Select[Any]:
    """Applications submitted, on that day, whether or not they were granted."""
    query = facts(GrantApplication.submitted_on, GrantApplication.id, station=GrantApplication.unit_id)
    return query.where(col(GrantApplication.state).in_(SENT))


@measure("publication.published")
def articles_published() -> Select[Any]:
    """Articles in print or online, on the day of publication."""
    query = facts(Publication.published_on, Publication.id, station=Publication.unit_id)
    return query.where(col(Publication.state) == PublicationState.PUBLISHED)


@measure("seminar.held")
def seminars_held(levels: list[str] | None = None) -> Select[Any]:
    """Seminars held, of these levels, on their day."""
    query = facts(Seminar.held_on, Seminar.id, station=Seminar.unit_id)
    query = query.where(col(Seminar.state) == HeldState.HELD)
    return query.where(col(Seminar.level).in_(levels)) if levels else query
