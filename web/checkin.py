"""QR check-in at a training session (features T5): a phone, two fields, no account, nothing told about anybody else."""

from datetime import datetime

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.base import RECORDS
from models.words import L
from services import checkin, clock
from services.checkin import CheckinView
from services.errors import Invalid, NotFound, PortalError
from web.forms import Field, Form, Group
from web.pages import address, draw, form_route

PERSON = RECORDS["person"]
FIELDS = (
    Group(
        (
            Field("name", PERSON.field("name").label, required=True, max_length=60, autocomplete="name"),
            Field(
                "phone",
                PERSON.field("phone").label,
                "tel",
                required=True,
                max_length=24,
                autocomplete="tel-national",
                inputmode="tel",
            ),
        )
    ),
)
DAYS = "一二三四五六日"


def show(request: Request) -> Response:
    return _page(request, _view(request), Form(FIELDS))


def take(request: Request, posted: FormData) -> Response:
    view, form = _view(request), Form(FIELDS)
    if form.take(posted) and not view.closed:
        try:
            result = checkin.check_in(request.path_params["token"], **form.values, ip=address(request))
            at = f"{clock.local(result.at):%H:%M}"
            return draw(request, "checked.html", view=view, when=when(view), again=result.again, at=at)
        except Invalid as error:
            form.refuse(error.fields)
        except PortalError as error:
            form.refuse({"": error.code})
    return _page(request, view, form)


def when(view: CheckinView) -> L:
    """Day and hours of a session as the site reads them; the last day too where it is another one."""
    starts, ends = clock.local(view.starts), clock.local(view.ends)
    last = L("", "") if starts.date() == ends.date() else _day(ends)
    return L(*(f"{day}{starts:%H:%M}–{until}{ends:%H:%M}" for day, until in zip(_day(starts), last, strict=True)))


def _day(moment: datetime) -> L:
    zh = f"{moment.month}月{moment.day}日（周{DAYS[moment.weekday()]}）"
    return L(zh, f"{moment:%a} {moment.day} {moment:%b}, ")


def _view(request: Request) -> CheckinView:
    """The session of the address; a wrong one is a page that does not exist."""
    try:
        return checkin.checkin_session(request.path_params["token"])
    except NotFound as error:
        raise HTTPException(404) from error


def _page(request: Request, view: CheckinView, form: Form) -> Response:
    return draw(request, "checkin.html", view=view, when=when(view), form=form, path=request.url.path)


ROUTES = [form_route("/c/{token}", show, take)]
