"""A snapshot: whatever is read inside is of one moment, whoever reads, while others go on writing."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from models import RECORDS
from services import db, kpi, store
from services.access import SYSTEM
from services.errors import NotFound
from tests.conftest import Cast

ORGANISATION = RECORDS["organisation"]


def elsewhere(name: str) -> int:
    """Somebody else's write, in a thread of its own."""
    with ThreadPoolExecutor(1) as other:
        given = {"name": name, "kind": "community"}
        return other.submit(store.save, SYSTEM, ORGANISATION, given).result()


def test_a_write_between_two_reads_does_not_show(cast: Cast) -> None:
    elsewhere("甲社区")
    with db.snapshot() as version:
        assert store.rows(cast.lin, ORGANISATION).total == 1
        key = elsewhere("乙社区")
        assert store.rows(cast.lin, ORGANISATION).total == store.rows(SYSTEM, ORGANISATION).total == 1
        with pytest.raises(NotFound):
            store.get(SYSTEM, ORGANISATION, key)
    assert store.rows(cast.lin, ORGANISATION).total == 2
    assert db.data_version() > version


def test_everybody_reads_within_their_own_scope(cast: Cast) -> None:
    for station in (cast.station, cast.other_station):
        store.save(SYSTEM, RECORDS["base_duty_log"], duty(station))
    with db.snapshot():
        assert store.rows(cast.wang, RECORDS["base_duty_log"]).total == 1
        assert store.rows(cast.lin, RECORDS["base_duty_log"]).total == 2


def duty(station: int) -> dict[str, object]:
    return {"logged_on": "2026-05-01", "on_duty": "林社工", "entry": "开放", "unit_id": station}


def test_after_an_error_inside_the_next_read_is_of_now(cast: Cast) -> None:
    with pytest.raises(NotFound), db.snapshot():
        kpi.board(SYSTEM)
    elsewhere("甲社区")
    assert store.rows(SYSTEM, ORGANISATION).total == 1
