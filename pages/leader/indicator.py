"""One indicator: how it stands, where it will end, month by month, by station, and the records that prove it."""

from typing import Any

import pandas as pd
import streamlit as st

from models import RECORDS
from models.words import L
from pages.leader import target
from reports.figure_words import gap_words, original_words, short_amount, value_words, waiting_words
from reports.states import STATES, state_of
from services import kpi, store
from services.access import Actor
from services.errors import NotFound
from services.figures import Board, Figure
from ui import charts
from ui.kpi import draw_chart, mode, pulse
from ui.shell import escaped, go, header, language, link, number, param, t

PAGE = 50


def page(actor: Actor) -> None:
    seen = kpi.version(actor, number("contract") or None)
    board = kpi.board(actor, number("contract") or None)
    if not param("code"):
        go("indicators")
    figure = next((f for f in board.figures if f.code == param("code")), None)
    if figure is None:
        raise NotFound
    link(L("指标总览", "Indicators"), "indicators", ":material/arrow_back:", contract=board.contract_id)
    category = dict(board.categories)[figure.category]
    wording = L(f"合同原文：“{figure.wording}”", f"The contract says: “{figure.wording}”")
    header(f"{figure.code}　{t(figure.name)}", L(f"{category.zh} · {wording.zh}", f"{category.en} · {wording.en}"))
    if figure.status == "waiting":
        st.info(t(waiting_words(figure)), icon=":material/hourglass_empty:")
    else:
        _cards(figure, board)
        _charts(actor, figure, board)
        target.section(actor, figure, board)
        _proof(actor, figure)
        pulse(actor, board.contract_id, seen)
    if figure.rule:
        st.caption(t(L("计算口径：", "Counting rule: ")) + t(figure.rule))


def _cards(figure: Figure, board: Board) -> None:
    """The numbers without their unit, which stands in the label: a long unit would be cut."""
    state = STATES[state_of(figure)]
    value, goal = value_words(figure)
    counted = L(f"实际 / 目标（{figure.unit.zh}）", f"Actual / target ({figure.unit.en})")
    bare = t(goal).removesuffix(t(figure.unit)).strip() if language() == "en" else t(goal)
    with st.grid(4, min_column_width=180):
        st.metric(
            f"{t(counted if language() == 'en' else L('实际 / 目标', ''))} {t(original_words(figure))}",
            f"{t(value)} {bare}",
            border=True,
        )
        if figure.expected is not None:
            st.metric(t(L("今天应到", "Due today")), t(short_amount(figure.expected, figure.unit)), border=True)
        if figure.projection is not None:
            st.metric(t(L("按现速期末", "At this speed")), t(short_amount(figure.projection, figure.unit)), border=True)
        with st.container(border=True):
            st.badge(t(state.word), icon=f":material/{state.symbol}:", color=state.colour)
            st.html("".join(f"<p><b>{escaped(t(words))}</b></p>" for words in gap_words(figure, board)[:1]))


def _charts(actor: Actor, figure: Figure, board: Board) -> None:
    if figure.kind == "ongoing":
        grid = charts.month_grid(figure, board, language())
        with st.container(border=True):
            st.html(f"<style>{charts.MONTH_GRID_CSS}</style><h4>{escaped(t(grid.title))}</h4>{grid.html}")
        return
    if figure.kind in ("at_least", "deliver"):
        draw_chart(charts.cumulative(figure, board, figure.plan or None, language(), mode()), "chart.cumulative")
    parts = [(part.name or t(L("未分站点", "No station")), part.n) for part in kpi.by_station(actor, figure.id)]
    with st.grid(2 if len(parts) > 1 else 1, min_column_width=340):
        draw_chart(charts.by_month(figure, board, language(), mode(), figure.plan or None), "chart.month")
        if len(parts) > 1:
            draw_chart(charts.split(parts, figure, language(), mode()), "chart.split")


def _proof(actor: Actor, figure: Figure) -> None:
    """The rows whose sum is the number."""
    shown = number("page") or 1
    proof = kpi.rows(actor, figure.id, page=shown - 1, size=PAGE)
    st.subheader(t(L(f"{proof.rows_total:,} 条记录，最近的在前", f"{proof.rows_total:,} records, newest first")))
    if not proof.rows:
        return
    record = RECORDS[proof.rows[0].record]
    titles = store.titles(actor, record, [row.ref for row in proof.rows])
    frame = pd.DataFrame(
        {
            t(L("日期", "Date")): [row.day.isoformat() for row in proof.rows],
            t(record.label): [titles.get(row.ref, f"#{row.ref}") for row in proof.rows],
            t(L("计数", "Counts")): [f"{row.n:g}" for row in proof.rows],
        }
    )
    event: Any = st.dataframe(
        frame, hide_index=True, on_select="rerun", selection_mode="single-cell", key=f"proof.{shown}"
    )
    if event.selection.cells:
        go(record.name, id=proof.rows[event.selection.cells[0][0]].ref)
    if proof.rows_total > PAGE:
        chosen = st.pagination(-(-proof.rows_total // PAGE), default=shown, key="proof.page")
        if chosen != shown:
            st.query_params["page"] = str(chosen)
            st.rerun()
