"""Downloads of attachments and of what jobs made: right and audit at every one (design decision 16)."""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reports import certificates
from services import accounts, attachments, jobs, thumbs
from services.access import Actor
from services.errors import Denied, NotFound

MADE = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
}
SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif", "application/pdf")


async def attachment(request: Request) -> Response:
    """GET /files/{id}"""

    def answer(actor: Actor) -> Response:
        file, data = attachments.open(actor, request.path_params["id"])
        return download(file.name, file.mime, data)

    return await answered(request, answer)


async def thumb(request: Request) -> Response:
    """GET /files/{id}/thumb: the small picture, under the same right; looking at it is no download."""

    def answer(actor: Actor) -> Response:
        headers = {"cache-control": "private, max-age=600", "vary": "cookie", "x-content-type-options": "nosniff"}
        return Response(attachments.thumb(actor, request.path_params["id"]), media_type=thumbs.MIME, headers=headers)

    return await answered(request, answer)


async def job(request: Request) -> Response:
    """GET /files/job/{id}: the error sheet of an import, the sheet of an export, a ledger."""

    def answer(actor: Actor) -> Response:
        name, data = jobs.result_file(actor, request.path_params["id"])
        return download(name, MADE.get(name.rsplit(".", 1)[-1], "application/octet-stream"), data)

    return await answered(request, answer)


async def certificate(request: Request) -> Response:
    """GET /files/certificate/{id}: one certificate as it is printed, for whoever may see names in full."""
    site = f"{request.url.scheme}://{request.url.netloc}"

    def answer(actor: Actor) -> Response:
        name, data = certificates.one(actor, request.path_params["id"], site)
        return download(name, MADE["pdf"], data)

    return await answered(request, answer)


async def answered(request: Request, answer: object) -> Response:
    """The file for who is signed in; who may not know of it is told that there is none."""
    actor = await run_in_threadpool(accounts.actor_of, request.headers.get("x-portal-session"))
    if actor is None:
        return PlainTextResponse("sign in first", 401)
    try:
        return await run_in_threadpool(answer, actor)  # type: ignore[arg-type]
    except (NotFound, Denied):
        return PlainTextResponse("not found", 404)


def download(name: str, mime: str, data: bytes) -> Response:
    way = "inline" if mime in SHOWN else "attachment"
    headers = {
        "content-disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}",
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'",
        "cache-control": "private, no-store",
    }
    return Response(data, media_type=mime, headers=headers)


ROUTES = [
    Route("/files/job/{id:int}", job),
    Route("/files/certificate/{id:int}", certificate),
    Route("/files/{id:int}", attachment),
    Route("/files/{id:int}/thumb", thumb),
]
