"""Proofs of service: checked by anyone by number, and as a PDF for staff (feature V9; M67 art. 17)."""

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from models.words import L
from reports import proof as paper
from services import accounts, institution, serving_proof
from services.errors import Denied, NotFound, PortalError
from services.serving_proof import Proof
from web.forms import Field, Form, Group
from web.pages import address, draw, form_route, go

FIELDS = (Group((
    Field("number", L("证明编号", "Number of the proof"), required=True, max_length=40),
    Field("code", L("校验码", "Check code"), required=True, max_length=40,
          hint=L("印在二维码旁边", "Printed beside the QR code")),
)),)  # fmt: skip


def ask(request: Request) -> Response:
    return _ask(request, Form(FIELDS))


def take(request: Request, posted: FormData) -> Response:
    """A pair that is right leads to the proof's own page; a wrong one tells nothing."""
    form = Form(FIELDS)
    if not form.take(posted):
        return _ask(request, form)
    try:
        found = serving_proof.check(f"{form.values['number']}-{form.values['code']}", ip=address(request))
    except (NotFound, Denied) as error:
        return _refused(request, form, error)
    return go(found.address)


def _ask(request: Request, form: Form, status: int = 200) -> Response:
    return draw(request, "proof_ask.html", status, host=institution.here(), form=form)


def _refused(request: Request, form: Form, error: PortalError) -> Response:
    many = error.code == "too_many"
    return _ask(request, form.refuse({"": "too_many" if many else "proof_unknown"}), 429 if many else 404)


async def check(request: Request) -> Response:
    """GET /proof/{number}-{check}: everything that is printed, the name masked; of a wrong one nothing."""
    return await run_in_threadpool(_check, request)


def _check(request: Request) -> Response:
    try:
        found = serving_proof.check(request.path_params["key"], ip=address(request))
    except (NotFound, Denied) as error:
        return _refused(request, Form(FIELDS), error)
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


ROUTES = [form_route("/proof", ask, take), Route("/proof/{key:path}", check), Route("/proofs/{id:int}.pdf", staff_pdf)]
