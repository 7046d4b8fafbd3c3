"""What became of the newest reminders, and the servers' own words where one was not taken."""

from datetime import datetime

import streamlit as st

from models.reminders import ReminderState
from models.words import L
from services import channels, clock
from services.access import Actor
from services.channels import Told
from ui.shell import t
from ui.tables import Columns, frame

STATES = {
    ReminderState.QUEUED: L("○ 待发送", "○ queued"),
    ReminderState.SENT: L("● 已发送", "● sent"),
    ReminderState.FAILED: L("◆ 未送达", "◆ not delivered"),
}
TESTED = {
    ReminderState.SENT: L("● 测试通过", "● test passed"),
    ReminderState.FAILED: L("◇ 测试未通过", "◇ test failed"),
}


def moment_words(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def show(actor: Actor) -> None:
    told = channels.recent(actor)
    if not told:
        return
    st.subheader(t(L("最近的提醒", "The newest reminders")))
    st.dataframe(frame(told, COLUMNS), hide_index=True)
    said = [one for one in told if one.words]
    if said and actor.may("write", "admin"):
        with st.expander(t(L("服务器的原话", "The servers' own words"))):
            lines = (f"{moment_words(one.due_at)} {one.channel}\n{one.words}" for one in said)
            st.code("\n\n".join(lines), language=None, wrap_lines=True)


COLUMNS: Columns = {
    L("状态", "State"): lambda one: t(_state(one)),
    L("内容", "Text"): lambda one: one.title,
    L("渠道", "Channel"): lambda one: one.channel,
    L("种类", "Kind"): lambda one: t(one.kind),
    L("发送时间", "Sent at"): lambda one: moment_words(one.sent_at) if one.sent_at else "",
    L("次数", "Tries"): lambda one: one.tries,
    L("原因", "Reason"): lambda one: t(one.failure.label) if one.failure else "",
}


def _state(one: Told) -> L:
    return TESTED.get(one.state, STATES[one.state]) if one.is_test else STATES[one.state]
