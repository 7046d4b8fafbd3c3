"""A contract's table of indicators out of a sheet: 序号 · 服务类别 · 指标明细 · 量化指标 (contracts.md, "Loading another contract").

An indicator that one of the shipped contracts has under the same name brings its counting rule along; any other waits
for its rule, which an administrator sets in the browser (services/rules.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from models.contract import Contract, Counting, Indicator, Per, ServiceCategory, TargetKind
from models.periods import default_end
from seed import presets
from seed.load import put_deliverable
from seed.target_words import Target, read_target
from services import db, sheets
from services.access import Actor
from services.errors import Invalid

HEADINGS = {"number": "序号", "category": "服务类别", "name": "指标明细", "wording": "量化指标"}
PLAIN = re.compile(r"[\s“”\"'（）()，,、·.-]")
COUNTLESS = (TargetKind.SEVERAL, TargetKind.ONGOING)


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator as it was read, or as a person corrected it; kind None: not to be read, a person says what it is."""

    category_code: str
    category: str
    code: str
    name: str
    wording: str
    kind: TargetKind | None
    number: Decimal | None
    unit: str
    per: Per | None
    sure: bool

    @property
    def known(self) -> presets.Indicator | None:
        """The shipped indicator of the same name, whose counting rule fits this one's kind."""
        found = _shipped().get((_plain(self.name), self.unit)) or _shipped().get((_plain(self.name), ""))
        return found if found and found.kind == self.kind else None


def read(path: Path) -> list[Line]:
    """The indicators of a sheet, in its order. Raises Invalid({"file": code}), SheetError where it is no sheet."""
    sheet = sheets.read_sheet(path)
    missing = [heading for heading in HEADINGS.values() if heading not in sheet.header and heading != "序号"]
    if missing:
        raise Invalid({"file": "missing_column"}, columns=missing)
    at = {field: sheet.header.index(heading) for field, heading in HEADINGS.items() if heading in sheet.header}
    return list(_lines([{field: row[index].strip() for field, index in at.items()} for row in sheet.rows]))


def _lines(rows: Sequence[dict[str, str]]) -> Iterable[Line]:
    """A category stands in its first row only, and a cell may promise two things."""
    order: dict[str, str] = {}
    category, counted = "", dict[str, int]()
    for row in rows:
        category = row["category"] or category
        if not row["name"] and not row["wording"]:
            continue
        code = order.setdefault(category, f"{len(order) + 1:02d}")
        for target in read_target(row["wording"]):
            counted[code] = counted.get(code, 0) + 1
            yield _line(code, category, f"{code}.{counted[code]}", row, target)


def _line(category_code: str, category: str, code: str, row: dict[str, str], target: Target) -> Line:
    line = Line(
        category_code, category, code, row["name"], row["wording"], target.kind, target.number, target.unit, target.per,
        target.sure,
    )  # fmt: skip
    if target.sure:
        return line
    delivered = replace(line, kind=TargetKind.DELIVER)
    return delivered if delivered.known else line


@cache
def _shipped() -> dict[tuple[str, str], presets.Indicator]:
    every = [indicator for code in presets.preset_codes() for indicator in presets.load_preset(code).indicators]
    return {(_plain(one.zh), unit): one for one in every for unit in (one.unit.zh, "")}


def _plain(name: str) -> str:
    return PLAIN.sub("", re.sub(r"（.*?）|\(.*?\)", "", name))


def load(actor: Actor, *, title: str, code: str, starts: date, ends: date | None, lines: Sequence[Line]) -> int:
    """A new contract with these indicators and the deliverables they look for, all or nothing; returns its id.

    Raises Denied, or Invalid by field: also `lines`, where one still has to be read by a person.
    """
    actor.need("write", "contract")
    last = ends or default_end(starts)
    wrong = _wrong(title, code, lines) | ({"ends": "ends_before_start"} if last < starts else {})
    if wrong:
        raise Invalid(wrong)
    with db.unit(actor) as s:
        values = {"code": code.strip(), "title": title.strip(), "starts": starts, "ends": last}
        contract = Contract.model_validate(values)
        s.add(contract)
        s.flush()
        categories = {
            line.category_code: ServiceCategory(
                contract_id=contract.id or 0, code=line.category_code, zh=line.category[:120], en=line.category[:120]
            )
            for line in lines
        }
        s.add_all(categories.values())
        s.flush()
        for line in lines:
            category = categories[line.category_code]
            s.add(Indicator.model_validate(_values(line, contract.id or 0, category.id or 0)))
        for deliverable in _wanted(lines):
            put_deliverable(s, contract, deliverable)
        return contract.id or 0


def _wanted(lines: Sequence[Line]) -> list[presets.Deliverable]:
    """The shipped deliverables that the indicators find by code."""
    codes = {line.known.args.get("code") for line in lines if line.known}
    every = (deliverable for code in presets.preset_codes() for deliverable in presets.load_preset(code).deliverables)
    return [deliverable for deliverable in every if deliverable.code in codes]


def _wrong(title: str, code: str, lines: Sequence[Line]) -> dict[str, str]:
    found = {name: "required" for name, value in (("title", title), ("code", code)) if not value.strip()}
    if not lines:
        found["lines"] = "no_indicators"
    elif any(line.kind is None or (line.kind not in COUNTLESS and not line.number) for line in lines):
        found["lines"] = "target_unread"
    elif len({line.code for line in lines}) < len(lines):
        found["lines"] = "taken"
    return found


def _values(line: Line, contract_id: int, category_id: int) -> dict[str, Any]:
    known = line.known
    wanted = Target(line.kind, line.number, line.unit, line.per)
    values: dict[str, Any] = {
        "contract_id": contract_id, "category_id": category_id, "code": line.code, "zh": line.name[:160],
        "en": known.en if known else line.name[:200], "kind": line.kind, "per": line.per, "unit_zh": line.unit,
        "target": None if line.kind in COUNTLESS else line.number, "wording": line.wording[:200],
        "unit_en": known.unit.en if known else line.unit, "counting": wanted.counting,
    }  # fmt: skip
    if known:
        values |= {
            "measure": known.measure, "args": known.args, "counting": Counting(known.count), "rule_zh": known.rule.zh,
            "rule_en": known.rule.en, "of_measure": known.of or "", "of_args": known.of_args,
        }  # fmt: skip
        values |= {"unit_zh": line.unit or known.unit.zh, "per": line.per or known.per}
    return values
