"""Certificates that end within 90 days and have no later one of their kind."""

import streamlit as st

from models.words import L
from services import rescue
from services.access import Actor
from ui.shell import empty, go, header, t
from ui.tables import Columns, frame, picked
from ui.words import left_words

COLUMNS: Columns = {
    L("志愿者", "Volunteer"): lambda row: row.name,
    L("证书", "Certificate"): lambda row: t(row.kind.label),
    L("编号", "Number"): lambda row: row.number,
    L("有效期至", "Valid until"): lambda row: row.expires_on.isoformat(),
    L("还有", "Left"): lambda row: t(left_words(row.days_left)),
}


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
    if row := picked(frame(rows, COLUMNS), rows, "certificates"):
        go("volunteer", id=row.volunteer_id)
