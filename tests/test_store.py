"""The generic store, tried on record types of every shape: works, stranger, reader, bad id, bad input."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from models import RECORDS
from models.people import Person, Volunteer
from models.system import AuditEntry, Role, Verb
from services import clock, db, store
from services.access import SYSTEM, Actor
from services.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound
from services.store import Query
from tests.conftest import Cast

VOLUNTEER, ORGANISATION, AGREEMENT = (RECORDS[name] for name in ("volunteer", "organisation", "agreement"))
TODAY = date(2026, 11, 23)

LIU = {
    "name": "刘敏诗", "id_type": "resident_id", "id_number": "11010519491231002x", "phone": "+86 138-0013-8000",
    "region_code": "440105", "region": "海珠区", "consent": True,
}  # fmt: skip


def test_a_volunteer_is_saved_with_the_person_behind(cast: Cast) -> None:
    key = store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    row = store.get(cast.lin, VOLUNTEER, key)
    assert row.title == "刘敏诗"
    assert row.values["birth_date"] == date(1949, 12, 31)
    assert row.values["phone"] == "138****8000"
    assert row.values["id_number"].endswith("2X") and "4912" not in row.values["id_number"]


def test_the_database_holds_no_plain_number(cast: Cast) -> None:
    store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    with db.connection() as bare:
        raw = repr(bare.exec_driver_sql("SELECT * FROM person").all())
        audit = repr(bare.exec_driver_sql("SELECT * FROM audit_entry").all())
    assert "13800138000" not in raw + audit and "19491231" not in raw + audit


def test_every_wrong_field_is_told_at_once(cast: Cast) -> None:
    with pytest.raises(Invalid) as error:
        store.save(cast.lin, VOLUNTEER, {**LIU, "id_number": "110105194912310021", "phone": "128", "consent": False})
    assert error.value.fields == {
        "id_number": "id_checksum", "phone": "phone_format", "consent": "consent_missing"
    }  # fmt: skip
    with db.reading(cast.lin) as session:
        assert session.exec(select(Person)).all() == []


def test_titles_are_told_to_who_reads_or_names_the_records_and_numbers_to_anybody_else(cast: Cast) -> None:
    key = store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    partner = store.save(cast.he, ORGANISATION, {"name": "康馨基金会", "kind": "foundation"})
    steward, base_manager = Actor(None, "健康管家", (Role.HEALTH_STEWARD,)), Actor(None, "基地", (Role.BASE_MANAGER,))
    assert store.titles(cast.lin, VOLUNTEER, [key]) == {key: "刘敏诗"}
    assert store.titles(cast.chen, VOLUNTEER, [key]) == {key: "刘**"}
    for who in (cast.stranger, cast.he, steward):
        assert store.titles(who, VOLUNTEER, [key]) == {key: f"#{key}"}
    assert store.titles(cast.stranger, ORGANISATION, [partner]) == {partner: f"#{partner}"}
    assert store.titles(base_manager, ORGANISATION, [partner]) == {partner: "康馨基金会"}


def _client(cast: Cast, **given: object) -> int:
    return store.save(cast.lin, RECORDS["client"], {"name": "王芳", "consent": True, **given}, today=TODAY)


def test_namesakes_are_told_apart_by_a_number_and_else_by_what_their_record_declares(cast: Cast) -> None:
    ward = store.save(cast.admin, RECORDS["department"], {"name": "肾内科"})
    numbered = _client(cast, number="KH-7", phone="13800138001")
    called = _client(cast, phone="13800138002")
    also_called = _client(cast, phone="13900139003")
    admitted = _client(cast, department_id=ward, birth_date=date(1960, 1, 2))
    assert store.choices(cast.lin, RECORDS["client"]) == {
        numbered: "王芳 · KH-7", called: "王芳 · 138****8002", also_called: "王芳 · 139****9003",
        admitted: "王芳 · 肾内科",
    }  # fmt: skip


def test_where_nothing_else_tells_two_apart_the_entry_does_and_a_single_name_stays_bare(cast: Cast) -> None:
    room = RECORDS["client"]
    one, two = _client(cast), _client(cast, birth_date=date(1960, 1, 2))
    assert store.choices(cast.lin, room) == {one: f"王芳 · #{one}", two: f"王芳 · #{two}"}
    store.remove(cast.lin, room, two, reason="重复")
    assert store.choices(cast.lin, room) == {one: "王芳"}


def test_a_list_that_names_two_of_the_same_name_tells_which_is_which(cast: Cast) -> None:
    for phone in ("13800138002", "13900139003"):
        task = {"client_id": _client(cast, phone=phone), "due_on": TODAY, "channel": "phone"}
        store.save(cast.lin, RECORDS["followup_task"], task, today=TODAY)
    shown = {row.show("client_id") for row in store.rows(cast.lin, RECORDS["followup_task"]).rows}
    assert shown == {"王芳 · 138****8002", "王芳 · 139****9003"}


def test_partners_of_the_same_name_are_told_apart_by_their_region(cast: Cast) -> None:
    same = {"name": "康馨基金会", "kind": "foundation"}
    for region in ("海珠区", "天河区"):
        store.save(cast.he, ORGANISATION, {**same, "region": region})
    assert sorted(store.choices(cast.he, ORGANISATION).values()) == ["康馨基金会 · 天河区", "康馨基金会 · 海珠区"]


def test_a_reader_sees_the_surname_and_a_stranger_nothing(cast: Cast) -> None:
    key = store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    assert store.get(cast.chen, VOLUNTEER, key).values["name"] == "刘**"
    with pytest.raises(Denied):
        store.get(cast.stranger, VOLUNTEER, key)
    with pytest.raises(Denied):
        store.save(cast.chen, VOLUNTEER, LIU)


def test_a_lead_of_another_station_finds_nothing(cast: Cast) -> None:
    key = store.save(cast.lin, VOLUNTEER, {**LIU, "unit_id": cast.other_station}, today=TODAY)
    with pytest.raises(NotFound):
        store.get(cast.wang, VOLUNTEER, key)
    assert store.rows(cast.wang, VOLUNTEER).total == 0
    with pytest.raises(Denied):
        store.save(cast.wang, ORGANISATION, {"name": "甲", "kind": "school", "unit_id": cast.other_station})


@pytest.mark.parametrize(
    "words", ["敏诗", "liumin", "lms", "minshi", "8000", "13800138000", "002X", "11010519491231002x"]
)
def test_a_person_is_found_by_text_pinyin_initials_and_numbers(cast: Cast, words: str) -> None:
    store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    other = {"name": "陈一舟", "id_type": "passport", "id_number": "E12345678", "phone": "13900139001"}
    store.save(cast.lin, VOLUNTEER, {**LIU, **other}, today=TODAY)
    assert [row.title for row in store.rows(cast.lin, VOLUNTEER, Query(text=words)).rows] == ["刘敏诗"]


def test_the_same_document_again_is_refused(cast: Cast) -> None:
    store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    with pytest.raises(Invalid):
        store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    with db.reading(cast.lin) as session:
        assert len(session.exec(select(Volunteer)).all()) == 1


def test_a_stale_save_is_refused_with_both_versions(cast: Cast) -> None:
    key = store.save(cast.lin, ORGANISATION, {"name": "康馨基金会", "kind": "foundation"})
    seen = store.get(cast.lin, ORGANISATION, key)
    store.save(cast.lin, ORGANISATION, {"owner": "林社工"}, id=key, version=seen.version)
    with pytest.raises(Conflict) as error:
        store.save(cast.lin, ORGANISATION, {"owner": "何经理"}, id=key, version=seen.version)
    assert (error.value.mine["owner"], error.value.theirs["owner"]) == ("何经理", "林社工")


@pytest.mark.parametrize(
    ("given", "fields"),
    [({"credit_code": "91110108MA01ABCD1X"}, {"credit_code": "taken"}), ({"unit_id": 10**20}, {"": "unfit"})],
)
def test_many_rows_at_once_are_refused_in_the_words_of_one(
    cast: Cast, given: dict[str, Any], fields: dict[str, str]
) -> None:
    rows = [{"name": name, "kind": "school", **given} for name in ("甲", "乙")]
    with pytest.raises(Invalid) as refused, db.unit(SYSTEM) as s:
        db.bulk_insert(s, ORGANISATION, rows)
    assert refused.value.fields == fields
    assert store.rows(SYSTEM, ORGANISATION).total == 0


def test_a_second_click_does_nothing(cast: Cast) -> None:
    store.save(cast.lin, ORGANISATION, {"name": "甲", "kind": "school"}, token="one")
    with pytest.raises(AlreadyDone):
        store.save(cast.lin, ORGANISATION, {"name": "甲", "kind": "school"}, token="one")
    assert store.rows(cast.lin, ORGANISATION).total == 1


def test_the_bin_takes_and_gives_back(cast: Cast) -> None:
    key = store.save(cast.admin, ORGANISATION, {"name": "甲", "kind": "school"})
    store.remove(cast.admin, ORGANISATION, key, reason="重复")
    assert store.rows(cast.admin, ORGANISATION).total == 0
    assert [row.id for row in store.rows(cast.admin, ORGANISATION, Query(binned=True)).rows] == [key]
    store.restore(cast.admin, ORGANISATION, key)
    assert store.get(cast.admin, ORGANISATION, key).title == "甲"
    assert [event.verb for event in store.history(cast.admin, ORGANISATION, key)] == [
        Verb.RESTORE, Verb.REMOVE, Verb.CREATE
    ]  # fmt: skip


def test_a_record_that_others_name_stays(cast: Cast) -> None:
    key = store.save(cast.admin, ORGANISATION, {"name": "甲", "kind": "school"})
    paper = {"organisation_id": key, "signed_on": TODAY, "starts": TODAY, "ends": date(2027, 11, 22)}
    store.save(cast.admin, AGREEMENT, paper)
    with pytest.raises(Invalid) as error:
        store.remove(cast.admin, ORGANISATION, key)
    assert error.value.fields == {"": "has_children"}
    children = {child.name: page.total for child, _, page in store.related(cast.admin, ORGANISATION, key)}
    assert children["agreement"] == 1 and children["contact"] == 0


def test_a_reveal_needs_a_purpose_and_leaves_a_trace(cast: Cast) -> None:
    key = store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    with pytest.raises(Invalid):
        store.reveal(cast.lin, VOLUNTEER, key, "phone", " ")
    assert store.reveal(cast.lin, VOLUNTEER, key, "phone", "通知上课") == "13800138000"
    with pytest.raises(Denied):
        store.reveal(cast.chen, VOLUNTEER, key, "phone", "看看")
    with db.reading(cast.admin) as session:
        trace = session.exec(select(AuditEntry).where(AuditEntry.verb == Verb.REVEAL)).one()
        assert (trace.record_id, trace.reason) == (key, "通知上课")


def test_filters_sort_and_pages_are_sql(cast: Cast) -> None:
    for number in range(7):
        store.save(cast.lin, ORGANISATION, {"name": f"单位{number}", "kind": "school" if number % 2 else "community"})
    page = store.rows(cast.lin, ORGANISATION, Query(filters={"kind": "school"}, sort="-name", size=2, page=1))
    assert (page.total, [row.title for row in page.rows]) == (3, ["单位1"])


def test_the_total_stops_at_its_cap(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CAP", 3)
    for number in range(5):
        store.save(cast.lin, ORGANISATION, {"name": f"单位{number}", "kind": "school"})
    page = store.rows(cast.lin, ORGANISATION)
    assert (page.total, page.more, len(page.rows)) == (3, True, 5)


def test_the_bin_is_emptied_after_its_days_children_first(cast: Cast) -> None:
    organisation = store.save(cast.admin, ORGANISATION, {"name": "甲", "kind": "school"})
    kept = store.save(cast.admin, ORGANISATION, {"name": "乙", "kind": "school"})
    paper = {"organisation_id": organisation, "signed_on": TODAY, "starts": TODAY, "ends": date(2027, 11, 22)}
    agreement = store.save(cast.admin, AGREEMENT, paper)
    store.remove(cast.admin, AGREEMENT, agreement)
    store.remove(cast.admin, ORGANISATION, organisation)
    store.remove(cast.admin, ORGANISATION, kept)
    assert store.empty_bins(clock.now() - timedelta(days=30)) == 0
    store.restore(cast.admin, ORGANISATION, kept)
    assert store.empty_bins(clock.now()) >= 2
    assert store.rows(cast.admin, ORGANISATION, Query(binned=True)).total == 0
    assert store.rows(cast.admin, ORGANISATION, Query(text="乙")).total == 1
