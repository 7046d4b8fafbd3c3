"""Who of a session may have a certificate, and of everybody else every reason why not (features T1, T6, T7, T9).

Conditions of this module: the class is over, came at all, prerequisites, and, where a course renews certificates, one that
it may renew.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import RECORDS
from models.base import Record
from models.certificates import (
    BatchState,
    Certificate,
    CertificateBatch,
    CertificateRuling,
    CertificateState,
    Ruling,
)
from models.people import Person
from models.periods import add_months
from models.training import (
    Attendance,
    Course,
    CoursePrerequisite,
    Enrolment,
    EnrolmentRole,
    EnrolmentState,
    SessionState,
    TrainingSession,
)
from models.words import L
from services import clock, db, namesakes, numbers, passing, results, rulings, store, values
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import before_write
from services.numbers import Subject, Unit, number
from services.passing import Missing, condition
from services.results import Length, Result
from services.rulings import SETS_ASIDE, WITHHELD

SESSION = RECORDS["training_session"]
TAKING_PART = (EnrolmentState.ENROLLED, EnrolmentState.NO_SHOW)
GRACE = number(
    "certificate.grace_days", Subject.TRAINING,
    L("证书到期后几天内仍可凭复训续期", "Days after its end in which a refresher still renews a certificate"),
    30, 0, 3650, Unit.DAYS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ruled:
    """What was decided of somebody, and on which day."""

    id: int
    ruling: Ruling
    reason: str
    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who took part: what keeps them back (nothing: passed), the certificate they have from this session, the
    one that theirs would renew, what a coordinator decided of them, and, where they are shown, their figures."""

    person_id: int
    name: str
    missing: tuple[Missing, ...]
    certificate_id: int | None = None
    number: str = ""
    is_revoked: bool = False
    renews: str = ""
    ruled: Ruled | None = None
    result: Result | None = None

    @property
    def too_little(self) -> bool:
        """Whether nothing but their attendance keeps them back."""
        return bool(self.missing) and all(one.condition in SETS_ASIDE for one in self.missing)

    @property
    def is_left_out(self) -> bool:
        """Whether they passed, and only what a coordinator decided keeps them back."""
        return bool(self.missing) and all(one.condition == WITHHELD for one in self.missing)

    @property
    def is_new(self) -> bool:
        """Passed, and was given no certificate of this session before."""
        return not self.missing and not self.number


@dataclass(frozen=True, slots=True)
class Batch:
    """People put forward, as they are shown; own: by this very actor, ruled: this actor ruled on somebody of them; both
    leave the approval to others. short_reason: why, though the class was shorter than its course."""

    id: int
    state: BatchState
    people: int
    submitted_by: str
    decided_by: str
    reason: str
    short_reason: str
    own: bool
    ruled: bool


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A session's list: is_held, is_over and is_certified are what a certificate needs of the session and its course."""

    title: str
    ends: datetime
    is_held: bool
    is_certified: bool
    length: Length
    candidates: list[Candidate]
    batches: list[Batch]

    @property
    def is_over(self) -> bool:
        return self.ends <= clock.now()

    @property
    def waiting(self) -> Batch | None:
        """The batch that waits for a decision."""
        return next((batch for batch in self.batches if batch.state == BatchState.SUBMITTED), None)


@dataclass(frozen=True, slots=True)
class Waits:
    """A list that waits for approval: of which session, how many people, who submitted it and when."""

    session_id: int
    title: str
    people: int
    submitted_by: str
    submitted_at: datetime


def lists_waiting(actor: Actor) -> list[Waits]:
    """The lists that wait for approval, the oldest first."""
    actor.need("read", "training")
    wanted = (
        select(CertificateBatch, col(TrainingSession.title))
        .join(TrainingSession, col(TrainingSession.id) == col(CertificateBatch.session_id))
        .where(col(CertificateBatch.state) == BatchState.SUBMITTED)
        .order_by(col(CertificateBatch.submitted_at), col(CertificateBatch.id))
    )
    with db.reading(actor) as s:
        return [
            Waits(row.session_id, title, len(row.people), row.submitted_by, row.submitted_at)
            for row, title in s.execute(wanted)
        ]


def everywhere(actor: Actor) -> Actor:
    """The same person without the limit of stations: what somebody holds counts wherever it was issued."""
    return replace(actor, units=None)


def eligibility(actor: Actor, session_id: int) -> Eligibility:
    """Who took part in a session and how each stands, by name. Raises NotFound."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        store.find(s, SESSION, session_id)
    with db.reading(everywhere(actor)) as s:
        training = s.get_one(TrainingSession, session_id)
        course = s.get_one(Course, training.course_id)
        listed = _candidates(s, training, course)
        names = _names(s, listed, full=actor.may("personal", "training"))
        figures, length = results.results(s, training, course, [one.person_id for one in listed])
        candidates = [replace(one, name=names[one.person_id], result=figures[one.person_id]) for one in listed]
        issues = bool(course.certified or _renewed_courses(s, course))
        ruled = rulings.own(s, session_id, actor.account_id)
        batches = [_batch(actor, row, ruled) for row in s.execute(_batches(session_id)).scalars()]
        held = training.state == SessionState.HELD
        return Eligibility(training.title, training.ends, held, issues, length, candidates, batches)


def _names(s: PortalSession, listed: Iterable[Candidate], *, full: bool) -> dict[int, str]:
    """{person id: name as it is shown}, two of the same told apart."""
    named = {one.person_id: one.name if full else values.mask_person(one.name) for one in listed}
    wanted = select(col(Person.id), col(Person.phone)).where(col(Person.id).in_(namesakes.twice(named)))
    return namesakes.by_phone(named, dict(s.execute(wanted).all()))


def _batches(session_id: int) -> Any:
    mine = select(CertificateBatch).where(col(CertificateBatch.session_id) == session_id)
    return mine.order_by(col(CertificateBatch.id).desc())


def _batch(actor: Actor, row: CertificateBatch, ruled: Collection[int]) -> Batch:
    by = (row.submitted_by, row.decided_by, row.reason, row.short_reason)
    own, is_ruled = row.submitter_id == actor.account_id, any(person in ruled for person in row.people)
    return Batch(db.id_of(row), BatchState(row.state), len(row.people), *by, own, is_ruled)


def candidates(s: PortalSession, training: TrainingSession) -> list[Candidate]:
    """Who took part, within a transaction of somebody who sees every station. Raises Invalid for a session that was not
    held (session_not_held), is not over yet (class_not_over) or whose course issues no certificate (not_certified)."""
    course = s.get_one(Course, training.course_id)
    if training.state != SessionState.HELD:
        raise Invalid({"": "session_not_held"})
    if training.ends > clock.now():
        raise Invalid({"": "class_not_over"})
    if not course.certified and not _renewed_courses(s, course):
        raise Invalid({"": "not_certified"})
    return _candidates(s, training, course)


def _candidates(s: PortalSession, training: TrainingSession, course: Course) -> list[Candidate]:
    people = _taking_part(s, training)
    missing = passing.kept_back(s, training, course, list(people))
    given = _given(s, training)
    renewing, ruled = renewable(s, training, course, list(people)), rulings.of_session(s, db.id_of(training))
    return [
        _candidate(key, name, missing[key], given.get(key), renewing.get(key), ruled.get(key))
        for key, name in people.items()
    ]


def _candidate(
    key: int,
    name: str,
    missing: Iterable[Missing],
    given: Certificate | None,
    old: Certificate | None,
    row: CertificateRuling | None,
) -> Candidate:
    ruled = _ruled(row) if row else None
    if ruled and ruled.ruling == Ruling.LET_THROUGH:
        missing = [one for one in missing if one.condition not in SETS_ASIDE]
    if given is None:
        return Candidate(key, name, tuple(missing), renews=old.number if old else "", ruled=ruled)
    revoked = given.state == CertificateState.REVOKED
    return Candidate(key, name, tuple(missing), given.id, given.number, revoked, given.renews, ruled)


def _ruled(row: CertificateRuling) -> Ruled:
    return Ruled(db.id_of(row), Ruling(row.ruling), row.reason, row.ruled_by, clock.local(row.created_at).date())


def _taking_part(s: PortalSession, training: TrainingSession) -> dict[int, str]:
    """{person id: name} of those enrolled or seen, in the order of their names' rows."""
    enrolled = select(col(Enrolment.person_id)).where(
        col(Enrolment.session_id) == training.id,
        col(Enrolment.state).in_(TAKING_PART),
        col(Enrolment.role) == EnrolmentRole.TRAINEE,
    )
    came = select(col(Attendance.person_id)).where(col(Attendance.session_id) == training.id)
    ids = {*s.execute(enrolled).scalars(), *s.execute(came).scalars()}
    named = select(col(Person.id), col(Person.name)).where(col(Person.id).in_(ids)).order_by(col(Person.id))
    return {key: name for key, name in s.execute(named) if key is not None}


def _given(s: PortalSession, training: TrainingSession) -> dict[int, Certificate]:
    """{person id: their newest certificate of this session}, one that stands before one that was revoked."""
    mine = select(Certificate).where(col(Certificate.session_id) == training.id).order_by(col(Certificate.id))
    found = list(s.execute(mine).scalars())
    ordered = sorted(found, key=lambda row: row.state == CertificateState.ISSUED)
    return {row.person_id: row for row in ordered}


# -- conditions --------------------------------------------------


@condition("over")
def _over(_s: PortalSession, training: TrainingSession, _course: Course, people: Collection[int]) -> Mapping[int, L]:
    return dict.fromkeys(people, L("课还没结束", "The class is not over yet")) if training.ends > clock.now() else {}


@condition("came")
def _came(s: PortalSession, training: TrainingSession, _course: Course, people: Collection[int]) -> Mapping[int, L]:
    mine = select(col(Attendance.person_id)).where(col(Attendance.session_id) == training.id)
    present = set(s.execute(mine).scalars())
    return {key: L("没有签到", "Was not there") for key in people if key not in present}


@condition("prerequisites")
def _prerequisites(
    s: PortalSession, training: TrainingSession, course: Course, people: Collection[int]
) -> Mapping[int, L]:
    """Every course that had to come first: its certificate in force on the day, or, without one, a class attended."""
    wanted = (
        select(Course)
        .join(CoursePrerequisite, col(CoursePrerequisite.required_id) == col(Course.id))
        .where(col(CoursePrerequisite.course_id) == course.id)
    )
    reasons: dict[int, L] = {}
    for required in s.execute(wanted.order_by(col(Course.id))).scalars():
        unmet = _without_paper(s, training, required, people) if required.certified else None
        found = unmet if unmet is not None else _without_class(s, training, required, people)
        for key, reason in found.items():
            said = reasons.get(key)
            reasons[key] = L(f"{said.zh}；{reason.zh}", f"{said.en}; {reason.en}") if said else reason
    return reasons


def _without_paper(
    s: PortalSession, training: TrainingSession, required: Course, people: Collection[int]
) -> dict[int, L]:
    day = training.held_on or date.max
    held = (
        select(Certificate)
        .join(TrainingSession, col(TrainingSession.id) == col(Certificate.session_id))
        .where(
            col(Certificate.course_id) == required.id,
            col(Certificate.person_id).in_(people),
            col(Certificate.state) == CertificateState.ISSUED,
            col(TrainingSession.held_on) <= day,
        )
    )
    ends = {row.person_id: row.valid_until for row in sorted(s.execute(held).scalars(), key=_lasting)}
    name = required.name
    reasons = {
        key: L(f"先修证书已于 {until} 过期：{name}", f"Prerequisite expired on {until}: {name}")
        for key, until in ends.items()
        if until and until < day
    }
    missing = L(f"没有先修证书：{name}", f"Prerequisite missing: {name}")
    return reasons | {key: missing for key in people if key not in ends}


def _without_class(
    s: PortalSession, training: TrainingSession, required: Course, people: Collection[int]
) -> dict[int, L]:
    before = (
        select(col(Attendance.person_id))
        .join(TrainingSession, col(TrainingSession.id) == col(Attendance.session_id))
        .where(
            col(TrainingSession.course_id) == required.id,
            col(TrainingSession.state) == SessionState.HELD,
            col(TrainingSession.starts) < training.starts,
            col(Attendance.person_id).in_(people),
        )
    )
    done = set(s.execute(before).scalars())
    reason = L(f"没有上过先修课程：{required.name}", f"Prerequisite missing: {required.name}")
    return {key: reason for key in people if key not in done}


def _lasting(row: Certificate) -> tuple[date, int]:
    return row.valid_until or date.max, db.id_of(row)


# -- renewal --------------------------------------------------


@condition("renewal")
def _renewal(s: PortalSession, training: TrainingSession, course: Course, people: Collection[int]) -> Mapping[int, L]:
    """A course that only renews needs a certificate whose window is open on the day; after it the full course is due."""
    if course.certified or not _renewed_courses(s, course):
        return {}
    held, grace = _held(s, training, course, people), grace_days(s)
    reasons = {}
    for key in people:
        reason = _why_not(held.get(key), training.held_on or date.max, grace)
        if reason:
            reasons[key] = reason
    return reasons


def renewable(
    s: PortalSession, training: TrainingSession, course: Course, people: Collection[int]
) -> dict[int, Certificate]:
    """{person id: the certificate that this session renews}, for those whose window was open on its day."""
    day, grace = training.held_on or date.max, grace_days(s)
    found = _held(s, training, course, people)
    return {key: pair[0] for key, pair in found.items() if _why_not(pair, day, grace) is None}


def grace_days(s: PortalSession) -> int:
    """For how many days after its end a certificate may still be renewed."""
    return numbers.value(s, GRACE)


Held = tuple[Certificate, Course]


def _held(s: PortalSession, training: TrainingSession, course: Course, people: Collection[int]) -> dict[int, Held]:
    """{person id: the longest-lasting certificate that the course renews, with its own course}, those of this very
    session aside."""
    wanted = (
        select(Certificate, Course)
        .join(Course, col(Course.id) == col(Certificate.course_id))
        .where(
            col(Course.renewed_by_id) == course.id,
            col(Certificate.person_id).in_(people),
            col(Certificate.session_id) != training.id,
            col(Certificate.state) == CertificateState.ISSUED,
            col(Certificate.valid_until).is_not(None),
        )
    )
    pairs: list[Held] = [(paper, own) for paper, own in s.execute(wanted)]
    return {pair[0].person_id: pair for pair in sorted(pairs, key=lambda pair: _lasting(pair[0]))}


def _why_not(held: Held | None, day: date, grace: int) -> L | None:
    if held is None:
        return L("没有可由本课程续期的证书", "Holds no certificate that this course renews")
    paper, course = held
    ends = paper.valid_until or date.max
    opens = add_months(ends, -course.renewal_months)
    if day < opens:
        return L(f"证书 {paper.number} 自 {opens} 起才可续期", f"{paper.number} can be renewed from {opens}")
    if day > ends + timedelta(days=grace):
        return L(
            f"证书 {paper.number} 已于 {ends} 到期，过了续期期限，须重新参加全程培训",
            f"{paper.number} ended on {ends}, too long ago to be renewed: the full course is needed",
        )
    return None


def _renewed_courses(s: PortalSession, course: Course) -> list[int]:
    return [
        key for key in s.execute(select(col(Course.id)).where(col(Course.renewed_by_id) == course.id)).scalars() if key
    ]


@before_write("course")
def _first_another(_s: PortalSession, given: dict[str, Any], row: Record | None, _today: date) -> None:
    """No course comes before itself."""
    if row is not None and row.id in (given.get("prerequisites") or ()):
        raise Invalid({"prerequisites": "own_prerequisite"})
