"""What a refused save says beside its button: which fields to correct, each a jump to its place; the first comes into view."""

from collections.abc import Mapping
from uuid import uuid4

import streamlit as st

from models.words import L
from services.errors import Invalid, PortalError
from ui.messages import words_of
from ui.shell import errors, escaped, field_key, refused, t, tell

SHOW_FIRST = """export default function() {
  requestAnimationFrame(() => document.querySelector('.fe[id]')?.scrollIntoView({block: 'center'})) }"""


def anchor(name: str) -> str:
    """The id of what stands beside a field in error."""
    return f"fe-{name}"


def beside_button(form: str, labels: Mapping[str, L]) -> None:
    """Draw what became of the form's last submit, where it was refused; `labels` are its fields in their order."""
    wrong, error = errors(form), refused(form)
    named = {name: label for name, label in labels.items() if name in wrong}
    with st.container(key=field_key(form, "refused")):
        if isinstance(error, Invalid) or (error is None and named):
            st.html(_told(named, _others(wrong, labels, error)))
        elif error:
            tell(error)
        if error and named:
            st.components.v2.component("portal_show_first", js=SHOW_FIRST)(key=f"show-first-{uuid4().hex[:8]}")


def _others(wrong: Mapping[str, str], labels: Mapping[str, L], error: PortalError | None) -> list[str]:
    """The words of what is wrong with the form as a whole, or with more than its fields."""
    if error is None:
        return []
    fuller = error.detail.get("fuller")
    codes = [fuller] if fuller else [code for name, code in wrong.items() if name not in labels]
    return list(dict.fromkeys(t(words_of(code, **error.detail)) for code in codes))


def _told(named: Mapping[str, L], others: list[str]) -> str:
    """有 2 处要改：手机、证件号码。您填的内容都还在。"""
    links = t(L("、", ", ")).join(f"<a href='#{anchor(name)}'>{escaped(t(label))}</a>" for name, label in named.items())
    count = len(named)
    lead = (
        t(L(f"没有保存，有 {count} 处要改：", f"Not saved; {count} to correct: "))
        if named
        else t(L("没有保存。", "Not saved. "))
    )
    kept = t(L("您填的内容都还在。", "Nothing that you typed is lost."))
    lines = [*([f"<b>{lead}</b>{links}"] if named else [f"<b>{lead}</b>"]), *map(escaped, others), kept]
    return "<div class='refused' role='alert'>" + "".join(f"<p>{line}</p>" for line in lines) + "</div>"
