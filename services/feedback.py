"""Feedback after a session, without a name (feature T14): once a device, and never more of it than people were there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from models import RECORDS
from models.assessment import STARRED, Feedback
from models.training import Attendance, Enrolment, SessionState, TrainingSession, has_seat
from models.vault import digest
from models.words import L
from services import clock, db, institution, limits, naming, numbers, signed, store, values
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Invalid
from services.institution import Host
from services.numbers import Subject, Unit, number, tries
from services.training import SESSION

PAGE = "feedback"
LIMIT = tries("feedback_per_hour", L("培训反馈", "Feedback on sessions"), 1000)
DAYS = number(
    "feedback_days", Subject.TRAINING, L("培训结束后几天内可反馈", "Days after a session in which feedback is taken"),
    30, 1, 365, Unit.DAYS,
)  # fmt: skip
FEEDBACK = RECORDS["feedback"]


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """What the holder of the link may see; `closed` is the code of why nothing can be given now, or empty."""

    title: str
    starts: datetime
    ends: datetime
    closed: str
    host: Host


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """How many gave feedback, the mean of each question from 1 to 5 by field, and of them all; 0 where there is none."""

    number: int
    means: dict[str, float]

    @property
    def mean(self) -> float:
        return sum(self.means.values()) / len(self.means) if self.means else 0.0


# -- on the phone -----------------------------------------------------------------------------------------------------


def view(token: str, device: str = "", now: datetime | None = None) -> FeedbackView:
    """The session of a link, as this device may answer. Raises NotFound for a wrong link."""
    now = now or clock.now()
    with db.reading(PUBLIC) as s:
        training = store.find(s, SESSION, signed.row_of(PAGE, token))
        closed, host = _closed(s, training, device, now), institution.host(s, training.base)
        return FeedbackView(training.title, training.starts, training.ends, closed, host)


def give(token: str, device: str, given: Mapping[str, Any], *, now: datetime | None = None, ip: str = "") -> None:
    """Keep what somebody thinks; `device` is the secret of their browser, of which only a hash is kept.

    Raises NotFound, Denied("too_many"), Invalid: a field, or feedback_not_yet, feedback_over, feedback_given,
    feedback_full, session_cancelled.
    """
    now = now or clock.now()
    limits.spend(f"feedback:{ip}", LIMIT, now)
    day = clock.local(now).date()
    with db.unit(PUBLIC) as s:
        training = db.lock(s, TrainingSession, signed.row_of(PAGE, token))
        if closed := _closed(s, training, device, now):
            raise Invalid({"": closed})
        typed = {name: given.get(name) for name in (*STARRED, "remark")}
        clean, errors = values.validate(FEEDBACK, typed | {"session_id": training.id}, day)
        if errors:
            raise Invalid(errors)
        own = {name: clean[name] for name in typed}
        key = _device_key(training, device)
        s.add(Feedback(**own, session_id=db.id_of(training), unit_id=training.unit_id, given_on=day, device_key=key))


def _device_key(training: TrainingSession, device: str) -> str:
    """Another for every session, so that two of them are not known to be of one person."""
    return digest(f"feedback:{training.id}:{device}")


def _closed(s: PortalSession, training: TrainingSession, device: str, now: datetime) -> str:
    if training.state == SessionState.CANCELLED:
        return "session_cancelled"
    if training.state == SessionState.DRAFT or now < training.starts:
        return "feedback_not_yet"
    if now >= training.ends + timedelta(days=numbers.value(s, DAYS)):
        return "feedback_over"
    mine = select(Feedback.id).where(Feedback.session_id == training.id)
    if s.exec(mine.where(Feedback.device_key == _device_key(training, device))).first():
        return "feedback_given"
    return "feedback_full" if len(s.exec(mine).all()) >= _people(s, db.id_of(training)) else ""


def _people(s: PortalSession, session_id: int) -> int:
    """How many may give feedback: those who were there, or before anybody is marked, those who have a seat."""
    came = select(func.count(col(Attendance.id))).where(Attendance.session_id == session_id)
    seated = select(func.count(col(Enrolment.id))).where(Enrolment.session_id == session_id, has_seat())
    return s.exec(came).one() or s.exec(seated).one()


# -- for staff --------------------------------------------------------------------------------------------------------


def path(actor: Actor, session_id: int) -> str:
    """The address of a session's feedback page on this site, for whoever keeps the session."""
    actor.need("write", "training")
    with db.reading(actor) as s:
        return f"/f/{signed.sign(PAGE, store.find(s, SESSION, session_id).id)}"


def of_session(actor: Actor, session_id: int) -> Satisfaction:
    """What the people of a session thought."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        return _satisfaction(s, Feedback.session_id == session_id)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a session's people thought, for its papers: how many could answer, how many gave each star by question, and
    every remark in words, in an order that tells nothing of who wrote first."""

    people: int
    found: Satisfaction
    stars: Mapping[str, Sequence[int]]
    remarks: Sequence[str]


def opinion(actor: Actor, session_id: int) -> Opinion:
    """Everything that was answered about a session. Raises Denied, NotFound."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        store.find(s, SESSION, session_id)
        rows = s.exec(select(Feedback).where(Feedback.session_id == session_id)).all()
        stars = {name: [sum(getattr(row, name) == n for row in rows) for n in range(1, 6)] for name in STARRED}
        remarks = sorted(row.remark for row in rows if row.remark)
        return Opinion(_people(s, session_id), _satisfaction(s, Feedback.session_id == session_id), stars, remarks)


def of_sessions(actor: Actor, sessions: Iterable[int]) -> Satisfaction:
    """What the people of these sessions thought, together; each answer counts once."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        found = [_satisfaction(s, col(Feedback.session_id).in_(part)) for part in naming.parts(sessions)]
    told = [one for one in found if one.number]
    number = sum(one.number for one in told)
    means = {name: sum(one.means[name] * one.number for one in told) / number for name in STARRED} if told else {}
    return Satisfaction(number, means)


def of_base(actor: Actor, base: str, first: date, last: date) -> Satisfaction:
    """What people thought of a base's sessions that were held from `first` to `last`."""
    actor.need("read", "training")
    held = select(TrainingSession.id).where(
        TrainingSession.base == base, col(TrainingSession.held_on).between(first, last)
    )
    with db.reading(actor) as s:
        return _satisfaction(s, col(Feedback.session_id).in_(held))


def _satisfaction(s: PortalSession, which: Any) -> Satisfaction:
    means = (func.avg(getattr(Feedback, name)) for name in STARRED)
    number, *found = s.execute(select(func.count(col(Feedback.id)), *means).where(which)).one()  # type: ignore[call-overload]
    return Satisfaction(number, {n: float(mean) for n, mean in zip(STARRED, found, strict=True)} if number else {})
