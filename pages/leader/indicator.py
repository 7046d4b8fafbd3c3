"""One indicator: how it stands, how it is counted, what closes its gap, and the records that prove it."""

import streamlit as st

from models import RECORDS
from models.words import L
from pages.leader import target
from pages.leader.indicator_closing import draw_closing
from pages.leader.indicator_reading import draw_parts, draw_reading, draw_rule
from reports.figure_words import gap_words, waiting_words
from reports.states import STATES, state_of
from services import proofs
from services.access import Actor
from services.errors import NotFound
from services.figures import Board, Figure
from services.proofs import How
from ui import figure_html
from ui.exchange import export_status
from ui.kpi import day_asked, figure_params, follow, past_day, read_board
from ui.proof import draw_proof, export_button
from ui.shell import go, header, language, link, param, t


def page(actor: Actor) -> None:
    board, seen = read_board(actor)
    if not param("code"):
        go("indicators")
    figure = next((f for f in board.figures if f.code == param("code")), None)
    if figure is None:
        raise NotFound
    how = proofs.how(actor, figure.id)
    link(L("指标总览", "Indicators"), "indicators", ":material/arrow_back:", **figure_params(board))
    category = dict(board.categories)[figure.category]
    with header(
        f"{figure.code}　{t(figure.name)}", L(f"{figure.category} {category.zh}", f"{figure.category} {category.en}")
    ):
        _actions(actor, figure, board, how)
    export_status(actor)
    past_day(board)
    if figure.status == "waiting":
        st.info(t(waiting_words(figure)), icon=":material/hourglass_empty:")
        draw_rule(figure, board, how)
        return
    _standing(figure, board)
    left, right = st.columns([2, 1])
    with left:
        draw_reading(actor, figure, board, how)
    with right:
        draw_rule(figure, board, how)
    if figure.kind in ("at_least", "ratio", "per_unit"):
        draw_closing(actor, figure, board, how)
    target.section(actor, figure, board)
    draw_parts(actor, figure, board, how)
    draw_proof(actor, figure, board, how.counting)
    follow(actor, board, seen)


def _actions(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """Enter what feeds it; take its records away."""
    feeds = [RECORDS[feed.record] for feed in how.feeds if actor.may("write", RECORDS[feed.record].area)]
    if figure.kind != "deliver" and day_asked() is None:
        for place, record in enumerate(feeds[:2]):
            label = L(f"登记{record.label.zh}", f"New {record.label.en.lower()}")
            kind = "secondary" if place else "primary"
            if st.button(t(label), icon=":material/add:", type=kind, key=f"enter.{record.name}"):  # type: ignore[arg-type]
                go(record.name, do="new")
    if figure.status != "waiting":
        export_button(actor, figure, board)


def _standing(figure: Figure, board: Board) -> None:
    """The answer first: its state and what closes the gap; then the numbers."""
    state = STATES[state_of(figure)]
    with st.container(horizontal=True, vertical_alignment="center", key="standing"):
        st.badge(t(state.word), icon=f":material/{state.symbol}:", color=state.colour)
        st.html(figure_html.gap(gap_words(figure, board), language()), width="stretch")
    st.html(figure_html.numbers(figure, board, language()))
