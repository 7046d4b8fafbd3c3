"""The rules of partners that span records: similar names, stages with their history, next steps, agreements that end
(features P1-P4; source 000 §三.1, .4 and .7)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlmodel import col

from models import RECORDS
from models.base import Record
from models.partners import Agreement, AgreementState, Interaction, Organisation, Stage, StageChange
from models.periods import add_months, default_end
from models.waiting import REMIND, agreements_ending
from services import clock, db, finding, search, store
from services.access import Actor
from services.db import PortalSession
from services.errors import Conflict, Invalid
from services.hooks import before_write
from services.store import Query, Row

ORGANISATION, AGREEMENT, INTERACTION, CONTACT, STAGE_CHANGE = (
    RECORDS[name] for name in ("organisation", "agreement", "interaction", "contact", "stage_change")
)
ORDER = tuple(Stage)
SIGNED, TERMINATED = AgreementState.SIGNED, AgreementState.TERMINATED
IN_TOUCH = (Stage.SIGNED, Stage.ACTIVE)
SIZE = 200

# -- similar names --------------------------------------------------

ALIKE = 0.75
CANDIDATES = 50
EVERYDAY = re.compile(
    r"有限责任公司|股份有限公司|有限公司|公司|集团|特别行政区|自治区|省|市|区|县|镇|街道|居民委员会|居委会|委员会|公益|慈善"
    r"|[()（）〔〕\[\]·\s]"
)


@dataclass(frozen=True, slots=True)
class Similar:
    """An organisation whose name resembles the one asked for."""

    id: int
    name: str
    stage: Stage


def similar(actor: Actor, name: str, *, but: int = 0) -> list[Similar]:
    """Organisations of a similar name, the most similar first, the one whose id is `but` aside; a warning only."""
    actor.need("read", "partners")
    parts = core(name)
    if not parts:
        return []
    with db.reading(actor) as session:
        likely = _candidates(session, " ".join(parts)) | _candidates(session, max(parts, key=len)[:2])
    rated = [(resemblance(name, one.name), one) for key, one in likely.items() if key != but]
    return [one for rate, one in sorted(rated, key=lambda pair: (-pair[0], pair[1].id)) if rate >= ALIKE]


def core(name: str) -> list[str]:
    """What tells a name from others: its parts without legal forms and words of administration."""
    parts = [part for part in EVERYDAY.split(search.plain(name)) if part]
    return parts or [part for part in [search.plain(name).strip()] if part]


def resemblance(one: str, other: str) -> float:
    """0 to 1; 1 where the one's core holds the other's."""
    first, second = "".join(core(one)), "".join(core(other))
    shorter, longer = sorted((first, second), key=len)
    return 1.0 if len(shorter) > 1 and shorter in longer else SequenceMatcher(None, first, second).ratio()


def _candidates(session: PortalSession, question: str) -> dict[int, Similar]:
    match = search.condition(session.get_bind().dialect.name, "organisation", question)
    if match is None:
        return {}
    statement = select(Organisation.id, Organisation.name, Organisation.stage).where(match).limit(CANDIDATES)  # type: ignore[call-overload]
    return {key: Similar(key, name, Stage(stage)) for key, name, stage in session.execute(statement)}


# -- stages --------------------------------------------------


def move_stage(actor: Actor, organisation_id: int, stage: Stage, reason: str = "", today: date | None = None) -> None:
    """Lead the organisation to a stage; a step back needs a reason (Invalid), the stage it has is no step at all."""
    actor.need("write", "partners")
    reason = reason.strip()
    with db.unit(actor, reason=reason) as session:
        organisation = db.lock(session, Organisation, organisation_id)
        if organisation.stage == stage:
            return
        if ORDER.index(stage) < ORDER.index(Stage(organisation.stage)) and not reason:
            raise Invalid({"reason": "required"})
        _enter_stage(session, organisation, stage, reason, today or clock.today())


def _enter_stage(session: PortalSession, organisation: Organisation, stage: Stage, reason: str, day: date) -> None:
    before, organisation.stage = Stage(organisation.stage), stage
    session.add(
        StageChange(
            organisation_id=organisation.id or 0, unit_id=organisation.unit_id, before=before, after=stage,
            changed_on=day, reason=reason,
        )
    )  # fmt: skip


@before_write("agreement")
def sign(session: PortalSession, values: dict[str, Any], _row: Record | None, today: date) -> None:
    """A signed agreement leads its organisation to the stage 签约, where it was before that."""
    if values.get("state") != SIGNED:
        return
    wanted = select(Organisation).where(col(Organisation.id) == values["organisation_id"]).with_for_update()
    organisation = session.execute(wanted).scalar_one_or_none()
    if organisation and ORDER.index(Stage(organisation.stage)) < ORDER.index(Stage.SIGNED):
        reason = f"签署协议 Agreement signed: {values.get('number') or values['starts']}"
        _enter_stage(session, organisation, Stage.SIGNED, reason, min(values["signed_on"], today))


@before_write("agreement")
def terminate(_session: PortalSession, values: dict[str, Any], row: Record | None, today: date) -> None:
    """A signed agreement that is terminated without a day was in force through today, or through its last day."""
    if not isinstance(row, Agreement) or (row.state, values["state"]) != (SIGNED, TERMINATED):
        return
    if values["terminated_on"] is None and values["starts"] <= today:
        values["terminated_on"] = min(today, values["ends"])


# -- next steps --------------------------------------------------


@dataclass(frozen=True, slots=True)
class NextStep:
    """What was agreed to do next, with whom and by when; `overdue` in days, negative while there is time."""

    interaction_id: int
    organisation_id: int
    organisation: str
    owner: str
    step: str
    due: date
    overdue: int


def steps_query(today: date, days: int = 14) -> Select[Any]:
    """The open steps of `next_steps`, the most overdue first."""
    return (
        select(*_STEP)
        .join(Organisation, col(Organisation.id) == col(Interaction.organisation_id))
        .where(~col(Interaction.done), col(Interaction.next_on) <= today + timedelta(days=days))
        .order_by(col(Interaction.next_on), col(Interaction.id))
    )


_STEP: tuple[Any, ...] = (
    Interaction.id,
    Interaction.organisation_id,
    Organisation.name,
    Organisation.owner,
    Interaction.next_step,
    Interaction.next_on,
)


def next_steps(
    actor: Actor, today: date | None = None, *, owner: str | None = None, days: int = 14, size: int = SIZE
) -> list[NextStep]:
    """Overdue steps and those of the coming `days` days, of every owner or of one, the most overdue first."""
    actor.need("read", "partners")
    today = today or clock.today()
    wanted = steps_query(today, days).limit(size)
    if owner is not None:
        wanted = wanted.where(col(Organisation.owner) == owner)
    with db.reading(actor) as session:
        return [step_of(row, today) for row in session.execute(wanted)]


def step_of(row: Any, today: date) -> NextStep:
    return NextStep(*(*row, (today - row[-1]).days))


def finish_step(
    actor: Actor,
    interaction_id: int,
    result: str,
    next_step: str = "",
    next_on: date | None = None,
    *,
    today: date | None = None,
    token: str | None = None,
) -> int | None:
    """Close a step with its result; a following step becomes a new interaction, whose id is returned.

    Raises Invalid without a result or with half a following step, Conflict where the step was closed already.
    """
    actor.need("write", "partners")
    today, result = today or clock.today(), result.strip()
    if not result:
        raise Invalid({"result": "required"})
    with db.unit(actor, token=token) as session:
        row = db.lock(session, Interaction, interaction_id)
        if row.done or not row.next_step:
            raise Conflict({"result": result}, {"result": row.result, "next_step": row.next_step})
        store.write(session, INTERACTION, {"done": True, "result": result}, row, today)
        if not next_step.strip() and next_on is None:
            return None
        following = {"organisation_id": row.organisation_id, "contact_id": row.contact_id, "kind": row.kind}
        following |= {"happened_on": today, "summary": result, "next_step": next_step.strip(), "next_on": next_on}
        return int(store.write(session, INTERACTION, following, None, today).id)


# -- agreements --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ending:
    """A signed agreement that ends soon and has no successor; band is 30 or 60 days."""

    id: int
    organisation_id: int
    organisation: str
    owner: str
    number: str
    ends: date
    days_left: int

    @property
    def band(self) -> int:
        return 30 if self.days_left <= 30 else 60


def ending_query(today: date, days: int = REMIND) -> Select[Any]:
    """The agreements of `expiring_agreements`, the first to end first."""
    return (
        select(*_ENDING)
        .join(Organisation, col(Organisation.id) == col(Agreement.organisation_id))
        .where(agreements_ending(finding.moment(today), days))
        .order_by(col(Agreement.ends), col(Agreement.id))
    )


_ENDING: tuple[Any, ...] = (
    Agreement.id,
    Agreement.organisation_id,
    Organisation.name,
    Organisation.owner,
    Agreement.number,
    Agreement.ends,
)


def expiring_agreements(
    actor: Actor, today: date | None = None, days: int = REMIND, *, size: int = SIZE
) -> list[Ending]:
    """Signed agreements that end within `days` days, today included, and are not renewed yet."""
    actor.need("read", "partners")
    today = today or clock.today()
    with db.reading(actor) as session:
        return [ending_of(row, today) for row in session.execute(ending_query(today, days).limit(size))]


def ending_of(row: Any, today: date) -> Ending:
    return Ending(*(*row[:4], row[4] or "", row[5], (row[5] - today).days))


def draft_renewal(actor: Actor, agreement_id: int) -> dict[str, Any]:
    """Form values of the agreement that follows: from the day after the end, for as long again, to be signed."""
    actor.need("write", "partners")
    old = store.get(actor, AGREEMENT, agreement_id).values
    starts = old["ends"] + timedelta(days=1)
    same = {name: old[name] for name in ("organisation_id", "kind", "amount", "scope", "unit_id")}
    more = {"starts": starts, "ends": _as_long(old["starts"], starts), "state": AgreementState.DRAFT}
    return same | more | {"renewal_of_id": agreement_id}


def _as_long(first: date, starts: date) -> date:
    """The last day of a term that begins on `starts` and lasts as long as from `first` to the day before it."""
    months = (starts.year - first.year) * 12 + starts.month - first.month
    if months > 0 and add_months(first, months) == starts:
        return default_end(starts, months)
    return starts + (starts - first) - timedelta(days=1)


# -- who was not spoken to --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Silent:
    """A partner not spoken to for long; last_on and days are None where nothing was ever noted."""

    id: int
    name: str
    owner: str
    last_on: date | None
    days: int | None


def silent(actor: Actor, today: date | None = None, days: int = 90, *, size: int = SIZE) -> list[Silent]:
    """Signed and active partners without an interaction in the last `days` days, the longest silent first."""
    actor.need("read", "partners")
    today = today or clock.today()
    last = func.max(Interaction.happened_on)
    wanted = (
        select(Organisation.id, Organisation.name, Organisation.owner, last)  # type: ignore[call-overload]
        .outerjoin(Interaction, col(Interaction.organisation_id) == col(Organisation.id))
        .where(col(Organisation.stage).in_(IN_TOUCH))
        .group_by(col(Organisation.id), col(Organisation.name), col(Organisation.owner))
        .having(or_(last.is_(None), last < today - timedelta(days=days)))
        .order_by(func.coalesce(last, date.min), col(Organisation.id))
        .limit(size)
    )
    with db.reading(actor) as session:
        return [Silent(*(*row, (today - row[3]).days if row[3] else None)) for row in session.execute(wanted)]


# -- one page that shows an organisation whole --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything of one organisation; days_left is {agreement id: days} of the agreements in force."""

    organisation: Row
    agreements: list[Row]
    days_left: dict[int, int]
    next_step: NextStep | None
    log: list[Row]
    contacts: list[Row]
    stages: list[Row]


def whole(actor: Actor, organisation_id: int, today: date | None = None) -> Whole:
    """One organisation whole, but for what was done together (services/together.py). Raises NotFound."""
    today = today or clock.today()
    organisation = store.get(actor, ORGANISATION, organisation_id)
    papers = _of(actor, AGREEMENT, organisation_id, "-ends", _PAPER)
    return Whole(
        organisation=organisation,
        agreements=papers,
        days_left={paper.id: (paper.values["ends"] - today).days for paper in papers if _in_force(paper, today)},
        next_step=_first_step(actor, organisation_id, today),
        log=_of(actor, INTERACTION, organisation_id, "-happened_on", _LOG),
        contacts=_of(actor, CONTACT, organisation_id, "-is_primary"),
        stages=_of(actor, STAGE_CHANGE, organisation_id, "-id"),
    )


_PAPER = ("number", "kind", "signed_on", "starts", "ends", "terminated_on", "amount", "scope", "state")
_LOG = ("contact_id", "kind", "happened_on", "summary", "next_step", "next_on", "done", "result")


def _of(actor: Actor, record: Any, organisation_id: int, sort: str, fields: Sequence[str] = ()) -> list[Row]:
    asked = Query(filters={"organisation_id": organisation_id}, sort=sort, fields=fields)
    return store.rows(actor, record, asked).rows


def _in_force(paper: Row, today: date) -> bool:
    return bool(paper.values["state"] == SIGNED and paper.values["starts"] <= today <= paper.values["ends"])


def _first_step(actor: Actor, organisation_id: int, today: date) -> NextStep | None:
    with db.reading(actor) as session:
        wanted = steps_query(today, days=36500).where(col(Interaction.organisation_id) == organisation_id).limit(1)
        row = session.execute(wanted).first()
        return step_of(row, today) if row else None
