"""What is asked of an indicator while the year runs: monthly plans and amended targets (K4, K9, K11)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import RECORDS
from models.contract import Counting
from models.periods import Period
from models.system import Role
from seed import load
from services import attachments, exchange, kpi, pace, snapshots, store, targets
from services.access import SYSTEM
from services.errors import Denied, Invalid, NotFound
from services.figures import Amendment, growth
from tests.boards import BEHIND, PERIOD, STOCK, TODAY, board
from tests.conftest import HOME, Cast
from tests.test_kpi import MIDDLE, YEAR, Contracted, Done, contract, do, read  # noqa: F401 - the fixture
from ui import charts
from ui.board import board_html

INDICATOR, PLAN, AMENDMENT = (RECORDS[name] for name in ("indicator", "monthly_target", "target_amendment"))
SUMMER = date(2026, 7, 1)
SPRING = date(2026, 2, 10)


# -- the line that amendments bend --------------------------------------------------


@st.composite
def bent(draw: st.DrawFn) -> tuple[Period, float, list[Amendment]]:
    """A period, its first target, and targets that only grow, each from a later day on."""
    days = draw(st.integers(2, 800))
    period = Period(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days))
    offsets = sorted(draw(st.sets(st.integers(0, days), max_size=4)))
    numbers = sorted(draw(st.lists(st.integers(0, 10_000), min_size=len(offsets) + 1, max_size=len(offsets) + 1)))
    starts = [period.start + timedelta(days=offset) for offset in offsets]
    return period, numbers[0], [Amendment(*row) for row in zip(starts, numbers, numbers[1:], strict=False)]


def line(period: Period, first: float, changes: list[Amendment]) -> list[float]:
    target = changes[-1].after if changes else first
    days = [period.start + timedelta(days=n) for n in range(period.days)]
    return [pace.expected(target, period, day, amendments=changes) for day in days]


@given(bent())
def test_the_line_grows_with_growing_targets_and_ends_exactly_at_the_newest(case: Any) -> None:
    period, first, changes = case
    due = line(period, first, changes)
    assert all(later >= before - 1e-6 for before, later in pairwise(due))
    assert due[-1] == (changes[-1].after if changes else first)


@given(bent())
def test_before_an_amendment_the_line_is_what_it_was(case: Any) -> None:
    period, first, changes = case
    if changes:
        old = line(period, first, changes[:-1])
        until = period.day_of(changes[-1].effective_on) - 1
        assert line(period, first, changes)[:until] == pytest.approx(old[:until])


@given(bent())
def test_an_amendment_to_the_same_number_and_none_at_all_are_the_plain_line(case: Any) -> None:
    period, first, changes = case
    plain = line(period, first, [])
    assert plain == [first * period.elapsed(period.start + timedelta(days=n)) for n in range(period.days)]
    same = [Amendment(change.effective_on, first, first) for change in changes]
    assert line(period, first, same) == pytest.approx(plain)


def test_an_amendment_in_mid_year_turns_the_line_by_hand() -> None:
    """365 from 1 January, 730 from 1 July (day 182): 181 by 30 June, then 549 over 184 days."""
    changes = [Amendment(SUMMER, 365, 730)]
    assert pace.expected(730, YEAR, date(2026, 6, 30), amendments=changes) == pytest.approx(181)
    assert pace.expected(730, YEAR, SUMMER, amendments=changes) == pytest.approx(181 + 549 / 184)
    assert pace.expected(730, YEAR, YEAR.end, amendments=changes) == 730


def test_a_lowered_target_bends_the_line_down_and_a_plan_ignores_it() -> None:
    changes = [Amendment(SUMMER, 365, 100)]
    assert pace.expected(100, YEAR, date(2026, 9, 30), amendments=changes) < 181
    plan = [10] * 12
    assert pace.expected(100, YEAR, YEAR.end, plan, amendments=changes) == pytest.approx(120)


def test_the_forecast_is_the_same_line_whatever_is_asked() -> None:
    """K11: actual / elapsed; a plan or an amendment changes what is due, not where the speed leads."""
    plain = pace.at_least(100, 365, YEAR, MIDDLE).projection
    assert plain == pytest.approx(100 * 365 / 183)
    assert pace.at_least(100, 365, YEAR, MIDDLE, [1] * 12).projection == plain
    assert pace.at_least(100, 730, YEAR, MIDDLE, amendments=[Amendment(SUMMER, 365, 730)]).projection == plain


@given(st.decimals(0, 100_000, places=2), st.integers(1, 36))
def test_an_even_spread_adds_up_and_no_part_differs_by_more_than_one(total: Decimal, months: int) -> None:
    parts = targets.even(total, months)
    assert sum(map(Decimal, map(str, parts))) == total and len(parts) == months
    assert float(max(parts)) - float(min(parts)) <= 1
    whole = targets.even(int(total), months)
    assert all(isinstance(part, int) and part >= 0 for part in whole)


# -- plans --------------------------------------------------


def test_an_indicator_with_a_plan_follows_it_and_the_board_shows_it_at_once(contract: Contracted) -> None:  # noqa: F811
    key = contract.add(target=120)
    do(Done(SPRING, n=30))
    plain = read(key, date(2026, 2, 28))
    assert plain.expected == pytest.approx(120 * 59 / 365) and plain.plan == ()
    targets.save_plan(SYSTEM, key, [20, 28, *[None] * 9, 72])
    planned = read(key, date(2026, 2, 14))
    assert planned.plan == (20, 28, *[0] * 9, 72)
    assert planned.expected == pytest.approx(20 + 14)
    assert read(key, date(2026, 2, 28)).status == "at_risk"
    targets.save_plan(SYSTEM, key, [None] * 12)
    assert read(key, date(2026, 2, 28)) == plain


def test_a_stock_is_expected_by_its_plan(contract: Contracted) -> None:  # noqa: F811
    key = contract.add(target=300, counting=Counting.LATEST)
    do(Done(date(2025, 12, 1), n=100), Done(date(2026, 1, 5), n=110))
    targets.save_plan(SYSTEM, key, [50, 150, *[0] * 10])
    assert read(key, date(2026, 1, 31)).expected == pytest.approx(50)


def test_what_does_not_add_up_by_month_has_no_plan(contract: Contracted) -> None:  # noqa: F811
    kinds: list[tuple[str, float | None, dict[str, Any]]] = [
        ("several", None, {}), ("ongoing", None, {}), ("ratio", 90, {"of_measure": "thing.done"}), ("deliver", 2, {}),
        ("at_least", 3, {"counting": Counting.STANDING}),
    ]  # fmt: skip
    for place, (kind, target, more) in enumerate(kinds):
        key = contract.add(f"01.{place}", kind, target, **more)
        with pytest.raises(Invalid) as refused:
            targets.save_plan(SYSTEM, key, [1] * 12)
        assert refused.value.fields == {"indicator_id": "no_plan"}


def test_a_plan_is_saved_whole_or_not_at_all(contract: Contracted) -> None:  # noqa: F811
    key = contract.add()
    for wrong in ([1] * 11 + [-1], [1] * 11):
        with pytest.raises(Invalid):
            targets.save_plan(SYSTEM, key, wrong)
    assert read(key).plan == ()
    with pytest.raises(NotFound):
        targets.save_plan(SYSTEM, 999_999, [1] * 12)


def test_a_plan_is_imported_and_exported_like_any_record(contract: Contracted) -> None:  # noqa: F811
    key = contract.add(zh="走访", code="06.3")
    path = HOME / "plan.csv"
    path.write_text("指标,月份,计划量\n06.3,2026-01-01,10\n06.3,2026-01-15,10\n06.3,2026-02-01,20", encoding="utf-8")
    result = exchange.run_import(SYSTEM, PLAN, path)
    assert (result.created, [(p.row, p.code) for p in result.problems]) == (2, [(3, "not_a_month")])
    assert read(key).plan == (10, 20, *[0] * 10)
    assert exchange.run_import(SYSTEM, PLAN, path).unchanged == 2
    exchange.export(SYSTEM, PLAN, store.Query(), HOME / "out.csv", fmt="csv")
    assert "2026-02-01" in (HOME / "out.csv").read_text(encoding="utf-8-sig")


# -- amendments --------------------------------------------------

GIVEN = {"effective_on": SUMMER, "target_after": Decimal(730), "reason": "双方协商", "document": "补字1号"}


def test_both_values_stand_and_the_pace_turns_on_the_day(contract: Contracted) -> None:  # noqa: F811
    """Acceptance of K9: the target changes in mid-year, with day, reason and file; history is kept."""
    key = contract.add(target=365)
    targets.amend(SYSTEM, key, GIVEN, file=("补充协议.txt", "协议".encode()))
    before, after = read(key, date(2026, 6, 30)), read(key, SUMMER)
    assert (before.target, before.original_target, before.amendments) == (365, None, ())
    assert (after.target, after.original_target) == (730, 365)
    assert after.amendments == (Amendment(SUMMER, 365, 730),)
    assert before.expected == pytest.approx(181)
    assert after.expected == pytest.approx(181 + 549 / 184)
    assert store.get(SYSTEM, INDICATOR, key).values["target"] == 365
    (told,) = targets.history(SYSTEM, key)
    assert (told.before, told.after, told.reason, told.document) == (365, 730, "双方协商", "补字1号")
    assert attachments.open(SYSTEM, told.files[0][0])[1] == "协议".encode()


def test_amendments_follow_each_other_in_whichever_order_they_are_written(contract: Contracted) -> None:  # noqa: F811
    key = contract.add(target=100)
    autumn = targets.amend(SYSTEM, key, GIVEN | {"effective_on": date(2026, 10, 1), "target_after": Decimal(300)})
    targets.amend(SYSTEM, key, GIVEN | {"target_after": Decimal(200)})
    assert [(a.before, a.after) for a in read(key).amendments] == [(100, 200), (200, 300)]
    assert [read(key, day).target for day in (date(2026, 6, 30), SUMMER, date(2026, 10, 1))] == [100, 200, 300]
    store.remove(SYSTEM, AMENDMENT, autumn)
    assert [(a.before, a.after) for a in read(key).amendments] == [(100, 200)]
    store.restore(SYSTEM, AMENDMENT, autumn)
    assert read(key).target == 300
    with pytest.raises(Invalid):
        targets.amend(SYSTEM, key, GIVEN)


def test_a_ratio_tells_its_amended_target_as_a_fraction(contract: Contracted) -> None:  # noqa: F811
    key = contract.add(kind="ratio", target=80, of_measure="thing.done")
    do(Done(SPRING))
    targets.amend(SYSTEM, key, GIVEN | {"target_after": Decimal(90)})
    found = read(key)
    assert (found.target, found.original_target, found.amendments[0].after) == (0.9, 0.8, 0.9)
    row = kpi.as_json(kpi.board(SYSTEM, contract.id, YEAR.end))[0]
    assert (row["target"], row["original_target"]) == (90, 80)


def test_the_list_for_programs_has_no_new_key_where_nothing_was_amended(contract: Contracted) -> None:  # noqa: F811
    key = contract.add()
    assert "original_target" not in kpi.as_json(kpi.board(SYSTEM, contract.id, YEAR.end))[0]
    targets.amend(SYSTEM, key, GIVEN)
    assert "original_target" not in kpi.as_json(kpi.board(SYSTEM, contract.id, MIDDLE - timedelta(days=30)))[0]


def test_what_cannot_be_amended_says_so(contract: Contracted) -> None:  # noqa: F811
    key, several = contract.add(), contract.add("01.2", "several", None)
    wrong: list[tuple[int, dict[str, Any], dict[str, str]]] = [
        (several, {}, {"indicator_id": "no_target"}),
        (key, {"effective_on": date(2027, 1, 1)}, {"effective_on": "outside_period"}),
        (key, {"effective_on": date(2025, 12, 31)}, {"effective_on": "outside_period"}),
        (key, {"reason": ""}, {"reason": "required"}),
        (key, {"target_after": Decimal(-1)}, {"target_after": "too_small"}),
    ]
    for indicator, more, fields in wrong:
        with pytest.raises(Invalid) as refused:
            targets.amend(SYSTEM, indicator, GIVEN | more)
        assert refused.value.fields == fields
    with pytest.raises(Invalid):  # the file is refused, and the amendment with it
        targets.amend(SYSTEM, key, GIVEN, file=("a.exe", b"MZ"))
    assert targets.history(SYSTEM, key) == []


def test_once_a_month_is_over_the_target_itself_leads_to_an_amendment(contract: Contracted) -> None:  # noqa: F811
    key = contract.add(target=100)
    store.save(SYSTEM, INDICATOR, {"target": Decimal(110)}, id=key, today=date(2026, 1, 30))
    over = date(2026, 1, 31)
    with pytest.raises(Invalid) as refused:
        store.save(SYSTEM, INDICATOR, {"target": Decimal(120)}, id=key, today=over)
    assert refused.value.fields == {"target": "amend_instead"}
    store.save(SYSTEM, INDICATOR, {"target": Decimal(110), "zh": "新名"}, id=key, today=over)
    assert read(key).target == 110


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_loading_the_preset_again_does_not_trip_over_an_amendment(database: str) -> None:
    start = date(2025, 1, 1)
    contract_id = load.load_preset_contract(SYSTEM, "medical_social_work", start)
    found = next(f for f in kpi.board(SYSTEM, contract_id, date(2025, 9, 1)).figures if f.code == "06.7")
    targets.amend(SYSTEM, found.id, GIVEN | {"effective_on": date(2025, 7, 1)})
    assert load.load_preset_contract(SYSTEM, "medical_social_work", start) == contract_id
    again = next(f for f in kpi.board(SYSTEM, contract_id, date(2025, 9, 1)).figures if f.code == "06.7")
    assert (again.target, again.original_target) == (730, found.target)


def test_who_may_plan_and_amend(contract: Contracted, cast: Cast) -> None:  # noqa: F811
    key = contract.add()
    for who in (cast.admin, cast.chen):
        targets.save_plan(who, key, [1] * 12)
        assert targets.may_amend(who)
    for who in (cast.lin, cast.wang, cast.he, cast.stranger):
        for act in (lambda a: targets.save_plan(a, key, [1] * 12), lambda a: targets.amend(a, key, GIVEN)):
            with pytest.raises(Denied):
                act(who)
    targets.amend(cast.chen, key, GIVEN, file=("a.txt", b"paper"))
    assert [one.files[0][1] for one in targets.history(cast.lin, key)] == ["a.txt"]
    with pytest.raises(Denied):
        targets.history(cast.stranger, key)
    assert Role.LEADER in cast.chen.roles


# -- what is drawn --------------------------------------------------


def test_the_dashboard_and_the_charts_show_both_targets() -> None:
    change = Amendment(date(2026, 8, 1), 1500, 1800)
    figure = replace(BEHIND, target=1800, original_target=1500, amendments=(change,))
    seen = board(figure)
    for language, words in (("zh", "（原 1,500）"), ("en", "(was 1,500)")):
        assert words in board_html(seen, language)  # type: ignore[arg-type]
    drawn = charts.cumulative(figure, seen, None, "zh", "light").figure["data"][0]
    due = dict(zip(drawn["x"], drawn["y"], strict=True))
    assert due["2027-03-31"] == 1800
    assert due["2026-07-31"] == pytest.approx(1500 * PERIOD.elapsed(date(2026, 7, 31)))
    needs = charts.by_month(figure, seen, "zh", "light").figure["data"][1]["y"]
    assert sum(needs) == pytest.approx(1800) and needs[0] < needs[-1]


def test_a_board_comes_back_from_its_document_as_it_was() -> None:
    change = Amendment(date(2026, 8, 1), 1500, 1800)
    figure = replace(BEHIND, target=1800, original_target=1500, amendments=(change,), plan=(1, 2.5))
    seen = board(figure, as_of=TODAY)
    document = snapshots.to_document(seen)
    assert snapshots.to_board(document) == seen
    assert snapshots.to_board(document | {"new": 1}) == seen


def test_a_board_of_before_tells_of_a_stock_what_it_told_then() -> None:
    document = snapshots.to_document(board(STOCK, as_of=TODAY))
    document["figures"][0] |= {"base": 18_000}
    [figure] = snapshots.to_board(document).figures
    assert growth(figure) == [2_000, 10_000, 8_120]
