"""Sessions (feature T2): one path for form, service and import; their states, numbers, clashes and what moves with them."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import func, select

from models import RECORDS
from models.assessment import Feedback, PracticalCheck, QuizPaper, TheoryScore
from models.base import Record
from models.certificates import CertificateRuling
from models.equipment import EquipmentBooking
from models.lessons import Lesson, Presence
from models.training import (
    OVER,
    SEATED,
    Attendance,
    Audience,
    Enrolment,
    PartnerLink,
    SessionState,
    TrainingSession,
)
from services import (
    clashes,
    clock,
    db,
    kit,
    overdue,
    overruling,
    seats,
    store,
    teaching,
)
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid
from services.hooks import before_write

SESSION = RECORDS["training_session"]

OF_SESSION: tuple[Any, ...] = (
    Enrolment,
    Attendance,
    TheoryScore,
    PracticalCheck,
    QuizPaper,
    Feedback,
    EquipmentBooking,
    PartnerLink,
    CertificateRuling,
    Lesson,
    Presence,
)
DRAFT, OPEN, CLOSED, HELD, CANCELLED = SessionState
MOVES: dict[SessionState, tuple[SessionState, ...]] = {
    DRAFT: (OPEN, CANCELLED),
    OPEN: (DRAFT, CLOSED, HELD, CANCELLED),
    CLOSED: (OPEN, HELD, CANCELLED),
    HELD: (CLOSED,),
    CANCELLED: (DRAFT, OPEN),
}
REOPENING = {(CLOSED, OPEN), (HELD, CLOSED), (CANCELLED, DRAFT), (CANCELLED, OPEN)}


def save_session(
    actor: Actor,
    given: Mapping[str, Any],
    *,
    id: int | None = None,
    version: int | None = None,
    token: str | None = None,
    override_reason: str = "",
    today: date | None = None,
    equipment: kit.Wanted | None = None,
) -> int:
    """Create or change a session, with the venue, the instructors and the equipment {id: number}; returns its id.

    Raises Invalid({"": code}) unless a reason is given: clash (clashes=[...]), equipment_short (short=[...]),
    credential_lapsed (lapsed=[...]), closing_overdue (left_open=[...]); and what services.store.save raises.
    """
    actor.need("write", "training")
    with db.unit(actor, reason=override_reason, token=token) as s:
        row = db.lock(s, TrainingSession, id) if id else None
        if row is not None and version is not None and version != row.version:
            raise Conflict(given, store.get(actor, SESSION, row.id).values)
        return db.id_of(put(s, given, row, equipment, today))


def put(
    s: PortalSession,
    given: Mapping[str, Any],
    row: TrainingSession | None,
    equipment: kit.Wanted | None,
    today: date | None = None,
) -> TrainingSession:
    """Inside a transaction: write one session with its equipment (None leaves what it has)."""
    s.info["equipment"] = equipment
    made: TrainingSession = store.write(s, SESSION, given, row, today)
    if s.info.pop("equipment") is not None:
        kit.book(s, made, equipment or {})
    overruling.note(s, made)
    return made


def set_state(
    actor: Actor, session_id: int, state: SessionState, reason: str = "", *, now: datetime | None = None
) -> int:
    """Move a session to another state; returns how many people are enrolled or waiting, who may have to be told.

    Raises Invalid for `state`: state_move, held_in_future, or reason_missing where a session is opened again.
    """
    actor.need("write", "training")
    now = now or clock.now()
    with db.unit(actor, reason=reason) as s:
        row = db.lock(s, TrainingSession, session_id)
        if state == HELD and row.starts > now:
            raise Invalid({"state": "held_in_future"})
        s.info["override"] = ""
        store.write(s, SESSION, {"state": state}, row, clock.local(now).date())
        return seats.count(s, session_id, *SEATED)


@before_write("training_session")
def _complete(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """Fills in code, day and check-in token; refuses clashes.of_plan, impossible moves, too few seats; lets people move up."""
    old = row if isinstance(row, TrainingSession) else None
    if old is not None:
        db.lock(s, TrainingSession, db.id_of(old), binned=True)
        _refuse_move(s, SessionState(old.state), SessionState(given["state"]))
    if old is None:
        _refuse_indebted(s, given)
        given.update(s.info.pop("series", {}))
    _refuse_clash(s, given, old)
    given["held_on"] = clock.local(given["starts"]).date()
    given["code"] = given.get("code") or (old.code if old else None) or _next_code(s, given["held_on"])
    given["checkin_token"] = (old.checkin_token if old else None) or new_token()
    if old is not None:
        if given["audience"] != old.audience and given["open_to_public"] == old.open_to_public:
            given["open_to_public"] = given["audience"] == Audience.PUBLIC
        _refit(s, old, given)


def _refuse_move(s: PortalSession, old: SessionState, new: SessionState) -> None:
    if new != old and new not in MOVES[old]:
        raise Invalid({"state": "state_move"})
    if (old, new) in REOPENING and not s.info.get("reason", "").strip():
        raise Invalid({"state": "reason_missing"})


def _refuse_clash(s: PortalSession, given: Mapping[str, Any], old: TrainingSession | None) -> None:
    """A session that was held is a fact and clashes.of_plan no more; what stands as it stood is not asked again."""
    if given["state"] in OVER:
        return
    key, teachers = old.id if old else None, _instructors(s, given, old)
    had = kit.booked(s, key)
    asked = s.info.get("equipment")
    wanted = had if asked is None else asked
    stands = old is not None and old.deleted_at is None and old.state != CANCELLED
    moved = old is None or not stands or _moved(s, given, old, teachers)
    if moved:
        _refuse_taken(s, given, teachers, key)
    if moved or wanted != had:
        _refuse_short(s, given, wanted, key)


def _refuse_taken(s: PortalSession, given: Mapping[str, Any], teachers: list[int], key: int | None) -> None:
    """The venue and the instructors are free, and their certificates valid on the session's last day."""
    venue = given.get("venue_id")
    clashes.hold(s, key, [venue] if venue else [], teachers)
    found = clashes.between(s, venue, teachers, given["starts"], given["ends"], key)
    if found:
        overruling.overrule(s, "clash", [clash.session_id for clash in found], clashes=found)
    lapsed = teaching.lapsed(s, teachers, last_day(given["ends"]))
    if lapsed:
        overruling.overrule(s, "credential_lapsed", [one.instructor_id for one in lapsed], lapsed=lapsed)


def _refuse_short(s: PortalSession, given: Mapping[str, Any], wanted: kit.Wanted, key: int | None) -> None:
    kit.hold(s, wanted)
    short = kit.short(s, wanted, given["starts"], given["ends"], key)
    if short:
        overruling.overrule(
            s, "equipment_short", {str(one.equipment_id): [one.wanted, one.free] for one in short}, short=short
        )


def last_day(ends: datetime) -> date:
    """The site's day on which a session that ends then is still going on; the end itself is not part of it."""
    return clock.local(ends - timedelta(microseconds=1)).date()


def _refuse_indebted(s: PortalSession, given: Mapping[str, Any]) -> None:
    """Who has left sessions unclosed for too long plans no new ones (feature T11)."""
    if given["state"] in OVER or s.actor.account_id is None:
        return
    left = overdue.left_open(s, s.actor.account_id)
    if left:
        overruling.overrule(s, "closing_overdue", [one.id for one in left], left_open=left)


def _instructors(s: PortalSession, given: Mapping[str, Any], old: TrainingSession | None) -> list[int]:
    if "instructors" in given:
        return sorted(given["instructors"] or [])
    return teaching.teaching_in(s, old.id) if old and old.id else []


def _moved(s: PortalSession, given: Mapping[str, Any], old: TrainingSession, teachers: list[int]) -> bool:
    same = all(given.get(name) == getattr(old, name) for name in ("venue_id", "starts", "ends"))
    return not same or teachers != teaching.teaching_in(s, db.id_of(old))


def _next_code(s: PortalSession, day: date) -> str:
    """PX20261123-01, -02 ...; numbers of the bin and of other stations are not given again."""
    if not db.is_sqlite():
        s.execute(columns(func.pg_advisory_xact_lock(int(f"{day:%Y%m%d}"))))
    prefix = f"PX{day:%Y%m%d}-"
    taken = (
        s.connection()
        .execute(columns(clashes.PLANNED.c.code).where(clashes.PLANNED.c.code.startswith(prefix)))
        .scalars()
    )
    numbers = [int(code.removeprefix(prefix)) for code in taken if code.removeprefix(prefix).isdecimal()]
    return f"{prefix}{max(numbers, default=0) + 1:02d}"


def _refit(s: PortalSession, old: TrainingSession, given: dict[str, Any]) -> None:
    """Fit the people to changed numbers: nobody who is enrolled loses a seat, those who wait take what is free."""
    if given["capacity"] < old.capacity and given["capacity"] < seats.seated(s, db.id_of(old)):
        raise Invalid({"capacity": "capacity_below_enrolled"})
    if given["state"] not in OVER:
        seats.promote(s, db.id_of(old), given["capacity"])
    if given.get("unit_id") != old.unit_id:
        _move_children(s, db.id_of(old), given.get("unit_id"))


def _move_children(s: PortalSession, session_id: int, unit_id: int | None) -> None:
    """The people of a session stay with its station."""
    for model in OF_SESSION:
        mine = select(model).where(model.session_id == session_id).execution_options(with_bin=True)
        for child in s.exec(mine):
            child.unit_id = unit_id


def new_token() -> str:
    """The secret of a check-in link."""
    return secrets.token_urlsafe(18)
