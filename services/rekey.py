"""A new key for personal data: every encrypted column is written again with it, in small transactions (rules.md §7)."""

from sqlalchemy import Table, bindparam, select, type_coerce, update
from sqlalchemy.types import LargeBinary
from sqlmodel import SQLModel

from models import vault
from models.system import Verb
from models.types import Encrypted
from services import db
from services.access import Actor

PART = 500


def rekey(actor: Actor) -> int:
    """Add a key and encrypt all with it; returns how many values were written again.

    The old keys stay in the file: older backups need them, and the search hashes rest on the first.
    """
    actor.need("write", "admin")
    number = vault.add_key()
    written = sum(
        _renew(table, column.name, number)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Encrypted)
    )
    with db.unit(actor) as session:
        db.note(session, Verb.CHANGE, "account", None, {"rekey": number, "values": written})
    return written


def _renew(table: Table, name: str, number: int) -> int:
    raw = type_coerce(table.c[name], LargeBinary())
    change = update(table).where(table.c.id == bindparam("row")).values({name: bindparam("new", type_=LargeBinary())})
    last = written = 0
    while True:
        wanted = select(table.c.id, raw).where(table.c.id > last, raw.is_not(None)).order_by(table.c.id).limit(PART)
        with db.connection(write=True) as bare:
            found = bare.execute(wanted.with_for_update()).all()
            if not found:
                return written
            old = [(key, bytes(value)) for key, value in found if bytes(value)[0] != number]
            if old:
                bare.execute(change, [{"row": k, "new": vault.encrypt(vault.decrypt(value))} for k, value in old])
            last, written = found[-1][0], written + len(old)
