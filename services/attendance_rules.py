"""The numbers by which presence is judged, with the defaults of rules.md §2.6 (feature T5)."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Rules:
    """late_minutes after the start one is late, early_minutes before the end one left early; who missed absent_hours of
    lessons gets no certificate whatever the share (0: no such rule)."""

    late_minutes: int
    early_minutes: int
    absent_hours: int


def rules(session: PortalSession) -> Rules:
    found = numbers.values(session, (LATE, EARLY, ABSENT))
    return Rules(found[LATE.key], found[EARLY.key], found[ABSENT.key])
