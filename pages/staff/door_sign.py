"""The sign of a session's door on its page: the QR code, fixed or changing, six digits, how many came, the big screen."""

import streamlit as st

from models.training import SessionState
from models.words import L
from services import checkin, clock
from services.access import Actor
from services.checkin import DoorSign
from services.store import Row
from ui.shell import t

EVERY = 10  # seconds: a changing code holds for longer


def sign(actor: Actor, row: Row) -> None:
    """Also of a session that was marked as held, as long as one may sign out; nothing once the door is shut."""
    if row.values["state"] == SessionState.CANCELLED or not actor.may("write", "training"):
        return
    now = checkin.door(actor, row.id)
    if now.view.closed == "over":
        return
    is_over = row.values["ends"] <= clock.now()
    with st.container(border=True):
        title = L("扫码签退", "Sign out by QR code") if is_over else L("扫码签到、签退", "Sign in and out by QR code")
        st.markdown(f"**{t(title)}**")
        if row.values["door_code"] == "rotating":
            _changing(actor, row.id)
        else:
            _shown(now)


@st.fragment(run_every=f"{EVERY}s")
def _changing(actor: Actor, key: int) -> None:
    _shown(checkin.door(actor, key))


def _shown(now: DoorSign) -> None:
    site = str(st.context.url or "").split("/training_session")[0]
    words = L("动态码，每 30 秒更换", "Changes every 30 seconds")
    if not now.view.rotates:
        words = L("开始前 60 分钟起，结束后 60 分钟止", "From 60 minutes before to 60 minutes after")
    with st.container(horizontal_alignment="center"):
        st.image(checkin.poster_svg(site + now.path), width=240, caption=t(words))
    digits = f"{now.digits[:3]} {now.digits[3:]}"
    st.markdown(t(L(f"不能扫码：打开 **/c** 填 **{digits}**", f"Cannot scan: open **/c** and type **{digits}**")))
    st.caption(t(L(f"{now.came} / {now.expected} 人已签到", f"{now.came} of {now.expected} checked in")))
    st.link_button(
        t(L("投到大屏", "Show on a big screen")), site + now.screen, icon=":material/present_to_all:", width="stretch"
    )
    if not now.view.rotates:
        st.link_button(
            t(L("打开签到页", "Open the check-in page")),
            site + now.path,
            icon=":material/open_in_new:",
            width="stretch",
        )
