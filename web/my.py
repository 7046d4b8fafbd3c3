"""The volunteer's own page behind a one-time link: shifts, hours, certificates, corrections, on a phone (feature V7).

The visit's cookie opens the page of one volunteer and nothing else of the portal.
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from models.service import RequestState
from models.words import L
from services import clock, institution, serving_pass, serving_proof, serving_self
from services.errors import Denied, Invalid, NotFound, PortalError
from services.serving_pass import Visitor
from services.serving_self import Turn
from web.checkin import DAYS
from web.forms import Field, Form, Group
from web.pages import YEAR, address, draw, form_route, go, keep
from web.proof import as_pdf

COOKIE = "portal_my"
ASKED = Field("asked", L("要更正什么", "What is to be corrected"), "area", required=True, max_length=500)
DONE = {
    "sign_up": L("报名成功", "You are signed up"),
    "withdraw": L("已退出", "You have withdrawn"),
    "sign_in": L("已签到", "You are signed in"),
    "sign_out": L("已签退，时长待工作人员确认", "You are signed out; the hours wait for confirmation"),
    "stars": L("已申请星级，请等待评定", "Applied; somebody will decide on it"),
    "ask": L("已提交，工作人员会答复", "Sent; somebody will answer"),
    "claim": L("已提交，工作人员确认后生效", "Sent; it counts once the staff confirm it"),
}


def visitor(request: Request) -> Visitor | None:
    return serving_pass.visitor(request.cookies.get(COOKIE))


# -- the link --------------------------------------------------


def show_link(request: Request) -> Response:
    """The page of a link: a click uses it, a look does not."""
    good = serving_pass.is_good(request.path_params["token"])
    return draw(request, "my_in.html", 200 if good else 404, host=institution.here(), good=good, path=request.url.path)


def use_link(request: Request, _posted: FormData) -> Response:
    try:
        visit = serving_pass.enter(request.path_params["token"], ip=address(request))
    except NotFound:
        return draw(request, "my_in.html", 404, host=institution.here(), good=False, path=request.url.path)
    except Denied as error:
        raise HTTPException(429) from error
    response = go("/my")
    keep(request, response, COOKIE, visit, max_age=YEAR)
    return response


# -- the page --------------------------------------------------


def show(request: Request) -> Response:
    who = visitor(request)
    return _page(request, who) if who else closed(request)


def closed(request: Request) -> Response:
    return draw(request, "my_in.html", 401, host=institution.here(), good=False, path=request.url.path)


def _page(request: Request, who: Visitor, error: str = "") -> Response:
    done = _done(request, who)
    return draw(
        request, "my.html", host=institution.here(), own=serving_self.page(who), when=when, done=done, error=error,
        local=lambda moment: f"{clock.local(moment):%Y-%m-%d %H:%M}", state_of=RequestState,
    )  # fmt: skip


def _done(request: Request, who: Visitor) -> L | None:
    done = DONE.get(request.query_params.get("done", ""))
    left = serving_self.left(who, _number(request.query_params, "id")) if done is DONE["withdraw"] else None
    if done is None or left is None:
        return done
    told = when(left)
    return L(f"{done.zh}：{left.title}，{told.zh}", f"{done.en}: {left.title}, {told.en}")


def when(turn: Turn) -> L:
    """8月6日（周四）08:30–11:30"""
    first, last = clock.local(turn.starts), clock.local(turn.ends)
    zh = f"{first.month}月{first.day}日（周{DAYS[first.weekday()]}）{first:%H:%M}–{last:%H:%M}"
    return L(zh, f"{first:%a} {first.day} {first:%b}, {first:%H:%M}–{last:%H:%M}")


def _number(posted: Mapping[str, Any], name: str) -> int:
    text = str(posted.get(name) or "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


ACTS: dict[str, Callable[[Visitor, FormData], object]] = {
    "sign_up": lambda who, posted: serving_self.sign_up(who, _number(posted, "id"), _number(posted, "slot") or None),
    "withdraw": lambda who, posted: serving_self.withdraw(who, _number(posted, "id")),
    "sign_in": lambda who, posted: serving_self.sign_in(who, _number(posted, "id")),
    "sign_out": lambda who, _posted: serving_self.sign_out(who),
    "stars": lambda who, _posted: serving_self.apply_for_stars(who),
}


def take(request: Request, posted: FormData) -> Response:
    """One act of the page, by the name of its button."""
    who, act = visitor(request), str(posted.get("act") or "")
    if who is None:
        return closed(request)
    if act == "leave":
        serving_pass.end(request.cookies[COOKIE])
        response: Response = go("/my")
        response.delete_cookie(COOKIE, path="/")
        return response
    if act not in ACTS:
        raise HTTPException(400)
    try:
        ACTS[act](who, posted)
    except PortalError as error:
        return _page(request, who, _code(error))
    which = f"&id={_number(posted, 'id')}" if act == "withdraw" else ""
    return RedirectResponse(f"/my?done={act}{which}", 303)


def _code(error: PortalError) -> str:
    return next(iter(error.fields.values())) if isinstance(error, Invalid) else error.code


# -- a correction --------------------------------------------------


def show_ask(request: Request) -> Response:
    who = visitor(request)
    return _ask_page(request, who, Form((Group((ASKED,)),))) if who else closed(request)


def _ask_page(request: Request, who: Visitor, form: Form) -> Response:
    key = _number(request.query_params, "hours")
    try:
        entry = serving_self.entry(who, key) if key else None
    except NotFound as error:
        raise HTTPException(404) from error
    return draw(
        request, "my_ask.html", host=institution.here(), form=form, entry=entry, path=f"/my/ask?hours={key or ''}"
    )


def take_ask(request: Request, posted: FormData) -> Response:
    who, form = visitor(request), Form((Group((ASKED,)),))
    if who is None:
        return closed(request)
    try:
        if form.take(posted):
            serving_self.ask(who, _number(request.query_params, "hours") or None, form.values["asked"])
            return RedirectResponse("/my?done=ask", 303)
    except PortalError as error:
        form.refuse({"": _code(error)})
    return _ask_page(request, who, form)


async def pdf(request: Request) -> Response:
    """GET /my/proof/{id}.pdf: one of one's own proofs."""

    def answer() -> Response:
        who = visitor(request)
        if who is None:
            return closed(request)
        try:
            return as_pdf(request, serving_proof.own(who, request.path_params["id"]))
        except NotFound as error:
            raise HTTPException(404) from error

    return await run_in_threadpool(answer)


ROUTES = [
    form_route("/my", show, take),
    form_route("/my/in/{token}", show_link, use_link),
    form_route("/my/ask", show_ask, take_ask),
    Route("/my/proof/{id:int}.pdf", pdf),
]
