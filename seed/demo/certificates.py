"""The demonstration's certificates: issued for the certified classes that were held, one revoked, one printed again; the
list of the newest class waits for approval."""

from sqlalchemy import select
from sqlmodel import col

from models.certificates import BatchState, Certificate, CertificateBatch, CertificateState
from models.people import VolunteerCredential
from models.training import Course, SessionState, TrainingSession
from seed.demo.stage import DAY, Stage, at
from services import certificates, clock, eligibility, results

SUBMITTER, APPROVER = "演示提交人", "演示批准人"
SHORT = "内容已全部讲完，提前下课"
SPOILT, LOST = 3, 5


def fill(stage: Stage) -> None:
    held = (
        select(TrainingSession)
        .join(Course, col(Course.id) == col(TrainingSession.course_id))
        .where(col(TrainingSession.state) == SessionState.HELD, col(Course.certified))
        .order_by(col(TrainingSession.starts), col(TrainingSession.id))
    )
    batches = [made for row in stage.session.execute(held).scalars() if (made := _submitted(stage, row))]
    for batch in batches[:-1]:
        certificates.issue(stage.session, batch, clock.local(batch.submitted_at).date())
        batch.state, batch.decided_at, batch.decided_by = BatchState.ISSUED, batch.submitted_at, APPROVER
    stage.session.flush()
    _afterwards(stage)


def _submitted(stage: Stage, training: TrainingSession) -> CertificateBatch | None:
    """The list of those who passed, submitted three days after the class; None where nobody did."""
    passed = [one.person_id for one in eligibility.candidates(stage.session, training) if one.is_new]
    course = stage.session.get_one(Course, training.course_id)
    day = min((training.held_on or stage.today) + 3 * DAY, stage.today)
    batch = CertificateBatch(
        session_id=training.id or 0,
        unit_id=training.unit_id,
        people=passed,
        submitted_at=at(day, 9),
        submitted_by=SUBMITTER,
        short_reason=SHORT if results.length(stage.session, training, course).is_short else "",
    )
    if passed:
        stage.session.add(batch)
        stage.session.flush()
    return batch if passed else None


def _afterwards(stage: Stage) -> None:
    """One certificate bore a wrong name and was revoked, another was lost and printed again."""
    issued = list(stage.session.execute(select(Certificate).order_by(col(Certificate.id)).limit(LOST + 1)).scalars())
    if len(issued) <= LOST:
        return
    spoilt, lost = issued[SPOILT], issued[LOST]
    spoilt.state, spoilt.revoked_on = CertificateState.REVOKED, min(spoilt.issued_on + 9 * DAY, stage.today)
    spoilt.revoked_by, spoilt.revoke_reason = APPROVER, "姓名登记有误"
    follows = select(VolunteerCredential).where(col(VolunteerCredential.certificate_id) == spoilt.id)
    for credential in stage.session.execute(follows).scalars():
        credential.expires_on = spoilt.revoked_on - DAY
    lost.copies, lost.copied_on = 1, min(lost.issued_on + 30 * DAY, stage.today)
    stage.session.flush()
