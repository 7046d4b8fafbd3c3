"""A deployment: its people with their hours, one more of them entered in place, and the hours credited to the ledger."""

from typing import Any

import streamlit as st

from models import RECORDS
from models.words import L
from services import clock, deployments, store
from services.access import Actor
from services.store import Query, Row
from ui.detail import detail, facts, fields_html, related_table
from ui.shell import Outcome, button, language, t
from ui.steps import short_form

DEPLOYMENT, MEMBER = RECORDS["deployment"], RECORDS["deployment_member"]
FACTS = ("kind", "starts", "ends", "place", "requested_by", "helped", "outcome", "debrief")


def page(actor: Actor, key: int) -> None:
    detail(
        actor, DEPLOYMENT, key, above=_people, actions=_credit, folded=True,
        titled=lambda row: (row.title, f"{row.show('kind', language())} · {row.show('place', language())}"),
    )  # fmt: skip


def begin(_actor: Actor) -> dict[str, object]:
    return {"starts": clock.now().replace(second=0, microsecond=0)}


def _people(actor: Actor, row: Row) -> None:
    if row.values["ends"] is None:
        told = L("还没有归队：名单上的人不会出现在应急调派名单里。", "Still out: its people are on no call list.")
        st.warning(t(told), icon=":material/ambulance:")
    left, right = st.columns([6, 4], gap="medium")
    with left:
        found = store.rows(actor, MEMBER, Query(filters={"deployment_id": row.id}, size=50, sort="id"))
        related_table(actor, MEMBER, MEMBER.field("deployment_id"), row.id, found, "above")
        if row.values["ends"] and (open_ones := sum(one.values["credited_on"] is None for one in found.rows)):
            st.caption(t(_waiting(open_ones)))
        if actor.may("write", MEMBER.area) and row.deleted_at is None:
            _one_more(actor, row)
    with right, st.container(border=True):
        st.html(fields_html(facts(DEPLOYMENT, row, FACTS)))


def _waiting(people: int) -> L:
    return L(
        f"{people} 人的时长还没有计入，或在计入后有更正：点“计入服务时长”，再由另一人确认。",
        f"Hours of {people} are not credited yet, or were corrected since: credit them, then a second person confirms.",
    )


def _one_more(actor: Actor, row: Row) -> None:
    same = {"deployment_id": row.id, "unit_id": row.values["unit_id"]}

    def act(given: dict[str, Any], used: str) -> Outcome:
        store.save(actor, MEMBER, same | given, token=used)
        return Outcome(L("人员已登记", "Volunteer entered"))

    with st.container(border=True):
        st.markdown(f"**{t(L('登记出队人员', 'Enter a volunteer'))}**")
        names, label = ("volunteer_id", "duty", "hours"), L("登记", "Enter")
        short_form(actor, MEMBER, names, f"deployed.{row.id}", label, act, kind="secondary", across=True)


def _credit(actor: Actor, row: Row) -> None:
    if not actor.may("write", MEMBER.area) or row.values["ends"] is None:
        return

    def act(used: str) -> Outcome:
        people = deployments.credit(actor, row.id, token=used)
        if not people:
            return Outcome(L("所有人的时长都已计入", "Everybody's hours are in already"))
        return Outcome(
            L(f"{people} 人的时长已计入，待另一人确认", f"Hours of {people} entered; a second person confirms")
        )

    button(L("计入服务时长", "Credit the hours"), act, form=f"credit.{row.id}", icon=":material/schedule:")
