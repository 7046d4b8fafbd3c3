"""A board as a document that can be kept for years, and back: what a closed month showed, to the last figure (K8)."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import date
from decimal import Decimal
from typing import Any

from models.words import L
from services.figures import Amendment, Board, Figure, UnitFigure


def to_document(board: Board) -> dict[str, Any]:
    """Plain values alone: days as ISO text, exact amounts as numbers, a text in two languages as a pair."""
    found = _plain(asdict(board))
    assert isinstance(found, dict)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def to_board(document: Mapping[str, Any]) -> Board:
    """The board that a document was made of; what a later version of the portal added is as if unknown."""
    return Board(**_made(Board, document, _BOARD))


def _figure(document: Mapping[str, Any]) -> Figure:
    """Documents of before 0.3 tell what a stock had been before the period as one number, of its first month."""
    made = _made(Figure, document, _FIGURE)
    if before := document.get("base"):
        made["carried"] = (before, *[0] * (len(made["by_month"]) - 1))
    return Figure(**made)


def _made(kind: Any, document: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    known = {field.name for field in fields(kind)} & document.keys()
    return {n: readers[n](document[n]) if n in readers and document[n] is not None else document[n] for n in known}


def _text(pair: Any) -> L:
    return L(*pair)


_BOARD: dict[str, Callable[[Any], Any]] = {
    "start": date.fromisoformat,
    "end": date.fromisoformat,
    "as_of": date.fromisoformat,
    "categories": lambda pairs: tuple((code, _text(name)) for code, name in pairs),
    "figures": lambda figures: tuple(map(_figure, figures)),
}
_FIGURE: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("name", "unit", "waits_for", "rule"), _text),
    **dict.fromkeys(("by_month", "carried", "months_filled", "plan"), tuple),
    "units": lambda units: tuple(UnitFigure(**unit) for unit in units),
    "amendments": lambda rows: tuple(
        Amendment(date.fromisoformat(row["effective_on"]), row["before"], row["after"]) for row in rows
    ),
}
