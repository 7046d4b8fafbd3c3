"""The proofs of service of a volunteer: issued, opened, checked, revoked (M67 art. 14-17)."""

from typing import Any

import streamlit as st

from models.words import L
from services import serving_proof
from services.access import Actor
from services.serving_proof import Proof
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, t


def issue(actor: Actor, row: Row) -> None:
    form = f"proof.{row.id}"
    st.text_input(
        t(L("记录单位 *", "Recording unit *")),
        value=serving_proof.recording_unit(actor),
        key=field_key(form, "unit_name"),
    )
    st.text_input(t(L("负责人 *", "Person in charge *")), value=actor.name, key=field_key(form, "in_charge"))
    for name, label in (("contact", L("联系电话", "Phone")), ("purpose", L("用途", "Purpose"))):
        st.text_input(t(label), key=field_key(form, name))
    for name, label in (("starts", L("服务起（留空为全部）", "From (empty: all)")), ("ends", L("服务止", "Through"))):
        st.date_input(t(label), value=None, key=field_key(form, name), format="YYYY-MM-DD")
    errors_of(form)

    def act(used: str) -> Outcome:
        given: dict[str, Any] = {
            name: field_value(form, name) or "" for name in ("unit_name", "in_charge", "contact", "purpose")
        }
        starts, ends = (field_value(form, name) for name in ("starts", "ends"))
        key = serving_proof.issue(actor, row.id, **given, starts=starts, ends=ends, token=used)
        number = serving_proof.get(actor, key).number
        return Outcome(L(f"已出具 {number}", f"Issued {number}"))

    button(L("出具", "Issue"), act, form=form, kind="primary")


def draw(actor: Actor, found: list[Proof]) -> None:
    for one in found:
        with st.container(horizontal=True, vertical_alignment="center", key=f"proof-{one.id}"):
            ended = (
                t(L(f"已撤销 {one.revoked_on}", f"revoked {one.revoked_on}")) if one.revoked_on else str(one.issued_on)
            )
            st.markdown(f":material/verified: {one.number} · {one.hours} h · :gray[{ended}]", width="stretch")
            st.link_button("PDF", f"/proofs/{one.id}.pdf", icon=":material/download:")
            st.link_button(t(L("查验页", "Check")), one.address, icon=":material/qr_code:")
            if actor.may("approve", "volunteers") and not one.revoked_on:
                with st.popover(t(L("撤销", "Revoke"))):
                    _revoke(actor, one)


def _revoke(actor: Actor, one: Proof) -> None:
    form = f"revoke.{one.id}"
    st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"))
    errors_of(form)

    def act(_used: str) -> Outcome:
        serving_proof.revoke(actor, one.id, field_value(form, "reason", ""))
        return Outcome(L("已撤销", "Revoked"))

    button(L("撤销证明", "Revoke it"), act, form=form)
