"""One organisation whole: who they are, agreement and its days left, next step, the log, what we did together."""

from collections.abc import Callable

import streamlit as st

from models import RECORDS
from models.partners import Stage, Tier
from models.words import L
from pages.staff.steps import finish_form
from services import clock, partners
from services.access import Actor
from services.partners import Whole
from services.store import Row
from ui.detail import detail, fields_html
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, go, language, literal, number, t
from ui.words import day_words, due_words

ORGANISATION = RECORDS["organisation"]


def page(actor: Actor, key: int) -> None:
    detail(actor, ORGANISATION, key, actions=_actions, above=_whole, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    names = ("level", "kind", "region", "owner")
    return row.title, " · ".join(part for name in names if (part := row.show(name, language())))


def _actions(actor: Actor, row: Row) -> None:
    if not actor.may("write", "partners"):
        return
    label = t(L("记录往来", "Log a contact"))
    if st.button(label, icon=":material/add_comment:", type="primary", key="log"):
        go("interaction", do="new", **{"set.organisation_id": row.id})
    form = f"stage.{row.id}"
    with st.popover(t(L("改变阶段", "Change the stage")), icon=":material/timeline:"):
        st.text_input(t(L("理由（退回时必填）", "Reason (needed for a step back)")), key=field_key(form, "reason"))
        for stage in Stage:
            if stage != row.values["stage"]:
                button(stage.label, _mover(actor, row.id, stage, form), form=f"{form}.{stage}", width="stretch")
        for stage in Stage:
            errors_of(f"{form}.{stage}")


def _mover(actor: Actor, key: int, stage: Stage, form: str) -> Callable[[str], Outcome]:
    def act(_used: str) -> Outcome:
        partners.move_stage(actor, key, stage, field_value(form, "reason", ""))
        return Outcome(L(f"阶段：{stage.label.zh}", f"Stage: {stage.label.en}"))

    return act


def _whole(actor: Actor, row: Row) -> None:
    found = partners.whole(actor, row.id)
    with st.container(horizontal=True):
        st.badge(t(Stage(row.values["stage"]).label), icon=":material/timeline:", color="blue")
        if row.values["tier"] == Tier.KEY:
            st.badge(t(L("重点维系", "Key partner")), icon=":material/star:", color="blue")
        if found.days_left:
            st.badge(t(L("协议有效", "Agreement in force")), icon=":material/check_circle:", color="green")
    left, right = st.columns([6, 4], gap="medium")
    with left:
        _next_step(actor, found)
        st.html(_log(found))
    with right:
        _agreement(actor, found)
        _contacts(actor, found)
        _together(found)


def _next_step(actor: Actor, found: Whole) -> None:
    step = found.next_step
    if step is None:
        st.info(
            t(L("没有安排下一步：记录往来时填写。", "No next step: set one when you log a contact.")),
            icon=":material/event:",
        )
        return
    with st.container(border=True):
        colour = "red" if step.overdue > 0 else "gray"
        st.markdown(
            f"**{t(L('下一步：', 'Next step: '))}{literal(step.step)}**  \n:{colour}[{t(due_words(step.due, -step.overdue))}]"
        )
        if actor.may("write", "partners"):
            finish_form(actor, step.interaction_id)


def _log(found: Whole) -> str:
    lines = "".join(
        f"<li><b>{escaped(row.show('kind', language()))}</b> {escaped(row.show('contact_id'))}"
        f"<small>{escaped(t(day_words(row.values['happened_on'])))}</small><p>{escaped(row.values['summary'])}</p></li>"
        for row in found.log
    )
    nothing = f"<p class='s'>{escaped(t(L('还没有往来记录。', 'Nothing logged yet.')))}</p>"
    return f"<h4>{escaped(t(L('往来记录', 'Log')))}</h4>" + (f"<ol class='tl'>{lines}</ol>" if lines else nothing)


def _agreement(actor: Actor, found: Whole) -> None:
    current = next((paper for paper in found.agreements if paper.id in found.days_left), None)
    with st.container(border=True):
        if current is None:
            st.markdown(f"**{t(L('没有生效的协议', 'No agreement in force'))}**")
            if actor.may("write", "partners") and st.button(
                t(L("登记协议", "Add an agreement")), icon=":material/add:"
            ):
                go("agreement", do="new", **{"set.organisation_id": found.organisation.id})
            return
        days = found.days_left[current.id]
        st.metric(t(L("协议剩余", "Agreement ends in")), t(L(f"{days} 天", f"{days} days")))
        length = max((current.values["ends"] - current.values["starts"]).days, 1)
        st.progress(min(max(1 - days / length, 0.0), 1.0))
        names = ("number", "kind", "ends", "amount", "scope")
        pairs = [
            (t(RECORDS["agreement"].field(n).label), current.show(n, language()))
            for n in names
            if current.values.get(n)
        ]
        st.html(fields_html(pairs))
        if actor.may("write", "partners") and st.button(
            t(L("起草续签", "Draft the renewal")), icon=":material/draw:", width="stretch"
        ):
            go("agreement", do="new", renew=current.id)


def _contacts(actor: Actor, found: Whole) -> None:
    with st.container(border=True):
        pairs = [
            (row.title, " · ".join(p for p in (row.show("title"), row.show("phone"), row.show("work_phone")) if p))
            for row in found.contacts
        ]
        st.html(fields_html(pairs, t(L("联系人", "Contacts"))))
        if actor.may("write", "partners") and st.button(
            t(L("添加联系人", "Add a contact")), icon=":material/person_add:", type="tertiary"
        ):
            go("contact", do="new", **{"set.organisation_id": found.organisation.id})


def _together(found: Whole) -> None:
    if not found.sessions:
        return
    with st.container(border=True):
        pairs = [(clock.local(row.values["starts"]).date().isoformat(), row.title) for row in found.sessions]
        st.html(fields_html(pairs, t(L("一起做过", "Done together"))))


def renewal(actor: Actor) -> dict[str, object]:
    """The values with which a renewal begins, where the address names the agreement that ends."""
    return partners.draft_renewal(actor, number("renew")) if number("renew") else {}
