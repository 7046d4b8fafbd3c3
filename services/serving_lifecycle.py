"""Active, dormant or left: the one definition for volunteers and their teams, by which every screen, figure and sheet counts
(feature V11). Whoever served, or joined, within the days of the setting is active; who did neither is dormant."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_
from sqlalchemy import select as columns
from sqlmodel import col

from models.base import Choice
from models.people import TeamMembership, Volunteer, VolunteerState, VolunteerTeam
from models.service import HoursState, ServiceHours
from services import clock, db, serving_numbers
from services.access import Actor
from services.db import PortalSession


class Stage(Choice):
    ACTIVE = "active", "活跃", "Active"
    DORMANT = "dormant", "休眠", "Dormant"
    LEFT = "left", "已退出", "Left"


def stage(gone: ColumnElement[bool], joined: Any, served: Any, since: date) -> ColumnElement[str]:
    """The definition: `gone` says left, `joined` and `served` are days (served may be NULL), `since` begins the window."""
    recent = or_(joined >= since, and_(served.is_not(None), served >= since))
    return case((gone, Stage.LEFT.value), (recent, Stage.ACTIVE.value), else_=Stage.DORMANT.value)


def window(session: PortalSession, on: date) -> date:
    """The first day of the window that ends on that day."""
    return on - timedelta(days=serving_numbers.numbers(session)["dormant_days"])


def _served(on: date) -> Select[Any]:
    last = func.max(col(ServiceHours.served_on))
    return columns(last).where(col(ServiceHours.state) == HoursState.EFFECTIVE, col(ServiceHours.served_on) <= on)


def of_volunteers(session: PortalSession, on: date) -> Select[Any]:
    """(volunteer id, stage, last day of service) of everybody who was ever on the register."""
    served = _served(on).where(col(ServiceHours.volunteer_id) == col(Volunteer.id)).scalar_subquery()
    joined = func.coalesce(col(Volunteer.registered_on), date.min)
    gone = col(Volunteer.state) == VolunteerState.LEFT
    wanted = columns(col(Volunteer.id), stage(gone, joined, served, window(session, on)), served)
    known = (VolunteerState.ACTIVE, VolunteerState.PAUSED, VolunteerState.LEFT)
    return wanted.where(col(Volunteer.state).in_(known), joined <= on).order_by(col(Volunteer.id))


def of_teams(session: PortalSession, on: date) -> Select[Any]:
    """(team id, name, stage, last day on which a member served, members) of every team founded by that day."""
    member = and_(
        col(TeamMembership.team_id) == col(VolunteerTeam.id),
        col(TeamMembership.joined_on) <= on,
        or_(col(TeamMembership.left_on).is_(None), col(TeamMembership.left_on) >= on),
    )
    of_member = col(TeamMembership.volunteer_id) == col(ServiceHours.volunteer_id)
    served = _served(on).join(TeamMembership, of_member).where(member).scalar_subquery()
    members = columns(func.count(col(TeamMembership.id))).where(member).scalar_subquery()
    gone = and_(col(VolunteerTeam.dissolved_on).is_not(None), col(VolunteerTeam.dissolved_on) <= on)
    found = stage(gone, col(VolunteerTeam.founded_on), served, window(session, on))
    wanted = columns(col(VolunteerTeam.id), col(VolunteerTeam.name), found, served, members)
    return wanted.where(col(VolunteerTeam.founded_on) <= on).order_by(col(VolunteerTeam.name))


@dataclass(frozen=True, slots=True)
class Team:
    """How a team stands on a day."""

    id: int
    name: str
    stage: Stage
    last_on: date | None
    members: int


def teams(actor: Actor, on: date | None = None) -> list[Team]:
    """Every team as it stands on that day (today, where none is given)."""
    actor.need("read", "volunteers")
    with db.reading(actor) as session:
        rows = session.execute(of_teams(session, on or clock.today()))
        return [Team(key, name, Stage(found), last, members) for key, name, found, last, members in rows]


def team_counts(actor: Actor, on: date | None = None) -> Mapping[Stage, int]:
    """How many teams are of each stage: counted from the very same rows."""
    found = Counter(team.stage for team in teams(actor, on))
    return {one: found[one] for one in Stage}


def volunteer_counts(actor: Actor, on: date | None = None) -> Mapping[Stage, int]:
    """How many volunteers are of each stage."""
    actor.need("read", "volunteers")
    with db.reading(actor) as session:
        inner = of_volunteers(session, on or clock.today()).order_by(None).subquery()
        kind = inner.c[1]
        found: dict[str, int] = dict(session.execute(columns(kind, func.count()).group_by(kind)).all())  # type: ignore[arg-type]
    return {one: found.get(one.value, 0) for one in Stage}


def stage_of(actor: Actor, volunteer_id: int, on: date | None = None) -> Stage | None:
    """How a volunteer stands; None for an applicant."""
    actor.need("read", "volunteers")
    with db.reading(actor) as session:
        wanted = of_volunteers(session, on or clock.today()).where(col(Volunteer.id) == volunteer_id)
        row = session.execute(wanted).first()
        return Stage(row[1]) if row else None
