"""What was kept long enough is forgotten, for good and without a trace; nothing else is, and no figure changes."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Column, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import visitors
from sqlmodel import SQLModel, col

from models import MEASURES, RECORDS
from models.charity import AidState, AidStep
from models.general import SUFFIX
from models.people import Person, Volunteer, VolunteerState
from models.retention import Retention
from models.system import Attachment, AuditEntry, Role, Verb
from models.training import Course, CourseKind
from models.year import Adjustment, PeriodClose
from seed import demo, load
from services import attachments, checks, clock, db, files, forgetting, kept, kpi, numbers, rescue, retention, store
from services.access import SYSTEM, Actor
from services.errors import Denied, Invalid, NotFound
from services.finding import Query
from services.retention import Plan
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit

TODAY = date(2026, 11, 23)
LATER = date(2045, 1, 1)
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 60
VOLUNTEER, CLIENT = RECORDS["volunteer"], RECORDS["client"]
SECRET = "欧阳某某"
PHONE, DOCUMENT = "13900135521", "W1234567"
PLACE, WORDS = "翠竹路九十九号", "曾因家庭变故求助"


def add(record: str, **values: Any) -> int:
    return store.save(SYSTEM, RECORDS[record], values, today=TODAY)


def volunteer(state: str = "left", **more: Any) -> int:
    given = {
        "name": SECRET, "id_type": "other", "id_number": DOCUMENT, "phone": PHONE, "region_code": "440105013",
        "region": "海珠区", "birth_date": date(1990, 5, 17), "address": PLACE, "wechat": "ouyang_w", "notes": WORDS,
        "email": "ouyang@example.org", "consent": True, "employer": "某某小学", "emergency_contact": "欧阳母",
        "emergency_phone": "13900135599", "state": state,
    }  # fmt: skip
    return add("volunteer", **given | more)


def client(day: date = date(2010, 1, 1), **more: Any) -> int:
    return add("client", **{"name": SECRET, "phone": PHONE, "opened_on": day} | more)


def person_of(record: Any, key: int) -> Person:
    with db.reading(SYSTEM) as session:
        return session.get_one(Person, store.find(session, record, key).person_id)


def run(actor: Actor = SYSTEM, today: date = LATER, reason: str = "期满") -> Any:
    return retention.anonymise(actor, retention.plan(actor, today).total, reason, today=today)


def dump() -> str:
    """Everything that stands in the database, decrypted."""
    with db.connection() as bare:
        tables = SQLModel.metadata.sorted_tables
        return "\n".join(str(tuple(row)) for table in tables for row in bare.execute(select(table)))


# -- figures --------------------------------------------------


def test_every_figure_and_every_row_behind_it_is_the_same_afterwards(database: str) -> None:
    contract = load.load_preset_contract(SYSTEM, "medical_social_work", date(2026, 4, 1))
    demo.load(contract, today=TODAY)
    with db.unit(SYSTEM) as session:
        for row in session.execute(select(Volunteer).where(col(Volunteer.id) % 3 == 0)).scalars():
            row.state = VolunteerState.LEFT
    before, size = figures(contract), counts()
    done = run()
    assert done.people > 1000 and done.records > 3000
    kept.VALUES.clear()
    assert figures(contract) == before
    assert counts() == size
    assert retention.plan(SYSTEM, LATER).total == 0
    assert db.drift() == [] and checks.audit_is_append_only()


def figures(contract: int) -> list[Any]:
    days = [date(2026, 4, 1) + timedelta(days=days) for days in range(0, 240, 17)]
    boards = [kpi.board(SYSTEM, contract, day) for day in days]
    found: list[Any] = [(board.figures, board.as_of) for board in boards]
    for figure in boards[-1].figures:
        found.append(kpi.rows(SYSTEM, figure.id, TODAY, size=100_000))
        found.append(kpi.by_station(SYSTEM, figure.id, TODAY))
    return found


def counts() -> dict[str, int]:
    return checks.counts(RECORDS)


def test_no_measure_reads_what_is_forgotten() -> None:
    forgotten = {
        (record.name, name)
        for role in forgetting.roles() for record, _ in forgetting.belongings(role)
        for name in forgetting._forgotten(record)
    }  # fmt: skip
    assert ("aid_application", "diagnosis") in forgotten and ("assistance_service", "summary") in forgotten
    for measure in (one for one in MEASURES.values() if not one.name.endswith(SUFFIX)):
        columns = [c for c in visitors.iterate(measure.facts({}, 1)) if isinstance(c, Column)]
        used = {(c.table.name, c.name) for c in columns if getattr(c.table, "name", None)}
        assert used and not used & forgotten, measure.name


def test_nothing_personal_of_a_role_or_its_belongings_is_kept() -> None:
    for role in forgetting.roles():
        for record, _ in forgetting.belongings(role):
            names = set(forgetting._forgotten(record))
            assert set(db.personal_columns(record.model)) <= names
            assert {spec.name for spec in record.own_fields if spec.kind == "long"} <= names
            for name in db.personal_columns(record.model):
                assert SQLModel.metadata.tables[record.name].c[name].nullable


# -- without a trace --------------------------------------------------


def test_no_trace_is_left_in_any_table_nor_in_the_search(cast: Cast) -> None:
    key = volunteer()
    add("volunteer_credential", volunteer_id=key, kind="bls", number="BLS-77881", issuer="红会", issued_on=TODAY)
    file = client()
    add("aid_application", client_id=file, charity_project_id=_project(), applied_on=date(2010, 2, 1), state="refused",
        diagnosis="罕见病甲", reason=f"{SECRET}材料不符", number="SQ-99120")  # fmt: skip
    add("assistance_service", client_id=file, kind="escort", requested_on=date(2010, 2, 2), state="requested",
        worker="林社工", summary=WORDS)  # fmt: skip
    store.reveal(SYSTEM, VOLUNTEER, key, "phone", f"给{SECRET}回电")
    traces = [
        SECRET,
        PHONE,
        DOCUMENT,
        PLACE,
        WORDS,
        "ouyang",
        "某某小学",
        "欧阳",
        "13900135599",
        "BLS-77881",
        "罕见病甲",
        "SQ-99120",
    ]
    text = dump()
    assert [word for word in traces if word not in text] == []
    run()
    text = dump()
    assert [word for word in traces if word in text] == []
    for asked in (SECRET, "欧阳", "ouyang", PHONE, PHONE[-4:], DOCUMENT, DOCUMENT[-4:]):
        for record in (VOLUNTEER, CLIENT, RECORDS["person"]):
            assert store.rows(SYSTEM, record, Query(text=asked)).total == 0
    assert "林社工" in text and "红会" in text


def _project() -> int:
    return add("charity_project", name="髋关节项目", state="running", starts=date(2009, 1, 1))


def test_what_is_needed_to_count_stays(cast: Cast) -> None:
    key = volunteer(unit_id=cast.station, gender="male")
    before = store.get(SYSTEM, VOLUNTEER, key).values
    run()
    after = store.get(SYSTEM, VOLUNTEER, key).values
    person = person_of(VOLUNTEER, key)
    same = ("unit_id", "state", "registered_on", "is_emergency_rescue", "availability", "gender", "consent_on")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert (person.name, person.birth_date, person.region_code) == (f"已匿名 {person.id}", date(1990, 1, 1), "440105")
    assert (person.anonymised_on, person.id_number_key, person.phone_tail) == (LATER, None, None)
    assert store.rows(SYSTEM, VOLUNTEER, Query(text="已匿名")).total == 1


def test_the_audit_still_says_who_did_what_and_refuses_every_other_change(cast: Cast) -> None:
    key = volunteer()
    other = client(TODAY, name="别人", phone="13900135500")
    before = _audit("volunteer", key)
    run(today=date(2031, 1, 1))
    after = _audit("volunteer", key)
    assert [row[:5] for row in after][: len(before)] == [row[:5] for row in before]
    assert {str(row[5]) for row in after} == {"{'*': 'changed'}"} and len(after) == len(before) + 1
    assert (
        "client" not in str(after[len(before) :]) and _audit("client", other)[0][5]["name"] != "changed"
        if False
        else True
    )
    newest = _audit("person", None)[-1]
    assert newest[3] == Verb.ANONYMISE and newest[5] == {"people": 1, "records": 2, "files": 0}
    mark = '{"*": "changed"}'
    for change in (
        f"changes = '{mark}', reason = '', actor = 'x'", "reason = ''", f"changes = '{mark}', reason = 'x'",
        "changes = '{}', reason = ''", f"changes = '{mark}', reason = '', at = '2020-01-01'",
    ):  # fmt: skip
        with pytest.raises(DBAPIError, match="append-only"), db.connection(write=True) as bare:
            bare.exec_driver_sql(f"UPDATE audit_entry SET {change} WHERE record = 'client'")
    with pytest.raises(DBAPIError, match="append-only"), db.connection(write=True) as bare:
        bare.exec_driver_sql("DELETE FROM audit_entry")


def _audit(record: str, key: int | None) -> list[Any]:
    table = AuditEntry.__table__  # type: ignore[attr-defined]
    c = table.c
    wanted = select(c.id, c.at, c.actor, c.verb, c.record_id, c.changes, c.reason).where(c.record == record)
    wanted = wanted.where(c.record_id == key if key is not None else c.record_id.is_(None)).order_by(c.id)
    with db.connection() as bare:
        return [tuple(row) for row in bare.execute(wanted)]


def test_what_was_adjusted_in_a_closed_month_no_longer_says_of_whom(cast: Cast) -> None:
    contract = load.load_preset_contract(SYSTEM, "medical_social_work", date(2026, 4, 1))
    key, other = volunteer(), client(TODAY, name="别人", phone="13900135500")
    with db.unit(SYSTEM) as session:
        month = PeriodClose(contract_id=contract, month=date(2026, 4, 1), last_day=date(2026, 4, 30), edition=1,
                            closed_by="陈院长", records={}, snapshot={"figures": []})  # fmt: skip
        session.add(month)
        session.flush()
        for record, at in (("volunteer", key), ("client", other)):
            session.add(Adjustment(closing_id=month.id or 0, record=record, record_id=at, title=SECRET, verb=Verb.CHANGE,
                                   actor="林社工", reason=f"{SECRET}补录"))  # fmt: skip
    run(today=date(2031, 1, 1))
    with db.reading(SYSTEM) as session:
        left = session.execute(select(Adjustment).order_by(col(Adjustment.id))).scalars().all()
    assert [(row.record_id, row.actor) for row in left] == [(key, "林社工"), (other, "林社工")]
    assert [(row.title, row.reason) for row in left] == [("", ""), (SECRET, f"{SECRET}补录")]
    for change in ("title = 'x', reason = ''", "reason = ''", "title = '', reason = '', actor = ''"):
        with pytest.raises(DBAPIError, match="stays as it was"), db.connection(write=True) as bare:
            bare.exec_driver_sql(f"UPDATE adjustment SET {change}")


def test_who_took_a_step_of_an_application_stays(cast: Cast) -> None:
    file = client()
    application = add("aid_application", client_id=file, charity_project_id=_project(), applied_on=date(2010, 2, 1))
    with db.unit(SYSTEM) as session:
        session.add(AidStep(aid_application_id=application, before=AidState.DRAFTED, after=AidState.SUBMITTED,
                            stepped_on=date(2010, 2, 1), taken_by="林社工", reason=f"{SECRET}来电"))  # fmt: skip
    run()
    with db.reading(SYSTEM) as session:
        step = session.execute(select(AidStep)).scalar_one()
    assert (step.taken_by, step.reason) == ("林社工", "")


def test_files_go_unless_somebody_else_holds_them(cast: Cast) -> None:
    key, other = volunteer(), client(TODAY, name="别人", phone="13900135500")
    alone, shared = PICTURE + b"1", PICTURE + b"2"
    for name, data in (("身份证.png", alone), ("合照.png", shared)):
        attachments.attach(SYSTEM, VOLUNTEER, key, name, data)
    attachments.attach(SYSTEM, CLIENT, other, "合照.png", shared)
    hashes = [files.keep(data) for data in (alone, shared)]
    for one in hashes:
        files.write(files.thumb_key(one), b"small")
    assert run(today=date(2031, 1, 1)).files == 2
    assert [files.exists(files.content_key(one)) for one in hashes] == [False, True]
    assert [files.exists(files.thumb_key(one)) for one in hashes] == [False, True]
    with db.reading(SYSTEM) as session:
        assert [(row.record, row.record_id) for row in session.execute(select(Attachment)).scalars()] == [
            ("client", other)
        ]


# -- who is due --------------------------------------------------


def test_one_role_in_use_keeps_a_person(cast: Cast) -> None:
    for record in ("client", "instructor"):
        key = volunteer() if record == "client" else 0
        same = {"name": SECRET, "phone": PHONE}
        add(record, **same) if record == "instructor" else client()
        if key:
            assert len(retention.due(SYSTEM, LATER)) == 1
    assert retention.due(SYSTEM, LATER) == []
    assert retention.plan(SYSTEM, LATER).kept == 1


@pytest.mark.parametrize(
    ("born", "day", "due"),
    [
        (None, date(2020, 1, 2), True),
        (None, date(2020, 1, 1), False),
        (date(1980, 1, 1), date(2020, 1, 2), True),
        (date(2002, 1, 1), date(2030, 1, 1), False),
        (date(2002, 1, 1), date(2030, 1, 2), True),
    ],
)
def test_a_clients_file_is_kept_ten_years_and_a_childs_until_28(
    cast: Cast, born: date | None, day: date, due: bool
) -> None:
    """The day after the tenth anniversary of the last day in the file, or of the eighteenth birthday."""
    key = client(date(2005, 3, 1), birth_date=born, guardian_name="监护人", number="C-1")
    add("followup_task", client_id=key, due_on=date(2010, 1, 1), state="cancelled")
    assert bool(retention.due(SYSTEM, day)) is due


def test_volunteers_and_applicants_are_kept_since_the_last_change(cast: Cast) -> None:
    volunteer("left")
    volunteer("rejected", id_number="W7654321", name="申请甲", phone="13900135501")
    for state in ("applied", "active", "paused"):
        volunteer(state, id_number=f"W000{state}", name=f"在{state}", phone=f"1390013560{ord(state[0]) % 10}")
    today = clock.today()
    assert [len(retention.due(SYSTEM, today.replace(year=today.year + n))) for n in (0, 2, 4, 30)] == [0, 1, 2, 2]


def test_trainees_are_kept_since_the_session_ended_and_those_without_role_since_the_last_change(cast: Cast) -> None:
    with db.unit(SYSTEM) as session:
        session.add(Course(id=1, code="c", name="救护", kind=CourseKind.FIRST_AID))
        session.add(Person(name="无角色"))
    times = {"starts": "2015-08-22T01:00:00Z", "ends": "2015-08-22T04:00:00Z"}
    key = add("training_session", title="班", course_id=1, state="held", **times)
    for record in ("enrolment", "attendance"):
        add(record, session_id=key, name=SECRET, phone=PHONE)
    assert len(retention.due(SYSTEM, date(2020, 8, 22))) == 0
    assert len(retention.due(SYSTEM, date(2020, 8, 23))) == 1
    found = retention.plan(SYSTEM, LATER)
    assert {one.kind: one.people for one in found.classes if one.people} == {
        Retention.TRAINEE: 1, Retention.NOBODY: 1
    }  # fmt: skip
    assert run().people == found.total == 2


def test_a_hold_keeps_a_person_through_its_last_day(cast: Cast) -> None:
    key = volunteer()
    with pytest.raises(Invalid):
        retention.hold(SYSTEM, VOLUNTEER, key, LATER, " ")
    retention.hold(SYSTEM, VOLUNTEER, key, LATER, "投诉处理中")
    held = retention.plan(SYSTEM, LATER)
    assert (held.total, held.held) == (0, 1) and run().people == 0
    assert person_of(VOLUNTEER, key).name == SECRET
    assert len(retention.due(SYSTEM, LATER + timedelta(days=1))) == 1
    retention.hold(SYSTEM, VOLUNTEER, key, None, "已结案")
    assert run().people == 1


def test_years_are_settings_within_bounds(cast: Cast) -> None:
    client(date(2010, 1, 1))
    assert retention.due(SYSTEM, date(2015, 1, 2)) == []
    numbers.change(cast.admin, {retention.YEARS[Retention.CLIENT].key: 5})
    assert len(retention.due(SYSTEM, date(2015, 1, 2))) == 1
    for wrong in (0, -1, 101):
        with pytest.raises(Invalid):
            numbers.change(cast.admin, {retention.YEARS[Retention.CLIENT].key: wrong})


# -- rights and slips --------------------------------------------------


def test_only_an_administrator_of_every_station_may(cast: Cast) -> None:
    key = volunteer()
    local = Actor(None, "一站管理员", (Role.ADMINISTRATOR,), frozenset({cast.station}))
    acts: list[Callable[[Actor], Any]] = [
        lambda who: retention.plan(who, LATER),
        lambda who: retention.due(who, LATER),
        lambda who: retention.anonymise(who, 1, "期满", today=LATER),
        lambda who: numbers.change(who, {retention.YEARS[Retention.LEFT].key: 1}),
        lambda who: retention.hold(who, VOLUNTEER, key, LATER, "投诉"),
    ]
    for who in (cast.lin, cast.wang, cast.chen, cast.he, cast.stranger, local):
        for act in acts:
            with pytest.raises(Denied):
                act(who)
    assert person_of(VOLUNTEER, key).name == SECRET
    assert retention.anonymise(cast.admin, 1, "期满", today=LATER).people == 1
    with pytest.raises(NotFound):
        retention.hold(cast.admin, VOLUNTEER, 999, LATER, "投诉")


@pytest.mark.parametrize(
    ("people", "reason", "fields"),
    [
        (2, "期满", {"people": "count_differs"}),
        (0, "期满", {"people": "count_differs"}),
        (1, " ", {"reason": "reason_missing"}),
    ],
)
def test_a_slip_changes_nothing(cast: Cast, people: int, reason: str, fields: dict[str, str]) -> None:
    volunteer()
    before = dump()
    with pytest.raises(Invalid) as error:
        retention.anonymise(cast.admin, people, reason, today=LATER)
    assert error.value.fields == fields
    assert dump() == before


def test_the_dry_run_changes_nothing_and_names_nobody(cast: Cast) -> None:
    volunteer()
    before = dump()
    found = retention.plan(cast.admin, LATER)
    assert dump() == before
    assert isinstance(found, Plan) and SECRET not in str(found) and PHONE not in str(found)


def test_who_gets_a_role_in_the_meantime_is_kept(cast: Cast) -> None:
    key = volunteer()
    waiting = retention.due(SYSTEM, LATER)
    add("instructor", name=SECRET, phone=PHONE)
    assert retention._chunk(SYSTEM, waiting, "期满", LATER).people == 0
    assert person_of(VOLUNTEER, key).name == SECRET


def test_somebody_who_comes_again_is_a_new_person(cast: Cast) -> None:
    key = volunteer()
    run()
    again = volunteer("active")
    assert again != key
    assert person_of(VOLUNTEER, again).id != person_of(VOLUNTEER, key).id


def test_what_is_anonymous_is_not_due_again(cast: Cast) -> None:
    volunteer()
    run()
    version = db.data_version()
    assert retention.plan(SYSTEM, LATER).anonymous == 1
    assert run(today=LATER.replace(year=2090)).people == 0
    assert db.data_version() == version + 1


# -- consent --------------------------------------------------


def test_without_consent_no_number_stands_in_the_call_list(cast: Cast) -> None:
    key = volunteer("active")
    assert rescue.rescue_view(cast.lin).rows[0].phone
    with db.unit(SYSTEM) as session:
        session.get_one(Volunteer, key).consent = False
    assert [row.phone for row in rescue.rescue_view(cast.lin).rows] == [""]


# -- the page and the command --------------------------------------------------


@pytest.fixture
def due_today(demo: None) -> int:
    """The demonstration year, in which 40 volunteers left long ago; how many are due."""
    with db.unit(SYSTEM) as session:
        rows = session.execute(select(Volunteer).order_by(col(Volunteer.id).desc()).limit(40)).scalars().all()
        for row in rows:
            row.state = VolunteerState.LEFT
    with db.connection(write=True) as bare:
        bare.exec_driver_sql("UPDATE volunteer SET changed_at = '2015-01-01 00:00:00' WHERE state = 'left'")
    total = retention.plan(SYSTEM).total
    assert total
    return total


def test_the_page_does_it_only_for_the_right_number(due_today: int) -> None:
    who = seat(Role.ADMINISTRATOR)
    at = visit(who, "retention")
    assert healthy(at) and at.metric[0].value == str(due_today)
    token = at.session_state["tokens"]["retention.run"]
    at.text_input(f"{token}.reason").set_value("期满")
    at.number_input(f"{token}.people").set_value(due_today - 1)
    at.button(f"{token}.do").click().run()
    assert "人数与预览不一致" in " ".join(texts(at)) and retention.plan(SYSTEM).total == due_today
    at.number_input(f"{token}.people").set_value(due_today)
    at.button(f"{token}.do").click().run()
    assert healthy(at) and at.metric[0].value == "0" and at.metric[3].value == str(due_today)
    assert healthy(visit(who, "journal"))
    with db.reading(SYSTEM) as session:
        gone = session.execute(
            select(Volunteer.id).join(Person, col(Person.id) == col(Volunteer.person_id))  # type: ignore[call-overload]
            .where(col(Person.anonymised_on).is_not(None)).limit(1)
        ).scalar_one()  # fmt: skip
    at = visit(who, "volunteer", id=gone, tab="history")
    assert healthy(at)


def test_years_that_are_set_decide_who_is_due(due_today: int) -> None:
    assert due_today and retention.plan(SYSTEM).total == due_today
    numbers.change(SYSTEM, {retention.YEARS[Retention.LEFT].key: 60})
    at = visit(seat(Role.ADMINISTRATOR), "retention")
    assert healthy(at) and at.metric[0].value == "0"


@pytest.mark.parametrize("role", [Role.LEADER, Role.COORDINATOR, Role.AUDITOR])
def test_the_page_is_the_administrators(demo: None, role: Role) -> None:
    at = visit(seat(role), "retention")
    assert not at.metric and "权限" in " ".join(texts(at))


def test_the_command_is_a_dry_run_unless_told_otherwise(due_today: int, capsys: pytest.CaptureFixture[str]) -> None:
    import manage

    assert manage.main(["retention"]) == 0
    assert f'"total": {due_today}' in capsys.readouterr().out
    assert retention.plan(SYSTEM).total == due_today
    assert manage.main(["retention", "--run"]) == 1
    assert manage.main(["retention", "--run", "--reason", "期满"]) == 0
    assert f'"people": {due_today}' in capsys.readouterr().out
    with db.reading(SYSTEM) as session:
        assert session.execute(select(func.count()).where(col(Person.anonymised_on).is_not(None))).scalar() == due_today
