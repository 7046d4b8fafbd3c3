"""A closed month keeps its figures and its records; a correction leaves its trace (feature K8), on both databases."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from models import MEASURES, RECORDS, RecordType
from models.contract import Contract, Counting, Indicator
from models.general import SUFFIX
from models.periods import Period
from models.system import AuditEntry, Role, Verb
from models.training import Course, CourseKind
from models.year import Adjustment, PeriodClose
from seed import load
from services import (
    attachments,
    clock,
    closing,
    counting_rules,
    db,
    deliverables,
    exchange,
    facts,
    kpi,
    snapshots,
    store,
    targets,
)
from services.access import SYSTEM, Actor
from services.counting_rules import Rule
from services.errors import Denied, Invalid, NotFound
from tests.conftest import HOME, Cast

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
TODAY = date(2025, 8, 20)
JANUARY, JULY = YEAR.months[0], YEAR.months[6]
CLOSED, OPEN = date(2025, 2, 10), date(2025, 7, 10)
LEADER = Actor(None, "陈院长", (Role.LEADER,))
LOCKED = [record for record in RECORDS.values() if record.days]
REFERENCE = {"organisation", "required_document"}


@dataclass
class Ledger:
    """A contract of 2025 under which a test keeps records, as people would in August of that year."""

    contract: int
    parents: dict[str, int]
    serial: int = 0
    sessions: dict[date, int] = field(default_factory=dict)

    def close(self, months: int = 6, actor: Actor = LEADER) -> list[int]:
        return [closing.close(actor, self.contract, first, today=TODAY) for first, _ in YEAR.months[:months]]

    def given(self, record: RecordType, day: date, **more: Any) -> dict[str, Any]:
        """The values of a new row that counts from that day on."""
        self.serial += 1
        made = {spec.name: self._value(spec, day) for spec in record.form_fields if spec.required}
        return made | STATES.get(record.name, {}) | self._days(record, day) | OWN.get(record.name, {}) | more

    def _value(self, spec: Any, day: date) -> Any:
        if spec.kind == "record":
            return self.session(day) if spec.refers_to == "training_session" else self.parents[spec.refers_to]
        if spec.choices:
            return next(iter(spec.choices))
        if spec.kind in ("date", "time"):
            return JANUARY[0] if spec.kind == "date" else _morning(day)
        return {"number": 1, "money": 1, "flag": True}.get(spec.kind, f"甲{self.serial}")

    def _days(self, record: RecordType, day: date) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in record.days:
            if name == "session_id.starts":
                found["session_id"] = self.session(day)
            elif record.field(name).kind == "time":
                found |= {name: _morning(day), "ends": _morning(day) + timedelta(hours=2)}
            else:
                found[name] = day
        return found | ({"ends": day + timedelta(days=900)} if record.name == "agreement" else {})

    def session(self, day: date) -> int:
        """The session of that day; made before its month is closed."""
        if day not in self.sessions:
            given = {"title": f"班 {day}", "course_id": self.parents["course"], "state": "held", "starts": _morning(day),
                     "ends": _morning(day) + timedelta(hours=2)}  # fmt: skip
            self.sessions[day] = store.save(SYSTEM, RECORDS["training_session"], given, today=TODAY)
        return self.sessions[day]

    def add(self, record: RecordType, day: date, **more: Any) -> int:
        return store.save(SYSTEM, record, self.given(record, day, **more), today=TODAY)


STATES: dict[str, dict[str, Any]] = {
    "community_visit": {"encounters": 0},
    "charity_project": {"state": "running"}, "aid_application": {"state": "paid", "granted": 1},
    "assistance_service": {"state": "served", "kind": "escort"}, "followup_task": {"state": "done"},
    "cooperation_project": {"state": "launched"}, "deliverable": {"state": "accepted", "code": "training_base"},
    "demonstration_site": {"state": "accepted"}, "policy_document": {"state": "published"},
    "grant_application": {"state": "submitted"}, "publication": {"state": "published"},
    "training_session": {"state": "held"},
}  # fmt: skip
ENDED = {"wechat_group": "dissolved", "charity_project": "ended", "cooperation_project": "ended"}
NOTHING_ALONE = {"staff_member", "policy_document"}  # no measure counts them without a qualification or a checklist
PERSON = {"name": "周某", "phone": "13800138000"}
OWN: dict[str, dict[str, Any]] = {
    "attendance": PERSON, "staff_member": PERSON,
    "volunteer": {"name": "吴某", "phone": "13900139000", "id_type": "passport", "id_number": "E91234567",
                  "region_code": "440100", "consent": True, "birth_date": date(1990, 1, 1)},
}  # fmt: skip


def _morning(day: date) -> datetime:
    return clock.from_local(datetime(day.year, day.month, day.day, 9))


@pytest.fixture
def ledger(database: str) -> Ledger:
    """The whole contract of the hospital, with what its records need to name."""
    load.load_reference(SYSTEM)
    return Ledger(load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start), _parents())


@pytest.fixture
def lean(database: str) -> Ledger:
    """A contract alone, whose months a test shuts by hand for every record type."""
    with db.unit(SYSTEM) as s:
        contract = Contract(code="HT", title="合同", starts=YEAR.start, ends=YEAR.end)
        course = Course(code="K", name="急救", kind=CourseKind.FIRST_AID)
        s.add_all([contract, course])
        s.flush()
        key = contract.id or 0
    return Ledger(key, _parents())


def _parents() -> dict[str, int]:
    old = date(2024, 6, 1)
    made: dict[str, dict[str, Any]] = {
        "organisation": {"name": "东苑学校", "kind": "school"},
        "client": {"name": "郑某", "phone": "13700137000"},
        "wechat_group": {"name": "老群", "founded_on": old},
        "staff_member": {"name": "钱某", "phone": "13600136000", "hired_on": old},
        "charity_project": {"name": "某项目"},
    }
    found = {name: store.save(SYSTEM, RECORDS[name], given, today=TODAY) for name, given in made.items()}
    with db.reading(SYSTEM) as s:
        found["course"] = s.exec(select(Course.id)).first() or 0
    return found


def shut(contract: int, month: int = 1) -> int:
    """A closed month that locks every record type that has days; no figures are kept."""
    first, last = YEAR.months[month]
    with db.unit(SYSTEM) as s:
        shipped: list[Any] = [
            (measure, {}, False) for measure in MEASURES.values() if not measure.name.endswith(SUFFIX)
        ]
        row = PeriodClose(contract_id=contract, month=first, last_day=last, edition=1, closed_by="陈院长",
                          records=closing.held(contract, shipped), snapshot={"figures": []})  # fmt: skip
        s.add(row)
        s.flush()
        return row.id or 0


# -- declarations --------------------------------------------------


def test_every_record_that_a_measure_counts_says_what_places_it_in_a_month() -> None:
    shipped = (measure for measure in MEASURES.values() if not measure.name.endswith(SUFFIX))
    counted = {name for measure in shipped for name in facts.records_of(measure.select())}
    assert {name for name in counted if not RECORDS[name].days} == REFERENCE
    assert {record.name for record in LOCKED} == counted - REFERENCE


@pytest.mark.parametrize("record", LOCKED, ids=lambda record: record.name)
def test_days_are_fields_of_the_record_or_of_its_parent(record: RecordType) -> None:
    for declared in (*record.days, *([record.until] if record.until else [])):
        name, _, of_parent = declared.partition(".")
        spec = record.field(name)
        parent = RECORDS[spec.refers_to or ""].field(of_parent) if of_parent else spec
        assert parent.kind in ("date", "time")


# -- the lock, for every record type --------------------------------------------------


@pytest.mark.parametrize("record", LOCKED, ids=lambda record: record.name)
def test_a_record_of_a_closed_month_stays_and_none_joins_it(lean: Ledger, record: RecordType) -> None:
    """Nothing is added, removed, brought back or moved in or out; of an event nothing at all is changed."""
    kept, binned = lean.add(record, CLOSED), lean.add(record, CLOSED - timedelta(days=1), **_another(record, 1))
    later = lean.add(record, OPEN, **_another(record, 2))
    into, out = (_moved(lean, record, day) for day in (CLOSED, OPEN + timedelta(days=1)))
    new = lean.given(record, CLOSED, **_another(record, 3))
    store.remove(SYSTEM, record, binned)
    key = shut(lean.contract)
    before = _stored(record, kept)
    _refused(lambda: store.save(SYSTEM, record, new, today=TODAY))
    _refused(lambda: store.remove(SYSTEM, record, kept))
    _refused(lambda: store.restore(SYSTEM, record, binned))
    by_steps = record.name == "aid_application"  # its days change by its steps alone (tests/test_charity.py)
    fixed = by_steps or record.name in NOTHING_ALONE
    if record.name == "attendance":  # it stays with its session in any case
        out = {"notes": "更正"}
    elif not fixed:
        _refused(lambda: store.save(SYSTEM, record, into, id=later, today=TODAY))
    if not fixed:
        _refused(lambda: store.save(SYSTEM, record, out, id=kept, today=TODAY))
    if record.until is None:
        _refused(lambda: store.save(SYSTEM, record, {"notes": "补充说明"}, id=kept, today=TODAY))
    assert _stored(record, kept) == before
    store.save(SYSTEM, record, {"notes": "补充说明"}, id=later, today=TODAY)
    closing.reopen(LEADER, key, "更正")
    if fixed:
        store.remove(SYSTEM, record, kept)
    else:
        store.save(SYSTEM, record, out, id=kept, today=TODAY)
    verb = Verb.REMOVE if fixed else Verb.CHANGE
    assert [(c.record_id, c.verb, c.day_before) for c in closing.adjustments(LEADER, key)] == [(kept, verb, CLOSED)]


@pytest.mark.parametrize("record", [r for r in LOCKED if r.until is not None], ids=lambda record: record.name)
def test_what_lasts_may_change_in_what_its_month_did_not_count(lean: Ledger, record: RecordType) -> None:
    kept = lean.add(record, CLOSED)
    key = shut(lean.contract)
    store.save(SYSTEM, record, {"notes": "补充说明"}, id=kept, today=TODAY)
    if record.until:
        ended = {record.until: CLOSED} | ({"state": ENDED[record.name]} if record.name in ENDED else {})
        if record.name in ("cooperation_project", "staff_member"):  # it counts on its first day; it counts with another
            store.save(SYSTEM, record, ended, id=kept, today=TODAY)
        else:
            _refused(lambda: store.save(SYSTEM, record, ended, id=kept, today=TODAY))
    closing.reopen(LEADER, key, "更正")
    assert closing.adjustments(LEADER, key) == []


def _stored(record: RecordType, key: int) -> dict[str, Any]:
    with db.reading(SYSTEM) as s:
        return store.current(s, record, store.find(s, record, key))


def _moved(ledger: Ledger, record: RecordType, day: date) -> dict[str, Any]:
    return {name: value for name, value in ledger.given(record, day).items() if name in _own_days(record)}


def _another(record: RecordType, place: int) -> dict[str, Any]:
    """Another person, where the record is about one."""
    if not record.role_fields:
        return {}
    numbered = {"id_number": f"E9123000{place}"} if record.name == "volunteer" else {}
    return {"name": f"王{place}", "phone": f"1350013500{place}", **numbered}


def _own_days(record: RecordType) -> set[str]:
    names = {day.partition(".")[0] for day in record.days}
    return names | ({"ends"} if record.name == "training_session" else set())


def _refused(act: Callable[[], Any]) -> Invalid:
    with pytest.raises(Invalid) as refused:
        act()
    assert set(refused.value.fields.values()) == {"month_closed"}
    return refused.value


# -- other paths --------------------------------------------------


VISIT, GROUP, SESSION = (RECORDS[name] for name in ("community_visit", "wechat_group", "training_session"))


def _sheet(*rows: str) -> Path:
    path = HOME / "visits.csv"
    path.write_text("\n".join(["社区 / 地点,走访日期,服务人次", *rows]), encoding="utf-8")
    return path


def test_an_import_refuses_the_rows_of_closed_months_and_takes_the_others(lean: Ledger) -> None:
    kept = lean.add(VISIT, CLOSED, place="西岭", encounters=4)
    shut(lean.contract)
    sheet = _sheet(f"东苑,{CLOSED},9", f"西岭,{CLOSED},5", f"南屏,{OPEN},7")
    result = exchange.run_import(SYSTEM, VISIT, sheet, today=TODAY)
    assert (result.created, result.updated, result.rejected, result.committed) == (1, 0, 2, True)
    assert [(problem.row, problem.code) for problem in result.problems] == [(2, "month_closed"), (3, "month_closed")]
    assert store.get(SYSTEM, VISIT, kept).values["encounters"] == 4


def test_an_import_that_is_written_row_by_row_does_so_too(lean: Ledger) -> None:
    shut(lean.contract)
    path = HOME / "sessions.csv"
    lines = [f"班,急救,{day} 09:00,{day} 11:00,已举办" for day in (CLOSED, OPEN)]
    path.write_text("\n".join(["班名,课程,开始时间,结束时间,状态", *lines]), encoding="utf-8")
    result = exchange.run_import(SYSTEM, SESSION, path, today=TODAY)
    assert (result.created, result.rejected, [p.code for p in result.problems]) == (1, 1, ["month_closed"])


def test_a_closing_between_the_plan_of_an_import_and_its_writing_is_seen(
    lean: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    real = exchange._Run.write_at_once

    def late(run: Any, *more: Any) -> bool:
        if not calls:
            shut(lean.contract)
        calls.append(1)
        return real(run, *more)

    monkeypatch.setattr(exchange._Run, "write_at_once", late)
    result = exchange.run_import(SYSTEM, VISIT, _sheet(f"东苑,{CLOSED},9", f"南屏,{OPEN},7"), today=TODAY)
    assert (len(calls), result.created, result.rejected) == (2, 1, 1)


def test_the_bulk_door_itself_is_shut(lean: Ledger) -> None:
    kept = lean.add(VISIT, CLOSED)
    shut(lean.contract)
    for act in (
        lambda s: db.bulk_insert(s, VISIT, [{"place": "东苑", "visited_on": CLOSED}]),
        lambda s: db.bulk_update(s, VISIT, [(kept, {"encounters": 9}, {"encounters": 0})]),
    ):
        with pytest.raises(Invalid), db.unit(SYSTEM) as session:
            act(session)


def test_evidence_may_be_added_to_a_closed_month_and_not_taken_away(lean: Ledger) -> None:
    kept = lean.add(VISIT, CLOSED)
    shut(lean.contract)
    file = attachments.attach(SYSTEM, VISIT, kept, "a.txt", b"sheet")
    _refused(lambda: attachments.remove(SYSTEM, file))
    assert [one.id for one in attachments.list(SYSTEM, VISIT, kept)] == [file]


def test_the_instructors_of_a_held_session_belong_to_its_month(lean: Ledger) -> None:
    session = lean.add(SESSION, CLOSED)
    teacher = store.save(SYSTEM, RECORDS["instructor"], {"name": "何某", "phone": "13400134000"}, today=TODAY)
    shut(lean.contract)
    _refused(lambda: store.save(SYSTEM, SESSION, {"instructors": [teacher]}, id=session, today=TODAY))


def test_a_group_founded_in_a_closed_month_is_dissolved_in_an_open_one(lean: Ledger) -> None:
    group = lean.add(GROUP, CLOSED)
    shut(lean.contract)
    gone = {"state": "dissolved", "dissolved_on": CLOSED + timedelta(days=3)}
    _refused(lambda: store.save(SYSTEM, GROUP, gone, id=group, today=TODAY))
    store.save(SYSTEM, GROUP, gone | {"dissolved_on": OPEN}, id=group, today=TODAY)


def test_what_ran_before_the_contract_and_into_it_counts_from_its_first_day_and_is_locked_with_it(
    lean: Ledger,
) -> None:
    shut(lean.contract, 0)
    agreement, long_ago = RECORDS["agreement"], date(2024, 3, 1)
    _refused(lambda: lean.add(agreement, long_ago))
    lean.add(agreement, long_ago, ends=date(2024, 12, 31))


def test_a_time_is_dated_as_the_site_reads_it(lean: Ledger) -> None:
    """23:30 in Guangzhou on 30 June is still June, and 00:30 on 1 July is not, though in UTC both are June."""
    shut(lean.contract, 5)
    late = clock.from_local(datetime(2025, 6, 30, 23, 30))
    _refused(lambda: lean.add(SESSION, OPEN, starts=late, ends=late + timedelta(minutes=20)))
    early = clock.from_local(datetime(2025, 7, 1, 0, 30))
    assert early.date() == date(2025, 6, 30)
    lean.add(SESSION, OPEN, starts=early, ends=early + timedelta(minutes=20))


def test_only_what_the_contract_counts_is_locked(ledger: Ledger) -> None:
    ledger.close()
    ledger.add(RECORDS["volunteer_team"], CLOSED, name="二队")
    interaction = {"organisation_id": ledger.parents["organisation"], "happened_on": CLOSED, "summary": "电话"}
    store.save(SYSTEM, RECORDS["interaction"], interaction, today=TODAY)


def test_the_refusal_names_the_month_who_closed_it_and_when(lean: Ledger) -> None:
    shut(lean.contract)
    error = _refused(lambda: lean.add(VISIT, CLOSED))
    assert list(error.fields) == ["visited_on"]
    assert (error.detail["first"], error.detail["last"]) == YEAR.months[1]
    assert (error.detail["who"], error.detail["on"]) == ("陈院长", clock.today())


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_write_reads_the_closings_once(lean: Ledger, statements: Callable[[], int]) -> None:
    lean.add(VISIT, OPEN)
    statements()
    lean.add(VISIT, OPEN)
    usual = statements()
    shut(lean.contract)
    statements()
    lean.add(VISIT, OPEN)
    assert statements() == usual


# -- closing --------------------------------------------------


def test_months_close_in_order_once_and_when_they_are_over(ledger: Ledger) -> None:
    def close(month: int) -> dict[str, str]:
        with pytest.raises(Invalid) as refused:
            closing.close(LEADER, ledger.contract, YEAR.months[month][0], today=TODAY)
        return refused.value.fields

    assert close(1) == {"": "close_in_order"}
    ledger.close(7)
    assert close(3) == {"": "already_closed"}
    assert close(7) == {"": "month_not_over"}
    with pytest.raises(Invalid):
        closing.close(LEADER, ledger.contract, date(2025, 8, 2), today=TODAY)
    states = [month.state for month in closing.year(LEADER, ledger.contract, TODAY).months]
    assert states == ["closed"] * 7 + ["running"] + ["ahead"] * 4


def test_a_month_is_over_on_the_day_after_its_last(ledger: Ledger) -> None:
    with pytest.raises(Invalid):
        closing.close(LEADER, ledger.contract, JANUARY[0], today=JANUARY[1])
    closing.close(LEADER, ledger.contract, JANUARY[0], today=JANUARY[1] + timedelta(days=1))


def test_a_snapshot_is_the_board_of_the_last_day_to_the_last_figure(ledger: Ledger) -> None:
    ledger.add(VISIT, CLOSED, encounters=12)
    keys = ledger.close(2)
    board = kpi.board(SYSTEM, ledger.contract, YEAR.months[1][1])
    kept = closing.snapshot(LEADER, keys[1])
    assert kept == board
    assert snapshots.to_document(kept) == snapshots.to_document(board)


def test_an_edition_never_changes_whatever_follows(ledger: Ledger) -> None:
    """Acceptance of K8: a closed month is corrected; the old snapshot stands, the adjustment names user and reason."""
    visit = ledger.add(VISIT, CLOSED, encounters=12)
    keys = ledger.close(3)
    first = closing.snapshot(LEADER, keys[1])
    closing.reopen(LEADER, keys[1], "签到表核对")
    lin = Actor(None, "林社工", (Role.COORDINATOR,))
    store.save(lin, VISIT, {"encounters": 15}, id=visit, reason="漏登三人", today=TODAY)
    store.save(lin, VISIT, {"place": "更正地点"}, id=visit, today=TODAY)
    month = closing.year(LEADER, ledger.contract, TODAY).months[1]
    assert (month.state, month.adjustments) == ("reopened", 2)
    again = closing.close(LEADER, ledger.contract, YEAR.months[1][0], today=TODAY)
    assert closing.snapshot(LEADER, keys[1]) == first
    told = [(c.record, c.record_id, c.verb, c.actor, c.reason, c.day_before, c.day_after)
            for c in closing.adjustments(LEADER, keys[1])]  # fmt: skip
    same = ("community_visit", visit, Verb.CHANGE, "林社工")
    assert told == [(*same, "漏登三人", CLOSED, CLOSED), (*same, "签到表核对", CLOSED, CLOSED)]
    fields = [c.fields for c in closing.adjustments(LEADER, keys[1])]
    assert fields[0] == {"encounters": [12, 15]} and fields[1]["place"][1] == "更正地点"
    changed = closing.differences(first, closing.snapshot(LEADER, again))
    assert [(d.after.code, d.before.actual, d.after.actual) for d in changed] == [("06.7", 12, 15)]
    assert [e.number for e in closing.year(LEADER, ledger.contract, TODAY).months[1].editions] == [1, 2]
    _refused(lambda: store.save(lin, VISIT, {"encounters": 16}, id=visit, today=TODAY))


def test_every_way_into_a_reopened_month_is_an_adjustment(ledger: Ledger) -> None:
    gone, moved = ledger.add(VISIT, CLOSED), ledger.add(VISIT, OPEN)
    keys = ledger.close(2)
    closing.reopen(LEADER, keys[1], "补录")
    new = ledger.add(VISIT, CLOSED, place="新")
    store.remove(SYSTEM, VISIT, gone)
    store.save(SYSTEM, VISIT, {"visited_on": CLOSED}, id=moved, today=TODAY)
    exchange.run_import(SYSTEM, VISIT, _sheet(f"东苑,{CLOSED},9"), today=TODAY)
    store.restore(SYSTEM, VISIT, gone)
    found = closing.adjustments(LEADER, keys[1])
    told = [(change.verb, change.day_before, change.day_after) for change in found]
    assert told == [
        (Verb.CREATE, None, CLOSED), (Verb.REMOVE, CLOSED, None), (Verb.CHANGE, None, CLOSED),
        (Verb.CREATE, None, CLOSED), (Verb.RESTORE, None, CLOSED),
    ]  # fmt: skip
    assert [change.record_id for change in found[:3]] == [new, gone, moved]
    assert {change.reason for change in found} == {"补录"}


def test_a_refused_write_leaves_no_adjustment(ledger: Ledger) -> None:
    keys = ledger.close(2)
    closing.reopen(LEADER, keys[1], "补录")
    with pytest.raises(Invalid):
        ledger.add(VISIT, CLOSED, encounters=-1)
    january = ledger.given(VISIT, JANUARY[0])
    with pytest.raises(Invalid), db.unit(SYSTEM) as s:
        store.write(s, VISIT, ledger.given(VISIT, CLOSED), today=TODAY)
        store.write(s, VISIT, january, today=TODAY)
    assert closing.adjustments(LEADER, keys[1]) == []


def test_the_database_itself_keeps_what_was_closed(ledger: Ledger) -> None:
    key = ledger.close(1)[0]
    with pytest.raises(DBAPIError), db.connection(write=True) as bare:
        bare.exec_driver_sql(f"UPDATE period_close SET snapshot = '{{}}' WHERE id = {key}")
    with pytest.raises((DBAPIError, Invalid)), db.unit(SYSTEM) as s:
        s.get_one(PeriodClose, key).edition = 9
    closing.reopen(LEADER, key, "更正")
    ledger.add(VISIT, JANUARY[0])
    with pytest.raises(DBAPIError), db.connection(write=True) as bare:
        bare.exec_driver_sql("UPDATE adjustment SET reason = ''")


def test_reopening_needs_a_reason_and_a_closed_month(ledger: Ledger) -> None:
    key = ledger.close(1)[0]
    with pytest.raises(Invalid):
        closing.reopen(LEADER, key, "  ")
    closing.reopen(LEADER, key, "更正")
    with pytest.raises(Invalid):
        closing.reopen(LEADER, key, "再来")
    with pytest.raises(Invalid):  # February waits until January is closed again
        closing.close(LEADER, ledger.contract, YEAR.months[1][0], today=TODAY)


def test_who_may_close_and_who_may_look(ledger: Ledger, cast: Cast) -> None:
    ledger.close(1)
    key = closing.year(cast.lin, ledger.contract, TODAY).months[0].editions[0].id
    for act in (
        lambda who: closing.close(who, ledger.contract, YEAR.months[1][0], today=TODAY),
        lambda who: closing.reopen(who, key, "更正"),
    ):
        for who in (cast.lin, cast.wang, cast.he, cast.stranger):
            with pytest.raises(Denied):
                act(who)
    assert closing.snapshot(cast.lin, key).figures
    seen = closing.year(cast.wang, ledger.contract, TODAY).months[0]
    assert (seen.state, seen.editions[0].counts) == ("closed", {})
    for look in (closing.snapshot, closing.adjustments):
        with pytest.raises(NotFound):
            look(cast.wang, key)  # figures of every station
        with pytest.raises(Denied):
            look(cast.stranger, key)


def test_closing_and_reopening_are_in_the_audit(ledger: Ledger) -> None:
    key = ledger.close(1)[0]
    closing.reopen(LEADER, key, "签到表核对")
    with db.reading(SYSTEM) as s:
        rows = s.exec(select(AuditEntry).where(AuditEntry.record == "period_close").order_by(col(AuditEntry.id))).all()
    assert [(row.verb, row.actor, row.reason) for row in rows] == [
        (Verb.CREATE, "陈院长", ""), (Verb.CHANGE, "陈院长", "签到表核对")
    ]  # fmt: skip


def test_the_months_of_a_contract_stay_where_they_are_once_one_was_closed(ledger: Ledger) -> None:
    contract = RECORDS["contract"]
    ledger.close(1)
    with pytest.raises(Invalid) as refused:
        store.save(SYSTEM, contract, {"starts": date(2025, 1, 15)}, id=ledger.contract, today=TODAY)
    assert refused.value.fields == {"starts": "period_fixed"}
    store.save(SYSTEM, contract, {"title": "新名称"}, id=ledger.contract, today=TODAY)


def test_a_contract_with_a_closed_month_does_not_go_to_the_bin(lean: Ledger) -> None:
    """Else its months would lock nothing any more."""
    contract, keys = RECORDS["contract"], [shut(lean.contract, month) for month in (0, 1)]
    for key in keys:
        with pytest.raises(Invalid) as refused:
            store.remove(SYSTEM, contract, lean.contract)
        assert refused.value.fields == {"": "months_closed"}
        _refused(lambda: lean.add(VISIT, CLOSED))
        closing.reopen(LEADER, key, "合同作废")
    store.remove(SYSTEM, contract, lean.contract)


def test_the_end_of_a_contract_cuts_no_closed_month_and_stretches_none(ledger: Ledger) -> None:
    """Else a day of the month would be one that no closing ever locks."""

    def end(day: date) -> dict[str, str]:
        try:
            store.save(SYSTEM, RECORDS["contract"], {"ends": day}, id=ledger.contract, today=TODAY)
        except Invalid as error:
            return error.fields
        return {}

    assert end(date(2025, 6, 15)) == {}
    key = ledger.close()[-1]
    fixed, reopen_first = {"ends": "period_fixed"}, {"ends": "reopen_first"}
    ends = YEAR.end, date(2025, 6, 30), date(2025, 6, 10), date(2025, 5, 31)
    assert [end(day) for day in ends] == [reopen_first] * 3 + [fixed]
    closing.reopen(LEADER, key, "更正")
    assert end(date(2025, 5, 31)) == fixed


def test_a_contract_whose_short_last_month_was_closed_is_extended_once_that_month_is_open_again(ledger: Ledger) -> None:
    """Closing it again takes in the days that it won."""
    contract, late = RECORDS["contract"], date(2025, 6, 20)
    store.save(SYSTEM, contract, {"ends": date(2025, 6, 15)}, id=ledger.contract, today=TODAY)
    first = ledger.close()[-1]
    closing.reopen(LEADER, first, "合同延长")
    store.save(SYSTEM, contract, {"ends": YEAR.end}, id=ledger.contract, today=TODAY)
    ledger.add(VISIT, late, encounters=7)
    assert closing.adjustments(LEADER, first) == []
    again = closing.close(LEADER, ledger.contract, YEAR.months[5][0], today=TODAY)
    _refused(lambda: ledger.add(VISIT, late))
    told = {one.code: one.actual for one in closing.snapshot(LEADER, again).figures}
    assert (told["06.7"], closing.snapshot(LEADER, again).as_of) == (7, date(2025, 6, 30))
    closing.close(LEADER, ledger.contract, JULY[0], today=TODAY)


def test_a_contract_whose_closed_months_are_whole_may_be_longer_or_shorter_by_others(ledger: Ledger) -> None:
    ledger.close()
    for day in (date(2026, 3, 31), date(2025, 6, 30), date(2025, 7, 15)):
        store.save(SYSTEM, RECORDS["contract"], {"ends": day}, id=ledger.contract, today=TODAY)


# -- two at once --------------------------------------------------


def test_of_two_leaders_at_once_one_closes(ledger: Ledger) -> None:
    def close(_: int) -> str:
        try:
            closing.close(LEADER, ledger.contract, JANUARY[0], today=TODAY)
            return "closed"
        except Invalid as error:
            return next(iter(error.fields.values()))

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(close, range(4))) == ["already_closed"] * 3 + ["closed"]
    with db.reading(SYSTEM) as s:
        assert len(s.exec(select(PeriodClose.id)).all()) == 1


def test_no_write_slips_past_a_closing(ledger: Ledger) -> None:
    """A write that is under way is in the snapshot; the closing waits for it."""
    written, go_on = Event(), Event()

    def write() -> None:
        with db.unit(SYSTEM) as s:
            store.write(s, VISIT, ledger.given(VISIT, JANUARY[0], encounters=7), today=TODAY)
            written.set()
            go_on.wait(10)

    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(write)
        assert written.wait(10)
        closed = pool.submit(lambda: closing.close(LEADER, ledger.contract, JANUARY[0], today=TODAY))
        go_on.set()
        writing.result(30)
        kept = closing.snapshot(LEADER, closed.result(30))
    assert next(figure.actual for figure in kept.figures if figure.code == "06.7") == 7


def test_a_write_that_arrives_during_a_closing_waits_and_is_refused(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds, go_on, real = Event(), Event(), closing._locks

    def slow(*more: Any) -> Any:
        holds.set()
        go_on.wait(10)
        return real(*more)

    monkeypatch.setattr(closing, "_locks", slow)
    with ThreadPoolExecutor(2) as pool:
        closed = pool.submit(lambda: closing.close(LEADER, ledger.contract, JANUARY[0], today=TODAY))
        assert holds.wait(10)
        writing = pool.submit(lambda: ledger.add(VISIT, JANUARY[0]))
        go_on.set()
        closed.result(30)
        with pytest.raises(Invalid):
            writing.result(30)


def test_the_lock_rests_on_the_indicators_of_the_contract(ledger: Ledger) -> None:
    key = ledger.close(1)[0]
    with db.reading(SYSTEM) as s:
        locked = set(s.get_one(PeriodClose, key).records)
        measures = {row.measure.split(".")[0] for row in s.exec(select(Indicator))}
        assert s.exec(select(Adjustment)).all() == []
    assert locked >= {name for name in measures if RECORDS[name].days}
    assert not locked & {"unit", "course", "person", "client", "contract", "indicator"}


# -- what a measure chose to count by, and whom --------------------------------------------------


def _counts(ledger: Ledger, record: str, day: str, **more: Any) -> None:
    """An indicator that an administrator gave a counting rule."""
    with db.reading(SYSTEM) as s:
        category = s.exec(select(Indicator.category_id)).first()
    given = {"contract_id": ledger.contract, "category_id": category, "code": "X1", "zh": "新", "en": "New",
             "kind": "at_least", "target": 10}  # fmt: skip
    key = store.save(SYSTEM, RECORDS["indicator"], given, today=TODAY)
    counting_rules.define(SYSTEM, key, Rule(record, day, **more))


def test_a_day_by_which_an_indicator_chose_to_count_is_locked_like_any(ledger: Ledger) -> None:
    record = RECORDS["aid_application"]
    _counts(ledger, record.name, "applied_on")
    ledger.close()
    given = {"client_id": ledger.parents["client"], "charity_project_id": ledger.parents["charity_project"]}
    _refused(lambda: store.save(SYSTEM, record, given | {"applied_on": CLOSED}, today=TODAY))
    store.save(SYSTEM, record, given | {"applied_on": OPEN}, today=TODAY)


def test_of_a_type_without_days_the_chosen_day_and_what_is_read_are_locked(ledger: Ledger) -> None:
    record, organisation = RECORDS["interaction"], ledger.parents["organisation"]
    other = store.save(SYSTEM, RECORDS["organisation"], {"name": "西岭社区", "kind": "community"}, today=TODAY)
    _counts(ledger, record.name, "happened_on", counting=Counting.DISTINCT, who="organisation_id")
    given = {"organisation_id": organisation, "happened_on": CLOSED, "summary": "电话"}
    kept = store.save(SYSTEM, record, given, today=TODAY)
    keys = ledger.close()
    _refused(lambda: store.save(SYSTEM, record, {"happened_on": OPEN}, id=kept, today=TODAY))
    _refused(lambda: store.save(SYSTEM, record, {"organisation_id": other}, id=kept, today=TODAY))
    _refused(lambda: store.save(SYSTEM, record, given, today=TODAY))
    _refused(lambda: store.remove(SYSTEM, record, kept))
    store.save(SYSTEM, record, {"summary": "电话回访"}, id=kept, today=TODAY)
    store.save(SYSTEM, record, given | {"happened_on": OPEN}, today=TODAY)
    closing.reopen(LEADER, keys[1], "更正")
    store.save(SYSTEM, record, {"happened_on": OPEN}, id=kept, today=TODAY)
    assert [change.day_before for change in closing.adjustments(LEADER, keys[1])] == [CLOSED]


def test_the_day_of_a_parent_by_which_an_indicator_counts_moves_for_neither(ledger: Ledger) -> None:
    group, snapshot = RECORDS["wechat_group"], RECORDS["group_snapshot"]
    _counts(ledger, snapshot.name, "group_id.dissolved_on")
    gone = {"state": "dissolved", "dissolved_on": CLOSED}
    closed, open_ = (ledger.add(group, date(2024, 5, 1), name=name) for name in ("甲群", "乙群"))
    store.save(SYSTEM, group, gone, id=closed, today=TODAY)
    kept = ledger.add(snapshot, OPEN, group_id=open_)
    ledger.close()
    _refused(lambda: store.save(SYSTEM, snapshot, {"group_id": closed}, id=kept, today=TODAY))
    _refused(lambda: store.save(SYSTEM, group, {"dissolved_on": OPEN}, id=closed, today=TODAY))
    store.save(SYSTEM, group, gone | {"dissolved_on": OPEN}, id=open_, today=TODAY)


def test_an_end_moved_to_before_the_contract_or_from_there_changes_its_first_month(ledger: Ledger) -> None:
    group, staff = RECORDS["wechat_group"], RECORDS["staff_member"]
    ended = ledger.add(group, date(2024, 5, 1), name="旧群", state="dissolved", dissolved_on=date(2024, 9, 1))
    ledger.add(RECORDS["staff_qualification"], date(2024, 6, 1))
    ledger.close()
    before = [figure.actual for figure in kpi.live(SYSTEM, ledger.contract, JANUARY[1])]
    early, group_id, staff_id = date(2024, 12, 1), ledger.parents["wechat_group"], ledger.parents["staff_member"]
    gone = {"state": "dissolved", "dissolved_on": early}
    assert set(_refused(lambda: store.save(SYSTEM, group, gone, id=group_id, today=TODAY)).fields) == {"dissolved_on"}
    _refused(lambda: store.save(SYSTEM, staff, {"left_on": early}, id=staff_id, today=TODAY))
    back = {"state": "active", "dissolved_on": None}
    _refused(lambda: store.save(SYSTEM, group, back, id=ended, today=TODAY))
    store.save(SYSTEM, group, {"dissolved_on": date(2024, 10, 1)}, id=ended, today=TODAY)
    store.save(SYSTEM, group, gone | {"dissolved_on": OPEN}, id=group_id, today=TODAY)
    store.save(SYSTEM, staff, {"left_on": OPEN}, id=staff_id, today=TODAY)
    assert [figure.actual for figure in kpi.live(SYSTEM, ledger.contract, JANUARY[1])] == before


@pytest.mark.parametrize("starts", [CLOSED, date(2024, 6, 1)])
def test_whom_a_thing_that_lasts_counts_for_stays_as_the_closed_months_counted_it(ledger: Ledger, starts: date) -> None:
    agreement, organisation = RECORDS["agreement"], ledger.parents["organisation"]
    other = store.save(SYSTEM, RECORDS["organisation"], {"name": "南粤基金会", "kind": "foundation"}, today=TODAY)
    kept = ledger.add(agreement, starts, organisation_id=other)
    later = ledger.add(agreement, OPEN, organisation_id=other)
    ledger.close()
    _refused(lambda: store.save(SYSTEM, agreement, {"organisation_id": organisation}, id=kept, today=TODAY))
    store.save(SYSTEM, agreement, {"organisation_id": organisation}, id=later, today=TODAY)
    store.save(SYSTEM, agreement, {"scope": "补充", "ends": OPEN}, id=kept, today=TODAY)


def test_the_bulk_door_watches_whom_it_counts_for_too(ledger: Ledger) -> None:
    agreement, organisation = RECORDS["agreement"], ledger.parents["organisation"]
    other = store.save(SYSTEM, RECORDS["organisation"], {"name": "南粤基金会", "kind": "foundation"}, today=TODAY)
    kept = ledger.add(agreement, CLOSED, organisation_id=other)
    ledger.close()
    with pytest.raises(Invalid), db.unit(SYSTEM) as s:
        db.bulk_update(s, agreement, [(kept, {"organisation_id": organisation}, {"organisation_id": other})])


# -- what else moves a figure of the past --------------------------------------------------


def _actuals(ledger: Ledger) -> list[Any]:
    return [figure.actual for figure in kpi.live(SYSTEM, ledger.contract, YEAR.months[5][1])]


@pytest.mark.parametrize("name", ["kind", "level"])
def test_an_organisation_that_closed_months_count_stays_of_its_kind(ledger: Ledger, name: str) -> None:
    record, other = RECORDS["organisation"], {"kind": "media", "level": "city"}[name]
    given = {"name": "南粤基金会", "kind": "foundation", "level": "national"}
    counted, free = (store.save(SYSTEM, record, given | {"name": n}, today=TODAY) for n in ("南粤基金会", "北江基金会"))
    ledger.add(RECORDS["agreement"], CLOSED, organisation_id=counted)
    ledger.add(RECORDS["agreement"], OPEN, organisation_id=free)
    keys = ledger.close()
    before = _actuals(ledger)
    error = _refused(lambda: store.save(SYSTEM, record, {name: other}, id=counted, today=TODAY))
    assert list(error.fields) == [name]
    _refused(lambda: store.save(SYSTEM, record, {name: other, "tier": "key"}, id=counted, today=TODAY))
    store.save(SYSTEM, record, {"tier": "key", "region": "海珠区"}, id=counted, today=TODAY)
    store.save(SYSTEM, record, {name: other}, id=free, today=TODAY)
    assert _actuals(ledger) == before
    for key in keys:
        closing.reopen(LEADER, key, "更正")
    store.save(SYSTEM, record, {name: other}, id=counted, today=TODAY)
    assert [change.record_id for change in closing.adjustments(LEADER, keys[1])] == [counted]
    assert closing.adjustments(LEADER, keys[0]) == []


def test_an_import_leaves_the_kind_of_a_counted_organisation_and_takes_the_others(ledger: Ledger) -> None:
    record = RECORDS["organisation"]
    keys = [store.save(SYSTEM, record, {"name": n, "kind": "foundation", "level": "national"}, today=TODAY)
            for n in ("南粤基金会", "北江基金会")]  # fmt: skip
    ledger.add(RECORDS["agreement"], CLOSED, organisation_id=keys[0])
    ledger.close()
    path = HOME / "organisations.csv"
    path.write_text("单位名称,类型\n南粤基金会,媒体\n北江基金会,媒体\n东江基金会,基金会", encoding="utf-8")
    for dry_run in (True, False):
        result = exchange.run_import(SYSTEM, record, path, today=TODAY, dry_run=dry_run)
        assert (result.created, result.updated, result.rejected) == (1, 1, 1)
        assert [(one.row, one.code) for one in result.problems] == [(2, "month_closed")]
    assert [store.get(SYSTEM, record, key).values["kind"] for key in keys] == ["foundation", "media"]


def test_a_draft_is_signed_late_only_for_open_months(ledger: Ledger) -> None:
    agreement, organisation = RECORDS["agreement"], RECORDS["organisation"]
    given = {"name": "南粤基金会", "kind": "foundation", "level": "national"}
    partner = store.save(SYSTEM, organisation, given, today=TODAY)
    draft = ledger.add(agreement, CLOSED, organisation_id=partner, state="draft")
    ledger.close()
    before = _actuals(ledger)
    assert list(_refused(lambda: store.save(SYSTEM, agreement, {"state": "signed"}, id=draft, today=TODAY)).fields)
    store.save(SYSTEM, agreement, {"state": "signed", "signed_on": OPEN, "starts": OPEN}, id=draft, today=TODAY)
    _refused(lambda: store.save(SYSTEM, agreement, {"signed_on": CLOSED, "starts": CLOSED}, id=draft, today=TODAY))
    assert _actuals(ledger) == before


def test_an_agreement_is_terminated_in_open_months_and_closed_ones_still_count_it(ledger: Ledger) -> None:
    agreement, organisation = RECORDS["agreement"], RECORDS["organisation"]
    given = {"name": "南粤基金会", "kind": "foundation", "level": "national"}
    partner = store.save(SYSTEM, organisation, given, today=TODAY)
    kept = ledger.add(agreement, CLOSED, organisation_id=partner)
    ledger.close()
    before = _actuals(ledger)

    def end(day: date | None) -> None:
        store.save(SYSTEM, agreement, {"state": "terminated", "terminated_on": day}, id=kept, today=TODAY)

    for day in (CLOSED, YEAR.months[5][1] - timedelta(days=1)):
        assert list(_refused(lambda day=day: end(day)).fields) == ["terminated_on"]  # type: ignore[misc]
    end(None)
    assert store.get(SYSTEM, agreement, kept).values["terminated_on"] == TODAY
    end(OPEN)
    assert _actuals(ledger) == before
    back = {"state": "signed", "terminated_on": None}
    store.save(SYSTEM, agreement, back, id=kept, today=TODAY)
    assert kpi.figure(SYSTEM, _indicator("01.1"), TODAY).actual == 1


def test_an_application_that_was_paid_in_a_closed_month_may_end_and_not_be_undone(ledger: Ledger) -> None:
    record = RECORDS["aid_application"]
    key = ledger.add(record, CLOSED)
    ledger.close()

    def state(to: str) -> None:
        with db.unit(SYSTEM) as s:
            store.find(s, record, key).state = to

    for undone in ("approved", "refused", "drafted"):
        _refused(lambda to=undone: state(to))  # type: ignore[misc]
    state("closed")
    state("paid")


def test_a_closing_that_does_not_name_its_measures_keeps_the_days_of_what_lasts(lean: Ledger) -> None:
    """Closings made before 0.3."""
    kept = lean.add(GROUP, CLOSED)
    with db.unit(SYSTEM) as s:
        row = s.get_one(PeriodClose, shut(lean.contract))
        row.records = {name: {"days": held["days"], "fields": []} for name, held in row.records.items()}
    _refused(lambda: store.save(SYSTEM, GROUP, {"founded_on": OPEN}, id=kept, today=TODAY))
    store.save(SYSTEM, GROUP, {"notes": "补充说明"}, id=kept, today=TODAY)


def test_a_volunteer_who_leaves_was_still_verified(database: str) -> None:
    load.load_reference(SYSTEM)
    ledger = Ledger(load.load_preset_contract(SYSTEM, "township_station", YEAR.start), _parents())
    record = RECORDS["volunteer"]
    key = ledger.add(record, CLOSED)
    ledger.close()

    def state(to: str) -> None:
        with db.unit(SYSTEM) as s:
            store.find(s, record, key).state = to

    before = _actuals(ledger)
    state("left")
    assert _actuals(ledger) == before
    _refused(lambda: state("rejected"))


# -- amended targets --------------------------------------------------


def _indicator(code: str) -> int:
    with db.reading(SYSTEM) as s:
        return s.exec(select(Indicator.id).where(Indicator.code == code)).one() or 0


def _amend(day: date, after: int) -> int:
    given = {"effective_on": day, "target_after": after, "reason": "双方协商", "document": "补字1号"}
    return targets.amend(LEADER, _indicator("06.3"), given)


def test_no_amendment_takes_effect_in_a_closed_month_leaves_it_or_moves_there(ledger: Ledger) -> None:
    amendment = RECORDS["target_amendment"]
    kept = _amend(CLOSED, 30)
    keys = ledger.close()
    later = _amend(OPEN, 40)
    assert set(_refused(lambda: _amend(date(2025, 3, 1), 50)).fields) == {"effective_on"}
    _refused(lambda: store.save(SYSTEM, amendment, {"effective_on": CLOSED + timedelta(days=1)}, id=later, today=TODAY))
    _refused(lambda: store.save(SYSTEM, amendment, {"effective_on": date(2025, 8, 1)}, id=kept, today=TODAY))
    _refused(lambda: store.remove(SYSTEM, amendment, kept))
    closing.reopen(LEADER, keys[1], "更正")
    store.remove(SYSTEM, amendment, kept)
    assert [one.id for one in targets.history(LEADER, _indicator("06.3"))] == [later]


def test_of_two_amendments_at_once_each_starts_from_the_one_before(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    chained, go_on, real = Event(), Event(), targets._chain

    def slow(s: Any, indicator: int) -> None:
        real(s, indicator)
        if not chained.is_set():
            chained.set()
            go_on.wait(1)

    monkeypatch.setattr(targets, "_chain", slow)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(_amend, date(2025, 9, 1), 50)
        assert chained.wait(10)
        other = pool.submit(_amend, date(2025, 10, 1), 70)
        one.result(30)
        other.result(30)
    assert [(a.before, a.after) for a in targets.history(LEADER, _indicator("06.3"))][1:] == [(50, 70)]


def test_a_first_wording_that_is_put_right_reaches_the_amendments_after_it(ledger: Ledger) -> None:
    _amend(OPEN, 50)
    store.save(SYSTEM, RECORDS["indicator"], {"target": 40}, id=_indicator("06.3"), today=date(2025, 1, 10))
    assert [(a.before, a.after) for a in targets.history(LEADER, _indicator("06.3"))] == [(40, 50)]


# -- the checklist of what was accepted --------------------------------------------------


@pytest.mark.parametrize(("record", "parent"), [("deliverable", "deliverable_id"), ("demonstration_site", "site_id")])
def test_the_checklist_of_what_was_accepted_in_a_closed_month_stays_fulfilled(
    ledger: Ledger, record: str, parent: str
) -> None:
    required, policy = RECORDS["required_document"], RECORDS["policy_document"]
    accepted, open_ = (ledger.add(RECORDS[record], day, name=f"成果 {day}") for day in (CLOSED, OPEN))
    asked = ({parent: accepted, "name": "章程"}, {parent: open_, "name": "制度"})
    item, free = (store.save(SYSTEM, required, given, today=TODAY) for given in asked)
    only = ledger.add(policy, date(2024, 12, 1), title="章程", required_id=item)
    ledger.close()
    _refused(lambda: store.save(SYSTEM, required, {parent: accepted, "name": "台账"}, today=TODAY))
    _refused(lambda: store.save(SYSTEM, required, {parent: accepted}, id=free, today=TODAY))
    _refused(lambda: store.save(SYSTEM, required, {parent: open_, "name": "附件"}, id=item, today=TODAY))
    _refused(lambda: deliverables.retire(SYSTEM, only, "过期", today=TODAY))
    _refused(lambda: store.save(SYSTEM, policy, {"required_id": free}, id=only, today=TODAY))
    _refused(lambda: store.remove(SYSTEM, policy, only))
    store.save(SYSTEM, required, {parent: open_, "name": "台账"}, today=TODAY)
    newer = {"title": "章程", "version_name": "2.0", "required_id": item, "state": "published", "published_on": OPEN}
    store.save(SYSTEM, policy, newer, today=TODAY)
    assert store.get(SYSTEM, policy, only).values["state"] == "retired"
