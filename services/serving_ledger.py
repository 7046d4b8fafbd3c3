"""What a volunteer gave in all: the sum of the entries that took effect, where it came from, the stars that it entitles to,
and the record of service of decree 67 (features V7, V9, V10; M67 art. 5-10)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import Subquery
from sqlmodel import col, func, select

from models import spans
from models.people import Volunteer
from models.service import HoursSource, HoursState, Quality, ServiceHours, StarAward, StarState
from models.training import Attendance, Base, Course, SessionState, TrainingSession
from services import db, serving_numbers, store
from services.access import Actor
from services.db import PortalSession
from services.serving_numbers import STARS
from services.volunteers import VOLUNTEER


@dataclass(frozen=True, slots=True)
class Ledger:
    """A volunteer's hours, each sum rounded once; `entitled` are the stars of the thresholds of today, `awarded` those
    that somebody gave, `applied` those that wait for a decision (0: none)."""

    total: Decimal
    entries: int
    by_source: Mapping[HoursSource, Decimal]
    last_on: date | None
    entitled: int
    awarded: int
    manual: bool = False
    applied: int = 0

    @property
    def may_apply(self) -> bool:
        return self.entitled > max(self.awarded, self.applied)


def ledger(actor: Actor, volunteer_id: int) -> Ledger:
    """The hours of one volunteer. Raises NotFound."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        store.find(s, VOLUNTEER, volunteer_id)
        return ledger_of(s, volunteer_id)


def ledger_of(s: PortalSession, volunteer_id: int) -> Ledger:
    rows = s.exec(
        select(ServiceHours.source, func.sum(ServiceHours.minutes), func.count(), func.max(ServiceHours.served_on))
        .where(ServiceHours.volunteer_id == volunteer_id, ServiceHours.state == HoursState.EFFECTIVE)
        .group_by(col(ServiceHours.source))
        .order_by(col(ServiceHours.source))
    ).all()
    total = spans.hours(sum(minutes for _, minutes, _, _ in rows))
    best = best_awards(s, volunteer_id)
    award, applied = best.get(StarState.AWARDED), best.get(StarState.APPLIED)
    return Ledger(
        total=total,
        entries=sum(count for _, _, count, _ in rows),
        by_source={HoursSource(source): spans.hours(minutes) for source, minutes, _, _ in rows},
        last_on=max((last for *_, last in rows if last), default=None),
        entitled=stars(total, serving_numbers.numbers(s)),
        awarded=award.level if award else 0,
        manual=bool(award and award.is_manual),
        applied=applied.level if applied else 0,
    )


def stars(hours: Decimal, limits: Mapping[str, int]) -> int:
    """The stars that so many hours entitle to, 0 to 5 (rules.md 1.13)."""
    return sum(hours >= limits[name] for name in STARS)


def threshold(actor: Actor, level: int) -> int:
    """The hours that so many stars ask for."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        return serving_numbers.numbers(s)[STARS[level - 1]]


def best_awards(s: PortalSession, volunteer_id: int) -> Mapping[StarState, StarAward]:
    """The highest star of each state, in one statement."""
    mine = select(StarAward).where(StarAward.volunteer_id == volunteer_id).order_by(col(StarAward.level))
    return {StarState(row.state): row for row in s.exec(mine)}


# -- the record of service --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Training:
    """A training that the volunteer came to (art. 8)."""

    held_on: date | None
    title: str
    hours: float
    organiser: Base


@dataclass(frozen=True, slots=True)
class Told:
    """What decree 67 wants recorded beside the service itself: trainings, awards, evaluations by grade and their last day."""

    trainings: Sequence[Training] = ()
    awards: Sequence[StarAward] = ()
    qualities: Mapping[Quality, int] = field(default_factory=dict)
    evaluated_on: date | None = None


def told(actor: Actor, volunteer_id: int) -> Told:
    """Trainings, awards and evaluations of a volunteer. Raises NotFound."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        person_id = store.find(s, VOLUNTEER, volunteer_id).person_id
        return Told(trainings_of(s, person_id), _awards(s, volunteer_id), *_qualities(s, volunteer_id))


def trainings_of(s: PortalSession, person_id: int) -> list[Training]:
    came = (
        select(col(TrainingSession.held_on), TrainingSession.title, Course.hours, TrainingSession.base)
        .join(Attendance, col(Attendance.session_id) == TrainingSession.id)
        .join(Course, col(Course.id) == TrainingSession.course_id)
        .where(Attendance.person_id == person_id, TrainingSession.state == SessionState.HELD)
        .order_by(col(TrainingSession.held_on).desc())
    )
    return [Training(day, title, hours, Base(base)) for day, title, hours, base in s.exec(came)]


def _awards(s: PortalSession, volunteer_id: int) -> Sequence[StarAward]:
    mine = select(StarAward).where(StarAward.volunteer_id == volunteer_id, StarAward.state == StarState.AWARDED)
    return s.exec(mine.order_by(col(StarAward.level).desc())).all()


def _qualities(s: PortalSession, volunteer_id: int) -> tuple[dict[Quality, int], date | None]:
    rated = select(col(ServiceHours.quality), col(ServiceHours.confirmed_on)).where(
        ServiceHours.volunteer_id == volunteer_id,
        ServiceHours.state == HoursState.EFFECTIVE,
        col(ServiceHours.quality).is_not(None),
    )
    found: dict[Quality, int] = defaultdict(int)
    days = []
    for quality, day in s.exec(rated):
        found[Quality(str(quality))] += 1
        days.append(day)
    return dict(found), max((day for day in days if day), default=None)


def minutes_by_volunteer() -> Subquery:
    """(volunteer_id, minutes): what each volunteer gave that took effect, of all that the session's actor sees."""
    summed = select(ServiceHours.volunteer_id, func.sum(ServiceHours.minutes).label("minutes"))
    effective = summed.where(ServiceHours.state == HoursState.EFFECTIVE)
    return effective.group_by(col(ServiceHours.volunteer_id)).subquery("served")


def hours_by_volunteer(s: PortalSession, last: date | None = None) -> dict[int, Decimal]:
    """{volunteer id: effective hours} of all that the session's actor sees."""
    summed = select(ServiceHours.volunteer_id, func.sum(ServiceHours.minutes)).where(
        ServiceHours.state == HoursState.EFFECTIVE
    )
    if last:
        summed = summed.where(col(ServiceHours.served_on) <= last)
    known = summed.join(Volunteer, col(Volunteer.id) == ServiceHours.volunteer_id)
    return {key: spans.hours(minutes) for key, minutes in s.exec(known.group_by(col(ServiceHours.volunteer_id)))}
