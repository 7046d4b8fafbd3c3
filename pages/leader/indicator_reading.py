"""An indicator read: what answers "why" for its kind, the rule it counts by, its months beside whose work they were."""

import streamlit as st

from models.contract import Counting
from models.words import L
from pages.leader.indicator_closing import draw_closing
from pages.leader.indicator_documents import draw_documents
from pages.leader.indicator_split import draw_splits
from services.access import Actor
from services.figures import Board, Figure
from services.proofs import How
from ui import charts, figure_html
from ui.kpi import draw_chart, figure_params, mode, picture_name
from ui.proof import pick_month
from ui.shell import language, link, t

MONTH_CHART = "chart.month"


def draw_reading(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """What answers "why" for its kind: the curve, the squares of the months, the checklist, else the months' columns."""
    if figure.kind == "at_least":
        chart = charts.cumulative(figure, board, figure.plan or None, language(), mode(), standing=_stands(how))
        draw_chart(chart, "chart.cumulative", picture_name(figure, board))
    elif figure.kind == "ongoing":
        with st.container(border=True):
            st.html(figure_html.grid(charts.month_grid(figure, board, language()), language()))
        draw_closing(actor, figure, board, how)
    elif figure.kind == "deliver":
        draw_documents(actor, figure, board, how)
    else:
        _by_month(figure, board, how)


def draw_parts(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """Month by month beside whose work it was."""
    if figure.kind == "deliver":
        return
    alone = figure.kind in ("several", "ratio", "per_unit")
    with st.grid(1 if alone else 2, min_column_width=340):
        if not alone:
            _by_month(figure, board, how)
        draw_splits(actor, figure, board)


def _stands(how: How) -> bool:
    return how.counting == Counting.STANDING


def _by_month(figure: Figure, board: Board, how: How) -> None:
    standing = _stands(how) and figure.is_stock
    chart = charts.by_month(figure, board, language(), mode(), figure.plan or None, standing=standing)
    draw_chart(chart, MONTH_CHART, picture_name(figure, board), lambda: pick_month(MONTH_CHART))


def draw_rule(figure: Figure, board: Board, how: How) -> None:
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
