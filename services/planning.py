"""What the form of a session tells before anything is saved: clashes, equipment, seats, ratios, certificates (features T2, T12, T15).

Refused unless a reason is given: venue or instructor taken, equipment short, a certificate lapsed, sessions left open.
Warned of: a venue too small, too few instructors or manikins for the course, an instructor without a certificate on file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from models.equipment import EquipmentKind
from models.training import OVER, Course, TrainingSession, Venue
from services import clashes, db, kit, overdue, store, teaching, training
from services.access import Actor
from services.clashes import Clash
from services.db import PortalSession
from services.errors import Invalid
from services.kit import Shortage
from services.overdue import Unclosed
from services.teaching import Unfit


@dataclass(frozen=True, slots=True)
class Few:
    """Fewer than the course asks for so many trainees."""

    there: int
    needed: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What stands against a session as it is typed; empty where nothing does."""

    clashes: Sequence[Clash] = ()
    short: Sequence[Shortage] = ()
    unfit: Sequence[Unfit] = ()
    left_open: Sequence[Unclosed] = ()
    seats: Few | None = None
    instructors: Few | None = None
    manikins: Few | None = None
    lapsed: Sequence[Unfit] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "lapsed", [one for one in self.unfit if one.until is not None])

    @property
    def refused(self) -> bool:
        """Whether it can be saved with a reason only."""
        return bool(self.clashes or self.short or self.lapsed or self.left_open)


NONE = Advice()


def advice(
    actor: Actor, given: Mapping[str, Any], equipment: kit.Wanted = kit.NOTHING, session_id: int | None = None
) -> Advice:
    """What stands against these values of a session; nothing is said before there are times that can be."""
    actor.need("read", "training")
    starts, ends = given.get("starts"), given.get("ends")
    if not isinstance(starts, datetime) or not isinstance(ends, datetime) or ends <= starts:
        return NONE
    teachers = [key for key in given.get("instructors") or [] if isinstance(key, int)]
    with db.reading(actor) as s:
        return Advice(
            clashes.between(s, given.get("venue_id"), teachers, starts, ends, session_id),
            kit.short(s, equipment, starts, ends, session_id),
            teaching.unfit(s, teachers, training.last_day(ends)),
            _left_open(s, session_id),
            *_ratios(s, given, len(teachers), equipment),
        )


def _left_open(s: PortalSession, session_id: int | None) -> list[Unclosed]:
    """Asked of who plans a new session."""
    return [] if session_id or s.actor.account_id is None else overdue.left_open(s, s.actor.account_id)


def _ratios(
    s: PortalSession, given: Mapping[str, Any], teachers: int, equipment: kit.Wanted
) -> tuple[Few | None, Few | None, Few | None]:
    """Seats of the venue, instructors, manikins: ceil(seats / ratio) of the course (rules.md §2)."""
    seats = given.get("capacity")
    if not isinstance(seats, int) or seats < 1:
        return None, None, None
    venue = s.get(Venue, given["venue_id"]) if given.get("venue_id") else None
    course = s.get(Course, given["course_id"]) if given.get("course_id") else None
    known = kit.stock(s, list(equipment))
    manikins = sum(n for key, n in equipment.items() if key in known and known[key].kind == EquipmentKind.MANIKIN)
    return (
        _few(venue.capacity, seats) if venue else None,
        _few(teachers, needed(seats, course.trainees_per_instructor)) if course else None,
        _few(manikins, needed(seats, course.trainees_per_manikin)) if course else None,
    )


def needed(people: int, each: int | None) -> int:
    """How many it takes for so many people; none where the course names no ratio."""
    return ceil(people / each) if each else 0


def _few(there: int, wanted: int) -> Few | None:
    return Few(there, wanted) if there < wanted else None


def advice_on_move(actor: Actor, session_id: int, starts: datetime, ends: datetime) -> Advice:
    """What stands against another time of a stored session. Raises NotFound."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        row = store.find(s, training.SESSION, session_id)
        teachers, wanted = teaching.teaching_in(s, session_id), kit.booked(s, session_id)
    given = {"starts": starts, "ends": ends, "venue_id": row.venue_id, "instructors": teachers}
    return advice(actor, given, wanted, session_id)


def move(
    actor: Actor, session_id: int, starts: datetime, ends: datetime, *, reason: str = "", token: str | None = None
) -> None:
    """Move a session to another time, its registration times with it. Raises as services.training.save_session does."""
    actor.need("write", "training")
    with db.unit(actor, reason=reason, token=token) as s:
        row = db.lock(s, TrainingSession, session_id)
        if row.state in OVER:
            raise Invalid({"": "session_over"})
        by = starts - row.starts
        opens, closes = (at + by if at else None for at in (row.registration_opens, row.registration_closes))
        times = {"starts": starts, "ends": ends, "registration_opens": opens, "registration_closes": closes}
        training.put(s, times, row, None)
