"""Series of sessions: the days of a rule, previews, all or nothing, and changes of one, of the rest, of all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from models import RECORDS
from models.periods import WorkCalendar
from models.planning import TrainingSeries, Weekday
from models.training import SessionState, TrainingSession
from services import clock, db, kit, recurring, store, teaching, training
from services.access import SYSTEM
from services.errors import Conflict, Denied, Invalid, NotFound
from services.recurring import Rule, Scope
from tests.conftest import Cast
from tests.test_kit import manikins
from tests.test_training import instructor, planned, put, refusal, session, stored, venue

MONDAY, WEDNESDAY, FRIDAY = Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.FRIDAY
PLAIN = WorkCalendar()
NINE = datetime(2026, 3, 9, 1)  # a Monday, nine in the morning at the site
START = clock.from_local(datetime(2026, 3, 9, 9))
WEEK = timedelta(days=7)
FOUR = Rule([MONDAY], times=4)


def starts(ids: list[int]) -> list[str]:
    return [f"{clock.local(stored(key).starts):%m-%d %H:%M}" for key in ids]


def made(rule: Rule = FOUR, **more: Any) -> list[int]:
    return recurring.create(SYSTEM, planned(START, **more), rule)


# -- the days of a rule ----------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sets(st.sampled_from(list(Weekday)), min_size=1),
    st.integers(1, 8), st.integers(1, 30), st.sets(st.integers(0, 400), max_size=20),
)  # fmt: skip
def test_the_days_of_a_rule_are_its_weekdays_in_every_nth_week_without_holidays(
    first: date, weekdays: set[Weekday], every: int, times: int, off: set[int]
) -> None:
    holidays = {first + timedelta(days=n) for n in off}
    found = recurring.days(Rule(weekdays, every, times=times), first, WorkCalendar(off=frozenset(holidays)))
    held = [day for day, skipped in found if not skipped]
    monday = first - timedelta(days=first.weekday())
    assert len(held) == times
    assert all(day >= first and str(day.weekday()) in weekdays for day, _ in found)
    assert all((day - monday).days // 7 % every == 0 for day, _ in found)
    assert all(skipped == (day in holidays) for day, skipped in found)
    assert [day for day, _ in found] == sorted({day for day, _ in found})
    between = [held[0] + timedelta(days=n) for n in range((held[-1] - held[0]).days)]
    fitting = [d for d in between if str(d.weekday()) in weekdays and (d - monday).days // 7 % every == 0]
    assert set(fitting) - holidays == set(held[:-1])


def test_until_is_included_and_the_earlier_end_counts() -> None:
    days = [day for day, _ in recurring.days(Rule([MONDAY], until=date(2026, 3, 23)), date(2026, 3, 9), PLAIN)]
    assert days == [date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 23)]
    both = Rule([MONDAY], until=date(2026, 3, 23), times=2)
    assert len(recurring.days(both, date(2026, 3, 9), PLAIN)) == 2


@pytest.mark.parametrize(
    ("rule", "errors"),
    [
        (Rule([], times=2), {"weekdays": "required"}),
        (Rule([MONDAY]), {"until": "series_end"}),
        (Rule([MONDAY], until=date(2026, 3, 1)), {"until": "ends_before_start"}),
        (Rule([MONDAY], every=0, times=2), {"every": "too_small"}),
        (Rule([MONDAY], times=0), {"times": "too_small"}),
        (Rule([MONDAY], times=101), {"times": "series_too_long"}),
        (Rule([MONDAY], until=date(2030, 3, 1)), {"until": "series_too_long"}),
        (Rule([FRIDAY], until=date(2026, 3, 10)), {"until": "series_empty"}),
    ],
)
def test_a_rule_that_cannot_be_is_refused_beside_its_field(rule: Rule, errors: dict[str, str]) -> None:
    assert refusal(lambda: recurring.days(rule, date(2026, 3, 9), PLAIN)) == errors


# -- planning --------------------------------------------------------------------------------------------------------


def test_a_series_is_created_with_its_places_numbers_and_registration_times(cast: Cast) -> None:
    opens = START - timedelta(days=20)
    ids = recurring.create(cast.lin, planned(START, registration_opens=opens), Rule([MONDAY, WEDNESDAY], times=3))
    assert starts(ids) == ["03-09 09:00", "03-11 09:00", "03-16 09:00"]
    rows = [stored(key) for key in ids]
    assert [row.series_place for row in rows] == [1, 2, 3]
    assert len({row.series_id for row in rows}) == 1
    assert [row.code for row in rows] == ["PX20260309-01", "PX20260311-01", "PX20260316-01"]
    assert [row.starts - row.registration_opens for row in rows if row.registration_opens] == [timedelta(days=20)] * 3
    assert len({row.checkin_token for row in rows}) == 3


def test_holidays_are_skipped_and_shown(cast: Cast) -> None:
    store.save(SYSTEM, RECORDS["public_holiday"], {"day": date(2026, 3, 16), "name": "院庆", "off": True})
    before = recurring.preview(cast.lin, planned(START), FOUR)
    assert before.unknown_years == []
    shown = before.occasions
    assert [(one.day.day, one.is_holiday) for one in shown][:3] == [(9, False), (16, True), (23, False)]
    assert starts(recurring.create(cast.lin, planned(START), FOUR))[1] == "03-23 09:00"
    kept = Rule([MONDAY], times=4, skip_holidays=False)
    assert starts(recurring.create(cast.lin, planned(START), kept))[1] == "03-16 09:00"


def test_a_year_whose_holidays_are_not_on_file_is_named(cast: Cast) -> None:
    store.save(SYSTEM, RECORDS["public_holiday"], {"day": date(2026, 10, 1), "name": "国庆节", "off": True})
    rule = Rule([MONDAY], every=13, times=5)
    assert recurring.preview(cast.lin, planned(START), rule).unknown_years == [2027]


def test_the_preview_names_what_is_in_the_way_on_each_day(cast: Cast) -> None:
    room, key = venue(), manikins(4)
    session(venue_id=room, starts=START + WEEK)
    training.save_session(SYSTEM, planned(START + 2 * WEEK), equipment={key: 3})
    shown = recurring.preview(cast.lin, planned(START, venue_id=room), FOUR, {key: 2}).occasions
    assert [(len(one.clashes), len(one.short)) for one in shown] == [(0, 0), (1, 0), (0, 1), (0, 0)]


def test_a_preview_takes_as_many_statements_for_fifty_days_as_for_two(cast: Cast, statements: Any) -> None:
    given = planned(START, venue_id=venue(), instructors=[instructor()])
    key = manikins(4)
    counts = []
    for times in (2, 50):
        statements()
        recurring.preview(cast.lin, given, Rule([MONDAY], times=times), {key: 1})
        counts.append(statements())
    assert counts[0] == counts[1] <= 6


def test_one_day_in_the_way_stops_the_whole_series_and_the_chosen_ones_go(cast: Cast) -> None:
    room = venue()
    session(venue_id=room, starts=START + 2 * WEEK)
    given = planned(START, venue_id=room)
    assert refusal(lambda: recurring.create(cast.lin, given, FOUR)) == {"": "clash"}
    with db.reading(SYSTEM) as s:
        assert len(s.exec(select(TrainingSession)).all()) == 1
        assert s.exec(select(TrainingSeries)).all() == []
    ids = recurring.create(cast.lin, given, FOUR, [date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 30)])
    assert starts(ids) == ["03-09 09:00", "03-16 09:00", "03-30 09:00"]
    assert [stored(key).series_place for key in ids] == [1, 2, 3]


def test_a_day_that_is_not_of_the_rule_is_refused(cast: Cast) -> None:
    chosen = [date(2026, 3, 10)]
    assert refusal(lambda: recurring.create(cast.lin, planned(START), FOUR, chosen)) == {"": "not_in_series"}
    assert refusal(lambda: recurring.create(cast.lin, planned(START), FOUR, [])) == {"": "series_empty"}


def test_a_reason_lets_a_series_pass(cast: Cast) -> None:
    room = venue()
    session(venue_id=room, starts=START + WEEK)
    given = planned(START, venue_id=room)
    assert len(recurring.create(cast.lin, given, FOUR, override_reason="礼堂可分隔")) == 4


def test_two_series_at_once_do_not_share_a_room(cast: Cast) -> None:
    given, start = planned(START, venue_id=venue()), Barrier(2)

    def plan(_: int) -> str:
        start.wait()
        try:
            recurring.create(cast.lin, given, FOUR)
        except Invalid as error:
            return error.fields[""]
        return "created"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(plan, range(2))) == ["clash", "created"]
    with db.reading(SYSTEM) as s:
        assert len(s.exec(select(TrainingSession)).all()) == 4


# -- changing --------------------------------------------------------------------------------------------------------


def change(key: int, scope: Scope, **given: Any) -> int:
    return recurring.change(SYSTEM, key, given, scope)


def test_a_change_of_one_leaves_the_others(cast: Cast) -> None:
    ids = made()
    assert change(ids[1], Scope.THIS, title="加强班") == 1
    assert [stored(key).title for key in ids] == ["急救班", "加强班", "急救班", "急救班"]


def test_a_change_of_this_and_the_following_leaves_those_before(cast: Cast) -> None:
    ids = made()
    teacher = instructor()
    assert change(ids[1], Scope.FOLLOWING, capacity=30, instructors=[teacher]) == 3
    assert [stored(key).capacity for key in ids] == [40, 30, 30, 30]
    with db.reading(SYSTEM) as s:
        assert [teaching.teaching_in(s, key) for key in ids] == [[], [teacher], [teacher], [teacher]]


@pytest.mark.parametrize("days", [7, -7, 1, -1])
def test_all_move_by_as_much_as_one_did_even_into_each_others_places(cast: Cast, days: int) -> None:
    ids = made(venue_id=venue())
    row, by = stored(ids[2]), timedelta(days=days, hours=1)
    assert change(ids[2], Scope.ALL, starts=row.starts + by, ends=row.ends + by) == 4
    assert [stored(key).starts for key in ids] == [START + n * WEEK + by for n in range(4)]
    assert [stored(key).ends - stored(key).starts for key in ids] == [timedelta(hours=3)] * 4


def test_what_was_changed_of_a_single_one_stays_when_all_are_moved(cast: Cast) -> None:
    ids = made()
    hour = timedelta(hours=1)
    change(ids[3], Scope.THIS, starts=stored(ids[3]).starts + hour, ends=stored(ids[3]).ends + hour)
    change(ids[0], Scope.ALL, starts=START + 2 * hour, ends=START + 5 * hour)
    assert starts(ids) == ["03-09 11:00", "03-16 11:00", "03-23 11:00", "03-30 12:00"]


def test_a_new_registration_time_keeps_its_distance_to_each_start(cast: Cast) -> None:
    ids = made()
    change(ids[1], Scope.ALL, registration_closes=stored(ids[1]).starts - timedelta(days=2))
    rows = [stored(key) for key in ids]
    assert [row.starts - row.registration_closes for row in rows if row.registration_closes] == [timedelta(days=2)] * 4


def test_a_clash_of_one_stops_the_change_of_all(cast: Cast) -> None:
    ids, room = made(), venue()
    session(venue_id=room, starts=START + 3 * WEEK)
    assert refusal(lambda: change(ids[0], Scope.ALL, venue_id=room)) == {"": "clash"}
    assert [stored(key).venue_id for key in ids] == [None] * 4


def test_equipment_follows_the_scope(cast: Cast) -> None:
    ids, key = made(), manikins(4)
    recurring.change(SYSTEM, ids[2], {}, Scope.FOLLOWING, equipment={key: 2})
    assert [kit.of_session(SYSTEM, one) for one in ids] == [{}, {}, {key: 2}, {key: 2}]


def test_held_and_cancelled_ones_stay_as_they_are_in_their_place(cast: Cast) -> None:
    ids = made()
    training.set_state(SYSTEM, ids[0], SessionState.HELD)
    training.set_state(SYSTEM, ids[2], SessionState.CANCELLED, "台风")
    assert change(ids[1], Scope.ALL, capacity=25) == 2
    assert [stored(key).capacity for key in ids] == [40, 25, 40, 25]
    assert [(m.place, m.state) for m in recurring.members(cast.lin, ids[1])] == [
        (1, SessionState.HELD), (2, SessionState.OPEN), (3, SessionState.CANCELLED), (4, SessionState.OPEN)
    ]  # fmt: skip


def test_the_rest_is_cancelled_with_a_reason_and_gives_its_room_back(cast: Cast) -> None:
    room = venue()
    ids = made(venue_id=room)
    put(ids[2], 1)
    assert refusal(lambda: recurring.cancel(cast.lin, ids[1], Scope.FOLLOWING, " ")) == {"reason": "reason_missing"}
    assert recurring.cancel(cast.lin, ids[1], Scope.FOLLOWING, "讲师调离") == 3
    assert [stored(key).state for key in ids] == ["open", "cancelled", "cancelled", "cancelled"]
    session(venue_id=room, starts=START + WEEK)


def test_what_somebody_else_changed_meanwhile_is_a_conflict(cast: Cast) -> None:
    ids = made()
    version = stored(ids[0]).version
    change(ids[0], Scope.THIS, title="改名")
    with pytest.raises(Conflict):
        recurring.change(cast.lin, ids[0], {"title": "也改名"}, Scope.ALL, version=version)


def test_who_may_not_write_plans_no_series_and_stations_see_their_own(cast: Cast) -> None:
    ids = recurring.create(cast.wang, planned(START), FOUR)
    other = made()
    for act in (
        lambda: recurring.create(cast.chen, planned(START), FOUR),
        lambda: recurring.change(cast.chen, ids[0], {}, Scope.ALL),
        lambda: recurring.cancel(cast.chen, ids[0], Scope.ALL, "不行"),
        lambda: recurring.preview(cast.stranger, planned(START), FOUR),
        lambda: recurring.members(cast.stranger, ids[0]),
    ):
        with pytest.raises(Denied):
            act()
    with pytest.raises(NotFound):
        recurring.change(cast.wang, other[0], {"title": "改名"}, Scope.ALL)
    assert len(recurring.members(cast.wang, ids[0])) == 4
    with db.reading(SYSTEM) as s:
        units = {row.unit_id for row in s.exec(select(TrainingSeries).order_by(col(TrainingSeries.id)))}
    assert units == {cast.station, None}
