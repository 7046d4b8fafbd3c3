"""What volunteers see and do on their own page: shifts open to them, signing up and withdrawing, hours by source,
certificates, corrections (feature V7; M67 art. 12-13). Everything is of the visitor and of nobody else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import col, func, or_, select

from models.people import CredentialKind, VolunteerCredential
from models.service import (
    CorrectionRequest,
    HoursSource,
    HoursState,
    RequestState,
    ServiceHours,
    ServicePost,
    ServiceProof,
    ServiceShift,
    ShiftSignup,
    ShiftState,
    SignupSource,
    SignupState,
)
from services import (
    clock,
    db,
    serving,
    serving_absence,
    serving_awards,
    serving_hours,
    serving_ledger,
    serving_numbers,
    store,
)
from services.db import PortalSession
from services.errors import Denied, Invalid, NotFound
from services.rescue import CredentialState, credential_state
from services.serving import Place, Staffing
from services.serving_ledger import Ledger
from services.serving_pass import Visitor, name_of

AHEAD = BEHIND = timedelta(days=60)
SHOWN = 30
MOST_REQUESTS = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of hours."""

    id: int
    activity: str
    served_on: date | None
    times: str
    hours: Decimal
    source: HoursSource
    state: HoursState
    decision: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A shift as the volunteer sees it. Of one's own: the sign-up with what staff said of it, what may be done now and
    until when one may withdraw; once it is over, the hours of it. Of an open one (no sign-up): `slot_id` is the role that
    is offered, None for an ordinary seat, how many are left, and whether
    whoever signs up now can no longer withdraw alone (`final`)."""

    shift_id: int
    title: str
    starts: datetime
    ends: datetime
    where: str
    in_charge: str
    risk: str
    signup_id: int | None = None
    state: SignupState | None = None
    note: str = ""
    cancelled: bool = False
    over: bool = False
    served: Entry | None = None
    withdraw_until: datetime | None = None
    may_withdraw: bool = False
    may_sign_in: bool = False
    may_sign_out: bool = False
    slot_id: int | None = None
    role: str = ""
    left: int = 0
    final: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate and how it stands today."""

    kind: CredentialKind
    number: str
    expires_on: date | None
    state: CredentialState


@dataclass(frozen=True, slots=True)
class Own:
    """Everything on a volunteer's own page; `disputed` are the entries that the requests are about, by their ids."""

    name: str
    number: str
    ledger: Ledger
    mine: Sequence[Turn]
    past: Sequence[Turn]
    no_shows: int
    open: Sequence[Turn]
    entries: Sequence[Entry]
    held: Sequence[Held]
    requests: Sequence[CorrectionRequest]
    disputed: Mapping[int, Entry]
    proofs: Sequence[ServiceProof]


def page(who: Visitor, now: datetime | None = None) -> Own:
    """The whole page of this moment."""
    now = now or clock.now()
    with db.reading(who.actor) as s:
        asked = select(CorrectionRequest).where(CorrectionRequest.volunteer_id == who.volunteer_id)
        requests = s.exec(asked.order_by(col(CorrectionRequest.id).desc()).limit(SHOWN)).all()
        proofs = select(ServiceProof).where(ServiceProof.volunteer_id == who.volunteer_id)
        return Own(
            name_of(s, who),
            who.number,
            serving_ledger.ledger_of(s, who.volunteer_id),
            _mine(s, who, now),
            _past(s, who, now),
            serving_absence.missed(s, who.volunteer_id),
            _open(s, who, now),
            _entries(s, who),
            _held(s, who, clock.local(now).date()),
            requests,
            _disputed(s, who, requests),
            s.exec(proofs.order_by(col(ServiceProof.id).desc()).limit(SHOWN)).all(),
        )


# -- shifts --------------------------------------------------


def _mine(s: PortalSession, who: Visitor, now: datetime) -> list[Turn]:
    """One's own shifts of today and later, also those that staff took one off."""
    found = s.exec(_turns(who).where(ServiceShift.starts >= _midnight(now)).order_by(col(ServiceShift.starts))).all()
    limits = serving_numbers.numbers(s)
    return [replace(turn, **_acts(shift, turn, limits, now)) for shift, turn in _own_turns(s, found, now)]


def _past(s: PortalSession, who: Visitor, now: datetime) -> list[Turn]:
    """One's own shifts of the last days, the newest first."""
    days = col(ServiceShift.starts).between(_midnight(now) - BEHIND, _midnight(now) - timedelta(seconds=1))
    newest = _turns(who).where(days).order_by(col(ServiceShift.starts).desc()).limit(SHOWN)
    return [turn for _, turn in _own_turns(s, s.exec(newest).all(), now)]


def _turns(who: Visitor) -> Any:
    """Shifts and sign-ups of a volunteer, without those that one withdrew from."""
    mine = select(ServiceShift, ShiftSignup).join(ShiftSignup, col(ShiftSignup.shift_id) == ServiceShift.id)
    stands = or_(col(ShiftSignup.state) != SignupState.WITHDRAWN, col(ShiftSignup.note) != "")
    return mine.where(ShiftSignup.volunteer_id == who.volunteer_id, stands)


def _midnight(now: datetime) -> datetime:
    return clock.from_local(datetime.combine(clock.local(now).date(), datetime.min.time()))


def _own_turns(
    s: PortalSession, found: Sequence[tuple[ServiceShift, ShiftSignup]], now: datetime
) -> list[tuple[ServiceShift, Turn]]:
    """Each shift as its volunteer sees it, in two statements however many there are."""
    posts, entries = _posts(s, [shift for shift, _ in found]), _entries_of(s, [signup for _, signup in found])
    turns = []
    for shift, signup in found:
        turn = _turn(
            posts, shift, signup_id=signup.id, state=SignupState(signup.state), note=signup.note,
            cancelled=shift.state == ShiftState.CANCELLED, over=now >= shift.ends, served=entries.get(db.id_of(shift)),
        )  # fmt: skip
        turns.append((shift, turn))
    return turns


def _posts(s: PortalSession, shifts: Sequence[ServiceShift]) -> Mapping[int, ServicePost]:
    found = select(ServicePost).where(col(ServicePost.id).in_({shift.post_id for shift in shifts}))
    return {db.id_of(row): row for row in s.exec(found)}


def _entries_of(s: PortalSession, signups: Sequence[ShiftSignup]) -> Mapping[int | None, Entry]:
    """{shift id: the hours} of one volunteer's sign-ups."""
    mine = select(ServiceHours).where(
        col(ServiceHours.volunteer_id).in_({signup.volunteer_id for signup in signups}),
        col(ServiceHours.shift_id).in_([signup.shift_id for signup in signups]),
    )
    return {row.shift_id: _entry(row) for row in s.exec(mine)}


def _acts(shift: ServiceShift, turn: Turn, limits: Mapping[str, int], now: datetime) -> dict[str, Any]:
    """What may be done of one's own shift now, and until when one may withdraw."""
    until, is_open = serving.withdrawal_ends(shift, limits), shift.state == ShiftState.OPEN
    signed_in = turn.served is not None and turn.served.state == HoursState.OPEN
    may_come = is_open and not signed_in and shift.starts - serving_hours.EARLY <= now < shift.ends
    return {
        "withdraw_until": until,
        "may_withdraw": is_open and turn.state == SignupState.SIGNED and now < until,
        "may_sign_in": may_come and turn.state != SignupState.WITHDRAWN,
        "may_sign_out": signed_in,
    }


def _turn(posts: Mapping[int, ServicePost], shift: ServiceShift, **more: object) -> Turn:
    risk = shift.risk_note or posts[shift.post_id].risk_note
    return Turn(db.id_of(shift), shift.title, shift.starts, shift.ends, shift.place, shift.in_charge, risk, **more)  # type: ignore[arg-type]


def _open(s: PortalSession, who: Visitor, now: datetime) -> list[Turn]:
    """The shifts that this volunteer could take this very moment: seats left, credentials valid on the day, time free."""
    offered = _offered(s, who, now)
    posts = _posts(s, offered)
    found = [shift for shift in offered if not _hindered(s, who, shift, posts[shift.post_id])]
    limits = serving_numbers.numbers(s)
    staffed, held = serving.staffed(s, found), serving.held_by(s, who.volunteer_id)
    seats = [(shift, _seat(shift, posts[shift.post_id], staffed[db.id_of(shift)], held)) for shift in found]
    return [
        _turn(
            posts,
            shift,
            slot_id=seat.id,
            role=seat.name,
            left=seat.maximum - seat.taken,
            final=now >= serving.withdrawal_ends(shift, limits),
        )
        for shift, seat in seats
        if seat
    ]


def _offered(s: PortalSession, who: Visitor, now: datetime) -> Sequence[ServiceShift]:
    taken = select(ShiftSignup.shift_id).where(
        ShiftSignup.volunteer_id == who.volunteer_id,
        or_(col(ShiftSignup.state) != SignupState.WITHDRAWN, col(ShiftSignup.note) != ""),
    )
    closes = func.coalesce(ServiceShift.signup_until, ServiceShift.starts)
    wanted = select(ServiceShift).where(
        ServiceShift.state == ShiftState.OPEN,
        closes > now,
        ServiceShift.starts < now + AHEAD,
        col(ServiceShift.id).not_in(taken),
        or_(col(ServiceShift.unit_id).is_(None), ServiceShift.unit_id == who.unit_id),
    )
    return s.exec(wanted.order_by(col(ServiceShift.starts))).all()


def _hindered(s: PortalSession, who: Visitor, shift: ServiceShift, post: ServicePost) -> bool:
    """Whether another shift, or a missing insurance, stands in the way."""
    day = clock.local(shift.starts).date()
    if post.needs_insurance and not serving.insured(s, who.volunteer_id, day):
        return True
    return bool(serving.overlaps(s, who.volunteer_id, shift.starts, shift.ends, db.id_of(shift)))


def _seat(
    shift: ServiceShift, post: ServicePost, staffing: Staffing, held: Sequence[VolunteerCredential]
) -> Place | None:
    """The seat that is offered: an ordinary one first, else a role's; None where there is none for them."""
    day = clock.local(shift.starts).date()
    for place in reversed(staffing.places):
        wanted = [*serving.asked_for(post, None), *([(place.credential.value,)] if place.credential else [])]
        if place.taken < place.maximum and serving.lacking(held, wanted, day) is None:
            return place
    return None


def sign_up(who: Visitor, shift_id: int, slot_id: int | None = None, *, now: datetime | None = None) -> None:
    """Take a seat. Raises NotFound for a shift that is not offered, and what `serving.put` raises."""
    with db.unit(who.actor) as s:
        if shift_id not in {db.id_of(row) for row in _offered(s, who, now or clock.now())}:
            raise Invalid({"": _why_not(serving_hours.signup_of(s, shift_id, who.volunteer_id))})
        serving.put(s, shift_id, who.volunteer_id, slot_id, SignupSource.SELF)


def _why_not(signed: ShiftSignup | None) -> str:
    if signed is None or (signed.state == SignupState.WITHDRAWN and not signed.note):
        return "shift_closed"
    return "taken_off" if signed.state == SignupState.WITHDRAWN else "signed_already"


def withdraw(who: Visitor, signup_id: int, *, now: datetime | None = None) -> None:
    """Give one's seat back until the deadline. Raises NotFound for somebody else's, Invalid({"": withdraw_over})."""
    now = now or clock.now()
    with db.unit(who.actor) as s:
        row = s.get(ShiftSignup, signup_id)
        if row is None or row.volunteer_id != who.volunteer_id:
            raise NotFound
        shift = s.get_one(ServiceShift, row.shift_id)
        if now >= serving.withdrawal_ends(shift, serving_numbers.numbers(s)):
            raise Invalid({"": "withdraw_over"})
        serving.leave(s, row, now)


def left(who: Visitor, signup_id: int) -> Turn | None:
    """The shift that one withdrew from; None for any other."""
    with db.reading(who.actor) as s:
        row = s.get(ShiftSignup, signup_id)
        if row is None or row.volunteer_id != who.volunteer_id or row.state != SignupState.WITHDRAWN:
            return None
        shift = s.get_one(ServiceShift, row.shift_id)
        return _turn(_posts(s, [shift]), shift)


def sign_in(who: Visitor, shift_id: int, *, now: datetime | None = None) -> None:
    """Say that one has come; somebody of the staff confirms the hours later."""
    with db.unit(who.actor) as s:
        serving_hours.arrive(s, shift_id, who.volunteer_id, now or clock.now())


def sign_out(who: Visitor, *, now: datetime | None = None) -> Decimal:
    """Say that one leaves; returns the hours."""
    with db.unit(who.actor) as s:
        return serving_hours.depart(s, who.volunteer_id, now or clock.now())


# -- hours, certificates, corrections --------------------------------------------------


def _entries(s: PortalSession, who: Visitor) -> list[Entry]:
    mine = select(ServiceHours).where(ServiceHours.volunteer_id == who.volunteer_id)
    newest = mine.order_by(col(ServiceHours.served_on).desc(), col(ServiceHours.id).desc()).limit(SHOWN)
    return [_entry(row) for row in s.exec(newest)]


def _entry(row: ServiceHours) -> Entry:
    return Entry(db.id_of(row), row.activity, row.served_on, row.times, row.hours, HoursSource(row.source),
                 HoursState(row.state), row.decision)  # fmt: skip


def _disputed(s: PortalSession, who: Visitor, requests: Sequence[CorrectionRequest]) -> Mapping[int, Entry]:
    named = col(ServiceHours.id).in_([one.hours_id for one in requests if one.hours_id])
    found = s.exec(select(ServiceHours).where(named, ServiceHours.volunteer_id == who.volunteer_id))
    return {db.id_of(row): _entry(row) for row in found}


def _held(s: PortalSession, who: Visitor, today: date) -> list[Held]:
    return [
        Held(CredentialKind(row.kind), row.number, row.expires_on, credential_state(row.expires_on, today))
        for row in serving.held_by(s, who.volunteer_id)
    ]


def entry(who: Visitor, hours_id: int) -> Entry:
    """One of one's own entries. Raises NotFound."""
    with db.reading(who.actor) as s:
        found = next((one for one in _entries(s, who) if one.id == hours_id), None)
    if found is None:
        raise NotFound
    return found


def ask(who: Visitor, hours_id: int | None, words: str) -> None:
    """Ask for a correction; it becomes a task of the staff. Raises Invalid, Denied("too_many") above ten open ones."""
    with db.unit(who.actor) as s:
        mine = select(func.count()).select_from(CorrectionRequest)
        waiting = mine.where(
            CorrectionRequest.volunteer_id == who.volunteer_id, CorrectionRequest.state == RequestState.OPEN
        )
        if s.exec(waiting).one() >= MOST_REQUESTS:
            raise Denied("too_many")
        given = {"volunteer_id": who.volunteer_id, "hours_id": hours_id, "asked": words}
        store.write(s, serving_awards.REQUEST, given)


def apply_for_stars(who: Visitor) -> int:
    """Apply for the stars that one's hours entitle to; returns how many. Raises Invalid({"": no_stars}), stars_waiting."""
    with db.unit(who.actor) as s:
        found = serving_ledger.ledger_of(s, who.volunteer_id)
        if not found.may_apply:
            raise Invalid({"": "stars_waiting" if found.applied > found.awarded else "no_stars"})
        store.write(s, serving_awards.AWARD, {"volunteer_id": who.volunteer_id, "level": found.entitled})
        return found.entitled
