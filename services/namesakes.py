"""What tells records of the same title apart: a number of their own, else what their declaration says beside the title;
people of a class by the last four digits of their phone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from models import RECORDS, RecordType
from models.base import LIST, FieldSpec
from services import clock

PLAIN = ("text", "record", "date", "time")  # read the same in both languages
BETWEEN = " · "


class Shown(Protocol):
    """A row as it may be shown, its personal values masked."""

    @property
    def id(self) -> int: ...
    @property
    def created_at(self) -> datetime | None: ...
    def show(self, name: str) -> str: ...


@cache
def codes(record: RecordType) -> tuple[FieldSpec, ...]:
    """The numbers that name a row alone."""
    return tuple(record.field(name) for name in sorted(record.codes) if name != record.title)


@cache
def telling(record: RecordType) -> tuple[FieldSpec, ...]:
    """The fields that may tell two of a title apart, best first: a number, what a key holds beside the title (a
    telephone, an organisation, a day), then what else a list shows; all but the numbers stand in the list anyway."""
    keys = [*record.keys, *(RECORDS["person"].keys if record.role_fields else ())]
    beside = [name for key in keys if record.title in key for name in key if name in record.by_name]
    others = [spec.name for spec in record.fields if not spec.personal and spec.refers_to != record.name]
    listed = [spec for name in (*beside, *others) if (spec := record.field(name)).shows(LIST) and spec.kind in PLAIN]
    return tuple(dict.fromkeys([*codes(record), *(spec for spec in listed if spec.name != record.title)]))


def told_apart(named: dict[Any, str], rows: Sequence[Shown], fields: Sequence[str]) -> dict[Any, str]:
    """{id: title}, with as many marks behind a shared title as it takes: the fields in their order, the day of entry,
    at last the id. `rows` are those whose titles are shared."""
    found = dict(named)
    for title in {named[row.id] for row in rows}:
        marks = _marks([row for row in rows if named[row.id] == title], fields)
        found |= {key: BETWEEN.join((title, *told)) for key, told in marks.items()}
    return found


def twice(named: Mapping[int, str]) -> list[int]:
    """Those whose name is not theirs alone."""
    times = Counter(named.values())
    return [key for key, name in named.items() if times[name] > 1]


def by_phone(named: Mapping[int, str], phones: Mapping[int, str | None]) -> dict[int, str]:
    """{id: name}, behind a shared one the last four digits of the phone, else the id; of phones those of `twice` suffice."""
    tails = {key: (phones.get(key) or "")[-4:] or f"#{key}" for key in twice(named)}
    return {key: f"{name} · {tails[key]}" if key in tails else name for key, name in named.items()}


def _marks(rows: Sequence[Shown], fields: Sequence[str]) -> dict[int, tuple[str, ...]]:
    marks: dict[int, tuple[str, ...]] = {row.id: () for row in rows}
    columns = [{row.id: row.show(name) for row in rows} for name in fields]
    for column in [*columns, {row.id: _entered(row) for row in rows}, {row.id: f"#{row.id}" for row in rows}]:
        times = Counter(marks.values())
        left = [key for key, told in marks.items() if not told or times[told] > 1]
        if len(left) == 1 or len({column[key] for key in left}) > 1:
            marks |= {key: (*marks[key], column[key]) for key in left if column[key]}
    return marks


def _entered(row: Shown) -> str:
    return f"{clock.local(row.created_at):%Y-%m-%d}" if row.created_at else ""
