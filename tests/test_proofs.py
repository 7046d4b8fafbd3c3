"""What stands behind an indicator: evidence, where else a record counts, splits, documents, the sheet, what closes a gap."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from models import RECORDS
from models.contract import Counting
from models.system import Attachment, Role
from models.words import L
from reports import closing_words, figure_words
from seed import load
from services import db, kpi, pace, proof_sheet, proofs, splits, store
from services.access import SYSTEM, Actor
from services.errors import NotFound
from services.figures import Figure
from services.ordering import natural
from tests import boards
from tests.test_contract_a import FIRST, LAST, SPRING, YEAR, World

BY = {"worker": "社工甲"}


@pytest.fixture
def world(database: str) -> World:
    return World(load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start))


def lines(w: World, code: str, as_of: date = LAST) -> list[proofs.Line]:
    figure = w.figure(code, as_of)
    return proofs.lines(SYSTEM, figure.id, kpi.rows(SYSTEM, figure.id, as_of).rows, as_of)


# -- evidence and overlaps --------------------------------------------------


def test_a_row_tells_its_record_its_worker_its_files_and_where_else_it_counts(world: World) -> None:
    client = world.client()
    channel = world.assist(client, SPRING, state="opened", kind="green_channel", **BY)
    world.assist(client, LAST)
    with db.unit(SYSTEM) as s:
        for name in ("a.pdf", "b.pdf"):
            s.add(Attachment(record="assistance_service", record_id=channel, name=name, sha256="0", size=1, mime="x"))
    later, first = lines(world, "03.1")
    assert (later.n, later.files, later.also, later.worker) == (0, 0, (), "")
    assert (first.n, first.files, first.also, first.worker) == (1, 2, ("06.6",), "社工甲")
    assert [(one.ref, one.also) for one in lines(world, "06.6")] == [(channel, ("03.1",))]


def test_a_union_names_each_record_by_its_own_type(world: World) -> None:
    visit = world.add("community_visit", place="东苑", visited_on=SPRING, encounters=12)
    screening = world.add("screening", disease="高血压", place="东苑", screened_on=SPRING, screened=5)
    found = {(one.record, one.ref): (one.title, one.n, one.also) for one in lines(world, "06.7")}
    assert found == {
        ("community_visit", visit): ("东苑", 12, ("06.3",)),
        ("screening", screening): ("高血压", 5, ()),
    }


def test_partners_in_force_are_proved_by_their_agreements(world: World) -> None:
    partner = world.organisation("foundation", level="national")
    agreement = world.agreement(partner, FIRST, LAST, number="HZ-1")
    assert [(one.record, one.ref, one.title) for one in lines(world, "01.1")] == [("agreement", agreement, "HZ-1")]


def test_a_page_of_fifty_rows_costs_no_more_statements_than_a_page_of_two(
    world: World, statements: Callable[[], int]
) -> None:
    client = world.client()
    for _ in range(50):
        world.assist(client, SPRING, state="opened", kind="green_channel")
    figure = world.figure("06.6", LAST)
    for size in (2, 50):
        rows = kpi.rows(SYSTEM, figure.id, LAST, size=size).rows
        statements()
        proofs.lines(SYSTEM, figure.id, rows, LAST)
        assert statements() <= 9


def test_who_may_not_read_the_records_sees_that_they_count_and_not_what_they_are(world: World) -> None:
    world.add("community_visit", place="东苑", visited_on=SPRING, encounters=12, worker="社工甲")
    figure, steward = world.figure("06.3", LAST), Actor(None, "管家", (Role.HEALTH_STEWARD,))
    rows = kpi.rows(steward, figure.id, LAST).rows
    assert [(one.title, one.worker, one.n) for one in proofs.lines(steward, figure.id, rows, LAST)] == [(None, "", 1)]
    assert list(splits.ways(steward, figure.id)) == ["month"]


def test_a_record_says_in_which_indicators_of_the_running_contract_it_counts(database: str) -> None:
    from services import clock

    today = clock.today()
    world = World(load.load_preset_contract(SYSTEM, "medical_social_work", today.replace(day=1)))
    record = RECORDS["assistance_service"]
    given = {"client_id": world.client(), "requested_on": today, "served_on": today}
    opened = store.save(SYSTEM, record, given | {"kind": "green_channel", "state": "opened", "number": "L1"})
    asked = store.save(
        SYSTEM, record, given | {"kind": "escort", "state": "requested", "served_on": None, "number": "L2"}
    )
    assert [one.code for one in proofs.counts_in(SYSTEM, record, opened)] == ["03.1", "06.6"]
    assert proofs.counts_in(SYSTEM, record, asked) == []
    store.remove(SYSTEM, record, opened)
    assert proofs.counts_in(SYSTEM, record, opened) == []


def test_how_an_indicator_counts_names_its_records_its_day_and_its_neighbours(world: World) -> None:
    how = proofs.how(SYSTEM, world.figure("06.7").id)
    assert how.feeds == (
        ("community_visit", "visited_on"), ("assistance_service", "served_on"), ("screening", "screened_on"),
    )  # fmt: skip
    assert [one.code for one in how.sharing] == ["03.1", "06.3", "06.6"]
    assert proofs.how(SYSTEM, world.figure("02.3").id).counting == Counting.LATEST


def test_the_checklist_puts_what_is_missing_first(world: World) -> None:
    _, required = world.deliverable("training_base")
    world.publish(required[0])
    found = proofs.documents(SYSTEM, world.figure("05.1").id, LAST)
    assert [one.published_on for one in found] == [None] * (len(required) - 1) + [SPRING]
    assert found[-1].ref == required[0] and found[-1].of
    assert proofs.documents(SYSTEM, world.figure("05.1").id, FIRST)[0].published_on is None
    assert proofs.documents(SYSTEM, world.figure("03.1").id) == []


# -- splits --------------------------------------------------


def test_a_person_counts_for_whoever_came_first(world: World) -> None:
    client = world.client()
    world.assist(client, SPRING, worker="甲")
    world.assist(client, LAST, worker="乙")
    world.assist(world.client(), LAST)
    figure = world.figure("03.1", LAST)
    found = [(part.value, part.name.zh, part.n) for part in splits.split(SYSTEM, figure.id, "worker", LAST)]
    assert sorted(found, key=str) == [("乙", "乙", 0), ("甲", "甲", 1), (None, "未填写", 1)]
    assert splits.whose(SYSTEM, figure.id) == "worker"


def test_who_was_on_duty_is_a_name_and_shown_in_full_only_to_who_may_see_names(world: World) -> None:
    log = RECORDS["base_duty_log"]
    key = world.add(log.name, base="emergency_base", logged_on=SPRING, on_duty="何岚", entry="巡检")
    figure = world.figure("08.2", LAST)
    for actor, shown in ((SYSTEM, "何岚"), (Actor(None, "陈院长", (Role.LEADER,)), "何*")):
        row = store.get(actor, log, key)
        assert (row.title, row.values["on_duty"]) == (shown, shown)
        assert [part.name.zh for part in splits.split(actor, figure.id, "on_duty", LAST)] == [shown]


def test_names_are_ordered_as_people_count() -> None:
    for names in (["第2组", "第10组"], ["1号站", "2号站", "10号站"], ["一号站", "二号站", "三号站", "十号站", "十二号站"],
                  ["2", "A2", "A10", "组", "组1"]):  # fmt: skip
        shuffled = [*names[1:], names[0]]
        assert sorted(shuffled, key=natural) == names


def test_equal_parts_of_a_split_stand_in_the_order_of_their_numbers(world: World) -> None:
    for team in ("第10组", "第2组"):
        world.add("community_visit", place="东苑", visited_on=SPRING, encounters=1, worker=team)
    found = splits.split(SYSTEM, world.figure("06.3").id, "worker", LAST)
    assert [part.value for part in found] == ["第2组", "第10组"]
    assert splits.source(SYSTEM, world.figure("06.3").id).name == "community_visit"


def test_a_number_is_split_by_what_records_share_and_by_nothing_else(world: World) -> None:
    ways = splits.ways(SYSTEM, world.figure("03.1").id)
    assert {"worker", "kind", "department_id", "month"} <= set(ways)
    assert not {"number", "client_id", "notes", "satisfaction", "unit_id"} & set(ways)
    with pytest.raises(NotFound):
        splits.split(SYSTEM, world.figure("03.1").id, "client_id")


def test_choices_are_called_by_their_labels_in_both_languages(world: World) -> None:
    world.assist(world.client(), SPRING, kind="escort")
    (part,) = splits.split(SYSTEM, world.figure("03.1").id, "kind", LAST)
    label = RECORDS["assistance_service"].field("kind").choices("escort").label  # type: ignore[misc]
    assert part.name == label


def test_the_last_four_weeks_are_twenty_eight_days(world: World) -> None:
    as_of = date(2025, 6, 30)
    for day in (date(2025, 6, 2), date(2025, 6, 3), as_of, date(2025, 7, 1)):
        world.assist(world.client(), day)
    assert splits.recent(SYSTEM, world.figure("03.1").id, as_of) == (2, 28)
    assert splits.recent(SYSTEM, world.figure("03.1").id, date(2025, 1, 7)).days == 7


# -- the sheet --------------------------------------------------


def test_the_sheet_holds_the_rows_of_the_month_and_the_rule(world: World) -> None:
    for day in (SPRING, LAST):
        world.assist(world.client(), day)
    figure, made = world.figure("03.1", LAST), BytesIO()
    assert proof_sheet.write(SYSTEM, figure.id, made, as_of=LAST, month=2, language="en") == 1
    book = load_workbook(made)
    assert book.sheetnames == ["03.1", "Rule"]
    assert [row[0] for row in book["03.1"].values] == ["Date", SPRING.isoformat()]
    assert (figure.rule or figure.name).zh in {row[1] for row in book["Rule"].values}


# -- what closes a gap --------------------------------------------------


def test_the_present_speed_says_when_it_gets_there() -> None:
    found = pace.closing(100, boards.PERIOD, date(2026, 11, 22), 40, 28)
    assert (found.speed, found.days_left) == (10, 129)
    assert found.needed == pytest.approx(100 * 7 / 129)
    assert found.reached_on == date(2027, 1, 31)
    never = pace.closing(100, boards.PERIOD, date(2026, 11, 22), 0, 28)
    assert (never.reached_on, never.speed) == (None, 0)
    assert pace.closing(3, boards.PERIOD, boards.PERIOD.end, 1, 28).needed is None


@given(
    st.integers(1, 10_000), st.integers(1, 500), st.integers(0, 300),
)  # fmt: skip
def test_keeping_to_the_rate_needed_reaches_the_target_on_the_last_day(left: int, recent: int, day: int) -> None:
    as_of = date.fromordinal(boards.PERIOD.start.toordinal() + day)
    found = pace.closing(left, boards.PERIOD, as_of, recent, 28)
    assert found.needed is not None
    assert found.needed / 7 * found.days_left == pytest.approx(left)
    in_time = found.reached_on is not None and found.reached_on <= boards.PERIOD.end
    assert in_time == (found.speed >= found.needed - 1e-9)


@pytest.mark.parametrize(
    ("left", "days", "words"),
    [
        (688, 129, "每周 38 人即可达标"), (40, 129, "每周 2.2 人即可达标"), (7, 129, "每月 1.7 人即可达标"),
        (1, 129, "期末前再 1 人即可达标"), (500, 0, "期末前再 500 人即可达标"), (5, -1, "期末仍差 5 人"),
    ],
)  # fmt: skip
def test_the_board_tells_the_same_rate_by_the_week_the_month_or_the_rest(left: int, days: int, words: str) -> None:
    board = replace(boards.board(boards.BEHIND), as_of=boards.PERIOD.end - timedelta(days=days))
    assert figure_words.closing_words(left, board, L("人", "people")).zh == words


@given(st.lists(st.integers(0, 1000), max_size=9), st.floats(0, 100))
def test_the_portions_share_out_all_that_is_needed(parts: list[int], needed: float) -> None:
    found = pace.portions(parts, needed)
    total = 1.0 if sum(parts) else 0.0
    assert sum(one.share for one in found) == pytest.approx(total)
    assert sum(one.weekly or 0 for one in found) == pytest.approx(total * needed)


@pytest.mark.parametrize(
    ("counting", "figure", "words"),
    [
        (Counting.DISTINCT, boards.BEHIND, "按人去重"),
        (Counting.DISTINCT, boards.ON_PACE, "同一对象多条记录只计 1 次"),
        (Counting.SUM, replace(boards.BEHIND, unit=L("人次", "attendances")), "来几次计几次"),
        (Counting.LATEST, boards.STOCK, "存量"),
        (Counting.SUM, boards.ONGOING, "逐月"),
    ],
)
def test_people_and_attendances_are_told_apart(counting: Counting, figure: Figure, words: str) -> None:
    assert words in closing_words.counting_words(counting, figure).zh


def test_the_closing_words_say_when_and_how_much_faster() -> None:
    left = figure_words.remaining(boards.BEHIND)
    slow = pace.closing(left, boards.PERIOD, boards.TODAY, 20, 28)
    said = closing_words.closing_title(slow, boards.BEHIND, boards.PERIOD.end)
    assert "晚" in said.zh and "faster" in said.en
    quick = pace.closing(left, boards.PERIOD, boards.TODAY, 4000, 28)
    assert "达到 1,500 人" in closing_words.closing_title(quick, boards.BEHIND, boards.PERIOD.end).zh
    facts = {label.zh: value.zh for label, value in closing_words.closing_facts(slow, boards.BEHIND, 28)}
    assert (facts["还差"], facts["剩余时间"], facts["最近 4 周，每周"]) == ("688 人", "129 天", "5 人")


def test_a_ratio_says_how_many_more_and_how_many_without_a_miss() -> None:
    said = closing_words.ratio_words(boards.RATIO)  # 86 of 100, 90 % wanted
    assert "再补 4" in said.zh and "连续 40" in said.zh
    assert (86 + 40) / (100 + 40) >= 0.9 > (86 + 39) / (100 + 39)


def test_nothing_is_to_be_closed_where_nothing_is_open() -> None:
    open_ones = [one.code for one in boards.ALL if closing_words.is_open(one, boards.board(*boards.ALL))]
    assert boards.BEHIND.code in open_ones and boards.ONGOING.code in open_ones
    assert not {boards.ACHIEVED.code, boards.SEVERAL.code, boards.WAITING.code} & set(open_ones)
