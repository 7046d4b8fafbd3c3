"""The audit log: every write and every look at personal data; nobody can change it."""

import json

import pandas as pd
import streamlit as st

from models import RECORDS
from models.system import Verb
from models.words import L
from services import clock, journal
from services.access import Actor
from ui.shell import header, number, set_params, t

MOST = 1000
SIZE = 100


def page(actor: Actor) -> None:
    header(
        t(L("审计日志", "Audit log")),
        L("谁在何时对哪条记录做了什么；只增不改。", "Who did what to which record, and when; append-only."),
    )
    with st.container(horizontal=True):
        verb = st.selectbox(
            t(L("动作", "Act")),
            list(Verb),
            index=None,
            format_func=lambda v: t(v.label),
            placeholder=t(L("全部", "All")),
            width=200,
        )
        record = st.selectbox(
            t(L("记录类型", "Record")), list(RECORDS), index=None, format_func=lambda r: t(RECORDS[r].label),
            placeholder=t(L("全部", "All")), width=200,
        )  # fmt: skip
        name = st.text_input(t(L("谁", "Who")), width=200)
    found = journal.read(actor, verb=verb, record=record or "", name=name or "", before=number("before"), size=SIZE)
    st.dataframe(
        pd.DataFrame(
            {
                "#": [entry.id for entry in found.entries],
                t(L("时间", "At")): [clock.local(entry.at).strftime("%Y-%m-%d %H:%M:%S") for entry in found.entries],
                t(L("谁", "Who")): [entry.actor for entry in found.entries],
                t(L("动作", "Act")): [t(Verb(entry.verb).label) for entry in found.entries],
                t(L("记录", "Record")): [_record(entry.record, entry.record_id) for entry in found.entries],
                t(L("内容", "What")): [_said(entry.changes) for entry in found.entries],
                t(L("理由", "Reason")): [entry.reason for entry in found.entries],
            }
        ),
        hide_index=True,
        height=720,
        placeholder="",
    )
    if len(found.entries) == SIZE and st.button(t(L("更早的", "Older")), icon=":material/arrow_downward:"):
        set_params(before=found.entries[-1].id)
        st.rerun()


def _record(name: str, key: int | None) -> str:
    label = t(RECORDS[name].label) if name in RECORDS else name
    return f"{label} #{key}" if key else label


def _said(changes: object) -> str:
    """What was written, as far as a cell holds it: the figures of a closed month have a page of their own."""
    text = json.dumps(changes, ensure_ascii=False) if changes else ""
    return text if len(text) <= MOST else text[:MOST] + "…"
