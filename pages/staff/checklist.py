"""A deliverable or a site as a checklist: the version in force of each document, what is missing, acceptance."""

import streamlit as st

from models import RecordType
from models.deliverables import DeliverableState
from models.words import L
from pages.staff.acceptance import acceptance
from pages.staff.publishing import publish, retire
from pages.staff.requiring import MODEL, add, adopt
from services import deliverables
from services.access import Actor
from services.deliverables import DELIVERABLE, REQUIRED, SITE, Checklist, Item, Version
from services.store import Row
from ui.detail import detail
from ui.shell import escaped, literal, t

COLOURS = {"open": "gray", "submitted": "orange", "accepted": "green"}
COUNTS = {"training_base": "05.1", MODEL: "06.1", "emergency_base_rules": "08.1"}


def page(actor: Actor, key: int) -> None:
    detail(actor, DELIVERABLE, key, above=lambda who, row: draw(who, DELIVERABLE, row), titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    code = COUNTS.get(row.values["code"], "")
    return row.title, t(
        L(f"验收且文件齐备后计入 {code}", f"Counts in {code} once accepted with every document")
    ) if code else ""


def draw(actor: Actor, record: RecordType, row: Row) -> None:
    """The checklist at the left, where it stands and its acceptance at the right."""
    found, state = deliverables.checklist(actor, record, row.id), DeliverableState(row.values["state"])
    left, right = st.columns([7, 3], gap="medium")
    with left:
        if found.items:
            progress(found)
        else:
            st.caption(t(L("还没有要求文件。", "No document is required yet.")))
        for item in found.items:
            _item(actor, item)
        if row.deleted_at is None and actor.may("write", REQUIRED.area):
            if record is SITE and not found.items:
                adopt(actor, row)
            add(actor, record, row)
    with right, st.container(border=True):
        st.badge(t(state.label), color=COLOURS[state])  # type: ignore[arg-type]
        acceptance(actor, record, row, found.missing)


def progress(found: Checklist) -> None:
    total = len(found.items)
    words = t(L(f"已发布 {found.done} / {total} 份", f"{found.done} of {total} published"))
    st.progress(found.done / total if total else 0.0, text=words)


def _item(actor: Actor, item: Item) -> None:
    may, current = actor.may("write", REQUIRED.area), item.current
    with st.container(border=True, gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            mark = ":green[:material/check_circle:]" if current else ":orange[:material/pending:]"
            st.markdown(f"{mark} **{literal(item.name)}**", width="stretch")
            if may:
                publish(actor, item, first=current is None)
            if may and current:
                retire(actor, current)
        if current:
            st.html(f"<p class='s'>{_told(current)}</p>")
        if item.others:
            older = t(L(f"其他版本 {len(item.others)}", f"Other versions: {len(item.others)}"))
            with st.expander(older):
                st.html("".join(f"<p class='s'>{_told(one)}</p>" for one in item.others))


def _told(one: Version) -> str:
    """A version in a line: its number, state and day, its file as a link."""
    parts = [escaped(one.name), escaped(t(one.state.label)), one.published_on.isoformat() if one.published_on else ""]
    no_file = escaped(t(L("没有附件", "no file")))
    file = f"<a href='/files/{one.file}' target='_blank'>{escaped(one.file_name)}</a>" if one.file else no_file
    return " · ".join(part for part in (*parts, file) if part)
