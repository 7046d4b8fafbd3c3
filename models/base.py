"""How a record type is declared: one class, from which lists, forms, import, export, audit and indicators follow."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntFlag, StrEnum
from functools import cached_property
from types import UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from sqlalchemy import Index, text
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from models.types import Encrypted, UtcDateTime
from models.words import L


class Choice(StrEnum):
    """A closed list: each member is value, Chinese label, English label; the value is what is stored."""

    label: L

    def __new__(cls, value: str, zh: str = "", en: str = "") -> "Choice":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = L(zh, en)
        return member


class Show(IntFlag):
    """Where a field shows."""

    LIST = 1
    FILTER = 2
    SEARCH = 4
    FIXED = 8
    ACT = 16
    LONG = 32
    NAME = 64
    DOER = 128


LIST, FILTER, SEARCH, FIXED, ACT, LONG, NAME, DOER = Show
# LIST: a column of the list. FILTER: a filter above it. SEARCH: found by text, pinyin and initials.
# FIXED: set by the portal, never typed nor imported. ACT: changed by an action, not in the form, yet imported.
# LONG: several lines of text. NAME: a human being's name, shown in full only to whoever may see personal data.
# DOER: whose work the record is; indicators are split by it.


@dataclass(frozen=True)
class Ui:
    """What the interface must know of a field beyond its type: its label in both languages and where it shows.

    options: the extendable list whose codes it holds; suggests: a list that the form offers, while any text is allowed.
    """

    zh: str
    en: str
    show: Show = Show(0)
    help: L | None = None
    group: L | None = None
    options: str | None = None
    suggests: str | None = None


@dataclass(frozen=True)
class FieldSpec:
    """One field of a record type, as the generic machinery sees it.

    kind is one of text, long, number, money, flag, date, time, choice, choices, option, options, record, links.
    owner is the record type whose table holds the column (a role shows its person's fields too).
    """

    name: str
    label: L
    kind: str
    owner: str
    required: bool = False
    show: Show = Show(0)
    help: L | None = None
    group: L | None = None
    personal: bool = False
    default: Any = None
    choices: type[Choice] | None = None
    options: str | None = None
    suggests: str | None = None
    refers_to: str | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None

    def shows(self, where: Show) -> bool:
        return (
            int.__and__(self.show, where) != 0
        )  # the enumeration's own & is ten times as slow, and a page asks 750 times


@dataclass(frozen=True)
class Links:
    """A field that holds several records of another type through a link table."""

    name: str
    zh: str
    en: str
    via: str
    here: str
    there: str
    to: str
    show: Show = LIST
    help: L | None = None
    group: L | None = None


@dataclass(frozen=True, eq=False)
class RecordType:
    """A declared record type: the one source of everything generic.

    keys lists the natural keys by which a person would name a row, best first; role_fields names the fields of
    `person` that are shown, typed and imported together with this role; menu is its place in the menu, 0 for none.

    days are the fields that place a row in a month, a parent's as "session_id.starts"; once that month is closed the
    row stays as it is (services/locked.py). Every record that a shipped measure counts has them; an indicator that
    counts by another day (models/general.py) locks that day as well, of a type without days the day and the fields that
    it reads. until is for what lasts (a group, a person in post): the field of its last day, "" where it has none; None is an
    event. Of an event a closed month keeps everything, of what lasts what it counts of it.
    lapses: the field of the last day on which one is of use where others name it, and the mark of those that are over.
    """

    name: str
    label: L
    model: type["Record"]
    area: str
    icon: str
    title: str
    sort: str
    keys: tuple[tuple[str, ...], ...]
    role_fields: tuple[str, ...] = ()
    about: L = L("", "")
    menu: int = 5
    required_here: tuple[str, ...] = ()
    links: tuple[Links, ...] = ()
    days: tuple[str, ...] = ()
    until: str | None = None
    lapses: tuple[str, L] | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def own_fields(self) -> tuple[FieldSpec, ...]:
        """Declared fields in their order, then links; the station and the notes, which every record has, stand last."""
        columns = self.model.__table__.c  # type: ignore[attr-defined]
        infos = self.model.model_fields
        specs = [spec for name in infos if (spec := _spec(self.name, name, infos[name], columns[name]))]
        specs += [_link_spec(self.name, link) for link in self.links]
        return tuple(sorted(specs, key=lambda spec: LAST.get(spec.name, 0)))

    @cached_property
    def fields(self) -> tuple[FieldSpec, ...]:
        """Every field of a row: the person's first where the record is a role, then its own, notes last."""
        if not self.role_fields:
            return self.own_fields
        person = RECORDS["person"]
        wanted = [person.field(name) for name in self.role_fields]
        joined = (replace(spec, required=spec.required or spec.name in self.required_here) for spec in wanted)
        return (*joined, *(spec for spec in self.own_fields if spec.name != "person_id"))

    @cached_property
    def by_name(self) -> dict[str, FieldSpec]:
        return {spec.name: spec for spec in self.fields}

    def field(self, name: str) -> FieldSpec:
        return self.by_name[name]

    def reach(self, path: str) -> FieldSpec | None:
        """The field at a path such as `kind`, or `organisation_id.region` of the record that one names; None without."""
        first, dot, rest = path.partition(".")
        spec = self.by_name.get(first)
        if not dot or spec is None:
            return spec
        found = RECORDS[spec.refers_to].reach(rest) if spec.kind == "record" and spec.refers_to else None
        label = L(f"{spec.label.zh} · {found.label.zh}", f"{spec.label.en} · {found.label.en}") if found else None
        return replace(found, name=path, label=label) if found and label else None

    @cached_property
    def form_fields(self) -> tuple[FieldSpec, ...]:
        return tuple(spec for spec in self.fields if not spec.shows(FIXED | ACT))

    @cached_property
    def is_typed(self) -> bool:
        """Whether people enter it: some field of its own is neither set by the portal nor one that every record has."""
        return any(spec.owner == self.name and spec.name not in LAST for spec in self.form_fields)

    @cached_property
    def sheet_fields(self) -> tuple[FieldSpec, ...]:
        """The columns of import, and of export where the same sheet is to come back."""
        return tuple(spec for spec in self.fields if not spec.shows(FIXED))

    @cached_property
    def export_fields(self) -> tuple[FieldSpec, ...]:
        """The columns of export: of what nobody types, and so never comes back, every field, and none is asked for."""
        return self.sheet_fields if self.is_typed else tuple(replace(spec, required=False) for spec in self.fields)

    @cached_property
    def codes(self) -> frozenset[str]:
        """Text fields that name a row alone: a number of its own."""
        indexes = self.model.__table__.indexes  # type: ignore[attr-defined]
        alone = {
            column.name for index in indexes if index.unique and len(index.columns) == 1 for column in index.columns
        }
        return frozenset(spec.name for spec in self.own_fields if spec.kind == "text" and spec.name in alone)

    @cached_property
    def search_fields(self) -> tuple[str, ...]:
        return tuple(spec.name for spec in self.own_fields if spec.shows(SEARCH) and spec.kind != "record")

    @cached_property
    def schema(self) -> type[BaseModel]:
        """A plain pydantic model of the class's own columns: what checks values before they become a row."""
        infos = {spec.name: self.model.model_fields[spec.name] for spec in self.own_fields if spec.kind != "links"}
        return create_model(self.name, **{name: (info.annotation, info) for name, info in infos.items()})  # type: ignore[call-overload,no-any-return]

    @property
    def has_unit(self) -> bool:
        return issubclass(self.model, StationRow)

    @cached_property
    def children(self) -> tuple[tuple["RecordType", FieldSpec], ...]:
        """The record types that name this one as their parent, with the field by which they do."""
        return tuple(
            (record, spec)
            for record in RECORDS.values()
            for spec in record.own_fields
            if spec.kind == "record" and spec.refers_to == self.name and spec.name != "unit_id" and record.menu
        )


RECORDS: dict[str, RecordType] = {}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def record(
    zh: str,
    en: str,
    *,
    area: str,
    icon: str,
    title: str,
    sort: str = "-id",
    keys: tuple[tuple[str, ...], ...] = (),
    **more: Any,
) -> Callable[[type[Any]], type[Any]]:
    """Declare the class below as a record type under its identifier (the class name in snake case)."""

    def declare(model: type[Any]) -> type[Any]:
        name = snake(model.__name__)
        for column in model.__table__.columns:
            if column.nullable:
                column.default = None  # else the database layer would turn an explicit None into the default
        model.__table__.dialect_kwargs["sqlite_autoincrement"] = True  # else an erased row's id, and its history, go on
        RECORDS[name] = RecordType(name, L(zh, en), model, area, icon, title, sort, keys, **more)
        return model

    return declare


def unique(name: str, *columns: str) -> Index:
    """A key that is unique among the rows that are not in the bin."""
    alive = text("deleted_at IS NULL")
    return Index(name, *columns, unique=True, sqlite_where=alive, postgresql_where=alive)


def now() -> datetime:
    return datetime.now(UTC)


class Table(SQLModel):
    """Any table of the portal, named in snake case."""

    @declared_attr  # type: ignore[arg-type]
    def __tablename__(cls) -> str:
        return snake(cls.__name__)


class Record(Table):
    """What every record carries: who made and changed it and when, its version, its place in the bin, notes."""

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(default=1)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    created_by: int | None = Field(default=None)
    changed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    changed_by: int | None = Field(default=None)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_by: int | None = Field(default=None)
    search_text: str = Field(default="")
    notes: Annotated[str, Ui("备注", "Notes", LONG)] = Field(default="", max_length=2000)

    SYSTEM_COLUMNS: ClassVar[frozenset[str]] = frozenset(
        [
            "id",
            "version",
            "created_at",
            "created_by",
            "changed_at",
            "changed_by",
            "deleted_at",
            "deleted_by",
            "search_text",
        ]
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        """An update names the version that it was made from: of two at once, the second is refused."""
        if "__table__" not in cls.__dict__:
            return {}
        return {"version_id_col": cls.__table__.c.version, "version_id_generator": False}  # type: ignore[attr-defined]

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        """Rules that span fields: returns {field: error code}; may complete `values` in place."""
        return {}


class StationRow(Record):
    """A record that belongs to one station (站点); None is the contract as a whole."""

    unit_id: Annotated[int | None, Ui("站点", "Station", FILTER)] = Field(
        default=None, foreign_key="unit.id", index=True
    )


KINDS = {str: "text", int: "number", Decimal: "money", float: "number", bool: "flag", date: "date", datetime: "time"}


def _bare(annotation: Any) -> Any:
    """The type inside Annotated, Optional and list."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        else:
            return annotation


LAST = {"unit_id": 1, "notes": 2}


def _kind(info: FieldInfo, ui: Ui, column: Any) -> str:
    bare = _bare(info.annotation)
    many = get_origin(bare) is list
    inner = _bare(get_args(bare)[0]) if many else bare
    if column.foreign_keys:
        return "record"
    if ui.options:
        return "options" if many else "option"
    if isinstance(inner, type) and issubclass(inner, Choice):
        return "choices" if many else "choice"
    if ui.show & LONG:
        return "long"
    return KINDS[inner]


def _limits(info: FieldInfo) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in info.metadata:
        for attribute, name in (("max_length", "max_length"), ("ge", "minimum"), ("gt", "minimum"), ("le", "maximum")):
            if getattr(item, attribute, None) is not None:
                found[name] = getattr(item, attribute)
    return found


def _spec(owner: str, name: str, info: FieldInfo, column: Any) -> FieldSpec | None:
    ui = next((item for item in info.metadata if isinstance(item, Ui)), None)
    if ui is None:
        return None
    bare = _bare(info.annotation)
    inner = _bare(get_args(bare)[0]) if get_origin(bare) is list else bare
    default = None if info.default is PydanticUndefined else info.default
    return FieldSpec(
        name=name,
        label=L(ui.zh, ui.en),
        kind=_kind(info, ui, column),
        owner=owner,
        required=info.is_required(),
        show=ui.show,
        help=ui.help,
        group=ui.group,
        personal=isinstance(column.type, Encrypted),
        default=info.default_factory() if info.default_factory else default,  # type: ignore[call-arg]
        choices=inner if isinstance(inner, type) and issubclass(inner, Choice) else None,
        options=ui.options,
        suggests=ui.suggests,
        refers_to=next((key.column.table.name for key in column.foreign_keys), None),
        **_limits(info),
    )


def _link_spec(owner: str, link: Links) -> FieldSpec:
    return FieldSpec(
        link.name,
        L(link.zh, link.en),
        "links",
        owner,
        show=link.show,
        help=link.help,
        group=link.group,
        refers_to=link.to,
    )
