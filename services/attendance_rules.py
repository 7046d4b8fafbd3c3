"""The numbers by which presence is judged, with the defaults of rules.md §2.6 (feature T5)."""

from dataclasses import dataclass
from datetime import timedelta

from models.words import L
from services import numbers
from services.db import PortalSession
from services.numbers import Subject, Unit, number

LATE = number(
    "attendance.late_minutes", Subject.TRAINING, L("开课后几分钟算迟到", "Late after so many minutes"),
    10, 0, 240, Unit.MINUTES,
)  # fmt: skip
EARLY = number(
    "attendance.early_minutes", Subject.TRAINING,
    L("下课前几分钟离开算早退", "Left early, so many minutes before the end"), 10, 0, 240, Unit.MINUTES,
)  # fmt: skip
ABSENT = number(
    "attendance.absent_hours", Subject.TRAINING, L("缺课满几小时不发证", "No certificate from so many missed hours on"),
    4, 0, 400, Unit.HOURS, help=L("填 0 表示不限；各课程的最低出勤在课程里设定。",
                                  "0: no such rule. A course has its own least attendance."),
)  # fmt: skip
SHARE = number(
    "attendance.hours_percent", Subject.TRAINING,
    L("到课时长至少占多少（课程没写明时）", "Time present required, where the course says nothing"), 80, 0, 100, Unit.PERCENT,
)  # fmt: skip
CLASS_HOUR = number(
    "attendance.class_hour_minutes", Subject.TRAINING, L("一学时的时长", "A class hour lasts"), 60, 20, 60, Unit.MINUTES
)


@dataclass(frozen=True, slots=True)
class Rules:
    """late_minutes after the start one is late, early_minutes before the end one left early; hours_percent is the share of
    the time that one must have been there where the course says nothing; who missed absent_hours gets no certificate
    whatever the share (0: no such rule); class_hour_minutes is how long a class hour (学时) of a course lasts."""

    late_minutes: int = LATE.usual
    early_minutes: int = EARLY.usual
    hours_percent: int = SHARE.usual
    absent_hours: int = ABSENT.usual
    class_hour_minutes: int = CLASS_HOUR.usual

    def lasts(self, class_hours: float) -> timedelta:
        """How long so many class hours are."""
        return timedelta(minutes=class_hours * self.class_hour_minutes)


def rules(session: PortalSession) -> Rules:
    found = numbers.values(session, (LATE, EARLY, SHARE, ABSENT, CLASS_HOUR))
    return Rules(**{key.removeprefix("attendance."): value for key, value in found.items()})
