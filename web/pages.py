"""The common ground of the plain pages: language, drawing, checked forms, cookies and error pages."""

import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from models.words import L, Language
from services.institution import PORTAL, Host
from web.messages import words_of

PORTAL_ITSELF = Host()
SESSION_COOKIE = "portal_session"
LANGUAGE_COOKIE = "portal_lang"
FORM_COOKIE = "portal_form"
YEAR = 365 * 24 * 3600
FORM_BYTES = 64 * 1024
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SCRIPTED = f"{POLICY}; script-src 'self'; connect-src 'self'"

log = logging.getLogger("portal.web")
templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)

Show = Callable[[Request], Response]
Take = Callable[[Request, FormData], Response]


def language(request: Request) -> Language:
    """The visitor's language: asked for in the address, else remembered, else Chinese."""
    return speech(request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE))


def speech(code: str | None) -> Language:
    return "en" if code == "en" else "zh"


def same_site(target: str | None, otherwise: str = "/") -> str:
    """The target if it is a path of this very site, else the other one (no open redirect)."""
    if not target or not target.isprintable() or "\\" in target:
        return otherwise
    parts = urlsplit(target)
    inside = not parts.scheme and not parts.netloc and target.startswith("/") and not target.startswith("//")
    return target if inside else otherwise


def draw(
    request: Request, template: str, status: int = 200, policy: str = POLICY, host: Host = PORTAL_ITSELF, **values: Any
) -> Response:
    """One plain page in the visitor's language under its host's name, never stored by the browser; SCRIPTED lets it run our
    own scripts."""
    spoken = language(request)
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    body = templates.get_template(template).render(
        language=spoken,
        other="zh" if spoken == "en" else "en",
        here=request.url.path + ("?" + request.url.query if request.url.query else ""),
        t=lambda zh, en: L(zh, en)(spoken),
        say=lambda text: text(spoken) if text else "",
        words=lambda code: words_of(code, host.phone)(spoken),
        host=host,
        portal=PORTAL,
        form_token=token,
        **values,
    )
    response = HTMLResponse(body, status, {"cache-control": "no-store", "content-security-policy": policy})
    if FORM_COOKIE not in request.cookies:
        keep(request, response, FORM_COOKIE, token)
    if "lang" in request.query_params:
        keep(request, response, LANGUAGE_COOKIE, spoken, max_age=YEAR)
    return response


def keep(
    request: Request, response: Response, name: str, value: str, max_age: int | None = None, path: str = "/"
) -> None:
    """Set a cookie that no script reads and no other site sends; Secure wherever the request came by https."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age, path=path, httponly=True, samesite="lax", secure=secure)


def go(target: str) -> RedirectResponse:
    return RedirectResponse(target, 303, {"cache-control": "no-store"})


def origin(request: Request) -> str:
    """The address of this site as the visitor knows it, without a slash at its end."""
    return f"{request.url.scheme}://{request.url.netloc}"


def address(request: Request) -> str:
    """The visitor's address, as the server (and a proxy that it trusts) tells it."""
    return request.client.host[:60] if request.client else ""


def form_route(path: str, show: Show, take: Take) -> Route:
    """A page with a form: GET draws it, POST hands over the form once its origin, size and token are checked."""

    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            return await run_in_threadpool(take, request, await read_form(request))
        return await run_in_threadpool(show, request)

    return Route(path, endpoint, methods=["GET", "POST"])


async def read_form(request: Request) -> FormData:
    """A posted form; 403 unless this site drew it, 413 above 64 KB, 415 for anything but a plain form."""
    if not from_here(request):
        raise HTTPException(403)
    if request.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    form = FormData(_pairs(await _body(request)))
    expected = request.cookies.get(FORM_COOKIE, "")
    if not expected or not secrets.compare_digest(str(form.get("form_token", "")).encode(), expected.encode()):
        raise HTTPException(403)
    return form


def from_here(request: Request) -> bool:
    """Whether the browser says that the request came from a page of this host."""
    source = request.headers.get("origin") or request.headers.get("referer") or ""
    return bool(source) and urlsplit(source).netloc == request.headers.get("host")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_BYTES:
            raise HTTPException(413)
    return bytes(body)


def _pairs(body: bytes) -> list[tuple[str, str | UploadFile]]:
    try:
        return [*parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)]
    except ValueError as error:
        raise HTTPException(400) from error


def failed(request: Request, error: Exception) -> Response:
    """The page for a refused request: its status in words, no detail."""
    status = cast(HTTPException, error).status_code
    if "text/html" not in request.headers.get("accept", ""):
        return PlainTextResponse(str(status), status)
    return draw(request, "error.html", status, code=f"http_{status}", number=None)


def broken(request: Request, error: Exception) -> Response:
    """The page for a fault of ours: a number that stands in the log beside the traceback."""
    number = secrets.token_hex(4)
    log.error("fault %s at %s", number, request.url.path, exc_info=error)
    return draw(request, "error.html", 500, code="http_500", number=number)
