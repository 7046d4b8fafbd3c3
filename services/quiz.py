"""The quiz on the phone, without an account (feature T13): questions drawn at random, one open paper a person, graded here.

A paper is begun by name and phone, as at check-in, and handed in once: whoever begins again, on this phone or another,
gets the same questions while the paper is open, and whoever sends it twice gets the same result. What it scored is the
person's next theory attempt. The right answers leave the server with the result and not before.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from models.assessment import Question, QuizPaper, ScoreSource, TheoryScore, graded
from models.training import Course, Enrolment, SessionState, TrainingSession, has_seat
from models.words import L
from services import assessment, clock, db, institution, limits, numbers, signed, store, walk_ins
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.institution import Host
from services.numbers import Subject, Unit, number, tries
from services.training import SESSION

PAGE, PAPER = "quiz", "paper"
BEFORE, GRACE = timedelta(minutes=60), timedelta(seconds=60)
LIMIT = tries("quizzes_per_hour", L("手机答题", "Quizzes on the phone"), 2000)
DAYS = number(
    "quiz_days", Subject.TRAINING, L("培训结束后几天内可答题", "Days after a session in which its quiz is open"),
    14, 0, 365, Unit.DAYS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuizView:
    """What the holder of the link may see; `closed` is the code of why there is no quiz now, or empty."""

    title: str
    starts: datetime
    ends: datetime
    questions: int
    passing_score: int
    attempts: int
    minutes: int | None
    closed: str
    host: Host


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is shown: its text, its options in the order of this paper, whether several may be chosen."""

    text: L
    options: tuple[L, ...]
    many: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A question of a paper that was handed in: which of the shown options are right, which were chosen, and why."""

    asked: Asked
    right: frozenset[int]
    chosen: frozenset[int]
    why: L

    @property
    def is_right(self) -> bool:
        return self.right == self.chosen


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper: open, it has questions and until when it is to be handed in; handed in, its score and its marks."""

    view: QuizView
    questions: tuple[Asked, ...]
    due_at: datetime | None
    score: float | None = None
    passed: bool = False
    late: bool = False
    marks: tuple[Marked, ...] = ()


# -- what the phone may do --------------------------------------------------------------------------------------------


def view(token: str, now: datetime | None = None) -> QuizView:
    """The quiz of a link. Raises NotFound for a wrong one."""
    with db.reading(PUBLIC) as s:
        return _view(s, *_opened(s, token), now or clock.now())


def begin(token: str, name: str, phone: str, *, now: datetime | None = None, ip: str = "") -> str:
    """The secret of the person's open paper, drawn now if there is none.

    Raises NotFound, Denied("too_many"), Invalid: name or phone, quiz_closed and its like, quiz_stranger for whoever has
    no seat in the session, quiz_done for whoever passed or has no attempt left.
    """
    now = now or clock.now()
    limits.spend(f"quiz:{ip}", LIMIT, now)
    person = walk_ins.named(name, phone, clock.local(now).date())
    with db.unit(PUBLIC) as s:
        training, course = _opened(s, token)
        training = db.lock(s, TrainingSession, db.id_of(training))
        shown = _view(s, training, course, now)
        if shown.closed:
            raise Invalid({"": shown.closed})
        person_id = _seated(s, training, walk_ins.called(s, person))
        paper = _open_paper(s, training, course, person_id, now) or _draw(s, training, course, person_id, now)
        return signed.sign(PAPER, db.id_of(paper))


def sheet(token: str, paper_token: str, now: datetime | None = None) -> Sheet:
    """A paper as it stands. Raises NotFound for a wrong link."""
    with db.reading(PUBLIC) as s:
        training, course = _opened(s, token)
        paper = _paper(s, training, paper_token)
        shown, questions = _view(s, training, course, now or clock.now()), _questions(s, paper)
        asked = [_asked(question, drawn) for question, drawn in zip(questions, paper.drawn, strict=True)]
        if paper.submitted_at is None:
            return Sheet(shown, tuple(asked), paper.due_at)
        late = paper.answers is None
        marks = map(_marked, asked, questions, paper.drawn, paper.answers or [[]] * len(asked))
        return Sheet(shown, (), paper.due_at, paper.score, paper.passed, late, tuple(marks))


def hand_in(
    token: str, paper_token: str, chosen: Sequence[Sequence[int]], *, now: datetime | None = None, ip: str = ""
) -> None:
    """Grade a paper, by the places of the options chosen as they were shown; a paper handed in before stays as it is.

    Too late, and the answers do not count: the attempt scores 0. Raises NotFound, Denied("too_many"), Invalid.
    """
    now = now or clock.now()
    limits.spend(f"quiz:{ip}", LIMIT, now)
    with db.unit(PUBLIC) as s:
        training, course = _opened(s, token)
        training = db.lock(s, TrainingSession, db.id_of(training))
        paper = db.lock(s, QuizPaper, db.id_of(_paper(s, training, paper_token)))
        if paper.submitted_at is None:
            answers = _places(paper, chosen)
            _close(s, training, course, paper, None if _is_late(paper, now) else answers, now)


# -- papers -----------------------------------------------------------------------------------------------------------


def _opened(s: PortalSession, token: str) -> tuple[TrainingSession, Course]:
    training = store.find(s, SESSION, signed.row_of(PAGE, token))
    return training, s.get_one(Course, training.course_id)


def _view(s: PortalSession, training: TrainingSession, course: Course, now: datetime) -> QuizView:
    closed = _closed(training, now, numbers.value(s, DAYS))
    if not course.quiz_questions or course.passing_score is None or _pool_size(s, course) < course.quiz_questions:
        closed = "quiz_none"
    asked, mark = course.quiz_questions or 0, course.passing_score or 0
    times, host = (training.starts, training.ends), institution.host(s, training.base)
    return QuizView(training.title, *times, asked, mark, course.attempts, course.quiz_minutes, closed, host)


def _closed(training: TrainingSession, now: datetime, days: int) -> str:
    """Open from an hour before the session until so many days after it, since resits come later."""
    if training.state == SessionState.CANCELLED:
        return "session_cancelled"
    if training.state == SessionState.DRAFT or now < training.starts - BEFORE:
        return "quiz_not_yet"
    return "quiz_over" if now >= training.ends + timedelta(days=days) else ""


def _pool(course: Course) -> Any:
    wanted = select(Question).where(col(Question.active))
    return wanted.where(col(Question.topic).in_(course.quiz_topics)) if course.quiz_topics else wanted


def _pool_size(s: PortalSession, course: Course) -> int:
    return int(s.exec(select(func.count()).select_from(_pool(course).subquery())).one())


def _seated(s: PortalSession, training: TrainingSession, people: Sequence[int]) -> int:
    mine = select(Enrolment.person_id).where(Enrolment.session_id == db.id_of(training), has_seat())
    found = s.exec(mine.where(col(Enrolment.person_id).in_(people))).first()
    if found is None:
        raise Invalid({"": "quiz_stranger"})
    return found


def _open_paper(
    s: PortalSession, training: TrainingSession, course: Course, person_id: int, now: datetime
) -> QuizPaper | None:
    """The paper that the person has open; one whose time is over is closed as it stands, with nothing."""
    mine = select(QuizPaper).where(QuizPaper.session_id == db.id_of(training), QuizPaper.person_id == person_id)
    paper = s.exec(mine.where(col(QuizPaper.submitted_at).is_(None))).first()
    if paper is not None and _is_late(paper, now):
        _close(s, training, course, paper, None, now)
        return None
    return paper


def _is_late(paper: QuizPaper, now: datetime) -> bool:
    return paper.due_at is not None and now > paper.due_at + GRACE


def _draw(s: PortalSession, training: TrainingSession, course: Course, person_id: int, now: datetime) -> QuizPaper:
    if assessment.next_theory(s, training, course, person_id)[1]:
        raise Invalid({"": "quiz_done"})
    chance = random.SystemRandom()
    questions = chance.sample(s.exec(_pool(course)).all(), course.quiz_questions or 0)
    paper = QuizPaper(
        session_id=db.id_of(training), person_id=person_id, unit_id=training.unit_id, started_at=now,
        due_at=now + timedelta(minutes=course.quiz_minutes) if course.quiz_minutes else None,
        drawn=[_drawn(question, chance) for question in questions],
    )  # fmt: skip
    s.add(paper)
    s.flush()
    return paper


def _drawn(question: Question, chance: random.Random) -> dict[str, Any]:
    """A question of a paper, its options in an order of their own; true before false stays."""
    places = list(range(len(question.choices())))
    order = places if question.options == "" else chance.sample(places, len(places))
    return {"question": question.id, "order": order, "right": question.right(), "many": len(question.right()) > 1}


def _close(
    s: PortalSession, training: TrainingSession, course: Course, paper: QuizPaper, answers: Any, now: datetime
) -> None:
    """Grade it, and enter the score as the person's next theory attempt."""
    attempt, problem = assessment.next_theory(s, training, course, paper.person_id)
    if problem:
        raise Invalid({"": "quiz_done"})
    paper.answers, paper.submitted_at = answers, now
    paper.score = graded([drawn["right"] for drawn in paper.drawn], answers or [[]] * len(paper.drawn))
    paper.passed = paper.score >= (course.passing_score or 0)
    s.add(TheoryScore(
        session_id=db.id_of(training), person_id=paper.person_id, unit_id=training.unit_id, attempt=attempt,
        score=paper.score, passed=paper.passed, examined_on=clock.local(now).date(), source=ScoreSource.QUIZ,
    ))  # fmt: skip
    s.flush()


def _paper(s: PortalSession, training: TrainingSession, token: str) -> QuizPaper:
    found = s.exec(select(QuizPaper).where(QuizPaper.id == signed.row_of(PAPER, token))).first()
    if found is None or found.session_id != training.id:
        raise NotFound(record="quiz_paper")
    return found


def _questions(s: PortalSession, paper: QuizPaper) -> list[Question]:
    """The questions of a paper in its order, those that went to the bin meanwhile included."""
    ids = [drawn["question"] for drawn in paper.drawn]
    wanted = select(Question).where(col(Question.id).in_(ids)).execution_options(with_bin=True)
    found = {question.id: question for question in s.exec(wanted)}
    return [found[key] for key in ids]


def _places(paper: QuizPaper, chosen: Sequence[Sequence[int]]) -> list[list[int]]:
    """The options chosen, as the questions count them."""
    orders = [drawn["order"] for drawn in paper.drawn]
    if len(chosen) != len(orders) or any(
        not 0 <= place < len(order) for order, places in zip(orders, chosen, strict=True) for place in places
    ):
        raise Invalid({"": "not_a_choice"})
    return [[order[place] for place in places] for order, places in zip(orders, chosen, strict=True)]


def _asked(question: Question, drawn: dict[str, Any]) -> Asked:
    choices = question.choices()
    gone = L("（选项已删）", "(option removed)")
    shown = (choices[place] if place < len(choices) else gone for place in drawn["order"])
    return Asked(question.said(), tuple(shown), drawn["many"])


def _marked(asked: Asked, question: Question, drawn: dict[str, Any], chosen: Sequence[int]) -> Marked:
    right, picked = (frozenset(map(drawn["order"].index, places)) for places in (drawn["right"], chosen))
    return Marked(asked, right, picked, question.why())


# -- for staff --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Invitation:
    """The quiz of a session for whoever keeps it: its address on this site, and how many papers are open and handed in;
    short: the bank has only so many of the questions that are needed (None: enough)."""

    path: str
    open: int
    done: int
    short: int | None


def invitation(actor: Actor, session_id: int) -> Invitation | None:
    """None where the course has no quiz."""
    actor.need("write", "training")
    with db.reading(actor) as s:
        training = store.find(s, SESSION, session_id)
        course = s.get_one(Course, training.course_id)
        if not course.quiz_questions:
            return None
        size = _pool_size(s, course)
        counted = select(func.count(), func.count(col(QuizPaper.submitted_at))).where(
            QuizPaper.session_id == session_id
        )
        papers, done = s.exec(counted).one()
    short = size if size < course.quiz_questions else None
    return Invitation(f"/q/{signed.sign(PAGE, session_id)}", papers - done, done, short)
