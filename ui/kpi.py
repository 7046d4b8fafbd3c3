"""The live parts of the dashboard: the board as a component, the pulse that follows other people's writes, charts."""

from functools import lru_cache
from typing import Any
from urllib.parse import quote

import streamlit as st

from models.words import L
from services import kpi
from services.access import Actor
from services.figures import Board
from ui.board import BOARD_CSS, BOARD_JS, board_html
from ui.charts import CONFIG, Chart, as_table
from ui.shell import escaped, go, language, t

PULSE_SECONDS = 3


@lru_cache(maxsize=64)
def _html(board: Board, lang: Any) -> str:
    return board_html(board, lang, lambda code: f"figure?code={quote(code)}&contract={board.contract_id}")


def draw_board(board: Board) -> None:
    """The board; a plain click on a line opens its indicator in the same document."""
    component = st.components.v2.component("portal_board", css=BOARD_CSS, js=BOARD_JS)
    opened: Any = component(data={"html": _html(board, language())}, key="board", on_open_change=lambda: None)
    if opened.open:
        go("figure", code=opened.open, contract=board.contract_id)


@st.fragment(run_every=f"{PULSE_SECONDS}s")
def pulse(actor: Actor, contract_id: int, seen: int) -> None:
    """Ask for one number every few seconds; draw the page again only when somebody wrote."""
    if kpi.version(actor, contract_id) != seen:
        st.rerun()


def draw_chart(chart: Chart, key: str) -> None:
    """A chart under its question, readable as a table too."""
    with st.container(border=True):
        st.html(f"<h4>{escaped(t(chart.title))}</h4><p class='s'>{escaped(t(chart.subtitle))}</p>")
        if st.session_state.get(f"{key}.table"):
            st.dataframe(as_table(chart.figure), hide_index=True, key=f"{key}.rows")
        else:
            st.plotly_chart(chart.figure, theme=None, config=CONFIG, key=key)
        st.toggle(t(L("看成表格", "As a table")), key=f"{key}.table")


def mode() -> Any:
    return "dark" if st.context.theme.type == "dark" else "light"
