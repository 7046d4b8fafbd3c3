"""The monthly plan of an indicator: a grid to type into, its sum against the target."""

from typing import Any

import pandas as pd
import streamlit as st

from models.words import L
from reports.figure_words import month_name, number, numbers, period_of, plan_words
from reports.series import monthly_values
from services import targets
from services.access import Actor
from services.figures import Board, Figure, Number
from ui.shell import Outcome, button, errors_of, field_key, field_value, language, t

Amounts = list[Number | None]


def editor(actor: Actor, figure: Figure, board: Board) -> None:
    """The plan by month; whoever may amend a target may type into it."""
    form, months = f"plan.{figure.id}", [month_name(first) for first, _ in period_of(board).months]
    begun = field_value(form, "from", "stored")
    amounts = _begin(begun, figure, len(months))
    may, grid, column = targets.may_amend(actor), f"grid.{begun}", t(L("计划量", "Planned"))
    done = [number(value, language()) for value in monthly_values(figure)]
    frame = pd.DataFrame(
        {
            t(L("月份", "Month")): [f"{first.year} {t(month)}" for (first, _), month in _named(board, months)],
            column: pd.Series(amounts, dtype="float"),
            t(L("实际", "Actual")): [*done, *[""] * (len(months) - len(done))],
        }
    )
    st.subheader(t(L(f"月度计划（{figure.unit.zh}）", f"Monthly plan ({figure.unit.en})")))
    if may:
        _starts(form, figure)
    st.data_editor(
        frame, hide_index=True, key=field_key(form, grid), height="content", placeholder="", width=560,
        disabled=[name for name in frame.columns if name != column or not may],
        column_config={column: st.column_config.NumberColumn(min_value=0)},
    )  # fmt: skip

    def typed() -> Amounts:
        edits: dict[Any, Any] = (field_value(form, grid) or {}).get("edited_rows", {})
        return [edits.get(place, {}).get(column, amount) for place, amount in enumerate(amounts)]

    st.markdown(t(_sum_words(figure, typed())))
    if may:
        button(L("保存计划", "Save the plan"), lambda used: _save(actor, figure, typed(), used), form=form,
               kind="primary", icon=":material/check:")  # fmt: skip
        errors_of(form)


def _named(board: Board, months: list[L]) -> Any:
    return zip(period_of(board).months, months, strict=True)


def _begin(begun: str, figure: Figure, months: int) -> Amounts:
    """What the grid starts from: what is stored, an even spread, or nothing."""
    if begun == "even":
        return list(targets.even(float(figure.target or 0) - float(figure.base), months))
    return list(figure.plan) if begun == "stored" and figure.plan else [None] * months


def _starts(form: str, figure: Figure) -> None:
    with st.container(horizontal=True):
        for name, label, icon in (
            ("even", L("平均分到各月", "Spread evenly"), ":material/align_horizontal_left:"),
            ("none", L("清空计划", "Clear the plan"), ":material/backspace:"),
        ):
            st.button(t(label), icon=icon, key=field_key(form, name), on_click=_start_from, args=(form, name))


def _start_from(form: str, name: str) -> None:
    st.session_state[field_key(form, "from")] = name


def _sum_words(figure: Figure, amounts: Amounts) -> L:
    planned = [amount or 0 for amount in amounts]
    if not any(amount is not None for amount in amounts):
        return L("没有月度计划：进度按时间平均计算。", "No plan: what is due grows evenly.")
    words, total = plan_words(figure, planned), numbers(float(sum(planned)))
    return L(f"**合计 {total.zh}** · {words.zh}", f"**Sum {total.en}** · {words.en}")


def _save(actor: Actor, figure: Figure, amounts: Amounts, used: str) -> Outcome:
    targets.save_plan(actor, figure.id, amounts, token=used)
    return Outcome(L("月度计划已保存，进度随之重算", "The plan is saved; the pace follows it"))
