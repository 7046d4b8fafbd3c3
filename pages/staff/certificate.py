"""A certificate of ours: how it stands, printed anew or revoked, and where anybody may check it."""

import streamlit as st

from models import RECORDS
from models.certificates import CertificateState, Standing, standing
from models.words import L
from services import certificates, clock, verifying
from services.access import Actor
from services.store import Row
from ui.detail import detail
from ui.shell import Outcome, button, errors_of, field_key, field_value, language, link, literal, t

CERTIFICATE = RECORDS["certificate"]
COLOURS = {"valid": "green", "expiring": "orange", "grace": "orange", "expired": "gray", "revoked": "red"}


def page(actor: Actor, key: int) -> None:
    detail(actor, CERTIFICATE, key, actions=_actions, above=_above, titled=_titled)


def _titled(row: Row) -> tuple[str, str]:
    return f"{row.title} · {row.values['holder']}", f"{row.values['title']} · {row.show('issuer')}"


def _above(_actor: Actor, row: Row) -> None:
    revoked = row.values["state"] == CertificateState.REVOKED
    state = Standing.REVOKED if revoked else standing(row.values["valid_until"], clock.today())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(t(state.label), color=COLOURS[state])  # type: ignore[arg-type]
        if revoked:
            st.html(f"<small>{row.show('revoked_on', language())}</small>", width="content")
        st.link_button(
            t(L("公开查验页", "Public check page")),
            verifying.path(row.title),
            icon=":material/qr_code_2:",
            type="tertiary",
        )
        link(
            L("培训班的证书", "Certificates of the session"),
            "certify",
            ":material/school:",
            id=row.values["session_id"],
        )


def _actions(actor: Actor, row: Row) -> None:
    if row.values["state"] == CertificateState.REVOKED:
        return
    if actor.may("export", "training") and actor.may("personal", "training"):
        st.link_button(t(L("打印", "Print")), f"/files/certificate/{row.id}", icon=":material/print:", type="primary")
    if actor.may("write", "training"):
        with st.popover(t(L("补发", "Copy")), icon=":material/content_copy:"):
            st.caption(
                t(
                    L(
                        "遗失或损坏时补发：编号不变，纸上注明补发。",
                        "Lost or damaged: a copy has the same number and is marked as a copy.",
                    )
                )
            )
            _act(
                actor,
                row,
                "copy",
                L("登记补发", "Record a copy"),
                L("已登记，请重新打印", "Recorded; please print it again"),
            )
    if actor.may("approve", "training"):
        with st.popover(t(L("撤销", "Revoke")), icon=":material/block:"):
            holder, which = literal(str(row.values["holder"])), literal(row.title)
            about = L(
                f"将撤销 **{holder}** 的证书 **{which}**：查验页立即显示“已撤销”，不能恢复。",
                f"**{which}** of **{holder}** will be revoked: the public check page says so at once. It cannot be undone.",
            )
            st.markdown(t(about))
            _act(actor, row, "revoke", L("确认撤销", "Revoke it"), L("已撤销", "Revoked"))


def _act(actor: Actor, row: Row, name: str, label: L, done: L) -> None:
    """A reason and a button: of the two acts that need no more than that."""
    form = f"{name}.{row.id}"
    st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"), max_chars=200)

    def act(used: str) -> Outcome:
        {"copy": certificates.copy, "revoke": certificates.revoke}[name](
            actor, row.id, field_value(form, "reason", ""), token=used
        )
        return Outcome(done)

    button(label, act, form=form)
    errors_of(form)
