"""The widgets by which a counting rule is chosen: one field of a record, and the conditions that narrow what counts."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models.base import FieldSpec
from models.words import L
from services import counting_rules, options
from ui.shell import field_key, t

Fields = Mapping[str, tuple[FieldSpec, ...]]


def one(label: L, fields: Fields, part: str, name: str, stored: str, *, may_be_none: bool = False) -> str:
    paths = list(fields)
    index = paths.index(stored) if stored in paths else None if may_be_none or not paths else 0
    chosen = st.selectbox(
        t(label), paths, index=index, format_func=lambda path: t(counting_rules.path_label(fields[path])),
        key=field_key(part, name), placeholder=t(L("不选", "None")),
    )  # fmt: skip
    return chosen or ""


def conditions(fields: Fields, part: str, stored: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    """A line for each field that narrows what counts; without any every record does."""
    chosen = st.multiselect(
        t(L("只计符合条件的（可不选）", "Only those that meet (optional)")), list(fields), default=[p for p in stored if p in fields],
        format_func=lambda path: t(counting_rules.path_label(fields[path])), key=field_key(part, "where"),
        placeholder=t(L("添加条件", "Add a condition")),
    )  # fmt: skip
    return {path: _values(fields[path], part, path, stored.get(path, ())) for path in chosen}


def _values(specs: tuple[FieldSpec, ...], part: str, path: str, stored: Sequence[Any]) -> list[Any]:
    spec = specs[-1]
    known: list[Any] = (
        [True, False] if spec.kind == "flag"
        else [member.value for member in spec.choices] if spec.choices else list(options.labels(spec.options or ""))
    )  # fmt: skip
    return st.multiselect(
        t(counting_rules.path_label(specs)), known, default=[value for value in stored if value in known],
        format_func=lambda value: t(counting_rules.value_label(spec, value)), key=field_key(part, f"is.{path}"),
        placeholder=t(L("可多选", "Choose any number")),
    )  # fmt: skip
