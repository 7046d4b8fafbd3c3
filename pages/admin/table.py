"""A contract out of its own table of indicators: what each 量化指标 says is shown to be confirmed before anything is made."""

import tempfile
from datetime import date
from pathlib import Path

import streamlit as st

from models.words import L
from pages.admin.table_lines import FORM, confirm
from seed import table
from seed.table import Line
from services import clock
from services.access import Actor
from ui.shell import Outcome, button, errors_of, field_key, field_value, header, link, t, token


def page(actor: Actor) -> None:
    link(L("服务合同", "Contracts"), "contract", ":material/arrow_back:")
    header(
        t(L("从指标表建立合同", "A contract from its table")),
        L("表头：序号、服务类别、指标明细、量化指标。读懂的填好，读不懂的请您补。",
          "A sheet with the contract's own headings: number, category, indicator, target. What could not be read is yours to fill in."),
    )  # fmt: skip
    given = st.file_uploader(
        t(L("指标表（xlsx、csv）", "The table (xlsx, csv)")), type=["xlsx", "csv", "xls"], key=f"{token(FORM)}.file"
    )
    if given is None:
        return
    lines = _read(given.name, given.getvalue())
    corrected = confirm(lines)
    with st.container(width=560):
        st.text_input(t(L("合同名称", "Title")), key=field_key(FORM, "title"))
        st.text_input(t(L("合同编号", "Code")), key=field_key(FORM, "code"))
        with st.container(horizontal=True):
            st.date_input(
                t(L("开始日期", "Starts")), value=clock.today(), key=field_key(FORM, "starts"), format="YYYY-MM-DD"
            )
            st.date_input(
                t(L("结束日期（不填为一年）", "Ends (empty: a year)")),
                value=None,
                key=field_key(FORM, "ends"),
                format="YYYY-MM-DD",
            )
        button(L(f"建立合同和 {len(corrected)} 项指标", f"Make the contract with {len(corrected)} indicators"),
               lambda _used: _load(actor, corrected), form=FORM, kind="primary", icon=":material/check:")  # fmt: skip
        errors_of(FORM)


def _day(label: L, name: str, value: date | None) -> None:
    st.date_input(t(label), value=value, key=field_key(FORM, name), format="YYYY-MM-DD")


@st.cache_data(max_entries=20, ttl=3600, show_spinner=False)
def _read(name: str, data: bytes) -> list[Line]:
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix.lower()) as kept:
        kept.write(data)
        kept.flush()
        return table.read(Path(kept.name))


def _load(actor: Actor, lines: list[Line]) -> Outcome:
    title, code, starts, ends = (field_value(FORM, name) for name in ("title", "code", "starts", "ends"))
    key = table.load(actor, title=title, code=code, starts=starts, ends=ends, lines=lines)
    return Outcome(L("合同和指标已建立", "The contract and its indicators are made"), "indicators", {"contract": key})
