"""Contracts: a new one from a preset, with all its indicators; then the generic page."""

import streamlit as st

from models.words import L
from seed import load, presets
from services import clock
from services.access import Actor
from ui.shell import Outcome, button, errors_of, field_key, field_value, t


def from_preset(actor: Actor) -> None:
    """A new contract with every indicator of a preset; the end follows from the start."""
    if not actor.may("write", "contract"):
        return
    form = "contract.preset"
    with (
        st.expander(t(L("从预设建立合同", "New contract from a preset")), icon=":material/library_add:"),
        st.container(width=560),
    ):
        found = {code: presets.load_preset(code) for code in presets.preset_codes()}
        st.selectbox(
            t(L("预设", "Preset")),
            list(found),
            format_func=lambda c: t(found[c].title),
            key=field_key(form, "code"),
        )
        st.date_input(
            t(L("开始日期", "Starts")), value=clock.today(), key=field_key(form, "starts"), format="YYYY-MM-DD"
        )
        st.text_input(t(L("合同名称（可不填）", "Title (optional)")), key=field_key(form, "title"))

        def act(_used: str) -> Outcome:
            code, starts, title = (field_value(form, name) for name in ("code", "starts", "title"))
            key = load.load_preset_contract(actor, code, starts, title=title or None)
            return Outcome(L("合同和指标已建立", "Contract and indicators made"), "contract", {"id": key})

        button(L("建立", "Create"), act, form=form, kind="primary", icon=":material/check:")
        errors_of(form)
