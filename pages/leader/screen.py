"""The screen in the meeting room: the whole and each category in turn, live, for hours, with nothing around it."""

from typing import Any

import streamlit as st

from services import clock
from services.access import Actor
from services.figures import Board
from ui.kpi import beat, read_board
from ui.screen import SCREEN_CSS, SCREEN_JS, screen_html
from ui.screen_style import BARE
from ui.shell import go, language, number

SECONDS, LEAST, MOST = 12, 4, 120


def page(actor: Actor) -> None:
    board, seen = read_board(actor)
    st.html(BARE)
    _draw(board)
    beat(actor, board.contract_id, seen)


def _draw(board: Board) -> None:
    """Replaced when a number changes, never appended; Escape or the link leaves."""
    component = st.components.v2.component("portal_screen", css=SCREEN_CSS, js=SCREEN_JS)
    seconds = min(max(number("seconds") or SECONDS, LEAST), MOST)
    data = {"html": screen_html(board, language()), "seconds": seconds, "at": f"{clock.local(clock.now()):%H:%M:%S}"}
    left: Any = component(data=data, key="screen", on_leave_change=lambda: None)
    if left.leave:
        go("indicators", contract=board.contract_id)
