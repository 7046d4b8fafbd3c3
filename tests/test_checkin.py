"""QR check-in: once, in time, on a seat, telling nothing about anybody else; and its page on a phone."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models.people import Person
from models.system import Account, AuditEntry, Setting
from models.training import Attendance, CheckIn, Enrolment, EnrolmentSource, SessionState, TrainingSession
from services import checkin, clock, db, doorcode, seats, training
from services.access import SYSTEM
from services.errors import Denied, Invalid, NotFound
from tests.conftest import Cast
from tests.test_training import DURING, NINE, instructor, put, refusal, rows, session, someone, stored, venue

HERE = "http://testserver"
HTML = {"accept": "text/html"}


def token_of(key: int) -> str:
    return stored(key).checkin_token or ""


def code_at(key: int, moment: datetime = DURING) -> str:
    """The long form of the code that holds at a moment."""
    return doorcode.in_address(stored(key), doorcode.window(stored(key), moment))


def door_of(key: int) -> str:
    """Where the QR code of this moment leads."""
    return checkin.door(SYSTEM, key).path


def scan(key: int, number: int, now: datetime = DURING, ip: str = "10.0.0.1") -> checkin.CheckinResult:
    who = someone(number)
    return checkin.check_in(token_of(key), who["name"], who["phone"], now=now, ip=ip, code=code_at(key, now))


def people() -> int:
    with db.reading(SYSTEM) as s:
        return len(s.exec(select(Person.id)).all())


# -- the rules -------------------------------------------------------------------------------------------------------


def test_who_is_enrolled_checks_in_once(cast: Cast) -> None:
    key = session()
    put(key, 1)
    first = scan(key, 1)
    again = scan(key, 1, now=DURING + timedelta(minutes=5))
    assert (first.again, again.again) == (False, True)
    assert again.at == first.at == DURING
    [came] = rows(key, Attendance)
    assert (came.checked_in_by, came.checked_in_at, people()) == (CheckIn.QR, DURING, 1)


def test_the_phone_may_be_written_as_people_write_it(cast: Cast) -> None:
    key = session()
    put(key, 1)
    result = checkin.check_in(token_of(key), " 学员１ ", "+86 139 0000-0001", now=DURING, code=code_at(key))
    assert not result.again
    assert people() == 1


def test_two_scans_at_the_same_moment_count_once(cast: Cast) -> None:
    key, start = session(), Barrier(2)
    put(key, 1)

    def go(_: int) -> bool:
        start.wait()
        return scan(key, 1).again

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, range(2))) == [False, True]
    assert len(rows(key, Attendance)) == 1


def test_somebody_not_enrolled_takes_a_free_seat_as_a_walk_in(cast: Cast) -> None:
    key = session(capacity=1, unit_id=cast.station)
    scan(key, 5)
    [row] = rows(key)
    assert (row.source, row.state, row.unit_id) == (EnrolmentSource.WALK_IN, "enrolled", cast.station)
    assert refusal(lambda: scan(key, 6)) == {"": "full"}
    assert (len(rows(key)), people()) == (1, 1)


def test_the_last_seat_at_the_door_goes_to_one_of_two(cast: Cast) -> None:
    key, start = session(capacity=1), Barrier(2)

    def go(number: int) -> bool:
        start.wait()
        try:
            return not scan(key, number).again
        except Invalid:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, (1, 2))) == [False, True]
    assert len(rows(key, Attendance)) == len(rows(key)) == 1


def test_who_waits_gets_a_seat_that_is_free_and_else_a_kind_word(cast: Cast) -> None:
    key = session(capacity=1)
    put(key, 1, 2)
    assert refusal(lambda: scan(key, 2)) == {"": "waits"}
    seats.cancel(SYSTEM, rows(key)[0].id)
    assert not scan(key, 2).again


def test_who_cancelled_and_comes_all_the_same_is_a_walk_in(cast: Cast) -> None:
    key = session()
    put(key, 1)
    seats.cancel(SYSTEM, rows(key)[0].id)
    scan(key, 1)
    [row] = rows(key)
    assert (row.source, row.state) == (EnrolmentSource.WALK_IN, "enrolled")


def test_another_name_with_somebodys_number_is_somebody_else(cast: Cast) -> None:
    key = session()
    put(key, 1)
    checkin.check_in(token_of(key), "冒名者", someone(1)["phone"], now=DURING, code=code_at(key))
    assert [row.source for row in rows(key)] == [EnrolmentSource.STAFF, EnrolmentSource.WALK_IN]
    assert [row.person_id for row in rows(key, Attendance)] == [rows(key)[1].person_id]


def test_who_teaches_is_no_trainee(cast: Cast) -> None:
    key = session(instructors=[instructor("周讲师", "13700000001")])
    sent = lambda: checkin.check_in(token_of(key), "周讲师", "13700000001", now=DURING, code=code_at(key))  # noqa: E731
    assert refusal(sent) == {"": "teaches_here"}


@pytest.mark.parametrize(
    ("minutes", "closed"),
    [(-61, "not_yet_open"), (-60, ""), (0, ""), (179, ""), (180, "only_out"), (239, "only_out"), (240, "over")],
)
def test_check_in_is_open_from_an_hour_before_to_the_end(cast: Cast, minutes: int, closed: str) -> None:
    key, now = session(hours=3), NINE + timedelta(minutes=minutes)
    assert checkin.look(token_of(key), now=now).view.closed == closed
    if closed:
        assert refusal(lambda: scan(key, 1, now=now)) == {"": closed}
    else:
        assert not scan(key, 1, now=now).again


@pytest.mark.parametrize(
    ("state", "closed"),
    [
        ("draft", "not_yet_open"),
        ("open", ""),
        ("closed", ""),
        ("held", "only_out"),
        ("cancelled", "session_cancelled"),
    ],
)
def test_check_in_follows_the_state_of_the_session(cast: Cast, state: str, closed: str) -> None:
    key = session(state=SessionState(state))
    assert checkin.look(token_of(key), now=DURING).view.closed == closed


def test_once_held_a_class_lets_people_out_and_nobody_new_in(cast: Cast, browser: TestClient) -> None:
    key = now_on()
    put(key, 1, 2)
    submit(browser, door_of(key), **someone(1), act="in")
    training.set_state(SYSTEM, key, SessionState.HELD)
    page = browser.get(f"{door_of(key)}&other=1").text
    assert "不再签到" in page and 'value="in"' not in page and 'value="out"' in page
    refused = submit(browser, f"{door_of(key)}&other=1", **someone(2), act="in")
    assert "不再签到" in refused and len(rows(key, Attendance)) == 1
    assert "签退成功" in submit(browser, f"{door_of(key)}&other=1", **someone(1), act="out")


@pytest.mark.parametrize("token", ["", "wrong", "None", "'"])
def test_a_wrong_link_says_nothing(cast: Cast, token: str) -> None:
    session()
    for call in (lambda: checkin.look(token), lambda: checkin.check_in(token, "甲", "13900000001")):
        with pytest.raises(NotFound):
            call()


def test_a_session_in_the_bin_has_no_link(cast: Cast) -> None:
    key = session()
    token = token_of(key)
    with db.unit(SYSTEM) as s:
        s.get_one(TrainingSession, key).deleted_at = clock.now()
    with pytest.raises(NotFound):
        checkin.look(token)


def test_bad_input_is_told_beside_its_field(cast: Cast) -> None:
    key = session()
    assert refusal(lambda: checkin.check_in(token_of(key), " ", "", now=DURING)) == {
        "name": "required",
        "phone": "required",
    }
    assert refusal(lambda: checkin.check_in(token_of(key), "甲" * 61, "12345", now=DURING)) == {
        "name": "too_long",
        "phone": "phone_format",
    }
    assert people() == 0


def test_failed_tries_are_counted_and_those_who_come_are_not(cast: Cast) -> None:
    key = session(capacity=4)
    with db.unit(SYSTEM) as s:
        s.add(Setting(key=checkin.LIMIT.key, value=2))
    for number in range(1, 5):
        scan(key, number)
    for number in (5, 6):
        assert refusal(lambda number=number: scan(key, number)) == {"": "full"}
    with pytest.raises(Denied) as error:
        scan(key, 7)
    assert error.value.code == "too_many"
    assert scan(key, 1).again
    assert refusal(lambda: scan(key, 8, ip="10.0.0.2")) == {"": "full"}
    assert refusal(lambda: scan(key, 8, now=DURING + timedelta(minutes=61))) == {"": "full"}


def test_the_phone_stands_nowhere_in_plain(cast: Cast) -> None:
    key = session()
    scan(key, 1)
    with db.connection() as bare:
        raw = repr([bare.exec_driver_sql(f"SELECT * FROM {name}").all() for name in ("person", "audit_entry")])
    assert "13900000001" not in raw
    with db.reading(SYSTEM) as s:
        assert token_of(key) not in repr([entry.changes for entry in s.exec(select(AuditEntry))])


def test_the_link_is_for_those_who_keep_the_session(cast: Cast) -> None:
    key, other = session(unit_id=cast.station), session(unit_id=cast.other_station)
    assert checkin.checkin_path(cast.wang, key) == f"/c/{token_of(key)}"
    with pytest.raises(NotFound):
        checkin.checkin_path(cast.wang, other)
    with pytest.raises(Denied):
        checkin.checkin_path(cast.chen, key)


def test_a_session_that_came_without_a_link_gets_one(cast: Cast) -> None:
    key = session()
    with db.unit(SYSTEM) as s:
        s.get_one(TrainingSession, key).checkin_token = None
    path = checkin.checkin_path(cast.lin, key)
    assert path == checkin.checkin_path(cast.lin, key) == f"/c/{token_of(key)}"
    assert len(path) > 20


def test_the_poster_is_a_qr_code_to_be_put_into_a_page() -> None:
    svg = checkin.poster_svg("https://portal.example/c/abc")
    assert svg.startswith("<svg") and "viewBox" in svg and "#000" in svg
    assert svg != checkin.poster_svg("https://portal.example/c/abd")


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(database: str) -> Iterator[TestClient]:
    """A phone that nobody signed in on, before a portal that has been set up."""
    with db.unit(SYSTEM) as s:
        s.add(Account(username="admin", name="管理员"))
    app = Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS)
    with TestClient(app, headers=HTML) as client:
        yield client


def now_on(**more: Any) -> int:
    return session(starts=clock.now() - timedelta(minutes=10), **more)


def submit(browser: TestClient, path: str, **typed: str) -> str:
    """What a browser sends: what is typed, and what the page carries along."""
    page = browser.get(path).text
    carried = dict(re.findall(r'name="(form_token|k)" value="([^"]*)"', page))
    assert "form_token" in carried
    answer = browser.post(path, data=carried | typed, headers={"origin": HERE})
    assert answer.status_code == 200
    return str(answer.text)


def test_the_page_shows_the_session_and_two_fields_and_nobody(cast: Cast, browser: TestClient) -> None:
    key = now_on(venue_id=venue(), title="急救<b>班")
    put(key, 1)
    page = browser.get(door_of(key))
    assert "急救&lt;b&gt;班" in page.text and "一号教室" in page.text
    assert re.findall(r'<input (?!type="hidden")[^>]*name="(\w+)"', page.text) == ["name", "phone"]
    assert "学员1" not in page.text
    assert re.findall(r"<script[^>]*>", page.text) == ['<script src="/portal/checkin.js" defer>']
    assert len(page.content) < 10_000
    assert page.headers["cache-control"] == "no-store"


def test_checking_in_shows_a_tick_and_again_says_so(cast: Cast, browser: TestClient) -> None:
    key = now_on()
    put(key, 1)
    path = door_of(key)
    first, again = (submit(browser, path, **someone(1)) for _ in range(2))
    [came] = rows(key, Attendance)
    at = f"{clock.local(came.checked_in_at):%H:%M}"
    assert "签到成功" in first and "<svg" in first and at in first and "急救班" in first
    assert "您已签过到" in again and at in again


def test_a_slip_in_the_name_is_asked_about_before_it_becomes_somebody_else(cast: Cast, browser: TestClient) -> None:
    key = now_on(capacity=2)
    put(key, 1)
    slip = {"name": "学圆1", "phone": someone(1)["phone"]}
    asked = submit(browser, door_of(key), **slip, act="in")
    assert "名单上没有" in asked and "学圆1 139****0001" in asked and 'value="walk"' in asked
    assert 'value="学圆1"' in asked and (len(rows(key)), rows(key, Attendance)) == (1, [])
    done = submit(browser, door_of(key), **someone(1), act="in")
    assert "学员1</strong> 139****0001" in done and len(rows(key)) == 1
    walked = submit(browser, f"{door_of(key)}&other=1", **someone(3), act="walk")
    assert "签到成功" in walked and [row.source for row in rows(key)] == [
        EnrolmentSource.STAFF,
        EnrolmentSource.WALK_IN,
    ]
    assert "名额已满" in submit(browser, f"{door_of(key)}&other=1", **someone(4), act="in")


def test_the_answer_names_also_whom_the_phone_remembers(cast: Cast, browser: TestClient) -> None:
    key = now_on()
    submit(browser, door_of(key), **someone(1), act="in")
    assert "学员1</strong> 139****0001" in submit(browser, door_of(key), me="yes", act="out")


def test_what_was_typed_stays_beside_its_error(cast: Cast, browser: TestClient) -> None:
    key = now_on()
    page = submit(browser, door_of(key), name="何晓舟", phone="1380013")
    assert 'value="何晓舟"' in page and 'value="1380013"' in page
    assert 'id="phone-error"' in page and 'id="name-error"' not in page
    assert rows(key, Attendance) == []


def test_the_page_speaks_english(cast: Cast, browser: TestClient) -> None:
    key = now_on()
    path = door_of(key)
    assert "Check in</button>" in browser.get(path + "&lang=en").text
    assert "You are checked in" in submit(browser, path, **someone(1))


@pytest.mark.parametrize(("language", "words"), [("zh", "名额已满"), ("en", "All seats are taken")])
def test_a_full_session_says_so_kindly(cast: Cast, browser: TestClient, language: str, words: str) -> None:
    key = now_on(capacity=1)
    put(key, 1)
    assert words in submit(browser, f"{door_of(key)}&lang={language}", **someone(2))


def test_outside_the_time_there_is_no_form(cast: Cast, browser: TestClient) -> None:
    key = session()
    page = browser.get(f"/c/{token_of(key)}").text
    assert "签到已结束" in page and "<form" not in page


def test_a_wrong_link_is_a_page_that_does_not_exist(cast: Cast, browser: TestClient) -> None:
    now_on()
    page = browser.get("/c/wrong")
    assert page.status_code == 404 and "急救班" not in page.text


def test_a_form_of_another_site_checks_nobody_in(cast: Cast, browser: TestClient) -> None:
    key = now_on()
    answer = browser.post(f"/c/{token_of(key)}", data=someone(1), headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    with db.reading(SYSTEM) as s:
        assert s.exec(select(Enrolment.id).order_by(col(Enrolment.id))).all() == []
