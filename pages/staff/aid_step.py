"""A step of an aid application: the facts that it asks for, a remark, and what a grant would leave of the project's money."""

from decimal import Decimal
from typing import Any

import streamlit as st

from models.charity import AidState
from models.words import L
from services import charity, clock
from services.access import Actor
from services.charity import APPLICATION
from services.store import Row
from ui.shell import Outcome, field_key, field_value, t
from ui.steps import short_form
from ui.words import yuan

STEPS = {
    "submit": L("提交申请", "Submit"),
    "screen": L("初审通过，报送资助方", "Screened, send to the funder"),
    "approve": L("批准", "Approve"),
    "pay": L("登记拨付", "Record the payment"),
    "close": L("办结", "Close"),
    "refuse": L("不予通过", "Refuse"),
}


def step(actor: Actor, row: Row, name: str, free: Decimal | None, kind: str = "primary") -> None:
    form, wanted = f"aid.{row.id}.{name}", charity.STEPS[name]
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
        return Outcome(
            L(f"{row.title}：{AidState(wanted.to).label.zh}", f"{row.title}: {AidState(wanted.to).label.en}")
        )

    short_form(actor, APPLICATION, wanted.asks, form, STEPS[name], act, row=row, preset=preset, kind=kind, extra=extra)


def _warn(free: Decimal, granted: object) -> None:
    """Tells while typing that the project has less than that; the money may still come, so nothing is refused."""
    if isinstance(granted, Decimal) and granted > free:
        left, short = yuan(free), yuan(granted - free)
        zh = f"项目可用余额 {left.zh}，批准后缺口 {short.zh}，请先落实资金。"
        en = f"The project has {left.en} left to grant; {short.en} would be missing."
        st.warning(t(L(zh, en)), icon=":material/account_balance_wallet:")
