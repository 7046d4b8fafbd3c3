"""The measure that every record type has: `<record>.records` counts its rows by a day of theirs (contracts.md, "Measures").

Its arguments are data that an administrator chooses: `day`, the date that places a row in the period; `where`, the
values that count by field; `who`, the field that counts once each; `n`, the number that is added up. A field of what
the record belongs to is written with the way to it: `session_id.held_on`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from models.base import LONG, RECORDS, FieldSpec, RecordType
from models.measures import MEASURES, Facts, Measure, facts

SUFFIX = ".records"
CONDITIONS = ("choice", "choices", "option", "options", "flag", "record")
NUMBERS = ("number", "money")


def paths(record: RecordType) -> Iterator[tuple[str, tuple[FieldSpec, ...]]]:
    """Every field of the record and of what it belongs to, by its path: the fields on the way, its own the last."""
    for spec in record.own_fields:
        if spec.kind != "links" and not spec.personal and not spec.shows(LONG):
            yield spec.name, (spec,)
        parent = RECORDS.get(spec.refers_to or "")
        if spec.kind == "record" and parent and parent.menu and not parent.role_fields:
            for other in parent.own_fields:
                if other.kind not in ("links", "record") and not other.personal and not other.shows(LONG):
                    yield f"{spec.name}.{other.name}", (spec, other)


def usable(record: RecordType, *kinds: str) -> dict[str, tuple[FieldSpec, ...]]:
    """The fields of these kinds, by their paths."""
    return {path: specs for path, specs in paths(record) if specs[-1].kind in kinds}


def wrong_arguments(record: RecordType, args: Mapping[str, Any]) -> set[str]:
    """The arguments that the record cannot be counted by; empty if it can."""
    wrong = set(args) - {"day", "where", "who", "n"}
    if args.get("day") not in usable(record, "date"):
        wrong.add("day")
    if args.get("who") and args["who"] not in usable(record, "record", "text", "option"):
        wrong.add("who")
    if args.get("n") and args["n"] not in usable(record, *NUMBERS):
        wrong.add("n")
    conditions = args.get("where") or {}
    if not isinstance(conditions, Mapping) or set(conditions) - set(usable(record, *CONDITIONS)):
        wrong.add("where")
    return wrong


def _counted(record: RecordType) -> Callable[..., Facts]:
    def select(day: str, where: Mapping[str, Sequence[Any]] | None = None, who: str = "", n: str = "") -> Select[Any]:
        """Rows of the record that meet every condition, on the day that places them."""
        if wrong_arguments(record, {"day": day, "where": where, "who": who, "n": n}):
            raise ValueError(f"{record.name} cannot be counted so")
        model: Any = record.model
        known = dict(paths(record))
        parents = {
            way: aliased(RECORDS[record.field(way).refers_to or ""].model)
            for path in (day, who, n, *(where or {}))
            if "." in path and (way := path.split(".")[0])
        }

        def column(path: str) -> Any:
            way, _, name = path.rpartition(".")
            return getattr(parents[way] if way else model, name)

        found = facts(
            column(day), model.id, station=model.unit_id if record.has_unit else None,
            who=_filled(column(who), known[who][-1]) if who else None, n=column(n) if n else 1,
        ).select_from(model)  # fmt: skip
        for way, parent in parents.items():
            found = found.join(parent, parent.id == getattr(model, way))
        if n:
            found = found.where(column(n).is_not(None))
        conditions = [_one_of(column(path), known[path][-1], values) for path, values in (where or {}).items()]
        return found.where(column(day).is_not(None), *conditions)

    return select


def _filled(column: Any, spec: FieldSpec) -> Any:
    """What counts once each; a text that nobody filled in is nobody."""
    return func.nullif(column, "") if spec.kind == "text" else column


def _one_of(column: Any, spec: FieldSpec, values: Sequence[Any]) -> ColumnElement[bool]:
    if spec.kind in ("choices", "options"):
        return or_(false(), *(col(column).contains(f",{value},") for value in values))
    found: ColumnElement[bool] = column.in_(list(values))
    return found


def declare() -> None:
    """Give every record type with a menu entry and a date its general measure."""
    for record in RECORDS.values():
        if record.menu and usable(record, "date"):
            MEASURES[record.name + SUFFIX] = Measure(record.name + SUFFIX, record.name, _counted(record))
