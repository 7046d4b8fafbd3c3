"""The indicators of a contract, counted from the work records (contracts.md; features K1-K7): board, split, proof.

Nobody types an actual value: an indicator names a measure, a measure is a SELECT of facts (services/facts.py), and
services/counting.py makes its figure from what each day adds (services/summary.py). Figures are kept until one of the
record types behind them is written to.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from zlib import crc32

from sqlalchemy import case, func, select
from sqlmodel import col

from models import MEASURES
from models.contract import Contract, Indicator, ServiceCategory, Unit
from models.periods import Period
from models.words import L
from services import clock, db, targets
from services.access import Actor
from services.counting import Task, blank, count, feeds, proof, records, waits_for
from services.db import PortalSession
from services.errors import NotFound
from services.facts import Feed
from services.figures import Amendment, Board, Figure, Number, number
from services.kept import Kept, Newest, kept, newest
from services.ordering import natural
from services.summary import Compared, Difference, Summaries, store

__all__ = [
    "Frame", "Proof", "ProofRow", "Split", "as_json", "board", "by_station", "compare", "figure", "frame_of", "in_force", "live",
    "opened", "rows", "running", "task_of", "version", "waits_for",
]  # fmt: skip

FRAME = ("contract", "indicator", "service_category", *targets.RECORDS_OF)
STATIONS = ("unit",)
Stations = tuple[tuple[int, str], ...]
SEEN = Kept(100)


class Split(NamedTuple):
    """One station's part of a number; unit_id None is what belongs to no station."""

    unit_id: int | None
    name: str
    n: Number


class ProofRow(NamedTuple):
    """A fact: the record that proves it, the day on which it counts, and what it adds (0: counted by another row)."""

    record: str
    ref: int
    day: date
    n: Number
    who: int | None
    station: int | None


class Proof(NamedTuple):
    """One page of the rows behind a number: `counted` is the sum of n over all `rows_total` rows, on any page."""

    rows: tuple[ProofRow, ...]
    counted: Number
    rows_total: int


@dataclass(frozen=True)
class Frame:
    """A contract with its categories and indicators, their monthly plans and amendments by indicator, as stored."""

    contract: Contract
    categories: tuple[ServiceCategory, ...]
    indicators: tuple[Indicator, ...]
    plans: dict[int, tuple[Number, ...]]
    amendments: dict[int, tuple[Amendment, ...]]

    def task(
        self, s: PortalSession, indicator: Indicator, as_of: date, stations: Stations, summary: Summaries | None = None
    ) -> Task:
        """The indicator to be counted at the end of the day; live without a summary."""
        key = indicator.id or 0
        amendments = tuple(one for one in self.amendments.get(key, ()) if one.effective_on <= as_of)
        plan, behind = self.plans.get(key, ()), self.behind[key]
        return Task(s, indicator, self.period, as_of, stations, plan, amendments, behind, summary)

    @cached_property
    def period(self) -> Period:
        return Period(self.contract.starts, self.contract.ends)

    @cached_property
    def codes(self) -> dict[int, str]:
        """The categories' codes by id."""
        return {category.id or 0: category.code for category in self.categories}

    @cached_property
    def ids(self) -> tuple[int, ...]:
        """The indicators' ids."""
        return tuple(row.id or 0 for row in self.indicators)

    @cached_property
    def behind(self) -> dict[int, tuple[str, ...]]:
        """The record types on which each indicator's figure rests, by the indicator's id."""
        return {row.id or 0: tuple(sorted(records(row).union(STATIONS))) for row in self.indicators}

    @cached_property
    def feeds(self) -> dict[int, tuple[Feed, ...]]:
        """What feeds each indicator's number, by the indicator's id."""
        return {row.id or 0: feeds(row) for row in self.indicators}

    def sources(self, indicator: Indicator) -> tuple[str, ...]:
        """The record types whose rows prove the indicator's number, its own first."""
        return tuple(dict.fromkeys(feed.record for feed in self.feeds[indicator.id or 0]))

    @cached_property
    def records(self) -> frozenset[str]:
        """The record types on which the board rests."""
        return frozenset(FRAME).union(STATIONS, *self.behind.values())


def board(actor: Actor, contract_id: int | None = None, as_of: date | None = None) -> Board:
    """Every indicator of a contract (None: the one that runs) at the end of the day, within the actor's stations.

    Raises Denied, or NotFound where there is no such contract.
    """
    day = as_of or clock.today()
    with opened(actor) as s:
        frame = frame_of(s, contract_id, day)
        figures = _figures(s, frame, frame.indicators, day)
    contract, period = frame.contract, frame.period
    return Board(
        contract_id=contract.id or 0,
        code=contract.code,
        title=contract.title,
        start=period.start,
        end=period.end,
        as_of=day,
        day=period.day_of(day),
        days=period.days,
        categories=tuple((category.code, L(category.zh, category.en)) for category in frame.categories),
        figures=figures,
    )


def period(actor: Actor, as_of: date | None = None) -> Period | None:
    """The period of the contract that runs; None where there is no contract."""
    with opened(actor) as s:
        in_any = s.execute(select(col(Contract.id)).limit(1)).first()
        return frame_of(s, None, as_of or clock.today()).period if in_any else None


def figure(actor: Actor, indicator_id: int, as_of: date | None = None) -> Figure:
    """One indicator at the end of the day, within the actor's stations; raises Denied or NotFound."""
    day = as_of or clock.today()
    with opened(actor) as s:
        frame, indicator = _indicator(s, indicator_id, day)
        return _figures(s, frame, [indicator], day)[0]


def rows(
    actor: Actor,
    indicator_id: int,
    as_of: date | None = None,
    *,
    month: int | None = None,
    unit_id: int | None = None,
    page: int = 0,
    size: int = 50,
) -> Proof:
    """The records behind a number, newest first: of one contract month (from 0) or station, or of all.

    The sum of n is the number shown, of a ratio its numerator, of an ongoing indicator its records. Where people count
    once each, every record shows: the first of each has n = 1. Of a stock the newest snapshot of each (in the month).
    """
    with opened(actor) as s:
        task = task_of(s, indicator_id, as_of)
        if waits_for(task.indicator):
            return Proof((), 0, 0)
        found = proof(task, month)
        if unit_id is not None:
            found = found.where(found.selected_columns.station == unit_id)
        c = found.subquery("found").c
        total, counted = s.execute(select(func.count(), func.sum(c.n)).select_from(c.n.table)).one()
        shown = select(c.ref, c.day, c.n, c.who, c.station, c.record).order_by(c.day.desc(), c.ref.desc(), c.n.desc())
        page_of_rows = s.execute(shown.offset(page * size).limit(size)).all()
    record = MEASURES[task.indicator.measure].record
    return Proof(tuple(_row(record, row) for row in page_of_rows), number(counted), total)


def by_station(actor: Actor, indicator_id: int, as_of: date | None = None) -> list[Split]:
    """The number by station: every station of the actor's, also one with 0, then what belongs to none.

    They add up to the number; somebody who counts once counts where they came first. Raises Denied or NotFound.
    """
    with opened(actor) as s:
        task = task_of(s, indicator_id, as_of)
        if waits_for(task.indicator):
            return []
        c = proof(task).subquery("found").c
        found = {station: number(n) for station, n in s.execute(select(c.station, func.sum(c.n)).group_by(c.station))}
    named = [Split(key, name, found.pop(key, 0)) for key, name in task.stations]
    rest = number(sum(float(n) for n in found.values()))
    return [*named, Split(None, "", rest)] if rest else named


def version(actor: Actor, contract_id: int | None = None) -> int:
    """A number that changes when the contract's board may have changed; one statement, once the board was read here.

    Read it before the board that it stands for: a write in between then shows as a change.
    """
    with opened(actor) as s:
        seen = SEEN.get((db.engine(), contract_id)) if contract_id else None
        found = newest(s, seen or frame_of(s, contract_id, clock.today()).records)
    return max(found.ids.values()) << 32 | crc32(found.in_flight.encode())


def live(actor: Actor, contract_id: int | None = None, as_of: date | None = None) -> tuple[Figure, ...]:
    """The board's figures counted from the records alone, up to that day and with nothing kept: what it has to say."""
    return _alone(actor, contract_id, as_of, lambda _s, _frame: None)


def compare(actor: Actor, contract_id: int | None = None) -> list[Difference]:
    """Where the contract's summary is not what the records say; nothing is stored. Raises Denied or NotFound."""
    found: list[Difference] = []
    _alone(actor, contract_id, None, lambda s, frame: Compared(s, frame.ids, frame.records, found))
    return found


def _alone(
    actor: Actor, contract_id: int | None, as_of: date | None, by: Callable[[PortalSession, Frame], Summaries | None]
) -> tuple[Figure, ...]:
    actor.need("read", "indicators")
    day = as_of or clock.today()
    with db.reading(actor) as s:
        frame, stations = frame_of(s, contract_id, day), _stations(s, newest(s, STATIONS))
        summary = by(s, frame)
        tasks = [frame.task(s, indicator, day, stations, summary) for indicator in frame.indicators]
        return tuple(count(blank(task, frame.codes[task.indicator.category_id]), task) for task in tasks)


def as_json(board: Board) -> list[dict[str, Any]]:
    """The board as `manage.py kpi --json` prints it, names and units in Chinese; a ratio's numbers are percentages."""
    return [_as_json(figure) for figure in board.figures]


def _as_json(figure: Figure) -> dict[str, Any]:
    scale = 100 if figure.kind == "ratio" else 1

    def plain(value: Number | None) -> Number | None:
        return None if value is None else number(round(float(value) * scale, 4))

    return {
        "code": figure.code,
        "name": figure.name.zh,
        "kind": figure.kind,
        "target": plain(figure.target),
        "actual": plain(figure.actual),
        "unit": figure.unit.zh,
        "expected": plain(figure.expected),
        "share": None if figure.share is None else number(round(figure.share, 4)),
        "status": figure.status,
        "months_active": figure.months_active,
        "months_elapsed": figure.months_elapsed,
        "units_met": figure.units_met,
        "units_total": figure.units_total,
        **({} if figure.original_target is None else {"original_target": plain(figure.original_target)}),
    }


@contextmanager
def opened(actor: Actor) -> Iterator[PortalSession]:
    """A read-only view for whoever may read the indicators; the series that were counted in it are stored when it ends.

    Raises Denied.
    """
    actor.need("read", "indicators")
    with db.reading(actor) as s:
        yield s
    store(s.info.get("counted", ()))


def _figures(s: PortalSession, frame: Frame, indicators: Sequence[Indicator], as_of: date) -> tuple[Figure, ...]:
    known = newest(s, frame.records)
    stations = _stations(s, known)
    summary = Summaries(s, frame.ids, frame.records)
    tasks = (frame.task(s, indicator, as_of, stations, summary) for indicator in indicators)
    return tuple(_figure(task, frame, known) for task in tasks)


def _figure(task: Task, frame: Frame, known: Newest) -> Figure:
    indicator, category = task.indicator, frame.codes[task.indicator.category_id]
    scope = task.session.actor.units
    goal = (task.plan, task.amendments)
    key = ("figure", indicator.id, indicator.version, category, task.period, goal, task.as_of, scope)
    return kept(key, known, task.records, lambda: count(blank(task, category), task))


def task_of(s: PortalSession, indicator_id: int, as_of: date | None) -> Task:
    """An indicator to be counted as of the day (None: today); raises NotFound."""
    day = as_of or clock.today()
    frame, indicator = _indicator(s, indicator_id, day)
    return frame.task(s, indicator, day, _stations(s, newest(s, STATIONS)))


def _indicator(s: PortalSession, indicator_id: int, as_of: date) -> tuple[Frame, Indicator]:
    contract_id = s.execute(select(col(Indicator.contract_id)).where(col(Indicator.id) == indicator_id)).scalar()
    if contract_id is None:
        raise NotFound(record="indicator")
    frame = frame_of(s, contract_id, as_of)
    return frame, next(indicator for indicator in frame.indicators if indicator.id == indicator_id)


def frame_of(s: PortalSession, contract_id: int | None, as_of: date) -> Frame:
    """A contract (None: the one that runs on the day) as stored; raises NotFound."""
    known = newest(s, FRAME)
    chosen = contract_id or kept(("running", as_of), known, FRAME, lambda: _running(s, as_of))
    frame = kept(("frame", chosen), known, FRAME, lambda: _load(s, chosen))
    SEEN.put((db.engine(), chosen), frame.records)
    return frame


def running(actor: Actor, as_of: date | None = None) -> list[int]:
    """The contracts in force on the day."""
    actor.need("read", "indicators")
    with db.reading(actor) as s:
        return in_force(s, as_of or clock.today())


def in_force(s: PortalSession, day: date) -> list[int]:
    """The same, in an open session."""
    found = select(col(Contract.id)).where(col(Contract.starts) <= day, col(Contract.ends) >= day)
    return [key or 0 for key in s.execute(found.order_by(col(Contract.id))).scalars()]


def _running(s: PortalSession, as_of: date) -> int:
    """The contract in force on the day; else the one that began last."""
    in_force = case((col(Contract.starts) > as_of, 0), (col(Contract.ends) < as_of, 0), else_=1)
    order = (in_force.desc(), col(Contract.starts).desc(), col(Contract.id).desc())
    found = s.execute(select(col(Contract.id)).order_by(*order).limit(1)).scalar()
    if found is None:
        raise NotFound(record="contract")
    return int(found)


def _load(s: PortalSession, contract_id: int) -> Frame:
    contract = s.execute(select(Contract).where(col(Contract.id) == contract_id)).scalar_one_or_none()
    if contract is None:
        raise NotFound(record="contract")
    of_contract = col(ServiceCategory.contract_id) == contract_id
    categories = s.execute(select(ServiceCategory).where(of_contract).order_by(col(ServiceCategory.code))).scalars()
    indicators = s.execute(select(Indicator).where(col(Indicator.contract_id) == contract_id)).scalars()
    ordered = tuple(sorted(indicators, key=lambda row: _in_order(row.code)))
    plans = targets.plans(s, contract_id, Period(contract.starts, contract.ends))
    return Frame(contract, tuple(categories), ordered, plans, targets.amendments(s, contract_id))


def _in_order(code: str) -> tuple[str, list[int]]:
    """B2 comes before B10, and 02.3 before 10.1."""
    letters = code.rstrip("0123456789.")
    return letters, [int(part) for part in code[len(letters) :].split(".") if part]


def _stations(s: PortalSession, known: Newest) -> Stations:
    """(id, name) of the stations within the actor's scope."""
    units = s.actor.units

    def load() -> Stations:
        found: Iterable[Any] = s.execute(select(col(Unit.id), col(Unit.name)).order_by(col(Unit.id)))
        mine = ((key, name) for key, name in found if units is None or key in units)
        return tuple(sorted(mine, key=lambda station: natural(station[1])))

    return kept(("stations", units), known, STATIONS, load)


def _row(record: str, row: Any) -> ProofRow:
    ref, day, n, who, station, other = row
    return ProofRow(other or record, ref, day, number(n), who, station)
