"""The papers of a session on its page: the posters, the sheet to sign, what people thought."""

import streamlit as st

from models.training import SessionState
from models.words import L
from services import clock
from services.access import Actor
from services.store import Row
from ui.shell import t

PAPERS = (
    ("enrolment", "campaign", L("报名海报", "Enrolment poster")),
    ("poster", "qr_code_2", L("签到海报", "Check-in poster")),
    ("sign-in", "signature", L("签到表", "Sign-in sheet")),
    ("feedback", "reviews", L("评价汇总", "Feedback summary")),
)


def papers(actor: Actor, row: Row) -> None:
    """The posters and the sheet to sign, as PDF; the one to enrol only of a session that the public sees and may still
    come to, what people thought only once it has begun."""
    if not actor.may("write", "training"):
        return
    with st.container(horizontal=True):
        begun = row.values["starts"] <= clock.now()
        takes_more = row.values["state"] in (SessionState.DRAFT, SessionState.OPEN)
        hidden = {"enrolment": begun or not (takes_more and row.values["open_to_public"]), "feedback": not begun}
        for name, icon, label in (one for one in PAPERS if not hidden.get(one[0])):
            url = f"/papers/session/{row.id}/{name}.pdf"
            st.link_button(t(label), url, icon=f":material/{icon}:")
