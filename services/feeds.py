"""Calendars that a phone subscribes to: who may have one, and what it says in RFC 5545 (feature T2).

A feed belongs to an account and shows what that account may see at that moment, so a role or a station taken away ends
there too. Its address is the secret; it can be revoked. Nothing about trainees is in it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from icalendar import Calendar, Event
from sqlalchemy import Select
from sqlalchemy import select as columns
from sqlmodel import col, select

from models.lessons import Lesson
from models.people import Person
from models.planning import CalendarFeed, FeedKind
from models.system import Account, Setting
from models.training import Base, Course, Instructor, SessionInstructor, SessionState, TrainingSession, Venue
from models.words import L
from services import accounts, clock, db, enrolling, limits, presence, values
from services.access import SYSTEM, Actor
from services.db import PortalSession
from services.errors import Denied, Invalid, NotFound
from services.numbers import tries

PAST = timedelta(days=180)
HOURLY = "PT1H"
LIMIT = tries("feeds_per_hour", L("日历订阅", "Calendar feeds"), 60)
SITE = "site.id"
STATUS = {SessionState.DRAFT: "TENTATIVE", SessionState.CANCELLED: "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as its owner sees it; path is its address on this site."""

    id: int
    kind: FeedKind
    of: L
    path: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a calendar gets: the text and the tag by which it asks whether that has changed."""

    text: bytes
    tag: str


# -- the owner's side ------------------------------------------------------------------------------------------------


def subscribe(
    actor: Actor,
    *,
    venue_id: int | None = None,
    instructor_id: int | None = None,
    base: Base | None = None,
    token: str | None = None,
) -> Feed:
    """A new address for the sessions of a venue, an instructor or a base, or for all. Raises Denied, Invalid, NotFound."""
    actor.need("read", "training")
    if actor.account_id is None:
        raise Denied
    given: dict[str, Any] = {"venue_id": venue_id, "instructor_id": instructor_id, "base": base}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise Invalid({"": "one_scope"})
    with db.unit(actor, token=token) as s:
        _name_site(s)
        kind = FeedKind(named[0].removesuffix("_id")) if named else FeedKind.WHOLE
        _must_exist(s, venue_id, instructor_id)
        made = CalendarFeed(account_id=actor.account_id, kind=kind, feed_token=secrets.token_urlsafe(24), **given)
        s.add(made)
        s.flush()
        return _feed(s, made)


def _must_exist(s: PortalSession, venue_id: int | None, instructor_id: int | None) -> None:
    for model, key in ((Venue, venue_id), (Instructor, instructor_id)):
        if key is not None and s.exec(select(col(model.id)).where(col(model.id) == key)).first() is None:
            raise NotFound


def mine(actor: Actor) -> list[Feed]:
    """The addresses that the actor has and did not revoke, the newest first."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        asked = select(CalendarFeed).where(CalendarFeed.account_id == actor.account_id, _alive())
        return [_feed(s, row) for row in s.exec(asked.order_by(col(CalendarFeed.id).desc()))]


def revoke(actor: Actor, feed_id: int) -> None:
    """The address leads nowhere from now on. Raises NotFound for a feed of somebody else."""
    actor.need("read", "training")
    with db.unit(actor) as s:
        row = s.get(CalendarFeed, feed_id)
        if row is None or row.account_id != actor.account_id:
            raise NotFound
        row.revoked_at = row.revoked_at or clock.now()


def _alive() -> Any:
    return col(CalendarFeed.revoked_at).is_(None)


def _feed(s: PortalSession, row: CalendarFeed) -> Feed:
    path = f"/calendar/{row.feed_token}.ics"
    return Feed(row.id or 0, FeedKind(row.kind), _of(s, row), path, row.created_at)


def _of(s: PortalSession, row: CalendarFeed) -> L:
    """What the feed shows, by name."""
    if row.base:
        return Base(row.base).label
    if row.venue_id:
        venue = select(Venue.name).where(Venue.id == row.venue_id).execution_options(with_bin=True)
        return L(*[s.exec(venue).one()] * 2)
    if row.instructor_id:
        asked = select(Person.name).join(Instructor, col(Instructor.person_id) == Person.id)
        name = s.exec(asked.where(Instructor.id == row.instructor_id).execution_options(with_bin=True)).one()
        return L(*[name if s.actor.may("personal", "training") else values.mask_person(name)] * 2)
    return FeedKind.WHOLE.label


def _name_site(s: PortalSession) -> None:
    """What tells the events of this portal from those of every other: made once, kept for good."""
    if s.get(Setting, SITE) is None:
        s.add(Setting(key=SITE, value=uuid4().hex))
        s.flush()


# -- the calendar's side ---------------------------------------------------------------------------------------------


def read(token: str, *, origin: str = "", ip: str = "", now: datetime | None = None) -> Answer:
    """The feed at an address; `origin` is the site's own, for links. Raises NotFound, and Denied("too_many") for who guesses."""
    now = now or clock.now()
    row, actor = _owner(token)
    if row is None or actor is None or not actor.may("read", "training"):
        limits.spend(f"feed:{ip}", LIMIT, now)
        raise NotFound
    with db.reading(actor) as s:
        text = _calendar(s, row, s.execute(_sessions(row, now - PAST)).all(), origin)
    return Answer(text, sha256(text).hexdigest()[:32])


def _owner(token: str) -> tuple[CalendarFeed | None, Actor | None]:
    with db.reading(SYSTEM) as s:
        row = s.exec(select(CalendarFeed).where(CalendarFeed.feed_token == token, _alive())).first()
        account = s.get(Account, row.account_id) if row else None
        return row, accounts.actor_for(account) if account and account.active else None


def _asked() -> Select[*tuple[Any, ...]]:
    """Sessions with their course and their venue, by their start."""
    return (
        columns(TrainingSession, col(Course.name), col(Venue.name), col(Venue.address))
        .join(Course, col(Course.id) == TrainingSession.course_id)
        .outerjoin(Venue, col(Venue.id) == TrainingSession.venue_id)
        .order_by(col(TrainingSession.starts), col(TrainingSession.id))
    )


def _sessions(feed: CalendarFeed, since: datetime) -> Select[*tuple[Any, ...]]:
    found = _asked().where(col(TrainingSession.ends) > since)
    if feed.venue_id:
        found = found.where(col(TrainingSession.venue_id) == feed.venue_id)
    if feed.base:
        found = found.where(col(TrainingSession.base) == feed.base)
    if feed.instructor_id:
        link = select(SessionInstructor.session_id).where(SessionInstructor.instructor_id == feed.instructor_id)
        found = found.where(col(TrainingSession.id).in_(link))
    return found


def _empty(name: str) -> Calendar:
    made = Calendar()
    made.add("prodid", "-//medical-social-work-portal//training calendar//ZH")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", clock.zone().key)
    return made


def _calendar(s: PortalSession, feed: CalendarFeed, rows: Sequence[Any], origin: str) -> bytes:
    name = f"培训日历 · {_of(s, feed).zh}"
    made = _empty(name)
    made.add("refresh-interval", timedelta(hours=1), {"value": "DURATION"})
    made.add("x-published-ttl", HOURLY)
    site = s.get_one(Setting, SITE).value
    for session, course, venue, address in rows:
        url = f"{origin}/training_session?id={session.id}" if origin else ""
        made.add_component(_event(session, course, venue, address, site, url))
    return bytes(made.to_ical())


def own(secret: str) -> bytes:
    """The session of somebody's own link as a calendar file, each lesson an event; the link is not in it, since calendars
    are shared. Raises NotFound."""
    key = enrolling.session_of(secret)
    with db.unit(SYSTEM) as s:
        _name_site(s)
    with db.reading(SYSTEM) as s:
        row = s.execute(_asked().where(col(TrainingSession.id) == key)).one()
        site, lessons = s.get_one(Setting, SITE).value, presence.lessons_of(s, key)
        places = {venue.id: (venue.name, venue.address) for venue in s.exec(select(Venue))} if lessons else {}
    made = _empty(row[0].title)
    for lesson in lessons:
        venue, address = places.get(lesson.venue_id, row[2:])
        made.add_component(_timed(_event(row[0], row[1], venue, address, site), lesson, site))
    if not lessons:
        made.add_component(_event(row[0], row[1], row[2], row[3], site))
    return bytes(made.to_ical())


def _timed(event: Event, lesson: Lesson, site: str) -> Event:
    """The session's event at the times of one of its lessons."""
    told = {"uid": f"lesson-{lesson.id}@{site}", "dtstart": lesson.starts, "dtend": lesson.ends}
    for name, value in told.items():
        event.pop(name)
        event.add(name, value)
    return event


def _event(
    session: TrainingSession, course: str, venue: str | None, address: str | None, site: str, url: str = ""
) -> Event:
    """One session; its times in UTC, so that no client has to know the site's zone to be right."""
    made = Event()
    made.add("uid", f"training-session-{session.id}@{site}")
    made.add("dtstamp", session.changed_at)
    made.add("last-modified", session.changed_at)
    made.add("created", session.created_at)
    made.add("sequence", session.version - 1)
    made.add("dtstart", session.starts)
    made.add("dtend", session.ends)
    made.add("summary", session.title)
    made.add("location", " · ".join(part for part in (venue, address) if part))
    made.add("categories", [Base(session.base).label.zh])
    made.add("description", f"{course} · {Base(session.base).label.zh} · {session.code}")
    made.add("status", STATUS.get(SessionState(session.state), "CONFIRMED"))
    made.add("transp", "TRANSPARENT" if session.state == SessionState.CANCELLED else "OPAQUE")
    if url:
        made.add("url", url)
    return made
