"""Equipment of a session: how much of it is free, booked in the session's own transaction, never more than is usable (T12).

Free is what is usable less the most that others have at any one moment of the time; times are half-open. Whoever books
holds the equipment's row, so two who want the last manikin decide one after the other.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import SQLModel, col, select

from models.base import Record
from models.equipment import Equipment, EquipmentBooking, EquipmentCheck, EquipmentKind, EquipmentState
from models.training import SessionState, TrainingSession
from services import clock, db
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import after_write, before_write

Wanted = Mapping[int, int]
NOTHING: Wanted = {}


@dataclass(frozen=True, slots=True)
class Shortage:
    """More of some equipment wanted than there is: what is usable, and what of it is free at the tightest moment."""

    equipment_id: int
    name: str
    wanted: int
    usable: int
    free: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Equipment as a planner sees it: usable and free at a time, and how much of it the session has already."""

    id: int
    name: str
    kind: EquipmentKind
    usable: int
    free: int
    booked: int


@dataclass(frozen=True, slots=True)
class Taken:
    """So much of the equipment is another session's at that time."""

    equipment_id: int
    number: int
    starts: datetime
    ends: datetime


def free(usable: int, taken: Iterable[Taken], starts: datetime, ends: datetime) -> int:
    """How many are free throughout [starts, ends); below zero where others have more than is usable."""
    there = [one for one in taken if one.starts < ends and one.ends > starts]
    moments = {starts, *(one.starts for one in there if one.starts > starts)}
    return usable - max(sum(one.number for one in there if one.starts <= at < one.ends) for at in moments)


# -- asking ----------------------------------------------------------------------------------------------------------


def offers(actor: Actor, starts: datetime, ends: datetime, session_id: int | None = None) -> list[Offer]:
    """What can be booked for a time, by kind and name; of damaged or retired equipment only what is booked already."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        mine = booked(s, session_id)
        there = s.exec(select(Equipment).where(col(Equipment.state) != EquipmentState.RETIRED)).all()
        known = {db.id_of(row): row for row in there if row.usable > 0 or db.id_of(row) in mine}
        others = taken(s, list(known), starts, ends, session_id)
        found = [_offer(row, others, starts, ends, mine.get(key, 0)) for key, row in known.items()]
    return sorted(found, key=lambda offer: (list(EquipmentKind).index(offer.kind), offer.name))


def _offer(row: Equipment, others: Sequence[Taken], starts: datetime, ends: datetime, mine: int) -> Offer:
    there = free(row.usable, [one for one in others if one.equipment_id == row.id], starts, ends)
    return Offer(db.id_of(row), row.name, EquipmentKind(row.kind), row.usable, max(there, 0), mine)


def of_session(actor: Actor, session_id: int) -> dict[int, int]:
    """{equipment id: number} that the session has booked."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        return booked(s, session_id)


def named(actor: Actor, session_id: int) -> list[tuple[str, int]]:
    """(name, number) of what the session has booked, by name."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        mine = booked(s, session_id)
        return sorted((row.name, mine[key]) for key, row in stock(s, list(mine)).items())


def booked(s: PortalSession, session_id: int | None) -> dict[int, int]:
    mine = select(EquipmentBooking).where(EquipmentBooking.session_id == (session_id or 0))
    return {row.equipment_id: row.number for row in s.exec(mine)}


def taken(
    s: PortalSession, ids: Collection[int], starts: datetime, ends: datetime, session_id: int | None = None
) -> list[Taken]:
    """What sessions of any station have of it within [starts, ends), the cancelled ones aside; one statement."""
    if not ids:
        return []
    booking, planned = (SQLModel.metadata.tables[name] for name in ("equipment_booking", "training_session"))
    asked = (
        columns(booking.c.equipment_id, booking.c.number, planned.c.starts, planned.c.ends)
        .select_from(booking.join(planned, planned.c.id == booking.c.session_id))
        .where(booking.c.equipment_id.in_(ids), booking.c.deleted_at.is_(None), planned.c.deleted_at.is_(None))
        .where(planned.c.starts < ends, planned.c.ends > starts, planned.c.id != (session_id or 0))
        .where(planned.c.state != SessionState.CANCELLED)
    )
    return [Taken(*row) for row in s.connection().execute(asked)]


def stock(s: PortalSession, ids: Collection[int]) -> dict[int, Equipment]:
    return {db.id_of(row): row for row in s.exec(select(Equipment).where(col(Equipment.id).in_(ids)))} if ids else {}


def shortages(
    known: Mapping[int, Equipment], wanted: Wanted, others: Sequence[Taken], starts: datetime, ends: datetime
) -> list[Shortage]:
    """Which of the wanted there is too little of, given what others have."""
    found = []
    for key, number in sorted(wanted.items()):
        row = known[key]
        there = free(row.usable, [one for one in others if one.equipment_id == key], starts, ends)
        if number > there:
            found.append(Shortage(key, row.name, number, row.usable, max(there, 0)))
    return found


def short(
    s: PortalSession, wanted: Wanted, starts: datetime, ends: datetime, session_id: int | None = None
) -> list[Shortage]:
    """Which of the wanted there is too little of; two statements."""
    known = stock(s, list(wanted))
    others = taken(s, list(wanted), starts, ends, session_id)
    return shortages(known, {key: number for key, number in wanted.items() if key in known}, others, starts, ends)


# -- booking ---------------------------------------------------------------------------------------------------------


def hold(s: PortalSession, wanted: Wanted) -> None:
    """Nobody else books any of this until the transaction ends. Raises Invalid for what there is not, or is damaged."""
    if not wanted:
        return
    if min(wanted.values()) < 1:
        raise Invalid({"": "too_small"})
    asked = select(Equipment).where(col(Equipment.id).in_(wanted)).order_by(col(Equipment.id))
    held = s.exec(asked.with_for_update(), execution_options={"populate_existing": True}).all()
    if len(held) < len(wanted):
        raise Invalid({"": "not_found"})
    broken = [row.name for row in held if row.state != EquipmentState.USABLE]
    if broken:
        raise Invalid({"": "equipment_damaged"}, names="、".join(broken))


def book(s: PortalSession, training: TrainingSession, wanted: Wanted) -> None:
    """Inside the transaction that decided it: the session has this equipment and no other."""
    old = {
        row.equipment_id: row
        for row in s.exec(select(EquipmentBooking).where(EquipmentBooking.session_id == training.id))
    }
    for key, row in old.items():
        if key not in wanted:
            row.deleted_at, row.deleted_by = clock.now(), s.actor.account_id
        elif row.number != wanted[key]:
            row.number = wanted[key]
    own: dict[str, Any] = {"session_id": db.id_of(training), "unit_id": training.unit_id}
    s.add_all(EquipmentBooking(equipment_id=key, number=wanted[key], **own) for key in sorted(wanted.keys() - old))
    s.flush()


@before_write("equipment_booking")
def _only_with_its_session(s: PortalSession, given: dict[str, Any], row: Record | None, today: date) -> None:
    """A booking is decided with its session (services/training.py), where clashes and reasons are."""
    raise Invalid({"": "booked_with_session"})


# -- the register ----------------------------------------------------------------------------------------------------


@after_write("equipment_check")
def _newest_check_decides(s: PortalSession, row: Record) -> None:
    """The equipment is in the state in which it was last found."""
    assert isinstance(row, EquipmentCheck)
    mine = select(EquipmentCheck).where(EquipmentCheck.equipment_id == row.equipment_id)
    newest = s.exec(mine.order_by(col(EquipmentCheck.checked_on).desc(), col(EquipmentCheck.id).desc())).first()
    if newest is None:
        return
    equipment = db.lock(s, Equipment, newest.equipment_id)
    if newest.out_of_use > equipment.number:
        raise Invalid({"out_of_use": "too_large"})
    equipment.state, equipment.out_of_use = newest.state, newest.out_of_use
    equipment.next_check_on = newest.next_check_on
    s.flush()


@after_write("equipment")
def _stays_while_booked(s: PortalSession, row: Record) -> None:
    """Equipment that sessions to come have booked does not go to the bin."""
    if row.deleted_at is None:
        return
    if taken(s, [db.id_of(row)], clock.now(), clock.now().replace(year=9000)):
        raise Invalid({"": "equipment_booked"})
