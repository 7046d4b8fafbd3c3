"""The live parts of the dashboard: the board as a component, the pulse that follows other people's writes, charts."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from models.words import L
from services import clock, kpi
from services.access import Actor
from services.figures import Board, Figure
from ui.board import BOARD_CSS, BOARD_JS, board_html
from ui.charts import Chart, as_table, config
from ui.screen_style import BEAT_JS
from ui.shell import escaped, go, language, number, on_timer, param, set_params, t

PULSE_SECONDS = 3


def day_asked() -> date | None:
    """The day in the address at whose end the figures are wanted; None is today, live."""
    try:
        day = date.fromisoformat(param("on"))
    except ValueError:
        return None
    return day if day < clock.today() else None


def read_board(actor: Actor) -> tuple[Board, int]:
    """The board of the contract and the day in the address, and the version that it stands for (read before it)."""
    contract = number("contract") or None
    seen = kpi.version(actor, contract)
    return kpi.board(actor, contract, day_asked()), seen


def figure_params(board: Board) -> dict[str, Any]:
    """What an indicator's address carries on from the board's."""
    return {"contract": board.contract_id, "on": day_asked()}


@lru_cache(maxsize=64)
def _html(board: Board, lang: Any, on: date | None) -> str:
    carried = {"contract": board.contract_id} | ({"on": on.isoformat()} if on else {})
    return board_html(board, lang, lambda code: f"figure?{urlencode({'code': code, **carried})}")


def draw_board(board: Board) -> None:
    """The board; a plain click on a line opens its indicator in the same document."""
    component = st.components.v2.component("portal_board", css=BOARD_CSS, js=BOARD_JS)
    html = _html(board, language(), day_asked())
    opened: Any = component(data={"html": html}, key="board", on_open_change=lambda: None)
    if opened.open:
        go("figure", code=opened.open, **figure_params(board))


def follow(actor: Actor, board: Board, seen: int) -> None:
    """Live: drawn again when somebody wrote. A past day says that it is one, and how to come back."""
    if day_asked() is None:
        pulse(actor, board.contract_id, seen)


def past_day(board: Board) -> None:
    """A past day is never mistaken for now."""
    if day_asked() is None:
        return
    words = L(
        f"**{board.as_of} 日终的情况**，按现有记录回看，不是实时。",
        f"**As of the end of {board.as_of}**, from the records as they are now; not live.",
    )
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="past"):
        st.markdown(f":material/history: {t(words)}", width="stretch")
        st.button(t(L("回到今天", "Back to today")), on_click=set_params, kwargs={"on": ""}, key="now")


@st.fragment(run_every=f"{PULSE_SECONDS}s")
def pulse(actor: Actor, contract_id: int, seen: int) -> None:
    """Ask for one number every few seconds; draw the page again only when somebody wrote."""
    if on_timer() and kpi.version(actor, contract_id) != seen:
        st.rerun()


@st.fragment(run_every=f"{PULSE_SECONDS}s")
def beat(actor: Actor, contract_id: int, seen: int) -> None:
    """The pulse of a screen that nobody touches: it also tells the screen that the portal is still there."""
    component = st.components.v2.component("portal_beat", js=BEAT_JS)
    component(data={"at": f"{clock.local(clock.now()):%H:%M:%S}"}, key="beat")
    if on_timer() and kpi.version(actor, contract_id) != seen:
        st.rerun()


def picture_name(figure: Figure, board: Board) -> str:
    """How a saved picture is called: code, name, day."""
    return f"{figure.code}-{t(figure.name)}-{board.as_of}".replace("/", " ")


def draw_chart(
    chart: Chart,
    key: str,
    name: str,
    on_pick: Callable[[], None] | None = None,
    above: Callable[[], object] = lambda: None,
) -> None:
    """A chart under its question, readable as a table too, saved as a picture.

    on_pick: what a click on a bar does; above: what is drawn over the question, in the chart's frame.
    """
    with st.container(border=True):
        above()
        st.html(f"<h4>{escaped(t(chart.title))}</h4><p class='s'>{escaped(t(chart.subtitle))}</p>")
        if st.session_state.get(f"{key}.table"):
            st.dataframe(as_table(chart.figure), hide_index=True, key=f"{key}.rows")
        else:
            picks: dict[str, Any] = {"on_select": on_pick, "selection_mode": "points"} if on_pick else {}
            st.plotly_chart(chart.figure, theme=None, config=config(name, language()), key=key, **picks)
        st.toggle(t(L("看成表格", "As a table")), key=f"{key}.table")


def mode() -> Any:
    return "dark" if st.context.theme.type == "dark" else "light"
