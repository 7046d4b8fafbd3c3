"""After how many days what waits is overdue, and grave; sessions that ended and were never closed keep their owner from
planning new ones (features X10, T11)."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import SQLModel, select

from models.waiting import UNFINISHED, WAITING, Waiting
from models.words import L
from services import clock, numbers
from services.db import PortalSession
from services.numbers import Number, Subject, Unit, number

LONGEST = 365
AGREED = L("本院约定", "agreed in this hospital")


def _term(waiting: Waiting, ending: str, zh: str, en: str, usual: int) -> Number:
    label = L(f"{waiting.label.zh}：几天后算{zh}", f"{waiting.label.en}: days until {en}")
    return number(f"wait.{waiting.name}{ending}", Subject.WAITING, label, usual, 0, LONGEST, Unit.DAYS, AGREED)


DAYS: dict[str, Number] = {}
GRAVES: dict[str, Number] = {}
for _one in WAITING.values():
    if _one.grows_overdue:
        DAYS[_one.name] = _term(_one, "", "逾期", "overdue", _one.days)
    if _one.grave:
        GRAVES[_one.name] = _term(_one, ".grave", "严重逾期", "gravely overdue", _one.grave)


class Terms(NamedTuple):
    """{kind: days} granted before it is overdue, and before that is grave."""

    days: dict[str, int]
    graves: dict[str, int]


def terms(s: PortalSession) -> Terms:
    """The terms of all kinds; those that never grow overdue have none."""
    found = numbers.values(s, [*DAYS.values(), *GRAVES.values()])
    return Terms(*({name: found[one.key] for name, one in part.items()} for part in (DAYS, GRAVES)))


class Unclosed(NamedTuple):
    """A session that its owner left open."""

    id: int
    title: str
    ends: datetime


def granted(s: PortalSession) -> int:
    """How many days after their end sessions may stay open."""
    return numbers.value(s, GRAVES["to_close"])


def left_open(s: PortalSession, account_id: int, now: datetime | None = None) -> list[Unclosed]:
    """What this account planned, at whichever station, and has not closed in time; the oldest first."""
    planned = SQLModel.metadata.tables["training_session"].c
    before = (now or clock.now()) - timedelta(days=granted(s))
    asked = (
        select(planned.id, planned.title, planned.ends)
        .where(planned.created_by == account_id, planned.ends <= before, planned.deleted_at.is_(None))
        .where(planned.state.in_(UNFINISHED))
        .order_by(planned.ends)
    )
    return [Unclosed(*row) for row in s.connection().execute(asked)]
