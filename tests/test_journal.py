"""The audit log: found by act, record, person and day at the site; a line opens what it is about."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import col, select

from models import RECORDS
from models.system import AuditEntry, Role, Verb
from services import db, journal, store
from services.access import SYSTEM
from services.errors import Denied
from services.journal import Wanted
from tests.conftest import Cast
from tests.stage import healthy, seat, visit

ORGANISATION = RECORDS["organisation"]


def entries(wanted: Wanted) -> list[tuple[str, str]]:
    return [(entry.actor, str(entry.verb)) for entry in journal.read(SYSTEM, wanted).entries]


def written(at: datetime, who: str, verb: Verb = Verb.CHANGE) -> None:
    with db.unit(SYSTEM) as s:
        s.add(AuditEntry(at=at, actor=who, verb=verb, record="organisation", record_id=1))


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2026, 3, 10), date(2026, 3, 10), ["甲"]),
        (date(2026, 3, 11), None, ["乙"]),
        (None, date(2026, 3, 9), []),
        (None, None, ["乙", "甲"]),
    ],
)
def test_a_day_is_the_sites_from_midnight_to_midnight(
    database: str, first: date | None, last: date | None, found: list[str]
) -> None:
    written(datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC), "甲")
    written(datetime(2026, 3, 10, 16, 0, 0, tzinfo=UTC), "乙")
    assert [who for who, _ in entries(Wanted(record="organisation", first=first, last=last))] == found


def test_entries_are_found_by_part_of_a_name_act_and_number(database: str) -> None:
    for who in ("林协调", "陈基地", "100%"):
        written(datetime(2026, 3, 10, tzinfo=UTC), who)
    written(datetime(2026, 3, 10, tzinfo=UTC), "林协调", Verb.REMOVE)
    assert entries(Wanted(name="协调")) == [("林协调", "remove"), ("林协调", "change")]
    assert entries(Wanted(name="%")) == [("100%", "change")]
    assert entries(Wanted(verb=Verb.REMOVE)) == [("林协调", "remove")]
    with db.reading(SYSTEM) as s:
        second = s.exec(select(AuditEntry.id).where(AuditEntry.actor == "陈基地").order_by(col(AuditEntry.id))).one()
    assert entries(Wanted(record="organisation", before=second or 0)) == [("林协调", "change")]


def test_only_those_who_may_read_the_administration_read_it(cast: Cast) -> None:
    with pytest.raises(Denied):
        journal.read(cast.lin)


def test_the_page_keeps_its_filters_in_the_address_and_begins_with_the_newest_again(bare: None) -> None:
    who = seat(Role.ADMINISTRATOR)
    store.save(who.actor, ORGANISATION, {"name": "禾岚社区", "kind": "community"})
    at = visit(who, "journal", record="organisation", before="999999")
    assert healthy(at) and list(at.dataframe[0].value["记录"]) == ["合作单位 #1"]
    at.selectbox(key="journal.verb").select("create").run()
    assert healthy(at) and at.query_params["verb"] == "create" and "before" not in at.query_params
    assert len(at.dataframe[0].value) == 1
    at.date_input(key="journal.to").set_value(date(2001, 1, 1)).run()
    assert healthy(at) and not at.dataframe and at.query_params["to"] == "2001-01-01"


@pytest.mark.parametrize("asked", [{"from": "9999-12-31"}, {"to": "x"}, {"verb": "nothing"}, {"record": "<b>"}])
def test_what_no_field_offers_is_no_filter(bare: None, asked: dict[str, str]) -> None:
    assert healthy(visit(seat(Role.ADMINISTRATOR), "journal", **asked))


def test_a_moment_is_told_as_the_site_reads_it(bare: None) -> None:
    who, deployment = seat(Role.ADMINISTRATOR), RECORDS["deployment"]
    given = {"title": "保障", "kind": "event", "place": "码头", "starts": datetime(2026, 3, 1, 4, 22, tzinfo=UTC)}
    key = store.save(who.actor, deployment, given)
    store.save(who.actor, deployment, {"starts": datetime(2026, 3, 1, 1, 0, tzinfo=UTC)}, id=key)
    said = visit(who, "journal", record="deployment").dataframe[0].value["内容"][0]
    assert said == "出队时间：2026-03-01 12:22 → 2026-03-01 09:00"
