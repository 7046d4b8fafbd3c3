"""今日: the numbers that matter to this role, then what to do now, most urgent first, each with its button."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby

import streamlit as st

from models import RECORDS
from models.words import L
from pages.staff import finishing
from pages.staff.today_words import about, group
from services import clock, reminders
from services import today as work
from services.access import Actor
from services.today import Item, Number, Today
from ui.shell import empty, go, header, language, link, literal, param, set_params, t
from ui.words import day_words

SHOWN = 20


def page(actor: Actor) -> None:
    found, kind = work.work(actor), work.KINDS.get(param("kind"))
    if kind:
        items = [item for item in found.items if item.kind == param("kind")]
        link(L("今日", "Today"), "today", ":material/arrow_back:")
        header(t(kind.label), L(f"{len(items)} 项", f"{len(items)} in all"))
        _list(actor, items)
        return
    with header(t(L("今日", "Today")), day_words(clock.today())):
        _copying(actor)
    if found.numbers:
        with st.grid(4, min_column_width=150, key="numbers"):
            for number in found.numbers:
                _number(number)
    _list(actor, found.items if param("all") else found.items[:SHOWN], found.total)
    _rest(found)


def _copying(actor: Actor) -> None:
    """The list as a text to paste into a chat, names masked."""
    with st.popover(
        t(L("复制文字", "Copy as text")), icon=":material/content_copy:", on_change="rerun", key="copy"
    ) as it:
        if it.open:
            st.code(reminders.text_for(actor, language()), language=None, wrap_lines=True)


def _number(number: Number) -> None:
    with st.container(border=True):
        st.metric(t(number.label), f"{number.count:,}")
        day = number.first.isoformat() if number.first else ""
        words = L(f"最早 {day}", f"first {day}") if day else L("看名单", "See the list")
        if st.button(t(words), key=f"number.{number.kind}", type="tertiary", disabled=not number.count):
            go(number.page, **number.query)


def _list(actor: Actor, items: Sequence[Item], total: int = 0) -> None:
    today = clock.today()
    if not items:
        about_empty = L("新的申请、到期和培训会出现在这里。", "Applications, endings and sessions appear here.")
        empty(L("今天没有待办", "Nothing waits today"), about_empty, "task_alt")
    elif total:
        st.subheader(t(L(f"要做的 {total:,} 件事，最急的在前", f"{total:,} things to do, most urgent first")))
    for heading, members in groupby(items, key=lambda item: group(item, today)):
        st.html(f"<h4 class='due'>{t(heading)}</h4>")
        for item in members:
            _item(actor, item, today, is_first=item is items[0])


def _item(actor: Actor, item: Item, today: date, *, is_first: bool) -> None:
    colour = "red" if item.is_grave else "orange" if item.overdue else "gray"
    name = f"{item.kind}-{item.id or 0}-{item.due}"
    with st.container(horizontal=True, border=True, vertical_alignment="center", key=f"item-{name}"):
        second = literal(t(about(item, today)))
        below = f"  \n:small[:{colour}[{second}]]" if second else ""
        st.markdown(
            f":{colour}[:material/{RECORDS[item.record].icon}:]　**{literal(t(item.title))}**{below}", width="stretch"
        )
        if finishing.draw(actor, item, "primary" if is_first else "secondary"):
            return
        if st.button(t(item.button), key=f"do.{name}", type="primary" if is_first else "secondary"):
            go(item.page, **item.query)


def _rest(found: Today) -> None:
    """How to see what is not shown."""
    if param("all"):
        if len(found.items) < found.total:
            st.caption(t(L("更多的请点上面的数字看名单。", "For the rest open the lists behind the numbers.")))
    elif found.total > SHOWN and st.button(t(L(f"全部 {found.total:,} 件", f"All {found.total:,}")), key="all"):
        set_params(all=1)
        st.rerun()
