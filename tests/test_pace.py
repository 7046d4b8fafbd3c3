"""The arithmetic of pace: vectors by hand, and laws that hold for every period and every value."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.periods import Period
from services import pace
from services.pace import Limits

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
DAY_183 = date(2026, 7, 2)
DAY_AFTER = YEAR.end + timedelta(days=1)
DAY_BEFORE = YEAR.start - timedelta(days=1)
RANK = {"at_risk": 0, "behind": 1, "not_started": 2, "on_pace": 3, "achieved": 4}

periods = st.builds(
    lambda start, days: Period(start, start + timedelta(days=days)),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 1200),
)


@st.composite
def moments(draw: st.DrawFn) -> tuple[Period, date]:
    period = draw(periods)
    return period, period.start + timedelta(days=draw(st.integers(0, period.days + 30)))


@pytest.mark.parametrize(
    ("actual", "status"), [(50, "on_pace"), (30, "at_risk"), (45, "behind"), (100, "achieved"), (0, "at_risk")]
)
def test_half_way_through_the_year_the_share_done_decides(actual: int, status: str) -> None:
    assert YEAR.day_of(DAY_183) == 183
    assert pace.at_least(actual, 100, YEAR, DAY_183).status == status


def test_expected_is_target_times_day_of_days() -> None:
    assert pace.expected(365, YEAR, DAY_183) == pytest.approx(183)
    assert pace.expected(365, YEAR, YEAR.start) == pytest.approx(1)
    assert pace.expected(365, YEAR, YEAR.end) == pace.expected(365, YEAR, DAY_AFTER) == 365
    assert pace.expected(365, YEAR, DAY_BEFORE) == 0


def test_a_plan_is_linear_inside_a_month_and_steps_between_months() -> None:
    plan = [31, 0, 62] + [0] * 9
    assert pace.expected(93, YEAR, date(2026, 1, 10), plan) == pytest.approx(10)
    assert pace.expected(93, YEAR, date(2026, 2, 15), plan) == pytest.approx(31)
    assert pace.expected(93, YEAR, date(2026, 3, 10), plan) == pytest.approx(31 + 20)


def test_a_stock_is_projected_by_its_growth_not_by_what_it_was_before_the_first_day() -> None:
    assert pace.projection(283, YEAR, DAY_183, base=100) == pytest.approx(100 + 183 * 365 / 183)


def test_nothing_recorded_is_not_a_lag_while_less_than_half_a_unit_was_due() -> None:
    assert pace.at_least(0, 1, YEAR, date(2026, 6, 1)).status == "not_started"
    assert pace.at_least(0, 1, YEAR, DAY_183).status == "at_risk"
    assert pace.at_least(1, 3, YEAR, date(2026, 1, 2)).status == "on_pace"
    assert pace.at_least(0, 5, YEAR, DAY_BEFORE).status == "not_started"


def test_what_missed_its_target_is_not_on_pace_once_the_period_is_over() -> None:
    assert pace.at_least(99, 100, YEAR, YEAR.end).status == "on_pace"
    assert pace.at_least(99, 100, YEAR, DAY_AFTER).status == "behind"
    assert pace.at_least(79, 100, YEAR, DAY_AFTER).status == "at_risk"
    assert pace.at_least(100, 100, YEAR, DAY_AFTER).status == "achieved"


def test_limits_are_a_setting() -> None:
    assert pace.at_least(40, 100, YEAR, DAY_183, limits=Limits(on_pace=0.75, behind=0.5)).status == "on_pace"


def test_projection_continues_the_present_speed() -> None:
    assert pace.projection(183, YEAR, DAY_183) == pytest.approx(365)
    assert pace.projection(7, YEAR, YEAR.end) == 7
    assert pace.projection(7, YEAR, DAY_BEFORE) is None


@given(moments(), st.integers(0, 500), st.integers(1, 500))
def test_achieved_if_and_only_if_actual_reaches_the_target(
    moment: tuple[Period, date], actual: int, target: int
) -> None:
    assert (pace.at_least(actual, target, *moment).status == "achieved") == (actual >= target)


@given(moments(), st.integers(0, 400), st.integers(0, 100), st.integers(1, 500))
def test_more_never_worsens_the_status(moment: tuple[Period, date], actual: int, more: int, target: int) -> None:
    before, after = (pace.at_least(value, target, *moment).status for value in (actual, actual + more))
    assert RANK[after] >= RANK[before]


@given(moments(), st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(0, 7), st.integers(1, 30))
def test_more_in_one_unit_never_worsens_the_whole(
    moment: tuple[Period, date], values: list[int], which: int, target: int
) -> None:
    more = list(values)
    more[which % len(values)] += 1
    before, after = (pace.per_unit(units, target, *moment).status for units in (values, more))
    assert RANK[after] >= RANK[before]


@given(periods, st.data())
def test_a_plan_that_sums_to_the_target_ends_at_the_target(period: Period, data: st.DataObject) -> None:
    months = len(period.months)
    plan = data.draw(st.lists(st.integers(0, 100), min_size=months, max_size=months))
    assume(any(plan))
    assert pace.expected(sum(plan), period, period.end, plan) == pytest.approx(sum(plan))


@given(moments(), st.integers(1, 500))
def test_what_is_due_never_shrinks_and_never_passes_the_target(moment: tuple[Period, date], target: int) -> None:
    period, day = moment
    today, tomorrow = (pace.expected(target, period, when) for when in (day, day + timedelta(days=1)))
    assert 0 < today <= tomorrow <= target + 1e-9


def test_the_running_month_is_not_missing_before_it_is_over() -> None:
    july = pace.ongoing([True] * 6, YEAR, DAY_183)
    assert (july.status, july.months_active, july.months_elapsed) == ("on_pace", 6, 7)
    assert july.months_filled == (True,) * 6 + (None,) * 6
    assert pace.ongoing([True] * 6, YEAR, date(2026, 7, 31)).status == "behind"


def test_months_without_a_record_make_ongoing_lag() -> None:
    assert pace.ongoing([True] * 5 + [False, True], YEAR, DAY_183).status == "behind"
    at_risk = pace.ongoing([True] * 4 + [False, False, True], YEAR, DAY_183)
    assert at_risk.status == "at_risk"
    assert at_risk.months_filled[4:8] == (False, False, True, None)


def test_ongoing_is_achieved_on_the_last_day_and_not_before() -> None:
    full = [True] * 12
    assert pace.ongoing(full, YEAR, YEAR.end - timedelta(days=1)).status == "on_pace"
    assert pace.ongoing(full, YEAR, YEAR.end).status == "achieved"
    assert pace.ongoing(full, YEAR, DAY_AFTER).status == "achieved"
    assert pace.ongoing([*full[:11], False], YEAR, DAY_AFTER).status == "behind"


def test_ongoing_has_not_started_before_a_month_is_over_and_nothing_is_recorded() -> None:
    assert pace.ongoing([], YEAR, date(2026, 1, 30)).status == "not_started"
    assert pace.ongoing([True], YEAR, date(2026, 1, 30)).status == "on_pace"
    assert pace.ongoing([], YEAR, DAY_BEFORE).status == "not_started"


@given(moments(), st.lists(st.booleans(), max_size=45))
def test_ongoing_and_several_never_speak_of_a_share(moment: tuple[Period, date], active: list[bool]) -> None:
    for figures in (pace.ongoing(active, *moment), pace.several(sum(active), *moment)):
        assert (figures.share, figures.expected, figures.projection) == (None, None, None)


@given(moments(), st.lists(st.booleans(), max_size=45))
def test_months_active_never_exceed_months_elapsed(moment: tuple[Period, date], active: list[bool]) -> None:
    figures = pace.ongoing(active, *moment)
    assert figures.months_active is not None and figures.months_elapsed is not None
    assert figures.months_active <= figures.months_elapsed == moment[0].months_started(moment[1])


def test_of_several_one_is_enough() -> None:
    assert pace.several(1, YEAR, DAY_183).status == "achieved"
    assert pace.several(0, YEAR, YEAR.end).status == "not_started"


def test_a_deliverable_lags_only_towards_the_end() -> None:
    assert pace.deliver(0, 2, YEAR, DAY_183).status == "not_started"
    assert pace.deliver(0, 2, YEAR, DAY_183, begun=True).status == "on_pace"
    assert pace.deliver(1, 2, YEAR, DAY_183).status == "on_pace"
    assert pace.deliver(1, 2, YEAR, date(2026, 12, 1)).status == "on_pace"
    assert pace.deliver(1, 2, YEAR, date(2026, 12, 2)).status == "behind"
    assert pace.deliver(1, 2, YEAR, DAY_AFTER).status == "at_risk"
    assert pace.deliver(2, 2, YEAR, DAY_183) == pace.Pace("achieved", share=1.0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "status"),
    [(90, 100, "achieved"), (89, 100, "on_pace"), (80, 100, "behind"), (71, 100, "at_risk"), (0, 0, "not_started")],
)
def test_a_ratio_is_held_against_its_whole_target_every_day(numerator: int, denominator: int, status: str) -> None:
    assert pace.ratio(numerator, denominator, Decimal("0.9"), YEAR, DAY_183).status == status


def test_the_worst_unit_decides_for_all() -> None:
    figures = pace.per_unit([24, 24, 3], 24, YEAR, DAY_183)
    assert (figures.status, figures.units_met, figures.units_total) == ("at_risk", 2, 3)
    assert figures.expected == pytest.approx(24 * 183 / 365)
    assert pace.per_unit([24, 24], 24, YEAR, DAY_183).status == "achieved"
    assert pace.per_unit([], 24, YEAR, DAY_183).status == "not_started"
    assert pace.per_unit([0, 2], 2, YEAR, date(2026, 1, 5)).status == "on_pace"


@given(st.integers(1, 10_000), st.integers(1, 1000))
def test_keeping_to_what_is_needed_closes_the_gap(remaining: int, days: int) -> None:
    needed = pace.closing(remaining, YEAR, YEAR.end - timedelta(days=days)).needed
    assert needed is not None
    assert needed * days / 7 == pytest.approx(pace.a_month(needed) * days / (365.25 / 12)) == pytest.approx(remaining)


def test_decimals_count_like_other_numbers() -> None:
    assert pace.at_least(Decimal("50"), Decimal("100"), YEAR, DAY_183).share == 0.5
