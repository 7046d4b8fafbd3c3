"""An indicator's number comes from the work records alone: what counts, from when to when, for whom, and its proof."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event

from models.base import now
from models.contract import Contract, Indicator, ServiceCategory, Unit
from models.measures import MEASURES, Measure, facts
from models.partners import Agreement, AgreementState, Level, Organisation, OrganisationKind
from models.people import Person, Volunteer
from models.periods import Period
from models.training import Attendance, Audience, Course, CourseKind, SessionState, TrainingSession
from seed import load, presets
from services import db, kpi
from services.access import SYSTEM, Actor
from services.awaited import AWAITED, NO_RULE, label_of
from services.errors import Denied, NotFound
from services.figures import Figure, growth
from services.kept import Kept
from tests.conftest import Cast
from ui.board import category_note

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
MIDDLE, LAST = date(2026, 7, 2), YEAR.end
KEYS = [
    "code", "name", "kind", "target", "actual", "unit", "expected", "share", "status",
    "months_active", "months_elapsed", "units_met", "units_total",
]  # fmt: skip


@dataclass(frozen=True)
class Done:
    """One fact as a test states it."""

    day: date
    who: int = 1
    n: int = 1
    station: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class Contracted:
    """A contract with one category, to which a test adds indicators over two measures of its own."""

    id: int
    category: int

    def add(self, code: str = "01.1", kind: str = "at_least", target: float | None = 100, **more: Any) -> int:
        """An indicator over thing.done (agreements as events of `amount`), or over another measure."""
        values: dict[str, Any] = {
            "measure": "thing.done",
            "zh": "事",
            "en": "Things",
            "unit_zh": "件",
            "unit_en": "things",
            **more,
        }
        keys: dict[str, Any] = {"contract_id": self.id, "category_id": self.category, "code": code, "kind": kind}
        with db.unit(SYSTEM) as s:
            row = Indicator(**keys, target=None if target is None else Decimal(str(target)), **values)
            s.add(row)
            s.flush()
            return row.id or 0


@pytest.fixture
def contract(database: str, monkeypatch: pytest.MonkeyPatch) -> Contracted:
    for name, until in (("thing.done", None), ("thing.lasting", Agreement.ends)):
        monkeypatch.setitem(MEASURES, name, Measure(name, "agreement", lambda until=until: _things(until)))
    with db.unit(SYSTEM) as s:
        s.add_all(Organisation(name=f"单位{i}", kind=OrganisationKind.SCHOOL) for i in range(1, 7))
    return make_contract(YEAR)


def _things(until: Any) -> Any:
    return facts(
        Agreement.starts, Agreement.id, until=until, station=Agreement.unit_id, who=Agreement.organisation_id,
        n=Agreement.__table__.c.amount,  # type: ignore[attr-defined]
    )  # fmt: skip


def make_contract(period: Period, code: str = "HT") -> Contracted:
    with db.unit(SYSTEM) as s:
        contract = Contract(code=code, title="合同", starts=period.start, ends=period.end)
        s.add(contract)
        s.flush()
        category = ServiceCategory(contract_id=contract.id or 0, code="01", zh="类", en="Category")
        s.add(category)
        s.flush()
        return Contracted(contract.id or 0, category.id or 0)


def agreement(done: Done) -> Agreement:
    return Agreement(
        organisation_id=done.who,
        signed_on=done.day,
        starts=done.day,
        ends=done.until or done.day,
        amount=Decimal(done.n),
        unit_id=done.station,
    )


def do(*things: Done, actor: Actor = SYSTEM) -> list[int]:
    """Record facts; their agreements' ids."""
    with db.unit(actor) as s:
        made = [agreement(done) for done in things]
        s.add_all(made)
        s.flush()
        return [row.id or 0 for row in made]


def bin_it(agreement_id: int) -> None:
    with db.unit(SYSTEM) as s:
        s.get_one(Agreement, agreement_id).deleted_at = now()


def read(indicator: int, as_of: date = LAST, actor: Actor = SYSTEM) -> Figure:
    return kpi.figure(actor, indicator, as_of)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What is sent to the database meanwhile, without the BEGINs."""
    seen: list[str] = []

    def hear(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement != "BEGIN":
            seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", hear)
    yield seen
    event.remove(db.engine(), "before_cursor_execute", hear)


# -- K1: the contract -------------------------------------------------------------------------------------------------


def test_a_fresh_portal_shows_the_32_indicators_of_contract_a(database: str) -> None:
    load.begin("medical_social_work", YEAR.start)
    board = kpi.board(SYSTEM, None, MIDDLE)
    by_code = {figure.code: figure for figure in board.figures}
    assert len(board.figures) == 32 and len(board.categories) == 10
    assert (board.day, board.days) == (183, 365)
    assert by_code["02.3"].target == 50_000 and by_code["02.3"].is_stock
    assert list(by_code) == sorted(by_code)


def test_no_indicator_of_contract_a_waits_for_anything(database: str) -> None:
    load.begin("medical_social_work", YEAR.start)
    figures = kpi.board(SYSTEM, None, MIDDLE).figures
    assert [figure.code for figure in figures if figure.status == "waiting" or figure.actual is None] == []


def test_an_indicator_whose_records_do_not_exist_yet_waits_and_is_no_zero(contract: Contracted) -> None:
    waiting = read(contract.add("B1", measure="home_visit.made"), MIDDLE)
    assert (waiting.status, waiting.actual, waiting.expected) == ("waiting", None, None)
    assert waiting.waits_for == AWAITED["home_visit"]
    assert kpi.rows(SYSTEM, waiting.id).rows_total == 0
    assert kpi.by_station(SYSTEM, waiting.id) == []


@pytest.mark.parametrize("code", presets.preset_codes())
def test_every_measure_of_the_presets_counts_or_says_what_it_waits_for(code: str) -> None:
    for indicator in presets.load_preset(code).indicators:
        for measure in filter(None, (indicator.measure, indicator.of)):
            assert measure in MEASURES or label_of(measure.split(".")[0]) != NO_RULE


def test_a_target_per_worker_waits_until_there_are_workers(contract: Contracted) -> None:
    figure = read(contract.add(kind="per_unit", per="worker", target=24))
    assert (figure.status, figure.waits_for) == ("waiting", label_of("staff_member"))


def test_an_indicator_without_a_counting_rule_waits_for_one(contract: Contracted) -> None:
    figure = read(contract.add(measure=""))
    assert figure.status == "waiting" and figure.waits_for is not None and figure.waits_for.zh == "计算口径"


# -- K2, K3: what counts ----------------------------------------------------------------------------------------------


def test_one_more_record_is_one_more_at_once(contract: Contracted) -> None:
    indicator = contract.add()
    assert read(indicator).actual == 0
    do(Done(MIDDLE))
    assert read(indicator).actual == 1


def test_the_same_person_twice_is_one_person_and_two_attendances(contract: Contracted) -> None:
    people, attendances = contract.add("03.1", counting="distinct"), contract.add("06.7", counting="sum")
    do(Done(date(2026, 2, 1), who=1), Done(date(2026, 3, 1), who=1))
    assert (read(people).actual, read(attendances).actual) == (1, 2)
    assert read(people).by_month == (0, 1, *[0] * 10)


def test_a_stock_is_the_newest_snapshot_of_each_added_up(contract: Contracted) -> None:
    stock = contract.add("02.3", target=1000, counting="latest")
    do(Done(date(2026, 1, 5), 1, 100), Done(date(2026, 3, 5), 1, 150), Done(date(2026, 3, 6), 2, 40))
    do(Done(date(2026, 2, 5), 1, 120))
    figure = read(stock, date(2026, 4, 1))
    assert (figure.actual, figure.by_month) == (190, (100, 120, 190, 190))
    assert [row.n for row in kpi.rows(SYSTEM, stock, LAST).rows] == [40, 150]
    assert kpi.rows(SYSTEM, stock, LAST, month=1).counted == 120


def test_a_stock_counts_snapshots_of_the_period_and_knows_what_they_were_before(contract: Contracted) -> None:
    stock = contract.add("02.3", target=1000, counting="latest")
    do(Done(date(2025, 12, 31), 1, 300), Done(date(2025, 11, 1), 1, 250), Done(date(2025, 12, 1), 2, 80))
    assert (read(stock, MIDDLE).actual, set(read(stock, MIDDLE).carried)) == (0, {0})
    do(Done(date(2026, 1, 1), 1, 310))
    figure = read(stock, MIDDLE)
    assert (figure.actual, figure.carried) == (310, (300, 0, 0, 0, 0, 0, 0))
    assert figure.projection == pytest.approx(300 + 10 * 365 / 183)
    assert figure.expected == pytest.approx(1000 * 183 / 365)


def test_a_stock_grew_by_what_each_grew_since_it_was_counted_last(contract: Contracted) -> None:
    stock = contract.add("02.3", target=1000, counting="latest")
    do(Done(date(2025, 12, 31), 1, 400), Done(date(2026, 1, 5), 2, 17), Done(date(2026, 6, 15), 1, 410))
    figure = read(stock, MIDDLE)
    assert (figure.by_month[4:], growth(figure)) == ((17, 427, 427), [17, 0, 0, 0, 0, 10, 0])


def test_what_is_expected_of_a_stock_on_a_day_stays_whatever_is_counted_later(contract: Contracted) -> None:
    stock = contract.add("02.3", target=1000, counting="latest")
    do(*(Done(date(2025, 12, 1), who, 100) for who in (1, 2, 3)), Done(date(2026, 1, 2), 1, 110))
    before = [read(stock, day).expected for day in (date(2026, 1, 1), date(2026, 1, 2), MIDDLE)]
    do(Done(date(2026, 1, 20), 2, 90), Done(date(2026, 2, 20), 3, 70))
    assert [read(stock, day).expected for day in (date(2026, 1, 1), date(2026, 1, 2), MIDDLE)] == before
    assert before == [pytest.approx(1000 * day / 365) for day in (1, 2, 183)]


def test_what_stands_on_a_day_is_told_of_each_month_as_it_was_then(contract: Contracted) -> None:
    staff = contract.add("10.1", target=3, measure="thing.lasting", counting="standing")
    do(Done(date(2025, 6, 1), 1, until=date(2026, 2, 10)), Done(date(2026, 1, 15), 2, until=LAST))
    do(Done(date(2026, 1, 20), 2, until=LAST))
    do(Done(date(2026, 3, 1), 3, until=date(2026, 3, 20)))
    figure = read(staff, date(2026, 4, 10))
    assert (figure.is_stock, figure.by_month) == (True, (2, 1, 1, 1))
    for month, (_, last) in enumerate(YEAR.months[:3]):
        assert read(staff, last).actual == figure.by_month[month]
        assert kpi.rows(SYSTEM, staff, date(2026, 4, 10), month=month).counted == figure.by_month[month]
    assert read(staff, YEAR.start - timedelta(days=1)).by_month == ()


def test_two_snapshots_of_one_day_count_once(contract: Contracted) -> None:
    stock = contract.add("02.3", target=1000, counting="latest")
    do(Done(MIDDLE, 1, 10), Done(MIDDLE, 1, 20))
    assert read(stock).actual == kpi.rows(SYSTEM, stock, LAST).counted == 20


def test_a_deliverable_counts_once_whatever_was_recorded_of_it(contract: Contracted) -> None:
    site = contract.add("06.2", kind="deliver", target=2, counting="deliverable")
    do(Done(MIDDLE, 1), Done(LAST, 1))
    assert (read(site).actual, read(site).share) == (1, 0.5)
    do(Done(LAST, 2))
    assert read(site).status == "achieved"


def test_a_record_in_the_bin_stops_counting(contract: Contracted) -> None:
    indicator, people = contract.add("05.2"), contract.add("05.3", counting="distinct")
    kept, dropped = do(Done(MIDDLE, 1), Done(MIDDLE, 2))
    assert (read(indicator).actual, read(people).actual) == (2, 2)
    bin_it(dropped)
    assert (read(indicator).actual, read(people).actual) == (1, 1)
    assert [row.ref for row in kpi.rows(SYSTEM, indicator, LAST).rows] == [kept]


# -- from when to when ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2025, 12, 31), 0),
        (date(2026, 1, 1), 1),
        (date(2026, 12, 31), 1),
        (date(2027, 1, 1), 0),
    ],
)
def test_the_first_and_the_last_day_count_and_the_days_beside_them_do_not(
    contract: Contracted, day: date, counts: int
) -> None:
    indicator = contract.add()
    do(Done(day))
    assert read(indicator, date(2027, 6, 1)).actual == counts
    assert kpi.rows(SYSTEM, indicator, date(2027, 6, 1)).counted == counts


def test_what_lies_after_the_day_of_the_report_does_not_count(contract: Contracted) -> None:
    indicator = contract.add()
    do(Done(MIDDLE), Done(MIDDLE + timedelta(days=1)))
    assert read(indicator, MIDDLE).actual == 1
    assert len(read(indicator, MIDDLE).by_month) == 7


def test_the_leap_day_belongs_to_its_month(contract: Contracted) -> None:
    leap = make_contract(Period(date(2028, 1, 15), date(2029, 1, 14)), "HT-28")
    indicator = leap.add()
    do(Done(date(2028, 2, 14)), Done(date(2028, 2, 29)), Done(date(2028, 3, 15)))
    assert read(indicator, date(2028, 4, 1)).by_month == (1, 1, 1)


def test_months_of_a_contract_that_starts_on_the_31st(contract: Contracted) -> None:
    odd = make_contract(Period(date(2026, 1, 31), date(2027, 1, 30)), "HT-31")
    indicator = odd.add()
    do(Done(date(2026, 1, 31)), Done(date(2026, 2, 27)), Done(date(2026, 2, 28)), Done(date(2026, 3, 30)))
    do(Done(date(2026, 3, 31)), Done(date(2027, 1, 30)), Done(date(2026, 1, 30)))
    figure = read(indicator, date(2027, 2, 28))
    assert figure.by_month == (2, 2, 1, *[0] * 8, 1)
    assert kpi.rows(SYSTEM, indicator, date(2027, 2, 28), month=1).counted == 2


def test_what_began_before_the_period_and_is_still_in_force_counts_on_its_first_day(contract: Contracted) -> None:
    partners = contract.add(measure="thing.lasting", counting="distinct")
    do(Done(date(2024, 5, 1), who=1, until=date(2026, 1, 1)), Done(date(2024, 5, 1), who=2, until=date(2025, 12, 31)))
    do(Done(date(2025, 5, 1), who=3, until=date(2029, 1, 1)), Done(date(2026, 3, 1), who=3, until=date(2026, 4, 1)))
    figure = read(partners, MIDDLE)
    assert (figure.actual, figure.by_month[0]) == (2, 2)
    assert {row.day for row in kpi.rows(SYSTEM, partners, MIDDLE).rows if row.n} == {YEAR.start}


def test_nothing_counts_before_the_period(contract: Contracted) -> None:
    partners = contract.add(kind="several", target=None, measure="thing.lasting")
    do(Done(date(2025, 5, 1), until=date(2029, 1, 1)))
    figure = read(partners, date(2025, 12, 31))
    assert (figure.actual, figure.status, figure.by_month) == (0, "not_started", ())


# -- K4, K6, K7: how it stands ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("done", "status"), [(100, "achieved"), (50, "on_pace"), (45, "behind"), (30, "at_risk")])
def test_half_of_the_year_wants_half_of_the_target(contract: Contracted, done: int, status: str) -> None:
    indicator = contract.add(target=100)
    do(Done(MIDDLE, n=done))
    figure = read(indicator, MIDDLE)
    assert figure.status == status
    assert figure.expected == pytest.approx(100 * 183 / 365)
    assert figure.share == done / 100
    assert figure.projection == pytest.approx(done * 365 / 183)


def test_ten_of_twelve_months_is_ten_of_twelve_and_no_percentage(contract: Contracted) -> None:
    indicator = contract.add("08.2", kind="ongoing", target=None)
    do(*(Done(date(2026, month, 9)) for month in range(1, 13) if month not in (4, 8)), Done(date(2026, 1, 20)))
    figure = read(indicator)
    assert (figure.months_active, figure.months_elapsed, figure.actual) == (10, 12, 10)
    assert (figure.share, figure.expected, figure.projection) == (None, None, None)
    assert [month + 1 for month, filled in enumerate(figure.months_filled) if not filled] == [4, 8]
    assert kpi.rows(SYSTEM, indicator, LAST, month=0).counted == figure.by_month[0] == 2


def test_several_is_a_count_without_a_percentage(contract: Contracted) -> None:
    indicator = contract.add("02.1", kind="several", target=None, counting="distinct")
    assert read(indicator).status == "not_started"
    do(Done(MIDDLE, 1), Done(MIDDLE, 2))
    assert (read(indicator).actual, read(indicator).share, read(indicator).status) == (2, None, "achieved")


def test_four_of_six_rows_of_a_category_are_four_of_six(contract: Contracted) -> None:
    for row in range(1, 7):
        contract.add(f"06.{row}", target=1 if row <= 4 else 1000)
    do(Done(MIDDLE))
    figures = kpi.board(SYSTEM, contract.id, LAST).figures
    assert sum(figure.status == "achieved" for figure in figures) == 4
    assert category_note(figures).zh.startswith("量化指标达成 4 / 6 项")


def test_a_ratio_shows_both_of_its_numbers(contract: Contracted) -> None:
    indicator = contract.add("C2", kind="ratio", target=90, of_measure="thing.lasting", counting="distinct")
    do(*(Done(MIDDLE, who, until=LAST) for who in (1, 2, 3)))
    do(Done(date(2025, 5, 1), 4, until=LAST))
    figure = read(indicator)
    assert (figure.numerator, figure.denominator, figure.actual, figure.target) == (3, 4, 0.75, 0.9)
    [line] = kpi.as_json(kpi.board(SYSTEM, contract.id, LAST))
    assert (line["target"], line["actual"], line["expected"], line["share"]) == (90, 75, 90, 0.8333)
    assert kpi.rows(SYSTEM, indicator, LAST).counted == 3


def test_a_ratio_of_nothing_has_no_value(contract: Contracted) -> None:
    figure = read(contract.add("C2", kind="ratio", target=90, of_measure="thing.done"))
    assert (figure.actual, figure.status, figure.denominator) == (None, "not_started", 0)


# -- stations ---------------------------------------------------------------------------------------------------------


def test_a_station_without_records_is_behind_and_not_absent(contract: Contracted, cast: Cast) -> None:
    indicator = contract.add("B3", kind="per_unit", per="unit", target=2)
    do(Done(MIDDLE, station=cast.station), Done(LAST, station=cast.station), Done(LAST, station=None))
    figure = read(indicator)
    assert [(unit.id, unit.actual, unit.met) for unit in figure.units] == [
        (cast.station, 2, True), (cast.other_station, 0, False),
    ]  # fmt: skip
    assert (figure.units_met, figure.units_total, figure.actual, figure.status) == (1, 2, 2, "at_risk")
    assert kpi.rows(SYSTEM, indicator, LAST).counted == 2


def test_a_person_counts_in_every_station_that_has_to_reach_the_target(contract: Contracted, cast: Cast) -> None:
    each = contract.add("B7", kind="per_unit", per="unit", target=1, counting="distinct")
    together = contract.add("B8", counting="distinct")
    do(Done(MIDDLE, 1, station=cast.station), Done(LAST, 1, station=cast.other_station))
    assert (read(each).units_met, read(each).actual, read(together).actual) == (2, 2, 1)
    assert kpi.rows(SYSTEM, each, LAST).counted == 2
    assert [split.n for split in kpi.by_station(SYSTEM, together, LAST)] == [1, 0]


def test_an_ongoing_target_per_station_needs_every_station_in_every_month(contract: Contracted, cast: Cast) -> None:
    indicator = contract.add("B9", kind="ongoing", per="unit", target=None)
    do(*(Done(date(2026, month, 3), station=cast.station) for month in range(1, 13)))
    do(*(Done(date(2026, month, 3), station=cast.other_station) for month in range(1, 7)))
    figure = read(indicator)
    assert (figure.months_active, figure.months_elapsed, figure.units_met, figure.units_total) == (6, 12, 1, 2)
    assert [unit.actual for unit in figure.units] == [12, 6]


def test_a_station_lead_sees_the_figures_of_their_station_only(contract: Contracted, cast: Cast) -> None:
    indicator, per_unit = contract.add(), contract.add("B3", kind="per_unit", per="unit", target=1)
    do(Done(MIDDLE, 1, station=cast.station), Done(MIDDLE, 2, station=cast.other_station), Done(MIDDLE, 3))
    assert read(indicator).actual == 3
    assert read(indicator, actor=cast.wang).actual == 1
    assert {row.station for row in kpi.rows(cast.wang, indicator, LAST).rows} == {cast.station}
    assert [split.unit_id for split in kpi.by_station(cast.wang, indicator, LAST)] == [cast.station]
    assert [unit.id for unit in read(per_unit, actor=cast.wang).units] == [cast.station]
    assert read(indicator, actor=cast.chen).actual == 3


def test_the_split_by_station_adds_up_and_names_what_belongs_to_none(contract: Contracted, cast: Cast) -> None:
    indicator = contract.add()
    do(Done(MIDDLE, 1, 5, cast.station), Done(MIDDLE, 2, 7))
    assert kpi.by_station(SYSTEM, indicator, LAST) == [
        (cast.station, "一号站", 5), (cast.other_station, "二号站", 0), (None, "", 7),
    ]  # fmt: skip
    assert kpi.rows(SYSTEM, indicator, LAST, unit_id=cast.station).counted == 5


def test_a_stranger_sees_no_figure(contract: Contracted, cast: Cast) -> None:
    indicator = contract.add()
    for ask in (
        lambda: kpi.board(cast.stranger, contract.id),
        lambda: kpi.figure(cast.stranger, indicator),
        lambda: kpi.rows(cast.stranger, indicator),
        lambda: kpi.by_station(cast.stranger, indicator),
        lambda: kpi.version(cast.stranger, contract.id),
    ):
        with pytest.raises(Denied):
            ask()


def test_what_does_not_exist_is_not_found(contract: Contracted) -> None:
    for ask in (lambda: kpi.board(SYSTEM, 999), lambda: kpi.figure(SYSTEM, 999), lambda: kpi.rows(SYSTEM, 999)):
        with pytest.raises(NotFound):
            ask()


def test_a_portal_without_a_contract_has_no_board(database: str) -> None:
    with pytest.raises(NotFound):
        kpi.board(SYSTEM)


def test_without_a_choice_the_running_contract_is_shown(contract: Contracted) -> None:
    later = make_contract(Period(date(2027, 1, 1), date(2027, 12, 31)), "HT-27")
    assert kpi.board(SYSTEM, None, MIDDLE).contract_id == contract.id
    assert kpi.board(SYSTEM, None, date(2027, 1, 1)).contract_id == later.id
    assert kpi.board(SYSTEM, None, date(2029, 1, 1)).contract_id == later.id


# -- K5: what proves it -----------------------------------------------------------------------------------------------


def some_facts(seed: int, stations: list[int | None]) -> list[Done]:
    draw = random.Random(seed)
    first = YEAR.start - timedelta(days=60)
    days = [first + timedelta(days=draw.randrange(500)) for _ in range(60)]
    return [
        Done(day, draw.randint(1, 6), draw.randint(1, 9), draw.choice(stations), day + timedelta(draw.randrange(90)))
        for day in days
    ]


def by_hand(things: list[Done], counting: str, lasting: bool) -> int:
    inside = [
        replace(done, day=max(done.day, YEAR.start))
        for done in things
        if done.day <= MIDDLE and (done.until if lasting and done.until else done.day) >= YEAR.start
    ]
    if counting == "sum":
        return sum(done.n for done in inside)
    if counting == "distinct":
        return len({done.who for done in inside})
    return sum({done.who: done.n for done in sorted(inside, key=lambda done: done.day)}.values())


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(
    ("counting", "measure"),
    [
        ("sum", "thing.done"),
        ("sum", "thing.lasting"),
        ("distinct", "thing.done"),
        ("distinct", "thing.lasting"),
        ("latest", "thing.done"),
    ],
)
def test_the_rows_add_up_to_the_number_the_months_and_the_split(
    contract: Contracted, cast: Cast, counting: str, measure: str, seed: int
) -> None:
    things = some_facts(seed, [cast.station, cast.other_station, None])
    if counting == "latest":
        things = list({(done.who, done.day): done for done in things}.values())
    do(*things)
    indicator = contract.add(counting=counting, measure=measure)
    figure = read(indicator, MIDDLE)
    assert figure.actual == by_hand(things, counting, measure == "thing.lasting")
    proof = kpi.rows(SYSTEM, indicator, MIDDLE, size=500)
    assert len(proof.rows) == proof.rows_total
    assert sum(row.n for row in proof.rows) == proof.counted == figure.actual
    assert sum(split.n for split in kpi.by_station(SYSTEM, indicator, MIDDLE)) == figure.actual
    months = [kpi.rows(SYSTEM, indicator, MIDDLE, month=month).counted for month in range(7)]
    assert months == list(figure.by_month)
    assert (months[-1] if counting == "latest" else sum(months)) == figure.actual


def test_the_pages_of_the_proof_show_every_record_once(contract: Contracted) -> None:
    indicator = contract.add()
    ids = do(*(Done(MIDDLE, n=3) for _ in range(7)))
    pages = [kpi.rows(SYSTEM, indicator, LAST, page=page, size=3) for page in range(3)]
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    assert {row.ref for page in pages for row in page.rows} == set(ids)
    assert {(page.counted, page.rows_total) for page in pages} == {(21, 7)}
    assert {row.record for row in pages[0].rows} == {"agreement"}


def test_every_record_of_a_person_shows_and_the_first_one_counts(contract: Contracted) -> None:
    indicator = contract.add(counting="distinct")
    later, first, other = do(Done(LAST, 1), Done(MIDDLE, 1), Done(LAST, 2))
    proof = kpi.rows(SYSTEM, indicator, LAST)
    assert {row.ref: row.n for row in proof.rows} == {later: 0, first: 1, other: 1}
    assert (proof.counted, proof.rows_total) == (2, 3)


# -- the measures of the preset over real records ----------------------------------------------------------------------


def test_the_training_base_counts_held_external_sessions_and_who_came(database: str) -> None:
    load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start)
    with db.unit(SYSTEM) as s:
        course = Course(code="c", name="课", kind=CourseKind.FIRST_AID)
        people = [Person(name=f"学员{i}") for i in range(3)]
        s.add_all([course, *people])
        s.flush()
        outside = Audience.EXTERNAL
        held, planned = (SessionState.HELD, outside), (SessionState.OPEN, outside)
        inside = SessionState.HELD, Audience.INTERNAL
        for state, audience in (held, held, planned, inside):
            session = TrainingSession(
                title="班", course_id=course.id or 0, starts=now(), ends=now() + timedelta(hours=1),
                state=state, audience=audience, held_on=MIDDLE,
            )  # fmt: skip
            s.add(session)
            s.flush()
            s.add_all(Attendance(session_id=session.id or 0, person_id=person.id or 0) for person in people)
    found = {figure.code: figure.actual for figure in kpi.board(SYSTEM, None, LAST).figures}
    assert (found["05.2"], found["05.3"], found["08.4"]) == (2, 6, 0)


def test_partners_in_force_and_first_signed_count_each_by_its_rule(database: str) -> None:
    load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start)
    with db.unit(SYSTEM) as s:
        foundation = OrganisationKind.FOUNDATION
        s.add_all(
            [
                Organisation(name="全国基金会", kind=foundation, level=Level.NATIONAL),
                Organisation(name="省基金会", kind=foundation, level=Level.PROVINCIAL),
                Organisation(name="学校", kind=OrganisationKind.SCHOOL, department="儿科"),
                Organisation(name="社区", kind=OrganisationKind.COMMUNITY, department="儿科"),
            ]
        )
        s.flush()
        s.add_all(agreement(Done(date(2025, 6, 1), who, until=MIDDLE)) for who in (1, 2, 3))
        s.add_all(agreement(Done(date(2026, 6, 1), who, until=LAST)) for who in (3, 4))
        draft = agreement(Done(date(2026, 1, 2), 4, until=LAST))
        draft.state = AgreementState.DRAFT
        s.add(draft)
    found = {figure.code: figure.actual for figure in kpi.board(SYSTEM, None, LAST).figures}
    assert (found["01.1"], found["07.1"], found["04.3"]) == (1, 2, 1)


def test_a_volunteer_registered_and_verified_keeps_the_register_in_both_months(database: str) -> None:
    load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start)
    with db.unit(SYSTEM) as s:
        person = Person(name="甲")
        s.add(person)
        s.flush()
        volunteer = Volunteer(person_id=person.id or 0, is_emergency_rescue=True, consent=True)
        volunteer.registered_on, volunteer.verified_on = date(2026, 1, 3), date(2026, 3, 3)
        s.add(volunteer)
    figure = next(figure for figure in kpi.board(SYSTEM, None, date(2026, 4, 5)).figures if figure.code == "08.3")
    assert (figure.months_active, figure.months_elapsed, figure.by_month) == (2, 4, (1, 0, 1, 0))
    assert figure.months_filled[:4] == (True, False, True, None)


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_a_board_on_which_nothing_changed_costs_at_most_four_statements(database: str, alone: None) -> None:
    load.begin("medical_social_work", YEAR.start)
    first = kpi.board(SYSTEM, None, MIDDLE)
    with statements() as seen:
        assert kpi.board(SYSTEM, None, MIDDLE) == first
    assert len(seen) <= 4


def test_the_pulse_is_one_statement_and_moves_with_every_write_behind_the_board(
    contract: Contracted, alone: None
) -> None:
    contract.add()
    kpi.board(SYSTEM, contract.id, MIDDLE)
    with statements() as seen:
        before = kpi.version(SYSTEM, contract.id)
    assert len(seen) == 1
    assert kpi.version(SYSTEM) == before
    with db.unit(SYSTEM) as s:
        s.add(Course(code="c", name="课", kind=CourseKind.FIRST_AID))
    assert kpi.version(SYSTEM, contract.id) == before
    do(Done(MIDDLE))
    after = kpi.version(SYSTEM, contract.id)
    assert after > before
    contract.add("01.2")
    assert kpi.version(SYSTEM, contract.id) > after


def test_a_write_counts_again_only_what_rests_on_it(contract: Contracted, alone: None) -> None:
    contract.add("01.1")
    contract.add("08.3", kind="ongoing", target=None, measure="volunteer.kept")
    kpi.board(SYSTEM, contract.id, MIDDLE)
    do(Done(MIDDLE))
    with statements() as seen:
        kpi.board(SYSTEM, contract.id, MIDDLE)
    assert any("FROM agreement" in statement for statement in seen)
    assert not any("FROM volunteer" in statement for statement in seen)


def test_what_somebody_else_writes_shows_on_the_next_board(contract: Contracted, cast: Cast) -> None:
    contract.add()
    assert kpi.board(cast.chen, contract.id, MIDDLE).figures[0].actual == 0
    do(Done(MIDDLE), actor=cast.lin)
    assert kpi.board(cast.chen, contract.id, MIDDLE).figures[0].actual == 1


def test_a_new_target_and_a_new_station_show_on_the_next_board(contract: Contracted, cast: Cast) -> None:
    indicator = contract.add("B3", kind="per_unit", per="unit", target=2)
    assert (read(indicator).target, read(indicator).units_total) == (2, 2)
    with db.unit(SYSTEM) as s:
        s.get_one(Indicator, indicator).target = Decimal(5)
        s.add(Unit(name="三号站"))
    assert (read(indicator).target, read(indicator).units_total) == (5, 3)


def test_what_is_kept_for_one_scope_is_never_shown_to_another(contract: Contracted, cast: Cast) -> None:
    indicator = contract.add()
    do(Done(MIDDLE, station=cast.other_station))
    assert [read(indicator, actor=actor).actual for actor in (cast.chen, cast.wang, cast.chen)] == [1, 0, 1]


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_write_that_commits_after_a_later_one_is_not_missed(contract: Contracted) -> None:
    indicator = contract.add()
    with db.unit(SYSTEM) as slow:
        slow.add(agreement(Done(MIDDLE)))
        slow.flush()
        do(Done(MIDDLE))
        assert read(indicator).actual == 1
        pulse = kpi.version(SYSTEM, contract.id)
    assert read(indicator).actual == 2
    assert kpi.version(SYSTEM, contract.id) != pulse


def test_many_who_ask_at_once_let_one_count(contract: Contracted, alone: None) -> None:
    indicator = contract.add()
    do(Done(MIDDLE))
    read(contract.add("01.2"))
    together = Barrier(6)

    def ask(_: int) -> object:
        together.wait(10)
        return read(indicator).actual

    with statements() as seen, ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, range(6))) == [1] * 6
    assert sum("FROM agreement" in statement for statement in seen) == 1


def test_the_memory_is_bounded_and_forgets_what_was_asked_for_longest_ago() -> None:
    memory = Kept(2)
    memory.put("a", 1)
    memory.put("b", 2)
    assert memory.get("a") == 1
    memory.put("c", 3)
    assert (memory.get("a"), memory.get("b"), memory.get("c"), len(memory)) == (1, None, 3, 2)


# -- as JSON ----------------------------------------------------------------------------------------------------------


def test_json_has_exactly_these_keys_and_plain_numbers(contract: Contracted) -> None:
    contract.add("01.1", target=300)
    contract.add("01.2", kind="ongoing", target=None)
    contract.add("01.10", measure="home_visit.made", kind="deliver", target=1, counting="deliverable")
    do(Done(MIDDLE, n=7))
    lines = kpi.as_json(kpi.board(SYSTEM, contract.id, MIDDLE))
    assert [list(line) for line in lines] == [KEYS] * 3
    assert lines[0] == dict(
        zip(KEYS, ["01.1", "事", "at_least", 300, 7, "件", 150.411, 0.0233, "at_risk", *[None] * 4], strict=True)
    )
    assert type(lines[0]["target"]) is int and type(lines[0]["actual"]) is int
    assert (lines[1]["actual"], lines[1]["months_active"], lines[1]["months_elapsed"]) == (1, 1, 7)
    assert (lines[1]["share"], lines[1]["expected"], lines[1]["target"]) == (None, None, None)
    assert lines[2] == dict(
        zip(KEYS, ["01.10", "事", "deliver", 1, None, "件", None, None, "waiting", *[None] * 4], strict=True)
    )
