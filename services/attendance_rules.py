"""The numbers by which presence is judged: settings of an administrator, with the defaults of rules.md §2.6 (feature T5)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import timedelta

from sqlmodel import col, select

from models.system import Setting, Verb
from services import db
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid

PREFIX = "attendance."
MOST = {"late_minutes": 240, "early_minutes": 240, "hours_percent": 100, "absent_hours": 400, "class_hour_minutes": 60}
LEAST = {"class_hour_minutes": 20}


@dataclass(frozen=True, slots=True)
class Rules:
    """late_minutes after the start one is late, early_minutes before the end one left early; hours_percent is the share of
    the time that one must have been there where the course says nothing; who missed absent_hours gets no certificate
    whatever the share (0: no such rule); class_hour_minutes is how long a class hour (学时) of a course lasts."""

    late_minutes: int = 10
    early_minutes: int = 10
    hours_percent: int = 80
    absent_hours: int = 4
    class_hour_minutes: int = 60

    def lasts(self, class_hours: float) -> timedelta:
        """How long so many class hours are."""
        return timedelta(minutes=class_hours * self.class_hour_minutes)


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
    errors = {name: "too_small" for name, n in wanted.items() if n < LEAST.get(name, 0)}
    errors |= {name: "too_large" for name, n in wanted.items() if n > MOST[name]}
    if errors:
        raise Invalid(errors)
    with db.unit(actor) as session:
        before = asdict(rules(session))
        for name, number in wanted.items():
            if number != before[name]:
                session.merge(Setting(key=PREFIX + name, value=number))
                db.note(session, Verb.CHANGE, "setting", None, {PREFIX + name: [before[name], number]})
