"""Who may teach on a day: an instructor's certificate is valid to the end of its last day (feature T15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select as columns
from sqlmodel import col, select

from models.people import Person
from models.training import Instructor, SessionInstructor
from services import values
from services.db import PortalSession


@dataclass(frozen=True, slots=True)
class Unfit:
    """An instructor whose certificate has lapsed by that day (`until`), or of whom none is on file (None)."""

    instructor_id: int
    name: str
    until: date | None


def unfit(s: PortalSession, instructor_ids: Sequence[int], day: date) -> list[Unfit]:
    """Those who teach on the day without a valid certificate, by name; one statement."""
    if not instructor_ids:
        return []
    until = col(Instructor.credential_until)
    asked = (
        columns(col(Instructor.id), col(Person.name), until)
        .join(Person, col(Person.id) == col(Instructor.person_id))
        .where(col(Instructor.id).in_(instructor_ids), (until < day) | (col(Instructor.credential) == ""))
        .order_by(col(Person.name))
    )
    full = s.actor.may("personal", "training")
    return [
        Unfit(key, name if full else values.mask_person(name), last if last is not None and last < day else None)
        for key, name, last in s.execute(asked)
    ]


def lapsed(s: PortalSession, instructor_ids: Sequence[int], day: date) -> list[Unfit]:
    """Those whose certificate has lapsed: they cannot be assigned without a reason."""
    return [one for one in unfit(s, instructor_ids, day) if one.until is not None]


def teaching_in(s: PortalSession, session_id: int) -> list[int]:
    linked = select(SessionInstructor.instructor_id).where(SessionInstructor.session_id == session_id)
    return sorted(s.exec(linked).all())
