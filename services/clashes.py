"""Which other sessions want the same venue or instructor at the same time (feature T2), whatever station they belong to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row
from sqlalchemy import select as columns
from sqlmodel import SQLModel

from models.training import (
    SessionState,
)
from services import db, values
from services.access import Actor
from services.db import PortalSession

LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Clash:
    """Another session at the same time with the same venue or instructor; its title is empty for another station's."""

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


def between(
    s: PortalSession,
    venue_id: int | None,
    instructor_ids: Sequence[int],
    starts: datetime,
    ends: datetime,
    session_id: int | None,
) -> list[Clash]:
    when = _overlapping(starts, ends, session_id)
    found = [_clash(s, "venue", row) for row in s.connection().execute(venue_query(venue_id, when))] if venue_id else []
    if instructor_ids:
        taught = s.connection().execute(instructor_query(instructor_ids, when))
        found += [_clash(s, "instructor", row) for row in taught]
    return sorted(found, key=lambda clash: (clash.starts, clash.kind, clash.name))


PLANNED = SQLModel.metadata.tables["training_session"]
SHOWN = (PLANNED.c.id, PLANNED.c.title, PLANNED.c.starts, PLANNED.c.ends, PLANNED.c.unit_id)


def _overlapping(starts: datetime, ends: datetime, session_id: int | None) -> list[ColumnElement[bool]]:
    """Half-open; asked of the table itself, since a venue is shared by stations that do not see each other."""
    return [
        PLANNED.c.starts < ends,
        PLANNED.c.starts > starts - LONGEST,
        PLANNED.c.ends > starts,
        PLANNED.c.state != SessionState.CANCELLED,
        PLANNED.c.deleted_at.is_(None),
        PLANNED.c.id != (session_id or 0),
    ]


def venue_query(venue_id: int, when: list[ColumnElement[bool]]) -> Any:
    venue = SQLModel.metadata.tables["venue"]
    joined = PLANNED.join(venue, venue.c.id == PLANNED.c.venue_id)
    return columns(*SHOWN, venue.c.name).select_from(joined).where(PLANNED.c.venue_id == venue_id, *when)


def instructor_query(instructor_ids: Sequence[int], when: list[ColumnElement[bool]]) -> Any:
    link, teacher, person = (SQLModel.metadata.tables[name] for name in ("session_instructor", "instructor", "person"))
    joined = (
        link.join(PLANNED, PLANNED.c.id == link.c.session_id)
        .join(teacher, teacher.c.id == link.c.instructor_id)
        .join(person, person.c.id == teacher.c.person_id)
    )
    return columns(*SHOWN, person.c.name).select_from(joined).where(link.c.instructor_id.in_(instructor_ids), *when)


def _clash(s: PortalSession, kind: Literal["venue", "instructor"], row: Row[Any]) -> Clash:
    actor = s.actor
    seen = actor.units is None or row.unit_id in actor.units
    name = row.name if kind == "venue" or actor.may("personal", "training") else values.mask_person(row.name)
    return Clash(kind, name, row.id, row.title if seen else "", row.starts, row.ends)
