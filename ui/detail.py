"""One record of any type: its values by group, what belongs to it, its history, its attachments, its bin."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import streamlit as st

from models import RecordType
from models.base import FieldSpec
from models.system import Verb
from models.words import L
from services import attachments, clock, proofs, store, values
from services.access import Actor
from services.store import Row
from ui import gallery
from ui.shell import Outcome, button, escaped, go, header, language, link, literal, param, set_params, t
from ui.tables import opening_table

Extra = Callable[[Actor, Row], None]
REVEALED_SECONDS = 60

SECTIONS = {
    "data": L("资料", "Data"),
    "related": L("相关记录", "Related"),
    "files": L("附件", "Attachments"),
    "history": L("历史", "History"),
}


def detail(
    actor: Actor,
    record: RecordType,
    key: int,
    *,
    actions: Extra | None = None,
    above: Extra | None = None,
    titled: Callable[[Row], tuple[str, str]] | None = None,
    folded: bool = False,
) -> None:
    """Draw a record; `actions` adds buttons at the head, `above` draws something of its own before the values.

    folded: the values wait behind their tab, since what stands above shows what matters.
    """
    row = store.get(actor, record, key, binned=param("bin") == "1")
    with header(*(titled(row) if titled else (row.title, t(record.label)))):
        if actions and row.deleted_at is None:
            actions(actor, row)
        _usual_actions(actor, record, row)
    if row.deleted_at is None:
        _counts_in(actor, record, row)
    else:
        st.warning(t(L("这条记录在回收站里。", "This record is in the bin.")), icon=":material/delete:")
    found = attachments.list(actor, record, row.id)
    pictures = st.container(key="pictures")
    if above:
        above(actor, row)
    section = _section("" if folded else "data", len(found))
    if section == "files":
        gallery.files(actor, record, row.id, found)
        return
    with pictures:
        gallery.strip(found)
    if section:
        {"data": _data, "related": _related, "history": _history}[section](actor, record, row)


def _counts_in(actor: Actor, record: RecordType, row: Row) -> None:
    """Which indicators this very record feeds; nothing where it feeds none."""
    found = proofs.counts_in(actor, record, row.id)
    if not found:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="counts-in"):
        st.html(f"<small>{t(L('计入', 'Counts in'))}</small>", width="content")
        for one in found:
            label = L(f"{one.code} {one.name.zh}", f"{one.code} {one.name.en}")
            link(label, "figure", ":material/flag:", code=one.code, contract=one.contract_id)


def _usual_actions(actor: Actor, record: RecordType, row: Row) -> None:
    if row.deleted_at is not None:
        if actor.may("remove", record.area):
            button(
                L("恢复", "Restore"), lambda _: _restore(actor, record, row.id), form=f"restore.{record.name}.{row.id}"
            )
        return
    if not record.is_typed:
        return
    if actor.may("write", record.area) and st.button(t(L("编辑", "Edit")), icon=":material/edit:", key="edit"):
        go(record.name, id=row.id, do="edit")
    if actor.may("remove", record.area):
        with st.popover("", icon=":material/more_horiz:", help=t(L("更多", "More"))):
            st.text_input(t(L("移入回收站的理由", "Reason for removing")), key=f"why.{record.name}.{row.id}")
            button(
                L("移入回收站", "Move to bin"),
                lambda used: _remove(actor, record, row, used),
                form=f"remove.{record.name}.{row.id}",
                icon=":material/delete:",
            )


def _remove(actor: Actor, record: RecordType, row: Row, used: str) -> Outcome:
    reason = st.session_state.get(f"why.{record.name}.{row.id}", "")
    store.remove(actor, record, row.id, reason=reason, token=used)
    return Outcome(
        L(f"已移入回收站：{literal(row.title)}", f"Moved to the bin: {literal(row.title)}"),
        record.name,
        {"from": "bin"},
    )


def _restore(actor: Actor, record: RecordType, key: int) -> Outcome:
    store.restore(actor, record, key)
    return Outcome(L("已恢复", "Restored"), record.name, {"id": key})


def _section(usual: str, files: int) -> str:
    """Which part is open; where a page has its own view above, none is at first."""
    chosen = st.segmented_control(
        t(L("看什么", "Show")),
        list(SECTIONS),
        default=param("tab") if param("tab") in SECTIONS else usual or None,
        format_func=lambda name: t(SECTIONS[name]) + (f" {files}" if files and name == "files" else ""),
        label_visibility="collapsed",
        key="section",
    )
    set_params(tab="" if chosen == usual else chosen)
    return str(chosen or usual)


# -- values --------------------------------------------------


def _data(actor: Actor, record: RecordType, row: Row) -> None:
    specs = [spec for spec in record.fields if row.values.get(spec.name) not in (None, "", [])]
    personal = [spec for spec in specs if spec.personal]
    for group, members in groupby(sorted(specs, key=lambda s: _order(record, s)), key=lambda s: s.group):
        with st.container(border=True):
            st.html(
                fields_html([(t(s.label), row.show(s.name, language())) for s in members], t(group) if group else "")
            )
    if personal and actor.may("personal", record.area):
        _reveal(actor, record, row, personal)


def _order(record: RecordType, spec: FieldSpec) -> int:
    groups = list(dict.fromkeys(other.group for other in record.fields if other.group))
    return groups.index(spec.group) if spec.group else len(groups)


def facts(record: RecordType, row: Row, names: Sequence[str]) -> list[tuple[str, str]]:
    """Labels and values of these fields, of those that hold something."""
    return [(t(record.field(name).label), row.show(name, language())) for name in names if row.values.get(name)]


def fields_html(pairs: Sequence[tuple[str, str]], heading: str = "") -> str:
    """Labels and values beside each other, escaped."""
    lines = "".join(f"<dt>{escaped(label)}</dt><dd>{escaped(value)}</dd>" for label, value in pairs)
    return (f"<h4>{escaped(heading)}</h4>" if heading else "") + f"<dl class='f'>{lines}</dl>"


def _reveal(actor: Actor, record: RecordType, row: Row, specs: Sequence[FieldSpec]) -> None:
    """One personal value in full, for a purpose, for a minute; the look is in the audit log."""
    form = f"reveal.{record.name}.{row.id}"
    with st.popover(t(L("查看完整号码", "See a number in full")), icon=":material/visibility:"):
        st.selectbox(
            t(L("哪一项", "Which")),
            [s.name for s in specs],
            format_func=lambda n: t(record.field(n).label),
            key=f"{form}.n",
        )
        st.text_input(t(L("用途（会记入日志）", "Purpose (is logged)")), key=f"{form}.p")

        def act(_used: str) -> Outcome:
            name, purpose = st.session_state[f"{form}.n"], st.session_state[f"{form}.p"]
            value = store.reveal(actor, record, row.id, name, purpose)
            st.session_state[f"{form}.value"] = (value, time.monotonic() + REVEALED_SECONDS)
            return Outcome(L("已记入日志", "Logged"))

        button(L("查看", "See"), act, form=form)
        value, until = st.session_state.get(f"{form}.value", ("", 0.0))
        if value and time.monotonic() < until:
            st.code(value, language=None)


# -- what belongs to it --------------------------------------


def _related(actor: Actor, record: RecordType, row: Row) -> None:
    found = store.related(actor, record, row.id)
    if not found:
        st.info(t(L("没有别的记录引用它。", "No other records belong to it.")))
    for child, spec, page in found:
        related_table(actor, child, spec, row.id, page)


def related_table(
    actor: Actor, child: RecordType, spec: FieldSpec, key: int | str, page: store.Page, place: str = "rel"
) -> None:
    """The newest rows of a record type that name this record; a click opens one. `place` tells two on a page apart."""
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{t(child.label)}** {page.total:,}", width="content")
            if (
                child.is_typed
                and actor.may("write", child.area)
                and st.button(
                    t(L("登记", "Add")),
                    icon=":material/add:",
                    key=f"{place}.add.{child.name}.{spec.name}",
                    type="tertiary",
                )
            ):
                go(child.name, do="new", **{f"set.{spec.name}": key})
        if page.rows:
            opening_table(child, page.rows, f"{place}.{child.name}.{spec.name}.{key}", without=spec.name)


# -- history --------------------------------------------------


def _history(actor: Actor, record: RecordType, row: Row) -> None:
    lines = []
    for event in store.history(actor, record, row.id):
        when = clock.local(event.at).strftime("%Y-%m-%d %H:%M")
        what = "<br>".join(_what(record, event))
        reason = f"<p>{escaped(t(L('理由：', 'Reason: ')) + event.reason)}</p>" if event.reason else ""
        lines.append(
            f"<li><b>{escaped(t(event.verb.label))}</b> {escaped(event.actor)}<small>{when}</small><p>{what}</p>{reason}</li>"
        )
    st.html(f"<ol class='tl'>{''.join(lines)}</ol>")


def _what(record: RecordType, event: store.Event) -> list[str]:
    if event.verb == Verb.REVEAL:
        return [escaped(t(record.field(event.changes["field"]).label))] if event.changes.get("field") else []
    if "*" in event.changes:
        return [escaped(t(L("内容已匿名化", "The content was made anonymous")))]
    return [
        escaped(change_words(record, name, change)) for name, change in event.changes.items() if name in record.by_name
    ]


def change_words(record: RecordType, name: str, change: Any) -> str:
    """A field and from what to what it was changed, as far as that is told."""
    spec = record.field(name)
    label = t(spec.label)
    if not isinstance(change, list) or len(change) != 2:
        return label
    if spec.personal:
        return label + t(L("：已修改", ": changed"))
    old, new = (_plain(spec, value) for value in change)
    return label + t(L("：", ": ")) + f"{old or '—'} → {new or '—'}"


def changes_words(record: RecordType, changes: Mapping[str, Any]) -> str:
    """Each field that was changed, from what to what, in one line."""
    return t(L("；", "; ")).join(change_words(record, name, change) for name, change in changes.items())


def _plain(spec: FieldSpec, value: Any) -> str:
    """An audited value as people read it: codes by their labels, yes and no."""
    codes = value if isinstance(value, list) else [value]
    if spec.kind in ("choice", "choices", "option", "options", "flag") and value not in (None, []):
        return t(L("、", ", ")).join(
            values.show(spec, [code] if spec.kind.endswith("s") else code, language()) for code in codes
        )
    if spec.kind == "time" and isinstance(value, str) and value:
        return values.show(spec, datetime.fromisoformat(value), language())
    return "" if value in (None, []) else str(value)


def parameters(record: RecordType) -> Mapping[str, Any]:
    """The values that a new record begins with, as the address gives them (set.<field>=<id>)."""
    found = {name.removeprefix("set."): value for name, value in st.query_params.items() if name.startswith("set.")}
    parsed = {name: _given(record.field(name), value) for name, value in found.items() if name in record.by_name}
    return {name: value for name, value in parsed.items() if value is not None}


def _given(spec: FieldSpec, text: str) -> Any:
    """A value that stands in an address; None where it is none of that kind."""
    if spec.kind == "record":
        return int(text) if text.isdecimal() and len(text) < 16 else None
    try:
        return values.parse(spec, text) if spec.kind != "links" else None
    except values.BadValue:
        return None
