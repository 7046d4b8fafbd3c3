"""Whole answers of the portal's pages over Streamlit's websocket: one person, and twenty at once.

The server is started here on a free port of 127.0.0.1 and ended by its process id; the people are session rows.
"""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from statistics import median

import websockets
from sqlmodel import select
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from bench.data import ACCOUNT
from bench.timing import Line
from models.system import Account, WebSession
from services import db
from services.access import SYSTEM

CLIENTS, SECONDS = 20, 10
PAGES = (
    ("list page of volunteers", "volunteer", "", 20, 90),
    ("list page, searched and filtered", "volunteer", "q=王&f.state=active", 20, 90),
    ("dashboard page", "indicators", "", 30, 50),
)


class Client:
    """One browser tab: asks for a page again and again."""

    def __init__(self, port: int, cookie: str) -> None:
        self.address, self.cookie = f"ws://127.0.0.1:{port}/_stcore/stream", cookie
        self.ask = BackMsg()

    async def open(self, page: str, query: str) -> None:
        self.ask.rerun_script.page_name, self.ask.rerun_script.query_string = page, query
        self.socket = await websockets.connect(
            self.address, subprotocols=["streamlit", "x"], additional_headers={"Cookie": self.cookie},  # type: ignore[list-item]
            max_size=None, ping_interval=None, compression=None,
        )  # fmt: skip
        await self.run()

    async def run(self) -> float:
        """Seconds until the page has run; RuntimeError where it did not."""
        began = time.perf_counter()
        await self.socket.send(self.ask.SerializeToString())
        while True:
            message = ForwardMsg()
            message.ParseFromString(await asyncio.wait_for(self.socket.recv(), 120))  # type: ignore[arg-type]
            if message.WhichOneof("type") == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
                raise RuntimeError(message.delta.new_element.exception.message)
            if message.WhichOneof("type") == "script_finished":
                return time.perf_counter() - began


def pages() -> Iterator[Line]:
    """Milliseconds of an answer to one person, and answers a second to twenty."""
    cookie = f"portal_session={_sign_in()}"
    with server() as port:
        for name, page, query, most, least in PAGES:
            alone, rate = asyncio.run(_visit(port, cookie, page, query))
            yield Line(f"{name}, one person", alone, None, f"≤ {most} ms", alone <= most)
            yield Line(f"{name}, {CLIENTS} people at once, answers/s", rate, None, f"≥ {least}/s", rate >= least)


async def _visit(port: int, cookie: str, page: str, query: str) -> tuple[float, float]:
    clients = [Client(port, cookie) for _ in range(CLIENTS)]
    for client in clients:
        await client.open(page, query)
    alone = [await clients[0].run() for _ in range(60)][10:]
    end = time.perf_counter() + SECONDS

    async def ask(client: Client) -> int:
        asked = 0
        while time.perf_counter() < end:
            await client.run()
            asked += 1
        return asked

    answered = sum(await asyncio.gather(*(ask(client) for client in clients)))
    for client in clients:
        await client.socket.close()
    return median(alone) * 1000, answered / SECONDS


def _sign_in() -> str:
    token = secrets.token_urlsafe(32)
    with db.unit(SYSTEM) as session:
        account = session.exec(select(Account).where(Account.username == ACCOUNT)).one()
        account.must_change = False
        session.add(WebSession(token_hash=sha256(token.encode()).hexdigest(), account_id=account.id or 0))
    return token


@contextmanager
def server() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "streamlit", "run", str(db.ROOT / "app.py"), "--server.port", str(port)]
    with open(os.environ.get("BENCH_LOG", os.devnull), "w") as log:  # noqa: PTH123
        running = subprocess.Popen(command, cwd=db.ROOT, stdout=log, stderr=log)
    try:
        _wait(port)
        yield port
    finally:
        running.terminate()
        running.wait(30)


def _wait(port: int) -> None:
    for _ in range(120):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz") as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError("the server did not start")
