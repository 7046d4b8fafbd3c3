"""The page frame: who is here, the menu that their roles may read, language and account; then the page."""

from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from models.words import L
from pages import Screen, menu
from pages.sections import names, screens
from pages.staff import search
from services import accounts
from services.access import Actor
from services.errors import Denied
from services.institution import PORTAL
from ui import shell
from ui.shell import t
from ui.style import CHINESE, CSS

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
    heartbeat(actor.session_id or 0)
    pages = shell.kept_pages((actor, shell.language()), partial(open_pages, actor))
    closed = [st_page(screen, actor, closed=True) for screen in screens() if screen.url not in pages and asked(screen)]
    current = st.navigation([*pages.values(), *closed], position="hidden")
    with st.sidebar:
        search.box()
        menu.draw(screens(), pages, current.url_path or "today")
        menu.foot(actor, current.url_path)
    current.run()


def open_pages(actor: Actor) -> dict[str, Any]:
    return {screen.url: st_page(screen, actor) for screen in screens() if screen.open_to(actor)}


def asked(screen: Screen) -> bool:
    """Whether the address that is asked for is this screen's: the browser opens a page by its name, and goes on by its hash."""
    run = get_script_run_ctx()
    return bool(run and screen.url in (run.pages_manager.intended_page_name, names().get(run.page_script_hash)))


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
    if shell.on_timer() and accounts.actor_of(session_id) is None:
        st.rerun()


def signed_out() -> None:
    st.navigation([st.Page(partial(_signed_out), title="登录", url_path="", default=True)], position="hidden")
    _signed_out()


def _signed_out() -> None:
    box = shell.empty(L("请重新登录", "Please sign in again"), L("您的登录已结束。", "Your session has ended."), "lock")
    box.html("<a href='/signin' target='_self'>登录 · Sign in</a>")


frame()
