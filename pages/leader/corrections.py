"""What happened to a closed month after it was opened again: why, the adjustments, and what they changed (K8)."""

import streamlit as st

from models import RECORDS
from models.words import L
from reports.figure_words import value_words
from reports.month_words import days_words
from reports.states import STATES, state_of
from services import clock, closing
from services.access import Actor
from services.closing import Change, Difference, Edition
from services.figures import Board
from ui.detail import changes_words
from ui.shell import escaped, go, t
from ui.tables import Columns, frame, picked

COLUMNS: Columns = {
    L("时间", "At"): lambda one: f"{clock.local(one.at):%Y-%m-%d %H:%M}",
    L("谁", "Who"): lambda one: one.actor,
    L("做了什么", "What"): lambda one: f"{t(one.verb.label)} · {t(RECORDS[one.record].label)}",
    L("记录", "Record"): lambda one: one.title or f"#{one.record_id}",
    L("改了哪里", "What changed"): lambda one: changes_words(RECORDS[one.record], one.fields),
    L("日期", "Dated"): days_words,
    L("理由", "Reason"): lambda one: one.reason,
}


def correction(actor: Actor, edition: Edition, before: Board, after: Board | None) -> None:
    """An edition that was opened again; `after` are the figures of the next one, once there is one."""
    with st.container(border=True):
        st.html(_opened(edition))
        if after:
            _differences(before, after)
        _adjustments(closing.adjustments(actor, edition.id), f"closing.changes.{edition.id}")


def _opened(edition: Edition) -> str:
    assert edition.reopened_at
    day, who = clock.local(edition.reopened_at).date(), edition.reopened_by
    opened = L(f"{who}于 {day} 重新打开第 {edition.number} 版", f"{who} reopened edition {edition.number} on {day}")
    return f"<h4>{escaped(t(opened))}</h4><p>{escaped(t(L('理由：', 'Reason: ')) + edition.reason)}</p>"


def _differences(before: Board, after: Board) -> None:
    told = "".join(_difference(one) for one in closing.differences(before, after))
    if told:
        st.html(f"<h4>{t(L('数字的变化', 'What changed'))}</h4><dl class='f'>{told}</dl>")
    else:
        st.caption(t(L("两版数字相同。", "Both editions show the same figures.")))


def _difference(one: Difference) -> str:
    before, after = (f"{t(value_words(f)[0])} · {t(STATES[state_of(f)].word)}" for f in one)
    label = f"{one.after.code} {t(one.after.name)}"
    return f"<dt>{escaped(label)}</dt><dd>{escaped(before)} → <b>{escaped(after)}</b></dd>"


def _adjustments(changes: list[Change], key: str) -> None:
    """A click opens the record that was changed."""
    st.html(f"<h4>{t(L(f'调整 {len(changes)} 处', f'Adjustments: {len(changes)}'))}</h4>")
    if changes and (one := picked(frame(changes, COLUMNS), changes, key)):
        go(one.record, id=one.record_id)
