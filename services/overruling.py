"""A reason given with a write (`reason` of a unit) lets a clash, a full session or a missing thing pass, and goes into the audit."""

from typing import Any

from models.base import Record
from models.system import Verb
from services import db
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import after_write


def reason_of(s: PortalSession) -> str:
    return str(s.info.get("override", s.info.get("reason", ""))).strip()


def overrule(s: PortalSession, code: str, what: Any = None, *, field: str = "", **detail: Any) -> None:
    """Raises Invalid with the code, beside that field, unless a reason was given; then it is noted once the row is written."""
    if not reason_of(s):
        raise Invalid({field: code}, **detail)
    s.info.setdefault("overruled", []).append({code: what})


@after_write("training_session")
@after_write("lesson")
@after_write("enrolment")
@after_write("service_shift")
@after_write("shift_signup")
def note(s: PortalSession, row: Record) -> None:
    for detail in s.info.pop("overruled", []):
        db.note(s, Verb.OVERRIDE, row.__table__.name, row.id, detail, reason_of(s))  # type: ignore[attr-defined]
