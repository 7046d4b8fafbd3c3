"""A session's certificates on one page: who passed and what keeps the others back, each with their figures; then submitted,
approved, printed."""

import streamlit as st

from models.words import L
from pages.staff import certify_rulings
from pages.staff.certify_acts import anew, submit
from pages.staff.certify_decide import decide, history
from pages.staff.certify_lists import kept_back, left_out, passed
from pages.staff.certify_print import printing
from pages.staff.certify_told import running, too_short
from pages.staff.certify_waiting import lists
from services import eligibility
from services.access import Actor
from services.eligibility import Candidate, Eligibility
from ui.shell import empty, header, link, number, t
from ui.steps import bar

STEPS = [L("核对名单", "Check the list"), L("待批准", "Waits for approval"), L("已发证", "Issued")]


def page(actor: Actor) -> None:
    if not number("id"):
        lists(actor)
        return
    found = eligibility.eligibility(actor, number("id"))
    link(L(found.title, found.title), "training_session", ":material/arrow_back:", id=number("id"))
    place = header(
        t(L("发证", "Certificates")),
        L(
            "一人提交名单，另一人批准，编号随即生成。",
            "One person submits the list, another approves it, and the certificates are numbered.",
        ),
    )
    with place:
        printing(actor, number("id"), found)
    if not found.is_held or not found.is_certified:
        _not_yet(found)
        return
    if not found.is_over:
        running(found)
        return
    st.html(bar(STEPS, _step(found)))
    if _step(found) < 2:
        too_short(found.length)
    if found.waiting:
        decide(actor, found.title, found.waiting)
    else:
        submit(actor, number("id"), found)
        anew(actor, number("id"), found)
    _numbers(found.candidates)
    passed(found.candidates)
    certify_rulings.leave_out(actor, number("id"), found)
    left_out(found.candidates)
    kept_back(found.candidates)
    certify_rulings.let_through(actor, number("id"), found)
    certify_rulings.ruled(actor, found)
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
        (L("可发证", "To be certified"), sum(one.is_new for one in people)),
        (L("暂不发证（人工留下）", "Left out by decision"), sum(one.is_left_out for one in people)),
        (L("还不能发证", "Not yet eligible"), sum(bool(one.missing) and not one.is_left_out for one in people)),
        (L("已发证", "Certified"), sum(bool(one.number) and not one.is_revoked for one in people)),
    )
    with st.grid(5, min_column_width=120):
        for label, count in told:
            st.metric(t(label), count, border=True)
