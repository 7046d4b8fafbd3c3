"""How wide a table's columns are beside each other, by what stands in them; where a long word may break."""

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

NARROWEST, WIDEST = 4, 44
SAMPLE = 2000
MOST = 0.92
LONG_WORD = re.compile(r"[!-~]{15,}")
BREAK = "\u200b"


def breakable(text: str) -> str:
    """The text with invisible places to break in words that would not fit a column."""
    return LONG_WORD.sub(lambda word: BREAK.join(re.findall(".{1,7}", word[0])), text) if len(text) > 14 else text


def reach(text: str) -> int:
    """How wide a text is, in Latin letters: a Chinese character takes two."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def widths(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """A width for each column, in Latin letters: what most of its cells need, within bounds, never less than its head."""
    some = rows[:: max(1, len(rows) // SAMPLE)]
    return [_width(heading, [row[place] for row in some]) for place, heading in enumerate(headings)]


def _width(heading: str, cells: Sequence[str]) -> int:
    needs = sorted(reach(cell) for cell in cells)
    usual = needs[min(int(len(needs) * MOST), len(needs) - 1)] if needs else 0
    longest = min(needs[-1], usual + 4) if needs else 0
    return min(max(longest, reach(heading), NARROWEST), WIDEST) + 2
