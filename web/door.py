"""Sign-in, sign-out and the change of one's password, as plain pages (rules.md §7 a-c; features X8)."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from models.words import L
from services import accounts
from services.errors import Denied, Invalid
from web.forms import Field, Form, Group
from web.guard import Visitor
from web.pages import SESSION_COOKIE, address, draw, form_route, go, keep, same_site

SIGN_IN = (
    Group(
        (
            Field("username", L("用户名", "Username"), required=True, autocomplete="username"),
            Field("password", L("密码", "Password"), "password", required=True, autocomplete="current-password"),
        )
    ),
)
PASSWORD_RULES = L(
    "至少 10 个字符，含大写、小写字母、数字、符号中的三种，不含用户名",
    "At least 10 characters with three of: capitals, small letters, digits, symbols; without your username",
)
NEW_PASSWORD = (
    Field("password", L("新密码", "New password"), "password", True, PASSWORD_RULES, autocomplete="new-password"),
    Field("again", L("再输入一次", "New password again"), "password", True, autocomplete="new-password"),
)
CHANGE = (
    Group(
        (
            Field("current", L("当前密码", "Current password"), "password", True, autocomplete="current-password"),
            *NEW_PASSWORD,
        )
    ),
)


def visitor(request: Request) -> Visitor:
    return request.scope["visitor"]  # type: ignore[no-any-return]


def start_session(request: Request, token: str, target: str) -> Response:
    """Go there as a signed-in person."""
    response = go(target)
    keep(request, response, SESSION_COOKIE, token)
    return response


def show_sign_in(request: Request) -> Response:
    target = same_site(request.query_params.get("next"))
    if visitor(request).session:
        return go(target)
    return draw(request, "signin.html", form=Form(SIGN_IN), next=target)


def sign_in(request: Request, posted: FormData) -> Response:
    form, target = Form(SIGN_IN), same_site(str(posted.get("next") or ""))
    if form.take(posted):
        try:
            agent = request.headers.get("user-agent", "")
            token = accounts.sign_in(**form.values, ip=address(request), agent=agent)
            return start_session(request, token, target)
        except Denied as error:
            form.refuse({"": error.code})
    return draw(request, "signin.html", 200, form=form, next=target)


def show_sign_out(request: Request) -> Response:
    """Signs out at once when one of our own pages asked; another site's link gets a question."""
    if request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none"):
        return _sign_out(request)
    return draw(request, "signout.html", done=False)


def sign_out(request: Request, posted: FormData) -> Response:
    session = visitor(request).session
    if session and posted.get("everywhere") == "yes":
        accounts.sign_out_everywhere(session.account_id)
    return _sign_out(request)


def _sign_out(request: Request) -> Response:
    session = visitor(request).session
    if session:
        accounts.sign_out(session.id)
    response = draw(request, "signout.html", done=True)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


def show_password(request: Request) -> Response:
    return _password_page(request, Form(CHANGE))


def change_password(request: Request, posted: FormData) -> Response:
    form, session = Form(CHANGE), visitor(request).session
    if form.take(posted) and same_twice(form) and session:
        try:
            token = accounts.change_password(session.id, form.values["current"], form.values["password"])
            return start_session(request, token, "/")
        except Invalid as error:
            form.refuse(error.fields)
    return _password_page(request, form)


def same_twice(form: Form) -> bool:
    if form.values["password"] != form.values["again"]:
        form.refuse({"again": "password_differs"})
    return not form.errors


def _password_page(request: Request, form: Form) -> Response:
    session = visitor(request).session
    if session is None:
        return go("/signin")
    return draw(request, "password.html", form=form, must_change=session.must_change, username=session.username)


ROUTES = [
    form_route("/signin", show_sign_in, sign_in),
    form_route("/signout", show_sign_out, sign_out),
    form_route("/password", show_password, change_password),
]
