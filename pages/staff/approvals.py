"""The approval queue: applications of volunteers, oldest first, each with what is suspicious about it."""

import streamlit as st

from models import RECORDS
from models.words import L
from pages.staff import duplicates
from pages.staff.decision import decide
from services import volunteers
from services.access import Actor
from services.volunteers import Applicant
from ui.shell import counted, empty, go, header, literal, number, t
from ui.tables import turn_page

VOLUNTEER = RECORDS["volunteer"]


def page(actor: Actor) -> None:
    queue = volunteers.queue(actor, max(number("page") - 1, 0))
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
    turn_page(queue.total, volunteers.PAGE, "approvals.page")


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
            names = t(L("、", ", ")).join(
                t(VOLUNTEER.field(name).label) for name in one.differs if name in VOLUNTEER.by_name
            )
            st.warning(
                t(L(f"与已登记信息不同：{names}", f"Differs from what is stored: {names}")),
                icon=":material/difference:",
            )
        decide(actor, one, form)
