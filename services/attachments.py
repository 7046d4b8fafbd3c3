"""Files that prove a record: checked by content, kept by hash, read by those who may see the record (decision 16).

Codes: file_type, file_size, empty_file, file_missing.
"""

import builtins
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import PurePath
from typing import Any, NamedTuple

import filetype
from sqlalchemy import Executable, bindparam
from sqlmodel import col, func, select

from models import RECORDS, RecordType
from models.system import Account, Attachment, Verb
from services import clock, db, files, hooks, locked, naming, store, thumbs
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound

LARGEST = 20 << 20
WITH_BIN = {"with_bin": True}
PARTS = {
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ppt/presentation.xml": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
OLD_OFFICE = {"WordDocument": ("doc", "application/msword"), "Workbook": ("xls", "application/vnd.ms-excel")}
KINDS = {"png": ("png",), "jpg": ("jpg", "jpeg"), "webp": ("webp",), "gif": ("gif",), "pdf": ("pdf",)}
ENDINGS = (
    *(ending for endings in KINDS.values() for ending in endings),
    *(ending for ending, _ in PARTS.values()),
    *("doc", "xls", "txt", "csv"),
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as it is listed; `size` in bytes, `of` the id of its record, `by` who added it."""

    id: int
    name: str
    size: int
    mime: str
    created_at: datetime
    sha256: str
    of: int
    by: str = ""

    @property
    def is_picture(self) -> bool:
        return self.mime in thumbs.PICTURES

    @property
    def is_drawn(self) -> bool:
        """Whether there is a small picture of it."""
        return self.mime in thumbs.DRAWN


class Accepted(NamedTuple):
    """A file whose content has been checked, not yet kept."""

    name: str
    data: bytes
    mime: str


def attach(actor: Actor, record: RecordType, key: int, name: str, data: bytes) -> int:
    """Keep a file beside a record that the actor may see and write; returns its id. Raises Invalid({"file": code})."""
    actor.need("write", record.area)
    file = accept(name, data)
    with db.unit(actor) as session:
        return put(session, record, key, file)


def attach_all(
    actor: Actor, record: RecordType, key: int, given: Sequence[tuple[str, bytes]], *, token: str | None = None
) -> dict[str, str]:
    """Keep those of several files (name, content) that are accepted; returns {name: code} of the others."""
    actor.need("write", record.area)
    good: builtins.list[Accepted] = []
    refused: dict[str, str] = {}
    for name, data in given:
        try:
            good.append(accept(name, data))
        except Invalid as error:
            refused[_plain(name)] = error.fields["file"]
    with db.unit(actor, token=token if good else None) as session:
        for file in good:
            put(session, record, key, file)
    return refused


def accept(name: str, data: bytes) -> Accepted:
    """A file whose content has been checked, to be put beside a record. Raises Invalid({"file": code})."""
    return Accepted(_plain(name), data, checked(name, data))


def put(session: PortalSession, record: RecordType, key: int, file: Accepted) -> int:
    """Keep it as a file of the record, within a transaction; returns its id. Nobody sweeps its content away
    (store.empty_bins) while its row is not there yet."""
    store.find(session, record, key)
    sha256 = files.hashed(file.data)
    db.alone(session, sha256)
    files.keep(file.data)
    made = Attachment(
        record=record.name, record_id=key, name=file.name, sha256=sha256, size=len(file.data), mime=file.mime,
        created_by=session.actor.account_id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    db.note(session, Verb.ATTACH, record.name, key, {"file": made.name, "sha256": made.sha256})
    return made.id or 0


def list(actor: Actor, record: RecordType, key: int) -> builtins.list[File]:
    """A record's files, newest first. Raises Denied, NotFound."""
    actor.need("read", record.area)
    with db.reading(actor) as session:
        seen = select(col(record.model.id)).where(col(record.model.id) == key)
        if session.execute(seen, execution_options=WITH_BIN).first() is None:
            raise NotFound(record=record.name, id=key)
        mine = select(Attachment, Account.name).join(Account, col(Account.id) == Attachment.created_by, isouter=True)
        mine = mine.where(Attachment.record == record.name, Attachment.record_id == key)
        found = session.exec(mine.where(col(Attachment.deleted_at).is_(None)).order_by(col(Attachment.id).desc()))
        return [_file(row, by or "") for row, by in found]


def counts(actor: Actor, record: RecordType, keys: Sequence[int]) -> Mapping[int, int]:
    """{record id: how many files} of those of the records that the actor sees; those without any are left out."""
    actor.need("read", record.area)
    if not keys:
        return {}
    with db.reading(actor) as session:
        found = session.execute(_counting(record.name), {"keys": [*keys]}, execution_options=WITH_BIN)
        return {row.record_id: row.files for row in found}


@cache
def _counting(name: str) -> Executable:
    wanted = select(Attachment.record_id, func.count().label("files")).where(
        *_of_visible(RECORDS[name], bindparam("keys", expanding=True))
    )
    return wanted.group_by(col(Attachment.record_id))


def thumb(actor: Actor, key: int) -> bytes:
    """The small picture of a file, for whoever may see its record. Raises NotFound, Denied."""
    row = _visible(actor, key)
    found = thumbs.of(row.sha256, row.mime)
    if found is None:
        raise NotFound(record="attachment", id=key)
    return found


def of_many(actor: Actor, record: RecordType, keys: Iterable[int]) -> builtins.list[File]:
    """The files of those of the records that the actor sees, oldest first."""
    actor.need("read", record.area)
    with db.reading(actor) as session:
        wanted = (select(Attachment).where(*_of_visible(record, part)) for part in naming.parts(set(keys)))
        parts = (session.exec(statement, execution_options=WITH_BIN) for statement in wanted)
        return sorted((_file(row) for part in parts for row in part), key=lambda file: file.id)


def _of_visible(record: RecordType, keys: Any) -> tuple[Any, ...]:
    """The files of records, which the session narrows to those of its actor's stations."""
    seen = select(col(record.model.id)).where(col(record.model.id).in_(keys))
    of_seen = col(Attachment.record_id).in_(seen)
    return Attachment.record == record.name, of_seen, col(Attachment.deleted_at).is_(None)


def open(actor: Actor, key: int) -> tuple[File, bytes]:
    """A file and its content, for whoever may see its record; the download is in the audit. Raises NotFound, Denied."""
    row = _visible(actor, key)
    data = files.read(files.content_key(row.sha256))
    with db.unit(actor) as session:
        db.note(session, Verb.DOWNLOAD, row.record, row.record_id, {"file": row.name})
    return _file(row), data


def remove(actor: Actor, key: int) -> None:
    """Take a file away from its record; its content stays for what the audit says of it.

    Of a record of a closed month no evidence goes (Invalid, month_closed), while more may still be added.
    """
    row = _visible(actor, key)
    actor.need("write", RECORDS[row.record].area)
    with db.unit(actor) as session:
        locked.guard_part(session, RECORDS[row.record], row.record_id, goes=True)
        session.get_one(Attachment, key).deleted_at = clock.now()
        db.note(session, Verb.REMOVE, row.record, row.record_id, {"file": row.name})


def _visible(actor: Actor, key: int) -> Attachment:
    with db.reading(actor) as session:
        row = session.get(Attachment, key)
    if row is None or row.deleted_at is not None:
        raise NotFound(record="attachment", id=key)
    store.get(actor, RECORDS[row.record], row.record_id, binned=True)
    hooks.opens(actor, RECORDS[row.record], row.record_id)
    return row


def _file(row: Attachment, by: str = "") -> File:
    return File(row.id or 0, row.name, row.size, row.mime, row.created_at, row.sha256, row.record_id, by)


def _plain(name: str) -> str:
    """The name alone, without folders and what no file name holds."""
    return CONTROL.sub("", PurePath(name.replace("\\", "/")).name).strip()[-200:] or "file"


def checked(name: str, data: bytes) -> str:
    """The media type that the content says, where it is one of ours and the name's ending agrees."""
    if not data:
        raise Invalid({"file": "empty_file"})
    if len(data) > LARGEST:
        raise Invalid({"file": "file_size"})
    ending = PurePath(name).suffix.lower().lstrip(".")
    for endings, mime in (_picture(data), _office(data), _old_office(data), _text(data)):
        if mime:
            if ending in endings:
                return mime
            break
    raise Invalid({"file": "file_type"})


Known = tuple[tuple[str, ...], str]
UNKNOWN: Known = ((), "")


def _picture(data: bytes) -> Known:
    kind = filetype.guess(data[:8192])
    return (KINDS[kind.extension], kind.mime) if kind and kind.extension in KINDS else UNKNOWN


def _office(data: bytes) -> Known:
    """A zip that is a document of Office, without macros."""
    if not data.startswith(b"PK\x03\x04"):
        return UNKNOWN
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            parts = set(book.namelist())
    except zipfile.BadZipFile:
        return UNKNOWN
    if "[Content_Types].xml" not in parts or any(part.lower().endswith("vbaproject.bin") for part in parts):
        return UNKNOWN
    return next((((ending,), mime) for part, (ending, mime) in PARTS.items() if part in parts), UNKNOWN)


def _old_office(data: bytes) -> Known:
    if not data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return UNKNOWN
    found = (kind for stream, kind in OLD_OFFICE.items() if stream.encode("utf-16-le") in data)
    return next((((ending,), mime) for ending, mime in found), UNKNOWN)


def _text(data: bytes) -> Known:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            plain = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return UNKNOWN if CONTROL.search(plain) else (("txt", "csv"), "text/plain")
    return UNKNOWN
