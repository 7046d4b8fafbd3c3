"""Contracts: a new one from a preset or from its own table of indicators; an indicator with the way to its rule."""

import streamlit as st

from models import RECORDS
from models.words import L
from seed import load, presets
from services import clock
from services.access import Actor
from services.store import Row
from ui.detail import detail
from ui.shell import Outcome, button, errors_of, field_key, field_value, go, t


def beginnings(actor: Actor) -> None:
    """The two ways to a contract with its indicators."""
    if actor.may("write", "contract"):
        if st.button(
            t(L("从 Excel 指标表建立", "From a table in Excel")), icon=":material/table_view:", key="from-table"
        ):
            go("table")
        _from_preset(actor)


def indicator(actor: Actor, key: int) -> None:
    """The generic page of an indicator; who may write the contract can set how it counts."""
    detail(actor, RECORDS["indicator"], key, actions=_rule)


def _rule(actor: Actor, row: Row) -> None:
    if actor.may("write", "contract") and st.button(
        t(L("怎样计数", "How it counts")), icon=":material/rule:", key="rule"
    ):
        go("rule", id=row.id)


def _from_preset(actor: Actor) -> None:
    """A new contract with every indicator of a preset; the end follows from the start."""
    form = "contract.preset"
    with st.popover(t(L("从预设建立合同", "New contract from a preset")), icon=":material/library_add:"):
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
