"""How often something may be tried: counted in the database, so that all processes count together (rules.md §7 b)."""

from datetime import datetime, timedelta

from sqlmodel import col, func, select

from models.base import now
from models.system import Attempt
from services import db, numbers
from services.access import PUBLIC
from services.db import PortalSession
from services.errors import Denied
from services.numbers import Number

WINDOW = timedelta(minutes=15)
HOUR = timedelta(hours=1)
KEPT = timedelta(days=1)


def locked(session: PortalSession, key: str, most: int, moment: datetime) -> bool:
    """Whether `most` tries fell within 15 minutes and the last of them less than 15 minutes ago."""
    newest = select(Attempt.at).where(Attempt.key == key).order_by(col(Attempt.at).desc()).limit(most)
    times = session.exec(newest).all()
    return len(times) == most and moment - times[0] < WINDOW and times[0] - times[-1] <= WINDOW


def count(session: PortalSession, key: str, moment: datetime) -> Attempt:
    """Note one try; tries of this key that no rule asks for any more are dropped."""
    for old in session.exec(select(Attempt).where(Attempt.key == key, Attempt.at < moment - KEPT)):
        session.delete(old)
    attempt = Attempt(key=key, at=moment)
    session.add(attempt)
    return attempt


def forgive(session: PortalSession, key: str, at: datetime | None = None) -> None:
    """Forget the tries of a key; with `at`, only the one of that moment."""
    those = select(Attempt).where(Attempt.key == key)
    for attempt in session.exec(those if at is None else those.where(Attempt.at == at)):
        session.delete(attempt)


def refuse(key: str, most: Number, moment: datetime) -> None:
    """Raises Denied("too_many") where the tries of the hour are used up; uses none."""
    with db.reading(PUBLIC) as session:
        _refuse(session, key, most, moment)


def _refuse(session: PortalSession, key: str, most: Number, moment: datetime) -> None:
    recent = select(func.count()).select_from(Attempt).where(Attempt.key == key, Attempt.at > moment - HOUR)
    if session.exec(recent).one() >= numbers.value(session, most):
        raise Denied("too_many")


def spend(key: str, most: Number, moment: datetime | None = None) -> None:
    """Use up one of the `most` tries an hour; raises Denied("too_many") when none is left."""
    moment = moment or now()
    with db.unit(PUBLIC) as session:
        db.alone(session, key)
        _refuse(session, key, most, moment)
        count(session, key, moment)
