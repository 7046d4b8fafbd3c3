"""How long each was at a session's lessons, and who was there too little to pass (feature T5; rules.md §2.6).

A session without lessons is one lesson. The times that were noted decide, clipped to the lesson; who has no time of
leaving was there to its end, or till now while it still runs, but for somebody marked as gone early: how long they
stayed nobody knows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.lessons import CAME, Presence, PresenceState
from models.training import DOOR, Course, TrainingSession
from models.words import L
from services import attendance_rules, clock, db, presence
from services.attendance_rules import Rules
from services.db import PortalSession
from services.passing import condition
from services.presence import LATE_AND_EARLY, LEFT_EARLY, Part

HOUR, NEVER = timedelta(hours=1), timedelta(0)
EARLY = (LEFT_EARLY, LATE_AND_EARLY)


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody at a part of a session: what is noted of them (None: nothing), how long it lasts as far as it counts, and
    how long of that they were there (None: they left early, nobody knows when)."""

    part: Part
    state: PresenceState | None
    planned: timedelta
    present: timedelta | None

    @property
    def missed(self) -> timedelta:
        return self.planned - (self.present or NEVER)

    def reaches(self, percent: int) -> bool:
        """Whether they were there for so much of it; of a share of nothing nobody needs to know the time."""
        return percent == 0 or (self.present is not None and self.present * 100 >= self.planned * percent)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A session as its attendance is judged: its parts, how long each counts, what the course asks for, and until when
    time has gone by."""

    parts: Sequence[Part]
    planned: Sequence[timedelta]
    lessons_percent: int
    hours_percent: int
    rules: Rules
    now: datetime

    @property
    def has_lessons(self) -> bool:
        return self.parts[0].lesson is not None

    @property
    def lasts(self) -> timedelta:
        """How long the class was, without what lies between its lessons."""
        return sum((part.ends - part.starts for part in self.parts), NEVER)

    def stays(self, there: Mapping[presence.Slot, Presence], person: int) -> list[Stay]:
        pairs = zip(self.parts, self.planned, strict=True)
        return [self._stay(part, planned, there.get((part.id, person))) for part, planned in pairs]

    def _stay(self, part: Part, planned: timedelta, row: Presence | None) -> Stay:
        row = row if row is not None and row.deleted_at is None else None
        state = PresenceState(row.state) if row is not None else None
        if row is None or not row.came:
            return Stay(part, state, planned, NEVER)
        if row.left_at is None and state in EARLY:
            return Stay(part, state, planned, None)
        return Stay(part, state, planned, min(_there(part, row, self.rules, self.now), planned))

    def came_to(self, stays: Iterable[Stay]) -> list[Stay]:
        """The parts at which somebody was long enough."""
        return [stay for stay in stays if stay.state in CAME and stay.reaches(self.hours_percent)]


def _there(part: Part, row: Presence, rules: Rules, now: datetime) -> timedelta:
    """The time between coming and leaving within the part; a few minutes that make nobody late or early cost nothing.

    A time of coming after its end is that of a list which was typed in, unless the door noted it.
    """
    came, left = part.starts, min(part.ends, now)
    is_told = row.arrived_at is not None and (row.noted_by in DOOR or row.arrived_at < part.ends)
    if row.arrived_at and is_told and row.arrived_at > part.starts + timedelta(minutes=rules.late_minutes):
        came = row.arrived_at
    if row.left_at and row.left_at < part.ends - timedelta(minutes=rules.early_minutes):
        left = row.left_at
    return max(left - came, NEVER)


def sitting(s: PortalSession, session: TrainingSession, course: Course) -> Sitting:
    """What is asked for at this session. A whole day between two lessons is no time of class: of a session without any,
    no more counts than the course's own hours."""
    rules = attendance_rules.rules(s)
    parts = presence.parts(session, presence.lessons_of(s, db.id_of(session)))
    planned = [part.ends - part.starts for part in parts]
    if parts[0].lesson is None:
        planned = [min(planned[0], rules.lasts(course.hours))]
    asked = course.hours_percent
    share = min(rules.hours_percent, course.attendance_percent) if asked is None else asked
    return Sitting(parts, planned, course.attendance_percent, share, rules, clock.now())


# -- passing ----------------------------------------------------------------------------------------------------------


@condition("attendance")
def kept_back(s: PortalSession, session: TrainingSession, course: Course, people: Collection[int]) -> Mapping[int, L]:
    """Who came to too few of the lessons, stayed too short a time, or missed as many hours as exclude from a certificate.

    Who came to no part of a session without lessons is another condition's.
    """
    asked = sitting(s, session, course)
    there = presence.noted(s, db.id_of(session), people)
    judge = _of_lessons if asked.has_lessons else _of_whole
    found = {person: judge(asked, asked.stays(there, person)) for person in people}
    return {person: reason for person, reason in found.items() if reason}


def _of_whole(asked: Sitting, stays: Sequence[Stay]) -> L | None:
    [stay] = stays
    if stay.state not in CAME:
        return None
    least, total = stay.planned * asked.hours_percent / 100, hours(stay.planned)
    of = L(f"{total} 小时的 {asked.hours_percent}%", f"{asked.hours_percent} % of {total}")
    if stay.present is None and asked.hours_percent:
        return L(
            f"早退，没有签退时间，算不出到课多久；要求 {hours(least)} 小时（{of.zh}）",
            f"Left early at a time that nobody noted; {hours(least)} hours needed ({of.en})",
        )
    if stay.present is not None and not stay.reaches(asked.hours_percent):
        there = been(stay.present)
        return L(
            f"到课{there.zh}小时，要求 {hours(least)} 小时（{of.zh}）",
            f"Was there for {there.en} hours, {hours(least)} needed ({of.en})",
        )
    return _missed(asked, stays)


def _of_lessons(asked: Sitting, stays: Sequence[Stay]) -> L | None:
    came = asked.came_to(stays)
    missing = _named(asked, [stay for stay in stays if stay not in came])
    if len(came) * 100 < asked.lessons_percent * len(stays):
        share = len(came) * 100 // len(stays)
        return L(
            f"{len(stays)} 次课到了 {len(came)} 次（{share}%），须达 {asked.lessons_percent}%；未到：{missing.zh}",
            f"Came to {len(came)} of {len(stays)} lessons ({share} %), {asked.lessons_percent} % needed;"
            f" missed: {missing.en}",
        )
    reason = _missed(asked, stays)
    if reason is None or not missing.zh:
        return reason
    return L(f"{reason.zh}；未到：{missing.zh}", f"{reason.en}; missed: {missing.en}")


def _missed(asked: Sitting, stays: Iterable[Stay]) -> L | None:
    known = (stay.missed for stay in stays if stay.present is not None or asked.hours_percent)
    missed, most = sum(known, NEVER), asked.rules.absent_hours
    if not most or missed < most * HOUR:
        return None
    return L(
        f"缺课 {hours(missed)} 小时，满 {most} 小时不发证",
        f"Missed {hours(missed)} hours; from {most} hours on there is no certificate",
    )


def hours(time: timedelta) -> str:
    """1.5, at most two decimals."""
    return f"{round(time / HOUR, 2):g}"


def been(time: timedelta) -> L:
    """How long somebody was there, in tenths of an hour rounded down, so that nobody seems to have reached what they
    missed by a minute."""
    if NEVER < time < HOUR / 10:
        return L("不到 0.1 ", "under 0.1")
    tenths = f"{time // (HOUR / 10) / 10:g}"
    return L(f" {tenths} ", tenths)


def _named(asked: Sitting, stays: Iterable[Stay]) -> L:
    """The lessons that do not count as attended, each with its day, how that is noted, and how long somebody was there."""
    zh, en = [], []
    for stay in stays:
        day, told = clock.local(stay.part.starts), _told(asked, stay)
        number = stay.part.lesson.number if stay.part.lesson else 1
        zh.append(f"第 {number} 次（{'，'.join([_month_day(day), *(one.zh for one in told)])}）")
        en.append(f"lesson {number} ({', '.join([f'{day:%Y-%m-%d}', *(one.en for one in told)])})")
    return L("、".join(zh), ", ".join(en))


def _told(asked: Sitting, stay: Stay) -> list[L]:
    if stay.state is None:
        return []
    word = L(stay.state.label.zh, stay.state.label.en.lower())
    if stay.state not in CAME:
        return [word]
    if stay.present is None:
        return [word, L("没有签退时间", "nobody noted when")]
    least = hours(stay.planned * asked.hours_percent / 100)
    there = been(stay.present)
    return [word, L(f"到课{there.zh}小时，要求 {least} 小时", f"{there.en} hours, {least} needed")]


def _month_day(day: datetime) -> str:
    return f"{day.month}月{day.day}日"
