"""Who may pass: turns the session cookie into trusted headers, keeps the unknown to the public pages (features X8).

A pure ASGI middleware, since websockets must pass it too. Streamlit believes the headers x-portal-*, so whatever
a client sends under that name is dropped here.
"""

import re
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.base import now
from models.words import Language
from services import accounts
from web.pages import LANGUAGE_COOKIE, SESSION_COOKIE, broken, speech

OWN_HEADERS = b"x-portal-"
ALWAYS = frozenset({"/lang", "/healthz", "/_stcore/health"})
PUBLIC = ALWAYS | {"/signin", "/signout", "/register", "/register/thanks", "/v", "/proof", "/my", "/c", "/e"}
PUBLIC_FOLDERS = ("/portal/", "/c/", "/v/", "/q/", "/f/", "/my/", "/proof/", "/show/", "/e/")
PUBLIC_FILES = re.compile(r"/calendar/[^/]+\.ics")  # beside a page of Streamlit, so not the whole folder
FORCED = ALWAYS | {"/password", "/signout"}


@dataclass(frozen=True)
class Visitor:
    """Who sent a request: the session if there is a valid one, and the language."""

    session: accounts.Session | None
    language: Language


class Guard:
    """Lets through what the visitor may reach; sends a page elsewhere, refuses everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.set_up = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if self.set_up and SESSION_COOKIE not in _cookies(scope):
            visitor, target = self._judge(scope)  # nothing to look up, so no thread is taken
        else:
            visitor, target = await run_in_threadpool(self._judge, scope)
        scope = {**scope, "headers": _headers(scope, visitor), "visitor": visitor}
        if target is None:
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            answer = RedirectResponse(target, 303) if _is_page(scope) else PlainTextResponse("sign in first", 401)
            answer.headers["cache-control"] = "no-store"
            await answer(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a fault becomes a page with a number, unless the answer has begun."""
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if begun:
                raise
            await broken(Request(scope), error)(scope, receive, send)

    def _judge(self, scope: Scope) -> tuple[Visitor, str | None]:
        visitor = self._visitor(scope)
        return visitor, self._detour(scope, visitor)

    def _visitor(self, scope: Scope) -> Visitor:
        cookies = _cookies(scope)
        token, moment = cookies.get(SESSION_COOKIE), now()
        session = accounts.find_session(token, moment) if token else None
        if session and _is_page(scope):
            accounts.enter(session.id, moment)
        return Visitor(session, speech(cookies.get(LANGUAGE_COOKIE)))

    def _detour(self, scope: Scope, visitor: Visitor) -> str | None:
        """Where the visitor must go instead of there; None when the way is free."""
        path = scope["path"]
        if visitor.session:
            forced = visitor.session.must_change and path not in FORCED and not _in_public_folder(path)
            return "/password" if forced else None
        if not self._is_set_up():
            return None if path in ALWAYS | {"/setup"} or path.startswith("/portal/") else "/setup"
        if path in PUBLIC or _in_public_folder(path):
            return None
        return "/signin" if path in ("/", "/setup") else f"/signin?next={quote(_here(scope), safe='')}"

    def _is_set_up(self) -> bool:
        self.set_up = self.set_up or accounts.any_exists()
        return self.set_up


def _cookies(scope: Scope) -> dict[str, str]:
    try:
        parsed = SimpleCookie(Headers(scope=scope).get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in parsed.items()}


def _headers(scope: Scope, visitor: Visitor) -> list[tuple[bytes, bytes]]:
    """The request's headers without any x-portal-*, then ours."""
    kept = [(name, value) for name, value in scope["headers"] if not name.lower().startswith(OWN_HEADERS)]
    kept.append((b"x-portal-language", visitor.language.encode()))
    if visitor.session:
        kept.append((b"x-portal-session", str(visitor.session.id).encode()))
    return kept


def _is_page(scope: Scope) -> bool:
    """A person opening a page, rather than a page fetching something."""
    return (
        scope["type"] == "http"
        and scope["method"] in ("GET", "HEAD")
        and "text/html" in Headers(scope=scope).get("accept", "")
    )


def _in_public_folder(path: str) -> bool:
    return path.startswith(PUBLIC_FOLDERS) or bool(PUBLIC_FILES.fullmatch(path))


def _here(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return str(scope["path"]) + (f"?{query}" if query else "")
