"""A department whole: what we run, promote and win for it, each number that of its list (feature P7; 04.1-04.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from models import RECORDS, RecordType
from models.outreach import PromotionState, TechnologyPromotion
from services import db, store
from services.access import Actor
from services.store import Page, Query

DEPARTMENT = RECORDS["department"]
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Part:
    """The records of one type that belong to a department, newest first, with what a new one begins with."""

    record: RecordType
    filters: Mapping[str, Any]
    page: Page


@dataclass(frozen=True, slots=True)
class Whole:
    """The parts that this actor may read; technologies: how many different ones were promoted, as 04.2 counts them."""

    parts: list[Part]
    technologies: int


def whole(actor: Actor, key: int) -> Whole:
    """A department with its cooperation projects, promotions, partners, charity projects and assistance. NotFound."""
    row = store.get(actor, DEPARTMENT, key)
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("cooperation_project", {"department_id": key}),
        ("technology_promotion", {"department_id": key}),
        ("organisation", {"department": row.values["name"]}),
        ("charity_project", {"department_id": key}),
        ("assistance_service", {"department_id": key}),
    ]
    readable = [(RECORDS[name], filters) for name, filters in wanted if actor.may("read", RECORDS[name].area)]
    return Whole([_part(actor, record, filters) for record, filters in readable], _technologies(actor, key))


def _part(actor: Actor, record: RecordType, filters: dict[str, Any]) -> Part:
    return Part(record, filters, store.rows(actor, record, Query(filters=filters, size=SHOWN, sort=record.sort)))


def _technologies(actor: Actor, key: int) -> int:
    """Spaces and case aside, a name is one technology."""
    name = func.lower(func.replace(TechnologyPromotion.technology, " ", ""))
    mine = col(TechnologyPromotion.department_id) == key, col(TechnologyPromotion.state) == PromotionState.DONE
    with db.reading(actor) as session:
        return int(session.execute(select(func.count(name.distinct())).where(*mine)).scalar_one())
