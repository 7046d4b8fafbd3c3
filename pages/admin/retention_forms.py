"""The forms of the retention page: making people anonymous, keeping somebody longer."""

from datetime import date

import streamlit as st

from models.words import L
from services import clock, retention
from services.access import Actor
from services.forgetting import roles
from services.retention import Plan
from ui.shell import Outcome, button, errors_of, field_key, field_value, t

RUN, HOLD = "retention.run", "retention.hold"


def run(actor: Actor, found: Plan) -> None:
    st.html(f"<h4>{t(L('匿名化', 'Make anonymous'))}</h4>")
    told = L(
        "清空姓名、证件、电话、地址、备注、诊断和附件，审计日志里的内容也清空；记录、日期、种类、站点保留，指标不变。备份文件里的仍在，请按备份周期清理。",
        "Names, documents, phones, addresses, notes, diagnoses and files go, also from the audit; records, days, kinds and "
        "stations stay, and so do the indicators. Old backup files still hold them: let these expire too.",
    )
    st.caption(t(told))
    if not found.total:
        st.success(t(L("今天没有到期的人员。", "Nobody is due today.")), icon=":material/check_circle:")
        return
    st.text_input(t(L("理由 *", "Reason *")), key=field_key(RUN, "reason"), max_chars=500)
    ask = L(f"确认：输入到期人数 {found.total}", f"To confirm, type the number of people, {found.total}")
    st.number_input(t(ask), value=None, step=1, min_value=0, key=field_key(RUN, "people"))

    def act(_used: str) -> Outcome:
        people, reason = field_value(RUN, "people"), field_value(RUN, "reason", "")
        done = retention.anonymise(actor, int(people or 0), reason)
        return Outcome(L(f"已匿名 {done.people} 人", f"{done.people} people are anonymous now"), stays=True)

    button(L("永久匿名化", "Make anonymous for good"), act, form=RUN, kind="primary", icon=":material/auto_delete:")
    errors_of(RUN)


def hold(actor: Actor) -> None:
    with st.expander(
        t(L("暂缓某人（争议、检查）", "Keep somebody longer (a dispute, an inspection)")), icon=":material/gavel:"
    ):
        known = {role.name: role for role in roles()}
        st.selectbox(
            t(L("身份", "Role")),
            list(known),
            format_func=lambda name: t(known[name].label),
            key=field_key(HOLD, "role"),
        )
        st.number_input(t(L("记录编号（地址栏 id）", "Number of the record (id in the address)")), value=None, step=1,
                        min_value=1, key=field_key(HOLD, "key"))  # fmt: skip
        st.date_input(t(L("保留至（空为解除）", "Keep until (empty: end the hold)")), value=None, min_value=clock.today(),
                      max_value=date(2150, 12, 31), key=field_key(HOLD, "until"), format="YYYY-MM-DD")  # fmt: skip
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(HOLD, "reason"), max_chars=200)

        def act(_used: str) -> Outcome:
            role, key, until, reason = (field_value(HOLD, name) for name in ("role", "key", "until", "reason"))
            retention.hold(actor, known[role], int(key or 0), until, reason or "")
            return Outcome(L("已保存", "Saved"))

        button(L("保存", "Save"), act, form=HOLD)
        errors_of(HOLD)
