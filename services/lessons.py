"""Lessons of a session and presence at them as staff keep it: planning, the grid, imports (features T2, T5)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from models import RECORDS
from models.base import Record
from models.lessons import CAME, Lesson, Presence, PresenceState
from models.training import OVER, CheckIn, Enrolment, SessionState, TrainingSession
from services import attendance, clashes, clock, db, presence, seats, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import after_write, before_write
from services.presence import Mark, Slot

SESSION = RECORDS["training_session"]


# -- lessons ----------------------------------------------------------------------------------------------------------


@before_write("lesson")
def _fit(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """A lesson lies within its session and beside the others, in a room and with an instructor who are free; numbered."""
    session = seats.session_of(s, given["session_id"])
    if session is None:
        return
    if isinstance(row, Lesson) and row.session_id != given["session_id"]:
        raise Invalid({"session_id": "session_fixed"})
    others = [other for other in presence.lessons_of(s, db.id_of(session)) if row is None or other.id != row.id]
    _refuse_outside(session, given["starts"], given["ends"])
    if any(_overlap(other.starts, other.ends, given["starts"], given["ends"]) for other in others):
        raise Invalid({"starts": "lessons_overlap"})
    _refuse_clash(s, given, session)
    given["number"] = given.get("number") or max((other.number or 0 for other in others), default=0) + 1
    given["unit_id"] = session.unit_id
    given["code"] = f"{session.code}-{given['number']}"


def _refuse_outside(session: TrainingSession, starts: datetime, ends: datetime) -> None:
    errors = {"starts": starts < session.starts or starts >= session.ends, "ends": ends > session.ends}
    if any(errors.values()):
        raise Invalid({name: "outside_session" for name, is_wrong in errors.items() if is_wrong})


def _overlap(starts: datetime, ends: datetime, other_starts: datetime, other_ends: datetime) -> bool:
    """Half-open: one may begin when the other ends."""
    return starts < other_ends and other_starts < ends


def _refuse_clash(s: PortalSession, given: Mapping[str, Any], session: TrainingSession) -> None:
    """A room or instructor of its own must be free: of other sessions, and of their lessons."""
    venue, teacher = given.get("venue_id"), given.get("instructor_id")
    if not (venue or teacher) or session.state in OVER:
        return
    if found := _found(s, venue, teacher, given["starts"], given["ends"], session):
        raise Invalid({"venue_id" if venue else "instructor_id": "clash"}, clashes=found)


def _found(
    s: PortalSession, venue: int | None, teacher: int | None, starts: datetime, ends: datetime, session: TrainingSession
) -> list[clashes.Clash]:
    return clashes.between(s, venue, [teacher] if teacher else [], starts, ends, db.id_of(session))


@after_write("lesson")
def _adopt(s: PortalSession, row: Record) -> None:
    """What was noted of the whole session before it had lessons becomes the presence at its first one."""
    assert isinstance(row, Lesson)
    if row.deleted_at is not None:
        return
    whole = select(Presence).where(Presence.session_id == row.session_id, col(Presence.lesson_id).is_(None))
    for one in s.exec(whole):
        one.lesson_id = row.id
    s.flush()


@before_write("training_session")
def _move_lessons(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """Lessons move with their session; a session that gets shorter must still hold them."""
    if not isinstance(row, TrainingSession):
        return
    shift = given["starts"] - row.starts
    if given["ends"] - row.ends == shift and not shift:
        return
    lessons = presence.lessons_of(s, db.id_of(row))
    if given["ends"] - row.ends == shift:
        for lesson in lessons:
            lesson.starts, lesson.ends = lesson.starts + shift, lesson.ends + shift
        _refuse_taken(s, given, row, lessons)
    elif any(lesson.starts < given["starts"] for lesson in lessons):
        raise Invalid({"starts": "lessons_outside"})
    elif any(lesson.ends > given["ends"] for lesson in lessons):
        raise Invalid({"ends": "lessons_outside"})


def _refuse_taken(s: PortalSession, given: Mapping[str, Any], row: TrainingSession, lessons: list[Lesson]) -> None:
    """Lessons that moved find their own rooms and instructors free, unless a reason was given."""
    if given["state"] in OVER or s.info.get("reason", "").strip():
        return
    own = [one for one in lessons if one.venue_id or one.instructor_id]
    found = [clash for one in own for clash in _found(s, one.venue_id, one.instructor_id, one.starts, one.ends, row)]
    if found:
        raise Invalid({"": "clash"}, clashes=found)


# -- the grid ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """What is noted of somebody at a lesson."""

    state: PresenceState
    reason: str
    arrived_at: datetime | None
    left_at: datetime | None
    by: CheckIn


def lessons(actor: Actor, session_id: int) -> list[Lesson]:
    """The lessons of a session in their order; none where the session is one lesson."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        store.find(s, SESSION, session_id)
        return presence.lessons_of(s, session_id)


def grid(actor: Actor, session_id: int) -> dict[Slot, Cell]:
    """{(lesson id or None, person id): what is noted}, of everybody of the session."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        store.find(s, SESSION, session_id)
        rows = presence.noted(s, session_id).items()
        return {slot: _cell(row) for slot, row in rows if row.deleted_at is None}


def _cell(row: Presence) -> Cell:
    return Cell(PresenceState(row.state), row.reason, row.arrived_at, row.left_at, CheckIn(row.noted_by))


def mark(
    actor: Actor,
    session_id: int,
    marks: Mapping[Slot, tuple[PresenceState, str] | None],
    *,
    now: datetime | None = None,
    token: str | None = None,
    override_reason: str = "",
) -> int:
    """Note presence by lesson and person: state and reason, None takes a note back; returns how many changed.

    A session without lessons has the one slot None. Raises Invalid: session_cancelled, not_started before the lesson's day
    (but for the excused), reason where somebody is excused without one, not_found for a lesson of another session,
    not_enrolled, enrolment_cancelled, full.
    """
    actor.need("write", "training")
    now = now or clock.now()
    with db.unit(actor, reason=override_reason, token=token) as s:
        session = db.lock(s, TrainingSession, session_id)
        there = presence.noted(s, session_id, {person for _, person in marks})
        changed = {slot: wanted for slot, wanted in marks.items() if wanted != _stated(there.get(slot))}
        parts = {part.id: part for part in presence.parts(session, presence.lessons_of(s, session_id))}
        _refuse_marks(session, parts, changed, clock.local(now).date())
        _admit(s, session, [person for (_, person), wanted in changed.items() if wanted and wanted[0] in CAME])
        kept = {slot: _mark(there.get(slot), wanted) for slot, wanted in changed.items()}
        if kept:
            presence.write(s, session, kept, now, there)
        return len(kept)


def _stated(row: Presence | None) -> tuple[PresenceState, str] | None:
    return (PresenceState(row.state), row.reason) if row is not None and row.deleted_at is None else None


def _mark(row: Presence | None, wanted: tuple[PresenceState, str] | None) -> Mark | None:
    """By hand; the times that the door noted stay where the person still counts as having come."""
    if wanted is None:
        return None
    state, reason = wanted
    if row is None or row.deleted_at is not None or state not in CAME:
        return Mark(state, reason.strip())
    return Mark(state, reason.strip(), row.arrived_at, row.left_at, CheckIn(row.noted_by) if row.came else CheckIn.HAND)


def _refuse_marks(
    session: TrainingSession,
    parts: Mapping[int | None, presence.Part],
    marks: Mapping[Slot, tuple[PresenceState, str] | None],
    today: date,
) -> None:
    if session.state == SessionState.CANCELLED:
        raise Invalid({"": "session_cancelled"})
    for (lesson, _), wanted in marks.items():
        if lesson not in parts:
            raise Invalid({"lesson_id": "not_found"})
        if wanted and wanted[0] == PresenceState.EXCUSED and not wanted[1].strip():
            raise Invalid({"reason": "excuse_missing"})
        is_ahead = clock.local(parts[lesson].starts).date() > today
        if wanted and is_ahead and wanted[0] != PresenceState.EXCUSED:
            raise Invalid({"": "not_started"})


def _admit(s: PortalSession, session: TrainingSession, people: Collection[int]) -> None:
    """Who comes needs a seat, unless they attended before without having been enrolled (an imported list)."""
    mine = select(Enrolment).where(Enrolment.session_id == session.id, col(Enrolment.person_id).in_(people))
    enrolled = {row.person_id: row for row in s.exec(mine)}
    there = presence.noted(s, db.id_of(session), [person for person in people if person not in enrolled])
    for person in people:
        if person in enrolled or not presence.came_to(there, person):
            attendance.admit(s, session, enrolled.get(person))


# -- lists of presence that are typed or imported ---------------------------------------------------------------------


@before_write("presence")
def _presence(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """A presence typed or imported: at a lesson of its session, which may be named by the lesson alone, on the day."""
    session = seats.session_of(s, given["session_id"])
    if session is None:
        return
    if isinstance(row, Presence) and (row.session_id, row.lesson_id) != (given["session_id"], given.get("lesson_id")):
        raise Invalid({"session_id": "session_fixed"})
    lessons_ = presence.lessons_of(s, db.id_of(session))
    if lessons_ and given.get("lesson_id") is None:
        raise Invalid({"lesson_id": "required"})
    if given.get("lesson_id") not in (None, *(lesson.id for lesson in lessons_)):
        raise Invalid({"lesson_id": "not_of_session"})
    parts = {part.id: part for part in presence.parts(session, lessons_)}
    wanted = (PresenceState(given["state"]), given.get("reason") or "")
    _refuse_marks(session, parts, {(given.get("lesson_id"), 0): wanted}, today)
    given["unit_id"] = session.unit_id
    known = store.find_person(s, given) if row is None and given["state"] in CAME else None
    enrolment = seats.enrolment_of(s, db.id_of(session), [db.id_of(known)]) if known else None
    if enrolment is not None:
        attendance.admit(s, session, enrolment)


@after_write("presence")
def _follow(s: PortalSession, row: Record) -> None:
    assert isinstance(row, Presence)
    session = db.lock(s, TrainingSession, row.session_id)
    there = presence.noted(s, row.session_id, [row.person_id])
    presence.follow(s, session, [row.person_id], there, clock.now())
