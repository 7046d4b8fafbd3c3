"""Reminders that leave the building: the channels, a test of each, and what became of every reminder."""

import streamlit as st

from models.reminders import ChannelKind, Pace
from models.words import L
from pages.admin import reminders_form, reminders_history
from pages.admin.reminders_history import moment_words
from services import channels, sending
from services.access import Actor
from services.channels import Channel
from ui.shell import Outcome, button, empty, go, header, literal, number, param, t

ABOUT = L(
    "把待办和证书到期发到邮箱或企业微信群；不设也不影响使用。",
    "Send what waits to a mailbox or a WeCom group; the portal works without it too.",
)


def page(actor: Actor) -> None:
    found = channels.channels(actor)
    chosen = next((one for one in found if one.id == number("id")), None)
    if actor.may("write", "admin") and (chosen or param("do") == "new"):
        reminders_form.form(actor, chosen)
        return
    with header(t(L("提醒", "Reminders")), ABOUT):
        if actor.may("write", "admin") and found and st.button(t(reminders_form.NEW), icon=":material/add:"):
            go("reminders", do="new")
    if not found:
        _none(actor)
    for one in found:
        _card(actor, one)
    reminders_history.show(actor)


def _none(actor: Actor) -> None:
    about = L(
        "需要时再设：院内邮箱服务器，或企业微信群里的机器人。",
        "Set one when you need it: the hospital's mail server, or a robot in a WeCom group.",
    )
    place = empty(L("没有提醒渠道", "No channel is set"), about, "notifications_off")
    if actor.may("write", "admin") and place.button(t(reminders_form.NEW), icon=":material/add:", type="primary"):
        go("reminders", do="new")


def _card(actor: Actor, one: Channel) -> None:
    told = one.values
    kind = ChannelKind(told["kind"])
    icon = "mail" if kind == ChannelKind.EMAIL else "forum"
    when = L(f"每天 {told['at']}", f"daily at {told['at']}") if told["pace"] == Pace.DAILY else Pace.AT_ONCE.label
    last = moment_words(one.last_sent) if one.last_sent else t(L("还没有发过", "nothing sent yet"))
    known = channels.kinds()
    what = t(L("、", ", ")).join(t(known[name]) for name in told["kinds"] if name in known)
    with st.container(border=True, key=f"channel-{one.id}"):
        off = "" if told["active"] else f" · :orange[{t(L('已停用', 'off'))}]"
        st.markdown(f":material/{icon}: **{literal(told['name'])}** · {t(kind.label)} · {t(when)}{off}")
        st.caption(literal(what))
        words = [t(L(f"最近发送：{last}", f"Last sent: {last}"))]
        words += [t(L(f"待发送 {one.queued}", f"{one.queued} queued"))] if one.queued else []
        words += [f":red[{t(L(f'未送达 {one.failed}', f'{one.failed} not delivered'))}]"] if one.failed else []
        st.markdown(" · ".join(words))
        if actor.may("write", "admin"):
            _buttons(actor, one)


def _buttons(actor: Actor, one: Channel) -> None:
    def test(_used: str) -> Outcome:
        if said := channels.test(actor, one.id):
            why = sending.failure_of(said).label
            return Outcome(
                L(f"测试没有送达：{why.zh}", f"The test failed. {why.en}"), stays=True, partly=True, raw=said
            )
        return Outcome(L("测试已送达服务器，请查收。", "The server took the test; please look for it."), stays=True)

    def retry(_used: str) -> Outcome:
        again = channels.retry(actor, one.id)
        return Outcome(L(f"{again} 条重新排队", f"{again} queued again"))

    with st.container(horizontal=True):
        button(L("发送测试", "Send a test"), test, form=f"test.{one.id}", icon=":material/send:")
        if one.failed:
            button(L("重发未送达", "Try again"), retry, form=f"again.{one.id}", icon=":material/replay:")
        if st.button(t(L("修改", "Edit")), key=f"edit.{one.id}", icon=":material/edit:"):
            go("reminders", id=one.id)
