"""The menu in the sidebar: a line for each section that this person may read, under the open one its pages, and the foot.

On a phone, where the sidebar covers the page, choosing a page closes it; a section with several pages opens first.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from models.words import L
from pages import Screen
from pages.sections import SECTIONS, Section
from services.access import Actor
from ui.shell import escaped, language, t

MOST = 10
CLOSES = """export default function() {
  if (window.portalMenuCloses) return; window.portalMenuCloses = true;
  document.addEventListener('click', e => {
    const link = e.target.closest('[class*="st-key-menu-"] a');  // a section with several pages stands outside of these
    if (link && window.innerWidth < 768)
      document.querySelector('[data-testid=stSidebarCollapseButton] button')?.click() }) }"""


def draw(screens: Sequence[Screen], pages: Mapping[str, Any], here: str) -> None:
    """Every section with a page of this person's; `here` is the address of the one that is shown."""
    shown = next((screen.section for screen in screens if screen.url == here), "")
    with st.container(key="menu", gap=None):
        for name, section in SECTIONS.items():
            mine = [screen for screen in screens if screen.section == name and screen.place and screen.url in pages]
            if mine:
                is_open, several = name == shown, len(mine) > 1
                _line(section, pages[mine[0].url], "open" if is_open else "" if several else name)
                if is_open and several:
                    _pages(mine, pages, here)
        st.components.v2.component("portal_menu", js=CLOSES)(key="menu-closes")


def _line(section: Section, page: Any, key: str) -> None:
    """With a key, in a box of its own: each box is a message more, at every run."""
    with st.container(key=f"menu-{key}") if key else nullcontext():
        st.page_link(page, label=t(section.label), icon=f":material/{section.icon}:", width="stretch")


def _pages(screens: Sequence[Screen], pages: Mapping[str, Any], here: str) -> None:
    """The first ones stand in sight, the rest a click further: in a fold, open while one of them is shown."""
    first, rest = (screens[:MOST], screens[MOST:]) if len(screens) > MOST + 2 else (screens, [])
    with st.container(key="menu-pages", gap=None):
        for screen in first:
            _page(screen, pages)
        if rest:
            _folded(rest, pages, here)


def _folded(screens: Sequence[Screen], pages: Mapping[str, Any], here: str) -> None:
    is_open = any(screen.url == here for screen in screens)
    label = t(L(f"更多 {len(screens)} 项", f"{len(screens)} more"))
    key = f"menu-more-{screens[0].section}-{is_open}"
    fold = st.expander(label, expanded=is_open, on_change="rerun", key=key)
    if fold.open:
        with fold, st.container(gap=None):
            for screen in screens:
                _page(screen, pages)


def _page(screen: Screen, pages: Mapping[str, Any]) -> None:
    st.page_link(pages[screen.url], label=t(screen.label), width="stretch")


# -- the foot --------------------------------------------------


def foot(actor: Actor, url_path: str) -> None:
    """Who is here, and the other language, which comes back to this page."""
    asked = urlencode(dict(st.query_params))
    back = quote(f"/{url_path}" + (f"?{asked}" if asked else ""))
    other, label = ("en", "English") if language() == "zh" else ("zh", "中文")
    roles = t(L("、", ", ")).join(t(role.label) for role in actor.roles)
    with st.container(key="foot"):
        st.html(
            f"<p><a href='/me' target='_self'>{escaped(actor.name)}</a> <small>· {escaped(roles)}</small></p>"
            f"<p><a href='/lang?to={other}&next={back}' target='_self'>{label}</a> · "
            f"<a href='/password' target='_self'>{t(L('改密码', 'Password'))}</a> · "
            f"<a href='/signout' target='_self'>{t(L('退出', 'Sign out'))}</a></p>"
        )
