"""The checklist of a deliverable: its required documents, those published and those still missing (feature K6)."""

import streamlit as st

from models import RECORDS
from models.words import L
from reports.closing_words import documents_words
from services import proofs
from services.access import Actor
from services.figures import Board, Figure
from services.proofs import Document, How
from ui import figure_html
from ui.kpi import day_asked
from ui.shell import go, language, link, literal, t


def draw_documents(actor: Actor, figure: Figure, board: Board, how: How) -> None:
    """The checklist: what is published since when, what is missing and where it is entered."""
    found = proofs.documents(actor, figure.id, board.as_of)
    if not found:
        with st.container(border=True, key="closing"):
            st.html(
                f"<p>{t(L('没有规定必备文件，验收后计入。', 'No documents are named: it counts once accepted.'))}</p>"
            )
            for feed in how.feeds:
                link(RECORDS[feed.record].label, feed.record, f":material/{RECORDS[feed.record].icon}:")
        return
    title = documents_words(figure, sum(one.published_on is not None for one in found), len(found))
    several = len({one.of for one in found}) > 1
    with st.container(border=True, key="closing"):
        st.html(figure_html.facts_card(L("必备文件", "Required documents"), title, [], language()))
        for one in found:
            _document(actor, one, several)


def _document(actor: Actor, one: Document, several: bool) -> None:
    name = literal(f"{one.of} · {one.name}" if several else one.name)
    icon = ":material/check_box:" if one.published_on else ":material/check_box_outline_blank:"
    with st.container(horizontal=True, vertical_alignment="center", key=f"document.{one.ref}"):
        link(L(name, name), one.record, icon, id=one.ref)
        if one.published_on:
            since = L(f"{one.published_on} 发布", f"published {one.published_on}")
            st.html(f"<small>{t(since)}</small>", width="content")
            return
        child, field = RECORDS[one.record].children[0]
        label = L(f"登记{child.label.zh}", f"New {child.label.en.lower()}")
        open_to = actor.may("write", child.area) and day_asked() is None
        if open_to and st.button(t(label), icon=":material/add:", key=f"enter.{one.ref}", type="tertiary"):
            go(child.name, do="new", **{f"set.{field.name}": one.ref})
