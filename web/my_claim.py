"""The form by which volunteers claim past hours on their own page (features V5, V6)."""

from datetime import date, timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.words import L
from services import clock, institution, serving_claim
from services.errors import Denied, Invalid
from services.serving_claim import Claim
from services.serving_pass import Visitor
from web.forms import Field, Form, Group
from web.my import closed, visitor
from web.pages import draw, form_route

BESIDE = {"served_on": "day", "times": "ends"}  # which field shows what is wrong with an entry


def _page(request: Request, who: Visitor, form: Form) -> Response:
    days = serving_claim.days(who)
    since = clock.today() - timedelta(days=days)
    return draw(request, "my_claim.html", host=institution.here(), form=form, days=days, since=since)


def _form(who: Visitor) -> Form:
    named = tuple((str(key), L(name, name)) for key, name in serving_claim.posts(who).items())
    return Form((Group((
        Field("post_id", L("在哪个岗位", "At which post"), "select", required=True, options=named),
        Field("day", L("哪一天", "On which day"), "date", required=True),
        Field("starts", L("从几点", "From"), "time", required=True),
        Field("ends", L("到几点", "To"), "time", required=True),
        Field("content", L("做了什么", "What you did"), "area", required=True, max_length=500),
    )),))  # fmt: skip


def show(request: Request) -> Response:
    who = visitor(request)
    return _page(request, who, _form(who)) if who else closed(request)


def take(request: Request, posted: FormData) -> Response:
    who = visitor(request)
    if who is None:
        return closed(request)
    form = _form(who)
    try:
        if form.take(posted):
            serving_claim.claim(who, _claimed(form))
            return RedirectResponse("/my?done=claim", 303)
    except Invalid as error:
        form.refuse({BESIDE.get(name, name): code for name, code in error.fields.items()})
    except Denied as error:
        form.refuse({"": error.code})
    return _page(request, who, form)


def _claimed(form: Form) -> Claim:
    told = form.values
    return Claim(int(told["post_id"]), date.fromisoformat(told["day"]), told["starts"], told["ends"], told["content"])


ROUTES = [form_route("/my/claim", show, take)]
