"""A session's certificates on one page: who passed and what keeps the others back, submitted, approved, printed."""

import pandas as pd
import streamlit as st

from models.words import L
from pages.staff.certify_acts import decide, history, submit
from pages.staff.certify_print import printing
from services import eligibility
from services.access import Actor
from services.eligibility import Candidate, Eligibility
from services.errors import NotFound
from ui.shell import empty, header, link, number, t
from ui.steps import bar

STEPS = [L("核对名单", "Check the list"), L("待批准", "Waits for approval"), L("已发证", "Issued")]


def page(actor: Actor) -> None:
    if not number("id"):
        raise NotFound(record="training_session")
    found = eligibility.eligibility(actor, number("id"))
    link(L(found.title, found.title), "training_session", ":material/arrow_back:", id=number("id"))
    place = header(
        t(L("发证", "Certificates")),
        L(
            "一人提交名单，另一人批准，编号随即生成。",
            "One person submits the list; another approves, and numbers are given.",
        ),
    )
    with place:
        printing(actor, number("id"), found)
    if not found.is_held or not found.is_certified:
        _not_yet(found)
        return
    st.html(bar(STEPS, _step(found)))
    if found.waiting:
        decide(actor, found.waiting)
    else:
        submit(actor, number("id"), found.candidates)
    _numbers(found.candidates)
    _list(found.candidates)
    history(found.batches)


def _not_yet(found: Eligibility) -> None:
    if not found.is_certified:
        empty(
            L("这门课程不发证", "This course issues no certificates"),
            L("可在课程里打开“结业发证”。", "“Issues a certificate” is a setting of the course."),
            "workspace_premium",
        )
        return
    empty(
        L("培训班还没有结束", "The session is not closed yet"),
        L("标为“已举办”后才能发证。", "Certificates follow once it is marked as held."),
        "hourglass_top",
    )


def _step(found: Eligibility) -> int:
    if found.waiting:
        return 1
    return 2 if any(one.number for one in found.candidates) and not any(one.is_new for one in found.candidates) else 0


def _numbers(people: list[Candidate]) -> None:
    told = (
        (L("参加", "Took part"), len(people)),
        (L("通过", "Passed"), sum(not one.missing for one in people)),
        (L("未通过", "Kept back"), sum(bool(one.missing) for one in people)),
        (L("已发证", "Certified"), sum(bool(one.number) and not one.is_revoked for one in people)),
    )
    with st.grid(4, min_column_width=120):
        for label, count in told:
            st.metric(t(label), count, border=True)


def _list(people: list[Candidate]) -> None:
    if not people:
        st.caption(t(L("还没有人报名或签到。", "Nobody enrolled or came.")))
        return
    frame = pd.DataFrame(
        {
            t(L("姓名", "Name")): [one.name for one in people],
            t(L("结果", "Result")): [_result(one) for one in people],
            t(L("证书编号", "Number")): [_number(one) for one in people],
            t(L("续自", "Renews")): [one.renews for one in people],
        }
    )
    st.dataframe(frame, hide_index=True, placeholder="", height=min(36 * len(frame) + 40, 920))


def _result(one: Candidate) -> str:
    if not one.missing:
        return t(L("● 通过", "● Passed"))
    return "✕ " + t(L("；", "; ")).join(t(missing.reason) for missing in one.missing)


def _number(one: Candidate) -> str:
    return one.number + (t(L("（已撤销）", " (revoked)")) if one.is_revoked else "")
