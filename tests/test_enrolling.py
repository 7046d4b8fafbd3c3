"""Enrolment by the public and by partners, the waitlist's order, roles without a seat: one capacity, on both databases."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models import RECORDS
from models.system import Account, AuditEntry, Setting, Verb
from models.training import SEATED, Attendance, Audience, EnrolmentRole, EnrolmentSource, SessionState, TrainingSession
from services import checkin, clock, db, enrolling, partner_links, seats, signed, store, timetable, training
from services.access import SYSTEM
from services.enrolling import LIMIT, PAGE
from services.errors import Denied, Invalid, NotFound
from tests.conftest import Cast
from tests.test_checkin import code_at
from tests.test_training import (
    CANCELLED,
    DURING,
    ENROLLED,
    EVERY,
    NINE,
    WAITLISTED,
    came,
    put,
    refusal,
    rows,
    session,
    someone,
    states,
    stored,
)

HERE = "http://testserver"
HTML = {"accept": "text/html"}
BEFORE = NINE - timedelta(days=3)


def public(**more: Any) -> int:
    return session(audience=Audience.PUBLIC, **more)


def token(key: int) -> str:
    return signed.sign(PAGE, key)


def ask(key: int, number: int, secret: str = "", **more: Any) -> str:
    """Enrol somebody from the public page; returns the secret of their link."""
    return enrolling.enrol(token(key), secret, someone(number), "zh", **{"now": BEFORE, "ip": "10.0.0.1"} | more)  # type: ignore[arg-type]


def partner(unit_id: int | None = None) -> int:
    given = {"name": "海珠街道办", "kind": "government", "unit_id": unit_id}
    return store.save(SYSTEM, RECORDS["organisation"], given)


def link(key: int, seats: int = 3) -> str:
    made = partner_links.make(SYSTEM, key, partner(), seats)
    return signed.sign(partner_links.PAGE, made)


def bring(path: str, *numbers: int, secret: str = "") -> dict[str, int]:
    people = [(someone(n)["name"], someone(n)["phone"]) for n in numbers]
    return partner_links.enter(path, secret or training.new_token(), people, "zh", now=BEFORE, ip="10.0.0.2")  # type: ignore[return-value]


def seated(key: int) -> int:
    return sum((row.state, row.role) == (ENROLLED, "trainee") for row in rows(key))


# -- the public page's rules ------------------------------------------------------------------------------------------


def test_what_is_for_the_public_is_shown_and_the_rest_is_not(cast: Cast) -> None:
    shown, hidden = public(), session()
    assert [offer.token for offer in enrolling.offers(BEFORE)] == [token(shown)]
    with pytest.raises(NotFound):
        enrolling.offer(token(hidden))
    with pytest.raises(NotFound):
        ask(hidden, 1)


def test_what_is_open_is_read_in_few_statements_however_much_there_is(cast: Cast, statements: Any) -> None:
    public()
    counted = []
    for _ in range(2):
        statements()
        enrolling.offers(BEFORE)
        counted.append(statements())
        for day in range(1, 12):
            public(starts=NINE + timedelta(days=day))
    assert counted[0] == counted[1] <= 2


def test_staff_show_a_session_and_take_it_off_though_a_form_is_open(cast: Cast) -> None:
    key = session()
    enrolling.publish(cast.lin, key, True)
    assert enrolling.offer(token(key)).title == "急救班"
    enrolling.publish(cast.lin, key, False)
    with pytest.raises(NotFound):
        ask(key, 1)
    with pytest.raises(Denied):
        enrolling.publish(cast.chen, key, True)


def test_who_is_no_longer_for_the_public_is_not_shown_to_it(cast: Cast) -> None:
    key = public()
    training.save_session(SYSTEM, {"audience": Audience.INTERNAL}, id=key)
    assert not stored(key).open_to_public


def test_the_seats_then_the_waitlist_then_nothing(cast: Cast) -> None:
    key = public(capacity=1, waitlist=1)
    assert (enrolling.offer(token(key), BEFORE).free, enrolling.mine(ask(key, 1), BEFORE).state) == (1, ENROLLED)
    place = enrolling.mine(ask(key, 2), BEFORE)
    assert (place.state, place.position, place.offer.free, place.offer.waitlist) == (WAITLISTED, 1, 0, 0)
    assert refusal(lambda: ask(key, 3)) == {"": "full"}


def test_a_form_sent_twice_counts_once_and_shows_the_same_place(cast: Cast) -> None:
    key, secret = public(), training.new_token()
    assert ask(key, 1, secret) == ask(key, 1, secret) == secret
    assert states(key) == [ENROLLED]
    assert ask(key, 2, secret) != secret


def test_who_withdrew_and_sends_the_same_form_again_is_enrolled_again(cast: Cast) -> None:
    key, secret = public(capacity=1), training.new_token()
    ask(key, 1, secret)
    enrolling.withdraw(secret, now=BEFORE)
    assert ask(key, 1, secret) == ask(key, 1, secret) == secret
    assert states(key) == [ENROLLED] and enrolling.mine(secret, BEFORE).state == ENROLLED


def test_a_form_enrols_somebody_whom_staff_enrolled_and_cancelled_after_it_was_first_sent(cast: Cast) -> None:
    key, secret = public(), training.new_token()
    ask(key, 1, secret)
    enrolling.withdraw(secret, now=BEFORE)
    put(key, 1)
    assert refusal(lambda: ask(key, 1, secret)) == {"": "already_enrolled"}
    seats.cancel(SYSTEM, rows(key)[0].id)
    assert ask(key, 2, secret) != secret
    assert ask(key, 1, secret) == secret and states(key) == [ENROLLED, ENROLLED]


def test_two_sends_of_one_form_at_the_same_moment_count_once(cast: Cast) -> None:
    key, secret, start = public(), training.new_token(), Barrier(2)

    def go(_: int) -> str:
        start.wait()
        return ask(key, 1, secret)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(go, range(2))) == [secret, secret]
    assert states(key) == [ENROLLED]


def test_who_is_enrolled_already_gets_no_link_to_what_is_theirs(cast: Cast) -> None:
    key = public()
    put(key, 1)
    assert refusal(lambda: ask(key, 1)) == {"": "already_enrolled"}
    other = someone(2) | {"name": someone(1)["name"]}
    assert enrolling.enrol(token(key), "", other, "zh", now=BEFORE)


@pytest.mark.parametrize(
    ("more", "closed"),
    [
        ({"registration_opens": BEFORE + timedelta(hours=1)}, "not_open_yet"),
        ({"registration_closes": BEFORE}, "registration_closed"),
        ({"state": SessionState.CLOSED}, "registration_closed"),
    ],
)
def test_a_form_opened_earlier_does_not_pass_a_closed_door(cast: Cast, more: dict[str, Any], closed: str) -> None:
    key = public(**more)
    assert refusal(lambda: ask(key, 1)) == {"": closed}
    assert refusal(lambda: bring(link(key), 1)) == {"": closed}
    assert rows(key) == []


def test_one_address_has_only_so_many_tries_an_hour(cast: Cast) -> None:
    key = public()
    with db.unit(SYSTEM) as s:
        s.add(Setting(key=LIMIT.key, value=1))
    ask(key, 1)
    with pytest.raises(Denied) as error:
        ask(key, 2)
    assert error.value.code == "too_many"


def test_the_secret_of_a_link_stands_nowhere(cast: Cast) -> None:
    secret = ask(public(), 1)
    with db.connection() as bare:
        raw = repr([bare.exec_driver_sql(f"SELECT * FROM {name}").all() for name in ("enrolment", "audit_entry")])
    assert secret not in raw and "13900000001" not in raw


# -- giving a place back ----------------------------------------------------------------------------------------------


def test_who_withdraws_lets_exactly_one_move_up_and_twice_does_nothing_more(cast: Cast) -> None:
    key = public(capacity=1)
    secrets = [ask(key, number) for number in (1, 2, 3)]
    assert enrolling.withdraw(secrets[0], now=BEFORE) == 1
    assert enrolling.withdraw(secrets[0], now=BEFORE) == 0
    assert states(key) == [CANCELLED, ENROLLED, WAITLISTED]
    assert enrolling.mine(secrets[2], BEFORE).position == 1


@pytest.mark.parametrize(
    ("closes", "hours", "may"), [(None, 25, True), (None, 24, False), (48, 49, True), (48, 48, False)]
)
def test_a_place_is_given_back_until_the_deadline(cast: Cast, closes: int | None, hours: int, may: bool) -> None:
    more = {"registration_closes": NINE - timedelta(hours=closes)} if closes else {}
    secret, now = ask(public(**more), 1), NINE - timedelta(hours=hours)
    assert enrolling.mine(secret, now).may_withdraw is may
    if not may:
        assert refusal(lambda: enrolling.withdraw(secret, now=now)) == {"": "withdrawal_over"}


def test_many_withdrawing_at_once_let_as_many_move_up(cast: Cast) -> None:
    key, start = public(capacity=3), Barrier(3)
    secrets = [ask(key, number) for number in range(1, 9)]

    def go(secret: str) -> int:
        start.wait()
        return enrolling.withdraw(secret, now=BEFORE)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(go, secrets[:3])) == 3
    assert states(key) == [CANCELLED] * 3 + [ENROLLED] * 3 + [WAITLISTED] * 2


# -- partners ---------------------------------------------------------------------------------------------------------


def test_a_partner_enrols_several_up_to_the_cap(cast: Cast) -> None:
    key = session(capacity=2)
    path = link(key, seats=3)
    assert bring(path, 1, 2, 3) == {ENROLLED: 2, WAITLISTED: 1}
    assert {row.source for row in rows(key)} == {EnrolmentSource.PARTNER}
    assert refusal(lambda: bring(path, 4)) == {"": "link_short"}
    seats.cancel(SYSTEM, rows(key)[0].id)
    assert bring(path, 4)[WAITLISTED] == 1


def test_a_partner_enrols_all_or_nobody_and_each_wrong_line_is_told(cast: Cast) -> None:
    key = session()
    put(key, 9)
    path = link(key)
    lines = partner_links.read_lines("甲 13900000001\n\n乙,1390\n甲\t13900000001")
    with pytest.raises(Invalid) as error:
        partner_links.enter(path, "x", lines, "zh", now=BEFORE)
    assert error.value.fields == {"2": "phone_format", "3": "line_twice"}
    assert refusal(lambda: bring(path, 1, 9)) == {"2": "already_enrolled"}
    assert len(rows(key)) == 1


def test_a_partners_form_sent_twice_counts_once(cast: Cast) -> None:
    key = session()
    path, secret = link(key), training.new_token()
    assert bring(path, 1, secret=secret) == {ENROLLED: 1, WAITLISTED: 0}
    assert bring(path, 1, secret=secret) == {}
    assert states(key) == [ENROLLED]


def test_a_revoked_link_enrols_nobody(cast: Cast) -> None:
    key = session()
    path = link(key)
    partner_links.revoke(cast.lin, partner_links.of_session(cast.lin, key)[0].id)
    assert refusal(lambda: bring(path, 1)) == {"": "link_revoked"}
    assert partner_links.invited(path, BEFORE).closed == "link_revoked"


def test_links_are_for_those_who_keep_the_session(cast: Cast) -> None:
    mine, theirs = session(unit_id=cast.station), session(unit_id=cast.other_station)
    organisation = partner(cast.station)
    made = partner_links.make(cast.wang, mine, organisation, 2)
    with db.reading(SYSTEM) as s:
        assert store.find(s, partner_links.LINK, made).unit_id == cast.station
    for refused, key, actor in (
        (NotFound, theirs, cast.wang),
        (Denied, mine, cast.chen),
        (Denied, mine, cast.stranger),
    ):
        with pytest.raises(refused):
            partner_links.make(actor, key, organisation, 2)
        with pytest.raises(refused):
            enrolling.path(actor, key)


# -- the waitlist's order ---------------------------------------------------------------------------------------------


def test_staff_move_somebody_up_with_a_reason_and_that_order_is_kept(cast: Cast) -> None:
    key = session(capacity=1)
    put(key, 1, 2, 3, 4)
    third = rows(key)[3].id
    assert refusal(lambda: seats.move_in_waitlist(cast.lin, third, -1, " ")) == {"reason": "reason_missing"}
    assert seats.move_in_waitlist(cast.lin, third, -1, "孕妇优先") == 2
    assert seats.move_in_waitlist(cast.lin, third, -1000, "孕妇优先") == 1
    line = [row.name for row in timetable.roster(cast.lin, key) if row.state == WAITLISTED]
    assert line == ["学员4", "学员2", "学员3"]
    seats.cancel(SYSTEM, rows(key)[0].id)
    assert states(key) == [CANCELLED, WAITLISTED, WAITLISTED, ENROLLED]
    assert refusal(lambda: seats.move_in_waitlist(cast.lin, third, 1, "x")) == {"": "not_waiting"}
    with db.reading(SYSTEM) as s:
        reasons = s.exec(
            select(AuditEntry.reason).where(AuditEntry.record == "enrolment", AuditEntry.record_id == third)
        )
        assert "孕妇优先" in set(reasons)


def test_who_comes_later_stands_behind_those_who_were_moved(cast: Cast) -> None:
    key = session(capacity=1)
    put(key, 1, 2, 3)
    seats.move_in_waitlist(SYSTEM, rows(key)[1].id, 1, "改期")
    put(key, 4)
    assert [row.name for row in timetable.roster(SYSTEM, key)] == ["学员1", "学员3", "学员2", "学员4"]


def test_the_order_is_changed_by_those_who_keep_the_session(cast: Cast) -> None:
    key = session(capacity=1, unit_id=cast.other_station)
    put(key, 1, 2)
    waits = rows(key)[1].id
    for refused, actor in ((NotFound, cast.wang), (Denied, cast.chen)):
        with pytest.raises(refused):
            seats.move_in_waitlist(actor, waits, -1, "x")


# -- roles without a seat ---------------------------------------------------------------------------------------------


def test_observers_and_assistants_take_no_seat_and_are_no_trainees(cast: Cast) -> None:
    key = session(capacity=1)
    for number, role in ((1, EnrolmentRole.OBSERVER), (2, EnrolmentRole.ASSISTANT)):
        assert seats.enrol(SYSTEM, key, someone(number), role=role) == ENROLLED
    assert put(key, 3, 4) == [ENROLLED, WAITLISTED]
    assert [row.name for row in timetable.roster(cast.lin, key)] == ["学员3", "学员4"]
    assert [one.role for one in enrolling.helpers(cast.lin, key)] == ["observer", "assistant"]
    assert enrolling.helpers(cast.chen, key)[0].name == "学**"
    who = rows(key)[0].person_id
    assert refusal(lambda: came(SYSTEM, key, who)) == {"": "no_trainee"}
    helper = someone(1)
    with db.reading(SYSTEM) as s:
        token = s.get_one(TrainingSession, key).checkin_token or ""
    sent = lambda: checkin.check_in(token, helper["name"], helper["phone"], now=DURING, code=code_at(key))  # noqa: E731
    assert refusal(sent) == {"": "no_trainee"}
    assert rows(key, Attendance) == []


def test_a_trainee_who_becomes_an_observer_gives_the_seat_to_the_next(cast: Cast) -> None:
    key = session(capacity=1)
    put(key, 1, 2, 3)
    store.save(SYSTEM, RECORDS["enrolment"], {"role": "observer"}, id=rows(key)[0].id)
    assert (states(key), seated(key)) == ([ENROLLED, ENROLLED, WAITLISTED], 1)
    back = {"role": "trainee"}
    assert refusal(lambda: store.save(SYSTEM, RECORDS["enrolment"], back, id=rows(key)[0].id)) == {"": "full"}
    store.save(SYSTEM, RECORDS["enrolment"], {"role": "assistant"}, id=rows(key)[2].id)
    assert (states(key), seated(key)) == ([ENROLLED] * 3, 1)


def test_who_came_as_a_trainee_stays_one(cast: Cast) -> None:
    key = session()
    put(key, 1)
    [row] = rows(key)
    came(SYSTEM, key, row.person_id)
    change = {"role": "observer"}
    assert refusal(lambda: store.save(SYSTEM, RECORDS["enrolment"], change, id=row.id)) == {"role": "came_as_trainee"}


# -- one capacity, whatever the path ----------------------------------------------------------------------------------

PATHS = st.lists(
    st.tuples(st.sampled_from(["staff", "public", "partner", "helper", "leave", "move"]), st.integers(1, 9)),
    max_size=14,
)


@EVERY
@given(PATHS, st.integers(1, 3), st.integers(0, 3))
def test_no_mix_of_paths_takes_more_seats_than_there_are(
    cast: Cast, acts: list[tuple[str, int]], seats: int, line: int
) -> None:
    key = public(capacity=seats, waitlist=line)
    path = signed.sign(partner_links.PAGE, partner_links.make(SYSTEM, key, _once(), 4))
    for act, number in acts:
        free = seats - seated(key)
        waiting = states(key).count(WAITLISTED)
        try:
            moved = _do(key, path, act, number)
        except Invalid:
            moved = 0
        assert seated(key) <= seats
        assert states(key).count(WAITLISTED) <= max(line, waiting)
        assert seated(key) == seats or WAITLISTED not in states(key)
        if act == "leave" and moved >= 0 and seated(key) + states(key).count(WAITLISTED):
            assert moved in (0, 1) and free >= 0


def _once() -> int:
    found = store.choices(SYSTEM, RECORDS["organisation"])
    return next(iter(found), 0) or partner()


def _do(key: int, path: str, act: str, number: int) -> int:
    mine = [row for row in rows(key) if row.state in SEATED]
    if act == "staff":
        put(key, number)
    elif act == "public":
        ask(key, number)
    elif act == "partner":
        bring(path, number, number % 9 + 1)
    elif act == "helper":
        seats.enrol(SYSTEM, key, someone(number), role=EnrolmentRole.ASSISTANT)
    elif mine and act == "move":
        seats.move_in_waitlist(SYSTEM, mine[number % len(mine)].id, -1, "x")
    elif mine and act == "leave":
        return seats.cancel(SYSTEM, mine[number % len(mine)].id)
    return 0


@EVERY
@given(st.integers(1, 4), st.integers(0, 4), st.data())
def test_after_a_withdrawal_as_many_move_up_as_can(cast: Cast, places: int, waiting: int, data: st.DataObject) -> None:
    key = public(capacity=places, waitlist=9)
    put(key, *range(1, places + waiting + 1))
    leaver = data.draw(st.sampled_from(rows(key)))
    had_seat = leaver.state == ENROLLED
    assert seats.cancel(SYSTEM, leaver.id) == min(int(had_seat), waiting)


def test_the_last_seat_goes_to_one_of_three_paths(cast: Cast) -> None:
    key, start = public(capacity=1, waitlist=0), Barrier(3)
    path = link(key)

    def go(act: str) -> bool:
        start.wait()
        try:
            _do(key, path, act, 1 + len(act))
        except Invalid:
            return False
        return True

    seats.enrol(SYSTEM, key, someone(99), role=EnrolmentRole.OBSERVER)
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(go, ["staff", "public", "helper"]))
    assert done[2] and sum(done[:2]) == 1
    assert seated(key) == 1


# -- the pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(database: str) -> Iterator[TestClient]:
    """A phone that nobody signed in on, before a portal that has been set up."""
    with db.unit(SYSTEM) as s:
        s.add(Account(username="admin", name="管理员"))
    app = Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS)
    with TestClient(app, headers=HTML) as client:
        yield client


def soon(**more: Any) -> int:
    return public(starts=clock.now() + timedelta(days=5), **more)


def send(browser: TestClient, path: str, **typed: str) -> str:
    """Fill in the form of a page and post it with its hidden fields; the page that it leads to."""
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', browser.get(path).text))
    answer = browser.post(path, data=typed | hidden, headers={"origin": HERE})
    assert answer.status_code == 200
    return str(answer.text)


def test_the_list_shows_what_is_open_and_nobody(cast: Cast, browser: TestClient) -> None:
    key = soon(title="急救<b>班", capacity=2)
    put(key, 1)
    page = browser.get("/e").text
    assert "急救&lt;b&gt;班" in page and "还有 1 个名额" in page and "学员1" not in page
    put(key, 2)
    assert "已满，可候补" in browser.get("/e").text
    assert "Full; you may join the waitlist" in browser.get("/e?lang=en").text


def test_somebody_enrols_sees_their_place_and_withdraws(cast: Cast, browser: TestClient) -> None:
    key = soon()
    page = send(browser, f"/e/{token(key)}", consent="yes", employer="一中", **someone(1))
    assert "报名成功" in page and "学员1" not in page and "13900000001" not in page
    [row] = rows(key)
    assert (row.employer, row.source, row.consent_version) == ("一中", "public", "2026-11-zh")
    found = re.search(r'class="keep" id="link">http://testserver(/e/mine/[\w-]+)<', page)
    assert found
    assert "您已退出" in send(browser, found[1])
    assert states(key) == [CANCELLED]


def test_a_waiting_person_sees_their_place_and_how_many_wait(cast: Cast, browser: TestClient) -> None:
    key = soon(capacity=1)
    put(key, 1)
    secrets = [ask(key, number, now=clock.now()) for number in (2, 3)]
    assert "您在候补第 2 位" in (page := browser.get(f"/e/mine/{secrets[1]}").text) and "共 2 人候补" in page
    assert "You are number 1 on the waitlist" in browser.get(f"/e/mine/{secrets[0]}?lang=en").text


@pytest.mark.parametrize(
    ("more", "zh", "en"),
    [
        ({"state": SessionState.CANCELLED}, "本班已取消", "This session has been cancelled"),
        ({"state": SessionState.CLOSED}, "报名已截止", "Registration has closed"),
        ({"registration_closes": -1}, "截止", "Enrolment closed on"),
        ({"registration_opens": 1}, "开始报名", "Enrolment opens"),
        ({"capacity": 1, "waitlist": 0}, "名额和候补都已满", "All seats and waitlist places are taken"),
        ({"days": -2, "state": SessionState.HELD}, "本班已举办", "This session has taken place"),
        ({"days": -2}, "本班已举办", "This session has taken place"),
    ],
)
def test_who_cannot_enrol_is_told_why_in_their_language_and_gets_no_form(
    cast: Cast, browser: TestClient, more: dict[str, Any], zh: str, en: str
) -> None:
    own: dict[str, Any] = {
        name: clock.now() + timedelta(hours=value) if name.startswith("reg") else value for name, value in more.items()
    }
    key = public(starts=clock.now() + timedelta(days=own.pop("days", 2)), **own)
    if "capacity" in more:
        put(key, 1)
    for language, words in (("zh", zh), ("en", en)):
        page = browser.get(f"/e/{token(key)}?lang={language}").text
        assert words in page and "<form" not in page


def test_staff_give_a_new_link_the_old_one_ends_and_the_audit_says_so(cast: Cast, browser: TestClient) -> None:
    key, other = soon(unit_id=cast.station), soon(unit_id=cast.other_station)
    secret = ask(key, 1, now=clock.now())
    put(other, 2)
    row, theirs = rows(key)[0].id, rows(other)[0].id
    path = enrolling.link_of(cast.wang, row)
    page = browser.get(path).text
    assert "报名成功" in page and "data-copy" in page and "<svg" in page
    assert browser.get(f"/e/mine/{secret}").status_code == 404
    for refused, actor, one in ((NotFound, cast.wang, theirs), (Denied, cast.chen, row), (Denied, cast.stranger, row)):
        with pytest.raises(refused):
            enrolling.link_of(actor, one)
    with db.reading(SYSTEM) as s:
        shown = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.REVEAL)).all()
    assert [(entry.record_id, entry.changes) for entry in shown] == [(row, {"link": "shown"})]
    assert browser.get(path[:-1] + ("0" if path[-1] != "0" else "1")).status_code == 404
    seats.cancel(SYSTEM, row)
    assert "您已退出" in browser.get(path).text
    with db.reading(SYSTEM) as s:
        kept = repr([entry.changes for entry in s.exec(select(AuditEntry))])
    assert path.rpartition("/")[2] not in kept and (rows(key)[0].link_key or "") not in kept


def test_ones_session_goes_into_ones_own_calendar_lesson_by_lesson(cast: Cast, browser: TestClient) -> None:
    key = soon(hours=3, title="急救班")
    secret = ask(key, 1, now=clock.now())
    answer = browser.get(f"/e/mine/{secret}/session.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    [event] = Calendar.from_ical(answer.text).events
    assert (event["summary"], event.start) == ("急救班", stored(key).starts.replace(microsecond=0))
    assert secret not in answer.text and "13900000001" not in answer.text and "url" not in event
    starts = stored(key).starts
    for hour in (0, 2):
        times = {"starts": starts + timedelta(hours=hour), "ends": starts + timedelta(hours=hour + 1)}
        store.save(SYSTEM, RECORDS["lesson"], {"session_id": key} | times)
    events = Calendar.from_ical(browser.get(f"/e/mine/{secret}/session.ics").text).events
    assert len({str(one["uid"]) for one in events}) == 2 and len(events) == 2
    enrolling.withdraw(secret)
    for gone in (secret, "wrong"):
        assert browser.get(f"/e/mine/{gone}/session.ics").status_code == 404


def test_without_consent_or_with_a_wrong_phone_nobody_is_enrolled(cast: Cast, browser: TestClient) -> None:
    key = soon()
    page = send(browser, f"/e/{token(key)}", name="何晓舟", phone="1380013")
    assert 'value="何晓舟"' in page and 'id="consent-error"' in page
    assert 'id="phone-error"' in send(browser, f"/e/{token(key)}", name="何晓舟", phone="1380013", consent="yes")
    assert rows(key) == []


def test_a_partner_pastes_a_list_and_sees_its_people_masked(cast: Cast, browser: TestClient) -> None:
    key = soon()
    path = f"/e/p/{link(key)}"
    wrong = send(browser, path, people="学员1 13900000001\n学员2 139", consent="yes")
    assert "第 2 人" in wrong and "学员1 13900000001" in wrong and rows(key) == []
    page = send(browser, path, people="学员1 13900000001\n学员2\t13900000002", consent="yes")
    assert "已报 2 人" in page and "学员1" not in page
    assert states(key) == [ENROLLED, ENROLLED]


@pytest.mark.parametrize("path", ["/e/1-x", "/e/mine/x", "/e/p/1-x", "/e/mine/" + "a" * 24])
def test_a_wrong_link_is_a_page_that_does_not_exist(cast: Cast, browser: TestClient, path: str) -> None:
    soon()
    assert browser.get(path).status_code == 404
