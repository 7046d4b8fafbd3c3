"""The portal by command: what it prints, where, and with which exit code."""

import json
from pathlib import Path

import pytest

import manage
from services import db
from services.sheets import read_sheet
from tests.sheetmaking import sheet, volunteer

Capture = pytest.CaptureFixture[str]


def ran(capsys: Capture, *words: object) -> tuple[int, str, str]:
    code = manage.main([str(word) for word in words])
    out, error = capsys.readouterr()
    return code, out, error


def rows(path: Path) -> Path:
    return sheet(path / "a.xlsx", [*(volunteer(n) for n in range(4)), volunteer(9, 手机号="1")])


def test_a_contract_is_begun_and_its_indicators_are_told(database: str, capsys: Capture) -> None:
    begin = ("init", "--contract", "medical_social_work", "--start", "2026-06-01", "--code", "K1", "--title", "合同")
    assert ran(capsys, *begin)[0] == 0
    code, out, _ = ran(capsys, "kpi", "--contract", "K1", "--as-of", "2026-11-23", "--json")
    found = json.loads(out)
    assert (code, len(found)) == (0, 32)
    assert set(found[0]) == {"code", "name", "kind", "target", "actual", "unit", "expected", "share", "status",
                             "months_active", "months_elapsed", "units_met", "units_total"}  # fmt: skip
    assert "K1" in ran(capsys, "kpi")[1]
    code, out, error = ran(capsys, "kpi", "--contract", "none")
    assert (code, out) == (1, "") and "none" in error


def test_an_unknown_preset_lists_the_known_ones(database: str, capsys: Capture) -> None:
    code, _, error = ran(capsys, "init", "--contract", "nothing", "--start", "2026-06-01")
    assert code == 1 and "township_station" in error


def test_an_unknown_record_lists_the_known_ones(database: str, capsys: Capture, tmp_path: Path) -> None:
    for act in ("template", "import", "export"):
        code, out, error = ran(capsys, act, "nothing", tmp_path / "x.xlsx")
        assert (code, out) == (1, "") and "volunteer_credential" in error and "志愿者" in error
    assert not (tmp_path / "x.xlsx").exists()


def test_a_user_gets_a_one_time_password(database: str, capsys: Capture) -> None:
    who = ("createuser", "--username", "lin", "--name", "林社工", "--role", "coordinator")
    code, out, _ = ran(capsys, *who)
    assert code == 0 and len(json.loads(out)["password"]) >= 10
    code, out, error = ran(capsys, *who)
    assert (code, out) == (1, "") and "username" in error
    assert ran(capsys, *who[:-1], "king")[0] == 1


def test_an_import_prints_its_summary_and_ends_well_in_spite_of_bad_rows(
    database: str, capsys: Capture, tmp_path: Path
) -> None:
    path, errors = rows(tmp_path), tmp_path / "e.xlsx"
    wanted = {"created": 4, "updated": 0, "unchanged": 0, "rejected": 1}
    code, out, _ = ran(capsys, "import", "volunteer", path, "--dry-run")
    assert (code, json.loads(out)) == (0, wanted)
    code, out, _ = ran(capsys, "import", "volunteer", path, "--errors", errors)
    assert (code, json.loads(out)) == (0, wanted)
    assert "手机号应为 11 位数字" in read_sheet(errors).rows[0][3]
    code, out, _ = ran(capsys, "import", "volunteer", path)
    assert (code, json.loads(out)) == (0, {"created": 0, "updated": 0, "unchanged": 4, "rejected": 1})


@pytest.mark.parametrize("day", ["2024-13-01", "2023-02-29", "1999-12-31", "heute"])
def test_a_day_that_there_is_not_is_told_in_both_languages(capsys: Capture, day: str) -> None:
    with pytest.raises(SystemExit):
        manage.main(["kpi", "--as-of", day])
    assert f"没有这一天 / no such day: {day}" in capsys.readouterr().err


def test_strict_and_unreadable_files_end_badly(database: str, capsys: Capture, tmp_path: Path) -> None:
    code, out, error = ran(capsys, "import", "volunteer", rows(tmp_path), "--strict")
    assert (code, json.loads(out)["created"]) == (1, 0) and error
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04")
    for name in ("bad.xlsx", "none.xlsx"):
        code, out, error = ran(capsys, "import", "volunteer", tmp_path / name)
        assert (code, out) == (1, "") and "/" in error and "Traceback" not in error
    with db.connection() as bare:
        assert bare.exec_driver_sql("SELECT count(*) FROM volunteer").scalar() == 0


def test_a_sheet_without_its_required_columns_is_refused_by_name(
    database: str, capsys: Capture, tmp_path: Path
) -> None:
    code, _, error = ran(capsys, "import", "volunteer", sheet(tmp_path / "a.xlsx", [{"姓名": "王芳"}]))
    assert code == 1 and "证件号码" in error and "手机号" in error


def test_out_and_in_again_by_command(database: str, capsys: Capture, tmp_path: Path) -> None:
    ran(capsys, "import", "volunteer", rows(tmp_path))
    for name in ("out.xlsx", "out.csv"):
        code, out, _ = ran(capsys, "export", "volunteer", tmp_path / name, "--purpose", "核对")
        assert (code, json.loads(out)) == (0, {"rows": 4})
        code, out, _ = ran(capsys, "import", "volunteer", tmp_path / name)
        assert json.loads(out)["unchanged"] == 4


def test_check_tells_of_a_sound_installation(database: str, capsys: Capture, tmp_path: Path) -> None:
    ran(capsys, "import", "volunteer", rows(tmp_path))
    code, out, error = ran(capsys, "check")
    found = json.loads(out)
    assert (code, found["migrated"], found["drift"], found["audit_is_append_only"]) == (0, True, [], True), error
    assert found["counts"]["volunteer"] == 4


def test_a_backup_is_made_and_not_restored_over_a_register_in_use(
    database: str, capsys: Capture, tmp_path: Path
) -> None:
    ran(capsys, "import", "volunteer", rows(tmp_path))
    code, out, _ = ran(capsys, "backup", tmp_path / "b.zip")
    assert code == 0 and json.loads(out)["counts"]["volunteer"] == 4
    code, out, error = ran(capsys, "restore", tmp_path / "b.zip")
    assert (code, out) == (1, "") and error
