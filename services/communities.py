"""A demonstration site and a community visit whole: what was done there, and what it counts as (S7; 06.2, 06.3, 06.7)."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import col

from models import RECORDS
from models.community import CommunityVisit, CoordinationMeeting, HeldState, Screening, encounters, visits_held
from services import db, store
from services.access import Actor
from services.deliverables import SITE

VISIT, SCREENING, MEETING = (RECORDS[name] for name in ("community_visit", "screening", "coordination_meeting"))


@dataclass(frozen=True, slots=True)
class SiteWork:
    """What was held at a site: visits, screenings (on its visits too), meetings, and people served, each time."""

    visits: int
    screenings: int
    meetings: int
    served: int


def site_work(actor: Actor, key: int) -> SiteWork:
    """Served: attendances of its visits, and of screenings that belong to no visit. Raises NotFound."""
    store.get(actor, SITE, key)
    of_visits = select(col(CommunityVisit.id)).where(col(CommunityVisit.site_id) == key)
    here = or_(col(Screening.site_id) == key, col(Screening.visit_id).in_(of_visits))
    held_visits = (col(CommunityVisit.site_id) == key, col(CommunityVisit.state) == HeldState.HELD)
    screened, meeting = col(Screening.state) == HeldState.HELD, col(CoordinationMeeting.state) == HeldState.HELD
    apart = select(func.sum(Screening.screened)).where(
        col(Screening.site_id) == key, col(Screening.visit_id).is_(None), screened
    )
    with db.reading(actor) as session:

        def number(statement: Select[Any]) -> int:
            return int(session.execute(statement).scalar() or 0)

        return SiteWork(
            number(select(func.count(col(CommunityVisit.id))).where(*held_visits)),
            number(select(func.count(col(Screening.id))).where(here, screened)),
            number(
                select(func.count(col(CoordinationMeeting.id))).where(col(CoordinationMeeting.site_id) == key, meeting)
            ),
            number(select(func.sum(CommunityVisit.encounters)).where(*held_visits)) + number(apart),
        )


def counts_of_visit(actor: Actor, key: int) -> tuple[int, int]:
    """What one visit adds to the visits (06.3) and to the attendances (06.7), by their own measures. Raises NotFound."""
    store.get(actor, VISIT, key)
    visits, served = visits_held().subquery("visits").c, encounters().subquery("served").c
    with db.reading(actor) as session:
        one = session.execute(select(func.sum(visits.n)).where(visits.ref == key)).scalar() or 0
        other = select(func.sum(served.n)).where(served.ref == key, served.record.is_(None))
        return int(one), int(session.execute(other).scalar() or 0)
