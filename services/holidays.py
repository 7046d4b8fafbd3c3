"""The calendar of public holidays as it is kept in the portal (rules.md §9)."""

from functools import lru_cache

from sqlmodel import select

from models.periods import WorkCalendar
from models.planning import PublicHoliday
from services import db
from services.access import SYSTEM
from services.db import PortalSession
from services.kept import newest


def calendar(s: PortalSession) -> WorkCalendar:
    """Days off and weekend days worked instead; a year without entries is made of plain weeks."""
    days = s.exec(select(PublicHoliday)).all()
    return WorkCalendar(
        frozenset(row.day for row in days if row.off),
        frozenset(row.day for row in days if not row.off),
        frozenset(row.day.year for row in days),
    )


def current() -> WorkCalendar:
    """The same as it stands now, read again only after a holiday was entered or changed."""
    with db.reading(SYSTEM) as session:
        known = newest(session, ["public_holiday"])
    return _kept(known.ids["public_holiday"], known.in_flight)


@lru_cache(maxsize=8)
def _kept(_newest: int, _in_flight: str) -> WorkCalendar:
    with db.reading(SYSTEM) as session:
        return calendar(session)
