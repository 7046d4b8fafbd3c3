"""The sign of a session's door on its page: the QR code and six digits of this moment, how many came, the big screen."""

import streamlit as st

from models.training import DoorCode, SessionState
from models.words import L
from services import checkin
from services.access import Actor
from services.store import Row
from ui.shell import site, t

EVERY = 10  # seconds: a code holds for longer
ABOUT = {
    DoorCode.ROTATING: L("动态码，每 30 秒更换", "Changes every 30 seconds"),
    DoorCode.TOLD: L(
        "没有屏幕：贴海报，把这 6 位数字报给在场的人，每 5 分钟更换",
        "No screen: hang the poster and tell these digits in the room; they change every 5 minutes",
    ),
}


def sign(actor: Actor, row: Row) -> None:
    with st.container(border=True):
        st.markdown(f"**{t(L('签到', 'Check in'))}**")
        if row.values["state"] in (SessionState.CANCELLED, SessionState.HELD) or not actor.may("write", "training"):
            st.caption(t(L("当前状态不能扫码签到。", "No check-in in this state.")))
        else:
            _changing(actor, row.id, DoorCode(row.values["door_code"]))


@st.fragment(run_every=f"{EVERY}s")
def _changing(actor: Actor, key: int, kind: DoorCode) -> None:
    now, here = checkin.door(actor, key), site()
    digits = f"{now.digits[:3]} {now.digits[3:]}"
    st.metric(t(L("现在的 6 位数字", "The six digits now")), digits)
    st.caption(t(ABOUT[kind]))
    st.image(checkin.poster_svg(here + now.path), width="stretch")
    st.markdown(t(L(f"不能扫码：打开 **{here}/c** 填数字", f"Cannot scan: open **{here}/c** and type the digits")))
    typed = L(f"，其中 {now.typed} 人填数字", f", {now.typed} by typed digits") if now.typed else L("", "")
    came = L(f"{now.came} / {now.expected} 人已签到", f"{now.came} of {now.expected} checked in")
    st.caption(t(came) + t(typed))
    label = L("投到大屏", "Show on a big screen")
    st.link_button(t(label), here + now.screen, icon=":material/present_to_all:", width="stretch")
