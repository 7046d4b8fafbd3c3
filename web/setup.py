"""The first set-up in the browser: the administrator's account, the organisation and the first contract."""

from datetime import date

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from models.words import L
from seed import presets
from services import accounts, clock
from services.errors import Denied, Invalid
from web.door import NEW_PASSWORD, same_twice, start_session
from web.forms import Field, Form, Group
from web.pages import address, draw, form_route, go

MAIN_CONTRACT = "medical_social_work"
CODE = Group((Field("code", L("设置码", "Set-up code"), required=True, max_length=40),))
ORGANISATION = Group(
    (Field("organisation", L("医院或机构名称", "Name of the hospital or organisation"), required=True),),
    L("单位", "Organisation"),
)
ADMINISTRATOR = Group(
    (
        Field("name", L("姓名", "Name"), required=True, max_length=60, autocomplete="name"),
        Field("username", L("用户名", "Username"), required=True, max_length=40, autocomplete="username"),
        *NEW_PASSWORD,
    ),
    L("管理员账号", "Administrator's account"),
)
STARTS = Field("starts", L("合同开始日期", "First day of the contract"), "date", True)
DEMO = Field("demo", L("填入一年虚构的演示数据，供试用", "Fill in a year of invented data to try it out"), "check")


def blank() -> Form:
    presets_there = tuple((code, presets.load_preset(code).title) for code in presets.preset_codes())
    contract = Field("contract", L("合同种类", "Kind of contract"), "radio", True, options=presets_there)
    terms = Group((contract, STARTS, DEMO), L("服务合同", "Service contract"))
    form = Form((CODE, ORGANISATION, ADMINISTRATOR, terms))
    form.values = {"starts": clock.today().replace(month=1, day=1).isoformat(), "contract": MAIN_CONTRACT}
    return form


def show(request: Request) -> Response:
    if accounts.any_exists():
        return go("/signin")
    return draw(request, "setup.html", form=blank())


def take(request: Request, posted: FormData) -> Response:
    form = blank()
    if form.take(posted) and same_twice(form) and _of_this_century(form):
        try:
            return start_session(request, _begin(request, form), "/")
        except Invalid as error:
            form.refuse(error.fields)
        except Denied as error:
            form.refuse({"": error.code})
    return draw(request, "setup.html", form=form)


def _of_this_century(form: Form) -> bool:
    """Whether a contract can begin on that day: asked before the account is made, so that nothing is half done."""
    if not 2000 <= date.fromisoformat(form.values["starts"]).year < 2100:
        form.refuse({"starts": "date_range"})
    return not form.errors


def _begin(request: Request, form: Form) -> str:
    """Make the account, then load the contract; the token of the administrator's first session."""
    from seed import load

    typed = form.values
    ip, agent = address(request), request.headers.get("user-agent", "")
    token = accounts.set_up(typed["code"], typed["username"], typed["name"], typed["password"], ip=ip, agent=agent)
    load.begin(
        typed["contract"],
        date.fromisoformat(typed["starts"]),
        organisation=typed["organisation"],
        demo=typed["demo"],
    )
    return token


ROUTES = [form_route("/setup", show, take)]
