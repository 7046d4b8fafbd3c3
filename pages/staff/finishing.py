"""Short forms of the work list: what is finished where it stands, without leaving the page."""

from typing import Any

import streamlit as st

from models.clients import FollowupState
from models.waiting import PLANS
from models.words import L
from pages.staff import steps
from services import finishing
from services.access import Actor
from services.today import Item
from ui.form import draw as draw_field
from ui.form import typed
from ui.shell import Outcome, button, errors_of, field_key, field_value, go, t

NOBODY = L("填了 0：确实没有人参加，可以保存", "That says 0: save it if really nobody came")
REACHED = (FollowupState.DONE, FollowupState.UNREACHED, FollowupState.LOST)


def draw(actor: Actor, item: Item, kind: str = "secondary") -> bool:
    """The short form of a line, built when it is opened; whether it stands in the place of the line's button."""
    if item.id is None:
        return False
    if item.kind == "next_steps":
        steps.finish_form(actor, item.id)
        return False
    form = _follow_up if item.kind == "followups" else _took_place if item.kind in PLANS else None
    if form is None:
        return False
    name = f"{item.kind}.{item.id}"
    with st.popover(t(item.button), key=f"finish.{name}", on_change="rerun", type=kind) as opened:  # type: ignore[arg-type]
        if opened.open:
            form(actor, item)
            if st.button(t(L("打开记录", "Open the record")), type="tertiary", key=f"open.{name}"):
                go(item.page, **item.query)
    return True


def _follow_up(actor: Actor, item: Item) -> None:
    form, key = f"followup.{item.id}", item.id or 0
    st.segmented_control(
        t(L("情况", "What happened")), REACHED, default=FollowupState.DONE, format_func=lambda state: t(state.label),
        key=field_key(form, "state"), required=True,
    )  # fmt: skip
    st.text_area(t(L("随访结果 *", "Outcome *")), key=field_key(form, "outcome"), height=90)
    errors_of(form, "outcome")
    st.date_input(t(L("下次随访", "Next on")), value=None, key=field_key(form, "next_on"), format="YYYY-MM-DD")
    errors_of(form, "next_on")

    def act(used: str) -> Outcome:
        state, outcome, next_on = (field_value(form, name) for name in ("state", "outcome", "next_on"))
        finishing.follow_up(actor, key, state, outcome or "", next_on, token=used)
        then = L(f"，下次 {next_on}", f"; next on {next_on}") if next_on else L("。", ".")
        return Outcome(L(f"随访已记录{then.zh}", f"Follow-up recorded{then.en}"))

    button(L("保存", "Save"), act, form=form, kind="primary", shortcut="Ctrl+Enter")


def _took_place(actor: Actor, item: Item) -> None:
    form, key, plan = f"held.{item.kind}.{item.id}", item.id or 0, PLANS[item.kind]
    specs = finishing.asked(item.kind)
    for spec in specs:
        stored: Any = item.detail["given"] if spec.name == plan.day else None
        draw_field(actor, spec, field_key(form, spec.name), stored, is_new=True)
        errors_of(form, spec.name)
    if finishing.nobody(item.kind, typed(specs, form, None)):
        st.caption(f":orange[:material/warning: {t(NOBODY)}]")

    def act(used: str) -> Outcome:
        finishing.took_place(actor, item.kind, key, typed(specs, form, None), token=used)
        return Outcome(L("已标记为已开展", "Marked as held"))

    button(L("保存", "Save"), act, form=form, kind="primary", shortcut="Ctrl+Enter")
