"""What the contract wants built: checklists of documents, their versions, and acceptance (05.1, 06.1, 06.2, 08.1)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from models import RECORDS, RecordType
from models.base import Record
from models.deliverables import Deliverable, DeliverableState, PolicyDocument, PolicyState, RequiredDocument
from models.system import Attachment
from services import attachments, clock, db, locked, steps, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import Hook, after_write, before_write
from services.steps import Step

DELIVERABLE, SITE, REQUIRED, POLICY = (
    RECORDS[name] for name in ("deliverable", "demonstration_site", "required_document", "policy_document")
)
PARENT = {DELIVERABLE.name: "deliverable_id", SITE.name: "site_id"}
OPEN, SUBMITTED, ACCEPTED = DeliverableState
ACCEPTANCE = ("accepted_on", "accepted_by")
STEPS: dict[str, Step] = {
    "submit": Step((OPEN,), SUBMITTED),
    "accept": Step((OPEN, SUBMITTED), ACCEPTED, ACCEPTANCE, ACCEPTANCE, "approve"),
    "reopen": Step((SUBMITTED, ACCEPTED), OPEN, ACCEPTANCE, verb="approve"),
}

# -- the checklist --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a document, and its newest file where it has one."""

    id: int
    title: str
    name: str
    state: PolicyState
    published_on: date | None
    file: int | None
    file_name: str


@dataclass(frozen=True, slots=True)
class Item:
    """A document that is required: the version in force, and the others, the newest first."""

    id: int
    name: str
    current: Version | None
    others: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Checklist:
    """The documents of a deliverable or a site in the order in which they were asked for."""

    items: tuple[Item, ...]

    @property
    def done(self) -> int:
        return sum(item.current is not None for item in self.items)

    @property
    def missing(self) -> int:
        return len(self.items) - self.done


def checklist(actor: Actor, record: RecordType, key: int) -> Checklist:
    """The checklist of a deliverable or a site; three statements. Raises NotFound."""
    actor.need("read", POLICY.area)
    store.get(actor, record, key)
    with db.reading(actor) as session:
        required = _required(session, record, key)
        versions = _versions(session, [row.id or 0 for row in required])
    return Checklist(tuple(_item(row, versions.get(row.id or 0, [])) for row in required))


def of_code(actor: Actor, code: str) -> tuple[int, Checklist] | None:
    """The newest deliverable of this code with its checklist; None where the contract wants no such thing."""
    actor.need("read", DELIVERABLE.area)
    wanted = select(col(Deliverable.id)).where(col(Deliverable.code) == code).order_by(col(Deliverable.id).desc())
    with db.reading(actor) as session:
        key = session.execute(wanted.limit(1)).scalar()
    return (key, checklist(actor, DELIVERABLE, key)) if key else None


def _required(session: PortalSession, record: RecordType, key: int) -> Sequence[RequiredDocument]:
    of_parent = getattr(RequiredDocument, PARENT[record.name]) == key
    wanted = select(RequiredDocument).where(of_parent).order_by(col(RequiredDocument.id))
    return session.execute(wanted).scalars().all()


def _versions(session: PortalSession, required: Sequence[int]) -> dict[int, list[Version]]:
    """{required document: its versions, the newest first}"""
    wanted = select(PolicyDocument).where(col(PolicyDocument.required_id).in_(required))
    rows = session.execute(wanted.order_by(col(PolicyDocument.id).desc())).scalars().all()
    of_rows = col(Attachment.record_id).in_([row.id for row in rows])
    kept = select(Attachment).where(col(Attachment.record) == POLICY.name, of_rows)
    newest = session.execute(kept.where(col(Attachment.deleted_at).is_(None)).order_by(col(Attachment.id))).scalars()
    files = {file.record_id: file for file in newest}
    found: dict[int, list[Version]] = {}
    for row in sorted(rows, key=lambda row: row.published_on or date.min, reverse=True):
        found.setdefault(row.required_id or 0, []).append(_version(row, files.get(row.id or 0)))
    return found


def _version(row: PolicyDocument, file: Attachment | None) -> Version:
    state, key = PolicyState(row.state), row.id or 0
    name = file.name if file else ""
    return Version(key, row.title, row.version_name, state, row.published_on, file.id if file else None, name)


def _item(row: RequiredDocument, versions: list[Version]) -> Item:
    current = next((one for one in versions if one.state == PolicyState.PUBLISHED), None)
    return Item(row.id or 0, row.name, current, tuple(one for one in versions if one is not current))


def adopt(actor: Actor, site_id: int, code: str, *, token: str | None = None) -> int:
    """Ask of a site without a checklist for what the newest deliverable of this code asks for; returns how many."""
    actor.need("write", REQUIRED.area)
    found = of_code(actor, code)
    with db.unit(actor, token=token) as session:
        store.find(session, SITE, site_id)
        names = [item.name for item in found[1].items] if found and not _required(session, SITE, site_id) else []
        for name in names:
            store.write(session, REQUIRED, {"site_id": site_id, "name": name})
        return len(names)


# -- documents --------------------------------------------------


def publish(
    actor: Actor,
    required_id: int,
    name: str,
    data: bytes,
    *,
    version_name: str = "",
    published_on: date | None = None,
    token: str | None = None,
    today: date | None = None,
) -> int:
    """A new version of a required document with its file, published in one act; returns the document's id.

    Without a version name the draft is published, or a version of the next whole number made. The version before it is
    retired. Raises Invalid for a file of no
    accepted kind, a day in the future, a version that there is already.
    """
    actor.need("write", POLICY.area)
    today, file = today or clock.today(), attachments.accept(name, data)
    with db.unit(actor, token=token) as session:
        required = store.find(session, REQUIRED, required_id)
        db.alone(session, f"{POLICY.name}.{required_id}")
        versions = _versions(session, [required_id]).get(required_id, [])
        draft = next((one for one in versions if one.state == PolicyState.DRAFT), None)
        name_given = version_name.strip() or (draft.name if draft else _next(versions))
        row = db.lock(session, PolicyDocument, draft.id) if draft and draft.name == name_given else None
        title = versions[0].title if versions else _title(session, required)
        values = {"required_id": required_id, "version_name": name_given, "published_on": published_on or today}
        values |= {"title": row.title if row else title, "state": PolicyState.PUBLISHED}
        made = store.write(session, POLICY, values, row, today)
        attachments.put(session, POLICY, made.id, file)
        return int(made.id)


def _title(session: PortalSession, required: RequiredDocument) -> str:
    """The name of what is required; with that of its parent where documents of another have that title."""
    taken = select(col(PolicyDocument.id)).where(col(PolicyDocument.title) == required.name).limit(1)
    if session.execute(taken, execution_options={"with_bin": True}).first() is None:
        return required.name
    parent, key = (SITE, required.site_id) if required.site_id else (DELIVERABLE, required.deliverable_id)
    return f"{required.name[:70]}（{store.find(session, parent, key or 0).name[:45]}）"


def _next(versions: list[Version]) -> str:
    whole = [int(one.name.split(".")[0]) for one in versions if one.name.split(".")[0].isdecimal()]
    return f"{max(whole, default=0) + 1}.0"


def retire(actor: Actor, document_id: int, reason: str, *, today: date | None = None) -> None:
    """Take a document out of force, for a reason; what it fulfilled is open again. Raises Invalid without a reason."""
    actor.need("write", POLICY.area)
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    with db.unit(actor, reason=reason.strip()) as session:
        row = db.lock(session, PolicyDocument, document_id)
        store.write(session, POLICY, {"state": PolicyState.RETIRED}, row, today or clock.today())


@before_write("policy_document")
def _retire_at_once(session: PortalSession, values: dict[str, Any], row: Record | None, _today: date) -> None:
    """What is published while a newer version of the document is in force, goes by as retired."""
    if values["state"] != PolicyState.PUBLISHED:
        return
    place, others = (values["published_on"], row.id if row else math.inf), _in_force(session, values["title"])
    if any((other.published_on, other.id) > place for other in others if other is not row):
        values["state"] = PolicyState.RETIRED


@after_write("policy_document")
def _retire_older(session: PortalSession, row: Record) -> None:
    """Of the versions of a document the newest that is published is in force, the others retire."""
    if not isinstance(row, PolicyDocument) or row.state != PolicyState.PUBLISHED or row.deleted_at is not None:
        return
    for older in _in_force(session, row.title)[:-1]:
        store.write(session, POLICY, {"state": PolicyState.RETIRED}, older, clock.today())


# -- what was accepted in a closed month --------------------------------------------------


@before_write("required_document")
def _leaves_no_closed_checklist(session: PortalSession, _values: dict[str, Any], row: Record | None, _: date) -> None:
    if isinstance(row, RequiredDocument):
        _guard(session, row)


@after_write("required_document")
def _joins_no_closed_checklist(session: PortalSession, row: Record) -> None:
    if isinstance(row, RequiredDocument):
        _guard(session, row)


@before_write("policy_document")
def _stays_in_force(session: PortalSession, values: dict[str, Any], row: Record | None, _today: date) -> None:
    """The only version that is published stays so; where another is, it may retire."""
    if isinstance(row, PolicyDocument) and (values["state"], values["required_id"]) != (row.state, row.required_id):
        _guard_unless_fulfilled(session, row)


@after_write("policy_document")
def _is_not_binned(session: PortalSession, row: Record) -> None:
    if isinstance(row, PolicyDocument) and row.deleted_at:
        _guard_unless_fulfilled(session, row)


def _guard_unless_fulfilled(session: PortalSession, row: PolicyDocument) -> None:
    if row.state != PolicyState.PUBLISHED or row.required_id is None:
        return
    versions = _versions(session, [row.required_id]).get(row.required_id, [])
    if not any(one.state == PolicyState.PUBLISHED and one.id != row.id for one in versions):
        _guard(session, store.find(session, REQUIRED, row.required_id))


def _guard(session: PortalSession, required: RequiredDocument) -> None:
    """The checklist is a part of what it belongs to. Raises Invalid (month_closed)."""
    parent, key = (SITE, required.site_id) if required.site_id else (DELIVERABLE, required.deliverable_id)
    locked.guard_part(session, parent, key or 0)


def _in_force(session: PortalSession, title: str) -> Sequence[PolicyDocument]:
    """The published versions of a document - what has this title - the newest last; nobody publishes another meanwhile."""
    db.alone(session, f"{POLICY.name}.{title}")
    same = select(PolicyDocument).where(
        col(PolicyDocument.title) == title, col(PolicyDocument.state) == PolicyState.PUBLISHED
    )
    return session.execute(same.order_by(col(PolicyDocument.published_on), col(PolicyDocument.id))).scalars().all()


# -- acceptance --------------------------------------------------


def accept(
    actor: Actor,
    record: RecordType,
    key: int,
    given: Mapping[str, Any],
    *,
    version: int | None = None,
    token: str | None = None,
    today: date | None = None,
) -> None:
    """Accept a deliverable or a site: given holds accepted_on and accepted_by.

    Raises Invalid({"": "documents_missing"}) while a required document is not published, and what a step raises.
    """
    step = STEPS["accept"]
    actor.need(step.verb, record.area)
    with db.unit(actor, token=token) as session:
        row = steps.hold(session, record, step, key, version)
        required = _required(session, record, key)
        versions = _versions(session, [one.id or 0 for one in required])
        lacking = [one for one in required if _item(one, versions.get(one.id or 0, [])).current is None]
        if lacking or (record is DELIVERABLE and not required):
            raise Invalid({"": "documents_missing"})
        steps.move(session, record, step, row, given, today or clock.today())


def reopen(actor: Actor, record: RecordType, key: int, reason: str, *, version: int | None = None) -> None:
    """Take back an acceptance, or what was submitted for it, for a reason."""
    actor.need("approve", record.area)
    if not reason.strip():
        raise Invalid({"reason": "reason_missing"})
    cleared = {"accepted_on": None, "accepted_by": ""}
    steps.take(actor, record, STEPS["reopen"], key, cleared, version=version, reason=reason.strip())


def _only_by_who_may(record: RecordType) -> Hook:
    """That something was accepted, when and by whom, is written, changed and taken back only by who may accept it."""

    def hook(session: PortalSession, values: dict[str, Any], row: Record | None, _today: date) -> None:
        states = {values["state"], getattr(row, "state", None)}
        if ACCEPTED not in states or session.info.get("stepping") or session.actor.may("approve", record.area):
            return
        if row is None or any(values[name] != getattr(row, name) for name in ("state", *ACCEPTANCE)):
            raise Invalid({"state": "only_by_steps"})

    return hook


for _record in (DELIVERABLE, SITE):
    before_write(_record.name)(_only_by_who_may(_record))
