"""A closed month: its figures as they were kept, in each of its editions, and what happened between them (K8)."""

import streamlit as st

from models.words import L
from pages.leader.corrections import correction
from reports.figure_words import amount, number, original_words, percent, value_words
from reports.month_words import counts_words, edition_words, month_title, month_words
from reports.series import monthly_values
from reports.states import STATES, state_of
from services import closing
from services.access import Actor
from services.closing import Month, Year
from services.figures import Figure
from ui.shell import header, language, link, t
from ui.tables import Columns, frame

UNTOLD = {"ongoing": L("每月都有", "Every month"), "several": L("若干", "Several")}


def page(actor: Actor, year: Year, month: Month) -> None:
    link(L("全部月份", "All months"), "closing", ":material/arrow_back:", contract=year.contract_id)
    header(t(month_title(month)), f"{t(month_words(month))} · {t(counts_words(month))}")
    boards = [closing.snapshot(actor, edition.id) for edition in month.editions]
    for edition, before, after in zip(month.editions, boards, [*boards[1:], None], strict=True):
        if edition.reopened_at is not None:
            correction(actor, edition, before, after)
    chosen = _edition(len(boards))
    st.subheader(t(L("月末数字", "Figures at its end")))
    st.caption(t(edition_words(month.editions[chosen])))
    st.dataframe(frame(boards[chosen].figures, COLUMNS), hide_index=True, height="content", key="closing.table")


def _edition(editions: int) -> int:
    """Which of the editions is shown, from 0: the last one at first, the choice only where there are several."""
    if editions == 1:
        return 0
    picked = st.segmented_control(
        t(L("版次", "Edition")), range(editions), default=editions - 1, key="closing.edition",
        format_func=lambda place: t(L(f"第 {place + 1} 版", f"Edition {place + 1}")),
    )  # fmt: skip
    return editions - 1 if picked is None else picked


def _month(figure: Figure) -> str:
    last = monthly_values(figure)[-1:]
    return "—" if not last else percent(last[0]) if figure.kind == "ratio" else number(last[0], language())


def _so_far(figure: Figure) -> str:
    return "—" if figure.actual is None else t(value_words(figure)[0])


def _target(figure: Figure) -> str:
    if figure.kind in UNTOLD:
        return t(UNTOLD[figure.kind])
    goal = value_words(figure)[1] if figure.kind != "per_unit" else amount(figure.target or 0, figure.unit)
    return f"{t(goal).removeprefix('/ ')} {t(original_words(figure))}".strip()


COLUMNS: Columns = {
    L("编号", "Code"): lambda figure: figure.code,
    L("指标", "Indicator"): lambda figure: t(figure.name),
    L("本月", "Month"): _month,
    L("累计", "So far"): _so_far,
    L("目标", "Target"): _target,
    L("状态", "State"): lambda figure: t(STATES[state_of(figure)].word),
}
