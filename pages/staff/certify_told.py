"""What stands above a class's certificates: that it still runs, or that it was too short."""

from datetime import timedelta

import streamlit as st

from models.words import L
from pages.staff.certify_lists import so_far
from services import clock
from services.attending import hours
from services.eligibility import Eligibility
from services.results import Length
from ui.shell import t


def running(found: Eligibility) -> None:
    """Nobody has passed before the end; what is shown of their time is that until now."""
    ends = clock.local(found.ends)
    when = f"{ends:%H:%M}" if ends.date() == clock.today() else f"{ends:%Y-%m-%d %H:%M}"
    words = L(
        f"课还没结束，{when} 以后才能定谁通过。", f"The class runs until {when}; who passed is decided after that."
    )
    st.info(t(words), icon=":material/hourglass_top:")
    so_far(found.candidates)


def too_short(length: Length) -> None:
    """A class that was shorter than its course asks for is certified all the same, with its own hours and a reason."""
    if not length.is_short:
        return
    lasted, wanted = hours(length.lasted), hours(length.wanted)
    each = f"{length.wanted / timedelta(minutes=length.class_hours):g}"
    words = L(
        f"本班共 {lasted} 小时，少于课程的 {length.class_hours:g} 学时（每学时 {each} 分钟，共 {wanted} 小时）。"
        f"证书上写实际的 {length.taught:g} 学时；提交名单要写明理由。",
        f"This class lasted {lasted} hours, less than the {length.class_hours:g} class hours of its course ({wanted} hours"
        f" at {each} minutes each). The certificate names the {length.taught:g} class hours that it had; whoever submits the"
        " list says why.",
    )
    st.warning(t(words), icon=":material/warning:")
