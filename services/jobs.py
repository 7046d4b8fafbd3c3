"""Long work as rows in the database, done by the worker outside the process that serves people (decision 17).

A job is taken by one worker at a time; one whose worker has been silent for a minute is taken again, once. The rights
are those of the account at the time it runs.
"""

import logging
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from models import RECORDS, RecordType
from models.system import Account, Job, JobState, Verb
from models.words import L
from services import accounts, clock, db, exchange, files, kpi, proof_sheet, serving_export, serving_hours, store
from services.access import SYSTEM, Actor
from services.errors import Denied, Invalid, NotFound, PortalError
from services.store import Query

SILENT = timedelta(seconds=60)
TRIES = 2
BEAT, PROGRESS, IDLE = 15.0, 0.5, 1.0
KEPT, BINNED = timedelta(days=7), timedelta(days=30)
log = logging.getLogger(__name__)
TABLE = Job.__table__  # type: ignore[attr-defined]

Words = Callable[[str], L]
Told = Callable[[str, int, int], None]
Work = Callable[[Actor, Mapping[str, Any], Words, Told], dict[str, Any]]
KINDS: dict[str, Work] = {}


def does(kind: str) -> Callable[[Work], Work]:
    """Register what does the jobs of a kind; a job's params name the record whose export it needs (import: import).

    With its params comes a `token`, the same for a job that is taken again: of what it writes once.
    """

    def register(work: Work) -> Work:
        KINDS[kind] = work
        return work

    return register


@dataclass(frozen=True, slots=True)
class Task:
    """A job as its owner sees it; `result` is what came of it (perhaps with a `file`), or {"error": code}."""

    id: int
    kind: str
    state: JobState
    step: str
    done: int
    total: int
    params: Mapping[str, Any]
    result: Mapping[str, Any]
    created_at: datetime
    finished_at: datetime | None


# -- asking for work --------------------------------------------------


def submit(actor: Actor, kind: str, params: Mapping[str, Any]) -> int:
    """Queue a job and return its id. Raises Denied, also for whoever has no account."""
    if kind not in KINDS or (actor.account_id is None and not actor.is_system):
        raise Denied
    _need(actor, kind, params)
    with db.unit(actor) as session:
        job = Job(kind=kind, account_id=actor.account_id, params=dict(params))
        session.add(job)
        session.flush()
        return job.id or 0


def submit_import(
    actor: Actor, record: RecordType, name: str, data: bytes, *, dry_run: bool = False, strict: bool = False
) -> int:
    """Queue the import of an uploaded sheet."""
    actor.need("import", record.area)
    key = files.new_key("jobs", name)
    files.write(key, data)
    asked = {"record": record.name, "file": key, "name": name, "dry_run": dry_run, "strict": strict}
    return submit(actor, "import", asked)


def submit_export(
    actor: Actor, record: RecordType, query: Query, *, language: str = "zh", fmt: str = "xlsx", purpose: str = ""
) -> int:
    """Queue the export of what a list shows."""
    asked = {"record": record.name, "query": asdict(query), "language": language, "fmt": fmt, "purpose": purpose}
    return submit(actor, "export", asked)


def submit_proof(
    actor: Actor,
    indicator_id: int,
    *,
    day: date,
    month: int | None = None,
    unit_id: int | None = None,
    language: str = "zh",
) -> int:
    """Queue the sheet of the records behind an indicator."""
    asked = {"indicator": indicator_id, "day": day.isoformat(), "month": month, "unit": unit_id, "language": language}
    return submit(actor, "proof", {"record": "indicator", **asked})


def submit_national(actor: Actor, sheet: str, first: date, last: date, purpose: str) -> int:
    """Queue a sheet in the columns of the national system; it holds numbers in full, so it asks for a purpose."""
    actor.need("export", "volunteers")
    actor.need("personal", "volunteers")
    if not purpose.strip():
        raise Invalid({"purpose": "required"})
    if sheet not in serving_export.TITLES or last < first:
        raise Invalid({"last": "ends_before_start"})
    asked = {"sheet": sheet, "first": first.isoformat(), "last": last.isoformat(), "purpose": purpose.strip()}
    return submit(actor, "national", {"record": "service_hours", **asked})


def get(actor: Actor, key: int) -> Task:
    """One's own job; an administrator's are all. Raises NotFound."""
    with db.reading(actor) as session:
        job = session.get(Job, key)
    if job is None or not _may_see(actor, job):
        raise NotFound(record="job", id=key)
    return _task(job)


def recent(actor: Actor, size: int = 10) -> list[Task]:
    """One's own newest jobs."""
    mine = select(Job).where(col(Job.account_id).is_not_distinct_from(actor.account_id))
    with db.reading(actor) as session:
        return [_task(job) for job in session.execute(mine.order_by(col(Job.id).desc()).limit(size)).scalars()]


def result_file(actor: Actor, key: int) -> tuple[str, bytes]:
    """The name and content of what a job made, for whoever still has the right to it; the download is in the audit.

    Raises NotFound, Denied.
    """
    job = get(actor, key)
    _need(actor, job.kind, job.params)
    if not job.result.get("file"):
        raise NotFound(record="job", id=key)
    name, data = str(job.result["file_name"]), files.read(str(job.result["file"]))
    with db.unit(actor, reason=job.params.get("purpose", "")) as session:
        db.note(session, Verb.DOWNLOAD, job.params["record"], None, {"file": name, "job": key})
    return name, data


def _need(actor: Actor, kind: str, params: Mapping[str, Any]) -> None:
    """The right to a job and to what it makes: a sheet in full for a purpose needs that to personal data too."""
    area = "indicators" if kind == "proof" else RECORDS[params["record"]].area
    actor.need("import" if kind == "import" else "export", area)
    if params.get("purpose", "").strip():
        actor.need("personal", area)


def _may_see(actor: Actor, job: Job) -> bool:
    return actor.is_system or actor.may("write", "admin") or (job.account_id == actor.account_id is not None)


def _task(job: Job) -> Task:
    return Task(
        job.id or 0, job.kind, JobState(job.state), job.step, job.done, job.total, job.params or {}, job.result or {},
        job.created_at, job.finished_at,
    )  # fmt: skip


# -- the worker --------------------------------------------------


def work(stop: threading.Event, words: Words | None = None) -> None:
    """Do what waits, one job after another, until `stop` is set."""
    swept = clock.now() - KEPT
    while not stop.is_set():
        try:
            if clock.now() - swept > timedelta(hours=1):
                swept = clock.now()
                sweep(swept - KEPT)
                store.empty_bins(swept - BINNED)
                serving_hours.close_forgotten(SYSTEM)
            if not work_once(words):
                stop.wait(IDLE)
        except OperationalError:
            log.exception("the database does not answer")
            stop.wait(IDLE * 5)


def work_once(words: Words | None = None) -> bool:
    """Take the oldest job and do it; False where none waits."""
    job = take()
    if job is None:
        return False
    with _beating(job) as told:
        state, result = _outcome(job, words or (lambda code: L(code, code)), told)
    finish = {"state": state, "result": result, "finished_at": clock.now()}
    with db.connection(write=True) as bare:
        bare.execute(update(TABLE).where(_mine(job)).values(finish))
    return True


def take(moment: datetime | None = None) -> Job | None:
    """The oldest job that waits, or whose worker fell silent, made ours: no two workers get the same."""
    moment = moment or clock.now()
    silent = and_(TABLE.c.state == JobState.RUNNING, TABLE.c.beat_at < moment - SILENT)
    ready = or_(TABLE.c.state == JobState.WAITING, silent)
    with db.connection() as bare:
        if bare.execute(select(TABLE.c.id).where(ready).limit(1)).first() is None:
            return None
    with db.connection(write=True) as bare:
        given_up = {"state": JobState.FAILED, "result": {"error": "job_lost"}, "finished_at": moment}
        bare.execute(update(TABLE).where(silent, TABLE.c.tries >= TRIES).values(given_up))
        oldest = select(TABLE).where(ready).order_by(TABLE.c.id).limit(1).with_for_update(skip_locked=True)
        row = bare.execute(oldest).mappings().first()
        if row is None:
            return None
        taken = {"state": JobState.RUNNING, "beat_at": moment, "tries": row["tries"] + 1}
        bare.execute(update(TABLE).where(TABLE.c.id == row["id"]).values(taken))
        return Job(**{**row, **taken})


def _mine(job: Job) -> Any:
    """Still ours: another worker that took it over has counted up its tries."""
    return and_(TABLE.c.id == job.id, TABLE.c.tries == job.tries)


@contextmanager
def _beating(job: Job) -> Iterator[Told]:
    """Writes the heartbeat and the progress from a thread of its own: the job itself may hold the database's lock."""
    stop, told, news = threading.Event(), {"step": "", "done": 0, "total": 0}, threading.Event()

    def tell(step: str, done: int, total: int) -> None:
        told.update(step=step, done=done, total=total)
        news.set()

    def beat() -> None:
        while not stop.is_set():
            news.wait(BEAT)
            news.clear()
            if not stop.is_set():
                _write_beat(job, dict(told))
                stop.wait(PROGRESS)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        stop.set()
        news.set()
        thread.join()


def _write_beat(job: Job, told: Mapping[str, Any]) -> None:
    try:
        with db.connection(write=True) as bare:
            bare.execute(update(TABLE).where(_mine(job)).values(beat_at=clock.now(), **told))
    except OperationalError:
        log.info("job %s could not tell its progress", job.id)


def _outcome(job: Job, words: Words, told: Told) -> tuple[JobState, dict[str, Any]]:
    try:
        given = {**job.params, "token": f"job.{job.id}.{job.created_at:%Y%m%d%H%M%S%f}"}
        return JobState.DONE, KINDS[job.kind](actor_of_account(job.account_id), given, words, told)
    except Invalid as error:
        return JobState.FAILED, {"error": next(iter(error.fields.values()), error.code), "detail": error.detail}
    except PortalError as error:
        return JobState.FAILED, {"error": error.code, "detail": error.detail}
    except Exception:
        number = secrets.token_hex(4)
        log.exception("job %s failed, number %s", job.id, number)
        return JobState.FAILED, {"error": "bug", "number": number}


def actor_of_account(account_id: int | None) -> Actor:
    """Who the account is now, with the roles of this moment. Raises Denied where it is switched off."""
    if account_id is None:
        return SYSTEM
    with db.reading(SYSTEM) as session:
        account = session.get(Account, account_id)
    if account is None or not account.active:
        raise Denied
    return accounts.actor_for(account)


# -- what can be done --------------------------------------------------


@does("import")
def _import(actor: Actor, params: Mapping[str, Any], words: Words, told: Told) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder, f"sheet{Path(params['file']).suffix}")
        errors = Path(folder, "errors.xlsx")
        sheet.write_bytes(files.read(params["file"]))
        result = exchange.run_import(
            actor, RECORDS[params["record"]], sheet, dry_run=params["dry_run"], strict=params["strict"],
            errors=errors, words=words, progress=told,
        )  # fmt: skip
        made = keep(errors, f"{Path(params['name']).stem}-问题.xlsx") if errors.exists() else {}
    files.remove(params["file"])
    return {**result.as_json(), **made}


@does("export")
def _export(actor: Actor, params: Mapping[str, Any], _words: Words, told: Told) -> dict[str, Any]:
    record = RECORDS[params["record"]]
    fmt, language = params["fmt"], params["language"]
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder, f"sheet.{fmt}")
        count = exchange.export(
            actor, record, query_of(params["query"]), sheet, language=language, fmt=fmt, purpose=params["purpose"],
            progress=told,
        )  # fmt: skip
        return {"rows": count, **keep(sheet, f"{record.label(language)}-{clock.today():%Y%m%d}.{fmt}")}


@does("national")
def _national(actor: Actor, params: Mapping[str, Any], _words: Words, told: Told) -> dict[str, Any]:
    first, last = (date.fromisoformat(params[name]) for name in ("first", "last"))
    told("writing", 0, 1)
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder, "sheet.xlsx")
        count = serving_export.write(actor, params["sheet"], sheet, first, last, purpose=params["purpose"])
        name = serving_export.TITLES[params["sheet"]].zh
        return {"rows": count, **keep(sheet, f"全国系统-{name}-{first:%Y%m%d}-{last:%Y%m%d}.xlsx")}


@does("proof")
def _proof(actor: Actor, params: Mapping[str, Any], _words: Words, told: Told) -> dict[str, Any]:
    day, language = date.fromisoformat(params["day"]), params["language"]
    code = kpi.figure(actor, params["indicator"], day).code
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder, "sheet.xlsx")
        count = proof_sheet.write(
            actor, params["indicator"], sheet, as_of=day, month=params["month"], unit_id=params["unit"],
            language=language, progress=told,
        )  # fmt: skip
        return {"rows": count, **keep(sheet, f"{code}-{L('依据', 'records')(language)}-{day:%Y%m%d}.xlsx")}


def query_of(given: Mapping[str, Any]) -> Query:
    """A list's question as it was stored; days come back as text."""
    filters = {name: _days(value) for name, value in given["filters"].items()}
    return Query(**{**given, "filters": filters})


def _days(value: Any) -> Any:
    if isinstance(value, list):
        return [_days(item) for item in value]
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
    except ValueError:
        return value


def keep(path: Path, name: str) -> dict[str, str]:
    """A file that a job made, as its result names it."""
    key = files.new_key("jobs", name)
    files.write(key, path.read_bytes())
    return {"file": key, "file_name": name}


def sweep(before: datetime) -> None:
    """Remove the jobs that ended before that moment, and their files: both hold personal data."""
    old = select(TABLE.c.id, TABLE.c.params, TABLE.c.result).where(TABLE.c.finished_at < before)
    with db.connection() as bare:
        found = bare.execute(old).all()
    for _, params, result in found:
        for key in ((params or {}).get("file"), (result or {}).get("file")):
            if key:
                files.remove(key)
    with db.connection(write=True) as bare:
        bare.execute(delete(TABLE).where(TABLE.c.id.in_([key for key, _, _ in found])))
