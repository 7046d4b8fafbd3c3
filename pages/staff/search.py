"""One search over everything that this person may read: people, organisations, sessions, by name, pinyin or number."""

import streamlit as st

from models import RECORDS, RecordType
from models.words import L
from services import store
from services.access import Actor
from services.store import Query
from ui.shell import counted, empty, go, go_next, header, param, t
from ui.tables import opening_table

SIZE = 5


def box() -> None:
    """The search field of the sidebar; Enter opens what it finds."""

    def opened() -> None:
        go_next("search", q=st.session_state["search.all"])

    st.text_input(
        t(L("查找一切", "Find anything")),
        key="search.all",
        icon=":material/search:",
        placeholder=t(L("查找姓名、单位、培训", "Find people, partners, sessions")),
        label_visibility="collapsed",
        on_change=opened,
    )


def page(actor: Actor) -> None:
    words = param("q")
    header(
        t(L(f"查找：{words}", f"Search: {words}")),
        L("姓名、拼音、首字母、手机或证件后四位。", "Name, pinyin, initials, or the last four digits."),
    )
    searched = [
        r for r in RECORDS.values() if r.menu and (r.search_fields or r.role_fields) and actor.may("read", r.area)
    ]
    found = {record: store.rows(actor, record, Query(text=words, size=SIZE)) for record in searched} if words else {}
    if not any(rows.total for rows in found.values()):
        empty(
            L("没有找到", "Nothing found"),
            L("换个写法，或只输入其中几个字。", "Try another spelling, or only a part."),
            "search_off",
        )
    for record, rows in found.items():
        if rows.total:
            _hits(record, rows, words)


def _hits(record: RecordType, rows: store.Page, words: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{t(record.label)}** {counted(rows.total, rows.more)}", width="content")
        if rows.total > SIZE and st.button(t(L("看全部", "See all")), key=f"all.{record.name}", type="tertiary"):
            go(record.name, q=words)
    opening_table(record, rows.rows, f"hits.{record.name}.{words}")
