"""Sheets of any record type: template, import with its error sheet, export (features X1 and X2; rules.md §8).

An import reads, checks, matches, encrypts and writes out its audit before it takes the write lock; good rows then go in
in one transaction, bad rows come back with the row, the column, the value and the reason.
"""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

from sqlalchemy.exc import IntegrityError

from models import RECORDS, RecordType
from models.base import LONG, FieldSpec
from models.system import Verb
from models.words import L, Language
from services import clock, db, hooks, intake, locked, matching, naming, options, sheets, store, values
from services.access import SYSTEM, Actor
from services.errors import Invalid
from services.intake import Line
from services.kept import Newest
from services.matching import Plan
from services.sheets import Column, Sheet, SheetError, SheetOut
from services.store import Query

SHOWN_PROBLEMS = 1000
CHUNK = 1000
TRIES = 4
CHOICES_SHEET = "可选项"
MANY = ("choices", "options", "links")
BY_NAME = L(
    "写名称或编号；有同名的，在名称后写明是哪一条，如：甲村 · 2026-08-01",
    "By name or number; of several of that name say which, such as: 甲村 · 2026-08-01",
)
REPORT = (L("行号", "Row"), L("列", "Column"), L("值", "Value"), L("原因", "Reason"))

Progress = Callable[[str, int, int], None]
Words = Callable[[str], L]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell or a row was refused: the sheet's row number, the column's heading, the value (masked where it is
    personal), the error code, for a duplicate the row that came first, for a name that several records have an example
    of how to tell which."""

    row: int
    column: L
    value: str
    code: str
    same_as: int = 0
    like: str = ""


@dataclass(slots=True)
class Result:
    """What an import did, or would do, in rows; at most SHOWN_PROBLEMS problems (the error sheet has all)."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored_columns: list[str] = field(default_factory=list)
    committed: bool = False

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("created", "updated", "unchanged", "rejected")}

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _UndoError(Exception):
    """Ends a transaction whose work shall not stay: a dry run, a strict import with a bad row, an outdated plan."""


# -- template --------------------------------------------------


def template(record: RecordType, target: Path | BinaryIO, *, language: Language = "zh") -> None:
    """The sheet to fill in: headings with * where required, hints, lists to pick from, a sheet of what is allowed.

    Raises Invalid({"file": code}) where there is nothing to fill in.
    """
    _need_typed(record)
    offered = {spec.name: _choices(spec, language) for spec in record.sheet_fields}
    columns = [_column(spec, language, offered[spec.name]) for spec in record.sheet_fields]
    sheets.write_sheet(target, [SheetOut(record.label(language), columns)], choices_name=CHOICES_SHEET)


def _need_typed(record: RecordType) -> None:
    if not record.is_typed:
        raise Invalid({"file": "made_by_portal"})


def _column(spec: FieldSpec, language: Language, choices: Sequence[str] = ()) -> Column:
    hint = "\n".join(text(language) for text in (spec.help, BY_NAME if spec.refers_to else None) if text)
    width = 40 if spec.kind == "long" or spec.shows(LONG) else 0
    many = spec.kind in ("choices", "options")
    return Column(spec.label(language), "text", spec.required, hint, choices, width, many)


def _choices(spec: FieldSpec, language: Language) -> list[str]:
    """What may stand in a column, where that is a short closed list."""
    if spec.kind == "flag":
        return [word(language) for word in values.TRUE_FALSE]
    if spec.choices:
        return [member.label(language) for member in spec.choices]
    if spec.options:
        return [label(language) for label in options.labels(spec.options).values()]
    if spec.kind == "record":
        with db.reading(SYSTEM) as session:
            return naming.small(session, RECORDS[spec.refers_to or ""])
    return []


# -- import --------------------------------------------------


def run_import(
    actor: Actor,
    record: RecordType,
    path: Path,
    *,
    dry_run: bool = False,
    strict: bool = False,
    errors: Path | None = None,
    words: Words | None = None,
    progress: Progress = lambda step, done, total: None,
    today: date | None = None,
) -> Result:
    """Bring a sheet into the register: good rows in one transaction, bad ones into the file `errors`.

    An empty cell leaves a stored value as it is; the same sheet again changes nothing. strict: one bad row, and nothing
    goes in. `words` explains error codes. Raises Denied, Invalid({"file": code}) for a file that cannot be read as this
    record's sheet, or where the portal alone makes such records, Busy where others kept writing to the same records.
    """
    actor.need("import", record.area)
    _need_typed(record)
    progress("reading", 0, 1)
    sheet = _sheet(path)
    columns, ignored = intake.columns_of(record, sheet)
    run = _Run(actor, record, today or clock.today(), dry_run, strict, progress)
    with _no_collection():
        lines, plan = run.carry_out(sheet, columns)
    bad = [line for line in lines if line.errors]
    if errors is not None and bad:
        _write_errors(errors, record, sheet, columns, bad, words or (lambda code: L(code, code)))
    progress("done", len(lines), len(lines))
    kept = not (strict and bad)
    problems = (problem for line in bad for problem in _problems(record, sheet, columns, line))
    return Result(
        created=len(plan.creates) * kept, updated=len(plan.changes) * kept, unchanged=plan.unchanged, rejected=len(bad),
        problems=list(islice(problems, SHOWN_PROBLEMS)), ignored_columns=ignored, committed=run.committed,
    )  # fmt: skip


def _sheet(path: Path) -> Sheet:
    try:
        return sheets.read_sheet(path)
    except SheetError as error:
        raise Invalid({"file": error.code}, **error.detail) from error


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of small objects without a cycle among them: looking for cycles would take a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@dataclass(slots=True)
class _Run:
    """One import under way."""

    actor: Actor
    record: RecordType
    today: date
    dry_run: bool
    strict: bool
    progress: Progress
    committed: bool = False

    def carry_out(self, sheet: Sheet, columns: intake.Columns) -> tuple[list[Line], Plan]:
        """Plan and write; planned again where somebody else wrote to the same records in between."""
        for _ in range(TRIES):
            with db.reading(self.actor) as session:
                since = matching.moment(session, self.record)
            lines, plan = self.planned(sheet, columns)
            if hooks.one_by_one(self.record) or self.record.links or self.touches_closed(plan):
                self.write_singly(lines, plan)
                return lines, plan
            if self.dry_run or (self.strict and any(line.errors for line in lines)):
                return lines, plan
            if self.write_at_once(plan, since):
                return lines, plan
        raise db.Busy

    def planned(self, sheet: Sheet, columns: intake.Columns) -> tuple[list[Line], Plan]:
        lines = intake.read_lines(sheet, columns)
        self.progress("checking", 0, len(lines))
        intake.resolve_parents(self.actor, self.record, lines, columns)
        intake.place(self.actor, self.record, lines)
        for start in range(0, len(lines), CHUNK):
            intake.check(self.record, lines[start : start + CHUNK], self.today)
            self.progress("checking", min(start + CHUNK, len(lines)), len(lines))
        self.progress("matching", 0, len(lines))
        return lines, matching.make_plan(self.actor, self.record, lines, self.today)

    def write_at_once(self, plan: Plan, since: Newest) -> bool:
        """All is made ready first, so that the lock is held for the inserts alone; False where the plan is old."""
        total = len(plan.creates) + len(plan.changes)
        self.progress("preparing", 0, total)
        people = plan.people
        humans = db.prepare(self.actor, RECORDS["person"], [someone.values for someone in people])
        late = (*hooks.bulk_columns(self.record), *(["person_id"] if self.record.role_fields else []))
        own = {spec.name for spec in self.record.own_fields if spec.kind != "links"} - {"person_id"}
        cells = [{name: line.clean[name] for name in own if name in line.clean} for line, _ in plan.creates]
        batch = db.prepare(self.actor, self.record, cells, late)
        if not total and not plan.person_changes:
            return True
        self.progress("writing", 0, total)
        planned = False
        with suppress(_UndoError), db.unit(self.actor) as session:
            if matching.stale(session, self.record, since):
                raise _UndoError
            planned = True
            for someone, key in zip(people, db.insert_batch(session, humans), strict=True):
                someone.id = key
            found = dict(hooks.run_bulk(session, self.record, cells, self.today)) if cells else {}
            if self.record.role_fields:
                found["person_id"] = [someone.id for _, someone in plan.creates if someone]
            db.insert_batch(session, batch, found)
            changes, refused = self.completed(session, plan)
            db.bulk_update(session, RECORDS["person"], plan.person_changes)
            db.bulk_update(session, self.record, changes)
            if refused and self.strict:
                raise _UndoError
            self.note(session, plan)
            self.committed = True
        return planned

    def touches_closed(self, plan: Plan) -> bool:
        """Whether a closed month may count otherwise after the changes: then each is tried by itself."""
        names = {name for _, new, _ in plan.own_changes for name in new}
        with db.reading(self.actor) as session:
            return bool(names) and locked.is_read(session, self.record, names)

    def completed(self, session: db.PortalSession, plan: Plan) -> tuple[list[db.Change], bool]:
        """The changes as the record's rules complete them, and whether a rule refused one (its line is bad then)."""
        if not hooks.looks_at(self.record):
            return plan.own_changes, False
        refused: dict[int, dict[str, str]] = {}
        made = []
        people = {id(old): (key, new, old) for key, new, old in plan.person_changes}
        for part in naming.parts(plan.own_changes):
            rows = store.find_all(session, self.record, [key for key, _, _ in part])
            for key, new, old in part:
                said = people[id(old)][1] if id(old) in people else {}
                try:
                    own, human = matching.owned(self.record, self.filled(session, rows[key], {**said, **new}, old))
                    made.append((key, own, old))
                    if human:
                        people[id(old)] = (rows[key].person_id, human, old)
                except Invalid as error:
                    refused[key] = error.fields
            session.expunge_all()
        plan.person_changes = list(people.values())
        plan.drop(refused)
        return made, bool(refused)

    def filled(
        self, session: db.PortalSession, row: Any, new: Mapping[str, Any], old: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A row's new values and what the record's rules fill in beside them. Raises Invalid."""
        whole = {**old, **new}
        hooks.run(session, self.record, whole, row, self.today)
        return {name: whole[name] for name in old if name in new or whole[name] != old[name]}

    def note(self, session: db.PortalSession, plan: Plan) -> None:
        counts = {"created": len(plan.creates), "updated": len(plan.changes), "unchanged": plan.unchanged}
        db.note(session, Verb.IMPORT, self.record.name, None, counts)

    def write_singly(self, lines: Sequence[Line], plan: Plan) -> None:
        """Rows that rules look at one by one (numbering, seats) are written as a form would, each in its savepoint."""
        todo: list[tuple[Line, int | None]] = [(line, None) for line, _ in plan.creates] + list(plan.changes)
        if not todo:
            return
        plan.creates.clear()
        plan.changes.clear()
        with suppress(_UndoError), db.unit(self.actor) as session:
            for done, (line, key) in enumerate(sorted(todo, key=lambda pair: pair[0].number)):
                self.write_one(session, plan, line, key)
                self.progress("writing", done, len(todo))
            if self.dry_run or (self.strict and any(line.errors for line in lines)):
                raise _UndoError
            if plan.creates or plan.changes:
                self.note(session, plan)
            self.committed = True

    def write_one(self, session: db.PortalSession, plan: Plan, line: Line, key: int | None) -> None:
        given = {**line.given, **({} if key else {**intake.import_source(self.record), **_unit(self.record, line)})}
        try:
            with session.begin_nested():
                row = store.find(session, self.record, key) if key else None
                version = store.version_of(session, self.record, row) if key and not self.record.links else None
                row = store.write(session, self.record, given, row, self.today)
                same = version == store.version_of(session, self.record, row)
        except Invalid as error:
            line.refused.update(error.fields)
            return
        except IntegrityError as error:
            line.refused.update(db.taken(error).fields)
            return
        if same:
            plan.unchanged += 1
        elif key:
            plan.changes.append((line, key))
        else:
            plan.creates.append((line, None))


def _unit(record: RecordType, line: Line) -> dict[str, Any]:
    return {"unit_id": line.unit} if record.has_unit and line.unit else {}


# -- what was refused --------------------------------------------------


def _problems(
    record: RecordType, sheet: Sheet, columns: intake.Columns, line: Line, *, full: bool = False
) -> list[Problem]:
    """One for each error of a line, in the order of the columns; the row as a whole last."""
    at = {spec.name: index for index, spec in columns}
    found = []
    for name, code in sorted(line.errors.items(), key=lambda item: at.get(item[0], len(sheet.header))):
        spec = record.by_name.get(name)
        value = sheet.rows[line.index][at[name]] if name in at else ""
        shown = values.mask(spec, value) if spec and spec.personal and not full else value
        same_as = line.same_as if code == "duplicate_in_file" else 0
        like = line.like.get(name, "") if code == "parent_ambiguous" else ""
        label = spec.label if spec else L("整行", "Whole row")
        found.append(Problem(line.number, label, str(shown), code, same_as, like))
    return found


def _write_errors(
    target: Path, record: RecordType, sheet: Sheet, columns: intake.Columns, bad: Sequence[Line], words: Words
) -> None:
    """A sheet with one line for each bad row: its number, the columns, values and reasons, then the row as it was."""

    def rows() -> Iterator[list[str]]:
        for line in bad:
            found = _problems(record, sheet, columns, line, full=True)
            names = "；".join(" / ".join(dict.fromkeys(problem.column)) for problem in found)
            given = "；".join(problem.value for problem in found)
            reasons = "；".join(_reason(problem, words) for problem in found)
            yield [str(line.number), names, given, reasons, *sheet.rows[line.index]]

    headings = [*(label.zh for label in REPORT), *sheet.headings]
    if target.suffix.lower() == ".csv":
        sheets.write_csv(target, headings, rows())
    else:
        sheets.write_sheet(target, [SheetOut("问题", [Column(heading) for heading in headings], rows())])


def _reason(problem: Problem, words: Words) -> str:
    text = reason(words(problem.code), problem.same_as, problem.like)
    return f"{text.zh} / {text.en}"


def reason(text: L, same_as: int, like: str) -> L:
    """Why a cell was refused, with the row that it repeats or a name that would do."""
    if same_as:
        return L(f"{text.zh}（第 {same_as} 行）", f"{text.en} (row {same_as})")
    return L(f"{text.zh}，如“{like}”", f"{text.en}, such as “{like}”") if like else text


# -- export --------------------------------------------------


def export(
    actor: Actor,
    record: RecordType,
    query: Query,
    target: Path | BinaryIO,
    *,
    language: Language = "zh",
    fmt: Literal["xlsx", "csv"] = "xlsx",
    purpose: str = "",
    progress: Progress = lambda step, done, total: None,
) -> int:
    """Write what a list shows, in its order, under the headings of the import (of what the portal itself makes, under
    those of every field); returns how many rows.

    Personal values are masked unless a purpose is given, which needs the right to them; every export is in the audit
    with its purpose and its number of rows. Raises Denied.
    """
    specs = record.export_fields
    with listed(actor, record, query, specs, language=language, purpose=purpose, progress=progress) as (_, rows):
        columns = [_column(spec, language) for spec in specs]
        if fmt == "csv":
            return sheets.write_csv(target, [c.heading + "*" * c.required for c in columns], rows)
        columns = [replace(column, kind=_kind(spec)) for column, spec in zip(columns, specs, strict=True)]
        return sheets.write_sheet(target, [SheetOut(record.label(language), columns, rows)])


@contextmanager
def listed(
    actor: Actor,
    record: RecordType,
    query: Query,
    specs: Sequence[FieldSpec],
    *,
    language: Language = "zh",
    purpose: str = "",
    progress: Progress = lambda step, done, total: None,
) -> Iterator[tuple[int, Iterator[list[object]]]]:
    """How many rows a list has, and the cells of these fields row by row, masked and put down in the audit as export's.

    Raises Denied.
    """
    actor.need("read", record.area)
    actor.need("export", record.area)
    full = bool(purpose.strip())
    if full:
        actor.need("personal", record.area)
    with db.reading(actor) as session:
        ids = store.every_id(session, record, query)
        with db.unit(actor, reason=purpose.strip()) as noting:
            db.note(noting, Verb.EXPORT, record.name, None, {"rows": len(ids), "full": full, "filters": _said(query)})
        yield len(ids), _export_rows(session, actor, record, specs, ids, language, full, progress)


def _said(query: Query) -> dict[str, str]:
    """The filters as the audit keeps them; a searched text may be a person's number, so only that there was one."""
    found = {name: str(value) for name, value in query.filters.items() if value not in (None, "", [])}
    return found | ({"text": "yes"} if query.text.strip() else {})


def _kind(spec: FieldSpec) -> Literal["text", "number"]:
    return "number" if spec.kind in ("number", "money") else "text"


def _export_rows(
    session: db.PortalSession,
    actor: Actor,
    record: RecordType,
    specs: Sequence[FieldSpec],
    ids: Sequence[int],
    language: Language,
    full: bool,
    progress: Progress,
) -> Iterator[list[object]]:
    named: dict[str, dict[int, str]] = {spec.name: {} for spec in specs if spec.refers_to}
    may_names = actor.may("personal", record.area)
    columns = []
    for spec in specs:
        show = partial(_cell, spec, language, full, may_names, named.get(spec.name))
        columns.append((spec.name, spec.kind in MANY, lru_cache(intake.KEPT)(show)))
    for done, part in enumerate(naming.parts(ids, CHUNK)):
        progress("writing", done * CHUNK, len(ids))
        stored = matching.stored_values(session, record, part, [spec.name for spec in specs])
        for spec in specs:
            if spec.refers_to:
                _name_all(session, actor, spec, [row[spec.name] for row in stored.values()], named[spec.name], full)
        for row in (stored[key] for key in part if key in stored):
            yield [shown(tuple(row[name]) if many else row[name]) for name, many, shown in columns]


def _name_all(
    session: db.PortalSession, actor: Actor, spec: FieldSpec, cells: Sequence[Any], known: dict[int, str], full: bool
) -> None:
    wanted = {key for cell in cells for key in (cell if isinstance(cell, list) else [cell]) if key} - known.keys()
    parent = RECORDS[spec.refers_to or ""]
    found = naming.names(session, parent, wanted, full=full and actor.may("personal", parent.area))
    hide = bool(parent.role_fields) and not actor.may("personal", parent.area)
    known |= {key: values.mask_person(name) if hide else name for key, name in found.items()}


def _cell(
    spec: FieldSpec, language: Language, full: bool, may_names: bool, named: dict[int, str] | None, value: Any
) -> object:
    """A stored value as it goes out."""
    if not (full and spec.personal):
        value = store.safe(spec, value, may_names)
    if spec.kind in ("number", "money") and value is not None:
        return value
    return values.show(spec, value, language, named)
