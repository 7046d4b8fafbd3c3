"""One organisation whole: who they are, agreement and its days left, next step, the log, what we did together."""

from collections.abc import Callable

import streamlit as st

from models import RECORDS
from models.partners import Stage, Tier
from models.words import L
from pages.staff import organisation_quotas, organisation_together
from pages.staff.organisation_cards import agreement, contacts
from pages.staff.steps import finish_form
from services import partners
from services.access import Actor
from services.partners import Whole
from services.store import Row
from ui.detail import detail
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
        organisation_together.card(actor, row.id)
    with right:
        agreement(actor, found)
        contacts(actor, found)
        organisation_quotas.card(actor, row.id)


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


def renewal(actor: Actor) -> dict[str, object]:
    """The values with which a renewal begins, where the address names the agreement that ends."""
    return partners.draft_renewal(actor, number("renew")) if number("renew") else {}
