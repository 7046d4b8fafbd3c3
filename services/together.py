"""What was done together with an organisation, every total of which opens the list that it counts (feature P5).

A record type that names organisations shows here by itself; nothing has to be added when there is a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from models import RECORDS, RecordType
from models.base import FieldSpec
from models.charity import CharityProject, Funding, PartnerRole, ProjectPartner
from models.system import Attachment
from services import db, finding, store
from services.access import Actor
from services.db import PortalSession
from services.finding import Query

ORGANISATION = RECORDS["organisation"]
SHOWN_ELSEWHERE = ("contact", "interaction", "agreement", "partner_quota")
HAPPENED = {"training_session": {"state": "held"}, "community_visit": {"state": "held"}}
SUMS = {"funding": "amount", "community_visit": "encounters"}
FURTHER = {"attendance": ("training_session", "session_id")}
FILES = 100


@dataclass(frozen=True, slots=True)
class Line:
    """How many records of a type there are with the organisation: `filters` are those of the list; summed is a field of
    theirs with its sum, where one is worth telling."""

    record: RecordType
    filters: Mapping[str, Any]
    total: int
    summed: FieldSpec | None = None
    sum: Any = None


@dataclass(frozen=True, slots=True)
class Part:
    """The organisation's part in a charity project, and the CNY that came from it for that."""

    project_id: int
    project: str
    roles: tuple[PartnerRole, ...]
    amount: Any


@dataclass(frozen=True, slots=True)
class Proof:
    """A file that proves something done together."""

    id: int
    name: str
    record: RecordType
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Together:
    """Everything done with one organisation, as far as the actor may read it; files are the newest of files_total."""

    lines: list[Line]
    parts: list[Part]
    files: list[Proof]
    files_total: int


def together(actor: Actor, organisation_id: int) -> Together:
    """What was done with the organisation. Raises NotFound, Denied."""
    actor.need("read", "partners")
    with db.reading(actor) as session:
        store.find(session, ORGANISATION, organisation_id)
        lines = [_line(session, record, filters) for record, filters in _kinds(actor, organisation_id)]
        files, files_total = _files(session, organisation_id)
        return Together([line for line in lines if line.total], _parts(session, organisation_id), files, files_total)


def _kinds(actor: Actor, organisation_id: int) -> list[tuple[RecordType, dict[str, Any]]]:
    """Record types with the filters of their lists: those that name an organisation, then what belongs to these."""
    own = [
        (record, {spec.name: organisation_id, **HAPPENED.get(record.name, {})})
        for record, spec in ORGANISATION.children
        if record.name not in SHOWN_ELSEWHERE
    ]
    by_name = {record.name: filters for record, filters in own}
    further = [
        (RECORDS[name], {f"{field}.{path}": value for path, value in by_name[parent].items()})
        for name, (parent, field) in FURTHER.items()
    ]
    return [(record, filters) for record, filters in own + further if actor.may("read", record.area)]


def _line(session: PortalSession, record: RecordType, filters: Mapping[str, Any]) -> Line:
    summed = record.field(SUMS[record.name]) if record.name in SUMS else None
    columns = [func.sum(finding.column(record, summed))] if summed else []
    total, *sums = finding.totals(session, record, Query(filters=filters), *columns)
    return Line(record, filters, total, summed, sums[0] if sums else None)


def _parts(session: PortalSession, organisation_id: int) -> list[Part]:
    paid = dict(
        session.execute(
            select(col(Funding.charity_project_id), func.sum(Funding.amount))
            .where(col(Funding.organisation_id) == organisation_id)
            .group_by(col(Funding.charity_project_id))
        ).all()
    )
    named = (
        select(col(CharityProject.id), col(CharityProject.name), col(ProjectPartner.role))
        .join(ProjectPartner, col(ProjectPartner.charity_project_id) == col(CharityProject.id))
        .where(col(ProjectPartner.organisation_id) == organisation_id)
        .order_by(col(CharityProject.id).desc(), col(ProjectPartner.id))
    )
    found: dict[int, tuple[str, list[PartnerRole]]] = {}
    for key, name, role in session.execute(named):
        found.setdefault(key, (name, []))[1].append(PartnerRole(role))
    return [Part(key, name, tuple(roles), paid.get(key)) for key, (name, roles) in found.items()]


def _files(session: PortalSession, organisation_id: int) -> tuple[list[Proof], int]:
    """The newest files of the organisation and of what names it, and how many there are."""
    ways: list[ColumnElement[bool]] = [
        and_(col(Attachment.record) == ORGANISATION.name, col(Attachment.record_id) == organisation_id)
    ]
    for record, spec in ORGANISATION.children:
        if session.actor.may("read", record.area):
            ids = select(col(record.model.id)).where(finding.column(record, spec) == organisation_id)
            ways.append(and_(col(Attachment.record) == record.name, col(Attachment.record_id).in_(ids)))
    there = select(Attachment).where(or_(*ways), col(Attachment.deleted_at).is_(None))
    total = session.execute(select(func.count()).select_from(there.subquery())).scalar_one()
    newest = session.execute(there.order_by(col(Attachment.id).desc()).limit(FILES)).scalars() if total else ()
    return [Proof(row.id or 0, row.name, RECORDS[row.record], row.created_at) for row in newest], total
