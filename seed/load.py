"""Loads what the portal ships with into its tables: the contract presets (contracts.md) and the reference lists.

Rows are found by their natural keys. What is missing is added and what the portal itself loaded is brought up to date;
what a person has changed or moved to the bin stays as they left it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import and_
from sqlmodel import col, select

from models.assessment import Question
from models.base import Record
from models.certificates import CertificateIssuer
from models.charity import CharityProject
from models.contract import Contract, Indicator, ServiceCategory
from models.deliverables import Deliverable, RequiredDocument
from models.periods import default_end
from models.planning import PublicHoliday
from models.service import ServicePost
from models.system import Option
from models.training import Base, Course
from seed import presets
from services import db
from services.access import SYSTEM, Actor
from services.db import PortalSession

PREFIXES = {Base.EMERGENCY_BASE: "JH", Base.TRAINING_BASE: "SX"}
DAYS_A_MONTH = 30
LISTS = (
    "regions",
    "skills",
    "service_categories",
    "practical_items",
    "question_topics",
    *(f"national_{name}" for name in presets.NATIONAL),
)

T = TypeVar("T", bound=Record)


def begin(code: str, start: date, *, organisation: str = "", demo: bool = False) -> int:
    """What the first set-up loads: the reference lists, a contract for the organisation, and if wished a year of
    invented records; returns the contract's id."""
    load_reference(SYSTEM)
    name_issuer(organisation)
    contract_id = load_preset_contract(SYSTEM, code, start, client=organisation)
    if demo:
        from seed.demo import load as invent

        invent(contract_id)
    return contract_id


def load_preset_contract(
    actor: Actor,
    code: str,
    start: date,
    *,
    end: date | None = None,
    contract_code: str | None = None,
    title: str | None = None,
    client: str = "",
) -> int:
    """Load a preset as the contract that begins on `start`; returns its id. Loading it again changes nothing.

    end: the last day, by default that of the preset's months. Raises Denied, or LookupError for an unknown preset.
    """
    actor.need("write", "contract")
    preset = presets.load_preset(code)
    wished = {"title": title, "client": client, "ends": end}
    with db.unit(actor) as s:
        contract = _contract(s, preset, start, contract_code, {name: value for name, value in wished.items() if value})
        categories = {c.code: _put_category(s, contract, c) for c in preset.categories}
        _put_all(s, Indicator, [
            ({"contract_id": contract.id, "code": one.code}, {"category_id": categories[one.category].id, **_values(one)})
            for one in preset.indicators
        ])  # fmt: skip
        for deliverable in preset.deliverables:
            put_deliverable(s, contract, deliverable)
        for row in presets.load_reference(preset.projects) if preset.projects else ():
            _put(s, CharityProject, {"code": row["code"]}, {"name": row["zh"], "disease": row["disease"].zh})
        return contract.id or 0


def load_reference(actor: Actor) -> None:
    """Load the lists of options, the course types, the question bank and the public holidays; again changes nothing."""
    actor.need("write", "reference")
    with db.unit(actor) as s:
        _put_all(s, Option, [
            ({"list_name": name, "code": row["code"]}, {"zh": row["zh"], "en": row["en"], "position": position})
            for name in LISTS
            for position, row in enumerate(presets.load_reference(name))
        ])  # fmt: skip
        _put_courses(s, _issuers(s)[0])
        _put_all(s, Question, [({"text": one.zh}, _question(one)) for one in presets.load_questions()])
        posts = presets.load_reference("service_posts")
        _put_all(s, ServicePost, [({"code": row["code"]}, _post(row)) for row in posts])
        calendar = presets.load_holidays()
        days = sorted(calendar.off | calendar.work)
        _put_all(s, PublicHoliday, [({"day": day}, _holiday(day in calendar.off)) for day in days])


def _put_courses(s: PortalSession, issuer: CertificateIssuer) -> None:
    rows = presets.load_reference("courses")
    made = _put_all(s, Course, [({"code": row["code"]}, _course(row, issuer)) for row in rows])
    by_code = {course.code: course for course in made}
    renewed = [row for row in rows if row["renewal"]]
    _put_all(s, Course, [({"code": row["code"]}, {"renewed_by_id": by_code[row["renewal"]].id}) for row in renewed])


def _holiday(off: bool) -> dict[str, Any]:
    return {"off": off, "name": "节假日" if off else "调休上班"}


def name_issuer(organisation: str) -> None:
    """The issuers that the portal loaded carry the organisation's name, unless a person has named them."""
    with db.unit(SYSTEM) as s:
        for base, issuer in zip(PREFIXES, _issuers(s), strict=False):
            if organisation and issuer.base == base and issuer.changed_by is None:
                issuer.name = f"{organisation}{base.label.zh}"


def _issuers(s: PortalSession) -> list[CertificateIssuer]:
    """Every issuer there is, by its age; the bases where there is none."""
    found = select(CertificateIssuer).order_by(col(CertificateIssuer.id)).execution_options(with_bin=True)
    if not s.exec(found).first():
        for base, prefix in PREFIXES.items():
            s.add(CertificateIssuer(name=base.label.zh, name_en=base.label.en, prefix=prefix, base=base))
            s.flush()
    return list(s.exec(found))


def _contract(
    s: PortalSession, preset: presets.Preset, start: date, code: str | None, wished: dict[str, Any]
) -> Contract:
    """The contract of this code, or of this preset and first day; a new one where there is none.

    The first contract of a preset is called like it, a later one by its first day as well.
    """
    loaded = (
        col(Contract.code) == code if code else and_(col(Contract.preset) == preset.code, col(Contract.starts) == start)
    )
    if found := s.exec(select(Contract).where(loaded)).first():
        _change(found, wished)
        return found
    taken = s.exec(select(Contract).where(Contract.code == preset.code)).first()
    made = Contract.model_validate(
        {
            "code": code or (f"{preset.code}-{start}" if taken else preset.code),
            "preset": preset.code,
            "title": preset.title.zh,
            "client": preset.client.zh,
            "starts": start,
            "ends": default_end(start, preset.months),
            **wished,
        }
    )
    s.add(made)
    s.flush()
    return made


def _put_category(s: PortalSession, contract: Contract, category: presets.Category) -> ServiceCategory:
    key = {"contract_id": contract.id, "code": category.code}
    return _put(s, ServiceCategory, key, {"zh": category.zh, "en": category.en})


def put_deliverable(s: PortalSession, contract: Contract, deliverable: presets.Deliverable) -> None:
    """The deliverable and its checklist; one of a later contract of the preset carries its first day in its name."""
    key = {"contract_id": contract.id, "code": deliverable.code}
    of_others = select(Deliverable).where(Deliverable.name == deliverable.zh, Deliverable.contract_id != contract.id)
    later = f"（{contract.starts}）" if s.exec(of_others).first() else ""
    row = _put(s, Deliverable, key, {"name": deliverable.zh + later})
    for document in deliverable.documents:
        _put(s, RequiredDocument, {"deliverable_id": row.id, "name": document.zh}, {})


def _values(indicator: presets.Indicator) -> dict[str, Any]:
    return {
        "zh": indicator.zh,
        "en": indicator.en,
        "kind": indicator.kind,
        "target": None if indicator.target is None else Decimal(str(indicator.target)),
        "unit_zh": indicator.unit.zh,
        "unit_en": indicator.unit.en,
        "wording": indicator.wording,
        "rule_zh": indicator.rule.zh,
        "rule_en": indicator.rule.en,
        "measure": indicator.measure,
        "args": indicator.args,
        "counting": indicator.count,
        "per": indicator.per,
        "of_measure": indicator.of or "",
        "of_args": indicator.of_args,
    }


def _course(row: Mapping[str, Any], issuer: CertificateIssuer) -> dict[str, Any]:
    same = (
        "kind", "validity_months", "trainees_per_instructor", "trainees_per_manikin", "practical_items", "quiz_questions",
        "quiz_topics",
    )  # fmt: skip
    paper: presets.Paper | None = row["certificate"]
    issues: dict[str, Any] = {} if paper is None else {
        "certified": True, "credential": paper.zh, "credential_en": paper.en, "credential_kind": paper.kind,
        "until_month_end": paper.month_end, "issuer_id": issuer.id,
    }  # fmt: skip
    window = row["renew_window_days"]
    return {
        **issues,
        "renewal_months": round(window / DAYS_A_MONTH) if window else 0,
        "name": row["zh"],
        "name_en": row["en"],
        "hours": float(row["class_hours"]),
        "passing_score": row["theory_pass"],
        **{name: row[name] for name in same},
    }


def _question(question: presets.Question) -> dict[str, Any]:
    return {
        "kind": question.kind,
        "topic": question.topic,
        "options": "\n".join(question.options),
        "answer": question.answer,
        "explanation": question.why,
        "text_en": question.en,
        "options_en": "\n".join(question.options_en),
        "explanation_en": question.why_en,
    }


def _post(row: Mapping[str, Any]) -> dict[str, Any]:
    same = ("credentials", "either", "needs_insurance")
    told = {"name": row["zh"], "form": row["code"], "content": row["content"].zh, "risk_note": row["risk"].zh}
    return told | {name: row[name] for name in same}


Loaded = tuple[Mapping[str, Any], Mapping[str, Any]]  # the natural key, the other values


def _put(s: PortalSession, model: type[T], key: Mapping[str, Any], values: Mapping[str, Any]) -> T:
    [row] = _put_all(s, model, [(key, values)])
    return row


def _put_all(s: PortalSession, model: type[T], rows: Sequence[Loaded]) -> list[T]:
    """The row of each natural key, added or brought up to date unless a person has changed or binned it."""
    names = list(rows[0][0]) if rows else []
    found = {_key(row, names): row for row in _known(s, model, rows)}
    keys = [tuple(key[name] for name in names) for key, _ in rows]
    new = {
        at: model.model_validate({**key, **values})
        for at, (key, values) in zip(keys, rows, strict=True)
        if at not in found
    }
    s.add_all(new.values())
    s.flush()  # an insert takes None for "not given" and fills in the column's default
    found |= new
    for at, (_, values) in zip(keys, rows, strict=True):
        if found[at].changed_by is None and found[at].deleted_at is None:
            _change(found[at], values)
    return [found[at] for at in keys]


def _known(s: PortalSession, model: type[T], rows: Sequence[Loaded]) -> Sequence[T]:
    """Rows that may have one of the keys, those of the bin first, so that one that is in use has the last word."""
    first = next(iter(rows[0][0])) if rows else "id"
    mine = select(model).where(getattr(model, first).in_({key[first] for key, _ in rows}))
    return s.exec(mine.order_by(col(model.deleted_at).is_(None)).execution_options(with_bin=True)).all()


def _key(row: Record, names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


def _change(row: Record, values: Mapping[str, Any]) -> None:
    for name in (name for name, value in values.items() if getattr(row, name) != value):
        setattr(row, name, values[name])
