"""Of a shift's people: who is taken off it, and who is marked as not having come, each with a reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from models.service import ShiftState, SignupState
from models.words import L
from pages.staff.shift_people import folded
from services import clock, serving_absence
from services.access import Actor
from services.serving_roster import Served
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, literal, t


@dataclass(frozen=True)
class Act:
    """What is done to one of them, with a reason."""

    name: str
    label: L
    about: L
    icon: str
    write: Callable[[Actor, int, str], None]


OFF = Act(
    "off", L("移出班次", "Take off the shift"),
    L("名额空出来，本人不能自己再报这一班。", "The seat is free again; they cannot take it again by themselves."),
    ":material/person_remove:", serving_absence.take_off,
)  # fmt: skip
MISSED = Act(
    "missed", L("标为未到", "Mark as a no-show"),
    L("不记时长，计入未到次数。", "They get no hours, and it counts as a no-show."),
    ":material/person_off:", serving_absence.no_show,
)  # fmt: skip


def absences(actor: Actor, row: Row, people: Sequence[Served]) -> None:
    """Nothing where nobody is left to be taken off or marked."""
    signed = {one.signup_id: one.name for one in people if one.state == SignupState.SIGNED}
    came = {one.signup_id: one.name for one in people if one.state == SignupState.SERVED and one.hours_id is None}
    if row.values["state"] == ShiftState.CANCELLED:
        return
    missing = signed | came if row.values["starts"] <= clock.now() else {}
    for wanted, names in ((OFF, signed), (MISSED, missing)):
        with st.container():
            if names:
                _choose(actor, row, wanted, names)


def _choose(actor: Actor, row: Row, wanted: Act, names: dict[int, str]) -> None:
    form = f"{wanted.name}.{row.id}"
    with folded(wanted.label, wanted.icon, form):
        st.caption(t(wanted.about))
        st.selectbox(
            t(L("谁 *", "Who *")), list(names), index=None, format_func=lambda key: names[key],
            key=field_key(form, "who"), placeholder=t(L("请选择", "Choose")),
        )  # fmt: skip
        st.text_input(
            t(L("理由 *（本人会看到）", "Reason * (they read it)")), key=field_key(form, "reason"), max_chars=200
        )

        def act(_used: str) -> Outcome:
            key = field_value(form, "who")
            wanted.write(actor, key, field_value(form, "reason", "") or "")
            name, label = literal(names[key]), wanted.label
            return Outcome(L(f"{name}：{label.zh}", f"{name}: {label.en.lower()}"))

        button(wanted.label, act, form=form, kind="primary", disabled=field_value(form, "who") is None)
        errors_of(form)
