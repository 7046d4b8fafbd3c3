"""The dashboard's figures: kept, from the summary, after one write, from nothing; against a live SELECT for each table."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from bench.data import first_day
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
    yield Work("all indicators, a process that has just started", board, live, before=kept.VALUES.clear, **few)
    yield Work("all indicators, as of another day", another_day, live, **few)
    for name, label, changed in WRITES:
        yield Work(f"all indicators, first read after {label}", board, live, aim, before=_written(name, changed), **few)
    yield Work("all indicators, from nothing", board, live, before=anew, most=3, warm=0)


def _written(record: str, name: str) -> Callable[[], None]:
    """Changes another row each time, in what the indicators read of it: a number, or a day, is one more."""
    turn = count(5)

    def write() -> None:
        with db.unit(SYSTEM) as s:
            row = s.get_one(RECORDS[record].model, next(turn))
            setattr(row, name, getattr(row, name) + (1 if name in NUMBERS else timedelta(days=1)))

    return write


NUMBERS = ("person_id", "members")
WRITES = (
    ("attendance", "an attendance was written", "person_id"),
    ("training_session", "a session moved to another day", "held_on"),
    ("assistance_service", "an assistance moved to another day", "served_on"),
    ("followup_task", "a follow-up moved to another day", "done_on"),
    ("aid_application", "a payment moved to another day", "paid_on"),
    ("community_visit", "a visit moved to another day", "visited_on"),
    ("group_snapshot", "a group's members were told", "members"),
    ("volunteer", "a volunteer was registered on another day", "registered_on"),
    ("agreement", "an agreement began on another day", "starts"),
)
