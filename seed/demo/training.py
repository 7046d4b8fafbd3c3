"""The demonstration's training: venues, instructors, sessions held and to come, who enrolled and who came.

The training base holds too few external sessions with too few people (05.2, 05.3), and the emergency base misses one
month (08.4), so that the board has something to tell.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil
from typing import Any

from sqlmodel import select

from models.training import (
    Audience,
    Base,
    CheckIn,
    Course,
    EnrolmentRole,
    EnrolmentSource,
    EnrolmentState,
    SessionInstructor,
    SessionState,
)
from seed.demo import attendance
from seed.demo.stage import DAY, Stage, at
from services.training import new_token

DRAFT, OPEN, CLOSED, HELD, CANCELLED = SessionState
HALL = "学术报告厅"
VENUES = {HALL: 160, "急救技能实训室": 40, "模拟病房": 24, "门诊楼多功能厅": 60, "社区健康小屋": 36}
GUESTS = 520
EXTERNAL_TARGET, ATTENDANCE_TARGET = 5, 500
EMERGENCY = ("cpr_aed", "first_aid_skills", "awareness", "red_cross_primary")
INTERNAL = ("volunteer_induction", "infection_control", "medical_social_work")
TEACHERS = ("主任医师", "副主任护师", "主管护师", "社会工作师", "急救导师", "应急救护讲师")
BY_LINK = 6
AHEAD = (4, 6, 9, 13, 17, 20, 24, 31, 38, 41)


@dataclass
class Timetable:
    """Which sessions there are: one a day for a room and for a teacher, so none clash."""

    stage: Stage
    courses: dict[str, Course]
    venues: dict[str, int]
    teachers: list[int]
    sessions: list[dict[str, Any]] = field(default_factory=list)
    taken: set[tuple[str, int, date]] = field(default_factory=set)

    def plan(self, day: date, code: str, base: Base, audience: Audience, state: SessionState, **more: Any) -> None:
        """Put a session on the timetable, in the first room that is free; without one there is none that day."""
        rooms = [name for name in self._rooms(more) if ("venue", self.venues[name], day) not in self.taken]
        teachers = [key for key in self.teachers if ("teacher", key, day) not in self.taken]
        if not rooms or not teachers:
            return
        made = self._session(day, self.courses[code], rooms[0]) | more
        chosen = self.stage.random.sample(teachers, min(self._needed(code, made["capacity"]), len(teachers)))
        self.taken |= {("venue", self.venues[rooms[0]], day), *(("teacher", key, day) for key in chosen)}
        self.sessions.append(
            made
            | {"base": base, "audience": audience, "state": state, "instructors": chosen}
            | {"open_to_public": base == Base.EMERGENCY_BASE and audience != Audience.INTERNAL}
        )

    def _needed(self, code: str, seats: int) -> int:
        """Teachers for so many trainees."""
        each = self.courses[code].trainees_per_instructor
        return ceil(seats / each) if each else 1

    def _rooms(self, more: dict[str, Any]) -> list[str]:
        """The hall for a large class, one of the others else."""
        others = [name for name in VENUES if name != HALL]
        return [HALL] if more.get("capacity", 0) > 60 else self.stage.random.sample(others, len(others))

    def _session(self, day: date, course: Course, room: str) -> dict[str, Any]:
        starts = at(day, 9 if course.hours > 3 else 14, 30)
        code = f"PX{day:%Y%m%d}-{sum(row['held_on'] == day for row in self.sessions) + 1:02d}"
        return {
            "code": code,
            "title": f"{course.name}（{day.month}月{day.day}日）",
            "course_id": course.id,
            "starts": starts,
            "ends": starts + DAY / 24 * min(int(course.hours), 7),
            "venue_id": self.venues[room],
            "capacity": VENUES[room],
            "registration_opens": starts - 30 * DAY,
            "registration_closes": starts - DAY,
            "held_on": day,
            "checkin_token": new_token(),
        }


def fill(stage: Stage, volunteers: Sequence[dict[str, Any]], partners: Sequence[dict[str, Any]]) -> None:
    guests = _guests(stage, partners)
    table = _timetable(stage, volunteers)
    _external(table)
    _monthly(table)
    _around_today(table)
    _ahead(table)
    _for_partners(table, partners)
    _save(stage, table, [*volunteers[2:], *guests])


def _guests(stage: Stage, partners: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """People who only come to courses, many of them from partner organisations."""
    guests = [stage.invent.person() for _ in range(GUESTS)]
    stage.people(guests)
    for guest in guests:
        guest["employer"] = stage.random.choice(partners)["name"] if stage.random.random() < 0.7 else ""
    return guests


def _timetable(stage: Stage, volunteers: Sequence[dict[str, Any]]) -> Timetable:
    rows = [{"name": name, "capacity": seats} for name, seats in VENUES.items()]
    venues = dict(zip(VENUES, stage.add("venue", rows), strict=True))
    courses = {course.code: course for course in stage.session.exec(select(Course))}
    return Timetable(stage, courses, venues, _instructors(stage, volunteers[:2]))


def _instructors(stage: Stage, serving: Sequence[dict[str, Any]]) -> list[int]:
    """Ten who teach, two of them volunteers; the last one's certificate has lapsed and he gets no more classes."""
    others = [stage.invent.person() for _ in range(8)]
    stage.people(others)
    rows = []
    for place, person in enumerate([*serving, *others]):
        until = stage.today + DAY * (60 + 95 * place) if place < 9 else stage.today - 40 * DAY
        own = {"title": TEACHERS[place % len(TEACHERS)], "credential": f"SZ{place + 1:05d}", "credential_until": until}
        rows.append(person | own)
    return stage.add("instructor", rows)[:9]


# -- the timetable ----------------------------------------------------------------------------------------------------


def _external(table: Timetable) -> None:
    """External sessions of the training base: one too few, each with a share of too few people."""
    stage = table.stage
    wanted = max(ceil(0.8 * EXTERNAL_TARGET * stage.elapsed) - 1, 0)
    came = round(0.88 * ATTENDANCE_TARGET * stage.elapsed)
    days = stage.period.day_of(stage.today) - 1
    for place in range(wanted):
        day = stage.period.start + DAY * (days * (place + 1) // (wanted + 1))
        share = min(came // wanted, VENUES[HALL])
        table.plan(day, "medical_social_work", Base.TRAINING_BASE, Audience.EXTERNAL, HELD, capacity=160, came=share)


def _monthly(table: Timetable) -> None:
    """Each month a few sessions of the emergency base, save in one, and internal ones of the training base."""
    stage = table.stage
    completed = stage.period.months_completed(stage.today)
    missed = stage.period.months[completed // 2][0] if completed > 1 else None
    for first, last in stage.months:
        for place in range(max((last - first).days // 8, 1) if first != missed else 0):
            code = EMERGENCY[place % len(EMERGENCY)]
            audience = Audience.PUBLIC if code == "awareness" else Audience.EXTERNAL
            table.plan(stage.day(first, last), code, Base.EMERGENCY_BASE, audience, HELD)
        for code in INTERNAL[: (last - first).days // 14]:
            table.plan(stage.day(first, last), code, Base.TRAINING_BASE, Audience.INTERNAL, HELD)


def _around_today(table: Timetable) -> None:
    """Two that were cancelled, one that ended yesterday and was not closed, one today."""
    today, base = table.stage.today, Base.EMERGENCY_BASE
    for days in (52, 19):
        table.plan(today - DAY * days, "first_aid_skills", base, Audience.EXTERNAL, CANCELLED)
    table.plan(today - DAY, "cpr_aed", base, Audience.EXTERNAL, CLOSED)
    table.plan(today, "first_aid_skills", base, Audience.PUBLIC, OPEN)


def _ahead(table: Timetable) -> None:
    """The coming six weeks: most open, one of them full with a waitlist, the last one still a draft."""
    for place, days in enumerate(AHEAD):
        day, state = table.stage.today + DAY * days, DRAFT if place == len(AHEAD) - 1 else OPEN
        if place % 3 == 2:
            table.plan(day, "medical_social_work", Base.TRAINING_BASE, Audience.EXTERNAL, state)
        else:
            full = {"capacity": 20, "wanted": 26} if place == 1 else {}
            table.plan(day, EMERGENCY[place % 4], Base.EMERGENCY_BASE, Audience.EXTERNAL, state, **full)


def _for_partners(table: Timetable, partners: Sequence[dict[str, Any]]) -> None:
    """External sessions are held for partners in turn."""
    external = [row for row in table.sessions if row["audience"] == Audience.EXTERNAL]
    for place, row in enumerate(external):
        row["organisation_id"] = partners[5 + place % 9]["organisation_id"]


# -- who came ---------------------------------------------------------------------------------------------------------


def _save(stage: Stage, table: Timetable, people: Sequence[dict[str, Any]]) -> None:
    enrolments: list[dict[str, Any]] = []
    attendances: list[dict[str, Any]] = []
    sessions = [row | attendance.door(row, row["held_on"] >= stage.today) for row in table.sessions]
    planned = list(zip(stage.add("training_session", sessions), table.sessions, strict=True))
    for key, row in planned:
        stage.session.add_all(SessionInstructor(session_id=key, instructor_id=who) for who in row["instructors"])
        trainees = stage.random.sample(people, _wanted(stage, row))
        came = _came(stage, row, len(trainees))
        enrolled = _enrolled(stage, key, row, trainees, came)
        if row["state"] == OPEN and row.get("organisation_id") and row["held_on"] > stage.today:
            _by_link(stage, key, row, enrolled)
            enrolled += _helping(key, people, trainees)
        enrolments += enrolled
        attendances += _attended(stage, key, row, trainees[:came])
    stage.add("enrolment", enrolments)
    stage.add("attendance", attendances)
    long = {table.courses[code].id or 0 for code in attendance.LONG_COURSES}
    certified = {course.id or 0 for course in table.courses.values() if course.certified}
    attendance.fill(stage, planned, attendances, long, certified)


def _wanted(stage: Stage, row: dict[str, Any]) -> int:
    """How many ask for a seat."""
    if row["state"] == DRAFT:
        return 0
    if "came" in row:
        return int(min(row["came"] + 9, row["capacity"]))
    part = (0.55, 0.95) if row["held_on"] <= stage.today else (0.15, 0.7)
    return int(row.get("wanted") or row["capacity"] * stage.random.uniform(*part))


def _came(stage: Stage, row: dict[str, Any], wanted: int) -> int:
    """How many came: nobody yet where it is still to be, half are marked where it was not closed."""
    if row["state"] == HELD:
        return int(row.get("came") or wanted * stage.random.uniform(0.82, 0.97))
    return wanted // 2 if row["state"] == CLOSED else 0


def _enrolled(
    stage: Stage, key: int, row: dict[str, Any], trainees: Iterable[dict[str, Any]], came: int
) -> list[dict[str, Any]]:
    missing = EnrolmentState.NO_SHOW if row["state"] == HELD else EnrolmentState.ENROLLED
    sources = (EnrolmentSource.PUBLIC, EnrolmentSource.STAFF, EnrolmentSource.IMPORT)
    rows = []
    for place, person in enumerate(trainees):
        state = EnrolmentState.ENROLLED if place < came else missing
        if place >= row["capacity"]:
            state = EnrolmentState.WAITLISTED
        rows.append(person | {"session_id": key, "state": state, "source": stage.random.choice(sources)})
    return rows


def _by_link(stage: Stage, key: int, row: dict[str, Any], enrolled: Sequence[dict[str, Any]]) -> None:
    """The first who enrol come by their organisation's link."""
    own = {"session_id": key, "organisation_id": row["organisation_id"], "seats": BY_LINK + 4}
    [link] = stage.add("partner_link", [own])
    for one in enrolled[:BY_LINK]:
        one |= {"source": EnrolmentSource.PARTNER, "partner_link_id": link}


def _helping(key: int, people: Sequence[dict[str, Any]], trainees: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """An assistant and an observer, who take no seat."""
    taken = {person["person_id"] for person in trainees}
    free = [person for person in people if person["person_id"] not in taken]
    roles = (EnrolmentRole.ASSISTANT, EnrolmentRole.OBSERVER)
    own = {"session_id": key, "state": EnrolmentState.ENROLLED, "source": EnrolmentSource.STAFF}
    return [person | own | {"role": role} for person, role in zip(free, roles, strict=False)]


def _attended(stage: Stage, key: int, row: dict[str, Any], trainees: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    minute, ways = DAY / 1440, (CheckIn.QR, CheckIn.QR, CheckIn.HAND)
    return [
        person
        | {
            "session_id": key,
            "checked_in_at": row["starts"] - minute * stage.random.randint(1, 25),
            "checked_in_by": stage.random.choice(ways),
        }
        for person in trainees
    ]
