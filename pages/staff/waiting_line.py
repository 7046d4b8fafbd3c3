"""Beside the roster: who waits, in their order, which staff may change with a reason; and who is there without a seat."""

import streamlit as st

from models.training import EnrolmentRole, EnrolmentState
from models.words import L
from services import enrolling, seats
from services.access import Actor
from services.store import Row
from services.timetable import RosterRow
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, literal, t

MOVES = {-1000: L("移到最前", "To the front"), -1: L("前移一位", "Up one"), 1: L("后移一位", "Down one")}
ROLES = tuple(role for role in EnrolmentRole if role != EnrolmentRole.TRAINEE)


def waitlist(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    """Nothing where nobody waits."""
    line = {p.enrolment_id: p for p in people if p.enrolment_id and p.state == EnrolmentState.WAITLISTED}
    if not line:
        return
    with st.container(border=True):
        st.markdown(f"**{t(L(f'候补 {len(line)} 人', f'{len(line)} waiting'))}**")
        told = (f"{p.position}. {' · '.join(filter(None, (p.name, p.employer)))}" for p in line.values())
        st.html("<br>".join(escaped(words) for words in told))
        if len(line) > 1:
            _reorder(actor, row, line)


def _reorder(actor: Actor, row: Row, line: dict[int, RosterRow]) -> None:
    form = f"waitlist.{row.id}"
    with st.popover(t(L("调整顺序", "Change the order")), icon=":material/swap_vert:", width="stretch"):
        st.selectbox(
            t(L("谁", "Who")), list(line), format_func=lambda key: f"{line[key].position}. {line[key].name}",
            key=field_key(form, "who"),
        )  # fmt: skip
        st.segmented_control(
            t(L("移到哪里", "Where to")), list(MOVES), format_func=lambda step: t(MOVES[step]), default=-1,
            required=True, key=field_key(form, "step"),
        )  # fmt: skip
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"), max_chars=500)

        def act(used: str) -> Outcome:
            key, step, reason = (field_value(form, name) for name in ("who", "step", "reason"))
            place = seats.move_in_waitlist(actor, key, step, reason or "", token=used)
            name = literal(line[key].name)
            return Outcome(L(f"{name} 现在是候补第 {place} 位", f"{name} is number {place} on the waitlist now"))

        button(L("调整", "Move"), act, form=form, kind="primary")
        errors_of(form)


def helpers(actor: Actor, row: Row) -> None:
    """Observers and assistants: enrolled and sent home again here, never ticked, never counted."""
    found, may = enrolling.helpers(actor, row.id), actor.may("write", "training")
    if not found and not may:
        return
    with st.container(border=True):
        st.markdown(f"**{t(L('观摩与助教', 'Observers and assistants'))}**　{len(found) or ''}")
        for one in found:
            _helper(actor, one, may)
        if may:
            _add(actor, row)


def _helper(actor: Actor, one: enrolling.Helper, may: bool) -> None:
    form = f"helper.{one.enrolment_id}"

    def act(_used: str) -> Outcome:
        seats.cancel(actor, one.enrolment_id)
        return Outcome(L(f"已取消：{literal(one.name)}", f"Cancelled: {literal(one.name)}"))

    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f"{escaped(one.name)} <small>{t(one.role.label)} {escaped(one.employer)}</small>", width="stretch")
        if may:
            button(L("取消", "Cancel"), act, form=form, kind="tertiary")
    errors_of(form)


def _add(actor: Actor, row: Row) -> None:
    form = f"helping.{row.id}"
    with st.popover(t(L("添加", "Add")), icon=":material/person_add:", width="stretch"):
        st.caption(t(L("不占名额，不签到，不计人次。", "They take no seat, are not checked in and not counted.")))
        st.text_input(t(L("姓名 *", "Name *")), key=field_key(form, "name"))
        st.text_input(t(L("手机号 *", "Phone *")), key=field_key(form, "phone"))
        st.text_input(t(L("单位", "Organisation")), key=field_key(form, "employer"))
        st.segmented_control(
            t(L("身份", "Role")), list(ROLES), default=ROLES[0], required=True, format_func=lambda role: t(role.label),
            key=field_key(form, "role"),
        )  # fmt: skip

        def act(used: str) -> Outcome:
            name, phone, employer = (field_value(form, n, "") for n in ("name", "phone", "employer"))
            role = EnrolmentRole(field_value(form, "role"))
            who = {"name": name, "phone": phone}
            seats.enrol(actor, row.id, who, employer=employer, role=role, token=used)
            return Outcome(L(f"{literal(name)}：{role.label.zh}", f"{literal(name)}: {role.label.en}"))

        button(L("添加", "Add"), act, form=form, kind="primary")
        errors_of(form)
