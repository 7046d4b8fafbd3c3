"""The numbers of the call list: one purpose for all who are listed, and the sheet to take along."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import streamlit as st

from models.words import L
from services import clock, readiness
from services.access import Actor
from services.readiness import Ready
from ui.shell import Outcome, button, errors_of, field_key, field_value, literal, t

FORM, SHOWN = "callout", "callout.shown"
MINUTES = 30


@dataclass(frozen=True)
class Shown:
    """The numbers that are seen in full and whose they are, what for, and until when."""

    phones: Mapping[int, str]
    names: Mapping[int, str]
    why: str
    until: datetime


def shown(actor: Actor) -> Shown:
    """What this person sees in full at this moment."""
    kept = st.session_state.get(SHOWN)
    if kept is not None and kept.until > clock.now() and actor.may("personal", "volunteers"):
        return kept  # type: ignore[no-any-return]
    return Shown({}, {}, "", clock.now())


def ask(actor: Actor, rows: Sequence[Ready], unsaid: Sequence[Ready] = ()) -> None:
    """The purpose that shows the numbers of everybody on this page, and of who never said when below it; nothing for
    whoever may not see them."""
    if not actor.may("personal", "volunteers"):
        return
    now = shown(actor)
    here, below = ([row.who for row in some if row.who.id not in now.phones] for some in (rows, unsaid))
    masked = {who.id: f"{who.name} {who.number}" for who in (*here, *below)}
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key="call-numbers"):
        if masked:
            _purpose(actor, masked, now, _offer(len(here), len(below)))
        else:
            until = f"{clock.local(now.until):%H:%M}"
            told = L(
                f"号码显示到 {until}　事由：{literal(now.why)}",
                f"Numbers are shown until {until}, for: {literal(now.why)}",
            )
            st.markdown(t(told), width="stretch")
            button(L("收起号码", "Hide the numbers"), _hide, form=f"{FORM}.hide", icon=":material/visibility_off:")


def _offer(here: int, below: int) -> L:
    """Whose numbers the button shows."""
    if here and below:
        return L(
            f"显示本页 {here} 人和下面 {below} 人的号码", f"Show the numbers of these {here} and the {below} below"
        )
    if below:
        return L(f"显示下面 {below} 人的号码", f"Show the numbers of the {below} below")
    return L(f"显示本页 {here} 人的号码", f"Show the numbers of the {here} on this page")


def _purpose(actor: Actor, masked: Mapping[int, str], now: Shown, label: L) -> None:
    st.text_input(
        t(L("紧急召集的事由 *（记入日志）", "Why they are called out * (is logged)")), value=now.why, max_chars=200,
        key=field_key(FORM, "why"), placeholder=t(L("如：江湾码头溺水救援", "e.g. a rescue at the pier")),
    )  # fmt: skip

    def act(_used: str) -> Outcome:
        why = field_value(FORM, "why", "") or ""
        found = readiness.numbers(actor, list(masked), why)
        until = clock.now() + timedelta(minutes=MINUTES)
        st.session_state[SHOWN] = Shown({**now.phones, **found}, {**now.names, **masked}, why.strip(), until)
        return Outcome(L(f"已显示 {len(found)} 人的号码，并记入日志", f"Numbers of {len(found)} are shown, and logged"))

    button(label, act, form=FORM, kind="primary", icon=":material/call:")
    errors_of(FORM, "why")


def cover(people: Collection[int]) -> None:
    """These numbers are needed no more."""
    if (now := st.session_state.get(SHOWN)) is not None:
        left = {who: number for who, number in now.phones.items() if who not in people}
        st.session_state[SHOWN] = replace(now, phones=left)


def _hide(_used: str) -> Outcome:
    st.session_state.pop(SHOWN, None)
    return Outcome(L("号码已收起", "The numbers are hidden"))
