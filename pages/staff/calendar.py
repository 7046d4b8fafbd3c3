"""The training calendar: month, week and day; a click opens the session."""

from datetime import timedelta

import streamlit as st
from streamlit_calendar import calendar as draw_calendar

from models.training import SessionState
from models.words import L
from services import clock, timetable
from services.access import Actor
from services.timetable import CalendarItem
from ui.shell import go, header, language, t

COLOURS = {
    SessionState.DRAFT: "#8A9A9D",
    SessionState.OPEN: "#0B6E75",
    SessionState.CLOSED: "#3F6EA8",
    SessionState.HELD: "#2E7D4F",
    SessionState.CANCELLED: "#C9D4D6",
}
NARROW = "@media (max-width:640px){.fc .fc-toolbar{flex-wrap:wrap;gap:.5rem} .fc .fc-toolbar-title{font-size:1.1rem}}"
BEHIND, AHEAD = timedelta(days=200), timedelta(days=200)


def page(actor: Actor) -> None:
    about = L("一个月、一周或一天的培训；点一个班打开。", "A month, a week or a day of sessions; click one to open it.")
    with header(t(L("培训日历", "Training calendar")), about):
        if actor.may("write", "training") and st.button(
            t(L("排课", "New session")), icon=":material/add:", type="primary"
        ):
            go("training_session", do="new")
    today = clock.today()
    items = timetable.calendar(actor, today - BEHIND, today + AHEAD)
    clicked = draw_calendar(
        events=[_event(item) for item in items],
        options=_options(),
        callbacks=["eventClick"],
        custom_css=NARROW,
        key=f"calendar.{language()}",
    )
    if clicked.get("callback") == "eventClick":
        go("training_session", id=clicked["eventClick"]["event"]["id"])
    dots = "　".join(f"<span style='color:{COLOURS[state]}'>●</span> {t(state.label)}" for state in SessionState)
    st.html(f"<p class='s'>{dots}</p>")


def _event(item: CalendarItem) -> dict[str, object]:
    where = f" · {item.venue}" if item.venue else ""
    return {
        "id": str(item.id),
        "title": f"{item.title}{where} {item.enrolled}/{item.capacity}",
        "start": clock.local(item.starts).strftime("%Y-%m-%dT%H:%M"),
        "end": clock.local(item.ends).strftime("%Y-%m-%dT%H:%M"),
        "color": COLOURS[item.state],
    }


def _options() -> dict[str, object]:
    return {
        "locale": "zh-cn" if language() == "zh" else "en",
        "firstDay": 1,
        "height": 760,
        "headerToolbar": {
            "left": "prev,next today",
            "center": "title",
            "right": "dayGridMonth,timeGridWeek,timeGridDay,listMonth",
        },
        "buttonText": {
            "today": t(L("今天", "Today")),
            "month": t(L("月", "Month")),
            "week": t(L("周", "Week")),
            "day": t(L("日", "Day")),
            "list": t(L("列表", "List")),
        },
        "allDayText": t(L("全天", "All day")),
        "slotMinTime": "07:00:00",
        "slotMaxTime": "22:00:00",
        "dayMaxEvents": 4,
    }
