"""The audit log: every write and every look at personal data; nobody can change it."""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from models import RECORDS
from models.system import AuditEntry, Verb
from models.words import L
from pages.admin.journal_words import COLUMNS
from services import journal
from services.access import Actor
from services.journal import Wanted
from ui import shell
from ui.messages import words_of
from ui.shell import escaped, go, header, number, param, set_params, t
from ui.tables import frame, height, picked

SIZE = 100
SPAN = date(2000, 1, 1), date(2099, 12, 31)
DAYS = {"from": L("从", "From"), "to": L("至", "To")}


def page(actor: Actor) -> None:
    header(
        t(L("审计日志", "Audit log")),
        L(
            "谁在何时对哪条记录做了什么；只增不改。点一行打开那条记录。",
            "Who did what to which record, and when. Click to open it.",
        ),
    )
    wanted = _wanted()
    entries = list(journal.read(actor, wanted, SIZE).entries)
    if entries:
        _table(entries)
    else:
        st.caption(t(L("没有符合条件的记录。", "Nothing matches.")))
    with st.container(horizontal=True):
        if wanted.before and st.button(t(L("回到最新", "Newest")), icon=":material/vertical_align_top:"):
            _turn("")
        if len(entries) == SIZE and st.button(t(L("更早的", "Older")), icon=":material/arrow_downward:"):
            _turn(entries[-1].id)


def _table(entries: list[AuditEntry]) -> None:
    entry = picked(
        frame(entries, COLUMNS), entries, f"journal.{entries[0].id}.{entries[-1].id}", height=height(len(entries))
    )
    if entry is None:
        return
    if entry.record_id and shell.page(entry.record):
        go(entry.record, id=entry.record_id)
    else:
        st.caption(t(L(f"第 {entry.id} 条没有可打开的页面。", f"Entry {entry.id} has no page of its own.")))


def _turn(before: object) -> None:
    set_params(before=before)
    st.rerun()


def _wanted() -> Wanted:
    """What the address asks for, to be changed in a row of fields; another filter begins with the newest again."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        verb = _only("verb", L("动作", "Act"), {verb.value: verb.label for verb in Verb})
        record = _only("record", L("记录类型", "Record"), {name: record.label for name, record in RECORDS.items()})
        name = st.text_input(t(L("谁", "Who")), value=param("name"), width=160, key="journal.name").strip()
        _keep("name", name)
        first, last = (_day(which, label) for which, label in DAYS.items())
    if first and last and first > last:
        st.html(f"<p class='fe' role='alert'>{escaped(t(words_of('ends_before_start')))}</p>")
    return Wanted(Verb(verb) if verb else None, record or "", name, first, last, number("before"))


def _keep(name: str, value: object) -> None:
    if str(value or "") != param(name):
        set_params(**{name: value}, before="")


def _only(name: str, label: L, labels: Mapping[str, L]) -> str | None:
    known = list(labels)
    chosen = st.selectbox(
        t(label), known, index=known.index(param(name)) if param(name) in known else None, width=180, key=f"journal.{name}",
        format_func=lambda one: t(labels[one]), placeholder=t(L("全部", "All")),
    )  # fmt: skip
    _keep(name, chosen)
    return chosen


def _day(name: str, label: L) -> date | None:
    first, last = SPAN
    try:
        stored = date.fromisoformat(param(name))
    except ValueError:
        stored = None
    chosen = st.date_input(
        t(label), value=stored if stored and first <= stored <= last else None, min_value=first, max_value=last, width=150,
        key=f"journal.{name}", format="YYYY-MM-DD",
    )  # fmt: skip
    _keep(name, chosen)
    return chosen
