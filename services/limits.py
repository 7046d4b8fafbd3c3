"""How often something may be tried: counted in the database, so that all processes count together (rules.md §7 b)."""

from datetime import datetime, timedelta

from sqlmodel import col, func, select

from models.base import now
from models.system import Attempt, Setting
from services import db
from services.access import PUBLIC
from services.db import PortalSession
from services.errors import Denied

WINDOW = timedelta(minutes=15)
HOUR = timedelta(hours=1)
KEPT = timedelta(days=1)
DEFAULTS = {
    "registrations_per_hour": 60,
    "checkins_per_hour": 600,
    "codes_per_hour": 60,
    "verifications_per_hour": 300,
    "quizzes_per_hour": 2000,
    "links_per_hour": 60,
    "proofs_per_hour": 120,
    "feeds_per_hour": 60,
    "quiz_days": 14,
    "feedback_per_hour": 1000,
    "feedback_days": 30,
}


def alone(session: PortalSession, *keys: str) -> None:
    """Let nobody else count these keys until the transaction ends (SQLite's writers are alone once it has begun)."""
    session.connection()
    if not db.is_sqlite():
        for key in keys:
            session.exec(select(func.pg_advisory_xact_lock(func.hashtext(key)))).one()


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


def refuse(key: str, setting: str, moment: datetime) -> None:
    """Raises Denied("too_many") where the tries of the hour are used up; uses none."""
    with db.reading(PUBLIC) as session:
        _refuse(session, key, setting, moment)


def _refuse(session: PortalSession, key: str, setting: str, moment: datetime) -> None:
    recent = select(func.count()).select_from(Attempt).where(Attempt.key == key, Attempt.at > moment - HOUR)
    if session.exec(recent).one() >= allowed(session, setting):
        raise Denied("too_many")


def spend(key: str, setting: str, moment: datetime | None = None) -> None:
    """Use up one of the tries an hour that `setting` allows; raises Denied("too_many") when none is left."""
    moment = moment or now()
    with db.unit(PUBLIC) as session:
        alone(session, key)
        _refuse(session, key, setting, moment)
        count(session, key, moment)


def allowed(session: PortalSession, setting: str) -> int:
    """A limit as an administrator has set it, or its default."""
    kept = session.get(Setting, setting)
    return int(kept.value) if kept and kept.value is not None else DEFAULTS[setting]
