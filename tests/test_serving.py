"""Shifts and who takes them: credentials as a hard gate, seats, half-open overlaps, withdrawal, reliability (V3, V4, V8)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from sqlmodel import select

from models import RECORDS
from models.people import CredentialKind, Person, Volunteer, VolunteerCredential, VolunteerState
from models.service import ServicePost, ServiceShift, ShiftSignup, SignupState, VolunteerInsurance
from models.system import AuditEntry, Role, Verb
from models.waiting import WAITING
from seed.load import load_reference
from services import (
    clock,
    db,
    finding,
    readiness,
    serving,
    serving_absence,
    serving_candidates,
    serving_hours,
    store,
)
from services.access import SYSTEM
from services.errors import Conflict, Denied, Invalid, NotFound
from tests.conftest import Cast
from tests.stage import seat, visit

SHIFT, SLOT, SIGNUP = (RECORDS[name] for name in ("service_shift", "shift_slot", "shift_signup"))
DAY = clock.today() + timedelta(days=30)
NAMES = count(1)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return clock.from_local(datetime(day.year, day.month, day.day, hour, minute))


def volunteer(**more: Any) -> int:
    """Somebody on the register."""
    with db.unit(SYSTEM) as s:
        person = Person(name=f"志愿{next(NAMES)}")
        s.add(person)
        s.flush()
        row = Volunteer(person_id=person.id or 0, **{"state": VolunteerState.ACTIVE, "consent": True, **more})
        s.add(row)
        s.flush()
        return row.id or 0


def post(**more: Any) -> int:
    with db.unit(SYSTEM) as s:
        number = next(NAMES)
        row = ServicePost(**{"code": f"p{number}", "name": f"岗位{number}", "form": "other", **more})
        s.add(row)
        s.flush()
        return row.id or 0


def shift(first: int = 8, last: int = 12, *, day: date = DAY, post_id: int | None = None, **more: Any) -> int:
    given = {"post_id": post_id or post(), "starts": at(first, day=day), "ends": at(last, day=day), "capacity": 2}
    return store.save(SYSTEM, SHIFT, given | more)


def credential(volunteer_id: int, kind: CredentialKind, expires_on: date | None, issued_on: date | None = None) -> None:
    with db.unit(SYSTEM) as s:
        issued = issued_on or DAY - timedelta(days=900)
        s.add(VolunteerCredential(volunteer_id=volunteer_id, kind=kind, number=f"N{next(NAMES)}", issuer="某中心",
                                  issued_on=issued, expires_on=expires_on))  # fmt: skip


def refusal(act: Callable[[], Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        act()
    return error.value.fields


def signups(shift_id: int) -> list[ShiftSignup]:
    with db.reading(SYSTEM) as s:
        return list(s.exec(select(ShiftSignup).where(ShiftSignup.shift_id == shift_id).order_by(ShiftSignup.id)))  # type: ignore[arg-type]


# -- posts --------------------------------------------------


def test_the_seven_forms_of_the_hospital_rescue_and_community_are_there(cast: Cast) -> None:
    load_reference(SYSTEM)
    load_reference(SYSTEM)
    with db.reading(SYSTEM) as s:
        posts = {row.code: row for row in s.exec(select(ServicePost))}
    assert set(posts) == {
        "outpatient_guide", "ward_visit", "preoperative_company", "children_zone", "waiting_area", "patient_group",
        "other", "first_aid", "community",
    }  # fmt: skip
    assert posts["preoperative_company"].credentials == ["infection_control"]
    assert posts["first_aid"].needs_insurance and "cpr_aed" in posts["first_aid"].either


# -- credentials are a hard gate --------------------------------------------------

INFECTION = CredentialKind.INFECTION_CONTROL


@pytest.mark.parametrize(
    ("expires", "code"), [(None, ""), (0, ""), (400, ""), (-1, "credential_expired"), ("none", "credential_missing")]
)
def test_a_credential_counts_on_the_day_of_the_shift(cast: Cast, expires: Any, code: str) -> None:
    """What ends on that very day is valid; what has ended or was never held refuses, with whatever reason."""
    who, key = volunteer(), shift(post_id=post(credentials=[INFECTION]))
    if expires != "none":
        credential(who, INFECTION, None if expires is None else DAY + timedelta(days=expires))
    if not code:
        assert serving.sign_up(cast.lin, key, who)
        return
    for reason in ("", "人手不够"):
        act = lambda reason=reason: serving.sign_up(cast.lin, key, who, override_reason=reason)  # noqa: E731
        assert refusal(act) == {"volunteer_id": code}
    assert refusal(lambda: store.save(cast.lin, SIGNUP, {"shift_id": key, "volunteer_id": who})) == {
        "volunteer_id": code
    }
    assert signups(key) == []


def test_a_credential_issued_after_the_shift_is_none_yet(cast: Cast) -> None:
    who, key = volunteer(), shift(post_id=post(credentials=[INFECTION]))
    credential(who, INFECTION, None, issued_on=DAY + timedelta(days=1))
    assert refusal(lambda: serving.sign_up(cast.lin, key, who)) == {"volunteer_id": "credential_missing"}


def test_one_of_several_credentials_is_enough_where_the_post_says_so(cast: Cast) -> None:
    key = shift(post_id=post(either=[CredentialKind.CPR_AED, CredentialKind.FIRST_AIDER]))
    nobody, somebody = volunteer(), volunteer()
    credential(somebody, CredentialKind.FIRST_AIDER, DAY)
    assert refusal(lambda: serving.sign_up(cast.lin, key, nobody)) == {"volunteer_id": "credential_missing"}
    assert serving.sign_up(cast.lin, key, somebody)


def test_a_role_asks_for_its_own_credential_and_keeps_its_seats(cast: Cast) -> None:
    key = shift(capacity=2)
    slot = store.save(cast.lin, SLOT, {"shift_id": key, "name": "急救员", "credential": "cpr_aed", "maximum": "1"})
    plain, aider, other = volunteer(), volunteer(), volunteer()
    credential(aider, CredentialKind.CPR_AED, None)
    assert refusal(lambda: serving.sign_up(cast.lin, key, plain, slot_id=slot)) == {
        "volunteer_id": "credential_missing"
    }
    serving.sign_up(cast.lin, key, plain)
    assert refusal(lambda: serving.sign_up(cast.lin, key, other)) == {"volunteer_id": "shift_full"}
    serving.sign_up(cast.lin, key, aider, slot_id=slot)
    staffed = serving.staffing(cast.lin, [key])[key]
    assert (staffed.taken, staffed.short) == (2, 0)
    assert [(place.name, place.taken, place.maximum) for place in staffed.places] == [("急救员", 1, 1), ("", 1, 1)]
    too_many = {"shift_id": key, "name": "组长", "maximum": "2"}
    assert refusal(lambda: store.save(cast.lin, SLOT, too_many)) == {"maximum": "above_capacity"}


def test_a_risky_post_asks_for_insurance_on_the_day(cast: Cast) -> None:
    who, key = volunteer(), shift(post_id=post(needs_insurance=True))
    with db.unit(SYSTEM) as s:
        s.add(
            VolunteerInsurance(
                volunteer_id=who, policy="P1", starts=DAY - timedelta(days=365), ends=DAY - timedelta(days=1)
            )
        )
    assert refusal(lambda: serving.sign_up(cast.lin, key, who)) == {"volunteer_id": "insurance_missing"}
    with db.unit(SYSTEM) as s:
        s.add(VolunteerInsurance(volunteer_id=who, policy="P2", starts=DAY, ends=DAY))
    assert serving.sign_up(cast.lin, key, who)


@pytest.mark.parametrize("more", [{"state": VolunteerState.PAUSED}, {"consent": False}])
def test_only_who_is_active_and_agrees_is_put_on_a_shift(cast: Cast, more: dict[str, Any]) -> None:
    who, key = volunteer(**more), shift()
    assert refusal(lambda: serving.sign_up(cast.lin, key, who)) == {"volunteer_id": "volunteer_not_active"}


# -- overlaps --------------------------------------------------


def test_one_shift_may_follow_another_and_none_may_overlap(cast: Cast) -> None:
    who = volunteer()
    serving.sign_up(cast.lin, shift(8, 12), who)
    serving.sign_up(cast.lin, shift(12, 14), who)
    between = shift(11, 13)
    assert refusal(lambda: serving.sign_up(cast.lin, between, who)) == {"volunteer_id": "overlap"}
    made = serving.sign_up(cast.lin, between, who, override_reason="两处相邻，本人愿意")
    with db.reading(SYSTEM) as s:
        entry = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.OVERRIDE)).one()
    assert (entry.record, entry.record_id, entry.reason) == ("shift_signup", made, "两处相邻，本人愿意")


def test_an_overlap_with_another_stations_shift_counts_too(cast: Cast) -> None:
    who = volunteer(unit_id=cast.station)
    serving.sign_up(SYSTEM, shift(8, 12, unit_id=cast.other_station), who)
    own = shift(9, 10, unit_id=cast.station)
    assert refusal(lambda: serving.sign_up(cast.wang, own, who)) == {"volunteer_id": "overlap"}


def test_a_cancelled_shift_and_a_withdrawal_leave_the_time_free(cast: Cast) -> None:
    who, first, second = volunteer(), shift(8, 12), shift(8, 12)
    serving.sign_up(cast.lin, first, who)
    serving.cancel_shift(cast.lin, first, "台风")
    serving_absence.take_off(cast.lin, serving.sign_up(cast.lin, second, who), "改期")
    assert serving.sign_up(cast.lin, shift(9, 11), who)
    assert refusal(lambda: serving.sign_up(cast.lin, first, volunteer())) == {"shift_id": "shift_closed"}


def test_a_shift_does_not_move_onto_somebodys_other_shift(cast: Cast) -> None:
    who, early, late = volunteer(), shift(8, 10), shift(10, 12)
    for key in (early, late):
        serving.sign_up(cast.lin, key, who)
    moved = {"starts": at(9), "ends": at(11)}
    assert refusal(lambda: store.save(cast.lin, SHIFT, moved, id=late)) == {"volunteer_id": "overlap"}
    assert store.save(cast.lin, SHIFT, moved, id=late, reason="本人同意") == late


# -- seats --------------------------------------------------


def test_two_at_once_for_the_last_seat_and_one_gets_it(cast: Cast) -> None:
    key, start = shift(capacity=1), Barrier(2)

    def go(who: int) -> bool:
        start.wait()
        try:
            return bool(serving.sign_up(SYSTEM, key, who))
        except Invalid as error:
            return error.fields != {"volunteer_id": "shift_full"}

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, [volunteer(), volunteer()])) == [False, True]
    assert len(signups(key)) == 1


def test_one_volunteer_at_once_on_two_overlapping_shifts_gets_one(cast: Cast) -> None:
    who, keys, start = volunteer(), [shift(8, 12), shift(11, 13)], Barrier(2)

    def go(key: int) -> bool:
        start.wait()
        try:
            return bool(serving.sign_up(SYSTEM, key, who))
        except Invalid:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, keys)) == [False, True]


def test_nobody_is_on_a_shift_twice_and_who_withdrew_may_come_back(cast: Cast) -> None:
    who, key = volunteer(), shift()
    first = serving.sign_up(cast.lin, key, who)
    assert refusal(lambda: serving.sign_up(cast.lin, key, who)) == {"volunteer_id": "signed_already"}
    serving_absence.take_off(cast.lin, first, "改期")
    with pytest.raises(Conflict):
        serving_absence.take_off(cast.lin, first, "改期")
    assert serving.sign_up(cast.lin, key, who) == first
    [row] = signups(key)
    assert (row.state, row.withdrawn_at, row.note) == (SignupState.SIGNED, None, "")


def test_seats_are_never_fewer_than_the_people_on_them(cast: Cast) -> None:
    key = shift(capacity=2)
    for _ in range(2):
        serving.sign_up(cast.lin, key, volunteer())
    assert refusal(lambda: store.save(cast.lin, SHIFT, {"capacity": "1"}, id=key)) == {"capacity": "below_signed"}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"ends": at(2, day=DAY + timedelta(days=1)), "starts": at(22)}, {"ends": "crosses_day"}),
        ({"ends": at(8)}, {"ends": "ends_before_start"}),
        ({"minimum": 3}, {"minimum": "above_capacity"}),
        ({"withdraw_until": at(9)}, {"withdraw_until": "after_start"}),
    ],
)
def test_a_shift_that_cannot_be_is_told_beside_its_field(
    cast: Cast, given: dict[str, Any], wrong: dict[str, str]
) -> None:
    assert refusal(lambda: shift(**given)) == wrong


def test_a_shift_that_ends_at_midnight_is_of_one_day(cast: Cast) -> None:
    assert shift(20, ends=at(0, day=DAY + timedelta(days=1)))


def test_a_shift_is_repeated_weekly_with_its_roles_and_once(cast: Cast) -> None:
    key = shift(title="周四导诊", withdraw_until=at(7))
    store.save(cast.lin, SLOT, {"shift_id": key, "name": "组长", "maximum": "1"})
    assert serving.repeat_shift(cast.lin, key, 3) == 3
    assert serving.repeat_shift(cast.lin, key, 4) == 1
    with db.reading(SYSTEM) as s:
        rows = s.exec(select(ServiceShift).order_by(ServiceShift.starts)).all()  # type: ignore[arg-type]
    assert [row.starts for row in rows] == [at(8) + timedelta(weeks=week) for week in range(5)]
    assert rows[2].withdraw_until == at(7) + timedelta(weeks=2)
    assert all(serving.staffing(cast.lin, [row.id or 0])[row.id or 0].places[0].name == "组长" for row in rows)


# -- at risk, unreliable --------------------------------------------------


def waiting(name: str, now: datetime) -> list[int]:
    with db.reading(SYSTEM) as s:
        moment = finding.moment(clock.local(now).date(), now)
        return finding.page(s, WAITING[name].record, finding.Query(only=name, at=moment)).ids


def test_a_shift_without_enough_people_is_told_of_two_days_ahead(cast: Cast) -> None:
    short, full = shift(minimum=1), shift(minimum=1)
    serving.sign_up(cast.lin, full, volunteer())
    role = shift(minimum=0)
    store.save(cast.lin, SLOT, {"shift_id": role, "name": "急救员", "minimum": "1", "maximum": "1"})
    assert waiting("shifts_at_risk", at(8) - timedelta(hours=49)) == []
    assert sorted(waiting("shifts_at_risk", at(8) - timedelta(hours=47))) == [short, role]


def test_who_missed_two_shifts_is_on_the_list(cast: Cast) -> None:
    yesterday, who, other = clock.today() - timedelta(days=1), volunteer(), volunteer()
    for first in (8, 10, 12):
        key = shift(first, first + 2, day=yesterday)
        serving.sign_up(cast.lin, key, who)
        if first != 10:
            serving.sign_up(cast.lin, key, other)
        if first == 12:
            row = next(one for one in signups(key) if one.volunteer_id == who)
            serving_hours.record_shift(cast.lin, key, {row.id or 0: "12:00-14:00"})
        serving_hours.finish_shift(cast.lin, key)
    found = {row.volunteer_id: (row.served, row.no_shows) for row in serving.unreliable(cast.lin)}
    assert found == {who: (1, 2), other: (0, 2)}


# -- who may --------------------------------------------------


def test_a_station_lead_sees_and_fills_their_own_shifts_alone(cast: Cast) -> None:
    other, who = shift(unit_id=cast.other_station), volunteer(unit_id=cast.station)
    with pytest.raises(NotFound):
        serving.sign_up(cast.wang, other, who)
    own = shift(unit_id=cast.station)
    serving.sign_up(cast.wang, own, who)
    assert signups(own)[0].unit_id == cast.station
    assert refusal(lambda: store.save(cast.wang, SIGNUP, {"shift_id": other, "volunteer_id": who})) == {
        "shift_id": "not_found"
    }


def test_readers_and_strangers_move_nobody(cast: Cast) -> None:
    key, who = shift(), volunteer()
    for actor in (cast.chen, cast.he, cast.stranger):
        with pytest.raises(Denied):
            serving.sign_up(actor, key, who)


# -- taken off, not come --------------------------------------------------

YESTERDAY = clock.today() - timedelta(days=1)


def audited(key: int) -> AuditEntry:
    with db.reading(SYSTEM) as s:
        mine = select(AuditEntry).where(AuditEntry.record == "shift_signup", AuditEntry.record_id == key)
        return list(s.exec(mine.order_by(AuditEntry.id)))[-1]  # type: ignore[arg-type]


def test_who_is_taken_off_leaves_the_seat_and_the_reason(cast: Cast) -> None:
    key = shift(capacity=1)
    first = serving.sign_up(cast.lin, key, volunteer())
    assert refusal(lambda: serving_absence.take_off(cast.lin, first, " ")) == {"reason": "reason_missing"}
    serving_absence.take_off(cast.lin, first, "本人来电请假")
    [row] = signups(key)
    assert (row.state, row.note, row.withdrawn_at is None) == (SignupState.WITHDRAWN, "本人来电请假", False)
    told = audited(first)
    assert (told.actor, told.reason, told.changes["state"]) == ("林社工", "本人来电请假", ["signed", "withdrawn"])
    assert serving.sign_up(cast.lin, key, volunteer())


def test_a_no_show_begins_with_the_shift_leaves_the_seat_and_has_no_hours(cast: Cast) -> None:
    key, who = shift(8, 10, day=YESTERDAY, capacity=1), volunteer()
    signup = serving.sign_up(SYSTEM, key, who)
    begins = at(8, day=YESTERDAY)
    early = begins - timedelta(minutes=1)

    def act(now: datetime) -> None:
        serving_absence.no_show(cast.lin, signup, "没有来，电话不通", now=now)

    assert refusal(lambda: act(early)) == {"": "shift_not_begun"}
    act(begins)
    [row] = signups(key)
    assert (row.state, row.note) == (SignupState.NO_SHOW, "没有来，电话不通")
    assert audited(signup).reason == "没有来，电话不通" and serving_absence.missed_by(cast.lin, who) == 1
    with pytest.raises(Conflict):
        act(begins)
    assert serving.sign_up(cast.lin, key, volunteer())  # a substitute while the shift runs
    serving_hours.record_shift(cast.lin, key, {signup: "08:00-10:00"})  # who came after all
    assert (signups(key)[0].state, signups(key)[0].note) == (SignupState.SERVED, "")
    assert serving_absence.missed_by(cast.lin, who) == 0


def test_who_has_hours_came_until_the_hours_are_refused(cast: Cast) -> None:
    key, who = shift(8, 10, day=YESTERDAY), volunteer()
    signup = serving.sign_up(SYSTEM, key, who)
    serving_hours.record_shift(SYSTEM, key, {signup: "08:00-10:00"})
    mark = partial(serving_absence.no_show, cast.lin, signup, "代签")
    assert refusal(mark) == {"": "has_hours"}
    with db.reading(SYSTEM) as s:
        entry = serving_hours.entry_of(s, key, who)
    assert entry
    serving_hours.reject(cast.lin, entry.id or 0, "代签")
    mark()
    assert signups(key)[0].state == SignupState.NO_SHOW


def test_whose_hours_wait_is_not_taken_off(cast: Cast) -> None:
    key, who = shift(8, 10, day=YESTERDAY), volunteer()
    signup = serving.sign_up(SYSTEM, key, who)
    hours = {"volunteer_id": who, "shift_id": key, "times": "08:00-10:00"}
    entry = store.save(SYSTEM, RECORDS["service_hours"], hours)
    off = partial(serving_absence.take_off, cast.lin, signup, "换人")
    assert refusal(off) == {"": "has_hours"} and signups(key)[0].state == SignupState.SIGNED
    serving_hours.reject(cast.lin, entry, "没来")
    off()
    assert signups(key)[0].state == SignupState.WITHDRAWN


def test_nobody_misses_a_shift_that_was_called_off(cast: Cast) -> None:
    key = shift(8, 10, day=YESTERDAY)
    signup = serving.sign_up(SYSTEM, key, volunteer())
    serving.cancel_shift(SYSTEM, key, "台风")
    assert refusal(lambda: serving_absence.no_show(cast.lin, signup, "没来")) == {"": "shift_closed"}


def test_absences_are_told_by_who_writes_volunteers_in_their_station(cast: Cast) -> None:
    key = shift(8, 10, day=YESTERDAY, unit_id=cast.other_station)
    signup = serving.sign_up(SYSTEM, key, volunteer(unit_id=cast.other_station))
    for act in (serving_absence.take_off, serving_absence.no_show):
        for actor in (cast.chen, cast.he, cast.stranger):
            with pytest.raises(Denied):
                act(actor, signup, "没来")
        with pytest.raises(NotFound):
            act(cast.wang, signup, "没来")


# -- whom to add --------------------------------------------------


def test_active_people_are_offered_first_who_holds_the_credential_then_who_has_time(cast: Cast) -> None:
    key = shift(post_id=post(credentials=["cpr_aed"]))
    morning = readiness.slot_of(cast.lin, at(8))
    plain, free, holder, former = volunteer(), volunteer(availability=[morning]), volunteer(), volunteer()
    volunteer(state=VolunteerState.APPLIED, availability=[morning])
    volunteer(consent=False)
    credential(holder, CredentialKind.CPR_AED, DAY)
    credential(former, CredentialKind.CPR_AED, DAY - timedelta(days=1))
    found = serving_candidates.candidates(cast.lin, key)
    assert [(one.id, one.holds, one.free) for one in found] == [
        (holder, True, False), (free, False, True), (former, False, False), (plain, False, False),
    ]  # fmt: skip
    serving.sign_up(cast.lin, key, holder)
    assert [one.id for one in serving_candidates.candidates(cast.lin, key)] == [free, former, plain]
    slot = store.save(cast.lin, SLOT, {"shift_id": key, "name": "带队", "credential": "bls", "maximum": 1})
    both = volunteer()
    credential(both, CredentialKind.CPR_AED, None)
    credential(both, CredentialKind.BLS, None)
    assert [one.id for one in serving_candidates.candidates(cast.lin, key, slot) if one.holds] == [both]
    with pytest.raises(Denied):
        serving_candidates.candidates(cast.chen, key)


def test_who_lacks_the_insurance_of_that_day_comes_later_and_is_told_so(cast: Cast) -> None:
    risky, plain = shift(post_id=post(needs_insurance=True)), shift()
    covered, lapsed = volunteer(), volunteer()
    for who, ends in ((covered, DAY), (lapsed, DAY - timedelta(days=1))):
        given = {"volunteer_id": who, "starts": DAY - timedelta(days=90), "ends": ends, "policy": f"P{who}"}
        store.save(cast.lin, RECORDS["volunteer_insurance"], given)
    found = serving_candidates.candidates(cast.lin, risky)
    assert [(one.id, one.insured) for one in found] == [(covered, True), (lapsed, False)]
    assert all(one.insured for one in serving_candidates.candidates(cast.lin, plain))
    offered = [
        words for box in visit(seat(Role.COORDINATOR), "service_shift", id=risky).selectbox for words in box.options
    ]
    assert [words.endswith("当日无保险") for words in offered if "尾号" in words or "没有手机号" in words] == [
        False,
        True,
    ]


def test_a_candidate_is_found_by_words_and_shows_the_end_of_the_phone(cast: Cast) -> None:
    key, who = shift(), volunteer()
    volunteer()
    with db.unit(SYSTEM) as s:
        person = s.get_one(Person, s.get_one(Volunteer, who).person_id)
        person.name, person.phone = "何晓舟", "13800138000"
    [found] = serving_candidates.candidates(cast.lin, key, words="何晓舟")
    assert (found.id, found.name, found.tail) == (who, "何晓舟", "8000")
