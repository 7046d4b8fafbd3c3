"""The call list as a sheet to take along, with the numbers that are shown."""

from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import streamlit as st

from models.words import L
from pages.staff.callout_numbers import Shown, shown
from services import clock, readiness
from services.access import Actor
from services.readiness import CallQuery
from ui.shell import language, t


def export(actor: Actor, query: CallQuery) -> None:
    now = shown(actor)
    with st.popover(t(L("导出", "Export")), icon=":material/download:"):
        told = L("号码打码；先写明事由、显示号码，导出就带号码。",
                 "Numbers are masked; give the purpose and show them first, then the sheet has them.")  # fmt: skip
        if now.phones:
            told = L(f"已显示的 {len(now.phones)} 个号码完整写入，其余打码。",
                     f"The {len(now.phones)} numbers shown are written in full, the others masked.")  # fmt: skip
        if actor.may("personal", "volunteers"):
            st.caption(t(told))
        name = f"{t(readiness.TITLE)}-{clock.local(clock.now()):%Y%m%d-%H%M}-{uuid4().hex[:4]}.xlsx"
        st.download_button(
            t(L("导出名单", "Export the list")), _sheet(actor, query, now), name, on_click="ignore",
            icon=":material/download:", type="primary",
        )  # fmt: skip


def _sheet(actor: Actor, query: CallQuery, now: Shown) -> Callable[[], bytes]:
    """Writes the sheet when it is asked for: that happens outside the visit, which knows neither numbers nor language."""
    spoken = language()

    def write() -> bytes:
        made = BytesIO()
        readiness.export(actor, query, made, language=spoken, full=now.phones.keys(), why=now.why)
        return made.getvalue()

    return write
