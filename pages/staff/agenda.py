"""The calendar as a list, for a phone and for a keyboard: a month, day by day, each session a link."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

import streamlit as st

from models.periods import add_months
from models.training import SessionState
from models.words import L
from services import clock
from services.timetable import CalendarItem
from ui.shell import escaped, set_params, t
from ui.words import day_words


def draw(items: Sequence[CalendarItem], asked: date | None) -> None:
    """The month of the day that was asked for; without one what comes from today on."""
    first = asked.replace(day=1) if asked else clock.today()
    until = add_months(first, 1)
    before, after = (
        (add_months(first, -1), until) if asked else (first.replace(day=1), add_months(first.replace(day=1), 1))
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _turn(":material/chevron_left:", L("往前", "Earlier"), before)
        st.markdown(f"**{first:%Y-%m}**" if asked else f"**{t(L('从今天起', 'From today on'))}**", width="content")
        _turn(":material/chevron_right:", L("往后", "Later"), after)
    shown = [item for item in items if first <= clock.local(item.starts).date() < until]
    if not shown:
        st.caption(t(L("这段时间没有培训。", "No sessions in this time.")))
    for at, members in groupby(shown, key=lambda item: clock.local(item.starts).date()):
        st.html(f"<h4 class='due'>{t(day_words(at))}</h4><ol class='ag'>{''.join(map(_line, members))}</ol>")


def _turn(icon: str, label: L, to: date) -> None:
    st.button("", icon=icon, help=t(label), key=f"agenda.{label.en}", on_click=set_params, kwargs={"date": to})


def _line(item: CalendarItem) -> str:
    starts, ends = clock.local(item.starts), clock.local(item.ends)
    more = f" +{(ends.date() - starts.date()) // timedelta(days=1)}" if ends.date() > starts.date() else ""
    over = " class='over'" if item.state == SessionState.CANCELLED else ""
    about = " · ".join(part for part in (t(item.state.label), item.venue, f"{item.enrolled}/{item.capacity}") if part)
    return (
        f"<li{over}><span>{starts:%H:%M}–{ends:%H:%M}{more}</span>"
        f"<a href='/training_session?id={item.id}' target='_self'>{escaped(item.title)}</a><small>{escaped(about)}</small></li>"
    )
