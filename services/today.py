"""What a person has to do now: the numbers that matter to their roles, and the list of what waits, oldest first (X10).

A number and the list behind it are one query, the same that the module concerned shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select
from sqlmodel import col

from models.system import Role
from models.training import SessionState, TrainingSession
from services import clock, db, partners, rescue, store, volunteers
from services.access import Actor, Verb
from services.db import PortalSession

SHOWN = 50
NUMBERS = 4


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: due on a day, overdue in days (0 while there is time); page and query lead to where it is done.

    kind "approvals" and "certificates" stand for all that wait, detail["count"] of them; id is None then.
    """

    kind: str
    record: str
    id: int | None
    title: str
    due: date
    overdue: int
    page: str
    query: Mapping[str, Any]
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Number:
    """How many there are of a kind (counted up to store.CAP), and the day of the first of them."""

    kind: str
    count: int
    first: date | None
    page: str
    query: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Today:
    """A person's work at this moment."""

    numbers: list[Number]
    items: list[Item]


class Moment(NamedTuple):
    """The local day and the time."""

    today: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Pile:
    """How many wait, the first of them as items, and what their page is asked to show of them."""

    count: int
    items: list[Item]
    query: Mapping[str, Any] = field(default_factory=dict)


class Kind(NamedTuple):
    """A kind of work: who it concerns, and where its list is."""

    verb: Verb
    area: str
    page: str
    pile: Callable[[PortalSession, Moment], Pile]


def work(actor: Actor, today: date | None = None, now: datetime | None = None) -> Today:
    """What waits for this person, as far as their roles may act or read."""
    moment = Moment(today or clock.today(), now or clock.now())
    with db.reading(actor) as session:
        piles = {name: kind.pile(session, moment) for name, kind in KINDS.items() if actor.may(kind.verb, kind.area)}
    items = [item for pile in piles.values() for item in pile.items]
    return Today(
        [_number(name, piles[name]) for name in _mattering(actor, list(piles))],
        sorted(items, key=lambda item: (item.due, item.kind, item.id or 0)),
    )


def _number(name: str, pile: Pile) -> Number:
    first = pile.items[0].due if pile.items else None
    return Number(name, pile.count, first, KINDS[name].page, pile.query)


def _mattering(actor: Actor, names: list[str]) -> list[str]:
    wanted = [name for role in actor.roles for name in MATTERS.get(role, ())] + names
    return [name for name in dict.fromkeys(wanted) if name in names][:NUMBERS]


def _count(session: PortalSession, statement: Select[*tuple[Any, ...]]) -> int:
    inner = statement.order_by(None).limit(store.CAP).subquery()
    return int(session.execute(select(func.count()).select_from(inner)).scalar_one())


def _overdue(due: date, today: date) -> int:
    return max((today - due).days, 0)


# -- the kinds --------------------------------------------------


def _approvals(session: PortalSession, _moment: Moment) -> Pile:
    statement = volunteers.waiting()
    count = _count(session, statement)
    if not count:
        return Pile(0, [])
    first = session.execute(statement.limit(1)).scalar_one()
    item = Item("approvals", "volunteer", None, "", first, 0, "approvals", {}, {"count": count, "first": first})
    return Pile(count, [item])


def _certificates(session: PortalSession, moment: Moment) -> Pile:
    statement = rescue.expiring_query(moment.today)
    count = _count(session, statement)
    if not count:
        return Pile(0, [])
    first = session.execute(statement.limit(1)).scalars().one().expires_on
    detail = {"count": count, "first": first, "days_left": (first - moment.today).days}
    return Pile(count, [Item("certificates", "volunteer_credential", None, "", first, 0, "certificates", {}, detail)])


def _steps(session: PortalSession, moment: Moment) -> Pile:
    statement = partners.steps_query(moment.today)
    steps = [partners.step_of(row, moment.today) for row in session.execute(statement.limit(SHOWN))]
    items = [
        Item(
            "next_steps", "interaction", step.interaction_id, step.organisation, step.due, max(step.overdue, 0),
            "organisation", {"id": step.organisation_id}, {"step": step.step, "owner": step.owner},
        )
        for step in steps
    ]  # fmt: skip
    return Pile(_count(session, statement), items)


def _agreements(session: PortalSession, moment: Moment) -> Pile:
    statement = partners.ending_query(moment.today)
    endings = [partners.ending_of(row, moment.today) for row in session.execute(statement.limit(SHOWN))]
    items = [
        Item(
            "agreements", "agreement", one.id, one.organisation, one.ends, 0, "organisation",
            {"id": one.organisation_id}, {"number": one.number, "days_left": one.days_left, "band": one.band},
        )
        for one in endings
    ]  # fmt: skip
    until = moment.today + timedelta(days=partners.REMIND)
    return Pile(_count(session, statement), items, {"f.state": "signed", "f.ends": f"{moment.today}~{until}"})


def sessions_to_close(now: datetime) -> Select[TrainingSession]:
    """Sessions that are over and neither held nor cancelled yet, the longest over first."""
    return (
        select(TrainingSession)
        .where(col(TrainingSession.ends) <= now)
        .where(col(TrainingSession.state).in_((SessionState.DRAFT, SessionState.OPEN, SessionState.CLOSED)))
        .order_by(col(TrainingSession.ends), col(TrainingSession.id))
    )


def _sunday(today: date) -> date:
    return today + timedelta(days=6 - today.weekday())


def sessions_this_week(moment: Moment) -> Select[TrainingSession]:
    """Sessions from now to the end of Sunday, the next first."""
    monday = _sunday(moment.today) + timedelta(days=1)
    return (
        select(TrainingSession)
        .where(col(TrainingSession.ends) > moment.now)
        .where(col(TrainingSession.starts) < clock.from_local(datetime.combine(monday, time())))
        .where(col(TrainingSession.state).in_((SessionState.OPEN, SessionState.CLOSED)))
        .order_by(col(TrainingSession.starts), col(TrainingSession.id))
    )


def _to_close(session: PortalSession, moment: Moment) -> Pile:
    statement = sessions_to_close(moment.now)
    rows = session.execute(statement.limit(SHOWN)).scalars()
    return Pile(_count(session, statement), [_session_item("to_close", row, row.ends, moment) for row in rows])


def _this_week(session: PortalSession, moment: Moment) -> Pile:
    statement = sessions_this_week(moment)
    rows = session.execute(statement.limit(SHOWN)).scalars()
    items = [_session_item("this_week", row, row.starts, moment) for row in rows]
    return Pile(_count(session, statement), items, {"f.starts": f"{moment.today}~{_sunday(moment.today)}"})


def _session_item(kind: str, row: TrainingSession, when: datetime, moment: Moment) -> Item:
    due = clock.local(when).date()
    overdue = _overdue(due, moment.today) if kind == "to_close" else 0
    detail = {"starts": row.starts, "ends": row.ends}
    return Item(kind, "training_session", row.id, row.title, due, overdue, "training_session", {"id": row.id}, detail)


KINDS: dict[str, Kind] = {
    "approvals": Kind("approve", "volunteers", "approvals", _approvals),
    "next_steps": Kind("write", "partners", "steps", _steps),
    "to_close": Kind("write", "training", "training_session", _to_close),
    "this_week": Kind("read", "training", "training_session", _this_week),
    "agreements": Kind("read", "partners", "agreement", _agreements),
    "certificates": Kind("read", "volunteers", "certificates", _certificates),
}

MATTERS: dict[Role, tuple[str, ...]] = {
    Role.COORDINATOR: ("approvals", "this_week", "next_steps", "to_close"),
    Role.BASE_MANAGER: ("this_week", "to_close", "approvals", "certificates"),
    Role.PARTNER_MANAGER: ("next_steps", "agreements", "this_week"),
    Role.STATION_LEAD: ("approvals", "this_week", "next_steps", "agreements"),
    Role.LEADER: ("this_week", "agreements", "certificates"),
}
