"""Personal data that were kept long enough are made anonymous, and every count stays (feature X7; PIPL art. 19 and 47).

A person is due when every role of theirs is past its period; one role that is not, or that this module does not know,
keeps them. What is then forgotten stands in services/forgetting.py. How many years are settings, not law (rules.md 6.16).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, func, literal, or_, select, true, union_all
from sqlmodel import SQLModel

from models import RECORDS, RecordType
from models.people import Person, VolunteerState
from models.periods import add_months
from models.retention import Retention
from models.system import Verb
from models.words import L
from services import clock, db, forgetting, numbers, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Denied, Invalid
from services.forgetting import Report
from services.numbers import Subject, Unit, number

USUAL = {
    Retention.CLIENT: 10,
    Retention.LEFT: 3,
    Retention.REJECTED: 1,
    Retention.TRAINEE: 5,
    Retention.NOBODY: 1,
}
PIPL = L("个人信息保护法第十九条：实现处理目的所必要的最短时间", "PIPL art. 19: as short as the purpose allows")
YEARS = {
    kind: number(f"retention.{kind.value}", Subject.RETENTION, kind.label, usual, 1, 100, Unit.YEARS, PIPL)
    for kind, usual in USUAL.items()
}
ADULT = 18
CHUNK, SAMPLE = 200, 5
TABLES = SQLModel.metadata.tables


@dataclass(frozen=True, slots=True)
class Class:
    """One class of the dry run: its years, how many people with a role of it are due, and some of those roles."""

    kind: Retention
    years: int
    people: int
    sample: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The dry run, without a name: `total` people are due; held: past their periods, but kept by a hold; kept: with a
    role in use or in its period; anonymous: already."""

    today: date
    total: int
    classes: tuple[Class, ...]
    held: int
    kept: int
    anonymous: int


# -- how long --------------------------------------------------


def hold(actor: Actor, role: RecordType, key: int, until: date | None, reason: str) -> None:
    """Keep the person behind a role through that day, whatever their periods say (a dispute, an inspection); None ends
    the hold. Raises Invalid without a reason, NotFound.
    """
    _need(actor)
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason.strip()) as session:
        row = store.find(session, role, key)
        person = db.lock(session, Person, row.person_id if role.role_fields else key)
        person.hold_until, person.hold_reason = until, reason.strip() if until else ""


def _need(actor: Actor) -> None:
    """For administrators of every station alone."""
    actor.need("remove", "people")
    if actor.units is not None:
        raise Denied("other_station")


def _years(session: PortalSession) -> dict[Retention, int]:
    found = numbers.values(session, YEARS.values())
    return {kind: found[one.key] for kind, one in YEARS.items()}


# -- the dry run, and the run --------------------------------------------------


def due(actor: Actor, today: date | None = None) -> list[int]:
    """The ids of the people whose every role is past its period."""
    _need(actor)
    with db.reading(actor) as session:
        return _due_now(session, Periods(today or clock.today(), _years(session)))


def plan(actor: Actor, today: date | None = None) -> Plan:
    """What a run would do today; nothing is changed."""
    _need(actor)
    with db.reading(actor) as session:
        periods, person, bare = Periods(today or clock.today(), _years(session)), TABLES["person"], session.connection()
        numbers = [select(func.count()).select_from(one.subquery()) for one in (_due(periods), _past(periods))]
        total, past = (bare.execute(number).scalar_one() for number in numbers)
        counted = select(func.count(), func.count(person.c.anonymised_on)).where(person.c.deleted_at.is_(None))
        everybody, anonymous = bare.execute(counted).one()
        classes = tuple(_class(session, kind, periods) for kind in Retention)
    return Plan(periods.today, total, classes, past - total, everybody - anonymous - past, anonymous)


def _class(session: PortalSession, kind: Retention, periods: "Periods") -> Class:
    roles = _roles(periods).subquery("roles").c
    mine = and_(roles.kind == kind.value, roles.person_id.in_(_due(periods)))
    people = session.connection().execute(select(func.count(roles.person_id.distinct())).where(mine)).scalar_one()
    some = select(roles.record, roles.role_id).where(mine).order_by(roles.role_id).limit(SAMPLE)
    return Class(kind, periods.years[kind], people, tuple(tuple(row) for row in session.connection().execute(some)))  # type: ignore[misc]


def anonymise(
    actor: Actor, people: int, reason: str, *, today: date | None = None, told: Callable[[int], None] | None = None
) -> Report:
    """Make everybody anonymous who is due, for good, in transactions of at most 200 people; `told` hears how far it is.

    people: how many whoever decides this believes to be due. Raises Invalid({"people": …}) where it is another number,
    Invalid without a reason, Denied.
    """
    today = today or clock.today()
    waiting = due(actor, today)
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    if people != len(waiting):
        raise Invalid({"people": "count_differs"})
    report = Report()
    for start in range(0, len(waiting), CHUNK):
        report += _chunk(actor, waiting[start : start + CHUNK], reason.strip(), today)
        if told:
            told(report.people)
    with db.unit(actor, reason=reason.strip()) as session:
        db.note(session, Verb.ANONYMISE, "person", None, report.as_json())
    return report


def _chunk(actor: Actor, people: list[int], reason: str, today: date) -> Report:
    """Those of the people who are due still, now that nobody else can give them a role.

    The session is marked: records of closed months change here, and no count of theirs.
    """
    with db.unit(actor, reason=reason) as session:
        session.info["anonymising"] = True
        person = TABLES["person"]
        session.connection().execute(select(person.c.id).where(person.c.id.in_(people)).with_for_update()).all()
        still = _due_now(session, Periods(today, _years(session)), people)
        report, hashes = forgetting.forget(session, still, today)
    for sha256 in hashes:
        store.drop_content(sha256)
    return report


# -- who is due --------------------------------------------------


@dataclass(frozen=True)
class Periods:
    """Until which day each class is past its period today."""

    today: date
    years: Mapping[Retention, int]

    def day(self, kind: Retention, more: int = 0) -> date:
        """What ended before this day is past its period, and `more` years beyond."""
        return add_months(self.today, -12 * (self.years[kind] + more))

    def moment(self, kind: Retention) -> datetime:
        return clock.from_local(datetime.combine(self.day(kind), time()))


def _due_now(session: PortalSession, periods: Periods, people: list[int] | None = None) -> list[int]:
    found = _due(periods)
    if people is not None:
        found = found.where(found.selected_columns.person_id.in_(people))
    return list(session.connection().execute(found.order_by("person_id")).scalars())


def _due(periods: Periods) -> Select[Any]:
    person = TABLES["person"]
    past = _past(periods).subquery("past").c
    free = or_(person.c.hold_until.is_(None), person.c.hold_until < periods.today)
    return select(past.person_id).join(person, person.c.id == past.person_id).where(free)


def _past(periods: Periods) -> Select[Any]:
    """People whose every role is past its period, held or not, but for those who are anonymous."""
    roles, person = _roles(periods).subquery("roles").c, TABLES["person"].c
    every = select(roles.person_id).group_by(roles.person_id).having(func.min(roles.past) == 1)
    return select(person.id.label("person_id")).where(
        person.id.in_(every), person.anonymised_on.is_(None), person.deleted_at.is_(None)
    )


def _roles(periods: Periods) -> Any:
    """Every role of everybody, the bin included: person_id, record, role_id, kind ("" where it is in use), past (1 or 0);
    who has none stands here as a person."""
    return union_all(*(part for role in forgetting.roles() for part in _parts(role, periods)), _nobody(periods))


def _parts(role: RecordType, periods: Periods) -> Iterator[Select[Any]]:
    table = TABLES[role.name]
    rules = RULES[role.name](periods) if role.name in RULES else []
    for kind, which, past in rules:
        yield _part(role.name, table.c.person_id, table.c.id, kind.value, past).where(which)
    others = ~or_(false(), *(which for _, which, _ in rules))
    yield _part(role.name, table.c.person_id, table.c.id, "", false()).where(others)


def _part(record: str, person_id: Any, role_id: Any, kind: str, past: ColumnElement[bool]) -> Select[Any]:
    return select(
        person_id.label("person_id"),
        literal(record).label("record"),
        role_id.label("role_id"),
        literal(kind).label("kind"),
        case((past, 1), else_=0).label("past"),
    )


Rule = tuple[Retention, ColumnElement[bool], ColumnElement[bool]]


def _client(periods: Periods) -> list[Rule]:
    """The newest day that stands anywhere in the file is past, and a child has been of age for as long."""
    table, person, kind = TABLES["client"], TABLES["person"], Retention.CLIENT
    days = forgetting.days(RECORDS["client"]).subquery("days").c
    old = select(days.role).group_by(days.role).having(func.max(days.day) < periods.day(kind))
    young = select(person.c.id).where(person.c.birth_date >= periods.day(kind, ADULT))
    return [(kind, true(), and_(table.c.id.in_(old), table.c.person_id.not_in(young)))]


def _volunteer(periods: Periods) -> list[Rule]:
    """Past since the last change of the record: nobody has left or was refused later than that."""
    table = TABLES["volunteer"].c
    states = ((Retention.LEFT, VolunteerState.LEFT), (Retention.REJECTED, VolunteerState.REJECTED))
    return [(kind, table.state == state, table.changed_at < periods.moment(kind)) for kind, state in states]


def _trainee(record: str) -> Callable[[Periods], list[Rule]]:
    """Past since the session ended."""

    def rule(periods: Periods) -> list[Rule]:
        table, session, kind = TABLES[record].c, TABLES["training_session"].c, Retention.TRAINEE
        old = select(session.id).where(session.ends < periods.moment(kind))
        return [(kind, true(), table.session_id.in_(old))]

    return rule


def _certified(periods: Periods) -> list[Rule]:
    """Past since the certificate ended or was revoked; one without an end is never past."""
    table, kind = TABLES["certificate"].c, Retention.TRAINEE
    return [(kind, true(), func.coalesce(table.revoked_on, table.valid_until, date.max) < periods.day(kind))]


RULES: dict[str, Callable[[Periods], list[Rule]]] = {
    "client": _client,
    "volunteer": _volunteer,
    "enrolment": _trainee("enrolment"),
    "attendance": _trainee("attendance"),
    "certificate": _certified,
    "theory_score": _trainee("theory_score"),
    "practical_check": _trainee("practical_check"),
    "quiz_paper": _trainee("quiz_paper"),
    "presence": _trainee("presence"),
}


def _nobody(periods: Periods) -> Select[Any]:
    """People of whom no role is left, past since their last change."""
    person, kind = TABLES["person"].c, Retention.NOBODY
    tables = (TABLES[role.name] for role in forgetting.roles())
    alone = [~exists().where(table.c.person_id == person.id) for table in tables]
    return _part("person", person.id, person.id, kind.value, person.changed_at < periods.moment(kind)).where(*alone)
