"""Lessons and presence at them, on both databases: planning, the grid, imports, what the attendance follows, who passes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from models import RECORDS
from models.lessons import CAME, Lesson, Presence, PresenceState
from models.system import AuditEntry, Role, Verb
from models.training import Attendance, CheckIn, Course, SessionState, TrainingSession
from services import (
    attendance_rules,
    attending,
    checkin,
    clashes,
    clock,
    db,
    exchange,
    lessons,
    numbers,
    store,
    training,
)
from services.access import SYSTEM
from services.errors import Denied, Invalid, NotFound
from tests.conftest import Cast
from tests.stage import seat, visit
from tests.test_checkin import code_at
from tests.test_training import (
    DURING,
    EVERY,
    NINE,
    course,
    instructor,
    put,
    refusal,
    rows,
    session,
    someone,
    stored,
    venue,
)

HOUR = timedelta(hours=1)
PRESENT, LATE, LEFT_EARLY, LATE_AND_EARLY, ABSENT, EXCUSED = PresenceState
LESSON, PRESENCE = RECORDS["lesson"], RECORDS["presence"]


def lesson(key: int, hour: float, hours: float = 1, **more: Any) -> int:
    starts = NINE + hour * HOUR
    return store.save(SYSTEM, LESSON, {"session_id": key, "starts": starts, "ends": starts + hours * HOUR} | more)


def two_lessons(**more: Any) -> tuple[int, int, int]:
    key = session(hours=3, **more)
    return key, lesson(key, 0), lesson(key, 2)


def people(key: int) -> list[int]:
    return [row.person_id for row in rows(key)]


def scan(key: int, number: int, after: float, *, leaves: bool = False, **more: Any) -> checkin.CheckinResult:
    """Somebody at the door, so many hours after nine."""
    who, act = someone(number), checkin.check_out if leaves else checkin.check_in
    return act(
        stored(key).checkin_token or "",
        who["name"],
        who["phone"],
        now=NINE + after * HOUR,
        code=code_at(key, NINE + after * HOUR),
        **more,
    )


def presences(key: int) -> dict[tuple[int | None, int], Presence]:
    return {(row.lesson_id, row.person_id): row for row in rows(key, Presence)}


def attended(key: int) -> set[int]:
    return {row.person_id for row in rows(key, Attendance)}


# -- planning --------------------------------------------------------------------------------------------------------


def test_lessons_are_numbered_and_lie_beside_each_other_within_the_session(cast: Cast) -> None:
    key = session(hours=3, unit_id=cast.station)
    first, second = lesson(key, 0), lesson(key, 1, 2)
    one, two = rows(key, Lesson)
    assert (one.id, one.number, two.id, two.number) == (first, 1, second, 2)
    assert two.code == f"{stored(key).code}-2" and two.unit_id == cast.station
    assert refusal(lambda: lesson(key, 0.5)) == {"starts": "lessons_overlap"}
    assert refusal(lambda: lesson(key, -1)) == {"starts": "outside_session"}
    assert refusal(lambda: lesson(key, 2.5, 1)) == {"ends": "outside_session"}
    assert refusal(lambda: lesson(key, 1, 0)) == {"ends": "ends_before_start"}


def test_a_lesson_in_a_room_or_by_a_teacher_of_its_own_needs_them_free(cast: Cast) -> None:
    room, teacher = venue("二号教室"), instructor()
    session(venue_id=room, instructors=[teacher])
    key, other = session(), session()
    assert refusal(lambda: lesson(key, 0, venue_id=room)) == {"venue_id": "clash"}
    assert refusal(lambda: lesson(key, 0, instructor_id=teacher)) == {"instructor_id": "clash"}
    free = venue("三号教室")
    lesson(key, 0, venue_id=free)
    assert refusal(lambda: lesson(other, 0.5, venue_id=free)) == {"venue_id": "clash"}
    lesson(other, 1, venue_id=free)


def test_a_session_does_not_take_the_room_or_the_instructor_of_anothers_lesson(cast: Cast) -> None:
    room, teacher = venue(), instructor()
    key = session(hours=3, title="分课班")
    lesson(key, 1, venue_id=room, instructor_id=teacher)
    for taken in ({"venue_id": room}, {"instructors": [teacher]}):
        with pytest.raises(Invalid) as error:
            session(starts=NINE + 1.5 * HOUR, hours=1, **taken)
        assert error.value.fields == {"": "clash"}
        [clash] = error.value.detail["clashes"]
        assert (clash.session_id, clash.title, clash.starts, clash.ends) == (
            key,
            "分课班",
            NINE + HOUR,
            NINE + 2 * HOUR,
        )
    session(starts=NINE + 2 * HOUR, hours=1, venue_id=room, instructors=[teacher])  # when the lesson is over
    training.set_state(SYSTEM, key, SessionState.CANCELLED)
    assert session(starts=NINE + HOUR, hours=1, venue_id=room)


def test_lessons_that_move_with_their_session_find_their_own_rooms_free(cast: Cast) -> None:
    room = venue()
    key = session(hours=3)
    lesson(key, 0, venue_id=room)
    session(starts=NINE + 24 * HOUR, hours=1, venue_id=room)
    later = {"starts": NINE + 24 * HOUR, "ends": NINE + 27 * HOUR}
    assert refusal(lambda: training.save_session(cast.lin, later, id=key)) == {"": "clash"}
    assert training.save_session(cast.lin, later, id=key, override_reason="礼堂可分隔") == key
    assert rows(key, Lesson)[0].starts == NINE + 24 * HOUR


@pytest.mark.parametrize("away", ["cancelled", "binned"])
def test_a_session_that_comes_back_finds_the_rooms_and_instructors_of_its_lessons_free(cast: Cast, away: str) -> None:
    room, teacher = venue(), instructor()
    key, other = session(hours=3), session(hours=3)
    lesson(key, 0, venue_id=room, instructor_id=teacher)
    if away == "cancelled":
        training.set_state(SYSTEM, key, SessionState.CANCELLED, "台风")
    else:
        with db.unit(SYSTEM) as s:
            db.lock(s, TrainingSession, key).deleted_at = NINE
    theirs = lesson(other, 0, venue_id=room)

    def back() -> Any:
        if away == "cancelled":
            return training.set_state(SYSTEM, key, SessionState.OPEN, "复课")
        return store.restore(SYSTEM, training.SESSION, key)

    assert refusal(back) == {"": "clash"}
    store.save(SYSTEM, LESSON, {"venue_id": None, "instructor_id": teacher}, id=theirs)
    assert refusal(back) == {"": "clash"}
    store.save(SYSTEM, LESSON, {"instructor_id": None}, id=theirs)
    back()
    assert stored(key).state == SessionState.OPEN


def test_a_reason_lets_moved_lessons_clash_and_stands_in_the_audit(cast: Cast) -> None:
    room = venue()
    key = session(hours=3)
    lesson(key, 0, venue_id=room)
    other = session(starts=NINE + 24 * HOUR, hours=1, venue_id=room)
    later = {"starts": NINE + 24 * HOUR, "ends": NINE + 27 * HOUR}
    training.save_session(cast.lin, later, id=key, override_reason="礼堂可分隔")
    assert overruled() == [("training_session", key, {"clash": [other]}, "礼堂可分隔")]


def overruled() -> list[tuple[str, int | None, Any, str]]:
    with db.reading(SYSTEM) as s:
        notes = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.OVERRIDE)).all()
    return [(note.record, note.record_id, note.changes, note.reason) for note in notes]


def test_a_lesson_by_somebody_whose_certificate_has_lapsed_needs_a_reason_once(cast: Cast) -> None:
    teacher, key = instructor(), session(hours=3)
    until = clock.local(NINE).date() - timedelta(days=1)
    store.save(SYSTEM, RECORDS["instructor"], {"credential": "SZ001", "credential_until": until}, id=teacher)
    assert refusal(lambda: lesson(key, 0, instructor_id=teacher)) == {"instructor_id": "credential_lapsed"}
    given = {"session_id": key, "starts": NINE, "ends": NINE + HOUR, "instructor_id": teacher}
    made = store.save(cast.lin, LESSON, given, reason="复训证书已在办理")
    assert overruled() == [("lesson", made, {"credential_lapsed": [teacher]}, "复训证书已在办理")]
    store.save(cast.lin, LESSON, {"topic": "实操"}, id=made)
    day_after = {"starts": NINE + 24 * HOUR, "ends": NINE + 27 * HOUR}
    assert refusal(lambda: training.save_session(cast.lin, day_after, id=key)) == {"": "credential_lapsed"}


def test_two_lessons_at_once_do_not_get_the_same_room(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    room, start, asked = venue(), Barrier(2), Barrier(2)
    keys, between = [session(hours=3), session(hours=3)], clashes.between

    def slow(*given: Any) -> list[clashes.Clash]:
        found = between(*given)
        with suppress(BrokenBarrierError):
            asked.wait(0.5)  # whoever may ask at the same time as the other gets the answer before the other writes
        return found

    monkeypatch.setattr(clashes, "between", slow)

    def plan(key: int) -> str:
        start.wait()
        try:
            lesson(key, 0, venue_id=room)
        except Invalid as error:
            return error.fields["venue_id"]
        return "planned"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(plan, keys)) == ["clash", "planned"]


def test_the_form_of_a_lesson_asks_for_a_reason_where_one_helps(cast: Cast) -> None:
    room, key = venue(), session(hours=3)
    session(venue_id=room)
    mine = lesson(key, 0)
    at = visit(seat(Role.COORDINATOR), "lesson", do="edit", id=mine)
    form = at.session_state["tokens"][f"lesson.{mine}"]
    at.selectbox(f"{form}.venue_id").select(room)
    at.button(f"{form}.do").click().run()
    at.text_input(f"{form}.override").input("礼堂可分隔")
    at.button(f"{form}.do").click().run()
    assert [(record, key, reason) for record, key, _, reason in overruled()] == [("lesson", mine, "礼堂可分隔")]


def test_lessons_move_with_their_session_and_are_not_cut_off(cast: Cast) -> None:
    key, _, last = two_lessons()
    cut = {"ends": NINE + 2.5 * HOUR}
    assert refusal(lambda: training.save_session(cast.lin, cut, id=key)) == {"ends": "lessons_outside"}
    training.save_session(cast.lin, {"starts": NINE + 24 * HOUR, "ends": NINE + 27 * HOUR}, id=key)
    moved = next(row for row in rows(key, Lesson) if row.id == last)
    assert (moved.starts, moved.ends) == (NINE + 26 * HOUR, NINE + 27 * HOUR)


def test_what_was_noted_before_there_were_lessons_belongs_to_the_first(cast: Cast) -> None:
    key = session(hours=3)
    put(key, 1)
    scan(key, 1, 0)
    first = lesson(key, 0)
    lesson(key, 1)
    assert list(presences(key)) == [(first, people(key)[0])]
    assert attended(key) == set(people(key))


# -- the grid --------------------------------------------------------------------------------------------------------


def test_a_session_without_lessons_behaves_as_one_lesson(cast: Cast) -> None:
    key = session()
    put(key, 1, 2)
    first, second = people(key)
    assert lessons.mark(cast.lin, key, {(None, first): (LATE, ""), (None, second): (ABSENT, "")}, now=DURING) == 2
    assert lessons.mark(cast.lin, key, {(None, first): (LATE, "")}, now=DURING) == 0
    assert attended(key) == {first}
    assert {slot: cell.state for slot, cell in lessons.grid(cast.lin, key).items()} == {
        (None, first): LATE, (None, second): ABSENT,
    }  # fmt: skip
    assert lessons.mark(cast.lin, key, {(None, first): None}, now=DURING) == 1
    assert attended(key) == set()


def test_an_excuse_has_its_reason_and_may_come_before_the_day(cast: Cast) -> None:
    key, first, _ = two_lessons()
    put(key, 1)
    [who] = people(key)
    early = NINE - 24 * HOUR
    assert refusal(lambda: lessons.mark(cast.lin, key, {(first, who): (EXCUSED, " ")}, now=early)) == {
        "reason": "excuse_missing"
    }
    assert refusal(lambda: lessons.mark(cast.lin, key, {(first, who): (PRESENT, "")}, now=early)) == {"": "not_started"}
    lessons.mark(cast.lin, key, {(first, who): (EXCUSED, "值班")}, now=early)
    assert presences(key)[first, who].reason == "值班" and attended(key) == set()


def test_what_the_door_noted_keeps_its_times_when_the_state_is_corrected(cast: Cast) -> None:
    key, first, _ = two_lessons()
    put(key, 1)
    [who] = people(key)
    scan(key, 1, 0.5)
    assert presences(key)[first, who].state == LATE
    lessons.mark(cast.lin, key, {(first, who): (PRESENT, "")}, now=DURING)
    row = presences(key)[first, who]
    assert (row.state, row.arrived_at, row.noted_by) == (PRESENT, NINE + 0.5 * HOUR, CheckIn.QR)


def test_marks_of_another_sessions_lesson_or_of_strangers_are_refused(cast: Cast) -> None:
    key, first, _ = two_lessons()
    other, elsewhere, _ = two_lessons()
    put(key, 1)
    put(other, 2)
    mine, theirs = people(key)[0], people(other)[0]
    assert refusal(lambda: lessons.mark(cast.lin, key, {(elsewhere, mine): (PRESENT, "")}, now=DURING)) == {
        "lesson_id": "not_found"
    }
    assert refusal(lambda: lessons.mark(cast.lin, key, {(first, theirs): (PRESENT, "")}, now=DURING)) == {
        "": "not_enrolled"
    }
    training.set_state(cast.lin, key, SessionState.CANCELLED, "台风")
    assert refusal(lambda: lessons.mark(cast.lin, key, {(first, mine): (PRESENT, "")}, now=DURING)) == {
        "": "session_cancelled"
    }


def test_who_may_note_presence(cast: Cast) -> None:
    key, other = session(unit_id=cast.station), session(unit_id=cast.other_station)
    put(key, 1)
    marks: dict[Any, Any] = {(None, people(key)[0]): (PRESENT, "")}
    for who in (cast.chen, cast.he, cast.stranger):
        with pytest.raises(Denied):
            lessons.mark(who, key, marks, now=DURING)
    for call in (lambda: lessons.mark(cast.wang, other, {}), lambda: lessons.grid(cast.wang, other)):
        with pytest.raises(NotFound):
            call()
    with pytest.raises(Denied):
        lessons.lessons(cast.stranger, key)
    assert lessons.mark(cast.wang, key, marks, now=DURING) == 1


def through_the_attendance(key: int, number: int, is_here: bool) -> None:
    form, mine = (
        RECORDS["attendance"],
        [row for row in rows(key, Attendance) if row.person_id == people(key)[number - 1]],
    )
    if is_here and not mine:
        store.save(SYSTEM, form, someone(number) | {"session_id": key, "checked_in_at": NINE + 2.5 * HOUR})
    elif mine and not is_here:
        store.remove(SYSTEM, form, mine[0].id)


MARKS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from([None, *PresenceState])), min_size=1, max_size=12
)


@EVERY
@given(marks=MARKS)
def test_the_attendance_is_the_union_of_the_presences(cast: Cast, marks: list[tuple[int, int, Any]]) -> None:
    """Whatever is marked and taken back in whatever order, also through the attendance itself."""
    key, first, second = two_lessons()
    put(key, 1, 2, 3)
    who = people(key)
    for place, person, state in marks:
        if place < 2:
            wanted = (state, "事由" if state == EXCUSED else "") if state else None
            lessons.mark(cast.lin, key, {((first, second)[place], who[person]): wanted}, now=NINE + 2.5 * HOUR)
        else:
            through_the_attendance(key, person + 1, state in CAME)
        came = {row.person_id for row in rows(key, Presence) if row.state in CAME}
        assert attended(key) == came
    assert len(rows(key, Presence)) == len(presences(key))


# -- lists -----------------------------------------------------------------------------------------------------------


def sheet(folder: Path, lines: list[list[str]]) -> Path:
    path = folder / "presence.csv"
    path.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8-sig")
    return path


def test_presence_comes_in_by_a_sheet_and_the_same_sheet_again_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    key, first, second = two_lessons()
    put(key, 1, 2)
    code = stored(key).code or ""
    names = ("session_id", "lesson_id", "name", "phone", "state", "reason")
    head = [PRESENCE.field(name).label.zh for name in names]
    body = [
        [code, f"{code}-1", "学员1", someone(1)["phone"], "到", ""],
        [code, f"{code}-2", "学员1", someone(1)["phone"], "请假", "值班"],
        [code, f"{code}-1", "学员2", someone(2)["phone"], "请假", ""],
        [code, "", "学员2", someone(2)["phone"], "到", ""],
    ]
    found = exchange.run_import(cast.lin, PRESENCE, sheet(tmp_path, [head, *body]))
    assert (found.created, found.rejected) == (2, 2), found.problems
    assert {problem.code for problem in found.problems} == {"required"}
    one = people(key)[0]
    assert {slot: row.state for slot, row in presences(key).items()} == {(first, one): PRESENT, (second, one): EXCUSED}
    assert attended(key) == {one}
    again = exchange.run_import(cast.lin, PRESENCE, sheet(tmp_path, [head, *body[:2]]))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_an_attendance_that_is_entered_binned_and_restored_takes_its_presences_along(cast: Cast) -> None:
    key, first, second = two_lessons()
    put(key, 1)
    [who] = people(key)
    given_ = {"session_id": key, **someone(1), "checked_in_at": NINE + 2.1 * HOUR}
    came = store.save(SYSTEM, RECORDS["attendance"], given_)
    assert list(presences(key)) == [(second, who)]
    lessons.mark(cast.lin, key, {(first, who): (LATE, "")}, now=DURING)
    store.remove(SYSTEM, RECORDS["attendance"], came)
    assert presences(key) == {} and attended(key) == set()
    store.restore(SYSTEM, RECORDS["attendance"], came)
    assert list(presences(key)) == [(second, who)] and attended(key) == {who}
    store.remove(SYSTEM, PRESENCE, presences(key)[second, who].id or 0)
    assert attended(key) == set()


# -- passing ---------------------------------------------------------------------------------------------------------


def kept_back(key: int) -> dict[int, Any]:
    with db.reading(SYSTEM) as s:
        row = s.exec(select(TrainingSession).where(TrainingSession.id == key)).one()
        found = s.exec(select(Course).where(Course.id == row.course_id)).one()
        return dict(attending.kept_back(s, row, found, people(key)))


def test_of_two_lessons_one_missed_is_too_few_where_all_are_asked_for(cast: Cast) -> None:
    key, first, second = two_lessons()
    put(key, 1, 2, 3)
    one, two, three = people(key)
    both: dict[Any, Any] = {(slot, one): (PRESENT, "") for slot in (first, second)}
    marks: dict[Any, Any] = {
        **both,
        (first, two): (LATE, ""),
        (second, two): (EXCUSED, "值班"),
        (first, three): (PRESENT, ""),
    }
    lessons.mark(cast.lin, key, marks, now=NINE + 2.5 * HOUR)
    found = kept_back(key)
    assert set(found) == {two, three}
    assert found[two].zh == "2 次课到了 1 次（50%），须达 100%；未到：第 2 次（3月9日，请假）"
    assert found[three].en == "Came to 1 of 2 lessons (50 %), 100 % needed; missed: lesson 2 (2026-03-09)"


@pytest.mark.parametrize(
    ("percent", "hours", "limit", "passes"),
    [(50, 3.9, 4, True), (50, 4, 4, False), (50, 4, 0, True), (51, 1, 4, False), (0, 3, 4, True)],
)
def test_half_a_day_missed_excludes_whatever_the_share(
    cast: Cast, percent: int, hours: float, limit: int, passes: bool
) -> None:
    store.save(SYSTEM, RECORDS["course"], {"attendance_percent": percent}, id=course())
    numbers.change(cast.admin, {attendance_rules.ABSENT.key: limit})
    key = session(hours=10)
    first = lesson(key, 0)
    lesson(key, 2, hours)
    put(key, 1)
    lessons.mark(cast.lin, key, {(first, people(key)[0]): (PRESENT, "")}, now=DURING)
    assert (kept_back(key) == {}) is passes


# -- the door --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrives", "leaves", "state"),
    [(0, 1, PRESENT), (10, 50, PRESENT), (10.1, 50, LATE), (10, 49.9, LEFT_EARLY), (30, 40, LATE_AND_EARLY)],
)
def test_late_and_early_are_judged_by_ten_minutes(cast: Cast, arrives: float, leaves: float, state: Any) -> None:
    key, first, _ = two_lessons()
    put(key, 1)
    if leaves == 1:
        leaves = 60
    scan(key, 1, arrives / 60)
    result = scan(key, 1, leaves / 60, leaves=True)
    row = presences(key)[first, people(key)[0]]
    assert row.state == state and result.left
    assert (row.arrived_at, row.left_at) == (NINE + HOUR * (arrives / 60), NINE + HOUR * (leaves / 60))


def test_the_door_notes_the_lesson_of_the_moment_and_leaving_the_one_that_was_attended(cast: Cast) -> None:
    key, first, second = two_lessons()
    put(key, 1)
    [who] = people(key)
    assert scan(key, 1, -0.9).view.lesson == 1
    assert scan(key, 1, 1.1, leaves=True).left
    assert scan(key, 1, 1.2).view.lesson == 2
    assert scan(key, 1, 1.3).again
    scan(key, 1, 3, leaves=True)
    assert {slot: row.state for slot, row in presences(key).items()} == {(first, who): PRESENT, (second, who): PRESENT}
    assert len(rows(key, Attendance)) == 1


def test_leaving_again_later_counts_the_last_time_and_a_second_sending_nothing(cast: Cast) -> None:
    key, first, _ = two_lessons()
    put(key, 1)
    [who] = people(key)
    assert refusal(lambda: scan(key, 1, 0.5, leaves=True)) == {"": "not_checked_in"}
    came = scan(key, 1, 0, once="one")
    assert scan(key, 1, 0.1, once="one") == came
    assert scan(key, 1, 0.2, once="other").again
    scan(key, 1, 0.5, leaves=True, once="two")
    scan(key, 1, 0.6, leaves=True, once="two")
    assert (presences(key)[first, who].left_at, presences(key)[first, who].state) == (NINE + HOUR / 2, LEFT_EARLY)
    scan(key, 1, 1, leaves=True, once="three")
    assert (presences(key)[first, who].left_at, presences(key)[first, who].state) == (NINE + HOUR, PRESENT)


def test_who_was_excused_and_comes_all_the_same_was_there(cast: Cast) -> None:
    key, first, _ = two_lessons()
    put(key, 1)
    lessons.mark(cast.lin, key, {(first, people(key)[0]): (EXCUSED, "值班")}, now=DURING)
    assert not scan(key, 1, 0).again
    assert presences(key)[first, people(key)[0]].state == PRESENT
