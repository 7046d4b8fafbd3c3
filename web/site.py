"""The portal's own static files, the language switch, and health."""

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services import accounts
from web.pages import LANGUAGE_COOKIE, YEAR, go, keep, log, same_site, speech


async def health(request: Request) -> Response:
    """200 while the database answers, else 503."""
    try:
        await run_in_threadpool(accounts.any_exists)
    except Exception:
        log.exception("the database does not answer")
        return PlainTextResponse("database unreachable", 503)
    return PlainTextResponse("ok", headers={"cache-control": "no-store"})


async def change_language(request: Request) -> Response:
    """Remember ?to=zh|en for a year and go back to ?next."""
    response = go(same_site(request.query_params.get("next")))
    keep(request, response, LANGUAGE_COOKIE, speech(request.query_params.get("to")), max_age=YEAR)
    return response


async def unknown_code(request: Request) -> Response:
    """A public address that leads nowhere; without this the request would fall through to Streamlit's page."""
    raise HTTPException(404)


ROUTES = [
    Route("/healthz", health),
    Route("/lang", change_language),
    Route("/c/{token:path}", unknown_code),
    *(Route(f"/{folder}/{{rest:path}}", unknown_code) for folder in ("my", "proof", "show")),
    Mount("/portal", StaticFiles(directory=Path(__file__).parent / "public")),
]
