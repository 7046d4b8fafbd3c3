"""The public registration of volunteers (features V1, V2; M67 art. 5): a phone, two minutes, no account."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from models.base import RECORDS
from models.people import BACKGROUND, EMERGENCY, GUARDIAN, SERVICE, VolunteerSource
from models.words import L
from services import institution, options, volunteers
from services.errors import Denied, Invalid
from services.institution import Host
from web.forms import Field, Form, Group, Option
from web.pages import address, draw, form_route, language

NUMBER = re.compile(r"[A-Z0-9-]{4,20}")
CONSENT = Field(
    "consent",
    L("我已阅读并同意上述使用方式", "I have read this and agree to this use of my information"),
    "check",
    required=True,
    missing="consent_missing",
)
NOTICE = (
    L(
        "目的：登记志愿者、安排服务与培训、记录时长、必要时联系您。",
        "Purpose: register you, arrange service and training, record hours, reach you.",
    ),
    L(
        "收集：本页所填各项；身份证件用于核验身份，属敏感个人信息。",
        "Data: what you fill in here; the document number, sensitive data, verifies who you are.",
    ),
    L(
        "必填项不提供则无法登记；选填项不影响登记。",
        "Without the required items we cannot register you; the others are up to you.",
    ),
    L(
        "保存：在册期间及退出后 3 年，期满删除；法律另有规定的除外。",
        "Kept: while you serve and 3 years after, then deleted unless a law says otherwise.",
    ),
    L(
        "安全：证件号和电话加密保存，查看会留下记录。",
        "Safety: numbers are encrypted, and every look at them is recorded.",
    ),
    L(
        "提供：仅在法定情形或您另行同意时提供给他人，不公开，不作商用。",
        "Passed on: only where a law demands it or you agree apart; never published or sold.",
    ),
    L(
        "权利：您可查询、复制、更正、删除，或要求解释。",
        "Rights: you may see, copy, correct or delete it, or ask for an explanation.",
    ),
    L(
        "撤回：告知受理编号即可撤回同意，与同意一样方便。",
        "Withdrawal: tell us your reference; it is as easy as agreeing.",
    ),
    L("未满 18 周岁须由监护人同意并填写监护人信息。", "Under 18: a guardian must agree and be named."),
)


def by(host: Host) -> L:
    """Who handles what somebody tells: the first line of a notice."""
    zh = f"由谁处理：本院医务社工部与{host.name.zh}。"
    return L(zh, f"Who: the hospital's social-work department and the {host.name.en}.")


def listed(name: str) -> tuple[Option, ...]:
    return tuple(options.labels(name).items())


def regions() -> tuple[Option, ...]:
    """Districts first, then the cities and provinces for people from further away."""
    return tuple(sorted(listed("regions"), key=lambda entry: entry[0].endswith("00")))


def of(name: str, kind: str = "text", among: tuple[Option, ...] = (), **more: Any) -> Field:
    """A field as the volunteer's record declares it: its label, its limit, its choices."""
    spec = RECORDS["volunteer"].field(name)
    choices = tuple((item.value, item.label) for item in spec.choices or ())
    field = Field(name, spec.label, kind, spec.required, options=among or choices, max_length=spec.max_length or 80)
    return replace(field, **more)


def blank() -> Form:
    return Form((_identity(), _service(), _background(), _guardian(), _emergency(), Group((CONSENT,))))


def _identity() -> Group:
    district = L("居住区域", "District where you live")
    hint = L("身份证不用填", "Not needed with a resident ID card")
    return Group(
        (
            of("name", autocomplete="name"),
            of("phone", "tel", autocomplete="tel-national", inputmode="tel"),
            of("id_type", "select"),
            of("id_number", max_length=24),
            of("birth_date", "date", autocomplete="bday", hint=hint),
            of("region_code", "select", regions(), label=district),
        )
    )


def _service() -> Group:
    yes_no = (("yes", L("愿意", "Yes")), ("no", L("暂不", "Not now")))
    rescue = L("是否参加应急救护志愿服务", "Will you serve in emergency rescue?")
    return Group(
        (
            of("is_emergency_rescue", "radio", yes_no, label=rescue, required=True),
            of(
                "service_categories",
                "chips",
                listed("service_categories"),
                label=L("想参加的服务", "Service you wish to give"),
            ),
            of("skills", "chips", listed("skills")),
            of("availability", "chips"),
        ),
        SERVICE,
    )


def _background() -> Group:
    return Group((of("occupation"), of("employer", autocomplete="organization")), BACKGROUND, folded=True)


def _guardian() -> Group:
    return Group((of("guardian_name"), of("guardian_phone", "tel", inputmode="tel")), GUARDIAN)


def _emergency() -> Group:
    return Group((of("emergency_contact"), of("emergency_phone", "tel", inputmode="tel")), EMERGENCY, folded=True)


def show(request: Request) -> Response:
    return _page(request, blank())


def take(request: Request, posted: FormData) -> Response:
    form = blank()
    try:
        if form.take(posted):
            return RedirectResponse(f"/register/thanks?number={_register(request, form)}", 303)
    except Invalid as error:
        form.refuse(error.fields)
    except Denied as error:
        form.refuse({"": error.code})
    return _page(request, form)


def thanks(request: Request) -> Response:
    """What the applicant keeps; reading it again registers nobody again."""
    number = request.query_params.get("number", "")
    host = institution.here()
    return draw(request, "thanks.html", host=host, number=number if NUMBER.fullmatch(number) else "")


def _register(request: Request, form: Form) -> str:
    """Hand the values over as the record wants them; the reference number, also for somebody already known."""
    ip = address(request)
    rescue = form.values["is_emergency_rescue"] == "yes"
    values = {name: value for name, value in form.values.items() if value not in ("", [])}
    if "birth_date" in values:
        values["birth_date"] = date.fromisoformat(values["birth_date"])
    values |= {"is_emergency_rescue": rescue, "source": VolunteerSource.PUBLIC}
    return str(volunteers.register(values, language(request), ip))


def _page(request: Request, form: Form) -> Response:
    host = institution.here()
    return draw(request, "register.html", host=host, form=form, notice=(by(host), *NOTICE))


ROUTES = [Route("/register/thanks", thanks), form_route("/register", show, take)]
