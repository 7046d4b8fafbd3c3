"""Finds which rows of the register the lines of a sheet are about, and what they would change: the plan of an import.

A row is found by its record's keys, best first, a person by theirs; a weaker key does not join rows whose better keys
differ. Everything is looked up in parts of 500, never row by row, and without the station's limit: what belongs to
another station is not told, but not made twice either.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select
from sqlmodel import col

from models import RECORDS, RecordType
from services import db, finding, locked, store, values
from services.access import SYSTEM, Actor
from services.db import PortalSession
from services.intake import Line
from services.kept import Newest, newest
from services.naming import comparable, lookup, parts

Key = tuple[str, ...]
PART = 1000


@dataclass(slots=True)
class Found:
    """A stored row that a key found: its id, station, what tells it from others, and the person behind it."""

    id: int
    unit_id: int | None
    guards: dict[str, Any]
    title: Any
    person_id: int | None = None


@dataclass(slots=True)
class Someone:
    """A person whom lines of the sheet are about: stored already, or new with what the lines say of them, and by which
    numbers of the role."""

    id: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Plan:
    """What an import will do. creates: (line, person); changes: (line, id of the stored row)."""

    creates: list[tuple[Line, Someone | None]] = field(default_factory=list)
    changes: list[tuple[Line, int]] = field(default_factory=list)
    own_changes: list[db.Change] = field(default_factory=list)
    person_changes: list[db.Change] = field(default_factory=list)
    unchanged: int = 0

    @property
    def people(self) -> list[Someone]:
        """The new ones, each once."""
        found = {id(someone): someone for _, someone in self.creates if someone and someone.id is None}
        return list(found.values())

    def drop(self, refused: Mapping[int, dict[str, str]]) -> None:
        """Take out the changes of stored rows that a rule refused; their lines carry the errors."""
        olds = {id(old) for key, _, old in self.own_changes if key in refused}
        self.person_changes = [change for change in self.person_changes if id(change[2]) not in olds]
        for line, key in self.changes:
            line.refused.update(refused.get(key, {}))
        self.changes = [(line, key) for line, key in self.changes if key not in refused]


def make_plan(actor: Actor, record: RecordType, lines: Sequence[Line], today: date) -> Plan:
    """Match, refuse duplicates, compare; a line that turns out wrong carries its errors and has no part in the plan."""
    plan = Plan()
    with db.reading(SYSTEM) as session:
        matched = _match_roles(session, record, lines) if record.role_fields else _match(session, record, lines)
        stored = []
        for line, found, someone in matched:
            if found is not None:
                stored.append((line, found))
            elif not line.errors and _may_create(actor, record, line):
                plan.creates.append((line, someone))
        for part in parts(stored, PART):
            _compare(session, actor, record, part, plan, today)
        if record.role_fields:
            _compare_people(session, actor, plan, today)
        _refuse_closed(session, record, plan)
    for line in lines:
        line.keys.clear()
    return plan


def _refuse_closed(session: PortalSession, record: RecordType, plan: Plan) -> None:
    """Lines dated in a closed month carry that error and have no part in the plan; the others go on."""
    changes = {key: new for key, new, _ in plan.own_changes}
    new, old = locked.refusals(session, record, [line.clean for line, _ in plan.creates], changes)
    for place, errors in new.items():
        plan.creates[place][0].refused.update(errors)
    plan.creates = [pair for place, pair in enumerate(plan.creates) if place not in new]
    plan.drop(old)
    plan.own_changes = [change for change in plan.own_changes if change[0] not in old]


def _may_create(actor: Actor, record: RecordType, line: Line) -> bool:
    if record.has_unit:
        line.clean["unit_id"] = line.unit
        if actor.units is not None and line.unit is None:
            line.refused["unit_id"] = "required"
    return not line.refused


# -- finding --------------------------------------------------


def key_of(record: RecordType, key: Key, line: Line, loose: bool = False) -> tuple[Any, ...] | None:
    """A key's values as they are looked up; None where one is missing (`loose`: a personal one may be)."""
    asked = (record.name, key, loose)
    if asked not in line.keys:
        line.keys[asked] = _key_of(record, key, line.clean, loose)
    return line.keys[asked]  # type: ignore[no-any-return]


def _key_of(record: RecordType, key: Key, given: Mapping[str, Any], loose: bool) -> tuple[Any, ...] | None:
    found = []
    for name in key:
        spec, value = record.by_name[name], given.get(name)
        if not value and not (loose and spec.personal):
            return None
        found.append(comparable(spec, value) or None)
    return tuple(found)


def by_key(
    session: PortalSession, record: RecordType, key: Key, wanted: Iterable[tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[Found]]:
    """The rows that have each of the key's values."""
    targets = [lookup(record, record.field(name)) for name in key]
    guards = _guards(record)
    more = [lookup(record, record.field(name)) for name in guards]
    model: Any = record.model
    named = [model.unit_id if record.has_unit else model.id, _title(record)]
    named.append(model.person_id if record.role_fields else model.id)
    found: dict[tuple[Any, ...], list[Found]] = {}
    for statement in _asking(record, targets, wanted, model.id, *named, *targets, *more):
        for id_, unit, title, person, *rest in session.execute(statement):
            told = dict(zip(guards, rest[len(targets) :], strict=True))
            human = person if record.role_fields else None
            row = Found(id_, unit if record.has_unit else None, told, title, human)
            found.setdefault(tuple(rest[: len(targets)]), []).append(row)
    return found


def _title(record: RecordType) -> Any:
    return store.column(record, record.field(record.title)) if record.title in record.by_name else record.model.id


def _guards(record: RecordType) -> list[str]:
    """Keys of one field: two rows that differ in one are two."""
    return [key[0] for key in record.keys if len(key) == 1]


def _asking(
    record: RecordType, targets: Sequence[Any], wanted: Iterable[tuple[Any, ...]], *columns: Any
) -> Iterator[Select[Any]]:
    """The statements that find the rows with each of these values, None among them."""
    shapes: dict[tuple[bool, ...], list[tuple[Any, ...]]] = {}
    for values_ in set(wanted):
        shapes.setdefault(tuple(value is not None for value in values_), []).append(values_)
    for shape, group in shapes.items():
        there = [target for target, has in zip(targets, shape, strict=True) if has]
        absent = [target.is_(None) for target, has in zip(targets, shape, strict=True) if not has]
        for part in parts(group):
            sent = [tuple(value for value in values_ if value is not None) for values_ in part]
            yield finding.among(record, there, sent, *columns).where(*absent)


def _differs(record: RecordType, found: Found, given: Mapping[str, Any], key: Key) -> bool:
    """Whether a better key of one field tells the two apart."""
    for other in record.keys:
        if other == key:
            return False
        if len(other) == 1:
            mine = comparable(record.field(other[0]), given.get(other[0]))
            if mine and found.guards[other[0]] and mine != found.guards[other[0]]:
                return True
    return False


def _unlike(found: Found, given: Mapping[str, Any]) -> int:
    """In how many of its own keys the row says what the line does not, or the other way round."""
    return sum(bool(value) != bool(given.get(name)) for name, value in found.guards.items())


def search(
    session: PortalSession, record: RecordType, keys: Sequence[Key], lines: Sequence[Line], loose: bool = False
) -> list[Found | None]:
    """The stored row of each line, by the first key that knows one."""
    found: list[Found | None] = [None] * len(lines)
    for key in keys:
        wanted = [None if found[i] else key_of(record, key, line, loose) for i, line in enumerate(lines)]
        known = by_key(session, record, key, (value for value in wanted if value is not None))
        for i, value in enumerate(wanted):
            rows = known.get(value, ()) if value is not None else ()
            fit = [row for row in rows if not _differs(record, row, lines[i].clean, key)]
            found[i] = min(fit, key=lambda row, clean=lines[i].clean: _unlike(row, clean), default=found[i])
    return found


Matched = Iterator[tuple[Line, Found | None, Someone | None]]


def _match(session: PortalSession, record: RecordType, lines: Sequence[Line]) -> Matched:
    found = search(session, record, record.keys, lines)
    seen: dict[Any, int] = {}
    for line, row in zip(lines, found, strict=True):
        marks = [(key, value) for key in record.keys if (value := key_of(record, key, line)) is not None]
        asked = [(key, value) for key, value in marks if not _told_apart(record, line, key)]
        stored = [(("id",), row.id)] if row is not None else []
        _refuse_twice(line, [*stored, *asked], seen, [*stored, *marks])
        yield line, row, None


def _told_apart(record: RecordType, line: Line, key: Key) -> bool:
    """A better key of one field speaks for the line, so the weaker one does not."""
    return any(line.clean.get(name) for (name, *more) in record.keys[: record.keys.index(key)] if not more)


Mark = tuple[Key, Any]


def _refuse_twice(
    line: Line, asked: Sequence[Mark], seen: dict[Mark, int], marks: Sequence[Mark] | None = None
) -> None:
    """The second good line about the same row is refused and says which was the first."""
    if line.errors:
        return
    for mark in asked:
        if mark in seen:
            line.refused[mark[0][-1]] = "duplicate_in_file"
            line.same_as = seen[mark]
            return
    seen.update(dict.fromkeys(asked if marks is None else marks, line.number))


# -- roles: the person first --------------------------------------------------


def _match_roles(session: PortalSession, record: RecordType, lines: Sequence[Line]) -> Matched:
    person = RECORDS["person"]
    known = [key for key in person.keys if set(key) <= set(record.role_fields)]
    people = search(session, person, known, lines)
    own = tuple(dict.fromkeys(n for key in record.keys for n in key if n not in record.role_fields))
    roles = _roles(session, record, own, lines, people)
    crowd = _Crowd(person, known, own)
    seen: dict[Any, int] = {}
    for line, human, role in zip(lines, people, roles, strict=True):
        if human is not None and human.title != line.clean.get("name", human.title):
            line.wrong["name"] = "name_differs"
        human_id = role.person_id if role is not None else human.id if human is not None else None
        someone = crowd.someone(line, human_id)
        if _is_once(record):
            _refuse_other(line, someone.numbers, own)
        _refuse_twice(line, _role_marks(record, known, own, line, someone), seen)
        if not line.errors:
            crowd.learn(someone, line)
        yield line, role, someone


@cache
def _is_once(record: RecordType) -> bool:
    """Whether a person has this role once: one file, however many numbers a sheet gives them."""
    indexes = record.model.__table__.indexes  # type: ignore[attr-defined]
    return any(index.unique and [column.name for column in index.columns] == ["person_id"] for index in indexes)


def _refuse_other(line: Line, known: Mapping[str, Any], own: Key) -> None:
    """A line that gives somebody another number than the one they are known by is refused beside it."""
    given = {name: line.clean.get(name) for name in own}
    line.refused |= {n: "other_number" for n, value in given.items() if value and known.get(n) not in (None, value)}


def _role_marks(record: RecordType, known: Sequence[Key], own: Key, line: Line, someone: Someone) -> list[Mark]:
    """What makes two lines one: the person and what else the keys name, or either where nobody has the role twice; where
    no key tells the person, the name."""
    column = (next((key[0] for key in known if line.clean.get(key[0])), record.title),)
    beside = tuple(line.clean.get(name) for name in own)
    if _is_once(record):
        marks: list[Mark] = [(column, id(someone)), *(((n,), v) for n, v in zip(own, beside, strict=True) if v)]
    else:
        marks = [(column, (id(someone), *beside))]
    if someone.id is None and all(key_of(RECORDS["person"], key, line) is None for key in known):
        loose = ((key, key_of(record, key, line, loose=True)) for key in record.keys if record.title in key)
        marks += [mark for mark in loose if mark[1] is not None]
    return marks


def _roles(
    session: PortalSession, record: RecordType, own: Key, lines: Sequence[Line], people: Sequence[Found | None]
) -> list[Found | None]:
    """The role row of each line: of the person and what else its keys name, else by a key that holds the title."""
    beside = () if _is_once(record) else own
    pairs = zip(lines, people, strict=True)
    wanted = [(human.id, *(line.clean.get(name) for name in beside)) if human else None for line, human in pairs]
    known = _stored_roles(session, record, own, beside, (value for value in wanted if value))
    found = [known.get(value) if value else None for value in wanted]
    if _is_once(record):
        found = _numbered(session, record, own, lines, people, found)
    loose = [key for key in record.keys if record.title in key]
    lost = [i for i, human in enumerate(people) if human is None and found[i] is None and not lines[i].refused]
    for i, row in zip(lost, search(session, record, loose, [lines[i] for i in lost], loose=True), strict=True):
        found[i] = row
    return found


def _stored_roles(
    session: PortalSession, record: RecordType, own: Key, beside: Key, wanted: Iterable[tuple[Any, ...]]
) -> dict[tuple[Any, ...], Found]:
    """The roles of people, {(person, what the keys name beside them): row}."""
    model: Any = record.model
    targets = [model.person_id, *(lookup(record, record.field(name)) for name in beside)]
    numbers = [lookup(record, record.field(name)) for name in own]
    unit = model.unit_id if record.has_unit else model.id
    known: dict[tuple[Any, ...], Found] = {}
    for statement in _asking(record, targets, wanted, model.id, unit, *numbers, *targets):
        for id_, unit_id, *rest in session.execute(statement):
            told, value = dict(zip(own, rest[: len(own)], strict=True)), tuple(rest[len(own) :])
            known[value] = Found(id_, unit_id if record.has_unit else None, told, None, value[0])
    return known


def _numbered(
    session: PortalSession, record: RecordType, own: Key, lines: Sequence[Line], people: Sequence[Found | None],
    roles: Sequence[Found | None],
) -> list[Found | None]:  # fmt: skip
    """The only role of each person, also where the line's number alone tells it (a new telephone); a number that is
    another's, or not the person's, is refused."""
    by_number = search(session, record, [key for key in record.keys if set(key) <= set(own)], lines)
    found = []
    for line, human, mine, numbered in zip(lines, people, roles, by_number, strict=True):
        if mine is not None:
            _refuse_other(line, mine.guards, own)
        elif numbered is not None and (human is not None or numbered.title != line.clean.get(record.title)):
            line.refused[own[0]] = "taken"
        found.append(mine if mine is not None or line.refused else numbered)
    return found


class _Crowd:
    """The people of one sheet: two lines about the same new person make one."""

    def __init__(self, person: RecordType, keys: Sequence[Key], own: Key) -> None:
        self.person, self.keys, self.own = person, keys, own
        self.known: dict[Any, Someone] = {}
        self.by_id: dict[int, Someone] = {}
        self.everyone: list[Someone] = []

    def someone(self, line: Line, human_id: int | None) -> Someone:
        if human_id is not None:
            return self.by_id.setdefault(human_id, Someone(human_id))
        for key in self.keys:
            mark = key_of(self.person, key, line)
            found = self.known.get((key, mark)) if mark is not None else None
            if found is not None and not self._two(found, line):
                if found.values.get("name") != line.clean.get("name"):
                    line.wrong["name"] = "name_differs"
                return found
        self.everyone.append(Someone())
        return self.everyone[-1]

    def _two(self, found: Someone, line: Line) -> bool:
        guards = (key[0] for key in self.keys if len(key) == 1)
        pairs = ((found.values.get(name), line.clean.get(name)) for name in guards)
        return any(mine and theirs and mine != theirs for mine, theirs in pairs)

    def learn(self, someone: Someone, line: Line) -> None:
        """Remember what a good line says of its person."""
        said = {n: v for n in self.person.by_name if n in line.clean and (v := line.clean[n]) not in (None, "")}
        someone.values |= {name: value for name, value in said.items() if name != "notes"}
        someone.numbers |= {name: line.clean[name] for name in self.own if line.clean.get(name)}
        if someone.id is None:
            for key in self.keys:
                if (mark := key_of(self.person, key, line)) is not None:
                    self.known.setdefault((key, mark), someone)


# -- comparing --------------------------------------------------


def _compare(
    session: PortalSession,
    actor: Actor,
    record: RecordType,
    part: Sequence[tuple[Line, Found]],
    plan: Plan,
    today: date,
) -> None:
    """Stored rows against their lines: only what differs is looked at whole, and checked again as it would become."""
    names = sorted({name for line, _ in part for name in line.given})
    stored = stored_values(session, record, [found.id for _, found in part], names)
    changed = []
    for line, found in part:
        old = stored[found.id]
        if actor.units is not None and record.has_unit and found.unit_id not in actor.units:
            line.refused[""] = "taken"
        elif not line.refused and (line.wrong or _news(record, line.given, line.clean, old)):
            changed.append((line, found))
        elif not line.refused:
            plan.unchanged += 1
    whole = stored_values(session, record, [found.id for _, found in changed], list(record.by_name))
    for line, found in changed:
        _change(record, line, found, whole[found.id], plan, today)


def _news(
    record: RecordType, given: Mapping[str, Any], clean: Mapping[str, Any], old: Mapping[str, Any]
) -> dict[str, Any]:
    """The given fields whose value is another than the stored one; a sheet's times know no seconds."""
    return {
        name: clean[name] for name in given if clean[name] != old[name] and not _same_minute(clean[name], old[name])
    }


def _same_minute(new: Any, old: Any) -> bool:
    both = isinstance(new, datetime) and isinstance(old, datetime)
    return both and new == old.replace(second=0, microsecond=0)


def _change(record: RecordType, line: Line, found: Found, old: dict[str, Any], plan: Plan, today: date) -> None:
    differs = {"name": "name_differs"} if line.wrong.get("name") == "name_differs" else {}
    line.clean, line.wrong = values.validate(record, {**old, **_news(record, line.given, line.given, old)}, today)
    line.wrong = {name: _why(name, code, line) for name, code in line.wrong.items()} | differs
    if line.wrong:
        return
    new = {name: value for name, value in line.clean.items() if name in old and value != old[name]}
    own, human = owned(record, new)
    if not new:
        plan.unchanged += 1
        return
    plan.changes.append((line, found.id))
    if own:
        plan.own_changes.append((found.id, own, old))
    if human and found.person_id:
        plan.person_changes.append((found.person_id, human, old))


def _why(name: str, code: str, line: Line) -> str:
    """Of a last day that the line leaves empty it is the stored one that lies before the line's first."""
    return "stored_end_before_start" if code == "ends_before_start" and name not in line.given else code


def owned(record: RecordType, cells: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of a row: its own, and its person's."""
    own = {name: value for name, value in cells.items() if record.field(name).owner == record.name}
    return own, {name: value for name, value in cells.items() if name not in own}


def stored_values(
    session: PortalSession, record: RecordType, ids: Sequence[int], names: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """{id: {field: stored value}}, personal ones in full."""
    specs = [record.field(name) for name in names]
    plain = [spec for spec in specs if spec.kind != "links"]
    links = {spec.name: store.linked(session, record, spec, list(ids)) for spec in specs if spec.kind == "links"}
    columns = [store.column(record, spec) for spec in plain]
    plain_names = [spec.name for spec in plain]
    found = {}
    for some in parts(ids):
        for key, *cells in session.execute(
            store.base(record, record.model.id, *columns).where(col(record.model.id).in_(some))
        ):
            found[key] = dict(zip(plain_names, cells, strict=True))
            for name, linked in links.items():
                found[key][name] = linked.get(key, [])
    return found


def _compare_people(session: PortalSession, actor: Actor, plan: Plan, today: date) -> None:
    """What new roles of known people say of them is brought up to date, unless it contradicts what is known.

    Of somebody whom only other stations know, what they know stands.
    """
    person = RECORDS["person"]
    known = {someone.id: someone for _, someone in plan.creates if someone is not None and someone.id is not None}
    refused: dict[int, dict[str, str]] = {}
    for part in parts(known):
        with db.reading(actor) as own:
            strangers = store.strangers(own, part)
        for key, old in stored_values(session, person, part, list(person.by_name)).items():
            new = {name: value for name, value in known[key].values.items() if value != old[name]}
            if key in strangers:
                new = {name: value for name, value in new.items() if old[name] in (None, "")}
            if new and (wrong := person.model.check({**old, **new}, today)):
                refused[key] = wrong
            elif new:
                plan.person_changes.append((key, new, old))
    for line, someone in plan.creates:
        if someone is not None and someone.id in refused:
            line.wrong |= refused[someone.id]
    plan.creates = [(line, someone) for line, someone in plan.creates if not line.errors]


def moment(session: PortalSession, record: RecordType) -> Newest:
    """What was written to that a plan for the record rests on, and who is still writing."""
    parents = {spec.refers_to for spec in record.fields if spec.refers_to}
    people = ["person"] if record.role_fields else []
    return newest(session, {record.name, *parents, *people, locked.CLOSINGS})


def stale(session: PortalSession, record: RecordType, since: Newest) -> bool:
    """Whether somebody wrote to what the plan rests on, who was under way at that moment included."""
    now = moment(session, record)
    return now.ids != since.ids or not now.saw_all_of(since.in_flight)
