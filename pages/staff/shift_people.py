"""The people of a shift: one more volunteer, and on the day signing in and out."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from models.service import HoursState
from models.words import L
from services import clock, serving, serving_candidates, serving_hours
from services.access import Actor
from services.serving import Staffing
from services.serving_candidates import Candidate
from services.serving_roster import Served
from services.store import Row
from ui.shell import Outcome, button, errors, errors_of, field_key, field_value, literal, t


def add(actor: Actor, row: Row, staffed: Staffing) -> None:
    """One more volunteer; an overlap or a full shift passes with a reason, a missing credential never."""
    form = f"signup.{row.id}"
    with st.container(border=True):
        st.markdown(f"**{t(L('添加志愿者', 'Add a volunteer'))}**")
        roles = {place.id: place.name or t(L("不分角色", "No role")) for place in staffed.places}
        if len(roles) > 1:
            st.selectbox(t(L("角色", "Role")), [None, *filter(None, roles)], format_func=lambda k: roles[k],
                         key=field_key(form, "slot"))  # fmt: skip
        names = _choose(actor, row, form)
        if {"overlap", "shift_full"} & set(errors(form).values()) or field_value(form, "reason"):
            st.text_input(t(L("仍要安排的理由", "Reason to do so all the same")), key=field_key(form, "reason"))
        errors_of(form)

        def act(used: str) -> Outcome:
            who, slot = field_value(form, "who"), field_value(form, "slot")
            reason = field_value(form, "reason", "") or ""
            serving.sign_up(actor, row.id, who or 0, slot_id=slot, override_reason=reason, token=used)
            name = literal(names.get(who, ""))
            return Outcome(L(f"已安排：{name}", f"Added: {name}"))

        button(L("安排", "Add to the shift"), act, form=form, icon=":material/person_add:")


def _choose(actor: Actor, row: Row, form: str) -> dict[int | None, str]:
    """Who: the names of those offered, by id; who did not say that they have time then is warned of, not refused."""
    words = st.text_input(t(L("姓名、拼音或编号", "Name, pinyin or number")), key=field_key(form, "words"))
    found = serving_candidates.candidates(actor, row.id, field_value(form, "slot"), words)
    offered = {one.id: one for one in found}
    st.selectbox(
        t(L("志愿者 *", "Volunteer *")), list(offered), index=None, key=field_key(form, "who"),
        format_func=lambda key: _told(offered[key]) if key in offered else f"#{key}",
        placeholder=t(L("请选择", "Choose")),
    )  # fmt: skip
    chosen = offered.get(field_value(form, "who") or 0)
    if chosen and not chosen.free:
        ask = L("没有登记这个时段可服务，安排前先问一声。", "They never said that they have time then: ask them first.")
        st.caption(f":material/warning: {t(ask)}")
    return {one.id: one.name for one in found}


def _told(one: Candidate) -> str:
    tail = L(f"尾号 {one.tail}", f"phone …{one.tail}") if one.tail else L("没有手机号", "no phone")
    free = L("此时段有空", "has time then") if one.free else L("此时段未登记", "time not given")
    lacks = [] if one.holds else [L("缺证书", "lacks the certificate")]
    lacks += [] if one.insured else [L("当日无保险", "not insured that day")]
    return " · ".join([one.name, *(t(words) for words in (tail, free, *lacks))])


def checking(actor: Actor, row: Row, people: Sequence[Served]) -> None:
    """On the day: who comes signs in, who goes signs out."""
    now = clock.now()
    if not row.values["starts"] - serving_hours.EARLY <= now:
        return
    inside = {one.volunteer_id: one.name for one in people if one.hours_state == HoursState.OPEN}
    outside = {one.volunteer_id: one.name for one in people if one.hours_state in (None, HoursState.PENDING)}
    for label, names, name in (
        (L("签到", "Sign in"), outside if now < row.values["ends"] else {}, "in"),
        (L("签退", "Sign out"), inside, "out"),
    ):
        form = f"check.{name}.{row.id}"
        with st.container():
            if names:
                with folded(label, ":material/how_to_reg:", form):
                    _check(actor, row, label, names, form, arriving=name == "in")


def folded(label: L, icon: str, form: str) -> Any:
    """A form behind a button, shut again once it is saved; it stands in a container of its own that stays when it goes,
    else the one below would move up into its place, open."""
    return st.popover(t(label), icon=icon, width="stretch", key=field_key(form, "open"), on_change="rerun")


def _check(actor: Actor, row: Row, label: L, names: dict[int, str], form: str, *, arriving: bool) -> None:
    st.selectbox(t(L("谁", "Who")), list(names), format_func=lambda k: names[k], key=field_key(form, "who"))

    def act(_used: str) -> Outcome:
        who = field_value(form, "who")
        if arriving:
            serving_hours.sign_in(actor, row.id, who)
        else:
            serving_hours.sign_out(actor, who)
        return Outcome(L(f"{literal(names[who])}：{label.zh}", f"{literal(names[who])}: {label.en}"))

    button(label, act, form=form)
    errors_of(form)
