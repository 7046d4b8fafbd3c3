"""Who among those who walked in is probably somebody of the list, with a slip in the name or the number (feature T5)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

NEAR = 2  # digits by which a number that was mistyped differs at most


class Named(NamedTuple):
    """A person of a class by name and full number ("" where none is known)."""

    id: int
    name: str
    phone: str


def doubles(walked_in: Sequence[Named], listed: Sequence[Named]) -> dict[int, int]:
    """{id of a walk-in: id of the one on the list whom they may be}"""
    found = {one.id: next((other.id for other in listed if _alike(one, other)), 0) for one in walked_in}
    return {who: other for who, other in found.items() if other}


def _alike(one: Named, other: Named) -> bool:
    """The same name or the same number; or both nearly the same."""
    if one.name == other.name or (one.phone and one.phone == other.phone):
        return True
    return _slips(one.name, other.name) == 1 and _slips(one.phone, other.phone) <= NEAR


def _slips(one: str, other: str) -> int:
    """How many characters were left out, put in or typed wrong; two that changed places count twice."""
    row = list(range(len(other) + 1))
    for typed, first in enumerate(one, 1):
        cheapest = [typed]
        for second, (kept, left_out) in zip(other, pairwise(row), strict=True):
            cheapest.append(min(left_out + 1, cheapest[-1] + 1, kept + (first != second)))
        row = cheapest
    return row[-1]
