"""The page frame: who is here, the menu that their roles may read, language and account; then the page."""

from functools import partial
from pathlib import Path

import streamlit as st

from models import RECORDS
from models.words import L
from pages import OWN, SCREENS, Screen, menu
from pages.staff import search
from services import accounts
from services.access import Actor
from services.errors import Denied
from services.institution import PORTAL
from ui import shell
from ui.pages import Own, record_page
from ui.shell import t
from ui.style import CHINESE, CSS
from ui.words import plural

STATIC = Path(__file__).resolve().parent.parent / "static"


def frame() -> None:
    """One run of the portal."""
    st.set_page_config(page_title=t(PORTAL), page_icon=str(STATIC / "logo.svg"), layout="wide")
    st.html(CSS + (CHINESE if shell.language() == "zh" else ""))
    st.logo(
        STATIC / ("name-en.svg" if shell.language() == "en" else "name.svg"),
        size="large",
        icon_image=STATIC / "logo.svg",
    )
    actor = shell.actor()
    if actor is None:
        signed_out()
        return
    accounts.touch(actor.session_id or 0)
    heartbeat(actor.session_id or 0)
    every = screens()
    pages = {screen.url: st_page(screen, actor) for screen in every if screen.open_to(actor)}
    shell.keep_pages(pages)
    closed = [st_page(screen, actor, closed=True) for screen in every if screen.url not in pages]
    current = st.navigation([*pages.values(), *closed], position="hidden")
    with st.sidebar:
        search.box()
        menu.draw(every, pages, current.url_path or "today")
        menu.foot(actor, current.url_path)
    current.run()


def screens() -> list[Screen]:
    """The portal's own screens, and the generic page of every record type with a menu entry, by section."""
    generic = [
        Screen(
            record.name, plural(record.label), record.icon, record.area,
            record_page(record, OWN.get(record.name, Own())), place=record.menu,
        )
        for record in RECORDS.values() if record.menu
    ]  # fmt: skip
    order = list(menu.SECTIONS)
    return sorted([*generic, *SCREENS], key=lambda screen: (order.index(screen.section), screen.place))


def refuse(_actor: Actor) -> None:
    """What somebody sees at the address of a page that is not theirs."""
    raise Denied


def st_page(screen: Screen, actor: Actor, *, closed: bool = False) -> st.Page:  # type: ignore[valid-type]
    """A screen as a page of the menu; a closed one has its address, so that it can say that it is closed."""
    return st.Page(
        shell.shown(refuse if closed else screen.draw, actor),
        title=t(screen.label),
        icon=f":material/{screen.icon}:",
        url_path="" if screen.url == "today" else screen.url,
        default=screen.url == "today",
        visibility="visible" if screen.place and not closed else "hidden",
    )


@st.fragment(run_every="60s")
def heartbeat(session_id: int) -> None:
    """A session that was ended elsewhere leaves the screen within a minute, without a click."""
    if accounts.actor_of(session_id) is None:
        st.rerun()


def signed_out() -> None:
    st.navigation([st.Page(partial(_signed_out), title="登录", url_path="", default=True)], position="hidden")
    _signed_out()


def _signed_out() -> None:
    box = shell.empty(L("请重新登录", "Please sign in again"), L("您的登录已结束。", "Your session has ended."), "lock")
    box.html("<a href='/signin' target='_self'>登录 · Sign in</a>")


frame()
