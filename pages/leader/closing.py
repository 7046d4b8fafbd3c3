"""Closing the months of the contract: how each stands, what it came to, and the buttons of whoever may (feature K8)."""

import streamlit as st

from models.words import L
from pages.leader import closed_month
from pages.leader.closing_acts import acts
from pages.leader.dashboard import choose_contract, no_contract
from reports.month_words import STATE_WORDS, counts_words, month_title, month_words
from reports.states import Colour
from services import closing
from services.access import Actor
from services.closing import Month, Year
from services.errors import NotFound
from ui.shell import (
    header,
    link,
    literal,
    number,
    param,
    t,
)

TITLE = L("月度结账", "Month closing")
ABOUT = L(
    "结账后，该月的数字定格，日期在该月的记录不能再增改；需要更正时由领导写明理由重新打开。",
    "Closing keeps a month's figures; records dated in it then stay as they are, until a leader reopens it with a reason.",
)
COLOURS: dict[str, Colour] = {"closed": "green", "reopened": "orange", "ready": "blue"}
ICONS = {
    "closed": "lock", "reopened": "lock_open", "ready": "event_available", "waiting": "schedule", "running": "play_circle"
}  # fmt: skip


def page(actor: Actor) -> None:
    try:
        year = closing.year(actor, number("contract") or None)
    except NotFound:
        no_contract(actor, TITLE)
        return
    chosen = next((month for month in year.months if month.first.isoformat() == param("month")), None)
    if chosen and chosen.editions:
        closed_month.page(actor, year, chosen)
        return
    with header(t(TITLE), ABOUT):
        choose_contract(actor, year.contract_id)
    st.caption(t(L(f"{year.title} · 已结 {_closed(year)} / {len(year.months)} 个月",
                   f"{year.title} · {_closed(year)} of {len(year.months)} months closed")))  # fmt: skip
    for month in year.months:
        if month.state != "ahead":
            _line(actor, year, month)


def _closed(year: Year) -> int:
    return sum(month.state == "closed" for month in year.months)


def _line(actor: Actor, year: Year, month: Month) -> None:
    """A month: what it is, how it stands, what it came to; at the right what can be done."""
    may = actor.may("approve", "indicators") and actor.units is None
    place = st.container(border=True, horizontal=True, vertical_alignment="center", key=f"month-{month.first}")
    with place.container(width="stretch", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t(month_title(month))}**", width="content")
            icon, colour = f":material/{ICONS[month.state]}:", COLOURS.get(month.state, "gray")
            st.badge(t(STATE_WORDS[month.state]), icon=icon, color=colour)
        st.caption("  \n".join(part for part in (t(month_words(month)), t(counts_words(month))) if part))
        if month.state == "reopened" and month.newest:
            st.caption(t(L("理由：", "Reason: ")) + literal(month.newest.reason))
    with place.container(horizontal=True, vertical_alignment="center", width="content"):
        if month.editions and actor.units is None:
            where = {"month": month.first.isoformat(), "contract": year.contract_id}
            link(L("查看", "View"), "closing", ":material/table_view:", **where)
        if may:
            acts(actor, year, month)
