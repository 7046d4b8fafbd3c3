"""Whose certificate ends, whoever issued it: one board over our own certificates and what volunteers hold from others
(feature T9).

Of one person and kind the longest-lasting counts, so that what was renewed is not told again. A credential that follows
one of our certificates is that certificate.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, null, or_, select, union_all
from sqlmodel import col

from models.base import Choice
from models.certificates import SOON, Certificate, CertificateState, Standing, standing
from models.people import CredentialKind, Person, Volunteer, VolunteerCredential
from services import clock, db, eligibility
from services.access import Actor
from services.db import PortalSession
from services.rescue import SERVING
from services.volunteers import shown_name

PAGE = 50


class Band(Choice):
    """The parts of the board, by the days that are left; grace is a setting."""

    WEEK = "7", "7 天内", "Within 7 days"
    MONTH = "30", "30 天内", "Within 30 days"
    QUARTER = "90", "90 天内", "Within 90 days"
    GRACE = "grace", "宽限期", "In grace"
    EXPIRED = "expired", "已过期", "Expired"
    VALID = "valid", "有效", "Valid"


@dataclass(frozen=True, slots=True)
class Line:
    """One certificate of the board; of one that we issued `certificate_id` is its id, else `volunteer_id` its holder's."""

    certificate_id: int | None
    volunteer_id: int | None
    name: str
    kind: CredentialKind
    number: str
    issuer: str
    valid_until: date | None
    standing: Standing
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """A page of a band, the first to end first, how many each band holds, and the days of grace."""

    lines: list[Line]
    counts: dict[Band, int]
    grace: int


def board(actor: Actor, band: Band, *, page: int = 0, today: date | None = None) -> Board:
    """The certificates in force, ending and ended, within what the actor may see."""
    actor.need("read", "training")
    today = today or clock.today()
    with db.reading(actor) as s:
        grace = eligibility.grace_days(s)
        held = _longest(actor)
        counts = _counts(s, held, today, grace)
        wanted = held.where(_within(held, band, today, grace)).order_by(
            held.selected_columns.ends, held.selected_columns.number
        )
        rows = s.execute(wanted.limit(PAGE).offset(page * PAGE)).all()
        return Board([_line(actor, row, today, grace) for row in rows], counts, grace)


def ending(actor: Actor, today: date) -> Select[Any]:
    """(ends, ...) of the certificates that end within 90 days, the first to end first: what the home page counts."""
    held = _longest(actor)
    return held.where(_within(held, Band.QUARTER, today, 0)).order_by(held.selected_columns.ends)


def ending_lines(actor: Actor, today: date) -> list[Line]:
    """The certificates that end within 90 days, the first to end first."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        return [_line(actor, row, today, 0) for row in s.execute(ending(actor, today))]


def _held(actor: Actor) -> Any:
    """person_id, kind, ends and what a line shows, of everything in force or ended that somebody may look at."""
    ours: Any = select(
        col(Certificate.person_id).label("person_id"), col(Certificate.kind).label("kind"),
        col(Certificate.valid_until).label("ends"), col(Certificate.number).label("number"),
        col(Certificate.issuer).label("issuer"), col(Certificate.id).label("certificate_id"),
        null().label("volunteer_id"),
    ).where(col(Certificate.state) == CertificateState.ISSUED)  # fmt: skip
    if not actor.may("read", "volunteers"):
        return ours
    of_others = (
        select(
            col(Volunteer.person_id), col(VolunteerCredential.kind), col(VolunteerCredential.expires_on),
            col(VolunteerCredential.number), col(VolunteerCredential.issuer), null(), col(Volunteer.id),
        )
        .join(Volunteer, col(Volunteer.id) == col(VolunteerCredential.volunteer_id))
        .where(col(VolunteerCredential.certificate_id).is_(None), col(Volunteer.state).in_(SERVING))
    )  # fmt: skip
    return union_all(ours, of_others)


def _longest(actor: Actor) -> Select[Any]:
    """Of each person and kind what lasts longest, with the person's name."""
    held = _held(actor).cte("held")
    later = held.alias("later")
    mine, other = (func.coalesce(one.c.ends, date.max) for one in (held, later))
    longer = or_(other > mine, and_(other == mine, later.c.number > held.c.number))
    same = (later.c.person_id == held.c.person_id, later.c.kind == held.c.kind)
    surpassed = select(literal(1)).where(*same, longer).exists()
    return (
        select(*held.c, col(Person.name).label("name"))
        .join(Person, col(Person.id) == held.c.person_id)
        .where(~surpassed)
    )


def _within(held: Select[Any], band: Band, today: date, grace: int) -> ColumnElement[bool]:
    ends, over = held.selected_columns.ends, today - timedelta(days=grace)
    if band == Band.VALID:
        return or_(ends.is_(None), ends > today + timedelta(days=SOON))
    if band == Band.GRACE:
        return and_(ends < today, ends >= over)
    return ends < over if band == Band.EXPIRED else ends.between(today, today + timedelta(days=int(band)))


def _counts(s: PortalSession, held: Select[Any], today: date, grace: int) -> dict[Band, int]:
    sums = [func.count().filter(_within(held, band, today, grace)) for band in Band]
    return dict(zip(Band, s.execute(held.with_only_columns(*sums)).one(), strict=True))


def _line(actor: Actor, row: Any, today: date, grace: int) -> Line:
    left = (row.ends - today).days if row.ends else None
    return Line(
        row.certificate_id, row.volunteer_id, shown_name(actor, row.name), CredentialKind(row.kind), row.number,
        row.issuer, row.ends, standing(row.ends, today, grace=grace), left,
    )  # fmt: skip
