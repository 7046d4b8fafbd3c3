"""Coming and going at a training session on a phone (features T5): no account, nothing told about anybody else.

The page works as plain HTML; its script keeps what was typed and sends it again where the network drops. The phone is known
again at the next lesson by a signed cookie that holds for this door alone.
"""

import secrets
from datetime import datetime
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from models.base import RECORDS
from models.words import L
from services import checkin, clock, institution
from services.checkin import CheckinResult, CheckinView, DoorSign
from services.enrolling import Offer
from services.errors import Invalid, NotFound, PortalError
from web.forms import Field, Form, Group
from web.messages import words_of
from web.pages import SCRIPTED, address, draw, form_route, go, keep, language, origin

PERSON = RECORDS["person"]
NAME = Field("name", PERSON.field("name").label, required=True, max_length=60, autocomplete="name")
PHONE = Field(
    "phone",
    PERSON.field("phone").label,
    "tel",
    required=True,
    max_length=24,
    autocomplete="tel-national",
    inputmode="tel",
)
CODE = Field(
    "code",
    L("签到码", "Code"),
    required=True,
    max_length=16,
    inputmode="numeric",
    hint=L("屏幕上的，或工作人员当场报的 6 位数字", "The six digits on the screen, or told by the staff in the room"),
)
DAYS = "一二三四五六日"
COOKIE, REMEMBERED = "portal_door", 30 * 24 * 3600


def show(request: Request) -> Response:
    return _page(request, request.query_params.get("k", ""))


def take(request: Request, posted: FormData) -> Response:
    """Check in, or out: by name and phone, or as the person that this phone remembers."""
    seen, is_known, stranger = str(posted.get("k") or ""), posted.get("me") == "yes", ""
    form = _form(is_known=is_known, is_fresh="code" not in posted)
    if form.take(posted):
        try:
            return _done(request, _send(request, posted, form, seen), seen)
        except NotFound as error:
            raise HTTPException(404) from error
        except Invalid as error:
            form.errors = dict(error.fields)
            stranger = "{name} {phone}".format_map(error.detail) if form.errors.get("") == "not_on_list" else ""
        except PortalError as error:
            form.errors = {"": error.code}
    return _page(request, "" if "code" in form.errors else seen, form, stranger)


def _send(request: Request, posted: FormData, form: Form, seen: str) -> CheckinResult:
    token, leaves = request.path_params["token"], posted.get("act") == "out"
    code, once = form.values.get("code") or seen, str(posted.get("once") or "")[:40]
    ip = address(request)
    if "name" not in form.values:
        return checkin.pass_again(token, _person(request), leaves=leaves, code=code, once=once, ip=ip)
    who = token, form.values["name"], form.values["phone"]
    comes = checkin.check_in if posted.get("act") == "walk" else checkin.check_in_listed
    note = checkin.check_out if leaves else comes
    return note(*who, code=code, once=once, ip=ip)


def _done(request: Request, result: CheckinResult, seen: str) -> Response:
    view, path, token = result.view, request.url.path, request.path_params["token"]
    at = f"{clock.local(result.at):%H:%M}"
    told: dict[str, Any] = {
        "view": view,
        "when": when(view),
        "result": result,
        "at": at,
        "back": f"{path}?k={quote(seen)}" if seen else path,
    }
    answer = draw(request, "checked.html", policy=SCRIPTED, host=view.host, **told)
    keep(request, answer, COOKIE, checkin.remembrance(token, result.person), REMEMBERED, path=path)
    return answer


def _person(request: Request) -> int:
    return checkin.remembered(request.path_params["token"], request.cookies.get(COOKIE, ""))


def _form(*, is_known: bool, is_fresh: bool) -> Form:
    """Name and phone, but of a person whom the phone remembers; the code too where it was not just scanned."""
    return Form((Group((*(() if is_known else (NAME, PHONE)), *(() if is_fresh else (CODE,)))),))


def _page(request: Request, seen: str, sent: Form | None = None, stranger: str = "") -> Response:
    """The door as this phone sees it; what was sent and refused stands in its fields, and whoever is not on the list
    reads how they were understood."""
    token, other = request.path_params["token"], "other" in request.query_params or (sent and "name" in sent.values)
    try:
        look = checkin.look(token, seen, 0 if other else _person(request))
    except NotFound as error:
        raise HTTPException(404) from error
    form = _form(is_known=look.standing is not None, is_fresh=look.is_fresh)
    if sent:
        form.values = sent.values
        form.refuse(sent.errors)
    return draw(
        request, "checkin.html", policy=SCRIPTED, host=look.view.host, view=look.view, when=when(look.view),
        standing=look.standing, form=form, path=request.url.path, seen=seen if look.is_fresh else "",
        stale=bool(seen) and not look.is_fresh, local=clock.local, once=secrets.token_hex(12),
        stranger=stranger,
    )  # fmt: skip


def when(view: CheckinView | Offer) -> L:
    """Day and hours as the site reads them; the last day too where it is another one."""
    starts, ends = clock.local(view.starts), clock.local(view.ends)
    last = L("", "") if starts.date() == ends.date() else day(view.ends)
    return L(
        *(f"{first}{starts:%H:%M}–{until}{ends:%H:%M}" for first, until in zip(day(view.starts), last, strict=True))
    )


def day(moment: datetime) -> L:
    at = clock.local(moment)
    return L(f"{at.month}月{at.day}日（周{DAYS[at.weekday()]}）", f"{at:%a} {at.day} {at:%b}, ")


# -- six digits instead of a scan -------------------------------------------------------------------------------------


def ask(request: Request) -> Response:
    return draw(request, "digits.html", host=institution.here(), form=Form((Group((CODE,)),)))


def lead(request: Request, posted: FormData) -> Response:
    """To the door that the digits name."""
    form = Form((Group((CODE,)),))
    if form.take(posted):
        try:
            return go(checkin.by_digits(form.values["code"], ip=address(request)))
        except Invalid as error:
            form.refuse(error.fields)
        except PortalError as error:
            form.refuse({"": error.code})
    return draw(request, "digits.html", host=institution.here(), form=form)


# -- the screen in the room -------------------------------------------------------------------------------------------


def screen(request: Request) -> Response:
    """The code for a projector; its script asks for the next one."""
    return draw(request, "show.html", policy=SCRIPTED, **_sign(request))


def sign(request: Request) -> Response:
    """The sign of this moment as data: the QR code as SVG, six digits, seconds that they hold, how many came; no code and
    no digits while the door is shut."""
    told = _sign(request)
    kept = {"svg": told["svg"], "digits": told["digits"], "closed": told["closed"]}
    found: DoorSign = told["sign"]
    body = kept | {"seconds": round(found.seconds, 1), "came": found.came, "expected": found.expected}
    return JSONResponse(body, headers={"cache-control": "no-store"})


def _sign(request: Request) -> dict[str, Any]:
    try:
        found = checkin.on_screen(request.path_params["token"])
    except NotFound as error:
        raise HTTPException(404) from error
    site = origin(request)
    closed = words_of(found.view.closed)(language(request)) if found.view.closed else ""
    digits = f"{found.digits[:3]} {found.digits[3:]}".strip()
    svg = checkin.poster_svg(site + found.path) if found.path else ""
    return {"sign": found, "view": found.view, "when": when(found.view), "svg": svg,
            "digits": digits, "closed": closed, "site": site, "path": request.url.path}  # fmt: skip


ROUTES = [
    form_route("/c", ask, lead),
    form_route("/c/{token}", show, take),
    Route("/show/{token}", screen),
    Route("/show/{token}/now", sign),
]
