"""Acceptance reports as they were made: kept with their files, opened by whom they cover, signed once (feature K10).

Codes: already_signed, opinion_missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import RECORDS, RecordType
from models.acceptance import AcceptanceReport, ReportState
from models.base import Record
from services import attachments, clock, db, kpi, store
from services.access import AREAS, Actor
from services.attachments import Accepted, File
from services.db import PortalSession
from services.errors import AlreadyDone, Denied, Invalid, NotFound
from services.hooks import after_write, before_open
from services.store import Query, Row

SHOWN = 50


def record() -> RecordType:
    return RECORDS["acceptance_report"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A report with its files, for whoever may open them; outdated where records behind it were written since."""

    row: Row
    files: Sequence[File]
    is_outdated: bool = False


def keep(actor: Actor, values: Mapping[str, Any], made: Sequence[Accepted], *, token: str | None = None) -> int:
    """Keep a report that was just made, with its files and the stations it is limited to; returns its id.

    A token that was used: the report of that time, since a job whose worker fell silent is done twice.
    """
    actor.need("export", "indicators")
    try:
        return _keep(actor, values, made, token)
    except AlreadyDone:
        return _newest(actor, values)


def _keep(actor: Actor, values: Mapping[str, Any], made: Sequence[Accepted], token: str | None) -> int:
    units = [str(unit) for unit in sorted(actor.units or ())]
    with db.unit(actor, token=token) as session:
        row = AcceptanceReport(**values, made_by=actor.name, units=units)
        session.add(row)
        session.flush()
        for file in made:
            attachments.put(session, record(), row.id or 0, file)
        return row.id or 0


def _newest(actor: Actor, values: Mapping[str, Any]) -> int:
    """The newest report of the edition that this account made."""
    mine = select(col(AcceptanceReport.id)).where(
        col(AcceptanceReport.created_by).is_not_distinct_from(actor.account_id),
        *(col(getattr(AcceptanceReport, name)) == values[name] for name in ("contract_id", "edition", "which")),
    )
    with db.reading(actor) as session:
        return session.execute(mine.order_by(col(AcceptanceReport.id).desc()).limit(1)).scalar_one() or 0


def made_of(actor: Actor, contract_id: int) -> list[Kept]:
    """The newest reports of a contract that this actor may open, each with its files, newest first."""
    query = Query(filters={"contract_id": contract_id}, size=SHOWN, fields=tuple(record().by_name))
    rows = store.rows(actor, record(), query).rows
    keys = [row.id for row in rows]
    with kpi.opened(actor) as session:
        covered = [row for row in store.find_all(session, record(), keys).values() if _covers(actor, row)]
        behind = kpi.frame_of(session, contract_id, clock.today()).records
        open_to = {row.id: db.written_since(session, row.data_version, behind) for row in covered}
    found = attachments.of_many(actor, record(), open_to)
    return [
        Kept(row, [file for file in found if file.of == row.id], open_to[row.id]) for row in rows if row.id in open_to
    ]


def sign(actor: Actor, key: int, opinion: str, *, token: str | None = None) -> None:
    """Sign a report with an opinion; it stays as it is from then on. Raises Invalid, NotFound, Denied."""
    actor.need("approve", "indicators")
    if not opinion.strip():
        raise Invalid({"opinion": "opinion_missing"})
    if len(opinion) > 1000:
        raise Invalid({"opinion": "too_long"})
    with db.unit(actor, token=token) as session:
        row = db.lock(session, AcceptanceReport, key)
        if not _covers(actor, row):
            raise NotFound(record=record().name, id=key)
        if row.state == ReportState.SIGNED:
            raise Invalid({"": "already_signed"})
        row.state, row.opinion = ReportState.SIGNED, opinion.strip()
        row.signed_by, row.signed_account_id, row.signed_at = actor.name, actor.account_id, clock.now()


def _covers(actor: Actor, row: AcceptanceReport) -> bool:
    """A report may be opened by its maker, and by whoever may read all that its lists name."""
    if actor.is_system or (actor.account_id is not None and row.created_by == actor.account_id):
        return True
    units = {int(unit) for unit in row.units}
    within = actor.units is None or bool(units and units <= actor.units)
    return within and all(actor.may("read", area) for area in row.areas if area in AREAS)


@before_open("acceptance_report")
def _only_whom_it_covers(actor: Actor, key: int) -> None:
    with db.reading(actor) as session:
        if not _covers(actor, store.find(session, record(), key)):
            raise NotFound(record=record().name, id=key)


@after_write("acceptance_report")
def _made_and_signed_here_alone(_session: PortalSession, _row: Record) -> None:
    """No form, import or bin touches a report, not even the portal's own."""
    raise Denied


@after_write("contract")
def _reported_contracts_stay(session: PortalSession, row: Any) -> None:
    """A contract on which somebody reported does not go to the bin."""
    reported = select(col(AcceptanceReport.id)).where(col(AcceptanceReport.contract_id) == row.id).limit(1)
    if row.deleted_at is not None and session.execute(reported).first():
        raise Invalid({"": "has_children"}, record=record().name)
