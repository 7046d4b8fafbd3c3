"""A department whole: what we run, promote and win for it, each number that of its list (feature P7; 04.1-04.3)."""

from dataclasses import dataclass

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
    """The records of one type that belong to a department by this field's value, newest first."""

    record: RecordType
    field: str
    value: int | str
    page: Page


@dataclass(frozen=True, slots=True)
class Whole:
    """The parts that this actor may read; technologies: how many different ones were promoted, as 04.2 counts them."""

    parts: list[Part]
    technologies: int


def whole(actor: Actor, key: int) -> Whole:
    """A department with its cooperation projects, promotions, partners, charity projects and assistance. NotFound."""
    row = store.get(actor, DEPARTMENT, key)
    name = str(row.values["name"])
    wanted: list[tuple[str, str, int | str]] = [
        ("cooperation_project", "department_id", key),
        ("technology_promotion", "department_id", key),
        ("organisation", "department", name),
        ("charity_project", "department_id", key),
        ("assistance_service", "department_id", key),
    ]
    readable = [part for part in wanted if actor.may("read", RECORDS[part[0]].area)]
    return Whole(
        [_part(actor, RECORDS[record], field, value) for record, field, value in readable], _technologies(actor, key)
    )


def _part(actor: Actor, record: RecordType, field: str, value: int | str) -> Part:
    asked = Query(filters={field: [value]}, size=SHOWN, sort=record.sort)
    return Part(record, field, value, store.rows(actor, record, asked))


def _technologies(actor: Actor, key: int) -> int:
    """Spaces and case aside, a name is one technology."""
    name = func.lower(func.replace(TechnologyPromotion.technology, " ", ""))
    mine = col(TechnologyPromotion.department_id) == key, col(TechnologyPromotion.state) == PromotionState.DONE
    with db.reading(actor) as session:
        return int(session.execute(select(func.count(name.distinct())).where(*mine)).scalar_one())
