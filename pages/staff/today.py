"""今日: what waits for this person's decision, the numbers that matter to the role, then what to do, the most urgent first."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from models.words import L
from pages.staff import today_list
from pages.staff.today_words import waited_words
from services import clock, reminders
from services import today as work
from services.access import Actor
from services.today import Number
from ui.shell import go, header, language, link, param, t
from ui.words import day_words


def page(actor: Actor) -> None:
    kind = work.KINDS.get(param("kind"))
    if kind:
        items = work.waiting(actor, [param("kind")], clock.today(), clock.now(), work.SHOWN)
        link(L("今日", "Today"), "today", ":material/arrow_back:")
        header(t(kind.label), L(f"{len(items)} 项", f"{len(items)} in all"))
        for item in items:
            today_list.line(actor, item)
        return
    found = work.work(actor)
    with header(t(L("今日", "Today")), day_words(clock.today())):
        _copying(actor)
    _decisions(found.decisions)
    if found.numbers:
        with st.grid(4, min_column_width=150, key="numbers"):
            for number in found.numbers:
                _number(number)
    today_list.show(actor, found)


def _copying(actor: Actor) -> None:
    """The list as a text to paste into a chat, names masked."""
    with st.popover(
        t(L("复制文字", "Copy as text")), icon=":material/content_copy:", on_change="rerun", key="copy"
    ) as it:
        if it.open:
            st.code(reminders.text_for(actor, language()), language=None, wrap_lines=True)


def _decisions(decisions: Sequence[Number]) -> None:
    """What only waits for this person's word: how many of each kind, and how long the oldest has waited."""
    if not decisions:
        return
    total = sum(one.count for one in decisions)
    with st.container(border=True, key="decisions"):
        st.markdown(f"**:material/gavel: {t(L(f'等我决定 {total:,} 件', f'For my decision: {total:,}'))}**")
        for one in sorted(decisions, key=lambda one: one.first or date.max):
            with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
                waited = t(waited_words(one.first, clock.today()))
                st.markdown(f"{t(one.label)}　**{one.count:,}**  \n:small[:gray[{waited}]]", width="stretch")
                if st.button(t(L("去处理", "Decide")), key=f"decide.{one.kind}", type="primary"):
                    go(one.page, **one.query)


def _number(number: Number) -> None:
    with st.container(border=True):
        st.metric(t(number.label), f"{number.count:,}")
        day = number.first.isoformat() if number.first else ""
        words = L(f"最早 {day}", f"first {day}") if day else L("看名单", "See the list")
        if st.button(t(words), key=f"number.{number.kind}", type="tertiary", disabled=not number.count):
            go(number.page, **number.query)
