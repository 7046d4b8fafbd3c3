"""The links by which partners enrol their people in a session: what each has used, one revoked, one more made."""

import streamlit as st

from models import RECORDS
from models.words import L
from services import partner_links, store
from services.access import Actor
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, literal, site, t

ORGANISATION = RECORDS["organisation"]


def partners(actor: Actor, row: Row) -> None:
    """The links of partners with what they used, and one more."""
    for link in partner_links.of_session(actor, row.id):
        used, form = f"{link.used} / {link.seats}", f"partner_link.{link.id}"
        with st.popover(f"{literal(link.organisation)} {used}", icon=":material/add_link:", width="stretch"):
            if link.revoked:
                st.caption(t(L("已停用", "Revoked")))
                continue
            st.code(f"{site()}{link.path}", language=None, wrap_lines=True)

            def act(used: str, key: int = link.id) -> Outcome:
                partner_links.revoke(actor, key, token=used)
                return Outcome(L("链接已停用", "The link is revoked"))

            button(L("停用链接", "Revoke the link"), act, form=form)
            errors_of(form)
    _invite(actor, row)


def _invite(actor: Actor, row: Row) -> None:
    form = f"invite.{row.id}"
    with st.popover(t(L("给单位一个链接", "A link for a partner")), icon=":material/group_add:", width="stretch"):
        known = store.choices(actor, ORGANISATION, size=500)
        st.selectbox(
            t(ORGANISATION.label), list(known), format_func=known.__getitem__, index=None, key=field_key(form, "who")
        )
        st.number_input(t(L("最多几人", "At most")), 1, 500, 10, key=field_key(form, "seats"))

        def act(used: str) -> Outcome:
            partner_links.make(actor, row.id, field_value(form, "who"), field_value(form, "seats"), token=used)
            return Outcome(L("链接已生成，点开单位名即可复制", "The link is made; open the partner's name to copy it"))

        button(L("生成链接", "Make the link"), act, form=form, kind="primary")
        errors_of(form)
