"""The ledger of WeChat groups: the counts of a day for all groups at once, a group over time, its end (S2; 02.1-02.3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import func, or_, select
from sqlmodel import col

from models import RECORDS
from models.community import GroupSnapshot, GroupState, WechatGroup
from services import clock, db, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.steps import Step

GROUP, SNAPSHOT = RECORDS["wechat_group"], RECORDS["group_snapshot"]
FULL = 500
JUMP = 0.5
STEPS = {"dissolve": Step((GroupState.ACTIVE,), GroupState.DISSOLVED, ("dissolved_on",), ("dissolved_on",))}


@dataclass(frozen=True, slots=True)
class Count:
    """A group in operation: its newest count before a day, and the count of that day; None where there is none."""

    id: int
    name: str
    owner: str
    last_on: date | None
    last: int | None
    now: int | None

    def counted_in(self, day: date) -> bool:
        """Whether a count of the day's month is there, up to that day."""
        last = self.last_on
        return self.now is not None or (last is not None and (last.year, last.month) == (day.year, day.month))

    @property
    def members(self) -> int:
        """What the group counts with: the newest that is known."""
        return self.now if self.now is not None else self.last or 0


def counts(actor: Actor, day: date) -> list[Count]:
    """Every group that is in operation on the day, by owner and name; four statements, however many there are."""
    actor.need("read", "community")
    with db.reading(actor) as session:
        groups = session.execute(_operating(day).order_by(col(WechatGroup.owner), col(WechatGroup.name)))
        newest = (
            select(col(GroupSnapshot.group_id), func.max(GroupSnapshot.taken_on).label("day"))
            .where(col(GroupSnapshot.taken_on) < day)
            .group_by(col(GroupSnapshot.group_id))
            .subquery()
        )
        same = (newest.c.group_id == GroupSnapshot.group_id) & (newest.c.day == GroupSnapshot.taken_on)
        before = {row.group_id: row for row in session.execute(select(GroupSnapshot).join(newest, same)).scalars()}
        now = _of_day(session, day)
        return [_count(key, name, owner, before.get(key), now.get(key)) for key, name, owner in groups]


def _operating(day: date) -> Any:
    ends = col(WechatGroup.dissolved_on)
    wanted = select(col(WechatGroup.id), col(WechatGroup.name), col(WechatGroup.owner))
    return wanted.where(col(WechatGroup.founded_on) <= day, or_(ends.is_(None), ends >= day))


def _of_day(session: PortalSession, day: date) -> dict[int, GroupSnapshot]:
    found = session.execute(select(GroupSnapshot).where(col(GroupSnapshot.taken_on) == day)).scalars()
    return {row.group_id: row for row in found}


def _count(key: int, name: str, owner: str, before: GroupSnapshot | None, now: GroupSnapshot | None) -> Count:
    last_on, last = (before.taken_on, before.members) if before else (None, None)
    return Count(key, name, owner, last_on, last, now.members if now else None)


Doubt = Literal["negative", "over_full", "jump"]


def doubts(groups: Iterable[Count], members: Mapping[int, int]) -> list[tuple[Count, Doubt]]:
    """What looks wrong of the counts typed: below zero is refused; above a normal group's 500, or far from the last count,
    is asked about."""
    typed = [(group, members[group.id]) for group in groups if group.id in members]
    found = [(group, _doubt(group, number)) for group, number in typed]
    return [(group, doubt) for group, doubt in found if doubt]


def _doubt(group: Count, number: int) -> Doubt | None:
    if number < 0:
        return "negative"
    if number > FULL:
        return "over_full"
    return "jump" if group.last and abs(number - group.last) > JUMP * group.last else None


def take(
    actor: Actor, day: date, members: Mapping[int, int | None], *, token: str | None = None, today: date | None = None
) -> int:
    """Write the counts of a day, all or none; returns how many were new or differ from what stood there.

    Groups without a count are skipped; a second count of the same day replaces the first. Raises Invalid({group id: code})
    for counts below zero or beyond belief, NotFound for a group that is not in operation that day.
    """
    actor.need("write", "community")
    today, given = today or clock.today(), {key: number for key, number in members.items() if number is not None}
    wrong = {str(key): "too_small" for key, number in given.items() if number < 0}
    if wrong:
        raise Invalid(wrong)
    with db.unit(actor, token=token) as session:
        known = {key for key, _, _ in session.execute(_operating(day))}
        if given.keys() - known:
            raise NotFound(record="wechat_group")
        there = _of_day(session, day)
        changed = {key: number for key, number in given.items() if key not in there or there[key].members != number}
        for key, number in changed.items():
            _write(session, key, day, number, there.get(key), today)
        return len(changed)


def _write(session: PortalSession, key: int, day: date, number: int, row: GroupSnapshot | None, today: date) -> None:
    """An active count that is larger than the new count of members is dropped with the old one."""
    active = row.active if row and row.active is not None and row.active <= number else None
    row_values = {"group_id": key, "taken_on": day, "members": number, "active": active}
    store.write(session, SNAPSHOT, row_values, row, today)


def series(actor: Actor, group_id: int) -> list[tuple[date, int]]:
    """A group's counts over time, the oldest first. Raises NotFound."""
    store.get(actor, GROUP, group_id)
    wanted = select(col(GroupSnapshot.taken_on), col(GroupSnapshot.members))
    with db.reading(actor) as session:
        rows = session.execute(
            wanted.where(col(GroupSnapshot.group_id) == group_id).order_by(col(GroupSnapshot.taken_on))
        )
        return [(day, number) for day, number in rows]
