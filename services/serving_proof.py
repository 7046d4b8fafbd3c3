"""Proofs of service: issued on request from the hours that took effect, numbered, checked by anyone, revoked with a reason
(feature V9; M67 art. 14-17)."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import col, func, select

from models import RECORDS, spans
from models.base import Record
from models.contract import Contract
from models.identifiers import mask_identity
from models.people import IdType, Person, Volunteer
from models.service import HoursState, ServiceHours, ServiceProof
from models.words import L
from services import clock, db, limits, store, values
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid, NotFound
from services.hooks import after_write, before_write
from services.numbers import tries
from services.serving_pass import Visitor
from services.volunteers import UNMISTAKABLE, VOLUNTEER

PROOF = RECORDS["service_proof"]
CHECK = 6
LIMIT = tries("proofs_per_hour", L("服务证明查验", "Checks of proofs of service"), 120)


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it is printed; `masked` where it is shown to the public: the name then too."""

    id: int
    number: str
    check_code: str
    holder: str
    document: str
    volunteer_number: str
    starts: date
    ends: date
    hours: Decimal
    lines: Sequence[Mapping[str, str]]
    unit_name: str
    in_charge: str
    contact: str
    purpose: str
    issued_on: date
    revoked_on: date | None
    revoke_reason: str

    @property
    def address(self) -> str:
        """Where it is checked, on this site."""
        return f"/proof/{self.number}-{self.check_code}"


def recording_unit(actor: Actor) -> str:
    """What the recording unit is called: as on the last proof, else the client of the newest contract."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        last = s.exec(select(ServiceProof.unit_name).order_by(col(ServiceProof.id).desc()).limit(1)).first()
        newest = s.exec(select(Contract.client).order_by(col(Contract.starts).desc()).limit(1)).first()
        return last or newest or ""


def issue(
    actor: Actor,
    volunteer_id: int,
    *,
    unit_name: str,
    in_charge: str,
    contact: str = "",
    purpose: str = "",
    starts: date | None = None,
    ends: date | None = None,
    token: str | None = None,
    today: date | None = None,
) -> int:
    """Issue a proof of the hours that took effect between two days (all, where none are given); returns its id.

    Raises Invalid: unit_name and in_charge are required, no_hours where there are none, ends_before_start; NotFound.
    """
    actor.need("write", "volunteers")
    today = today or clock.today()
    given = {"unit_name": unit_name, "in_charge": in_charge, "contact": contact, "purpose": purpose}
    told: dict[str, Any] = {name: text.strip() for name, text in given.items()}
    _refuse(told, starts, ends)
    with db.unit(actor, token=token) as s:
        row = store.find(s, VOLUNTEER, volunteer_id)
        found = _effective(s, volunteer_id, starts, ends or today)
        if not found:
            raise Invalid({"": "no_hours"})
        db.alone(s, PROOF.name)
        made = ServiceProof(
            number=_next_number(s, today.year), check_code="".join(secrets.choice(UNMISTAKABLE) for _ in range(CHECK)),
            volunteer_id=volunteer_id, unit_id=row.unit_id, **_holder(s, row), lines=_lines(found),
            hours=spans.hours(sum(one.minutes for one in found)), starts=starts or found[0].served_on or today,
            ends=ends or today, issued_on=today, issued_name=actor.name, **told,
        )  # fmt: skip
        s.add(made)
        s.flush()
        return made.id or 0


def _refuse(told: Mapping[str, Any], starts: date | None, ends: date | None) -> None:
    limits_of = {name: PROOF.field(name).max_length or 0 for name in told}
    errors = {name: "required" for name in ("unit_name", "in_charge") if not told[name]}
    errors |= {name: "too_long" for name, words in told.items() if len(words) > limits_of[name]}
    errors |= {"ends": "ends_before_start"} if starts and ends and ends < starts else {}
    if errors:
        raise Invalid(errors)


def _holder(s: PortalSession, row: Volunteer) -> dict[str, Any]:
    person = s.get_one(Person, row.person_id)
    kind = IdType(person.id_type).label.zh if person.id_type else ""
    document = f"{kind} {mask_identity(person.id_number)}" if person.id_number else "未登记"
    return {"holder": person.name, "document": document.strip(), "volunteer_number": row.number or ""}


def _effective(s: PortalSession, volunteer_id: int, starts: date | None, ends: date) -> Sequence[ServiceHours]:
    mine = select(ServiceHours).where(
        ServiceHours.volunteer_id == volunteer_id,
        ServiceHours.state == HoursState.EFFECTIVE,
        col(ServiceHours.served_on).between(starts or date.min, ends),
    )
    return s.exec(mine.order_by(col(ServiceHours.served_on), col(ServiceHours.id))).all()


def _lines(found: Sequence[ServiceHours]) -> list[dict[str, str]]:
    """Content by activity: how often, how many hours, the most first."""
    minutes: dict[str, list[int]] = defaultdict(list)
    for row in found:
        minutes[row.activity].append(row.minutes)
    most = sorted(minutes.items(), key=lambda pair: (-sum(pair[1]), pair[0]))
    return [{"activity": name, "times": str(len(all_)), "hours": str(spans.hours(sum(all_)))} for name, all_ in most]


@before_write("service_proof")
def _issued_here_alone(_s: PortalSession, _given: dict[str, Any], _row: Record | None, _today: date) -> None:
    raise Invalid({"": "only_by_steps"})


@after_write("service_proof")
def _never_binned(_s: PortalSession, row: Record) -> None:
    if row.deleted_at is not None:
        raise Invalid({"": "certificate_stays"})


def _next_number(s: PortalSession, year: int) -> str:
    table = ServiceProof.__table__  # type: ignore[attr-defined]
    greatest = select(func.max(table.c.number)).where(table.c.number.like(f"ZM{year}%"))
    last = s.connection().execute(greatest).scalar()
    return f"ZM{year}{int(last[6:]) + 1 if last else 1:06d}"


def get(actor: Actor, proof_id: int) -> Proof:
    """A proof whole, for staff; the holder's name as far as they may see it. Raises NotFound."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        return _shown(store.find(s, PROOF, proof_id), masked=not actor.may("personal", "volunteers"))


def own(who: Visitor, proof_id: int) -> Proof:
    """One of the visitor's own. Raises NotFound."""
    with db.reading(who.actor) as s:
        row = s.get(ServiceProof, proof_id)
        if row is None or row.volunteer_id != who.volunteer_id or row.deleted_at:
            raise NotFound
        return _shown(row)


def check(key: str, *, ip: str = "", now: datetime | None = None) -> Proof:
    """What `<number>-<check>` proves, with everything that is printed and the name masked. Raises NotFound, the same for
    a wrong number and a wrong check, Denied("too_many")."""
    limits.spend(f"proof:{ip}", LIMIT, now)
    number, _, code = key.strip().upper().partition("-")
    with db.reading(PUBLIC) as s:
        row = s.exec(select(ServiceProof).where(ServiceProof.number == number)).first()
    if row is None or not secrets.compare_digest(row.check_code.encode(), code.encode()):
        raise NotFound
    return _shown(row, masked=True)


def _shown(row: ServiceProof, *, masked: bool = False) -> Proof:
    same = {name: getattr(row, name) for name in Proof.__dataclass_fields__ if name not in ("id", "holder")}
    return Proof(id=row.id or 0, holder=values.mask_person(row.holder) if masked else row.holder, **same)


def of_volunteer(actor: Actor, volunteer_id: int) -> list[Proof]:
    """The proofs of a volunteer, the newest first."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        mine = select(ServiceProof).where(ServiceProof.volunteer_id == volunteer_id)
        found = s.exec(mine.order_by(col(ServiceProof.id).desc())).all()
        return [_shown(row, masked=not actor.may("personal", "volunteers")) for row in found]


def revoke(actor: Actor, proof_id: int, reason: str, *, today: date | None = None) -> None:
    """Take a proof back; whoever checks it reads when. Raises Invalid without a reason, Conflict, NotFound."""
    actor.need("approve", "volunteers")
    if not 0 < len(reason.strip()) <= 200:
        raise Invalid({"reason": "too_long" if reason.strip() else "reason_missing"})
    with db.unit(actor, reason=reason.strip()) as s:
        row = db.lock(s, ServiceProof, proof_id)
        if row.revoked_on:
            raise Conflict({}, {"revoked_on": row.revoked_on})
        row.revoked_on, row.revoke_reason = today or clock.today(), reason.strip()
