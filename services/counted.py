"""What closed months count of some rows, told by the measures that their closings asked (feature K8)."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, and_, literal, or_, select

from models import MEASURES, RecordType
from models.measures import Facts
from services import facts

if TYPE_CHECKING:
    from services.db import PortalSession

Month = tuple[date, date]


class Question(NamedTuple):
    """A measure as a contract asked it, its arguments as JSON; by_station: it was told for each station."""

    measure: str
    args: str
    contract_id: int
    by_station: bool


Counts = dict[tuple[int, Month], Counter[tuple[Any, ...]]]


def counted(
    session: "PortalSession", record: RecordType, keys: Sequence[int], question: Question, months: Iterable[Month]
) -> Counts:
    """{(id of a row, month): its facts that hold in the month}, of every station; the id is 0 for the facts of all rows,
    where a measure adds them up."""
    found: Counts = defaultdict(Counter)
    spans = sorted(months)
    for part in facts.parts(_measured(question.measure, question.args, question.contract_id)):
        if record.name in facts.records_of(part):
            wanted = _within(_of_rows(part, record, keys), spans[0][0], max(last for _, last in spans))
            for key, day, until, station, *rest in session.execute(wanted, execution_options={"every_station": True}):
                for first, last in spans:
                    if first <= day <= last if until is None else day <= last and until >= first:
                        held = max(day, first), until and min(until, last)
                        found[key, (first, last)][*held, station if question.by_station else None, *rest] += 1
    return found


@lru_cache(maxsize=500)
def _measured(measure: str, args: str, contract_id: int) -> Facts:
    return MEASURES[measure].facts(json.loads(args), contract_id)


def _of_rows(part: Select[Any], record: RecordType, keys: Sequence[int]) -> Select[Any]:
    own = record.model.__table__.c.id  # type: ignore[attr-defined]
    if not facts.is_plain(part):
        return part.add_columns(literal(0).label("row"))
    return part.add_columns(own.label("row")).where(own.in_(keys))


def _within(part: Select[Any], first: date, last: date) -> Select[Any]:
    fact = part.subquery("fact").c
    lasts = or_(and_(fact.until.is_(None), fact.day >= first), fact.until >= first)
    return select(fact.row, fact.day, fact.until, fact.station, fact.who, fact.n).where(fact.day <= last, lasts)
