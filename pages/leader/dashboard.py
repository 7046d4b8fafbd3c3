"""The dashboard: in ten seconds, which of the contract's indicators are behind, by how much, and what closes the gap."""

import streamlit as st

from models import RECORDS
from models.words import L
from services import kpi, store
from services.access import Actor
from services.errors import NotFound
from ui.kpi import draw_board, pulse
from ui.shell import empty, go, header, number, set_params, t

TITLE = L("指标总览", "Indicators")


def page(actor: Actor) -> None:
    contract = number("contract") or None
    try:
        seen = kpi.version(actor, contract)
        board = kpi.board(actor, contract)
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
    draw_board(board)
    pulse(actor, board.contract_id, seen)


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
