"""The dashboard's figures: kept, after one write, from nothing; against one live SELECT for each table behind them."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from bench.data import first_day
from bench.hand import Hand
from bench.timing import Work
from models import RECORDS
from services import kept, kpi, store
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
SELECT o.kind, count(DISTINCT o.id) FROM organisation o JOIN agreement g ON g.organisation_id = o.id
    WHERE g.state = 'signed' AND g.starts >= :first AND o.deleted_at IS NULL AND g.deleted_at IS NULL GROUP BY 1
"""


def dashboard(hand: Hand, aim: float) -> Iterator[Work]:
    """`aim`: the most that the first read after one write may take, in ms."""
    first, turn = str(first_day()), count()

    def board() -> Any:
        return kpi.board(SYSTEM)

    def live() -> None:
        for statement in LIVE.split(";"):
            hand.all(statement, first=first)

    def write() -> None:
        store.save(SYSTEM, RECORDS["attendance"], {"notes": f"{next(turn)}"}, id=5)

    def save_session() -> None:
        store.save(SYSTEM, RECORDS["training_session"], {"notes": f"{next(turn)}"}, id=5)

    few = {"most": 7, "warm": 1}
    yield Work("all indicators, kept", board, live, 10)
    yield Work("all indicators, first read after an attendance was written", board, live, aim, before=write, **few)
    yield Work("all indicators, first read after a session was written", board, live, aim, before=save_session, **few)
    yield Work("all indicators, from nothing", board, live, before=kept.VALUES.clear, **few)
