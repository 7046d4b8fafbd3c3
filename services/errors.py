"""The errors a person can meet; everything else is a bug, logged with an id."""

from collections.abc import Mapping
from typing import Any


class PortalError(Exception):
    """Something to be told in the user's language; `code` has its words in ui/messages.py."""

    def __init__(self, code: str, **detail: Any) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Denied(PortalError):
    """This role may not do that."""

    def __init__(self, code: str = "denied", **detail: Any) -> None:
        super().__init__(code, **detail)


class NotFound(PortalError):
    """No such record, or none that this person may know of."""

    def __init__(self, code: str = "not_found", **detail: Any) -> None:
        super().__init__(code, **detail)


class Invalid(PortalError):
    """Values that cannot be saved: {field: error code}; the empty field name is the form as a whole."""

    def __init__(self, fields: Mapping[str, str], **detail: Any) -> None:
        super().__init__("invalid", **detail)
        self.fields = dict(fields)

    def __str__(self) -> str:
        return ", ".join(f"{field}: {code}" for field, code in self.fields.items())


class Conflict(PortalError):
    """The record changed since the form was drawn: `theirs` holds what is stored now, `mine` what was typed."""

    def __init__(self, mine: Mapping[str, Any], theirs: Mapping[str, Any], **detail: Any) -> None:
        super().__init__("conflict", **detail)
        self.mine, self.theirs = dict(mine), dict(theirs)


class AlreadyDone(PortalError):
    """This very submit has been carried out before (a second click)."""

    def __init__(self) -> None:
        super().__init__("already_done")
