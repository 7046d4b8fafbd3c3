"""Posts, shifts and who takes them: credentials as a hard gate, seats, overlaps (features V3, V4, V8; 志愿服务条例 art. 15-17).

Every path - form, service, import, the volunteer's own page - comes through the hooks below, which hold the shift and the
volunteer until the transaction ends. Seats are counted from the sign-ups. A reason given with the write lets an overlap or
a full shift pass and goes into the audit; a credential or an insurance that is missing never passes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import SQLModel, col, func, select

from models import RECORDS
from models.base import Record
from models.people import CredentialKind, Volunteer, VolunteerCredential, VolunteerState
from models.service import (
    ServicePost,
    ServiceShift,
    ShiftSignup,
    ShiftSlot,
    ShiftState,
    SignupSource,
    SignupState,
    VolunteerInsurance,
)
from models.words import L
from services import clock, db, overruling, serving_numbers, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid, NotFound
from services.hooks import before_write

SHIFT, SIGNUP, SLOT = (RECORDS[name] for name in ("service_shift", "shift_signup", "shift_slot"))
SHIFTS, SIGNUPS = (SQLModel.metadata.tables[name] for name in ("service_shift", "shift_signup"))
TAKEN = (SignupState.SIGNED, SignupState.SERVED, SignupState.NO_SHOW)
BUSY = (SignupState.SIGNED, SignupState.SERVED)
LONGEST = timedelta(hours=24)
MOST_COPIES = 26
WHICH = {"credential_missing": "credential_missing_which", "credential_expired": "credential_expired_which"}


# -- shifts --------------------------------------------------


@before_write("service_shift")
def _shift(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """Complete a shift; one that has sign-ups keeps room for them, and moves only where nobody gets two at once."""
    post = s.get(ServicePost, given["post_id"])
    given["title"] = given.get("title") or (post.name if post else "")
    starts, ends = given["starts"], given["ends"]
    last = clock.local(ends - timedelta(seconds=1)).date()
    if clock.local(starts).date() != last:
        raise Invalid({"ends": "crosses_day"})
    given["record_by"] = serving_numbers.record_by(s, last)
    given["state"] = row.state if isinstance(row, ServiceShift) else ShiftState.OPEN
    if not isinstance(row, ServiceShift):
        return
    db.lock(s, ServiceShift, db.id_of(row))
    if given["capacity"] < len(_signed(s, db.id_of(row))):
        raise Invalid({"capacity": "below_signed"})
    if (starts, ends) != (row.starts, row.ends):
        _moved(s, row, starts, ends)


def _moved(s: PortalSession, row: ServiceShift, starts: datetime, ends: datetime) -> None:
    """Whoever signed up must still be free and hold what the post asks for on the new day."""
    signed = [one for one in _signed(s, db.id_of(row)) if one.state in BUSY]
    for one in sorted(signed, key=lambda one: one.volunteer_id):
        db.lock(s, Volunteer, one.volunteer_id)
        _need_credentials(s, row, one.volunteer_id, one.slot_id, clock.local(starts).date(), field="starts")
        _refuse_overlap(s, one.volunteer_id, starts, ends, db.id_of(row))


def _signed(s: PortalSession, shift_id: int) -> Sequence[ShiftSignup]:
    mine = select(ShiftSignup).where(ShiftSignup.shift_id == shift_id, col(ShiftSignup.state).in_(TAKEN))
    return s.exec(mine.order_by(col(ShiftSignup.id))).all()


@before_write("shift_slot")
def _slot(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """The seats kept for roles fit into the shift, and those taken stay."""
    shift = _held_shift(s, given["shift_id"])
    if shift is None:
        return
    own = row.id if row else None
    others = [slot for slot in _slots(s, db.id_of(shift)) if slot.id != own]
    if sum(slot.maximum for slot in others) + given["maximum"] > shift.capacity:
        raise Invalid({"maximum": "above_capacity"})
    taken = [one for one in _signed(s, db.id_of(shift)) if one.slot_id == own] if own else []
    if given["maximum"] < len(taken):
        raise Invalid({"maximum": "below_signed"})


def _slots(s: PortalSession, shift_id: int) -> Sequence[ShiftSlot]:
    return s.exec(select(ShiftSlot).where(ShiftSlot.shift_id == shift_id).order_by(col(ShiftSlot.id))).all()


def _held_shift(s: PortalSession, shift_id: int) -> ServiceShift | None:
    """The shift, held; None where this actor knows none (the store then says so beside the field)."""
    try:
        return db.lock(s, ServiceShift, shift_id)  # type: ignore[no-any-return]
    except NotFound:
        return None


def cancel_shift(actor: Actor, shift_id: int, reason: str) -> int:
    """Call a shift off; returns how many had signed up and are to be told. Raises Invalid without a reason, Conflict."""
    actor.need("write", "volunteers")
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason.strip()) as s:
        row = db.lock(s, ServiceShift, shift_id)
        if row.state != ShiftState.OPEN:
            raise Conflict({}, {"state": row.state})
        row.state = ShiftState.CANCELLED
        return len([one for one in _signed(s, shift_id) if one.state in BUSY])


def repeat_shift(actor: Actor, shift_id: int, weeks: int, *, token: str | None = None) -> int:
    """Plan the same shift, roles included, in each of the next weeks; returns how many were made: a week that has it
    already is left out. Raises Invalid for `weeks`."""
    actor.need("write", "volunteers")
    if not 1 <= weeks <= MOST_COPIES:
        raise Invalid({"weeks": "too_large" if weeks > MOST_COPIES else "too_small"})
    with db.unit(actor, token=token) as s:
        row = db.lock(s, ServiceShift, shift_id)
        slots = _slots(s, shift_id)
        return sum(_copy(s, row, slots, week) for week in range(1, weeks + 1))


def _copy(s: PortalSession, row: ServiceShift, slots: Sequence[ShiftSlot], week: int) -> bool:
    later = timedelta(weeks=week)
    same = select(ServiceShift.id).where(
        ServiceShift.post_id == row.post_id, ServiceShift.title == row.title, ServiceShift.starts == row.starts + later
    )
    if s.exec(same).first():
        return False
    given = store.current(s, SHIFT, row)
    moved = {n: given[n] + later for n in ("starts", "ends", "signup_until", "withdraw_until") if given[n]}
    made = store.write(s, SHIFT, given | moved)
    for slot in slots:
        store.write(s, SLOT, store.current(s, SLOT, slot) | {"shift_id": made.id})
    return True


# -- signing up --------------------------------------------------


def sign_up(
    actor: Actor,
    shift_id: int,
    volunteer_id: int,
    *,
    slot_id: int | None = None,
    override_reason: str = "",
    token: str | None = None,
) -> int:
    """Give a volunteer a place; returns the sign-up's id. A reason lets an overlap or a full shift pass.

    Raises Invalid: volunteer_not_active, credential_missing, credential_expired, insurance_missing, overlap, shift_full,
    signed_already, shift_closed.
    """
    actor.need("write", "volunteers")
    with db.unit(actor, reason=override_reason.strip(), token=token) as s:
        return put(s, shift_id, volunteer_id, slot_id, SignupSource.STAFF)


def put(s: PortalSession, shift_id: int, volunteer_id: int, slot_id: int | None, source: SignupSource) -> int:
    """The same inside a transaction; who withdrew and comes back has the old row again. Raises NotFound."""
    db.lock(s, ServiceShift, shift_id)
    old = s.exec(
        select(ShiftSignup).where(ShiftSignup.shift_id == shift_id, ShiftSignup.volunteer_id == volunteer_id)
    ).first()
    if old is not None and old.state != SignupState.WITHDRAWN:
        raise Invalid({"volunteer_id": "signed_already"})
    s.info["placing"] = {"state": SignupState.SIGNED, "source": source, "withdrawn_at": None, "note": ""}
    given = {"shift_id": shift_id, "volunteer_id": volunteer_id, "slot_id": slot_id}
    return db.id_of(store.write(s, SIGNUP, given, old))


@before_write("shift_signup")
def _signup(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """A place is given here and nowhere else; what a form or a sheet changes of a stored one is its role alone."""
    placing: dict[str, Any] = s.info.pop("placing", {})
    shift = _held_shift(s, given["shift_id"])
    if shift is None:
        return
    given["unit_id"] = shift.unit_id
    if isinstance(row, ShiftSignup):
        if (given["shift_id"], given["volunteer_id"]) != (row.shift_id, row.volunteer_id):
            raise Invalid({"shift_id": "signup_fixed"})
        given |= {"state": row.state, "source": row.source, "note": row.note}
    else:
        given |= {"state": SignupState.SIGNED, "source": SignupSource.STAFF}
    given |= placing
    if given["state"] in BUSY:
        _place(s, shift, given, row.id if row else None)


def _place(s: PortalSession, shift: ServiceShift, given: Mapping[str, Any], own: int | None) -> None:
    if shift.state != ShiftState.OPEN:
        raise Invalid({"shift_id": "shift_closed"})
    volunteer_id, slot_id = given["volunteer_id"], given.get("slot_id")
    volunteer = db.lock(s, Volunteer, volunteer_id)
    if volunteer.state != VolunteerState.ACTIVE or not volunteer.consent:
        raise Invalid({"volunteer_id": "volunteer_not_active"})
    day = clock.local(shift.starts).date()
    _need_credentials(s, shift, volunteer_id, slot_id, day)
    _need_insurance(s, shift, volunteer_id, day)
    _refuse_overlap(s, volunteer_id, shift.starts, shift.ends, db.id_of(shift))
    if free_seats(s, shift, slot_id, but=own) <= 0:
        overruling.overrule(s, "shift_full", {"capacity": shift.capacity}, field="volunteer_id")


def free_seats(s: PortalSession, shift: ServiceShift, slot_id: int | None, but: int | None = None) -> int:
    """Seats left of a role, or of those that are kept for none; raises Invalid for a role of another shift."""
    slots = {db.id_of(slot): slot for slot in _slots(s, db.id_of(shift))}
    if slot_id is not None and slot_id not in slots:
        raise Invalid({"slot_id": "not_found"})
    kept = sum(slot.maximum for slot in slots.values())
    seats = slots[slot_id].maximum if slot_id is not None else shift.capacity - kept
    busy = (one for one in _signed(s, db.id_of(shift)) if one.state in BUSY)
    return seats - sum(one.slot_id == slot_id and one.id != but for one in busy)


# -- credentials and insurance --------------------------------------------------


def _need_credentials(
    s: PortalSession,
    shift: ServiceShift,
    volunteer_id: int,
    slot_id: int | None,
    day: date,
    field: str = "volunteer_id",
) -> None:
    """Raises Invalid where a credential that the post or the role asks for is missing, or has ended before the day."""
    slot = s.get(ShiftSlot, slot_id) if slot_id else None
    wanted = asked_for(s.get_one(ServicePost, shift.post_id), slot)
    if problem := lacking(held_by(s, volunteer_id), wanted, day):
        code, kinds = problem
        raise Invalid({field: code}, fuller=WHICH[code], which=named(kinds))


Wanted = Sequence[tuple[str, ...]]


def asked_for(post: ServicePost, slot: ShiftSlot | None) -> Wanted:
    """The credentials that a place asks for, each a tuple of which one is enough."""
    wanted: list[tuple[str, ...]] = [(kind,) for kind in post.credentials]
    if slot and slot.credential:
        wanted.append((slot.credential,))
    if post.either:
        wanted.append(tuple(post.either))
    return wanted


def named(kinds: Sequence[str]) -> L:
    """Credentials of which one is enough."""
    labels = [CredentialKind(kind).label for kind in kinds]
    return L(" / ".join(one.zh for one in labels), " / ".join(one.en for one in labels))


def held_by(s: PortalSession, volunteer_id: int) -> Sequence[VolunteerCredential]:
    mine = select(VolunteerCredential).where(VolunteerCredential.volunteer_id == volunteer_id)
    return s.exec(mine.order_by(col(VolunteerCredential.expires_on).desc())).all()


def lacking(held: Sequence[VolunteerCredential], wanted: Wanted, day: date) -> tuple[str, tuple[str, ...]] | None:
    """The first of the credentials asked for that is not valid on that day, with why: credential_expired where there was
    one, credential_missing. One that ends that day is valid."""
    for kinds in wanted:
        some = [one for one in held if one.kind in kinds]
        if not any(_valid(one, day) for one in some):
            was = any(one.expires_on and one.expires_on < day for one in some)
            return "credential_expired" if was else "credential_missing", kinds
    return None


def _valid(one: VolunteerCredential, day: date) -> bool:
    return one.issued_on <= day and (one.expires_on is None or one.expires_on >= day)


def _need_insurance(s: PortalSession, shift: ServiceShift, volunteer_id: int, day: date) -> None:
    if s.get_one(ServicePost, shift.post_id).needs_insurance and not insured(s, volunteer_id, day):
        raise Invalid({"volunteer_id": "insurance_missing"})


def insured(s: PortalSession, volunteer_id: int, day: date) -> bool:
    mine = select(VolunteerInsurance.id).where(
        VolunteerInsurance.volunteer_id == volunteer_id,
        VolunteerInsurance.starts <= day,
        VolunteerInsurance.ends >= day,
    )
    return s.exec(mine).first() is not None


# -- overlaps --------------------------------------------------


def overlaps(s: PortalSession, volunteer_id: int, starts: datetime, ends: datetime, but: int) -> Sequence[Any]:
    """The volunteer's other shifts of any station that overlap [starts, ends): half-open, so one may follow the other."""
    joined = SIGNUPS.join(SHIFTS, SHIFTS.c.id == SIGNUPS.c.shift_id)
    mine = columns(SHIFTS.c.id, SHIFTS.c.title, SHIFTS.c.starts, SHIFTS.c.ends).select_from(joined)
    return (
        s.connection()
        .execute(
            mine.where(
                SIGNUPS.c.volunteer_id == volunteer_id,
                SIGNUPS.c.state.in_(BUSY),
                SIGNUPS.c.deleted_at.is_(None),
                SHIFTS.c.deleted_at.is_(None),
                SHIFTS.c.state != ShiftState.CANCELLED,
                SHIFTS.c.id != but,
                SHIFTS.c.starts < ends,
                SHIFTS.c.starts > starts - LONGEST,
                SHIFTS.c.ends > starts,
            )
        )
        .all()
    )


def _refuse_overlap(s: PortalSession, volunteer_id: int, starts: datetime, ends: datetime, but: int) -> None:
    found = overlaps(s, volunteer_id, starts, ends, but)
    if found:
        overruling.overrule(s, "overlap", [row.id for row in found], field="volunteer_id")


# -- leaving --------------------------------------------------


def leave(s: PortalSession, row: ShiftSignup, now: datetime | None = None) -> None:
    """Give the place back inside a transaction."""
    db.lock(s, ServiceShift, row.shift_id)
    s.refresh(row)
    if row.state != SignupState.SIGNED:
        raise Conflict({}, {"state": row.state})
    row.state, row.withdrawn_at = SignupState.WITHDRAWN, now or clock.now()


def withdrawal_ends(shift: ServiceShift, limits: Mapping[str, int]) -> datetime:
    """Until when a volunteer may withdraw alone, by the settings of service (serving_numbers)."""
    return shift.withdraw_until or shift.starts - timedelta(hours=limits["withdraw_hours"])


# -- how a shift stands --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A role of a shift, or (id None) the seats that are kept for none: how many must, may and do serve."""

    id: int | None
    name: str
    credential: CredentialKind | None
    minimum: int
    maximum: int
    taken: int


@dataclass(frozen=True, slots=True)
class Staffing:
    """How a shift is staffed; `short` is how many are missing until it can go ahead."""

    minimum: int
    capacity: int
    taken: int
    places: tuple[Place, ...]

    @property
    def short(self) -> int:
        roles = sum(max(place.minimum - place.taken, 0) for place in self.places)
        return max(self.minimum - self.taken, roles, 0)


def staffing(actor: Actor, shift_ids: Sequence[int]) -> dict[int, Staffing]:
    """{shift id: how it is staffed} of those that the actor may see."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        return staffed(s, s.exec(select(ServiceShift).where(col(ServiceShift.id).in_(shift_ids))).all())


def staffed(s: PortalSession, shifts: Sequence[ServiceShift]) -> dict[int, Staffing]:
    """{shift id: how it is staffed}, in two statements."""
    ids = [db.id_of(row) for row in shifts]
    slots = s.exec(select(ShiftSlot).where(col(ShiftSlot.shift_id).in_(ids)).order_by(col(ShiftSlot.id))).all()
    counted = s.exec(
        select(ShiftSignup.shift_id, ShiftSignup.slot_id, func.count())
        .where(col(ShiftSignup.shift_id).in_(ids), col(ShiftSignup.state).in_(BUSY))
        .group_by(col(ShiftSignup.shift_id), col(ShiftSignup.slot_id))
    ).all()
    taken = {(shift, slot): number for shift, slot, number in counted}
    return {db.id_of(row): _staffing(row, [slot for slot in slots if slot.shift_id == row.id], taken) for row in shifts}


def _staffing(row: ServiceShift, slots: Sequence[ShiftSlot], taken: Mapping[tuple[int, int | None], int]) -> Staffing:
    key = db.id_of(row)
    roles = [
        Place(slot.id, slot.name, slot.credential and CredentialKind(slot.credential), slot.minimum, slot.maximum,
              taken.get((key, slot.id), 0))
        for slot in slots
    ]  # fmt: skip
    rest = row.capacity - sum(slot.maximum for slot in slots)
    general = Place(None, "", None, 0, rest, taken.get((key, None), 0))
    total = sum(place.taken for place in (*roles, general))
    return Staffing(row.minimum, row.capacity, total, (*roles, general))


def coming(actor: Actor, first: date, last: date) -> list[ServiceShift]:
    """The shifts that begin between two local days, both included, those called off too, in their order."""
    actor.need("read", "volunteers")
    from_, until = (clock.from_local(datetime.combine(day, time())) for day in (first, last + timedelta(days=1)))
    with db.reading(actor) as s:
        wanted = select(ServiceShift).where(ServiceShift.starts >= from_, ServiceShift.starts < until)
        return list(s.exec(wanted.order_by(col(ServiceShift.starts), col(ServiceShift.id))).all())


# -- reliability --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reliability:
    """How often somebody came, of the shifts that are over."""

    volunteer_id: int
    name: str
    served: int
    no_shows: int
    last_on: date

    @property
    def percent(self) -> int:
        return round(100 * self.served / (self.served + self.no_shows))


def unreliable(actor: Actor, today: date | None = None) -> list[Reliability]:
    """Who missed shifts without withdrawing as often as the settings tell of, the most often first."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        limits = serving_numbers.numbers(s)
        since = (today or clock.today()) - timedelta(days=limits["no_show_days"])
        served, missed = (
            func.count(col(ShiftSignup.id)).filter(col(ShiftSignup.state) == state)
            for state in (SignupState.SERVED, SignupState.NO_SHOW)
        )
        found = s.exec(
            select(ShiftSignup.volunteer_id, served, missed, func.max(ServiceShift.starts))
            .join(ServiceShift, col(ServiceShift.id) == ShiftSignup.shift_id)
            .where(ServiceShift.starts >= clock.from_local(datetime.combine(since, time())))
            .group_by(col(ShiftSignup.volunteer_id))
            .having(missed >= limits["no_shows"])
            .order_by(missed.desc(), col(ShiftSignup.volunteer_id))
        ).all()
    names = store.titles(actor, RECORDS["volunteer"], [row[0] for row in found])
    return [Reliability(key, names[key], came, away, clock.local(last).date()) for key, came, away, last in found]
