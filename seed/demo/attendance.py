"""The demonstration's attendance: lessons of the long courses, who was late, gone early, absent or excused at each of them.

It has a source of chance of its own, so that the figures of the rest stay as they are.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from models.lessons import PresenceState
from models.training import CheckIn, DoorCode, SessionState
from seed.demo.stage import DAY, SEED, Stage

LONG_COURSES = ("red_cross_primary", "first_aid_skills")
TOPICS = ("救护概论与心肺复苏", "创伤救护与 AED 实操")
EXCUSES = ("值班", "家人就医", "临时出差")
MINUTE = DAY / 1440
HALFWAY = 65 * MINUTE
PRESENT, LATE, LEFT_EARLY, _, ABSENT, EXCUSED = PresenceState


def door(row: dict[str, Any], is_ahead: bool) -> dict[str, Any]:
    """Sessions to come of the emergency base have a changing code on a screen."""
    return {"door_code": DoorCode.ROTATING if is_ahead and row["base"] == "emergency_base" else DoorCode.TOLD}


def fill(
    stage: Stage,
    planned: Sequence[tuple[int, dict[str, Any]]],
    attendances: Sequence[dict[str, Any]],
    courses: set[int],
    certified: set[int],
) -> None:
    """Lessons of every session of the long courses, and a presence for each attendance; of the whole where there are none."""
    chance = Random(SEED)
    rows = [lesson for key, row in planned if row["course_id"] in courses for lesson in _lessons(key, row)]
    of_session: dict[int, list[tuple[int, dict[str, Any]]]] = {}
    for key, lesson in zip(stage.add("lesson", rows), rows, strict=True):
        of_session.setdefault(lesson["session_id"], []).append((key, lesson))
    sessions = dict(planned)
    whole = {
        key: row
        for key, row in planned
        if key not in of_session and row["course_id"] in certified and row["state"] == SessionState.HELD
    }
    one = _leaves_early(attendances, whole)
    found: list[dict[str, Any]] = []
    for attendance in attendances:
        lessons = of_session.get(attendance["session_id"])
        if lessons:
            found += _at_each(chance, attendance, lessons)
        else:
            found.append(_whole(chance, attendance, sessions[attendance["session_id"]]))
            if attendance is one:
                found[-1] |= {"state": LEFT_EARLY, "left_at": sessions[attendance["session_id"]]["starts"] + HALFWAY}
    stage.add("presence", found)


def _leaves_early(attendances: Sequence[dict[str, Any]], whole: dict[int, dict[str, Any]]) -> dict[str, Any] | None:
    """The one of the year who scanned in and out of a class without lessons, the newest that certifies, far too soon."""
    last = max(whole, key=lambda key: whole[key]["starts"], default=0)
    mine = (one for one in attendances if one["session_id"] == last and one["checked_in_by"] != CheckIn.HAND)
    return next(mine, None)


def _lessons(key: int, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Morning and afternoon, with an hour between them."""
    half = (row["ends"] - row["starts"] - 60 * MINUTE) / 2
    for number, topic in enumerate(TOPICS, 1):
        starts = row["starts"] + (half + 60 * MINUTE) * (number - 1)
        yield {
            "session_id": key, "number": number, "code": f"{row['code']}-{number}", "starts": starts, "ends": starts + half,
            "topic": topic,
        }  # fmt: skip


def _whole(chance: Random, attendance: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    if attendance["checked_in_by"] == CheckIn.HAND:
        return _noted(attendance, None, PRESENT)
    left = row["ends"] + MINUTE * chance.randint(-4, 12) if chance.random() < 0.6 else None
    return _noted(attendance, None, PRESENT, attendance["checked_in_at"], left)


def _at_each(
    chance: Random, attendance: dict[str, Any], lessons: Sequence[tuple[int, dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """The first as the attendance says; of the later ones a few are missed. Who was late or gone early was there for
    long enough."""
    for place, (key, lesson) in enumerate(lessons):
        state = chance.choices([PRESENT, LATE, LEFT_EARLY, ABSENT, EXCUSED], [84, 5, 3, 4, 4])[0] if place else PRESENT
        if state in (ABSENT, EXCUSED):
            reason = chance.choice(EXCUSES) if state == EXCUSED else ""
            yield _noted(attendance, key, state) | {"reason": reason, "noted_by": CheckIn.HAND}
            continue
        late = chance.randint(11, 15) if state == LATE else -chance.randint(1, 12)
        arrived = lesson["starts"] + MINUTE * late if place else attendance["checked_in_at"]
        early = -chance.randint(11, 15) if state == LEFT_EARLY else chance.randint(0, 10)
        yield _noted(attendance, key, state, arrived, lesson["ends"] + MINUTE * early)


def _noted(
    attendance: dict[str, Any], lesson: int | None, state: PresenceState, arrived: Any = None, left: Any = None
) -> dict[str, Any]:
    kept = {name: value for name, value in attendance.items() if not name.startswith("checked_in")}
    return kept | {
        "lesson_id": lesson, "state": state, "arrived_at": arrived, "left_at": left,
        "noted_by": attendance["checked_in_by"],
    }  # fmt: skip
