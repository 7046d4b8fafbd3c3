"""The audit log: every write and every look at personal data; nobody can change it."""

import json
from typing import Any, TypeVar

import streamlit as st

from models import RECORDS
from models.system import AuditEntry, Verb
from models.words import L
from services import clock, journal, numbers
from services.access import Actor
from ui.detail import change_words
from ui.shell import header, number, set_params, t
from ui.tables import Columns, frame

MOST = 1000
NAMES = {
    "file": L("文件", "File"), "files": L("文件", "Files"), "sha256": L("指纹", "Fingerprint"), "field": L("字段", "Field"),
    "purpose": L("用途", "Purpose"), "rows": L("行数", "Rows"), "people": L("人", "People"), "paper": L("纸件", "Paper"),
    "format": L("格式", "Format"), "filters": L("条件", "Filters"), "edition": L("版本", "Edition"),
}  # fmt: skip
SIZE = 100
Name = TypeVar("Name", bound=str)


def page(actor: Actor) -> None:
    header(
        t(L("审计日志", "Audit log")),
        L("谁在何时对哪条记录做了什么；只增不改。", "Who did what to which record, and when; append-only."),
    )
    with st.container(horizontal=True):
        verb = _only(L("动作", "Act"), {verb: verb.label for verb in Verb})
        record = _only(L("记录类型", "Record"), {name: record.label for name, record in RECORDS.items()})
        name = st.text_input(t(L("谁", "Who")), width=200)
    found = journal.read(actor, verb=verb, record=record or "", name=name or "", before=number("before"), size=SIZE)
    st.dataframe(frame(found.entries, COLUMNS), hide_index=True, height=720, placeholder="")
    if len(found.entries) == SIZE and st.button(t(L("更早的", "Older")), icon=":material/arrow_downward:"):
        set_params(before=found.entries[-1].id)
        st.rerun()


def _only(label: L, labels: dict[Name, L]) -> Name | None:
    return st.selectbox(
        t(label), list(labels), index=None, format_func=lambda name: t(labels[name]), placeholder=t(L("全部", "All")),
        width=200,
    )  # fmt: skip


def _record(entry: AuditEntry) -> str:
    label = t(RECORDS[entry.record].label) if entry.record in RECORDS else entry.record
    return f"{label} #{entry.record_id}" if entry.record_id else label


def _said(entry: AuditEntry) -> str:
    """What was written, as far as a cell holds it: the figures of a closed month have a page of their own."""
    text = t(L("；", "; ")).join(_part(entry.record, name, value) for name, value in (entry.changes or {}).items())
    return text if len(text) <= MOST else text[:MOST] + "…"


def _part(record: str, name: str, value: Any) -> str:
    """A field by its label from what to what; what belongs to no field by its name."""
    if record in RECORDS and name in RECORDS[record].by_name:
        return change_words(RECORDS[record], name, value)
    number_ = numbers.every().get(name)
    label = t(number_.label if number_ else NAMES[name]) if number_ or name in NAMES else name
    pair = isinstance(value, list) and len(value) == 2
    plain = " → ".join(map(_plain, value)) if pair else _plain(value)
    return f"{label}{t(L('：', ': '))}{plain}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


COLUMNS: Columns = {
    L("#", "#"): lambda entry: entry.id,
    L("时间", "At"): lambda entry: f"{clock.local(entry.at):%Y-%m-%d %H:%M:%S}",
    L("谁", "Who"): lambda entry: entry.actor,
    L("动作", "Act"): lambda entry: t(Verb(entry.verb).label),
    L("记录", "Record"): _record,
    L("内容", "What"): _said,
    L("理由", "Reason"): lambda entry: entry.reason,
}
