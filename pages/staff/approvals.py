"""The approval queue: applications of volunteers, oldest first, each with what is suspicious about it."""

import streamlit as st

from models import RECORDS
from models.people import VolunteerState
from models.words import L
from pages.staff import duplicates
from services import volunteers
from services.access import Actor
from services.volunteers import Applicant
from ui.shell import (
    Outcome,
    button,
    counted,
    empty,
    errors_of,
    field_key,
    field_value,
    go,
    header,
    literal,
    number,
    set_params,
    t,
)

VOLUNTEER = RECORDS["volunteer"]


def page(actor: Actor) -> None:
    shown = max(number("page"), 1)
    queue = volunteers.queue(actor, shown - 1)
    header(
        t(L("审核志愿者", "Approve volunteers")),
        L("最早提交的在前；自己录入的由别人审核。", "Oldest first; what you entered is approved by somebody else."),
    )
    if not queue.rows:
        empty(
            L("没有待审核的申请", "No applications wait"),
            L("网上登记的申请会出现在这里。", "Applications of the public page appear here."),
            "how_to_reg",
        )
        return
    st.markdown(f"**{counted(queue.total)}** {t(L('份申请', 'applications'))}")
    for applicant in queue.rows:
        _applicant(actor, applicant)
    pages = -(-queue.total // volunteers.PAGE)
    if pages > 1 and (chosen := st.pagination(pages, default=shown, key="approvals.page")) != shown:
        set_params(page=chosen)
        st.rerun()


def _applicant(actor: Actor, one: Applicant) -> None:
    form = f"approve.{one.id}"
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            facts = " · ".join(part for part in (one.phone, one.id_number, one.region) if part)
            day = one.registered_again_on or one.registered_on
            st.markdown(f"**{literal(one.name)}**　{literal(facts)}  \n:gray[{day}]", width="stretch")
            if st.button(t(L("查看", "Open")), key=f"open.{one.id}", type="tertiary"):
                go("volunteer", id=one.id)
        duplicates.draw(actor, one.id, one.duplicates)
        if one.differs:
            names = "、".join(t(VOLUNTEER.field(name).label) for name in one.differs if name in VOLUNTEER.by_name)
            st.warning(
                t(L(f"与已登记信息不同：{names}", f"Differs from what is stored: {names}")),
                icon=":material/difference:",
            )
        _decide(actor, one, form)


def _decide(actor: Actor, one: Applicant, form: str) -> None:
    if one.own_entry:
        st.caption(t(L("您录入的申请，请由他人审核。", "You entered this; somebody else approves it.")))
        return
    if one.state != VolunteerState.APPLIED:
        _acknowledge(actor, one, form)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.checkbox(t(L("已核对证件原件", "Document seen")), key=field_key(form, "verified"))

        def accept(_used: str) -> Outcome:
            verified = bool(field_value(form, "verified"))
            made = volunteers.approve(actor, one.id, verified=verified, version=one.version)
            return Outcome(
                L(f"{literal(one.name)} 已通过，编号 {made}", f"{literal(one.name)} approved, number {made}")
            )

        button(L("通过", "Approve"), accept, form=form, icon=":material/check:", kind="primary")
        with st.popover(t(L("拒绝", "Reject")), icon=":material/close:"):
            st.text_input(t(L("理由", "Reason")), key=field_key(f"{form}.no", "reason"))

            def refuse(_used: str) -> Outcome:
                reason = field_value(f"{form}.no", "reason", "")
                volunteers.reject(actor, one.id, reason, version=one.version)
                return Outcome(L("已拒绝", "Rejected"))

            button(L("确认拒绝", "Reject"), refuse, form=f"{form}.no")
            errors_of(f"{form}.no")
    errors_of(form)


def _acknowledge(actor: Actor, one: Applicant, form: str) -> None:
    """Somebody on the register registered again: there is nothing to approve, only to look at."""

    def act(_used: str) -> Outcome:
        volunteers.acknowledge(actor, one.id)
        return Outcome(L("已处理", "Dealt with"))

    st.caption(
        t(
            L(
                f"{one.state.label.zh}，{one.registered_again_on} 再次登记",
                f"{one.state.label.en}; registered again on {one.registered_again_on}",
            )
        )
    )
    button(L("知道了", "Noted"), act, form=form, icon=":material/done:")
