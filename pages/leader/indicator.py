"""One indicator: how it stands, how it is counted, what closes its gap, and the records that prove it."""

import streamlit as st

from models import RECORDS
from models.words import L
from pages.leader.indicator_closing import draw_closing
from pages.leader.indicator_documents import draw_documents
from pages.leader.indicator_split import draw_splits
from reports.figure_words import gap_words, waiting_words
from reports.states import STATES, state_of
from services import proofs
from services.access import Actor
from services.errors import NotFound
from services.figures import Board, Figure
from services.proofs import How
from ui import charts, figure_html
from ui.exchange import export_status
from ui.kpi import day_asked, draw_chart, figure_params, follow, mode, past_day, picture_name, read_board
from ui.proof import draw_proof, export_button, pick_month
from ui.shell import go, header, language, link, param, t

MONTH_CHART = "chart.month"


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
        _rule(figure, board, how)
        return
    _standing(figure, board)
    left, right = st.columns([2, 1])
    with left:
        _reading(actor, figure, board, how)
    with right:
        _rule(figure, board, how)
    if figure.kind in ("at_least", "ratio", "per_unit"):
        draw_closing(actor, figure, board, how)
    _parts(actor, figure, board)
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


def _reading(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """What answers "why" for its kind: the curve, the squares of the months, the checklist, else the months' columns."""
    if figure.kind == "at_least":
        chart = charts.cumulative(figure, board, None, language(), mode())
        draw_chart(chart, "chart.cumulative", picture_name(figure, board))
    elif figure.kind == "ongoing":
        with st.container(border=True):
            st.html(figure_html.grid(charts.month_grid(figure, board, language()), language()))
        draw_closing(actor, figure, board, how)
    elif figure.kind == "deliver":
        draw_documents(actor, figure, board)
    else:
        _by_month(figure, board)


def _parts(actor: Actor, figure: Figure, board: Board) -> None:
    """Month by month beside whose work it was."""
    if figure.kind == "deliver":
        return
    alone = figure.kind in ("several", "ratio", "per_unit")
    with st.grid(1 if alone else 2, min_column_width=340):
        if not alone:
            _by_month(figure, board)
        draw_splits(actor, figure, board)


def _by_month(figure: Figure, board: Board) -> None:
    chart = charts.by_month(figure, board, language(), mode())
    draw_chart(chart, MONTH_CHART, picture_name(figure, board), lambda: pick_month(MONTH_CHART))


def _rule(figure: Figure, board: Board, how: How) -> None:
    """How it counts, in sight beside the number."""
    with st.container(border=True, key="rule"):
        st.html(figure_html.rule(figure, how, language()))
        if how.sharing:
            st.html(f"<p class='s'>{t(L('同类记录也用于', 'Such records also count in'))}</p>")
        for other in how.sharing:
            link(
                L(f"{other.code} {other.name.zh}", f"{other.code} {other.name.en}"),
                "figure",
                code=other.code,
                **figure_params(board),
            )
