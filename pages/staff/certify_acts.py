"""What one person does with the list of a session: put forward who passed, and by name who is to have another certificate."""

from typing import Any

import streamlit as st

from models.words import L
from services import certificates
from services.access import Actor
from services.eligibility import Eligibility
from ui.shell import Outcome, button, errors_of, field_key, field_value, t


def submit(actor: Actor, session_id: int, found: Eligibility) -> None:
    """Put forward everybody who passed and has no certificate yet; nothing where there is nobody."""
    new = sum(one.is_new for one in found.candidates)
    if not actor.may("write", "training") or not new:
        return
    form = f"certify.{session_id}"
    with st.container(border=True):
        st.markdown(t(L(f"**{new}** 人通过，等待提交发证。", f"**{new}** passed and can be put forward.")))
        _send(actor, session_id, found, form, L(f"提交名单（{new} 人）", f"Submit the list of {new}"), "primary")


def anew(actor: Actor, session_id: int, found: Eligibility) -> None:
    """Somebody whose certificate was revoked has another one only where that is asked for, by name."""
    revoked = {one.person_id: one.name for one in found.candidates if one.is_revoked and not one.missing}
    if not actor.may("write", "training") or not revoked:
        return
    form = f"certify_anew.{session_id}"
    words = L(
        f"为已撤销的人重新发证（{len(revoked)} 人）",
        f"Anew for somebody whose certificate was revoked ({len(revoked)})",
    )
    with st.expander(t(words), icon=":material/restart_alt:"):
        st.multiselect(
            t(L("重新发给谁", "For whom")), list(revoked), format_func=revoked.__getitem__, key=field_key(form, "again"),
            placeholder=t(L("请选择", "Choose")), select_all=False,
        )  # fmt: skip
        chosen = len(field_value(form, "again") or ())
        new = sum(one.is_new for one in found.candidates)
        with_new = L(f"，连同新通过的 {new} 人", f", with the {new} who passed") if new else L("", "")
        label = L(f"提交重新发证 {chosen} 人{with_new.zh}", f"Submit {chosen} anew{with_new.en}")
        _send(actor, session_id, found, form, label, "secondary", disabled=not chosen)


def _send(actor: Actor, session_id: int, found: Eligibility, form: str, label: L, kind: str, **more: Any) -> None:
    """The button; before it, where the class was too short, the reason that stands beside the list."""
    if found.length.is_short:
        taught = found.length.taught
        words = L(
            f"课时不足仍发证的理由 *（证书写 {taught:g} 学时）",
            f"Why issue all the same * (for {taught:g} class hours)",
        )
        st.text_input(t(words), key=field_key(form, "short_reason"), max_chars=200)

    def act(used: str) -> Outcome:
        again, reason = field_value(form, "again") or (), field_value(form, "short_reason") or ""
        certificates.submit(actor, session_id, again, reason, token=used)
        return Outcome(L("名单已提交，请另一位同事批准", "Submitted; now a colleague has to approve it"))

    button(label, act, form=form, kind=kind, icon=":material/send:", **more)
    errors_of(form)
