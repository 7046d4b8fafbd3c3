"""What a volunteer's page has beyond the generic one: approval, states, withdrawal of consent, duplicates while typing."""

from functools import partial

import streamlit as st

from models import RECORDS
from models.people import VolunteerState
from models.words import L
from pages.staff import duplicates, volunteer_service
from services import store, volunteers
from services.access import Actor
from services.store import Query, Row
from ui.detail import detail, related_table
from ui.shell import Outcome, button, field_key, field_value, go, language, literal, t

VOLUNTEER, CREDENTIAL = RECORDS["volunteer"], RECORDS["volunteer_credential"]
MOVES = {
    "pause": L("暂停", "Pause"),
    "resume": L("恢复在册", "Resume"),
    "leave": L("退出", "Leave"),
    "reopen": L("重新审核", "Review again"),
}
COLOURS = {"active": "green", "applied": "orange", "paused": "gray", "left": "gray", "rejected": "red"}


def page(actor: Actor, key: int) -> None:
    detail(actor, VOLUNTEER, key, actions=_actions, above=_above, titled=_titled)


def _titled(row: Row) -> tuple[str, str]:
    parts = [row.values.get("number") or "", row.show("region"), row.show("phone")]
    return row.title, " · ".join(part for part in parts if part)


def _above(actor: Actor, row: Row) -> None:
    state = VolunteerState(row.values["state"])
    with st.container(horizontal=True):
        st.badge(t(state.label), color=COLOURS[state])  # type: ignore[arg-type]
        if row.values["is_emergency_rescue"]:
            st.badge(t(L("应急救护", "Emergency rescue")), icon=":material/emergency:", color="blue")
        if row.values["verified_on"]:
            day = row.show("verified_on", language())
            st.badge(t(L(f"已实名 {day}", f"Verified {day}")), icon=":material/verified_user:", color="green")
    if actor.may("write", "volunteers"):
        duplicates.draw(actor, row.id, volunteers.duplicates(actor, row.id))
    if state != VolunteerState.APPLIED:
        volunteer_service.draw(actor, row)
    page = store.rows(actor, CREDENTIAL, Query(filters={"volunteer_id": row.id}, sort="-expires_on", size=10))
    related_table(actor, CREDENTIAL, CREDENTIAL.field("volunteer_id"), row.id, page, "above")


def _actions(actor: Actor, row: Row) -> None:
    state = VolunteerState(row.values["state"])
    if state == VolunteerState.APPLIED and actor.may("approve", "volunteers"):
        if st.button(t(L("去审核", "Review")), type="primary", icon=":material/how_to_reg:"):
            go("approvals")
        return
    moves = [name for name in volunteers.moves(actor, state) if name in MOVES]
    if not moves:
        return
    form = f"move.{row.id}"
    with st.popover(t(L("改变状态", "Change the state")), icon=":material/swap_horiz:"):
        st.text_input(t(L("理由", "Reason")), key=field_key(form, "reason"))
        for name in moves:
            button(MOVES[name], partial(_move, actor, row, name, form), form=f"{form}.{name}", width="stretch")
        if actor.may("write", "volunteers") and row.values["consent"]:
            label = L("撤回同意", "Withdraw consent")
            button(label, partial(_withdraw, actor, row, form), form=f"{form}.withdraw", width="stretch")


def _move(actor: Actor, row: Row, name: str, form: str, _used: str) -> Outcome:
    volunteers.move(actor, row.id, name, field_value(form, "reason", ""), version=row.version)  # type: ignore[arg-type]
    return Outcome(MOVES[name])


def _withdraw(actor: Actor, row: Row, form: str, _used: str) -> Outcome:
    volunteers.withdraw(actor, row.id, field_value(form, "reason", ""))
    return Outcome(L("已撤回同意并退出", "Consent withdrawn; the volunteer has left"))


def advise(actor: Actor, given: dict[str, object], key: int) -> None:
    """Likely duplicates, told while people type."""
    if key or not (given.get("id_number") or given.get("phone")):
        return
    for one in volunteers.duplicates(actor, given):
        who = literal(one.name) if one.name else t(L("其他站点的志愿者", "a volunteer of another station"))
        st.warning(t(L(f"可能已登记：{who}", f"Possibly registered already: {who}")), icon=":material/group:")
