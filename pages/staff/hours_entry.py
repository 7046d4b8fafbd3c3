"""What is decided about one entry of hours: confirmed, refused or taken back, with a reason where it needs one."""

import streamlit as st

from models import RECORDS
from models.service import HoursSource, HoursState, Quality
from models.words import L
from pages.staff.hours_notes import CLAIMED, FORCED, SHORT, absent, before
from services import serving_hours, serving_roster
from services.access import Actor
from services.store import Row
from ui.detail import detail
from ui.shell import Outcome, button, errors_of, field_key, field_value, language, literal, t

HOURS = RECORDS["service_hours"]
COLOURS = {"pending": "orange", "open": "blue", "effective": "green", "rejected": "red", "void": "gray"}


def page(actor: Actor, key: int) -> None:
    detail(actor, HOURS, key, above=_decide, titled=_titled)


def _titled(row: Row) -> tuple[str, str]:
    return f"{row.show('volunteer_id')} · {row.values['activity']}", f"{row.values['served_on']} {row.values['times']}"


def _decide(actor: Actor, row: Row) -> None:
    state, level = HoursState(row.values["state"]), row.values["review_level"]
    with st.container(horizontal=True):
        st.badge(t(state.label), color=COLOURS[state])  # type: ignore[arg-type]
        for name, words in (("is_short", SHORT), ("is_forced", FORCED)):
            if row.values[name]:
                st.badge(t(words), icon=":material/warning:", color="orange")
        if row.values["source"] == HoursSource.CLAIM:
            st.badge(t(CLAIMED), icon=":material/person:", color="blue")
        if level:
            st.badge(t(L(f"须{level}级复核", f"Review level {level}")), icon=":material/warning:", color="orange")
    if state == HoursState.PENDING:
        for note in absent(serving_roster.missed_that_day(actor, row.id)) + before(row.values["decision"]):
            st.warning(literal(note), icon=":material/person_off:")
    own = state == HoursState.PENDING and serving_hours.is_own(actor, row.id)
    if own:
        st.info(
            t(
                L(
                    "这是您自己的或您录入的时长，由同事确认。",
                    "These hours are yours or were entered by you: a colleague confirms them.",
                )
            )
        )
    elif state in (HoursState.PENDING, HoursState.EFFECTIVE) and serving_hours.may_review(actor, level):
        _form(actor, row, state)


def _form(actor: Actor, row: Row, state: HoursState) -> None:
    form = f"decide.{row.id}"

    def confirm(_used: str) -> Outcome:
        reason, quality = field_value(form, "reason", "") or "", field_value(form, "quality")
        serving_hours.confirm(actor, row.id, version=row.version, reason=reason, quality=quality)
        return Outcome(HoursState.EFFECTIVE.label)

    def refuse(_used: str) -> Outcome:
        settle = serving_hours.reject if state == HoursState.PENDING else serving_hours.void
        settle(actor, row.id, field_value(form, "reason", "") or "", version=row.version)
        return Outcome(L("已处理", "Done"))

    with st.container(border=True):
        st.text_input(t(L("说明", "Reason")), key=field_key(form, "reason"))
        errors_of(form)
        if state == HoursState.EFFECTIVE:
            button(L("取消生效", "Take it back"), refuse, form=form, name="void", icon=":material/undo:")
            return
        st.selectbox(t(L("服务评价", "Quality")), list(Quality), index=None, format_func=lambda q: q.label(language()),
                     key=field_key(form, "quality"), placeholder=t(L("选填", "Optional")))  # fmt: skip
        with st.container(horizontal=True):
            button(L("确认生效", "Confirm"), confirm, form=form, kind="primary", icon=":material/check:")
            button(L("拒绝", "Refuse"), refuse, form=form, name="refuse", icon=":material/block:")
