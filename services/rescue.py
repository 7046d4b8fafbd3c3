"""The emergency-rescue pool: who can be called, with which first-aid certificate (feature T10; source 000 §三.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlmodel import col

from models.people import Availability, CredentialKind, Person, Volunteer, VolunteerCredential, VolunteerState
from services import clock, db, duties, finding, options, store, values
from services.access import Actor
from services.db import PortalSession
from services.volunteers import PAGE, VOLUNTEER, shown_name

# -- certificates --------------------------------------------------

CredentialState = Literal["valid", "expiring", "expired"]
SOON = 90
FIRST_AID = (
    CredentialKind.CPR_AED,
    CredentialKind.FIRST_AIDER,
    CredentialKind.BLS,
    CredentialKind.INSTRUCTOR,
)
SERVING = (VolunteerState.ACTIVE, VolunteerState.PAUSED)


def credential_state(expires_on: date | None, today: date, days: int = SOON) -> CredentialState:
    """Valid through its last day; expiring in its last `days` days; None never ends."""
    if expires_on is None or expires_on > today + timedelta(days=days):
        return "valid"
    return "expiring" if expires_on >= today else "expired"


# -- the emergency-rescue pool --------------------------------------------------

HeldState = Literal["valid", "expiring", "expired", "none"]


@dataclass(frozen=True, slots=True)
class RescueQuery:
    """What the pool is asked for; `region` is a code (440105 finds what begins so) or a name."""

    text: str = ""
    certificate: HeldState | None = None
    region: str = ""
    availability: str = ""
    state: VolunteerState = VolunteerState.ACTIVE
    page: int = 0


@dataclass(frozen=True, slots=True)
class Rescuer:
    """One line of the pool, with the first-aid certificate that lasts longest; the phone is masked, and absent without
    the person's consent."""

    id: int
    name: str
    number: str
    phone: str
    region: str
    availability: list[str]
    state: VolunteerState
    certificate: CredentialKind | None
    expires_on: date | None
    certificate_state: HeldState
    days_left: int | None
    last_duty: date | None


@dataclass(frozen=True, slots=True)
class Pool:
    """A page of the pool; `more` says that there are more than `total`."""

    rows: list[Rescuer]
    total: int
    more: bool


def rescue_view(actor: Actor, query: RescueQuery = RescueQuery(), *, today: date | None = None) -> Pool:
    """Emergency-rescue volunteers, the newest first; nobody who was refused or has left."""
    actor.need("read", "volunteers")
    today = today or clock.today()
    with db.reading(actor) as session:
        wanted = _pool(session, query, today)
        counted = select(func.count()).select_from(wanted.limit(store.CAP + 1).subquery())
        total = session.execute(counted).scalar_one()
        page = wanted.order_by(col(Volunteer.id).desc()).limit(PAGE).offset(query.page * PAGE)
        ids = list(session.execute(page).scalars())
        return Pool(lines(session, ids, today), min(total, store.CAP), total > store.CAP)


def _pool(session: PortalSession, query: RescueQuery, today: date) -> Select[Any]:
    wanted = select(col(Volunteer.id)).where(
        col(Volunteer.is_emergency_rescue),
        col(Volunteer.state) == query.state,
        col(Volunteer.state).in_((VolunteerState.APPLIED, *SERVING)),
    )
    if query.text.strip() or query.region:
        wanted = wanted.join(Person, col(Person.id) == col(Volunteer.person_id))
    if query.text.strip():
        wanted = wanted.where(finding.matches(session, VOLUNTEER, query.text))
    if query.region:
        wanted = wanted.where(lives_in(query.region))
    if query.availability:
        wanted = wanted.where(available(query.availability))
    return wanted.where(_holds(query.certificate, today)) if query.certificate else wanted


def lives_in(region: str) -> ColumnElement[bool]:
    """Whether a person lives in a region, a code or a name."""
    known = options.labels("regions")
    codes = [region] if region.isdecimal() else [code for code, label in known.items() if label.zh == region]
    names = [known[region].zh] if region in known else [region]
    inside = [col(Person.region_code).startswith(code.removesuffix("00").removesuffix("00")) for code in codes]
    return or_(col(Person.region).in_(names), *inside)


def available(slot: str) -> ColumnElement[bool]:
    """Whether a volunteer has time in a slot; "weekday" and "weekend" mean any of theirs."""
    slots = [one.value for one in Availability if one.value.startswith(slot)]
    return or_(false(), *(col(Volunteer.availability).like(f"%,{one},%") for one in slots))


def _holds(state: HeldState, today: date) -> ColumnElement[bool]:
    ends, soon = col(VolunteerCredential.expires_on), today + timedelta(days=SOON)
    first_aid = col(VolunteerCredential.kind).in_(FIRST_AID)
    held = select(col(VolunteerCredential.id)).where(
        first_aid, col(VolunteerCredential.volunteer_id) == col(Volunteer.id)
    )
    valid = held.where(or_(ends.is_(None), ends > soon)).exists()
    usable = held.where(or_(ends.is_(None), ends >= today)).exists()
    ending = select(col(VolunteerCredential.volunteer_id)).where(first_aid, ends.between(today, soon))
    conditions: dict[HeldState, ColumnElement[bool]] = {
        "valid": valid,
        "expiring": and_(col(Volunteer.id).in_(ending), ~valid),
        "expired": and_(held.exists(), ~usable),
        "none": ~held.exists(),
    }
    return conditions[state]


def lines(session: PortalSession, ids: Sequence[int], today: date, moment: datetime | None = None) -> list[Rescuer]:
    """These volunteers as the pool shows them, in their order."""
    pairs = session.execute(
        select(Volunteer, Person)
        .join(Person, col(Person.id) == col(Volunteer.person_id))
        .where(col(Volunteer.id).in_(ids))
    )
    by_id = {row.id: (row, person) for row, person in pairs}
    held = select(VolunteerCredential).where(
        col(VolunteerCredential.volunteer_id).in_(ids), col(VolunteerCredential.kind).in_(FIRST_AID)
    )
    longest: dict[int, VolunteerCredential] = {}
    for credential in sorted(session.execute(held).scalars(), key=_lasting):
        longest[credential.volunteer_id] = credential
    last = duties.last_days(session, ids, moment or clock.now())
    return [_rescuer(session.actor, *by_id[key], longest.get(key), today, last.get(key)) for key in ids]


def _lasting(credential: VolunteerCredential) -> tuple[date, date, int]:
    return credential.expires_on or date.max, credential.issued_on, credential.id or 0


def _rescuer(
    actor: Actor, row: Volunteer, person: Person, credential: VolunteerCredential | None, today: date, last: date | None
) -> Rescuer:
    ends = credential.expires_on if credential else None
    return Rescuer(
        id=row.id or 0,
        name=shown_name(actor, person.name),
        number=row.number or "",
        phone=(values.mask(VOLUNTEER.field("phone"), person.phone) or "") if row.consent else "",
        region=person.region,
        availability=list(row.availability),
        state=VolunteerState(row.state),
        certificate=CredentialKind(credential.kind) if credential else None,
        expires_on=ends,
        certificate_state=credential_state(ends, today) if credential else "none",
        days_left=(ends - today).days if ends else None,
        last_duty=last,
    )
