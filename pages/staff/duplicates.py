"""Duplicates of a volunteer: who else may be the same human being, and merging with a reason."""

import streamlit as st

from models.words import L
from services import volunteers
from services.access import Actor
from services.volunteers import Duplicate
from ui.shell import Outcome, button, errors_of, field_key, field_value, go, literal, t

SUSPICIONS = {
    "document": L("证件号码相同", "Same document"),
    "phone": L("手机号相同", "Same phone"),
    "name_birth": L("姓名和出生日期相同", "Same name and birth date"),
    "similar": L("姓名读音和手机尾号相同", "Similar name, same last digits"),
}


def draw(actor: Actor, volunteer_id: int, found: list[Duplicate]) -> None:
    """One line for each suspicion; where one may approve, the other entry can be merged into this one."""
    for one in found:
        who = literal(one.name) if one.name else t(L("其他站点的志愿者", "a volunteer of another station"))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(t(SUSPICIONS[one.kind]), icon=":material/group:", color="red" if one.certain else "orange")
            st.markdown(who)
            if one.volunteer_id and st.button(
                t(L("打开", "Open")), key=f"twin.{volunteer_id}.{one.volunteer_id}", type="tertiary"
            ):
                go("volunteer", id=one.volunteer_id)
            if one.volunteer_id and actor.may("approve", "volunteers"):
                _merge(actor, volunteer_id, one.volunteer_id)


def _merge(actor: Actor, keep: int, drop: int) -> None:
    form = f"merge.{keep}.{drop}"
    with st.popover(t(L("合并到本条", "Merge into this one")), icon=":material/merge:"):
        st.caption(
            t(
                L(
                    "对方的报名、签到、证书都转到本条，对方移入回收站。",
                    "Everything of the other entry moves here; it goes to the bin.",
                )
            )
        )
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"))

        def act(_used: str) -> Outcome:
            volunteers.merge(actor, keep, drop, str(field_value(form, "reason", "")))
            return Outcome(L("已合并", "Merged"))

        button(L("合并", "Merge"), act, form=form, kind="primary")
        errors_of(form)
