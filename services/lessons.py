"""Lessons of a session and presence at them as staff keep it: planning, the grid, imports (features T2, T5)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import col, select

from models import RECORDS
from models.base import Record
from models.lessons import CAME, Lesson, Presence, PresenceState
from models.training import OVER, CheckIn, Enrolment, SessionState, TrainingSession
from services import attendance, clashes, clock, db, overruling, presence, seats, store, teaching, training
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
    used = _Use(given.get("venue_id"), given.get("instructor_id"), given["starts"], given["ends"])
    stands = isinstance(row, Lesson) and row.deleted_at is None and _Use.of(row) == used
    if session.state not in OVER and not stands:
        _refuse_taken(s, db.id_of(session), [used], "venue_id", "instructor_id")
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


class _Use(NamedTuple):
    """The room and the instructor that a lesson has of its own, and when it has them."""

    venue_id: int | None
    instructor_id: int | None
    starts: datetime
    ends: datetime

    @classmethod
    def of(cls, row: Lesson) -> "_Use":
        return cls(row.venue_id, row.instructor_id, row.starts, row.ends)

    @property
    def teachers(self) -> list[int]:
        return [self.instructor_id] if self.instructor_id else []

    def in_the_way(self, s: PortalSession, session_id: int) -> list[clashes.Clash]:
        return clashes.between(s, self.venue_id, self.teachers, self.starts, self.ends, session_id)


def _refuse_taken(s: PortalSession, session_id: int, uses: Sequence[_Use], venue: str = "", teacher: str = "") -> None:
    """Rooms and instructors of their own are free of other sessions and their lessons, and the instructors' certificates
    valid on the day, unless a reason is given; `venue` and `teacher` are the fields that are told of."""
    own = [use for use in uses if use.venue_id or use.instructor_id]
    if not own:
        return
    venues = [use.venue_id for use in own if use.venue_id]
    clashes.hold(s, session_id, venues, [key for use in own for key in use.teachers])
    if found := [clash for use in own for clash in use.in_the_way(s, session_id)]:
        field = venue if found[0].kind == "venue" else teacher
        overruling.overrule(s, "clash", [clash.session_id for clash in found], field=field, clashes=found)
    if lapsed := [one for use in own for one in teaching.lapsed(s, use.teachers, training.last_day(use.ends))]:
        overruling.overrule(s, "credential_lapsed", [one.instructor_id for one in lapsed], field=teacher, lapsed=lapsed)


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
    """Lessons move with their session; a session that gets shorter must still hold them. Where they move, and where the
    session comes back, their rooms and instructors must be free."""
    if not isinstance(row, TrainingSession):
        return
    shift, stretch = given["starts"] - row.starts, (given["ends"] - given["starts"]) - (row.ends - row.starts)
    comes_back = row.deleted_at is not None or row.state == SessionState.CANCELLED
    if not (shift or stretch or comes_back):
        return
    lessons = presence.lessons_of(s, db.id_of(row))
    if stretch:
        _refuse_cut(given, lessons)
    elif shift:
        for lesson in lessons:
            lesson.starts, lesson.ends = lesson.starts + shift, lesson.ends + shift
    if given["state"] not in OVER and (comes_back or not stretch):
        _refuse_taken(s, db.id_of(row), [_Use.of(lesson) for lesson in lessons])


def _refuse_cut(given: Mapping[str, Any], lessons: Sequence[Lesson]) -> None:
    if any(lesson.starts < given["starts"] for lesson in lessons):
        raise Invalid({"starts": "lessons_outside"})
    if any(lesson.ends > given["ends"] for lesson in lessons):
        raise Invalid({"ends": "lessons_outside"})


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
