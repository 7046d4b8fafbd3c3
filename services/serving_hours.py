"""Hours of service: entered by hand or signed in and out, and confirmed by somebody else (V5, V6; M67 art. 7 and 11; rules.md §1).

An entry is one volunteer, one activity, one day; its minutes are added up first and rounded once. While it is written the
volunteer's row is held, so that no two entries of a person overlap. A form, a sheet and the check-in come through the hook
below; the state is moved by the functions of this module alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import SQLModel, col, select

from models import RECORDS, spans
from models.base import Record
from models.people import Person, Volunteer
from models.service import (
    HoursSource,
    HoursState,
    Quality,
    ServiceHours,
    ServicePost,
    ServiceShift,
    ShiftSignup,
    ShiftState,
    SignupState,
    VolunteerPass,
)
from models.spans import Span
from models.system import AuditEntry, Verb
from models.words import L
from services import clock, db, serving_numbers, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Denied, Invalid, NotFound
from services.hooks import after_write, before_write
from services.serving import BUSY

HOURS = RECORDS["service_hours"]
TABLE = SQLModel.metadata.tables["service_hours"]
PENDING, OPEN, EFFECTIVE, REJECTED, VOID = HoursState
STANDING = (PENDING, OPEN, EFFECTIVE)
TELLING = ("volunteer_id", "shift_id", "activity", "served_on", "times", "content", "place", "in_charge")
EARLY = timedelta(minutes=60)
THROUGH = "pass"
BY_THEMSELVES = (HoursSource.CHECK_IN, HoursSource.CLAIM)


# -- writing an entry --------------------------------------------------


@before_write("service_hours")
def _entry(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """All rules of an entry; what was approved and is told otherwise waits for a second person again."""
    step: dict[str, Any] = s.info.pop("step", {})
    try:
        db.lock(s, Volunteer, given["volunteer_id"])
    except NotFound:
        return  # the store says so beside the field
    shift = s.get(ServiceShift, given["shift_id"]) if given.get("shift_id") else None
    if shift is not None:
        _fill(s, given, shift)
    given |= _standing(s, given, row) | step
    found = times_of(given["times"])
    if given["state"] in STANDING:
        _refuse_future(given["served_on"], found)
        _refuse_overlap(s, given, found, row.id if row else None)
    given |= _reckoned(s, given, shift, found, row.id if row else None)


def _fill(s: PortalSession, given: dict[str, Any], shift: ServiceShift) -> None:
    """What the shift says already; its day is the entry's."""
    post, day = s.get_one(ServicePost, shift.post_id), clock.local(shift.starts).date()
    if given.get("served_on") not in (None, day):
        raise Invalid({"served_on": "outside_shift"})
    told = {"activity": shift.title, "content": post.content, "place": shift.place, "in_charge": shift.in_charge}
    given |= {name: given.get(name) or value for name, value in told.items()} | {"served_on": day}
    given["unit_id"] = shift.unit_id
    signup = signup_of(s, db.id_of(shift), given["volunteer_id"])
    if signup is None or signup.state == SignupState.WITHDRAWN:
        raise Invalid({"volunteer_id": "not_signed_up"})


def signup_of(s: PortalSession, shift_id: int, volunteer_id: int) -> ShiftSignup | None:
    return s.exec(
        select(ShiftSignup).where(ShiftSignup.shift_id == shift_id, ShiftSignup.volunteer_id == volunteer_id)
    ).first()


KEPT = ("state", "source", "entered_by", "entered_name", "confirmed_name", "confirmed_on", "decision", "is_forced",
        "signed_in_at")  # fmt: skip


def _standing(s: PortalSession, given: Mapping[str, Any], row: Record | None) -> dict[str, Any]:
    """Where the entry stands: as it did where nothing that it tells was changed, else anew with whoever changed it."""
    if row is not None and all(given.get(name) == getattr(row, name) for name in TELLING):
        return {name: getattr(row, name) for name in KEPT}
    return anew(s)


def anew(s: PortalSession) -> dict[str, Any]:
    """An entry that waits, as whoever told it left it."""
    return {
        "state": PENDING, "source": HoursSource.GROUP, "entered_by": s.actor.account_id, "entered_name": s.actor.name,
        "confirmed_name": "", "confirmed_on": None, "decision": "", "is_forced": False, "signed_in_at": None,
    }  # fmt: skip


def times_of(written: str) -> list[Span]:
    try:
        return spans.parse(written)
    except spans.BadSpans as error:
        raise Invalid({"times": error.code}) from error


def _refuse_future(day: date, found: Sequence[Span]) -> None:
    now = clock.local(clock.now())
    if (day, found[-1][1]) > (now.date(), now.hour * 60 + now.minute + 1):
        raise Invalid({"times": "times_future"})


def _refuse_overlap(s: PortalSession, given: Mapping[str, Any], found: Sequence[Span], own: int | None) -> None:
    """Not the same minute twice, of any station, and nothing while a sign-in is open."""
    for other in _others(s, given["volunteer_id"], given["served_on"], own):
        if other.state == OPEN:
            raise Invalid({"times": "signed_in_still"})
        if spans.clash(found, spans.parse(other.times)):
            raise Invalid(
                {"times": "hours_overlap"}, fuller="hours_overlap_with", activity=other.activity, times=other.times
            )


def _others(s: PortalSession, volunteer_id: int, day: date | None, own: int | None) -> Sequence[Any]:
    """The volunteer's other entries of that day that stand."""
    names = (TABLE.c.id, TABLE.c.times, TABLE.c.minutes, TABLE.c.state, TABLE.c.activity)
    mine = columns(*names).where(
        TABLE.c.volunteer_id == volunteer_id,
        TABLE.c.served_on == day,
        TABLE.c.state.in_(STANDING),
        TABLE.c.deleted_at.is_(None),
        TABLE.c.id != (own or 0),
    )
    return s.connection().execute(mine).all()


def _reckoned(
    s: PortalSession, given: Mapping[str, Any], shift: ServiceShift | None, found: Sequence[Span], own: int | None
) -> dict[str, Any]:
    """Minutes, hours and what a confirming person must know of them; a shift's length is the ceiling."""
    limits = serving_numbers.numbers(s)
    present = minutes = spans.minutes(found)
    length = int((shift.ends - shift.starts).total_seconds()) // 60 if shift else minutes
    if given["source"] != HoursSource.CHECK_IN:
        _refuse_beyond(shift, found, length)
    minutes = min(present, length)
    day = sum(other.minutes for other in _others(s, given["volunteer_id"], given["served_on"], own)) + minutes
    return {
        "times": spans.written(found),
        "minutes": minutes,
        "hours": spans.hours(minutes),
        "is_short": present * 100 < limits["presence_percent"] * length,
        "review_level": review_level(spans.hours(day), limits),
        "record_by": serving_numbers.record_by(s, given["served_on"]),
    }


def _refuse_beyond(shift: ServiceShift | None, found: Sequence[Span], length: int) -> None:
    """What is entered by hand lies within its shift (rules.md §1)."""
    if spans.minutes(found) > length:
        raise Invalid({"times": "above_shift"})
    if shift is None:
        return
    first, last = span_of(shift)
    if found[0][0] < first or found[-1][1] > last:
        raise Invalid({"times": "beyond_shift"})


def span_of(shift: ServiceShift) -> Span:
    """From and to which minute of its day a shift lasts."""
    return _minute(shift.starts), _minute(shift.ends - timedelta(minutes=1)) + 1


def review_level(day_hours: Decimal, limits: Mapping[str, int]) -> int:
    """0 where a day's total takes effect at once when confirmed; 1 and 2 where it must be reviewed higher up."""
    return (day_hours > limits["review_hours_1"]) + (day_hours > limits["review_hours_2"])


# -- signing in and out --------------------------------------------------


def sign_in(actor: Actor, shift_id: int, volunteer_id: int, *, now: datetime | None = None) -> None:
    """Staff note that a volunteer has come.

    Raises Invalid: not_signed_up, too_early, shift_over, shift_closed, signed_in_still, too_many_pairs, hours_overlap.
    """
    actor.need("write", "volunteers")
    with db.unit(actor) as s:
        arrive(s, shift_id, volunteer_id, now or clock.now())


def arrive(s: PortalSession, shift_id: int, volunteer_id: int, now: datetime) -> None:
    """The same inside a transaction, by staff or by the volunteer; a sign-in forgotten on an earlier day is closed first."""
    db.lock(s, Volunteer, volunteer_id)
    _close_earlier(s, volunteer_id, clock.local(now).date())
    shift, signup = s.get(ServiceShift, shift_id), signup_of(s, shift_id, volunteer_id)
    if shift is None:
        raise NotFound(record="service_shift")
    if signup is None or signup.state not in (*BUSY, SignupState.NO_SHOW):
        raise Invalid({"": "not_signed_up"})
    if code := _not_now(shift, now):
        raise Invalid({"": code})
    _open(s, shift, volunteer_id, now)
    signup.state, signup.note = SignupState.SERVED, ""


def _not_now(shift: ServiceShift, now: datetime) -> str:
    if shift.state != ShiftState.OPEN:
        return "shift_closed"
    if now < shift.starts - EARLY:
        return "too_early"
    return "shift_over" if now >= shift.ends else ""


def _open(s: PortalSession, shift: ServiceShift, volunteer_id: int, now: datetime) -> None:
    day, minute = clock.local(now).date(), _minute(now)
    row = entry_of(s, db.id_of(shift), volunteer_id)
    pairs = times_of(row.times) if row and row.state == PENDING else []
    if row is not None and pairs and row.source != HoursSource.CHECK_IN:
        raise Invalid({"": "has_hours"})
    if row is not None and row.state not in (PENDING, OPEN):
        raise Conflict({}, {"state": row.state})
    others = _others(s, volunteer_id, day, row.id if row else None)
    if (row and row.state == OPEN) or any(other.state == OPEN for other in others):
        raise Invalid({"": "signed_in_still"})
    if len(pairs) >= serving_numbers.numbers(s)["pairs_a_day"]:
        raise Invalid({"": "too_many_pairs"})
    taken = [*pairs, *(span for other in others for span in spans.parse(other.times))]
    if spans.clash([(minute, minute + 1)], taken):
        raise Invalid({"": "hours_overlap"})
    if row is None:
        row = ServiceHours(volunteer_id=volunteer_id, shift_id=shift.id, times="", served_on=day)
        told: dict[str, Any] = {"volunteer_id": volunteer_id, "shift_id": shift.id}
        _fill(s, told, shift)
        _put(row, told)
        s.add(row)
    by = {"entered_by": s.actor.account_id, "entered_name": s.actor.name, "source": HoursSource.CHECK_IN}
    times = f"{spans.written(pairs)} {spans.clock(minute)}-".strip()
    _put(row, by | {"state": OPEN, "signed_in_at": now, "times": times})
    s.flush()
    _note_pass(s, row)


def _put(row: ServiceHours, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _minute(moment: datetime) -> int:
    local = clock.local(moment)
    return local.hour * 60 + local.minute


def entry_of(s: PortalSession, shift_id: int, volunteer_id: int) -> ServiceHours | None:
    mine = select(ServiceHours).where(ServiceHours.shift_id == shift_id, ServiceHours.volunteer_id == volunteer_id)
    return s.exec(mine).first()


def sign_out(actor: Actor, volunteer_id: int, *, now: datetime | None = None) -> Decimal:
    """Staff note that a volunteer has left; returns the hours of the activity. Raises Invalid({"": not_signed_in})."""
    actor.need("write", "volunteers")
    with db.unit(actor) as s:
        return depart(s, volunteer_id, now or clock.now())


def depart(s: PortalSession, volunteer_id: int, now: datetime) -> Decimal:
    """The same inside a transaction."""
    db.lock(s, Volunteer, volunteer_id)
    earlier = _close_earlier(s, volunteer_id, clock.local(now).date())
    row = _open_entry(s, volunteer_id)
    if row is None and earlier is None:
        raise Invalid({"": "not_signed_in"})
    if row is None:
        return earlier or Decimal(0)
    return _close(s, row, _minute(now), forced=False)


def _open_entry(s: PortalSession, volunteer_id: int) -> ServiceHours | None:
    signed_in = col(ServiceHours.signed_in_at).is_not(None)
    return s.exec(select(ServiceHours).where(ServiceHours.volunteer_id == volunteer_id, signed_in)).first()


def _close_earlier(s: PortalSession, volunteer_id: int, today: date) -> Decimal | None:
    """A sign-in of an earlier day ends by force with its shift, and waits for a person to look at it; returns its hours."""
    row = _open_entry(s, volunteer_id)
    if row is None or row.served_on is None or row.served_on >= today:
        return None
    shift = s.get(ServiceShift, row.shift_id) if row.shift_id else None
    end = span_of(shift)[1] if shift else spans.DAY
    return _close(s, row, end, forced=True)


def _close(s: PortalSession, row: ServiceHours, minute: int, *, forced: bool) -> Decimal:
    before, _, began = row.times.removesuffix("-").rpartition(" ")
    first = min(_minute(row.signed_in_at), spans.DAY - 1) if row.signed_in_at else 0
    times = f"{before} {began}-{spans.clock(max(minute, first + 1))}".strip()
    kept = {name: getattr(row, name) for name in ("entered_by", "entered_name")}
    s.info["step"] = kept | {
        "source": HoursSource.CHECK_IN,
        "state": PENDING,
        "is_forced": forced,
        "signed_in_at": None,
    }
    store.write(s, HOURS, {"times": times}, row)
    return row.hours


def close_forgotten(actor: Actor, today: date | None = None) -> int:
    """End every sign-in of an earlier day; returns how many there were."""
    actor.need("write", "volunteers")
    today = today or clock.today()
    with db.reading(actor) as s:
        earlier = select(ServiceHours.volunteer_id).where(
            ServiceHours.state == OPEN, col(ServiceHours.served_on) < today
        )
        found = sorted(s.exec(earlier).all())
    return sum(_closed_alone(actor, volunteer_id, today) for volunteer_id in found)


def _closed_alone(actor: Actor, volunteer_id: int, today: date) -> bool:
    """Each by itself: one whose month is closed waits on the home page and keeps back no other."""
    try:
        with db.unit(actor) as s:
            db.lock(s, Volunteer, volunteer_id)
            return _close_earlier(s, volunteer_id, today) is not None
    except Invalid:
        return False


# -- a whole shift --------------------------------------------------


def record_shift(actor: Actor, shift_id: int, times: Mapping[int, str], *, token: str | None = None) -> int:
    """Enter who served when, {sign-up id: times}, no times for who did not come; returns how many entries changed.

    Raises Invalid with {sign-up id as text: code} of everybody whose times cannot be; then nothing is written.
    """
    actor.need("write", "volunteers")
    with db.unit(actor, token=token) as s:
        db.lock(s, ServiceShift, shift_id)
        signups = {db.id_of(one): one for one in s.exec(select(ShiftSignup).where(ShiftSignup.shift_id == shift_id))}
        if not signups.keys() >= times.keys():
            raise NotFound(record="shift_signup")
        errors, changed = {}, 0
        for key, written in sorted(times.items(), key=lambda pair: signups[pair[0]].volunteer_id):
            try:
                changed += _record_one(s, signups[key], written.strip())
            except Invalid as error:
                errors[str(key)] = next(iter(error.fields.values()))
        if errors:
            raise Invalid(errors)
        return changed


def _record_one(s: PortalSession, signup: ShiftSignup, written: str) -> bool:
    row = entry_of(s, signup.shift_id, signup.volunteer_id)
    if not written:
        if row is not None:
            raise Invalid({"times": "has_hours"})
        changed, signup.state = signup.state != SignupState.NO_SHOW, SignupState.NO_SHOW
        return changed
    if row is not None and row.times == spans.written(times_of(written)):
        return False
    store.write(s, HOURS, {"shift_id": signup.shift_id, "volunteer_id": signup.volunteer_id, "times": written}, row)
    signup.state, signup.note = SignupState.SERVED, ""
    return True


def finish_shift(actor: Actor, shift_id: int, *, now: datetime | None = None) -> int:
    """Close a shift that is over: whoever has no hours did not come; returns how many those are. Who claimed hours that
    still wait came as far as anybody knows.

    Raises Invalid: shift_not_over, signed_in_still; Conflict where it is closed already.
    """
    actor.need("write", "volunteers")
    with db.unit(actor) as s:
        row = db.lock(s, ServiceShift, shift_id)
        if row.state != ShiftState.OPEN:
            raise Conflict({}, {"state": row.state})
        if (now or clock.now()) < row.ends:
            raise Invalid({"": "shift_not_over"})
        signed_in = select(ServiceHours.id).where(ServiceHours.shift_id == shift_id, ServiceHours.state == OPEN)
        if s.exec(signed_in).first():
            raise Invalid({"": "signed_in_still"})
        claimed = select(ServiceHours.volunteer_id).where(
            ServiceHours.shift_id == shift_id, col(ServiceHours.state).in_(STANDING)
        )
        absent = select(ShiftSignup).where(
            ShiftSignup.shift_id == shift_id, ShiftSignup.state == SignupState.SIGNED,
            col(ShiftSignup.volunteer_id).not_in(claimed),
        )  # fmt: skip
        missing = s.exec(absent).all()
        for signup in missing:
            signup.state = SignupState.NO_SHOW
        row.state = ShiftState.DONE
        return len(missing)


# -- the second person --------------------------------------------------


def may_review(actor: Actor, level: int) -> bool:
    """Who confirms at a level: at 0 whoever approves volunteers, at 1 only with all stations in view, at 2 who answers
    for the contract's figures (an administrator or a leader)."""
    if level < 2:
        return actor.may("approve", "volunteers") and (not level or actor.units is None)
    return actor.may("read", "volunteers") and actor.may("approve", "indicators") and actor.units is None


def _need_review(actor: Actor) -> None:
    if not any(may_review(actor, level) for level in range(3)):
        raise Denied(verb="approve", area="volunteers")


def confirm(
    actor: Actor,
    hours_id: int,
    *,
    version: int | None = None,
    reason: str = "",
    quality: Quality | None = None,
    today: date | None = None,
) -> None:
    """Let an entry take effect.

    Raises Denied: own_entry for whoever entered it, own_name for a namesake of who claimed it, review_needed where the
    day's total asks for a higher level; Conflict where it was decided or changed meanwhile; Invalid without a
    reason where presence was short or closed by force.
    """
    _need_review(actor)
    with db.unit(actor, reason=reason.strip()) as s:
        row = _held(s, hours_id, version, PENDING)
        _refuse_own(s, actor, row)
        day = sum(other.minutes for other in _others(s, row.volunteer_id, row.served_on, row.id)
                  if other.state == EFFECTIVE)  # fmt: skip
        row.review_level = review_level(spans.hours(day + row.minutes), serving_numbers.numbers(s))
        if not may_review(actor, row.review_level):
            raise Denied("review_needed")
        if (row.is_short or row.is_forced or row.review_level) and not reason.strip():
            raise Invalid({"reason": "reason_missing"})
        row.quality = quality or row.quality
        _decide(actor, row, EFFECTIVE, reason, today)
        signup = signup_of(s, row.shift_id, row.volunteer_id) if row.shift_id else None
        if signup and signup.state in (SignupState.SIGNED, SignupState.NO_SHOW):
            signup.state, signup.note = SignupState.SERVED, ""


def _held(s: PortalSession, hours_id: int, version: int | None, *of: HoursState) -> ServiceHours:
    """The entry, held after its volunteer, so that two who decide do so one after the other."""
    volunteer_id = s.exec(select(ServiceHours.volunteer_id).where(ServiceHours.id == hours_id)).first()
    if volunteer_id is None:
        raise NotFound(record=HOURS.name, id=hours_id)
    db.lock(s, Volunteer, volunteer_id)
    row: ServiceHours = db.lock(s, ServiceHours, hours_id)
    if row.state not in of or version not in (None, row.version):
        raise Conflict({}, {"state": row.state})
    return row


def _refuse_own(s: PortalSession, actor: Actor, row: ServiceHours) -> None:
    """Nobody confirms times that they wrote: typed last, noted at the coming or the going, sent by a link they made, or
    as the volunteer that they are besides. An account names no person, so who has the volunteer's name is taken for them."""
    if actor.account_id is None:
        return
    if row.entered_by == actor.account_id:
        raise Denied("own_entry")
    if row.source not in BY_THEMSELVES:
        return
    if _noted(s, actor.account_id, row):
        raise Denied("own_entry")
    named = select(Person.name).join(Volunteer, col(Volunteer.person_id) == Person.id)
    if _plain(s.exec(named.where(Volunteer.id == row.volunteer_id)).one()) == _plain(actor.name):
        raise Denied("own_name")


def is_own(actor: Actor, hours_id: int) -> bool:
    """Whether the entry is this actor's own, which a colleague confirms. Raises NotFound."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        try:
            _refuse_own(s, actor, store.find(s, HOURS, hours_id))
        except Denied:
            return True
        return False


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()


def _noted(s: PortalSession, account_id: int, row: ServiceHours) -> bool:
    """Whether the account wrote times of an entry, itself or through a link that it made."""
    wrote = select(AuditEntry.account_id, AuditEntry.changes).where(
        AuditEntry.record == HOURS.name, AuditEntry.record_id == row.id
    )
    found = [(who, told or {}) for who, told in s.exec(wrote)]
    through = {told[THROUGH] for _, told in found if THROUGH in told}
    linked = select(VolunteerPass.id).where(col(VolunteerPass.id).in_(through), VolunteerPass.made_by == account_id)
    return any(who == account_id and "times" in told for who, told in found) or s.exec(linked).first() is not None


@after_write("service_hours")
def _note_pass(s: PortalSession, row: Record) -> None:
    """The audit keeps through which link a volunteer wrote an entry."""
    if s.actor.pass_id is not None:
        db.note(s, Verb.CHANGE, HOURS.name, row.id, {THROUGH: s.actor.pass_id})


def _decide(actor: Actor, row: ServiceHours, state: HoursState, reason: str, today: date | None) -> None:
    row.state, row.confirmed_name, row.decision = state, actor.name, reason.strip()[:200]
    row.confirmed_on = today or clock.today()


def confirm_many(
    actor: Actor, versions: Mapping[int, int], *, reason: str = "", today: date | None = None
) -> dict[int, str]:
    """Confirm a selection, {id: version as seen}, each by itself, with one reason for those that need one; returns
    {id: error code} of those that were not."""
    _need_review(actor)
    refused = {}
    for key, version in sorted(versions.items()):
        try:
            confirm(actor, key, version=version, reason=reason, today=today)
        except Invalid as error:
            refused[key] = next(iter(error.fields.values()))
        except (Denied, Conflict, NotFound) as error:
            refused[key] = error.code
    return refused


def reject(actor: Actor, hours_id: int, reason: str, *, version: int | None = None, today: date | None = None) -> None:
    """Refuse an entry that waits. Raises Invalid without a reason, Conflict, NotFound."""
    _settle(actor, hours_id, reason, version, today, PENDING, REJECTED)


def void(actor: Actor, hours_id: int, reason: str, *, version: int | None = None, today: date | None = None) -> None:
    """Take back what took effect; it stays visible. Raises Invalid without a reason, Conflict, NotFound."""
    _settle(actor, hours_id, reason, version, today, EFFECTIVE, VOID)


def take_back(s: PortalSession, entries: Sequence[ServiceHours], why: L) -> None:
    """Entries that lost their ground are void: they stay visible and count no more."""
    for entry in entries:
        _decide(s.actor, entry, VOID, f"{why.zh} / {why.en}", None)


def _settle(
    actor: Actor, hours_id: int, reason: str, version: int | None, today: date | None, of: HoursState, to: HoursState
) -> None:
    _need_review(actor)
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason.strip()) as s:
        row = _held(s, hours_id, version, of)
        if not (actor.may("approve", "volunteers") or may_review(actor, row.review_level)):
            raise Denied(verb="approve", area="volunteers")
        _decide(actor, row, to, reason, today)
        _missed(s, row)


def _missed(s: PortalSession, row: ServiceHours) -> None:
    """Whoever signed up for a shift and has no hours after all, is where they were: once it is closed, they did not come."""
    signup = signup_of(s, row.shift_id, row.volunteer_id) if row.shift_id else None
    believed = (SignupState.SIGNED, SignupState.SERVED) if row.source == HoursSource.CLAIM else (SignupState.SIGNED,)
    if signup and signup.state in believed:
        is_over = s.get_one(ServiceShift, row.shift_id).state == ShiftState.DONE
        signup.state = SignupState.NO_SHOW if is_over else SignupState.SIGNED
