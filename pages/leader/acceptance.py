"""The acceptance report: one click makes it in Word, Excel and PDF; earlier ones, their state, and the signature."""

from datetime import date

import streamlit as st

from models import RECORDS
from models.words import L
from pages.leader.reports_made import reports_made
from reports import editions, making
from services import clock, jobs, kpi, store
from services.access import Actor
from services.errors import NotFound
from services.figures import Board
from ui.exchange import LEDGERS, underway
from ui.shell import (
    Outcome,
    button,
    empty,
    errors_of,
    field_key,
    field_value,
    header,
    number,
    set_params,
    t,
)  # fmt: skip

URL, FORM = "acceptance", "acceptance"


def page(actor: Actor) -> None:
    header(
        t(L("验收报告", "Acceptance report")),
        L(
            "同一时刻的指标、记录与佐证；签署后不可更改。",
            "Figures, records and evidence of one moment; signed, it stays.",
        ),
    )
    try:
        board = kpi.board(actor, number("contract") or None)
    except NotFound:
        empty(L("还没有服务合同", "No contract yet"), L("建立合同后可生成报告。", "Reports follow a contract."), "task")
        return
    if actor.may("export", "indicators"):
        _make(actor, board)
    if number("job") and not underway(actor, jobs.get(actor, number("job"))):
        st.success(t(L("报告已生成，在下面打开。", "The report is made; open it below.")), icon=":material/task_alt:")
    reports_made(actor, board.contract_id)


def _make(actor: Actor, board: Board) -> None:
    contracts = store.choices(actor, RECORDS["contract"])
    offered = editions.editions(board)
    asked = field_key(FORM, "edition")
    with st.container(border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        keys = list(contracts)
        chosen = st.selectbox(
            t(L("合同", "Contract")), keys, keys.index(board.contract_id), format_func=contracts.__getitem__,
            key="acceptance.contract", width=280,
        )  # fmt: skip
        if chosen != board.contract_id:
            set_params(contract=chosen, job="")
            st.rerun()
        st.selectbox(
            t(L("版本", "Edition")), list(offered), format_func=lambda key: t(offered[key]), key=asked, width=320
        )
        st.pills(
            t(L("格式", "Formats")), list(LEDGERS), default=list(LEDGERS), selection_mode="multi",
            format_func=LEDGERS.__getitem__, key=field_key(FORM, "formats"),
        )  # fmt: skip
        st.date_input(
            t(L("统计日", "As of")), clock.today(), key=field_key(FORM, "as_of"), format="YYYY-MM-DD", width=150
        )

        def act(_used: str) -> Outcome:
            day: date | None = field_value(FORM, "as_of")
            formats = field_value(FORM, "formats") or []
            key = making.submit_report(actor, board.contract_id, field_value(FORM, "edition", "whole"), formats, day)
            message = L("正在生成报告", "Making the report")
            return Outcome(message, URL, {"contract": board.contract_id, "job": key})

        button(L("生成报告", "Make the report"), act, form=FORM, kind="primary", icon=":material/task:")
    errors_of(FORM)
