"""The bin: what was removed in the last 30 days, and back with one click."""

import streamlit as st

from models import RECORDS
from models.words import L
from services import store
from services.access import Actor
from services.store import Query
from ui.shell import empty, header, t
from ui.tables import opening_table


def page(actor: Actor) -> None:
    header(
        t(L("回收站", "Bin")),
        L("移走的记录保留 30 天，可以恢复。", "Removed records stay 30 days and can be restored."),
    )
    found = {
        record: store.rows(actor, record, Query(binned=True, size=200))
        for record in RECORDS.values()
        if record.menu and actor.may("remove", record.area)
    }
    if not any(page.total for page in found.values()):
        empty(
            L("回收站是空的", "The bin is empty"),
            L("移走的记录会出现在这里。", "Removed records appear here."),
            "delete",
        )
    for record, rows in found.items():
        if rows.total:
            st.subheader(f"{t(record.label)} {rows.total}")
            opening_table(record, rows.rows, f"bin.{record.name}", bin=1)
