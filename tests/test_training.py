"""Training: clashes, numbers, seats and the waitlist, attendance, on both databases, also when two act at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import col, select

from models import RECORDS
from models.lessons import Presence, PresenceState
from models.people import Person
from models.system import AuditEntry, Verb
from models.training import Attendance, Enrolment, EnrolmentSource, EnrolmentState, SessionState, TrainingSession
from services import (
    checkin,
    clashes,
    db,
    doorcode,
    doubles,
    exchange,
    lessons,
    seats,
    store,
    timetable,
    training,
    walk_ins,
)
from services.access import SYSTEM, Actor
from services.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound
from tests.conftest import Cast

NINE = datetime(2026, 3, 9, 1, tzinfo=UTC)  # nine in the morning at the site, in the past
DURING = NINE + timedelta(hours=1)
ENROLLED, WAITLISTED, CANCELLED, NO_SHOW = EnrolmentState
EVERY = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def venue(name: str = "一号教室") -> int:
    return store.save(SYSTEM, RECORDS["venue"], {"name": name})


def instructor(name: str = "周讲师", phone: str = "13700000001") -> int:
    return store.save(SYSTEM, RECORDS["instructor"], {"name": name, "phone": phone})


def course() -> int:
    with db.reading(SYSTEM) as s:
        found = store.choices(SYSTEM, RECORDS["course"])
        assert s
    return next(iter(found), 0) or store.save(
        SYSTEM, RECORDS["course"], {"code": "cpr", "name": "心肺复苏", "kind": "cpr_aed"}
    )


def planned(starts: datetime = NINE, hours: float = 3, **more: Any) -> dict[str, Any]:
    ends = starts + timedelta(hours=hours)
    return {"title": "急救班", "course_id": course(), "starts": starts, "ends": ends} | more


def session(actor: Actor = SYSTEM, **more: Any) -> int:
    return training.save_session(actor, planned(**more))


def someone(number: int) -> dict[str, str]:
    return {"name": f"学员{number}", "phone": f"139{number:08d}"}


def put(key: int, *numbers: int, **more: Any) -> list[EnrolmentState]:
    return [seats.enrol(SYSTEM, key, someone(number), **more) for number in numbers]


def came(actor: Actor, key: int, person: int, is_here: bool = True, now: datetime = DURING) -> int:
    """A mark in the grid of a session without lessons, as the staff set it."""
    wanted = (PresenceState.PRESENT, "") if is_here else None
    return lessons.mark(actor, key, {(None, person): wanted}, now=now)


def rows(key: int, model: type[Any] = Enrolment) -> list[Any]:
    with db.reading(SYSTEM) as s:
        return list(s.exec(select(model).where(model.session_id == key).order_by(col(model.id))))


def states(key: int) -> list[EnrolmentState]:
    return [row.state for row in rows(key)]


def stored(key: int) -> TrainingSession:
    with db.reading(SYSTEM) as s:
        return s.exec(select(TrainingSession).where(TrainingSession.id == key)).one()


def refusal(call: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        call()
    return error.value.fields


def verbs(record: str, key: int) -> list[str]:
    with db.reading(SYSTEM) as s:
        wanted = select(AuditEntry.verb).where(AuditEntry.record == record, AuditEntry.record_id == key)
        return list(s.exec(wanted.order_by(col(AuditEntry.id))))


def test_a_session_comes_back_out_of_the_bin_where_its_place_is_still_free(database: str) -> None:
    room = venue()
    key = session(venue_id=room)
    store.remove(SYSTEM, training.SESSION, key)
    store.restore(SYSTEM, training.SESSION, key)
    assert store.get(SYSTEM, training.SESSION, key).deleted_at is None
    store.remove(SYSTEM, training.SESSION, key)
    other = session(venue_id=room)
    with pytest.raises(Invalid) as refused:
        store.restore(SYSTEM, training.SESSION, key)
    assert [clash.session_id for clash in refused.value.detail["clashes"]] == [other]


# -- clashes ---------------------------------------------------------------------------------------------------------


def test_the_same_room_at_the_same_time_is_refused_with_the_session_in_the_way(cast: Cast) -> None:
    room = venue()
    first = session(venue_id=room)
    with pytest.raises(Invalid) as error:
        session(cast.lin, venue_id=room, starts=NINE + timedelta(hours=2))
    assert error.value.fields == {"": "clash"}
    [clash] = error.value.detail["clashes"]
    assert (clash.kind, clash.name, clash.session_id, clash.title) == ("venue", "一号教室", first, "急救班")


def test_the_same_instructor_at_the_same_time_is_refused(cast: Cast) -> None:
    teacher = instructor()
    session(instructors=[teacher], venue_id=venue("甲"))
    again = planned(instructors=[teacher, instructor("吴讲师", "13700000002")], venue_id=venue("乙"))
    assert refusal(lambda: training.save_session(cast.lin, again)) == {"": "clash"}


def test_one_class_may_begin_when_the_other_ends(cast: Cast) -> None:
    room, teacher = venue(), instructor()
    session(venue_id=room, instructors=[teacher], starts=NINE - timedelta(hours=1), hours=4)
    session(cast.lin, venue_id=room, instructors=[teacher], starts=NINE + timedelta(hours=3), hours=2)
    middle = planned(venue_id=room, starts=NINE + timedelta(hours=2), hours=2)
    assert refusal(lambda: training.save_session(cast.lin, middle)) == {"": "clash"}


def test_a_cancelled_class_is_in_nobodys_way_until_it_is_opened_again(cast: Cast) -> None:
    room = venue()
    first = session(venue_id=room)
    training.set_state(cast.lin, first, SessionState.CANCELLED, "台风")
    session(cast.lin, venue_id=room)
    assert refusal(lambda: training.set_state(cast.lin, first, SessionState.OPEN, "改期")) == {"": "clash"}


def test_a_reason_lets_a_clash_pass_and_stands_in_the_audit(cast: Cast) -> None:
    room = venue()
    first = session(venue_id=room)
    second = training.save_session(cast.lin, planned(venue_id=room), override_reason="礼堂可分隔")
    with db.reading(SYSTEM) as s:
        [note] = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.OVERRIDE)).all()
    assert (note.record, note.record_id, note.reason, note.changes) == (
        "training_session", second, "礼堂可分隔", {"clash": [first]}
    )  # fmt: skip


def test_a_session_does_not_clash_with_itself_and_what_stands_is_not_asked_again(cast: Cast) -> None:
    room = venue()
    session(venue_id=room)
    second = training.save_session(cast.lin, planned(venue_id=room), override_reason="合班")
    training.save_session(cast.lin, {"title": "合班"}, id=second)
    assert refusal(lambda: training.save_session(cast.lin, {"ends": NINE + timedelta(hours=2)}, id=second)) == {
        "": "clash"
    }
    training.save_session(cast.lin, {"starts": NINE + timedelta(hours=5), "ends": NINE + timedelta(hours=6)}, id=second)


def test_the_plain_form_comes_the_same_way(cast: Cast) -> None:
    room = venue()
    session(venue_id=room)
    form = planned(venue_id=room)
    assert refusal(lambda: store.save(cast.lin, RECORDS["training_session"], form)) == {"": "clash"}


def test_another_stations_class_is_in_the_way_but_stays_unnamed(cast: Cast) -> None:
    room = venue()
    session(venue_id=room, unit_id=cast.other_station)
    [clash] = clashes.of_plan(cast.wang, venue_id=room, instructor_ids=[], starts=NINE, ends=NINE + timedelta(hours=1))
    assert (clash.name, clash.title) == ("一号教室", "")


HOURS = st.tuples(st.integers(0, 12), st.integers(1, 6))


@EVERY
@given(first=HOURS, second=HOURS)
def test_two_classes_clash_exactly_when_they_share_a_moment(cast: Cast, first: Any, second: Any) -> None:
    room = store.choices(SYSTEM, RECORDS["venue"]) or {venue(): ""}
    place, (begin, length) = next(iter(room)), first
    key = session(starts=NINE + timedelta(hours=begin), hours=length, venue_id=place)
    starts = NINE + timedelta(hours=second[0])
    ends = starts + timedelta(hours=second[1])
    share = set(range(begin, begin + length)) & set(range(second[0], sum(second)))
    found = clashes.of_plan(cast.lin, venue_id=place, instructor_ids=[], starts=starts, ends=ends)
    assert bool(found) == bool(share)
    training.set_state(SYSTEM, key, SessionState.CANCELLED)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_clashes_are_found_by_index(database: str) -> None:
    span = NINE, NINE + timedelta(hours=1), None
    for query in (clashes.venue_query(1, *span), clashes.instructor_query([1, 2], *span)):
        with db.connection() as bare:
            compiled = query.compile(bare.engine, compile_kwargs={"render_postcompile": True})
            plan = bare.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(compiled.params.values())).all()
        assert plan and all("SCAN" not in step[3] for step in plan), plan


# -- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_gets_its_number_day_and_link(cast: Cast) -> None:
    late = datetime(2026, 3, 8, 17, tzinfo=UTC)  # one in the morning of the ninth at the site
    first, second = (stored(session(starts=at)) for at in (late, NINE))
    assert (first.code, second.code) == ("PX20260309-01", "PX20260309-02")
    assert first.held_on == date(2026, 3, 9)
    assert first.checkin_token and first.checkin_token != second.checkin_token


def test_a_number_that_was_typed_stays_and_so_does_one_that_was_given(cast: Cast) -> None:
    typed, given_ = session(code="A-1"), session()
    training.save_session(SYSTEM, {"title": "新名", "code": ""}, id=typed)
    training.save_session(SYSTEM, {"starts": NINE + timedelta(days=1), "ends": DURING + timedelta(days=1)}, id=given_)
    assert [stored(typed).code, stored(given_).code] == ["A-1", "PX20260309-01"]
    assert stored(given_).held_on == date(2026, 3, 10)


def test_many_who_plan_at_once_get_different_numbers(cast: Cast) -> None:
    form = planned()
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(lambda _: training.save_session(SYSTEM, form), range(8)))
    assert sorted(stored(key).code or "" for key in keys) == [f"PX20260309-{n:02d}" for n in range(1, 9)]


def test_only_one_of_two_who_take_the_same_room_at_once_gets_it(cast: Cast) -> None:
    form, start = planned(venue_id=venue()), Barrier(2)

    def take(_: int) -> bool:
        start.wait()
        try:
            return bool(training.save_session(SYSTEM, form))
        except Invalid:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, range(2))) == [False, True]


def test_a_stale_session_and_a_second_click_are_refused(cast: Cast) -> None:
    key = session()
    version = stored(key).version
    training.save_session(cast.lin, {"title": "甲"}, id=key, version=version)
    with pytest.raises(Conflict):
        training.save_session(cast.lin, {"title": "乙"}, id=key, version=version)
    training.save_session(cast.lin, planned(), token="one")
    with pytest.raises(AlreadyDone):
        training.save_session(cast.lin, planned(), token="one")


def test_seats_cannot_fall_below_those_taken(cast: Cast) -> None:
    key = session(capacity=3)
    put(key, 1, 2)
    assert refusal(lambda: training.save_session(cast.lin, {"capacity": 1}, id=key)) == {
        "capacity": "capacity_below_enrolled"
    }
    training.save_session(cast.lin, {"capacity": 2}, id=key)


def test_people_move_with_their_session_to_another_station(cast: Cast) -> None:
    key = session(unit_id=cast.other_station)
    put(key, 1)
    [person] = [row.person_id for row in rows(key)]
    came(SYSTEM, key, person)
    training.save_session(SYSTEM, {"unit_id": cast.station}, id=key)
    assert len(timetable.roster(cast.wang, key)) == 1
    assert {row.unit_id for model in (Attendance, Presence) for row in rows(key, model)} == {cast.station}


@pytest.mark.parametrize(("old", "new"), [(old, new) for old in SessionState for new in SessionState if old != new])
def test_a_session_moves_only_along_its_states(cast: Cast, old: SessionState, new: SessionState) -> None:
    key = session(state=old)
    if new in training.MOVES[old]:
        training.set_state(cast.lin, key, new, "更正")
        assert stored(key).state == new
    else:
        assert refusal(lambda: training.set_state(cast.lin, key, new, "更正")) == {"state": "state_move"}


def test_a_class_is_not_held_before_it_begins_nor_opened_again_without_a_reason(cast: Cast) -> None:
    key = session()
    early = NINE - timedelta(minutes=1)
    assert refusal(lambda: training.set_state(cast.lin, key, SessionState.HELD, now=early)) == {
        "state": "held_in_future"
    }
    training.set_state(cast.lin, key, SessionState.HELD, now=NINE)
    assert refusal(lambda: training.set_state(cast.lin, key, SessionState.CLOSED)) == {"state": "reason_missing"}


def test_cancelling_keeps_the_enrolments_and_tells_how_many_to_call(cast: Cast) -> None:
    key = session(capacity=1)
    put(key, 1, 2)
    assert training.set_state(cast.lin, key, SessionState.CANCELLED) == 2
    assert states(key) == [ENROLLED, WAITLISTED]
    assert refusal(lambda: put(key, 3)) == {"": "session_cancelled"}


# -- seats -----------------------------------------------------------------------------------------------------------


def test_the_third_waits_and_moves_up_alone_when_one_cancels(cast: Cast) -> None:
    key = session(capacity=2, waitlist=2)
    assert put(key, 1, 2, 3, 4) == [ENROLLED, ENROLLED, WAITLISTED, WAITLISTED]
    assert refusal(lambda: put(key, 5)) == {"": "full"}
    assert seats.cancel(cast.lin, rows(key)[0].id, "有事") == 1
    assert states(key) == [CANCELLED, ENROLLED, ENROLLED, WAITLISTED]
    assert seats.cancel(cast.lin, rows(key)[0].id) == 0


def test_more_seats_let_as_many_move_up_as_fit(cast: Cast) -> None:
    key = session(capacity=1, waitlist=5)
    put(key, 1, 2, 3, 4)
    training.save_session(cast.lin, {"capacity": 3}, id=key)
    assert states(key) == [ENROLLED, ENROLLED, ENROLLED, WAITLISTED]


def test_nobody_enrols_twice_and_who_cancelled_queues_again_at_the_end(cast: Cast) -> None:
    key = session(capacity=1)
    put(key, 1, 2)
    assert refusal(lambda: put(key, 1)) == {"": "already_enrolled"}
    seats.cancel(cast.lin, rows(key)[0].id)
    assert put(key, 3, 1) == [WAITLISTED, WAITLISTED]
    with db.reading(SYSTEM) as s:
        people = dict(s.exec(select(Person.id, Person.name)).all())
    assert [people[row.person_id] for row in rows(key)] == ["学员2", "学员3", "学员1"]


def test_a_full_class_takes_one_more_only_for_a_reason(cast: Cast) -> None:
    key = session(capacity=1, waitlist=0)
    put(key, 1)
    assert seats.enrol(cast.lin, key, someone(2), override_reason="院领导同意加座") == ENROLLED
    assert verbs("enrolment", rows(key)[1].id) == [Verb.CREATE, Verb.OVERRIDE]


def test_the_plain_form_takes_no_seat_that_is_not_there(cast: Cast) -> None:
    key = session(capacity=1, waitlist=1)
    form = RECORDS["enrolment"]
    for number in (1, 2):
        store.save(cast.lin, form, someone(number) | {"session_id": key})
    assert states(key) == [ENROLLED, WAITLISTED]
    assert refusal(lambda: store.save(cast.lin, form, someone(3) | {"session_id": key})) == {"": "full"}
    assert refusal(lambda: store.save(cast.lin, form, someone(1) | {"session_id": key})) == {"": "already_enrolled"}
    other = session()
    moved = {"session_id": other}
    assert refusal(lambda: store.save(cast.lin, form, moved, id=rows(key)[0].id)) == {"session_id": "session_fixed"}


def test_an_import_takes_no_seat_that_is_not_there(cast: Cast, tmp_path: Path) -> None:
    key, sheet = session(capacity=1, waitlist=1), tmp_path / "报名.csv"
    lines = [f"{stored(key).code},{who['name']},{who['phone']}" for who in map(someone, (1, 2, 3))]
    sheet.write_text("\n".join(["培训班,姓名,手机号", *lines]), "utf-8-sig")
    result = exchange.run_import(cast.lin, RECORDS["enrolment"], sheet)
    assert (result.created, [problem.code for problem in result.problems]) == (2, ["full"])
    assert states(key) == [ENROLLED, WAITLISTED]


def test_a_seat_freed_by_the_bin_is_not_jumped_into(cast: Cast) -> None:
    key = session(capacity=1)
    put(key, 1, 2)
    store.remove(cast.admin, RECORDS["enrolment"], rows(key)[0].id)
    assert put(key, 3) == [WAITLISTED]
    assert states(key) == [ENROLLED, WAITLISTED]


def test_who_teaches_takes_no_seat(cast: Cast) -> None:
    key = session(capacity=1, instructors=[instructor("周讲师", "13700000001")])
    teacher = {"name": "周讲师", "phone": "13700000001"}
    assert refusal(lambda: seats.enrol(cast.lin, key, teacher)) == {"": "teaches_here"}
    assert put(key, 1) == [ENROLLED]


def test_somebody_in_the_register_is_enrolled_by_id(cast: Cast) -> None:
    key, other = session(capacity=1), session()
    put(other, 1)
    person = rows(other)[0].person_id
    assert seats.enrol(cast.lin, key, person, employer="社区") == ENROLLED
    assert refusal(lambda: seats.enrol(cast.lin, key, person)) == {"": "already_enrolled"}
    assert refusal(lambda: seats.enrol(cast.lin, key, person, employer="长" * 81)) == {"employer": "too_long"}
    with pytest.raises(NotFound):
        seats.enrol(cast.lin, key, 999)


@pytest.mark.parametrize(
    ("minutes", "state", "expected"),
    [
        (-121, SessionState.OPEN, "not_open_yet"),
        (-120, SessionState.OPEN, None),
        (-61, SessionState.OPEN, None),
        (-60, SessionState.OPEN, "registration_closed"),
        (-90, SessionState.CLOSED, "registration_closed"),
        (-90, SessionState.DRAFT, "not_open_yet"),
        (-90, SessionState.CANCELLED, "session_cancelled"),
    ],
)
def test_the_public_enrols_while_registration_is_open(
    cast: Cast, minutes: int, state: SessionState, expected: str | None
) -> None:
    opens, closes = NINE - timedelta(minutes=120), NINE - timedelta(minutes=60)
    key = session(registration_opens=opens, registration_closes=closes, state=state)

    def enter() -> list[EnrolmentState]:
        return put(key, 1, source=EnrolmentSource.PUBLIC, now=NINE + timedelta(minutes=minutes))

    if expected:
        assert refusal(enter) == {"": expected}
    else:
        assert enter() == [ENROLLED]


def test_bad_input_is_told_beside_its_field_and_takes_no_seat(cast: Cast) -> None:
    key = session()
    assert refusal(lambda: seats.enrol(cast.lin, key, {"name": "", "phone": "12"})) == {
        "name": "required",
        "phone": "phone_format",
    }
    assert rows(key) == []


@pytest.mark.parametrize("waitlist", [0, 1])
@pytest.mark.parametrize("known", [False, True])
def test_two_who_take_the_last_seat_at_once_get_one_between_them(cast: Cast, waitlist: int, known: bool) -> None:
    met = session()
    put(met, *range(2))
    people = [row.person_id for row in rows(met)]
    for turn in range(5):
        key, start = session(capacity=1, waitlist=waitlist), Barrier(2)

        def take(number: int, key: int = key, start: Barrier = start, turn: int = turn) -> str:
            start.wait()
            try:
                return seats.enrol(SYSTEM, key, people[number] if known else someone(10 * turn + number))
            except Invalid as error:
                return error.fields[""]

        with ThreadPoolExecutor(2) as pool:
            got = sorted(pool.map(take, range(2)))
        assert got == sorted(["enrolled", "waitlisted" if waitlist else "full"])
        assert states(key).count(ENROLLED) == 1


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("enrol"), st.integers(0, 6)),
        st.tuples(st.just("cancel"), st.integers(0, 6)),
        st.tuples(st.just("capacity"), st.integers(1, 5)),
    ),
    min_size=4,
    max_size=14,
)


def step(key: int, act: str, number: int, people: dict[int, int | None]) -> None:
    """One act of the property; refusals are part of the game."""
    try:
        if act == "enrol":
            seats.enrol(SYSTEM, key, someone(number))
        elif act == "capacity":
            training.save_session(SYSTEM, {"capacity": number}, id=key)
        else:
            mine = [row for row in rows(key) if row.person_id == people.get(number)]
            for row in mine:
                seats.cancel(SYSTEM, row.id)
    except Invalid as error:
        assert set(error.fields.values()) <= {"full", "already_enrolled", "capacity_below_enrolled"}


@EVERY
@given(steps=STEPS)
def test_after_anything_seats_hold_nobody_waits_beside_a_free_one_and_the_order_stands(
    cast: Cast, steps: list[tuple[str, int]]
) -> None:
    key = session(capacity=2, waitlist=3)
    for act, number in steps:
        with db.reading(SYSTEM) as s:
            people = {int(name[2:]): who for who, name in s.exec(select(Person.id, Person.name)) if name[:2] == "学员"}
        before = [row.id for row in rows(key) if row.state == WAITLISTED]
        step(key, act, number, people)
        now = {row.id: row.state for row in rows(key)}
        enrolled = sum(state == ENROLLED for state in now.values())
        assert enrolled <= stored(key).capacity
        assert enrolled == stored(key).capacity or WAITLISTED not in now.values()
        fates = [now[each] for each in before if now.get(each) in (ENROLLED, WAITLISTED)]
        assert fates == sorted(fates), "somebody was overtaken"


# -- attendance ------------------------------------------------------------------------------------------------------


def test_marking_twice_counts_once_and_unmarking_goes_to_the_bin(cast: Cast) -> None:
    key = session()
    put(key, 1, 2)
    first, second = (row.person_id for row in rows(key))
    assert [came(cast.lin, key, first), came(cast.lin, key, first)] == [1, 0]
    assert came(cast.lin, key, second, False) == 0
    [one] = rows(key, Attendance)
    assert came(cast.lin, key, first, False) == 1
    assert rows(key, Attendance) == []
    assert came(cast.lin, key, first) == 1
    assert [row.id for row in rows(key, Attendance)] == [one.id]
    assert verbs("attendance", one.id) == [Verb.CREATE, Verb.REMOVE, Verb.RESTORE]


def test_only_who_has_a_seat_is_marked(cast: Cast) -> None:
    key, elsewhere = session(capacity=1), session()
    put(key, 1, 2, 3)
    put(elsewhere, 4)
    cancelled, waiting = rows(key)[2], rows(key)[1]
    seats.cancel(cast.lin, cancelled.id)
    cases = [(waiting.person_id, "full"), (cancelled.person_id, "enrolment_cancelled")]
    for person, code in [*cases, (rows(elsewhere)[0].person_id, "not_enrolled")]:
        assert refusal(lambda person=person: came(cast.lin, key, person)) == {"": code}
    assert rows(key, Attendance) == []


def test_nobody_is_marked_before_the_day(cast: Cast) -> None:
    key = session()
    put(key, 1)
    early = NINE - timedelta(days=1)
    assert refusal(lambda: came(cast.lin, key, rows(key)[0].person_id, now=early)) == {"": "not_started"}


def test_who_came_cannot_cancel_any_more(cast: Cast) -> None:
    key = session()
    put(key, 1)
    [row] = rows(key)
    came(cast.lin, key, row.person_id)
    assert refusal(lambda: seats.cancel(cast.lin, row.id)) == {"": "attended"}


def walk_in(key: int, name: str, phone: str) -> None:
    """Somebody without an enrolment comes through the door."""
    door = stored(key)
    code = doorcode.in_address(door, doorcode.window(door, DURING))
    checkin.check_in(door.checkin_token or "", name, phone, now=DURING, code=code)


def test_a_walk_in_who_is_somebody_of_the_list_is_marked_and_taken_out_with_a_reason(cast: Cast) -> None:
    key = session(capacity=3)
    put(key, 1)
    for name, phone in (("学圆1", "13900000010"), ("何路过", "13700000003")):
        walk_in(key, name, phone)
    marked = {row.name: row.may_be for row in timetable.roster(cast.lin, key)}
    assert marked == {"学员1": "", "学圆1": "学员1", "何路过": ""}
    listed, double, _ = rows(key)
    assert refusal(lambda: walk_ins.take_out(cast.lin, double.id, " ")) == {"reason": "reason_missing"}
    assert refusal(lambda: walk_ins.take_out(cast.lin, listed.id, "重复")) == {"": "not_walked_in"}
    walk_ins.take_out(cast.lin, double.id, "与学员1重复")
    assert [row.state for row in rows(key)] == [ENROLLED, EnrolmentState.CANCELLED, ENROLLED]
    assert double.person_id not in {row.person_id for row in rows(key, Attendance)}


@pytest.mark.parametrize(
    ("name", "phone", "is_double"),
    [("学员1", "", True), ("王某", "13900000001", True), ("学圆1", "13900000091", True), ("学圆1", "13900000999", False),
     ("王某", "13900000002", False), ("学员", "1390000001", True)],
)  # fmt: skip
def test_who_may_be_the_same_person(name: str, phone: str, is_double: bool) -> None:
    found = doubles.doubles([doubles.Named(2, name, phone)], [doubles.Named(1, "学员1", "13900000001")])
    assert found == ({2: 1} if is_double else {})


def test_an_attendance_typed_in_keeps_to_the_same_rules(cast: Cast) -> None:
    key, form = session(capacity=1, unit_id=cast.station), RECORDS["attendance"]
    put(key, 1, 2)
    assert refusal(lambda: store.save(cast.lin, form, someone(2) | {"session_id": key})) == {"": "full"}
    store.save(cast.lin, form, someone(1) | {"session_id": key})
    store.save(cast.lin, form, someone(7) | {"session_id": key})
    assert [row.unit_id for row in rows(key, Attendance)] == [cast.station] * 2
    early = session(starts=datetime(2100, 1, 1, tzinfo=UTC))
    assert refusal(lambda: store.save(cast.lin, form, someone(1) | {"session_id": early})) == {"": "not_started"}


# -- one page, the calendar, and who may -----------------------------------------------------------------------------


def test_the_roster_shows_who_waits_who_came_and_who_just_came(cast: Cast) -> None:
    key = session(capacity=1)
    put(key, 1, 2, 3)
    came(cast.lin, key, rows(key)[0].person_id)
    store.save(cast.lin, RECORDS["attendance"], someone(9) | {"session_id": key})
    shown = timetable.roster(cast.lin, key)
    assert [(row.name, row.state, row.position) for row in shown] == [
        ("学员1", ENROLLED, None), ("学员2", WAITLISTED, 1), ("学员3", WAITLISTED, 2), ("学员9", None, None)
    ]  # fmt: skip
    assert [row.came_at is not None for row in shown] == [True, False, False, True]
    assert shown[0].phone == "139****0001"


def test_a_leader_sees_surnames_only(cast: Cast) -> None:
    key = session()
    put(key, 1)
    [row] = timetable.roster(cast.chen, key)
    assert row.name == "学**"


def test_the_roster_costs_the_same_for_one_and_for_many(cast: Cast) -> None:
    key, counts = session(capacity=50), []
    for more in (range(1, 2), range(2, 12)):
        put(key, *more)
        seen: list[str] = []
        event.listen(db.engine(), "before_cursor_execute", lambda *call, seen=seen: seen.append(call[2]))
        timetable.roster(cast.lin, key)
        counts.append(len([text for text in seen if text.startswith("SELECT")]))
    assert counts[0] == counts[1] == 3


def test_the_calendar_shows_local_days_with_their_seats(cast: Cast) -> None:
    late = datetime(2026, 3, 8, 17, tzinfo=UTC)
    first, second = session(starts=late, hours=1, venue_id=venue()), session(starts=NINE + timedelta(days=1))
    put(first, 1)
    day = date(2026, 3, 9)
    [item] = timetable.calendar(cast.lin, day, day)
    assert (item.id, item.venue, item.enrolled, item.capacity) == (first, "一号教室", 1, 40)
    assert [item.id for item in timetable.calendar(cast.chen, day, day + timedelta(days=1))] == [first, second]


def test_a_reader_changes_nothing_and_a_stranger_sees_nothing(cast: Cast) -> None:
    key = session()
    put(key, 1)
    [row] = rows(key)
    writes: list[Callable[[Actor], Any]] = [
        lambda who: training.save_session(who, planned()),
        lambda who: training.set_state(who, key, SessionState.CLOSED),
        lambda who: seats.enrol(who, key, someone(2)),
        lambda who: seats.cancel(who, row.id),
        lambda who: came(who, key, row.person_id),
    ]
    reads: list[Callable[[Actor], Any]] = [
        lambda who: timetable.roster(who, key),
        lambda who: timetable.calendar(who, date(2026, 3, 1), date(2026, 3, 31)),
        lambda who: clashes.of_plan(who, venue_id=1, instructor_ids=[], starts=NINE, ends=DURING),
    ]
    for call in writes:
        for who in (cast.chen, cast.stranger):
            with pytest.raises(Denied):
                call(who)
    for call in reads:
        call(cast.chen)
        with pytest.raises(Denied):
            call(cast.stranger)


def test_a_station_lead_works_in_their_station_only(cast: Cast) -> None:
    mine, other = session(unit_id=cast.station, capacity=1), session(unit_id=cast.other_station)
    assert seats.enrol(cast.wang, mine, someone(1)) == ENROLLED
    put(mine, 2)
    assert seats.cancel(cast.wang, rows(mine)[0].id) == 1
    put(other, 3)
    calls: list[Callable[[], Any]] = [
        lambda: timetable.roster(cast.wang, other),
        lambda: seats.enrol(cast.wang, other, someone(4)),
        lambda: seats.cancel(cast.wang, rows(other)[0].id),
        lambda: training.set_state(cast.wang, other, SessionState.CLOSED),
        lambda: came(cast.wang, other, 1),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()
    assert [item.id for item in timetable.calendar(cast.wang, date(2026, 3, 1), date(2026, 3, 31))] == [mine]
    both = replace(cast.wang, units=frozenset({cast.station, cast.other_station}))
    assert len(timetable.calendar(both, date(2026, 3, 1), date(2026, 3, 31))) == 2


def test_an_unknown_session_is_not_found(cast: Cast) -> None:
    for call in (lambda: timetable.roster(cast.lin, 999), lambda: seats.enrol(cast.lin, 999, someone(1))):
        with pytest.raises(NotFound):
            call()
