"""What a person has to do now: the numbers that matter to their roles, and the list of what waits, oldest first (X10).

A number and the list behind it are one query. Most kinds are declared in models/waiting.py; here stand those that have
a page of their own, and those that follow from the indicators.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, func, select
from sqlmodel import col

from models import MEASURES, RECORDS, WAITING
from models.base import FieldSpec, RecordType
from models.contract import Indicator
from models.periods import Period
from models.system import Role
from models.waiting import Moment, Waiting
from models.words import L
from services import clock, closing, db, expiry, finding, kpi, overdue, partners, store, volunteers
from services.access import Actor, Verb
from services.db import PortalSession
from services.errors import NotFound
from services.figures import Board, Figure
from services.overdue import Terms
from services.store import Query, Row

SHOWN = 50
NUMBERS = 4


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do, or all that waits of a kind (id None): page and query lead to where it is done.

    due is None for what has no day of its own; overdue in days, 0 while there is time.
    """

    kind: str
    record: str
    id: int | None
    title: L
    due: date | None
    overdue: int
    page: str
    query: Mapping[str, Any]
    button: L
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_grave(self) -> bool:
        return bool(self.detail.get("grave", self.overdue))

    @property
    def since(self) -> date | None:
        """The day since when it waits."""
        since: date | None = self.detail.get("since", self.due)
        return since


@dataclass(frozen=True, slots=True)
class Number:
    """How many there are of a kind (counted up to store.CAP), the day of the first of them, and where they all are."""

    kind: str
    label: L
    count: int
    first: date | None
    page: str
    query: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Today:
    """A person's work at this moment; `total` counts the things to do, also those of which no item was made.

    decisions: how many there are of each kind that waits for this person to decide, and of which day the oldest is.
    """

    numbers: list[Number]
    items: list[Item]
    total: int = 0
    decisions: list[Number] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pile:
    """How many of a kind wait, and the first of them as items."""

    count: int
    items: list[Item] = field(default_factory=list)

    @property
    def things(self) -> int:
        return len(self.items) if self.items and self.items[0].id is None else self.count


@dataclass(frozen=True, slots=True)
class Desk:
    """What the piles are made of: the open session, the moment, the figures, the days that are granted, and how
    many items a pile has at most."""

    session: PortalSession
    moment: Moment
    board: Board | None
    sources: Mapping[int, "Source"]
    months: tuple[closing.Month, ...]
    terms: Terms
    size: int = SHOWN


class Source(NamedTuple):
    """Where an indicator's records are entered: their type, and the values that make a new one count."""

    record: RecordType
    day: str
    values: Mapping[str, Any]


class Kind(NamedTuple):
    """A kind of work: who it concerns, what it is called, where its list is, its items when there are so many of it, and
    the statement whose rows are counted (None: there are as many as items)."""

    verb: Verb
    area: str
    label: L
    page: str
    query: Mapping[str, Any]
    items: Callable[[Desk, int], list[Item]]
    rows: Callable[[Desk], Select[Any]] | None = None

    @property
    def is_decision(self) -> bool:
        return self.verb == "approve"


def work(actor: Actor, today: date | None = None, now: datetime | None = None) -> Today:
    """What waits for this person, as far as their roles may act or read."""
    moment = finding.moment(today, now)
    piles = _piles(actor, KINDS, moment)
    items = [item for pile in piles.values() for item in pile.items]
    return Today(
        [_number(name, piles[name]) for name in _mattering(actor, list(piles))],
        sorted(items, key=lambda item: (_urgency(item, moment.today), _rank(item), *_when(item), item.kind)),
        sum(pile.things for pile in piles.values()),
        [_decision(name, pile) for name, pile in piles.items() if KINDS[name].is_decision and pile.count],
    )


def waiting(actor: Actor, kinds: Collection[str], today: date, now: datetime, size: int) -> list[Item]:
    """What waits of these kinds, at most `size` of each, as far as the actor may act or read."""
    piles = _piles(actor, [name for name in KINDS if name in kinds], finding.moment(today, now), size)
    return [item for pile in piles.values() for item in pile.items]


def _piles(actor: Actor, names: Iterable[str], moment: Moment, size: int = 0) -> dict[str, Pile]:
    mine = [name for name in names if actor.may(KINDS[name].verb, KINDS[name].area)]
    board = _board(actor, moment.today) if FROM_FIGURES.intersection(mine) else None
    months = closing.year(actor, board.contract_id, moment.today).months if board else ()
    with db.reading(actor) as session:
        desk = Desk(session, moment, board, _sources(session, board), months, overdue.terms(session), size or SHOWN)
        counts = _counts(desk, [name for name in mine if KINDS[name].rows])
        return {name: _pile(KINDS[name], desk, counts.get(name)) for name in mine}


def _counts(desk: Desk, names: Sequence[str]) -> dict[str, int]:
    """{kind: how many rows wait, counted to store.CAP}, of all kinds in one statement."""
    if not names:
        return {}
    rows = {name: KINDS[name].rows for name in names}
    numbers = [_number_of(make(desk)).label(name) for name, make in rows.items() if make]
    return dict(desk.session.execute(select(*numbers)).one()._mapping)


def _number_of(statement: Select[Any]) -> ScalarSelect[int]:
    return select(func.count()).select_from(statement.order_by(None).limit(store.CAP).subquery()).scalar_subquery()


def _pile(kind: Kind, desk: Desk, count: int | None) -> Pile:
    items = kind.items(desk, count or 0) if count != 0 else []
    return Pile(len(items) if count is None else count, items)


def _urgency(item: Item, today: date) -> int:
    return 0 if item.overdue else 1 if item.due and item.due <= today else 2


def _rank(item: Item) -> int:
    """What takes place, what others wait for, what is to be done, what is to be known."""
    kind = KINDS[item.kind]
    return 0 if item.kind == "this_week" else 1 if kind.is_decision else 2 if kind.verb == "write" else 3


def _when(item: Item) -> tuple[date, datetime]:
    """The day it is due; at which time, where it has one."""
    given = item.detail.get("given")
    return item.due or date.max, given if isinstance(given, datetime) else clock.from_local(datetime(2100, 1, 1))


def _number(name: str, pile: Pile) -> Number:
    kind, first = KINDS[name], pile.items[0].due if pile.items else None
    return Number(name, kind.label, pile.count, first, kind.page, kind.query)


def _decision(name: str, pile: Pile) -> Number:
    """What waits for a decision: where it is opened, a single one itself, and the day since when the oldest waits."""
    days = [item.since for item in pile.items if item.since]
    alone = pile.count == 1 and pile.items[0]
    page, query = (alone.page, alone.query) if alone else (KINDS[name].page, KINDS[name].query)
    return Number(name, KINDS[name].label, pile.count, min(days, default=None), page, query)


def _mattering(actor: Actor, names: list[str]) -> list[str]:
    wanted = [name for role in actor.roles for name in MATTERS.get(role, ())] + names
    return [name for name in dict.fromkeys(wanted) if name in names][:NUMBERS]


def _overdue(due: date, today: date) -> int:
    return max((today - due).days, 0)


# -- kinds whose list is that of their record type --------------------------------------------------


def _query(waiting: Waiting, desk: Desk) -> Query:
    """The list of the record type under the same name, the first due first."""
    return Query(only=waiting.name, at=desk.moment, sort=waiting.due, size=desk.size)


def _listed(waiting: Waiting, desk: Desk, count: int) -> list[Item]:
    """The first rows that the record's list shows under the same name, or one line for all of them."""
    if waiting.together:
        return [_together(waiting, count)]
    rows = store.first(desk.session, waiting.record, _named(waiting), _query(waiting, desk))
    return [_item(waiting, row, desk) for row in rows]


def _together(waiting: Waiting, count: int) -> Item:
    """One line for all of them, which opens their list."""
    title, record = waiting.doing.format(count=count), waiting.record.name
    detail = {"why": waiting.why}
    return Item(waiting.name, record, None, title, None, 0, record, _only(waiting), waiting.button, detail)


def _only(waiting: Waiting) -> dict[str, str]:
    """What the list is asked, to show these rows in this order."""
    return {"only": waiting.name, **({"sort": waiting.due} if waiting.due else {})}


def _named(waiting: Waiting) -> list[FieldSpec]:
    """The fields that the line names, those of its days, and the parent that is opened."""
    wanted = (waiting.due, waiting.since, waiting.opens)
    fields = waiting.record.fields
    return [spec for spec in fields if spec.name in wanted or f"{{{spec.name}}}" in waiting.doing.zh]


def _item(waiting: Waiting, row: Row, desk: Desk) -> Item:
    given, since = row.values[waiting.due], _day(row.values[waiting.since or waiting.due])
    day = _day(given)
    due = day + timedelta(days=desk.terms.days.get(waiting.name, 0))
    names = {language: {n: row.show(n, language) for n in row.values} for language in ("zh", "en")}  # type: ignore[arg-type]
    zh, en = (
        text.format_map(names[language]).rstrip(" ·,") for language, text in zip(names, waiting.doing, strict=True)
    )
    opened = waiting.record.field(waiting.opens).refers_to if waiting.opens else waiting.screen or waiting.record.name
    key = row.values[waiting.opens] if waiting.opens else row.id
    late = _overdue(due, desk.moment.today) if waiting.grows_overdue else 0
    return Item(
        waiting.name, waiting.record.name, row.id, L(zh, en), due, late, opened or "", {"id": key}, waiting.button,
        {"given": given, "since": since, "grave": _is_grave(waiting, day, late, desk)},
    )  # fmt: skip


def _day(given: date | datetime) -> date:
    return clock.local(given).date() if isinstance(given, datetime) else given


def _is_grave(waiting: Waiting, day: date, late: int, desk: Desk) -> bool:
    """Overdue; where the kind has a second term, when that is over too."""
    granted = desk.terms.graves.get(waiting.name, 0)
    return bool(late) and (desk.moment.today - day).days >= granted


# -- kinds with a page of their own --------------------------------------------------


def _approvals(desk: Desk, count: int) -> list[Item]:
    first = desk.session.execute(volunteers.waiting().limit(1)).scalar_one()
    title = L(f"审核 {count} 份志愿者申请", f"Review {count} volunteer applications")
    return [Item("approvals", "volunteer", None, title, first, 0, "approvals", {}, L("去审核", "Review"))]


def _ending(desk: Desk) -> Select[Any]:
    return expiry.ending(desk.session.actor, desk.moment.today)


def _certificates(desk: Desk, count: int) -> list[Item]:
    first = desk.session.execute(_ending(desk).limit(1)).one().ends
    title = L(f"{count} 张证书 90 天内到期", f"{count} certificates end within 90 days")
    button = L("看名单", "See the list")
    return [Item("certificates", "volunteer_credential", None, title, first, 0, "certificates", {}, button)]


def _open_steps(desk: Desk) -> Select[Any]:
    return partners.steps_query(desk.moment.today)


def _steps(desk: Desk, _count: int) -> list[Item]:
    today = desk.moment.today
    steps = [partners.step_of(row, today) for row in desk.session.execute(_open_steps(desk).limit(desk.size))]
    return [
        Item(
            "next_steps", "interaction", step.interaction_id,
            L(f"{step.organisation}：{step.step}", f"{step.organisation}: {step.step}"), step.due, max(step.overdue, 0),
            "organisation", {"id": step.organisation_id}, L("打开单位", "Open"), {"owner": step.owner},
        )
        for step in steps
    ]  # fmt: skip


# -- kinds that follow from the indicators --------------------------------------------------


def _board(actor: Actor, today: date) -> Board | None:
    if not actor.may("read", "indicators"):
        return None
    try:
        return kpi.board(actor, as_of=today)
    except NotFound:
        return None


def _sources(session: PortalSession, board: Board | None) -> dict[int, Source]:
    """Where each indicator's records are entered; none for those that wait for a record type."""
    if board is None:
        return {}
    rows = session.execute(select(Indicator).where(col(Indicator.contract_id) == board.contract_id)).scalars()
    return {row.id or 0: _source(row) for row in rows if not kpi.waits_for(row)}


def _source(row: Indicator) -> Source:
    """An argument that allows one value only (`bases: [emergency_base]`) is that value of the field `base`."""
    measure = MEASURES[row.measure]
    record = RECORDS[measure.record]
    single = {
        name.removesuffix("s"): given[0]
        for name, given in row.args.items()
        if isinstance(given, list) and len(given) == 1
    }
    return Source(
        record, measure.day_field(row.args, row.contract_id), {n: v for n, v in single.items() if n in record.by_name}
    )


def _figures(desk: Desk) -> Iterator[tuple[Figure, Source]]:
    """The indicators that this person can do something about. Of one station alone only what is asked of each station
    can be judged; who answers for the contract sees all of them."""
    actor = desk.session.actor
    for figure in desk.board.figures if desk.board else ():
        source = desk.sources.get(figure.id)
        if source is None or (actor.units is not None and not figure.units):
            continue
        if actor.may("write", source.record.area) or actor.may("approve", "indicators"):
            yield figure, source


def _behind(desk: Desk, _count: int) -> list[Item]:
    lagging = [figure for figure, _ in _figures(desk) if figure.status in ("behind", "at_risk")]
    return [
        Item(
            "behind", "indicator", figure.id, L(f"{figure.code} {figure.name.zh}", f"{figure.code} {figure.name.en}"),
            None, 0, "figure", {"code": figure.code}, L("看指标", "Open"), {"figure": figure, "board": desk.board},
        )
        for figure in sorted(lagging, key=lambda figure: (figure.status, figure.code))
    ]  # fmt: skip


def _gaps(desk: Desk, _count: int) -> list[Item]:
    """Ongoing indicators without a record in a month that is over, or in the one that runs."""
    actor = desk.session.actor
    return [
        _gap(figure, source, month, desk.moment.today)
        for figure, source in _figures(desk)
        if figure.kind == "ongoing" and actor.may("write", source.record.area)
        for month in _empty_months(figure, desk)
    ]


def _months(desk: Desk, _count: int) -> list[Item]:
    """The contract's months that are over and not closed, or were reopened."""
    today = desk.moment.today
    return [
        Item(
            "months", "contract", None, L(f"{month.first:%Y-%m} 月度结账", f"Close the month {month.first:%Y-%m}"),
            month.last, _overdue(month.last, today), "closing", {}, L("去结账", "Close it"),
        )
        for month in desk.months if month.state in ("ready", "waiting", "reopened")
    ]  # fmt: skip


def _empty_months(figure: Figure, desk: Desk) -> list[tuple[date, date]]:
    """Those in which a record can still be entered: a closed month waits for a leader."""
    assert desk.board
    period = Period(desk.board.start, desk.board.end)
    started = (period.months[place] for place in range(period.months_started(desk.moment.today)))
    closed = {month.first for month in desk.months if month.state == "closed"}
    return [
        (first, last) for place, (first, last) in enumerate(started)
        if figure.months_filled[place] is not True and first not in closed
    ]  # fmt: skip


def _gap(figure: Figure, source: Source, month: tuple[date, date], today: date) -> Item:
    """Opens the form of the record that is missing, with a day of that month."""
    first, last = month
    label = source.record.label
    title = L(
        f"补录{label.zh}（{first:%m-%d} 至 {last:%m-%d}）",
        f"Enter the {label.en.lower()} of {first:%m-%d} to {last:%m-%d}",
    )
    presets = {**source.values, **({source.day: min(last, today).isoformat()} if source.day else {})}
    query = {"do": "new", **{f"set.{field}": value for field, value in presets.items()}}
    return Item(
        "gaps", source.record.name, figure.id, title, last, _overdue(last, today), source.record.name, query,
        L("补录", "Enter it"), {"figure": figure},
    )  # fmt: skip


# -- all kinds --------------------------------------------------


def _kind_of(waiting: Waiting) -> Kind:
    verb: Any = waiting.verb
    record = waiting.record

    def rows(desk: Desk) -> Select[Any]:
        return finding.counting(record, _query(waiting, desk))

    listed = (waiting.screen, {}) if waiting.screen else (record.name, _only(waiting))
    return Kind(verb, record.area, waiting.label, *listed, partial(_listed, waiting), rows)


KINDS: dict[str, Kind] = {
    "approvals": Kind("approve", "volunteers", L("待审核志愿者", "Volunteers to approve"), "approvals", {}, _approvals,
                      lambda _desk: volunteers.waiting()),
    "next_steps": Kind("write", "partners", L("要做的下一步", "Next steps"), "steps", {}, _steps, _open_steps),
    "certificates": Kind(
        "read", "volunteers", L("90 天内到期证书", "Certificates ending in 90 days"), "certificates", {}, _certificates, _ending
    ),
    **{waiting.name: _kind_of(waiting) for waiting in WAITING.values()},
    "months": Kind("approve", "indicators", L("待结账的月份", "Months to close"), "today", {"kind": "months"}, _months),
    "gaps": Kind("read", "indicators", L("缺记录的月份", "Months without a record"), "today", {"kind": "gaps"}, _gaps),
    "behind": Kind("read", "indicators", L("落后指标", "Indicators behind"), "today", {"kind": "behind"}, _behind),
}  # fmt: skip

FROM_FIGURES = frozenset({"months", "gaps", "behind"})

MATTERS: dict[Role, tuple[str, ...]] = {
    Role.ADMINISTRATOR: ("approvals", "followups", "to_close", "behind"),
    Role.COORDINATOR: ("approvals", "this_week", "followups", "behind"),
    Role.BASE_MANAGER: ("this_week", "to_close", "approvals", "gaps"),
    Role.PARTNER_MANAGER: ("next_steps", "agreements", "this_week", "behind"),
    Role.HEALTH_STEWARD: ("followups", "assistance", "aid_pay", "this_week"),
    Role.STATION_LEAD: ("approvals", "this_week", "followups", "next_steps"),
    Role.LEADER: ("behind", "months", "agreements", "certificates"),
    Role.AUDITOR: ("this_week", "agreements", "certificates", "qualifications"),
}
