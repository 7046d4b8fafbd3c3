"""One person of a class left out or let through with a reason, and what was decided so, to be taken back before the list is
submitted."""

from collections.abc import Mapping

import streamlit as st

from models.certificates import Ruling
from models.words import L
from services import rulings
from services.access import Actor
from services.eligibility import Candidate, Eligibility
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, literal, t


def leave_out(actor: Actor, session_id: int, found: Eligibility) -> None:
    who = {one.person_id: one.name for one in found.candidates if not one.missing and _is_open(one)}
    label = L("某人暂不发证", "Leave somebody out")
    about = L("名单提交以前可以撤回。", "It can be taken back until the list is submitted.")
    _rule(actor, session_id, found, Ruling.WITHHELD, who, label, about, ":material/person_off:")


def let_through(actor: Actor, session_id: int, found: Eligibility) -> None:
    who = {one.person_id: one.name for one in found.candidates if one.too_little}
    label = L("到课不足仍发证", "Let somebody through")
    about = L(
        "只对因到课不足而不发证的人；考核没过的不在此列。理由会随名单给批准的人看。",
        "Of those whom their attendance alone keeps back, not of who failed. Whoever approves the list sees the reason.",
    )
    _rule(actor, session_id, found, Ruling.LET_THROUGH, who, label, about, ":material/how_to_reg:")


def _is_open(one: Candidate) -> bool:
    return not one.number or one.is_revoked


def _rule(
    actor: Actor,
    session_id: int,
    found: Eligibility,
    ruling: Ruling,
    who: Mapping[int, str],
    label: L,
    about: L,
    icon: str,
) -> None:
    if not who or found.waiting or not actor.may("write", "training"):
        return
    form = f"ruling.{ruling}.{session_id}"
    with st.popover(t(label), icon=icon):
        st.caption(t(about))
        st.selectbox(t(L("谁", "Who")), list(who), format_func=who.__getitem__, index=None, key=field_key(form, "who"),
                     placeholder=t(L("请选择", "Choose")))  # fmt: skip
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"), max_chars=200)

        def act(used: str) -> Outcome:
            key = field_value(form, "who") or 0
            rulings.rule(actor, session_id, key, ruling, field_value(form, "reason", ""), token=used)
            name = literal(who[key])
            return Outcome(L(f"{name}：{ruling.label.zh}", f"{name}: {ruling.label.en.lower()}"))

        button(L("确定", "Confirm"), act, form=form, kind="primary")
        errors_of(form)


def ruled(actor: Actor, found: Eligibility) -> None:
    """Everything that was decided of one person, by whom and why."""
    decided = [one for one in found.candidates if one.ruled]
    if not decided:
        return
    with st.container(border=True):
        st.markdown(f"**{t(L('个别处理', 'Decided one by one'))}**　{len(decided)}")
        for one in decided:
            _line(actor, found, one)


def _line(actor: Actor, found: Eligibility, one: Candidate) -> None:
    ruling = one.ruled
    if ruling is None:
        return
    form = f"unruling.{ruling.id}"
    told = " · ".join((t(ruling.ruling.label), ruling.reason, ruling.by, str(ruling.on)))

    def act(used: str) -> Outcome:
        rulings.take_back(actor, ruling.id, token=used)
        return Outcome(L(f"已撤回：{literal(one.name)}", f"Taken back: {literal(one.name)}"))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f"<b>{escaped(one.name)}</b> <small>{escaped(told)}</small>", width="stretch")
        if _is_open(one) and not found.waiting and actor.may("write", "training"):
            button(L("撤回", "Take back"), act, form=form, kind="tertiary", icon=":material/undo:")
    errors_of(form)
