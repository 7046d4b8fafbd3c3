"""The lessons of a training session and who was at each of them: present, late, gone early, absent or excused (feature T5).

A session without lessons is one lesson: its presences name none.
"""

from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import Index, text
from sqlmodel import Field

from models.base import FILTER, FIXED, LIST, SEARCH, Choice, StationRow, Ui, record, unique
from models.training import TRAINEE, CheckIn
from models.types import UtcDateTime, Word
from models.words import L


@record(
    "课次",
    "Lesson",
    area="training",
    menu=9,
    icon="view_timeline",
    title="code",
    sort="-starts",
    keys=(("code",), ("session_id", "number")),
    about=L(
        "一个班分几次上课，逐次签到；不分课次的班不用填。",
        "A session in several lessons, each with its own attendance.",
    ),
)
class Lesson(StationRow, table=True):
    """A part of a session with its own times; lessons lie within the session and do not overlap."""

    __table_args__ = (
        unique("ux_lesson_code", "code"),
        unique("ux_lesson_number", "session_id", "number"),
        Index("ix_lesson_venue_time", "venue_id", "starts", "ends"),
    )
    code: Annotated[str | None, Ui("课次编号", "Lesson code", LIST | SEARCH | FIXED)] = Field(
        default=None, max_length=60
    )
    session_id: Annotated[int, Ui("培训班", "Session", LIST | FILTER)] = Field(foreign_key="training_session.id")
    number: Annotated[
        int | None, Ui("第几次", "Number", LIST, help=L("留空按顺序编号", "Numbered for you when empty"))
    ] = Field(default=None, ge=1, le=99)
    starts: Annotated[datetime, Ui("开始时间", "Starts", LIST | FILTER)] = Field(sa_type=UtcDateTime)
    ends: Annotated[datetime, Ui("结束时间", "Ends", LIST)] = Field(sa_type=UtcDateTime)
    topic: Annotated[str, Ui("内容", "Topic", LIST | SEARCH)] = Field(default="", max_length=120)
    venue_id: Annotated[int | None, Ui("场地", "Venue", LIST, help=L("留空同培训班", "The session's when empty"))] = (
        Field(default=None, foreign_key="venue.id")
    )
    instructor_id: Annotated[
        int | None, Ui("讲师", "Instructor", LIST, help=L("留空同培训班", "The session's when empty"))
    ] = Field(default=None, foreign_key="instructor.id", index=True)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        starts, ends = values.get("starts"), values.get("ends")
        return {"ends": "ends_before_start"} if starts and ends and ends <= starts else {}


class PresenceState(Choice):
    PRESENT = "present", "到", "Present"
    LATE = "late", "迟到", "Late"
    LEFT_EARLY = "left_early", "早退", "Left early"
    LATE_AND_EARLY = "late_and_early", "迟到早退", "Late, left early"
    ABSENT = "absent", "缺课", "Absent"
    EXCUSED = "excused", "请假", "Excused"


CAME = (PresenceState.PRESENT, PresenceState.LATE, PresenceState.LEFT_EARLY, PresenceState.LATE_AND_EARLY)


@record(
    "课次签到",
    "Presence",
    area="training",
    menu=9,
    icon="checklist",
    title="name",
    sort="-id",
    keys=(("session_id", "lesson_id", "name", "phone"), ("session_id", "lesson_id", "id_number")),
    role_fields=TRAINEE,
    about=L("每人每次课：到、迟到、早退、缺课、请假。", "Each person at each lesson: present, late, absent, excused."),
)
class Presence(StationRow, table=True):
    """How a person was at a lesson, or at the whole of a session that has none; the session's attendance follows it."""

    __table_args__ = (
        unique("ux_presence_lesson", "lesson_id", "person_id"),
        Index(
            "ux_presence_whole", "session_id", "person_id", unique=True,
            sqlite_where=text("deleted_at IS NULL AND lesson_id IS NULL"),
            postgresql_where=text("deleted_at IS NULL AND lesson_id IS NULL"),
        ),
        Index("ix_presence_session", "session_id", "person_id"),
    )  # fmt: skip
    session_id: Annotated[int, Ui("培训班", "Session", LIST | SEARCH)] = Field(foreign_key="training_session.id")
    lesson_id: Annotated[
        int | None,
        Ui(
            "课次", "Lesson", LIST | FILTER,
            help=L(
                "导入时写课次编号，如 PP1-1（班号-第几次）；分课次的班必填",
                "In a sheet by its code, such as PP1-1 (session-number); required where the session has lessons",
            ),
        ),
    ] = Field(default=None, foreign_key="lesson.id")  # fmt: skip
    person_id: Annotated[int, Ui("人员", "Person", FIXED)] = Field(foreign_key="person.id", index=True)
    state: Annotated[PresenceState, Ui("出勤", "Presence", LIST | FILTER)] = Field(
        default=PresenceState.PRESENT, sa_type=Word
    )
    reason: Annotated[str, Ui("请假理由", "Why excused")] = Field(default="", max_length=200)
    arrived_at: Annotated[datetime | None, Ui("签到时间", "Arrived at", LIST)] = Field(
        default=None, sa_type=UtcDateTime
    )
    left_at: Annotated[datetime | None, Ui("签退时间", "Left at", LIST)] = Field(default=None, sa_type=UtcDateTime)
    noted_by: Annotated[CheckIn, Ui("登记方式", "Noted by", LIST | FILTER)] = Field(default=CheckIn.HAND, sa_type=Word)

    once: str = Field(default="", max_length=40)

    @property
    def came(self) -> bool:
        return self.deleted_at is None and self.state in CAME

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """Who is excused has a reason; nobody leaves before they come."""
        if values.get("state") == PresenceState.EXCUSED and not (values.get("reason") or "").strip():
            return {"reason": "required"}
        arrived, left = values.get("arrived_at"), values.get("left_at")
        return {"left_at": "ends_before_start"} if arrived and left and left < arrived else {}
