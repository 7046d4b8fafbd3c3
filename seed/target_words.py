"""Reads the 量化指标 of a contract's table: what is promised, how much, in which unit (contracts.md, "Loading another contract").

What cannot be read is said so, for a person to fill in; nothing is guessed in silence.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from models.contract import Counting, Per, TargetKind

PEOPLE = ("人", "名")
DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
STEPS = {"十": 10, "百": 100, "千": 1000}
NUMBER = r"[\d,]+(?:\.\d+)?|[零〇一二两三四五六七八九十百千]+"
AMOUNT = re.compile(
    rf"(?P<least>不少于|不低于|不小于|至少|最少|≥|>=|达到|完成|建成|目标)*\s*(?P<number>{NUMBER})\s*(?P<times>万|亿)?\s*"
    r"(?P<unit>人次|人|名|个|例|次|场|件|项|篇|家|套|支|份|户|条|批|期|%|％)(?P<rest>以上)?"
)
EACH = re.compile(r"(?:每个?(?P<what>站点?|乡镇|社工站|名?(?:驻站)?社工|人))")
ONGOING, SEVERAL = re.compile("恒常|持续开展|常态化"), re.compile("若干")
BUILT = re.compile(r"建成|完善|搭建")
BUILT_UNITS = ("套",)
COUNTED_AFTER = 3


@dataclass(frozen=True, slots=True)
class Target:
    """One promise as it was read: `sure` is False where a person has to confirm the kind.

    number is in `unit` (of a ratio in percent) and None where the kind has none; rest is what the text names beside it.
    """

    kind: TargetKind | None
    number: Decimal | None = None
    unit: str = ""
    per: Per | None = None
    sure: bool = True
    rest: str = ""

    @property
    def counting(self) -> Counting:
        """How such a number is counted: people once each, deliverables as such, everything else every time."""
        if self.kind == TargetKind.DELIVER:
            return Counting.DELIVERABLE
        return Counting.DISTINCT if self.unit in PEOPLE else Counting.SUM


def read_target(text: str) -> list[Target]:
    """The promises in a cell of 量化指标, in their order; a text that says nothing readable gives one without a kind."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if ONGOING.search(plain):
        return [Target(TargetKind.ONGOING)]
    if SEVERAL.search(plain):
        return [Target(TargetKind.SEVERAL)]
    found = [_read(plain, match) for match in AMOUNT.finditer(plain)]
    return found or [Target(None, sure=False)]


def _read(text: str, match: re.Match[str]) -> Target:
    number, unit = _number(match["number"], match["times"]), match["unit"]
    before = text[: match.start()]
    said = text[max(0, match.start() - COUNTED_AFTER) : match.end()]
    rest = re.split(r"[，,；;。]", text[match.end() :])[0].strip()
    each = EACH.search(before) if not re.search(r"[，,；;。]", before) else None
    if unit in "%％":
        return Target(TargetKind.RATIO, number, "%", rest=rest)
    if each:
        worker = "社工" in each["what"].replace("社工站", "") or each["what"] == "人"
        return Target(TargetKind.PER_UNIT, number, unit, Per.WORKER if worker else Per.UNIT, rest=rest)
    if (match["least"] and not BUILT.search(match["least"])) or match["rest"]:
        return Target(TargetKind.AT_LEAST, number, unit, rest=rest)
    if BUILT.search(said):
        return Target(TargetKind.DELIVER, number, unit, rest=rest)
    if unit in BUILT_UNITS:
        return Target(TargetKind.DELIVER, number, unit, sure=False, rest=rest)
    return Target(TargetKind.AT_LEAST, number, unit, sure=unit != "个", rest=rest)


def _number(text: str, times: str | None) -> Decimal:
    scale = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}.get(times or "", Decimal(1))
    plain = text.replace(",", "")
    value = Decimal(plain) if plain[0].isdigit() else Decimal(_chinese(plain))
    return (value * scale).normalize() if (value * scale) % 1 else (value * scale).quantize(Decimal(1))


def _chinese(text: str) -> int:
    """三百二十 → 320; 十五 → 15."""
    total, digit = 0, 0
    for sign in text:
        if sign in STEPS:
            total, digit = total + (digit or 1) * STEPS[sign], 0
        else:
            digit = DIGITS[sign]
    return total + digit
