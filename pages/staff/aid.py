"""One aid application: where it stands, the next step with what it asks for, what was granted, and its steps so far."""

import streamlit as st

from models.charity import LINE, REFUSED, AidState
from models.words import L
from pages.staff.aid_history import lead_back, timeline
from pages.staff.aid_step import STEPS, step
from services import charity, steps
from services.access import Actor
from services.charity import APPLICATION, Course
from services.store import Row
from ui.detail import detail, facts, fields_html
from ui.shell import link, literal, t
from ui.steps import bar

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
        st.html(fields_html(facts(APPLICATION, row, FACTS), t(L("申请", "Application"))))
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
            step(actor, row, name, found.free)
    with st.container(horizontal=True):
        if "refuse" in names:
            with st.popover(t(STEPS["refuse"]), icon=":material/block:"):
                step(actor, row, "refuse", found.free, "secondary")
        if back := charity.earlier(actor, state):
            lead_back(actor, row, back)
