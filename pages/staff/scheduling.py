"""The form of a session: clashes of venue and instructors are told while people type, before anything is saved."""

from datetime import datetime

import streamlit as st

from models.words import L
from services import training
from services.access import Actor
from ui.shell import field_key, literal, t
from ui.words import span


def advise(actor: Actor, given: dict[str, object], key: int) -> None:
    """Clashes of venue and instructors, told while people type."""
    starts, ends = given.get("starts"), given.get("ends")
    if not isinstance(starts, datetime) or not isinstance(ends, datetime) or ends <= starts:
        return
    venue, teachers = given.get("venue_id"), given.get("instructors")
    found = training.clashes(
        actor, venue_id=venue if isinstance(venue, int) else None, instructor_ids=teachers if isinstance(teachers, list) else [],
        starts=starts, ends=ends, session_id=key or None,
    )  # fmt: skip
    for clash in found:
        title = clash.title or t(L("其他站点的培训", "a session of another station"))
        st.warning(
            f"{literal(clash.name)} · {t(span(clash.starts, clash.ends))} · {literal(title)}",
            icon=":material/event_busy:",
        )
    if found:
        st.text_input(
            t(L("仍要保存的理由（会记入日志）", "Reason for saving all the same (is logged)")),
            key=field_key(_form(key), "override"),
        )


def save(actor: Actor, given: dict[str, object], key: int | None, version: int | None, used: str) -> int:
    reason = str(st.session_state.get(f"{used}.override", ""))
    return training.save_session(actor, given, id=key, version=version, token=used, override_reason=reason)


def _form(key: int) -> str:
    return f"training_session.{key or 'new'}"
