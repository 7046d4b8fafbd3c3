"""Certificates that end within 90 days and have no later one of their kind."""

from typing import Any

import pandas as pd
import streamlit as st

from models.words import L
from services import rescue
from services.access import Actor
from ui.shell import empty, go, header, t
from ui.words import left_words


def page(actor: Actor) -> None:
    header(
        t(L("到期证书", "Certificates ending")),
        L(
            "90 天内到期且还没有新证的；点一行打开。",
            "Ending within 90 days with none to follow; click a row to open it.",
        ),
    )
    rows = rescue.expiring(actor)
    if not rows:
        empty(
            L("没有即将到期的证书", "No certificate ends soon"),
            L("到期前 90 天会出现在这里。", "They appear here 90 days before."),
            "workspace_premium",
        )
        return
    bands = [sum(row.days_left <= days for row in rows) for days in (7, 30, 90)]
    with st.grid(3, min_column_width=160):
        for days, count in zip((7, 30, 90), bands, strict=True):
            st.metric(t(L(f"{days} 天内", f"Within {days} days")), count, border=True)
    frame = pd.DataFrame(
        {
            t(L("志愿者", "Volunteer")): [row.name for row in rows],
            t(L("证书", "Certificate")): [t(row.kind.label) for row in rows],
            t(L("编号", "Number")): [row.number for row in rows],
            t(L("有效期至", "Valid until")): [row.expires_on.isoformat() for row in rows],
            t(L("还有", "Left")): [t(left_words(row.days_left)) for row in rows],
        }
    )
    event: Any = st.dataframe(
        frame, hide_index=True, on_select="rerun", selection_mode="single-cell", key="certificates"
    )
    if event.selection.cells:
        go("volunteer", id=rows[event.selection.cells[0][0]].volunteer_id)
