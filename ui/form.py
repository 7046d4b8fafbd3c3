"""The form of any record type: one column, groups with headings, required first, errors beside fields, nothing lost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

import streamlit as st

from models import RECORDS, RecordType
from models.base import FieldSpec
from models.words import L
from services import clock, options, store, values
from services.access import Actor
from services.errors import Conflict
from ui.messages import words_of
from ui.refusal import anchor, beside_button
from ui.shell import (
    Outcome,
    button,
    errors,
    escaped,
    field_key,
    field_value,
    go_back,
    header,
    language,
    literal,
    t,
    token,
)

FIRST, LAST = date(1900, 1, 1), date(2150, 12, 31)
PARENTS_SHOWN = 200
FORM_WIDTH = 760
Save = Callable[[Actor, dict[str, Any], int | None, int | None, str], int]


def edit(
    actor: Actor,
    record: RecordType,
    key: int = 0,
    *,
    save: Save | None = None,
    advise: Callable[[Actor, dict[str, Any], int], None] | None = None,
    preset: Mapping[str, Any] | None = None,
    stick: Sequence[str] = (),
) -> None:
    """Draw the form of a new record (key 0) or of a stored one, and save it.

    `save` replaces the generic save where a service has rules of its own; `advise` tells duplicates and clashes while
    people type; `preset` are values that a new record begins with; `stick` names the fields that the next of several
    new records takes over.
    """
    actor.need("write", record.area)
    row = store.get(actor, record, key) if key else None
    name = f"{record.name}.{key or 'new'}"
    place = header(_heading(record, row), record.about if row is None else "")
    place.button(t(L("返回", "Back")), icon=":material/arrow_back:", on_click=go_back, key=f"{name}.back")
    specs = _wanted(actor, record)
    with st.container(width=FORM_WIDTH):
        _fields(actor, record, specs, name, row, preset or {})
        with st.container():
            if advise:
                advise(actor, typed(specs, name, row), key)
    version = st.session_state.setdefault(field_key(name, "_version"), row.version) if row else None
    with st.container(width=FORM_WIDTH):
        beside_button(name, {spec.name: spec.label for spec in _ordered(record, specs)})
    _buttons(
        name,
        lambda used: _save(actor, record, typed(specs, name, row), row, version, used, save),
        None if row else lambda used: _again(actor, record, typed(specs, name, None), used, save, stick),
    )


def _buttons(form: str, act: Callable[[str], Outcome], again: Callable[[str], Outcome] | None) -> None:
    """Save, and for a new record the one that begins the next."""
    one, more = L("保存", "Save"), L("保存并再登记一条", "Save and add another")
    with st.container(horizontal=True, key="form-actions"):
        button(one, act, form=form, icon=":material/check:", kind="primary", shortcut="Ctrl+Enter")
        if again:
            button(more, again, form=form, name="again", icon=":material/playlist_add:", shortcut="Ctrl+Shift+Enter")


def _again(
    actor: Actor, record: RecordType, given: dict[str, Any], used: str, save: Save | None, stick: Sequence[str]
) -> Outcome:
    """Save, then the form anew: in it stands what the address gave, and what sticks, in the address now as well."""
    saved = _save(actor, record, given, None, None, used, save)
    kept = {name: value for name, value in st.query_params.items() if name.startswith("set.")}
    kept |= {f"set.{name}": str(getattr(given[name], "value", given[name])) for name in stick if given.get(name)}
    return replace(saved, params={"do": "new", **kept}, made=(record.name, int(saved.params["id"])))


def _heading(record: RecordType, row: store.Row | None) -> str:
    if row is None:
        return t(L("登记", "New ")) + t(record.label).lower() if language() == "en" else f"登记{record.label.zh}"
    return f"{t(L('编辑', 'Edit'))} · {row.title}"


def _save(
    actor: Actor, record: RecordType, given: dict[str, Any], row: store.Row | None, version: int | None, used: str,
    save: Save | None,
) -> Outcome:  # fmt: skip
    key = row.id if row else None
    try:
        if save:
            saved = save(actor, given, key, version, used)
        else:
            saved = store.save(actor, record, given, id=key, version=version, token=used)
    except Conflict as error:
        raise readable(actor, record, error, key or 0) from error
    title = store.titles(actor, record, [saved]).get(saved, "")
    return Outcome(L(f"已保存：{literal(title)}", f"Saved: {literal(title)}"), record.name, {"id": saved})


def readable(actor: Actor, record: RecordType, error: Conflict, key: int) -> Conflict:
    """A conflict with its fields as people read them: (label, stored now, typed)."""
    theirs = store.get(actor, record, key)
    lines = []
    for name, mine in error.mine.items():
        spec = record.by_name.get(name)
        if spec is None or spec.kind == "links":
            continue
        stored, titles = theirs.show(name, language()), theirs.titles.get(name) or {}
        written = str(mine or "") if spec.personal else values.show(spec, mine, language(), titles)
        if written != stored and (written or not spec.personal):
            lines.append((t(spec.label), stored, written))
    return Conflict(error.mine, error.theirs, fields=lines)


# -- fields --------------------------------------------------


def _fields(
    actor: Actor,
    record: RecordType,
    specs: list[FieldSpec],
    name: str,
    row: store.Row | None,
    preset: Mapping[str, Any],
) -> None:
    wrong, must = errors(name), _needed(record, specs, name, row, preset)
    for group, members in groupby(_ordered(record, specs), key=lambda spec: spec.group):
        fields = list(members)
        with _box(group, fields, wrong, row, name):
            for spec in fields:
                stored = row.values.get(spec.name) if row else preset.get(spec.name, spec.default)
                with st.container(gap="small"):  # its own box: a message that comes or goes moves no other field
                    asked = replace(spec, required=spec.required or spec.name in must)
                    draw(actor, asked, field_key(name, spec.name), stored, is_new=row is None)
                    tell_wrong(spec, wrong)


def tell_wrong(spec: FieldSpec, wrong: Mapping[str, str]) -> None:
    """Beside a field: what is wrong with it, if anything, where the form's message leads to."""
    if code := wrong.get(spec.name):
        st.html(f"<p class='fe' id='{anchor(spec.name)}' role='alert'>{escaped(_why(spec, code))}</p>")


def _needed(
    record: RecordType, specs: list[FieldSpec], form: str, row: store.Row | None, preset: Mapping[str, Any]
) -> set[str]:
    """The fields that cannot stay empty in the state that is chosen at this moment, to be marked as such. A day that
    became one by a choice is today at first."""
    given = {spec.name: row.values.get(spec.name) if row else preset.get(spec.name, spec.default) for spec in specs}
    drawn = [spec for spec in specs if field_key(form, spec.name) in st.session_state]
    given |= {spec.name: _taken(spec, field_value(form, spec.name)) for spec in drawn}
    must, known = values.needed(record, given, clock.today()), field_key(form, "_needed")
    for name in must - st.session_state.get(known, must):
        if record.field(name).kind == "date" and not given.get(name):
            st.session_state[field_key(form, name)] = clock.today()
    st.session_state[known] = must
    return must


def typed(specs: list[FieldSpec], form: str, row: store.Row | None) -> dict[str, Any]:
    """What stands in the fields at this moment, as the services take it: a save must not miss the last keystroke.

    A personal value that was left empty in a stored record is left as it is.
    """
    found = {spec.name: _taken(spec, field_value(form, spec.name)) for spec in specs}
    kept = {spec.name for spec in specs if spec.personal and row is not None}
    return {name: value for name, value in found.items() if value or name not in kept}


def _taken(spec: FieldSpec, value: Any) -> Any:
    """A widget's value as the services take it; text that is no number goes on as it is, to be refused there."""
    if spec.kind == "time":
        return clock.from_local(value) if value else None
    if spec.kind not in ("number", "money"):
        return value
    try:
        return values.parse(spec, value or "")
    except values.BadValue:
        return value


def _wanted(actor: Actor, record: RecordType) -> list[FieldSpec]:
    """The form's fields; the station only where there are stations."""
    stations = record.has_unit and store.any_station(actor)
    return [spec for spec in record.form_fields if spec.name != "unit_id" or stations]


def _box(group: L | None, fields: list[FieldSpec], wrong: Mapping[str, str], row: store.Row | None, name: str) -> Any:
    """The frame of a group; one that is wholly optional stands folded until it holds something or a mistake."""
    if group and "选填" in group.zh:
        filled = any((row.values.get(spec.name) if row else None) or spec.name in wrong for spec in fields)
        return st.expander(t(group), expanded=filled, key=f"{token(name)}.group.{group.en}")
    box = st.container(border=True, key=f"{token(name)}.group.{group.en if group else 'rest'}")
    if group:
        box.markdown(f"**{t(group)}**")
    return box


def _ordered(record: RecordType, specs: list[FieldSpec]) -> list[FieldSpec]:
    return sorted(specs, key=lambda spec: _group_order(record, spec))


def _group_order(record: RecordType, spec: FieldSpec) -> tuple[int, int]:
    """Groups in the order of their first field, fields without a group last; required fields first in each."""
    groups = list(dict.fromkeys(other.group for other in record.form_fields if other.group))
    return (groups.index(spec.group) if spec.group else len(groups), 0 if spec.required else 1)


def _why(spec: FieldSpec, code: str) -> str:
    """The words of an error, with the limits of its field where it broke one."""
    words = t(words_of(code))
    if code == "too_long" and spec.max_length:
        return words + t(L(f"（最多 {spec.max_length} 字）", f" (at most {spec.max_length} characters)"))
    low, high = spec.minimum, spec.maximum
    if code in ("too_small", "too_large") and low is not None and high is not None:
        return words + t(L(f"（{low:g} 至 {high:g}）", f" ({low:g} to {high:g})"))
    return words


def draw(actor: Actor, spec: FieldSpec, key: str, stored: Any, *, is_new: bool) -> None:
    """The widget of one field."""
    label = t(spec.label) + (" *" if spec.required else "")
    help_text = t(spec.help) if spec.help else None
    if spec.kind in ("record", "links"):
        _draw_record(actor, spec, key, label, stored)
        return
    WIDGETS[spec.kind](spec, key, label, stored, help_text, is_new)


def _draw_text(spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, is_new: bool) -> None:
    if spec.personal and not is_new:
        hint = t(L(f"现为 {stored}，不改请留空", f"Now {stored}; leave empty to keep it")) if stored else None
        st.text_input(label, key=key, placeholder=hint, help=help_text, autocomplete="off")
    elif spec.suggests:
        _draw_suggested(spec, key, label, stored, help_text)
    else:
        st.text_input(label, value=stored or "", key=key, help=help_text, autocomplete="off")


def _draw_suggested(spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None) -> None:
    """Text with a list to choose from: what is not on it may be typed."""
    labels = options.labels(spec.suggests or "")
    codes = list(dict.fromkeys([*labels, *([stored] if stored else [])]))
    st.selectbox(
        label,
        codes,
        index=codes.index(stored) if stored else None,
        key=key,
        help=help_text,
        format_func=lambda code: f"{t(labels[code])} {code}" if code in labels else str(code),
        placeholder=t(L("请选择，或输入", "Choose, or type")),
        accept_new_options=True,
    )


def _draw_long(_spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, _new: bool) -> None:
    st.text_area(label, value=stored or "", key=key, help=help_text, height=100)


def _draw_number(spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, _new: bool) -> None:
    shown = "" if stored is None else f"{stored:g}" if spec.kind == "number" else str(stored)
    st.text_input(label, value=shown, key=key, help=help_text, autocomplete="off")


def _draw_flag(_spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, _new: bool) -> None:
    st.checkbox(label, value=bool(stored), key=key, help=help_text)


def _draw_date(_spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, _new: bool) -> None:
    st.date_input(label, value=stored, min_value=FIRST, max_value=LAST, key=key, help=help_text, format="YYYY-MM-DD")


def _draw_time(_spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, _new: bool) -> None:
    shown = clock.local(stored).replace(tzinfo=None) if stored else None
    first, last = datetime(2000, 1, 1), datetime(2150, 1, 1)
    st.datetime_input(
        label, value=shown, min_value=first, max_value=last, key=key, help=help_text, format="YYYY-MM-DD", step=900
    )


def _draw_choice(spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, _new: bool) -> None:
    assert spec.choices
    members = list(spec.choices)
    index = members.index(spec.choices(stored)) if stored else None
    st.selectbox(
        label,
        members,
        index=index,
        key=key,
        help=help_text,
        format_func=lambda member: t(member.label),
        placeholder=t(L("请选择", "Choose")),
    )


def _draw_choices(spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, _new: bool) -> None:
    labels = {m.value: m.label for m in spec.choices} if spec.choices else options.labels(spec.options or "")
    chosen = [str(getattr(code, "value", code)) for code in stored or []]
    st.multiselect(
        label,
        list(dict.fromkeys([*labels, *chosen])),
        default=chosen,
        key=key,
        help=help_text,
        format_func=lambda code: t(labels[code]) if code in labels else code,
        placeholder=t(L("可多选", "Choose any number")),
        accept_new_options=spec.options == "tags",
        select_all=False,
    )


def _draw_option(spec: FieldSpec, key: str, label: str, stored: Any, help_text: str | None, _new: bool) -> None:
    labels = options.labels(spec.options or "")
    codes = list(dict.fromkeys([*labels, *([stored] if stored else [])]))
    st.selectbox(
        label,
        codes,
        index=codes.index(stored) if stored else None,
        key=key,
        help=help_text,
        format_func=lambda code: t(labels[code]) if code in labels else code,
        placeholder=t(L("请选择", "Choose")),
    )


def _draw_record(actor: Actor, spec: FieldSpec, key: str, label: str, stored: Any) -> None:
    """A parent is chosen by its title; beyond a screenful, words narrow the choice."""
    parent = RECORDS[spec.refers_to or ""]
    many = spec.kind == "links"
    keep = [k for k in (stored or [] if many else [stored]) if k]
    words = st.session_state.get(f"{key}.words", "")
    found = _lapsed_last(actor, parent, store.choices(actor, parent, words, [*keep, *_picked(key)], PARENTS_SHOWN))
    if words or len(found) >= PARENTS_SHOWN:
        st.text_input(
            t(L(f"查找{parent.label.zh}", f"Find {parent.label.en.lower()}")),
            key=f"{key}.words",
            icon=":material/search:",
            placeholder=t(L("姓名、拼音或编号，回车", "Name, pinyin or number, then Enter")),
        )
    more: dict[str, Any] = {"key": key, "format_func": lambda k: found.get(k, f"#{k}")}
    if many:
        chosen = [k for k in keep if k in found]
        several = t(L("可多选", "Choose any number"))
        st.multiselect(label, list(found), default=chosen, placeholder=several, select_all=False, **more)
        return
    place = t(L("请选择", "Choose")) if found else t(L(f"还没有{parent.label.zh}", f"No {parent.label.en.lower()} yet"))
    index = list(found).index(stored) if stored in found else None
    st.selectbox(label, list(found), index=index, placeholder=place, **more)


def _lapsed_last(actor: Actor, parent: RecordType, found: dict[int, str]) -> dict[int, str]:
    """Those that are of no use any more stand last, and are marked."""
    over = store.lapsed(actor, parent, list(found))
    mark = t(parent.lapses[1]) if parent.lapses else ""
    return {k: found[k] for k in found if k not in over} | {k: found[k] + mark for k in found if k in over}


def _picked(key: str) -> list[int]:
    picked = st.session_state.get(key)
    return [k for k in (picked if isinstance(picked, list) else [picked]) if isinstance(k, int)]


WIDGETS: dict[str, Callable[..., Any]] = {
    "text": _draw_text,
    "long": _draw_long,
    "number": _draw_number,
    "money": _draw_number,
    "flag": _draw_flag,
    "date": _draw_date,
    "time": _draw_time,
    "choice": _draw_choice,
    "choices": _draw_choices,
    "option": _draw_option,
    "options": _draw_choices,
}
