"""Contract months, the elapsed share and workdays, by the vectors of rules §1 and §9."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.periods import Period, WorkCalendar, add_months, default_end

HOLIDAYS = Path(__file__).parent.parent / "seed" / "reference" / "holidays.yaml"
DAY = timedelta(days=1)

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
awkward_days = st.sampled_from([date(2024, 2, 29), date(2026, 1, 31), date(2026, 8, 30), date(2027, 12, 29)])
starts = days | awkward_days
periods = st.builds(lambda start, length: Period(start, start + DAY * length), starts, st.integers(0, 1500))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    return WorkCalendar.from_mapping(yaml.safe_load(HOLIDAYS.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", -1, "2025-12-15"),
    ],
)
def test_a_month_later_is_the_corresponding_day_or_the_month_end(start: str, months: int, expected: str) -> None:
    assert add_months(day(start), months) == day(expected)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-15", "2027-03-14"),
        ("2024-02-29", "2025-02-28"),
        ("2023-03-01", "2024-02-29"),
        ("2026-01-01", "2026-12-31"),
    ],
)
def test_a_year_ends_on_the_day_before_the_corresponding_day(start: str, end: str) -> None:
    assert default_end(day(start)) == day(end)


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Period(day("2026-03-15"), day("2026-03-14"))


def test_both_the_first_and_the_last_day_count() -> None:
    year = Period(day("2026-03-15"), day("2027-03-14"))
    assert year.days == 365
    assert year.day_of(day("2026-03-15")) == 1
    assert year.day_of(day("2027-03-14")) == 365


def test_the_day_and_the_share_are_clipped_to_the_period() -> None:
    year = Period(day("2026-03-15"), day("2027-03-14"))
    before, after = day("2026-03-14"), day("2028-01-01")
    assert (year.day_of(before), year.elapsed(before)) == (0, 0.0)
    assert (year.day_of(after), year.elapsed(after)) == (365, 1.0)
    assert year.elapsed(day("2026-05-26")) == 73 / 365


def test_contract_months_are_anchored_on_the_day_of_the_start() -> None:
    months = Period(day("2026-03-15"), day("2027-03-14")).months
    assert len(months) == 12
    assert months[0] == (day("2026-03-15"), day("2026-04-14"))
    assert months[11] == (day("2027-02-15"), day("2027-03-14"))


def test_months_from_the_31st_start_at_the_month_end_where_there_is_none() -> None:
    assert Period(day("2026-01-31"), day("2026-05-10")).months == (
        (day("2026-01-31"), day("2026-02-27")),
        (day("2026-02-28"), day("2026-03-30")),
        (day("2026-03-31"), day("2026-04-29")),
        (day("2026-04-30"), day("2026-05-10")),
    )


def test_a_year_from_29_february_has_twelve_months() -> None:
    year = Period(day("2024-02-29"), day("2025-02-28"))
    assert len(year.months) == 12
    assert year.months[11] == (day("2025-01-29"), day("2025-02-28"))
    assert year.month_of(day("2025-02-28")) == 11


def test_months_start_on_their_first_day_and_complete_on_their_last() -> None:
    year = Period(day("2026-03-15"), day("2027-03-14"))
    seen = {
        text: (year.months_started(day(text)), year.months_completed(day(text)))
        for text in ("2026-03-14", "2026-03-15", "2026-04-13", "2026-04-14", "2026-04-15", "2027-03-14", "2030-01-01")
    }
    assert seen == {
        "2026-03-14": (0, 0),
        "2026-03-15": (1, 0),
        "2026-04-13": (1, 0),
        "2026-04-14": (1, 1),
        "2026-04-15": (2, 1),
        "2027-03-14": (12, 12),
        "2030-01-01": (12, 12),
    }


@given(periods)
def test_months_tile_the_period_without_gap_or_overlap(period: Period) -> None:
    months = period.months
    assert months[0][0] == period.start
    assert months[-1][1] == period.end
    assert all(first <= last for first, last in months)
    assert all(following[0] - month[1] == DAY for month, following in pairwise(months))
    assert [first for first, _ in months] == [add_months(period.start, index) for index in range(len(months))]


@given(periods, st.data())
def test_the_month_of_a_day_is_the_one_that_holds_it(period: Period, data: st.DataObject) -> None:
    some_day = data.draw(st.dates(period.start, period.end))
    index = period.month_of(some_day)
    assert index is not None
    first, last = period.months[index]
    assert first <= some_day <= last
    assert period.month_of(period.end) == len(period.months) - 1
    assert period.months_started(some_day) == index + 1
    assert period.months_completed(some_day) == index + (some_day == last)


@given(periods)
def test_a_day_outside_the_period_has_no_month(period: Period) -> None:
    assert period.month_of(period.start - DAY) is None
    assert period.month_of(period.end + DAY) is None


@given(starts, st.integers(1, 60))
def test_a_period_of_n_months_has_n_contract_months(start: date, months: int) -> None:
    assert len(Period(start, default_end(start, months)).months) == months


@given(starts, st.integers(-600, 600))
def test_adding_months_lands_in_the_month_asked_for_and_never_passes_the_day(start: date, months: int) -> None:
    landed = add_months(start, months)
    assert landed.year * 12 + landed.month == start.year * 12 + start.month + months
    assert landed.day == start.day or (landed.day < start.day and (landed + DAY).day == 1)


@pytest.mark.parametrize(
    ("ended", "deadline"),
    [
        ("2026-09-24", "2026-10-15"),
        ("2026-02-12", "2026-03-04"),
        ("2026-04-30", "2026-05-18"),
        ("2025-09-26", "2025-10-16"),
        ("2026-03-02", "2026-03-16"),
    ],
)
def test_a_record_is_due_ten_workdays_after_the_activity(calendar: WorkCalendar, ended: str, deadline: str) -> None:
    assert calendar.add_workdays(day(ended), 10) == day(deadline)


def test_2026_has_248_workdays(calendar: WorkCalendar) -> None:
    new_year = day("2026-01-01")
    assert sum(calendar.is_workday(new_year + DAY * offset) for offset in range(365)) == 248


def test_a_holiday_is_off_and_its_make_up_weekend_is_worked(calendar: WorkCalendar) -> None:
    assert not calendar.is_workday(day("2026-10-07"))
    assert calendar.is_workday(day("2026-10-10"))
    assert calendar.is_workday(day("2025-09-28"))
    assert not calendar.is_workday(day("2026-10-11"))


def test_every_make_up_day_of_the_data_is_a_weekend(calendar: WorkCalendar) -> None:
    assert len(calendar.work) == 11
    assert all(worked.weekday() >= 5 for worked in calendar.work)


def test_a_year_without_data_is_said_to_be_unknown_and_counts_plain_weeks(calendar: WorkCalendar) -> None:
    assert calendar.known(2025) and calendar.known(2026)
    assert not calendar.known(2027)
    assert calendar.is_workday(day("2027-10-01"))
    assert not calendar.is_workday(day("2027-10-02"))


def test_no_workdays_later_is_the_same_day_and_backwards_is_refused(calendar: WorkCalendar) -> None:
    assert calendar.add_workdays(day("2026-10-01"), 0) == day("2026-10-01")
    with pytest.raises(ValueError, match="forward"):
        calendar.add_workdays(day("2026-10-01"), -1)


@pytest.mark.parametrize(
    "year",
    [
        {"days_off": [[day("2026-01-03"), day("2026-01-01")]], "make_up_days": []},
        {"days_off": ["2026-01-01"], "make_up_days": []},
        {"days_off": [], "make_up_days": ["tomorrow"]},
        {"days_off": [[day("2026-01-01"), day("2026-01-04")]], "make_up_days": [day("2026-01-04")]},
    ],
)
def test_a_malformed_calendar_is_refused(year: dict[str, list[object]]) -> None:
    with pytest.raises(ValueError, match=r"not a pair|both off"):
        WorkCalendar.from_mapping({2026: year})
