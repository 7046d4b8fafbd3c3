"""Anybody may check a certificate by its number and check code: what it prints, the name masked, and whether it is in
force; a wrong pair tells nothing (feature T8)."""

from dataclasses import dataclass
from datetime import date, datetime
from secrets import compare_digest

import segno
from sqlalchemy import select
from sqlmodel import col

from models.certificates import Certificate, CertificateState, Standing, standing
from models.vault import digest
from models.words import L
from services import clock, db, limits, values
from services.access import PUBLIC
from services.errors import NotFound
from services.numbers import tries

LIMIT = tries("verifications_per_hour", L("证书查验", "Checks of certificates"), 300)
LETTERS = 12
MASK = 2  # any is read alike; trying all eight for the prettiest takes six times as long, 500 times a class


def check_code(number: str) -> str:
    """What must be known beside a number, which anybody could count up: a keyed hash of it, 12 hexadecimal characters."""
    return digest(f"certificate:{number}")[:LETTERS]


def path(number: str) -> str:
    """The address of a certificate's check page on this site."""
    return f"/v/{number}-{check_code(number)}"


def qr_svg(url: str) -> str:
    """The QR code of an address as an SVG file."""
    return str(segno.make(url, micro=False, error="m", mask=MASK).svg_inline(border=0, dark="#17272A", scale=4))


@dataclass(frozen=True, slots=True)
class Checked:
    """A certificate as anybody may see it; `since`: the day on which it was revoked or after which it ended, the last
    day of one in force, None for one without an end."""

    standing: Standing
    since: date | None
    number: str
    title: L
    holder: str
    document: str
    course: L
    hours: float
    starts_on: date
    ends_on: date
    issuer: L
    person_in_charge: str
    issued_on: date
    valid_until: date | None
    renews: str
    copies: int
    copied_on: date | None


def check(number: str, code: str, *, ip: str = "", today: date | None = None, now: datetime | None = None) -> Checked:
    """The certificate of that number. Raises NotFound for an unknown number and a wrong code alike, Denied("too_many")."""
    limits.spend(f"verify:{ip}", LIMIT, now)
    number, code = number.strip().upper(), code.strip().lower()
    with db.reading(PUBLIC) as s:
        row = s.execute(select(Certificate).where(col(Certificate.number) == number)).scalar_one_or_none()
    if not compare_digest(check_code(number).encode(), code.encode()) or row is None:
        raise NotFound
    return _checked(row, today or clock.today())


def _checked(row: Certificate, today: date) -> Checked:
    revoked = row.state == CertificateState.REVOKED
    return Checked(
        standing=Standing.REVOKED if revoked else standing(row.valid_until, today),
        since=row.revoked_on if revoked else row.valid_until,
        number=row.number,
        title=L(row.title, row.title_en or row.title),
        holder=values.mask_person(row.holder),
        document=row.document,
        course=L(row.course_name, row.course_name_en or row.course_name),
        hours=row.hours,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        issuer=L(row.issuer, row.issuer_en or row.issuer),
        person_in_charge=row.person_in_charge,
        issued_on=row.issued_on,
        valid_until=row.valid_until,
        renews=row.renews,
        copies=row.copies,
        copied_on=row.copied_on,
    )
