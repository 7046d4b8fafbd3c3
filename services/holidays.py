"""The calendar of public holidays as it is kept in the portal (rules.md §9)."""

from sqlmodel import select

from models.periods import WorkCalendar
from models.planning import PublicHoliday
from services.db import PortalSession


def calendar(s: PortalSession) -> WorkCalendar:
    """Days off and weekend days worked instead; a year without entries is made of plain weeks."""
    days = s.exec(select(PublicHoliday)).all()
    return WorkCalendar(
        frozenset(row.day for row in days if row.off),
        frozenset(row.day for row in days if not row.off),
        frozenset(row.day.year for row in days),
    )
