"""The one-time link to a volunteer's own page: made, and all of them ended for a reason."""

import streamlit as st

from models.words import L
from services import checkin, clock, serving_pass
from services.access import Actor
from services.serving_pass import Pass
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, site, t

MADE = "link.made"


def draw(actor: Actor, row: Row) -> None:
    with st.popover(t(L("个人页链接", "Link to their page")), icon=":material/link:"):
        told = L(
            "只能用一次，复制后发给本人；打开后那台手机会记住。",
            "Works once: copy it and send it; the phone that opens it stays signed in.",
        )
        st.caption(t(told))

        def make(_used: str) -> Outcome:
            st.session_state[MADE] = (row.id, site() + serving_pass.make_link(actor, row.id))
            return Outcome(L("链接已生成", "The link is made"))

        _made(actor, row)
        found = serving_pass.passes(actor, row.id)
        for one in found:
            used = f"{clock.local(one.used_at):%Y-%m-%d %H:%M}" if one.used_at else ""
            words = L(f"已于 {used} 打开", f"Opened at {used}") if used else L("有一个还没用的链接", "One link waits")
            st.markdown(f":small[{t(words)}]")
        button(L("生成新链接", "Make a link"), make, form=f"link.{row.id}", icon=":material/add_link:")
        if found:
            _end(actor, row, found)


def _made(actor: Actor, row: Row) -> None:
    """The link that was made a moment ago, this once: to be scanned or copied."""
    key, url = st.session_state.pop(MADE, (0, ""))
    if key != row.id:
        return
    st.image(checkin.poster_svg(url), width=180)
    st.code(url, language=None, wrap_lines=True)
    hours = serving_pass.opens_within(actor)
    told = L(f"只显示这一次；{hours} 小时内打开有效。", f"Shown this once; it opens within {hours} hours.")
    st.caption(t(told))


def _end(actor: Actor, row: Row, found: list[Pass]) -> None:
    form, number = f"unlink.{row.id}", len(found)
    used = sum(one.used_at is not None for one in found)
    with st.expander(t(L("全部作废", "End them all")), icon=":material/link_off:"):
        about = L(
            f"将作废 {number} 个，其中 {used} 个已在本人手机上打开：手机会立即退出，不能恢复。",
            f"This ends {number}, of which {used} opened on their phone, which is signed out at once. It cannot be undone.",
        )
        st.caption(t(about))
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"), max_chars=200)

        def end(_used: str) -> Outcome:
            ended = serving_pass.revoke(actor, row.id, field_value(form, "reason", ""))
            return Outcome(L(f"已作废 {ended} 个", f"{ended} ended"))

        button(L(f"确认作废 {number} 个", f"End {number} now"), end, form=form)
        errors_of(form)
