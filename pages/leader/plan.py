"""The monthly plan of an indicator: a grid to type into, its sum against the target."""

from collections.abc import Sequence
from datetime import date

import pandas as pd
import streamlit as st

from models.words import L
from reports.figure_words import month_name, number, numbers, period_of, plan_words
from reports.series import monthly_values
from services import targets
from services.access import Actor
from services.figures import Board, Figure, Number
from ui.shell import Outcome, button, errors_of, field_key, field_value, language, t
from ui.tables import editable, edited

Amounts = list[Number | None]
PLANNED = L("计划量", "Planned")


def editor(actor: Actor, figure: Figure, board: Board) -> None:
    """The plan by month; whoever may amend a target may type into it."""
    form, months, may = f"plan.{figure.id}", [first for first, _ in period_of(board).months], targets.may_amend(actor)
    begun = field_value(form, "from", "stored")
    grid, amounts = f"grid.{begun}", _begin(begun, figure, len(months))
    st.subheader(t(L(f"月度计划（{figure.unit.zh}）", f"Monthly plan ({figure.unit.en})")))
    if may:
        _starts(form, figure)
    kind = {t(PLANNED): st.column_config.NumberColumn(min_value=0)}
    cells = _frame(months, amounts, monthly_values(figure))
    editable(cells, form, grid, PLANNED, may=may, height="content", width=560, column_config=kind)

    def typed() -> Amounts:
        typed_over = edited(form, grid, PLANNED)
        return [typed_over.get(place, amount) for place, amount in enumerate(amounts)]

    st.markdown(t(_sum_words(figure, typed())))
    if may:
        button(L("保存计划", "Save the plan"), lambda used: _save(actor, figure, typed(), used), form=form,
               kind="primary", icon=":material/check:")  # fmt: skip
        errors_of(form)


def _frame(months: list[date], amounts: Amounts, done: Sequence[Number]) -> pd.DataFrame:
    told = [number(value, language()) for value in done]
    return pd.DataFrame(
        {
            t(L("月份", "Month")): [f"{first.year} {t(month_name(first))}" for first in months],
            t(PLANNED): pd.Series(amounts, dtype="float"),
            t(L("实际", "Actual")): [*told, *[""] * (len(months) - len(told))],
        }
    )


def _begin(begun: str, figure: Figure, months: int) -> Amounts:
    """What the grid starts from: what is stored, an even spread, or nothing."""
    if begun == "even":
        return list(targets.even(float(figure.target or 0), months))
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
