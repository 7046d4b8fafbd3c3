"""An entry of the audit log in words: when, who, what was written, and why."""

import json
from typing import Any

from models import RECORDS
from models.system import AuditEntry, Verb
from models.words import L
from services import clock, numbers
from ui.detail import change_words
from ui.shell import t
from ui.tables import Columns

MOST = 1000
NAMES = {
    "file": L("文件", "File"), "files": L("文件", "Files"), "sha256": L("指纹", "Fingerprint"), "field": L("字段", "Field"),
    "purpose": L("用途", "Purpose"), "rows": L("行数", "Rows"), "people": L("人", "People"), "paper": L("纸件", "Paper"),
    "format": L("格式", "Format"), "filters": L("条件", "Filters"), "edition": L("版本", "Edition"),
}  # fmt: skip


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
