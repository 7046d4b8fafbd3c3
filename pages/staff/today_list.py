"""The work list under its headings: overdue, today, this week, later, without a day; kinds with many rows folded."""

from collections.abc import Sequence

import streamlit as st

from models import RECORDS
from models.words import L
from pages.staff import finishing
from pages.staff.today_words import GROUPS, about, fold_words, group
from services import clock
from services import today as work
from services.access import Actor
from services.today import Item, Today
from ui.shell import empty, go, literal, t

PRESSING, LATER, MOST, FIRST = 2, 3, 5, 3


def show(actor: Actor, found: Today) -> None:
    """Under their headings; the card of decisions has told of those."""
    today, decided = clock.today(), {one.kind for one in found.decisions}
    items = [item for item in found.items if item.kind not in decided]
    if not found.items:
        about_empty = L("新的申请、到期和培训会出现在这里。", "Applications, endings and sessions appear here.")
        empty(L("今天没有待办", "Nothing waits today"), about_empty, "task_alt")
    for place, heading in enumerate(GROUPS):
        if mine := [item for item in items if group(item, today) == heading]:
            _group(actor, f"{t(heading)} · {len(mine)}", mine, place)


def _group(actor: Actor, heading: str, items: Sequence[Item], place: int) -> None:
    """What presses stands open; much that does not is one line until it is asked for."""
    if place < LATER or len(items) <= MOST:
        st.html(f"<h4 class='due'>{heading}</h4>")
        _folding(actor, items, place)
        return
    with st.expander(heading, on_change="rerun", key=f"group.{place}") as group_:
        for item in items if group_.open else ():
            line(actor, item)


def _folding(actor: Actor, items: Sequence[Item], place: int) -> None:
    """The items of a heading. Of a kind with many rows the first stand and the others are folded; all where none presses."""
    most, first = (MOST, FIRST) if place < PRESSING else (FIRST, 0)
    kinds = {kind: [item for item in items if item.kind == kind] for kind in dict.fromkeys(item.kind for item in items)}
    folded = {kind: rows[first:] for kind, rows in kinds.items() if len(rows) > most}
    hidden = {id(item) for rows in folded.values() for item in rows}
    for item in items:
        if id(item) not in hidden:
            line(actor, item)
    for kind, rows in folded.items():
        label = fold_words(work.KINDS[kind].label, rows, are_rest=bool(first))
        with st.expander(t(label), on_change="rerun", key=f"rest.{place}.{kind}") as rest:
            for item in rows if rest.open else ():
                line(actor, item)


def line(actor: Actor, item: Item) -> None:
    colour = "red" if item.is_grave else "orange" if item.overdue else "gray"
    name = f"{item.kind}-{item.id or 0}-{item.due}"
    with st.container(horizontal=True, border=True, vertical_alignment="center", key=f"item-{name}"):
        second = literal(t(about(item, clock.today())))
        below = f"  \n:small[:{colour}[{second}]]" if second else ""
        st.markdown(
            f":{colour}[:material/{RECORDS[item.record].icon}:]　**{literal(t(item.title))}**{below}", width="stretch"
        )
        if not finishing.draw(actor, item) and st.button(t(item.button), key=f"do.{name}"):
            go(item.page, **item.query)
