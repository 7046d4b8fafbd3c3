"""Enrolment on the phone, without an account (features T3, T4): what is open, a place in a session, and giving it back;
and the page by which a partner enrols its own people."""

from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.words import L
from services import checkin, clock, enrolling, feeds, institution, partner_links, training
from services.enrolling import Offer, Place
from services.errors import Invalid, NotFound, PortalError
from services.partner_links import Invited
from web.checkin import NAME, PHONE, day, when
from web.forms import Field, Form, Group
from web.messages import words_of
from web.pages import SCRIPTED, address, draw, form_route, go, language, origin
from web.register import CONSENT, by

NOTICE = (
    L(
        "目的：安排培训、通知您、记录出勤和发证。",
        "Purpose: arrange the training, reach you, record attendance, certify.",
    ),
    L("收集：姓名、手机号和单位；单位可以不填。", "Data: name, mobile number and employer; the employer is up to you."),
    L("安全：手机号加密保存，查看会留下记录。", "Safety: the number is encrypted, and every look at it is recorded."),
    L("保存：随培训记录保存，期满删除。", "Kept: with the training record, deleted when its time is over."),
    L(
        "提供：不公开，不作商用；法律另有规定的除外。",
        "Passed on: never published or sold; only where a law demands it.",
    ),
    L("权利：您可查询、更正、删除，或退出报名。", "Rights: you may see, correct or delete it, or withdraw."),
)
PERSON = (
    Group(
        (
            NAME,
            PHONE,
            Field("employer", L("单位", "Organisation"), max_length=80, autocomplete="organization"),
        )
    ),
    Group((CONSENT,)),
)
AGREED = Field(
    "consent",
    L("我已征得以上人员同意，由我代为报名", "Everybody named here has agreed that I enrol them"),
    "check",
    required=True,
    missing="consent_missing",
)
PEOPLE = Field(
    "people",
    L("姓名和手机号", "Names and mobile numbers"),
    "area",
    required=True,
    max_length=4000,
    hint=L(
        "一行一人，先姓名后手机号；可从表格整列粘贴", "One person a line: the name, then the number. Paste from a sheet"
    ),
)
HAS_LINK = L("已报名的请用自己的链接查看。", "If you are enrolled, see your own link.")
LATER = L("有人退出时名额会重新开放，可过些日子再来看。", "A place opens when somebody withdraws; look again later.")
CODES = {"full": "places_gone", "teaches_here": "teaches_session", "already_enrolled": "enrolled_before"}


# -- the list ---------------------------------------------------------------------------------------------------------


def listed(request: Request) -> Response:
    offers = [(offer, when(offer), left(offer)) for offer in enrolling.offers()]
    return draw(request, "offers.html", host=institution.here(), offers=offers)


def left(offer: Offer) -> L:
    """How many may still enrol, in words."""
    if offer.closed == "not_open_yet" and offer.opens:
        return opening(offer.opens)
    if offer.free:
        one = "1 seat left" if offer.free == 1 else f"{offer.free} seats left"
        return L(f"还有 {offer.free} 个名额", one)
    return L("已满，可候补", "Full; you may join the waitlist") if offer.waitlist else L("已满", "Full")


def opening(moment: datetime) -> L:
    at = moment_words(moment)
    return L(f"{at.zh} 开始报名", f"Enrolment opens {at.en}")


def moment_words(moment: datetime) -> L:
    at = clock.local(moment)
    return L(*(f"{one}{at:%H:%M}" for one in day(moment)))


def why_closed(offer: Offer) -> tuple[L, L | None]:
    """Why nobody can enrol now, and what follows from it; the first in words of its own where a time belongs to it."""
    if offer.closed == "not_open_yet":
        words = opening(offer.opens) if offer.opens else words_of(offer.closed)
        return words, L("到时再打开本页即可报名。", "Open this page again then.")
    if offer.closed == "registration_closed":
        at = moment_words(offer.closes)
        is_over = offer.closes <= clock.now()
        words = L(f"报名已于 {at.zh} 截止", f"Enrolment closed on {at.en}") if is_over else words_of(offer.closed)
        return words, HAS_LINK
    if offer.closed:
        return words_of(offer.closed, offer.host.phone), None if offer.closed == "session_over" else HAS_LINK
    return words_of("places_gone"), LATER


# -- one session ------------------------------------------------------------------------------------------------------


def show(request: Request) -> Response:
    return _page(request, _offer(request), Form(PERSON))


def take(request: Request, posted: FormData) -> Response:
    offer, form = _offer(request), Form(PERSON)
    if form.take(posted):
        try:
            given = {name: form.values[name] for name in ("name", "phone", "employer")}
            ours = str(posted.get("once") or "")
            theirs = enrolling.enrol(offer.token, ours, given, language(request), ip=address(request))
            return go(f"/e/mine/{theirs}")
        except NotFound as error:
            raise HTTPException(404) from error
        except PortalError as error:
            refuse(form, error)
    return _page(request, _offer(request), form)


def refuse(form: Form, error: PortalError) -> None:
    codes = error.fields if isinstance(error, Invalid) else {"": error.code}
    form.refuse({name: CODES.get(code, code) for name, code in codes.items()})


def _offer(request: Request) -> Offer:
    """The session of the address; a wrong one, or one that is not public, is a page that does not exist."""
    try:
        return enrolling.offer(request.path_params["token"])
    except NotFound as error:
        raise HTTPException(404) from error


def _page(request: Request, offer: Offer, form: Form) -> Response:
    told: dict[str, Any] = {
        "when": when(offer),
        "why": why_closed(offer) if offer.closed or not (offer.free or offer.waitlist) else None,
        "left": left(offer),
        "notice": (by(offer.host), *NOTICE),
        "path": request.url.path,
    }
    return draw(request, "enrol.html", host=offer.host, offer=offer, form=form, once=training.new_token(), **told)


# -- one's own place --------------------------------------------------------------------------------------------------


def show_mine(request: Request) -> Response:
    return _mine(request, _place(request), Form(()))


def take_mine(request: Request, _posted: FormData) -> Response:
    form = Form(())
    try:
        enrolling.withdraw(request.path_params["secret"])
        return go(request.url.path)
    except NotFound as error:
        raise HTTPException(404) from error
    except PortalError as error:
        refuse(form, error)
    return _mine(request, _place(request), form)


def _place(request: Request) -> Place:
    try:
        return enrolling.mine(request.path_params["secret"])
    except NotFound as error:
        raise HTTPException(404) from error


def _mine(request: Request, place: Place, form: Form) -> Response:
    until = moment_words(place.until)
    link = origin(request) + request.url.path
    told: dict[str, Any] = {"when": when(place.offer), "until": until, "link": link, "path": request.url.path,
                            "svg": checkin.poster_svg(link)}  # fmt: skip
    return draw(request, "place.html", policy=SCRIPTED, host=place.offer.host, place=place, form=form, **told)


def calendar(request: Request) -> Response:
    """GET /e/mine/{secret}/session.ics: the session for one's own calendar."""
    try:
        text = feeds.own(request.path_params["secret"])
    except NotFound as error:
        raise HTTPException(404) from error
    headers = {"content-disposition": 'attachment; filename="session.ics"', "cache-control": "no-store"}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


# -- a partner's people -----------------------------------------------------------------------------------------------


def show_partner(request: Request) -> Response:
    return _partner(request, Form((Group((PEOPLE, AGREED)),)))


def take_partner(request: Request, posted: FormData) -> Response:
    form = Form((Group((PEOPLE, AGREED)),))
    lines: dict[str, str] = {}
    if form.take(posted):
        try:
            people = partner_links.read_lines(form.values["people"])
            once = str(posted.get("once") or "")
            token = request.path_params["token"]
            partner_links.enter(token, once, people, language(request), ip=address(request))
            return go(request.url.path)
        except NotFound as error:
            raise HTTPException(404) from error
        except PortalError as error:
            refuse(form, error)
            fields = error.fields if isinstance(error, Invalid) else {}
            lines = {number: CODES.get(code, code) for number, code in fields.items() if number.isdecimal()}
    return _partner(request, form, lines)


def _partner(request: Request, form: Form, lines: dict[str, str] | None = None) -> Response:
    """The form; each line that was refused is told beside the field, by its number."""
    try:
        view: Invited = partner_links.invited(request.path_params["token"])
    except NotFound as error:
        raise HTTPException(404) from error
    if lines:
        form.errors = {"people": "lines_wrong"}
    told: dict[str, Any] = {
        "when": when(view.offer),
        "lines": lines or {},
        "path": request.url.path,
        "once": training.new_token(),
    }
    return draw(request, "partner.html", host=view.offer.host, view=view, form=form, **told)


ROUTES = [
    Route("/e", listed),
    form_route("/e/mine/{secret}", show_mine, take_mine),
    Route("/e/mine/{secret}/session.ics", calendar),
    form_route("/e/p/{token}", show_partner, take_partner),
    form_route("/e/{token}", show, take),
]
