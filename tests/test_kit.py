"""Equipment: never more booked than is usable, damaged kit not at all, with the reasons and the checks (T12, T15, T11)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from models import RECORDS
from models.equipment import EquipmentBooking, EquipmentState
from models.system import AuditEntry, Role, Setting, Verb
from models.training import SessionState, TrainingSession
from services import clock, db, kit, overdue, planning, store, training
from services.access import SYSTEM, Actor
from services.errors import Denied, Invalid
from services.kit import Taken
from tests.conftest import Cast
from tests.stage import seat
from tests.test_training import EVERY, NINE, instructor, planned, refusal, session

HOUR = timedelta(hours=1)
EQUIPMENT, CHECK = RECORDS["equipment"], RECORDS["equipment_check"]


def manikins(number: int = 10, **more: Any) -> int:
    return store.save(SYSTEM, EQUIPMENT, {"name": "半身模拟人", "kind": "manikin", "number": number} | more)


def book(wanted: dict[int, int], actor: Actor = SYSTEM, reason: str = "", **more: Any) -> int:
    return training.save_session(actor, planned(**more), equipment=wanted, override_reason=reason)


def check(key: int, state: str = "usable", **more: Any) -> int:
    given = {"equipment_id": key, "checked_on": clock.today(), "checked_by": "何管理", "state": state} | more
    return store.save(SYSTEM, CHECK, given)


# -- what is free ----------------------------------------------------------------------------------------------------

SPANS = st.tuples(st.integers(0, 20), st.integers(1, 8), st.integers(1, 5))


@EVERY
@given(st.lists(SPANS, max_size=8), st.integers(0, 20), st.integers(1, 8), st.integers(0, 20))
def test_what_is_free_is_what_nobody_has_at_the_worst_moment(
    spans: list[tuple[int, int, int]], start: int, length: int, usable: int
) -> None:
    taken = [Taken(1, number, NINE + HOUR * at, NINE + HOUR * (at + long)) for at, long, number in spans]
    hours = range(start, start + length)
    busiest = max(sum(number for at, long, number in spans if at <= hour < at + long) for hour in hours)
    assert kit.free(usable, taken, NINE + HOUR * start, NINE + HOUR * (start + length)) == usable - busiest


def test_two_classes_share_what_there_is_and_a_third_is_refused(cast: Cast) -> None:
    key = manikins(10)
    book({key: 6})
    book({key: 4}, cast.lin, starts=NINE + HOUR)
    with pytest.raises(Invalid) as error:
        book({key: 1}, cast.lin, starts=NINE + 2 * HOUR)
    [short] = error.value.detail["short"]
    assert error.value.fields == {"": "equipment_short"}
    assert (short.name, short.wanted, short.usable, short.free) == ("半身模拟人", 1, 10, 0)


def test_one_class_may_have_it_when_the_other_ends(cast: Cast) -> None:
    key = manikins(4)
    book({key: 4}, starts=NINE)
    book({key: 4}, cast.lin, starts=NINE + 3 * HOUR)


def test_a_cancelled_class_gives_its_equipment_back_until_it_is_opened_again(cast: Cast) -> None:
    key = manikins(4)
    first = book({key: 4})
    training.set_state(cast.lin, first, SessionState.CANCELLED, "台风")
    book({key: 3}, cast.lin)
    assert refusal(lambda: training.set_state(cast.lin, first, SessionState.OPEN, "改期")) == {"": "equipment_short"}


def test_a_class_in_the_bin_gives_its_equipment_back_and_asks_again_when_restored(cast: Cast) -> None:
    key = manikins(4)
    first = book({key: 4})
    store.remove(cast.lin, training.SESSION, first)
    second = book({key: 3}, cast.lin)
    assert refusal(lambda: store.restore(cast.lin, training.SESSION, first)) == {"": "equipment_short"}
    store.remove(cast.lin, training.SESSION, second)
    store.restore(cast.lin, training.SESSION, first)
    assert kit.of_session(cast.lin, first) == {key: 4}


def test_a_class_that_moves_asks_for_its_equipment_again(cast: Cast) -> None:
    key = manikins(4)
    book({key: 3})
    second = book({key: 3}, starts=NINE + 5 * HOUR)
    moved = {"starts": NINE + HOUR, "ends": NINE + 4 * HOUR}
    assert refusal(lambda: training.save_session(cast.lin, moved, id=second)) == {"": "equipment_short"}
    training.save_session(cast.lin, moved, id=second, equipment={key: 1})
    assert kit.of_session(cast.lin, second) == {key: 1}


def test_damaged_equipment_cannot_be_booked_even_with_a_reason(cast: Cast) -> None:
    key = manikins(4)
    check(key, "damaged", out_of_use=4)
    assert refusal(lambda: book({key: 1}, cast.lin, "借一下")) == {"": "equipment_damaged"}


def test_pieces_out_of_use_are_not_there(cast: Cast) -> None:
    key = manikins(4)
    check(key, out_of_use=2)
    book({key: 2}, cast.lin)
    assert refusal(lambda: book({key: 1}, cast.lin)) == {"": "equipment_short"}


def test_a_reason_lets_a_shortage_pass_and_stands_in_the_audit(cast: Cast) -> None:
    key = manikins(1)
    made = book({key: 3}, cast.lin, "红十字会借来两个")
    with db.reading(SYSTEM) as s:
        [note] = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.OVERRIDE)).all()
    assert (note.record_id, note.reason) == (made, "红十字会借来两个")
    assert note.changes == {"equipment_short": {str(key): [3, 1]}}


def test_two_at_once_do_not_get_the_last_one_twice(cast: Cast) -> None:
    key, start = manikins(5), Barrier(2)
    given = planned()

    def plan(_: int) -> str:
        start.wait()
        try:
            training.save_session(cast.lin, given, equipment={key: 3})
        except Invalid as error:
            return error.fields[""]
        return "booked"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(plan, range(2))) == ["booked", "equipment_short"]


@EVERY
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=8))
def test_no_order_of_bookings_exceeds_what_is_usable(cast: Cast, asked: list[tuple[int, int, int]]) -> None:
    with db.unit(SYSTEM) as s:
        for row in s.exec(select(TrainingSession)):
            row.deleted_at = clock.now()
    found = store.choices(SYSTEM, EQUIPMENT)
    key = next(iter(found), 0) or manikins(5)
    accepted = []
    for at, hours, number in asked:
        try:
            book({key: number}, starts=NINE + HOUR * at, hours=hours)
        except Invalid:
            continue
        accepted.append((at, hours, number))
    assert max(sum(n for at, long, n in accepted if at <= hour < at + long) for hour in range(12)) <= 5
    refused = [one for one in asked if one not in accepted]
    for at, hours, number in refused:
        busy = [sum(n for a, long, n in accepted if a <= hour < a + long) for hour in range(at, at + hours)]
        assert max(busy) + number > 5


def test_bookings_belong_to_the_station_of_their_session(cast: Cast) -> None:
    key = manikins(4)
    made = book({key: 1}, cast.wang)
    with db.reading(SYSTEM) as s:
        [row] = s.exec(select(EquipmentBooking).where(EquipmentBooking.session_id == made)).all()
    assert row.unit_id == cast.station


# -- the register ----------------------------------------------------------------------------------------------------


def test_the_newest_check_decides_whatever_the_order_of_entry(cast: Cast) -> None:
    key = manikins(4)
    check(key, "damaged", out_of_use=4, next_check_on=clock.today() + timedelta(days=30))
    check(key, "usable", checked_on=clock.today() - timedelta(days=3))
    row = store.get(cast.lin, EQUIPMENT, key)
    assert (row.values["state"], row.values["out_of_use"]) == (EquipmentState.DAMAGED, 4)
    assert row.values["next_check_on"] == clock.today() + timedelta(days=30)


def test_a_check_finds_no_more_broken_than_there_are(cast: Cast) -> None:
    key = manikins(4)
    assert refusal(lambda: check(key, out_of_use=5)) == {"out_of_use": "too_large"}


def test_equipment_that_is_booked_ahead_stays(cast: Cast) -> None:
    key = manikins(4)
    made = book({key: 1}, starts=clock.now() + timedelta(days=3))
    assert refusal(lambda: store.remove(cast.lin, EQUIPMENT, key)) == {"": "equipment_booked"}
    training.set_state(cast.lin, made, SessionState.CANCELLED, "台风")
    store.remove(cast.lin, EQUIPMENT, key)


def test_strangers_see_no_equipment_and_readers_book_none(cast: Cast) -> None:
    key = manikins(4)
    with pytest.raises(Denied):
        kit.offers(cast.stranger, NINE, NINE + HOUR)
    with pytest.raises(Denied):
        book({key: 1}, cast.chen)
    assert [offer.free for offer in kit.offers(cast.chen, NINE, NINE + HOUR)] == [4]


def test_offers_take_few_statements_however_much_there_is(cast: Cast, statements: Any) -> None:
    for place in range(30):
        manikins(4, name=f"模拟人{place}")
    statements()
    assert len(kit.offers(cast.lin, NINE, NINE + HOUR)) == 30
    assert statements() <= 3


# -- certificates and ratios -----------------------------------------------------------------------------------------


def certified(until: date | None, credential: str = "SZ001") -> int:
    key = instructor()
    store.save(SYSTEM, RECORDS["instructor"], {"credential": credential, "credential_until": until}, id=key)
    return key


def test_an_instructor_whose_certificate_has_lapsed_is_not_assigned_without_a_reason(cast: Cast) -> None:
    day = clock.local(NINE).date()
    key = certified(day - timedelta(days=1))
    assert refusal(lambda: session(cast.lin, instructors=[key])) == {"": "credential_lapsed"}
    training.save_session(cast.lin, planned(instructors=[key]), override_reason="复训证书已在办理")


def test_a_certificate_is_valid_to_the_end_of_its_last_day(cast: Cast) -> None:
    session(cast.lin, instructors=[certified(clock.local(NINE).date())])


def test_a_class_over_two_days_needs_a_certificate_valid_on_the_second(cast: Cast) -> None:
    key = certified(clock.local(NINE).date())
    assert refusal(lambda: session(cast.lin, instructors=[key], hours=30)) == {"": "credential_lapsed"}


def test_the_form_tells_of_a_small_venue_few_instructors_and_few_manikins(cast: Cast) -> None:
    key = store.save(
        SYSTEM, RECORDS["course"],
        {"code": "bls", "name": "BLS", "kind": "cpr_aed", "trainees_per_instructor": 6, "trainees_per_manikin": 3},
    )  # fmt: skip
    room = store.save(SYSTEM, RECORDS["venue"], {"name": "小教室", "capacity": 12})
    given = planned(course_id=key, venue_id=room, capacity=21, instructors=[certified(None, "")])
    found = planning.advice(cast.lin, given, {manikins(10): 5})
    assert (found.seats, found.instructors, found.manikins) == (
        planning.Few(12, 21), planning.Few(1, 4), planning.Few(5, 7)
    )  # fmt: skip
    assert [one.until for one in found.unfit] == [None]
    assert not found.refused
    training.save_session(cast.lin, given)


@pytest.mark.parametrize(("people", "each", "needed"), [(20, 20, 1), (21, 20, 2), (50, 20, 3), (21, 6, 4), (21, 3, 7)])
def test_ratios_are_rounded_up(people: int, each: int, needed: int) -> None:
    assert planning.needed(people, each) == needed


# -- sessions left open ----------------------------------------------------------------------------------------------


def test_who_left_a_class_open_for_a_month_plans_no_new_one_without_a_reason(cast: Cast) -> None:
    owner, other = seat(Role.COORDINATOR).actor, seat(Role.COORDINATOR).actor
    old = session(owner, starts=clock.now() - timedelta(days=31), title="忘了结班")
    given = planned(starts=clock.now() + timedelta(days=3))
    with pytest.raises(Invalid) as error:
        training.save_session(owner, given)
    assert error.value.fields == {"": "closing_overdue"}
    assert [one.title for one in error.value.detail["left_open"]] == ["忘了结班"]
    training.save_session(other, given)
    training.save_session(owner, given | {"title": "急班"}, override_reason="医院急需")
    training.set_state(owner, old, SessionState.HELD)
    training.save_session(owner, given | {"title": "又一班"})


def test_how_long_a_class_may_stay_open_is_a_setting(cast: Cast) -> None:
    owner = seat(Role.COORDINATOR).actor
    session(owner, starts=clock.now() - timedelta(days=20))
    given = planned(starts=clock.now() + timedelta(days=3))
    training.save_session(owner, given)
    with db.unit(SYSTEM) as s:
        s.add(Setting(key=overdue.GRAVES["to_close"].key, value=14))
    assert refusal(lambda: training.save_session(owner, given)) == {"": "closing_overdue"}


def test_what_was_held_long_ago_may_still_be_entered(cast: Cast) -> None:
    owner = seat(Role.COORDINATOR).actor
    session(owner, starts=clock.now() - timedelta(days=40))
    session(owner, state="held", starts=clock.now() - timedelta(days=60))
