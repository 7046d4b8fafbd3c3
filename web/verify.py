"""Anybody checks a certificate on a phone: by the QR code on it, or by the number and the check code (feature T8)."""

from dataclasses import replace
from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from models.certificates import Standing
from models.words import L
from services import institution, verifying
from services.errors import Denied, NotFound, PortalError
from services.verifying import Checked
from web.forms import Field, Form, Group
from web.pages import address, draw, form_route

FIELDS = (
    Group(
        (
            Field("number", L("证书编号", "Certificate number"), required=True, max_length=40),
            Field(
                "code",
                L("校验码", "Check code"),
                required=True,
                max_length=40,
                hint=L("印在证书二维码旁边", "Printed beside the QR code"),
            ),
        )
    ),
)
SINCE = {
    Standing.VALID: L("至 {day}，当天仍有效", "through {day}"),
    Standing.EXPIRING: L("至 {day}，当天仍有效", "through {day}"),
    Standing.EXPIRED: L("{day} 为最后有效日", "{day} was its last day"),
    Standing.REVOKED: L("{day} 撤销", "on {day}"),
}
ENDED = {
    Standing.EXPIRED: L("已过期：这张证书不再有效", "Expired: this certificate is no longer valid"),
    Standing.REVOKED: L("已撤销：这张证书无效", "Revoked: this certificate is not valid"),
}
MARKS = {Standing.VALID: "✓", Standing.EXPIRING: "▲", Standing.EXPIRED: "◆", Standing.REVOKED: "✕"}
STATUS = {"too_many": 429, "not_found": 404}


def ask(request: Request) -> Response:
    return draw(request, "certificate_ask.html", host=institution.here(), form=Form(FIELDS))


def take(request: Request, posted: FormData) -> Response:
    """A pair that is right leads to the certificate's own page; a wrong one tells nothing."""
    form = Form(FIELDS)
    if not form.take(posted):
        return draw(request, "certificate_ask.html", host=institution.here(), form=form)
    number = form.values["number"].upper()
    try:
        verifying.check(number, form.values["code"], ip=address(request))
    except (NotFound, Denied) as error:
        return _refused(request, form, error)
    return RedirectResponse(verifying.path(number), 303, {"cache-control": "no-store"})


async def show(request: Request) -> Response:
    """GET /v/{number}-{check code}"""
    return await run_in_threadpool(_show, request)


def _show(request: Request) -> Response:
    number, _, code = request.path_params["code"].rpartition("-")
    try:
        seen = verifying.check(number, code, ip=address(request))
    except (NotFound, Denied) as error:
        return _refused(request, Form(FIELDS), error)
    since = SINCE[seen.standing].format(day=seen.since) if seen.since else L("长期有效", "no expiry date")
    told: dict[str, Any] = {
        "seen": seen,
        "since": since,
        "mark": MARKS[seen.standing],
        "ended": ENDED.get(seen.standing),
        "facts": facts(seen),
    }
    return draw(request, "certificate_checked.html", host=replace(institution.here(), name=seen.issuer), **told)


def _refused(request: Request, form: Form, error: PortalError) -> Response:
    code = error.code if error.code == "too_many" else "certificate_unknown"
    return draw(
        request,
        "certificate_ask.html",
        STATUS.get(error.code, 404),
        host=institution.here(),
        form=form.refuse({"": code}),
    )


def facts(seen: Checked) -> list[tuple[L, L]]:
    """Every printed field beside its label, in the order of the paper."""
    told = [
        (L("证书编号", "Certificate number"), _same(seen.number)),
        (L("证书名称", "Certificate"), seen.title),
        (L("持证人", "Holder"), _same(seen.holder)),
        (L("证件号码", "Document number"), _same(seen.document)),
        (L("所修课程", "Course"), seen.course),
        (L("学时", "Class hours"), _same(f"{seen.hours:g}")),
        (L("培训日期", "Dates of training"), _same(_span(seen.starts_on, seen.ends_on))),
        (L("发证单位", "Issuer"), seen.issuer),
        (L("负责人", "Person in charge"), _same(seen.person_in_charge)),
        (L("发证日期", "Issued on"), _same(str(seen.issued_on))),
        (
            L("原定有效期至", "Was valid until") if seen.standing in ENDED else L("有效期至", "Valid until"),
            _same(str(seen.valid_until)) if seen.valid_until else L("长期", "No expiry date"),
        ),
        (L("续自证书", "Renews"), _same(seen.renews)),
        (L("补发", "Copies"), _copies(seen)),
    ]
    return [(label, value) for label, value in told if value.zh]


def _same(text: str) -> L:
    return L(text, text)


def _span(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} – {last}"


def _copies(seen: Checked) -> L:
    if not seen.copies:
        return L("", "")
    return L(f"{seen.copies} 次，最近 {seen.copied_on}", f"{seen.copies}, last on {seen.copied_on}")


async def unknown(request: Request) -> Response:
    """Deeper addresses; without this the request would fall through to Streamlit's page."""
    raise HTTPException(404)


ROUTES = [form_route("/v", ask, take), Route("/v/{code}", show), Route("/v/{rest:path}", unknown)]
