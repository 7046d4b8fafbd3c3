"""People who came without enrolling: found in the register by name and phone, given a free seat, taken out again (feature T5)."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select

from models import RECORDS
from models.people import Person
from models.system import Verb
from models.training import (
    OVER,
    Enrolment,
    EnrolmentSource,
    EnrolmentState,
    SessionState,
    TrainingSession,
)
from models.vault import digest
from services import clock, db, overruling, presence, seats, store, values
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid

ENROLMENT = RECORDS["enrolment"]


def take_out(actor: Actor, enrolment_id: int, reason: str) -> int:
    """Somebody who walked in stands there twice: their place and what was noted of them are taken back; returns how many
    moved up. Raises Invalid: reason_missing, not_walked_in, and where a month is closed."""
    actor.need("write", "training")
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason.strip()) as s:
        row = store.find(s, ENROLMENT, enrolment_id)
        training = db.lock(s, TrainingSession, row.session_id)
        if row.source != EnrolmentSource.WALK_IN:
            raise Invalid({"": "not_walked_in"})
        there = presence.noted(s, row.session_id, [row.person_id])
        marks: dict[presence.Slot, presence.Mark | None] = dict.fromkeys(there)
        presence.write(s, training, marks, clock.now(), there)
        row.state = EnrolmentState.CANCELLED
        s.flush()
        return 0 if training.state in OVER else seats.promote(s, db.id_of(training), training.capacity)


def named(name: str, phone: str, today: date) -> dict[str, Any]:
    """Name and phone as they are stored; Invalid for what cannot be."""
    typed = {"name": " ".join(unicodedata.normalize("NFKC", name).split()), "phone": phone.strip()}
    clean, errors = values.validate(RECORDS["person"], typed, today)
    errors |= {} if typed["phone"] else {"phone": "required"}
    if errors:
        raise Invalid(errors)
    return {field: clean[field] for field in typed}


def called(s: PortalSession, person: Mapping[str, Any]) -> list[int]:
    """Everybody in the register with this name and phone, as `named` gives them."""
    same = select(Person.id).where(Person.name == person["name"], Person.phone_key == digest(person["phone"]))
    return [key for key in s.exec(same.order_by(col(Person.id))) if key]


Walker = tuple[Mapping[str, Any], int | None]


def seat_all(s: PortalSession, training: TrainingSession, people: Sequence[Walker]) -> list[int | Invalid]:
    """Inside a transaction that holds the session: people (values, and their id where they are known) who came without
    enrolling take the free seats in turn, never a place on the waitlist; their ids, or why not.

    A reason gives seats beyond the capacity. Who is enrolled is refused: already_enrolled.
    """
    if training.state == SessionState.CANCELLED:
        return [Invalid({"": "session_cancelled"}) for _ in people]
    if training.state not in OVER:
        seats.promote(s, db.id_of(training), training.capacity)
    free, teachers = seats.free_seats(s, training), seats.teachers_of(s, db.id_of(training))
    enrolled = _enrolled(s, training, [known for _, known in people if known])
    given: list[int | Invalid | None] = []
    for _, known in people:
        refused = _refusal(s, known, enrolled.get(known or 0), teachers, free)
        free -= refused is None
        given.append(refused or known)
    s.flush()
    new = db.bulk_insert(s, RECORDS["person"], [dict(who) for who, _ in _strangers(people, given)])
    made = iter(new)
    found = [next(made) if seat is None else seat for seat in given]
    same = {"session_id": training.id, "source": EnrolmentSource.WALK_IN, "unit_id": training.unit_id}
    db.bulk_insert(s, ENROLMENT, [same | {"person_id": key} for key in found if not isinstance(key, Invalid)])
    for detail in s.info.pop("overruled", []):
        db.note(s, Verb.OVERRIDE, "training_session", training.id, detail, overruling.reason_of(s))
    return found


def _strangers(people: Sequence[Walker], given: Sequence[int | Invalid | None]) -> list[Walker]:
    """Those who have a seat and stand in no register yet."""
    return [person for person, seat in zip(people, given, strict=True) if seat is None]


def _enrolled(s: PortalSession, training: TrainingSession, people: Sequence[int]) -> dict[int, Enrolment]:
    """The enrolment of each of them; the one that is not cancelled where there are several."""
    mine = select(Enrolment).where(Enrolment.session_id == training.id, col(Enrolment.person_id).in_(people))
    rows = s.exec(mine.order_by(col(Enrolment.id))).all() if people else []
    return {row.person_id: row for row in sorted(rows, key=lambda row: row.state != EnrolmentState.CANCELLED)}


def _refusal(
    s: PortalSession, known: int | None, old: Enrolment | None, teachers: set[int], free: int
) -> Invalid | None:
    """Why this person gets no seat; a cancelled enrolment of theirs gives way."""
    if known in teachers:
        return Invalid({"": "teaches_here"})
    if old is not None and old.state != EnrolmentState.CANCELLED:
        return Invalid({"": "already_enrolled"})
    if free <= 0 and not overruling.reason_of(s):
        return Invalid({"": "full"})
    if free <= 0:
        overruling.overrule(s, "full")
    if old is not None:
        seats.give_way(s, old)
    return None
