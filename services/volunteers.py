"""The rules of the volunteers' register that span records: public registration, duplicates, approval, states, merging
(features V1, V2, V11 and X6; M67 art. 5-6; PIPL art. 13-15).

A public registration never tells whether somebody is known: a known person's data stay as they are, and what was
filled in otherwise waits encrypted beside the application until somebody approves it.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from itertools import count
from typing import Any, Literal, NamedTuple, get_args

from pypinyin import lazy_pinyin
from sqlalchemy import ColumnElement, Select, and_, func, select, union
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col

from models import RECORDS, RecordType
from models.base import Record
from models.people import (
    MOVES,
    VOLUNTEER_PERSON,
    Person,
    Volunteer,
    VolunteerSource,
    VolunteerState,
)
from models.system import Attachment
from models.words import L, Language
from services import clock, db, hooks, limits, options, search, store, values
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Conflict, Denied, Invalid, NotFound, PortalError
from services.hooks import before_bulk, before_write
from services.numbers import tries

NOTICE_VERSION = "2026-11"
PAGE = 50
VOLUNTEER = RECORDS["volunteer"]
PEOPLE, REGISTER = (SQLModel.metadata.tables[name] for name in ("person", "volunteer"))
OWN = tuple(spec.name for spec in VOLUNTEER.own_fields if spec.name != "person_id")
PUBLIC_FIELDS = frozenset(spec.name for spec in VOLUNTEER.form_fields) - {"unit_id", "notes", "consent_on"}
UNMISTAKABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LIMIT = tries("registrations_per_hour", L("志愿者报名", "Registrations of volunteers"), 60)

# -- registration by the public --------------------------------------------------


def register(
    given: Mapping[str, Any], language: Language, ip: str, *, today: date | None = None, now: datetime | None = None
) -> str:
    """Take an application from the public page; returns the reference number to quote, the same for somebody known.

    Raises Invalid with every wrong field at once, Denied("too_many") above the address's hourly share.
    """
    today = today or clock.today()
    limits.spend(f"volunteer:{ip}", LIMIT, now)
    clean, errors = values.validate(VOLUNTEER, _application(given, language, today), today)
    if errors:
        raise Invalid(errors)
    try:
        return _enter(clean, today)
    except Invalid:  # the same person was entered by somebody else at this very moment, and is known now
        return _enter(clean, today)


def _name_region(given: dict[str, Any]) -> None:
    """The region's name follows from its code where only that was given."""
    region = options.labels("regions").get(str(given.get("region_code") or ""))
    if region and not given.get("region"):
        given["region"] = region.zh


def _application(given: Mapping[str, Any], language: Language, today: date) -> dict[str, Any]:
    taken = {name: value for name, value in given.items() if name in PUBLIC_FIELDS}
    _name_region(taken)
    return taken | {
        "state": VolunteerState.APPLIED,
        "source": VolunteerSource.PUBLIC,
        "registered_on": today,
        "consent_on": today,
        "consent_version": f"{NOTICE_VERSION}-{language}",
    }


def _enter(clean: dict[str, Any], today: date) -> str:
    with db.unit(PUBLIC) as session:
        person = store.find_person(session, {name: clean.get(name) for name in ("name", "phone", "id_number")})
        row = _role_of(session, person.id) if person else None
        if person and row:
            _apply_again(row, person, clean, today)
        else:
            row = _new_role(session, person, clean, today)
        row.reference = _reference()
        return row.reference


def _role_of(session: PortalSession, person_id: int | None) -> Volunteer | None:
    """Their volunteer row, held: of two registrations at once, the second sees what the first has written."""
    mine = select(Volunteer).where(col(Volunteer.person_id) == person_id).with_for_update()
    return session.execute(mine).scalar_one_or_none()


def _new_role(session: PortalSession, person: Person | None, clean: dict[str, Any], today: date) -> Volunteer:
    hooks.run(session, VOLUNTEER, clean, None, today)
    row = Volunteer(**{name: clean[name] for name in OWN if name in clean})
    if person is None:
        person = Person(**{name: clean[name] for name in VOLUNTEER_PERSON if name in clean})
        session.add(person)
        session.flush()
    else:
        _keep_differences(row, person, clean)
        row.notes = _differences_told(row)
    row.person_id = person.id or 0
    session.add(row)
    session.flush()
    hooks.ran(session, VOLUNTEER, row)
    return row


def _apply_again(row: Volunteer, person: Person, clean: Mapping[str, Any], today: date) -> None:
    """Somebody on the register: flagged for the approver; one who had left or was refused waits for approval again."""
    row.registered_again_on = today
    _keep_differences(row, person, clean)
    before, after = MOVES["reopen"]
    if row.state in before:
        row.state, row.reject_reason, row.consent = after, "", True
        row.consent_on, row.consent_version = today, clean["consent_version"]


def _keep_differences(row: Volunteer, person: Person, clean: Mapping[str, Any]) -> None:
    given = {name: clean.get(name) for name in VOLUNTEER_PERSON}
    other = {name: value for name, value in given.items() if value not in (None, "", getattr(person, name))}
    row.application = json.dumps(other, ensure_ascii=False, default=str) if other else None


def differing(row: Volunteer) -> list[str]:
    """The fields in which the application differs from what is stored of the person."""
    return list(json.loads(row.application)) if row.application else []


def _differences_told(row: Volunteer) -> str:
    labels = [VOLUNTEER.field(name).label for name in differing(row)]
    told = "、".join(f"{label.zh} {label.en}" for label in labels)
    return f"登记内容与已有资料不同 Differs from the record: {told}" if told else ""


def _reference() -> str:
    letters = "".join(secrets.choice(UNMISTAKABLE) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def find_reference(actor: Actor, reference: str) -> int:
    """The volunteer whose latest registration was answered with this reference. Raises NotFound."""
    actor.need("read", "volunteers")
    wanted = reference.strip().upper()
    with db.reading(actor) as session:
        found = session.execute(select(Volunteer.id).where(col(Volunteer.reference) == wanted)).scalar_one_or_none()  # type: ignore[call-overload]
        if found is None:
            raise NotFound(record="volunteer")
        return int(found)


# -- duplicates --------------------------------------------------

DuplicateKind = Literal["document", "phone", "name_birth", "similar"]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another volunteer who may be the same human being; one of another station has neither id nor name."""

    kind: DuplicateKind
    volunteer_id: int | None = None
    name: str = ""

    @property
    def certain(self) -> bool:
        return self.kind == "document"

    @property
    def elsewhere(self) -> bool:
        return self.volunteer_id is None


class Traits(NamedTuple):
    """What somebody is recognised by; numbers only as keyed hashes."""

    person_id: int
    name: str
    birth_date: date | None
    id_number_key: str | None
    phone_key: str | None
    phone_tail: str | None

    @property
    def sound(self) -> str:
        return _sound(self.name)


@cache
def _trait_columns() -> tuple[Any, ...]:
    return (PEOPLE.c.id.label("person_id"), *(PEOPLE.c[name] for name in Traits._fields[1:]))


def _sound(name: str) -> str:
    """The name's pinyin as the search text holds it."""
    return search.plain("".join(lazy_pinyin(name)))


def duplicates(actor: Actor, of: Mapping[str, Any] | int, *, today: date | None = None) -> list[Duplicate]:
    """Volunteers who may be the one described by these form values, or this volunteer: the surest first.

    People who are no volunteers are not told of, nor is who another station's volunteer is. Raises NotFound, Denied.
    """
    actor.need("write", "volunteers")
    with db.reading(actor) as session:
        traits = _stored(session, of) if isinstance(of, int) else _typed(of, today or clock.today())
        return _alike(session, [traits])[traits.person_id]


def _stored(session: PortalSession, volunteer_id: int) -> Traits:
    row = store.find(session, VOLUNTEER, volunteer_id)
    return _traits(session.get_one(Person, row.person_id))


def _typed(given: Mapping[str, Any], today: date) -> Traits:
    clean, _ = values.validate(VOLUNTEER, given, today)
    person = Person(name=clean.get("name") or "", birth_date=clean.get("birth_date"), id=0)
    numbers = {"id_number": clean.get("id_number"), "phone": clean.get("phone")}
    for name, value in db.derived(Person, numbers | {"name": person.name}).items():
        setattr(person, name, value)
    return _traits(person)


def _traits(person: Person) -> Traits:
    return Traits(person.id or 0, *(getattr(person, name) for name in Traits._fields[1:]))


def _alike(session: PortalSession, all_traits: Sequence[Traits]) -> dict[int, list[Duplicate]]:
    """{person id: duplicates} of several people, in one statement over all stations."""
    found: dict[int, list[Duplicate]] = {traits.person_id: [] for traits in all_traits}
    if not (ways := _ways(all_traits)):
        return found
    likely = union(*(select(PEOPLE.c.id).where(way, PEOPLE.c.deleted_at.is_(None)) for way in ways))
    joined = REGISTER.join(PEOPLE, PEOPLE.c.id == REGISTER.c.person_id)
    columns = (REGISTER.c.id.label("volunteer_id"), REGISTER.c.unit_id, PEOPLE.c.search_text, *_trait_columns())
    alike = select(*columns).select_from(joined).where(REGISTER.c.deleted_at.is_(None), PEOPLE.c.id.in_(likely))
    for row in session.connection().execute(alike):
        for traits in all_traits:
            if kind := _kind(traits, row):
                found[traits.person_id].append(_duplicate(session.actor, kind, row))
    order: list[DuplicateKind] = ["document", "phone", "name_birth", "similar"]
    return {key: sorted(some, key=lambda one: order.index(one.kind)) for key, some in found.items()}


def _ways(all_traits: Sequence[Traits]) -> list[ColumnElement[bool]]:
    keyed = {name: {getattr(traits, name) for traits in all_traits} - {None} for name in ("id_number_key", "phone_key")}
    ways: list[ColumnElement[bool]] = [PEOPLE.c[name].in_(keys) for name, keys in keyed.items() if keys]
    for traits in all_traits:
        if traits.name and traits.birth_date:
            ways.append(and_(PEOPLE.c.name == traits.name, PEOPLE.c.birth_date == traits.birth_date))
        if traits.sound and traits.phone_tail:
            sounds_so = PEOPLE.c.search_text.contains(traits.sound, autoescape=True)
            ways.append(and_(PEOPLE.c.phone_tail == traits.phone_tail, sounds_so))
    return ways


def _kind(traits: Traits, row: Any) -> DuplicateKind | None:
    if row.person_id == traits.person_id:
        return None
    if traits.id_number_key and row.id_number_key == traits.id_number_key:
        return "document"
    if traits.phone_key and row.phone_key == traits.phone_key:
        return "phone"
    if traits.birth_date and (row.name, row.birth_date) == (traits.name, traits.birth_date):
        return "name_birth"
    alike = traits.phone_tail and row.phone_tail == traits.phone_tail and traits.sound in row.search_text
    return "similar" if alike else None


def _duplicate(actor: Actor, kind: DuplicateKind, row: Any) -> Duplicate:
    if actor.units is not None and row.unit_id not in actor.units:
        return Duplicate(kind)
    return Duplicate(kind, row.volunteer_id, shown_name(actor, row.name))


def shown_name(actor: Actor, name: str) -> str:
    """A volunteer's name as far as the actor may see it."""
    return name if actor.may("personal", "volunteers") else values.mask_person(name)


# -- the approval queue --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Applicant:
    """One line of the approval queue; `differs` names the fields that were filled in otherwise than stored."""

    id: int
    version: int
    name: str
    phone: str
    id_number: str
    region: str
    state: VolunteerState
    registered_on: date | None
    registered_again_on: date | None
    differs: list[str]
    duplicates: list[Duplicate]
    own_entry: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the approval queue and how many wait altogether."""

    rows: list[Applicant]
    total: int


def waiting(*columns: Any) -> Select[Any]:
    """Who waits for a decision: applications, and people on the register who registered again; the oldest first."""
    asked = func.coalesce(Volunteer.registered_again_on, Volunteer.registered_on)
    one_by_one = (col(Volunteer.state) == VolunteerState.APPLIED, col(Volunteer.registered_again_on).is_not(None))
    waits = union(*(select(col(Volunteer.id)).where(why, col(Volunteer.deleted_at).is_(None)) for why in one_by_one))
    return (
        select(*(columns or (asked.label("day"),)))
        .select_from(Volunteer)
        .join(Person, col(Person.id) == col(Volunteer.person_id))
        .where(col(Volunteer.id).in_(waits))
        .order_by(asked, col(Volunteer.id))
    )


def queue(actor: Actor, page: int = 0) -> Queue:
    """A page of the approval queue, with what is suspicious about each application."""
    actor.need("approve", "volunteers")
    with db.reading(actor) as session:
        pairs = session.execute(waiting(Volunteer, Person).limit(PAGE).offset(page * PAGE)).all()
        counted = session.execute(select(func.count()).select_from(waiting().order_by(None).subquery())).scalar_one()
        alike = _alike(session, [_traits(person) for _, person in pairs])
        return Queue([_applicant(actor, row, person, alike[person.id]) for row, person in pairs], counted)


def _applicant(actor: Actor, row: Volunteer, person: Person, alike: list[Duplicate]) -> Applicant:
    given = json.loads(row.application) if row.application else {}
    shown = {
        name: values.mask(VOLUNTEER.field(name), getattr(person, name) or given.get(name)) or ""
        for name in ("phone", "id_number")
    }
    return Applicant(
        id=row.id or 0,
        version=row.version + person.version,
        name=shown_name(actor, person.name),
        **shown,
        region=person.region or str(given.get("region", "")),
        state=VolunteerState(row.state),
        registered_on=row.registered_on,
        registered_again_on=row.registered_again_on,
        differs=differing(row),
        duplicates=alike,
        own_entry=_is_own(actor, row),
    )


def _is_own(actor: Actor, row: Volunteer) -> bool:
    return row.created_by is not None and row.created_by == actor.account_id


def approve(
    actor: Actor, volunteer_id: int, *, verified: bool, version: int | None = None, today: date | None = None
) -> str:
    """Put an applicant on the register; returns the volunteer's number. `verified`: the document was seen.

    Raises Denied("own_entry") for an application that the actor entered, Conflict where it was changed or decided
    meanwhile, Invalid where consent is missing, or a verified person has no document.
    """
    actor.need("approve", "volunteers")
    with db.unit(actor) as session:
        db.alone(session, "volunteer_number")
        return _approve(session, volunteer_id, version, verified, today or clock.today())


@dataclass(frozen=True, slots=True)
class Approved:
    """{volunteer id: number} of those approved, {volunteer id: error code} of those that were not."""

    numbers: dict[int, str]
    refused: dict[int, str]


def approve_many(
    actor: Actor, versions: Mapping[int, int | None], *, verified: bool, today: date | None = None
) -> Approved:
    """Approve a selection, {volunteer id: version as seen}: those that can be, in one transaction."""
    actor.need("approve", "volunteers")
    done = Approved({}, {})
    with db.unit(actor) as session:
        db.alone(session, "volunteer_number")
        for key, version in sorted(versions.items()):
            try:
                with session.begin_nested():
                    done.numbers[key] = _approve(session, key, version, verified, today or clock.today())
            except (PortalError, IntegrityError) as error:
                done.refused[key] = _code(db.taken(error) if isinstance(error, IntegrityError) else error)
    return done


def _code(error: PortalError) -> str:
    return next(iter(error.fields.values())) if isinstance(error, Invalid) else error.code


def _approve(session: PortalSession, volunteer_id: int, version: int | None, verified: bool, today: date) -> str:
    row = _hold(session, volunteer_id, version)
    person = session.get_one(Person, row.person_id)
    if _is_own(session.actor, row):
        raise Denied("own_entry")
    _step(row, "approve")
    _need_consent(row)
    if verified:
        _verify(session.actor, row, person, today)
    row.number = row.number or next_number(session, today.year)
    _settle(row)
    session.flush()
    return row.number


def _hold(session: PortalSession, volunteer_id: int, version: int | None = None) -> Volunteer:
    row: Volunteer = db.lock(session, Volunteer, volunteer_id)
    if version is not None and version != store.version_of(session, VOLUNTEER, row):
        raise Conflict({}, {"state": row.state})
    return row


def _step(row: Volunteer, move: str) -> None:
    before, after = MOVES[move]
    if row.state not in before:
        raise Conflict({"state": after}, {"state": row.state})
    row.state = after


def _need_consent(row: Volunteer) -> None:
    if not row.consent:
        raise Invalid({"consent": "consent_missing"})


def _verify(actor: Actor, row: Volunteer, person: Person, today: date) -> None:
    """The document was seen: it fills what was not known of the person; what was known stays."""
    given = json.loads(row.application) if row.application else {}
    for name, written in given.items():
        if getattr(person, name) in (None, ""):
            setattr(person, name, values.parse(VOLUNTEER.field(name), written))
    if not person.id_number:
        raise Invalid({"id_number": "required"})
    row.verified_on, row.verified_by = today, actor.name


def _settle(row: Volunteer) -> None:
    """The application is decided: what came with it is not kept."""
    row.registered_again_on = row.application = None


def next_number(session: PortalSession, year: int) -> str:
    """V, the year and six digits: the next after the greatest of all stations, the bin included.

    The caller holds db.alone(session, "volunteer_number") and flushes before it asks again.
    """
    number = REGISTER.c.number
    greatest = select(func.max(number)).where(number >= f"V{year}", number < f"V{year + 1}")
    last = session.connection().execute(greatest).scalar() or "V0000000000"
    return f"V{year}{int(last[5:]) + 1:06d}"


@before_write("volunteer")
def _complete(session: PortalSession, given: dict[str, Any], _row: Record | None, today: date) -> None:
    """Whoever is on the register has a number, also when staff entered or imported them."""
    _name_region(given)
    if given.get("state") == VolunteerState.ACTIVE and not given.get("number"):
        db.alone(session, "volunteer_number")
        given["number"] = next_number(session, today.year)


@before_bulk("volunteer", "number")
def _numbers(session: PortalSession, rows: Sequence[Mapping[str, Any]], today: date) -> dict[str, list[str | None]]:
    db.alone(session, "volunteer_number")
    first = int(next_number(session, today.year)[5:])
    numbers = (f"V{today.year}{n:06d}" for n in count(first))
    return {"number": [next(numbers) if row.get("state") == VolunteerState.ACTIVE else None for row in rows]}


def reject(actor: Actor, volunteer_id: int, reason: str, *, version: int | None = None) -> None:
    """Refuse an application; the reason is kept. Raises Invalid without one, Conflict where it was decided already."""
    actor.need("approve", "volunteers")
    reason = reason.strip()
    if not 0 < len(reason) <= 200:
        raise Invalid({"reason": "too_long" if reason else "required"})
    with db.unit(actor, reason=reason) as session:
        row = _hold(session, volunteer_id, version)
        _step(row, "reject")
        row.reject_reason = reason
        _settle(row)


def acknowledge(actor: Actor, volunteer_id: int) -> None:
    """Take somebody on the register who registered again out of the queue: it was looked at, nothing is to change."""
    actor.need("approve", "volunteers")
    with db.unit(actor) as session:
        row = _hold(session, volunteer_id)
        if row.state == VolunteerState.APPLIED:
            raise Conflict({}, {"state": row.state})
        _settle(row)


# -- states --------------------------------------------------

Move = Literal["pause", "resume", "leave", "reopen"]


def moves(actor: Actor, state: VolunteerState) -> list[str]:
    """The moves that lead on from a state and that the actor may make."""
    verbs = {name: "approve" if name in ("approve", "reject", "reopen") else "write" for name in MOVES}
    return [name for name, (before, _) in MOVES.items() if state in before and actor.may(verbs[name], "volunteers")]  # type: ignore[arg-type]


def move(actor: Actor, volunteer_id: int, move: Move, reason: str = "", *, version: int | None = None) -> None:
    """Pause, resume, leave, or put a decided application back into the queue.

    Raises Conflict where the state does not allow it (any more), Invalid where consent was withdrawn, Denied for a move
    that has rules of its own.
    """
    if move not in get_args(Move):
        raise Denied
    actor.need("approve" if move == "reopen" else "write", "volunteers")
    with db.unit(actor, reason=reason.strip()) as session:
        row = _hold(session, volunteer_id, version)
        _step(row, move)
        if move == "leave":
            _settle(row)
        else:
            _need_consent(row)


def withdraw(actor: Actor, volunteer_id: int, reason: str = "") -> None:
    """Consent is withdrawn (PIPL art. 15): the volunteer leaves and is on no call list until they register again."""
    actor.need("write", "volunteers")
    with db.unit(actor, reason=reason.strip()) as session:
        row = _hold(session, volunteer_id)
        _step(row, "withdraw")
        row.consent = False
        _settle(row)


# -- merging --------------------------------------------------


def merge(actor: Actor, keep_id: int, drop_id: int, reason: str) -> None:
    """Two entries are one human being: everything of the dropped one moves to the kept one, wherever it was.

    What both have (the same session, the same team and day) and the dropped entry with its person go to the bin.
    Raises Invalid without a reason or for one and the same entry, NotFound for one that is not the actor's to see.
    """
    actor.need("approve", "volunteers")
    if not reason.strip():
        raise Invalid({"reason": "required"})
    if keep_id == drop_id:
        raise Invalid({"drop_id": "same_record"})
    with db.reading(actor) as session:
        for key in (keep_id, drop_id):
            store.find(session, VOLUNTEER, key)
    everywhere = replace(actor, units=None)
    with db.unit(everywhere, reason=reason.strip()) as session:
        rows = {key: _hold(session, key) for key in sorted((keep_id, drop_id))}
        _merge(session, rows[keep_id], rows[drop_id])


def _merge(session: PortalSession, keep: Volunteer, drop: Volunteer) -> None:
    for record, name, parent in _references():
        one, other = (keep.id, drop.id) if parent == "volunteer" else (keep.person_id, drop.person_id)
        for row in session.execute(select(record.model).where(getattr(record.model, name) == other)).scalars().all():
            _hand_over(session, record, row, name, one or 0)
    files = select(Attachment).where(col(Attachment.record) == "volunteer", col(Attachment.record_id) == drop.id)
    for file in session.execute(files).scalars():
        file.record_id = keep.id or 0
    person = session.get_one(Person, drop.person_id)
    for row in (drop, person):
        _bin(session, row)
    session.flush()


def _references() -> list[tuple[RecordType, str, str]]:
    """Every field of any record that names a volunteer or a person, the volunteer's own aside."""
    return [
        (record, spec.name, spec.refers_to)
        for record in RECORDS.values()
        for spec in record.own_fields
        if spec.kind == "record" and spec.refers_to in ("person", "volunteer") and record is not VOLUNTEER
    ]


def _hand_over(session: PortalSession, record: RecordType, row: Any, name: str, new_owner: int) -> None:
    if _collides(session, record, row, name, new_owner):
        _bin(session, row)
    else:
        setattr(row, name, new_owner)
    session.flush()
    hooks.ran(session, record, row)


def _collides(session: PortalSession, record: RecordType, row: Any, name: str, new_owner: int) -> bool:
    table = SQLModel.metadata.tables[record.name]
    for index in table.indexes:
        if index.unique and name in index.columns:
            same = [column == getattr(row, column.name) for column in index.columns if column.name != name]
            statement = select(table.c.id).where(table.c[name] == new_owner, table.c.deleted_at.is_(None), *same)
            if session.connection().execute(statement).first():
                return True
    return False


def _bin(session: PortalSession, row: Record) -> None:
    row.deleted_at, row.deleted_by = clock.now(), session.actor.account_id
