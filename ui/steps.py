"""Short forms on a record's own page: where it stands, the one next step with the fields it asks for, the others folded."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from models import RecordType
from models.words import L
from services.access import Actor
from services.store import Row
from ui.form import draw, tell_wrong, typed
from ui.refusal import beside_button
from ui.shell import Outcome, button, errors, escaped, field_key, t

Act = Callable[[dict[str, Any], str], Outcome]


def bar(labels: Sequence[L], now: int, notes: Mapping[int, str] | None = None) -> str:
    """The steps in a row as HTML, with the one that the record is at; `notes` stand behind their step's name."""
    cells = "".join(
        f"<li class='{'now' if i == now else 'past' if i < now else ''}'"
        f"{' aria-current=step' if i == now else ''}>{escaped(t(label))}{escaped((notes or {}).get(i, ''))}</li>"
        for i, label in enumerate(labels)
    )
    return f"<ol class='steps'>{cells}</ol>"


def short_form(
    actor: Actor,
    record: RecordType,
    names: Sequence[str],
    form: str,
    label: L,
    act: Act,
    *,
    row: Row | None = None,
    preset: Mapping[str, Any] | None = None,
    kind: str = "primary",
    icon: str | None = None,
    extra: Callable[[dict[str, Any]], None] | None = None,
    across: bool = False,
) -> None:
    """Some fields of a record with their errors beside them, and a button that gives their values to `act`.

    `extra` draws what depends on what is typed at this moment; across: the fields stand beside each other.
    """
    specs, wrong, given = [record.field(name) for name in names], errors(form), preset or {}
    with st.container(horizontal=across, vertical_alignment="top"):
        for spec in specs:
            stored = given.get(spec.name, row.values.get(spec.name) if row else spec.default)
            with st.container(gap="small"):
                draw(actor, spec, field_key(form, spec.name), stored, is_new=row is None)
                tell_wrong(spec, wrong)
    if extra:
        extra(typed(specs, form, row))
    button(label, lambda used: act(typed(specs, form, row), used), form=form, kind=kind, icon=icon)
    beside_button(form, {spec.name: spec.label for spec in specs})
