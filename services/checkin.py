"""QR check-in at the door, without an account (features T5): what the phone may see, and coming in once."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import segno
from sqlmodel import col, select

from models import RECORDS
from models.people import Person
from models.training import Attendance, CheckIn, EnrolmentState, SessionState, TrainingSession, Venue
from models.vault import digest
from services import clock, db, limits, training, values
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Invalid, NotFound

BEFORE = AFTER = timedelta(minutes=60)
PERSON = RECORDS["person"]
LIMIT = "checkins_per_hour"


@dataclass(frozen=True, slots=True)
class CheckinView:
    """What the holder of the link may see; `closed` is the code of why one cannot check in, or empty."""

    title: str
    starts: datetime
    ends: datetime
    place: str
    closed: str


@dataclass(frozen=True, slots=True)
class CheckinResult:
    """Checked in at this moment, or `again`: had been already, and nothing was counted."""

    view: CheckinView
    at: datetime
    again: bool


def checkin_session(token: str, now: datetime | None = None) -> CheckinView:
    """The session of a link. Raises NotFound for a wrong token, which tells nothing more."""
    with db.reading(PUBLIC) as s:
        return _view(s, _by_token(s, token), now or clock.now())


def check_in(token: str, name: str, phone: str, *, now: datetime | None = None, ip: str = "") -> CheckinResult:
    """Note that somebody came, once: by name and phone, as enrolled, else on a free seat.

    Raises NotFound, Denied("too_many"), and Invalid: name or phone, not_yet_open, over, session_cancelled, full, waits.
    """
    now = now or clock.now()
    limits.spend(f"checkin:{ip}", LIMIT, now)
    person = read_person(name, phone, now)
    with db.unit(PUBLIC) as s:
        row = db.lock(s, TrainingSession, training.id_of(_by_token(s, token)))
        view = _view(s, row, now)
        if view.closed:
            raise Invalid({"": view.closed})
        known = people_called(s, person)
        before = training.attendance_of(s, row.id, known)
        came = before or _arrive(s, row, person, known, now)
        return CheckinResult(view, came.checked_in_at, again=before is not None)


def _by_token(s: PortalSession, token: str) -> TrainingSession:
    found = s.exec(select(TrainingSession).where(TrainingSession.checkin_token == token)).first() if token else None
    if found is None:
        raise NotFound(record="training_session")
    return found


def _view(s: PortalSession, row: TrainingSession, now: datetime) -> CheckinView:
    venue = s.get(Venue, row.venue_id) if row.venue_id else None
    place = " · ".join(part for part in (venue.name, venue.address) if part) if venue else ""
    return CheckinView(row.title, row.starts, row.ends, place, _closed(row, now))


def _closed(row: TrainingSession, now: datetime) -> str:
    if row.state == SessionState.CANCELLED:
        return "session_cancelled"
    if row.state == SessionState.DRAFT or now < row.starts - BEFORE:
        return "not_yet_open"
    return "over" if now >= row.ends + AFTER else ""


def read_person(name: str, phone: str, now: datetime) -> dict[str, Any]:
    """Name and phone as they are stored; Invalid for what cannot be."""
    typed = {"name": " ".join(unicodedata.normalize("NFKC", name).split()), "phone": phone.strip()}
    clean, errors = values.validate(PERSON, typed, clock.local(now).date())
    errors |= {} if typed["phone"] else {"phone": "required"}
    if errors:
        raise Invalid(errors)
    return {field: clean[field] for field in typed}


def people_called(s: PortalSession, person: Mapping[str, Any]) -> list[int]:
    """Everybody in the register with this name and phone."""
    same = select(Person.id).where(Person.name == person["name"], Person.phone_key == digest(person["phone"]))
    return [key for key in s.exec(same.order_by(col(Person.id))) if key]


def _arrive(
    s: PortalSession, row: TrainingSession, person: Mapping[str, Any], known: list[int], now: datetime
) -> Attendance:
    enrolment = training.enrolment_of(s, training.id_of(row), known)
    if enrolment is None or enrolment.state == EnrolmentState.CANCELLED:
        return training.seat_walk_in(s, row, person, CheckIn.QR, now)
    if enrolment.state == EnrolmentState.WAITLISTED and training.free_seats(s, row) <= 0:
        raise Invalid({"": "waits"})
    training.admit(s, row, enrolment)
    return training.attend(s, row, enrolment.person_id, CheckIn.QR, now)


# -- the poster -------------------------------------------------------------------------------------------------------


def checkin_path(actor: Actor, session_id: int) -> str:
    """The address of a session's check-in page on this site, for whoever keeps the session."""
    actor.need("write", "training")
    with db.unit(actor) as s:
        row = db.lock(s, TrainingSession, session_id)
        row.checkin_token = row.checkin_token or training.new_token()
        return f"/c/{row.checkin_token}"


def poster_svg(url: str) -> str:
    """The QR code of an address as an inline SVG that scales with its box."""
    code = segno.make(url, micro=False, error="m")
    return str(code.svg_inline(border=4, omitsize=True, svgclass="qr", dark="#000", light="#fff"))
