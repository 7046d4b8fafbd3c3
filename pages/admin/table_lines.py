"""The lines of a table of indicators as they were read, to be corrected by a person."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from models.contract import TargetKind
from models.words import L
from seed.table import Line
from ui.shell import t, token
from ui.tables import height

FORM = "table"
CATEGORY, CODE, NAME, SAYS, KIND, NUMBER, UNIT, RULE = (
    L("服务类别", "Category"), L("编号", "Code"), L("指标明细", "Indicator"), L("量化指标", "As written"), L("种类", "Kind"),
    L("目标值", "Target"), L("单位", "Unit"), L("计算口径", "Counting rule"),
)  # fmt: skip


def confirm(lines: list[Line]) -> list[Line]:
    """The table as it was read, to be corrected; lines to look at are told first."""
    unsure = [line for line in lines if not line.sure]
    if unsure:
        codes = t(L("、", ", ")).join(line.code for line in unsure)
        words = L(
            f"请确认 {len(unsure)} 项的种类和目标值：{codes}",
            f"Please confirm kind and target of {len(unsure)}: {codes}",
        )
        st.warning(t(words), icon=":material/rule:")
    ready, waits = t(L("已配好", "Ready")), t(L("建立后设定", "To be set afterwards"))
    frame = pd.DataFrame(
        {
            t(CATEGORY): [f"{line.category_code} {line.category}" for line in lines],
            t(CODE): [line.code for line in lines],
            t(NAME): [line.name for line in lines],
            t(SAYS): [line.wording for line in lines],
            t(KIND): [t(line.kind.label) if line.kind else None for line in lines],
            t(NUMBER): [None if line.number is None else float(line.number) for line in lines],
            t(UNIT): [line.unit for line in lines],
            t(RULE): [ready if line.known else waits for line in lines],
        }
    )
    kinds = [t(kind.label) for kind in TargetKind]
    edited = st.data_editor(
        frame, hide_index=True, key=f"{token(FORM)}.lines", disabled=[t(CATEGORY), t(SAYS), t(RULE)], placeholder="",
        height=height(len(frame)),
        column_config={t(KIND): st.column_config.SelectboxColumn(options=kinds), t(NUMBER): st.column_config.NumberColumn(min_value=0)},
    )  # fmt: skip
    return [_corrected(line, row) for line, row in zip(lines, edited.to_dict("records"), strict=True)]


def _corrected(line: Line, row: dict[Any, Any]) -> Line:
    kind = next((kind for kind in TargetKind if t(kind.label) == row[t(KIND)]), None)
    number = None if pd.isna(row[t(NUMBER)]) else Decimal(str(row[t(NUMBER)]))
    return replace(
        line,
        code=str(row[t(CODE)]).strip(),
        name=str(row[t(NAME)]),
        kind=kind,
        number=number,
        unit=str(row[t(UNIT)] or ""),
    )
