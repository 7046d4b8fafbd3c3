"""Hours and volunteers in the columns of the national system (feature V12; rules.md §1 and §8).

Which columns there are, in which order and under which heading, and what our codes are called there, are lists that a
hospital edits (基础资料 · 选项: national_hours, national_volunteers and the national_ code lists).
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Literal

from sqlmodel import col, select

from models import spans
from models.people import Availability, Person, TeamMembership, Volunteer, VolunteerState, VolunteerTeam
from models.service import HoursState, ServiceHours
from models.spans import Span
from models.system import Verb
from models.words import L
from services import db, options, serving_lifecycle, sheets
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid
from services.sheets import Column, SheetOut

Kind = Literal["hours", "volunteers", "teams"]
REQUIRED: dict[str, tuple[str, ...]] = {
    "hours": ("volunteer_name", "id_number", "type", "start", "end", "hours"),
    "volunteers": (
        "name",
        "id_type",
        "id_number",
        "phone",
        "area_code",
        "service_categories",
        "skills",
        "service_area",
    ),
    "teams": ("team_name", "stage"),
}
AREA_DIGITS = 18
Cells = Mapping[str, str]


def columns_of(kind: str) -> dict[str, str]:
    """{our code: heading} in order, as the hospital has mapped them. Raises Invalid where a required one is left out."""
    found = {code: label.zh for code, label in options.labels(f"national_{kind}").items()}
    if missing := [code for code in REQUIRED[kind] if code not in found]:
        raise Invalid({"": "missing_column"}, columns=missing)
    return found


def write(actor: Actor, kind: Kind, target: Path | BinaryIO, first: date, last: date, *, purpose: str) -> int:
    """Write the sheet of what took effect, or who was on the register, between two days; returns its rows.

    It holds names and document numbers in full, so it asks for the right to them and a purpose that is audited.
    """
    actor.need("export", "volunteers")
    actor.need("personal", "volunteers")
    if not purpose.strip():
        raise Invalid({"purpose": "required"})
    headings = columns_of(kind)
    with db.reading(actor) as session:
        rows = [[cells.get(code, "") for code in headings] for cells in ROWS[kind](session, first, last)]
    columns = [Column(heading, required=code in REQUIRED[kind]) for code, heading in headings.items()]
    with db.unit(actor, reason=purpose.strip()) as session:
        db.note(session, Verb.EXPORT, "volunteer" if kind == "volunteers" else "service_hours", None,
                {"national": kind, "rows": len(rows)})  # fmt: skip
    return sheets.write_sheet(target, [SheetOut(TITLES[kind].zh, columns, rows)])


TITLES = {
    "hours": L("服务时长", "Hours"),
    "volunteers": L("志愿者", "Volunteers"),
    "teams": L("志愿服务队", "Teams"),
}


def code_of(list_name: str, ours: Any) -> str:
    """What our code is called in the national system; "" where the list has none."""
    label = options.labels(f"national_{list_name}").get(str(getattr(ours, "value", ours) or ""))
    return label.zh if label else ""


def area_code(region: str | None) -> str:
    """GB/T 2260, padded with zeros to 18 digits."""
    return region.ljust(AREA_DIGITS, "0")[:AREA_DIGITS] if region else ""


# -- hours --------------------------------------------------


def parts(times: str, minutes: int) -> list[tuple[Span, Decimal]]:
    """The spans of an entry with the hours of each, so cut that they last `minutes` in all and add up to its hours."""
    found: list[tuple[Span, Decimal]] = []
    done = 0
    for first, last in spans.parse(times):
        length = min(last - first, minutes - done)
        if length > 0:
            found.append(((first, first + length), spans.hours(done + length) - spans.hours(done)))
            done += length
    return found


def _hours(session: PortalSession, first: date, last: date) -> Iterator[Cells]:
    rows = session.exec(
        select(ServiceHours, Volunteer, Person)
        .join(Volunteer, col(Volunteer.id) == ServiceHours.volunteer_id)
        .join(Person, col(Person.id) == Volunteer.person_id)
        .where(ServiceHours.state == HoursState.EFFECTIVE, col(ServiceHours.served_on).between(first, last))
        .where(col(Person.anonymised_on).is_(None))
        .order_by(col(ServiceHours.served_on), col(ServiceHours.id))
    ).all()
    teams = _teams_of(session)
    for entry, volunteer, person in rows:
        told = _told(entry, volunteer, person) | {"team_name": teams.get(volunteer.id or 0, "")}
        for (begins, ends), hours in parts(entry.times, entry.minutes):
            day = entry.served_on or first
            yield told | {"start": _moment(day, begins), "end": _moment(day, ends), "hours": str(hours)}


def _told(entry: ServiceHours, volunteer: Volunteer, person: Person) -> dict[str, str]:
    return {
        "area_code": area_code(person.region_code),
        "project_id": f"S{entry.shift_id}" if entry.shift_id else "",
        "activity": entry.activity,
        "volunteer_name": person.name,
        "volunteer_number": volunteer.national_number or volunteer.number or "",
        "id_type": code_of("id_type", person.id_type),
        "id_number": person.id_number or "",
        "content": entry.content,
        "remark": entry.notes[:500],
        "type": code_of("source", entry.source),
        "state": code_of("state", entry.state),
        "in_charge": entry.in_charge,
        "place": entry.place,
    }


def _moment(day: date, minute: int) -> str:
    """24:00 is the next day's 00:00, a second of which would cross the day."""
    if minute == spans.DAY:
        return f"{day} 23:59:59"
    return f"{day} {spans.clock(minute)}:00"


def _teams_of(session: PortalSession) -> dict[int, str]:
    """{volunteer id: the team that they joined last}"""
    joined = (
        select(TeamMembership.volunteer_id, VolunteerTeam.name)
        .join(VolunteerTeam, col(VolunteerTeam.id) == TeamMembership.team_id)
        .where(col(TeamMembership.left_on).is_(None))
        .order_by(col(TeamMembership.joined_on))
    )
    return dict(session.exec(joined).all())


# -- volunteers and teams --------------------------------------------------


def _volunteers(session: PortalSession, first: date, last: date) -> Iterator[Cells]:
    rows = session.exec(
        select(Volunteer, Person)
        .join(Person, col(Person.id) == Volunteer.person_id)
        .where(Volunteer.state == VolunteerState.ACTIVE, col(Volunteer.registered_on).between(first, last))
        .order_by(col(Volunteer.id))
    ).all()
    for volunteer, person in rows:
        yield {
            **{name: str(getattr(person, name) or "") for name in ("name", "id_number", "birth_date", "phone", "region", "address")},
            **{name: getattr(volunteer, name) or "" for name in ("occupation", "service_area", "guardian_name", "guardian_phone")},
            "volunteer_number": volunteer.national_number or volunteer.number or "",
            "id_type": code_of("id_type", person.id_type),
            "gender": code_of("gender", person.gender),
            "area_code": area_code(person.region_code),
            "political_status": volunteer.political_status.label.zh if volunteer.political_status else "",
            "education": volunteer.education.label.zh if volunteer.education else "",
            "service_categories": _labels("service_categories", volunteer.service_categories),
            "skills": _labels("skills", volunteer.skills),
            "availability": "、".join(Availability(one).label.zh for one in volunteer.availability),
            "remark": volunteer.notes[:500],
        }  # fmt: skip


def _labels(list_name: str, codes: list[str]) -> str:
    known = options.labels(list_name)
    return "、".join(known[code].zh if code in known else code for code in codes)


def _teams(session: PortalSession, _first: date, last: date) -> Iterator[Cells]:
    """Every team as it stands on the last day, by the one definition."""
    for _, name, found, last_on, members in session.execute(serving_lifecycle.of_teams(session, last)):
        yield {
            "team_name": name, "stage": serving_lifecycle.Stage(found).label.zh, "members": str(members),
            "last_on": str(last_on or ""),
        }  # fmt: skip


ROWS: dict[str, Callable[[PortalSession, date, date], Iterator[Cells]]] = {
    "hours": _hours,
    "volunteers": _volunteers,
    "teams": _teams,
}


# -- reading it back --------------------------------------------------


def read_back(kind: Kind, path: Path) -> list[dict[str, str]]:
    """The rows of such a sheet by our codes: what somebody checks before it is sent. Raises Invalid for a sheet without a
    required column."""
    sheet = sheets.read_sheet(path)
    places = {heading: place for place, heading in enumerate(sheet.header)}
    headings = columns_of(kind)
    if any(headings[code] not in places for code in REQUIRED[kind]):
        raise Invalid({"": "missing_column"})
    return [{code: row[places[name]] for code, name in headings.items() if name in places} for row in sheet.rows]


def usual_period(today: date) -> tuple[date, date]:
    """The month before this one."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
