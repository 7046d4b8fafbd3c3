"""The stage for every test: a fresh database of each kind, and a fixed cast of people."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlmodel import SQLModel

from models.contract import Unit
from models.system import Role
from services import db, kept, kpi
from services.access import SYSTEM, Actor
from tests import postgres

pytest_plugins = ["tests.stage"]

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
HOME = Path(tempfile.mkdtemp(prefix=f"portal-{WORKER}-"))
os.environ["PORTAL_KEYS"] = str(HOME / "keys")
os.environ["PORTAL_FILES"] = str(HOME / "files")
os.environ["DATABASE_URL"] = f"sqlite:///{HOME / 'unused.db'}"


gc.set_threshold(50_000)  # the usual 700 walks through a hundred mappers' statements all day: a sixth of the time


def _use(url: str) -> None:
    """What was kept of the database before goes with it: each engine holds hundreds of compiled statements."""
    db.dispose()
    kept.VALUES.clear()
    kpi.SEEN.clear()
    os.environ["DATABASE_URL"] = url


@pytest.fixture(scope="session")
def sqlite_template() -> Path:
    path = HOME / "template.db"
    _use(f"sqlite:///{path}")
    db.migrate()
    with db.connection() as bare:
        bare.exec_driver_sql("pragma wal_checkpoint(truncate)")
    db.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A real PostgreSQL from pip; one database for each worker, migrated once."""
    server = postgres.server()
    name = f"test_{WORKER}_{os.getpid()}"
    server.psql(f"DROP DATABASE IF EXISTS {name};")  # of an earlier process with this number
    server.psql(f"CREATE DATABASE {name};")
    url: str = server.get_uri().replace("/postgres?", f"/{name}?")
    _use(url)
    db.migrate()
    return url


class Sweeper:
    """Every row gone and every number from the beginning, asked only of the tables that a test wrote in: a TRUNCATE of
    all tables takes longer than most tests."""

    TABLES = tuple(table.name for table in SQLModel.metadata.sorted_tables)
    WRITTEN = " UNION ALL ".join(f"""SELECT '{name}' WHERE EXISTS (SELECT 1 FROM "{name}")""" for name in TABLES)
    RESTART = (
        "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
    )

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("SET session_replication_role = replica")

    def sweep(self) -> None:
        with self.connection.transaction():
            for (name,) in self.connection.execute(self.WRITTEN, prepare=True).fetchall():
                self.connection.execute(f'DELETE FROM "{name}"', prepare=True)
            self.connection.execute(self.RESTART, prepare=True)


@pytest.fixture(scope="session")
def sweeper(postgres_url: str) -> Sweeper:
    return Sweeper(postgres_url)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated database; every test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        path = HOME / "test.db"
        for leftover in HOME.glob("test.db*"):
            leftover.unlink()
        shutil.copy(template, path)
        _use(f"sqlite:///{path}")
    else:
        _use(request.getfixturevalue("postgres_url"))
        request.getfixturevalue("sweeper").sweep()
    yield request.param
    db.dispose()


@dataclass(frozen=True)
class Cast:
    """Who plays: Lin coordinates everything, Wang leads station 1 only, Chen reads as a leader, a stranger has no role."""

    lin: Actor
    wang: Actor
    chen: Actor
    he: Actor
    admin: Actor
    stranger: Actor
    station: int
    other_station: int


@pytest.fixture
def cast(database: str) -> Cast:
    with db.unit(SYSTEM) as session:
        one, two = Unit(name="一号站"), Unit(name="二号站")
        session.add_all([one, two])
        session.flush()
        ids = one.id or 0, two.id or 0
    return Cast(
        lin=Actor(None, "林社工", (Role.COORDINATOR,)),
        wang=Actor(None, "王站长", (Role.STATION_LEAD,), frozenset({ids[0]})),
        chen=Actor(None, "陈院长", (Role.LEADER,)),
        he=Actor(None, "何经理", (Role.PARTNER_MANAGER,)),
        admin=Actor(None, "管理员", (Role.ADMINISTRATOR,)),
        stranger=Actor(None, "路人", ()),
        station=ids[0],
        other_station=ids[1],
    )
