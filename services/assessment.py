"""Scores and practical checks of a session's people, attempt by attempt (feature T6; rules.md 2.7), and the conditions
"theory" and "practical" of passing.

What a course asks for is its setting: a passing score, practical items, how many attempts. Whether an attempt passed is
decided when it is entered and stays so when the course changes later.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select
from sqlalchemy import select as columns
from sqlmodel import col, func, or_, select

from models.assessment import PracticalCheck, ScoreSource, TheoryScore, Verdict
from models.base import Record
from models.training import (
    PRACTICAL_ITEMS,
    Attendance,
    Course,
    Enrolment,
    EnrolmentState,
    SessionState,
    TrainingSession,
    has_seat,
)
from models.words import L
from services import clock, db, namesakes, options, passing, store, timetable
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.hooks import before_write
from services.timetable import RosterRow
from services.training import SESSION

RECENT = timedelta(days=60)
PASSED, FAILED, PENDING = Verdict


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the exam: the table of its attempts, the field that holds the result, whether a course asks for it, what
    is wrong with a value ("" for nothing) and whether it passes."""

    model: type[Any]
    field: str
    asked: Callable[[Course], bool]
    wrong: Callable[[Course, Any], str]
    passes: Callable[[Course, Any], bool]


THEORY = Part(
    TheoryScore,
    "score",
    asked=lambda course: course.passing_score is not None,
    wrong=lambda _course, score: "" if 0 <= score <= 100 else "score_range",
    passes=lambda course, score: score >= (course.passing_score or 0),
)
PRACTICAL = Part(
    PracticalCheck,
    "items",
    asked=lambda course: bool(examined_items(course)),
    wrong=lambda course, items: "" if set(items) <= set(examined_items(course)) else "not_a_choice",
    passes=lambda course, items: set(course.practical_items) <= set(items),
)
PARTS = (THEORY, PRACTICAL)


def examined_items(course: Course) -> list[str]:
    """The codes of the practical items of a course, the required ones first."""
    return list(dict.fromkeys([*course.practical_items, *course.practical_optional]))


# -- how everybody stands ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt: its number, the score or the codes of the items passed, and whether it passed."""

    attempt: int
    value: Any
    passed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A person of a session with every attempt, and whether they came at all; theory and practical are None where the
    course does not ask for them."""

    person_id: int
    name: str
    employer: str
    scores: tuple[Try, ...]
    checks: tuple[Try, ...]
    theory: Verdict | None
    practical: Verdict | None
    came: bool = True

    @property
    def verdict(self) -> Verdict | None:
        """Failed while a part stands failed, pending while one was never tried, passed when all are."""
        parts = [part for part in (self.theory, self.practical) if part]
        return next((one for one in (FAILED, PENDING, PASSED) if one in parts), None)


@dataclass(frozen=True, slots=True)
class Exam:
    """What a session's course asks for, and how its people stand. items: {code: (name, required)}."""

    title: str
    starts: datetime
    passing_score: int | None
    items: dict[str, tuple[L, bool]]
    attempts: int
    people: tuple[Standing, ...]

    @property
    def asked(self) -> bool:
        return self.passing_score is not None or bool(self.items)

    def count(self, verdict: Verdict) -> int:
        return sum(person.verdict == verdict for person in self.people)


def exam(actor: Actor, session_id: int) -> Exam:
    """Everybody with a seat, who came, or who was examined, in the order of enrolment."""
    actor.need("read", "training")
    roster = timetable.roster(actor, session_id)
    with db.reading(actor) as s:
        training = store.find(s, SESSION, session_id)
        course = s.get_one(Course, training.course_id)
        scores, checks = (attempts_of(s, part, session_id, [row.person_id for row in roster]) for part in PARTS)
    labels = options.labels(PRACTICAL_ITEMS)
    items = {code: (labels.get(code, L(code, code)), code in course.practical_items) for code in examined_items(course)}
    people = _told_apart([row for row in roster if _takes_part(row, scores, checks)])
    standings = tuple(_standing(course, row, scores, checks) for row in people)
    return Exam(training.title, training.starts, course.passing_score, items, course.attempts, standings)


def _told_apart(people: Sequence[RosterRow]) -> list[RosterRow]:
    """A result goes to whom it belongs: two of a name carry the end of their phone."""
    phones = {row.person_id: row.phone for row in people}
    names = namesakes.by_phone({row.person_id: row.name for row in people}, phones)
    return [replace(row, name=names[row.person_id]) for row in people]


Tries = Mapping[int, Sequence[Any]]


def _takes_part(row: RosterRow, scores: Tries, checks: Tries) -> bool:
    seated = row.state == EnrolmentState.ENROLLED or row.came_at is not None
    return seated or row.person_id in scores or row.person_id in checks


def attempts_of(s: PortalSession, part: Part, session_id: int, people: Collection[int]) -> dict[int, list[Any]]:
    """{person id: rows of attempts in their order}"""
    model, found = part.model, dict[int, list[Any]]()
    mine = select(model).where(model.session_id == session_id, col(model.person_id).in_(people))
    for row in s.exec(mine.order_by(col(model.attempt))):
        found.setdefault(row.person_id, []).append(row)
    return found


def _standing(course: Course, row: RosterRow, scores: Tries, checks: Tries) -> Standing:
    mine = [scores.get(row.person_id, ()), checks.get(row.person_id, ())]
    told = [_told(part, tries) for part, tries in zip(PARTS, mine, strict=True)]
    theory, practical = (stands(part, course, tries) for part, tries in zip(PARTS, mine, strict=True))
    return Standing(row.person_id, row.name, row.employer, told[0], told[1], theory, practical, row.came_at is not None)


def _told(part: Part, tries: Iterable[Any]) -> tuple[Try, ...]:
    return tuple(Try(row.attempt, getattr(row, part.field), row.passed) for row in tries)


def stands(part: Part, course: Course, tries: Sequence[Any]) -> Verdict | None:
    """How a part of the exam stands after these attempts; None where the course does not ask for it."""
    if not part.asked(course):
        return None
    return PASSED if any(row.passed for row in tries) else FAILED if tries else PENDING


@dataclass(frozen=True, slots=True)
class Examined:
    """A session whose course has an exam: how many people it has, and how many of them have a score and a check."""

    session_id: int
    title: str
    starts: datetime
    people: int
    scored: int | None
    checked: int | None


def recent(actor: Actor, now: datetime | None = None) -> list[Examined]:
    """The sessions with an exam that began in the last 60 days, newest first; one statement."""
    actor.need("read", "training")
    now = now or clock.now()
    course = col(Course.id) == TrainingSession.course_id
    shown = (
        columns(TrainingSession, Course, _people(Enrolment), _people(TheoryScore), _people(PracticalCheck))
        .join(Course, course)
        .where(
            col(TrainingSession.starts).between(now - RECENT, now),
            col(TrainingSession.state) != SessionState.CANCELLED,
            or_(
                col(Course.passing_score).is_not(None),
                col(Course.practical_items) != "",
                col(Course.practical_optional) != "",
            ),
        )
        .order_by(col(TrainingSession.starts).desc(), col(TrainingSession.id))
    )
    with db.reading(actor) as s:
        return [_examined(*row) for row in s.execute(shown)]


def _people(model: type[Any]) -> Any:
    """How many people of the session have a row of this kind; of enrolments those with a seat."""
    counted: Select[Any] = select(func.count(func.distinct(model.person_id)))
    counted = counted.where(model.session_id == col(TrainingSession.id))
    seated = counted.where(has_seat()) if model is Enrolment else counted
    return seated.scalar_subquery()


def _examined(training: TrainingSession, course: Course, people: int, scored: int, checked: int) -> Examined:
    has = (scored if THEORY.asked(course) else None, checked if PRACTICAL.asked(course) else None)
    return Examined(db.id_of(training), training.title, training.starts, people, *has)


# -- entering ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sitting:
    """Which attempt was held, by whom and on which day (None: today)."""

    attempt: int = 1
    examiner: str = ""
    on: date | None = None


def take(
    actor: Actor,
    session_id: int,
    scores: Mapping[int, float | None],
    checks: Mapping[int, Collection[str] | None],
    sitting: Sitting = Sitting(),
    *,
    today: date | None = None,
    token: str | None = None,
) -> int:
    """Enter one sitting of a class, {person id: score} and {person id: codes of the items passed}; None takes one back.

    Returns how many results were written. Raises Invalid({person id as text: code}) and writes nothing: score_range,
    not_a_choice, not_asked, not_enrolled, attempts_used, attempt_order, passed_already; and of the class: session_cancelled,
    date_future.
    """
    actor.need("write", "training")
    today = today or clock.today()
    with db.unit(actor, token=token) as s:
        training = db.lock(s, TrainingSession, session_id)
        if sitting.on and sitting.on > today:
            raise Invalid({"examined_on": "date_future"})
        desk = _Desk(s, training, s.get_one(Course, training.course_id), sitting, today)
        done = desk.take(THEORY, scores) + desk.take(PRACTICAL, checks)
        if desk.wrong:
            raise Invalid(desk.wrong)
        return done


class _Desk:
    """Where the results of one sitting are taken in, inside a transaction that holds the session."""

    def __init__(self, s: PortalSession, training: TrainingSession, course: Course, sitting: Sitting, today: date):
        self.s, self.training, self.course, self.sitting = s, training, course, sitting
        self.day = sitting.on or today
        self.wrong: dict[str, str] = {}

    def take(self, part: Part, given: Mapping[int, Any]) -> int:
        """Returns how many rows were written; what is wrong stands in `wrong` by person."""
        if not given:
            return 0
        tries, trainees = (
            attempts_of(self.s, part, db.id_of(self.training), given),
            _trainees(self.s, self.training, given),
        )
        for person, value in given.items():
            code = self._put(part, person, value, tries.get(person, []), person in trainees)
            if code:
                self.wrong[str(person)] = code
        self.s.flush()
        return len(given)

    def _put(self, part: Part, person: int, value: Any, tries: Sequence[Any], is_trainee: bool) -> str:
        nth = self.sitting.attempt
        old = next((row for row in tries if row.attempt == nth), None)
        if value is None:
            return self._take_back(old, tries)
        if code := part.wrong(self.course, value):
            return code
        if old is None:
            if code := _problem(self.training, self.course, part, nth, tries, is_trainee):
                return code
            old = part.model(
                session_id=db.id_of(self.training), person_id=person, attempt=nth, unit_id=self.training.unit_id,
                examined_on=self.day,
            )  # fmt: skip
            self.s.add(old)
        elif part is THEORY and old.score != value:
            old.source = ScoreSource.STAFF
        if getattr(old, part.field) != value:
            setattr(old, part.field, value)
        old.passed = part.passes(self.course, value)
        old.examiner = self.sitting.examiner or old.examiner
        old.examined_on = self.sitting.on or old.examined_on
        return ""

    def _take_back(self, old: Any, tries: Sequence[Any]) -> str:
        """The last attempt alone may go, so that none is missing in between."""
        if old is None:
            return ""
        if tries[-1] is not old:
            return "attempt_order"
        old.deleted_at, old.deleted_by = clock.now(), self.s.actor.account_id
        return ""


def _problem(
    training: TrainingSession, course: Course, part: Part, attempt: int, tries: Sequence[Any], is_trainee: bool
) -> str:
    """Why this attempt cannot be held by this person; "" where it can."""
    if training.state == SessionState.CANCELLED:
        return "session_cancelled"
    if not part.asked(course):
        return "not_asked"
    if not is_trainee:
        return "not_enrolled"
    before = [row for row in tries if row.attempt < attempt]
    if any(row.passed for row in before):
        return "passed_already"
    if attempt > course.attempts:
        return "attempts_used"
    return "" if len(before) == attempt - 1 else "attempt_order"


def next_theory(s: PortalSession, training: TrainingSession, course: Course, person_id: int) -> tuple[int, str]:
    """The number of the theory attempt that somebody would hold now, and why they cannot ("" where they can)."""
    tries = attempts_of(s, THEORY, db.id_of(training), [person_id]).get(person_id, [])
    attempt = 1 + max((row.attempt for row in tries), default=0)
    seated = person_id in _trainees(s, training, [person_id])
    return attempt, _problem(training, course, THEORY, attempt, tries, seated)


def _trainees(s: PortalSession, training: TrainingSession, people: Collection[int]) -> set[int]:
    """Those of the people who have a seat or were there."""
    key = db.id_of(training)
    seated = select(Enrolment.person_id).where(
        Enrolment.session_id == key, has_seat(), col(Enrolment.person_id).in_(people)
    )
    came = select(Attendance.person_id).where(Attendance.session_id == key, col(Attendance.person_id).in_(people))
    return {*s.exec(seated), *s.exec(came)}


@before_write("theory_score")
def _score(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    _admit(s, THEORY, given, row, today)


@before_write("practical_check")
def _check(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    _admit(s, PRACTICAL, given, row, today)


def _admit(s: PortalSession, part: Part, given: dict[str, Any], row: Any, today: date) -> None:
    """A result typed in a form or imported follows the same rules as the grid."""
    training = _training(s, given["session_id"])
    if training is None:
        return  # the store says so beside the field
    course = s.get_one(Course, training.course_id)
    if row is not None and row.deleted_at is None:
        if (given["session_id"], given["attempt"]) != (row.session_id, row.attempt):
            raise Invalid({"attempt": "attempt_fixed"})
    else:
        _admit_new(s, training, course, part, given)
    if code := part.wrong(course, given[part.field]):
        raise Invalid({part.field: code})
    given["passed"] = part.passes(course, given[part.field])
    given["examined_on"] = given.get("examined_on") or today


def _admit_new(s: PortalSession, training: TrainingSession, course: Course, part: Part, given: dict[str, Any]) -> None:
    person = store.find_person(s, given)
    people = [db.id_of(person)] if person else []
    tries = [row for rows in attempts_of(s, part, db.id_of(training), people).values() for row in rows]
    seated = bool(_trainees(s, training, people))
    if code := _problem(training, course, part, given["attempt"], tries, seated):
        raise Invalid({"name" if code == "not_enrolled" else "attempt": code})
    given["unit_id"] = training.unit_id


def _training(s: PortalSession, session_id: int) -> TrainingSession | None:
    try:
        return db.lock(s, TrainingSession, session_id)  # type: ignore[no-any-return]
    except NotFound:
        return None


# -- passing ----------------------------------------------------------------------------------------------------------


@passing.condition("theory")
def _theory(s: PortalSession, training: TrainingSession, course: Course, people: Collection[int]) -> dict[int, L]:
    """Whoever has no theory attempt that passed, where the course has a passing score."""
    if course.passing_score is None:
        return {}
    mark, tries = course.passing_score, attempts_of(s, THEORY, db.id_of(training), people)
    none = L("没有理论成绩", "No theory score")
    return {
        person: L(f"理论 {best:g} 分，未到 {mark} 分", f"Theory {best:g}, below {mark}") if best is not None else none
        for person in people
        if not any(row.passed for row in tries.get(person, ()))
        for best in [max((row.score for row in tries.get(person, ())), default=None)]
    }


@passing.condition("practical")
def _practical(s: PortalSession, training: TrainingSession, course: Course, people: Collection[int]) -> dict[int, L]:
    """Whoever has no practical attempt that passed, where the course requires items."""
    if not course.practical_items:
        return {}
    tries, labels = attempts_of(s, PRACTICAL, db.id_of(training), people), options.labels(PRACTICAL_ITEMS)
    failed = (person for person in people if not any(row.passed for row in tries.get(person, ())))
    return {person: _lacking(course, tries.get(person, ()), labels) for person in failed}


def _lacking(course: Course, tries: Sequence[Any], labels: Mapping[str, L]) -> L:
    """Which required items the last attempt lacked."""
    if not tries:
        return L("没有实操考核", "No practical check")
    codes = [code for code in course.practical_items if code not in tries[-1].items]
    names = [labels.get(code, L(code, code)) for code in codes]
    chinese, english = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
    return L(f"实操未过：{chinese}", f"Practical not passed: {english}")
