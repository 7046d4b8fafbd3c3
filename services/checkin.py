"""Coming and going at the door of a session, without an account (features T5): what the phone may see, and noting each once.

Everybody who arrives while others are being noted is noted together with the next ones (services/turnstile.py). A try
costs something only when it fails: those who come are bounded by the seats, forty phones share a hospital's address, and
being asked whether one walks in is no failure.
Wrong digits are counted apart, by door, address and the person whom the phone remembers, so that nobody guesses for long
and a scanned code always passes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import segno
from sqlmodel import col, func, select

from models.identifiers import mask_phone
from models.lessons import CAME, Presence
from models.people import Person
from models.training import (
    CheckIn,
    Enrolment,
    EnrolmentRole,
    EnrolmentSource,
    EnrolmentState,
    SessionState,
    TrainingSession,
    Venue,
    has_seat,
)
from models.vault import digest
from models.words import L
from services import (
    attendance,
    attendance_rules,
    clock,
    db,
    doorcode,
    institution,
    kept,
    limits,
    presence,
    seats,
    signed,
    store,
    training,
    walk_ins,
)
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.institution import Host
from services.numbers import tries
from services.presence import Mark, Part
from services.turnstile import Turnstile

LIMIT = tries("checkins_per_hour", L("扫码签到", "Check-ins by code"), 600)
CODE_LIMIT = tries("codes_per_hour", L("输错签到码", "Wrong check-in codes"), 60)


@dataclass(frozen=True, slots=True)
class CheckinView:
    """What the holder of the link may see; `closed` is the code of why one cannot check in, or empty (only_out: one may
    still check out). lesson is the number of the lesson under way (0: the session has none)."""

    title: str
    starts: datetime
    ends: datetime
    place: str
    closed: str
    lesson: int = 0
    topic: str = ""
    host: Host = field(default_factory=Host)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a person stands whom this phone remembers: what is noted at the lesson that one comes to now, and whether
    they can leave one."""

    name: str
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    is_here: bool = False
    may_leave: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What a phone shows: the door, whether the code that it scanned still holds, where its person stands."""

    view: CheckinView
    is_fresh: bool
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class CheckinResult:
    """Checked in or out at this moment, or `again`: had been already, and nothing was counted. `person` is remembered
    by the phone; `phone` is masked; `back`: they had checked out, which is taken back."""

    view: CheckinView
    at: datetime
    again: bool
    left: bool = False
    person: int = 0
    name: str = ""
    phone: str = ""
    back: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """What a phone sends: who (values as they are stored, or the person that it remembers), coming or going, the code it
    has seen, a word by which a second sending is known, and whether somebody who is not on the list walks in."""

    token: str
    now: datetime
    who: Mapping[str, Any] = field(default_factory=dict)
    person: int = 0
    leaves: bool = False
    code: str = ""
    once: str = ""
    walks_in: bool = True


# -- what the phone sees ----------------------------------------------------------------------------------------------


def look(token: str, code: str = "", person: int = 0, now: datetime | None = None) -> Look:
    """The door as a phone sees it that has scanned this code and remembers this person (0: nobody). Raises NotFound
    for a wrong token, which tells nothing more."""
    now = now or clock.now()
    with db.reading(PUBLIC) as s:
        at = _Door.at(s, token, now)
        return Look(
            at.view, doorcode.is_fresh(at.training, code, now), _standing(s, at, person, now) if person else None
        )


def _standing(s: PortalSession, at: "_Door", person: int, now: datetime) -> Standing | None:
    row = s.get(Person, person)
    if row is None or row.deleted_at is not None:
        return None
    there = presence.noted(s, at.key, [person])
    here = there.get((at.part.id, person)) if at.part else None
    left = presence.leaving(at.parts, there, person, now)
    leaves = left is not None and left.starts <= now
    if here is None or not here.came:
        return Standing(row.name, may_leave=leaves)
    return Standing(row.name, here.arrived_at, here.left_at, is_here=True, may_leave=leaves)


def by_digits(code: str, *, ip: str = "", now: datetime | None = None) -> str:
    """The path that six digits lead to. Raises Invalid({"code": ...}), Denied("too_many") for who keeps guessing."""
    now = now or clock.now()
    limits.refuse(f"code:{ip}", CODE_LIMIT, now)
    try:
        with db.reading(PUBLIC) as s:
            return doorcode.path_of_digits(s, code, now)
    except Invalid:
        limits.spend(f"code:{ip}", CODE_LIMIT, now)
        raise


def remembrance(token: str, person: int) -> str:
    """What a phone keeps to be known at this door, and at no other."""
    return signed.sign(f"phone:{token}", person)


def remembered(token: str, kept: str) -> int:
    """The person whom a phone's remembrance names; 0 where it is none of ours."""
    try:
        return signed.row_of(f"phone:{token}", kept)
    except NotFound:
        return 0


def _by_token(s: PortalSession, token: str) -> TrainingSession:
    found = s.exec(select(TrainingSession).where(TrainingSession.checkin_token == token)).first() if token else None
    if found is None:
        raise NotFound(record="training_session")
    return found


# -- coming and going -------------------------------------------------------------------------------------------------


def check_in(
    token: str, name: str, phone: str, *, now: datetime | None = None, ip: str = "", code: str = "", once: str = ""
) -> CheckinResult:
    """Note that somebody came to the lesson of this moment, once: by name and phone, as enrolled, else on a free seat.

    Raises NotFound, Denied("too_many"), and Invalid: name or phone, code_expired, not_yet_open, only_out, over,
    session_cancelled, full, waits, teaches_here.
    """
    return _send(token, ip, now, name=name, phone=phone, code=code, once=once)


def check_in_listed(
    token: str, name: str, phone: str, *, now: datetime | None = None, ip: str = "", code: str = "", once: str = ""
) -> CheckinResult:
    """The same for somebody who did not say that they walk in: where the class has a list and they are not on it, nothing
    is noted yet, and Invalid not_on_list tells `name` and the masked `phone` as they were understood."""
    return _send(token, ip, now, name=name, phone=phone, code=code, once=once, walks_in=False)


def check_out(
    token: str, name: str, phone: str, *, now: datetime | None = None, ip: str = "", code: str = "", once: str = ""
) -> CheckinResult:
    """Note that somebody leaves. Raises what check_in raises, and Invalid not_checked_in."""
    return _send(token, ip, now, name=name, phone=phone, code=code, once=once, leaves=True)


def pass_again(
    token: str, person: int, *, leaves: bool, now: datetime | None = None, ip: str = "", code: str = "", once: str = ""
) -> CheckinResult:
    """The same for a person whom the phone remembers."""
    return _send(token, ip, now, person=person, code=code, once=once, leaves=leaves)


def _send(token: str, ip: str, now: datetime | None, name: str = "", phone: str = "", **more: Any) -> CheckinResult:
    now = now or clock.now()
    guesses = f"code:{token}:{ip}:{more.get('person', 0)}" if doorcode.is_digits(more.get("code", "")) else ""
    if guesses:
        limits.refuse(guesses, CODE_LIMIT, now)
    try:
        who = {} if more.get("person") else walk_ins.named(name, phone, clock.local(now).date())
        return _pass(Ask(token, now, who, **more))
    except Invalid as error:
        is_wrong = guesses and "code" in error.fields
        if "not_on_list" not in error.fields.values():
            limits.spend(*((guesses, CODE_LIMIT) if is_wrong else (f"checkin:{ip}", LIMIT)), now)
        raise


def _carry_out(asks: Sequence[Ask]) -> list[CheckinResult | Exception]:
    """All of them in one transaction, door by door."""
    answers: dict[int, CheckinResult | Exception] = {}
    with db.unit(PUBLIC) as s:
        doors = _doors(s, asks)
        for token in {ask.token for ask in asks}:
            places = [at for at, ask in enumerate(asks) if ask.token == token]
            if token in doors:
                let = _Crowd(s, doors[token], [asks[at] for at in places]).let_through()
                answers |= zip(places, let, strict=True)
            else:
                answers |= dict.fromkeys(places, NotFound(record="training_session"))
    return [answers[at] for at in range(len(asks))]


_pass: Turnstile[Ask, CheckinResult] = Turnstile(_carry_out)


def _doors(s: PortalSession, asks: Sequence[Ask]) -> dict[str, "_Door"]:
    """The doors by their token, their sessions held, so that seats are given by one at a time."""
    wanted = sorted({ask.token for ask in asks if ask.token})
    held = select(TrainingSession).where(col(TrainingSession.checkin_token).in_(wanted))
    rows = s.exec(held.order_by(col(TrainingSession.id)).with_for_update()).all()
    doors = {row.checkin_token or "": row for row in rows}
    return {token: replace(_Door.at(s, token, asks[0].now), training=row) for token, row in doors.items()}


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is planned for a session: its lessons' parts, and the names of their places; kept until one of them changes."""

    training: TrainingSession
    parts: list[Part]
    places: Mapping[int, str]
    host: Host


PLANNED = ("lesson", "setting", "training_session", "venue")


def _plan(s: PortalSession, token: str) -> _Plan:
    return kept.kept(("door", token), kept.newest(s, PLANNED), PLANNED, lambda: _read_plan(token))


def _read_plan(token: str) -> _Plan:
    """Read in a session of its own, since what is kept outlives the one that asks."""
    with db.reading(PUBLIC) as s:
        row = _by_token(s, token)
        lessons = presence.lessons_of(s, db.id_of(row))
        used = {row.venue_id, *(lesson.venue_id for lesson in lessons)}
        venues = s.exec(select(Venue).where(col(Venue.id).in_(key for key in used if key))).all()
        places = {venue.id or 0: " · ".join(text for text in (venue.name, venue.address) if text) for venue in venues}
        return _Plan(row, presence.parts(row, lessons), places, institution.host(s, row.base))


@dataclass(frozen=True, slots=True)
class _Door:
    """A session whose door is passed at a moment: its parts, and the one that people come to now or have just left."""

    training: TrainingSession
    parts: list[Part]
    part: Part | None
    view: CheckinView

    @property
    def key(self) -> int:
        return db.id_of(self.training)

    @classmethod
    def at(cls, s: PortalSession, token: str, now: datetime) -> "_Door":
        """Raises NotFound for a wrong token."""
        plan = _plan(s, token)
        part = next(reversed(presence.open_at(plan.parts, now)), None)
        return cls(plan.training, plan.parts, part, _view(plan, part, now))


def _view(plan: _Plan, part: Part | None, now: datetime) -> CheckinView:
    row = plan.training
    ahead = part or next((one for one in plan.parts if one.opens > now), plan.parts[-1])
    lesson = ahead.lesson
    place = plan.places.get((lesson and lesson.venue_id) or row.venue_id or 0, "")
    told = (lesson.number or 0, lesson.topic) if lesson else (0, "")
    closed = _closed(row, part, plan.parts, now)
    return CheckinView(row.title, ahead.starts, ahead.ends, place, closed, *told, plan.host)


def _closed(row: TrainingSession, part: Part | None, parts: Sequence[Part], now: datetime) -> str:
    if row.state == SessionState.CANCELLED:
        return "session_cancelled"
    if row.state == SessionState.DRAFT:
        return "not_yet_open"
    if part is not None:
        return "" if now < part.ends and row.state != SessionState.HELD else "only_out"
    return "not_yet_open" if any(one.opens > now for one in parts) else "over"


class _Crowd:
    """Those who pass one door together."""

    def __init__(self, s: PortalSession, door: _Door, asks: Sequence[Ask]) -> None:
        self.s, self.door, self.asks = s, door, asks
        self.rules = attendance_rules.rules(s)
        self.candidates = self._known()
        everybody = {key for keys in self.candidates for key in keys}
        self.there = presence.noted(s, door.key, everybody)
        self.enrolled = self._enrolments(everybody)
        self.marks: dict[presence.Slot, Mark | None] = {}
        self.remembered = self._remembered()

    def let_through(self) -> list[CheckinResult | Exception]:
        """The answer to each, in their order; all is noted."""
        people = self._seated([self._who(ask, known) for ask, known in zip(self.asks, self.candidates, strict=True)])
        answers = [self._pass(ask, who) for ask, who in zip(self.asks, people, strict=True)]
        if self.marks:
            presence.write(self.s, self.door.training, self.marks, self.asks[0].now, self.there)
        return answers

    def _known(self) -> list[list[int]]:
        """Of each everybody in the register with this name and phone; of a phone that remembers, whom it does."""
        wanted = {digest(ask.who["phone"]) for ask in self.asks if ask.who}
        same = select(Person.id, Person.name, Person.phone_key).where(col(Person.phone_key).in_(wanted))
        found: dict[Any, list[int]] = {}
        for key, name, phone in self.s.exec(same.order_by(col(Person.id))):
            found.setdefault((name, phone), []).append(key or 0)
        return [
            found.get((ask.who["name"], digest(ask.who["phone"])), []) if ask.who else [ask.person] for ask in self.asks
        ]

    def _remembered(self) -> dict[int, Person]:
        """Those whom their phones know, for their names."""
        known = {ask.person for ask in self.asks if ask.person}
        rows = self.s.exec(select(Person).where(col(Person.id).in_(known))) if known else ()
        return {db.id_of(row): row for row in rows}

    def _enrolments(self, people: Collection[int]) -> dict[int, Enrolment]:
        """Those that are not cancelled, by person."""
        mine = select(Enrolment).where(Enrolment.session_id == self.door.key, col(Enrolment.person_id).in_(people))
        return {row.person_id: row for row in self.s.exec(mine) if row.state != EnrolmentState.CANCELLED}

    def _who(self, ask: Ask, known: Sequence[int]) -> int | Invalid | None:
        """The person who may pass, why nobody may, or None for somebody who needs a seat first."""
        if not doorcode.is_fresh(self.door.training, ask.code, ask.now):
            return Invalid({"code": "code_expired"})
        if ask.leaves:
            return next((who for who in known if presence.came_to(self.there, who)), Invalid({"": "not_checked_in"}))
        if self.door.view.closed:
            return Invalid({"": self.door.view.closed})
        came = next((who for who in known if presence.came_to(self.there, who)), None)
        enrolled = next((who for who in known if who in self.enrolled), None)
        if enrolled:
            return self._admitted(enrolled)
        if came or ask.walks_in or not self.strangers_are_asked:
            return came
        return Invalid({"": "not_on_list"}, name=ask.who["name"], phone=mask_phone(ask.who["phone"]))

    @cached_property
    def strangers_are_asked(self) -> bool:
        """Somebody who is not on a list may have mistyped: said before a seat that is free is given to a stranger."""
        listed = select(Enrolment.id).where(
            Enrolment.session_id == self.door.key,
            Enrolment.source != EnrolmentSource.WALK_IN,
            Enrolment.state != EnrolmentState.CANCELLED,
        )
        has_list = self.s.exec(listed.limit(1)).first() is not None
        return has_list and seats.free_seats(self.s, self.door.training) > 0

    def _admitted(self, person: int) -> int | Invalid:
        """Who is enrolled may come; who waited needs a seat that is free."""
        enrolment = self.enrolled[person]
        if enrolment.state != EnrolmentState.ENROLLED or enrolment.role != EnrolmentRole.TRAINEE:
            if enrolment.state == EnrolmentState.WAITLISTED and seats.free_seats(self.s, self.door.training) <= 0:
                return Invalid({"": "waits"})
            try:
                attendance.admit(self.s, self.door.training, enrolment)
            except Invalid as error:
                return error
        return person

    def _seated(self, people: Sequence[int | Invalid | None]) -> list[int | Invalid]:
        """Those without a seat get the free ones; one who sent twice gets one."""
        walkers: dict[Any, walk_ins.Walker] = {}
        for ask, known, who in zip(self.asks, self.candidates, people, strict=True):
            if who is None:
                walkers.setdefault(_identity(ask), (ask.who, known[0] if known else None))
        seated = walk_ins.seat_all(self.s, self.door.training, list(walkers.values())) if walkers else []
        given = dict(zip(walkers, seated, strict=True))
        return [given[_identity(ask)] if who is None else who for ask, who in zip(self.asks, people, strict=True)]

    def _pass(self, ask: Ask, who: int | Invalid) -> CheckinResult | Exception:
        if isinstance(who, Invalid):
            return who
        part = self._left(ask, who) if ask.leaves else self.door.part
        if part is None:
            return Invalid({"": "not_checked_in"})
        if ask.leaves and ask.now < part.starts:
            return Invalid({"": "not_begun"})
        row = self.there.get((part.id, who))
        noted = self._leave(ask, part, who, row) if ask.leaves else self._arrive(ask, part, who, row)
        at, again = noted
        back = not ask.leaves and (part.id, who) in self.marks and again
        return CheckinResult(self.door.view, at, again, ask.leaves, who, *self._named(ask), back)

    def _named(self, ask: Ask) -> tuple[str, str]:
        """The name and the masked number of who passes."""
        if ask.who:
            return ask.who["name"], mask_phone(ask.who["phone"])
        row = self.remembered[ask.person]
        return row.name, mask_phone(row.phone or "")

    def _left(self, ask: Ask, who: int) -> Part | None:
        return presence.leaving(self.door.parts, self.there, who, ask.now)

    def _arrive(self, ask: Ask, part: Part, who: int, row: Presence | None) -> tuple[datetime, bool]:
        """When they came, and whether that was known; who had signed out comes back, and that is taken back."""
        if mark := self.marks.get((part.id, who)):
            return mark.arrived_at or ask.now, True
        if row is not None and row.came:
            if row.left_at is not None and row.arrived_at is not None and not _is_resent(ask, row):
                self.marks[part.id, who] = replace(presence.back(part, self.rules, row), once=ask.once)
            return row.arrived_at or row.created_at, not _is_resent(ask, row)
        by = CheckIn.DIGITS if doorcode.is_digits(ask.code) else CheckIn.QR
        self.marks[part.id, who] = replace(presence.arrived(part, self.rules, ask.now), once=ask.once, by=by)
        return ask.now, False

    def _leave(self, ask: Ask, part: Part, who: int, row: Presence | None) -> tuple[datetime, bool]:
        """When they left: the last time counts, but the same sending only once."""
        assert row is not None
        if row.left_at is not None and _is_resent(ask, row):
            return row.left_at, False
        self.marks[part.id, who] = replace(presence.left(part, self.rules, row, ask.now), once=ask.once)
        return ask.now, False


def _identity(ask: Ask) -> Any:
    return ask.person or (ask.who["name"], ask.who["phone"])


def _is_resent(ask: Ask, row: Presence) -> bool:
    return bool(ask.once) and ask.once == row.once


# -- the poster and the screen ----------------------------------------------------------------------------------------


def checkin_path(actor: Actor, session_id: int, now: datetime | None = None) -> str:
    """The address of a session's check-in page on this site, as a poster carries it, for whoever keeps the session."""
    return door(actor, session_id, now).paper


@dataclass(frozen=True, slots=True)
class DoorSign:
    """What stands at the door: where the QR code of this moment leads, the six digits, the seconds until both change and
    how often they do, how many came to the lesson under way, of them by typed digits, and how many are expected; screen
    is the page that shows it, paper the address for a poster. While the door is shut, path and digits are empty."""

    view: CheckinView
    path: str
    digits: str
    seconds: float
    step: int
    came: int
    typed: int
    expected: int
    screen: str
    paper: str


def door(actor: Actor, session_id: int, now: datetime | None = None) -> DoorSign:
    """The sign of a session's door, for whoever keeps the session. Raises Denied, NotFound."""
    actor.need("write", "training")
    with db.reading(actor) as s:
        row = store.find(s, training.SESSION, session_id)
        if row.checkin_token:
            return _sign(s, row, now or clock.now())
    with db.unit(actor) as s:
        row = db.lock(s, TrainingSession, session_id)
        row.checkin_token = row.checkin_token or training.new_token()
    return door(actor, session_id, now)


def renew(actor: Actor, session_id: int) -> None:
    """A new secret for a session's door: screens, posters, codes and phones' remembrances of the old one end, and the
    audit says who did it. Raises Denied, NotFound."""
    actor.need("write", "training")
    with db.unit(actor) as s:
        db.lock(s, TrainingSession, session_id).checkin_token = training.new_token()


def on_screen(token: str, now: datetime | None = None) -> DoorSign:
    """The sign as the page in the room shows it, to whoever has its link. Raises NotFound for a wrong one."""
    with db.reading(PUBLIC) as s:
        return _sign(s, doorcode.screened(s, token), now or clock.now())


def _sign(s: PortalSession, row: TrainingSession, now: datetime) -> DoorSign:
    at = _Door.at(s, row.checkin_token or "", now)
    enrolled = select(func.count(col(Enrolment.id))).where(Enrolment.session_id == row.id)
    expected = s.exec(enrolled.where(has_seat())).one()
    here = select(Presence.noted_by, func.count(col(Presence.id))).where(
        Presence.session_id == row.id, col(Presence.state).in_(CAME)
    )
    of_part = Presence.lesson_id == at.part.id if at.part and at.part.id else col(Presence.lesson_id).is_(None)
    ways = dict(s.exec(here.where(of_part).group_by(col(Presence.noted_by))).all()) if at.part else {}
    is_open = doorcode.is_open(row, now)
    path, digits = (
        (doorcode.path(row, now), doorcode.in_digits(row, doorcode.window(row, now))) if is_open else ("", "")
    )
    return DoorSign(
        at.view, path, digits, doorcode.left_of(row, now), doorcode.pace(row).step,
        sum(ways.values()), ways.get(CheckIn.DIGITS, 0), expected, f"/show/{doorcode.screen_token(row)}",
        doorcode.on_paper(row),
    )  # fmt: skip


def poster_svg(url: str) -> str:
    """The QR code of an address as an inline SVG that scales with its box."""
    code = segno.make(url, micro=False, error="m")
    return str(code.svg_inline(border=4, omitsize=True, svgclass="qr", dark="#000", light="#fff"))
