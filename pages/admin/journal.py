"""The audit log: every write and every look at personal data; nobody can change it."""

from collections.abc import Mapping
from datetime import date

import streamlit as st

from models import RECORDS
from models.system import Verb
from models.words import L
from pages.admin.journal_words import COLUMNS
from services import journal
from services.access import Actor
from services.journal import Wanted
from ui.shell import go, header, number, param, set_params, t
from ui.tables import frame, height, picked

SIZE = 100
SPAN = date(2000, 1, 1), date(2099, 12, 31)
DAYS = {"from": L("从", "From"), "to": L("至", "To")}


def page(actor: Actor) -> None:
    header(
        t(L("审计日志", "Audit log")),
        L(
            "谁在何时对哪条记录做了什么；只增不改，点一行打开记录。",
            "Who did what to which record, and when; append-only. Click to open.",
        ),
    )
    wanted = _wanted()
    found = journal.read(actor, wanted, SIZE)
    entries = list(found.entries)
    if not entries:
        st.caption(t(L("没有符合条件的记录。", "Nothing matches.")))
    elif entry := picked(frame(entries, COLUMNS), entries, f"journal.{wanted}", height=height(len(entries))):
        go(entry.record, id=entry.record_id)
    with st.container(horizontal=True):
        if wanted.before and st.button(t(L("回到最新", "Newest")), icon=":material/vertical_align_top:"):
            _turn("")
        if len(entries) == SIZE and st.button(t(L("更早的", "Older")), icon=":material/arrow_downward:"):
            _turn(entries[-1].id)


def _turn(before: object) -> None:
    set_params(before=before)
    st.rerun()


def _wanted() -> Wanted:
    """What the address asks for, to be changed in a row of fields; another filter begins with the newest again."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        verb = _only("verb", L("动作", "Act"), {verb.value: verb.label for verb in Verb})
        record = _only("record", L("记录类型", "Record"), {name: record.label for name, record in RECORDS.items()})
        name = st.text_input(
            t(L("谁", "Who")), value=param("name"), width=160, key="journal.name", on_change=_kept, args=("name",)
        )
        first, last = (_day(which, label) for which, label in DAYS.items())
    act = Verb(verb) if verb else None
    return Wanted(act, record or "", name.strip(), first, last, number("before"))


def _kept(name: str) -> None:
    set_params(**{name: st.session_state[f"journal.{name}"]}, before="")


def _only(name: str, label: L, labels: Mapping[str, L]) -> str | None:
    known = list(labels)
    return st.selectbox(
        t(label), known, index=known.index(param(name)) if param(name) in known else None, width=180, key=f"journal.{name}",
        format_func=lambda one: t(labels[one]), placeholder=t(L("全部", "All")), on_change=_kept, args=(name,),
    )  # fmt: skip


def _day(name: str, label: L) -> date | None:
    first, last = SPAN
    try:
        stored = date.fromisoformat(param(name))
    except ValueError:
        stored = None
    return st.date_input(
        t(label), value=stored if stored and first <= stored <= last else None, min_value=first, max_value=last, width=150,
        key=f"journal.{name}", format="YYYY-MM-DD", on_change=_kept, args=(name,),
    )  # fmt: skip
