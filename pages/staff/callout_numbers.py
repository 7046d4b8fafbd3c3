"""The numbers of the call list, and the sheet to take along."""

from io import BytesIO
from uuid import uuid4

import streamlit as st

from models.words import L
from services import clock, readiness
from services.access import Actor
from services.readiness import CallQuery
from ui.shell import field_key, field_value, language, t

FORM = "callout"


def export(actor: Actor, query: CallQuery) -> None:
    with st.popover(t(L("导出", "Export")), icon=":material/download:"):
        if actor.may("personal", "volunteers"):
            st.text_input(
                t(L("需要完整手机号时填写用途", "For full phone numbers, give the purpose")),
                key=field_key(FORM, "purpose"), max_chars=200,
                help=t(L("不填则号码打码；用途记入日志", "Left empty, numbers are masked; the purpose is logged")),
            )  # fmt: skip
        name = f"{t(readiness.TITLE)}-{clock.local(clock.now()):%Y%m%d-%H%M}-{uuid4().hex[:4]}.xlsx"
        st.download_button(
            t(L("导出名单", "Export the list")), lambda: _sheet(actor, query), name, on_click="ignore",
            icon=":material/download:", type="primary",
        )  # fmt: skip


def _sheet(actor: Actor, query: CallQuery) -> bytes:
    made = BytesIO()
    purpose = field_value(FORM, "purpose", "") or ""
    readiness.export(actor, query, made, language=language(), purpose=purpose)
    return made.getvalue()
