"""What is forgotten of a person who is made anonymous, and that nothing else is (feature X7; PIPL art. 47).

Emptied is every text of the person, of their roles and of what belongs to these - encrypted or not, names, numbers,
free text, notes - but for the few that name our own people; of the person also the document's kind and all of the
birth date but its year. Files go, and what the audit and the adjustments of closed months say of the values. Rows,
days, kinds, amounts, stations and links stay, and so does every count.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Select, delete, select, union_all, update
from sqlmodel import SQLModel

from models import RECORDS, RecordType
from models.base import FieldSpec
from models.system import Attachment, AuditEntry
from services import db, options
from services.db import PortalSession

TABLES = SQLModel.metadata.tables
PERSON = RECORDS["person"]
STAY = frozenset({
    "worker", "owner", "taken_by", "verified_by", "examiner", "issuer", "consent_version", "in_charge", "entered_name",
    "confirmed_name", "ruled_by", "revoked_by",
})  # fmt: skip
PAPERS = frozenset(
    {"service_hours.times", "service_proof.number", "certificate.number"}
)  # no words, and not given twice
"""Texts that name our own people or institutions, by which figures are split."""
EMPTIED = {"changes": {"*": "changed"}, "reason": ""}
"""The one change of an audit row that the database allows."""
NAMELESS = "已匿名"


@dataclass(frozen=True, slots=True)
class Report:
    """How many people were made anonymous, how many records of theirs were changed, how many files went."""

    people: int = 0
    records: int = 0
    files: int = 0

    def __add__(self, other: "Report") -> "Report":
        return Report(self.people + other.people, self.records + other.records, self.files + other.files)

    def as_json(self) -> dict[str, int]:
        return {"people": self.people, "records": self.records, "files": self.files}


# -- what belongs to whom --------------------------------------------------


def roles() -> list[RecordType]:
    """The record types that are a role of a person."""
    return [record for record in RECORDS.values() if record.role_fields]


@cache
def belongings(role: RecordType) -> tuple[tuple[RecordType, Select[Any]], ...]:
    """The role itself and every record type whose rows are nothing without one of its rows (they must name it), with
    (id, role) of all rows, the bin included."""
    table = TABLES[role.name]
    found = {role.name: (role, select(table.c.id, table.c.id.label("role")))}
    waiting = [role]
    while waiting:
        parent = waiting.pop()
        for child, spec in _required_children(parent):
            if child.name not in found:
                above, table = found[parent.name][1].subquery(), TABLES[child.name]
                rows = select(table.c.id, above.c.role).join(above, above.c.id == table.c[spec.name])
                found[child.name] = (child, rows)
                waiting.append(child)
    return tuple(found.values())


def _required_children(parent: RecordType) -> Iterator[tuple[RecordType, FieldSpec]]:
    for child in RECORDS.values():
        for spec in child.own_fields:
            if spec.kind == "record" and spec.refers_to == parent.name and not _column(child, spec.name).nullable:
                yield child, spec


def _column(record: RecordType, name: str) -> Any:
    return TABLES[record.name].c[name]


def days(role: RecordType) -> Any:
    """(role, day): every day that stands in a role or in what belongs to it."""
    found = []
    for record, rows in belongings(role):
        of, table = rows.subquery(), TABLES[record.name]
        dates = [column for column in table.columns if isinstance(column.type, Date)]
        found += [select(of.c.role, column.label("day")).join(table, table.c.id == of.c.id) for column in dates]
    return union_all(*found)


# -- forgetting --------------------------------------------------


def forget(session: PortalSession, people: Sequence[int], today: date) -> tuple[Report, set[str]]:
    """Make people anonymous within a transaction; returns what came of it and the hashes of files to be dropped once it
    is committed."""
    if not people:
        return Report(), set()
    targets = _targets(session, people)
    hashes: set[str] = set()
    gone = 0
    for record, keys in targets.items():
        taken = _take_files(session, record, keys)
        gone, hashes = gone + len(taken), hashes | set(taken)
        db.bulk_update(session, record, _changes(session, record, keys, today))
        _empty_audit(session, record, keys)
        _empty_adjustments(session, record, keys)
    return Report(len(people), sum(map(len, targets.values())), gone), hashes


def _targets(session: PortalSession, people: Sequence[int]) -> dict[RecordType, list[int]]:
    """{record type: ids} of the people, their roles and what belongs to these."""
    found = {PERSON: list(people)}
    bare = session.connection()
    for role in roles():
        mine = select(TABLES[role.name].c.id).where(TABLES[role.name].c.person_id.in_(people))
        ids = list(bare.execute(mine).scalars())
        for record, rows in belongings(role) if ids else ():
            of = rows.subquery()
            keys = bare.execute(select(of.c.id).where(of.c.role.in_(ids))).scalars()
            found[record] = sorted({*found.get(record, ()), *keys})
    return {record: keys for record, keys in found.items() if keys}


def _empty_audit(session: PortalSession, record: RecordType, keys: Sequence[int]) -> None:
    """Who did what and when stays; the values and the words of reasons go."""
    audit = AuditEntry.__table__  # type: ignore[attr-defined]
    those = update(audit).where(audit.c.record == record.name, audit.c.record_id.in_(keys))
    session.connection().execute(those.values(EMPTIED))


def _empty_adjustments(session: PortalSession, record: RecordType, keys: Sequence[int]) -> None:
    """What was written to a reopened month, by whom and when stays; whom it was about, and the words of reasons, go."""
    table = TABLES["adjustment"]
    those = update(table).where(table.c.record == record.name, table.c.record_id.in_(keys))
    session.connection().execute(those.values(title="", reason=""))


def _take_files(session: PortalSession, record: RecordType, keys: Sequence[int]) -> list[str]:
    """Take every file from the records, those that were removed before included; returns their hashes."""
    table = Attachment.__table__  # type: ignore[attr-defined]
    those = (table.c.record == record.name, table.c.record_id.in_(keys))
    bare = session.connection()
    found = list(bare.execute(select(table.c.sha256).where(*those)).scalars())
    bare.execute(delete(table).where(*those))
    return found


def _changes(
    session: PortalSession, record: RecordType, keys: Sequence[int], today: date
) -> Iterator[tuple[int, dict[str, Any], dict[str, Any]]]:
    """For each row its id, its new values, and what else its search text is made of."""
    table = TABLES[record.name]
    names = _forgotten(record)
    kept = [name for name in record.search_fields if name not in names]
    more = ["birth_date", "region_code", "region"] if record is PERSON else []
    wanted = select(table.c.id, *(table.c[name] for name in [*kept, *more])).where(table.c.id.in_(keys))
    for row in session.connection().execute(wanted).mappings().all():
        values = {name: _nothing(record, name, row["id"]) for name in names}
        if record is PERSON:
            values |= _coarse(row, today)
        yield row["id"], values, {name: row[name] for name in kept}


@cache
def _forgotten(record: RecordType) -> tuple[str, ...]:
    """The columns of a record that are emptied."""
    own = [] if record is PERSON else record.own_fields
    texts = [spec.name for spec in own if spec.kind in ("text", "long") and not _stays(record, spec.name)]
    also = ["name", "notes", "hold_reason"] if record is PERSON else []
    return tuple(dict.fromkeys([*db.personal_columns(record.model), *texts, *also]))


def _stays(record: RecordType, name: str) -> bool:
    return name in STAY or f"{record.name}.{name}" in PAPERS


def _nothing(record: RecordType, name: str, key: int) -> Any:
    """NULL where a column may be that, else no text, or where one is required, a word that says what happened."""
    column = _column(record, name)
    if column.nullable:
        return None
    required = name in record.by_name and record.field(name).required
    return f"{NAMELESS} {key}" if required else ""


def _coarse(row: Any, today: date) -> dict[str, Any]:
    """Of a birth date the year, of a place the district, where it is one of the list."""
    born, region = row["birth_date"], row["region"]
    known = {label.zh for label in options.labels("regions").values()}
    return {
        "id_type": None,
        "birth_date": born and date(born.year, 1, 1),
        "region_code": row["region_code"] and row["region_code"][:6],
        "region": region if region in known else "",
        "anonymised_on": today,
    }
