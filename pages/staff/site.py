"""A demonstration site: what was done there, its checklist and acceptance, its visits, screenings and meetings."""

import streamlit as st

from models.words import L
from pages.staff import checklist
from services import communities, store
from services.access import Actor
from services.communities import MEETING, SCREENING, VISIT
from services.deliverables import SITE
from services.store import Query, Row
from ui.detail import detail, related_table
from ui.shell import go, language, t


def page(actor: Actor, key: int) -> None:
    detail(actor, SITE, key, actions=_actions, above=_site, titled=_titled, folded=True)


def _titled(row: Row) -> tuple[str, str]:
    begun = row.show("begun_on", language())
    parts = (row.show("organisation_id"), row.show("address"), t(L(f"{begun} 启动", f"begun {begun}")) if begun else "")
    return row.title, " · ".join(part for part in parts if part)


def _actions(actor: Actor, row: Row) -> None:
    label = t(L("登记走访", "Log a visit"))
    if actor.may("write", VISIT.area) and st.button(label, icon=":material/add:", type="primary", key="visit"):
        go(VISIT.name, do="new", **{"set.site_id": row.id, "set.place": row.title})


def _site(actor: Actor, row: Row) -> None:
    done = communities.site_work(actor, row.id)
    with st.grid(4, min_column_width=140):
        st.metric(t(L("走访", "Visits")), f"{done.visits:,}", border=True)
        st.metric(t(L("筛查", "Screenings")), f"{done.screenings:,}", border=True)
        st.metric(t(L("多方会议", "Meetings")), f"{done.meetings:,}", border=True)
        st.metric(t(L("服务人次", "Attendances served")), f"{done.served:,}", border=True)
    if actor.may("read", "research"):
        st.markdown(f"**{t(L('验收文件', 'Documents for acceptance'))}**")
        checklist.draw(actor, SITE, row)
    for record in (VISIT, SCREENING, MEETING):
        found = store.rows(actor, record, Query(filters={"site_id": row.id}, size=10, sort=record.sort))
        related_table(actor, record, record.field("site_id"), row.id, found, "above")
