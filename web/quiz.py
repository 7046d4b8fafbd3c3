"""The quiz on the phone (feature T13): begin by name and phone, one page of questions, the result with explanations.

Every step answers a post by sending the browser to a page, so that reloading after a lost network shows where one stands.
"""

from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from models.assessment import LETTERS
from models.words import L
from services import clock, quiz
from services.errors import Invalid, NotFound, PortalError
from services.quiz import Asked, QuizView, Sheet
from web.checkin import NAME, PHONE
from web.forms import Field, Form, Group
from web.pages import address, draw, form_route, go

FIELDS = (Group((NAME, PHONE)),)


def show(request: Request) -> Response:
    return _door(request, _view(request), Form(FIELDS))


def take(request: Request, posted: FormData) -> Response:
    view, form = _view(request), Form(FIELDS)
    if form.take(posted) and not view.closed:
        token = request.path_params["token"]
        try:
            return go(f"/q/{token}/{quiz.begin(token, **form.values, ip=address(request))}")
        except Invalid as error:
            form.refuse(error.fields)
        except PortalError as error:
            form.refuse({"": error.code})
    return _door(request, view, form)


def show_sheet(request: Request) -> Response:
    sheet = _sheet(request)
    return _result(request, sheet) if sheet.score is not None else _paper(request, sheet, _form(sheet))


def take_sheet(request: Request, posted: FormData) -> Response:
    """Hand in what was chosen; where questions are left open, ask once more before they count as wrong."""
    sheet = _sheet(request)
    form = _form(sheet)
    whole = form.take(posted)
    only_open = set(form.errors.values()) <= {"unanswered"}
    if sheet.score is None and not whole and not (only_open and posted.get("anyway")):
        return _paper(request, sheet, form)
    try:
        if sheet.score is None:
            quiz.hand_in(*_tokens(request), [_places(form.values[name]) for name in _names(sheet)], ip=address(request))
        return go(request.url.path)
    except PortalError as error:
        codes = error.fields if isinstance(error, Invalid) else {"": error.code}
        return _paper(request, sheet, form.refuse(codes))


# -- the form of a paper ----------------------------------------------------------------------------------------------


def _form(sheet: Sheet) -> Form:
    fields = (
        _field(name, nth, asked) for nth, (name, asked) in enumerate(zip(_names(sheet), sheet.questions, strict=True))
    )
    return Form((Group(tuple(fields)),))


def _names(sheet: Sheet) -> list[str]:
    return [f"q{nth}" for nth in range(len(sheet.questions))]


def _field(name: str, nth: int, asked: Asked) -> Field:
    """A question as chips, whose values are the places of the options as this paper shows them."""
    label = L(*(f"{nth + 1}. {text}" for text in asked.text))
    options = tuple((str(place), option) for place, option in enumerate(_lettered(asked)))
    return Field(name, label, "chips" if asked.many else "radio", required=True, options=options, missing="unanswered")


def _lettered(asked: Asked) -> list[L]:
    return [
        L(*(f"{letter}. {text}" for text in option)) for letter, option in zip(LETTERS, asked.options, strict=False)
    ]


def _places(value: str | list[str]) -> list[int]:
    return [int(place) for place in ([value] if isinstance(value, str) else value) if place]


# -- pages ------------------------------------------------------------------------------------------------------------


def _tokens(request: Request) -> tuple[str, str]:
    return request.path_params["token"], request.path_params["paper"]


def _view(request: Request) -> QuizView:
    """The quiz of the address; a wrong one is a page that does not exist."""
    try:
        return quiz.view(request.path_params["token"])
    except NotFound as error:
        raise HTTPException(404) from error


def _sheet(request: Request) -> Sheet:
    try:
        return quiz.sheet(*_tokens(request))
    except NotFound as error:
        raise HTTPException(404) from error


def _door(request: Request, view: QuizView, form: Form) -> Response:
    return draw(request, "quiz.html", host=view.host, view=view, form=form, path=request.url.path)


def _paper(request: Request, sheet: Sheet, form: Form) -> Response:
    due = f"{clock.local(sheet.due_at):%H:%M}" if sheet.due_at else ""
    left = [
        (field.name, nth) for nth, field in enumerate(form.fields, 1) if form.errors.get(field.name) == "unanswered"
    ]
    return draw(
        request,
        "paper.html",
        host=sheet.view.host,
        view=sheet.view,
        form=form,
        due=due,
        left=left,
        path=request.url.path,
    )


def _result(request: Request, sheet: Sheet) -> Response:
    marks = [(mark, list(enumerate(_lettered(mark.asked)))) for mark in sheet.marks]
    right = sum(mark.is_right for mark in sheet.marks)
    again, notice = f"/q/{request.path_params['token']}", "quiz_late" if sheet.late else ""
    shown: dict[str, Any] = {"view": sheet.view, "sheet": sheet, "marks": marks, "right": right}
    return draw(request, "graded.html", host=sheet.view.host, **shown, again=again, notice=notice)


ROUTES = [form_route("/q/{token}", show, take), form_route("/q/{token}/{paper}", show_sheet, take_sheet)]
