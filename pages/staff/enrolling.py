"""How people come into a session: its public page and partners' links; once that is over, on which ways they came."""

from collections import Counter

import streamlit as st

from models.training import EnrolmentSource, EnrolmentState
from models.words import L
from pages.staff.partner_invites import partners
from services import checkin, enrolling
from services.access import Actor
from services.store import Row
from services.timetable import RosterRow
from ui.shell import Outcome, button, errors_of, escaped, site, t
from ui.words import span

WAYS = {
    EnrolmentSource.STAFF: L("由工作人员报名", "Enrolled by staff"),
    EnrolmentSource.PUBLIC: L("网上报名", "Enrolled online"),
    EnrolmentSource.WALK_IN: L("现场报名", "Walked in"),
    EnrolmentSource.IMPORT: L("由名单导入", "From an imported list"),
    EnrolmentSource.PARTNER: L("由合作单位报名", "Enrolled by partners"),
}


def public(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    """The public page of the session: its code, the words to pass on in WeChat, and whether it is shown."""
    if enrolling.closed(actor, row.id) not in ("", "not_open_yet"):
        _came_by(people)
        return
    shown, form = bool(row.values["open_to_public"]), f"public.{row.id}"
    with st.container(border=True):
        st.markdown(f"**{t(L('网上报名', 'Public enrolment'))}**")
        if shown:
            _page(row, f"{site()}{enrolling.path(actor, row.id)}")
        else:
            st.caption(
                t(
                    L(
                        "没有对外公开：只能由工作人员或合作单位报名。",
                        "Not shown to the public: staff and partners enrol.",
                    )
                )
            )

        def act(_used: str) -> Outcome:
            enrolling.publish(actor, row.id, not shown)
            return Outcome(L("已停止公开", "Not public any more") if shown else L("已对外公开", "Open to the public"))

        label = L("停止公开", "Take it off") if shown else L("对外公开", "Open to the public")
        button(label, act, form=form, icon=":material/public_off:" if shown else ":material/public:", width="stretch")
        errors_of(form)
        partners(actor, row)


def _came_by(people: list[RosterRow]) -> None:
    """How many came in on which way; nothing where nobody did."""
    ways = Counter(one.source for one in people if one.source and one.state != EnrolmentState.CANCELLED)
    if not ways:
        return
    with st.container(border=True):
        st.markdown(f"**{t(L('报名已截止', 'Registration has closed'))}**")
        lines = [t(way_words(way, ways[way])) for way in EnrolmentSource if ways[way]]
        st.html("<br>".join(map(escaped, lines)))


def way_words(way: EnrolmentSource, count: int) -> L:
    """由工作人员报名 3 人"""
    words = WAYS[way]
    return L(f"{words.zh} {count} 人", f"{words.en}: {count}")


def _page(row: Row, url: str) -> None:
    with st.popover(t(L("二维码", "QR code")), icon=":material/qr_code_2:", width="stretch"):
        st.image(checkin.poster_svg(url), width="stretch")
        st.link_button(t(L("打开报名页", "Open the page")), url, icon=":material/open_in_new:", width="stretch")
    with st.popover(t(L("微信文案", "Text for WeChat")), icon=":material/content_copy:", width="stretch"):
        for words in announcement(row, url):
            st.code(words, language=None, wrap_lines=True)


def announcement(row: Row, url: str) -> L:
    """What is passed on: title, when, where, link."""
    when, where = span(row.values["starts"], row.values["ends"]), row.show("venue_id")
    zh = [f"【培训报名】{row.title}", f"时间：{when.zh}", *([f"地点：{where}"] if where else []), f"报名：{url}"]
    en = [
        f"Training: {row.title}",
        f"When: {when.en}",
        *([f"Where: {where}"] if where else []),
        f"Enrol: {url}?lang=en",
    ]
    return L("\n".join(zh), "\n".join(en))
