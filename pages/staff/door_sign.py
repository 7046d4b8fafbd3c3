"""The sign of a session's door on its page: the QR code and six digits of this moment, how many came, the big screen."""

import streamlit as st

from models.training import DoorCode, SessionState
from models.words import L
from services import checkin, clock
from services.access import Actor
from services.store import Row
from ui.shell import Outcome, button, errors_of, site, t

EVERY = 10  # seconds: a code holds for longer
ABOUT = {
    DoorCode.ROTATING: L("动态码，每 30 秒更换", "Changes every 30 seconds"),
    DoorCode.TOLD: L(
        "没有屏幕：贴海报，把这 6 位数字报给在场的人，每 5 分钟更换",
        "No screen: hang the poster and tell these digits in the room; they change every 5 minutes",
    ),
}


def sign(actor: Actor, row: Row) -> None:
    """Also of a session that was marked as held, as long as one may sign out; nothing once the door is shut."""
    if row.values["state"] == SessionState.CANCELLED or not actor.may("write", "training"):
        return
    now = checkin.door(actor, row.id)
    if now.view.closed == "over":
        return
    is_over = row.values["ends"] <= clock.now() or row.values["state"] == SessionState.HELD
    with st.container(border=True):
        title = L("扫码签退", "Sign out by QR code") if is_over else L("扫码签到、签退", "Sign in and out by QR code")
        st.markdown(f"**{t(title)}**")
        _changing(actor, row.id, DoorCode(row.values["door_code"]))
        _renewing(actor, row.id)


@st.fragment(run_every=f"{EVERY}s")
def _changing(actor: Actor, key: int, kind: DoorCode) -> None:
    now, here = checkin.door(actor, key), site()
    if now.digits:
        _code(now, here, kind)
    else:
        st.caption(t(L("开课前 1 小时起显示签到码。", "The code shows from an hour before the session.")))
    label = L("投到大屏", "Show on a big screen")
    st.link_button(t(label), here + now.screen, icon=":material/present_to_all:", width="stretch")


def _code(now: checkin.DoorSign, here: str, kind: DoorCode) -> None:
    digits = f"{now.digits[:3]} {now.digits[3:]}"
    st.metric(t(L("现在的 6 位数字", "The six digits now")) + t(_which(now.view)), digits)
    st.caption(t(ABOUT[kind]))
    with st.container(horizontal_alignment="center"):
        st.image(checkin.poster_svg(here + now.path), width=240)
    st.markdown(t(L(f"不能扫码：打开 **{here}/c** 填数字", f"Cannot scan: open **{here}/c** and type the digits")))
    typed = L(f"，其中 {now.typed} 人填数字", f", {now.typed} by typed digits") if now.typed else L("", "")
    which = _which(now.view)
    came = L(f"{now.came} / {now.expected} 人已签到{which.zh}", f"{now.came} of {now.expected} checked in{which.en}")
    st.caption(t(came) + t(typed))


def _which(view: checkin.CheckinView) -> L:
    """The lesson that people come to now."""
    return L(f"（第 {view.lesson} 次课）", f" (lesson {view.lesson})") if view.lesson else L("", "")


def _renewing(actor: Actor, key: int) -> None:
    """The door gets a new secret where the screen's link or the poster has come into the wrong hands."""
    form = f"door.{key}"
    with st.popover(t(L("更换签到链接", "Renew the links")), icon=":material/lock_reset:", width="stretch"):
        told = L("大屏链接外泄时用。旧的大屏、海报和签到码立即失效：请重新投屏、重印海报。",
                 "For a link that got about. Old screens, posters and codes end: show and print them anew.")  # fmt: skip
        st.caption(t(told))

        def act(_used: str) -> Outcome:
            checkin.renew(actor, key)
            return Outcome(L("已更换，旧链接已失效", "Renewed; the old links have ended"))

        button(L("更换", "Renew"), act, form=form)
        errors_of(form)
