"""The calendar feeds at their addresses: plain text for calendar clients, told apart by ETag (feature T2)."""

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services import feeds
from services.errors import Denied, NotFound
from web.pages import address, origin


async def feed(request: Request) -> Response:
    """GET /calendar/{token}.ics: 304 while nothing has changed, 404 for an address that leads nowhere, 429 for who guesses."""
    return await run_in_threadpool(_answer, request)


def _answer(request: Request) -> Response:
    try:
        found = feeds.read(request.path_params["token"], origin=origin(request), ip=address(request))
    except NotFound as error:
        raise HTTPException(404) from error
    except Denied as error:
        raise HTTPException(429) from error
    tag = f'"{found.tag}"'
    headers = {"etag": tag, "cache-control": "private, no-cache", "x-content-type-options": "nosniff"}
    if _knows(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    headers["content-disposition"] = 'inline; filename="training.ics"'
    return Response(found.text, media_type="text/calendar; charset=utf-8", headers=headers)


def _knows(asked: str, tag: str) -> bool:
    """Whether the client names this very version; a proxy may have made its tag a weak one."""
    return asked.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in asked.split(",")}


ROUTES = [Route("/calendar/{token}.ics", feed)]
