"""What closes an indicator's gap: the rate it takes, by whom, which months, which documents (feature K11)."""

from collections.abc import Callable

import streamlit as st

from models.contract import Counting
from models.words import L
from pages.leader.indicator_months import TITLE, months
from reports import closing_words as words
from reports.figure_words import amount, numbers, percent, period_of, remaining
from services import pace, splits
from services.access import Actor
from services.figures import Board, Figure
from services.pace import Closing
from services.proofs import How
from ui import figure_html
from ui.shell import language, t

MOST_ROWS = 10


def draw_closing(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """Nothing where nothing is open."""
    if words.is_open(figure, board):
        _CARDS[figure.kind](actor, figure, board, how)


def _rate(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """The rate needed against the present one, and what each would have to do if the shares stay."""
    recent = splits.recent(actor, figure.id, board.as_of)
    closing = pace.closing(remaining(figure), period_of(board), board.as_of, recent.n, recent.days)
    standing = how.counting == Counting.STANDING
    facts = words.closing_facts(closing, figure, recent.days)
    with st.container(border=True, key="closing"):
        title = TITLE if standing else words.closing_title(closing, figure, board.end)
        st.html(figure_html.facts_card(TITLE, title, facts[:1] if standing else facts, language()))
        if not standing and not figure.is_stock and figure.actual:
            _by_whom(actor, figure, board, closing)


def _by_whom(actor: Actor, figure: Figure, board: Board, closing: Closing) -> None:
    by = splits.whose(actor, figure.id)
    if not by:
        return
    parts = splits.split(actor, figure.id, by, board.as_of)
    if [part.value for part in parts] == [None]:
        return
    since = splits.recent_from(board.start, board.as_of)
    lately = {part.value: part.n for part in splits.split(actor, figure.id, by, board.as_of, since=since)}
    heading = (splits.ways(actor, figure.id)[by], L("至今", "So far"), L("占比", "Share"), L("近 4 周", "Last 4 weeks"),
               L("今后每周", "Needed a week"))  # fmt: skip
    portions = pace.portions([part.n for part in parts], closing.needed)
    rows = [
        (
            part.name,
            numbers(part.n),
            one.share,
            numbers(lately.get(part.value, 0)),
            words.weekly(one.weekly, figure.unit),
        )
        for part, one in zip(parts[:MOST_ROWS], portions, strict=False)
    ]
    st.html(
        figure_html.table(
            heading, [[t(c) if isinstance(c, L) else percent(c) for c in row] for row in rows], language()
        )
    )


def _ratio(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    with st.container(border=True, key="closing"):
        st.html(figure_html.facts_card(TITLE, words.ratio_words(figure), [], language()))


def _units(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """Every station or worker: what it has, what it lacks, and how much that is a week."""
    each = amount(figure.target or 0, figure.unit)
    title = L(f"每个都要满 {each.zh}", f"Each needs {each.en}")
    heading = (L("站点", "Station"), L("至今", "So far"), L("还差", "Missing"), L("今后每周", "Needed a week"))
    rows = []
    for unit in sorted(figure.units, key=lambda unit: unit.actual):
        closing = pace.closing(float(figure.target or 0) - float(unit.actual), period_of(board), board.as_of)
        week = words.weekly(closing.needed if closing.remaining else None, figure.unit)
        rows.append((unit.name, t(numbers(unit.actual)), t(numbers(closing.remaining)), t(week)))
    with st.container(border=True, key="closing"):
        st.html(figure_html.facts_card(TITLE, title, [], language()) + figure_html.table(heading, rows, language()))


_CARDS: dict[str, Callable[[Actor, Figure, Board, How], None]] = {
    "at_least": _rate, "ongoing": months, "ratio": _ratio, "per_unit": _units,
}  # fmt: skip
