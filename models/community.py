"""WeChat communities and the healthy-community action: groups, campaigns, visits, meetings (source 000 §三)."""

from datetime import date
from typing import Annotated, Any

from sqlalchemy import Index, Select, Text, literal, type_coerce, union_all
from sqlmodel import Field, col, func

from models.base import DOER, FILTER, LIST, LONG, SEARCH, Choice, StationRow, Ui, record, unique
from models.checks import at_most, happened, in_order, past, said
from models.clients import DONE, AssistanceService, Place
from models.measures import Facts, day_after, facts, measure
from models.types import Codes, Word
from models.words import L


class HeldState(Choice):
    PLANNED = "planned", "计划中", "Planned"
    HELD = "held", "已开展", "Held"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class PostState(Choice):
    DRAFT = "draft", "制作中", "Draft"
    PUBLISHED = "published", "已发布", "Published"
    WITHDRAWN = "withdrawn", "已撤回", "Withdrawn"


HELD = (HeldState.HELD,)
OUT = (PostState.PUBLISHED,)


# -- WeChat communities ----------------------------------------------------------------------------------------------


class GroupState(Choice):
    ACTIVE = "active", "运营中", "In operation"
    DISSOLVED = "dissolved", "已解散", "Dissolved"


@record(
    "微信社群",
    "WeChat group",
    area="community",
    menu=1,
    icon="groups_3",
    title="name",
    sort="-founded_on",
    keys=(("name",),),
    days=("founded_on",),
    until="dissolved_on",
    about=L(
        "建群、运营、解散；成员数记在快照里。", "Founded, in operation, dissolved; members stand in the snapshots."
    ),
)
class WechatGroup(StationRow, table=True):
    """A WeChat community, in operation from its founding through the day of its dissolution."""

    __table_args__ = (
        unique("ux_wechat_group_name", "name"),
        Index("ix_wechat_group_founded", "founded_on", "id"),
        Index("ix_wechat_group_state", "state", "id"),
    )
    name: Annotated[str, Ui("群名", "Name", LIST | SEARCH)] = Field(min_length=1, max_length=80)
    theme: Annotated[str, Ui("主题", "Theme", LIST | SEARCH | FILTER)] = Field(default="", max_length=60)
    founded_on: Annotated[
        date, Ui("建群日期", "Founded on", LIST | FILTER, help=L("服务期内新建的计入 02.2", "New ones count in 02.2"))
    ] = Field()
    owner: Annotated[str, Ui("群主", "Owner", LIST | FILTER | DOER)] = Field(default="", max_length=60)
    state: Annotated[GroupState, Ui("状态", "State", LIST | FILTER)] = Field(default=GroupState.ACTIVE, sa_type=Word)
    dissolved_on: Annotated[
        date | None, Ui("解散日期", "Dissolved on", LIST, help=L("次日起不再计", "Counts no more from the next day on"))
    ] = None

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """A group is dissolved exactly when it has the day of it."""
        if values.get("dissolved_on") and values.get("state") != GroupState.DISSOLVED:
            return {"state": "state_and_day"}
        errors = happened(values, today, "dissolved_on", (GroupState.DISSOLVED,)) | past(values, today, "founded_on")
        return errors or in_order(values, "founded_on", "dissolved_on")


@record(
    "社群快照",
    "Group snapshot",
    area="community",
    menu=2,
    icon="monitoring",
    title="id",
    sort="-taken_on",
    keys=(("group_id", "taken_on"),),
    days=("taken_on",),
    about=L("某天群里有多少人；02.3 取每群最新的一条。", "How many are in the group that day; 02.3 takes the newest."),
)
class GroupSnapshot(StationRow, table=True):
    """How many members a group has on a day."""

    __table_args__ = (unique("ux_group_snapshot", "group_id", "taken_on"),)
    group_id: Annotated[int, Ui("社群", "Group", LIST | SEARCH)] = Field(foreign_key="wechat_group.id", index=True)
    taken_on: Annotated[date, Ui("统计日期", "Taken on", LIST | FILTER)] = Field(index=True)
    members: Annotated[int, Ui("成员数", "Members", LIST)] = Field(ge=0, le=1_000_000)
    active: Annotated[int | None, Ui("活跃人数", "Active members", LIST)] = Field(default=None, ge=0, le=1_000_000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return past(values, today, "taken_on") | at_most(values, "active", "members")


class CampaignKind(Choice):
    FREE_CLINIC = "free_clinic", "义诊", "Free clinic"
    CONSULTATION = "consultation", "线上咨询", "Online consultation"
    LECTURE = "lecture", "健康讲座", "Health talk"
    GIFT = "gift", "福利派送", "Gifts"
    CHECKUP = "checkup", "优惠体检", "Check-ups"
    OTHER = "other", "其他", "Other"


@record(
    "福利活动",
    "Welfare campaign",
    area="community",
    menu=3,
    icon="redeem",
    title="title",
    sort="-held_on",
    keys=(("title", "held_on"),),
    days=("held_on",),
    about=L("在社群里办的福利活动；已开展的计入 02.4。", "Benefit activities for the groups; held ones count in 02.4."),
)
class WelfareCampaign(StationRow, table=True):
    """A benefit activity (福利活动) for the members of the groups."""

    __table_args__ = (Index("ix_welfare_campaign_fact", "state", "held_on"),)
    title: Annotated[str, Ui("活动名称", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    kind: Annotated[CampaignKind, Ui("种类", "Kind", LIST | FILTER)] = Field(default=CampaignKind.OTHER, sa_type=Word)
    group_id: Annotated[int | None, Ui("社群", "Group", LIST)] = Field(
        default=None, foreign_key="wechat_group.id", index=True
    )
    held_on: Annotated[date, Ui("举办日期", "Held on", LIST | FILTER)] = Field()
    state: Annotated[HeldState, Ui("状态", "State", LIST | FILTER)] = Field(default=HeldState.HELD, sa_type=Word)
    participants: Annotated[int | None, Ui("参与人数", "Participants", LIST)] = Field(default=None, ge=0, le=1_000_000)
    summary: Annotated[str, Ui("活动情况", "Summary", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "held_on", HELD)


class MaterialKind(Choice):
    POSTER = "poster", "海报", "Poster"
    LEAFLET = "leaflet", "折页 / 单张", "Leaflet"
    VIDEO = "video", "视频", "Video"
    IMAGE = "image", "图文", "Pictures and text"
    MANUAL = "manual", "手册", "Booklet"
    BANNER = "banner", "展架 / 横幅", "Stand or banner"
    OTHER = "other", "其他", "Other"


@record(
    "宣传物料",
    "Promotional material",
    area="community",
    menu=4,
    icon="palette",
    title="title",
    sort="-published_on",
    keys=(("title", "published_on"),),
    days=("published_on",),
    about=L("每月都要有；成品作附件，计入 02.5。", "Every month needs one; attach it. Counts in 02.5."),
)
class PromoMaterial(StationRow, table=True):
    """A promotional material, designed and put out."""

    __table_args__ = (Index("ix_promo_material_fact", "state", "published_on"),)
    title: Annotated[str, Ui("物料名称", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    kind: Annotated[MaterialKind, Ui("种类", "Kind", LIST | FILTER)] = Field(default=MaterialKind.POSTER, sa_type=Word)
    series: Annotated[str, Ui("所属系列", "Series", LIST | FILTER)] = Field(default="", max_length=60)
    published_on: Annotated[date, Ui("发布日期", "Published on", LIST | FILTER)] = Field()
    state: Annotated[PostState, Ui("状态", "State", LIST | FILTER)] = Field(default=PostState.PUBLISHED, sa_type=Word)
    copies: Annotated[int | None, Ui("份数", "Copies", LIST)] = Field(default=None, ge=0, le=10_000_000)
    designer: Annotated[str, Ui("设计人", "Designer", LIST | DOER)] = Field(default="", max_length=60)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "published_on", OUT)


@record(
    "公众号推文",
    "Official-account post",
    area="community",
    menu=5,
    icon="rss_feed",
    title="title",
    sort="-published_on",
    keys=(("title", "published_on"),),
    days=("published_on",),
    about=L("公众号每月都要发；计入 08.5。", "The official account posts every month; counts in 08.5."),
)
class OfficialAccountPost(StationRow, table=True):
    """An article of the WeChat official account."""

    __table_args__ = (Index("ix_official_account_post_fact", "state", "published_on"),)
    title: Annotated[str, Ui("标题", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    published_on: Annotated[date, Ui("发布日期", "Published on", LIST | FILTER)] = Field()
    state: Annotated[PostState, Ui("状态", "State", LIST | FILTER)] = Field(default=PostState.PUBLISHED, sa_type=Word)
    reads: Annotated[int | None, Ui("阅读量", "Reads", LIST)] = Field(default=None, ge=0, le=1_000_000_000)
    author: Annotated[str, Ui("作者", "Author", LIST | DOER)] = Field(default="", max_length=60)
    link: Annotated[str, Ui("链接", "Link")] = Field(default="", max_length=300)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "published_on", OUT)


# -- the healthy-community action -------------------------------------------------------------------------------------


class Service(Choice):
    """The five steps of the community service model (06.1)."""

    EDUCATION = "education", "健康宣教", "Health education"
    FILE = "health_file", "健康建档", "Health records"
    SCREENING = "screening", "疾病筛查", "Disease screening"
    FAST_ACCESS = "fast_access", "快速就医", "Fast access to care"
    FOLLOWUP = "followup", "跟进随访", "Follow-up"
    OTHER = "other", "其他", "Other"


@record(
    "社区走访",
    "Community visit",
    area="community",
    menu=6,
    icon="holiday_village",
    title="place",
    sort="-visited_on",
    keys=(("visited_on", "place"),),
    days=("visited_on",),
    about=L("一次走访同时计入 06.3 和 06.7（服务人次）。", "One visit counts in 06.3, and its attendances in 06.7."),
)
class CommunityVisit(StationRow, table=True):
    """A visit to a community, and how many were served there."""

    __table_args__ = (Index("ix_community_visit_fact", "state", "visited_on", "encounters"),)
    place: Annotated[str, Ui("社区 / 地点", "Community or place", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    visited_on: Annotated[date, Ui("走访日期", "Visited on", LIST | FILTER)] = Field()
    organisation_id: Annotated[int | None, Ui("合作单位", "Organisation", LIST)] = Field(
        default=None, foreign_key="organisation.id", index=True
    )
    site_id: Annotated[int | None, Ui("示范点", "Demonstration site", LIST | FILTER)] = Field(
        default=None, foreign_key="demonstration_site.id", index=True
    )
    services: Annotated[list[Service], Ui("服务内容", "Services", LIST | FILTER)] = Field(
        default_factory=list, sa_type=Codes
    )
    encounters: Annotated[
        int | None,
        Ui(
            "服务人次", "Attendances served", LIST,
            help=L("按人次计，不去重；现场筛查的人次也记在这里", "Everyone served, each time, screenings included"),
        ),
    ] = Field(default=None, nullable=False, sa_column_kwargs={"default": 0}, ge=0, le=1_000_000)  # fmt: skip
    state: Annotated[HeldState, Ui("状态", "State", LIST | FILTER)] = Field(default=HeldState.HELD, sa_type=Word)
    worker: Annotated[str, Ui("走访人员", "Worker", LIST | DOER)] = Field(default="", max_length=120)
    summary: Annotated[str, Ui("走访情况", "Summary", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """A visit that was held says how many were served, were it none: left empty it would count as 0 unseen."""
        errors = said(values, HELD, "encounters") | happened(values, today, "visited_on", HELD)
        values["encounters"] = values.get("encounters") or 0
        return errors


@record(
    "疾病筛查",
    "Screening",
    area="community",
    menu=7,
    icon="stethoscope",
    title="disease",
    sort="-screened_on",
    keys=(("screened_on", "place", "disease"),),
    days=("screened_on",),
    about=L(
        "筛了多少人、查出多少；关联了走访的，人次由走访计。",
        "How many were screened and found; those of a visit are counted there.",
    ),
)
class Screening(StationRow, table=True):
    """A screening for a disease; part of a visit it adds no attendances of its own."""

    __table_args__ = (Index("ix_screening_fact", "state", "screened_on", "screened"),)
    disease: Annotated[str, Ui("筛查病种", "Disease", LIST | SEARCH | FILTER)] = Field(min_length=1, max_length=80)
    place: Annotated[str, Ui("地点", "Place", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    screened_on: Annotated[date, Ui("筛查日期", "Screened on", LIST | FILTER)] = Field()
    visit_id: Annotated[
        int | None,
        Ui("所属走访", "Part of visit", LIST, help=L("填写后人次由走访计", "If set, the visit counts the attendances")),
    ] = Field(default=None, foreign_key="community_visit.id", index=True)
    site_id: Annotated[int | None, Ui("示范点", "Demonstration site", LIST)] = Field(
        default=None, foreign_key="demonstration_site.id", index=True
    )
    screened: Annotated[int, Ui("筛查人次", "Screened", LIST)] = Field(ge=0, le=1_000_000)
    found: Annotated[int | None, Ui("异常人数", "Found", LIST)] = Field(default=None, ge=0, le=1_000_000)
    state: Annotated[HeldState, Ui("状态", "State", LIST | FILTER)] = Field(default=HeldState.HELD, sa_type=Word)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        return happened(values, today, "screened_on", HELD) | at_most(values, "found", "screened")


class Party(Choice):
    DEPARTMENT = "department", "科室", "Departments"
    SOCIAL_WORKER = "social_worker", "医务社工", "Medical social workers"
    VOLUNTEER = "volunteer", "志愿者", "Volunteers"
    COMMUNITY = "community", "社区", "Community"
    PARTNER = "partner", "合作单位", "Partner organisations"
    GOVERNMENT = "government", "政府部门", "Government"
    PATIENT = "patient", "患者及家属", "Patients and families"
    OTHER = "other", "其他", "Others"


@record(
    "多方会议",
    "Coordination meeting",
    area="community",
    menu=8,
    icon="groups",
    title="title",
    sort="-held_on",
    keys=(("title", "held_on"),),
    days=("held_on",),
    about=L("至少两类参会方出席的计入 06.5。", "Counts in 06.5 with at least two kinds of parties present."),
)
class CoordinationMeeting(StationRow, table=True):
    """A meeting of several parties."""

    __table_args__ = (Index("ix_coordination_meeting_fact", "state", "held_on"),)
    title: Annotated[str, Ui("会议名称", "Title", LIST | SEARCH)] = Field(min_length=1, max_length=120)
    held_on: Annotated[date, Ui("会议日期", "Held on", LIST | FILTER)] = Field()
    place: Annotated[str, Ui("地点", "Place", LIST)] = Field(default="", max_length=120)
    site_id: Annotated[int | None, Ui("示范点", "Demonstration site", LIST)] = Field(
        default=None, foreign_key="demonstration_site.id", index=True
    )
    parties: Annotated[
        list[Party],
        Ui(
            "参会方",
            "Parties present",
            LIST | FILTER,
            help=L("至少两类才计入 06.5", "At least two kinds count in 06.5"),
        ),
    ] = Field(default_factory=list, sa_type=Codes)
    attendees: Annotated[int | None, Ui("参会人数", "Attendees", LIST)] = Field(default=None, ge=0, le=100_000)
    state: Annotated[HeldState, Ui("状态", "State", LIST | FILTER)] = Field(default=HeldState.HELD, sa_type=Word)
    minutes: Annotated[str, Ui("会议纪要", "Minutes", LONG)] = Field(default="", max_length=2000)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """Each kind of party is told once."""
        values["parties"] = list(dict.fromkeys(values.get("parties") or []))
        return happened(values, today, "held_on", HELD)


@measure("wechat_group.operating")
def groups_operating() -> Select[Any]:
    """WeChat groups from their founding through the day of their dissolution."""
    return facts(
        WechatGroup.founded_on,
        WechatGroup.id,
        until=func.coalesce(WechatGroup.dissolved_on, date.max),
        station=WechatGroup.unit_id,
    )


@measure("wechat_group.founded")
def groups_founded() -> Select[Any]:
    """WeChat groups, on the day of their founding, whether or not they still exist."""
    return facts(WechatGroup.founded_on, WechatGroup.id, station=WechatGroup.unit_id)


@measure("group_snapshot.members")
def members() -> Facts:
    """Snapshots of groups in operation; on the day after its dissolution a group has no members any more."""
    of_group = col(GroupSnapshot.group_id) == WechatGroup.id
    taken = (
        facts(
            GroupSnapshot.taken_on, GroupSnapshot.id, station=GroupSnapshot.unit_id, who=GroupSnapshot.group_id,
            n=col(GroupSnapshot.members),
        )
        .join_from(GroupSnapshot, WechatGroup, of_group)
        .where(col(GroupSnapshot.taken_on) <= func.coalesce(WechatGroup.dissolved_on, date.max))
    )  # fmt: skip
    newest = func.max(GroupSnapshot.id)
    gone = (
        facts(day_after(WechatGroup.dissolved_on), newest, station=WechatGroup.unit_id, who=WechatGroup.id, n=0)
        .join_from(WechatGroup, GroupSnapshot, of_group)
        .where(col(WechatGroup.dissolved_on).is_not(None))
        .group_by(col(WechatGroup.id), col(WechatGroup.dissolved_on), col(WechatGroup.unit_id))
    )
    return union_all(taken, gone)


@measure("welfare_campaign.held")
def campaigns_held() -> Select[Any]:
    """Benefit activities held, on their day."""
    query = facts(WelfareCampaign.held_on, WelfareCampaign.id, station=WelfareCampaign.unit_id)
    return query.where(col(WelfareCampaign.state) == HeldState.HELD)


@measure("promo_material.published")
def materials_published() -> Select[Any]:
    """Promotional materials published, on that day."""
    query = facts(PromoMaterial.published_on, PromoMaterial.id, station=PromoMaterial.unit_id)
    return query.where(col(PromoMaterial.state) == PostState.PUBLISHED)


@measure("official_account_post.published")
def posts_published() -> Select[Any]:
    """Posts of the official account published, on that day."""
    query = facts(OfficialAccountPost.published_on, OfficialAccountPost.id, station=OfficialAccountPost.unit_id)
    return query.where(col(OfficialAccountPost.state) == PostState.PUBLISHED)


@measure("community_visit.held")
def visits_held() -> Select[Any]:
    """Community visits made, on their day."""
    query = facts(CommunityVisit.visited_on, CommunityVisit.id, station=CommunityVisit.unit_id)
    return query.where(col(CommunityVisit.state) == HeldState.HELD)


@measure("community_visit.encounters")
def encounters() -> Facts:
    """Attendances served: on visits, in screenings outside visits, and each assistance done in a community."""
    visits = facts(
        CommunityVisit.visited_on, CommunityVisit.id, station=CommunityVisit.unit_id, n=col(CommunityVisit.encounters)
    ).where(col(CommunityVisit.state) == HeldState.HELD)
    screenings = facts(
        Screening.screened_on, Screening.id, station=Screening.unit_id, n=col(Screening.screened), record="screening"
    ).where(col(Screening.state) == HeldState.HELD, col(Screening.visit_id).is_(None))
    assisted = facts(
        AssistanceService.served_on,
        AssistanceService.id,
        station=AssistanceService.unit_id,
        record="assistance_service",
    ).where(col(AssistanceService.state).in_(DONE), col(AssistanceService.place) == Place.COMMUNITY)
    return union_all(visits, screenings, assisted)


@measure("coordination_meeting.held")
def meetings_held(parties_at_least: int = 1) -> Select[Any]:
    """Meetings held at which so many kinds of parties were present, on their day."""
    stored = type_coerce(col(CoordinationMeeting.parties), Text)
    parties = func.length(stored) - func.length(func.replace(stored, literal(","), literal(""))) - 1
    return facts(CoordinationMeeting.held_on, CoordinationMeeting.id, station=CoordinationMeeting.unit_id).where(
        col(CoordinationMeeting.state) == HeldState.HELD, parties >= parties_at_least
    )
