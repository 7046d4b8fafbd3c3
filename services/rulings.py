"""What a coordinator decides of one person of a session against their results: left out though they passed, let through
though they were there too little. With a reason, audited, and taken back until the list is submitted (features T5, T7).

Being let through sets aside the attendance alone: exams, prerequisites and having come at all stay.
"""

from collections.abc import Collection, Mapping

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models import RECORDS
from models.base import Record
from models.certificates import BatchState, Certificate, CertificateBatch, CertificateRuling, CertificateState, Ruling
from models.training import Attendance, Course, Enrolment, EnrolmentState, SessionState, TrainingSession
from models.words import L
from services import clock, db, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import after_write, before_write
from services.passing import condition

RULING, SESSION = RECORDS["certificate_ruling"], RECORDS["training_session"]
SETS_ASIDE, WITHHELD = ("attendance",), "withheld"


def rule(
    actor: Actor, session_id: int, person_id: int, ruling: Ruling, reason: str, *, token: str | None = None
) -> int:
    """Decide of one person, in the place of what was decided before; returns the ruling's id.

    Raises Invalid: person_id, reason (reason_missing, too_long), session_not_held, batch_waits, certified_already, not_enrolled.
    """
    actor.need("write", "training")
    if not person_id:
        raise Invalid({"person_id": "required"})
    reason = reason.strip()
    if not reason or len(reason) > (RULING.field("reason").max_length or 0):
        raise Invalid({"reason": "too_long" if reason else "reason_missing"})
    with db.unit(actor, reason=reason, token=token) as s:
        training = db.lock(s, TrainingSession, session_id)
        _refuse(s, training, person_id)
        for old in s.exec(_of(session_id).where(CertificateRuling.person_id == person_id)):
            _bin(s, old)
        made = CertificateRuling(
            session_id=session_id, person_id=person_id, unit_id=training.unit_id, ruling=ruling, reason=reason,
            ruled_by=actor.name[:60],
        )  # fmt: skip
        s.add(made)
        s.flush()
        return db.id_of(made)


def take_back(actor: Actor, ruling_id: int, *, token: str | None = None) -> None:
    """Let the results decide again. Raises Invalid as `rule` does, NotFound for one that was taken back already."""
    actor.need("write", "training")
    with db.unit(actor, token=token) as s:
        row = store.find(s, RULING, ruling_id)
        training = db.lock(s, TrainingSession, row.session_id)
        _refuse(s, training, row.person_id)
        _bin(s, row)


def _refuse(s: PortalSession, training: TrainingSession, person_id: int) -> None:
    """What was submitted or issued stays as it was decided; a ruling is of somebody of the class."""
    if training.state != SessionState.HELD:
        raise Invalid({"": "session_not_held"})
    waiting = select(CertificateBatch.id).where(CertificateBatch.session_id == training.id)
    if s.exec(waiting.where(CertificateBatch.state == BatchState.SUBMITTED)).first():
        raise Invalid({"": "batch_waits"})
    given = select(Certificate.id).where(Certificate.session_id == training.id, Certificate.person_id == person_id)
    if s.exec(given.where(Certificate.state == CertificateState.ISSUED)).first():
        raise Invalid({"": "certified_already"})
    for model in (Enrolment, Attendance):
        here = select(model.id).where(model.session_id == training.id, model.person_id == person_id)
        if model is Enrolment:
            here = here.where(Enrolment.state != EnrolmentState.CANCELLED)
        if s.exec(here).first():
            return
    raise Invalid({"": "not_enrolled"})


def _bin(s: PortalSession, row: CertificateRuling) -> None:
    row.deleted_at, row.deleted_by = clock.now(), s.actor.account_id
    s.flush()


def _of(session_id: int) -> SelectOfScalar[CertificateRuling]:
    return select(CertificateRuling).where(CertificateRuling.session_id == session_id)


def of_session(s: PortalSession, session_id: int) -> dict[int, CertificateRuling]:
    """{person id: what was decided of them}"""
    return {row.person_id: row for row in s.exec(_of(session_id))}


def own(s: PortalSession, session_id: int, account_id: int | None) -> set[int]:
    """The people of a session of whom this account decided what stands."""
    return {person for person, row in of_session(s, session_id).items() if row.created_by == account_id}


@condition(WITHHELD)
def _withheld(s: PortalSession, training: TrainingSession, _course: Course, people: Collection[int]) -> Mapping[int, L]:
    left_out = _of(db.id_of(training)).where(CertificateRuling.ruling == Ruling.WITHHELD)
    return {
        row.person_id: L(f"暂不发证：{row.reason}", f"Left out: {row.reason}")
        for row in s.exec(left_out.where(col(CertificateRuling.person_id).in_(people)))
    }


@before_write(RULING.name)
def _by_steps(_s: PortalSession, _given: dict[str, object], _row: Record | None, _today: object) -> None:
    """No form and no import makes or changes one."""
    raise Invalid({"": "only_by_steps"})


@after_write(RULING.name)
def _taken_back_alone(_s: PortalSession, row: Record) -> None:
    """One is taken back where that may still be, and removed in no other way."""
    if row.deleted_at is not None:
        raise Invalid({"": "ruling_stays"})
