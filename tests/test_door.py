"""The door of a session: changing codes and their edges, six digits, the screen, phones that are remembered, many at once."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from models.lessons import Presence, PresenceState
from models.system import Setting
from models.training import Attendance, CheckIn, DoorCode, SessionState
from services import checkin, clock, db, doorcode, signed, store, training
from services.access import SYSTEM
from services.errors import Denied, Invalid, NotFound
from services.turnstile import Turnstile
from tests.conftest import Cast
from tests.stage import PHONE, Served, Visitor
from tests.test_checkin import HERE, browser, code_at, door_of, now_on, submit, token_of
from tests.test_lessons import HOUR, lesson
from tests.test_training import NINE, put, refusal, rows, session, someone, stored

__all__ = ["browser"]
SCREEN, TOLD = (doorcode.PACES[kind] for kind in (DoorCode.ROTATING, DoorCode.TOLD))


def rotating(**more: Any) -> int:
    return session(door_code=DoorCode.ROTATING, **more)


def digits_at(key: int, moment: Any) -> str:
    return doorcode.in_digits(stored(key), doorcode.window(stored(key), moment))


# -- codes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(DoorCode))
def test_a_code_holds_for_its_window_and_some_before_and_never_ten_minutes_later(cast: Cast, kind: DoorCode) -> None:
    key, pace = session(door_code=kind), doorcode.PACES[kind]
    scanned = code_at(key, NINE)
    last = NINE + timedelta(seconds=pace.step * (pace.kept + 1)) - timedelta(milliseconds=1)
    assert last < NINE + timedelta(minutes=10)
    for moment, holds in (
        (NINE, True), (last, True), (last + timedelta(milliseconds=1), False), (NINE - timedelta(milliseconds=1), False),
        (NINE + timedelta(minutes=10), False),
    ):  # fmt: skip
        assert doorcode.is_fresh(stored(key), scanned, moment) is holds, moment


@pytest.mark.parametrize("kind", list(DoorCode))
def test_without_a_fresh_code_nobody_passes_any_door(cast: Cast, kind: DoorCode) -> None:
    key, other = session(door_code=kind), session(door_code=kind)
    put(key, 1)
    old = code_at(key, NINE - timedelta(minutes=10))
    for code in ("", old, "0" * 16, "１２３", code_at(other, NINE)):
        assert refusal(lambda code=code: checkin.check_in(token_of(key), **someone(1), now=NINE, code=code)) == {
            "code": "code_expired"
        }
    assert rows(key, Presence) == []
    assert not checkin.check_in(token_of(key), **someone(1), now=NINE, code=code_at(key, NINE)).again


def test_who_leaves_a_changing_door_must_have_seen_it_too(cast: Cast) -> None:
    key = rotating()
    came = checkin.check_in(token_of(key), **someone(1), now=NINE, code=digits_at(key, NINE))
    later = NINE + timedelta(hours=3)
    refused = refusal(lambda: checkin.pass_again(token_of(key), came.person, leaves=True, now=later))
    assert refused == {"code": "code_expired"}
    assert checkin.pass_again(token_of(key), came.person, leaves=True, now=later, code=code_at(key, later)).left


def test_six_digits_lead_to_the_door_that_is_open_and_guessing_ends(cast: Cast) -> None:
    told, changing = session(), rotating()
    assert checkin.by_digits(digits_at(told, NINE), now=NINE) == f"/c/{token_of(told)}?k={digits_at(told, NINE)}"
    spaced = f" {digits_at(changing, NINE)[:3]} {digits_at(changing, NINE)[3:]} "
    assert checkin.by_digits(spaced, now=NINE) == f"/c/{token_of(changing)}?k={digits_at(changing, NINE)}"
    with db.unit(SYSTEM) as s:
        s.add(Setting(key=checkin.CODE_LIMIT.key, value=3))
    late = NINE + timedelta(days=2)
    for code in (digits_at(told, NINE), "", "abc"):
        assert refusal(lambda code=code: checkin.by_digits(code, now=late)) == {"code": "code_unknown"}
    with pytest.raises(Denied):
        checkin.by_digits(digits_at(told, NINE), now=late)


def test_digits_are_guessed_at_the_door_itself_no_more_than_elsewhere_and_a_scan_still_passes(cast: Cast) -> None:
    key, other = session(), session()
    put(key, 1, 2)
    with db.unit(SYSTEM) as s:
        s.add(Setting(key=checkin.CODE_LIMIT.key, value=2))

    def guess(code: str, door: int = key, ip: str = "10.0.0.1") -> checkin.CheckinResult:
        return checkin.check_in(token_of(door), **someone(1), now=NINE, code=code, ip=ip)

    wrong = f"{(int(digits_at(key, NINE)) + 1) % 10**6:06d}"
    for _ in range(2):
        assert refusal(lambda: guess(wrong)) == {"code": "code_expired"}
    with pytest.raises(Denied) as refused:
        guess(digits_at(key, NINE))
    assert refused.value.code == "too_many"
    assert refusal(lambda: guess(wrong, other)) == refusal(lambda: guess(wrong, ip="10.0.0.2"))
    came = guess(code_at(key, NINE))
    asked = {"leaves": True, "now": NINE, "ip": "10.0.0.1"}
    assert checkin.pass_again(token_of(key), came.person, code=digits_at(key, NINE), **asked).left  # type: ignore[arg-type]


def test_digits_that_two_doors_share_open_neither(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    session(), session()
    monkeypatch.setattr(doorcode, "in_digits", lambda _training, _at: "123456")
    assert refusal(lambda: checkin.by_digits("123456", now=NINE)) == {"code": "code_unknown"}


def test_the_screens_link_cannot_be_guessed_from_the_doors(cast: Cast) -> None:
    key = rotating()
    sign = checkin.door(cast.lin, key, NINE)
    token = sign.screen.removeprefix("/show/")
    assert checkin.on_screen(token, NINE).digits == sign.digits == digits_at(key, NINE)
    wrong = f"{key + 1}-{token.partition('-')[2]}"
    for guess in (
        token_of(key),
        f"{key}-{token_of(key)}",
        f"{key}-",
        signed.sign("feedback", key),
        wrong,
        "",
        "1" * 30,
    ):
        with pytest.raises(NotFound):
            checkin.on_screen(guess, NINE)
    with pytest.raises(Denied):
        checkin.door(cast.chen, key)


def test_a_renewed_door_ends_the_screens_and_links_of_the_old_one_and_the_audit_says_so(cast: Cast) -> None:
    key = rotating()
    old, door, code = checkin.door(cast.lin, key, NINE), token_of(key), code_at(key, NINE)
    with pytest.raises(Denied):
        checkin.renew(cast.chen, key)
    checkin.renew(cast.lin, key)
    with pytest.raises(NotFound):
        checkin.on_screen(old.screen.removeprefix("/show/"), NINE)
    with pytest.raises(NotFound):
        checkin.check_in(door, **someone(1), now=NINE, code=code)
    assert refusal(lambda: checkin.check_in(token_of(key), **someone(1), now=NINE, code=code)) == {
        "code": "code_expired"
    }
    new = checkin.door(cast.lin, key, NINE)
    assert checkin.on_screen(new.screen.removeprefix("/show/"), NINE).digits == new.digits == digits_at(key, NINE)
    assert store.history(cast.lin, training.SESSION, key)[0].changes == {"checkin_token": ["changed", "changed"]}


@pytest.mark.parametrize(
    ("minutes", "state", "tells"),
    [(-61, "open", False), (-60, "open", True), (239, "held", True), (240, "held", False), (400 * 1440, "open", False),
     (0, "cancelled", False), (0, "draft", False)],
)  # fmt: skip
def test_a_sign_tells_no_code_while_the_door_is_shut(cast: Cast, minutes: int, state: str, tells: bool) -> None:
    key, at = session(hours=3), NINE + timedelta(minutes=minutes)
    training.set_state(SYSTEM, key, SessionState(state), "天气")
    sign = checkin.door(cast.lin, key, at)
    assert checkin.on_screen(sign.screen.removeprefix("/show/"), at) == sign
    assert (bool(sign.path), bool(sign.digits)) == (tells, tells)


def test_the_page_of_a_shut_door_shows_no_code(cast: Cast, browser: TestClient) -> None:
    sign = checkin.door(cast.lin, session())
    told = browser.get(f"{sign.screen}/now").json()
    assert (told["svg"], told["digits"]) == ("", "") and told["closed"]
    assert "<svg" not in browser.get(sign.screen).text


def test_the_screen_counts_who_came_to_this_lesson(cast: Cast) -> None:
    key = session(hours=3)
    lesson(key, 0)
    lesson(key, 2)
    put(key, 1, 2, 3)
    for number in (1, 2):
        checkin.check_in(token_of(key), **someone(number), now=NINE, code=code_at(key, NINE))
    now = checkin.door(cast.lin, key, NINE)
    later = checkin.door(cast.lin, key, NINE + timedelta(hours=2))
    assert (now.came, now.expected, now.view.lesson, later.came, later.view.lesson) == (2, 3, 1, 0, 2)


def test_what_is_planned_anew_is_seen_at_once(cast: Cast) -> None:
    key = session()
    assert checkin.look(token_of(key), now=NINE).view.closed == ""
    training.set_state(cast.lin, key, SessionState.CANCELLED, "台风")
    assert checkin.look(token_of(key), now=NINE).view.closed == "session_cancelled"


def test_a_photograph_of_the_poster_lets_nobody_in_and_the_rooms_digits_do(cast: Cast) -> None:
    key = session()
    put(key, 1, 2)
    assert checkin.checkin_path(cast.lin, key) == f"/c/{token_of(key)}"
    assert not checkin.look(token_of(key), "", now=NINE).is_fresh
    assert refusal(lambda: checkin.check_in(token_of(key), **someone(1), now=NINE)) == {"code": "code_expired"}
    heard = digits_at(key, NINE)
    later = NINE + timedelta(seconds=TOLD.step)
    assert not checkin.check_in(token_of(key), **someone(1), now=later, code=heard).again
    gone = later + timedelta(seconds=TOLD.step)
    assert refusal(lambda: checkin.check_in(token_of(key), **someone(2), now=gone, code=heard)) == {
        "code": "code_expired"
    }


def test_staff_see_who_typed_the_digits_instead_of_scanning(cast: Cast) -> None:
    key = session()
    put(key, 1, 2)
    checkin.check_in(token_of(key), **someone(1), now=NINE, code=code_at(key, NINE))
    checkin.check_in(token_of(key), **someone(2), now=NINE, code=digits_at(key, NINE))
    assert [row.noted_by for row in rows(key, Presence)] == [CheckIn.QR, CheckIn.DIGITS]
    assert [row.checked_in_by for row in rows(key, Attendance)] == [CheckIn.QR, CheckIn.DIGITS]
    sign = checkin.door(cast.lin, key, NINE)
    assert (sign.came, sign.typed) == (2, 1)


# -- many at once ----------------------------------------------------------------------------------------------------


def test_forty_phones_at_once_lose_nobody_and_double_nobody(cast: Cast) -> None:
    """Half are enrolled, a quarter walk in, a quarter finds no seat; everybody sends twice."""
    key, start = session(capacity=15), Barrier(40)
    put(key, *range(10))

    def go(place: int) -> str:
        start.wait()
        try:
            sent = checkin.check_in(token_of(key), **someone(place % 20), now=NINE, code=code_at(key, NINE))
            return "again" if sent.again else "came"
        except Invalid as error:
            return error.fields[""]

    with ThreadPoolExecutor(40) as pool:
        answers = Counter(pool.map(go, range(40)))
    assert answers == {"came": 15, "again": 15, "full": 10}
    assert len(rows(key, Attendance)) == len(rows(key, Presence)) == len(rows(key)) == 15
    assert len({row.person_id for row in rows(key, Attendance)}) == 15


def test_one_who_fails_among_many_holds_nobody_up() -> None:
    """Where what was asked together cannot be done, each is done alone."""
    started = Barrier(5)

    def carry_out(asks: Any) -> list[int]:
        if len(asks) > 1 or asks == [3]:
            raise ValueError(asks)
        return [asks[0] * 10]

    through: Turnstile[int, int] = Turnstile(carry_out)

    def go(ask: int) -> int | str:
        started.wait()
        try:
            return through(ask)
        except ValueError as error:
            return str(error)

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(go, range(5))) == [0, 10, 20, "[3]", 40]


# -- the pages -------------------------------------------------------------------------------------------------------


def test_a_phone_is_known_at_the_next_lesson_and_at_no_other_door(cast: Cast, browser: TestClient) -> None:
    key, other = now_on(hours=3), now_on(hours=3)
    submit(browser, door_of(key), **someone(1), act="in")
    page = browser.get(door_of(key)).text
    assert "学员1" in page and "已签到" in page and 'name="phone"' not in page
    left = submit(browser, door_of(key), me="yes", act="out")
    assert "签退成功" in left and rows(key, Presence)[0].left_at
    assert 'name="phone"' in browser.get(f"/c/{token_of(key)}?other=1").text
    assert "学员1" not in browser.get(f"/c/{token_of(other)}").text
    kept = checkin.remembrance(token_of(key), 1)
    assert checkin.remembered(token_of(other), kept) == 0 == checkin.remembered(token_of(key), kept + "0")


def test_once_the_class_is_over_a_phone_offers_to_leave_alone(cast: Cast, browser: TestClient) -> None:
    """Also a phone that is not known; a class that is over for more than an hour offers nothing."""
    key, old = (session(starts=clock.now() - (3 + over) * HOUR, hours=3) for over in (0.2, 1.2))
    put(key, 1)
    page = browser.get(door_of(key)).text
    assert "只能签退" in page and 'value="out"' in page and 'value="in"' not in page and 'name="phone"' in page
    assert "只能签退" in submit(browser, door_of(key), **someone(1), act="in") and not rows(key, Presence)
    page = browser.get(f"/c/{token_of(old)}").text
    assert "签到已结束" in page and "<button name" not in page


def test_a_photograph_opens_the_page_that_asks_to_scan_again(cast: Cast, browser: TestClient) -> None:
    key = now_on(door_code=DoorCode.ROTATING)
    old = code_at(key, clock.now() - timedelta(minutes=10))
    page = browser.get(f"/c/{token_of(key)}?k={old}").text
    assert "再扫一次" in page and 'name="code"' in page
    refused = submit(browser, f"/c/{token_of(key)}?k={old}", **someone(1), act="in", k=old)
    assert 'value="学员1"' in refused and 'id="code-error"' in refused and rows(key, Presence) == []
    digits = digits_at(key, clock.now())
    assert "签到成功" in submit(browser, f"/c/{token_of(key)}", **someone(1), act="in", code=digits)


def test_a_form_sent_twice_is_answered_alike(cast: Cast, browser: TestClient) -> None:
    key = now_on()
    path = door_of(key)
    first, again = (submit(browser, path, **someone(1), act="in", once="same") for _ in range(2))
    assert "签到成功" in first and "签到成功" in again
    assert len(rows(key, Presence)) == 1


def test_six_digits_on_a_phone_lead_on(cast: Cast, browser: TestClient) -> None:
    key = now_on()
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get("/c").text)
    assert token
    given = {"code": digits_at(key, clock.now()), "form_token": token[1]}
    answer = browser.post("/c", data=given, headers={"origin": HERE}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/c/{token_of(key)}?k={given['code']}")
    wrong = browser.post("/c", data=given | {"code": "000"}, headers={"origin": HERE})
    assert 'value="000"' in wrong.text and 'id="code-error"' in wrong.text


def test_the_screen_tells_the_code_of_the_moment_and_nobodys_name(cast: Cast, browser: TestClient) -> None:
    key = now_on(door_code=DoorCode.ROTATING)
    put(key, 1)
    sign = checkin.door(cast.lin, key)
    page, told = browser.get(sign.screen), browser.get(f"{sign.screen}/now").json()
    assert page.status_code == 200 and "学员1" not in page.text and token_of(key) not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert set(told) == {"svg", "digits", "closed", "seconds", "came", "expected"} and told["expected"] == 1
    assert 0 <= told["seconds"] <= SCREEN.step and told["svg"].startswith("<svg")
    for path in ("/show/1.x", "/show/1.x/now", "/show/", "/show/a/b/c"):
        assert browser.get(path).status_code == 404


def test_a_code_once_seen_is_nowhere_in_the_audit(cast: Cast) -> None:
    key = session()
    checkin.check_in(token_of(key), **someone(1), now=NINE, code=code_at(key, NINE), once="a-word-of-the-phone")
    from models.system import AuditEntry

    with db.reading(SYSTEM) as s:
        assert "a-word-of-the-phone" not in repr([entry.changes for entry in s.exec(select(AuditEntry))])


# -- on a phone ------------------------------------------------------------------------------------------------------


@pytest.mark.xdist_group("browser")
def test_a_phone_that_loses_the_network_is_noted_once_when_it_is_back(
    portal: Served, window: Callable[..., Visitor]
) -> None:
    from playwright.sync_api import expect

    key = now_on(hours=3, title="断网班")
    phone = window(size=PHONE)
    page = phone.open(door_of(key).removeprefix("/"))
    page.fill("#name", "何晓舟")
    page.fill("#phone", "13900007788")
    phone.context.set_offline(True)
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.get_by_text("网络中断")).to_be_visible()
    expect(page.locator("#name")).to_have_value("何晓舟")
    assert rows(key, Presence) == []
    phone.context.set_offline(False)
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()
    assert len(rows(key, Presence)) == len(rows(key, Attendance)) == 1
    page.get_by_role("link", name="回到签到页").click()
    expect(page.get_by_text("何晓舟")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="签退").click()
    expect(page.get_by_role("heading", name="签退成功")).to_be_visible()
    [noted] = rows(key, Presence)
    assert noted.left_at and noted.state == "late_and_early"


@pytest.mark.xdist_group("browser")
def test_the_screen_in_the_room_shows_who_has_just_come(portal: Served, window: Callable[..., Visitor]) -> None:
    from playwright.sync_api import expect

    key = now_on(door_code=DoorCode.ROTATING, title="屏幕班")
    sign = checkin.door(SYSTEM, key)
    page = window().open(sign.screen.removeprefix("/"))
    expect(page.locator("#came")).to_have_text("0")
    checkin.check_in(token_of(key), *someone(77).values(), code=code_at(key, clock.now()))
    expect(page.locator("#came")).to_have_text("1", timeout=20_000)
    assert page.locator("#code svg").count() == 1


def test_nobody_checks_out_of_what_has_not_begun(cast: Cast) -> None:
    key, early = session(hours=3), NINE - timedelta(minutes=10)
    came = checkin.check_in(token_of(key), **someone(1), now=early, code=code_at(key, early))

    def leave(at: datetime) -> checkin.CheckinResult:
        return checkin.pass_again(token_of(key), came.person, leaves=True, now=at, code=code_at(key, at))

    assert refusal(lambda: leave(early)) == {"": "not_begun"}
    assert leave(NINE + timedelta(minutes=1)).left


def test_who_checked_out_by_mistake_comes_back_and_is_there_as_before(cast: Cast) -> None:
    key, later = session(hours=3), NINE + timedelta(minutes=40)
    came = checkin.check_in(token_of(key), **someone(1), now=NINE, code=code_at(key, NINE))
    checkin.pass_again(token_of(key), came.person, leaves=True, now=later, code=code_at(key, later))
    again = later + timedelta(minutes=1)
    back = checkin.check_in(token_of(key), **someone(1), now=again, code=code_at(key, again), once="one")
    assert (back.back, back.again, back.at) == (True, True, NINE)
    with db.reading(SYSTEM) as s:
        [row] = s.exec(select(Presence)).all()
    assert (row.state, row.arrived_at, row.left_at) == (PresenceState.PRESENT, NINE, None)
    twice = checkin.check_in(token_of(key), **someone(1), now=again, code=code_at(key, again), once="one")
    assert not twice.back


def test_a_phone_that_left_offers_to_take_it_back_and_one_that_is_early_offers_no_leaving(
    cast: Cast, browser: TestClient
) -> None:
    running, ahead = now_on(hours=3), session(starts=clock.now() + timedelta(minutes=20), hours=3)
    for key in (running, ahead):
        submit(browser, door_of(key), **someone(1), act="in")
    assert 'value="out"' not in browser.get(door_of(ahead)).text
    submit(browser, door_of(running), me="yes", act="out")
    assert "撤销签退" in browser.get(door_of(running)).text
    assert "欢迎回来，签退已撤销" in submit(browser, door_of(running), me="yes", act="in")
    page = browser.get(door_of(running)).text
    assert "撤销签退" not in page and 'value="out"' in page
