"""The only door to the database: one transaction at a time, by somebody, within their scope, and audited.

SQLAlchemy events here add the actor's station and the bin to every read, and write the audit row, the search text and
the keyed hashes of every change in the same transaction. A session without an actor is an error; so is a bulk statement,
except through `bulk_insert` and `bulk_update`, which audit too.
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session, col

from models import RECORDS, RecordType
from models.base import Record, StationRow, now
from models.system import AuditEntry, UsedToken, Verb
from models.types import Encrypted
from models.vault import digest
from services import search
from services.access import SYSTEM, Actor
from services.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound, PortalError

ROOT = Path(__file__).resolve().parent.parent
NOT_AUDITED = Record.SYSTEM_COLUMNS
SECRET = frozenset({"password_hash", "old_hashes", "checkin_token"})
CHUNK = 2000


class Busy(PortalError):
    """The database is held by somebody else's long write; the same act may succeed in a moment."""

    def __init__(self) -> None:
        super().__init__("busy")


class PortalSession(Session):
    """A session that knows who acts (info["actor"])."""

    @property
    def actor(self) -> Actor:
        return self.info["actor"]  # type: ignore[no-any-return]


def url() -> str:
    """DATABASE_URL, or the embedded SQLite file under data/."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith(("postgres://", "postgresql://")):
        return "postgresql+psycopg://" + given.split("://", 1)[1]
    return given or f"sqlite:///{ROOT / 'data' / 'portal.db'}"


@cache
def engine() -> Engine:
    target = url()
    if not target.startswith("sqlite"):
        return create_engine(target, pool_pre_ping=True, pool_size=10, max_overflow=20)
    path = target.split("///", 1)[1]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(
        target, pool_size=20, max_overflow=30, connect_args={"timeout": 20, "check_same_thread": False}
    )
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    return made


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "synchronous=normal",
        "busy_timeout=20000",
        "foreign_keys=on",
        "cache_size=-65536",
    ):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a later upgrade of a reader would lose updates or fail."""
    writes = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@cache
def writer() -> Engine:
    return engine().execution_options(write=True)


def is_sqlite() -> bool:
    return engine().dialect.name == "sqlite"


def dispose() -> None:
    """Forget the engine (another DATABASE_URL, the end of a test)."""
    if engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()
    writer.cache_clear()


@contextmanager
def reading(actor: Actor) -> Iterator[PortalSession]:
    """A read-only view within the actor's scope."""
    with PortalSession(engine(), expire_on_commit=False, autoflush=False) as session:
        session.info["actor"] = actor
        yield session


@contextmanager
def unit(actor: Actor, *, reason: str = "", token: str | None = None) -> Iterator[PortalSession]:
    """One write: all of it, with its audit rows, or nothing.

    `token` names the submit: its second arrival raises AlreadyDone. Raises Invalid where a key is taken, Conflict where
    somebody else changed a row meanwhile, Busy where the database stays locked.
    """
    with PortalSession(writer(), expire_on_commit=False) as session:
        session.info.update(actor=actor, reason=reason)
        try:
            if token:
                _use(session, token)
            yield session
            session.commit()
        except IntegrityError as error:
            raise taken(error) from error
        except StaleDataError as error:
            raise Conflict({}, {}) from error
        except OperationalError as error:
            raise _busy(error) from error


def _use(session: Session, token: str) -> None:
    if session.get(UsedToken, token) is not None:
        raise AlreadyDone
    session.add(UsedToken(token=token))
    try:
        session.flush()
    except IntegrityError as error:
        raise AlreadyDone from error


def _busy(error: OperationalError) -> Exception:
    return Busy() if "locked" in str(error.orig) else error


def taken(error: IntegrityError) -> PortalError:
    """Which field an integrity error is about, by the name of the key or column that the database tells."""
    message = str(error.orig)
    for record in RECORDS.values():
        for index in record.model.__table__.indexes:  # type: ignore[attr-defined]
            columns = [column.name for column in index.columns]
            sqlite_words = ", ".join(f"{record.name}.{column}" for column in columns)
            if index.unique and (f'"{index.name}"' in message or message.endswith(f"failed: {sqlite_words}")):
                return Invalid({columns[-1].removesuffix("_key"): "taken"})
    return Invalid({"": "in_use" if "FOREIGN KEY" in message.upper() else "taken"})


@contextmanager
def connection(*, write: bool = False) -> Iterator[Connection]:
    """A bare connection for machinery that is no record of the work: migration, search tables, backup, measurements."""
    with (writer() if write else engine()).begin() as bare:
        yield bare


def lock(session: Session, model: type[Any], key: int) -> Any:
    """The row, held until the transaction ends, so that seats and numbers are decided by one at a time."""
    row = session.execute(select(model).where(model.id == key).with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound(record=model.__name__)
    return row


# -- reads: the bin and the station --------------------------------------------------


@event.listens_for(PortalSession, "do_orm_execute")
def _scope(state: ORMExecuteState) -> None:
    if state.is_update or state.is_delete or state.is_insert:
        if not state.execution_options.get("bulk"):
            raise RuntimeError("bulk statements go through bulk_insert and bulk_update")
        return
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        return
    units = state.session.info["actor"].units
    units = None if units is None else sorted(units)
    options = []
    if not state.execution_options.get("with_bin"):
        options.append(with_loader_criteria(Record, lambda cls: cls.deleted_at.is_(None), include_aliases=True))
    if units is not None:
        options.append(with_loader_criteria(StationRow, lambda cls: cls.unit_id.in_(units), include_aliases=True))
    state.statement = state.statement.options(*options)


# -- writes: stamps, keyed hashes, search text, audit --------------------------------------------------


@event.listens_for(PortalSession, "before_flush")
def _stamp_all(session: PortalSession, _context: UOWTransaction, _instances: Any) -> None:
    actor = session.actor
    for row in [*session.new, *session.dirty]:
        if isinstance(row, Record) and (row in session.new or session.is_modified(row)):
            _guard_unit(actor, row)
            _stamp(actor, row, is_new=row in session.new)
    if any(isinstance(row, Record) for row in session.deleted) and not session.info.get("erasing"):
        raise RuntimeError("a record goes to the bin; it is erased by services.store.erase alone")


def _guard_unit(actor: Actor, row: Record) -> None:
    if actor.units is None or not isinstance(row, StationRow):
        return
    if row.unit_id is None and len(actor.units) == 1:
        row.unit_id = next(iter(actor.units))
    if row.unit_id not in actor.units:
        raise Denied("other_station")


def _stamp(actor: Actor, row: Record, *, is_new: bool) -> None:
    if is_new:
        row.created_by = actor.account_id
    else:
        row.version += 1
    row.changed_at, row.changed_by = now(), actor.account_id
    values = {name: getattr(row, name) for name in row.__class__.model_fields}
    for name, value in derived(row.__class__, values).items():
        if getattr(row, name) != value:
            setattr(row, name, value)


def derived(model: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that follow from others: keyed hashes of personal data, and the text by which a row is searched."""
    found: dict[str, Any] = {}
    for name in personal_columns(model):
        if f"{name}_key" in model.model_fields:
            found[f"{name}_key"] = digest(values[name]) if values.get(name) else None
        if f"{name}_tail" in model.model_fields:
            found[f"{name}_tail"] = digest(values[name][-4:]) if values.get(name) else None
    fields = search_columns(model)
    if fields:
        found["search_text"] = search.text_of(values.get(name) or "" for name in fields)
    return found


@cache
def personal_columns(model: type[Any]) -> tuple[str, ...]:
    return tuple(column.name for column in model.__table__.columns if isinstance(column.type, Encrypted))


@cache
def search_columns(model: type[Any]) -> tuple[str, ...]:
    record = RECORDS.get(model.__table__.name)
    return record.search_fields if record else ()


@event.listens_for(PortalSession, "after_flush")
def _record_all(session: PortalSession, _context: UOWTransaction) -> None:
    entries, searched = [], []
    for row in session.new:
        if isinstance(row, Record):
            entries.append(_entry(session, Verb.CREATE, row, _values(row)))
            searched.append(row)
    for row in session.dirty:
        if isinstance(row, Record) and (changes := _changes(row)):
            entries.append(_entry(session, _verb(changes), row, changes))
            if "search_text" in _changed_columns(row):
                searched.append(row)
    for row in session.deleted:
        if isinstance(row, Record):
            entries.append(_entry(session, Verb.ERASE, row, {}))
    if entries:
        session.connection().execute(insert(AuditEntry), entries)
    for row in searched:
        if search_columns(row.__class__):
            search.put(session.connection(), row.__table__.name, [(row.id, row.search_text)])  # type: ignore[attr-defined]


def _entry(session: PortalSession, verb: Verb, row: Record, changes: Mapping[str, Any]) -> dict[str, Any]:
    return entry(session, verb, row.__table__.name, row.id, changes)  # type: ignore[attr-defined]


def entry(
    session: PortalSession, verb: Verb, record: str, record_id: int | None, changes: Any, reason: str = ""
) -> dict[str, Any]:
    actor = session.actor
    return {
        "at": now(),
        "account_id": actor.account_id,
        "actor": actor.name,
        "verb": verb,
        "record": record,
        "record_id": record_id,
        "changes": changes or None,
        "reason": reason or session.info.get("reason", ""),
    }


def note(
    session: PortalSession, verb: Verb, record: str, record_id: int | None = None, detail: Any = None, reason: str = ""
) -> None:
    """Write an audit row for an act that changes no record: a sign-in, a reveal, an export."""
    session.connection().execute(insert(AuditEntry), [entry(session, verb, record, record_id, detail, reason)])


def _plain(model: type[Any], name: str, value: Any) -> Any:
    if name in SECRET or name in personal_columns(model):
        return "changed"
    return getattr(value, "value", value)


def _values(row: Record) -> dict[str, Any]:
    model = row.__class__
    shown = (name for name in model.model_fields if name not in NOT_AUDITED and not name.endswith(("_key", "_tail")))
    return {name: _plain(model, name, value) for name in shown if (value := getattr(row, name)) not in (None, "", [])}


def _changed_columns(row: Record) -> set[str]:
    state = inspect(row)
    return {name for name in row.__class__.model_fields if state.attrs[name].history.has_changes()}


def _changes(row: Record) -> dict[str, Any]:
    """{field: [old, new]}; of personal data only that it changed."""
    model, found = row.__class__, {}
    for name in _changed_columns(row) - (NOT_AUDITED - {"deleted_at"}):
        if name.endswith(("_key", "_tail")):
            continue
        history = inspect(row).attrs[name].history
        old = history.deleted[0] if history.deleted else None
        found[name] = [_plain(model, name, old), _plain(model, name, getattr(row, name))]
    return found


def _verb(changes: Mapping[str, Any]) -> Verb:
    if "deleted_at" not in changes:
        return Verb.CHANGE
    return Verb.RESTORE if changes["deleted_at"][1] is None else Verb.REMOVE


# -- the bulk door --------------------------------------------------


def bulk_insert(session: PortalSession, record: RecordType, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert many rows of a record, stamped, searchable and audited; returns their ids in order.

    Rows hold column values as the schema returns them; derived columns are filled in here.
    """
    if not rows:
        return []
    table, model, actor, moment = record.model.__table__, record.model, session.actor, now()  # type: ignore[attr-defined]
    if record.has_unit and actor.units is not None and any(row.get("unit_id") not in actor.units for row in rows):
        raise Denied("other_station")
    first = _reserve(session, table.name, len(rows))
    stamp = {"version": 1, "created_at": moment, "changed_at": moment, "deleted_at": None, "deleted_by": None}
    stamp |= {"created_by": actor.account_id, "changed_by": actor.account_id, "search_text": ""}
    full = [{**stamp, **row, "id": first + i, **derived(model, row)} for i, row in enumerate(rows)]
    plain = [name for name in model.model_fields if name not in NOT_AUDITED and not name.endswith(("_key", "_tail"))]
    bare = session.connection()
    for start in range(0, len(full), CHUNK):
        part = full[start : start + CHUNK]
        bare.execute(insert(table), part)
        entries = [
            entry(session, Verb.CREATE, table.name, row["id"], {
                name: _plain(model, name, row[name]) for name in plain if row.get(name) not in (None, "", [])
            })
            for row in part
        ]  # fmt: skip
        bare.execute(insert(AuditEntry), entries)
        if record.search_fields:
            search.put(bare, table.name, [(row["id"], row["search_text"]) for row in part], fresh=True)
    return [row["id"] for row in full]


def _reserve(session: PortalSession, table: str, count: int) -> int:
    """The first of `count` ids that nobody else will take."""
    bare = session.connection()
    if is_sqlite():
        return (bare.exec_driver_sql(f'SELECT max(id) FROM "{table}"').scalar() or 0) + 1
    statement = text(f"SELECT min(n) FROM (SELECT nextval(pg_get_serial_sequence('{table}', 'id')) n "
                     f"FROM generate_series(1, {count})) taken")  # fmt: skip
    return int(bare.execute(statement).scalar_one())


def bulk_update(
    session: PortalSession, record: RecordType, rows: Iterable[tuple[int, dict[str, Any], dict[str, Any]]]
) -> int:
    """Change many rows: (id, new column values, the old values of those columns); audited one by one."""
    table, model, actor, moment = record.model.__table__, record.model, session.actor, now()  # type: ignore[attr-defined]
    bare, count = session.connection(), 0
    for row_id, values, old in rows:
        more = {name: value for name, value in derived(model, {**old, **values}).items() if name != "search_text"}
        more = {name: value for name, value in more.items() if name.rsplit("_", 1)[0] in values}
        if any(name in values for name in record.search_fields):
            more["search_text"] = search.text_of({**old, **values}.get(name) or "" for name in record.search_fields)
            search.put(bare, table.name, [(row_id, more["search_text"])])
        stamp = {"version": table.c.version + 1, "changed_at": moment, "changed_by": actor.account_id}
        bare.execute(update(table).where(table.c.id == row_id).values(**values, **more, **stamp))
        changes = {k: [_plain(model, k, old.get(k)), _plain(model, k, v)] for k, v in values.items()}
        bare.execute(insert(AuditEntry), [entry(session, Verb.CHANGE, table.name, row_id, changes)])
        count += 1
    return count


# -- versions --------------------------------------------------


def data_version() -> int:
    """The newest audit id: it grows with every write, and with nothing else."""
    with engine().connect() as bare:
        return bare.execute(select(func.max(AuditEntry.id))).scalar() or 0


def table_version(records: Iterable[str]) -> int:
    """The newest audit id of any of these record types."""
    with reading(SYSTEM) as session:
        newest = select(func.max(AuditEntry.id)).where(col(AuditEntry.record) == text(":record"))
        return max(
            (session.connection().execute(newest, {"record": name}).scalar() or 0 for name in records), default=0
        )


# -- schema --------------------------------------------------


def alembic_config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return config


def migrate() -> None:
    """Bring the schema to the newest migration."""
    from alembic import command

    command.upgrade(alembic_config(), "head")


def is_migrated() -> bool:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with engine().connect() as bare:
        return (
            MigrationContext.configure(bare).get_current_revision()
            == ScriptDirectory.from_config(alembic_config()).get_current_head()
        )


def wait_until_reachable(seconds: float = 30) -> None:
    """Wait for a database server that is still starting; raises the last error after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with engine().connect():
                return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
