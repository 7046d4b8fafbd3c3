"""How people come into a session: its public page, partners' links, the order of the waitlist, who is there without a seat."""

import streamlit as st

from models import RECORDS
from models.training import OVER
from models.words import L
from services import checkin, enrolling, partner_links, store
from services.access import Actor
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, literal, site, t
from ui.words import span

ORGANISATION = RECORDS["organisation"]


def public(actor: Actor, row: Row) -> None:
    """The public page of the session: its code, the words to pass on in WeChat, and whether it is shown."""
    if row.values["state"] in OVER:
        return
    shown, form = bool(row.values["open_to_public"]), f"public.{row.id}"
    with st.container(border=True):
        st.markdown(f"**{t(L('网上报名', 'Public enrolment'))}**")
        if shown:
            _page(row, f"{site()}{enrolling.path(actor, row.id)}")
        else:
            st.caption(
                t(
                    L(
                        "没有对外公开：只能由工作人员或合作单位报名。",
                        "Not shown to the public: staff and partners enrol.",
                    )
                )
            )

        def act(_used: str) -> Outcome:
            enrolling.publish(actor, row.id, not shown)
            return Outcome(L("已停止公开", "Not public any more") if shown else L("已对外公开", "Open to the public"))

        label = L("停止公开", "Take it off") if shown else L("对外公开", "Open to the public")
        button(label, act, form=form, icon=":material/public_off:" if shown else ":material/public:", width="stretch")
        errors_of(form)
        partners(actor, row)


def _page(row: Row, url: str) -> None:
    with st.popover(t(L("二维码", "QR code")), icon=":material/qr_code_2:", width="stretch"):
        st.image(checkin.poster_svg(url), width="stretch")
        st.link_button(t(L("打开报名页", "Open the page")), url, icon=":material/open_in_new:", width="stretch")
    with st.popover(t(L("微信文案", "Text for WeChat")), icon=":material/content_copy:", width="stretch"):
        for words in announcement(row, url):
            st.code(words, language=None, wrap_lines=True)


def announcement(row: Row, url: str) -> L:
    """What is passed on: title, when, where, link."""
    when, where = span(row.values["starts"], row.values["ends"]), row.show("venue_id")
    zh = [f"【培训报名】{row.title}", f"时间：{when.zh}", *([f"地点：{where}"] if where else []), f"报名：{url}"]
    en = [
        f"Training: {row.title}",
        f"When: {when.en}",
        *([f"Where: {where}"] if where else []),
        f"Enrol: {url}?lang=en",
    ]
    return L("\n".join(zh), "\n".join(en))


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
