"""The months that an ongoing indicator misses: a late record for each, or what it takes where the month is closed (K8, K11)."""

from datetime import date

import streamlit as st

from models import RECORDS
from models.words import L
from reports import closing_words as words
from reports.figure_words import missing_months, month_name
from services import closing
from services.access import Actor
from services.figures import Board, Figure
from services.proofs import How
from ui import figure_html
from ui.kpi import day_asked
from ui.shell import go, language, link, t

TITLE = L("怎样补上", "What closes the gap")


def months(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """Which months are missing, each with the form of a late record dated in it."""
    feed = next((feed for feed in how.feeds if actor.may("write", RECORDS[feed.record].area)), None)
    with st.container(border=True, key="closing"):
        st.html(figure_html.facts_card(TITLE, words.months_words(figure, board), [], language()))
        closed = _closed(actor, board)
        _told_closed(board, [first for first in missing_months(figure, board) if first in closed])
        for first in missing_months(figure, board):
            if first in closed:
                continue
            label = L(f"补录 {first:%Y-%m}", f"Enter one for {month_name(first).en} {first.year}")
            if feed and day_asked() is None and st.button(t(label), icon=":material/add:", key=f"late.{first}"):
                go(feed.record, do="new", **({f"set.{feed.day}": first} if feed.day else {}))


def _closed(actor: Actor, board: Board) -> set[date]:
    """The first days of the months that are closed: no record dated in them is taken."""
    return {month.first for month in closing.year(actor, board.contract_id).months if month.state == "closed"}


def _told_closed(board: Board, months: list[date]) -> None:
    """What it takes to enter something in a month that is closed: it is opened again, and stands as an adjustment."""
    if months:
        st.markdown(f":material/lock: {t(words.closed_words(months))}")
        link(L("月度结账", "Month closing"), "closing", ":material/lock_open:", contract=board.contract_id)
