"""When volunteers were and are at work: their deployments and shifts, read without the limit of stations (T10, T16).

Nobody is in two places at once, so whoever asks for those who are free must know of every station's duties.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlmodel import col

from models.deployment import Deployment, DeploymentMember
from models.people import Volunteer
from models.service import ServiceShift, ShiftSignup, ShiftState, SignupState
from services import clock
from services.db import PortalSession


def _duties() -> Any:
    """volunteer_id, starts, ends of every deployment and shift that somebody was or is on."""
    member, deployment = DeploymentMember.__table__, Deployment.__table__  # type: ignore[attr-defined]
    signup, shift = ShiftSignup.__table__, ServiceShift.__table__  # type: ignore[attr-defined]
    deployed = (
        select(member.c.volunteer_id, deployment.c.starts, deployment.c.ends)
        .join(deployment, deployment.c.id == member.c.deployment_id)
        .where(member.c.deleted_at.is_(None), deployment.c.deleted_at.is_(None))
    )
    on_shift = (
        select(signup.c.volunteer_id, shift.c.starts, shift.c.ends)
        .join(shift, shift.c.id == signup.c.shift_id)
        .where(signup.c.deleted_at.is_(None), shift.c.deleted_at.is_(None), shift.c.state != ShiftState.CANCELLED)
        .where(signup.c.state.in_((SignupState.SIGNED, SignupState.SERVED)))
    )
    return union_all(deployed, on_shift).subquery("duty")


def at_work(moment: datetime) -> ColumnElement[bool]:
    """Whether a volunteer is on a duty at that moment; one without an end goes on."""
    duty = _duties()
    now = and_(duty.c.starts <= moment, or_(duty.c.ends.is_(None), duty.c.ends > moment))
    return col(Volunteer.id).in_(select(duty.c.volunteer_id).where(now))


def rest(moment: datetime) -> Any:
    """(volunteer_id, last): when each volunteer's last duty began."""
    duty = _duties()
    began = select(duty.c.volunteer_id, func.max(duty.c.starts).label("last")).where(duty.c.starts <= moment)
    return began.group_by(duty.c.volunteer_id).subquery("rest")


def last_days(s: PortalSession, volunteers: Sequence[int], moment: datetime) -> dict[int, date]:
    """The day of the last duty of each of these volunteers who had one."""
    found = rest(moment)
    asked = select(found.c.volunteer_id, found.c.last).where(found.c.volunteer_id.in_(volunteers))
    return {row.volunteer_id: clock.local(row.last).date() for row in s.execute(asked)}
