"""The least that a check-in by HTTP can be: a form, one INSERT OR IGNORE in a transaction, a page that says so."""

import socket
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

FORM = '<form method="post"><input type="hidden" name="form_token" value="x"><input name="name"><input name="phone"></form>'


def served(folder: Path) -> Starlette:
    base = sqlite3.connect(folder / "door.db", isolation_level=None, check_same_thread=False)
    base.execute("pragma journal_mode=wal")
    base.execute("pragma synchronous=normal")
    base.execute("CREATE TABLE came (name TEXT, phone TEXT UNIQUE, at TEXT)")

    async def show(_request: Request) -> HTMLResponse:
        return HTMLResponse(FORM)

    async def take(request: Request) -> HTMLResponse:
        typed = parse_qs((await request.body()).decode())
        base.execute("INSERT OR IGNORE INTO came VALUES (?, ?, datetime())", (typed["name"][0], typed["phone"][0]))
        return HTMLResponse("<p data-done>ok</p>")

    async def health(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    return Starlette(routes=[Route("/door", show), Route("/door", take, methods=["POST"]), Route("/healthz", health)])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        print(door.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(served(Path(folder)), log_level="warning")).run([door])


if __name__ == "__main__":
    main()
