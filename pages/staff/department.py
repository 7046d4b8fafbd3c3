"""One department: numbers that open their lists, and below them the newest of each with a button to add one."""

import streamlit as st

from models import RECORDS
from models.words import L
from services import departments
from services.access import Actor
from services.departments import Part
from services.store import Row
from ui.detail import detail, related_table
from ui.shell import counted, go, t
from ui.words import plural

DEPARTMENT = RECORDS["department"]


def page(actor: Actor, key: int) -> None:
    detail(actor, DEPARTMENT, key, above=_department, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    parts = (row.show("head"), row.show("liaison"), row.show("work_phone"))
    return row.title, " · ".join(part for part in parts if part)


def _department(actor: Actor, row: Row) -> None:
    found = departments.whole(actor, row.id)
    if row.values["specialty"]:
        st.caption(row.values["specialty"])
    with st.container(horizontal=True, gap="small"):
        for part in found.parts:
            _number(part)
    different = found.technologies
    words = L(
        f"已推广 {different} 项不同的技术（04.2 按技术去重）",
        f"Different technologies promoted: {different}, as 04.2 counts",
    )
    st.caption(t(words))
    for part in found.parts:
        related_table(actor, part.record, part.record.field(part.field), part.value, part.page, "above")


def _number(part: Part) -> None:
    label = f"{t(plural(part.record.label))} **{counted(part.page.total, part.page.more)}**"
    if st.button(label, key=f"list.{part.record.name}", icon=f":material/{part.record.icon}:"):
        go(part.record.name, **{f"f.{part.field}": part.value})
