"""A portable backup of any database the portal runs on, and its restore (feature X13): one zip, streamed.

The zip holds a manifest (schema revision, fingerprint of the keys, counts), a JSON line for every row of every table
with the raw values of its columns - personal data stay encrypted - and the attached files. The keys are NOT in it.
Codes: backup_unreadable, backup_other_version, backup_other_key, backup_not_empty.
"""

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, func, insert, select, text, type_coerce, update
from sqlalchemy import bindparam as bound
from sqlalchemy.types import LargeBinary, Text, TypeDecorator, TypeEngine
from sqlmodel import SQLModel

from models import RECORDS
from models.system import Attachment, Summary
from models.types import Amount, Encrypted, UtcDateTime
from models.vault import fingerprint
from services import clock, db, files, search
from services.errors import Invalid

FORMAT = 1
PART = 1000


def tables() -> list[Table]:
    """Every table, parents before children; not the summary, which is counted from the others."""
    return [table for table in SQLModel.metadata.sorted_tables if table is not Summary.__table__]  # type: ignore[attr-defined]


def raw_type(column: Column[Any]) -> TypeEngine[Any]:
    """How a column is read and written as it is stored, without decryption or interpretation."""
    if isinstance(column.type, Encrypted):
        return LargeBinary()
    keep = isinstance(column.type, UtcDateTime | Amount) or not isinstance(column.type, TypeDecorator)
    return column.type if keep else Text()


def write(target: Path) -> dict[str, int]:
    """Write the backup of one moment, whole or not at all; returns {table: rows}."""
    beside = target.with_name(target.name + ".part")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book, db.connection() as bare:
            if not db.is_sqlite():
                bare.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            counts = {table.name: _write_table(book, bare, table) for table in tables()}
            lost = _write_files(book, bare)
            book.writestr("manifest.json", json.dumps(_manifest(counts, lost), ensure_ascii=False, indent=1))
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return counts


def _manifest(counts: dict[str, int], lost: list[str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "revision": db.revision(),
        "keys": fingerprint(),
        "made_at": clock.now().isoformat(),
        "counts": counts,
        "lost_files": lost,
    }


def _write_table(book: zipfile.ZipFile, bare: Connection, table: Table) -> int:
    columns = [type_coerce(column, raw_type(column)).label(column.name) for column in table.columns]
    found = bare.execution_options(yield_per=PART).execute(select(*columns).order_by(*table.primary_key.columns))
    names = [column.name for column in table.columns]
    with book.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as part:
        return sum(part.write(_line(names, row)) > 0 for row in found)


def _line(names: list[str], row: Any) -> bytes:
    cells = {name: value for name, value in zip(names, row, strict=True) if value is not None}
    return json.dumps(cells, ensure_ascii=False, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_files(book: zipfile.ZipFile, bare: Connection) -> list[str]:
    """The attached files; returns the hashes of those that the store has lost."""
    lost = []
    hashes = select(Attachment.__table__.c.sha256).distinct()  # type: ignore[attr-defined]
    for sha256 in bare.execute(hashes).scalars():
        if files.exists(files.content_key(sha256)):
            book.writestr(f"files/{sha256}", files.read(files.content_key(sha256)), zipfile.ZIP_STORED)
        else:
            lost.append(sha256)
    return lost


# -- restore --------------------------------------------------


def restore(source: Path) -> dict[str, int]:
    """Fill an empty, migrated database from a backup, all or nothing; returns {table: rows}.

    Raises Invalid({"file": code}) for a backup of another schema or other keys, a damaged one, or a database in use.
    """
    try:
        with zipfile.ZipFile(source) as book:
            manifest = json.loads(book.read("manifest.json"))
            _refuse(manifest)
            with db.connection(write=True) as bare:
                counts = _fill(book, bare)
                if counts != manifest["counts"]:
                    raise Invalid({"file": "backup_unreadable"})
                _read_files(book)
    except (zipfile.BadZipFile, KeyError, ValueError, FileNotFoundError) as error:
        raise Invalid({"file": "backup_unreadable"}) from error
    return counts


def _refuse(manifest: dict[str, Any]) -> None:
    if manifest["format"] != FORMAT or manifest["revision"] != db.revision():
        raise Invalid({"file": "backup_other_version"}, backup=manifest["revision"], here=db.revision())
    if manifest["keys"] != fingerprint():
        raise Invalid({"file": "backup_other_key"}, backup=manifest["keys"], here=fingerprint())
    if not is_empty():
        raise Invalid({"file": "backup_not_empty"})


def is_empty() -> bool:
    with db.connection() as bare:
        return all(bare.execute(select(text("1")).select_from(table).limit(1)).first() is None for table in tables())


def _fill(book: zipfile.ZipFile, bare: Connection) -> dict[str, int]:
    if db.is_sqlite():
        bare.exec_driver_sql("pragma defer_foreign_keys=on")
    bare.execute(delete(Summary.__table__))  # type: ignore[attr-defined]
    counts = {table.name: _fill_table(book, bare, table) for table in tables()}
    for record in RECORDS.values():
        if record.search_fields:
            search.rebuild(bare, record.name)
    if not db.is_sqlite():
        for table in tables():
            _reset_sequence(bare, table)
    return counts


def _fill_table(book: zipfile.ZipFile, bare: Connection, table: Table) -> int:
    """Rows that name a row of their own table get that name once all of them stand."""
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    count, later = 0, []
    for part in _parts(book, table):
        later += [row for row in part if any(row[name] is not None for name in own)]
        bare.execute(_insert(table), [{**row, **dict.fromkeys(own)} for row in part])
        count += len(part)
    for row in later:
        values = {name: row[name] for name in own}
        bare.execute(update(table).where(table.c.id == row["id"]).values(values))
    return count


def _insert(table: Table) -> Any:
    return insert(table).values({c.name: bound(c.name, type_=raw_type(c)) for c in table.columns})


def _parts(book: zipfile.ZipFile, table: Table) -> Iterator[list[dict[str, Any]]]:
    readers = {column.name: _reader(column) for column in table.columns}
    with io.TextIOWrapper(book.open(f"tables/{table.name}.jsonl"), "utf-8") as lines:
        while part := list(islice(lines, PART)):
            rows = (json.loads(line) for line in part)
            yield [
                {name: None if row.get(name) is None else read(row[name]) for name, read in readers.items()}
                for row in rows
            ]


def _reader(column: Column[Any]) -> Any:
    kind = raw_type(column)
    if isinstance(kind, LargeBinary):
        return base64.b64decode
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(kind, Amount):
        return Decimal
    return date.fromisoformat if kind.python_type is date else lambda value: value


def _reset_sequence(bare: Connection, table: Table) -> None:
    if "id" in table.c:
        newest = bare.execute(select(func.max(table.c.id))).scalar()
        sequence = func.pg_get_serial_sequence(table.name, "id")
        bare.execute(select(func.setval(sequence, newest or 1, newest is not None)))


def _read_files(book: zipfile.ZipFile) -> None:
    for name in book.namelist():
        if name.startswith("files/") and files.keep(book.read(name)) != name.removeprefix("files/"):
            raise ValueError(name)
