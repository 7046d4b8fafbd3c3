"""Feedback after a session (feature T14): three questions with stars and a remark; nobody is asked who they are."""

import secrets

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.assessment import STARRED
from models.base import RECORDS
from models.words import L
from services import feedback
from services.errors import Invalid, NotFound, PortalError
from services.feedback import FeedbackView
from web.forms import Field, Form, Group
from web.pages import YEAR, address, draw, form_route, keep

FEEDBACK = RECORDS["feedback"]
DEVICE_COOKIE = "portal_device"
STARS = tuple((str(n), L(f"{n} ★", f"{n} ★")) for n in range(1, 6))
FIELDS = (
    Group(tuple(Field(name, FEEDBACK.field(name).label, "radio", required=True, options=STARS) for name in STARRED)),
    Group((Field("remark", FEEDBACK.field("remark").label, "area", max_length=500),)),
)


def show(request: Request) -> Response:
    return _page(request, _view(request), Form(FIELDS))


def take(request: Request, posted: FormData) -> Response:
    view, form, device = _view(request), Form(FIELDS), _device(request)
    if form.take(posted) and not view.closed:
        try:
            stars = {name: int(form.values[name]) for name in STARRED}
            given = stars | {"remark": form.values["remark"]}
            feedback.give(request.path_params["token"], device, given, ip=address(request))
            return draw(request, "thanked.html", host=view.host, view=view)
        except Invalid as error:
            form.refuse(error.fields)
        except PortalError as error:
            form.refuse({"": error.code})
    return _page(request, view, form)


def _device(request: Request) -> str:
    return request.cookies.get(DEVICE_COOKIE) or ""


def _view(request: Request) -> FeedbackView:
    """The session of the address; a wrong one is a page that does not exist."""
    try:
        return feedback.view(request.path_params["token"], _device(request))
    except NotFound as error:
        raise HTTPException(404) from error


def _page(request: Request, view: FeedbackView, form: Form) -> Response:
    """The form; a device without a secret of its own is given one, by which a second answer is known."""
    page = draw(request, "feedback.html", host=view.host, view=view, form=form, path=request.url.path)
    if not _device(request):
        keep(request, page, DEVICE_COOKIE, secrets.token_urlsafe(18), max_age=YEAR)
    return page


ROUTES = [form_route("/f/{token}", show, take)]
