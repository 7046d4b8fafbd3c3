"""What stands behind an indicator, record by record: its evidence, where else it counts, documents (features K3, K5)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import FromClause, Select, and_, func, literal, or_, select, union_all
from sqlmodel import col

from models import MEASURES, RECORDS, RecordType
from models.base import DOER
from models.contract import Counting, Indicator, TargetKind
from models.system import Attachment
from models.words import L
from services import clock, counting, facts, kpi, store
from services.access import Actor
from services.db import PortalSession
from services.facts import Feed, Span
from services.figures import Number
from services.kpi import Frame, ProofRow


class Line(NamedTuple):
    """A row behind a number as people read it: what it adds, how many files prove it, which indicators it also counts in.

    title: None where the actor may not read such records; worker: whose work it is; also: codes.
    """

    record: str
    ref: int
    day: date
    n: Number
    title: str | None
    station: str
    worker: str
    files: int
    also: tuple[str, ...]


class Other(NamedTuple):
    """An indicator, as a link to it needs it."""

    id: int
    contract_id: int
    code: str
    name: L


class How(NamedTuple):
    """How an indicator is counted: what feeds it, and the other indicators of the contract that read such records."""

    counting: Counting
    feeds: tuple[Feed, ...]
    sharing: tuple[Other, ...]


class Document(NamedTuple):
    """A document that a deliverable requires, and since when it has been published; `of` names the deliverable."""

    record: str
    ref: int
    name: str
    of: str
    published_on: date | None


def lines(actor: Actor, indicator_id: int, rows: Sequence[ProofRow], as_of: date | None = None) -> list[Line]:
    """The rows with all that is told of them; a few statements, however many rows. Raises Denied or NotFound."""
    wanted: dict[str, list[int]] = {}
    for row in rows:
        wanted.setdefault(row.record, []).append(row.ref)
    with kpi.opened(actor) as s:
        task = kpi.task_of(s, indicator_id, as_of)
        frame = kpi.frame_of(s, task.indicator.contract_id, task.as_of)
        others = [one for one in frame.indicators if one.id != indicator_id]
        also = _codes(others, _holding(s, frame, others, task.as_of, wanted))
        files = _files(s, wanted)
    told = {name: _told(actor, RECORDS[name], refs) for name, refs in wanted.items()}
    stations = dict(task.stations)
    return [_line(row, told[row.record], stations, files, also) for row in rows]


def _line(
    row: ProofRow,
    told: Mapping[int, tuple[str, str]] | None,
    stations: Mapping[int, str],
    files: Mapping[tuple[str, int], int],
    also: Mapping[tuple[str, int], tuple[str, ...]],
) -> Line:
    key = (row.record, row.ref)
    title, worker = (None, "") if told is None else told.get(row.ref, (f"#{row.ref}", ""))
    station = stations.get(row.station or 0, "")
    return Line(*key, row.day, row.n, title, station, worker, files.get(key, 0), also.get(key, ()))


def _told(actor: Actor, record: RecordType, refs: Sequence[int]) -> dict[int, tuple[str, str]] | None:
    """{id: (title, whose work)}; None where the actor may not read such records."""
    if not actor.may("read", record.area):
        return None
    doer = next((spec.name for spec in record.own_fields if spec.shows(DOER)), "")
    title = record.by_name.get(record.title)
    parents = [] if title and title.required else [spec.name for spec in record.fields if spec.kind == "record"]
    wanted = [name for name in (record.title if title else "", *parents, doer) if name]
    found = store.some(actor, record, refs, wanted)
    return {key: (row.title, row.show(doer) if doer else "") for key, row in found.items()}


def _files(s: PortalSession, wanted: Mapping[str, Collection[int]]) -> dict[tuple[str, int], int]:
    """How many attachments each record has, where it has any."""
    if not wanted:
        return {}
    which = [and_(col(Attachment.record) == name, col(Attachment.record_id).in_(refs)) for name, refs in wanted.items()]
    keys = (col(Attachment.record), col(Attachment.record_id))
    counted = select(*keys, func.count()).where(or_(*which), col(Attachment.deleted_at).is_(None)).group_by(*keys)
    return {(record, ref): n for record, ref, n in s.execute(counted)}


# -- where a record counts --------------------------------------------------


def how(actor: Actor, indicator_id: int) -> How:
    """How an indicator is counted; raises Denied or NotFound."""
    with kpi.opened(actor) as s:
        indicator = kpi.task_of(s, indicator_id, None).indicator
        frame = kpi.frame_of(s, indicator.contract_id, clock.today())
    mine = set(frame.sources(indicator))
    others = [one for one in frame.indicators if one.id != indicator_id]
    sharing = tuple(_other(one) for one in others if mine.intersection(frame.sources(one)))
    return How(Counting(indicator.counting), frame.feeds[indicator_id], sharing)


def counts_in(actor: Actor, record: RecordType, key: int) -> list[Other]:
    """The indicators of the contracts that run today in which this very record counts; none without the right to see them.

    Of people who count once, every record counts as evidence, also one that adds nothing.
    """
    if not actor.may("read", "indicators"):
        return []
    today, found = clock.today(), []
    with kpi.opened(actor) as s:
        for contract_id in kpi.in_force(s, today):
            frame = kpi.frame_of(s, contract_id, today)
            held = {which for which, *_ in _holding(s, frame, frame.indicators, today, {record.name: [key]})}
            found += [_other(one) for one in frame.indicators if one.id in held]
    return found


def _other(indicator: Indicator) -> Other:
    return Other(indicator.id or 0, indicator.contract_id, indicator.code, L(indicator.zh, indicator.en))


def _codes(
    indicators: Iterable[Indicator], held: Iterable[tuple[int, str, int]]
) -> dict[tuple[str, int], tuple[str, ...]]:
    """{(record type, id): codes of the indicators that hold it}, in the indicators' order."""
    by_indicator: dict[int, list[tuple[str, int]]] = {}
    for which, record, ref in held:
        by_indicator.setdefault(which, []).append((record, ref))
    found: dict[tuple[str, int], tuple[str, ...]] = {}
    for one in indicators:
        for key in by_indicator.get(one.id or 0, ()):
            found[key] = (*found.get(key, ()), one.code)
    return found


def _holding(
    s: PortalSession, frame: Frame, indicators: Iterable[Indicator], as_of: date, wanted: Mapping[str, Collection[int]]
) -> list[tuple[int, str, int]]:
    """(indicator, record type, id) of every wanted record that an indicator's facts hold: one statement."""
    span = Span.of(frame.period, as_of)
    found = {one.id: {name: wanted[name] for name in frame.sources(one) if name in wanted} for one in indicators}
    parts = [_held(one, span, found[one.id]) for one in indicators if found[one.id]]
    if not parts:
        return []
    c = union_all(*parts).subquery("held").c
    return [(which, record, ref) for which, record, ref in s.execute(select(c.indicator, c.record, c.ref))]


def _held(indicator: Indicator, span: Span, wanted: Mapping[str, Collection[int]]) -> Select[Any]:
    fact = _counted(indicator, span).c
    record = func.coalesce(fact.record, MEASURES[indicator.measure].record)
    which = or_(*(and_(record == name, fact.ref.in_(refs)) for name, refs in wanted.items()))
    columns = (literal(indicator.id).label("indicator"), record.label("record"), fact.ref.label("ref"))
    return select(*columns).where(which).distinct()


def _counted(indicator: Indicator, span: Span) -> FromClause:
    """The facts that hold, of a stock only the newest of each."""
    made = MEASURES[indicator.measure].facts(indicator.args, indicator.contract_id)
    if counting.is_stock(indicator):
        return facts.proof(made, Counting.LATEST, span)
    return facts.holding(made, span, to_the_last=indicator.counting == Counting.STANDING)


# -- documents --------------------------------------------------


def documents(actor: Actor, indicator_id: int, as_of: date | None = None) -> list[Document]:
    """The documents that a deliverable's acceptance takes, those not published yet first; none where none are named."""
    with kpi.opened(actor) as s:
        task = kpi.task_of(s, indicator_id, as_of)
        indicator = task.indicator
        measure = counting.documents_of(indicator)
        if measure is None or indicator.kind != TargetKind.DELIVER:
            return []
        fact = measure.facts(indicator.args, indicator.contract_id).subquery("document").c
        found = s.execute(select(fact.record, fact.ref, fact.day).order_by(fact.ref)).all()
    record = RECORDS[found[0].record] if found else None
    rows = store.some(actor, record, [row.ref for row in found]) if record and actor.may("read", record.area) else {}
    made = [_document(rows.get(ref), name, ref, day, task.as_of) for name, ref, day in found]
    return sorted(made, key=lambda one: one.published_on is not None)


def _document(row: store.Row | None, record: str, ref: int, day: date | None, as_of: date) -> Document:
    published = day if day is not None and day <= as_of else None
    if row is None:
        return Document(record, ref, f"#{ref}", "", published)
    parents = [row.show(name) for name in row.titles if row.values.get(name)]
    return Document(record, ref, row.title, parents[0] if parents else "", published)
