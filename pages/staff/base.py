"""A base day by day: a line for the duty log, this month's entries, its rules, what it supported and what comes next."""

import streamlit as st

from models import RECORDS
from models.training import Base
from models.words import L
from pages.staff.checklist import progress
from pages.staff.duty import line, log
from pages.staff.exam_card import stars
from services import bases
from services.access import Actor
from services.bases import Overview
from ui.detail import fields_html
from ui.shell import escaped, header, link, param, set_params, t
from ui.words import span

DUTY = RECORDS["base_duty_log"]


def page(actor: Actor) -> None:
    header(
        t(L("基地", "Bases")),
        L("值班记一句话，制度和培训一眼看清。", "One line for the log; rules and sessions at a glance."),
    )
    chosen = st.segmented_control(
        t(L("哪个基地", "Which base")), list(Base), default=_asked(), format_func=lambda base: t(base.label), key="base",
        label_visibility="collapsed",
    )  # fmt: skip
    base = chosen or _asked()
    set_params(base=base.value)
    found = bases.overview(actor, base)
    left, right = st.columns([6, 4], gap="medium")
    with left:
        if actor.may("write", DUTY.area):
            line(actor, base)
        log(found)
    with right:
        _rules(found)
        _sessions(base, found)
        with st.container(border=True):
            st.markdown(f"**{t(L('学员满意度（本合同年）', 'Satisfaction this contract year'))}**")
            stars(found.feedback)


def _asked() -> Base:
    return Base(param("base")) if param("base") in list(Base) else Base.EMERGENCY_BASE


def _rules(found: Overview) -> None:
    if found.rules:
        key, checklist = found.rules
        with st.container(border=True):
            st.markdown(f"**{t(L('制度文件', 'Rules'))}**")
            progress(checklist)
            lacking = [item.name for item in checklist.items if item.current is None]
            if lacking:
                st.html(f"<p class='s'>{escaped(t(L('还缺：', 'Missing: ')) + '、'.join(lacking))}</p>")
            link(L("打开清单", "Open the checklist"), "deliverable", ":material/checklist:", id=key)


def _sessions(base: Base, found: Overview) -> None:
    with st.container(border=True):
        st.metric(t(L("本月已举办培训", "Sessions held this month")), f"{found.held:,}")
        pairs = [(t(span(row.values["starts"], row.values["ends"])), row.title) for row in found.ahead]
        st.html(fields_html(pairs or [("", t(L("没有排好的培训", "Nothing planned")))], t(L("接下来", "Coming up"))))
        link(L("全部培训班", "Every session"), "training_session", ":material/school:", **{"f.base": base.value})
