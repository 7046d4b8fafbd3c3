"""Hours: the vectors of rules.md §1, signing in and out, a second person, levels of review, laws of the sum (V5, V6, V10)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from sqlmodel import select

from models import RECORDS, spans
from models.service import (
    HoursSource,
    HoursState,
    Quality,
    ServiceHours,
    ShiftSignup,
    SignupState,
    StarAward,
    StarState,
)
from models.system import Role, Setting
from seed.load import load_reference
from services import clock, db, numbers, serving, serving_awards, serving_hours, serving_ledger, serving_numbers, store
from services.access import SYSTEM
from services.errors import Conflict, Denied, Invalid
from services.serving_numbers import NUMBERS
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_serving import refusal, shift, volunteer, waiting

HOURS, AWARD, REQUEST = (RECORDS[name] for name in ("service_hours", "star_award", "correction_request"))
YESTERDAY = clock.today() - timedelta(days=1)
USUAL = {name: number.usual for name, number in NUMBERS.items()}
EFFECTIVE, PENDING, OPEN, REJECTED, VOID = (
    HoursState.EFFECTIVE, HoursState.PENDING, HoursState.OPEN, HoursState.REJECTED, HoursState.VOID,
)  # fmt: skip


def moment(hour: int, minute: int = 0, day: date = YESTERDAY) -> datetime:
    return clock.from_local(datetime(day.year, day.month, day.day, hour, minute))


def entry(who: int, times: str, day: date = YESTERDAY, *, by: Any = SYSTEM, **more: Any) -> int:
    """Hours without a shift, entered by hand."""
    return store.save(
        by, HOURS, {"volunteer_id": who, "activity": "门诊导诊", "served_on": day, "times": times, **more}
    )


def stored(key: int) -> ServiceHours:
    with db.reading(SYSTEM) as s:
        return s.get_one(ServiceHours, key)


def served(who: int, first: int = 8, last: int = 11, *, day: date = YESTERDAY, **more: Any) -> int:
    """A shift for which the volunteer has signed up."""
    key = shift(first, last, day=day, **more)
    serving.sign_up(SYSTEM, key, who)
    return key


def of_shift(key: int) -> ServiceHours:
    with db.reading(SYSTEM) as s:
        return s.exec(select(ServiceHours).where(ServiceHours.shift_id == key)).one()


# -- times and their sum --------------------------------------------------


@pytest.mark.parametrize(
    ("times", "minutes", "hours"),
    [
        ("08:30-11:10", 160, "2.67"),
        ("09:00-09:20 10:00-10:20 11:00-11:20", 60, "1.00"),
        ("8:30–11:10", 160, "2.67"),
        ("14:00 至 15:30、08:00~09:00", 150, "2.50"),
        ("22:00-24:00", 120, "2.00"),
    ],
)
def test_minutes_are_added_up_first_and_rounded_once(cast: Cast, times: str, minutes: int, hours: str) -> None:
    row = stored(entry(volunteer(), times))
    assert (row.minutes, row.hours) == (minutes, Decimal(hours))


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ("23:00-01:00", "times_backwards"), ("09:00-09:00", "times_backwards"), ("半天", "times_format"),
        ("25:00-26:00", "times_format"), ("08:61-09:00", "times_format"), ("08:00-10:00 09:59-11:00", "times_overlap"),
        (" ".join(f"{hour:02d}:00-{hour:02d}:30" for hour in range(11)), "too_many_times"),
    ],
)  # fmt: skip
def test_times_that_cannot_be_are_refused(cast: Cast, times: str, code: str) -> None:
    assert refusal(lambda: entry(volunteer(), times)) == {"times": code}


def test_ten_segments_are_taken(cast: Cast) -> None:
    assert stored(entry(volunteer(), " ".join(f"{hour:02d}:00-{hour:02d}:30" for hour in range(10)))).minutes == 300


def test_what_has_not_come_is_not_recorded(cast: Cast) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    assert refusal(lambda: entry(volunteer(), "08:00-09:00", tomorrow)) == {"served_on": "date_future"}
    assert clock.local(clock.now()).hour < 23 or pytest.skip("no later today")
    later = f"{clock.local(clock.now()).hour + 1:02d}:30"
    assert refusal(lambda: entry(volunteer(), f"00:00-{later}", clock.today())) == {"times": "times_future"}


def test_nobody_serves_twice_at_once(cast: Cast) -> None:
    who = volunteer()
    entry(who, "08:00-12:00")
    entry(who, "12:00-14:00", activity="候诊区")
    assert refusal(lambda: entry(who, "11:00-13:00")) == {"times": "hours_overlap"}
    assert entry(volunteer(), "11:00-13:00") and entry(who, "11:00-13:00", YESTERDAY - timedelta(days=1))


def test_refused_hours_leave_the_time_free(cast: Cast) -> None:
    who = volunteer()
    serving_hours.reject(cast.lin, entry(who, "08:00-12:00"), "不是志愿服务")
    assert entry(who, "09:00-10:00")


def test_two_entries_of_a_person_at_once_do_not_overlap(cast: Cast) -> None:
    who, start = volunteer(), Barrier(2)

    def go(times: str) -> bool:
        start.wait()
        try:
            return bool(entry(who, times))
        except Invalid:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, ["08:00-12:00", "11:00-13:00"])) == [False, True]


SPANS = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), min_size=1, max_size=10)


@drawn(SPANS)
def test_written_times_read_back_as_they_were_and_their_sum_is_exact(pairs: list[tuple[int, int]]) -> None:
    kept: list[spans.Span] = []
    for first, last in pairs:
        if first < last and not spans.clash([(first, last)], kept):
            kept.append((first, last))
    if kept:
        assert spans.parse(spans.written(kept)) == sorted(kept)
        exact = Decimal(sum(last - first for first, last in kept)) / 60
        assert abs(spans.hours(spans.minutes(kept)) - exact) <= Decimal("0.005")


# -- a shift: ceiling, presence --------------------------------------------------


def test_a_shift_fills_in_what_it_knows_and_sets_the_ceiling(cast: Cast) -> None:
    who = volunteer(unit_id=cast.station)
    key = served(who, place="门诊大厅", in_charge="林社工", unit_id=cast.station)
    too_long = {"volunteer_id": who, "shift_id": key, "times": "08:00-11:01"}
    assert refusal(lambda: store.save(cast.lin, HOURS, too_long)) == {"times": "above_shift"}
    row = stored(store.save(cast.lin, HOURS, {**too_long, "times": "08:00-11:00"}))
    assert (row.served_on, row.place, row.in_charge, row.unit_id) == (YESTERDAY, "门诊大厅", "林社工", cast.station)
    assert row.activity and row.state == PENDING and not row.is_short


def test_hours_of_a_shift_are_of_its_day_and_of_who_signed_up(cast: Cast) -> None:
    who, stranger = volunteer(), volunteer()
    key = served(who)
    given = {"shift_id": key, "times": "08:00-09:00"}
    assert refusal(lambda: store.save(cast.lin, HOURS, {**given, "volunteer_id": stranger})) == {
        "volunteer_id": "not_signed_up"
    }
    other_day = {**given, "volunteer_id": who, "served_on": YESTERDAY - timedelta(days=1)}
    assert refusal(lambda: store.save(cast.lin, HOURS, other_day)) == {"served_on": "outside_shift"}


@pytest.mark.parametrize(("times", "short"), [("08:00-09:00", True), ("08:00-09:47", True), ("08:00-09:48", False)])
def test_less_than_the_least_presence_waits_and_needs_a_reason(cast: Cast, times: str, short: bool) -> None:
    """60 % of three hours are 108 minutes."""
    who = volunteer()
    key = store.save(cast.lin, HOURS, {"volunteer_id": who, "shift_id": served(who), "times": times})
    assert stored(key).is_short == short and serving_ledger.ledger(cast.lin, who).total == 0
    if short:
        assert refusal(lambda: serving_hours.confirm(cast.lin, key)) == {"reason": "reason_missing"}
    serving_hours.confirm(cast.lin, key, reason="提前离开，已说明")
    assert stored(key).state == EFFECTIVE


def test_the_least_presence_is_a_setting(cast: Cast) -> None:
    numbers.change(cast.admin, {"serving.presence_percent": 30})
    who = volunteer()
    assert not stored(
        store.save(SYSTEM, HOURS, {"volunteer_id": who, "shift_id": served(who), "times": "08:00-09:00"})
    ).is_short


# -- signing in and out --------------------------------------------------


def test_signing_in_and_out_makes_an_entry_that_waits(cast: Cast) -> None:
    who = volunteer()
    key = served(who)
    serving_hours.sign_in(cast.lin, key, who, now=moment(7, 50))
    row = of_shift(key)
    assert (row.state, row.times, row.source) == (OPEN, "07:50-", HoursSource.CHECK_IN)
    assert serving_hours.sign_out(cast.lin, who, now=moment(11, 20)) == Decimal("3.00")
    row = of_shift(key)
    assert (row.state, row.times, row.minutes, row.signed_in_at) == (PENDING, "07:50-11:20", 180, None)
    with db.reading(SYSTEM) as s:
        assert s.exec(select(ShiftSignup.state)).one() == SignupState.SERVED


def test_an_hour_of_three_is_pending_and_not_credited(cast: Cast) -> None:
    who = volunteer()
    key = served(who)
    serving_hours.sign_in(cast.lin, key, who, now=moment(8))
    serving_hours.sign_out(cast.lin, who, now=moment(9))
    row = of_shift(key)
    assert (row.state, row.is_short, row.minutes) == (PENDING, True, 60)
    assert serving_ledger.ledger(cast.lin, who).total == 0


def test_three_pairs_a_day_and_no_more(cast: Cast) -> None:
    who = volunteer()
    key = served(who, 8, 14)
    for hour in (8, 9, 10):
        serving_hours.sign_in(cast.lin, key, who, now=moment(hour))
        serving_hours.sign_out(cast.lin, who, now=moment(hour, 20))
    assert refusal(lambda: serving_hours.sign_in(cast.lin, key, who, now=moment(11))) == {"": "too_many_pairs"}
    assert (of_shift(key).hours, of_shift(key).times) == (Decimal("1.00"), "08:00-08:20 09:00-09:20 10:00-10:20")


def test_one_sign_in_is_open_at_a_time(cast: Cast) -> None:
    who = volunteer()
    first, second = served(who), served(who, 11, 13)
    serving_hours.sign_in(cast.lin, first, who, now=moment(8))
    again = [
        refusal(lambda: serving_hours.sign_in(cast.lin, first, who, now=moment(10, 30))),
        refusal(lambda: serving_hours.sign_in(cast.lin, second, who, now=moment(10, 30))),
    ]
    assert again == [{"": "signed_in_still"}] * 2
    assert refusal(lambda: entry(who, "15:00-16:00")) == {"times": "signed_in_still"}
    assert refusal(lambda: serving_hours.sign_out(cast.lin, volunteer(), now=moment(9))) == {"": "not_signed_in"}


def test_two_scans_at_once_open_one_sign_in(cast: Cast) -> None:
    who, start = volunteer(), Barrier(2)
    key = served(who)

    def go(_: int) -> bool:
        start.wait()
        try:
            serving_hours.sign_in(SYSTEM, key, who, now=moment(8))
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, range(2))) == [False, True]
    assert of_shift(key).state == OPEN


@pytest.mark.parametrize(("now", "code"), [((6, 59), "too_early"), ((11, 0), "shift_over")])
def test_there_is_a_time_for_signing_in(cast: Cast, now: tuple[int, int], code: str) -> None:
    who = volunteer()
    key = served(who)
    assert refusal(lambda: serving_hours.sign_in(cast.lin, key, who, now=moment(*now))) == {"": code}
    assert refusal(lambda: serving_hours.sign_in(cast.lin, key, volunteer(), now=moment(8))) == {"": "not_signed_up"}


def test_a_sign_in_of_an_earlier_day_is_closed_with_its_shift_and_waits(cast: Cast) -> None:
    who, today = volunteer(), clock.today()
    key, second = served(who), served(who, 8, 12, day=today)
    serving_hours.sign_in(cast.lin, key, who, now=moment(8))
    assert waiting("signed_in_still", clock.now()) == [of_shift(key).id]
    serving_hours.sign_in(cast.lin, second, who, now=moment(9, day=today))
    row = of_shift(key)
    assert (row.state, row.times, row.is_forced) == (PENDING, "08:00-11:00", True)
    assert refusal(lambda: serving_hours.confirm(cast.lin, row.id or 0)) == {"reason": "reason_missing"}
    assert of_shift(second).state == OPEN


def test_all_forgotten_sign_outs_are_closed_together(cast: Cast) -> None:
    people = [volunteer(), volunteer()]
    keys = [served(who) for who in people]
    for who, key in zip(people, keys, strict=True):
        serving_hours.sign_in(cast.lin, key, who, now=moment(10, 59))
    assert serving_hours.close_forgotten(cast.lin) == 2 and serving_hours.close_forgotten(cast.lin) == 0
    assert {of_shift(key).times for key in keys} == {"10:59-11:00"}


# -- a whole shift --------------------------------------------------


def test_a_shift_is_recorded_at_once_and_closed(cast: Cast) -> None:
    came, late, away = volunteer(), volunteer(), volunteer()
    key = shift(8, 11, day=YESTERDAY, capacity=3)
    ids = [serving.sign_up(cast.lin, key, who) for who in (came, late, away)]
    assert waiting("shifts_to_record", clock.now()) == [key]
    wrong = {ids[0]: "08:00-11:00", ids[1]: "08:30", ids[2]: ""}
    assert refusal(lambda: serving_hours.record_shift(cast.lin, key, wrong)) == {str(ids[1]): "times_format"}
    with db.reading(SYSTEM) as s:
        assert s.exec(select(ServiceHours)).all() == []
    assert serving_hours.record_shift(cast.lin, key, wrong | {ids[1]: "08:30-11:00"}) == 3
    assert serving_hours.record_shift(cast.lin, key, {ids[0]: "8:00-11:00"}) == 0
    assert serving_hours.finish_shift(cast.lin, key) == 0
    assert waiting("shifts_to_record", clock.now()) == []
    with pytest.raises(Conflict):
        serving_hours.finish_shift(cast.lin, key)


def test_a_shift_that_goes_on_is_not_closed(cast: Cast) -> None:
    assert refusal(lambda: serving_hours.finish_shift(cast.lin, shift())) == {"": "shift_not_over"}


# -- the second person --------------------------------------------------


def test_nobody_confirms_what_they_entered(cast: Cast) -> None:
    lin, song = seat(Role.COORDINATOR).actor, seat(Role.COORDINATOR).actor
    key = entry(volunteer(), "08:00-10:00", by=lin)
    with pytest.raises(Denied) as error:
        serving_hours.confirm(lin, key)
    assert error.value.code == "own_entry"
    serving_hours.confirm(song, key, quality=Quality.GOOD)
    row = stored(key)
    assert (row.state, row.confirmed_name, row.quality) == (EFFECTIVE, song.name, Quality.GOOD)


def test_an_edit_after_approval_waits_again_for_somebody_else(cast: Cast) -> None:
    lin, song = seat(Role.COORDINATOR).actor, seat(Role.COORDINATOR).actor
    key = entry(volunteer(), "08:00-10:00", by=lin)
    serving_hours.confirm(song, key)
    store.save(song, HOURS, {"times": "08:00-11:00"}, id=key)
    row = stored(key)
    assert (row.state, row.confirmed_name, row.entered_name, row.hours) == (PENDING, "", song.name, Decimal(3))
    with pytest.raises(Denied):
        serving_hours.confirm(song, key)
    serving_hours.confirm(lin, key)
    store.save(song, HOURS, {"notes": "备注不影响时长"}, id=key)
    assert stored(key).state == EFFECTIVE


def test_no_form_and_no_sheet_makes_hours_effective(cast: Cast) -> None:
    key = entry(
        volunteer(),
        "08:00-10:00",
        state="effective",
        confirmed_name="某人",
        minutes=9999,
        hours="99",
        source="check_in",
    )
    row = stored(key)
    assert (row.state, row.confirmed_name, row.minutes, row.source) == (PENDING, "", 120, HoursSource.GROUP)
    assert not {"state", "hours", "minutes", "confirmed_name"} & {spec.name for spec in HOURS.sheet_fields}


def test_of_two_who_confirm_at_once_one_does(cast: Cast) -> None:
    key, start = entry(volunteer(), "08:00-10:00"), Barrier(2)

    def go(who: Any) -> bool:
        start.wait()
        try:
            serving_hours.confirm(who, key)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, [cast.lin, cast.admin])) == [False, True]


def test_hours_are_refused_or_taken_back_with_a_reason_and_stay_visible(cast: Cast) -> None:
    key = entry(volunteer(), "08:00-10:00")
    assert refusal(lambda: serving_hours.reject(cast.lin, key, " ")) == {"reason": "reason_missing"}
    serving_hours.confirm(cast.lin, key)
    with pytest.raises(Conflict):
        serving_hours.reject(cast.lin, key, "重复")
    serving_hours.void(cast.lin, key, "与另一系统重复")
    assert (stored(key).state, stored(key).decision) == (VOID, "与另一系统重复")


@pytest.mark.parametrize(
    ("hours", "level"), [("8.00", 0), ("8.01", 1), ("12.00", 1), ("12.01", 2), ("0.02", 0), ("24.00", 2)]
)
def test_the_level_of_review_follows_the_days_total(hours: str, level: int) -> None:
    assert serving_hours.review_level(Decimal(hours), USUAL) == level


@pytest.mark.parametrize(
    ("times", "level", "who"),
    [
        ("08:00-16:00", 0, ("wang", "lin", "admin")),
        ("08:00-16:01", 1, ("lin", "admin")),
        ("08:00-20:00", 1, ("lin", "admin")),
        ("08:00-20:01", 2, ("chen", "admin")),
    ],
)
def test_a_long_day_is_confirmed_higher_up(cast: Cast, times: str, level: int, who: tuple[str, ...]) -> None:
    for name in ("wang", "lin", "chen", "admin"):
        key = entry(volunteer(unit_id=cast.station), times)
        assert stored(key).review_level == level
        if name in who:
            serving_hours.confirm(getattr(cast, name), key, reason="大型活动")
            assert stored(key).state == EFFECTIVE
        else:
            with pytest.raises(Denied):
                serving_hours.confirm(getattr(cast, name), key, reason="大型活动")


def test_several_short_activities_make_a_long_day(cast: Cast) -> None:
    who = volunteer(unit_id=cast.station)
    first, second = entry(who, "08:00-14:00"), entry(who, "14:00-16:30", activity="候诊区")
    assert [stored(key).review_level for key in (first, second)] == [0, 1]
    serving_hours.confirm(cast.wang, first)
    with pytest.raises(Denied) as error:
        serving_hours.confirm(cast.wang, second, reason="人手不够")
    assert error.value.code == "review_needed"


def test_a_selection_is_confirmed_as_far_as_it_can_be(cast: Cast) -> None:
    who = volunteer()
    plain, long = entry(who, "08:00-10:00", YESTERDAY - timedelta(days=3)), entry(who, "08:00-17:00")
    refused = serving_hours.confirm_many(cast.lin, {plain: stored(plain).version, long: stored(long).version, 999: 1})
    assert refused == {long: "reason_missing", 999: "not_found"}
    assert stored(plain).state == EFFECTIVE
    assert serving_hours.confirm_many(cast.lin, {long: stored(long).version}, reason="义诊一整天") == {}
    assert (stored(long).state, stored(long).decision) == (EFFECTIVE, "义诊一整天")


def test_what_one_entered_is_left_to_a_colleague_and_no_button_offers_it(demo: None) -> None:
    lin = seat(Role.COORDINATOR)
    key = entry(volunteer(), "08:00-10:00", by=lin.actor)
    page = visit(lin, "service_hours", id=key)
    assert healthy(page) and any("由同事确认" in text for text in texts(page))
    assert not any(one.label == "确认生效" for one in page.button)
    other = visit(seat(Role.COORDINATOR), "service_hours", id=key)
    assert any(one.label == "确认生效" for one in other.button)


# -- the ledger --------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_the_ledger_is_the_sum_of_what_took_effect(cast: Cast, seed: int) -> None:
    from random import Random

    chance, who, minutes = Random(seed), volunteer(), 0
    for days in range(1, 13):
        length = chance.randint(1, 400)
        key = entry(who, f"08:00-{spans.clock(480 + length)}", clock.today() - timedelta(days=days))
        fate = chance.choice(["confirm", "confirm", "reject", "wait", "void", "bin"])
        if fate in ("confirm", "void", "bin"):
            serving_hours.confirm(cast.lin, key)
            minutes += length * (fate == "confirm")
        if fate == "reject":
            serving_hours.reject(cast.lin, key, "不符")
        if fate == "void":
            serving_hours.void(cast.lin, key, "重复")
        if fate == "bin":
            store.remove(cast.admin, HOURS, key)
    found = serving_ledger.ledger(cast.lin, who)
    assert found.total == (Decimal(minutes) / 60).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert sum(found.by_source.values()) == found.total


# -- the ten working days --------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "deadline"),
    [
        ("2026-09-24", "2026-10-15"), ("2026-02-12", "2026-03-04"), ("2026-04-30", "2026-05-18"),
        ("2025-09-26", "2025-10-16"), ("2026-03-02", "2026-03-16"),
    ],
)  # fmt: skip
def test_service_is_recorded_within_ten_working_days(cast: Cast, ended: str, deadline: str) -> None:
    load_reference(SYSTEM)
    day = date.fromisoformat(ended)
    assert stored(entry(volunteer(), "08:00-10:00", day)).record_by == date.fromisoformat(deadline)
    key = shift(8, 12, day=day)
    assert store.get(SYSTEM, RECORDS["service_shift"], key).values["record_by"] == date.fromisoformat(deadline)


def test_a_holiday_that_is_entered_moves_the_deadline(cast: Cast) -> None:
    load_reference(SYSTEM)
    assert serving_numbers.unknown_year(date(2026, 3, 1)) == 2027
    store.save(cast.admin, RECORDS["public_holiday"], {"day": date(2027, 3, 4), "name": "试"})
    assert serving_numbers.unknown_year(date(2026, 3, 1)) == 0
    assert stored(entry(volunteer(), "08:00-10:00", date(2026, 3, 2))).record_by == date(2026, 3, 16)


# -- stars --------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "level"),
    [
        ("0", 0),
        ("99.99", 0),
        ("100", 1),
        ("299.99", 1),
        ("300", 2),
        ("600", 3),
        ("1000", 4),
        ("1499.99", 4),
        ("1500", 5),
    ],
)
def test_stars_follow_the_thresholds(hours: str, level: int) -> None:
    assert serving_ledger.stars(Decimal(hours), USUAL) == level


def test_thresholds_are_settings_that_rise(cast: Cast) -> None:
    who = volunteer()
    serving_hours.confirm(cast.lin, entry(who, "08:00-10:00"))
    assert serving_ledger.ledger(cast.lin, who).entitled == 0
    numbers.change(cast.admin, {"serving.star_1": 2})
    assert serving_ledger.ledger(cast.lin, who).entitled == 1
    numbers.change(cast.admin, {"serving.star_1": 3})
    assert serving_ledger.ledger(cast.lin, who).entitled == 0
    assert refusal(lambda: numbers.change(cast.admin, {"serving.star_1": 300})) == {"serving.star_2": "not_rising"}
    with pytest.raises(Denied):
        numbers.change(cast.lin, {"serving.star_1": 5})
    with db.reading(SYSTEM) as s:
        assert s.get_one(Setting, "serving.star_1").value == 3


def test_stars_are_applied_for_and_awarded_by_somebody_else(cast: Cast) -> None:
    numbers.change(cast.admin, {"serving.star_1": 2})
    lin, who = seat(Role.COORDINATOR).actor, volunteer()
    serving_hours.confirm(cast.lin, entry(who, "08:00-10:00"))
    key = store.save(lin, AWARD, {"volunteer_id": who, "level": 1})
    assert serving_ledger.ledger(cast.lin, who).awarded == 0
    with pytest.raises(Denied):
        serving_awards.decide_star(lin, key, award=True)
    serving_awards.decide_star(cast.admin, key, award=True)
    found = serving_ledger.ledger(cast.lin, who)
    assert (found.awarded, found.manual, found.may_apply) == (1, False, False)
    with pytest.raises(Conflict):
        serving_awards.decide_star(cast.admin, key, award=False, reason="再想想")


def test_stars_beyond_the_hours_need_a_reason_and_are_flagged(cast: Cast) -> None:
    who = volunteer()
    assert refusal(lambda: store.save(cast.lin, AWARD, {"volunteer_id": who, "level": 2})) == {
        "reason": "reason_missing"
    }
    key = store.save(cast.lin, AWARD, {"volunteer_id": who, "level": 2, "reason": "重大救援"})
    assert refusal(lambda: serving_awards.decide_star(cast.admin, key, award=True)) == {"reason": "reason_missing"}
    serving_awards.decide_star(cast.admin, key, award=True, reason="属实")
    with db.reading(SYSTEM) as s:
        row = s.exec(select(StarAward)).one()
    assert (row.state, row.is_manual) == (StarState.AWARDED, True)


# -- corrections --------------------------------------------------


def test_a_correction_waits_is_answered_once_and_audited(cast: Cast) -> None:
    who = volunteer()
    key = store.save(
        cast.lin, REQUEST, {"volunteer_id": who, "hours_id": entry(who, "08:00-10:00"), "asked": "应为 3 小时"}
    )
    assert waiting("corrections", clock.now()) == [key]
    assert refusal(lambda: serving_awards.answer(cast.lin, key, accept=True, words="")) == {"answer": "required"}
    serving_awards.answer(cast.lin, key, accept=True, words="已按签到表更正")
    assert waiting("corrections", clock.now()) == []
    with pytest.raises(Conflict):
        serving_awards.answer(cast.lin, key, accept=False, words="不对")
    assert "answer" in store.history(cast.lin, REQUEST, key)[0].changes
    others = {"volunteer_id": volunteer(), "hours_id": entry(who, "11:00-12:00"), "asked": "别人的"}
    assert refusal(lambda: store.save(cast.lin, REQUEST, others)) == {"hours_id": "not_found"}
