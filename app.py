"""The entrance that `streamlit run app.py` takes: plain HTTP routes, the guard, and what happens at start and end."""

import asyncio
import gc
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config, net_util

import web
from services import accounts, db
from web.pages import templates

HERE = Path(__file__).parent
WORKER = HERE / "manage.py"
WARM = ("pandas", "plotly.graph_objects", "pyarrow")
PATIENCE = 10


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Migrate, say how to set up, warm the imports, run the worker beside the server and end it with it."""
    net_util._external_ip = "127.0.0.1"  # Streamlit would ask a host outside for our address
    await asyncio.to_thread(_prepare)
    _invite()
    _warm()
    worker = _start_worker()
    try:
        yield
    finally:
        await asyncio.to_thread(_end, worker)


def _prepare() -> None:
    """Bring the database to the newest migration; a server without its database does not start, and says why."""
    try:
        db.wait_until_reachable()
        db.migrate()
    except Exception as error:
        raise SystemExit(f"数据库无法使用 The database cannot be used: {str(error).splitlines()[0]}") from None


def _invite() -> None:
    """Print where to set up the portal, and the one-time code, while there is no account."""
    code = accounts.setup_code()
    if code:
        place = f"http://{config.get_option('server.address') or '127.0.0.1'}:{config.get_option('server.port')}/setup"
        sys.stdout.write(f"\n  首次设置 First set-up: {place}\n  设置码 Code: {code}\n")
        sys.stdout.flush()


def _warm() -> None:
    """Import and compile what the first page would wait for, and keep it out of every later garbage collection."""
    for name in WARM:
        import_module(name)
    for name in templates.list_templates():
        templates.get_template(name)
    gc.collect()
    gc.freeze()


def _start_worker() -> subprocess.Popen[bytes] | None:
    return subprocess.Popen([sys.executable, str(WORKER), "work"], cwd=HERE) if WORKER.exists() else None


def _end(worker: subprocess.Popen[bytes] | None) -> None:
    """Ask the worker to stop; a job that it leaves half-done is taken up again at the next start."""
    if worker is None:
        return
    worker.terminate()
    try:
        worker.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


app = st.App(
    HERE / "pages" / "portal.py",
    routes=web.ROUTES,
    middleware=web.MIDDLEWARE,
    exception_handlers=web.HANDLERS,
    lifespan=lifespan,
)
