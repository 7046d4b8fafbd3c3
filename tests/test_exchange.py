"""Sheets in and out of any record type (features X1, X2): good rows go in once, bad ones come back with reasons."""

import io
import string
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlmodel import select

from models import RECORDS
from models.clients import Client
from models.contract import Unit
from models.people import Person, Volunteer
from models.system import AuditEntry, Option, Verb
from models.training import Attendance, Enrolment
from services import clock, db, exchange, hooks, store
from services.access import SYSTEM, Actor
from services.errors import Denied, Invalid
from services.sheets import read_sheet
from services.store import Query
from tests.conftest import Cast
from tests.sheetmaking import ORDER, filled, identity, sheet, valid_row, volunteer
from ui.messages import words_of

VOLUNTEER, ENROLMENT, SESSION, COURSE, ORGANISATION, CONTACT, CLIENT, STAFF = (
    RECORDS[name]
    for name in (
        "volunteer", "enrolment", "training_session", "course", "organisation", "contact", "client", "staff_member",
    )
)  # fmt: skip
TODAY = date(2026, 11, 23)


def bring(actor: Actor, record: Any, path: Path, **more: Any) -> exchange.Result:
    return exchange.run_import(actor, record, path, today=TODAY, words=words_of, **more)


def counts(actor: Actor, record: Any, path: Path, **more: Any) -> tuple[int, int, int, int]:
    return tuple(bring(actor, record, path, **more).counts().values())  # type: ignore[return-value]


def audit() -> int:
    with db.reading(SYSTEM) as s:
        return s.exec(select(func.count()).select_from(AuditEntry)).one()


def codes(result: exchange.Result) -> dict[tuple[int, str], str]:
    return {(problem.row, problem.column.zh): problem.code for problem in result.problems}


BAD = (
    {"证件号码": identity(1)[:-1] + ("1" if identity(1)[-1] != "1" else "2")},
    {"手机号": "12345"},
    {"知情同意": "否"},
    {"知情同意": "不知道"},
    {"证件类型": "学生证"},
    {"姓名": ""},
    {"出生日期": "2026-13-40", "姓名": "李四"},
)


def a_hundred(path: Path) -> Path:
    """100 rows, 7 of them bad."""
    return sheet(path, [volunteer(n, **(BAD[n // 14] if n % 14 == 1 and n // 14 < 7 else {})) for n in range(100)])


def test_a_dry_run_says_what_would_happen_and_writes_nothing(cast: Cast, tmp_path: Path) -> None:
    before = audit()
    assert counts(cast.lin, VOLUNTEER, a_hundred(tmp_path / "a.xlsx"), dry_run=True) == (93, 0, 0, 7)
    assert (store.rows(cast.lin, VOLUNTEER).total, audit()) == (0, before)


def test_good_rows_go_in_and_bad_ones_come_back_with_reasons(cast: Cast, tmp_path: Path) -> None:
    errors = tmp_path / "errors.xlsx"
    assert counts(cast.lin, VOLUNTEER, a_hundred(tmp_path / "a.xlsx"), errors=errors) == (93, 0, 0, 7)
    assert store.rows(cast.lin, VOLUNTEER).total == 93
    back = read_sheet(errors)
    assert back.header[:5] == ["行号", "列", "值", "原因", "姓名"]
    assert [int(row[0]) for row in back.rows] == [3 + 14 * n for n in range(7)]
    assert [row[1].split(" / ")[0] for row in back.rows] == [
        "证件号码", "手机号", "知情同意", "知情同意", "证件类型", "姓名", "出生日期"
    ]  # fmt: skip
    assert back.rows[1][2] == "12345"
    other = f"{words_of('other').zh} / {words_of('other').en}"
    assert all(row[3] and row[3] != other for row in back.rows)


def test_the_same_sheet_again_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    path = a_hundred(tmp_path / "a.xlsx")
    bring(cast.lin, VOLUNTEER, path)
    before = audit()
    assert counts(cast.lin, VOLUNTEER, path) == (0, 0, 93, 7)
    assert audit() == before


def test_strict_lets_nothing_in_beside_a_bad_row(cast: Cast, tmp_path: Path) -> None:
    assert counts(cast.lin, VOLUNTEER, a_hundred(tmp_path / "a.xlsx"), strict=True) == (0, 0, 0, 7)
    assert store.rows(cast.lin, VOLUNTEER).total == 0
    good = sheet(tmp_path / "b.xlsx", [volunteer(n) for n in range(5)])
    assert counts(cast.lin, VOLUNTEER, good, strict=True) == (5, 0, 0, 0)


def test_each_trap_of_a_real_ledger_is_told_or_overcome(cast: Cast, tmp_path: Path) -> None:
    full_width = str.maketrans(string.digits, "０１２３４５６７８９")
    rows = [
        volunteer(1),
        volunteer(2, 手机号=13800130002),
        volunteer(3, 手机号=volunteer(3)["手机号"].translate(full_width), 证件号码=identity(3).translate(full_width)),
        volunteer(4, 同意日期="2026年10月1日", 登记日期="2026/10/2"),
        volunteer(5, 证件号码=int(identity(5)[:17] + "0")),
        volunteer(6, 居住区域="=1+1"),
        volunteer(1, 居住区域="天河区"),
    ]
    result = bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", rows))
    assert codes(result) == {
        (6, "证件号码"): "number_lost_digits", (7, "居住区域"): "formula_cell", (8, "证件号码"): "duplicate_in_file"
    }  # fmt: skip
    assert (result.created, result.problems[-1].same_as) == (4, 2)
    with db.reading(cast.lin) as s:
        people = {person.name: person for person in s.exec(select(Person))}
        roles = s.exec(select(Volunteer)).all()
    assert people[volunteer(3)["姓名"]].phone == "13800130003" and people[volunteer(3)["姓名"]].id_number == identity(3)
    assert people[volunteer(2)["姓名"]].phone == "13800130002"
    dates = [(role.consent_on, role.registered_on) for role in roles if role.consent_on != TODAY]
    assert dates == [(date(2026, 10, 1), date(2026, 10, 2))]


def test_a_gbk_csv_is_read_as_it_was_meant(cast: Cast, tmp_path: Path) -> None:
    row = volunteer(1)
    text = ",".join(row) + "\r\n" + ",".join(row.values()) + "\r\n"
    (tmp_path / "a.csv").write_bytes(text.encode("gbk"))
    assert counts(cast.lin, VOLUNTEER, tmp_path / "a.csv") == (1, 0, 0, 0)
    assert store.rows(cast.lin, VOLUNTEER).rows[0].title == row["姓名"]


def test_headings_are_known_in_both_languages_however_written(cast: Cast, tmp_path: Path) -> None:
    row = volunteer(1)
    english = {"Name *": row["姓名"], " document　type": "Resident ID card", "Document number": row["证件号码"],
               "PHONE": row["手机号"], "居住区域代码＊": "440105", "Consent given": "yes", "心情": "好"}  # fmt: skip
    result = bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [english]))
    assert (result.created, result.ignored_columns) == (1, ["心情"])


def test_a_missing_required_column_is_one_error(cast: Cast, tmp_path: Path) -> None:
    rows = [{k: v for k, v in volunteer(n).items() if k not in ("手机号", "证件类型")} for n in range(3)]
    with pytest.raises(Invalid) as error:
        bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", rows))
    assert error.value.fields == {"file": "missing_column"}
    assert [label.zh for label in error.value.detail["columns"]] == ["证件类型", "手机号"]


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "empty_file"), (b"<html>", "not_a_sheet"), (b"PK\x03\x04", "unreadable")]
)
def test_a_file_that_is_no_sheet_is_refused_in_words(cast: Cast, tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(data)
    with pytest.raises(Invalid) as error:
        bring(cast.lin, VOLUNTEER, tmp_path / "a.xlsx")
    assert error.value.fields == {"file": code}


# Updates


def test_a_changed_cell_updates_and_an_empty_one_leaves_what_is_stored(cast: Cast, tmp_path: Path) -> None:
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(1, 备注="好"), volunteer(2)]))
    rows = [volunteer(1, 居住区域="", 手机号="13911112222", 备注="很好"), volunteer(2, 知情同意="")]
    assert counts(cast.lin, VOLUNTEER, sheet(tmp_path / "b.xlsx", rows)) == (0, 1, 1, 0)
    found = store.rows(cast.lin, VOLUNTEER, Query(text="13911112222")).rows
    row = store.get(cast.lin, VOLUNTEER, found[0].id)
    assert (row.values["region"], row.values["notes"]) == ("海珠区", "很好")
    changed = store.history(cast.lin, VOLUNTEER, row.id)[0]
    assert (changed.verb, changed.changes) == (Verb.CHANGE, {"notes": ["好", "很好"]})


def test_a_document_under_another_name_is_not_taken_over(cast: Cast, tmp_path: Path) -> None:
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(1)]))
    result = bring(cast.lin, VOLUNTEER, sheet(tmp_path / "b.xlsx", [volunteer(1, 姓名="李四")]))
    assert codes(result) == {(2, "姓名"): "name_differs"}
    assert store.rows(cast.lin, VOLUNTEER).rows[0].title == volunteer(1)["姓名"]


def test_a_new_role_does_not_contradict_the_persons_document(cast: Cast, tmp_path: Path) -> None:
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(1)]))
    row = {"姓名": volunteer(1)["姓名"], "手机号": volunteer(1)["手机号"], "性别": "女"}
    result = bring(cast.lin, RECORDS["instructor"], sheet(tmp_path / "b.xlsx", [row]))
    assert (result.created, codes(result)) == (0, {(2, "性别"): "gender_differs"})


def test_imported_volunteers_are_found_by_pinyin_and_number_and_say_that_they_were_imported(
    cast: Cast, tmp_path: Path
) -> None:
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(1, 姓名="刘敏诗"), volunteer(2)]))
    for words in ("liumin", "lms", "敏诗", "13800130001", identity(1)):
        assert [row.title for row in store.rows(cast.lin, VOLUNTEER, Query(text=words)).rows] == ["刘敏诗"], words
    assert store.rows(cast.lin, VOLUNTEER, Query(filters={"source": "import"})).total == 2


def test_every_imported_record_has_its_audit_row_without_personal_values(cast: Cast, tmp_path: Path) -> None:
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(n) for n in range(3)]))
    with db.reading(SYSTEM) as s:
        told = s.exec(select(AuditEntry).where(AuditEntry.actor == cast.lin.name)).all()
    by_record = [entry.record for entry in told if entry.verb == Verb.CREATE]
    assert (by_record.count("person"), by_record.count("volunteer")) == (3, 3)
    assert [entry.changes["created"] for entry in told if entry.verb == Verb.IMPORT] == [3]
    assert all(entry.changes["person_id"] for entry in told if entry.record == "volunteer" and entry.record_id)
    assert identity(1) not in repr([entry.changes for entry in told])


# People, parents, stations


def session(cast: Cast, number: int = 1, **more: Any) -> int:
    course = store.choices(SYSTEM, COURSE) or {
        store.save(SYSTEM, COURSE, {"code": "C1", "name": "急救", "kind": "first_aid"}): ""
    }
    values = {"title": f"第 {number} 期", "code": f"S-{number}", "course_id": next(iter(course)), "capacity": 50,
              "starts": "2026-10-01T01:00:00Z", "ends": "2026-10-01T03:00:00Z", "state": "draft"}  # fmt: skip
    return store.save(SYSTEM, SESSION, {**values, **more})


def test_two_rows_about_one_new_person_make_one_person(cast: Cast, tmp_path: Path) -> None:
    session(cast, 1)
    session(cast, 2)
    rows = [{"姓名": "王芳", "手机号": "13800138000", "培训班": code} for code in ("S-1", "第 2 期")]
    path = sheet(tmp_path / "a.xlsx", [*rows, {**rows[0], "单位": "某校"}])
    result = bring(cast.lin, ENROLMENT, path)
    assert (result.created, codes(result)) == (2, {(4, "姓名"): "duplicate_in_file"})
    with db.reading(SYSTEM) as s:
        assert len(s.exec(select(Person)).all()) == 1
        assert {e.source for e in s.exec(select(Enrolment))} == {"import"}
    assert counts(cast.lin, ENROLMENT, path)[:3] == (0, 0, 2)


def test_a_parent_that_is_unknown_or_has_a_namesake_is_told(cast: Cast, tmp_path: Path) -> None:
    for code in ("A", "B"):
        session(cast, 1, code=code, title="急救班")
    rows = [{"姓名": "王芳", "手机号": "13800138000", "培训班": name} for name in ("没有的班", "急救班", "B")]
    result = bring(cast.lin, ENROLMENT, sheet(tmp_path / "a.xlsx", rows))
    assert codes(result) == {(2, "培训班"): "parent_not_found", (3, "培训班"): "parent_ambiguous"}
    assert result.created == 1


def test_a_list_of_those_who_came_has_times_at_which_one_could_come(cast: Cast, tmp_path: Path) -> None:
    session(cast, 1, state="held")
    times = ("2026-09-30 09:00", "2026-10-01 07:59", "2026-10-01 08:00", "2026-10-03 18:00", "2026-12-01 09:00", "")
    rows = [
        {"姓名": f"王{n}", "手机号": f"1380013800{n}", "培训班": "S-1", "签到时间": at} for n, at in enumerate(times)
    ]
    result = bring(cast.lin, RECORDS["attendance"], sheet(tmp_path / "a.xlsx", rows))
    early, late = dict.fromkeys([(2, "签到时间"), (3, "签到时间")], "before_door"), {(6, "签到时间"): "date_future"}
    assert (result.created, codes(result)) == (3, early | late)
    with db.reading(SYSTEM) as s:
        came = {clock.local(row.checked_in_at).isoformat(" ")[:16] for row in s.exec(select(Attendance))}
    assert came == {"2026-10-01 08:00", "2026-10-03 18:00", "2026-10-01 09:00"}
    moved = sheet(tmp_path / "b.xlsx", [{**rows[2], "签到时间": "2026-09-01 09:00"}])
    assert codes(bring(cast.lin, RECORDS["attendance"], moved)) == {(2, "签到时间"): "before_door"}


def test_a_contact_is_looked_for_in_the_organisation_that_the_row_names(cast: Cast, tmp_path: Path) -> None:
    keys = [store.save(SYSTEM, ORGANISATION, {"name": name, "kind": "school"}) for name in "甲乙"]
    for key, phone in zip(keys, ("13800138000", "13800138001"), strict=True):
        store.save(SYSTEM, CONTACT, {"organisation_id": key, "name": "王芳", "phone": phone})
    rows = [{"合作单位": name, "联系人": "王芳", "日期": "2026-11-01", "内容": "电话"} for name in ("甲", "乙")]
    result = bring(cast.lin, RECORDS["interaction"], sheet(tmp_path / "a.xlsx", rows))
    assert (result.created, result.problems) == (2, [])
    contacts = {
        row.values["organisation_id"]: row.values["contact_id"]
        for row in store.rows(SYSTEM, RECORDS["interaction"]).rows
    }
    assert len(set(contacts.values())) == 2


def test_a_station_lead_imports_into_the_own_station_alone(cast: Cast, tmp_path: Path) -> None:
    rows = [volunteer(1), volunteer(2, 站点="一号站"), volunteer(3, 站点="二号站")]
    result = bring(cast.wang, VOLUNTEER, sheet(tmp_path / "a.xlsx", rows))
    assert (result.created, codes(result)) == (2, {(4, "站点"): "other_station"})
    assert {row.values["unit_id"] for row in store.rows(SYSTEM, VOLUNTEER, Query(fields=["unit_id"])).rows} == {
        cast.station
    }


def test_another_stations_volunteer_is_neither_changed_nor_told(cast: Cast, tmp_path: Path) -> None:
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(1, 站点="二号站")]))
    result = bring(cast.wang, VOLUNTEER, sheet(tmp_path / "b.xlsx", [volunteer(1, 备注="改")]))
    assert (result.created, result.updated, [p.code for p in result.problems]) == (0, 0, ["taken"])


def test_nobody_imports_without_the_right(cast: Cast, tmp_path: Path) -> None:
    path = sheet(tmp_path / "a.xlsx", [volunteer(1)])
    for actor in (cast.stranger, cast.chen, cast.he):
        with pytest.raises(Denied):
            bring(actor, VOLUNTEER, path)


def test_a_row_that_a_rule_refuses_leaves_the_others_whole(cast: Cast, tmp_path: Path) -> None:
    session(cast, 1, state="cancelled")
    session(cast, 2)
    rows = [{"姓名": f"王{n}", "手机号": f"1380013800{n}", "培训班": f"S-{n}"} for n in (1, 2)]
    result = bring(cast.lin, ENROLMENT, sheet(tmp_path / "a.xlsx", rows))
    assert (result.created, [problem.row for problem in result.problems]) == (1, [2])
    assert counts(cast.lin, ENROLMENT, tmp_path / "a.xlsx", strict=True) == (0, 0, 1, 1)


def test_a_row_that_the_database_refuses_leaves_the_others_whole(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session(cast, 1)

    def collide(s: db.PortalSession, values: dict[str, Any], _row: Any, _today: date) -> None:
        if values["name"] == "王1":
            s.add(Unit(name="一号站"))
            s.flush()

    monkeypatch.setitem(hooks._BEFORE, "enrolment", [collide])
    rows = [{"姓名": f"王{n}", "手机号": f"1380013800{n}", "培训班": "S-1"} for n in range(3)]
    result = bring(cast.lin, ENROLMENT, sheet(tmp_path / "a.xlsx", rows))
    assert (result.created, [(problem.row, problem.code) for problem in result.problems]) == (2, [(3, "taken")])


def test_a_presence_at_a_session_without_lessons_is_found_again(cast: Cast, tmp_path: Path) -> None:
    session(cast, 1, state="held")
    rows = [{"姓名": f"王{n}", "手机号": f"1380013800{n}", "培训班": "S-1"} for n in range(2)]
    assert bring(cast.lin, RECORDS["attendance"], sheet(tmp_path / "a.xlsx", rows[:1])).created == 1
    noted = sheet(tmp_path / "b.xlsx", [{**row, "出勤": "迟到"} for row in rows])
    assert counts(cast.lin, RECORDS["presence"], noted) == (1, 1, 0, 0)
    assert counts(cast.lin, RECORDS["presence"], noted) == (0, 0, 2, 0)


def test_a_rule_looks_at_changed_rows_too(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(n) for n in range(3)]))

    def rule(_session: Any, values: dict[str, Any], row: Any, _today: date) -> None:
        assert row.id
        if values["notes"] == "坏":
            raise Invalid({"notes": "other"})
        values["occupation"] = "护士"

    monkeypatch.setitem(hooks._BEFORE, "volunteer", [rule])
    rows = [volunteer(0, 备注="好"), volunteer(1, 备注="坏", 手机号="13911112222"), volunteer(2)]
    path = sheet(tmp_path / "b.xlsx", rows)
    assert counts(cast.lin, VOLUNTEER, path, strict=True) == (0, 0, 1, 1)
    result = bring(cast.lin, VOLUNTEER, path)
    assert (result.updated, result.unchanged, codes(result)) == (1, 1, {(3, "备注"): "other"})
    with db.reading(SYSTEM) as s:
        assert sorted(s.exec(select(Volunteer.occupation))) == ["", "", "护士"]
        assert "13911112222" not in {person.phone for person in s.exec(select(Person))}


def test_what_a_rule_fills_in_of_the_person_goes_to_the_person(cast: Cast, tmp_path: Path) -> None:
    with db.unit(SYSTEM) as s:
        s.add(Option(list_name="regions", code="440105", zh="海珠区", en="Haizhu"))
    rows = [volunteer(n, 居住区域="") for n in range(3)]
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", rows))
    rows = [
        volunteer(0, 居住区域="", 状态="暂停"),
        volunteer(1, 状态="暂停", 居住区域="新港"),
        volunteer(2, 居住区域=""),
    ]
    path = sheet(tmp_path / "b.xlsx", rows)
    assert counts(cast.lin, VOLUNTEER, path) == (0, 2, 1, 0)
    with db.reading(SYSTEM) as s:
        found = {person.id_number: person.region for person in s.exec(select(Person))}
    assert found == {identity(0): "海珠区", identity(1): "新港", identity(2): ""}
    assert counts(cast.lin, VOLUNTEER, path) == (0, 0, 3, 0)


def test_who_is_hired_again_is_told_of_the_day_on_file(cast: Cast, tmp_path: Path) -> None:
    row = {"姓名": "返聘甲", "手机号": "13800138000", "入职日期": "2023-01-01", "离职日期": "2023-11-30"}
    assert bring(cast.admin, STAFF, sheet(tmp_path / "a.xlsx", [row])).created == 1
    again = {**row, "入职日期": "2024-02-01"}
    blank = bring(cast.admin, STAFF, sheet(tmp_path / "b.xlsx", [{**again, "离职日期": ""}]))
    assert codes(blank) == {(2, "离职日期"): "stored_end_before_start"}
    assert codes(bring(cast.admin, STAFF, sheet(tmp_path / "c.xlsx", [again]))) == {
        (2, "离职日期"): "ends_before_start"
    }


FILE_ONE = {"姓名": "试一", "手机号": "13800138000", "档案编号": "F001"}
OTHER = {"姓名": "试三", "手机号": "13600138000", "档案编号": "F003"}


def files() -> dict[str, tuple[str | None, str | None]]:
    """{name: (file number, phone)} of the clients."""
    with db.reading(SYSTEM) as s:
        asked = select(Person.name, Client.number, Person.phone).join(Client, Client.person_id == Person.id)  # type: ignore[arg-type]
        return {name: (number, phone) for name, number, phone in s.exec(asked)}


SECOND_FILES = {
    "another number": ({"档案编号": "F002"}, "档案编号", "other_number"),
    "no number": ({"档案编号": ""}, "姓名", "duplicate_in_file"),
    "somebody else's number": ({"姓名": "试二", "手机号": "13700138000"}, "档案编号", "duplicate_in_file"),
}


@pytest.mark.parametrize("case", SECOND_FILES)
def test_a_second_file_of_one_client_is_refused_alone(cast: Cast, tmp_path: Path, case: str) -> None:
    second, column, code = SECOND_FILES[case]
    path = sheet(tmp_path / "a.xlsx", [FILE_ONE, OTHER, {**FILE_ONE, **second}])
    for dry_run in (True, False):
        result = bring(cast.lin, CLIENT, path, dry_run=dry_run)
        assert (result.created, codes(result)) == (2, {(4, column): code})
    assert files() == {"试一": ("F001", "13800138000"), "试三": ("F003", "13600138000")}


CLAIMED_NUMBERS = {
    "another number of the same": ({"档案编号": "F002"}, "other_number"),
    "a number by another who has one": ({"姓名": "试三", "手机号": "13600138000"}, "other_number"),
    "a number by somebody new": ({"姓名": "试二", "手机号": "13700138000"}, "taken"),
}


@pytest.mark.parametrize("case", CLAIMED_NUMBERS)
def test_a_stored_clients_file_is_not_opened_twice(cast: Cast, tmp_path: Path, case: str) -> None:
    other, code = CLAIMED_NUMBERS[case]
    bring(cast.lin, CLIENT, sheet(tmp_path / "a.xlsx", [FILE_ONE, OTHER]))
    good = {"姓名": "试四", "手机号": "13500138000", "档案编号": "F004"}
    path = sheet(tmp_path / "b.xlsx", [{**FILE_ONE, **other}, good])
    for dry_run in (True, False):
        result = bring(cast.lin, CLIENT, path, dry_run=dry_run)
        assert (result.created, codes(result)) == (1, {(2, "档案编号"): code})


def test_a_clients_file_is_found_by_its_number_and_by_its_person(cast: Cast, tmp_path: Path) -> None:
    unnumbered = {"姓名": "试二", "手机号": "13700138000"}
    bring(cast.lin, CLIENT, sheet(tmp_path / "a.xlsx", [FILE_ONE, unnumbered]))
    rows = [{**FILE_ONE, "手机号": "13900138000"}, {**unnumbered, "档案编号": "F002"}]
    assert counts(cast.lin, CLIENT, sheet(tmp_path / "b.xlsx", rows)) == (0, 2, 0, 0)
    assert files() == {"试一": ("F001", "13900138000"), "试二": ("F002", "13700138000")}
    later = [{**row, "档案编号": ""} for row in rows]
    assert counts(cast.lin, CLIENT, sheet(tmp_path / "c.xlsx", later)) == (0, 0, 2, 0)


def test_imported_volunteers_are_numbered_one_after_another(cast: Cast, tmp_path: Path) -> None:
    bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(n) for n in range(5)]))
    with db.reading(SYSTEM) as s:
        numbers = sorted(str(number) for number in s.exec(select(Volunteer.number)))
    assert numbers == [f"V2026{n:06d}" for n in range(1, 6)]


def test_what_others_write_meanwhile_is_planned_again(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet(tmp_path / "a.xlsx", [volunteer(1), volunteer(2)])
    real = db.prepare
    done: list[int] = []

    def meanwhile(*args: Any, **more: Any) -> db.Batch:
        if not done:
            done.append(store.save(SYSTEM, VOLUNTEER, valid(2), today=TODAY))
        return real(*args, **more)

    monkeypatch.setattr(db, "prepare", meanwhile)
    assert counts(cast.lin, VOLUNTEER, path)[0] == 1
    assert store.rows(cast.lin, VOLUNTEER).total == 2


def valid(number: int) -> dict[str, Any]:
    row = volunteer(number)
    return {"name": row["姓名"], "id_type": "resident_id", "id_number": row["证件号码"], "phone": row["手机号"],
            "region_code": "440105", "consent": True}  # fmt: skip


# Every record type, out and in again


@pytest.fixture
def options_loaded(cast: Cast) -> None:
    with db.unit(SYSTEM) as s:
        for name in ("skills", "service_categories", "tags", "practical_items", "question_topics"):
            s.add(Option(list_name=name, code="one", zh="第一", en="First"))


NAMELESS = {"feedback"}  # anonymous: nothing stands in it by which it could be found again


def test_every_record_type_goes_in_out_and_in_again_unchanged(
    cast: Cast, database: str, options_loaded: None, tmp_path: Path
) -> None:
    fmt: Literal["xlsx", "csv"] = (
        "xlsx" if database == "sqlite" else "csv"
    )  # what is written does not depend on the database
    assert set(ORDER) == {record.name for record in RECORDS.values() if record.menu and record.is_typed}
    for name in ORDER:
        record = RECORDS[name]
        path = filled(record, tmp_path / f"{name}.xlsx", [valid_row(record, n) for n in range(1, 6)])
        result = bring(SYSTEM, record, path)
        assert (result.counts(), result.problems) == (
            {"created": 5, "updated": 0, "unchanged": 0, "rejected": 0}, []
        ), name  # fmt: skip
    for name in (name for name in ORDER if name not in NAMELESS):
        record = RECORDS[name]
        out = tmp_path / f"{name}-out.{fmt}"
        total = exchange.export(SYSTEM, record, Query(), out, fmt=fmt, purpose="核对")
        assert total == store.rows(SYSTEM, record).total
        result = bring(SYSTEM, record, out)
        assert (result.counts(), result.problems) == (
            {"created": 0, "updated": 0, "unchanged": total, "rejected": 0}, []
        ), (name, fmt)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # no row is read
@pytest.mark.parametrize("name", ORDER)
def test_a_template_names_every_field_and_is_read_back(database: str, name: str, tmp_path: Path) -> None:
    record = RECORDS[name]
    exchange.template(record, tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert [cell.value for cell in book.worksheets[0][1]] == [
        s.label.zh + "*" * s.required for s in record.sheet_fields
    ]
    labels = [spec.label.zh for spec in record.sheet_fields]
    assert len(set(labels)) == len(labels)
    if any(spec.choices for spec in record.sheet_fields):
        assert "可选项" in book.sheetnames
    exchange.template(record, tmp_path / "e.xlsx", language="en")
    english = [spec.label.en for spec in record.sheet_fields]
    assert len(set(english)) == len(english)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_template_says_how_another_record_is_named(database: str, tmp_path: Path) -> None:
    exchange.template(RECORDS["presence"], tmp_path / "t.xlsx")
    heads = openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0][1]
    said = {str(cell.value): cell.comment.text for cell in heads if cell.comment}
    assert "PP1-1" in said["课次"] and all("同名" in said[heading] for heading in ("课次", "培训班*"))


PROPERTY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=30)
COURSES = st.fixed_dictionaries(
    {
        "name": st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40),
        "kind": st.sampled_from(["应急救护", "Refresher", "lecture"]),
        "hours": st.sampled_from(["1", "2.5", "400"]),
        "credential": WORDS,
        "syllabus": WORDS,
        "active": st.sampled_from(["是", "no", ""]),
    }
)


@PROPERTY
@given(st.lists(COURSES, min_size=1, max_size=6))
def test_whatever_text_goes_in_comes_out_and_in_again_unchanged(
    sqlite_template: Path, tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    path = tmp_path / "p.db"
    for leftover in tmp_path.glob("p.db*"):
        leftover.unlink()
    path.write_bytes(sqlite_template.read_bytes())
    db.dispose()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", f"sqlite:///{path}")
        given_rows = [{**row, "code": f"C{n}"} for n, row in enumerate(rows)]
        first = bring(SYSTEM, COURSE, filled(COURSE, tmp_path / "in.xlsx", given_rows))
        for fmt in ("xlsx", "csv"):
            exchange.export(SYSTEM, COURSE, Query(), tmp_path / f"out.{fmt}", fmt=fmt)  # type: ignore[arg-type]
            again = bring(SYSTEM, COURSE, tmp_path / f"out.{fmt}")
            assert (again.created, again.updated, again.unchanged, again.rejected) == (0, 0, first.created, 0)
    db.dispose()


# Export


def test_a_formula_leaves_as_text(cast: Cast, tmp_path: Path) -> None:
    store.save(cast.lin, ORGANISATION, {"name": "=1+1", "kind": "school"})
    exchange.export(cast.lin, ORGANISATION, Query(), tmp_path / "a.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    exchange.export(cast.lin, ORGANISATION, Query(), tmp_path / "a.csv", fmt="csv")
    assert "'=1+1" in (tmp_path / "a.csv").read_text("utf-8-sig")


def test_an_export_holds_what_the_screen_shows_in_its_order(cast: Cast, tmp_path: Path) -> None:
    for number in range(7):
        store.save(cast.lin, ORGANISATION, {"name": f"单位{number}", "kind": "school" if number % 2 else "community"})
    query = Query(filters={"kind": "school"}, sort="-name")
    target = io.BytesIO()
    assert (
        exchange.export(cast.lin, ORGANISATION, query, target) == store.rows(cast.lin, ORGANISATION, query).total == 3
    )
    (tmp_path / "a.xlsx").write_bytes(target.getvalue())
    assert [row[0] for row in read_sheet(tmp_path / "a.xlsx").rows] == ["单位5", "单位3", "单位1"]


def test_an_export_of_any_size_costs_the_same_number_of_statements(
    cast: Cast, statements: Callable[[], int], tmp_path: Path
) -> None:
    costs = []
    for number in range(1, 10):
        store.save(cast.lin, VOLUNTEER, {**valid(number), "skills": ["first_aid", "driving"]}, today=TODAY)
        statements()
        exported(cast.lin, tmp_path / "a.xlsx")
        costs.append(statements())
    assert costs[1] == costs[-1]


def exported(actor: Actor, path: Path, purpose: str = "") -> dict[str, str]:
    exchange.export(actor, VOLUNTEER, Query(), path, purpose=purpose)
    back = read_sheet(path)
    return dict(zip(back.header, back.rows[0], strict=True))


def test_personal_values_leave_masked_unless_there_is_a_purpose_and_the_right(cast: Cast, tmp_path: Path) -> None:
    store.save(cast.lin, VOLUNTEER, valid(1), today=TODAY)
    masked = exported(cast.lin, tmp_path / "a.xlsx")
    assert identity(1) not in masked.values() and masked["手机号"] == "138****0001"
    assert exported(cast.chen, tmp_path / "b.xlsx")["姓名"] == "王*"
    assert exported(cast.lin, tmp_path / "c.xlsx", "报送名册")["证件号码"] == identity(1)
    with pytest.raises(Denied):
        exported(cast.chen, tmp_path / "d.xlsx", "看看")
    with pytest.raises(Denied):
        exported(cast.stranger, tmp_path / "d.xlsx")
    with db.reading(SYSTEM) as s:
        told = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.EXPORT)).all()
    assert [(entry.reason, entry.changes["rows"]) for entry in told] == [("", 1), ("", 1), ("报送名册", 1)]


def test_a_station_lead_exports_the_own_station_alone(cast: Cast, tmp_path: Path) -> None:
    for number, unit in ((1, cast.station), (2, cast.other_station)):
        store.save(SYSTEM, VOLUNTEER, {**valid(number), "unit_id": unit}, today=TODAY)
    assert exchange.export(cast.wang, VOLUNTEER, Query(), tmp_path / "a.xlsx") == 1


def test_days_of_the_future_are_refused(cast: Cast, tmp_path: Path) -> None:
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    result = bring(cast.lin, VOLUNTEER, sheet(tmp_path / "a.xlsx", [volunteer(1, 同意日期=tomorrow)]))
    assert codes(result) == {(2, "同意日期"): "date_future"}
