"""The table of the monthly counts: one editable column, what looks wrong of it, one save for all."""

from datetime import date

import pandas as pd
import streamlit as st

from models.words import L
from services import wechat
from services.access import Actor
from services.wechat import Count
from ui.shell import Outcome, button, errors_of, literal, t
from ui.tables import editable, edited, height

DOUBTS = {
    "negative": L("是负数", "is below zero"),
    "over_full": L("超过 500 人上限", "is above the 500 of a normal group"),
    "jump": L("与上次相差一半以上", "differs by more than half"),
}
NAME, NOW = L("社群", "Group"), L("本次", "Now")


def grid(actor: Actor, day: date, shown: list[Count]) -> None:
    """The save stands above the table and always there, so that nothing moves under the typing hand."""
    form, may = f"snapshots.{day}", actor.may("write", "community")
    field = f"grid.{hash(tuple(one.id for one in shown)):x}"

    def typed() -> dict[int, int]:
        return {shown[place].id: int(n) for place, n in edited(form, field, NOW).items() if n is not None}

    def act(used: str) -> Outcome:
        done = wechat.take(actor, day, typed(), token=used)
        return Outcome(L(f"已登记 {done} 个群的人数", f"{done} counts saved"))

    if may:
        with st.container(horizontal=True, vertical_alignment="center"):
            changes = len(typed())
            label = L(f"保存 {changes} 个群的人数", f"Save {changes} counts")
            button(label, act, form=form, kind="primary", icon=":material/check:", disabled=not changes)
            st.markdown(_doubts(shown, typed()), width="stretch")
        errors_of(form)
    kind = {t(NOW): st.column_config.NumberColumn(t(NOW), min_value=0, step=1)}
    editable(_frame(shown), form, field, NOW, may=may, height=height(len(shown)), width="stretch", column_config=kind)


def _frame(shown: list[Count]) -> pd.DataFrame:
    return pd.DataFrame({
        t(NAME): [one.name for one in shown],
        t(NOW): pd.array([one.now for one in shown], dtype="Int64"),
        t(L("上次", "Last")): pd.array([one.last for one in shown], dtype="Int64"),
        t(L("上次日期", "Counted on")): [one.last_on.isoformat() if one.last_on else "" for one in shown],
        t(L("群主", "Owner")): [one.owner for one in shown],
    })  # fmt: skip


def _doubts(shown: list[Count], typed: dict[int, int]) -> str:
    found = wechat.doubts(shown, typed)
    if not found:
        return f":gray[{t(L('异常的人数会在这里提示。', 'Odd numbers are pointed out here.'))}]"
    stop = t(L("；", "; "))
    told = stop.join(f"{literal(one.name)} {typed[one.id]:,} {t(DOUBTS[doubt])}" for one, doubt in found[:3])
    more = t(L(f" 等 {len(found)} 处", f" and {len(found) - 3} more")) if len(found) > 3 else ""
    return f":orange[:material/rule: {t(L('请核对：', 'Please check: '))}{told}{more}]"
