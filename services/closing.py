"""Closing a month of the contract: its figures are kept, its records locked, a correction leaves its trace (feature K8).

Months close in their order once they are over. A leader reopens the newest edition of a month with a reason; what is
then written to its records is an adjustment (services/locked.py), and closing again makes the next edition, while the
ones before stay as they were. Codes: already_closed, close_in_order, month_not_over, not_closed, not_a_month,
period_fixed, reason_missing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import Column, ColumnClause, and_, func, select
from sqlalchemy.schema import Table
from sqlalchemy.sql import visitors
from sqlmodel import col

from models import MEASURES, RECORDS
from models.base import NAME, Record
from models.contract import Contract, Indicator, Per, TargetKind
from models.general import SUFFIX
from models.measures import Facts, Measure
from models.periods import Period
from models.system import AuditEntry, Verb
from models.year import Adjustment, PeriodClose
from services import clock, counting, db, facts, kpi, locked, snapshots
from services.access import SYSTEM, Actor
from services.db import PortalSession
from services.errors import Denied, Invalid, NotFound
from services.figures import Board, Figure
from services.hooks import after_write, before_write

SAME_WRITE = timedelta(seconds=30)
MonthState = Literal["closed", "reopened", "ready", "waiting", "running", "ahead"]


@dataclass(frozen=True, slots=True)
class Edition:
    """One closing of a month; reopened_at is None while it locks."""

    id: int
    number: int
    closed_at: datetime
    closed_by: str
    reopened_at: datetime | None
    reopened_by: str
    reason: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the contract. ready: over, and next to be closed; waiting: over, but an earlier one comes first.

    counts of its newest edition by status; adjustments are those since that edition was reopened.
    """

    first: date
    last: date
    state: MonthState
    editions: tuple[Edition, ...] = ()
    adjustments: int = 0

    @property
    def newest(self) -> Edition | None:
        return self.editions[-1] if self.editions else None


@dataclass(frozen=True, slots=True)
class Year:
    """A contract and its months."""

    contract_id: int
    title: str
    months: tuple[Month, ...]

    def month(self, first: date) -> Month:
        """Raises NotFound where none of its months begins on that day."""
        found = next((month for month in self.months if month.first == first), None)
        if found is None:
            raise NotFound(record="month")
        return found


class Difference(NamedTuple):
    """An indicator that two editions of a month tell differently."""

    before: Figure
    after: Figure


@dataclass(frozen=True, slots=True)
class Change:
    """An adjustment as it is shown. fields: {name: [before, after]} of what it changed, without what tells of a person."""

    record: str
    record_id: int
    title: str
    verb: Verb
    day_before: date | None
    day_after: date | None
    at: datetime
    actor: str
    reason: str
    fields: Mapping[str, Any] = field(default_factory=dict)


# -- reading --------------------------------------------------


def year(actor: Actor, contract_id: int | None = None, today: date | None = None) -> Year:
    """The months of a contract (None: the one that runs) and how each stands. Raises Denied, NotFound."""
    actor.need("read", "indicators")
    day = today or clock.today()
    board = kpi.board(actor, contract_id, day)
    with db.reading(actor) as s:
        editions, adjustments = _editions(s, board.contract_id, whole=actor.units is None), _adjusted(s)
    months: list[Month] = []
    for first, last in Period(board.start, board.end).months:
        known = tuple(editions.get(first, ()))
        state = _state(first, last, day, known, months)
        months.append(Month(first, last, state, known, adjustments.get(known[-1].id, 0) if known else 0))
    return Year(board.contract_id, board.title, tuple(months))


def _state(first: date, last: date, today: date, editions: Sequence[Edition], before: Sequence[Month]) -> MonthState:
    if editions:
        return "reopened" if editions[-1].reopened_at else "closed"
    if today <= last:
        return "running" if first <= today else "ahead"
    return "ready" if all(month.state == "closed" for month in before) else "waiting"


def _editions(s: PortalSession, contract_id: int, *, whole: bool) -> dict[date, list[Edition]]:
    """The counts are of the whole contract, and so only for whoever sees all of it."""
    rows = select(PeriodClose).where(col(PeriodClose.contract_id) == contract_id).order_by(col(PeriodClose.edition))
    found: dict[date, list[Edition]] = {}
    for row in s.execute(rows).scalars():
        counts = Counter(figure["status"] for figure in row.snapshot["figures"]) if whole else {}
        found.setdefault(row.month, []).append(
            Edition(row.id or 0, row.edition, row.closed_at, row.closed_by, row.reopened_at, row.reopened_by,
                    row.reopen_reason, counts)
        )  # fmt: skip
    return found


def _adjusted(s: PortalSession) -> dict[int, int]:
    counted = select(col(Adjustment.closing_id), func.count()).group_by(col(Adjustment.closing_id))
    return dict(tuple(row) for row in s.execute(counted))


def snapshot(actor: Actor, closing_id: int) -> Board:
    """The board as a closing kept it, of every station. Raises Denied, or NotFound where the actor sees only some."""
    with db.reading(actor) as s:
        return snapshots.to_board(_edition(s, actor, closing_id).snapshot)


def adjustments(actor: Actor, closing_id: int) -> list[Change]:
    """What was written to the month's records since this edition was reopened, oldest first. Raises Denied, NotFound."""
    with db.reading(actor) as s:
        _edition(s, actor, closing_id)
        rows = select(Adjustment).where(col(Adjustment.closing_id) == closing_id).order_by(col(Adjustment.id))
        return [
            Change(row.record, row.record_id, row.title, Verb(row.verb), row.day_before, row.day_after, row.at,
                   row.actor, row.reason, _changed(s, actor, row))
            for row in s.execute(rows).scalars()
        ]  # fmt: skip


def _changed(s: PortalSession, actor: Actor, row: Adjustment) -> dict[str, Any]:
    """What the audit says of the same write, which it noted in the same moment."""
    record = RECORDS[row.record]
    if not actor.may("read", record.area) or row.verb != Verb.CHANGE:
        return {}
    near = and_(col(AuditEntry.at) > row.at - SAME_WRITE, col(AuditEntry.at) < row.at + SAME_WRITE)
    mine = and_(col(AuditEntry.record) == row.record, col(AuditEntry.record_id) == row.record_id, near)
    wanted = select(AuditEntry).where(mine, col(AuditEntry.verb) == row.verb, col(AuditEntry.actor) == row.actor)
    entries = sorted(s.execute(wanted).scalars(), key=lambda entry: abs(entry.at - row.at))
    told = {name: change for entry in entries[:1] for name, change in (entry.changes or {}).items()}
    plain = {spec.name for spec in record.own_fields if not (spec.personal or spec.shows(NAME))}
    return {name: change for name, change in told.items() if name in plain}


def _edition(s: PortalSession, actor: Actor, closing_id: int) -> PeriodClose:
    actor.need("read", "indicators")
    row = s.get(PeriodClose, closing_id) if actor.units is None else None
    if row is None:
        raise NotFound(record="period_close")
    return row


def differences(before: Board, after: Board) -> list[Difference]:
    """The indicators whose number, target or status is another; one that only one of them has is none of these."""
    old = {figure.code: figure for figure in before.figures}
    return [
        Difference(old[figure.code], figure)
        for figure in after.figures
        if figure.code in old and _told(old[figure.code]) != _told(figure)
    ]


def _told(figure: Figure) -> tuple[Any, ...]:
    return figure.actual, figure.target, figure.status, figure.numerator, figure.denominator, figure.by_month[-1:]


# -- closing and reopening --------------------------------------------------


def close(
    actor: Actor, contract_id: int, first: date, *, token: str | None = None, today: date | None = None
) -> int:  # fmt: skip
    """Close the month that begins on `first`; returns the closing's id. Of two at once the second is refused.

    Raises Denied, NotFound, Invalid.
    """
    _need(actor)
    with db.unit(actor, token=token) as s:
        locked.alone(s)
        contract = _contract(s, contract_id)
        last = _over(Period(contract.starts, contract.ends), first, today or clock.today())
        row = PeriodClose(
            contract_id=contract_id, month=first, last_day=last, edition=_next_edition(s, contract, first),
            closed_at=clock.now(), closed_by_id=actor.account_id, closed_by=actor.name,
            records=_locks(s, contract_id), snapshot=snapshots.to_document(kpi.board(SYSTEM, contract_id, last)),
        )  # fmt: skip
        s.add(row)
        s.flush()
        return row.id or 0


def reopen(actor: Actor, closing_id: int, reason: str, *, token: str | None = None) -> None:
    """Let the records of a closed month be corrected. Raises Denied, NotFound, Invalid."""
    _need(actor)
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason.strip(), token=token) as s:
        locked.alone(s)
        row = _edition(s, actor, closing_id)
        if row.reopened_at is not None:
            raise Invalid({"": "not_closed"})
        row.reopened_at, row.reopen_reason = clock.now(), reason.strip()
        row.reopened_by_id, row.reopened_by = actor.account_id, actor.name


def _need(actor: Actor) -> None:
    actor.need("approve", "indicators")
    if actor.units is not None:
        raise Denied("other_station")


def _contract(s: PortalSession, contract_id: int) -> Contract:
    row: Contract | None = s.execute(select(Contract).where(col(Contract.id) == contract_id)).scalar_one_or_none()
    if row is None:
        raise NotFound(record="contract")
    return row


def _over(period: Period, first: date, today: date) -> date:
    """The last day of the month, which is over."""
    last = dict(period.months).get(first)
    if last is None:
        raise Invalid({"": "not_a_month"})
    if last >= today:
        raise Invalid({"": "month_not_over"})
    return last


def _next_edition(s: PortalSession, contract: Contract, first: date) -> int:
    closings = select(PeriodClose).where(col(PeriodClose.contract_id) == contract.id)
    newest = {row.month: row for row in s.execute(closings.order_by(col(PeriodClose.edition))).scalars()}
    mine = newest.get(first)
    if mine is not None and mine.reopened_at is None:
        raise Invalid({"": "already_closed"})
    closed = {month for month, row in newest.items() if row.reopened_at is None}
    if any(month < first and month not in closed for month, _ in Period(contract.starts, contract.ends).months):
        raise Invalid({"": "close_in_order"})
    return mine.edition + 1 if mine else 1


# -- what a closing locks --------------------------------------------------


def _locks(s: PortalSession, contract_id: int) -> dict[str, dict[str, list[Any]]]:
    """The record types on which the contract's figures rest: by which days, what else, and asked by what (models/year.py)."""
    indicators = s.execute(select(Indicator).where(col(Indicator.contract_id) == contract_id)).scalars()
    asked = [(*one, row.per == Per.UNIT) for row in indicators for one in _measures(row)]
    return held(contract_id, asked)


def held(contract_id: int, asked: Iterable[tuple[Measure, dict[str, Any], bool]]) -> dict[str, dict[str, list[Any]]]:
    """What a closing keeps of each record type that these measures read; True: told for each station."""
    days: dict[str, set[str]] = defaultdict(set)
    fields: dict[str, set[str]] = defaultdict(set)
    measures: dict[str, list[Any]] = defaultdict(list)
    for measure, args, by_station in asked:
        measured = measure.facts(args, contract_id)
        for name in facts.records_of(measured):
            days[name].update(RECORDS[name].days)
            if [measure.name, args, by_station] not in measures[name]:
                measures[name].append([measure.name, args, by_station])
        for name, day in _chosen_days(measure, args):
            days[name].add(day)
        for name, column in _read(measured):
            if column != "unit_id" or by_station:
                fields[name].add(column)
    found = {name: {"days": sorted(days[name]), "fields": _deciding(name, fields[name])} for name in days}
    return {name: kept | {"measures": measures[name]} for name, kept in found.items() if any(kept.values())}


def _measures(indicator: Indicator) -> Iterator[tuple[Measure, dict[str, Any]]]:
    if counting.waits_for(indicator):
        return
    yield MEASURES[indicator.measure], indicator.args
    if indicator.kind == TargetKind.RATIO:
        yield MEASURES[indicator.of_measure], indicator.of_args


def _chosen_days(measure: Measure, args: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(record type, path) of the day by which an indicator chose to count; a parent's moves with the parent, too."""
    if measure.name.endswith(SUFFIX):
        yield measure.record, args["day"]
        way, _, of_parent = args["day"].rpartition(".")
        if way:
            yield RECORDS[measure.record].field(way).refers_to or "", of_parent


def _read(measured: Facts) -> set[tuple[str, str]]:
    """(record type, column) of all that a measure reads."""
    read = [element for element in visitors.iterate(measured) if isinstance(element, ColumnClause)]
    bases = {base for element in read for base in element.base_columns if isinstance(base, Column)}
    return {(base.table.name, base.name) for base in bases if isinstance(base.table, Table)}


def _deciding(name: str, columns: set[str]) -> list[str]:
    """What of a row a figure may rest on; of an event everything stays in any case."""
    record = RECORDS[name]
    return [] if locked.is_event(record) else sorted(columns & {spec.name for spec in record.own_fields})


@before_write("contract")
def _keep_the_months(s: PortalSession, given: dict[str, Any], row: Record | None, _today: date) -> None:
    """The months that were ever closed stay the contract's, each from the same day, and to the same day unless it was
    opened again: closing it again takes in the days that it won. Else a day could be in no closing."""
    if not isinstance(row, Contract) or (given.get("starts"), given.get("ends")) == (row.starts, row.ends):
        return
    known, months = locked.ever_closed(s, row.id or 0), dict(Period(given["starts"], given["ends"]).months)
    if known and given["starts"] != row.starts:
        raise Invalid({"starts": "period_fixed"})
    if any(month.first not in months for month in known):
        raise Invalid({"ends": "period_fixed"})
    if any(months[month.first] != month.last for month in known if not month.is_reopened):
        raise Invalid({"ends": "reopen_first"})


@after_write("contract")
def _stays_while_it_locks(s: PortalSession, row: Record) -> None:
    """A contract with a closed month does not go to the bin: its months would lock nothing any more."""
    if row.deleted_at is not None and any(not month.is_reopened for month in locked.ever_closed(s, row.id or 0)):
        raise Invalid({"": "months_closed"})
