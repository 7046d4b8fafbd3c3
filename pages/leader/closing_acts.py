"""What an approver can do with a month: close it after one more look, open it again with a reason."""

import streamlit as st

from models.words import L
from reports.month_words import month_title
from services import closing
from services.access import Actor
from services.closing import Month, Year
from ui.shell import Outcome, button, errors_of, field_key, field_value, t

LASTS = L("数字就此定格，日期在这个月里的记录不能再增改。先看看缺不缺记录：缺的要先补。",
          "The figures stay, and so do the records dated in it. Look first whether any record is missing.")  # fmt: skip


def acts(actor: Actor, year: Year, month: Month) -> None:
    form = f"closing.{month.first}"
    if month.state in ("ready", "reopened"):
        label = L("结账", "Close") if month.state == "ready" else L("再次结账", "Close again")
        with st.popover(t(label), icon=":material/lock:", type="primary"):
            st.markdown(t(LASTS))
            button(
                L("确认结账", "Close the month"),
                lambda used: close(actor, year, month, used),
                form=form,
                kind="primary",
            )
            errors_of(form)
    elif month.state == "closed":
        with st.popover(t(L("重新打开", "Reopen")), icon=":material/lock_open:"):
            st.text_input(
                t(L("理由（会记入调整）", "Reason (stands with the adjustments)")), key=field_key(form, "reason")
            )
            button(L("重新打开", "Reopen"), lambda used: reopen(actor, month, form, used), form=form, kind="primary")
            errors_of(form)


def close(actor: Actor, year: Year, month: Month, used: str) -> Outcome:
    closing.close(actor, year.contract_id, month.first, token=used)
    name = month_title(month)
    return Outcome(L(f"{name.zh}已结账", f"{name.en} is closed"))


def reopen(actor: Actor, month: Month, form: str, used: str) -> Outcome:
    if month.newest:
        closing.reopen(actor, month.newest.id, field_value(form, "reason", ""), token=used)
    name = month_title(month)
    return Outcome(
        L(f"{name.zh}已重新打开，更正后请再次结账", f"{name.en} is open; close it again once it is corrected")
    )
