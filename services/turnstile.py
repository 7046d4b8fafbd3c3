"""Who arrives while others are being let in goes through together with the next ones, in one transaction.

A write transaction costs the same for one person as for forty, and SQLite's writers do not queue: they try again after
a while, and the unlucky ones for long. So the callers of this process queue here; processes settle it in the database.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")
MOST = 200


@dataclass(slots=True)
class _Ticket(Generic[Ask, Answer]):
    """One call on its way through; it is woken when it is answered, or when it is its turn to lead."""

    ask: Ask
    answer: list[Answer | Exception] = field(default_factory=list)
    woken: Event = field(default_factory=Event)


class Turnstile(Generic[Ask, Answer]):
    """`carry_out` gets what was asked meanwhile, in order, and answers each with a value or an exception; where it raises,
    nothing of it was done, and each is carried out alone."""

    def __init__(self, carry_out: Callable[[Sequence[Ask]], Sequence[Answer | Exception]]) -> None:
        self._carry_out, self._door = carry_out, Lock()
        self._waiting: list[_Ticket[Ask, Answer]] = []
        self._is_led = False

    def __call__(self, ask: Ask) -> Answer:
        """The answer to one call; raises the exception that is its answer."""
        mine: _Ticket[Ask, Answer] = _Ticket(ask)
        with self._door:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.woken.wait()
        if not mine.answer:
            self._lead()
        [answer] = mine.answer
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _lead(self) -> None:
        """Carry out what waits, the first of it one's own; then whoever came meanwhile leads on."""
        with self._door:
            tickets, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        answers = self._together([ticket.ask for ticket in tickets])
        for ticket, answer in zip(tickets, answers, strict=True):
            ticket.answer.append(answer)
            ticket.woken.set()
        with self._door:
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].woken.set()

    def _together(self, asks: Sequence[Ask]) -> Sequence[Answer | Exception]:
        try:
            return self._carry_out(asks)
        except Exception as error:
            return [error] if len(asks) == 1 else [self._together([ask])[0] for ask in asks]
