"""What an acceptance report says: figures, months, counted records and evidence, all read at one moment (K10, X12)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from models import RECORDS, RecordType
from models.base import LIST, FieldSpec
from models.contract import Counting
from models.words import L
from reports import settled
from reports.editions import WHOLE, Edition, name
from reports.figure_words import period_of
from reports.settled import Settled
from services import attachments, clock, db, feedback, kpi, naming, pace, proofs, store, targets
from services.access import Actor
from services.attachments import File
from services.errors import Invalid
from services.feedback import Satisfaction
from services.figures import Board, Figure, Number, growth, met_of
from services.kpi import ProofRow
from services.store import Row

LISTED = 20_000
NEAR = 1e-6
AMENDMENT = targets.AMENDMENT
TRAINING = RECORDS["training_session"]
MOST_STATIONS = 1000
TOLD = ("choice", "option", "record", "text")
MOST_TOLD = 3
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Month:
    """A contract month: what it added and the value at its end (None while it has not begun), what was due then, and
    what its plan asks for where there is one."""

    first: date
    last: date
    added: Number | None
    total: Number | None
    due: float | None
    plan: Number | None = None


@dataclass(frozen=True, slots=True)
class Amended:
    """A target that was amended by the edition's last day: from which day on, on which ground, how many files prove it."""

    effective_on: date
    before: Number
    after: Number
    reason: str
    document: str
    files: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A counted record: its number in the list, the day on which it counts, what it is, what it adds, its evidence."""

    number: int
    day: date
    kind: L
    title: str
    about: str
    station: str
    n: Number
    files: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file behind a figure, as the index at the end lists it; record_number is None where it proves an amendment."""

    number: int
    code: str
    title: str
    record_number: int | None
    name: str
    size: int
    sha256: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator: its figure at the edition's last day, its months, and the records that it counts.

    added: what the edition's months added, None for the whole period; rows_total: how many records there are, of which
    `rows` are at most LISTED; counted: what all of them add up to; bare: counted records without evidence among `rows`.
    standing: the whole target is due on every day.
    """

    figure: Figure
    added: Number | None
    months: tuple[Month, ...]
    rows: tuple[Listed, ...]
    rows_total: int
    counted: Number
    bare: int
    stations: tuple[tuple[str, Number], ...]
    amendments: tuple[Amended, ...] = ()
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A category with its indicators; `met` of its `quantified` ones are. feedback: what people thought of the training
    sessions that it counts (feature T14), None where it counts none or the reader may not see them."""

    code: str
    name: L
    lines: tuple[Line, ...]
    met: int
    quantified: int
    feedback: Satisfaction | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A whole edition. `months` are the first and last month (from 0) that it is about, None: all."""

    edition: Edition
    name: L
    board: Board
    months: tuple[int, int] | None
    client: str
    supplier: str
    number: str
    moment: datetime
    version: int
    made_by: str
    scope: tuple[str, ...]
    sections: tuple[Section, ...]
    evidence: tuple[Evidence, ...]
    areas: frozenset[str]
    settled: Settled = Settled()

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for section in self.sections for line in section.lines)

    @property
    def met(self) -> int:
        return sum(section.met for section in self.sections)

    @property
    def quantified(self) -> int:
        return sum(section.quantified for section in self.sections)


def gather(
    actor: Actor,
    contract_id: int | None = None,
    edition: Edition = WHOLE,
    as_of: date | None = None,
    told: Told = lambda step, done, total: None,
) -> Report:
    """Everything that the edition says, of one moment and within the actor's stations; names are masked for everybody.

    Raises Denied, NotFound where there is no such contract, Invalid({"edition": code}).
    """
    actor.need("export", "indicators")
    reader = replace(actor, masked=True)
    with db.snapshot() as version:
        moment, day = clock.now(), as_of or clock.today()
        board = kpi.board(reader, contract_id, day)
        last = edition.last_day(period_of(board), day)
        board = board if last == day else kpi.board(reader, board.contract_id, last)
        contract = store.get(reader, RECORDS["contract"], board.contract_id).values
        reading = _Reading(reader, board, edition.months(period_of(board)))
        sections = _sections(reading, edition, told)
        codes = [line.figure.code for section in sections for line in section.lines]
        closed = settled.read(reader, reading.board, reading.months, codes)
    return Report(
        edition, name(edition, board), board, reading.months, contract["client"], contract["supplier"],
        _number(contract), moment, version,
        actor.name, tuple(reading.stations.values()) if actor.units is not None else (), sections,
        tuple(reading.evidence), frozenset(reading.areas | closed.areas), closed,
    )  # fmt: skip


def _number(contract: Mapping[str, Any]) -> str:
    """The contract's number as the parties know it; "" while it is only the key under which the portal made it."""
    code, preset = str(contract["code"]), contract["preset"]
    return "" if preset and code.startswith(preset) else code


def _sections(reading: "_Reading", edition: Edition, told: Told) -> tuple[Section, ...]:
    wanted = [
        (code, name) for code, name in reading.board.categories if edition.which == code or reading.takes_all(edition)
    ]
    if not wanted and not reading.takes_all(edition):
        raise Invalid({"edition": "no_such_edition"})
    made, done = [], 0
    for code, title in wanted:
        figures = [figure for figure in reading.board.figures if figure.category == code]
        lines = []
        for figure in figures:
            told("reading", done, len(reading.board.figures))
            lines.append(reading.line(figure))
            done += 1
        made.append(Section(code, title, tuple(lines), *met_of(figures), reading.feedback(code)))
    return tuple(made)


class _Reading:
    """A report being read: the actor, the board, the months that it is about; the evidence found so far."""

    def __init__(self, actor: Actor, board: Board, months: tuple[int, int] | None) -> None:
        self.actor, self.board, self.months = actor, board, months
        named = store.choices(actor, RECORDS["unit"], size=MOST_STATIONS)
        self.stations = {key: name for key, name in named.items() if actor.units is None or key in actor.units}
        self.evidence: list[Evidence] = []
        self.areas: set[str] = set()
        self.trainings: dict[str, set[int]] = {}

    def takes_all(self, edition: Edition) -> bool:
        return edition.kind != "category"

    def line(self, figure: Figure) -> Line:
        amendments, standing = self.amendments(figure), self.standing(figure)
        proof, total, counted = self.proof(figure)
        listed = self.listed(figure, proof)
        shown = kpi.by_station(self.actor, figure.id, self.board.as_of) if len(self.stations) > 1 else []
        stations = tuple((part.name or "未分站点", part.n) for part in shown)
        return Line(
            figure, added(figure, self.months), months_of(figure, self.board, standing=standing), listed, total, counted,
            sum(row.files == 0 for row in listed), stations if len(stations) > 1 else (), amendments, standing,
        )  # fmt: skip

    def standing(self, figure: Figure) -> bool:
        """Whether all of it is due on every day: asked only where the board says that it is today."""
        if figure.kind != "at_least" or figure.expected is None or figure.target is None:
            return False
        whole = abs(figure.expected - float(figure.target)) < NEAR
        return whole and proofs.how(self.actor, figure.id).counting == Counting.STANDING

    def amendments(self, figure: Figure) -> tuple[Amended, ...]:
        """What changed the target by the edition's last day; the files that prove it go into the index."""
        if not figure.amendments:
            return ()
        told = {one.effective_on: one for one in targets.history(self.actor, figure.id)}
        rows = [(change, told[change.effective_on]) for change in figure.amendments]
        if any(row.files for _, row in rows):
            self.areas.add(AMENDMENT.area)
            for file in attachments.of_many(self.actor, AMENDMENT, [row.id for _, row in rows]):
                (title,) = (f"目标变更 {row.effective_on} {row.document}" for _, row in rows if row.id == file.of)
                self.index(figure, None, title.strip(), file)
        return tuple(
            Amended(change.effective_on, change.before, change.after, row.reason, row.document, len(row.files))
            for change, row in rows
        )

    def index(self, figure: Figure, record_number: int | None, title: str, file: File) -> None:
        number = len(self.evidence) + 1
        self.evidence.append(
            Evidence(number, figure.code, title, record_number, file.name, file.size, file.sha256, file.created_at)
        )

    def proof(self, figure: Figure) -> tuple[list[ProofRow], int, Number]:
        """The counted records, oldest first, how many there are, and their sum; of a stock its newest in the months."""
        if self.months is None:
            months: Sequence[int | None] = [None]
        else:
            first, last = self.months
            started = period_of(self.board).months_started(self.board.as_of)
            months = range(max(first, last if figure.is_stock else first), min(last + 1, started))
        parts = [kpi.rows(self.actor, figure.id, self.board.as_of, month=month, size=LISTED) for month in months]
        rows = sorted((row for part in parts for row in part.rows), key=lambda row: (row.day, row.record, row.ref))
        held = self.trainings.setdefault(figure.category, set())
        held.update(row.ref for row in rows if row.record == TRAINING.name)
        counted = sum(float(part.counted) for part in parts)
        return rows[-LISTED:], sum(part.rows_total for part in parts), _plain(counted)

    def feedback(self, category: str) -> Satisfaction | None:
        """What people thought of the training sessions that the category's lines have counted."""
        held = self.trainings.get(category)
        if not held or not self.actor.may("read", TRAINING.area):
            return None
        self.areas.add(TRAINING.area)
        return feedback.of_sessions(self.actor, held)

    def listed(self, figure: Figure, proof: Sequence[ProofRow]) -> tuple[Listed, ...]:
        keys: dict[str, list[int]] = {}
        for row in proof:
            keys.setdefault(row.record, []).append(row.ref)
        shown = {record: self.described(RECORDS[record], ids) for record, ids in keys.items()}
        files = self.files(figure, proof, shown)
        return tuple(
            Listed(
                number, row.day, RECORDS[row.record].label, *shown[row.record].get(row.ref, (f"#{row.ref}", "")),
                self.stations.get(row.station or 0, ""), row.n, files.get((row.record, row.ref), 0),
            )
            for number, row in enumerate(proof, 1)
        )  # fmt: skip

    def described(self, record: RecordType, keys: Iterable[int]) -> dict[int, tuple[str, str]]:
        """{id: title and a few words} of the records that the actor may read."""
        if not self.actor.may("read", record.area):
            return {}
        self.areas.add(record.area)
        specs = told_of(record)
        names = [*([record.title] if record.title in record.by_name else []), *(spec.name for spec in specs)]
        found: dict[int, tuple[str, str]] = {}
        for part in naming.parts(set(keys)):
            rows = store.some(self.actor, record, part, names)
            found |= {key: (row.title, _about(row, specs)) for key, row in rows.items()}
        return found

    def files(
        self, figure: Figure, proof: Sequence[ProofRow], shown: dict[str, dict[int, tuple[str, str]]]
    ) -> dict[tuple[str, int], int]:
        """How many files each record has; they go into the index, a record's at its first row."""
        numbers: dict[tuple[str, int], int] = {}
        for number, row in enumerate(proof, 1):
            numbers.setdefault((row.record, row.ref), number)
        counts: dict[tuple[str, int], int] = {}
        found = [
            (numbers[record, file.of], record, file)
            for record, named in shown.items()
            if named
            for file in attachments.of_many(self.actor, RECORDS[record], named)
        ]
        for at, record, file in sorted(found, key=lambda item: (item[0], item[2].id)):
            counts[record, file.of] = counts.get((record, file.of), 0) + 1
            self.index(figure, at, shown[record][file.of][0], file)
        return counts


def told_of(record: RecordType) -> list[FieldSpec]:
    """The fields that describe a record in a list beside its title: a few of those of its own list, none personal."""
    usable = [
        spec
        for spec in record.fields
        if spec.shows(LIST) and spec.kind in TOLD and not spec.personal and spec.name != record.title
    ]
    return usable[:MOST_TOLD]


def _about(row: Row, specs: Sequence[FieldSpec]) -> str:
    titled = row.title.split(" · ")
    words = (row.show(spec.name) for spec in specs)
    return " · ".join(word for word in words if word and word not in titled)


def months_of(figure: Figure, board: Board, *, standing: bool = False) -> tuple[Month, ...]:
    """Every contract month with what it added, the value at its end, what was due by then, and its plan; a ratio adds up
    to none."""
    if figure.status == "waiting":
        return ()
    period = period_of(board)
    added, totals = _by_month(figure)
    rest = [None] * (len(period.months) - len(added))
    plan = figure.plan or (None,) * len(period.months)
    return tuple(
        Month(first, last, value, total, due_on(figure, board, last, standing=standing), planned)
        for (first, last), value, total, planned in zip(
            period.months, [*added, *rest], [*totals, *rest], plan, strict=True
        )
    )


def added(figure: Figure, months: tuple[int, int] | None) -> Number | None:
    """What the edition's months added; of a monthly duty, in how many of them there is a record."""
    if months is None or figure.status == "waiting" or figure.kind == "ratio":
        return None
    part = slice(months[0], months[1] + 1)
    if figure.kind == "ongoing":
        return sum(filled is True for filled in figure.months_filled[part])
    return _plain(sum(_by_month(figure)[0][part]))


def _by_month(figure: Figure) -> tuple[list[Any], list[Any]]:
    """What each started month added, and the value at its end, to the last digit."""
    values: list[Any] = list(figure.by_month)
    if figure.kind == "ratio":
        return values, [None] * len(values)
    return growth(figure), values if figure.is_stock else list(accumulate(values))


def due_on(figure: Figure, board: Board, day: date, *, standing: bool = False) -> float | None:
    """What the pace asks for at the end of a day, by plan and amendments as the board's does; None where it asks nothing."""
    if figure.kind != "at_least" or figure.target is None or figure.expected is None:
        return None
    if standing:
        return float(figure.target)
    return pace.expected(figure.target, period_of(board), day, figure.plan or None, figure.amendments)


def _plain(value: Any) -> Number:
    return int(value) if value == int(value) else value  # type: ignore[no-any-return]
