"""How sessions are planned: series that recur, public holidays, calendars that a phone subscribes to (feature T2; rules.md §9)."""

from datetime import date, datetime
from typing import Annotated

from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, SEARCH, Choice, Record, StationRow, Ui, record, unique
from models.training import Base
from models.types import Codes, UtcDateTime, Word
from models.words import L


class Weekday(Choice):
    """The value is date.weekday()."""

    MONDAY = "0", "周一", "Mon"
    TUESDAY = "1", "周二", "Tue"
    WEDNESDAY = "2", "周三", "Wed"
    THURSDAY = "3", "周四", "Thu"
    FRIDAY = "4", "周五", "Fri"
    SATURDAY = "5", "周六", "Sat"
    SUNDAY = "6", "周日", "Sun"


@record(
    "系列培训",
    "Series of sessions",
    area="training",
    menu=0,
    icon="event_repeat",
    title="title",
    sort="-id",
    keys=(("title", "first_on"),),
)
class TrainingSeries(StationRow, table=True):
    """The rule by which sessions were planned together; each session is a record of its own from then on."""

    title: Annotated[str, Ui("名称", "Title", LIST | FIXED)] = Field(max_length=120)
    first_on: Annotated[date, Ui("首次日期", "First on", LIST | FIXED)] = Field()
    every_weeks: Annotated[int, Ui("每几周", "Every so many weeks", LIST | FIXED)] = Field(default=1, ge=1, le=52)
    weekdays: Annotated[list[Weekday], Ui("星期", "Weekdays", LIST | FIXED)] = Field(
        default_factory=list, sa_type=Codes
    )
    until: Annotated[date | None, Ui("截止日期", "Until", LIST | FIXED)] = None
    times: Annotated[int | None, Ui("次数", "Times", LIST | FIXED)] = None
    skip_holidays: Annotated[bool, Ui("跳过节假日", "Holidays skipped", LIST | FIXED)] = True


@record(
    "节假日",
    "Public holiday",
    area="reference",
    menu=6,
    icon="celebration",
    title="name",
    sort="-day",
    keys=(("day",),),
    about=L(
        "国务院每年 11 月公布；没有录入的年份只按周末计算。",
        "Published each November; a year without entries has weekends only.",
    ),
)
class PublicHoliday(Record, table=True):
    """A day off by law, or a day at the weekend that is worked instead."""

    __table_args__ = (unique("ux_public_holiday_day", "day"),)
    day: Annotated[date, Ui("日期", "Day", LIST | FILTER)] = Field()
    name: Annotated[str, Ui("名称", "Name", LIST | SEARCH)] = Field(default="", max_length=40)
    off: Annotated[
        bool, Ui("放假", "Day off", LIST | FILTER, help=L("不勾选表示调休上班", "Unticked: worked instead"))
    ] = True


class FeedKind(Choice):
    WHOLE = "whole", "全部培训", "All sessions"
    VENUE = "venue", "场地", "Venue"
    INSTRUCTOR = "instructor", "讲师", "Instructor"
    BASE = "base", "基地", "Base"


@record("日历订阅", "Calendar feed", area="training", menu=0, icon="rss_feed", title="id", sort="-id")
class CalendarFeed(Record, table=True):
    """An address at which a calendar reads what its owner may see; whoever has the address can read it until it is revoked."""

    account_id: int = Field(foreign_key="account.id", index=True)
    kind: Annotated[FeedKind, Ui("范围", "Of what", LIST | FIXED)] = Field(sa_type=Word)
    venue_id: int | None = Field(default=None, foreign_key="venue.id")
    instructor_id: int | None = Field(default=None, foreign_key="instructor.id")
    base: Base | None = Field(default=None, sa_type=Word, nullable=True)
    feed_token: str = Field(max_length=64, unique=True)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
