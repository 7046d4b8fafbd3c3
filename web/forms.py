"""The forms of the plain pages: fields described once, then read, checked and drawn (templates/forms.html)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.words import L

Values = dict[str, Any]
Errors = dict[str, str]
Option = tuple[str, L]
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True)
class Field:
    """One field of a plain form.

    kind is one of text, tel, password, select, radio (chips, one), chips (several), check (one box), date, time, area.
    A password is never drawn with its value. `autocomplete` and `inputmode` are HTML's
    own words; `missing` is the error code when a required one is left empty.
    """

    name: str
    label: L
    kind: str = "text"
    required: bool = False
    hint: L | None = None
    options: tuple[Option, ...] = ()
    max_length: int = 80
    autocomplete: str = "off"
    inputmode: str = ""
    missing: str = "required"

    def read(self, form: Any) -> Any:
        """What was typed: a text, a list of codes, or True/False for one box."""
        if self.kind == "chips":
            return list(dict.fromkeys(form.getlist(self.name)))
        if self.kind == "check":
            return form.get(self.name) == "yes"
        typed = str(form.get(self.name) or "")
        return typed if self.kind == "password" else typed.strip()

    def problem(self, value: Any) -> str | None:
        """The error code of a value that cannot be right, before any service is asked."""
        if not value:
            return self.missing if self.required else None
        if isinstance(value, str) and len(value) > self.max_length:
            return "too_long"
        if self.kind == "date" and not _is_date(value):
            return "not_a_date"
        if self.kind == "time" and not CLOCK.fullmatch(value):
            return "not_a_time"
        codes = {code for code, _ in self.options}
        chosen = value if isinstance(value, list) else [value]
        return "not_a_choice" if self.options and not codes.issuperset(chosen) else None


@dataclass(frozen=True)
class Group:
    """Fields under one heading, which says what is optional; folded until opened, filled in or wrong."""

    fields: tuple[Field, ...]
    title: L | None = None
    hint: L | None = None
    folded: bool = False


@dataclass
class Form:
    """A form being filled in: its groups, what was typed and what is wrong with it."""

    groups: tuple[Group, ...]
    values: Values = field(default_factory=dict)
    errors: Errors = field(default_factory=dict)

    @property
    def fields(self) -> Iterable[Field]:
        return (each for group in self.groups for each in group.fields)

    def is_open(self, group: Group) -> bool:
        return any(self.values.get(each.name) or each.name in self.errors for each in group.fields)

    def take(self, form: Any) -> bool:
        """Read a posted form; True when nothing is wrong with it as far as a form can tell."""
        self.values = {each.name: each.read(form) for each in self.fields}
        found = {each.name: each.problem(self.values[each.name]) for each in self.fields}
        self.errors = {name: code for name, code in found.items() if code}
        return not self.errors

    def refuse(self, errors: Mapping[str, str]) -> "Form":
        """Take the errors that a service found; those of no field of this form belong to the form as a whole."""
        known = {each.name for each in self.fields}
        self.errors = {(name if name in known else ""): code for name, code in errors.items()}
        return self


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-01-01")
