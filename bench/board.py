"""The dashboard's figures: kept, from the summary, after one write, from nothing; against a live SELECT for each table."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

from bench.data import DAYS, first_day
from bench.hand import Hand
from bench.timing import Work
from models import RECORDS
from services import clock, db, kept, kpi, summary
from services.access import SYSTEM

LIVE = """
SELECT t.held_on, t.base, t.audience, count(*) FROM training_session t JOIN attendance a ON a.session_id = t.id
    WHERE t.state = 'held' AND t.held_on >= :first AND t.deleted_at IS NULL AND a.deleted_at IS NULL GROUP BY 1, 2, 3;
SELECT held_on, base, audience, count(*) FROM training_session
    WHERE state = 'held' AND held_on >= :first AND deleted_at IS NULL GROUP BY 1, 2, 3;
SELECT registered_on, count(*) FROM volunteer
    WHERE registered_on >= :first AND is_emergency_rescue = TRUE AND deleted_at IS NULL GROUP BY 1;
SELECT verified_on, count(*) FROM volunteer
    WHERE verified_on >= :first AND is_emergency_rescue = TRUE AND deleted_at IS NULL GROUP BY 1;
SELECT first, count(*) FROM (SELECT client_id, min(served_on) AS first FROM assistance_service
    WHERE state IN ('served', 'opened') AND served_on >= :first AND deleted_at IS NULL GROUP BY 1) AS people GROUP BY 1;
SELECT served_on, kind, place, count(*) FROM assistance_service
    WHERE state IN ('served', 'opened') AND served_on >= :first AND deleted_at IS NULL GROUP BY 1, 2, 3;
SELECT first, count(*) FROM (SELECT client_id, min(paid_on) AS first FROM aid_application
    WHERE state IN ('paid', 'closed') AND paid_on >= :first AND deleted_at IS NULL GROUP BY 1) AS people GROUP BY 1;
SELECT done_on, count(*) FROM followup_task
    WHERE channel = 'phone' AND state = 'done' AND done_on >= :first AND deleted_at IS NULL GROUP BY 1;
SELECT visited_on, count(*), sum(encounters) FROM community_visit
    WHERE state = 'held' AND visited_on >= :first AND deleted_at IS NULL GROUP BY 1;
SELECT screened_on, sum(screened) FROM screening
    WHERE state = 'held' AND visit_id IS NULL AND screened_on >= :first AND deleted_at IS NULL GROUP BY 1;
SELECT published_on, count(*) FROM official_account_post
    WHERE state = 'published' AND published_on >= :first AND deleted_at IS NULL GROUP BY 1;
SELECT group_id, taken_on, members FROM group_snapshot WHERE taken_on >= :first AND deleted_at IS NULL ORDER BY 1, 2;
SELECT o.kind, count(DISTINCT o.id) FROM organisation o JOIN agreement g ON g.organisation_id = o.id
    WHERE g.state = 'signed' AND g.starts >= :first AND o.deleted_at IS NULL AND g.deleted_at IS NULL GROUP BY 1
"""


def dashboard(hand: Hand, aim: float) -> Iterator[Work]:
    """`aim`: the most that the first read after one write may take, in ms."""
    first, days = str(first_day()), count(1)

    def board() -> Any:
        return kpi.board(SYSTEM)

    def another_day() -> Any:
        return kpi.board(SYSTEM, None, clock.today() - timedelta(days=next(days)))

    def live() -> None:
        for statement in LIVE.split(";"):
            hand.all(statement, first=first)

    def anew() -> None:
        kept.VALUES.clear()
        summary.clear()

    few = {"most": 7, "warm": 1}
    yield Work("all indicators, kept", board, live, 10)
    yield Work("all indicators, a process that has just started", board, live, 30, before=kept.VALUES.clear, **few)
    yield Work("all indicators, as of another day", another_day, live, 30, **few)
    for name, label, change in WRITES:
        yield Work(f"all indicators, first read after {label}", board, live, aim, before=_written(name, change), **few)
    yield Work("all indicators, from nothing", board, live, before=anew, most=3, warm=0)


def _written(record: str, change: Callable[[int], dict[str, Any]]) -> Callable[[], None]:
    """Changes another row each time, in what the indicators read of it."""
    turn = count(5)

    def write() -> None:
        key = next(turn)
        with db.unit(SYSTEM) as s:
            row = s.get_one(RECORDS[record].model, key)
            for name, value in change(key).items():
                setattr(row, name, value)

    return write


def _day(key: int) -> date:
    return first_day() + timedelta(days=key * 37 % DAYS)


WRITES: tuple[tuple[str, str, Callable[[int], dict[str, Any]]], ...] = (
    ("attendance", "an attendance was written", lambda key: {"person_id": key}),
    ("training_session", "a session moved to another day", lambda key: {"held_on": _day(key)}),
    ("assistance_service", "an assistance moved to another day", lambda key: {"served_on": _day(key)}),
    ("followup_task", "a follow-up moved to another day", lambda key: {"done_on": _day(key)}),
    ("aid_application", "a payment moved to another day", lambda key: {"paid_on": _day(key)}),
    ("community_visit", "a visit moved to another day", lambda key: {"visited_on": _day(key)}),
    ("group_snapshot", "a group's members were told", lambda key: {"members": key}),
    ("volunteer", "a volunteer was verified", lambda key: {"verified_on": _day(key)}),
    ("agreement", "an agreement began on another day", lambda key: {"starts": _day(key)}),
)
