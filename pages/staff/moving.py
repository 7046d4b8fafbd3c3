"""A session that was dragged in the calendar: moved, with a way back; or refused, with what is in the way and a reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from models.words import L
from pages.staff import scheduling
from services import clock, planning, timetable
from services.access import Actor
from services.timetable import CalendarItem
from ui.shell import (
    Outcome,
    button,
    errors,
    field_key,
    field_value,
    literal,
    number,
    param,
    set_params,
    submit,
    t,
    token,
)
from ui.words import span

FORM = "calendar.move"


def slate() -> str:
    """Changes with every move that was made or refused."""
    return f"{token(FORM)}.{param('move')}.{param('starts')}"


def dropped(actor: Actor, event: dict[str, Any], items: Sequence[CalendarItem]) -> None:
    """Take a drop once; what is refused waits in the address for a reason."""
    item = next((one for one in items if str(one.id) == event["id"]), None)
    starts, ends = _site(event.get("start")), _site(event.get("end"))
    if item is None or starts is None or ends is None or (starts, ends) == (item.starts, item.ends):
        return
    _keep(item.id, starts, ends)
    submit(FORM, lambda used: _move(actor, item, starts, ends, "", used), token(FORM))
    st.rerun()


def _keep(key: int | str = "", starts: datetime | None = None, ends: datetime | None = None, was: str = "") -> None:
    set_params(move=key, starts=_text(starts), ends=_text(ends), was=was)


def _move(actor: Actor, item: CalendarItem, starts: datetime, ends: datetime, reason: str, used: str) -> Outcome:
    planning.move(actor, item.id, starts, ends, reason=reason, token=used)
    _keep(item.id, was=f"{_text(item.starts)}/{_text(item.ends)}")
    return Outcome(L(f"已移动：{literal(item.title)}", f"Moved: {literal(item.title)}"))


def bar(actor: Actor, items: Sequence[CalendarItem]) -> None:
    """Above the calendar: the way back from the last move, or what stands against the one that was refused."""
    item = next((one for one in items if one.id == number("move")), None)
    if item is None or not actor.may("write", "training"):
        return
    before = [timetable.moment_from(text) for text in param("was").split("/")]
    starts, ends = timetable.moment_from(param("starts")), timetable.moment_from(param("ends"))
    if len(before) == 2 and before[0] and before[1]:
        _back(actor, item, before[0], before[1])
    elif starts and ends and errors(FORM):
        _refused(actor, item, starts, ends)


def _back(actor: Actor, item: CalendarItem, starts: datetime, ends: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        now = span(item.starts, item.ends)
        st.markdown(literal(f"{item.title} → {t(now)}"), width="stretch")

        def act(used: str) -> Outcome:
            planning.move(actor, item.id, starts, ends, reason=t(L("撤销移动", "Move undone")), token=used)
            _keep()
            return Outcome(L("已移回原来的时间", "Back at its old time"))

        button(L("撤销", "Undo"), act, form=f"unmove.{item.id}", icon=":material/undo:")


def _refused(actor: Actor, item: CalendarItem, starts: datetime, ends: datetime) -> None:
    with st.container(border=True):
        when = span(starts, ends)
        st.markdown(f"**{literal(item.title)} → {t(when)}**")
        scheduling.tell(planning.advice_on_move(actor, item.id, starts, ends))
        st.text_input(
            t(L("仍要移动的理由（会记入日志）", "Reason for moving all the same (is logged)")),
            key=field_key(FORM, "reason"),
        )
        with st.container(horizontal=True):
            button(
                L("仍要移动", "Move it all the same"),
                lambda used: _move(actor, item, starts, ends, field_value(FORM, "reason", ""), used),
                form=FORM, icon=":material/check:",
            )  # fmt: skip
            st.button(t(L("算了", "Leave it")), on_click=_keep, key="leave-it")


def _site(text: object) -> datetime | None:
    """A time on the calendar, which is the wall clock of the site."""
    return timetable.moment_from(str(text)) if text else None


def _text(moment: datetime | None) -> str:
    return clock.local(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""
