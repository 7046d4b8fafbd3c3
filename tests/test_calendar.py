"""The calendar: what it shows and moves, on the page too; what waits on the home when a class is left open."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from models.system import Role, Setting
from models.training import SessionState
from services import clock, db, planning, timetable, today, training
from services.access import SYSTEM
from services.errors import Denied, NotFound
from services.timetable import Only
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_kit import book, check, manikins
from tests.test_training import NINE, instructor, refusal, session, stored, venue

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARCH = date(2026, 3, 1), date(2026, 3, 31)


def shown(only: Only) -> list[str]:
    return [item.title for item in timetable.calendar(SYSTEM, *MARCH, only)]


def test_it_is_narrowed_by_base_venue_instructor_and_equipment(cast: Cast) -> None:
    room, teacher, key = venue(), instructor(), manikins()
    session(title="甲", venue_id=room)
    session(title="乙", instructors=[teacher])
    session(title="丙", base="emergency_base")
    book({key: 1}, title="丁", base="emergency_base")
    assert shown(Only()) == ["甲", "乙", "丙", "丁"]
    assert shown(Only(venue_id=room)) == ["甲"]
    assert shown(Only(instructor_id=teacher)) == ["乙"]
    assert shown(Only(equipment_id=key)) == ["丁"]
    assert shown(Only(base="emergency_base", equipment_id=key)) == ["丁"]


def test_it_takes_one_statement_however_many_there_are(cast: Cast, statements: Callable[[], int]) -> None:
    for place in range(12):
        session(starts=NINE + place * DAY)
    statements()
    assert len(timetable.calendar(cast.lin, *MARCH, Only(base="training_base"))) == 12
    assert statements() == 1


def test_a_moved_class_takes_its_registration_times_along(cast: Cast) -> None:
    key = session(registration_opens=NINE - 10 * DAY, registration_closes=NINE - DAY)
    planning.move(cast.lin, key, NINE + 7 * DAY, NINE + 7 * DAY + 2 * HOUR)
    row = stored(key)
    assert (row.starts, row.ends) == (NINE + 7 * DAY, NINE + 7 * DAY + 2 * HOUR)
    assert (row.registration_opens, row.registration_closes) == (NINE - 3 * DAY, NINE + 6 * DAY)


def test_a_move_into_anothers_place_needs_a_reason(cast: Cast) -> None:
    room = venue()
    session(venue_id=room)
    key = session(venue_id=room, starts=NINE + DAY)
    assert refusal(lambda: planning.move(cast.lin, key, NINE, NINE + HOUR)) == {"": "clash"}
    assert planning.advice_on_move(cast.lin, key, NINE, NINE + HOUR).refused
    planning.move(cast.lin, key, NINE, NINE + HOUR, reason="教室可分隔")
    assert stored(key).starts == NINE


def test_what_was_held_or_cancelled_is_not_moved(cast: Cast) -> None:
    held, cancelled = session(), session()
    training.set_state(SYSTEM, held, SessionState.HELD)
    training.set_state(SYSTEM, cancelled, SessionState.CANCELLED, "台风")
    for key in (held, cancelled):
        assert refusal(lambda key=key: planning.move(cast.lin, key, NINE + DAY, NINE + DAY + HOUR)) == {  # type: ignore[misc]
            "": "session_over"
        }


def test_readers_move_nothing_and_stations_their_own(cast: Cast) -> None:
    key = session()
    with pytest.raises(Denied):
        planning.move(cast.chen, key, NINE + DAY, NINE + DAY + HOUR)
    for act in (planning.move, planning.advice_on_move):
        with pytest.raises(NotFound):
            act(cast.wang, key, NINE + DAY, NINE + DAY + HOUR)


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "2026-02-30", "9999-01-01", "0001-01-01", "2026-01-01T"])
def test_an_address_that_names_no_day_is_no_day(text: str) -> None:
    assert timetable.day_from(text) is None


def test_a_time_in_the_address_is_one_of_the_site() -> None:
    assert timetable.moment_from("2026-03-09T09:00:00Z") == NINE
    assert [timetable.moment_from(text) for text in ("", "2026-03-09T99:00", "x")] == [None] * 3


# -- the pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_lists_the_sessions_for_a_phone(demo: None, language: str) -> None:
    at = visit(seat(Role.BASE_MANAGER), "calendar", language, date=clock.today().isoformat())
    assert healthy(at)
    assert any("/training_session?id=" in text for text in texts(at))


@pytest.mark.parametrize("bad", [{"date": "no"}, {"venue_id": "x"}, {"base": "nowhere"}, {"move": "1", "was": "x/y"}])
def test_a_broken_address_is_an_ordinary_calendar(demo: None, bad: dict[str, str]) -> None:
    assert healthy(visit(seat(Role.BASE_MANAGER), "calendar", **bad))


def test_the_form_offers_equipment_and_tells_what_is_missing(demo: None) -> None:
    starts = clock.local(clock.now()) + 3 * DAY
    when = {"set.starts": f"{starts:%Y-%m-%d} 19:00", "set.ends": f"{starts:%Y-%m-%d} 21:00", "set.capacity": "4000"}
    at = visit(seat(Role.BASE_MANAGER), "training_session", do="new", **when, **{"set.venue_id": "1"})
    assert healthy(at)
    words = " ".join(texts(at))
    assert "这次要用的教具" in words
    assert "重复举办" in words
    assert "名额是 4000 人" in words


def test_a_series_is_planned_in_the_form(demo: None) -> None:
    who = seat(Role.BASE_MANAGER)
    starts = datetime.combine(clock.today() + 3 * DAY, datetime.min.time())
    when = {"set.starts": f"{starts:%Y-%m-%d} 21:10", "set.ends": f"{starts:%Y-%m-%d} 21:40"}
    given = {"set.title": "晨间急救", "set.course_id": "1"}
    at = visit(who, "training_session", do="new", **when, **given)
    next(one for one in at.toggle if "重复" in one.label).set_value(True).run()
    assert sum("21\\:10" in one.label for one in at.checkbox) == 8
    next(one for one in at.checkbox if "21\\:10" in one.label).set_value(False).run()
    next(one for one in at.button if one.label == "保存").click().run()
    assert healthy(at)
    found = timetable.calendar(SYSTEM, clock.today(), clock.today() + 80 * DAY)
    assert sum(item.title == "晨间急救" for item in found) == 7


def test_a_series_shows_its_places_and_ends_with_a_reason(demo: None) -> None:
    found = timetable.calendar(SYSTEM, clock.today(), clock.today() + 80 * DAY)
    first = next(item for item in found if item.title == "社区急救夜校")
    at = visit(seat(Role.BASE_MANAGER), "training_session", id=first.id)
    assert healthy(at)
    assert any("系列第 1 次，共 6 次" in text for text in texts(at))
    assert healthy(visit(seat(Role.LEADER), "training_session", "en", id=first.id))
    edited = visit(seat(Role.BASE_MANAGER), "training_session", id=first.id, do="edit")
    assert any(one.label == "改动用于" for one in edited.radio)


# -- the home --------------------------------------------------------------------------------------------------------


def waiting(kind: str) -> list[today.Item]:
    return [item for item in today.work(SYSTEM).items if item.kind == kind]


@pytest.mark.parametrize(
    ("days", "overdue", "grave"), [(1, False, False), (7, False, False), (8, True, False), (29, True, False), (30, True, True)]
)  # fmt: skip
def test_a_class_left_open_is_overdue_after_a_week_and_grave_after_a_month(
    cast: Cast, days: int, overdue: bool, grave: bool
) -> None:
    at = clock.from_local(datetime.combine(clock.today() - days * DAY, datetime.min.time()))
    session(starts=at, hours=1)
    [item] = waiting("to_close")
    assert (bool(item.overdue), item.is_grave) == (overdue, grave)


def test_when_it_is_grave_is_a_setting(cast: Cast) -> None:
    session(starts=clock.now() - 12 * DAY)
    with db.unit(SYSTEM) as s:
        s.add(Setting(key="wait.to_close.grave", value=10))
    assert waiting("to_close")[0].is_grave


def test_equipment_to_check_and_classes_whose_equipment_broke_wait(cast: Cast) -> None:
    key = manikins(4, next_check_on=clock.today() + 3 * DAY)
    made = book({key: 3}, starts=clock.now() + 5 * DAY)
    assert [item.id for item in waiting("equipment_checks")] == [key]
    assert waiting("equipment_broken") == []
    check(key, out_of_use=2, next_check_on=clock.today() + 90 * DAY)
    assert waiting("equipment_checks") == []
    assert [item.id for item in waiting("equipment_broken")] == [made]


@pytest.mark.parametrize(
    ("title", "short"),
    [
        ("急救培训（11月26日）", "急救培训"),
        ("急救培训 (1月2日)", "急救培训"),
        ("11月26日急救培训", "11月26日急救培训"),
        ("（11月）", "（11月）"),
    ],
)
def test_a_title_leaves_out_the_day_that_the_calendar_says_and_has_the_rest_on_a_second_line(
    cast: Cast, title: str, short: str
) -> None:
    from pages.staff import calendar

    session(title=title, capacity=12, venue_id=venue())
    [item] = timetable.calendar(SYSTEM, *MARCH)
    assert calendar._event(SYSTEM, item)["title"] == f"{short}\n一号教室 · 0/12"
