"""How long somebody must have been at a class for its certificate, on both databases (rules.md §2.6)."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from models import RECORDS
from models.lessons import Presence, PresenceState
from models.training import Attendance, CheckIn, Course, TrainingSession
from services import attendance_rules, attending, clock, db, lessons, numbers, presence, store
from services.access import SYSTEM
from tests.conftest import Cast
from tests.test_lessons import HOUR, lesson, people, presences, scan
from tests.test_training import EVERY, NINE, course, put, refusal, rows, session, someone

PRESENT, LATE, LEFT_EARLY, LATE_AND_EARLY, ABSENT, EXCUSED = PresenceState
AFTER = NINE + 100 * HOUR


def kept_back(key: int) -> dict[int, Any]:
    with db.reading(SYSTEM) as s:
        row = s.exec(select(TrainingSession).where(TrainingSession.id == key)).one()
        found = s.exec(select(Course).where(Course.id == row.course_id)).one()
        return dict(attending.kept_back(s, row, found, people(key)))


def set_course(**given: Any) -> None:
    store.save(SYSTEM, RECORDS["course"], given, id=course())


def one(hours: float = 4, **more: Any) -> int:
    key = session(hours=hours, **more)
    put(key, 1)
    return key


def reason(key: int) -> str:
    found = kept_back(key)
    return next(iter(found.values())).zh if found else ""


# -- a session without lessons ------------------------------------------------------------------------------------------


def test_who_left_a_class_without_lessons_early_is_kept_back_with_figures(cast: Cast) -> None:
    key = one()
    scan(key, 1, 0)
    scan(key, 1, 1.5, leaves=True)
    assert presences(key)[None, people(key)[0]].state == LEFT_EARLY
    [found] = kept_back(key).values()
    assert found.zh == "到课 1.5 小时，要求 3.2 小时（4 小时的 80%）"
    assert found.en == "Was there for 1.5 hours, 3.2 needed (80 % of 4)"


@pytest.mark.parametrize(
    ("arrives", "leaves", "passes"),
    [(0, 4, True), (-0.9, 4.9, True), (0, 3.2, True), (0, 3.19, False), (0.8, 4, True), (0.81, 4, False), (1.5, None, False),
     (0.4, 3.5, False), (0.4, 3.6, True)],
)  # fmt: skip
def test_the_minutes_within_the_class_decide(cast: Cast, arrives: float, leaves: float | None, passes: bool) -> None:
    key = one()
    scan(key, 1, arrives)
    if leaves is not None:
        scan(key, 1, leaves, leaves=True)
    assert (reason(key) == "") is passes


def test_the_times_decide_whatever_was_made_of_the_state(cast: Cast) -> None:
    key = one()
    scan(key, 1, 0)
    scan(key, 1, 1, leaves=True)
    lessons.mark(cast.lin, key, {(None, people(key)[0]): (PRESENT, "")}, now=AFTER)
    assert reason(key).startswith("到课 1 小时")


@pytest.mark.parametrize(
    ("state", "passes"), [(PRESENT, True), (LATE, True), (LEFT_EARLY, False), (LATE_AND_EARLY, False)]
)
def test_of_a_mark_by_hand_only_gone_early_keeps_back_since_nobody_knows_when(
    cast: Cast, state: PresenceState, passes: bool
) -> None:
    key = one()
    lessons.mark(cast.lin, key, {(None, people(key)[0]): (state, "")}, now=AFTER)
    assert reason(key) == ("" if passes else "早退，没有签退时间，算不出到课多久；要求 3.2 小时（4 小时的 80%）")


@pytest.mark.parametrize(
    ("given_", "asked"),
    [
        ({}, "80%"),
        ({"hours_percent": 100}, "100%"),
        ({"hours_percent": 50}, "50%"),
        ({"hours_percent": 0}, ""),
        ({"attendance_percent": 60}, "60%"),
        ({"attendance_percent": 0}, ""),
        ({"attendance_percent": 0, "hours_percent": 70}, "70%"),
    ],
)
def test_the_share_is_the_courses_else_the_houses_and_no_more_than_its_lessons(
    cast: Cast, given_: dict[str, int], asked: str
) -> None:
    set_course(**given_)
    key = one()
    scan(key, 1, 0)
    scan(key, 1, 0.5, leaves=True)
    assert asked in reason(key) and bool(reason(key)) is bool(asked)


def test_the_houses_share_is_an_administrators(cast: Cast) -> None:
    numbers.change(cast.admin, {"attendance.hours_percent": 30})
    key = one()
    scan(key, 1, 0)
    scan(key, 1, 1.2, leaves=True)
    assert reason(key) == ""
    assert refusal(lambda: numbers.change(cast.admin, {"attendance.hours_percent": 101, "attendance.class_hour_minutes": 5})) == {
        "attendance.hours_percent": "too_large", "attendance.class_hour_minutes": "too_small",
    }  # fmt: skip


def test_no_more_than_the_courses_hours_is_asked_of_a_session_that_lasts_over_nights(cast: Cast) -> None:
    set_course(hours=8)
    key = one(hours=32)
    scan(key, 1, 0)
    scan(key, 1, 7, leaves=True)
    assert reason(key) == ""
    scan(key, 1, 7.5, leaves=True)
    numbers.change(cast.admin, {"attendance.class_hour_minutes": 45, "attendance.absent_hours": 0})
    set_course(hours_percent=100)
    assert reason(key) == ""


def test_half_a_day_missed_excludes_without_lessons_too(cast: Cast) -> None:
    set_course(hours=8, hours_percent=10)
    key = one(hours=8)
    scan(key, 1, 0)
    scan(key, 1, 4, leaves=True)
    assert reason(key) == "缺课 4 小时，满 4 小时不发证"
    scan(key, 1, 4.1, leaves=True)
    assert reason(key) == ""


@pytest.mark.parametrize("way", [CheckIn.QR, CheckIn.DIGITS])
def test_whoever_the_door_saw_only_after_the_end_was_not_there(cast: Cast, way: CheckIn) -> None:
    """The door notes nobody's coming any more; what it noted before it shut at the end is judged all the same."""
    key = one()
    assert refusal(lambda: scan(key, 1, 4)) == {"": "only_out"}
    scan(key, 1, 0)
    row = presences(key)[None, people(key)[0]]
    store.save(SYSTEM, RECORDS["presence"], {"arrived_at": NINE + 4.1 * HOUR, "noted_by": way}, id=row.id)
    assert reason(key).startswith("到课 0 小时")
    store.save(SYSTEM, RECORDS["presence"], {"noted_by": CheckIn.IMPORT}, id=row.id)
    assert reason(key) == ""


def test_between_two_lessons_one_leaves_the_first_and_comes_to_neither(cast: Cast) -> None:
    key = session(hours=8)
    first, second = lesson(key, 0, 3), lesson(key, 4.5, 3)
    put(key, 1)
    scan(key, 1, 0)
    assert refusal(lambda: scan(key, 2, 3.4)) == {"": "only_out"}
    assert scan(key, 1, 3.4, leaves=True).view.lesson == 1
    scan(key, 1, 3.5)
    assert {slot[0] for slot in presences(key)} == {first, second}


def test_a_list_typed_in_afterwards_says_that_somebody_came_and_not_when(cast: Cast) -> None:
    key = one()
    given_ = {"session_id": key, **someone(1), "checked_in_at": AFTER}
    store.save(SYSTEM, RECORDS["attendance"], given_)
    assert presences(key)[None, people(key)[0]].arrived_at is None
    assert reason(key) == ""


@pytest.mark.parametrize("way", [CheckIn.HAND, CheckIn.IMPORT])
def test_when_somebody_was_typed_in_is_not_when_they_came(cast: Cast, way: CheckIn) -> None:
    """But a time that the door noted elsewhere, or that somebody put into the presence itself, is."""
    key, form = one(), RECORDS["attendance"]
    now_ = {"checked_in_at": NINE + 2 * HOUR, "checked_in_by": way}
    made = store.save(SYSTEM, form, {"session_id": key, **someone(1)} | now_)
    row = presences(key)[None, people(key)[0]]
    assert (row.arrived_at, row.noted_by, reason(key)) == (None, way, "")
    store.save(SYSTEM, form, {"checked_in_at": NINE + 3 * HOUR}, id=made)
    assert reason(key) == ""
    store.save(SYSTEM, RECORDS["presence"], {"arrived_at": NINE + 2 * HOUR}, id=row.id)
    assert reason(key).startswith("到课 2 小时")
    [attendance] = rows(key, Attendance)
    assert attendance.checked_in_at == NINE + 2 * HOUR
    store.save(SYSTEM, form, {"checked_in_at": NINE + 3 * HOUR, "checked_in_by": CheckIn.QR}, id=made)
    assert reason(key).startswith("到课 1 小时")


def test_times_of_typing_that_were_kept_as_times_of_coming_go_and_others_stay(cast: Cast) -> None:
    key = one()
    put(key, 2, 3)
    for number, (way, arrived) in enumerate(((CheckIn.HAND, 0), (CheckIn.QR, 0), (CheckIn.IMPORT, 1)), 1):
        given_ = {"session_id": key, **someone(number), "state": PRESENT, "noted_by": way}
        store.save(SYSTEM, RECORDS["presence"], given_ | {"arrived_at": clock.now() - arrived * HOUR})
    module = import_module("migrations.versions.0021_times_of_coming")
    with db.connection(write=True) as bare:
        module._forget_when_it_was_typed(bare)
    assert [row.arrived_at is None for row in rows(key, Presence)] == [True, False, False]


def test_who_never_came_is_told_so_by_another_condition(cast: Cast) -> None:
    key = one()
    lessons.mark(cast.lin, key, {(None, people(key)[0]): (ABSENT, "")}, now=AFTER)
    assert reason(key) == ""


# -- a session with lessons ---------------------------------------------------------------------------------------------


def test_a_lesson_left_after_a_third_does_not_count_as_attended(cast: Cast) -> None:
    key = session(hours=6)
    first, _ = lesson(key, 0, 3), lesson(key, 3, 3)
    put(key, 1)
    scan(key, 1, 0)
    scan(key, 1, 1, leaves=True)
    scan(key, 1, 3)
    assert reason(key) == (
        "2 次课到了 1 次（50%），须达 100%；未到：第 1 次（3月9日，早退，到课 1 小时，要求 2.4 小时）"
    )
    store.save(SYSTEM, RECORDS["presence"], {"left_at": NINE + 2.5 * HOUR}, id=presences(key)[first, people(key)[0]].id)
    assert reason(key) == ""


@pytest.mark.parametrize(("share", "passes"), [(0, True), (1, False)])
def test_a_course_that_asks_for_no_time_takes_who_left_early_at_whatever_hour(
    cast: Cast, share: int, passes: bool
) -> None:
    """Of a class with lessons and of one without it means the same, and nobody missed hours that nobody knows of."""
    set_course(hours_percent=share)
    whole, parted = one(hours=5), session(hours=10)
    parts = [lesson(parted, 0, 5), lesson(parted, 5, 5)]
    put(parted, 1)
    for key, lessons_ in ((whole, [None]), (parted, parts)):
        lessons.mark(cast.lin, key, {(part, people(key)[0]): (LEFT_EARLY, "") for part in lessons_}, now=AFTER)
        assert (reason(key) == "") is passes


def test_hours_missed_here_and_there_add_up_to_half_a_day(cast: Cast) -> None:
    set_course(attendance_percent=50, hours_percent=50)
    key = session(hours=10)
    lesson(key, 0, 4)
    second = lesson(key, 5, 5)
    put(key, 1)
    scan(key, 1, 0)
    scan(key, 1, 2, leaves=True)
    scan(key, 1, 5)
    scan(key, 1, 8, leaves=True)
    assert reason(key) == "缺课 4 小时，满 4 小时不发证"
    lessons.mark(cast.lin, key, {(second, people(key)[0]): (EXCUSED, "值班")}, now=AFTER)
    assert reason(key) == "缺课 7 小时，满 4 小时不发证；未到：第 2 次（3月9日，请假）"


# -- laws ----------------------------------------------------------------------------------------------------------------

MINUTES = st.integers(-90, 330)


@EVERY
@given(arrives=st.none() | MINUTES, leaves=st.none() | MINUTES, state=st.sampled_from([*PresenceState]))
def test_nobody_was_there_for_less_than_nothing_or_longer_than_the_class(
    cast: Cast, arrives: int | None, leaves: int | None, state: PresenceState
) -> None:
    """Whatever times are noted, and staying longer never counts for less."""
    part = presence.Part(None, NINE, NINE + 4 * HOUR, NINE)
    sitting = attending.Sitting([part], [4 * HOUR], 100, 80, attendance_rules.Rules(), AFTER)
    minute = timedelta(minutes=1)

    def stay(until: int | None) -> attending.Stay:
        at = [NINE + minute * number if number is not None else None for number in (arrives, until)]
        row = Presence(session_id=1, person_id=1, state=state, arrived_at=at[0], left_at=at[1])
        [found] = sitting.stays({(None, 1): row}, 1)
        return found

    found = stay(leaves)
    assert found.present is None or timedelta(0) <= found.present <= 4 * HOUR
    assert timedelta(0) <= found.missed <= 4 * HOUR
    if leaves is not None:
        later = stay(leaves + 30)
        assert found.present is not None and later.present is not None and later.present >= found.present


def test_a_course_says_in_its_form_what_an_empty_share_means(cast: Cast) -> None:
    told = RECORDS["course"].field("hours_percent").help
    assert told and f"{attendance_rules.Rules().hours_percent}%" in told.zh
