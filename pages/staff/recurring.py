"""Series in the form of a session: the rule and its days before they are planned, how much a change is meant for after."""

from datetime import date
from typing import Any

import streamlit as st

from models.words import L
from pages.staff import repeating
from services import clock, kit, recurring
from services.access import Actor
from services.recurring import Scope
from ui.messages import words_of
from ui.shell import errors, escaped, field_key, field_value, t

SCOPES = {
    Scope.THIS: L("只这一次", "This one only"),
    Scope.FOLLOWING: L("这次及以后", "This and those that follow"),
    Scope.ALL: L("整个系列", "The whole series"),
}


def draw(actor: Actor, given: dict[str, Any], wanted: kit.Wanted, form: str, key: int) -> bool:
    """Repetition of a new session, the scope of a change; returns whether a day that was chosen has something in its way."""
    if key:
        if recurring.members(actor, key):
            scope(form, L("改动用于", "The change is for"))
        return False
    with st.container(border=True):
        if not st.toggle(t(L("重复举办（排成系列）", "Repeat it (plan a series)")), key=field_key(form, "repeat")):
            return False
        rule = repeating.rule(form, clock.local(given["starts"]).date())
        found = recurring.preview(actor, given, rule, wanted)
        for code in dict.fromkeys([*found.problems.values(), *_refused(form)]):
            st.html(f"<p class='fe' role='alert'>{escaped(t(words_of(code)))}</p>")
        for year in found.unknown_years:
            st.caption(
                t(
                    L(
                        f"{year} 年的节假日还没有录入，没有跳过。",
                        f"The holidays of {year} are not on file; none is skipped.",
                    )
                )
            )
        return repeating.days(found.occasions, form)


def scope(form: str, label: L) -> None:
    st.radio(
        t(label), list(SCOPES), format_func=lambda one: t(SCOPES[one]), horizontal=True, key=field_key(form, "scope")
    )


def chosen_scope(form: str) -> Scope:
    return Scope(field_value(form, "scope", Scope.THIS))


def asked(used: str) -> bool:
    """Whether the form is for more than one session."""
    held = st.session_state
    return bool(held.get(f"{used}.repeat")) or held.get(f"{used}.scope", Scope.THIS) != Scope.THIS


def save(
    actor: Actor, given: dict[str, Any], key: int | None, version: int | None, used: str, wanted: dict[int, int] | None,
    reason: str,
) -> int:  # fmt: skip
    more: dict[str, Any] = {"override_reason": reason, "token": used}
    if key:
        recurring.change(
            actor, key, given, st.session_state[f"{used}.scope"], version=version, equipment=wanted, **more
        )
        return key
    ticked = [
        name for name, value in st.session_state.items() if str(name).startswith(f"{used}.day.") and value is True
    ]
    chosen = [date.fromisoformat(str(name).split(".")[-2]) for name in ticked]
    rule = repeating.read("training_session.new")
    return recurring.create(actor, given, rule, chosen, equipment=wanted or {}, **more)[0]


def _refused(form: str) -> list[str]:
    return [code for name, code in errors(form).items() if name in ("weekdays", "every", "until", "times")]
