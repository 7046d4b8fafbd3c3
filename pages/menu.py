"""The menu in the sidebar: a line for each section that this person may read, and under the open one its pages.

On a phone, where the sidebar covers the page, choosing a page closes it; a section with several pages opens first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from models.words import L
from pages import Screen
from ui.shell import t


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


CLOSES = """export default function() {
  if (window.portalMenuCloses) return; window.portalMenuCloses = true;
  document.addEventListener('click', e => {
    const link = e.target.closest('.st-key-menu a'), opens = e.target.closest('[class*="st-key-menu-more-"]');
    if (link && !opens && window.innerWidth < 768)
      document.querySelector('[data-testid=stSidebarCollapseButton] button')?.click() }) }"""


def draw(screens: Sequence[Screen], pages: Mapping[str, Any], here: Screen | None) -> None:
    """Every section with a page of this person's; `here` is the screen that is shown."""
    with st.container(key="menu", gap=None):
        for name, section in SECTIONS.items():
            mine = [screen for screen in screens if screen.section == name and screen.place and screen.url in pages]
            if mine:
                is_open = here is not None and here.section == name
                _line(section, pages[mine[0].url], "open" if is_open else f"more-{name}" if len(mine) > 1 else name)
                if is_open and len(mine) > 1:
                    _pages(mine, pages)
        st.components.v2.component("portal_menu", js=CLOSES)(key="menu-closes")


def _line(section: Section, page: Any, key: str) -> None:
    with st.container(key=f"menu-{key}"):
        st.page_link(page, label=t(section.label), icon=f":material/{section.icon}:", width="stretch")


def _pages(screens: Sequence[Screen], pages: Mapping[str, Any]) -> None:
    with st.container(key="menu-pages", gap=None):
        for screen in screens:
            st.page_link(pages[screen.url], label=t(screen.label), width="stretch")
