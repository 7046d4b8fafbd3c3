"""What each of a class did, as figures beside their name: lessons, hours there, theory, practical (features T5-T7)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from models.assessment import Verdict
from models.training import Course, TrainingSession
from services import assessment, attending, db, presence
from services.attending import NEVER, Sitting, Stay
from services.db import PortalSession


@dataclass(frozen=True, slots=True)
class Result:
    """came: lessons attended long enough, of `lessons` (0: the session has none); present: how long they were there of
    `planned`, None where nobody knows; score: the best theory score; practical: how the practical exam stands (both None
    where there is none, `asks_theory` tells of the score which)."""

    lessons: int
    came: int
    present: timedelta | None
    planned: timedelta
    asks_theory: bool
    score: float | None
    practical: Verdict | None


@dataclass(frozen=True, slots=True)
class Length:
    """How long a class was, how long that of its course is, and how many class hours this is."""

    lasted: timedelta
    wanted: timedelta
    class_hours: float

    @property
    def is_short(self) -> bool:
        return self.lasted < self.wanted

    @property
    def taught(self) -> float:
        """The class hours that the class really had, in tenths rounded down; no more than its course has."""
        if not self.is_short:
            return self.class_hours
        return self.lasted * self.class_hours // (self.wanted / 10) / 10


def results(
    s: PortalSession, training: TrainingSession, course: Course, people: Collection[int]
) -> tuple[dict[int, Result], Length]:
    """{person id: their figures}, and how long the class was; five statements however many they are."""
    sitting = attending.sitting(s, training, course)
    there = presence.noted(s, db.id_of(training), people)
    scores, checks = (assessment.attempts_of(s, part, db.id_of(training), people) for part in assessment.PARTS)
    found = {}
    for key in people:
        stays = sitting.stays(there, key)
        best = max((row.score for row in scores.get(key, ())), default=None)
        found[key] = Result(
            len(stays) if sitting.has_lessons else 0, len(sitting.came_to(stays)), _present(stays),
            sum((stay.planned for stay in stays), NEVER), assessment.THEORY.asked(course), best,
            assessment.stands(assessment.PRACTICAL, course, checks.get(key, ())),
        )  # fmt: skip
    return found, _length(sitting, course)


def length(s: PortalSession, training: TrainingSession, course: Course) -> Length:
    return _length(attending.sitting(s, training, course), course)


def _length(sitting: Sitting, course: Course) -> Length:
    return Length(sitting.lasts, sitting.rules.lasts(course.hours), course.hours)


def _present(stays: Collection[Stay]) -> timedelta | None:
    known = [stay.present for stay in stays if stay.present is not None]
    return sum(known, NEVER) if len(known) == len(stays) else None
