"""An indicator that an administrator adds, and a contract that comes out of a sheet, are computed with no code written."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import RECORDS, RecordType
from models.contract import Counting, Indicator, Per, TargetKind
from models.general import SUFFIX, usable
from seed import load, presets, table
from seed.target_words import Target, read_target
from services import clock, counting_rules, db, kpi, store
from services.access import SYSTEM
from services.counting_rules import Rule
from services.errors import Denied, Invalid
from services.store import Query
from tests.conftest import Cast

TODAY = clock.today()
SEVEN = TODAY - timedelta(days=7)

READ = [
    ("不少于15个", [("at_least", 15, "个", True)]),
    ("5万人", [("at_least", 50_000, "人", True)]),
    ("至少50例", [("at_least", 50, "例", True)]),
    ("恒常", [("ongoing", None, "", True)]),
    ("若干", [("several", None, "", True)]),
    ("1套", [("deliver", 1, "套", False)]),
    ("2个", [("at_least", 2, "个", False)]),
    ("建成1个，并完善各项制度", [("deliver", 1, "个", True)]),
    ("500人次", [("at_least", 500, "人次", True)]),
    ("不少于5次对外培训工作，目标不少于500人次", [("at_least", 5, "次", True), ("at_least", 500, "人次", True)]),
    ("50,000人", [("at_least", 50_000, "人", True)]),
    ("１．５万人次", [("at_least", 15_000, "人次", True)]),
    ("二十场以上", [("at_least", 20, "场", True)]),
    ("三百二十人", [("at_least", 320, "人", True)]),
    ("完成率≥90%", [("ratio", 90, "%", True)]),
    ("按需开展", [(None, None, "", False)]),
    ("", [(None, None, "", False)]),
]


@pytest.mark.parametrize(("written", "meant"), READ)
def test_a_target_is_read_as_it_is_written(written: str, meant: list[tuple[object, ...]]) -> None:
    assert [(one.kind, one.number, one.unit, one.sure) for one in read_target(written)] == meant


@pytest.mark.parametrize(
    ("written", "per"), [("每名社工不少于24次", Per.WORKER), ("每站不少于2个", Per.UNIT), ("每个社工站≥3场", Per.UNIT)]
)
def test_a_target_of_each_station_or_worker_says_whose_it_is(written: str, per: Per) -> None:
    (one,) = read_target(written)
    assert (one.kind, one.per) == (TargetKind.PER_UNIT, per)


@given(
    st.integers(1, 10**7),
    st.sampled_from(["不少于", "至少", "≥"]),
    st.sampled_from(["人", "人次", "例", "次", "家", "篇"]),
)
def test_any_number_that_is_written_is_the_number_that_is_read(number: int, least: str, unit: str) -> None:
    for written in (f"{least}{number}{unit}", f"{least}{number:,} {unit}"):
        assert read_target(written) == [Target(TargetKind.AT_LEAST, Decimal(number), unit)]


@given(st.text(max_size=40))
def test_no_text_is_guessed_in_silence(text: str) -> None:
    for one in read_target(text):
        assert one.sure or one.kind in (None, TargetKind.DELIVER, TargetKind.AT_LEAST)
        assert one.kind is not None or not one.sure


# -- a contract out of a sheet --------------------------------------------------


def sheet_of(preset: presets.Preset, path: Path) -> Path:
    """The contract's table as it is printed: a category only in its first row, two promises in one cell."""
    book = openpyxl.Workbook()
    page = book.active
    page.append(["年度量化指标表"])
    page.append(["序号", "服务类别", "指标明细", "量化指标"])
    before, names = "", {category.code: category.zh for category in preset.categories}
    for one in preset.indicators:
        if one.code == "05.3":
            continue
        name, wording = (
            ("培训工作开展", "不少于5次对外培训工作，目标不少于500人次")
            if one.code == "05.2"
            else (one.zh, one.wording)
        )
        first = one.category != before
        page.append([one.category if first else None, names[one.category] if first else None, name, wording])
        before = one.category
    book.save(path)
    return path


def test_the_printed_table_of_the_main_contract_is_read_whole(tmp_path: Path) -> None:
    preset = presets.load_preset("medical_social_work")
    lines = table.read(sheet_of(preset, tmp_path / "table.xlsx"))
    found = [(line.code, line.kind, line.number, line.known and line.known.code) for line in lines]
    assert found == [
        (one.code, one.kind, None if one.target is None else Decimal(str(one.target)), one.code)
        for one in preset.indicators
    ]
    assert [line.code for line in lines if not line.sure] == ["06.1", "06.2", "08.1"]


def test_a_contract_out_of_a_sheet_counts_like_the_preset(cast: Cast, tmp_path: Path) -> None:
    starts = TODAY - timedelta(days=100)
    preset_id = load.load_preset_contract(SYSTEM, "medical_social_work", starts)
    lines = table.read(sheet_of(presets.load_preset("medical_social_work"), tmp_path / "table.xlsx"))
    sheet_id = table.load(cast.admin, title="另一份", code="B-2026", starts=starts, ends=None, lines=lines)
    store.save(
        cast.lin,
        RECORDS["promo_material"],
        {"title": "海报", "kind": "poster", "state": "published", "published_on": TODAY},
    )
    ours, theirs = kpi.board(SYSTEM, sheet_id), kpi.board(SYSTEM, preset_id)
    assert [(f.code, f.kind, f.target, f.actual, f.status) for f in ours.figures] == [
        (f.code, f.kind, f.target, f.actual, f.status) for f in theirs.figures
    ]
    assert next(f for f in ours.figures if f.code == "02.5").actual == 1


def test_a_table_with_an_unread_target_is_refused_whole(cast: Cast, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["序号", "服务类别", "指标明细", "量化指标"])
    book.active.append(["1", "社区", "入户", "按需开展"])
    book.save(tmp_path / "table.xlsx")
    with pytest.raises(Invalid) as refused:
        table.load(cast.admin, title="甲", code="C", starts=TODAY, ends=None, lines=table.read(tmp_path / "table.xlsx"))
    assert refused.value.fields == {"lines": "target_unread"}
    assert store.rows(SYSTEM, RECORDS["contract"], Query()).total == 0
    with pytest.raises(Denied):
        table.load(cast.lin, title="甲", code="C", starts=TODAY, ends=None, lines=[])


# -- a rule of one's own --------------------------------------------------


def indicator(cast: Cast, **more: Any) -> int:
    """An indicator that waits for its rule, of a contract that runs."""
    contract = store.save(
        cast.admin, RECORDS["contract"],
        {"code": "K", "title": "合同", "starts": TODAY - timedelta(days=30), "ends": TODAY + timedelta(days=300)},
    )  # fmt: skip
    category = store.save(
        cast.admin, RECORDS["service_category"], {"contract_id": contract, "code": "01", "zh": "类", "en": "C"}
    )
    given = {"contract_id": contract, "category_id": category, "code": "01.1", "zh": "讲座听众", "en": "Audience",
             "kind": TargetKind.AT_LEAST, "target": 100, **more}  # fmt: skip
    return store.save(cast.admin, RECORDS["indicator"], given)


def promote(cast: Cast, technology: str, audience: int, kind: str = "lecture", day: date = TODAY) -> int:
    given = {"technology": technology, "promoted_on": day, "audience": audience, "kind": kind, "state": "done"}
    return store.save(cast.lin, RECORDS["technology_promotion"], given)


def test_an_indicator_added_in_the_browser_is_computed_at_once(cast: Cast) -> None:
    key = indicator(cast)
    promote(cast, "甲", 30)
    promote(cast, "乙", 12, "training")
    promote(cast, "甲", 5, day=SEVEN)
    promote(cast, "丙", 7, day=TODAY - timedelta(days=40))
    assert kpi.figure(SYSTEM, key).status == "waiting"
    lectures = Rule("technology_promotion", "promoted_on", where={"kind": ["lecture"]}, n="audience")
    assert counting_rules.preview(cast.admin, key, lectures).actual == 35
    assert kpi.figure(SYSTEM, key).status == "waiting"
    counting_rules.define(cast.admin, key, lectures)
    assert kpi.figure(SYSTEM, key).actual == 35
    assert kpi.rows(SYSTEM, key).counted == 35
    once = Rule("technology_promotion", "promoted_on", Counting.DISTINCT, who="technology")
    counting_rules.define(cast.admin, key, once)
    found = kpi.figure(SYSTEM, key)
    assert (found.actual, found.rule and found.rule.zh) == (
        2,
        "统计适宜新技术推广；按推广日期归期；按技术名称去重，各计一次。",
    )
    assert counting_rules.rule_of(cast.admin, key) == once


def test_a_rule_reaches_the_record_that_it_belongs_to(cast: Cast) -> None:
    key = indicator(cast)
    rule = Rule(
        "attendance", "session_id.held_on", where={"session_id.state": ["held"], "session_id.base": ["training_base"]}
    )
    assert counting_rules.preview(cast.admin, key, rule).actual == 0
    assert "培训班 · 举办日期" in counting_rules.describe(rule).zh


def test_a_rule_that_cannot_count_is_refused_beside_its_field(cast: Cast) -> None:
    key = indicator(cast)
    wrong = [
        (Rule("nothing", "day"), "record"),
        (Rule("technology_promotion", "audience"), "day"),
        (Rule("technology_promotion", "promoted_on", Counting.DISTINCT), "who"),
        (Rule("technology_promotion", "promoted_on", Counting.LATEST, who="technology"), "n"),
        (Rule("technology_promotion", "promoted_on", n="technology"), "n"),
        (Rule("technology_promotion", "promoted_on", where={"created_by": [1]}), "where"),
    ]
    for rule, field in wrong:
        with pytest.raises(Invalid) as refused:
            counting_rules.define(cast.admin, key, rule)
        assert field in refused.value.fields
    with pytest.raises(Denied):
        counting_rules.define(cast.lin, key, Rule("technology_promotion", "promoted_on"))


def test_a_general_measure_typed_by_hand_needs_its_rule(cast: Cast) -> None:
    key = indicator(cast)
    with pytest.raises(Invalid) as refused:
        store.save(cast.admin, RECORDS["indicator"], {"measure": f"technology_promotion{SUFFIX}"}, id=key)
    assert refused.value.fields == {"measure": "rule_first"}


def every_way(record: RecordType) -> Iterator[Rule]:
    """By each of its dates, once each by everything that it names, and under each condition."""
    day, *others = usable(record, "date")
    yield from (Rule(record.name, other) for other in (day, *others))
    yield from (Rule(record.name, day, Counting.DISTINCT, who=who) for who in counting_rules.once_each(record))
    for path, specs in counting_rules.conditions(record).items():
        value = True if specs[-1].kind == "flag" else next(iter(specs[-1].choices)).value if specs[-1].choices else "x"
        yield Rule(record.name, day, where={path: [value]})


def test_every_countable_record_type_counts_in_every_way(cast: Cast) -> None:
    key = indicator(cast)
    for rule in chain.from_iterable(map(every_way, counting_rules.countable())):
        assert counting_rules.preview(cast.admin, key, rule).actual is not None, rule
        assert all(counting_rules.describe(rule)), rule


def test_the_bin_and_the_station_hold_for_a_rule_as_for_any_measure(cast: Cast) -> None:
    key = indicator(cast)
    mine, gone = promote(cast, "甲", 1), promote(cast, "乙", 1)
    with db.unit(SYSTEM) as s:
        store.find(s, RECORDS["technology_promotion"], mine).unit_id = cast.station
    store.remove(cast.admin, RECORDS["technology_promotion"], gone)
    counting_rules.define(cast.admin, key, Rule("technology_promotion", "promoted_on"))
    assert kpi.figure(SYSTEM, key).actual == 1
    assert kpi.figure(cast.wang, key).actual == 1
    with db.reading(SYSTEM) as s:
        assert s.get_one(Indicator, key).args == {"day": "promoted_on"}


# -- what a rule must not do --------------------------------------------------


def test_a_rule_on_deliverables_of_a_kind_to_deliver_leaves_the_board_alone(cast: Cast) -> None:
    key = indicator(cast, kind=TargetKind.DELIVER, target=1)
    counting_rules.define(cast.admin, key, Rule("deliverable", "accepted_on"))
    assert kpi.figure(SYSTEM, key).actual == 0
    assert [figure.status for figure in kpi.board(SYSTEM).figures] == ["not_started"]


def test_an_indicator_with_arguments_that_its_measure_does_not_take_waits(cast: Cast) -> None:
    key = indicator(cast)
    with db.unit(SYSTEM) as s:
        row = s.get_one(Indicator, key)
        row.measure, row.args = "technology_promotion.promoted", {"nonsense": 1}
    assert kpi.board(SYSTEM).figures[0].status == "waiting"
    with db.unit(SYSTEM) as s:
        row = s.get_one(Indicator, key)
        row.measure, row.args = f"technology_promotion{SUFFIX}", {"day": "audience"}
    assert kpi.board(SYSTEM).figures[0].status == "waiting"


def test_the_newest_of_each_is_the_newest_that_has_a_number(cast: Cast) -> None:
    key = indicator(cast)
    group = store.save(cast.lin, RECORDS["wechat_group"], {"name": "甲群", "founded_on": TODAY - timedelta(days=60)})
    for days, active in ((20, 100), (10, None), (5, 120), (1, None)):
        given = {"group_id": group, "taken_on": TODAY - timedelta(days=days), "members": 200, "active": active}
        store.save(cast.lin, RECORDS["group_snapshot"], given)
    newest = Rule("group_snapshot", "taken_on", Counting.LATEST, who="group_id", n="active")
    counting_rules.define(cast.admin, key, newest)
    found = kpi.figure(SYSTEM, key)
    assert (found.actual, kpi.rows(SYSTEM, key).counted, kpi.live(SYSTEM)[0].actual) == (120, 120, 120)


def test_nobody_is_not_somebody(cast: Cast) -> None:
    key, names = indicator(cast), ("", "", "林", "林", "何")
    for place, worker in enumerate(names):
        given = {
            "base": "training_base",
            "logged_on": TODAY - timedelta(days=place),
            "on_duty": "值班",
            "entry": worker or "无",
        }
        store.save(cast.lin, RECORDS["base_duty_log"], given)
        group = {"name": f"{place}群", "founded_on": TODAY - timedelta(days=place), "owner": worker}
        store.save(cast.lin, RECORDS["wechat_group"], group)
    counting_rules.define(cast.admin, key, Rule("wechat_group", "founded_on", Counting.DISTINCT, who="owner"))
    assert kpi.figure(SYSTEM, key).actual == 2
