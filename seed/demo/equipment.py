"""The demonstration's teaching equipment with its checks, what sessions have booked of it, an evening series, and a session
that nobody closed."""

from datetime import date, time
from typing import Any

from sqlmodel import select

from models.planning import Weekday
from models.training import (
    Audience,
    Base,
    Course,
    Instructor,
    SessionInstructor,
    SessionState,
    TrainingSession,
    Venue,
)
from seed.demo.stage import DAY, Stage, at
from services import clock
from services.training import new_token

OWNED: tuple[tuple[str, str, int, str], ...] = (
    ("成人半身模拟人", "manikin", 12, "JX-MNR-01"),
    ("婴儿模拟人", "manikin", 4, "JX-MNR-02"),
    ("AED 训练机", "aed_trainer", 6, "JX-AED-01"),
    ("包扎练习包", "bandaging", 60, "JX-BZ-01"),
    ("移动投影音响", "projector", 2, "JX-TY-01"),
    ("旧款模拟人", "manikin", 2, "JX-MNR-00"),
)
ADULT, _, AED, BANDAGING, PROJECTOR, OLD = range(len(OWNED))
EVENINGS, LEFT_OPEN_DAYS = 6, 33


def fill(stage: Stage) -> None:
    keys = _register(stage)
    _evening_series(stage, keys)
    _left_open(stage)
    _book(stage, keys)


def _register(stage: Stage) -> list[int]:
    rows = [
        {"name": name, "kind": kind, "number": number, "asset_number": asset, "next_check_on": stage.today + DAY * 20}
        for name, kind, number, asset in OWNED
    ]
    rows[ADULT] |= {"out_of_use": 1, "next_check_on": stage.today + DAY * 5}
    rows[OLD] |= {"state": "damaged", "next_check_on": None}
    keys = stage.add("equipment", rows)
    checks = [
        {"equipment_id": key, "checked_on": stage.today - DAY * (70 - 60 * turn), "checked_by": "何基地",
         "finding": "清洁消毒，功能正常"}
        | ({} if turn == 0 else {n: row[n] for n in ("state", "out_of_use", "next_check_on") if n in row})
        for key, row in zip(keys, rows, strict=True)
        for turn in range(2)
    ]  # fmt: skip
    checks[2 * ADULT + 1]["finding"] = "一个按压弹簧松动，已停用送修"
    checks[2 * OLD + 1]["finding"] = "气道老化漏气，不再使用"
    stage.add("equipment_check", checks)
    return keys


def _session(stage: Stage, day: date, course: Course, venue: Venue, **more: Any) -> dict[str, Any]:
    starts = at(day, 18, 30)
    return {
        "code": f"PX{day:%Y%m%d}-51", "course_id": course.id, "starts": starts, "ends": starts + DAY / 16,
        "venue_id": venue.id, "base": Base.EMERGENCY_BASE, "audience": Audience.PUBLIC, "capacity": venue.capacity,
        "held_on": day, "checkin_token": new_token(), "state": SessionState.OPEN, **more,
    }  # fmt: skip


def _places(stage: Stage, code: str) -> tuple[Course, Venue, Instructor]:
    s = stage.session
    course = s.exec(select(Course).where(Course.code == code)).one()
    return course, s.exec(select(Venue).order_by(Venue.capacity)).all()[1], s.exec(select(Instructor)).all()[1]  # type: ignore[arg-type]


def _evening_series(stage: Stage, keys: list[int]) -> None:
    """Six Wednesday evenings for the neighbourhood, the second of them cancelled."""
    course, venue, teacher = _places(stage, "awareness")
    first = stage.today + DAY * ((2 - stage.today.weekday()) % 7 + 7)
    title = "社区急救夜校"
    own = {"title": title, "first_on": first, "weekdays": [Weekday.WEDNESDAY], "times": EVENINGS}
    [series] = stage.add("training_series", [own])
    rows = [
        _session(stage, first + DAY * 7 * n, course, venue, title=title, series_id=series, series_place=n + 1)
        for n in range(EVENINGS)
    ]
    rows[1]["state"] = SessionState.CANCELLED
    made = stage.add("training_session", rows)
    stage.session.add_all(SessionInstructor(session_id=key, instructor_id=teacher.id or 0) for key in made)
    stage.add("equipment_booking", [{"session_id": key, "equipment_id": keys[PROJECTOR], "number": 1} for key in made])


def _left_open(stage: Stage) -> None:
    """It ended a month ago, and is still not closed."""
    course, venue, teacher = _places(stage, "cpr_aed")
    day = stage.today - DAY * LEFT_OPEN_DAYS
    row = _session(stage, day, course, venue, title="企业急救员夜班（待结班）", state=SessionState.CLOSED)
    [key] = stage.add("training_session", [row | {"audience": Audience.EXTERNAL}])
    stage.session.add(SessionInstructor(session_id=key, instructor_id=teacher.id or 0))


def _book(stage: Stage, keys: list[int]) -> None:
    """First-aid classes by day have manikins, AED trainers and bandages; what is left of the day's stock is the limit."""
    left: dict[tuple[date, int], int] = {}
    rows = []
    asked = select(TrainingSession).where(TrainingSession.base == Base.EMERGENCY_BASE)
    for one in stage.session.exec(asked.order_by(TrainingSession.starts)):  # type: ignore[arg-type]
        if clock.local(one.starts).time() > time(18):
            continue
        for place, number in ((ADULT, min(one.capacity // 10 + 1, 5)), (AED, 2), (BANDAGING, one.capacity // 2)):
            day = clock.local(one.starts).date(), place
            usable = left.setdefault(day, OWNED[place][2] - (place == ADULT))
            if number <= usable:
                left[day] -= number
                rows.append({"session_id": one.id, "equipment_id": keys[place], "number": number})
    stage.add("equipment_booking", rows)
