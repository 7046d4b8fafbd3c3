"""The menu in the sidebar: a line for each section that this person may read, under the open one its pages, and the foot.

On a phone, where the sidebar covers the page, choosing a page closes it; a section with several pages opens first.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import streamlit as st

from models import RECORDS
from models.words import L
from pages import OWN, SCREENS, Screen
from services.access import Actor
from ui.pages import Own, record_page
from ui.shell import escaped, language, t
from ui.words import plural


@dataclass(frozen=True)
class Section:
    """A section of the menu."""

    label: L
    icon: str


SECTIONS = {
    "today": Section(L("今日", "Today"), "today"),
    "volunteers": Section(L("志愿者", "Volunteers"), "volunteer_activism"),
    "training": Section(L("培训", "Training"), "school"),
    "partners": Section(L("合作单位", "Partners"), "handshake"),
    "services": Section(L("服务对象", "Clients and services"), "personal_injury"),
    "community": Section(L("社区与社群", "Communities"), "groups"),
    "research": Section(L("成果与科研", "Deliverables and research"), "inventory_2"),
    "indicators": Section(L("指标", "Indicators"), "monitoring"),
    "contract": Section(L("合同与站点", "Contract"), "assignment"),
    "reference": Section(L("基础资料", "Reference data"), "tune"),
    "admin": Section(L("管理", "Administration"), "settings"),
}


@cache
def screens() -> list[Screen]:
    """The portal's own screens, and the generic page of every record type with a menu entry, by section."""
    generic = [
        Screen(
            record.name, plural(record.label), record.icon, record.area,
            record_page(record, OWN.get(record.name, Own())), place=record.menu,
        )
        for record in RECORDS.values() if record.menu
    ]  # fmt: skip
    order = list(SECTIONS)
    return sorted([*generic, *SCREENS], key=lambda screen: (order.index(screen.section), screen.place))


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
    """The first ones stand in sight, the rest a click further, open while one of them is shown."""
    first, rest = (screens[:MOST], screens[MOST:]) if len(screens) > MOST + 2 else (screens, [])
    with st.container(key="menu-pages", gap=None):
        for screen in first:
            _page(screen, pages)
        if rest:
            is_open = any(screen.url == here for screen in rest)
            with (
                st.expander(t(L(f"更多 {len(rest)} 项", f"{len(rest)} more")), expanded=is_open),
                st.container(gap=None),
            ):
                for screen in rest:
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
