"""Subscribing to the calendar with a phone: an address and its QR code, the addresses one has, taking one back."""

import streamlit as st

from models.training import Base
from models.words import L
from services import checkin, feeds
from services.access import Actor
from services.feeds import Feed
from ui.shell import Outcome, button, literal, number, param, t


def popover(actor: Actor) -> None:
    with st.popover(t(L("订阅", "Subscribe")), icon=":material/rss_feed:", on_change="rerun", key="feeds") as opened:
        if opened.open:
            _subscribing(actor)


def _subscribing(actor: Actor) -> None:
    st.markdown(
        t(L("手机和电脑的日历可以订阅培训，改期、取消会自动更新。按页面上选的一项筛选订阅，没选就是全部。",
            "A phone's or computer's calendar can subscribe: changes and cancellations follow by themselves. It is for what"
            " the page shows: one venue, instructor or base, or all."))
    )  # fmt: skip

    def act(used: str) -> Outcome:
        base = param("base")
        made = feeds.subscribe(
            actor, venue_id=number("venue_id") or None, instructor_id=number("instructor_id") or None,
            base=Base(base) if base else None, token=used,
        )  # fmt: skip
        return Outcome(L(f"已生成订阅地址：{literal(made.of.zh)}", f"An address was made: {literal(made.of.en)}"))

    button(L("生成订阅地址", "Make an address"), act, form="feed.new", icon=":material/add_link:", kind="primary")
    for feed in feeds.mine(actor):
        _feed(actor, feed)


def _feed(actor: Actor, feed: Feed) -> None:
    url = str(st.context.url or "").split("/calendar")[0] + feed.path
    with st.container(border=True):
        names = dict.fromkeys([t(feed.kind.label), t(feed.of)])
        st.markdown(f"**{literal(' · '.join(names))}**")
        st.code(url, language=None, wrap_lines=True)
        with st.expander(t(L("用手机扫码订阅", "Scan it with a phone"))):
            st.image(checkin.poster_svg(url), width=220)
            st.caption(t(L("iPhone 扫码后选“订阅”；安卓把地址粘贴到日历的“订阅日历”里。",
                           "An iPhone offers to subscribe; on Android paste the address under “add by URL”.")))  # fmt: skip

        def act(_used: str) -> Outcome:
            feeds.revoke(actor, feed.id)
            return Outcome(L("地址已作废", "The address leads nowhere any more"))

        button(L("作废", "Revoke"), act, form=f"feed.{feed.id}", icon=":material/link_off:")
        st.caption(
            t(
                L(
                    "知道地址的人都能看到，请勿外传；泄露了就作废。",
                    "Whoever has the address can read it. Revoke one that got about.",
                )
            )
        )
