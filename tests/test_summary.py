"""The summary behind the dashboard says what the records say: after any write, on any day, for every scope."""

import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, select, text
from sqlmodel import SQLModel, col

import manage
from models import RECORDS
from models.base import now
from models.community import CommunityVisit, HeldState
from models.contract import Counting, Indicator, ServiceCategory, TargetKind, Unit
from models.partners import Agreement
from models.people import Person
from models.periods import Period, default_end
from models.system import Option, Role
from seed import load
from services import backup, clock, db, kept, kpi, matching, mending, options, store, summary
from services.access import SYSTEM, Actor
from services.errors import Invalid
from services.figures import Figure
from tests import conftest
from tests.test_backup import other
from tests.test_kpi import Contracted, bin_it, contract, do, statements  # noqa: F401

STARTS = date(2027, 8, 31)
SERIAL = count()
YEAR = Period(STARTS, default_end(STARTS))
DAYS = (
    YEAR.start - timedelta(days=1), YEAR.start, date(2027, 9, 30), date(2028, 2, 28), date(2028, 2, 29),
    date(2028, 3, 1), YEAR.end - timedelta(days=1), YEAR.end, YEAR.end + timedelta(days=1),
)  # fmt: skip
MORE = (
    ("Z1", "per_unit", "assistance_service.completed", "distinct", {"per": "unit", "target": 2}),
    ("Z2", "per_unit", "community_visit.encounters", "sum", {"per": "unit", "target": 20}),
    ("Z3", "ongoing", "assistance_service.completed", "sum", {"per": "unit"}),
    ("Z4", "ratio", "attendance.held", "distinct", {"target": 90, "of_measure": "assistance_service.completed"}),
    ("Z5", "at_least", "organisation.in_force", "sum", {"target": 5}),
    ("Z6", "at_least", "attendance.held", "distinct", {"target": 5}),
    ("Z7", "at_least", "volunteer.kept", "distinct", {"target": 5}),
)


@dataclass
class World:
    """A contract with every kind of indicator, and somebody who writes to all that is behind it, at random."""

    contract: int
    stations: tuple[int, ...]
    draw: random.Random
    rows: dict[str, list[int]] = field(default_factory=dict)

    def day(self) -> date:
        return self.draw.choice((*DAYS, YEAR.start + timedelta(days=self.draw.randrange(-40, 400))))

    def some(self, record: str, **also: Any) -> int:
        """One of the record's rows that are not in the bin; a first one where there is none."""
        with db.reading(SYSTEM) as s:
            keys = [key or 0 for key in s.execute(select(col(RECORDS[record].model.id))).scalars()]
        return self.draw.choice(keys) if keys and self.draw.random() < 0.9 else self.add(record, **also)

    def add(self, record: str, **also: Any) -> int:
        made = self.values(record) | also
        with db.unit(SYSTEM) as s:
            row = RECORDS[record].model(**made)
            s.add(row)
            s.flush()
            return row.id or 0

    def values(self, record: str) -> dict[str, Any]:
        """What a new row of the record holds, and of what a change takes a part."""
        made: dict[str, Any] = VALUES[record](self)
        return made | ({"unit_id": self.draw.choice((*self.stations, None))} if RECORDS[record].has_unit else {})

    def change(self, record: str) -> None:
        key, new = self.some(record), self.values(record)
        chosen = self.draw.sample(sorted(new), self.draw.randint(1, min(3, len(new))))
        with db.unit(SYSTEM) as s:
            row = s.get_one(RECORDS[record].model, key)
            for name in {"notes", *chosen}:
                setattr(row, name, new.get(name, f"{self.draw.random()}"))

    def bin(self, record: str) -> None:
        key = self.some(record)
        with db.unit(SYSTEM) as s:
            s.get_one(RECORDS[record].model, key).deleted_at = now()

    def restore(self, record: str) -> None:
        model = RECORDS[record].model
        with db.unit(SYSTEM) as s:
            binned = select(model).where(col(model.deleted_at).is_not(None))
            for row in s.execute(binned, execution_options={"with_bin": True}).scalars().all():
                if self.draw.random() < 0.5:
                    row.deleted_at = None

    def bring(self, record: str) -> None:
        """As an import does: many rows at once, and changes of many, through the bulk door."""
        rows = [self.values(record) for _ in range(self.draw.randint(2, 6))]
        new = dict(list(self.values(record).items())[-4:])
        with db.unit(SYSTEM) as s:
            first = db.bulk_insert(s, RECORDS[record], rows)[0]
            db.bulk_update(s, RECORDS[record], [(first, new, {name: rows[0][name] for name in new})])

    def erase(self, _record: str) -> None:
        store.empty_bins(clock.now() + timedelta(seconds=1))

    def move(self, _record: str) -> None:
        """A station gets another name, an indicator another target or another rule, the contract another end."""
        with db.unit(SYSTEM) as s:
            s.get_one(Unit, self.stations[0]).name = f"站{self.draw.random()}"
            found = s.execute(
                select(Indicator).where(col(Indicator.code) == self.draw.choice(["Z1", "Z6"]))
            ).scalar_one()
            found.counting = self.draw.choice(["sum", "distinct"])  # type: ignore[assignment]

    def step(self) -> None:
        acts: list[Callable[[str], Any]] = [
            self.add, self.add, self.add, self.change, self.change, self.change, self.bin, self.restore, self.bring,
            self.erase, self.move,
        ]  # fmt: skip
        with suppress(Invalid):  # a key that is taken: nothing is written
            act = self.draw.choice(acts)
            act(self.draw.choice(BIG if act == self.bring else BIG * 2 + tuple(VALUES)))


BIG = ("assistance_service", "attendance", "training_session", "community_visit", "agreement", "volunteer")
VALUES: dict[str, Callable[[World], dict[str, Any]]] = {
    "person": lambda w: {"name": f"甲{w.draw.random()}"},
    "client": lambda w: {"person_id": w.add("person"), "number": f"{w.draw.random()}", "opened_on": w.day()},
    "course": lambda w: {"code": f"{w.draw.random()}", "name": "课", "kind": "first_aid"},
    "organisation": lambda w: {
        "name": f"单位{w.draw.random()}",
        "kind": w.draw.choice(["school", "foundation", "other"]),
        "level": w.draw.choice(["national", "city"]),
        "department": w.draw.choice(["", "儿科"]),
    },
    "agreement": lambda w: {
        "organisation_id": w.some("organisation"), "signed_on": w.day(), "starts": (first := w.day()),
        "ends": first + timedelta(days=w.draw.randrange(300)), "amount": Decimal(w.draw.randrange(999)) / 100,
        "state": w.draw.choice(["signed", "signed", "draft"]),
    },
    "training_session": lambda w: {
        "title": "班", "course_id": w.some("course"), "starts": clock.from_local(datetime(2027, 9, 1, 9)),
        "ends": clock.from_local(datetime(2027, 9, 1, 11)), "held_on": w.day(),
        "state": w.draw.choice(["held", "held", "closed"]), "audience": w.draw.choice(["external", "internal"]),
        "base": w.draw.choice(["training_base", "emergency_base"]),
    },
    "attendance": lambda w: {"session_id": w.some("training_session"), "person_id": w.add("person")},
    "assistance_service": lambda w: {
        "client_id": w.some("client"), "kind": w.draw.choice(["escort", "green_channel"]), "requested_on": YEAR.start,
        "served_on": w.draw.choice([w.day(), w.day(), w.day(), None]), "place": w.draw.choice(["community", "hospital"]),
        "state": w.draw.choice(["served", "served", "opened", "requested"]), "number": f"{w.draw.random()}",
    },
    "followup_task": lambda w: {
        "client_id": w.some("client"), "due_on": w.day(), "done_on": w.day(),
        "state": w.draw.choice(["done", "open"]), "channel": w.draw.choice(["phone", "sms"]),
    },
    "charity_project": lambda w: {
        "name": f"项目{w.draw.random()}", "starts": w.day(), "ends": w.draw.choice([None, w.day()]), "state": "running",
    },
    "aid_application": lambda w: {
        "client_id": w.some("client"), "charity_project_id": w.some("charity_project"), "applied_on": w.day(),
        "paid_on": w.day(), "state": w.draw.choice(["paid", "refused"]), "number": f"{w.draw.random()}",
    },
    "wechat_group": lambda w: {
        "name": f"群{w.draw.random()}", "founded_on": w.day(), "dissolved_on": w.draw.choice([None, None, w.day()]),
    },
    "group_snapshot": lambda w: {
        "group_id": w.some("wechat_group"), "members": w.draw.randrange(500),
        "taken_on": w.day(),
    },
    "community_visit": lambda w: {
        "place": "东苑", "visited_on": w.day(), "encounters": w.draw.randrange(50),
        "state": w.draw.choice(["held", "held", "planned"]),
    },
    "screening": lambda w: {
        "disease": "眼病", "place": "东苑", "screened_on": w.day(), "screened": w.draw.randrange(50),
        "visit_id": w.draw.choice([None, w.some("community_visit")]),
    },
    "volunteer": lambda w: {
        "person_id": w.add("person"), "is_emergency_rescue": w.draw.choice([True, True, False]),
        "registered_on": w.day(), "verified_on": w.draw.choice([None, w.day()]),
    },
    "staff_member": lambda w: {
        "person_id": w.add("person"), "hired_on": w.day(), "left_on": w.draw.choice([None, w.day()]),
    },
    "staff_qualification": lambda w: {
        "staff_member_id": w.some("staff_member"), "kind": "national_certificate", "issued_on": w.day(),
        "number": f"{w.draw.random()}", "expires_on": w.draw.choice([None, w.day()]),
    },
    "technology_promotion": lambda w: {"technology": w.draw.choice(["A 术", "a术", "B"]), "promoted_on": w.day()},
    "base_duty_log": lambda w: {
        "base": "emergency_base", "logged_on": w.day(), "on_duty": f"{w.draw.random()}", "entry": "巡检",
    },
    "policy_document": lambda w: {
        "title": f"{w.draw.random()}", "required_id": w.some("required_document"), "published_on": w.day(),
        "state": w.draw.choice(["published", "draft", "retired"]),
    },
    "required_document": lambda w: {"deliverable_id": w.some("deliverable"), "name": f"{w.draw.random()}"},
    "deliverable": lambda w: {
        "name": "制度", "code": w.draw.choice(["training_base", f"{w.draw.random()}"[:20]]), "accepted_on": w.day(),
        "contract_id": w.contract, "state": w.draw.choice(["accepted", "open"]),
    },
}  # fmt: skip


def empty(kind: str, request: pytest.FixtureRequest) -> None:
    """An empty database of the kind, as the fixture makes one."""
    if kind == "sqlite":
        path = conftest.HOME / f"summary-{next(SERIAL)}.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        conftest._use(f"sqlite:///{path}")
        return
    names = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
    with db.connection(write=True) as bare:
        bare.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    kept.VALUES.clear()


def begin(seed: int) -> World:
    key = load.load_preset_contract(SYSTEM, "medical_social_work", YEAR.start)
    with db.unit(SYSTEM) as s:
        units = [Unit(name="东站"), Unit(name="西站")]
        s.add_all(units)
        category = s.execute(select(ServiceCategory).limit(1)).scalar_one()
        names = {"zh": "事", "en": "Things", "contract_id": key, "category_id": category.id}
        s.add_all(
            Indicator(code=code, kind=TargetKind(kind), measure=measure, counting=Counting(counting), **names, **more)
            for code, kind, measure, counting, more in MORE
        )
        s.flush()
        return World(key, tuple(unit.id or 0 for unit in units), random.Random(seed))


def lead(*stations: int) -> Actor:
    return Actor(None, "王站长", (Role.STATION_LEAD,), frozenset(stations))


def shown(figures: tuple[Figure, ...]) -> dict[str, Figure]:
    return {figure.code: figure for figure in figures}


def agrees(world: World, *days: date) -> None:
    """What the board shows is what the records say, for everybody and for a station's lead."""
    for actor in (SYSTEM, lead(world.stations[0])):
        for day in days:
            assert shown(kpi.board(actor, world.contract, day).figures) == shown(kpi.live(actor, world.contract, day))


@settings(
    max_examples=3, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_after_any_writes_the_board_says_what_the_records_say(
    database: str, request: pytest.FixtureRequest, seed: int
) -> None:
    empty(database, request)
    world = begin(seed)
    agrees(world, YEAR.end)
    for _ in range(10):
        for _ in range(world.draw.randint(1, 4)):
            world.step()
        agrees(world, world.draw.choice((*DAYS, world.day())))
    agrees(world, *DAYS[2:6], YEAR.end)
    assert [found for actor in summary.scopes(SYSTEM) for found in kpi.compare(actor, world.contract)] == []


# -- what a write costs --------------------------------------------------------------------------------------------------


@pytest.fixture
def world(database: str, alone: None) -> World:
    return begin(1)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[set[date] | None]:
    """The days that each series was mended on; None is a series that was counted anew as a whole."""
    found: list[set[date] | None] = []
    real = mending.dirty_days

    def hear(*given: Any) -> set[date] | None:
        found.append(real(*given))
        return found[-1]

    monkeypatch.setattr(mending, "dirty_days", hear)
    return found


FIRST, SPRING, AUTUMN = YEAR.start, date(2028, 3, 10), date(2027, 10, 9)
SERVED = {"kind": "escort", "state": "served", "place": "community"}


def change(record: str, key: int, **new: Any) -> None:
    with db.unit(SYSTEM) as s:
        for name, value in new.items():
            setattr(s.get_one(RECORDS[record].model, key), name, value)


def after(world: World, told: list[set[date] | None], write: Callable[[], Any]) -> list[set[date] | None]:
    """How the write is mended in the board; the board is right."""
    kpi.board(SYSTEM, world.contract, YEAR.end)
    told.clear()
    write()
    kpi.board(SYSTEM, world.contract, YEAR.end)
    mended = sorted(told, key=str)
    agrees(world, SPRING, YEAR.end)
    return mended


def test_a_write_is_mended_on_the_days_that_it_left_and_came_to(world: World, told: list[set[date] | None]) -> None:
    who = world.add("client")
    world.add("assistance_service", client_id=who, served_on=SPRING, **SERVED)
    key = world.add("assistance_service", client_id=who, served_on=AUTUMN, **SERVED)
    days = after(world, told, lambda: change("assistance_service", key, served_on=FIRST))
    assert days.count({FIRST, AUTUMN, SPRING}) == 3  # 03.1, Z1 and Z4 count people: when else they came, too
    assert days.count({FIRST, AUTUMN}) == 4


def test_what_no_indicator_reads_is_not_counted_again(world: World, told: list[set[date] | None]) -> None:
    key = world.add("assistance_service", served_on=SPRING, **SERVED)
    days = after(world, told, lambda: change("assistance_service", key, notes="改"))
    assert days and not any(days)


def test_a_session_that_moves_takes_its_attendances_along(world: World, told: list[set[date] | None]) -> None:
    outside = {"base": "training_base", "audience": "external", "state": "held"}
    session = world.add("training_session", held_on=SPRING, **outside)
    for _ in range(3):
        world.add("attendance", session_id=session)
    days = after(world, told, lambda: change("training_session", session, held_on=AUTUMN))
    assert None not in days and {SPRING, AUTUMN} in days
    assert {AUTUMN} in after(world, told, lambda: world.add("attendance", session_id=session))


def test_an_attendance_that_changes_its_session_is_counted_anew(world: World, told: list[set[date] | None]) -> None:
    one, two = (world.add("training_session", held_on=day, state="held") for day in (SPRING, AUTUMN))
    key = world.add("attendance", session_id=one)
    assert None in after(world, told, lambda: change("attendance", key, session_id=two))


def test_too_many_writes_are_not_looked_at_one_by_one(world: World, told: list[set[date] | None]) -> None:
    row = {"client_id": world.add("client"), "requested_on": FIRST, "served_on": SPRING, "unit_id": None, **SERVED}
    rows = [{**row, "number": f"N{n}"} for n in range(mending.MOST_WRITES + 1)]

    def bring() -> None:
        with db.unit(SYSTEM) as s:
            db.bulk_insert(s, RECORDS["assistance_service"], rows)

    assert after(world, told, bring) == []


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_only_who_writes_to_the_audit_counts_as_writing(database: str) -> None:
    with db.reading(SYSTEM) as s:
        with db.connection(write=True) as bare:
            bare.execute(text("UPDATE community_visit SET version = 1 WHERE id = 0"))
            bare.execute(text("SELECT pg_current_xact_id()"))
            assert kept.newest(s, ["agreement"]).in_flight == ""
        with db.unit(SYSTEM) as slow:
            slow.add(Person(name="甲"))
            slow.flush()
            assert kept.newest(s, ["agreement"]).in_flight
        assert kept.newest(s, ["agreement"]).in_flight == ""


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_write_that_commits_after_later_ones_is_never_missed(database: str) -> None:
    """Whatever is counted, mended and stored while it is under way: its audit ids are lower than those seen by then."""
    world = begin(1)
    visit = {"place": "东苑", "state": "held", "encounters": 5}

    def visits() -> Any:
        return shown(kpi.board(SYSTEM, world.contract, YEAR.end).figures)["06.3"].actual

    assert visits() == 0
    with db.unit(SYSTEM) as slow:
        slow.add(CommunityVisit(visited_on=SPRING, place="东苑", state=HeldState.HELD, encounters=5))
        slow.flush()
        for seen in (1, 2):
            world.add("community_visit", visited_on=AUTUMN, **visit)
            assert visits() == seen
            forget()
            assert visits() == seen
        summary.clear()
        forget()
        assert visits() == 2
    for again in (forget, lambda: world.add("community_visit", visited_on=FIRST, **visit)):
        again()
        agrees(world, YEAR.end)
    assert visits() == 4


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_what_rests_on_the_audit_elsewhere_misses_no_late_write_either(database: str) -> None:
    """The labels of a list, and the plan of an import."""

    def skill(code: str) -> Option:
        return Option(list_name="skills", code=code, zh=code, en=code)

    with db.unit(SYSTEM) as slow:
        slow.add(skill("first"))
        slow.flush()
        with db.unit(SYSTEM) as quick:
            quick.add(skill("second"))
        assert set(options.labels("skills")) == {"second"}
        with db.reading(SYSTEM) as s:
            since = matching.moment(s, RECORDS["option"])
            assert not matching.stale(s, RECORDS["option"], since)
    assert set(options.labels("skills")) == {"first", "second"}
    with db.reading(SYSTEM) as s:
        assert matching.stale(s, RECORDS["option"], since)


# -- who reads it ----------------------------------------------------------------------------------------------------------


def forget() -> None:
    """What a process that has just started does not know."""
    kept.VALUES.clear()


def test_a_process_that_has_just_started_counts_nothing(world: World, told: list[set[date] | None]) -> None:
    for _ in range(30):
        world.step()
    before = kpi.board(SYSTEM, world.contract, SPRING)
    forget()
    with statements() as seen:
        assert kpi.board(SYSTEM, world.contract, SPRING) == before
    big = [one for one in seen if any(f"FROM {name}" in one for name in BIG)]
    assert big == [] and len(seen) <= 16, seen
    with statements() as seen:
        assert kpi.board(SYSTEM, world.contract, SPRING) == before
    assert len(seen) == 2
    with statements() as seen:
        kpi.board(SYSTEM, world.contract, SPRING + timedelta(days=1))
    assert len(seen) <= 11, seen


def test_what_another_process_wrote_is_mended_here_and_what_it_stored_is_used(world: World) -> None:
    key = world.add("assistance_service", served_on=SPRING, **SERVED)
    kpi.board(SYSTEM, world.contract, YEAR.end)
    mine, kept.VALUES._values = kept.VALUES._values, type(kept.VALUES._values)()
    change("assistance_service", key, served_on=AUTUMN)
    theirs = kpi.board(SYSTEM, world.contract, YEAR.end)
    kept.VALUES._values = mine
    with statements() as seen:
        assert kpi.board(SYSTEM, world.contract, YEAR.end) == theirs
    assert not any("FROM assistance_service" in one for one in seen)


def test_a_second_door_to_the_database_is_seen_through_the_audit(world: World) -> None:
    """Another engine on the same database, as another machine has it."""
    world.add("community_visit", visited_on=SPRING, encounters=5, state="held")
    before = shown(kpi.board(SYSTEM, world.contract, YEAR.end).figures)["06.3"].actual
    second = create_engine(db.url())
    with second.begin() as bare:
        bare.execute(text("UPDATE community_visit SET state = 'cancelled'"))
        bare.execute(
            text(
                "INSERT INTO audit_entry(at, actor, verb, record, record_id, changes, reason) SELECT created_at, '', 'change',"
                " 'community_visit', id, '{\"state\": [\"held\", \"cancelled\"]}', '' FROM community_visit"
            )
        )
    second.dispose()
    assert (before, shown(kpi.board(SYSTEM, world.contract, YEAR.end).figures)["06.3"].actual) == (1, 0)
    agrees(world, YEAR.end)


@pytest.mark.parametrize("why", ["busy", "read_only"])
def test_a_summary_that_cannot_be_written_stops_nobody_from_reading(world: World, database: str, why: str) -> None:
    world.add("community_visit", visited_on=SPRING, encounters=5, state="held")
    if why == "read_only" and database == "sqlite":
        event.listen(db.engine(), "checkout", lambda connection, *_: connection.execute("pragma query_only=1"))
        figures = kpi.board(SYSTEM, world.contract, YEAR.end).figures
    elif why == "read_only":
        with db.connection() as bare:
            bare.exec_driver_sql("ALTER ROLE CURRENT_USER SET default_transaction_read_only = on")
        db.dispose()
        try:
            figures = kpi.board(SYSTEM, world.contract, YEAR.end).figures
        finally:
            with db.connection() as bare:
                bare.exec_driver_sql("SET TRANSACTION READ WRITE")
                bare.exec_driver_sql("ALTER ROLE CURRENT_USER RESET default_transaction_read_only")
            db.dispose()
    else:
        with db.connection(write=True) as bare:
            bare.exec_driver_sql("UPDATE community_visit SET version = 1")
            if database == "postgres":
                bare.exec_driver_sql("LOCK TABLE summary IN EXCLUSIVE MODE")
            figures = kpi.board(SYSTEM, world.contract, YEAR.end).figures
    assert shown(figures)["06.3"].actual == 1
    assert summary.size() == 0


def test_after_a_restore_nothing_of_the_summary_is_left(
    world: World, database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """The restored audit has the same ids as the one that was counted: what was stored beside it must go."""
    for _ in range(30):
        world.step()
    kpi.board(SYSTEM, world.contract, YEAR.end)
    backup.write(tmp_path / "b.zip")
    other(database, request, tmp_path / "other.db")
    rubbish = {"indicator_id": 1, "part": "n", "scope": "", "fingerprint": "", "behind": {}, "in_flight": "",
               "series": "{}", "counted_at": now()}  # fmt: skip
    summary.store([rubbish])
    backup.restore(tmp_path / "b.zip")
    assert summary.size() == 0
    agrees(world, SPRING, YEAR.end)


# -- by command ------------------------------------------------------------------------------------------------------------


def test_the_command_compares_finds_what_is_wrong_and_builds_anew(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.add("community_visit", visited_on=SPRING, encounters=5, state="held", unit_id=world.stations[0])
    for actor in (SYSTEM, lead(world.stations[0])):
        kpi.board(actor, world.contract, YEAR.end)
    assert manage.main(["summary"]) == manage.main(["summary", "--compare"]) == 0
    with db.connection(write=True) as bare:
        bare.execute(text("UPDATE summary SET series = '{}' WHERE part = 'n' AND scope = ''"))
    capsys.readouterr()
    assert manage.main(["summary", "--compare"]) == 1
    out, error = capsys.readouterr()
    assert '"part": "n"' in out and "2028-03-10" in out and "--rebuild" in error
    assert manage.main(["check"]) == (1 if world.contract in kpi.running(SYSTEM) else 0)
    assert manage.main(["summary", "--rebuild", "--compare"]) == 0
    agrees(world, YEAR.end)


def test_the_check_of_an_installation_compares_the_contract_that_runs(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    load.begin("medical_social_work", clock.today() - timedelta(days=100))
    kpi.board(SYSTEM)
    assert manage.main(["check"]) == 0
    with db.connection(write=True) as bare:
        bare.execute(text("UPDATE summary SET series = '{\"\":[[0],[7],[0]]}'"))
    assert manage.main(["check"]) == 1
    assert '"summary": [\n' in capsys.readouterr().out


def test_an_update_of_the_portal_counts_everything_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kpi.board(SYSTEM, world.contract, YEAR.end)
    with db.connection(write=True) as bare:
        bare.execute(text("UPDATE summary SET series = '{\"\":[[0],[7],[0]]}'"))
    monkeypatch.setattr(summary, "_version", lambda: "new")
    forget()
    agrees(world, YEAR.end)


def test_decimals_stay_exact_on_their_way_through_the_summary(contract: Contracted) -> None:  # noqa: F811
    with db.unit(SYSTEM) as s:
        s.add_all(Agreement(organisation_id=1, signed_on=day, starts=day, ends=day, amount=Decimal(n))
                  for day, n in ((date(2026, 2, 1), "0.10"), (date(2026, 3, 1), "0.20"), (date(2026, 3, 1), "0.30")))  # fmt: skip
    indicator = contract.add()
    for _ in range(2):
        kept.VALUES.clear()
        assert kpi.figure(SYSTEM, indicator, date(2026, 3, 1)).actual == Decimal("0.60")
    bin_it(2)
    assert kpi.figure(SYSTEM, indicator, date(2026, 3, 1)).actual == Decimal("0.40")
