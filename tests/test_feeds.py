"""Calendar feeds: what a client reads at an address, who may have one, and what is never in it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models import RECORDS
from models.system import Role
from models.training import Base, SessionState
from services import clock, db, feeds, numbers, store, training
from services.access import SYSTEM
from services.errors import Denied, NotFound
from services.feeds import Feed
from tests.conftest import Cast
from tests.stage import Seat, seat
from tests.test_training import instructor, planned, put, session, someone, venue

START = clock.from_local(datetime(2026, 12, 9, 14))
NOW = START - timedelta(days=3)


@pytest.fixture
def lin(cast: Cast) -> Seat:
    return seat(Role.COORDINATOR)


@pytest.fixture
def client(cast: Cast) -> TestClient:
    return TestClient(Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS))


def token(feed: Feed) -> str:
    return feed.path.removeprefix("/calendar/").removesuffix(".ics")


def read(feed: Feed, **more: Any) -> Any:
    return Calendar.from_ical(feeds.read(token(feed), now=NOW, **more).text)


def events(feed: Feed) -> list[Any]:
    return list(read(feed).walk("VEVENT"))


def titles(feed: Feed) -> list[str]:
    return [str(event["summary"]) for event in events(feed)]


# -- what it says ----------------------------------------------------------------------------------------------------


def test_a_calendar_client_reads_when_and_where_a_class_is(lin: Seat) -> None:
    room = store.save(SYSTEM, RECORDS["venue"], {"name": "一号教室", "address": "门诊楼三层"})
    key = session(starts=START, venue_id=room, title="急救班；含 AED, 第一期")
    feed = feeds.subscribe(lin.actor)
    calendar = read(feed, origin="https://portal.example")
    [event] = calendar.walk("VEVENT")
    shanghai = ZoneInfo("Asia/Shanghai")
    assert event["dtstart"].dt.astimezone(shanghai) == datetime(2026, 12, 9, 14, tzinfo=shanghai)
    assert event["dtend"].dt.astimezone(shanghai) == datetime(2026, 12, 9, 17, tzinfo=shanghai)
    assert (event["summary"], event["location"]) == ("急救班；含 AED, 第一期", "一号教室 · 门诊楼三层")
    assert event["url"] == f"https://portal.example/training_session?id={key}"
    assert event["status"] == "CONFIRMED"
    assert calendar["x-wr-timezone"] == "Asia/Shanghai"
    assert all(event.get(name) for name in ("uid", "dtstamp", "last-modified", "created"))


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin"])
def test_a_site_in_another_zone_has_its_own_times(
    lin: Seat, zone: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(clock.zone.cache_clear)
    monkeypatch.setenv("PORTAL_TIMEZONE", zone)
    clock.zone.cache_clear()
    session(starts=clock.from_local(datetime(2027, 3, 30, 9)))
    calendar = read(feeds.subscribe(lin.actor))
    [event] = calendar.walk("VEVENT")
    assert event["dtstart"].dt.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M") == "03-30 09:00"
    assert calendar["x-wr-timezone"] == zone


def test_an_event_keeps_its_identity_and_counts_its_changes(lin: Seat) -> None:
    key = session(starts=START)
    feed = feeds.subscribe(lin.actor)
    [before] = events(feed)
    training.save_session(SYSTEM, {"starts": START + timedelta(hours=1), "ends": START + timedelta(hours=4)}, id=key)
    [after] = events(feed)
    assert before["uid"] == after["uid"]
    assert after["sequence"] == before["sequence"] + 1
    assert after["last-modified"].dt >= before["last-modified"].dt
    assert events(feeds.subscribe(lin.actor))[0]["uid"] == before["uid"]


def test_a_cancelled_class_stays_and_says_so(lin: Seat) -> None:
    key = session(starts=START)
    feed = feeds.subscribe(lin.actor)
    training.set_state(SYSTEM, key, SessionState.CANCELLED, "台风")
    [event] = events(feed)
    assert (event["status"], event["transp"]) == ("CANCELLED", "TRANSPARENT")


def test_every_line_is_short_enough_for_old_clients(lin: Seat) -> None:
    session(starts=START, title="应急救护" * 25)
    text = feeds.read(token(feeds.subscribe(lin.actor)), now=NOW).text
    assert b"\r\n" in text
    assert max(len(line) for line in text.split(b"\r\n")) <= 75


def test_nothing_about_trainees_is_in_it(lin: Seat) -> None:
    put(session(starts=START), 1, 2)
    text = feeds.read(token(feeds.subscribe(lin.actor)), now=NOW).text.decode()
    assert "学员" not in text
    assert not any(someone(place)["phone"] in text for place in (1, 2))


def test_each_kind_shows_its_own(lin: Seat) -> None:
    room, teacher = venue(), instructor()
    session(starts=START, title="甲", venue_id=room)
    session(starts=START, title="乙", instructors=[teacher])
    session(starts=START, title="丙", base="emergency_base")
    session(starts=NOW - timedelta(days=400), title="旧", venue_id=room)
    assert titles(feeds.subscribe(lin.actor)) == ["甲", "乙", "丙"]
    assert titles(feeds.subscribe(lin.actor, venue_id=room)) == ["甲"]
    assert titles(feeds.subscribe(lin.actor, instructor_id=teacher)) == ["乙"]
    assert titles(feeds.subscribe(lin.actor, base=Base.EMERGENCY_BASE)) == ["丙"]
    names = [feed.of.zh for feed in feeds.mine(lin.actor)]
    assert names == ["应急救护科普基地", "周讲师", "一号教室", "全部培训"]


def test_a_feed_takes_as_many_statements_for_many_classes_as_for_one(lin: Seat, statements: Callable[[], int]) -> None:
    feed = feeds.subscribe(lin.actor)
    counts = []
    for _ in range(2):
        for place in range(5):
            session(starts=START + timedelta(days=place))
        statements()
        read(feed)
        counts.append(statements())
    assert counts[0] == counts[1] <= 5


# -- whose it is -----------------------------------------------------------------------------------------------------


def test_a_station_lead_reads_their_own_station(cast: Cast) -> None:
    wang = seat(Role.STATION_LEAD, units=(cast.station,))
    session(wang.actor, starts=START, title="本站")
    session(starts=START, title="别处", unit_id=cast.other_station)
    assert titles(feeds.subscribe(wang.actor)) == ["本站"]


def test_an_account_switched_off_reads_nothing_any_more(lin: Seat) -> None:
    feed = feeds.subscribe(lin.actor)
    store.save(SYSTEM, RECORDS["account"], {"active": False}, id=lin.actor.account_id)
    with pytest.raises(NotFound):
        feeds.read(token(feed))


def test_a_revoked_address_leads_nowhere_and_nobody_revokes_anothers(lin: Seat) -> None:
    feed, other = feeds.subscribe(lin.actor), feeds.subscribe(lin.actor)
    with pytest.raises(NotFound):
        feeds.revoke(seat(Role.ADMINISTRATOR).actor, feed.id)
    feeds.revoke(lin.actor, feed.id)
    with pytest.raises(NotFound):
        feeds.read(token(feed))
    assert feeds.mine(lin.actor) == [other]


def test_who_may_not_read_training_has_no_feed(cast: Cast) -> None:
    nobody = seat().actor
    for act in (lambda: feeds.subscribe(nobody), lambda: feeds.mine(nobody), lambda: feeds.revoke(nobody, 1)):
        with pytest.raises(Denied):
            act()


def test_an_unknown_venue_is_not_found(lin: Seat) -> None:
    with pytest.raises(NotFound):
        feeds.subscribe(lin.actor, venue_id=99)


def test_the_address_stands_in_no_log_of_changes(lin: Seat) -> None:
    feed = feeds.subscribe(lin.actor)
    with db.connection() as bare:
        told = bare.exec_driver_sql("select changes from audit_entry where record = 'calendar_feed'").scalars().all()
    assert told
    assert token(feed) not in str(told)


# -- over HTTP -------------------------------------------------------------------------------------------------------


def test_a_phone_without_an_account_reads_it_and_is_told_when_nothing_changed(lin: Seat, client: TestClient) -> None:
    key = session(starts=clock.now() + timedelta(days=2))
    feed = feeds.subscribe(lin.actor)
    first = client.get(feed.path)
    assert first.status_code == 200
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert Calendar.from_ical(first.content).walk("VEVENT")
    same = client.get(feed.path, headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert client.get(feed.path, headers={"if-none-match": f"W/{first.headers['etag']}"}).status_code == 304
    training.save_session(SYSTEM, planned(title="改名", starts=clock.now() + timedelta(days=2)), id=key)
    assert client.get(feed.path, headers={"if-none-match": first.headers["etag"]}).status_code == 200
    assert client.head(feed.path).status_code == 200


def test_a_guesser_is_told_nothing_and_soon_nothing_at_all(lin: Seat, client: TestClient) -> None:
    numbers.change(SYSTEM, {feeds.LIMIT.key: 2})
    assert [client.get("/calendar/guess.ics").status_code for _ in range(3)] == [404, 404, 429]
    assert client.get(feeds.subscribe(lin.actor).path).status_code == 200


@pytest.mark.parametrize("path", ["/calendar/", "/calendar/x", "/calendar/x.ics/y", "/calendar/a/b.ics"])
def test_nothing_else_below_the_calendar_is_public(lin: Seat, client: TestClient, path: str) -> None:
    assert client.get(path, follow_redirects=False).status_code in (401, 404)
