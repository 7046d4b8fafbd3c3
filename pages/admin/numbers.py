"""Every number that an administrator sets, by subject: its usual value, its limits, where it comes from, who set it last."""

import streamlit as st

from models.words import L
from pages.admin.number_words import about, wrong
from services import numbers, serving_numbers
from services.access import Actor
from services.numbers import Stand, Subject
from ui.shell import Outcome, button, errors, escaped, field_key, field_value, header, link, param, set_params, t

LISTS = {
    "option": (L("下拉选项", "Lists to choose from"), ":material/list:"),
    "public_holiday": (L("节假日", "Public holidays"), ":material/celebration:"),
    "reminders": (L("提醒", "Reminders"), ":material/notifications:"),
    "retention": (L("留存与匿名化", "Retention"), ":material/auto_delete:"),
}


def page(actor: Actor) -> None:
    told = L("改动记入日志，立即生效，各站点通用。没写出处的默认值是通行做法，不是法规。",
             "A change is logged, works at once and holds for every station. Where no source is named, the default is"
             " common practice, not law.")  # fmt: skip
    header(t(L("参数设置", "Settings")), told)
    subject = _subject()
    if subject == Subject.SERVING:
        _holidays()
    form, found = f"numbers.{subject}", numbers.stands(actor, subject)
    seen = st.session_state.setdefault(field_key(form, "_version"), {one.number.key: one.version for one in found})
    may = actor.may("write", "admin") and actor.units is None
    with st.container(border=True), st.grid(2, min_column_width=300):
        for stand in found:
            _field(form, stand, may=may)

    def act(_used: str) -> Outcome:
        wanted = {one.number.key: field_value(form, one.number.key, one.value) for one in found}
        count = numbers.change(actor, wanted, seen)
        return Outcome(
            L(f"已保存 {count} 项改动", f"{count} changed") if count else L("没有改动", "Nothing was changed")
        )

    if may:
        button(L("保存", "Save"), act, form=form, kind="primary", icon=":material/check:")
    _lists()


def _subject() -> Subject:
    """The subject of the address."""
    shown = Subject(param("subject")) if param("subject") in tuple(Subject) else Subject.SERVING
    chosen = st.segmented_control(
        t(L("哪一类", "Subject")), list(Subject), default=shown, required=True, label_visibility="collapsed",
        format_func=lambda one: t(one.label), key="numbers.subject",
    )  # fmt: skip
    if chosen != shown:
        set_params(subject=chosen)
        st.rerun()
    return shown


def _field(form: str, stand: Stand, *, may: bool) -> None:
    one = stand.number
    with st.container(gap=None):
        label = (
            f"{t(one.label)} ({t(one.unit.label)})"
            if t(one.unit.label).lower() not in t(one.label).lower()
            else t(one.label)
        )
        st.number_input(
            label, value=stand.value, step=1, key=field_key(form, one.key), disabled=not may,
            help=t(one.help) if one.help else None,
        )  # fmt: skip
        if code := errors(form).get(one.key):
            st.html(f"<p class='fe' role='alert'>{escaped(t(wrong(form, one, code)))}</p>")
        st.caption(t(about(stand)))


def _holidays() -> None:
    """Working days can only be counted where the holidays are known."""
    if year := serving_numbers.unknown_year():
        told = L(f"还没有 {year} 年的节假日，只按周末推算；国务院公布后请录入。",
                 f"No holidays of {year} yet, so only weekends are skipped; enter them once they are published.")  # fmt: skip
        st.warning(t(told), icon=":material/event:")


def _lists() -> None:
    st.html(f"<h4>{t(L('成表的设置', 'Settings that are lists'))}</h4>")
    with st.container(horizontal=True):
        for url, (label, icon) in LISTS.items():
            link(label, url, icon)
