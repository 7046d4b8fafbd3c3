"""The training calendar: month, week and day, what is shown of it, moving a session by dragging it; a list on a phone."""

import re
from datetime import date, timedelta
from typing import Any

import streamlit as st
from streamlit_calendar import calendar as draw_calendar

from models.training import SessionState
from models.words import L
from pages.staff import agenda, calendar_feeds, calendar_filters, moving
from services import clock, timetable
from services.access import Actor
from services.timetable import CalendarItem
from ui.calendar_style import TWO_LINES
from ui.shell import go, header, language, param, set_params, t

COLOURS = {
    SessionState.DRAFT: "#6B7C80",
    SessionState.OPEN: "#0B6E75",
    SessionState.CLOSED: "#3F6EA8",
    SessionState.HELD: "#2E7D4F",
    SessionState.CANCELLED: "#9AA7AA",
}
DATED = re.compile(r"\s*[（(]\d{1,2}月\d{1,2}日[）)]$")  # a calendar says the day itself
VIEWS = ("dayGridMonth", "timeGridWeek", "timeGridDay", "listMonth")
BEHIND, AHEAD = timedelta(days=200), timedelta(days=400)


def page(actor: Actor) -> None:
    about = L(
        "一个月、一周或一天的培训；点一个班打开，拖动可改时间。",
        "A month, a week or a day; click a session to open it, drag it to another time.",
    )
    with header(t(L("培训日历", "Training calendar")), about):
        calendar_feeds.popover(actor)
        if actor.may("write", "training") and st.button(
            t(L("排课", "New session")), icon=":material/add:", type="primary"
        ):
            go("training_session", do="new")
    only = calendar_filters.draw(actor)
    asked = timetable.day_from(param("date"))
    day = asked or clock.today()
    items = timetable.calendar(actor, day - BEHIND, day + AHEAD, only)
    moving.bar(actor, items)
    with st.container(key="agenda"):
        agenda.draw(items, asked)
    with st.container(key="month-grid"):
        _grid(actor, items, day)


def _grid(actor: Actor, items: list[CalendarItem], day: date) -> None:
    """What happened in the calendar is taken once: a move gives it a new key, and so a clean slate."""
    told: dict[str, Any] = draw_calendar(
        events=[_event(actor, item) for item in items],
        options=_options(day),
        custom_css=TWO_LINES,
        callbacks=["eventClick", "eventChange"],
        key=f"calendar.{language()}.{moving.slate()}",
    )
    kind = told.get("callback", "")
    view = told.get(kind, {}).get("view") if kind else None
    if view:
        set_params(view=view["type"], date=view["currentStart"][:10])
    if kind == "eventClick":
        go("training_session", id=told[kind]["event"]["id"])
    if kind == "eventChange":
        moving.dropped(actor, told[kind]["event"], items)
    dots = "　".join(f"<span style='color:{COLOURS[state]}'>●</span> {t(state.label)}" for state in SessionState)
    st.html(f"<p class='s'>{dots}</p>")


def _event(actor: Actor, item: CalendarItem) -> dict[str, object]:
    about = " · ".join(part for part in (item.venue, f"{item.enrolled}/{item.capacity}") if part)
    free = item.state not in (SessionState.HELD, SessionState.CANCELLED)
    return {
        "id": str(item.id),
        "title": f"{DATED.sub('', item.title)}\n{about}",
        "start": clock.local(item.starts).strftime("%Y-%m-%dT%H:%M"),
        "end": clock.local(item.ends).strftime("%Y-%m-%dT%H:%M"),
        "color": COLOURS[item.state],
        "editable": free and actor.may("write", "training"),
    }


def _options(day: date) -> dict[str, object]:
    """Times are those of the site, whatever the browser's zone."""
    words = {"today": L("今天", "Today"), "month": L("月", "Month"), "week": L("周", "Week"), "day": L("日", "Day"),
             "list": L("列表", "List")}  # fmt: skip
    return {
        "locale": "zh-cn" if language() == "zh" else "en",
        "timeZone": "UTC",
        "now": clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M"),
        "initialDate": day.isoformat(),
        "initialView": param("view") if param("view") in VIEWS else VIEWS[0],
        "firstDay": 1,
        "height": 760,
        "headerToolbar": {"left": "prev,next today", "center": "title", "right": ",".join(VIEWS)},
        "buttonText": {name: t(word) for name, word in words.items()},
        "allDaySlot": False,
        "slotMinTime": "07:00:00",
        "slotMaxTime": "22:00:00",
        "dayMaxEvents": 4,
    }
