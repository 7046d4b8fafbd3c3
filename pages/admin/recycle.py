"""The bin: what was removed in the last 30 days, and back with one click."""

from typing import Any

import streamlit as st

from models import RECORDS
from models.base import LIST
from models.words import L
from services import store
from services.access import Actor
from services.store import Query
from ui.listing import as_frame
from ui.shell import empty, go, header, t


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
        if not rows.total:
            continue
        st.subheader(f"{t(record.label)} {rows.total}")
        specs = [spec for spec in record.fields if spec.shows(LIST)]
        event: Any = st.dataframe(
            as_frame(rows.rows, specs),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-cell",
            key=f"bin.{record.name}",
        )
        if event.selection.cells:
            go(record.name, id=rows.rows[event.selection.cells[0][0]].id, bin=1)
