"""The only door to the database: one transaction at a time, by somebody, within their scope, and audited.

SQLAlchemy events here add the actor's station and the bin to every read, and write the audit row, the search text and
the keyed hashes of every change in the same transaction. A session without an actor is an error; so is a bulk
statement, except through `bulk_insert` and `bulk_update`, which audit too.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, create_engine, event, func, insert, inspect, select, text, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import LoaderCriteriaOption, ORMExecuteState, UOWTransaction, with_loader_criteria
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, col

from models import RECORDS, RecordType
from models.base import Record, StationRow, now
from models.system import AuditEntry, UsedToken, Verb
from models.types import Encrypted
from models.vault import digest
from services import locked, search
from services.access import Actor
from services.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound, PortalError

ROOT = Path(__file__).resolve().parent.parent
PATIENT, IMPATIENT = 20_000, 50  # ms to wait for somebody else's write
NOT_AUDITED = Record.SYSTEM_COLUMNS
SECRET = frozenset({"password_hash", "old_hashes", "checkin_token", "feed_token", "once", "check_code", "link_key"})
LONGEST_REASON = AuditEntry.model_fields["reason"].metadata[0].max_length
HASHED = {"key": 0, "tail": -4}
HELD: ContextVar[Connection | None] = ContextVar("held", default=None)


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
    """The one engine; its errors go into logs, and so tell no values."""
    target = url()
    if not target.startswith("sqlite"):
        return create_engine(target, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True)
    path = target.split("///", 1)[1]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    waiting = {"timeout": 20, "check_same_thread": False}
    made = create_engine(target, pool_size=20, max_overflow=30, hide_parameters=True, connect_args=waiting)
    event.listen(made, "connect", _prepare_sqlite)
    event.listen(made, "begin", _begin_sqlite)
    event.listen(made, "before_cursor_execute", _keep_order, retval=True)
    return made


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=wal",
        "synchronous=normal",
        f"busy_timeout={PATIENT}",
        "foreign_keys=on",
        "cache_size=-65536",
    ):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its lock at once: a later upgrade of a reader would lose updates or fail."""
    writes = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _keep_order(_bare: Connection, _cursor: Any, sql: str, given: Any, context: Any, _many: bool) -> tuple[str, Any]:
    """SQLite reads the tables of an `in_order` statement as they stand in it, outer ones first (its CROSS JOIN)."""
    in_order = context is not None and context.execution_options.get("in_order")
    return sql.replace(" JOIN ", " CROSS JOIN ") if in_order else sql, given


@cache
def writer() -> Engine:
    return engine().execution_options(write=True)


def is_sqlite() -> bool:
    return engine().dialect.name == "sqlite"


def dispose() -> None:
    """Forget the engine (another DATABASE_URL, the end of a test)."""
    if engine.cache_info().currsize:
        engine().dispose()
    for made in (engine, writer, reader):
        made.cache_clear()


@cache
def reader() -> Engine:
    """SQLite reads one snapshot. PostgreSQL gives every statement its own with a transaction or without, so it goes
    without one: two round trips less for each page."""
    return engine() if is_sqlite() else engine().execution_options(isolation_level="AUTOCOMMIT")


@contextmanager
def reading(actor: Actor) -> Iterator[PortalSession]:
    """A read-only view within the actor's scope. Raises NotFound where what is asked for cannot be stored at all."""
    with PortalSession(
        HELD.get() or reader(), expire_on_commit=False, autoflush=False, join_transaction_mode="rollback_only"
    ) as session:
        session.info["actor"] = actor
        with _fitting(NotFound()):
            yield session


@contextmanager
def snapshot() -> Iterator[int]:
    """Whatever is read inside, by whomever, is of one moment; yields the data's version of that moment.

    Every `reading` of this thread joins one transaction: nobody's writes show in it, one's own neither.
    """
    isolated = {} if is_sqlite() else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine().execution_options(**isolated).connect() as bare, bare.begin():
        version = bare.execute(select(func.max(AuditEntry.id))).scalar() or 0
        token = HELD.set(bare)
        try:
            yield version
        finally:
            HELD.reset(token)


@contextmanager
def _fitting(otherwise: PortalError) -> Iterator[None]:
    """A number or a text that the database's types do not hold is bad input: PostgreSQL and SQLite's driver say so."""
    try:
        yield
    except DataError as error:
        raise otherwise from error
    except OverflowError as error:
        if "SQLite" not in str(error):
            raise
        raise otherwise from error


@contextmanager
def unit(actor: Actor, *, reason: str = "", token: str | None = None) -> Iterator[PortalSession]:
    """One write: all of it, with its audit rows, or nothing.

    `token` names the submit: its second arrival raises AlreadyDone. Raises Invalid where a key is taken, a value does not
    fit, the reason is too long or a month is closed, Conflict where somebody else changed a row meanwhile, Busy where the
    database stays locked.
    """
    if len(reason) > LONGEST_REASON:
        raise Invalid({"reason": "too_long"})
    with PortalSession(writer(), expire_on_commit=False) as session, _fitting(Invalid({"": "unfit"})):
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


def taken(error: IntegrityError) -> Invalid:
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


@contextmanager
def at_once() -> Iterator[Connection]:
    """A bare short write that rather fails (DBAPIError) than waits for somebody else's."""
    with writer().connect() as bare:
        _set_patience(bare, IMPATIENT)
        try:
            with bare.begin():
                if not is_sqlite():
                    bare.exec_driver_sql(f"SET LOCAL lock_timeout = {IMPATIENT}")
                yield bare
        finally:
            _set_patience(bare, PATIENT)


def _set_patience(bare: Connection, milliseconds: int) -> None:
    """Of SQLite's connection, outside of a transaction."""
    if is_sqlite():
        driver: Any = bare.connection.driver_connection
        driver.execute(f"pragma busy_timeout={milliseconds}")


def lock(session: Session, model: type[Any], key: int, *, binned: bool = False) -> Any:
    """The row, held until the transaction ends, so that seats and numbers are decided by one at a time; `binned`: also
    one in the bin, which is about to come back. Raises NotFound."""
    wanted = select(model).where(model.id == key).with_for_update()
    row = session.execute(wanted, execution_options={"with_bin": binned}).scalar_one_or_none()
    if row is None:
        raise NotFound(record=model.__name__)
    return row


def alone(session: Session, *keys: str) -> None:
    """Let nobody else hold these keys until the transaction ends (SQLite's writers are alone once it has begun)."""
    session.connection()
    if not is_sqlite():
        for key in keys:
            session.execute(select(func.pg_advisory_xact_lock(func.hashtext(key))))


# -- reads: the bin and the station --------------------------------------------------


@event.listens_for(PortalSession, "do_orm_execute")
def _scope(state: ORMExecuteState) -> None:
    if state.is_update or state.is_delete or state.is_insert:
        if not state.execution_options.get("bulk"):
            raise RuntimeError("bulk statements go through bulk_insert and bulk_update")
        return
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        return
    units = None if state.execution_options.get("every_station") else state.session.info["actor"].units
    options = [] if state.execution_options.get("with_bin") else [_alive()]
    if units is not None:
        options.append(_within(units))
    if options:
        state.statement = state.statement.options(*options)


@cache
def _alive() -> LoaderCriteriaOption:
    return with_loader_criteria(Record, lambda cls: cls.deleted_at.is_(None), include_aliases=True)


@lru_cache(maxsize=1000)
def _within(units: frozenset[int]) -> LoaderCriteriaOption:
    stations = sorted(units)
    return with_loader_criteria(StationRow, lambda cls: cls.unit_id.in_(stations), include_aliases=True)


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
    locked.guard_flush(session)


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


def derived(model: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that follow from others: keyed hashes of personal data, and the text by which a row is searched."""
    found: dict[str, Any] = {
        target: digest(value[start:]) if (value := values.get(name)) else None for target, name, start in _hashes(model)
    }
    if fields := search_columns(model):
        found["search_text"] = search.text_of(values.get(name) or "" for name in fields)
    return found


@cache
def _hashes(model: Any) -> tuple[tuple[str, str, int], ...]:
    """The columns of keyed hashes, each with the personal one and from which of its characters on it is hashed."""
    hashed = ((f"{name}_{part}", name, start) for name in personal_columns(model) for part, start in HASHED.items())
    return tuple((target, name, start) for target, name, start in hashed if target in model.model_fields)


@cache
def personal_columns(model: Any) -> tuple[str, ...]:
    return tuple(column.name for column in model.__table__.columns if isinstance(column.type, Encrypted))


@cache
def search_columns(model: Any) -> tuple[str, ...]:
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
    entries += [_entry(session, Verb.ERASE, row, {}) for row in session.deleted if isinstance(row, Record)]
    if entries:
        session.connection().execute(insert(AuditEntry), entries)
    for row in searched:
        if search_columns(row.__class__):
            search.put(session.connection(), row.__table__.name, [(row.id, row.search_text)])  # type: ignore[attr-defined]
    locked.note_written(session)


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


def note_each(session: PortalSession, verb: Verb, record: str, keys: Sequence[int], detail: Any = None) -> None:
    """The same of each of several records, in one statement."""
    if keys:
        session.connection().execute(insert(AuditEntry), [entry(session, verb, record, key, detail) for key in keys])


def _plain(model: Any, name: str, value: Any) -> Any:
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one record ready to insert: stamped, encrypted, hashed and their audit written out, without a lock;
    `given` as they came."""

    record: RecordType
    given: Sequence[Mapping[str, Any]]
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    audits: list[str]


ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str).encode


def prepare(actor: Actor, record: RecordType, rows: Sequence[dict[str, Any]], late: Sequence[str] = ()) -> Batch:
    """Rows of column values, as the schema returns them, made ready; `late` are the columns that insert_batch gets."""
    if record.has_unit and actor.units is not None and any(row.get("unit_id") not in actor.units for row in rows):
        raise Denied("other_station")
    table, model, moment = record.model.__table__, record.model, now()  # type: ignore[attr-defined]
    stamp = {"created_at": moment, "changed_at": moment, "created_by": actor.account_id, "changed_by": actor.account_id}
    columns = [column for column in table.columns if column.name != "id" and column.name not in late]
    followed = [derived(model, row) for row in rows]
    cells = []
    for column in columns:
        if column.name in stamp:
            cells.append(bound(column.type, [stamp[column.name]]) * len(rows))
        elif followed and column.name in followed[0]:
            cells.append(bound(column.type, [row[column.name] for row in followed]))
        else:
            cells.append(bound(column.type, _given(model, column.name, rows)))
    audits = [ENCODE(told) for told in _told(model, rows, late)]
    return Batch(record, rows, tuple(column.name for column in columns), list(zip(*cells, strict=True)), audits)


def bound(kind: TypeEngine[Any], values: list[Any]) -> list[Any]:
    """Values of a column of that type as the driver takes them."""
    bind = kind.dialect_impl(engine().dialect).bind_processor(engine().dialect)
    if bind is None:
        return values
    nothing = bind(None)
    return [nothing if value is None else bind(value) for value in values]


def _told(model: Any, rows: Sequence[dict[str, Any]], late: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What the audit keeps of new rows: their values, of personal ones only that there was one."""
    plain = [name for name in _audited(model) if name not in late]
    hidden = {name for name in plain if name in SECRET or name in personal_columns(model)}
    for row in rows:
        yield {
            name: "changed" if name in hidden else value
            for name in plain
            if (value := row.get(name)) not in (None, "", [])
        }


def _given(model: type[Any], name: str, rows: Sequence[dict[str, Any]]) -> list[Any]:
    info = model.model_fields[name]
    if info.default_factory:
        return [row[name] if name in row else info.get_default(call_default_factory=True) for row in rows]
    usual = info.get_default()
    return [row.get(name, usual) for row in rows]


@cache
def _audited(model: Any) -> tuple[str, ...]:
    return tuple(n for n in model.model_fields if n not in NOT_AUDITED and not n.endswith(("_key", "_tail")))


def insert_batch(session: PortalSession, batch: Batch, late: Mapping[str, Sequence[Any]] | None = None) -> list[int]:
    """Insert a prepared batch with its search texts and audit rows; returns the ids in order."""
    if not batch.rows:
        return []
    bare, name, extra = session.connection(), batch.record.name, dict(late or {})
    ids = _reserve(session, name, len(batch.rows))
    locked.guard_new(session, batch.record, ids, batch.given)
    more = list(zip(*extra.values(), strict=True)) or [()] * len(ids)
    rows = ((key, *own, *row) for key, own, row in zip(ids, more, batch.rows, strict=True))
    _load(bare, name, ("id", *extra, *batch.columns), rows)
    if batch.record.search_fields and is_sqlite():
        search.add(bare, name, ids[0])
    told = zip(ids, more, batch.audits, strict=True)
    _write_audit(session, Verb.CREATE, name, ((key, _with(extra, own, audit)) for key, own, audit in told))
    return ids


def _with(names: Iterable[str], values: Sequence[Any], audit: str) -> str:
    """The audit's document with the late columns in it."""
    known = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return (ENCODE(known)[:-1] + (", " if audit != "{}" else "") + audit[1:]) if known else audit


def _write_audit(session: PortalSession, verb: Verb, name: str, entries: Iterable[tuple[int, str]]) -> None:
    actor, bind = session.actor, AuditEntry.__table__.c.at.type.bind_processor(engine().dialect)  # type: ignore[attr-defined]
    moment = bind(now()) if bind else now()
    columns = ("at", "account_id", "actor", "verb", "record", "record_id", "changes", "reason")
    same = (moment, actor.account_id, actor.name, verb.value, name)
    reason = session.info.get("reason", "")
    rows = ((*same, key, None if changes == "{}" else changes, reason) for key, changes in entries)
    _load(session.connection(), "audit_entry", columns, rows)


def _load(bare: Connection, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """The fastest way in that the database has: one executemany on SQLite, COPY on PostgreSQL."""
    names = ", ".join(f'"{name}"' for name in columns)
    if is_sqlite():
        bare.exec_driver_sql(f'INSERT INTO "{table}"({names}) VALUES ({", ".join("?" * len(columns))})', list(rows))
        return
    driver: Any = bare.connection.driver_connection
    errors = bare.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table}"({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
    except errors as error:  # past SQLAlchemy, which gives every other statement's error its own class
        raise DBAPIError.instance(f"COPY {table}", None, error, errors, hide_parameters=True) from error


def bulk_insert(session: PortalSession, record: RecordType, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert many rows of a record, stamped, searchable and audited; returns their ids in order.

    Rows hold column values as the schema returns them; derived columns are filled in here.
    """
    return insert_batch(session, prepare(session.actor, record, rows)) if rows else []


def _reserve(session: PortalSession, table: str, count: int) -> list[int]:
    """Ids that nobody else will take, nor ever had."""
    bare = session.connection()
    if is_sqlite():
        last = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
        first = (bare.execute(last, {"table": table}).scalar() or 0) + 1
        return list(range(first, first + count))
    taken = text(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, {count})")
    return list(bare.execute(taken).scalars())


Change = tuple[int, dict[str, Any], dict[str, Any]]


def bulk_update(session: PortalSession, record: RecordType, rows: Iterable[Change]) -> int:
    """Change many rows: (id, new column values, the old values of those columns and of the search fields); audited one
    by one. Returns how many."""
    model, table = record.model, record.model.__table__  # type: ignore[attr-defined]
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    audits, found, rows = [], [], list(rows)
    locked.guard_changes(session, record, {key: values for key, values, _ in rows})
    for key, values, old in rows:
        more = _following(record, values, old)
        if "search_text" in more:
            found.append((key, more["search_text"]))
        groups.setdefault(tuple(sorted([*values, *more])), []).append({"row_id": key, **values, **more})
        told = {name: [_plain(model, name, old.get(name)), _plain(model, name, new)] for name, new in values.items()}
        audits.append((key, ENCODE(told)))
    stamp = {"version": table.c.version + 1, "changed_at": now(), "changed_by": session.actor.account_id}
    for names, part in groups.items():
        wanted = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
        sent = [{name if name == "row_id" else f"new_{name}": value for name, value in row.items()} for row in part]
        statement = update(table).where(table.c.id == bindparam("row_id")).values(wanted | stamp)
        session.connection().execute(statement, sent)
    search.put(session.connection(), record.name, found)
    locked.note_written(session)
    if audits:
        _write_audit(session, Verb.CHANGE, record.name, audits)
    return len(audits)


def _following(record: RecordType, values: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """The derived columns of what changes."""
    found = derived(record.model, {**old, **values})
    searched = any(name in values for name in record.search_fields)
    return {
        name: value
        for name, value in found.items()
        if (searched if name == "search_text" else name.rsplit("_", 1)[0] in values)
    }


# -- versions --------------------------------------------------


def data_version() -> int:
    """The newest audit id: it grows with every write, and with nothing else."""
    with engine().connect() as bare:
        return bare.execute(select(func.max(AuditEntry.id))).scalar() or 0


def written_since(session: PortalSession, since: int, records: Iterable[str]) -> bool:
    """Whether any of these record types was written to after that audit id."""
    newer = (
        select(col(AuditEntry.id)).where(col(AuditEntry.id) > since, col(AuditEntry.record).in_(set(records))).limit(1)
    )
    return session.connection().execute(newer).first() is not None


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


def revision() -> str | None:
    """The migration at which the database stands."""
    from alembic.runtime.migration import MigrationContext

    with engine().connect() as bare:
        return MigrationContext.configure(bare).get_current_revision()


def is_migrated() -> bool:
    from alembic.script import ScriptDirectory

    return revision() == ScriptDirectory.from_config(alembic_config()).get_current_head()


def drift() -> list[Any]:
    """What the models say and the database does not have, or the other way round; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlmodel import SQLModel

    with engine().connect() as bare:
        options = {"compare_type": True, "include_object": _is_ours}
        return list(compare_metadata(MigrationContext.configure(bare, opts=options), SQLModel.metadata))


def _is_ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Not the search indexes, which the migration makes by hand."""
    return not ("_search" in (name or "") and kind in ("table", "index"))


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


def id_of(row: Any) -> int:
    return int(row.id)
