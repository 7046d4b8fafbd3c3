"""The sections of the menu, and every screen of the portal in their order: its own and each record type's."""

from dataclasses import dataclass
from functools import cache

from streamlit.util import calc_hash

from models import RECORDS
from models.words import L
from pages import OWN, SCREENS, Screen
from ui.pages import Own, record_page
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
def screens() -> tuple[Screen, ...]:
    """The portal's own screens, and the generic page of every record type with a menu entry, by section."""
    generic = [
        Screen(
            record.name, plural(record.label), record.icon, record.area,
            record_page(record, OWN.get(record.name, Own())), place=record.menu,
        )
        for record in RECORDS.values() if record.menu
    ]  # fmt: skip
    order = list(SECTIONS)
    return tuple(sorted([*generic, *SCREENS], key=lambda screen: (order.index(screen.section), screen.place)))


@cache
def names() -> dict[str, str]:
    """The address of each screen by the hash that Streamlit gives it."""
    return {calc_hash(screen.url): screen.url for screen in screens()}
