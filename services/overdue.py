"""Sessions that ended and were never closed: after so many days their owner plans no new ones (feature T11).

The days are the settings of models/waiting.py: `wait.to_close` until it is overdue, `wait.to_close.grave` until it blocks.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import SQLModel, select

from models.system import Setting
from models.waiting import UNFINISHED, WAITING
from services import clock
from services.db import PortalSession

BLOCK = "wait.to_close.grave"


class Unclosed(NamedTuple):
    """A session that its owner left open."""

    id: int
    title: str
    ends: datetime


def granted(s: PortalSession) -> int:
    """How many days after their end sessions may stay open."""
    kept = s.get(Setting, BLOCK)
    return int(kept.value) if kept and kept.value is not None else WAITING["to_close"].grave


def left_open(s: PortalSession, account_id: int, now: datetime | None = None) -> list[Unclosed]:
    """What this account planned, at whichever station, and has not closed in time; the oldest first."""
    planned = SQLModel.metadata.tables["training_session"].c
    before = (now or clock.now()) - timedelta(days=granted(s))
    asked = (
        select(planned.id, planned.title, planned.ends)
        .where(planned.created_by == account_id, planned.ends <= before, planned.deleted_at.is_(None))
        .where(planned.state.in_(UNFINISHED))
        .order_by(planned.ends)
    )
    return [Unclosed(*row) for row in s.connection().execute(asked)]
