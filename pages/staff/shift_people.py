"""The people of a shift: one more volunteer, and on the day signing in and out."""

from collections.abc import Sequence

import streamlit as st

from models import RECORDS
from models.service import HoursState
from models.words import L
from services import clock, serving, serving_hours, store
from services.access import Actor
from services.serving import Staffing
from services.serving_roster import Served
from services.store import Row
from ui.shell import Outcome, button, errors, errors_of, field_key, field_value, literal, t

VOLUNTEER = RECORDS["volunteer"]


def add(actor: Actor, row: Row, staffed: Staffing) -> None:
    """One more volunteer; an overlap or a full shift passes with a reason, a missing credential never."""
    form = f"signup.{row.id}"
    with st.container(border=True):
        st.markdown(f"**{t(L('添加志愿者', 'Add a volunteer'))}**")
        words = st.text_input(t(L("姓名、拼音或编号", "Name, pinyin or number")), key=field_key(form, "words"))
        found = store.choices(actor, VOLUNTEER, words)
        st.selectbox(t(L("志愿者 *", "Volunteer *")), list(found), index=None, format_func=lambda k: found.get(k, f"#{k}"),
                     key=field_key(form, "who"), placeholder=t(L("请选择", "Choose")))  # fmt: skip
        roles = {place.id: place.name or t(L("不分角色", "No role")) for place in staffed.places}
        if len(roles) > 1:
            st.selectbox(t(L("角色", "Role")), [None, *filter(None, roles)], format_func=lambda k: roles[k],
                         key=field_key(form, "slot"))  # fmt: skip
        if {"overlap", "shift_full"} & set(errors(form).values()) or field_value(form, "reason"):
            st.text_input(t(L("仍要安排的理由", "Reason to do so all the same")), key=field_key(form, "reason"))
        errors_of(form)

        def act(used: str) -> Outcome:
            who, slot = field_value(form, "who"), field_value(form, "slot")
            reason = field_value(form, "reason", "") or ""
            serving.sign_up(actor, row.id, who or 0, slot_id=slot, override_reason=reason, token=used)
            name = literal(found.get(who, ""))
            return Outcome(L(f"已安排：{name}", f"Signed up: {name}"))

        button(L("安排", "Sign up"), act, form=form, icon=":material/person_add:")


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
        if names:
            with st.popover(t(label), icon=":material/how_to_reg:", width="stretch"):
                _check(actor, row, label, names, f"check.{name}.{row.id}", arriving=name == "in")


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
