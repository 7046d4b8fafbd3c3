"""The exam of a session: what its course asks for, how everybody stands, one table to enter an attempt of the class."""

from typing import Any

import pandas as pd
import streamlit as st

from models.assessment import Verdict
from models.words import L
from pages.staff.score_grid import grid
from services import assessment, clock
from services.access import Actor
from services.assessment import Exam, Examined
from ui.shell import empty, go, header, link, number, param, set_params, t
from ui.tables import height

TITLE = L("考核", "Assessment")


def page(actor: Actor) -> None:
    key = number("id")
    if not key:
        _recent(actor)
        return
    found = assessment.exam(actor, key)
    with header(f"{t(TITLE)} · {found.title}", rules(found)):
        link(L("返回培训班", "Back to the session"), "training_session", ":material/arrow_back:", id=key)
    if not found.asked:
        about = L(
            "在课程里填及格分或实操项目后，这里就能录入。", "Give its course a passing score or practical items first."
        )
        empty(L("这门课没有考核", "This course has no exam"), about, "grading")
        return
    with st.container(horizontal=True):
        for verdict in Verdict:
            st.metric(t(verdict.label), f"{found.count(verdict):,}", border=True)
    grid(actor, key, found, _attempt(found))


def rules(found: Exam) -> L:
    """What passing takes, in one line."""
    required = [name for name, needed in found.items.values() if needed]
    zh = [f"理论 {found.passing_score} 分合格"] if found.passing_score is not None else []
    en = [f"theory {found.passing_score} passes"] if found.passing_score is not None else []
    if required:
        zh.append("实操必过" + "、".join(name.zh for name in required))
        en.append("to pass in practice: " + ", ".join(name.en for name in required))
    zh.append(f"每项最多 {found.attempts} 次")
    english = "; ".join([*en, f"at most {found.attempts} attempts each"])
    return L("；".join(zh), english[:1].upper() + english[1:])


def _attempt(found: Exam) -> int:
    """Which attempt is entered, kept in the address."""
    if found.attempts == 1:
        return 1
    asked = number("attempt")
    chosen = st.segmented_control(
        t(L("第几次", "Attempt")), range(1, found.attempts + 1), default=asked if 1 <= asked <= found.attempts else 1,
        format_func=lambda n: t(L("首次考核", "First attempt") if n == 1 else L(f"补考（第 {n} 次）", f"Resit (no. {n})")),
        key="attempt", required=True, label_visibility="collapsed",
    )  # fmt: skip
    set_params(attempt="" if chosen == 1 else chosen)
    return int(chosen or 1)


def _recent(actor: Actor) -> None:
    header(
        t(TITLE),
        L(
            "近 60 天有考核的班；点一个班录成绩。",
            "Sessions with an exam in the last 60 days; click one to enter results.",
        ),
    )
    found = assessment.recent(actor)
    if not found:
        about = L("有考核的班开课后会出现在这里。", "Sessions with an exam stand here once they begin.")
        empty(L("近来没有考核", "No exam lately"), about, "grading")
        return
    event: Any = st.dataframe(
        _frame(found), hide_index=True, on_select="rerun", selection_mode="single-cell", placeholder="", key="exams",
        height=height(len(found)),
    )  # fmt: skip
    if event.selection.cells and param("id") == "":
        go("scores", id=found[event.selection.cells[0][0]].session_id)


def _frame(found: list[Examined]) -> pd.DataFrame:
    return pd.DataFrame({
        t(L("培训班", "Session")): [one.title for one in found],
        t(L("日期", "Date")): [f"{clock.local(one.starts):%Y-%m-%d}" for one in found],
        t(L("录取", "Enrolled")): [one.people for one in found],
        t(L("有理论成绩", "With a theory score")): pd.array([one.scored for one in found], dtype="Int64"),
        t(L("有实操成绩", "With a practical check")): pd.array([one.checked for one in found], dtype="Int64"),
    })  # fmt: skip
