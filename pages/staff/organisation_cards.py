"""The cards beside an organisation's log: its agreement and days left, its contacts."""

import streamlit as st

from models import RECORDS
from models.words import L
from services.access import Actor
from services.partners import Whole
from ui.detail import fields_html
from ui.shell import go, language, t


def agreement(actor: Actor, found: Whole) -> None:
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


def contacts(actor: Actor, found: Whole) -> None:
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
