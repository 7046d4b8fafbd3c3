"""Feedback: without a name, once a device, never more of it than people; its mean where staff look."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from models.assessment import Feedback
from models.people import Person
from models.system import AuditEntry, Role, Setting
from models.training import Base, SessionState
from services import bases, clock, db, feedback, signed, training
from services.access import SYSTEM
from services.errors import Denied, Invalid, NotFound
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_quiz import phone, post  # noqa: F401
from tests.test_training import DURING, NINE, came, put, refusal, session

GOOD = {"content": 5, "teaching": 4, "organising": 3, "remark": "很好"}
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def held(people: int = 3, **more: Any) -> tuple[int, str]:
    key = session(**more)
    put(key, *range(1, people + 1))
    return key, signed.sign("feedback", key)


def give(token: str, device: str = "one", now: Any = DURING, **more: Any) -> None:
    feedback.give(token, device, GOOD | more, now=now)


def answers() -> list[Feedback]:
    with db.reading(SYSTEM) as s:
        return list(s.exec(select(Feedback).order_by(col(Feedback.id))))


def test_feedback_is_kept_with_its_session_and_station_and_nobodys_name(cast: Cast) -> None:
    key, token = held(unit_id=cast.station)
    give(token)
    [row] = answers()
    assert (row.session_id, row.unit_id, row.content, row.teaching, row.organising) == (key, cast.station, 5, 4, 3)
    assert (row.remark, row.given_on) == ("很好", clock.local(DURING).date())
    assert not any("person" in name or "phone" in name for name in Feedback.model_fields)
    with db.reading(SYSTEM) as s:
        told = repr([entry.changes for entry in s.exec(select(AuditEntry).where(AuditEntry.record == "feedback"))])
        assert row.device_key and row.device_key not in told and "one" not in row.device_key
        assert len(s.exec(select(Person.id)).all()) == 3


def test_one_device_answers_once_a_session(cast: Cast) -> None:
    _, token = held()
    give(token)
    assert refusal(lambda: give(token)) == {"": "feedback_given"}
    give(token, "two")
    _, other = held(starts=NINE + timedelta(days=1))
    give(other, now=DURING + timedelta(days=1))
    keys = [row.device_key for row in answers()]
    assert len(set(keys)) == 3  # the same phone at two sessions is not known to be the same


def test_two_posts_at_once_count_once(cast: Cast) -> None:
    _, token = held()
    gate = Barrier(2)

    def go(_: int) -> bool:
        gate.wait()
        try:
            give(token)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, range(2))) == [False, True]
    assert len(answers()) == 1


def test_there_are_no_more_answers_than_people_who_came(cast: Cast) -> None:
    key, token = held(people=3)
    with db.reading(SYSTEM) as s:
        people = s.exec(select(Person.id).order_by(col(Person.id))).all()
    for person in people[:2]:
        came(SYSTEM, key, person or 0)
    give(token, "one")
    give(token, "two")
    assert refusal(lambda: give(token, "three")) == {"": "feedback_full"}


@pytest.mark.parametrize(
    ("hours", "closed"),
    [(-0.1, "feedback_not_yet"), (0, ""), (3, ""), (24 * 30 + 2.9, ""), (24 * 30 + 3, "feedback_over")],
)
def test_feedback_is_open_from_the_beginning_to_a_month_after(cast: Cast, hours: float, closed: str) -> None:
    _, token = held()
    assert feedback.view(token, "one", NINE + timedelta(hours=hours)).closed == closed


def test_a_cancelled_session_a_wrong_link_and_a_spent_limit_take_none(cast: Cast) -> None:
    key, token = held()
    training.set_state(SYSTEM, key, SessionState.CANCELLED)
    assert refusal(lambda: give(token)) == {"": "session_cancelled"}
    for wrong in ("", "1", signed.sign("quiz", key), signed.sign("feedback", 999)):
        with pytest.raises(NotFound):
            give(wrong)
    with db.unit(SYSTEM) as s:
        s.add(Setting(key=feedback.LIMIT.key, value=0))
    with pytest.raises(Denied) as error:
        give(token)
    assert error.value.code == "too_many"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"content": None}, {"content": "required"}),
        ({"teaching": 6, "organising": 0}, {"teaching": "too_large", "organising": "too_small"}),
        ({"remark": "长" * 501}, {"remark": "too_long"}),
    ],
)
def test_bad_input_is_told_beside_its_field(cast: Cast, given: Any, wrong: Any) -> None:
    _, token = held()
    assert refusal(lambda: give(token, **given)) == wrong
    assert answers() == []


def test_the_mean_is_that_of_the_session_and_of_the_base(cast: Cast) -> None:
    key, token = held(base=Base.EMERGENCY_BASE)
    assert feedback.of_session(SYSTEM, key).number == 0 and feedback.of_session(SYSTEM, key).mean == 0
    give(token, "one")
    give(token, "two", content=3, teaching=4, organising=1)
    found = feedback.of_session(cast.chen, key)
    assert (found.number, found.means) == (2, {"content": 4, "teaching": 4, "organising": 2})
    assert found.mean == pytest.approx(10 / 3)
    day = clock.local(NINE).date()
    for base, number in ((Base.EMERGENCY_BASE, 2), (Base.TRAINING_BASE, 0)):
        assert feedback.of_base(cast.chen, base, day, day).number == number
        assert bases.overview(cast.chen, base, day).feedback.number == number
    assert feedback.of_base(cast.chen, Base.EMERGENCY_BASE, date(2026, 3, 10), date(2026, 3, 20)).number == 0


def test_a_station_lead_reads_the_own_station_alone(cast: Cast) -> None:
    mine, token = held(unit_id=cast.station)
    other, elsewhere = held(unit_id=cast.other_station)
    give(token)
    give(elsewhere)
    assert feedback.of_session(cast.wang, mine).number == 1
    assert feedback.of_session(cast.wang, other).number == 0
    assert feedback.path(cast.wang, mine) == f"/f/{token}"
    with pytest.raises(NotFound):
        feedback.path(cast.wang, other)
    with pytest.raises(Denied):
        feedback.path(cast.chen, mine)


# -- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def link(cast: Cast) -> Iterator[str]:
    """The page of a session of two that began ten minutes ago."""
    yield f"/f/{held(people=2, starts=clock.now() - timedelta(minutes=10))[1]}"


def test_a_phone_answers_once_and_another_phone_too(link: str, phone: TestClient) -> None:  # noqa: F811
    page = phone.get(link).text
    assert "不记名" in page and "<script" not in page and page.count('type="radio"') == 15
    assert "谢谢您的评价" in post(phone, link, content="5", teaching="4", organising="5", remark="好").text
    again = phone.get(link).text
    assert "这部手机已经评价过" in again and "<form" not in again
    phone.cookies.clear()
    assert "谢谢您的评价" in post(phone, link, content="3", teaching="4", organising="5").text
    phone.cookies.clear()
    assert "和到场人数一样多" in phone.get(link).text
    assert [row.content for row in answers()] == [5, 3]


def test_what_was_chosen_stays_beside_its_error(link: str, phone: TestClient) -> None:  # noqa: F811
    page = post(phone, link, content="4", remark="再来").text
    assert 'id="teaching-error"' in page and 'id="content-error"' not in page
    assert re.search(r'name="content" value="4" checked', page) and "再来</textarea>" in page
    assert "Send</button>" in phone.get(link + "?lang=en").text
    assert answers() == []


# -- where staff look ------------------------------------------------------------------------------------------------


@ON_SQLITE
def test_the_stars_stand_on_the_page_of_the_session_and_of_the_base(cast: Cast) -> None:
    key, token = held(people=2, starts=clock.now() - timedelta(hours=1), base=Base.EMERGENCY_BASE)
    give(token, now=clock.now())
    for url, asked in (("training_session", {"id": key}), ("base", {"base": "emergency_base"})):
        at = visit(seat(Role.BASE_MANAGER), url, **asked)
        assert healthy(at) and any("★ 4.0（1 份评价）" in text for text in texts(at)), url
