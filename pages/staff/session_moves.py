"""A session moved to another state: its next step as one button, the others with a reason, and a second thought before a
class is marked as held that is not over or whose people are still there."""

from datetime import timedelta
from math import ceil

import streamlit as st

from models.training import SessionState
from models.words import L
from services import clock, ending, training
from services.access import Actor
from services.ending import Ending
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, t

DRAFT, OPEN, CLOSED, HELD, CANCELLED = SessionState
NEXT = {DRAFT: (OPEN, L("开放报名", "Open enrolment")), OPEN: (CLOSED, L("截止报名", "Close enrolment"))}


def next_step(actor: Actor, row: Row) -> None:
    state, begun = SessionState(row.values["state"]), row.values["starts"] <= clock.now()
    if begun and state in (OPEN, CLOSED):
        _hold(actor, row)
    elif state in NEXT:
        move_to(actor, row, *NEXT[state], kind="primary")


def _hold(actor: Actor, row: Row) -> None:
    label, found = L("标为已举办", "Mark as held"), ending.ending(actor, row.id)
    if not found.asks:
        move_to(actor, row, HELD, label, kind="primary")
        return
    with st.popover(t(label), icon=":material/arrow_forward:", type="primary"):
        st.markdown(t(before_the_end(found)))
        move_to(actor, row, HELD, L("仍标为已举办", "Mark as held all the same"), kind="primary")


def before_the_end(found: Ending) -> L:
    """The two figures that speak against it, and until when people can sign out all the same."""
    until = f"{clock.local(found.door):{'%H:%M' if found.left < timedelta(hours=12) else '%m-%d %H:%M'}}"
    left = length(found.left)
    zh = f"离下课还有 **{left.zh}**" if found.left else "已经下课"
    en = f"The class ends in **{left.en}**" if found.left else "The class is over"
    people = L(f"**{found.inside}** 人在场、还没签退", f"**{found.inside}** people are there and have not signed out")
    if found.inside == 1:
        people = L(people.zh, "**1** person is there and has not signed out")
    return L(
        f"{zh}，{people.zh}。  \n标为已举办后，不再扫码签到，仍可扫码签退，到 {until} 为止。",
        f"{en}; {people.en}.  \nAfter that nobody checks in by the code; checking out stays possible until {until}.",
    )


def length(time: timedelta) -> L:
    """2 小时 5 分钟"""
    days, minutes = divmod(ceil(time.total_seconds() / 60), 24 * 60)
    parts = [(days, "天", "d"), (minutes // 60, "小时", "h"), (minutes % 60, "分钟", "min")]
    shown = [part for part in parts if part[0]]
    return L(" ".join(f"{n} {zh}" for n, zh, _ in shown), " ".join(f"{n} {en}" for n, _, en in shown))


def other_moves(actor: Actor, row: Row) -> None:
    state = SessionState(row.values["state"])
    form = f"cancel.{row.id}"
    moves = {move for move in training.MOVES[state] if move != HELD}
    with st.popover(t(L("改变状态", "Change the state")), icon=":material/swap_horiz:"):
        st.text_input(t(L("理由", "Reason")), key=field_key(form, "reason"))
        for move in SessionState:
            if move in moves:
                move_to(actor, row, move, L(f"改为{move.label.zh}", f"To: {move.label.en}"), form)
        errors_of(form)


def move_to(actor: Actor, row: Row, state: SessionState, label: L, reasons: str = "", kind: str = "secondary") -> None:
    """A button that moves the session to another state; `reasons` is the form that holds why."""

    def act(_used: str) -> Outcome:
        reason = field_value(reasons, "reason", "") if reasons else ""
        told = training.set_state(actor, row.id, state, reason)
        return Outcome(moved(state, told), stays=state == CANCELLED and told > 0)

    button(label, act, form=f"state.{row.id}.{state}.{kind}", icon=":material/arrow_forward:", kind=kind)


def moved(state: SessionState, people: int) -> L:
    """What the move came to for the people who have a seat or wait for one."""
    told = L(f"本班已录取和候补共 {people} 人", f"{people} people are enrolled or waiting")
    if people == 1:
        told = L(told.zh, "1 person is enrolled or waiting")
    if state == CANCELLED and people:
        return L(f"已取消。{told.zh}，请逐一通知。", f"Cancelled. {told.en}: please let them know.")
    return L(f"已改为“{state.label.zh}”。{told.zh}。", f"Now: {state.label.en}. {told.en}.")
