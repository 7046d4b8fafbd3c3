"""Who arrives while others are being let in goes through together with the next ones, in one transaction.

A write transaction costs the same for one person as for forty, and SQLite's writers do not queue: they try again after
a while, and the unlucky ones for long. So the callers of this process queue here; processes settle it in the database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")
MOST = 200


@dataclass(slots=True)
class _Ticket(Generic[Ask, Answer]):
    """One call on its way through."""

    ask: Ask
    answer: list[Answer | Exception] = field(default_factory=list)


class Turnstile(Generic[Ask, Answer]):
    """`carry_out` gets what was asked meanwhile, in order, and answers each with a value or an exception; where it raises,
    nothing of it was done, and each is carried out alone."""

    def __init__(self, carry_out: Callable[[Sequence[Ask]], Sequence[Answer | Exception]]) -> None:
        self._carry_out, self._turn, self._door = carry_out, Lock(), Lock()
        self._waiting: list[_Ticket[Ask, Answer]] = []

    def __call__(self, ask: Ask) -> Answer:
        """The answer to one call; raises the exception that is its answer."""
        mine: _Ticket[Ask, Answer] = _Ticket(ask)
        with self._door:
            self._waiting.append(mine)
        with self._turn:
            while not mine.answer:
                self._next()
        [answer] = mine.answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _next(self) -> None:
        with self._door:
            tickets, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        answers = self._together([ticket.ask for ticket in tickets])
        for ticket, answer in zip(tickets, answers, strict=True):
            ticket.answer.append(answer)

    def _together(self, asks: Sequence[Ask]) -> Sequence[Answer | Exception]:
        try:
            return self._carry_out(asks)
        except Exception as error:
            return [error] if len(asks) == 1 else [self._together([ask])[0] for ask in asks]
