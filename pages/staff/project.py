"""One charity project: the way of its applications, its money, the people aided, who takes part, what arrived."""

import streamlit as st

from models import RECORDS
from models.charity import REFUSED, AidState, ProjectState
from models.words import L
from services import charity, kpi, store
from services.access import Actor
from services.charity import Money, Whole
from services.store import Query, Row
from ui.detail import detail, related_table
from ui.shell import go, language, t
from ui.shell import page as page_at
from ui.words import yuan

PROJECT, PARTNER, FUNDING = (RECORDS[name] for name in ("charity_project", "project_partner", "funding"))
COLOURS = {"planned": "gray", "running": "green", "ended": "gray", "cancelled": "gray"}


def page(actor: Actor, key: int) -> None:
    detail(actor, PROJECT, key, actions=_actions, above=_project, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    parts = (row.show("disease"), row.show("department_id"), row.show("starts", language()))
    return row.title, " · ".join(part for part in parts if part)


def _actions(actor: Actor, row: Row) -> None:
    if actor.may("write", "services") and st.button(
        t(L("登记申请", "New application")), icon=":material/add:", type="primary", key="apply"
    ):
        go("aid_application", do="new", **{"set.charity_project_id": row.id})


def _project(actor: Actor, row: Row) -> None:
    period = kpi.period(actor)
    found = charity.project(actor, row.id, *((period.start, period.end) if period else ()))
    state = ProjectState(row.values["state"])
    st.badge(t(state.label), color=COLOURS[state])  # type: ignore[arg-type]
    if row.values["description"]:
        st.caption(row.values["description"])
    _pipeline(row, found)
    _money(found.money)
    _people(found)
    for record in (PARTNER, FUNDING):
        asked = Query(filters={"charity_project_id": row.id}, size=20, sort=record.sort)
        field = record.field("charity_project_id")
        related_table(actor, record, field, row.id, store.rows(actor, record, asked), "above")


def _pipeline(row: Row, found: Whole) -> None:
    """A button for each state, which opens the list of those."""
    st.markdown(f"**{t(L('申请进度', 'Applications'))}**")
    with st.container(horizontal=True, gap="small"):
        for state in AidState:
            number = found.counts[state]
            icon = ":material/block:" if state == REFUSED else None
            label = f"{t(state.label)} **{number:,}**"
            if st.button(label, key=f"state.{state}", icon=icon, disabled=page_at("aid_application") is None):
                go("aid_application", **{"f.charity_project_id": row.id, "f.state": state.value})


def _money(money: Money) -> None:
    with st.grid(5, min_column_width=150):
        budget = "—" if money.budget is None else t(yuan(money.budget))
        st.metric(t(L("预算", "Budget")), budget, border=True)
        st.metric(t(L("到账", "Raised")), t(yuan(money.raised)), border=True)
        st.metric(t(L("批准", "Granted")), t(yuan(money.granted)), border=True)
        st.metric(t(L("拨付", "Paid")), t(yuan(money.paid)), border=True)
        st.metric(t(L("结余", "Balance")), t(yuan(money.balance)), border=True)
    promised, free = yuan(money.promised), yuan(money.free)
    zh = f"结余 = 到账 − 拨付；其中已批准未拨付 {promised.zh}，还可批准 {free.zh}。"
    st.caption(
        t(
            L(
                zh,
                f"Balance = raised − paid; {promised.en} of it is granted but not paid yet, {free.en} is free to grant.",
            )
        )
    )


def _people(found: Whole) -> None:
    people, part = found.people, found.people_in_period
    zh = f"已救助 **{people:,}** 人（去重），其中本合同期内拨付的 **{part:,}** 人计入 01.3。"
    st.markdown(t(L(zh, f"**{people:,}** people aided, **{part:,}** of them within the contract, counted in 01.3.")))
