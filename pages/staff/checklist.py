"""A deliverable or a site as a checklist: the version in force of each document, what is missing, acceptance."""

from collections.abc import Callable

import streamlit as st

from models import RECORDS, RecordType
from models.deliverables import DeliverableState
from models.words import L
from pages.staff.acceptance import acceptance
from pages.staff.publishing import publish, retire
from services import deliverables, store
from services.access import Actor
from services.deliverables import DELIVERABLE, PARENT, REQUIRED, Checklist, Item, Version
from services.store import Row
from ui.detail import detail
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, literal, t

COLOURS = {"open": "gray", "submitted": "orange", "accepted": "green"}
COUNTS = {"training_base": "05.1", "community_service_model": "06.1", "emergency_base_rules": "08.1"}


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
        progress(found)
        for item in found.items:
            _item(actor, item)
        if row.deleted_at is None and actor.may("write", REQUIRED.area):
            _add(actor, record, row)
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


def _add(actor: Actor, record: RecordType, row: Row) -> None:
    form = f"require.{record.name}.{row.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t(L("还需要哪份文件", "Another document that is needed")), key=field_key(form, "name"))
        button(L("加入清单", "Add to the list"), _adder(actor, record, row, form), form=form, icon=":material/add:")
    errors_of(form)


def _adder(actor: Actor, record: RecordType, row: Row, form: str) -> Callable[[str], Outcome]:
    def act(used: str) -> Outcome:
        name = field_value(form, "name", "")
        store.save(actor, RECORDS["required_document"], {PARENT[record.name]: row.id, "name": name}, token=used)
        return Outcome(L(f"已加入：{literal(name)}", f"Added: {literal(name)}"))

    return act
