"""Everybody of a shift in one grid: the times are typed, the hours follow and wait for a second person."""

from datetime import datetime

import pandas as pd
import streamlit as st

from models import spans
from models.service import ShiftState, SignupState
from models.words import L
from services import clock, serving_hours
from services.access import Actor
from services.serving_roster import Served
from services.store import Row
from ui.messages import words_of
from ui.shell import Outcome, button, errors, escaped, field_key, field_value, t
from ui.tables import height


def grid(actor: Actor, row: Row, people: list[Served]) -> None:
    """Who served when; the times are typed, the hours follow and wait for a second person."""
    st.markdown(f"**{t(L('人员与时长', 'People and hours'))}** {len(people)}")
    if not people:
        st.caption(t(L("还没有人报名。", "Nobody has signed up yet.")))
        return
    times, form = t(L("起止时间", "Times")), f"record.{row.id}"
    began = row.values["starts"] <= clock.now() and row.values["state"] != ShiftState.CANCELLED
    may = actor.may("write", "volunteers") and began
    frame = pd.DataFrame(
        {
            t(L("姓名", "Name")): [one.name for one in people],
            t(L("角色", "Role")): [one.role for one in people],
            t(L("到岗", "Came")): [_came(one) for one in people],
            times: [one.times for one in people],
            t(L("小时", "Hours")): [str(one.hours) if one.hours_id else "" for one in people],
            t(L("时长状态", "State of hours")): [t(one.hours_state.label) if one.hours_state else "" for one in people],
        }
    )
    fixed = [name for name in frame.columns if name != times or not may]
    st.data_editor(frame, hide_index=True, key=field_key(form, "grid"), disabled=fixed, placeholder="",
                   height=height(len(frame)))  # fmt: skip
    names = {str(one.signup_id): one.name for one in people}
    for key, code in errors(form).items():
        told = f"{names.get(key, '')} {t(words_of(code))}".strip()
        st.html(f"<p class='fe' role='alert'>{escaped(told)}</p>")
    if may:
        _buttons(actor, row, people, form, times)


def _came(one: Served) -> str:
    return t(one.state.label) + (t(L(f"：{one.note}", f": {one.note}")) if one.note else "")


def _buttons(actor: Actor, row: Row, people: list[Served], form: str, times: str) -> None:
    def typed() -> dict[int, str]:
        edits = (field_value(form, "grid") or {}).get("edited_rows", {})
        return {
            people[int(place)].signup_id: str(cells[times] or "") for place, cells in edits.items() if times in cells
        }

    def save(used: str, given: dict[int, str] | None = None) -> Outcome:
        done = serving_hours.record_shift(actor, row.id, typed() if given is None else given, token=used)
        return Outcome(
            L(f"已登记 {done} 人的时长，待确认", f"Hours of {done} people entered; they wait for confirmation")
        )

    whole = spans.written([(_minute(row.values["starts"]), _minute(row.values["ends"]) or spans.DAY)])
    missing = {one.signup_id: whole for one in people if one.hours_id is None and one.state == SignupState.SIGNED}
    with st.container(horizontal=True):
        if changes := len(typed()):
            button(L(f"保存 {changes} 处改动", f"Save {changes} changes"), save, form=form, kind="primary")
        if missing and row.values["ends"] <= clock.now():
            words = L(f"其余 {len(missing)} 人按班次时间登记", f"Enter the whole shift for the other {len(missing)}")
            button(words, lambda used: save(used, missing), form=f"{form}.all", name="all")


def _minute(moment: datetime) -> int:
    local = clock.local(moment)
    return local.hour * 60 + local.minute
