"""The numbers of volunteering that a hospital sets for itself, and its working days (rules.md §1: K and I values are settings).

Nothing here is law but the ten working days of M67 art. 11; the rest are usual values to start from.
"""

from datetime import date

from models.words import L
from services import clock, holidays
from services import numbers as settings
from services.db import PortalSession
from services.numbers import Number, Subject, Unit, number

PREFIX = "serving."
STARS = tuple(f"star_{level}" for level in range(1, 6))
ORDER_67 = L("民政部令第 67 号第十一条", "Order 67 of the Ministry of Civil Affairs, art. 11")


def _star(level: int, zh: str, en: str, usual: int) -> Number:
    below = f"{PREFIX}star_{level - 1}" if level > 1 else ""
    label = L(f"{zh}星所需小时", f"Hours for {en}")
    return number(f"{PREFIX}star_{level}", Subject.STARS, label, usual, 1, 100_000, Unit.HOURS, above=below)


def _number(name: str, label: L, usual: int, low: int, high: int, unit: Unit, source: L = settings.USUAL) -> Number:
    above = f"{PREFIX}review_hours_1" if name == "review_hours_2" else ""
    return number(PREFIX + name, Subject.SERVING, label, usual, low, high, unit, source, above=above)


DECLARED = (
    _star(1, "一", "one star", 100),
    _star(2, "二", "two stars", 300),
    _star(3, "三", "three stars", 600),
    _star(4, "四", "four stars", 1000),
    _star(5, "五", "five stars", 1500),
    _number("presence_percent", L("最低在岗比例", "Least presence"), 60, 0, 100, Unit.PERCENT),
    _number(
        "review_hours_1",
        L("单日超过几小时须一级复核", "Hours a day beyond which level 1 reviews"),
        8, 1, 24, Unit.HOURS,
    ),
    _number(
        "review_hours_2",
        L("单日超过几小时须二级复核", "Hours a day beyond which level 2 reviews"),
        12, 1, 24, Unit.HOURS,
    ),
    _number("pairs_a_day", L("每项活动每日最多签到次数", "Check-ins an activity and day"), 3, 1, 10, Unit.TIMES),
    _number("record_workdays", L("活动结束后几个工作日内登记", "Working days to record a service in"), 10, 1, 60,
            Unit.WORKDAYS, ORDER_67),
    _number("withdraw_hours", L("开始前几小时起不能自行退出", "Hours before the start when withdrawal ends"), 24, 0, 720,
            Unit.HOURS),
    _number("claim_days", L("本人可补报最近几天的时长", "Days back that volunteers may claim hours"), 30, 1, 365, Unit.DAYS),
    _number("no_shows", L("未到几次列入提醒", "No-shows before somebody is reminded"), 2, 1, 50, Unit.TIMES),
    _number("no_show_days", L("未到按最近几天计", "Days back over which no-shows count"), 180, 1, 3650, Unit.DAYS),
    _number("dormant_days", L("多少天未服务算休眠", "Days without service until dormant"), 365, 1, 3650, Unit.DAYS),
    _number("link_hours", L("个人页链接几小时内有效", "Hours that a personal link waits"), 72, 1, 720, Unit.HOURS),
    _number("visit_days", L("个人页登录保留天数", "Days that a volunteer stays signed in"), 30, 1, 365, Unit.DAYS),
)  # fmt: skip
NUMBERS: dict[str, Number] = {one.key.removeprefix(PREFIX): one for one in DECLARED}


def numbers(session: PortalSession) -> dict[str, int]:
    """{name: value} of all of them, as they stand now."""
    return {key.removeprefix(PREFIX): value for key, value in settings.values(session, DECLARED).items()}


# -- working days --------------------------------------------------


def unknown_year(today: date | None = None) -> int:
    """The year of today or the next one where it has no holidays and only weekends are skipped; 0 where both have."""
    year, known = (today or clock.today()).year, holidays.current()
    return next((one for one in (year, year + 1) if not known.known(one)), 0)


def record_by(session: PortalSession, ended: date) -> date:
    """The last day to record what ended on that day (M67 art. 11)."""
    return holidays.current().add_workdays(ended, settings.value(session, NUMBERS["record_workdays"]))
