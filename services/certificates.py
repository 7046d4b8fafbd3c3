"""Certificates from the list to the number: one person submits, another approves, all are issued in one transaction; a
certificate is revoked or printed again, never changed (features T7-T9).

Numbers of a series (prefix and year) follow each other without a gap: the next is the highest and one, decided while
nobody else decides on that series. A volunteer's credential follows their certificate in the same transaction.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import RECORDS
from models.base import Record
from models.certificates import (
    BatchState,
    Certificate,
    CertificateBatch,
    CertificateIssuer,
    CertificateState,
    last_day,
)
from models.people import CredentialKind, Person, Volunteer, VolunteerCredential
from models.system import Verb
from models.training import Course, TrainingSession
from services import clock, db, eligibility, results, rulings, store, values
from services.access import Actor
from services.db import PortalSession
from services.eligibility import SESSION, everywhere
from services.errors import Conflict, Denied, Invalid
from services.hooks import after_write, before_write
from services.results import Length

BATCH, CERTIFICATE = RECORDS["certificate_batch"], RECORDS["certificate"]

# -- one submits --------------------------------------------------


def submit(
    actor: Actor, session_id: int, again: Collection[int] = (), short_reason: str = "", *, token: str | None = None
) -> int:
    """Put forward everybody who passed and was given no certificate of this session; returns the batch's id.

    again: people (ids) whose certificate of this session was revoked and who are to have another one. short_reason: why,
    where the class was shorter than its course. Raises Invalid: short_reason (reason_missing, too_long), session_not_held,
    class_not_over, not_certified, batch_waits, nobody_passed.
    """
    actor.need("write", "training")
    _visible(actor, session_id)
    short_reason = short_reason.strip()
    with db.unit(everywhere(actor), reason=short_reason, token=token) as s:
        training = db.lock(s, TrainingSession, session_id)
        if s.execute(_open(session_id)).first():
            raise Invalid({"": "batch_waits"})
        passed = [one for one in eligibility.candidates(s, training) if not one.missing]
        people = [one.person_id for one in passed if one.is_new or (one.is_revoked and one.person_id in again)]
        if not people:
            raise Invalid({"": "nobody_passed"})
        _refuse_unexplained(_length(s, training), short_reason)
        batch = CertificateBatch(
            session_id=session_id, unit_id=training.unit_id, people=people, submitted_at=clock.now(),
            submitted_by=actor.name[:60], submitter_id=actor.account_id, short_reason=short_reason,
        )  # fmt: skip
        s.add(batch)
        s.flush()
        return db.id_of(batch)


def _length(s: PortalSession, training: TrainingSession) -> Length:
    return results.length(s, training, s.get_one(Course, training.course_id))


def _refuse_unexplained(length: Length, reason: str) -> None:
    if len(reason) > (BATCH.field("short_reason").max_length or 0):
        raise Invalid({"short_reason": "too_long"})
    if length.is_short and not reason:
        raise Invalid({"short_reason": "reason_missing"})


def _visible(actor: Actor, session_id: int) -> None:
    """Raises NotFound for a session of a station that is not the actor's."""
    with db.reading(actor) as s:
        store.find(s, SESSION, session_id)


def _open(session_id: int) -> Any:
    mine = select(col(CertificateBatch.id)).where(col(CertificateBatch.session_id) == session_id)
    return mine.where(col(CertificateBatch.state) == BatchState.SUBMITTED)


# -- another decides --------------------------------------------------


def approve(actor: Actor, batch_id: int, *, today: date | None = None, token: str | None = None) -> list[str]:
    """Issue the certificates of a batch; returns their numbers. Of an issued batch: the same numbers, and nothing new.

    Raises Denied("own_submission") for who submitted it, Denied("own_ruling") for who ruled on anybody of it, Conflict
    where it was returned or withdrawn, Invalid: session_not_held, class_not_over, class_too_short where nobody said why a class
    shorter than its course is certified, no_longer_passed where somebody of it does not meet the conditions any more.
    """
    actor.need("approve", "training")
    with db.reading(actor) as s:
        store.find(s, BATCH, batch_id)
    with db.unit(everywhere(actor), token=token) as s:
        batch = db.lock(s, CertificateBatch, batch_id)
        if batch.state == BatchState.SUBMITTED:
            _refuse_own(s, actor, batch)
            _refuse_short(s, batch)
            issue(s, batch, today or clock.today())
            _decide(s, batch, BatchState.ISSUED)
        if batch.state != BatchState.ISSUED:
            raise Conflict({}, {})
        issued = select(col(Certificate.number)).where(col(Certificate.batch_id) == batch_id)
        return list(s.execute(issued.order_by(col(Certificate.sequence))).scalars())


def send_back(actor: Actor, batch_id: int, reason: str, *, token: str | None = None) -> None:
    """Return a batch with a reason; whoever submitted it withdraws it. Raises Invalid without a reason."""
    actor.need("write", "training")
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    if len(reason) > 200:
        raise Invalid({"reason": "too_long"})
    with db.unit(actor, reason=reason.strip(), token=token) as s:
        batch = db.lock(s, CertificateBatch, batch_id)
        if batch.state != BatchState.SUBMITTED:
            raise Conflict({}, {})
        is_own = batch.submitter_id == actor.account_id
        if not is_own:
            actor.need("approve", "training")
        batch.reason = reason.strip()
        _decide(s, batch, BatchState.WITHDRAWN if is_own else BatchState.RETURNED)


def _refuse_own(s: PortalSession, actor: Actor, batch: CertificateBatch) -> None:
    """Four eyes: by account, so that no change of role makes two people of one."""
    if actor.account_id == batch.submitter_id:
        raise Denied("own_submission")
    if rulings.own(s, batch.session_id, actor.account_id).intersection(batch.people):
        raise Denied("own_ruling")


def _refuse_short(s: PortalSession, batch: CertificateBatch) -> None:
    """The class may have become shorter since its list was submitted."""
    if not batch.short_reason and _length(s, s.get_one(TrainingSession, batch.session_id)).is_short:
        raise Invalid({"": "class_too_short"})


def _decide(s: PortalSession, batch: CertificateBatch, state: BatchState) -> None:
    batch.state, batch.decided_at, batch.decided_by = state, clock.now(), s.actor.name[:60]
    s.flush()


# -- issuing --------------------------------------------------


def issue(s: PortalSession, batch: CertificateBatch, today: date) -> None:
    """Make the certificates of a batch inside a transaction of somebody who sees every station; raises Invalid as approve."""
    training = db.lock(s, TrainingSession, batch.session_id)
    passed = {one.person_id for one in eligibility.candidates(s, training) if not one.missing}
    lost = [key for key in batch.people if key not in passed]
    if lost:
        raise Invalid({"": "no_longer_passed"}, count=len(lost))
    course = s.get_one(Course, training.course_id)
    renewing = eligibility.renewable(s, training, course, batch.people)
    old = select(Course).where(col(Course.id).in_({row.course_id for row in renewing.values()}))
    courses = {row.id: row for row in s.execute(old).scalars()}
    hours = results.length(s, training, course).taught
    people = {row.id: row for row in s.execute(select(Person).where(col(Person.id).in_(batch.people))).scalars()}
    made = []
    for key in batch.people:
        before = renewing.get(key)
        own = courses[before.course_id] if before else course
        made.append(_certificate(s, batch, training, course, own, people[key], before, today, hours))
    _number(s, made)
    s.add_all(made)
    s.flush()
    follow(s, made)


def _certificate(
    s: PortalSession,
    batch: CertificateBatch,
    training: TrainingSession,
    taken: Course,
    own: Course,
    person: Person,
    before: Certificate | None,
    today: date,
    hours: float,
) -> Certificate:
    """A certificate of the course `own` for having taken the course `taken`, with the class hours that the class had; its
    number follows."""
    issuer = _issuer(s, own, training)
    return Certificate(
        person_id=db.id_of(person), session_id=batch.session_id, batch_id=db.id_of(batch), course_id=db.id_of(own),
        unit_id=training.unit_id, number="", series=f"{issuer.prefix}{today.year}", sequence=0,
        kind=CredentialKind(own.credential_kind or CredentialKind.OTHER), title=own.credential, title_en=own.credential_en,
        holder=person.name, document=values.mask(RECORDS["person"].field("id_number"), person.id_number) or "",
        course_name=taken.name, course_name_en=taken.name_en, hours=hours,
        starts_on=clock.local(training.starts).date(), ends_on=clock.local(training.ends).date(),
        issuer=issuer.name, issuer_en=issuer.name_en, person_in_charge=issuer.person_in_charge, issued_on=today,
        valid_until=last_day(today, own.validity_months, month_end=own.until_month_end),
        renews_id=before.id if before else None, renews=before.number if before else "",
    )  # fmt: skip


def _issuer(s: PortalSession, course: Course, training: TrainingSession) -> CertificateIssuer:
    """The course's issuer; where that is one of the bases, the base that held the session. Raises Invalid: issuer_missing."""
    issuer = s.get(CertificateIssuer, course.issuer_id) if course.issuer_id else None
    if issuer is None:
        raise Invalid({"": "issuer_missing"})
    if issuer.base in (None, training.base):
        return issuer
    theirs = select(CertificateIssuer).where(
        col(CertificateIssuer.base) == training.base, col(CertificateIssuer.active)
    )
    return s.execute(theirs.order_by(col(CertificateIssuer.id)).limit(1)).scalar_one_or_none() or issuer


def _number(s: PortalSession, made: Sequence[Certificate]) -> None:
    """Give each the next number of its series, in order; no other transaction numbers these series meanwhile."""
    every = sorted({row.series for row in made})
    db.alone(s, *(f"certificates:{series}" for series in every))
    last = select(col(Certificate.series), func.max(col(Certificate.sequence))).group_by(col(Certificate.series))
    taken = dict(s.execute(last.where(col(Certificate.series).in_(every)), execution_options={"with_bin": True}).all())
    for row in made:
        taken[row.series] = row.sequence = taken.get(row.series, 0) + 1
        row.number = f"{row.series}-{row.sequence:05d}"


def follow(s: PortalSession, certificates: Sequence[Certificate]) -> None:
    """Give every holder who is a volunteer the credential that says the same."""
    holders = {row.person_id for row in certificates}
    found = select(Volunteer).where(col(Volunteer.person_id).in_(holders))
    volunteers = {row.person_id: row for row in s.execute(found).scalars()}
    followed = [(row, volunteers[row.person_id]) for row in certificates if row.person_id in volunteers]
    s.add_all(_credential(row, volunteer) for row, volunteer in followed)
    s.flush()


def _credential(row: Certificate, volunteer: Volunteer) -> VolunteerCredential:
    return VolunteerCredential(
        volunteer_id=db.id_of(volunteer), unit_id=volunteer.unit_id, kind=row.kind, number=row.number, issuer=row.issuer,
        issued_on=row.issued_on, expires_on=row.valid_until, certificate_id=row.id,
    )  # fmt: skip


# -- afterwards --------------------------------------------------


def revoke(actor: Actor, key: int, reason: str, *, today: date | None = None, token: str | None = None) -> None:
    """Revoke a certificate from today on, and end the credential that follows it. Raises Invalid without a reason,
    Conflict where it is revoked already."""
    actor.need("approve", "training")
    today, reason = today or clock.today(), reason.strip()
    if not reason or len(reason) > 200:
        raise Invalid({"reason": "too_long" if reason else "reason_missing"})
    with db.reading(actor) as s:
        store.find(s, CERTIFICATE, key)
    with db.unit(everywhere(actor), reason=reason, token=token) as s:
        row = db.lock(s, Certificate, key)
        if row.state == CertificateState.REVOKED:
            raise Conflict({}, {})
        row.state, row.revoked_on, row.revoke_reason = CertificateState.REVOKED, today, reason
        row.revoked_by = actor.name[:60]
        mine = select(VolunteerCredential).where(col(VolunteerCredential.certificate_id) == key)
        for credential in s.execute(mine).scalars():
            last = today - timedelta(days=1)
            credential.expires_on = min(credential.expires_on or last, last)


def copy(actor: Actor, key: int, reason: str, *, today: date | None = None, token: str | None = None) -> None:
    """Note that the paper is printed once more, for a reason, under the same number. Raises Invalid without a reason or
    for a certificate that was revoked."""
    actor.need("write", "training")
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason.strip(), token=token) as s:
        row = db.lock(s, Certificate, key)
        if row.state == CertificateState.REVOKED:
            raise Invalid({"": "certificate_revoked"})
        row.copies, row.copied_on = row.copies + 1, today or clock.today()


def printed(actor: Actor, session_id: int | None = None, keys: Sequence[int] = ()) -> list[dict[str, Any]]:
    """What is printed on the certificates in force of a session, or on these, by number; with names in full, noted in the
    audit. Raises Denied without the right to both export and personal data."""
    actor.need("export", "training")
    actor.need("personal", "training")
    which = col(Certificate.session_id) == session_id if session_id else col(Certificate.id).in_(keys)
    wanted = select(Certificate).where(which, col(Certificate.state) == CertificateState.ISSUED)
    with db.unit(actor) as s:
        rows = [
            {name: getattr(row, name) for name in Certificate.model_fields}
            for row in s.execute(wanted.order_by(col(Certificate.series), col(Certificate.sequence))).scalars()
        ]
        if rows:
            told = {"session": session_id, "numbers": len(rows)}
            db.note(s, Verb.EXPORT, CERTIFICATE.name, rows[0]["id"] if len(rows) == 1 else None, told)
        return rows


# -- what stays as it is --------------------------------------------------


@before_write("certificate")
@before_write("certificate_batch")
def _issued_here_alone(_s: PortalSession, _given: dict[str, Any], _row: Record | None, _today: date) -> None:
    """No form and no import makes or changes one."""
    raise Invalid({"": "only_by_steps"})


@after_write("certificate")
@after_write("certificate_batch")
def _never_binned(_s: PortalSession, row: Record) -> None:
    """A certificate is revoked, not removed: its number stays taken."""
    if row.deleted_at is not None:
        raise Invalid({"": "certificate_stays"})


@before_write("volunteer_credential")
def _kept_by_its_certificate(_s: PortalSession, given: dict[str, Any], row: Record | None, _today: date) -> None:
    if isinstance(row, VolunteerCredential) and row.certificate_id is not None:
        raise Invalid({"": "follows_certificate"})
    given["certificate_id"] = None


@after_write("volunteer_credential")
def _stays_with_its_certificate(_s: PortalSession, row: Record) -> None:
    if isinstance(row, VolunteerCredential) and row.certificate_id is not None and row.deleted_at is not None:
        raise Invalid({"": "follows_certificate"})


@after_write("volunteer")
def _certified_before(s: PortalSession, row: Record) -> None:
    """Somebody who was certified first and registers now has their credentials from the beginning."""
    if not isinstance(row, Volunteer) or row.deleted_at is not None:
        return
    followed = select(col(VolunteerCredential.certificate_id)).where(
        col(VolunteerCredential.volunteer_id) == row.id, col(VolunteerCredential.certificate_id).is_not(None)
    )
    mine = select(Certificate).where(
        col(Certificate.person_id) == row.person_id,
        col(Certificate.state) == CertificateState.ISSUED,
        col(Certificate.id).not_in(followed),
    )
    if certificates := s.execute(mine).scalars().all():
        follow(s, certificates)
