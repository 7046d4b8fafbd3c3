"""Medians of interleaved calls: ours, then the counterpart, so that a busy machine slows both alike."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

Call = Callable[[], Any]


@dataclass(frozen=True)
class Work:
    """One thing to measure: ours and its counterpart; aim in ms, or as a multiple of the counterpart."""

    name: str
    ours: Call
    counterpart: Call
    aim: float | None = None
    times_counterpart: float | None = None
    before: Call | None = None
    most: int = 200
    warm: int = 3


@dataclass(frozen=True)
class Line:
    """One line of the table; an aim is a number of ms, a ratio, or a rate a second (then so is `ours`)."""

    name: str
    ours: float
    counterpart: float | None
    aim: str
    reached: bool | None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.counterpart if self.counterpart else None

    def cells(self) -> list[str]:
        verdict = {True: "yes", False: "NO", None: ""}[self.reached]
        return [self.name, number(self.ours), number(self.counterpart), number(self.ratio), self.aim, verdict]


def number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def timed(call: Call) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def measure(work: Work, seconds: float = 2) -> Line:
    """Call both in turn, warm, for about that long; `before` runs outside the clock before each of ours."""
    for _ in range(work.warm):
        (work.before or (lambda: None))()
        work.ours()
        work.counterpart()
    ours, theirs = [], []
    end = time.perf_counter() + seconds
    while len(ours) < 3 or (time.perf_counter() < end and len(ours) < work.most):
        (work.before or (lambda: None))()
        ours.append(timed(work.ours))
        theirs.append(timed(work.counterpart))
    return verdict(work, median(ours), median(theirs))


def verdict(work: Work, ours: float, theirs: float) -> Line:
    if work.times_counterpart:
        aim = f"≤ {work.times_counterpart:g} × counterpart"
        return Line(work.name, ours, theirs, aim, ours <= work.times_counterpart * theirs)
    if work.aim is None:
        return Line(work.name, ours, theirs, "", None)
    return Line(work.name, ours, theirs, f"≤ {work.aim:g} ms", ours <= work.aim)


def table(lines: list[Line]) -> str:
    """The lines as a Markdown table."""
    head = ["work", "ours ms", "counterpart ms", "ratio", "aim", "reached"]
    rows = [head, ["---", "---:", "---:", "---:", "---", "---"], *(line.cells() for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
