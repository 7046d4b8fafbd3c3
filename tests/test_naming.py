"""How a sheet names another record: by a number, a title, however wide its characters, and among namesakes (feature X1)."""

from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from models import RECORDS
from seed.load import load_preset_contract
from services import exchange, store
from services.access import SYSTEM
from services.store import Query
from tests.conftest import Cast
from tests.sheetmaking import filled, sheet, volunteer
from ui.messages import words_of

TODAY = date(2026, 11, 23)
GROUP, SNAPSHOT, COURSE, VOLUNTEER, TEAM, MEMBER = (
    RECORDS[name]
    for name in ("wechat_group", "group_snapshot", "course", "volunteer", "volunteer_team", "team_membership")
)


def bring(record: Any, path: Path, **more: Any) -> exchange.Result:
    return exchange.run_import(SYSTEM, record, path, today=TODAY, words=words_of, **more)


def codes(result: exchange.Result) -> dict[tuple[int, str], str]:
    return {(problem.row, problem.column.zh): problem.code for problem in result.problems}


def group(name: str) -> int:
    return store.save(SYSTEM, GROUP, {"name": name, "founded_on": date(2026, 1, 1)})


def snapshots(path: Path, *names: str) -> Path:
    """One snapshot of each group, a day after the other."""
    rows = [{"group_id": name, "taken_on": f"2026-11-0{day}", "members": "80"} for day, name in enumerate(names, 1)]
    return filled(SNAPSHOT, path, rows)


# Width

SPELLINGS = {
    "as stored": ("病友群（一）", "病友群（一）"),
    "typed half-width": ("病友群（一）", "病友群(一)"),
    "stored half-width": ("病友群(一)", "病友群（一）"),
    "spaced": ("AHA基础生命支持（BLS）", "AHA 基础生命支持 (bls)"),
    "stored spaced": ("AHA　基础生命支持 (BLS)", "AHA基础生命支持（BLS）"),
    "full-width letters": ("ＡＢＣ群：１", "ABC群:1"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_name_is_found_however_wide_either_side_writes_it(cast: Cast, tmp_path: Path, spelling: str) -> None:
    stored, typed = SPELLINGS[spelling]
    key = group(stored)
    result = bring(SNAPSHOT, snapshots(tmp_path / "a.xlsx", typed))
    assert (result.created, result.problems) == (1, [])
    assert [row.values["group_id"] for row in store.rows(SYSTEM, SNAPSHOT).rows] == [key]


def test_of_two_names_that_differ_in_width_alone_the_one_as_typed_is_meant(cast: Cast, tmp_path: Path) -> None:
    wide, narrow = group("病友群（一）"), group("病友群(一)")
    path = snapshots(tmp_path / "a.xlsx", "病友群（一）", "病友群(一)", "病友群 （一）")
    assert codes(bring(SNAPSHOT, path)) == {(4, "社群"): "parent_ambiguous"}
    found = {row.values["taken_on"].day: row.values["group_id"] for row in store.rows(SYSTEM, SNAPSHOT).rows}
    assert found == {1: wide, 2: narrow}


def test_people_are_named_in_any_width(cast: Cast, tmp_path: Path) -> None:
    people = [volunteer(number, 姓名=name) for number, name in enumerate(("阿依（古丽）", "ＡＭＹ", "BOB(李)"))]
    assert bring(VOLUNTEER, sheet(tmp_path / "v.xlsx", people)).created == 3
    store.save(SYSTEM, TEAM, {"name": "一队（东）", "founded_on": date(2026, 1, 1)})
    names = ("阿依(古丽)", "ＡＭＹ", "BOB（李）")
    rows = [{"team_id": "一队(东)", "volunteer_id": name, "joined_on": "2026-11-01"} for name in names]
    result = bring(MEMBER, filled(MEMBER, tmp_path / "m.xlsx", rows))
    assert (result.created, result.problems) == (3, [])


def test_several_names_in_one_cell_keep_their_width(cast: Cast, tmp_path: Path) -> None:
    keys = [
        store.save(SYSTEM, COURSE, {"code": name, "name": name, "kind": "first_aid", "hours": 4})
        for name in ("甲（BLS）", "乙 (ALS)")
    ]
    rows = [{"课程代码": "丙", "课程名称": "丙", "类别": "应急救护", "学时": 4, "先修课程": "甲（BLS）、乙(ALS)"}]
    result = bring(COURSE, sheet(tmp_path / "a.xlsx", rows))
    assert (result.created, result.problems) == (1, [])
    [row] = store.rows(SYSTEM, COURSE, Query(filters={"code": "丙"}, fields=["prerequisites"])).rows
    assert row.values["prerequisites"] == keys


# Namesakes

INDICATOR, TARGET, DOCUMENT, VISIT, SCREENING = (
    RECORDS[name] for name in ("indicator", "monthly_target", "policy_document", "community_visit", "screening")
)


@pytest.fixture
def two_contracts(cast: Cast) -> None:
    for code, start in (("HT-2025", date(2025, 9, 1)), ("HT-2026", date(2026, 9, 1))):
        load_preset_contract(SYSTEM, "medical_social_work", start, contract_code=code)


def comes_back(record: Any, path: Path) -> exchange.Result:
    exchange.export(SYSTEM, record, Query(), path, purpose="核对")
    return bring(record, path)


def test_what_two_contracts_share_is_named_by_its_contract(two_contracts: None, tmp_path: Path) -> None:
    rows = [
        {"indicator_id": "06.3", "month": "2026-09-01", "amount": "1"},
        {"indicator_id": "06.3 · HT-2026", "month": "2026-09-01", "amount": "2"},
        {"indicator_id": "社区走访·ht-2026", "month": "2026-10-01", "amount": "3"},
        {"indicator_id": "06.3 · HT-2027", "month": "2026-09-01", "amount": "4"},
    ]
    result = bring(TARGET, filled(TARGET, tmp_path / "a.xlsx", rows))
    assert codes(result) == {(2, "指标"): "parent_ambiguous", (5, "指标"): "parent_not_found"}
    [told] = [problem.like for problem in result.problems if problem.like]
    again = bring(
        TARGET, filled(TARGET, tmp_path / "b.xlsx", [{**rows[0], "indicator_id": told, "month": "2025-10-01"}])
    )
    assert (again.created + again.updated, again.problems) == (1, [])
    assert comes_back(TARGET, tmp_path / "c.xlsx").counts() == {
        "created": 0, "updated": 0, "unchanged": result.created + again.created, "rejected": 0
    }  # fmt: skip


def test_what_a_template_offers_is_taken_as_it_stands(two_contracts: None, tmp_path: Path) -> None:
    exchange.template(DOCUMENT, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")["可选项"]
    offered = next(c for c in book.iter_cols(values_only=True) if c[0] == DOCUMENT.field("required_id").label.zh)
    names = [str(name) for name in offered[1:] if name]
    assert len(set(names)) == len(names) > 10
    rows = [{"title": f"文件{n}", "version_name": "1", "required_id": name} for n, name in enumerate(names)]
    result = bring(DOCUMENT, filled(DOCUMENT, tmp_path / "a.xlsx", rows))
    assert (result.created, result.problems) == (len(names), [])
    assert comes_back(DOCUMENT, tmp_path / "b.xlsx").unchanged == len(names)


@pytest.mark.parametrize("place", ["甲村", "光明·里小区"])
def test_a_place_that_was_visited_twice_is_named_with_its_day(cast: Cast, tmp_path: Path, place: str) -> None:
    visits = [
        store.save(SYSTEM, VISIT, {"place": place, "visited_on": day, "encounters": 9})
        for day in (date(2026, 8, 1), date(2026, 9, 1))
    ]
    names = (f"{place} · 2026-08-01", f"{place} · 2026-09-01", place, f"{place} · 2026-10-01")
    rows = [
        {"disease": f"病{n}", "place": "甲村", "screened_on": "2026-09-01", "visit_id": name, "screened": "5"}
        for n, name in enumerate(names)
    ]
    result = bring(SCREENING, filled(SCREENING, tmp_path / "a.xlsx", rows))
    assert codes(result) == {(4, "所属走访"): "parent_ambiguous", (5, "所属走访"): "parent_not_found"}
    assert [problem.like for problem in result.problems] == [f"{place} · 2026-08-01", ""]
    shown = {row.values["visit_id"] for row in store.rows(SYSTEM, SCREENING).rows}
    assert shown == set(visits)
    assert comes_back(SCREENING, tmp_path / "b.xlsx").unchanged == 2


def test_the_example_is_one_that_fits_and_a_template_names_nobody(cast: Cast, tmp_path: Path) -> None:
    bring(VOLUNTEER, sheet(tmp_path / "v.xlsx", [volunteer(1), volunteer(2)]))
    other, one = (row.id for row in store.rows(SYSTEM, VOLUNTEER, Query(sort="id")).rows)
    for who, day in ((other, 1), (one, 2), (one, 3)):
        given = {"volunteer_id": who, "activity": "同名活动", "served_on": date(2026, 3, day), "times": "08:00-09:00"}
        store.save(SYSTEM, RECORDS["service_hours"], given)
    request, number = RECORDS["correction_request"], store.get(SYSTEM, VOLUNTEER, one).values["number"]
    row = {"volunteer_id": str(number), "hours_id": "同名活动", "asked": "少记了半小时"}
    [problem] = bring(request, filled(request, tmp_path / "a.xlsx", [row])).problems
    assert problem.code == "parent_ambiguous" and problem.like.startswith("同名活动 · 2026-03-0")
    again = bring(request, filled(request, tmp_path / "b.xlsx", [{**row, "hours_id": problem.like}]))
    assert (again.created, again.problems) == (1, [])
    exchange.template(request, tmp_path / "t.xlsx")
    offered = [str(cell) for cells in openpyxl.load_workbook(tmp_path / "t.xlsx")["可选项"].values for cell in cells]
    assert "同名活动" in offered and not any("同名活动 ·" in name for name in offered)
