"""The duty log of a base: today's entry in one line, and this month's entries."""

import streamlit as st

from models import RECORDS
from models.training import Base
from models.words import L
from services import clock, store
from services.access import Actor
from services.bases import Overview
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, link, t
from ui.words import day_words

DUTY = RECORDS["base_duty_log"]
ASKED = ("on_duty", "entry", "visitors")


def line(actor: Actor, base: Base) -> None:
    """Today's entry in one line; who is on duty stays as it was typed."""
    form = f"duty.{base}"
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(t(L("值班人 *", "On duty *")), actor.name, key=field_key(form, "on_duty"), width=130)
            st.text_input(
                t(L("今天做了什么 *", "What was done today *")), key=field_key(form, "entry"), width="stretch"
            )
            st.text_input(t(L("接待人数", "Visitors")), key=field_key(form, "visitors"), width=110)
        st.checkbox(t(DUTY.field("equipment_checked").label), key=field_key(form, "equipment_checked"))
        errors_of(form)

        def act(used: str) -> Outcome:
            given = {name: field_value(form, name) or None for name in ASKED}
            given |= {"base": base, "logged_on": clock.today()}
            checked = bool(field_value(form, "equipment_checked"))
            store.save(actor, DUTY, given | {"equipment_checked": checked}, token=used)
            return Outcome(L("今天的日志已记下", "Logged for today"))

        button(L("记下", "Log it"), act, form=form, kind="primary", icon=":material/check:", shortcut="Ctrl+Enter")


def log(found: Overview) -> None:
    checked, visitors = t(L("教具已检查", "equipment checked")), t(L("接待", "visitors"))
    lines = "".join(
        f"<li><b>{escaped(t(day_words(row.values['logged_on'])))}</b> {escaped(row.values['on_duty'])}<small>"
        f"{visitors} {row.show('visitors') or 0}{' · ' + checked if row.values['equipment_checked'] else ''}</small>"
        f"<p>{escaped(row.values['entry'])}</p></li>"
        for row in found.log.rows
    )
    title = t(L(f"本月日志 {found.log.total} 条", f"{found.log.total} entries this month"))
    when = t(L(f"{found.first} 至 {found.last}", f"{found.first} to {found.last}"))
    nothing = t(
        L("本月还没有日志，合同要求每月至少一条。", "No entry this month yet; the contract wants one every month.")
    )
    body = f"<ol class='tl'>{lines}</ol>" if lines else f"<p class='s'>{escaped(nothing)}</p>"
    st.html(f"<h4>{escaped(title)} <small>{when}</small></h4>{body}")
    link(L("全部日志", "The whole log"), DUTY.name, ":material/event_note:")
