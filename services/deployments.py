"""Deployments: those who were called leave together; their hours are reckoned from when the team left and came back, and
credited to the ledger of hours (feature T16)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import RECORDS
from models.base import Record
from models.deployment import Deployment, DeploymentMember
from models.people import Volunteer
from models.service import HoursSource, ServiceHours
from models.words import L
from services import clock, db, duties, serving_hours, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.hooks import after_write, before_write

DEPLOYMENT, MEMBER, HOURS = (RECORDS[name] for name in ("deployment", "deployment_member", "service_hours"))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
WHOSE = ("deployment_id", "volunteer_id", "hours")
CORRECTED = L("出队记录已更正", "The deployment was corrected")


@before_write("deployment")
def _not_ahead(_s: PortalSession, given: dict[str, Any], _row: Record | None, _today: date) -> None:
    """A log tells what happened: neither day lies ahead."""
    ahead = {name: "moment_future" for name in ("starts", "ends") if given.get(name) and given[name] > clock.now()}
    if ahead:
        raise Invalid(ahead)


@before_write("deployment")
def _corrected(s: PortalSession, given: dict[str, Any], row: Record | None, _today: date) -> None:
    """Other times than before: hours that were the whole of it, or would be more than it, follow them; all are credited anew."""
    if not isinstance(row, Deployment) or (given["starts"], given["ends"]) == (row.starts, row.ends):
        return
    before, after = length_of(row), _length(given["starts"], given["ends"])
    for member in _members(s, db.id_of(row)):
        member.credited_on = None
        if member.hours is not None and (member.hours == before or member.hours > after):
            member.hours = None


@after_write("deployment")
def _ended(s: PortalSession, row: Record) -> None:
    """Those of its people whose hours were left open get them when it ends."""
    if not isinstance(row, Deployment) or row.ends is None or row.deleted_at:
        return
    for member in _members(s, db.id_of(row)):
        if member.hours is None:
            member.hours = length_of(row)
    s.flush()


@before_write("deployment_member")
def _reckon(s: PortalSession, given: dict[str, Any], row: Record | None, _today: date) -> None:
    """Hours that nobody typed are those of the deployment, once it has ended; more than those there cannot be. What is
    told otherwise than before is credited anew."""
    deployment = s.get(Deployment, given.get("deployment_id"))
    if deployment is None or deployment.ends is None:
        return
    length = length_of(deployment)
    if given.get("hours") and given["hours"] > length:
        raise Invalid({"hours": "above_deployment"})
    given["hours"] = given.get("hours") or length
    if row is not None and any(given[name] != getattr(row, name) for name in WHOSE):
        given["credited_on"] = None


def length_of(deployment: Deployment) -> Decimal:
    """Its length in hours, to two decimals; 0 while they are out."""
    return _length(deployment.starts, deployment.ends)


def _length(starts: datetime, ends: datetime | None) -> Decimal:
    return round(Decimal((ends - starts) // MINUTE) / 60, 2) if ends else Decimal(0)


def _members(s: PortalSession, deployment_id: int) -> Sequence[DeploymentMember]:
    mine = select(DeploymentMember).where(col(DeploymentMember.deployment_id) == deployment_id)
    return s.execute(mine.order_by(col(DeploymentMember.id))).scalars().all()


# -- sending out --------------------------------------------------


def send_out(actor: Actor, given: Mapping[str, Any], people: Collection[int], *, token: str | None = None) -> int:
    """Log that these volunteers leave together, all of them or nobody; returns the deployment's id. From then on they
    are on no call list until it ends.

    Raises Denied, and Invalid: those of the deployment's fields, people nobody_goes, on_duty or not_in_reach.
    """
    actor.need("write", "volunteers")
    if not people:
        raise Invalid({"people": "nobody_goes"})
    with db.unit(actor, token=token) as s:
        row = store.write(s, DEPLOYMENT, {"starts": clock.now().replace(second=0, microsecond=0), **given})
        db.alone(s, *(f"volunteer:{who}" for who in sorted(people)))
        if _out(s, people, clock.now()):
            raise Invalid({"people": "on_duty"})
        for who in sorted(set(people)):
            _join(s, row, who)
        return db.id_of(row)


def _join(s: PortalSession, row: Record, who: int) -> None:
    try:
        store.write(s, MEMBER, {"deployment_id": row.id, "volunteer_id": who})
    except Invalid as error:
        raise Invalid({"people": "not_in_reach"}) from error


def on_duty(actor: Actor, people: Collection[int]) -> set[int]:
    """Those of these volunteers who are on a duty, or out, at this moment; of every station's duties."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        return _out(s, people, clock.now())


def _out(s: PortalSession, people: Collection[int], moment: datetime) -> set[int]:
    out = select(col(Volunteer.id)).where(col(Volunteer.id).in_(people), duties.at_work(moment))
    return set(s.execute(out).scalars())


# -- crediting --------------------------------------------------


def credit(actor: Actor, deployment_id: int, *, token: str | None = None) -> int:
    """Enter the hours of those who have not got theirs yet, an entry a day, to be confirmed by a second person. After a
    correction the entries of before are changed to what is true now, and those that have no ground any more are void.

    Returns how many people. Raises Denied, NotFound, Invalid while they are out or where an entry overlaps another.
    """
    actor.need("write", "volunteers")
    with db.unit(actor, token=token) as s:
        deployment: Deployment = db.lock(s, Deployment, deployment_id)
        if deployment.deleted_at:
            raise NotFound(record="deployment", id=deployment_id)
        if deployment.ends is None:
            raise Invalid({"": "deployment_open"})
        members = _members(s, deployment_id)
        waiting = [member for member in members if member.credited_on is None]
        entries = _entries(s, deployment_id)
        gone = {entry.volunteer_id for entry in entries} - _everybody(s, deployment_id)
        serving_hours.take_back(s, [entry for entry in entries if entry.volunteer_id in gone], CORRECTED)
        _forget_credit(s, deployment_id, gone)
        for member in waiting:
            _enter(s, deployment, member, [entry for entry in entries if entry.volunteer_id == member.volunteer_id])
            member.credited_on = clock.today()
        return len(waiting) + len(gone)


def _everybody(s: PortalSession, deployment_id: int) -> set[int]:
    """Its people of every station."""
    mine = select(col(DeploymentMember.volunteer_id)).where(col(DeploymentMember.deployment_id) == deployment_id)
    return set(s.execute(mine, execution_options={"every_station": True}).scalars())


def _forget_credit(s: PortalSession, deployment_id: int, gone: Collection[int]) -> None:
    """Whoever was taken off and is put back gets the hours anew."""
    binned = select(DeploymentMember).where(
        col(DeploymentMember.deployment_id) == deployment_id, col(DeploymentMember.volunteer_id).in_(gone)
    )
    for member in s.execute(binned, execution_options={"with_bin": True}).scalars():
        member.credited_on = None


def _entries(s: PortalSession, deployment_id: int) -> Sequence[ServiceHours]:
    """What stands in the ledger for it."""
    mine = select(ServiceHours).where(col(ServiceHours.deployment_id) == deployment_id)
    return s.execute(mine.where(col(ServiceHours.state).in_(serving_hours.STANDING))).scalars().all()


def _enter(s: PortalSession, deployment: Deployment, member: DeploymentMember, entries: Sequence[ServiceHours]) -> None:
    standing = {entry.served_on: entry for entry in entries}
    wanted = dict(_days(deployment.starts, member.hours or length_of(deployment)))
    serving_hours.take_back(s, [entry for entry in entries if entry.served_on not in wanted], CORRECTED)
    for day, times in wanted.items():
        entry = standing.get(day)
        if entry is not None and entry.times == times:
            continue
        given = {
            "volunteer_id": member.volunteer_id, "activity": deployment.title[:80], "served_on": day, "times": times,
            "place": deployment.place[:80], "content": deployment.outcome[:500], "unit_id": deployment.unit_id,
        }  # fmt: skip
        s.info["step"] = {"source": HoursSource.DEPLOYMENT, "deployment_id": deployment.id}
        store.write(s, HOURS, given, entry)


def _days(starts: datetime, hours: Decimal) -> Iterator[tuple[date, str]]:
    """(day, "HH:MM-HH:MM") of so many hours from there on, cut at midnight of the site."""
    at = clock.local(starts).replace(second=0, microsecond=0, tzinfo=None)
    ends = at + timedelta(minutes=round(hours * 60))
    while at < ends:
        midnight = datetime.combine(at.date() + DAY, time())
        until = min(ends, midnight)
        yield at.date(), f"{at:%H:%M}-{'24:00' if until == midnight else f'{until:%H:%M}'}"
        at = until
