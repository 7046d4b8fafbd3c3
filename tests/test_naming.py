"""How a sheet names another record: by a number, a title, however wide its characters, and among namesakes (feature X1)."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models import RECORDS
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
