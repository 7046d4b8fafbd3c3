"""The counting rule of an indicator, set by an administrator without code: which records, by which day, counted how.

The rule is data (models/general.py); its words in both languages follow from it, so that what is said is what is done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from models import RECORDS, RecordType
from models.base import FILTER, LIST, SEARCH, FieldSpec, Record
from models.contract import Contract, Counting, Indicator, Unit
from models.general import CONDITIONS, NUMBERS, SUFFIX, usable, wrong_arguments
from models.periods import Period
from models.words import L
from services import clock, db, store, values
from services.access import Actor
from services.counting import Task, blank, count
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.figures import Figure
from services.hooks import before_write

INDICATOR = RECORDS["indicator"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is counted: rows of `record` on `day` where each field of `where` holds one of its values.

    counting: every one (n 1, or the number field `n` added up), once each (by `who`), or the newest `n` of each `who`.
    """

    record: str
    day: str
    counting: Counting = Counting.SUM
    where: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    who: str = ""
    n: str = ""

    @property
    def args(self) -> dict[str, Any]:
        """The arguments of the general measure."""
        given = {
            "day": self.day,
            "where": {k: list(v) for k, v in self.where.items() if v},
            "who": self.who,
            "n": self.n,
        }
        return {name: value for name, value in given.items() if value}


def countable() -> list[RecordType]:
    """The record types that an indicator can rest on: those with a menu entry and a day."""
    return [record for record in RECORDS.values() if record.menu and usable(record, "date")]


def conditions(record: RecordType) -> dict[str, tuple[FieldSpec, ...]]:
    """The closed lists and flags by which its rows can be chosen, by path."""
    return usable(record, *(kind for kind in CONDITIONS if kind != "record"))


def once_each(record: RecordType) -> dict[str, tuple[FieldSpec, ...]]:
    """The fields of which each value can count once: who was served, which organisation, which name in the list."""
    found = usable(record, "record", "text").items()
    shown = LIST | SEARCH | FILTER
    return {p: specs for p, specs in found if p != "unit_id" and (specs[-1].kind == "record" or specs[-1].shows(shown))}


def numbers(record: RecordType) -> dict[str, tuple[FieldSpec, ...]]:
    """The numbers of the record itself that can be added up."""
    return {path: specs for path, specs in usable(record, *NUMBERS).items() if len(specs) == 1}


def rule_of(actor: Actor, indicator_id: int) -> Rule | None:
    """The rule of an indicator; None where it has none yet, or one that ships with the portal."""
    actor.need("read", "contract")
    with db.reading(actor) as s:
        kept = store.find(s, INDICATOR, indicator_id)
    if not kept.measure.endswith(SUFFIX):
        return None
    return Rule(kept.measure.removesuffix(SUFFIX), counting=Counting(kept.counting), **kept.args)


def preview(actor: Actor, indicator_id: int, rule: Rule) -> Figure:
    """What the indicator would show today by that rule; nothing is stored. Raises Invalid where it cannot count so."""
    actor.need("write", "contract")
    _refuse_wrong(rule)
    with db.reading(actor) as s:
        kept = store.find(s, INDICATOR, indicator_id)
        contract = s.get(Contract, kept.contract_id)
        if contract is None:
            raise NotFound(record="contract")
        s.expunge(kept)
        kept.measure, kept.args, kept.counting = rule.record + SUFFIX, rule.args, rule.counting
        stations = tuple(
            (key, name) for key, name in s.execute(select(col(Unit.id), col(Unit.name)).order_by(col(Unit.id)))
        )
        task = Task(s, kept, Period(contract.starts, contract.ends), clock.today(), stations)
        return count(blank(task, ""), task)


def define(actor: Actor, indicator_id: int, rule: Rule, words: L | None = None, *, token: str | None = None) -> None:
    """Give the indicator this rule, with its words unless others are given. Raises Invalid, Denied."""
    actor.need("write", "contract")
    _refuse_wrong(rule)
    said = words or describe(rule)
    with db.unit(actor, token=token) as s:
        given = {
            "measure": rule.record + SUFFIX, "counting": rule.counting, "rule_zh": said.zh, "rule_en": said.en
        }  # fmt: skip
        row = store.find(s, INDICATOR, indicator_id)
        row.args = rule.args
        store.write(s, INDICATOR, given, row)


def _refuse_wrong(rule: Rule) -> None:
    record = RECORDS.get(rule.record)
    if record is None or record not in countable():
        raise Invalid({"record": "required"})
    wrong = wrong_arguments(record, rule.args)
    if rule.counting in (Counting.DISTINCT, Counting.LATEST) and not rule.who:
        wrong.add("who")
    if rule.counting == Counting.LATEST and not rule.n:
        wrong.add("n")
    if wrong:
        raise Invalid(dict.fromkeys(sorted(wrong), "required"))


# -- words --------------------------------------------------


def path_label(specs: Sequence[FieldSpec]) -> L:
    """A field with the way to it: 培训班 · 举办日期."""
    return L(" · ".join(spec.label.zh for spec in specs), " · ".join(spec.label.en for spec in specs))


def value_label(spec: FieldSpec, value: Any) -> L:
    """A value of a closed list or a flag as people read it."""
    shown = [value] if spec.kind in ("choices", "options") else value
    return L(values.show(spec, shown, "zh"), values.show(spec, shown, "en"))


def describe(rule: Rule) -> L:
    """The rule in words, in both languages."""
    record = RECORDS[rule.record]
    known = {**usable(record, "date"), **conditions(record), **once_each(record), **numbers(record)}
    day = path_label(known[rule.day])
    zh, en = (
        [f"统计{record.label.zh}", f"按{day.zh}归期"],
        [f"{record.label.en} records", f"placed by: {day.en.lower()}"],
    )
    for path, chosen in rule.where.items():
        if chosen:
            name, labels = path_label(known[path]), [value_label(known[path][-1], value) for value in chosen]
            zh.append(f"{name.zh}为{'、'.join(label.zh for label in labels)}")
            en.append(f"{name.en.lower()}: {', '.join(label.en for label in labels)}")
    how = _how(rule, known)
    return L("；".join([*zh, how.zh]) + "。", "; ".join([*en, how.en]) + ".")


def _how(rule: Rule, known: Mapping[str, Sequence[FieldSpec]]) -> L:
    who = path_label(known[rule.who]) if rule.who else L("", "")
    number = path_label(known[rule.n]) if rule.n else L("", "")
    match rule.counting:
        case Counting.DISTINCT:
            return L(f"按{who.zh}去重，各计一次", f"each {who.en.lower()} counts once")
        case Counting.LATEST:
            return L(
                f"取每个{who.zh}最新一条的{number.zh}相加",
                f"the newest {number.en.lower()} of each {who.en.lower()}, added up",
            )
    if rule.n:
        return L(f"{number.zh}合计", f"{number.en.lower()}, added up")
    return L("每条计一次", "every record counts")


@before_write("indicator")
def refuse_what_cannot_count(_s: PortalSession, given: dict[str, Any], row: Record | None, _today: Any) -> None:
    """A general measure names its arguments; without them, or with wrong ones, the indicator is not saved."""
    measure = given.get("measure") or ""
    record = RECORDS.get(measure.removesuffix(SUFFIX))
    if measure.endswith(SUFFIX) and record is not None:
        args = row.args if isinstance(row, Indicator) else {}
        if wrong_arguments(record, args):
            raise Invalid({"measure": "rule_first"})
