"""What is decided about an application: accepted with the document seen, refused with a reason, or only noted."""

import streamlit as st

from models.people import VolunteerState
from models.words import L
from services import volunteers
from services.access import Actor
from services.volunteers import Applicant
from ui.shell import Outcome, button, errors_of, field_key, field_value, literal, t


def decide(actor: Actor, one: Applicant, form: str) -> None:
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
