"""Files that prove a record: checked by content, kept by hash, read by those who may see the record (decision 16).

Codes: file_type, file_size, empty_file, file_missing.
"""

import builtins
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

import filetype
from sqlmodel import col, select

from models import RECORDS, RecordType
from models.system import Attachment, Verb
from services import clock, db, files, hooks, naming, store
from services.access import Actor
from services.errors import Invalid, NotFound

LARGEST = 20 << 20
PARTS = {
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "ppt/presentation.xml": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
OLD_OFFICE = {"WordDocument": ("doc", "application/msword"), "Workbook": ("xls", "application/vnd.ms-excel")}
PICTURES = {"png": ("png",), "jpg": ("jpg", "jpeg"), "webp": ("webp",), "gif": ("gif",), "pdf": ("pdf",)}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as it is listed; `size` in bytes, `of` the id of its record."""

    id: int
    name: str
    size: int
    mime: str
    created_at: datetime
    sha256: str
    of: int


def attach(actor: Actor, record: RecordType, key: int, name: str, data: bytes) -> int:
    """Keep a file beside a record that the actor may see and write; returns its id. Raises Invalid({"file": code})."""
    actor.need("write", record.area)
    store.get(actor, record, key)
    mime = checked(name, data)
    made = Attachment(
        record=record.name, record_id=key, name=_plain(name), sha256=files.keep(data), size=len(data), mime=mime,
        created_by=actor.account_id,
    )  # fmt: skip
    with db.unit(actor) as session:
        session.add(made)
        session.flush()
        db.note(session, Verb.ATTACH, record.name, key, {"file": made.name, "sha256": made.sha256})
        return made.id or 0


def list(actor: Actor, record: RecordType, key: int) -> builtins.list[File]:
    """A record's files, newest first."""
    store.get(actor, record, key, binned=True)
    with db.reading(actor) as session:
        mine = select(Attachment).where(Attachment.record == record.name, Attachment.record_id == key)
        found = session.exec(mine.where(col(Attachment.deleted_at).is_(None)).order_by(col(Attachment.id).desc()))
        return [_file(row) for row in found]


def of_many(actor: Actor, record: RecordType, keys: Iterable[int]) -> builtins.list[File]:
    """The files of records that the actor was shown, oldest first."""
    actor.need("read", record.area)
    mine = select(Attachment).where(Attachment.record == record.name, col(Attachment.deleted_at).is_(None))
    with db.reading(actor) as session:
        parts = (session.exec(mine.where(col(Attachment.record_id).in_(part))) for part in naming.parts(set(keys)))
        return sorted((_file(row) for part in parts for row in part), key=lambda file: file.id)


def open(actor: Actor, key: int) -> tuple[File, bytes]:
    """A file and its content, for whoever may see its record; the download is in the audit. Raises NotFound, Denied."""
    row = _visible(actor, key)
    data = files.read(files.content_key(row.sha256))
    with db.unit(actor) as session:
        db.note(session, Verb.DOWNLOAD, row.record, row.record_id, {"file": row.name})
    return _file(row), data


def remove(actor: Actor, key: int) -> None:
    """Take a file away from its record; its content stays for what the audit says of it."""
    row = _visible(actor, key)
    actor.need("write", RECORDS[row.record].area)
    with db.unit(actor) as session:
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


def _file(row: Attachment) -> File:
    return File(row.id or 0, row.name, row.size, row.mime, row.created_at, row.sha256, row.record_id)


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
    return (PICTURES[kind.extension], kind.mime) if kind and kind.extension in PICTURES else UNKNOWN


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
