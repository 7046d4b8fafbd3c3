"""A list finds the same rows whether it collects hits or walks an index, and counts them as far as it says."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import select

from models import RECORDS
from models.people import Person, Volunteer
from models.training import Course, CourseKind
from services import db, finding, search, store
from services.access import SYSTEM
from services.clock import now
from services.store import Query
from tests.conftest import Cast

VOLUNTEER, ATTENDANCE = RECORDS["volunteer"], RECORDS["attendance"]
NAMES = ("王芳", "李王", "王明", "张明", "陈一王", "李芳", "王芳芳", "赵六", "明王")


@pytest.fixture
def register(cast: Cast) -> Cast:
    """Volunteers of these names, entered in this order; every third is no emergency-rescue volunteer."""
    with db.unit(SYSTEM) as session:
        people = [{"name": name, "phone": f"1420000{n:04}"} for n, name in enumerate(NAMES)]
        ids = db.bulk_insert(session, RECORDS["person"], people)
        rows = [{"person_id": key, "consent": True, "is_emergency_rescue": key % 3 > 0} for key in ids]
        db.bulk_insert(session, VOLUNTEER, rows)
    return cast


def shown(cast: Cast, **query: object) -> list[str]:
    return [row.title for row in store.rows(cast.lin, VOLUNTEER, Query(**query)).rows]  # type: ignore[arg-type]


@pytest.fixture(params=["collected", "walked"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "walked":
        monkeypatch.setattr(finding, "_many", lambda session, record: 0)
        monkeypatch.setattr(search, "more_than", lambda bare, record, question, most: bool(search.terms(question)))
    return str(request.param)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("王", ["明王", "王芳芳", "陈一王", "王明", "李王", "王芳"]),
        ("王芳", ["王芳芳", "王芳"]),
        ("芳芳", ["王芳芳"]),
        ("wangm", ["王明"]),
        ("王 明", ["明王", "王明"]),
        ("0003", ["张明"]),
        ("14200000007", ["赵六"]),
        ("ang", []),
        ("%", []),
    ],
)
def test_words_find_the_same_rows_either_way(register: Cast, way: str, words: str, found: list[str]) -> None:
    assert shown(register, text=words) == found
    assert store.rows(register.lin, VOLUNTEER, Query(text=words)).total == len(found)
    assert len(every(register, words)) == len(found)


def every(cast: Cast, words: str) -> list[int]:
    with db.reading(cast.lin) as session:
        return finding.every_id(session, VOLUNTEER, Query(text=words))


def test_names_stand_in_their_order_either_way(register: Cast, way: str) -> None:
    pages = [shown(register, sort="name", size=4, page=page, filters={"is_emergency_rescue": True}) for page in (0, 1)]
    rescuers = [name for key, name in enumerate(NAMES, 1) if key % 3]
    assert pages[0] + pages[1] == sorted(rescuers)
    assert shown(register, sort="-name", text="王") == sorted((name for name in NAMES if "王" in name), reverse=True)


@pytest.mark.parametrize(("more", "found"), [((), ["王明", "王芳"]), ((True,), ["王芳"])])
def test_rows_are_found_by_many_lists_of_values_at_once(
    register: Cast, more: tuple[bool, ...], found: list[str]
) -> None:
    targets = [Person.name, Volunteer.is_emergency_rescue][: 1 + len(more)]
    wanted = [(name, *more) for name in ("王芳", "王明", "无名")]
    with db.reading(register.lin) as session:
        asked = session.execute(finding.among(VOLUNTEER, targets, wanted, Person.name))
        assert sorted(asked.scalars()) == found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_is_asked_for_is_looked_up_and_no_register_read(register: Cast) -> None:
    asked: list[tuple[str, Any]] = []
    note = event.listens_for(db.engine(), "before_cursor_execute")
    note(lambda _bare, _cursor, sql, given, *_rest: asked.append((sql, given)))
    with db.reading(SYSTEM) as session:
        for target, value in ((Volunteer.person_id, 1), (Volunteer.number, "V2026000001"), (Person.phone_key, "0")):
            session.execute(finding.among(VOLUNTEER, [target], [(value,)], Volunteer.id))
        plans = [session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given) for sql, given in asked[-3:]]
        steps = [step.detail for plan in plans for step in plan]
    assert not [step for step in steps if "ix_volunteer_deleted_id" in step or step.startswith("SCAN volunteer")]


def test_what_is_in_the_bin_is_found_there_alone(register: Cast, way: str) -> None:
    gone = every(register, "王明")[0]
    store.remove(register.admin, VOLUNTEER, gone)
    assert "王明" not in shown(register, text="王")
    assert [row.id for row in store.rows(register.admin, VOLUNTEER, Query(text="王", binned=True)).rows] == [gone]


def test_a_child_is_found_by_its_parents_words_either_way(register: Cast, way: str) -> None:
    with db.unit(SYSTEM) as session:
        session.add(Course(code="A", name="急救", kind=CourseKind.FIRST_AID))
        who = session.exec(select(Person.id).where(Person.name == "张明")).one()
        planned = {"title": "院内心肺复苏", "course_id": 1, "starts": now(), "ends": now(), "code": "S1"}
        (held,) = db.bulk_insert(session, RECORDS["training_session"], [planned])
        (came,) = db.bulk_insert(session, ATTENDANCE, [{"session_id": held, "person_id": who}])
    for words, found in (("心肺", [came]), ("xinfei", [came]), ("张明", [came]), ("王明", []), ("S1", [came])):
        assert [row.id for row in store.rows(register.lin, ATTENDANCE, Query(text=words)).rows] == found, words


def test_a_lead_finds_nobody_of_another_station(register: Cast, way: str) -> None:
    assert store.rows(register.wang, VOLUNTEER, Query(text="王")).total == 0


def test_a_kept_total_follows_the_next_write(register: Cast) -> None:
    page = Query(size=2)
    assert store.rows(register.admin, VOLUNTEER, page).total == 9
    store.remove(register.admin, VOLUNTEER, 1)
    assert store.rows(register.admin, VOLUNTEER, page).total == 8


def test_common_words_are_counted_to_a_lower_cap(register: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "COMMON", 3)
    monkeypatch.setattr(search, "more_than", lambda bare, record, question, most: True)
    found = store.rows(register.lin, VOLUNTEER, Query(text="王", size=2))
    assert (len(found.rows), found.total, found.more) == (2, 3, True)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_hits_are_counted_before_they_are_collected(register: Cast) -> None:
    with db.connection() as bare:
        assert search.more_than(bare, "person", "王", 5)
        assert not search.more_than(bare, "person", "王", 6)


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_postgresql_knows_common_words_from_its_statistics(register: Cast) -> None:
    with db.connection(write=True) as bare:
        bare.exec_driver_sql("INSERT INTO person(version, created_at, changed_at, search_text, notes, name, region) "
                             "SELECT 1, now(), now(), '王', '', '王', '' FROM generate_series(1, 500)")  # fmt: skip
        bare.exec_driver_sql("ANALYZE person")
        assert search.more_than(bare, "person", "王", 400)
        assert not search.more_than(bare, "person", "明", 400)
