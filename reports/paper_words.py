"""The words of one figure on paper, in Chinese and to the last digit: targets, values, rates, states."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from models import RECORDS
from reports import charts
from reports.content import Amended
from reports.figure_words import percent
from reports.states import STATES, StateName, state_of
from services import clock
from services.feedback import Satisfaction
from services.figures import Figure, Number

NONE = "—"
FEEDBACK = RECORDS["feedback"]
SHAPES: dict[StateName, str] = {
    "achieved": "●", "on_pace": "→", "behind": "▲", "at_risk": "◆", "not_started": "○", "count": "#", "waiting": "◇",
}  # fmt: skip

Texts = dict[str, Any]


def exact(value: Number | None) -> str:
    """A number to its last digit, thousands grouped; a float without the noise of its last bits."""
    if value is None:
        return NONE
    number = Decimal(repr(round(value, 9))) if isinstance(value, float) else Decimal(value)
    return f"{int(number):,}" if number == int(number) else f"{number.normalize():,f}"


def target_words(figure: Figure) -> str:
    """The target with its unit and, where it was amended, the contract's first one; or the contract's word for it."""
    match figure.kind:
        case "several":
            return "若干"
        case "ongoing":
            return "恒常（每月）"
    was = "" if figure.original_target is None else f"（原 {_goal(figure, figure.original_target)}）"
    sign = {"ratio": "≥ ", "per_unit": "各 "}.get(figure.kind, "")
    return f"{sign}{_goal(figure, figure.target)}{was}"


def _goal(figure: Figure, target: Number | None) -> str:
    return percent(target or 0) if figure.kind == "ratio" else f"{exact(target)} {figure.unit.zh}"


def amended_words(figure: Figure, one: Amended) -> str:
    """What an amendment changed since when, on which ground, proved by how many files."""
    changed = f"{one.effective_on} 起，{_goal(figure, one.before)} → {_goal(figure, one.after)}"
    document = f"；文号：{one.document}" if one.document else ""
    files = f"佐证文件 {one.files} 份" if one.files else "没有佐证文件"
    return f"{changed}；理由：{one.reason.rstrip('。；')}{document}；{files}"


def actual_words(figure: Figure) -> str:
    """The value in the words of its kind."""
    if figure.status == "waiting":
        return NONE
    match figure.kind:
        case "ongoing":
            return f"{figure.months_active or 0}/{figure.months_elapsed or 0} 个月"
        case "ratio":
            reached = percent(float(figure.numerator or 0) / float(figure.denominator)) if figure.denominator else NONE
            return f"{reached}（{exact(figure.numerator or 0)}/{exact(figure.denominator or 0)}）"
        case "deliver":
            return f"{exact(figure.actual)}/{exact(figure.target)} {figure.unit.zh}"
    return f"{exact(figure.actual)} {figure.unit.zh}"


def rate_words(figure: Figure) -> str:
    """The rate where the target is a number to be reached, else what stands in its place."""
    if figure.status == "waiting":
        return NONE
    match figure.kind:
        case "at_least":
            return NONE if figure.share is None else percent(figure.share)
        case "per_unit":
            return f"{figure.units_met or 0}/{figure.units_total or 0} 达标"
        case "deliver":
            return f"文件 {exact(figure.numerator)}/{exact(figure.denominator)}" if figure.denominator else NONE
        case "several":
            return "只计数"
    return NONE


def added_words(figure: Figure, added: Number | None) -> str:
    """What the edition's months added."""
    unit = "个月" if figure.kind == "ongoing" else figure.unit.zh
    return NONE if added is None else f"{exact(added)} {unit}"


def due_words(figure: Figure) -> str:
    if figure.expected is None or figure.status == "waiting":
        return NONE
    return percent(figure.expected) if figure.kind == "ratio" else exact(round(figure.expected, 1))


def state_texts(figure: Figure) -> Texts:
    name = state_of(figure)
    state = STATES[name]
    return {"state": state.word.zh, "mark": SHAPES[name], "colour": charts.COLOURS[state.colour], "name": name}


def feedback_words(found: Satisfaction | None) -> str:
    """What people thought of a category's training sessions: how many answers, their mean, and each question's."""
    if found is None:
        return ""
    if not found.number:
        return "学员反馈：尚无"
    each = "、".join(f"{FEEDBACK.field(name).label.zh} {mean:.2f}" for name, mean in found.means.items())
    return f"学员反馈 {found.number:,} 份，平均 {found.mean:.2f} 分（满分 5 分；{each}）"


def date_time(moment: datetime) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M:%S}"
