"""The personal link of an enrolment, given again by staff."""

import streamlit as st

from models.training import OVER, SEATED
from models.words import L
from services import checkin, enrolling
from services.access import Actor
from services.store import Row
from services.timetable import RosterRow
from ui.shell import literal, site, t


def own_link(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    """A new personal link for somebody who lost theirs, or never had one: shown, copied, scanned; the audit keeps who."""
    seated = {p.enrolment_id: p for p in people if p.enrolment_id and p.state in SEATED}
    if not seated or row.values["state"] in OVER:
        return
    with st.popover(t(L("个人报名链接", "Personal link")), icon=":material/link:"):
        who = st.selectbox(
            t(L("谁", "Who")), list(seated), format_func=lambda key: named(seated[key]), key=f"link.{row.id}"
        )
        st.caption(t(L("生成新链接后，原来的链接失效。", "With a new link, the one before ends.")))
        shows = st.button(t(L("生成新链接", "Make a new link")), icon=":material/add_link:")
    if shows:
        st.dialog(literal(seated[who].name))(_show_link)(site() + enrolling.link_of(actor, who))


def _show_link(url: str) -> None:
    st.markdown(
        t(
            L(
                "请只发给本人：凭它可以查看和退出报名。原来的链接已失效；这个链接关掉后不再显示。",
                "Pass it to them alone: it shows their place and gives it back. The link before has ended;"
                " this one is not shown again.",
            )
        )
    )
    st.code(url, language=None, wrap_lines=True)
    st.image(checkin.poster_svg(url), width=260)


def named(person: RosterRow) -> str:
    return " · ".join(part for part in (person.name, person.phone) if part)
