"""Next steps: what was promised to whom, the most overdue first; partners not spoken to for 90 days."""

import streamlit as st

from models.words import L
from services import clock, partners
from services.access import Actor
from services.partners import NextStep
from ui.shell import Outcome, button, empty, errors_of, field_key, field_value, go, header, literal, t
from ui.words import due_words


def page(actor: Actor) -> None:
    today = clock.today()
    header(
        t(L("下一步与维系", "Next steps")),
        L("逾期的在前；90 天没有往来的单位在下面。", "Overdue first; below, partners not spoken to for 90 days."),
    )
    steps = partners.next_steps(actor, today)
    if not steps:
        empty(
            L("没有待办的下一步", "No next steps"),
            L("记录往来时填上下一步和日期。", "Set one when you log a contact."),
            "event_available",
        )
    for step in steps:
        _step(actor, step)
    silent = partners.silent(actor, today)
    if silent:
        st.subheader(t(L(f"90 天没有往来的 {len(silent)} 家", f"{len(silent)} partners not spoken to for 90 days")))
    for one in silent:
        with st.container(horizontal=True, border=True, vertical_alignment="center"):
            ago = L(f"上次 {one.last_on}，{one.days} 天前", f"last on {one.last_on}, {one.days} days ago")
            never = L("从未记录往来", "nothing was ever logged")
            st.markdown(
                f"**{literal(one.name)}**  \n:gray[{t(ago if one.last_on else never)} {literal(one.owner)}]",
                width="stretch",
            )
            if st.button(t(L("打开", "Open")), key=f"silent.{one.id}"):
                go("organisation", id=one.id)


def _step(actor: Actor, step: NextStep) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            colour = "red" if step.overdue > 0 else "gray"
            when = t(due_words(step.due, -step.overdue))
            st.markdown(
                f"**{literal(step.organisation)} · {literal(step.step)}**  \n:{colour}[{when}] {literal(step.owner)}",
                width="stretch",
            )
            if st.button(t(L("打开单位", "Open")), key=f"open.{step.interaction_id}"):
                go("organisation", id=step.organisation_id)
        if actor.may("write", "partners"):
            finish_form(actor, step.interaction_id)


def finish_form(actor: Actor, interaction_id: int) -> None:
    """Close a step with its result, and name the following one."""
    form = f"finish.{interaction_id}"
    with st.popover(t(L("完成", "Done")), icon=":material/check:"):
        st.text_area(t(L("结果 *", "Result *")), key=field_key(form, "result"), height=80)
        st.text_input(t(L("接下来做什么", "What comes next")), key=field_key(form, "step"))
        st.date_input(t(L("什么时候", "By when")), value=None, key=field_key(form, "day"), format="YYYY-MM-DD")

        def act(used: str) -> Outcome:
            result, step, day = (field_value(form, name) for name in ("result", "step", "day"))
            partners.finish_step(actor, interaction_id, result, step, day, token=used)
            return Outcome(L("下一步已完成", "Next step done"))

        button(L("保存", "Save"), act, form=form, kind="primary")
        errors_of(form)
