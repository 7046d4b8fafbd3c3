"""A community visit: what it counts as, its screenings, and one more of them entered in place."""

from typing import Any

import streamlit as st

from models import RECORDS
from models.community import HeldState
from models.words import L
from services import clock, communities, store
from services.access import Actor
from services.communities import SCREENING
from services.store import Query, Row
from ui.detail import detail, facts, fields_html, related_table
from ui.shell import Outcome, language, t
from ui.steps import short_form

VISIT = RECORDS["community_visit"]
FACTS = ("organisation_id", "site_id", "services", "encounters", "state", "worker", "summary")


def page(actor: Actor, key: int) -> None:
    detail(
        actor, VISIT, key, above=_visit, titled=lambda row: (row.title, row.show("visited_on", language())), folded=True
    )


def begin(actor: Actor) -> dict[str, object]:
    return {"visited_on": clock.today(), "worker": actor.name}


def advise(_actor: Actor, given: dict[str, Any], _key: int) -> None:
    """A visit that served nobody is told before it is saved."""
    if given.get("state") == HeldState.HELD and given.get("encounters") == 0:
        words = L(
            "服务人次填了 0：计 1 次走访，服务人次不增加。确实没有服务到人，可以保存。",
            "Attendances say 0: it counts as a visit and adds none served. Save it if that is so.",
        )
        st.warning(t(words), icon=":material/warning:")


def _visit(actor: Actor, row: Row) -> None:
    visits, served = communities.counts_of_visit(actor, row.id)
    zh = f"计入 06.3 社区走访 {visits} 次，06.7 服务 {served} 人次；本次走访的筛查已含在内。"
    en = f"Counts as {visits} visit in 06.3 and {served} attendances in 06.7, its screenings included."
    nothing = L("还没有开展，不计入 06.3 和 06.7。", "Not held yet: counts in neither 06.3 nor 06.7.")
    st.info(t(L(zh, en) if visits else nothing), icon=":material/flag:")
    left, right = st.columns([6, 4], gap="medium")
    with left:
        found = store.rows(actor, SCREENING, Query(filters={"visit_id": row.id}, size=10, sort="-id"))
        related_table(actor, SCREENING, SCREENING.field("visit_id"), row.id, found, "above")
        if actor.may("write", SCREENING.area) and row.deleted_at is None:
            _screening(actor, row)
    with right, st.container(border=True):
        st.html(fields_html(facts(VISIT, row, FACTS)))


def _screening(actor: Actor, row: Row) -> None:
    """A screening of this visit: disease and numbers alone, its place and day are those of the visit."""
    same = {"visit_id": row.id, "site_id": row.values["site_id"], "place": row.values["place"]}
    same |= {"screened_on": row.values["visited_on"], "state": row.values["state"], "unit_id": row.values["unit_id"]}

    def act(given: dict[str, Any], used: str) -> Outcome:
        store.save(actor, SCREENING, same | given, token=used)
        return Outcome(L("筛查已登记", "Screening entered"))

    with st.container(border=True):
        st.markdown(f"**{t(L('本次走访的筛查', 'A screening on this visit'))}**")
        names, label = ("disease", "screened", "found"), L("登记筛查", "Enter the screening")
        short_form(actor, SCREENING, names, f"screening.{row.id}", label, act, kind="secondary", across=True)
