"""The demonstration's exams and feedback: scores and checks of the sessions held, some resits, one class half entered.

It has its own source of chance, so that the rest of the year stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlmodel import col, select

from models.assessment import STARRED, ScoreSource
from models.people import Person
from models.training import Attendance, Course, SessionState, TrainingSession
from seed.demo.stage import SEED, Stage
from services.assessment import PRACTICAL, THEORY

EXAMINERS = ("周护师", "吴医师", "郑护师")
REMARKS = (
    "老师讲得很清楚，操作时间再多一点就好。", "AED 实操很有用，第一次真正摸到机器。", "希望周末多开几个班。",
    "教室有点挤，后排看不清示范。", "案例贴近生活，回去教给家里人。", "模拟人不够，排队时间长。", "组织有序，签到很快。",
)  # fmt: skip
STARS = ((5, 5, 5, 4, 4, 4, 3), (5, 5, 5, 5, 5, 4, 4), (5, 5, 4, 4, 4, 3, 3))


@dataclass
class Class:
    """One session with its course and who came: (person id, name)."""

    session: TrainingSession
    course: Course
    came: Sequence[tuple[int, str]]


def fill(stage: Stage) -> None:
    chance = Random(SEED + 1)
    held = _held(stage)
    examined = [one for one in held if THEORY.asked(one.course) or PRACTICAL.asked(one.course)]
    scores: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    for one in examined:
        people = one.came[: len(one.came) // 2] if one is examined[-1] else one.came
        for person in people:
            scores += _scores(chance, one, person) if THEORY.asked(one.course) else []
            checks += _checks(chance, one, person) if PRACTICAL.asked(one.course) else []
    stage.add("theory_score", scores)
    stage.add("practical_check", checks)
    stage.add("feedback", [row for one in held for row in _feedback(chance, one)])


def _held(stage: Stage) -> list[Class]:
    """The sessions held, oldest first."""
    s = stage.session
    wanted = select(TrainingSession, Course).join(Course, col(Course.id) == TrainingSession.course_id)
    wanted = wanted.where(TrainingSession.state == SessionState.HELD)
    came: dict[int, list[tuple[int, str]]] = {}
    people = select(Attendance.session_id, Person.id, Person.name).join(Person, col(Person.id) == Attendance.person_id)
    for session_id, key, name in s.exec(people.order_by(col(Attendance.id))):
        came.setdefault(session_id, []).append((key or 0, name))
    sessions = s.exec(wanted.order_by(col(TrainingSession.starts), col(TrainingSession.id))).all()
    return [Class(session, course, came.get(session.id or 0, ())) for session, course in sessions]


def _row(chance: Random, one: Class, person: tuple[int, str], attempt: int) -> dict[str, Any]:
    key, name = person
    return {
        "session_id": one.session.id, "person_id": key, "name": name, "attempt": attempt,
        "examined_on": one.session.held_on, "examiner": chance.choice(EXAMINERS),
    }  # fmt: skip


def _scores(chance: Random, one: Class, person: tuple[int, str]) -> list[dict[str, Any]]:
    """A score, and after a failed one a resit; by quiz where the course has one, in steps of its questions."""
    number = one.course.quiz_questions
    rows = []
    for attempt, mean in enumerate((82, 78)[: one.course.attempts], 1):
        score = float(min(max(round(chance.gauss(mean, 13)), 20), 100))
        score = round(score * number / 100) * 100 / number if number else score
        passed = THEORY.passes(one.course, score)
        more = {"source": ScoreSource.QUIZ, "examiner": ""} if number else {}
        rows.append(_row(chance, one, person, attempt) | {"score": score, "passed": passed} | more)
        if passed:
            break
    return rows


def _checks(chance: Random, one: Class, person: tuple[int, str]) -> list[dict[str, Any]]:
    """The items passed; about one in ten misses some at first, and most of these pass the resit."""
    rows = []
    for attempt in range(1, one.course.attempts + 1):
        items = [code for code in one.course.practical_items if chance.random() > 0.04]
        passed = PRACTICAL.passes(one.course, items)
        rows.append(_row(chance, one, person, attempt) | {"items": items, "passed": passed})
        if passed:
            break
    return rows


def _feedback(chance: Random, one: Class) -> list[dict[str, Any]]:
    """From four to seven in ten say what they think, one in five of them in words."""
    number = int(len(one.came) * chance.uniform(0.4, 0.7))
    return [
        {name: chance.choice(stars) for name, stars in zip(STARRED, STARS, strict=True)}
        | {
            "session_id": one.session.id,
            "given_on": one.session.held_on,
            "remark": chance.choice(REMARKS) if chance.random() < 0.2 else "",
        }
        for _ in range(number)
    ]
