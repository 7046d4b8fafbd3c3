"""The one table of an indicator's states: for each a shape, a word and a colour, so that it also reads in grey."""

from dataclasses import dataclass
from typing import Literal

from models.words import L
from services.figures import Figure

StateName = Literal["achieved", "on_pace", "behind", "at_risk", "not_started", "count", "waiting"]
Colour = Literal["green", "blue", "orange", "red", "gray"]


@dataclass(frozen=True, slots=True)
class State:
    """word: what it is called; colour: the theme's name for it (also st.badge's); symbol: Material's name of the shape.

    shape: the inside of a 16 × 16 SVG that draws in currentColor, with var(--bg) for what is cut out of it.
    """

    word: L
    colour: Colour
    symbol: str
    shape: str


_RING = '<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.7"'
_STROKE = 'fill="none" stroke-linecap="round" stroke-linejoin="round"'
_BANG = 'stroke="var(--bg)" stroke-width="1.7" stroke-linecap="round"'

STATES: dict[StateName, State] = {
    "achieved": State(
        L("已达成", "Achieved"),
        "green",
        "check_circle",
        '<circle cx="8" cy="8" r="7" fill="currentColor"/>'
        f'<path d="M4.9 8.3l2.2 2.2 4.1-4.5" {_STROKE} stroke="var(--bg)" stroke-width="1.8"/>',
    ),
    "on_pace": State(
        L("按进度", "On pace"),
        "blue",
        "arrow_circle_right",
        f'{_RING}/><path d="M5 8h5.6M8.4 5.6L10.8 8l-2.4 2.4" {_STROKE} stroke="currentColor" stroke-width="1.6"/>',
    ),
    "behind": State(
        L("落后", "Behind"),
        "orange",
        "warning",
        '<path d="M8 1.6L15.2 14H.8z" fill="currentColor" stroke="currentColor" stroke-width="1.4"'
        ' stroke-linejoin="round"/>'
        f'<path d="M8 6.2v3.6M8 12.1v.01" {_BANG}/>',
    ),
    "at_risk": State(
        L("有风险", "At risk"),
        "red",
        "error",
        '<path d="M8 .9L15.1 8 8 15.1.9 8z" fill="currentColor" stroke="currentColor" stroke-width="1"'
        ' stroke-linejoin="round"/>'
        f'<path d="M8 4.6v4M8 11.2v.01" {_BANG}/>',
    ),
    "not_started": State(
        L("未开始", "Not started"), "gray", "radio_button_unchecked", f'{_RING} stroke-dasharray="2.6 2.27"/>'
    ),
    "count": State(
        L("只计数", "Count only"),
        "gray",
        "tag",
        f'<path d="M6.3 2.5l-1.4 11M11.1 2.5l-1.4 11M3 5.8h10.6M2.4 10.2H13" {_STROKE} stroke="currentColor"'
        ' stroke-width="1.5"/>',
    ),
    "waiting": State(
        L("等待记录", "Waiting"),
        "gray",
        "hourglass_empty",
        f'<path d="M4.2 2h7.6M4.2 14h7.6M5.2 2v2.6L8 8l2.8-3.4V2M5.2 14v-2.6L8 8l2.8 3.4V14" {_STROKE}'
        ' stroke="currentColor" stroke-width="1.4"/>',
    ),
}


def state_of(figure: Figure) -> StateName:
    """The state a figure is shown in: "several" is only counted, whatever its status."""
    return "count" if figure.kind == "several" and figure.status != "waiting" else figure.status


def icon(name: StateName) -> str:
    """The state's shape as an inline SVG in its colour; hidden from readers, since a word always stands beside it."""
    return f'<svg class="icon s-{name}" viewBox="0 0 16 16" aria-hidden="true">{STATES[name].shape}</svg>'


def states_css() -> str:
    """For each state --c (shapes, bars) and --ct (words), from the theme's variables that a component receives."""
    return "\n".join(
        f".s-{name}{{--c:var(--st-{state.colour}-color);--ct:var(--st-{state.colour}-text-color)}}"
        for name, state in STATES.items()
    )
