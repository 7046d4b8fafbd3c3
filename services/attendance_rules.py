"""The numbers by which presence is judged: settings of an administrator, with the defaults of rules.md §2.6 (feature T5)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from sqlmodel import col, select

from models.system import Setting, Verb
from services import db
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid

PREFIX = "attendance."
MOST = {"late_minutes": 240, "early_minutes": 240, "absent_hours": 400}


@dataclass(frozen=True, slots=True)
class Rules:
    """late_minutes after the start one is late, early_minutes before the end one left early; who missed absent_hours of
    lessons gets no certificate whatever the share (0: no such rule)."""

    late_minutes: int = 10
    early_minutes: int = 10
    absent_hours: int = 4


def rules(session: PortalSession) -> Rules:
    kept = session.exec(select(Setting).where(col(Setting.key).in_([PREFIX + spec.name for spec in fields(Rules)])))
    return Rules(**{row.key.removeprefix(PREFIX): int(row.value) for row in kept if row.value is not None})


def current(actor: Actor) -> Rules:
    actor.need("read", "training")
    with db.reading(actor) as session:
        return rules(session)


def change(actor: Actor, wanted: Mapping[str, int]) -> None:
    """Set some of the numbers. Raises Denied to all but administrators, Invalid for a number that cannot be."""
    actor.need("write", "admin")
    errors = {name: "too_small" if n < 0 else "too_large" for name, n in wanted.items() if not 0 <= n <= MOST[name]}
    if errors:
        raise Invalid(errors)
    with db.unit(actor) as session:
        before = asdict(rules(session))
        for name, number in wanted.items():
            if number != before[name]:
                session.merge(Setting(key=PREFIX + name, value=number))
                db.note(session, Verb.CHANGE, "setting", None, {PREFIX + name: [before[name], number]})
