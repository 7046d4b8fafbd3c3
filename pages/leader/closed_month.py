"""A closed month: its figures as they were kept, what a later edition changed, and the adjustments that did it (K8)."""

from typing import Any

import pandas as pd
import streamlit as st

from models import RECORDS
from models.words import L
from reports.figure_words import amount, number, original_words, percent, value_words
from reports.month_words import counts_words, days_words, edition_words, month_title, month_words
from reports.series import monthly_values
from reports.states import STATES, state_of
from services import clock, closing
from services.access import Actor
from services.closing import Change, Difference, Edition, Month, Year
from services.figures import Board, Figure
from ui.detail import changes_words
from ui.shell import escaped, go, header, language, link, t

UNTOLD = {"ongoing": L("每月都有", "Every month"), "several": L("若干", "Several")}


def page(actor: Actor, year: Year, month: Month) -> None:
    link(L("全部月份", "All months"), "closing", ":material/arrow_back:", contract=year.contract_id)
    header(t(month_title(month)), f"{t(month_words(month))} · {t(counts_words(month))}")
    boards = [closing.snapshot(actor, edition.id) for edition in month.editions]
    for place, edition in enumerate(month.editions):
        if edition.reopened_at is not None:
            later = boards[place + 1] if place + 1 < len(boards) else None
            _correction(actor, edition, boards[place], later)
    chosen = len(boards) - 1
    if len(boards) > 1:
        picked = st.segmented_control(
            t(L("版次", "Edition")), range(len(boards)), default=chosen, key="closing.edition",
            format_func=lambda place: t(L(f"第 {place + 1} 版", f"Edition {place + 1}")),
        )  # fmt: skip
        chosen = chosen if picked is None else picked
    st.subheader(t(L("月末数字", "Figures at its end")))
    st.caption(t(edition_words(month.editions[chosen])))
    st.dataframe(_table(boards[chosen]), hide_index=True, height="content", key="closing.table")


def _table(board: Board) -> pd.DataFrame:
    shown = [(figure, value_words(figure)) for figure in board.figures]
    return pd.DataFrame(
        {
            t(L("编号", "Code")): [figure.code for figure, _ in shown],
            t(L("指标", "Indicator")): [t(figure.name) for figure, _ in shown],
            t(L("本月", "Month")): [_month(figure) for figure, _ in shown],
            t(L("累计", "So far")): ["—" if figure.actual is None else t(actual) for figure, (actual, _) in shown],
            t(L("目标", "Target")): [_target(figure) for figure, _ in shown],
            t(L("状态", "State")): [t(STATES[state_of(figure)].word) for figure, _ in shown],
        }
    )


def _month(figure: Figure) -> str:
    last = monthly_values(figure)[-1:]
    return "—" if not last else percent(last[0]) if figure.kind == "ratio" else number(last[0], language())


def _target(figure: Figure) -> str:
    if figure.kind in UNTOLD:
        return t(UNTOLD[figure.kind])
    goal = value_words(figure)[1] if figure.kind != "per_unit" else amount(figure.target or 0, figure.unit)
    return f"{t(goal).removeprefix('/ ')} {t(original_words(figure))}".strip()


def _correction(actor: Actor, edition: Edition, before: Board, after: Board | None) -> None:
    """What was reopened and why, the adjustments, and once it was closed again what they changed."""
    assert edition.reopened_at
    day, who = clock.local(edition.reopened_at).date(), edition.reopened_by
    with st.container(border=True):
        opened = L(f"{who}于 {day} 重新打开第 {edition.number} 版", f"{who} reopened edition {edition.number} on {day}")
        st.html(f"<h4>{escaped(t(opened))}</h4><p>{escaped(t(L('理由：', 'Reason: ')) + edition.reason)}</p>")
        changes = closing.adjustments(actor, edition.id)
        told = [_difference(one) for one in closing.differences(before, after)] if after else []
        if told:
            st.html(f"<h4>{t(L('数字的变化', 'What changed'))}</h4><dl class='f'>{''.join(told)}</dl>")
        elif after:
            st.caption(t(L("两版数字相同。", "Both editions show the same figures.")))
        st.html(f"<h4>{t(L(f'调整 {len(changes)} 处', f'Adjustments: {len(changes)}'))}</h4>")
        if changes:
            _adjustments(actor, changes, f"closing.changes.{edition.id}")


def _difference(one: Difference) -> str:
    before, after = (f"{t(value_words(f)[0])} · {t(STATES[state_of(f)].word)}" for f in one)
    label = f"{one.after.code} {t(one.after.name)}"
    return f"<dt>{escaped(label)}</dt><dd>{escaped(before)} → <b>{escaped(after)}</b></dd>"


def _adjustments(actor: Actor, changes: list[Change], key: str) -> None:
    frame = pd.DataFrame(
        {
            t(L("时间", "At")): [f"{clock.local(one.at):%Y-%m-%d %H:%M}" for one in changes],
            t(L("谁", "Who")): [one.actor for one in changes],
            t(L("做了什么", "What")): [f"{t(one.verb.label)} · {t(RECORDS[one.record].label)}" for one in changes],
            t(L("记录", "Record")): [one.title or f"#{one.record_id}" for one in changes],
            t(L("改了哪里", "What changed")): [changes_words(RECORDS[one.record], one.fields) for one in changes],
            t(L("日期", "Dated")): [days_words(one) for one in changes],
            t(L("理由", "Reason")): [one.reason for one in changes],
        }
    )
    event: Any = st.dataframe(frame, hide_index=True, on_select="rerun", selection_mode="single-cell", key=key)
    if event.selection.cells:
        chosen = changes[event.selection.cells[0][0]]
        go(chosen.record, id=chosen.record_id)
