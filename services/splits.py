"""Where an indicator's number comes from: its parts by any field of its records, by station and month (feature K11)."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import FromClause, and_, func, select
from sqlmodel import col

from models import MEASURES, RECORDS, RecordType
from models.base import DOER, FILTER, LIST, FieldSpec
from models.words import L
from services import counting, facts, kpi, store, values
from services.access import Actor
from services.counting import Task
from services.db import PortalSession
from services.errors import NotFound
from services.facts import Span
from services.figures import Number, number
from services.ordering import natural

STATION, MONTH, TYPE = "station", "month", "type"
LABELS = {STATION: L("站点", "Station"), MONTH: L("月份", "Month"), TYPE: L("记录类型", "Kind of record")}
NOT_FILLED = L("未填写", "Not filled in")
RECENT_DAYS = 28


class Part(NamedTuple):
    """A part of a number: the value that its records share (None: it is not filled in), its name, and how much it is."""

    value: Any
    name: L
    n: Number


class Recent(NamedTuple):
    """What the last `days` days added: four weeks, or fewer at the beginning of the period."""

    n: Number
    days: int


def ways(actor: Actor, indicator_id: int) -> dict[str, L]:
    """{name: label} of everything by which the number can be split: whose work first, then fields, station, month."""
    with kpi.opened(actor) as s:
        task = kpi.task_of(s, indicator_id, None)
        types = kpi.frame_of(s, task.indicator.contract_id, task.as_of).sources(task.indicator)
    found = {TYPE: LABELS[TYPE]} if types[1:] else {}
    if types and actor.may("read", RECORDS[types[0]].area):
        found |= {spec.name: spec.label for spec in sorted(RECORDS[types[0]].own_fields, key=_whose) if _splits(spec)}
    if len(task.stations) > 1:
        found[STATION] = LABELS[STATION]
    return found | {MONTH: LABELS[MONTH]} if types else {}


def whose(actor: Actor, indicator_id: int) -> str:
    """By what the work is shared out: the field that says whose it is, else the station; "" where neither is known."""
    found = ways(actor, indicator_id)
    with kpi.opened(actor) as s:
        record = _record(kpi.task_of(s, indicator_id, None))
    doers = [spec.name for spec in record.own_fields if spec.shows(DOER) and spec.name in found]
    return next(iter(doers), STATION if STATION in found else "")


def recent_from(start: date, as_of: date) -> date:
    """The first of the last four weeks, or of the period."""
    return max(as_of - timedelta(days=RECENT_DAYS - 1), start)


def _whose(spec: FieldSpec) -> bool:
    return not spec.shows(DOER)


def _splits(spec: FieldSpec) -> bool:
    """Whether records share the field's values: no title, no number of its own, nobody's name, not the station."""
    if spec.personal or spec.name in ("unit_id", RECORDS[spec.owner].title) or not spec.shows(LIST | FILTER | DOER):
        return spec.shows(DOER)
    if spec.kind == "text":
        return spec.shows(FILTER | DOER)
    if spec.kind == "record":
        return not RECORDS[spec.refers_to or ""].role_fields and RECORDS[spec.refers_to or ""].area != "contract"
    return spec.kind in ("choice", "option", "flag")


def split(
    actor: Actor, indicator_id: int, by: str, as_of: date | None = None, *, since: date | None = None
) -> list[Part]:
    """The number by a field of its records (or STATION, MONTH, TYPE), the largest first, months in their order.

    The parts add up to the number, of a ratio to its numerator, of an ongoing indicator to its records; since: of the
    records from that day on. Raises NotFound for a field by which it cannot be split, Denied.
    """
    if by not in ways(actor, indicator_id):
        raise NotFound(record="indicator", id=indicator_id)
    if by == STATION and since is None:
        return [_station(part.unit_id, part.name, part.n) for part in kpi.by_station(actor, indicator_id, as_of)]
    with kpi.opened(actor) as s:
        task = kpi.task_of(s, indicator_id, as_of)
        found = _by_value(s, task, by, since)
    if by == MONTH:
        return _by_month(task, found)
    names = _names(actor, task, by, found)
    parts = [Part(value, names(value), n) for value, n in found.items()]
    return sorted(parts, key=lambda part: (-float(part.n), part.value is None, natural(part.name.zh)))


def source(actor: Actor, indicator_id: int) -> RecordType:
    """The record type whose fields the number is split by."""
    with kpi.opened(actor) as s:
        return _record(kpi.task_of(s, indicator_id, None))


def _record(task: Task) -> RecordType:
    """The record type by whose fields the number is split."""
    return RECORDS[counting.feeds(task.indicator)[0].record]


def _by_value(s: PortalSession, task: Task, by: str, since: date | None) -> dict[Any, Number]:
    proof = counting.proof(task).subquery("found")
    c, record = proof.c, _record(task)
    kind = func.coalesce(c.record, MEASURES[task.indicator.measure].record)
    rows: FromClause = proof
    if by in LABELS:
        column = {STATION: c.station, MONTH: c.day, TYPE: kind}[by]
    else:
        rows = proof.outerjoin(record.model, and_(col(record.model.id) == c.ref, kind == record.name))
        column = store.column(record, record.field(by))
    statement = select(column, func.sum(c.n)).select_from(rows).group_by(column)
    found: dict[Any, Number] = {}
    for value, n in s.execute(statement.where(c.day >= since) if since else statement):
        key = None if value == "" else value
        found[key] = number(float(found.get(key, 0)) + float(n or 0))
    return found


def _by_month(task: Task, found: dict[Any, Number]) -> list[Part]:
    months: list[Number] = [0] * task.months
    for day, n in found.items():
        place = task.period.month_of(day) or 0
        months[place] = number(float(months[place]) + float(n))
    firsts = [first for first, _ in task.period.months]
    return [Part(first, L(f"{first:%Y-%m}", f"{first:%Y-%m}"), n) for first, n in zip(firsts, months, strict=False)]


def _station(key: int | None, name: str, n: Number) -> Part:
    return Part(key, L(name, name) if name else L("未分站点", "No station"), n)


def _names(actor: Actor, task: Task, by: str, keys: Iterable[Any]) -> Callable[[Any], L]:
    """What a value is called, in both languages."""
    if by == STATION:
        stations = dict(task.stations)
        return lambda key: _station(key, stations.get(key, ""), 0).name
    if by == TYPE:
        return lambda key: RECORDS[key].label
    spec = _record(task).field(by)
    titles = _titles(actor, spec, [key for key in keys if key is not None])
    full = actor.may("personal", RECORDS[spec.owner].area)
    return lambda key: NOT_FILLED if key is None else _shown(spec, store.safe(spec, key, full), titles)


def _shown(spec: FieldSpec, key: Any, titles: dict[Any, str]) -> L:
    return L(values.show(spec, key, "zh", titles), values.show(spec, key, "en", titles))


def _titles(actor: Actor, spec: FieldSpec, keys: list[Any]) -> dict[Any, str]:
    return store.titles(actor, RECORDS[spec.refers_to], keys) if spec.refers_to else {}


def recent(actor: Actor, indicator_id: int, as_of: date | None = None) -> Recent:
    """What the last four weeks up to the day added to the number, of a stock its change."""
    with kpi.opened(actor) as s:
        task = kpi.task_of(s, indicator_id, as_of)
        if kpi.waits_for(task.indicator):
            return Recent(0, 0)
        span = Span.of(task.period, task.as_of)
        first = recent_from(span.first, span.last)
        made = MEASURES[task.indicator.measure].facts(task.indicator.args, task.indicator.contract_id)
        c = facts.added(made, counting.counting_of(task.indicator), span).subquery("added").c
        added = s.execute(select(func.sum(c.n)).where(c.day >= first)).scalar()
    return Recent(number(added), max((span.last - first).days + 1, 0))
