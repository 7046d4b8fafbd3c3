"""Long work outside the process that serves people (decision 17): taken once, told on the way, kept to its owner."""

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import select

from models import RECORDS
from models.system import Account, Job, JobState, Role
from services import accounts, clock, db, exchange, files, jobs, store
from services.access import SYSTEM, Actor
from services.errors import Denied, NotFound
from services.store import Query
from tests.conftest import Cast
from tests.sheetmaking import sheet, volunteer

VOLUNTEER = RECORDS["volunteer"]


def worker_of(username: str, *roles: Role) -> Actor:
    accounts.create_account(SYSTEM, username, "林社工", roles)
    with db.reading(SYSTEM) as s:
        return jobs.actor_of_account(s.exec(select(Account.id).where(Account.username == username)).one())


@pytest.fixture
def lin(database: str) -> Actor:
    return worker_of("lin", Role.COORDINATOR)


def upload(path: Path, count: int = 3) -> bytes:
    rows = [volunteer(n) for n in range(count)] + [volunteer(count, 手机号="1")]
    return sheet(path / "a.xlsx", rows).read_bytes()


def test_an_import_is_done_and_its_errors_can_be_fetched(lin: Actor, tmp_path: Path) -> None:
    key = jobs.submit_import(lin, VOLUNTEER, "名册.xlsx", upload(tmp_path))
    assert jobs.get(lin, key).state == JobState.WAITING
    assert jobs.work_once()
    task = jobs.get(lin, key)
    assert (task.state, task.result["created"], task.result["rejected"]) == (JobState.DONE, 3, 1)
    assert store.rows(lin, VOLUNTEER).total == 3
    name, data = jobs.result_file(lin, key)
    assert name == "名册-问题.xlsx" and data.startswith(b"PK")
    assert not files.exists(task.params["file"])
    assert not jobs.work_once()


def test_a_result_keeps_no_personal_value_in_full(lin: Actor, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", [volunteer(1, 手机号="138001300019")])
    key = jobs.submit_import(lin, VOLUNTEER, "a.xlsx", path.read_bytes())
    jobs.work_once()
    problem = jobs.get(lin, key).result["problems"][0]
    assert problem["code"] == "phone_format" and "138001300019" not in problem["value"]


def test_an_export_is_made_as_its_list_asks(lin: Actor, tmp_path: Path) -> None:
    for number in range(3):
        kind = "school" if number else "community"
        store.save(lin, RECORDS["organisation"], {"name": f"单位{number}", "kind": kind})
    key = jobs.submit_export(lin, RECORDS["organisation"], Query(filters={"kind": ["school"]}), fmt="csv")
    jobs.work_once()
    assert jobs.get(lin, key).result["rows"] == 2
    name, data = jobs.result_file(lin, key)
    assert name.endswith(".csv") and data.decode("utf-8-sig").count("单位") == 2 + "单位名称".count("单位")


def test_a_job_is_seen_by_its_owner_and_an_administrator(lin: Actor, cast: Cast, tmp_path: Path) -> None:
    key = jobs.submit_import(lin, VOLUNTEER, "a.xlsx", upload(tmp_path))
    other = worker_of("wang", Role.COORDINATOR)
    for stranger in (other, cast.stranger, cast.lin):
        with pytest.raises(NotFound):
            jobs.get(stranger, key)
    assert jobs.get(cast.admin, key).id == key
    assert [task.id for task in jobs.recent(lin)] == [key] and jobs.recent(other) == []


def test_nobody_queues_what_they_may_not_do(cast: Cast, tmp_path: Path) -> None:
    leader = worker_of("chen", Role.LEADER)
    with pytest.raises(Denied):
        jobs.submit_import(leader, VOLUNTEER, "a.xlsx", b"")
    with pytest.raises(Denied):
        jobs.submit_import(cast.lin, VOLUNTEER, "a.xlsx", upload(tmp_path))


def test_a_right_that_was_taken_away_meanwhile_ends_the_job(lin: Actor, tmp_path: Path) -> None:
    key = jobs.submit_import(lin, VOLUNTEER, "a.xlsx", upload(tmp_path))
    with db.unit(SYSTEM) as s:
        s.get_one(Account, lin.account_id).active = False
    jobs.work_once()
    task = jobs.get(SYSTEM, key)
    assert (task.state, task.result["error"], store.rows(SYSTEM, VOLUNTEER).total) == (JobState.FAILED, "denied", 0)


def test_an_unreadable_file_fails_with_its_code(lin: Actor) -> None:
    key = jobs.submit_import(lin, VOLUNTEER, "a.xlsx", b"PK\x03\x04")
    jobs.work_once()
    assert jobs.get(lin, key).result == {"error": "unreadable", "detail": {}}


def test_a_bug_is_told_as_a_number_and_never_as_a_traceback(lin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    key = jobs.submit_export(lin, VOLUNTEER, Query())

    def broken(*_args: object, **_more: object) -> int:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(exchange, "export", broken)
    jobs.work_once()
    task = jobs.get(lin, key)
    assert (task.state, task.result["error"]) == (JobState.FAILED, "bug")
    assert len(task.result["number"]) == 8 and "secret" not in repr(task)


def test_two_workers_never_take_the_same_job(lin: Actor) -> None:
    keys = {jobs.submit_export(lin, VOLUNTEER, Query()) for _ in range(8)}
    taken: list[int] = []
    start = threading.Barrier(4)

    def run() -> None:
        start.wait()
        while job := jobs.take():
            taken.append(job.id or 0)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(keys)


def test_a_silent_workers_job_is_taken_again_once(lin: Actor) -> None:
    key = jobs.submit_export(lin, VOLUNTEER, Query())
    now = clock.now()
    first = jobs.take(now)
    assert first is not None and jobs.take(now + timedelta(seconds=59)) is None
    second = jobs.take(now + timedelta(seconds=61))
    assert second is not None and (second.id, second.tries) == (key, 2)
    assert jobs.take(now + timedelta(seconds=200)) is None
    assert jobs.get(lin, key).result == {"error": "job_lost"}


def test_progress_is_seen_while_the_job_runs(lin: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    key = jobs.submit_export(lin, VOLUNTEER, Query())
    seen: list[tuple[str, str, int, int]] = []

    def slow(*_args: object, progress: jobs.Told, **_more: object) -> int:
        progress("writing", 40, 100)
        until = time.monotonic() + 10
        while not seen and time.monotonic() < until:
            task = jobs.get(lin, key)
            if task.done:
                seen.append((task.state, task.step, task.done, task.total))
        raise Denied

    monkeypatch.setattr(exchange, "export", slow)
    jobs.work_once()
    assert seen == [(JobState.RUNNING, "writing", 40, 100)]


def test_the_worker_stops_when_told(lin: Actor) -> None:
    key = jobs.submit_export(lin, VOLUNTEER, Query())
    stop = threading.Event()
    thread = threading.Thread(target=jobs.work, args=(stop,))
    thread.start()
    until = time.monotonic() + 20
    while jobs.get(lin, key).state != JobState.DONE and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    thread.join(20)
    assert not thread.is_alive() and jobs.get(lin, key).state == JobState.DONE


def test_old_results_are_swept_away(lin: Actor) -> None:
    key = jobs.submit_export(lin, VOLUNTEER, Query())
    jobs.work_once()
    with db.connection(write=True) as bare:
        old = clock.now() - timedelta(days=8)
        bare.execute(update(Job.__table__).values(finished_at=old))  # type: ignore[attr-defined]
    jobs.sweep(clock.now() - jobs.KEPT)
    with pytest.raises(NotFound):
        jobs.result_file(lin, key)
