"""A session's exam and feedback beside its people: how many passed, the codes for the phones, the stars."""

import streamlit as st

from models import RECORDS
from models.assessment import Verdict
from models.words import L
from services import assessment, checkin, feedback, quiz
from services.access import Actor
from services.feedback import Satisfaction
from services.store import Row
from ui.detail import fields_html
from ui.shell import go, t

FEEDBACK = RECORDS["feedback"]


def card(actor: Actor, row: Row) -> None:
    found, may = assessment.exam(actor, row.id), actor.may("write", "training")
    invited = quiz.invitation(actor, row.id) if may else None
    with st.container(border=True):
        st.markdown(f"**{t(L('考核与评价', 'Exam and feedback'))}**")
        if found.asked:
            told = "　".join(f"{t(verdict.label)} **{found.count(verdict)}**" for verdict in Verdict)
            st.markdown(told)
            label = L("录入成绩", "Enter results") if may else L("看成绩", "See results")
            if st.button(t(label), icon=":material/grading:", width="stretch", key="scores"):
                go("scores", id=row.id)
        if invited and invited.short is not None:
            about = L(
                f"题库里只有 {invited.short} 题，还开不了测验。",
                f"The bank has {invited.short} questions, too few for a quiz.",
            )
            st.caption(t(about))
        elif invited:
            about = L(
                f"已交卷 {invited.done}，答题中 {invited.open}",
                f"{invited.done} handed in, {invited.open} being answered",
            )
            _code(L("手机测验", "Quiz on the phone"), invited.path, about, "quiz")
        stars(feedback.of_session(actor, row.id))
        if may:
            about = L("不记名，一部手机填一次", "Anonymous, once for each phone")
            _code(L("课后评价", "Feedback"), feedback.path(actor, row.id), about, "star")


def _code(label: L, path: str, about: L, icon: str) -> None:
    """A button that shows a QR code, large enough for the class to scan it from the screen, and its link."""

    def shown() -> None:
        url = f"{str(st.context.url or '').split('/training_session')[0]}{path}"
        st.image(checkin.poster_svg(url), width="stretch", caption=t(about))
        st.link_button(t(L("打开页面", "Open the page")), url, icon=":material/open_in_new:", width="stretch")

    if st.button(t(label), icon=f":material/{icon}:", width="stretch", key=f"code.{icon}"):
        st.dialog(t(label))(shown)()


def stars(found: Satisfaction) -> None:
    """The mean of all answers, of each question, and how many there are."""
    if not found.number:
        st.caption(t(L("还没有学员评价。", "No feedback yet.")))
        return
    pairs = [(t(FEEDBACK.field(name).label), f"{mean:.1f}") for name, mean in found.means.items()]
    title = L(f"★ {found.mean:.1f}（{found.number} 份评价）", f"★ {found.mean:.1f} ({found.number} answers)")
    st.html(fields_html(pairs, t(title)))
