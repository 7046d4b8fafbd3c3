"""One WeChat group: its members over time, the newest count and its change, and the day of its end."""

from typing import Any

import streamlit as st

from models import RECORDS
from models.community import GroupState
from models.words import L
from services import clock, steps, store, wechat
from services.access import Actor
from services.store import Query, Row
from ui import charts
from ui.detail import detail, related_table
from ui.kpi import draw_chart, mode
from ui.shell import Outcome, language, literal, t
from ui.steps import short_form
from ui.words import day_words

GROUP, SNAPSHOT, CAMPAIGN = RECORDS["wechat_group"], RECORDS["group_snapshot"], RECORDS["welfare_campaign"]


def page(actor: Actor, key: int) -> None:
    detail(actor, GROUP, key, actions=_actions, above=_group, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    founded = t(L("建群", "founded"))
    parts = (row.show("theme"), row.show("owner"), f"{founded} {row.show('founded_on', language())}")
    return row.title, " · ".join(part for part in parts if part)


def _actions(actor: Actor, row: Row) -> None:
    if "dissolve" not in steps.open_to(actor, GROUP, wechat.STEPS, row.values["state"]):
        return
    form = f"dissolve.{row.id}"

    def act(given: dict[str, Any], used: str) -> Outcome:
        steps.take(actor, GROUP, wechat.STEPS["dissolve"], row.id, given, version=row.version, token=used)
        return Outcome(L(f"已解散：{literal(row.title)}", f"Dissolved: {literal(row.title)}"))

    with st.popover(t(L("解散", "Dissolve")), icon=":material/group_off:"):
        preset = {"dissolved_on": clock.today()}
        short_form(actor, GROUP, ("dissolved_on",), form, L("确认解散", "Dissolve"), act, preset=preset)


def _group(actor: Actor, row: Row) -> None:
    points, state = wechat.series(actor, row.id), GroupState(row.values["state"])
    with st.container(horizontal=True):
        st.badge(t(state.label), color="green" if state == GroupState.ACTIVE else "gray")
        if row.values["dissolved_on"]:
            st.badge(row.show("dissolved_on", language()), icon=":material/event_busy:", color="gray")
    if points:
        _numbers(points)
        name = SNAPSHOT.field("members").label
        draw_chart(charts.over_time(points, name, wechat.FULL, language(), mode()), "chart.members", row.title)
    else:
        st.info(
            t(L("还没有快照：在“本月快照”里填。", "No count yet: fill in the monthly snapshots.")),
            icon=":material/edit_note:",
        )
    for record in (SNAPSHOT, CAMPAIGN):
        found = store.rows(actor, record, Query(filters={"group_id": row.id}, size=12, sort=record.sort))
        related_table(actor, record, record.field("group_id"), row.id, found, "above")


def _numbers(points: list[Any]) -> None:
    (day, now), before = points[-1], points[-2] if len(points) > 1 else None
    with st.grid(3, min_column_width=150):
        st.metric(t(L("最新人数", "Members")), f"{now:,}", border=True, help=t(day_words(day)))
        if before:
            st.metric(t(L("比上次", "Since the last count")), f"{now - before[1]:+,}", border=True)
        st.metric(t(L("离 500 人上限", "Room up to 500")), f"{max(wechat.FULL - now, 0):,}", border=True)
