"""What the tests of the interface stand on: people signed in, a page without a browser, and a server with a browser."""

import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from sqlalchemy import event

from models.system import Account, Role, WebSession
from services import accounts, clock, db, kept, passwords
from services.access import SYSTEM, Actor
from tests import browser
from tests.conftest import HOME
from tests.conftest import _use as use

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page
    from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent
PORTAL = ROOT / "pages" / "portal.py"
PASSWORD = "Sunny-Day-2026"
DESKTOP, PHONE = {"width": 1440, "height": 1000}, {"width": 390, "height": 844}
PATIENCE = 60


# -- people ---------------------------------------------------


@dataclass(frozen=True)
class Seat:
    """Somebody with an account who is signed in: who acts, the session's id, and the token of the browser's cookie."""

    actor: Actor
    session: int
    token: str
    username: str


def seat(*roles: Role, units: tuple[int, ...] = (), password: str = "") -> Seat:
    """A new account with these roles, and a session of it; a password only where somebody types it."""
    username, token = f"u{secrets.token_hex(5)}", secrets.token_urlsafe(16)
    with db.unit(SYSTEM) as session:
        account = Account(
            username=username, name=f"{roles[0].label.zh}甲" if roles else "无角色", roles=list(roles),
            units=[str(unit) for unit in units], must_change=False, password_changed_at=clock.now(),
        )  # fmt: skip
        if password:
            accounts._set_password(account, passwords.hashed(password), must_change=False)
        session.add(account)
        session.flush()
        row = WebSession(token_hash=accounts._hash(token), account_id=account.id or 0)
        session.add(row)
        session.flush()
        key = row.id or 0
    actor = accounts.actor_of(key)
    assert actor
    return Seat(actor, key, token, username)


# -- worlds ---------------------------------------------------


def _filled(path: Path) -> None:
    """A year of invented records under the main contract, from a fixed chance."""
    from seed import load

    use(f"sqlite:///{path}")
    start = (clock.today() - timedelta(days=200)).replace(day=1)
    load.begin("medical_social_work", start, organisation="示例医院", demo=True)
    with db.connection() as bare:
        bare.exec_driver_sql("pragma wal_checkpoint(truncate)")
    db.dispose()


@pytest.fixture(scope="session")
def demo_template(sqlite_template: Path) -> Path:
    path = HOME / "demo-template.db"
    shutil.copy(sqlite_template, path)
    _filled(path)
    return path


def _copied(template: Path, name: str) -> str:
    for leftover in HOME.glob(f"{name}*"):
        leftover.unlink()
    shutil.copy(template, HOME / name)
    return f"sqlite:///{HOME / name}"


@pytest.fixture
def bare(sqlite_template: Path) -> Iterator[None]:
    """A portal without a single record, on SQLite."""
    use(_copied(sqlite_template, "bare.db"))
    yield
    db.dispose()


@pytest.fixture
def demo(demo_template: Path) -> Iterator[None]:
    """A portal with the demonstration year, on SQLite; each test has its own."""
    use(_copied(demo_template, "demo.db"))
    yield
    db.dispose()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody else writes to the server: PostgreSQL tells of a transaction that has just ended not in which database it
    was, and so what another worker's test wrote makes this one count again what it had kept (services/kept.py)."""
    monkeypatch.setattr(kept, "WRITING", "''")
    kept._newest_statement.cache_clear()
    yield
    kept._newest_statement.cache_clear()


@pytest.fixture
def statements() -> Iterator[Callable[[], int]]:
    """A count of the SQL statements since the last time it was asked."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT")):
            seen.append(statement)

    def count() -> int:
        number = len(seen)
        seen.clear()
        return number

    engine = db.engine()
    event.listen(engine, "before_cursor_execute", note)
    yield count
    event.remove(engine, "before_cursor_execute", note)


# -- pages without a browser --------------------------------------------------


def visit(who: Seat, url: str = "", language: str = "zh", **params: object) -> "AppTest":
    """The portal as this person sees it at an address, drawn once; deep links included."""
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    _scan_packages_once()
    at = AppTest.from_file(str(PORTAL), default_timeout=4 * PATIENCE)
    at.user = {"session": str(who.session), "language": language}  # type: ignore[assignment]
    at.query_params.update({name: str(value) for name, value in params.items()})
    at._page_hash = calc_hash(url)
    at.run()
    at._page_hash = ""
    return at


@cache
def _scan_packages_once() -> None:
    """Every AppTest reads the metadata of all installed packages for components, which takes longer than most pages."""
    from streamlit.components.v2 import manifest_scanner

    manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)  # type: ignore[assignment]


def opened(at: "AppTest", *keys: str) -> "AppTest":
    """The page with these popovers open, whose content is drawn only then."""
    for key in keys:
        assert key in at.session_state
        at.session_state[key] = True
    return at.run()


def menu(at: "AppTest") -> set[str]:
    """The addresses of the pages that this person has."""
    return set(at.session_state["pages"][1])


def texts(at: "AppTest") -> list[str]:
    """Every word on the page that a person reads: labels, headings, buttons, hints, choices, columns, paragraphs."""
    found = [str(info["page_name"]) for info in at._registered_pages.values()]
    for node in nodes(at):
        found += _words(node)
    return [text for text in found if text.strip()]


def nodes(at: "AppTest") -> list[Any]:
    """The elements of the page in their order, those of the sidebar last."""
    return [*at.main, *at.sidebar, *at.get("toast")]


def _words(node: Any) -> list[str]:
    if node.type == "dataframe":
        return [str(name) for name in node.value.columns]
    proto = getattr(node, "proto", None)
    if proto is None:
        return []
    typed = "value" if hasattr(node, "set_value") else ""
    found: list[str] = []
    for name in {"label", "body", "value", "placeholder", "help", "caption"} - {typed}:
        text = getattr(proto, name, None)
        found += [text] if isinstance(text, str) else []
    found += [str(option) for option in getattr(proto, "options", ()) if isinstance(option, str)]
    return found + [block.label for name in ("popover", "expandable") if (block := getattr(proto, name, None))]


def healthy(at: "AppTest") -> bool:
    """Neither a traceback nor a bug's number on the page."""
    return not at.exception and not any("系统出错" in text or "Something went wrong" in text for text in texts(at))


# -- server and browser ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Served:
    """A running portal."""

    url: str
    database: str

    def at(self, path: str = "", **params: object) -> str:
        asked = urlencode({name: str(value) for name, value in params.items()})
        return f"{self.url}/{path}" + (f"?{asked}" if asked else "")


@pytest.fixture(scope="session")
def server(demo_template: Path) -> Iterator[Served]:
    """The portal as people start it, with a world of its own, ended by its own process id."""
    database = f"sqlite:///{HOME / 'served.db'}"
    shutil.copy(demo_template, HOME / "served.db")
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with (HOME / "server.log").open("wb") as log:
        use(database)
        seat(Role.ADMINISTRATOR)  # without an account the portal is not set up
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "DATABASE_URL": database}, stdout=log, stderr=log
        )
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", process)
            yield Served(f"http://127.0.0.1:{port}", database)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    for port in random.SystemRandom().sample(range(8600, 9000), 400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    raise RuntimeError("no free port")


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=10):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the portal did not start: " + (HOME / "server.log").read_text(encoding="utf-8")[-2000:])


@pytest.fixture
def portal(server: Served) -> Iterator[Served]:
    """The running portal, with the services of the test on the same database: somebody else who writes."""
    use(server.database)
    yield server
    db.dispose()


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    path = browser.find()
    if path is None:
        told = "no browser can be had here"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=browser.FLAGS)
        yield opened
        opened.close()


@dataclass
class Visitor:
    """A person at a browser window of their own; what it asked of other hosts, and what its scripts complained of."""

    page: "Page"
    context: "BrowserContext"
    portal: Served
    strangers: list[str]
    faults: list[str]

    def open(self, path: str = "", **params: object) -> "Page":
        self.page.goto(self.portal.at(path, **params))
        return self.page

    def cookie(self, name: str, value: str) -> None:
        self.context.add_cookies([{"name": name, "value": value, "url": self.portal.url}])

    def sign_in(self, who: Seat) -> "Visitor":
        """Signed in by a session of ours; the real form has its own test."""
        self.cookie("portal_session", who.token)
        return self

    def speak(self, language: str) -> "Visitor":
        self.cookie("portal_lang", language)
        return self


@pytest.fixture
def window(portal: Served, chromium: "Browser") -> Iterator[Callable[..., Visitor]]:
    """Opens browser windows; at the end none of them may have asked another host for anything."""
    opened: list[Visitor] = []

    def make(language: str = "zh", size: dict[str, int] = DESKTOP, **more: Any) -> Visitor:
        asked: Any = {"viewport": size, "locale": "zh-CN" if language == "zh" else "en-GB", "reduced_motion": "reduce"}
        context = chromium.new_context(**asked | more)
        context.set_default_timeout(PATIENCE * 1000)
        visitor = Visitor(context.new_page(), context, portal, [], [])
        context.on("request", lambda request: _note_stranger(visitor, request.url))
        visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        opened.append(visitor.speak(language))
        return visitor

    yield make
    for visitor in opened:
        visitor.context.close()
    assert [url for visitor in opened for url in visitor.strangers] == []
    assert [fault for visitor in opened for fault in visitor.faults] == []


def _note_stranger(visitor: Visitor, url: str) -> None:
    if not url.startswith((visitor.portal.url, "data:", "blob:")):
        visitor.strangers.append(url)
