"""Rules about days and states that many record types share; each returns {field: error code}."""

from collections.abc import Collection
from datetime import date
from itertools import pairwise
from typing import Any


def happened(
    values: dict[str, Any], today: date, day: str, states: Collection[str], state: str = "state"
) -> dict[str, str]:
    """A state that says that something happened needs its day, which does not lie in the future."""
    if values.get(state) not in states:
        return {}
    if values.get(day) is None:
        return {day: "required"}
    return {day: "date_future"} if values[day] > today else {}


def said(values: dict[str, Any], states: Collection[str], *fields: str, state: str = "state") -> dict[str, str]:
    """What has to be told, be it 0, once a state says that something happened: a measure adds it up."""
    if values.get(state) not in states:
        return {}
    return {field: "required" for field in fields if values.get(field) is None}


def past(values: dict[str, Any], today: date, *days: str) -> dict[str, str]:
    """Days that cannot lie in the future."""
    return {day: "date_future" for day in days if values.get(day) and values[day] > today}


def in_order(values: dict[str, Any], *days: str) -> dict[str, str]:
    """Days that follow each other: of those that are filled in, none lies before an earlier one."""
    filled = [day for day in days if values.get(day)]
    pairs = pairwise(filled)
    return {later: "ends_before_start" for first, later in pairs if values[later] < values[first]}


def at_most(values: dict[str, Any], part: str, whole: str) -> dict[str, str]:
    """A part that is no larger than its whole."""
    given = values.get(part) is not None and values.get(whole) is not None
    return {part: "too_large"} if given and values[part] > values[whole] else {}
