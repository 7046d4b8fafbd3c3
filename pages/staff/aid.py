"""One aid application: where it stands, the next step with what it asks for, what was granted, and its steps so far."""

from decimal import Decimal
from typing import Any

import streamlit as st

from models import RECORDS
from models.charity import LINE, REFUSED, AidState
from models.words import L
from pages.staff.aid_history import lead_back, timeline
from services import charity, clock, steps
from services.access import Actor
from services.charity import Course
from services.store import Row
from ui.detail import detail, fields_html
from ui.shell import Outcome, field_key, field_value, language, link, literal, t
from ui.steps import bar, short_form
from ui.words import yuan

APPLICATION = RECORDS["aid_application"]
LABELS = {
    "submit": L("提交申请", "Submit"),
    "screen": L("初审通过，报送资助方", "Screened, send to the funder"),
    "approve": L("批准", "Approve"),
    "pay": L("登记拨付", "Record the payment"),
    "close": L("办结", "Close"),
    "refuse": L("不予通过", "Refuse"),
}
FACTS = ("client_id", "charity_project_id", "applied_on", "diagnosis", "asked", "granted", "paid", "paid_on", "result")


def page(actor: Actor, key: int) -> None:
    detail(actor, APPLICATION, key, above=_application, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    """By its number, where it has one, and whom it is for; the project below."""
    return " · ".join(part for part in (row.show("number"), row.show("client_id")) if part), row.show(
        "charity_project_id"
    )


def _application(actor: Actor, row: Row) -> None:
    state, found = AidState(row.values["state"]), charity.course(actor, row.id)
    if state == REFUSED:
        st.error(t(L("未通过：", "Refused: ")) + literal(row.values["reason"]), icon=":material/block:")
    else:
        st.html(bar([one.label for one in LINE], LINE.index(state)))
    left, right = st.columns([6, 4], gap="medium")
    with left:
        _next(actor, row, state, found)
        st.html(timeline(found.steps))
    with right, st.container(border=True):
        pairs = [(t(APPLICATION.field(n).label), row.show(n, language())) for n in FACTS if row.values.get(n)]
        st.html(fields_html(pairs, t(L("申请", "Application"))))
        link(L("打开服务对象", "Open the client"), "client", ":material/person:", id=row.values["client_id"])
        link(L("打开项目", "Open the project"), "charity_project", ":material/favorite:",
             id=row.values["charity_project_id"])  # fmt: skip


def _next(actor: Actor, row: Row, state: AidState, found: Course) -> None:
    """The next step as one primary button; to refuse and to lead back stay folded."""
    names = steps.open_to(actor, APPLICATION, charity.STEPS, state) if row.deleted_at is None else []
    for name in (name for name in names if name != "refuse"):
        with st.container(border=True):
            if name == "approve" and found.own:
                st.caption(t(L("您提交的申请，请由另一人批准。", "You submitted this; somebody else approves it.")))
                continue
            _step(actor, row, name, found.free)
    with st.container(horizontal=True):
        if "refuse" in names:
            with st.popover(t(LABELS["refuse"]), icon=":material/block:"):
                _step(actor, row, "refuse", found.free, "secondary")
        if back := charity.earlier(actor, state):
            lead_back(actor, row, back)


def _step(actor: Actor, row: Row, name: str, free: Decimal | None, kind: str = "primary") -> None:
    form, step = f"aid.{row.id}.{name}", charity.STEPS[name]
    preset = {
        "granted": row.values["granted"] or row.values["asked"],
        "paid": row.values["paid"] or row.values["granted"],
        "paid_on": row.values["paid_on"] or clock.today(),
    }

    def extra(given: dict[str, Any]) -> None:
        if name == "approve" and free is not None:
            _warn(free, given.get("granted"))
        if name in ("screen", "approve"):
            st.text_input(t(L("意见（选填）", "Remark (optional)")), key=field_key(form, "remark"))

    def act(given: dict[str, Any], used: str) -> Outcome:
        remark = field_value(form, "remark", "")
        charity.advance(actor, row.id, name, given, remark=remark, version=row.version, token=used)
        return Outcome(L(f"{row.title}：{AidState(step.to).label.zh}", f"{row.title}: {AidState(step.to).label.en}"))

    short_form(actor, APPLICATION, step.asks, form, LABELS[name], act, row=row, preset=preset, kind=kind, extra=extra)


def _warn(free: Decimal, granted: object) -> None:
    """Tells while typing that the project has less than that; the money may still come, so nothing is refused."""
    if isinstance(granted, Decimal) and granted > free:
        left, short = yuan(free), yuan(granted - free)
        zh = f"项目可用余额 {left.zh}，批准后缺口 {short.zh}，请先落实资金。"
        en = f"The project has {left.en} left to grant; {short.en} would be missing."
        st.warning(t(L(zh, en)), icon=":material/account_balance_wallet:")
