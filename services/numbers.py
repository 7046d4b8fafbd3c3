"""The numbers that an administrator sets: each declared once beside the rule that it serves, kept in one table, changed here.

None of them is a constant in code (rules.md §0: whatever is no law is a setting with a usual value).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module

from sqlmodel import col, select

from models.base import Choice
from models.system import Account, Setting
from models.words import L
from services import db, settings
from services.access import Actor
from services.db import PortalSession
from services.errors import Denied, Invalid

HOMES = (
    "services.serving_numbers",
    "services.attendance_rules",
    "services.eligibility",
    "services.enrolling",
    "services.quiz",
    "services.feedback",
    "services.overdue",
    "services.retention",
    "services.volunteers",
    "services.checkin",
    "services.verifying",
    "services.serving_pass",
    "services.serving_proof",
    "services.feeds",
)


class Subject(Choice):
    """What a number is about, in the order of the page."""

    SERVING = "serving", "志愿服务", "Volunteering"
    STARS = "stars", "星级", "Stars"
    TRAINING = "training", "培训与证书", "Training and certificates"
    WAITING = "waiting", "待办期限", "Deadlines"
    RETENTION = "retention", "留存年限", "Years kept"
    LIMITS = "limits", "公开页限次", "Limits of public pages"


class Unit(Choice):
    """What is counted."""

    HOURS = "hours", "小时", "hours"
    MINUTES = "minutes", "分钟", "minutes"
    DAYS = "days", "天", "days"
    WORKDAYS = "workdays", "工作日", "working days"
    YEARS = "years", "年", "years"
    TIMES = "times", "次", "times"
    PERCENT = "percent", "%", "%"
    AN_HOUR = "an_hour", "次 / 小时", "an hour"


USUAL = L("通行做法，不是法规", "usual, not law")
MISUSE = L("防滥用，同一网络地址每小时", "against misuse, an hour from one network address")


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number under its key in the table of settings: its usual value, the least and the most it may be.

    source says where the rule comes from; above: the key of a number that it must exceed.
    """

    key: str
    subject: Subject
    label: L
    usual: int
    low: int
    high: int
    unit: Unit
    source: L = USUAL
    help: L | None = None
    above: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a number stands: its value, the version of its row (0: never changed), and who changed it last and when."""

    number: Number
    value: int
    version: int
    by: str = ""
    at: datetime | None = None


NUMBERS: dict[str, Number] = {}


def number(
    key: str, subject: Subject, label: L, usual: int, low: int, high: int, unit: Unit,
    source: L = USUAL, help: L | None = None, above: str = "",
) -> Number:  # fmt: skip
    """Declare a number."""
    NUMBERS[key] = Number(key, subject, label, usual, low, high, unit, source, help, above)
    return NUMBERS[key]


def tries(key: str, label: L, usual: int) -> Number:
    """Declare how often an hour something public may be tried from one network address."""
    return number(key, Subject.LIMITS, label, usual, 1, 1_000_000, Unit.AN_HOUR, MISUSE)


def value(session: PortalSession, wanted: Number) -> int:
    """A number as it stands now."""
    return values(session, [wanted])[wanted.key]


def values(session: PortalSession, wanted: Iterable[Number]) -> dict[str, int]:
    """{key: value} of several numbers, in one statement."""
    usual = {one.key: one.usual for one in wanted}
    stored = settings.stored(session, usual)
    return usual | {key: int(row.value) for key, row in stored.items() if row.value is not None}


def every() -> dict[str, Number]:
    """All that are declared, whichever modules are in use."""
    for home in HOMES:
        import_module(home)
    return NUMBERS


def stands(actor: Actor, subject: Subject) -> list[Stand]:
    """The numbers of a subject as they stand."""
    actor.need("read", "admin")
    wanted = [one for one in every().values() if one.subject == subject]
    told = (
        select(Setting, Account.name)
        .join(Account, col(Account.id) == col(Setting.changed_by), isouter=True)
        .where(col(Setting.key).in_([one.key for one in wanted]))
    )
    with db.reading(actor) as session:
        found = {row.key: (row, name or "") for row, name in session.exec(told)}
    return [_stand(one, *found.get(one.key, (None, ""))) for one in wanted]


def _stand(wanted: Number, row: Setting | None, name: str) -> Stand:
    if row is None or row.value is None:
        return Stand(wanted, wanted.usual, 0)
    return Stand(wanted, int(row.value), row.version, name, row.changed_at)


def change(actor: Actor, wanted: Mapping[str, int | None], seen: Mapping[str, int] | None = None) -> int:
    """Set numbers by key; returns how many differ from before. They hold for every station, so only an administrator of
    all of them may. seen: the versions that the numbers had when they were shown.

    Raises Denied, Invalid {key: code} outside the limits or where one does not exceed the one below it, Conflict where
    somebody else set one meanwhile.
    """
    actor.need("write", "admin")
    if actor.units is not None:
        raise Denied("other_station")
    known = every()
    with db.unit(actor) as session:
        settings.hold(session)
        before = values(session, known.values())
        errors = {key: code for key, given in wanted.items() if (code := _problem(known[key], given))}
        changed = {key: given for key, given in wanted.items() if given is not None and given != before[key]}
        if errors := errors or _falling(before, changed, known):
            raise Invalid(errors)
        settings.put(session, changed, before, {key: known[key].label for key in changed}, seen or {})
    return len(changed)


def _problem(one: Number, given: int | None) -> str:
    if given is None:
        return "required"
    return "too_small" if given < one.low else "too_large" if given > one.high else ""


def _falling(before: Mapping[str, int], changed: Mapping[str, int], known: Mapping[str, Number]) -> dict[str, str]:
    """Of those that change, or that stand above one that does, the ones that do not exceed what stands below them."""
    after = {**before, **changed}
    touched = [one for one in known.values() if one.above and not changed.keys().isdisjoint({one.key, one.above})]
    return {one.key: "not_rising" for one in touched if after[one.key] <= after[one.above]}
