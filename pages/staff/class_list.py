"""Above the list of classes: first what is today or ahead, the next one on top, and said so; all of them by one click."""

from datetime import timedelta

import streamlit as st

from models.words import L
from services import clock, timetable
from services.access import Actor
from ui.shell import forget, param, set_params, t

ASKED = ("q", "sort", "show", "only", "do")
YEAR = timedelta(days=365)


def ahead(actor: Actor) -> None:
    """Narrow the list that was opened plainly, where something is ahead; a list that was asked something stays."""
    today = clock.today()
    span = f"{today.isoformat()}~"
    is_asked = any(name in ASKED or name.startswith("f.") for name in st.query_params)
    if not is_asked and timetable.calendar(actor, today, today + YEAR):
        forget("training_session.")  # what the filters held before would take this out of the address again
        set_params(**{"f.starts": span, "sort": "starts"})
    if param("f.starts") != span:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="ahead"):
        st.badge(t(L("今天和以后的班", "Today and ahead")), icon=":material/filter_alt:", color="primary")
        if st.button(t(L("看全部", "Show all")), key="training_session.ahead", type="tertiary"):
            forget("training_session.")
            st.query_params.clear()
            set_params(show="all")
            st.rerun()
