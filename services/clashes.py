"""Which other sessions want the same venue or instructor at the same time (feature T2), whatever station they belong to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, union
from sqlalchemy import select as columns
from sqlmodel import SQLModel, col, select

from models.lessons import Lesson
from models.training import Instructor, SessionState, Venue
from services import db, values
from services.access import Actor
from services.db import PortalSession

LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Clash:
    """Another session, or a lesson of it (then its times), at the same time with the same venue or instructor; its title
    is empty for another station's."""

    kind: Literal["venue", "instructor"]
    name: str
    session_id: int
    title: str
    starts: datetime
    ends: datetime


def of_plan(
    actor: Actor,
    *,
    venue_id: int | None,
    instructor_ids: Iterable[int],
    starts: datetime,
    ends: datetime,
    session_id: int | None = None,
) -> list[Clash]:
    """Sessions of any station that overlap [starts, ends) in venue or instructor, the cancelled ones aside."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        return between(s, venue_id, tuple(instructor_ids), starts, ends, session_id)


def hold(s: PortalSession, session_id: int | None, venue_ids: Iterable[int], instructor_ids: Iterable[int]) -> None:
    """Two who plan for the same venue or instructor decide one after the other. Those of the session's lessons are held
    with them, all in one order, so that nobody who holds some waits for more."""
    mine = s.exec(select(Lesson.venue_id, Lesson.instructor_id).where(Lesson.session_id == session_id)).all()
    venues = {*venue_ids, *(venue for venue, _ in mine if venue)}
    teachers = {*instructor_ids, *(teacher for _, teacher in mine if teacher)}
    for key, wanted in ((col(Venue.id), venues), (col(Instructor.id), teachers)):
        if wanted:
            s.exec(select(key).where(key.in_(sorted(wanted))).order_by(key).with_for_update()).all()


def between(
    s: PortalSession,
    venue_id: int | None,
    instructor_ids: Sequence[int],
    starts: datetime,
    ends: datetime,
    session_id: int | None,
) -> list[Clash]:
    """Of other sessions and of the lessons that have a venue or an instructor of their own, by their start."""
    span = starts, ends, session_id
    found = (
        [_clash(s, "venue", row) for row in s.connection().execute(venue_query(venue_id, *span))] if venue_id else []
    )
    if instructor_ids:
        taught = s.connection().execute(instructor_query(instructor_ids, *span))
        found += [_clash(s, "instructor", row) for row in taught]
    return sorted(found, key=lambda clash: (clash.starts, clash.kind, clash.name))


PLANNED, LESSON = (SQLModel.metadata.tables[name] for name in ("training_session", "lesson"))
SHOWN = (PLANNED.c.id, PLANNED.c.title, PLANNED.c.unit_id)


def _overlapping(of: Any, starts: datetime, ends: datetime, session_id: int | None) -> list[ColumnElement[bool]]:
    """Half-open; asked of the tables themselves, since a venue is shared by stations that do not see each other."""
    return [
        of.c.starts < ends,
        of.c.starts > starts - LONGEST,
        of.c.ends > starts,
        of.c.deleted_at.is_(None),
        PLANNED.c.state != SessionState.CANCELLED,
        PLANNED.c.deleted_at.is_(None),
        PLANNED.c.id != (session_id or 0),
    ]


def venue_query(venue_id: int, starts: datetime, ends: datetime, session_id: int | None) -> Any:
    venue = SQLModel.metadata.tables["venue"]

    def taken(of: Any, joined: Any) -> Any:
        shown = columns(*SHOWN, of.c.starts, of.c.ends, venue.c.name)
        there = shown.select_from(joined.join(venue, venue.c.id == of.c.venue_id)).where(of.c.venue_id == venue_id)
        return there.where(*_overlapping(of, starts, ends, session_id))

    return union(taken(PLANNED, PLANNED), taken(LESSON, _lessons()))


def _lessons() -> Any:
    return LESSON.join(PLANNED, PLANNED.c.id == LESSON.c.session_id)


def instructor_query(instructor_ids: Sequence[int], starts: datetime, ends: datetime, session_id: int | None) -> Any:
    link, teacher, person = (SQLModel.metadata.tables[name] for name in ("session_instructor", "instructor", "person"))

    def busy(of: Any, key: Any, joined: Any) -> Any:
        whole = joined.join(teacher, teacher.c.id == key).join(person, person.c.id == teacher.c.person_id)
        shown = columns(*SHOWN, of.c.starts, of.c.ends, person.c.name).select_from(whole)
        return shown.where(key.in_(instructor_ids), *_overlapping(of, starts, ends, session_id))

    linked = link.join(PLANNED, PLANNED.c.id == link.c.session_id)
    return union(busy(PLANNED, link.c.instructor_id, linked), busy(LESSON, LESSON.c.instructor_id, _lessons()))


def _clash(s: PortalSession, kind: Literal["venue", "instructor"], row: Row[Any]) -> Clash:
    actor = s.actor
    seen = actor.units is None or row.unit_id in actor.units
    name = row.name if kind == "venue" or actor.may("personal", "training") else values.mask_person(row.name)
    return Clash(kind, name, row.id, row.title if seen else "", row.starts, row.ends)
