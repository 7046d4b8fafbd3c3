"""Who passed a training session: every part of training that sets a condition says here whom it keeps back and why
(features T5-T7; rules.md 2.6 and 2.7).

The conditions are settings of the course. Each is registered once by the module that owns what it looks at; the list of
those who may have a certificate is made of all of them, so none can be forgotten and each exclusion has its reason.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from models.training import Course, TrainingSession
from models.words import L
from services import hooks
from services.db import PortalSession


@dataclass(frozen=True, slots=True)
class Missing:
    """Why somebody is kept back: the condition's name, and the reason as people read it."""

    condition: str
    reason: L


Condition = Callable[[PortalSession, TrainingSession, Course, Collection[int]], Mapping[int, L]]
CONDITIONS: dict[str, Condition] = {}
FIRST = ("over", "came", "attendance", "theory", "practical")  # as a class goes; the others follow


def condition(name: str) -> Callable[[Condition], Condition]:
    """Register a condition: of the people (ids) of a session it returns those who do not meet it, {person id: reason}."""

    def register(asked: Condition) -> Condition:
        CONDITIONS[name] = asked
        return asked

    return register


def kept_back(
    s: PortalSession, training: TrainingSession, course: Course, people: Collection[int]
) -> dict[int, list[Missing]]:
    """Of each person everything that keeps them back; an empty list means passed."""
    hooks.load()
    found: dict[int, list[Missing]] = {person: [] for person in people}
    for name in sorted(CONDITIONS, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST)):
        for person, reason in CONDITIONS[name](s, training, course, people).items():
            found[person].append(Missing(name, reason))
    return found
