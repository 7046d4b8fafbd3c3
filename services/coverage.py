"""Where there are partners, and where there are none: the districts of a city with what is there (feature P8).

The districts are the list "regions", which a hospital extends; an organisation counts where its region holds the
district's name, as the list that a number opens finds it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import RECORDS, RecordType
from models.community import CommunityVisit, HeldState
from models.partners import Agreement, AgreementState, Organisation, OrganisationKind, Stage
from models.people import Person, Volunteer, VolunteerState
from models.words import L
from services import clock, db, options
from services.access import Actor
from services.db import PortalSession
from services.errors import NotFound
from services.kept import kept, newest

Filters = Mapping[str, Any]
DISTRICT, STRAYS = 6, 50
LENGTHS = (12, 9, 6, 4, 2)
"""Digits of a code down to each level, the lowest first (GB/T 2260 and its extension to towns)."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number and the list that it counts."""

    n: int
    record: RecordType
    filters: Filters


@dataclass(frozen=True, slots=True)
class District:
    """One district: `partners` of every kind and stage, and by kind and by stage; volunteers only for who may read them."""

    code: str
    name: L
    partners: Number
    by_kind: dict[OrganisationKind, Number]
    by_stage: dict[Stage, Number]
    agreements: Number
    visits: Number | None
    volunteers: Number | None


@dataclass(frozen=True, slots=True)
class Stray:
    """An organisation that lies in none of the listed districts of any city."""

    id: int
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """The districts of a city, those without a partner first; `strays` are the newest of strays_total."""

    city: str
    cities: dict[str, L]
    districts: list[District]
    strays: list[Stray]
    strays_total: int

    @property
    def blank(self) -> list[District]:
        return [district for district in self.districts if not district.partners.n]


def coverage(actor: Actor, city: str = "", *, today: date | None = None) -> Coverage:
    """The districts of the city with this code, "" for the one with most partners. Raises NotFound, Denied."""
    actor.need("read", "partners")
    today = today or clock.today()
    regions = options.labels("regions")
    cities = _cities(regions)
    with db.reading(actor) as session:
        counted = _counted(session, today)
        best = max(cities, key=lambda code: _sum(counted["partners"], cities[code], regions), default="")
        if city and city not in cities:
            raise NotFound(record="option")
        chosen = city or best
        found = [_district(actor, code, regions[code], counted, today) for code in cities.get(chosen, [])]
        listed = [regions[code].zh for codes in cities.values() for code in codes]
        strays, strays_total = _strays(session, counted["partners"], listed)
    found.sort(key=lambda district: (district.partners.n > 0, -district.partners.n, district.code))
    return Coverage(chosen, {code: regions[code] for code in cities}, found, strays, strays_total)


def _cities(regions: Mapping[str, L]) -> dict[str, list[str]]:
    """{code: the codes of its districts}: whatever has parts as small as districts or smaller."""
    stems = {_stem(code): code for code in regions}
    found: dict[str, list[str]] = {}
    for stem, code in stems.items():
        above = (stem[:length] for length in LENGTHS if length < len(stem))
        parent = next((stems[one] for one in above if one in stems), None)
        if parent and len(stem) >= DISTRICT:
            found.setdefault(parent, []).append(code)
    return found


def _stem(code: str) -> str:
    return code.removesuffix("00").removesuffix("00") if len(code) == DISTRICT else code


# -- counting --------------------------------------------------

Groups = Sequence[tuple[Any, ...]]


def _counted(session: PortalSession, today: date) -> dict[str, Groups]:
    """Rows by what is written as their region, kept until one of the records is written to."""
    return {name: _groups(session, name, records, query(today)) for name, (records, query) in QUERIES.items()}


def _groups(session: PortalSession, name: str, records: tuple[str, ...], query: Any) -> Groups:
    def find() -> Groups:
        return [tuple(row) for row in session.execute(query)]

    key = ("coverage", name, session.actor.units, clock.today())
    return kept(key, newest(session, records), records, find)


def _partners(_today: date) -> Any:
    parts = (col(Organisation.region), col(Organisation.kind), col(Organisation.stage))
    return select(parts[0], func.count(), *parts[1:]).group_by(*parts)


def _agreements(today: date) -> Any:
    return (
        select(col(Organisation.region), func.count())
        .select_from(Agreement)
        .join(Organisation, col(Organisation.id) == col(Agreement.organisation_id))
        .where(col(Agreement.state) == AgreementState.SIGNED)
        .where(col(Agreement.starts) <= today, col(Agreement.ends) >= today)
        .group_by(col(Organisation.region))
    )


def _visits(_today: date) -> Any:
    return (
        select(col(Organisation.region), func.count())
        .select_from(CommunityVisit)
        .join(Organisation, col(Organisation.id) == col(CommunityVisit.organisation_id))
        .where(col(CommunityVisit.state) == HeldState.HELD)
        .group_by(col(Organisation.region))
    )


def _volunteers(_today: date) -> Any:
    return (
        select(col(Person.region), func.count())
        .select_from(Volunteer)
        .join(Person, col(Person.id) == col(Volunteer.person_id))
        .where(col(Volunteer.state) == VolunteerState.ACTIVE)
        .group_by(col(Person.region))
    )


QUERIES: dict[str, tuple[tuple[str, ...], Callable[[date], Any]]] = {
    "partners": (("organisation",), _partners),
    "agreements": (("agreement", "organisation"), _agreements),
    "visits": (("community_visit", "organisation"), _visits),
    "volunteers": (("person", "volunteer"), _volunteers),
}


def _sum(groups: Groups, codes: Sequence[str], regions: Mapping[str, L]) -> int:
    return sum(_in(groups, regions[code].zh) for code in codes)


def _in(groups: Groups, name: str, *parts: Any) -> int:
    """How many have the district's name in their region, and these further parts if any."""
    return sum(row[1] for row in groups if name in row[0] and (not parts or set(parts) <= set(row[2:])))


def _district(actor: Actor, code: str, name: L, counted: Mapping[str, Groups], today: date) -> District:
    def number(what: str, record: str, filters: Filters, *parts: Any) -> Number:
        return Number(_in(counted[what], name.zh, *parts), RECORDS[record], filters)

    here, there = {"region": name.zh}, {"organisation_id.region": name.zh}
    in_force = {"state": AgreementState.SIGNED, "starts": (None, today), "ends": (today, None)}
    may_see = {what: actor.may("read", area) for what, area in (("visits", "community"), ("volunteers", "volunteers"))}
    return District(
        code=code,
        name=name,
        partners=number("partners", "organisation", here),
        by_kind={kind: number("partners", "organisation", here | {"kind": kind}, kind) for kind in OrganisationKind},
        by_stage={stage: number("partners", "organisation", here | {"stage": stage}, stage) for stage in Stage},
        agreements=number("agreements", "agreement", there | in_force),
        visits=number("visits", "community_visit", there | {"state": HeldState.HELD}) if may_see["visits"] else None,
        volunteers=number("volunteers", "volunteer", here | {"state": VolunteerState.ACTIVE})
        if may_see["volunteers"]
        else None,
    )


def _strays(session: PortalSession, partners: Groups, names: Sequence[str]) -> tuple[list[Stray], int]:
    """Organisations whose region holds none of the names, at most 50, and how many there are."""
    lost = {row[0]: 0 for row in partners if not any(name in row[0] for name in names)}
    wanted = select(col(Organisation.id), col(Organisation.name), col(Organisation.region))
    found = wanted.where(col(Organisation.region).in_(lost)).order_by(col(Organisation.id).desc()).limit(STRAYS)
    return [Stray(*row) for row in session.execute(found)], sum(row[1] for row in partners if row[0] in lost)
