"""What of the calendar is shown: a base, a venue, an instructor, some equipment; kept in the address."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models import RECORDS
from models.training import Base
from models.words import L
from services import store
from services.access import Actor
from services.timetable import Only
from ui.shell import number, param, set_params, t

NAMED = {"venue_id": ("venue", L("场地", "Venue")), "instructor_id": ("instructor", L("讲师", "Instructor")),
         "equipment_id": ("equipment", L("教具", "Kit"))}  # fmt: skip


def draw(actor: Actor) -> Only:
    """The filters in one row; returns what is asked for."""
    with st.grid(4, min_column_width=150):
        base = _choose("base", L("基地", "Base"), {one.value: t(one.label) for one in Base}, param("base"))
        chosen = {
            name: _choose(name, label, store.choices(actor, RECORDS[record]), number(name))
            for name, (record, label) in NAMED.items()
        }
    return Only(base=base, **chosen)


def _choose(name: str, label: L, labels: Mapping[Any, str], stored: Any) -> Any:
    codes = list(labels)
    chosen = st.selectbox(
        t(label), codes, index=codes.index(stored) if stored in codes else None, format_func=lambda one: labels[one],
        placeholder=t(L("全部", "All")), key=f"calendar.{name}",
    )  # fmt: skip
    set_params(**{name: chosen})
    return chosen
