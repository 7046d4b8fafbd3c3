"""The numbers of volunteering that a hospital sets for itself, and its working days (rules.md §1: K and I values are settings).

Nothing here is law but the ten working days of M67 art. 11; the rest are usual values to start from.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from sqlmodel import col, select

from models.system import Setting, Verb
from models.words import L
from services import clock, db, holidays
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid

PREFIX = "serving."


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number with its usual value and its limits."""

    label: L
    usual: int
    low: int = 1
    high: int = 100_000


NUMBERS: dict[str, Number] = {
    "star_1": Number(L("一星所需小时", "Hours for one star"), 100),
    "star_2": Number(L("二星所需小时", "Hours for two stars"), 300),
    "star_3": Number(L("三星所需小时", "Hours for three stars"), 600),
    "star_4": Number(L("四星所需小时", "Hours for four stars"), 1000),
    "star_5": Number(L("五星所需小时", "Hours for five stars"), 1500),
    "presence_percent": Number(L("最低在岗比例（%）", "Least presence (%)"), 60, 0, 100),
    "review_hours_1": Number(L("单日超过几小时须一级复核", "Hours a day beyond which level 1 reviews"), 8, 1, 24),
    "review_hours_2": Number(L("单日超过几小时须二级复核", "Hours a day beyond which level 2 reviews"), 12, 1, 24),
    "pairs_a_day": Number(L("每项活动每日最多签到次数", "Check-ins an activity and day"), 3, 1, 10),
    "record_workdays": Number(L("记录期限（工作日）", "Days to record (working days)"), 10, 1, 60),
    "withdraw_hours": Number(
        L("开始前几小时起不能自行退出", "Hours before the start when withdrawal ends"), 24, 0, 720
    ),
    "claim_days": Number(L("本人可补报最近几天的时长", "Days back that volunteers may claim hours"), 30, 1, 365),
    "no_shows": Number(L("未到几次列入提醒", "No-shows that are told of"), 2, 1, 50),
    "no_show_days": Number(L("未到按最近几天计", "Days in which no-shows count"), 180, 1, 3650),
    "dormant_days": Number(L("多少天未服务算休眠", "Days without service until dormant"), 365, 1, 3650),
    "link_hours": Number(L("个人页链接几小时内有效", "Hours that a personal link waits"), 72, 1, 720),
    "visit_days": Number(L("个人页登录保留天数", "Days that a volunteer stays signed in"), 30, 1, 365),
}
STARS = tuple(f"star_{level}" for level in range(1, 6))


def numbers(session: PortalSession) -> dict[str, int]:
    """{name: value} of all of them, as they stand now."""
    stored = session.exec(select(Setting).where(col(Setting.key).startswith(PREFIX))).all()
    found = {row.key.removeprefix(PREFIX): int(row.value) for row in stored if row.value is not None}
    return {name: found.get(name, number.usual) for name, number in NUMBERS.items()}


def read(actor: Actor) -> dict[str, int]:
    """What is set now."""
    actor.need("read", "volunteers")
    with db.reading(actor) as session:
        return numbers(session)


def save(actor: Actor, wanted: Mapping[str, int]) -> None:
    """Set numbers. Raises Invalid outside their limits, or where stars or levels would not rise."""
    actor.need("write", "admin")
    with db.unit(actor) as session:
        before = numbers(session)
        after = before | {name: wanted[name] for name in NUMBERS if name in wanted}
        if errors := _wrong(after):
            raise Invalid(errors)
        for name in (name for name in after if after[name] != before[name]):
            session.merge(Setting(key=PREFIX + name, value=after[name]))
            db.note(session, Verb.CHANGE, "setting", None, {PREFIX + name: [before[name], after[name]]})


def _wrong(after: Mapping[str, int]) -> dict[str, str]:
    errors = {n: "too_small" for n, value in after.items() if value < NUMBERS[n].low}
    errors |= {n: "too_large" for n, value in after.items() if value > NUMBERS[n].high}
    rising = [*pairwise(STARS), ("review_hours_1", "review_hours_2")]
    errors |= {higher: "not_rising" for lower, higher in rising if after[higher] <= after[lower]}
    return errors


# -- working days --------------------------------------------------


def unknown_year(today: date | None = None) -> int:
    """The year of today or the next one where it has no holidays and only weekends are skipped; 0 where both have."""
    year, known = (today or clock.today()).year, holidays.current()
    return next((one for one in (year, year + 1) if not known.known(one)), 0)


def record_by(session: PortalSession, ended: date) -> date:
    """The last day to record what ended on that day (M67 art. 11)."""
    return holidays.current().add_workdays(ended, numbers(session)["record_workdays"])
