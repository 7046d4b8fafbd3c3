"""Proofs of service: checked by anyone by number, and as a PDF for staff (feature V9; M67 art. 17)."""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from reports import proof as paper
from services import accounts, institution, serving_proof
from services.errors import Denied, NotFound
from services.serving_proof import Proof
from web.pages import address, draw


async def check(request: Request) -> Response:
    """GET /proof/{number}-{check}: everything that is printed, the name masked; of a wrong one nothing."""
    return await run_in_threadpool(_check, request)


def _check(request: Request) -> Response:
    try:
        found = serving_proof.check(request.path_params["key"], ip=address(request))
    except NotFound as error:
        raise HTTPException(404) from error
    except Denied as error:
        raise HTTPException(429) from error
    fields = [(paper.LABELS[name], words) for name, words in paper.printed(found).items()]
    return draw(
        request,
        "proof.html",
        host=institution.here(),
        proof=found,
        title=paper.TITLE,
        fields=fields,
        headings=paper.HEADINGS,
    )


async def staff_pdf(request: Request) -> Response:
    """GET /proofs/{id}.pdf for whoever may read it."""

    def answer() -> Response:
        actor = accounts.actor_of(request.headers.get("x-portal-session"))
        if actor is None:
            return PlainTextResponse("sign in first", 401)
        try:
            return as_pdf(request, serving_proof.get(actor, request.path_params["id"]))
        except (NotFound, Denied):
            return PlainTextResponse("not found", 404)

    return await run_in_threadpool(answer)


def as_pdf(request: Request, proof: Proof) -> Response:
    name = quote(f"{paper.TITLE.zh} {proof.number}.pdf", safe="")
    headers = {"content-disposition": f"inline; filename*=UTF-8''{name}", "cache-control": "private, no-store"}
    return Response(paper.pdf(proof, str(request.base_url)), media_type="application/pdf", headers=headers)


ROUTES = [Route("/proof/{key}", check), Route("/proofs/{id:int}.pdf", staff_pdf)]
