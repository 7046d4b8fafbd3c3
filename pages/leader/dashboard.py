"""The dashboard: in ten seconds, which of the contract's indicators are behind, by how much, and what closes the gap."""

import streamlit as st

from models import RECORDS
from models.words import L
from services import clock, store
from services.access import Actor
from services.errors import NotFound
from services.figures import Board
from ui.kpi import day_asked, draw_board, follow, past_day, read_board
from ui.shell import empty, go, header, link, set_params, t

TITLE = L("指标总览", "Indicators")


def page(actor: Actor) -> None:
    try:
        board, seen = read_board(actor)
    except NotFound:
        no_contract(actor, TITLE)
        return
    count = len(board.figures)
    title = L(
        f"{len(board.categories)} 类 {count} 项指标，数字随记录即时更新",
        f"{len(board.categories)} categories, {count} indicators; live",
    )
    with header(t(TITLE), L(f"{board.title} · {title.zh}", f"{board.title} · {title.en}")):
        choose_contract(actor, board.contract_id)
        _choose_day(board)
        if day_asked() is None and st.button(t(L("大屏", "Big screen")), icon=":material/tv:", key="screen"):
            go("screen", contract=board.contract_id)
        link(L("验收报告", "Acceptance report"), "acceptance", ":material/task:", contract=board.contract_id)
    past_day(board)
    draw_board(board)
    follow(actor, board, seen)


def _choose_day(board: Board) -> None:
    """How it stood at the end of an earlier day of the period; today is live."""
    first, last = board.start, min(clock.today(), board.end)
    if first >= last:
        return
    key = "dashboard.on"
    st.session_state[key] = day_asked() or last
    st.date_input(
        t(L("按时间点查看", "As of")), min_value=first, max_value=last, key=key, width=150, format="YYYY-MM-DD",
        on_change=lambda: set_params(on=st.session_state[key] if st.session_state[key] != last else ""),
    )  # fmt: skip


def choose_contract(actor: Actor, chosen: int) -> None:
    """Another contract, where there are several that the actor may read."""
    found = store.choices(actor, RECORDS["contract"]) if actor.may("read", "contract") else {}
    if len(found) > 1:
        keys = list(found)
        picked = st.selectbox(
            t(L("合同", "Contract")), keys, index=keys.index(chosen), format_func=lambda key: found[key], label_visibility="collapsed",
            key="dashboard.contract", width=260,
        )  # fmt: skip
        if picked != chosen:
            set_params(contract=picked)
            st.rerun()


def no_contract(actor: Actor, title: L) -> None:
    """What a page of the contract says before there is one."""
    header(t(title))
    box = empty(
        L("还没有服务合同", "No contract yet"),
        L("建立合同并选择指标预设后，这里会显示每项指标。", "Once a contract exists, its indicators show here."),
        "monitoring",
    )
    if actor.may("write", "contract") and box.button(t(L("新建合同", "New contract")), type="primary"):
        go("contract", do="new")
