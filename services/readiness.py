"""The call list: emergency-rescue volunteers who can be called now, in the order of calling (features T10, T16).

Somebody is on it with a first-aid certificate valid through the day, consent, a place and a time slot that fit, and no
duty at this moment. Duties are deployments and shifts. Who never said when they have time stands apart.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from pypinyin import lazy_pinyin
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import col

from models import spans
from models.base import Choice
from models.people import Availability, Person, Volunteer, VolunteerCredential, VolunteerState
from models.system import Verb
from models.words import L, Language
from services import clock, db, duties, holidays, options, rescue, serving_ledger
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid
from services.rescue import Rescuer
from services.sheets import Column, SheetOut, write_sheet

PAGE, MOST = 50, 1000
PARTS = ((6, "night"), (12, "morning"), (18, "afternoon"), (22, "evening"), (24, "night"))  # until which hour
TITLE = L("应急调派名单", "Call list")
CALLED = "紧急召集："  # how a purpose begins in the audit
WEEKEND = "weekend"
WEEKDAY = "weekday"


class CallOrder(Choice):
    """Who is called first."""

    USUAL = "usual", "建议次序", "As suggested"
    RESTED = "rested", "休息最久", "Rested longest"
    HOURS = "hours", "服务时长", "Hours served"
    NAME = "name", "姓名", "Name"


@dataclass(frozen=True, slots=True)
class CallQuery:
    """Who is looked for: `region` a code or a name; `slot` one of Availability, "weekday" or "weekend" for any of
    theirs, "" for any time; `kind` a certificate, "" for any of first aid; and in which order."""

    region: str = ""
    slot: str = ""
    kind: str = ""
    page: int = 0
    order: CallOrder = CallOrder.USUAL


@dataclass(frozen=True, slots=True)
class Ready:
    """Somebody who can be called: how many days they have rested since their last duty (None: they never had one), and
    the hours that they served, as far as the reader may see them."""

    who: Rescuer
    service_area: str
    rested: int | None
    hours: Decimal


@dataclass(frozen=True, slots=True)
class CallList:
    """A page of the list, how many there are, and how many would be on it were they not on duty now.

    Where a time is asked for, `unknown` are those who would be on it but never said when they have time, at most a page
    of the `unsaid` there are.
    """

    rows: list[Ready]
    total: int
    on_duty: int
    unknown: list[Ready]
    unsaid: int


def call_list(actor: Actor, query: CallQuery = CallQuery(), *, now: datetime | None = None) -> CallList:
    """Who can be called at this moment, in the order that the query asks for.

    As suggested: who has time now first (where no time is asked for), then who lives in the region, then those with
    experience, rested longest first; who never had a duty comes last.
    """
    actor.need("read", "volunteers")
    moment = now or clock.now()
    with db.reading(actor) as s:
        free, busy, unsaid = _wanted(query, moment), _wanted(query, moment, on_duty=True), _unsaid(query, moment)
        rows = _ordered(s, free, query, moment, PAGE, query.page * PAGE)
        unknown = _ordered(s, unsaid, query, moment, PAGE) if query.slot else []
        return CallList(
            _lines(s, rows, moment), _count(s, free), _count(s, busy), _lines(s, unknown, moment),
            _count(s, unsaid) if unknown else 0,
        )  # fmt: skip


def slot_of(actor: Actor, moment: datetime) -> Availability:
    """The time slot in which a moment lies: from 22 to 6 the night, of whatever day; a day off counts as weekend."""
    actor.need("read", "volunteers")
    with db.reading(actor) as s:
        return slot_at(s, clock.local(moment))


def slot_at(s: PortalSession, local: datetime) -> Availability:
    """The same of a moment at the site, inside a transaction."""
    part = next(name for until, name in PARTS if local.hour < until)
    if part == "night":
        return Availability.NIGHT
    works = holidays.calendar(s).is_workday(local.date())
    return Availability(f"{WEEKDAY if works else WEEKEND}_{part}")


# -- the list --------------------------------------------------


def _wanted(query: CallQuery, moment: datetime, *, on_duty: bool = False) -> Select[Any]:
    """(volunteer id, last duty, minutes served, name) of those who meet the query."""
    rest, at_work, served = duties.rest(moment), duties.at_work(moment), serving_ledger.minutes_by_volunteer()
    wanted = (
        select(col(Volunteer.id), rest.c.last, func.coalesce(served.c.minutes, 0).label("minutes"), col(Person.name))
        .join(Person, col(Person.id) == col(Volunteer.person_id))
        .outerjoin(rest, rest.c.volunteer_id == col(Volunteer.id))
        .outerjoin(served, served.c.volunteer_id == col(Volunteer.id))
        .where(col(Volunteer.is_emergency_rescue), col(Volunteer.state) == VolunteerState.ACTIVE)
        .where(col(Volunteer.consent), _certified(query.kind, clock.local(moment).date()))
        .where(at_work if on_duty else ~at_work)
    )
    if query.region:
        wanted = wanted.where(or_(rescue.lives_in(query.region), _serves_in(query.region)))
    return wanted.where(rescue.available(query.slot)) if query.slot else wanted


def _unsaid(query: CallQuery, moment: datetime) -> Select[Any]:
    """The same of those who never said when they have time."""
    return _wanted(replace(query, slot=""), moment).where(col(Volunteer.availability) == "")


def _certified(kind: str, today: date) -> ColumnElement[bool]:
    """A first-aid certificate that is valid through the day; one without an end is."""
    ends = col(VolunteerCredential.expires_on)
    held = select(col(VolunteerCredential.id)).where(
        col(VolunteerCredential.volunteer_id) == col(Volunteer.id),
        col(VolunteerCredential.kind).in_([kind] if kind else rescue.FIRST_AID),
        or_(ends.is_(None), ends >= today),
    )
    return held.exists()


def _serves_in(region: str) -> ColumnElement[bool]:
    known = options.labels("regions")
    name = known[region].zh if region in known else region
    return col(Volunteer.service_area).contains(name, autoescape=True)


def _ordered(
    s: PortalSession, wanted: Select[Any], query: CallQuery, moment: datetime, size: int, skipped: int = 0
) -> Sequence[Any]:
    """So many of them in the order of the query; names stand by their pinyin, which no database knows."""
    if query.order == CallOrder.NAME:
        return sorted(s.execute(wanted), key=lambda row: (lazy_pinyin(row.name), row.id))[skipped : skipped + size]
    last, minutes = wanted.selected_columns.last, wanted.selected_columns.minutes
    rested = (last.is_(None), last, minutes.desc(), col(Volunteer.id))
    if query.order == CallOrder.RESTED:
        first: tuple[Any, ...] = ()
    elif query.order == CallOrder.HOURS:
        first = (minutes.desc(),)
    else:
        free_now = () if query.slot else (rescue.available(slot_at(s, clock.local(moment))).desc(),)
        first = (*free_now, *([rescue.lives_in(query.region).desc()] if query.region else []))
    return s.execute(wanted.order_by(*first, *rested).limit(size).offset(skipped)).all()


def _count(s: PortalSession, wanted: Select[Any]) -> int:
    return int(s.execute(select(func.count()).select_from(wanted.subquery())).scalar_one())


def _lines(s: PortalSession, found: Sequence[Any], moment: datetime) -> list[Ready]:
    today, ids = clock.local(moment).date(), [row.id for row in found]
    hours = {row.id: spans.hours(row.minutes) for row in found}
    areas = select(col(Volunteer.id), col(Volunteer.service_area)).where(col(Volunteer.id).in_(ids))
    served = {row.id: row.service_area for row in s.execute(areas)}
    lines = rescue.lines(s, ids, today, moment)
    return [
        Ready(who, served[who.id], (today - who.last_duty).days if who.last_duty else None, hours[who.id])
        for who in lines
    ]


# -- calling --------------------------------------------------


def numbers(actor: Actor, people: Collection[int], why: str, *, now: datetime | None = None) -> dict[int, str]:
    """{volunteer id: phone in full} of those of these people who can be called at this moment, to call them together.

    One audit row names the purpose and the people, and one of each of them stands in their history.
    Raises Denied without the right to personal data, Invalid({"why": "required"}).
    """
    actor.need("personal", "volunteers")
    if not why.strip():
        raise Invalid({"why": "required"})
    with db.unit(actor, reason=CALLED + why.strip()) as s:
        wanted = _wanted(CallQuery(), now or clock.now()).where(col(Volunteer.id).in_(people))
        found = _phones(s, [row.id for row in s.execute(wanted)])
        db.note(s, Verb.REVEAL, "volunteer", None, {"field": "phone", "list": "call", "people": sorted(found)})
        db.note_each(s, Verb.REVEAL, "volunteer", sorted(found), {"field": "phone", "list": "call"})
        return found


def _phones(s: PortalSession, people: Collection[int]) -> dict[int, str]:
    named = select(col(Volunteer.id), col(Person.phone)).join(Person, col(Person.id) == col(Volunteer.person_id))
    return {row.id: row.phone or "" for row in s.execute(named.where(col(Volunteer.id).in_(people)))}


# -- taking it along --------------------------------------------------

HEADINGS = (
    L("次序", "Place"), L("姓名", "Name"), L("编号", "Number"), L("手机", "Phone"), L("居住区域", "Region"),
    L("服务区域", "Serves in"), L("证书", "Certificate"), L("有效期至", "Valid until"), L("可服务时间", "Availability"),
    L("上次出勤", "Last duty"), L("服务小时", "Hours served"),
)  # fmt: skip


def export(
    actor: Actor, query: CallQuery, target: Path | BinaryIO, *, language: Language = "zh", full: Collection[int] = (),
    why: str = "", now: datetime | None = None,
) -> None:  # fmt: skip
    """Write the whole list as a sheet, at its end those who never said when; the phones of the people in `full` unmasked,
    for a purpose and with the right to them. The audit keeps who took how many, and what for. Raises Denied, Invalid
    as `numbers` does."""
    actor.need("read", "volunteers")
    actor.need("export", "volunteers")
    moment = now or clock.now()
    if full:
        actor.need("personal", "volunteers")
        if not why.strip():
            raise Invalid({"why": "required"})
    with db.reading(actor) as s:
        free = _ordered(s, _wanted(query, moment), query, moment, MOST)
        unsaid = _ordered(s, _unsaid(query, moment), query, moment, MOST) if query.slot else []
        rows = _lines(s, [*free, *unsaid], moment)
        phones = _phones(s, {row.who.id for row in rows} & set(full)) if full else {}
    told = {"list": "call", "rows": len(rows), "full": sorted(phones), "region": query.region, "slot": query.slot}
    with db.unit(actor, reason=CALLED + why.strip() if phones else "") as noting:
        db.note(noting, Verb.EXPORT, "volunteer", None, told)
    cells = (_cells(place, row, phones, language) for place, row in enumerate(rows, 1))
    write_sheet(target, [SheetOut(TITLE(language), [Column(heading(language)) for heading in HEADINGS], cells)])


def _cells(place: int, row: Ready, phones: dict[int, str], language: Language) -> list[object]:
    who = row.who
    slots = L("、", ", ")(language).join(Availability(code).label(language) for code in who.availability)
    return [
        str(place), who.name, who.number, phones.get(who.id) or who.phone, who.region, row.service_area,
        who.certificate.label(language) if who.certificate else "", who.expires_on, slots, who.last_duty, row.hours,
    ]  # fmt: skip
