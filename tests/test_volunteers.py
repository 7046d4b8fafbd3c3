"""Registration, duplicates, approval, states, merging, the pool: works, stranger, reader, bad id, bad input."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from models import RECORDS
from models.people import CredentialKind, Person, Volunteer, VolunteerState
from models.system import AuditEntry, Role, Setting
from models.training import Attendance, Course, CourseKind, Enrolment, TrainingSession
from services import db, expiry, rescue, store, volunteers
from services.access import SYSTEM, Actor
from services.errors import Conflict, Denied, Invalid, NotFound
from services.expiry import Band
from services.rescue import RescueQuery, credential_state
from tests.conftest import Cast

VOLUNTEER, CREDENTIAL, ENROLMENT, TEAM, MEMBER = (
    RECORDS[name] for name in ("volunteer", "volunteer_credential", "enrolment", "volunteer_team", "team_membership")
)
TODAY = date(2026, 11, 23)
LIU = {
    "name": "刘敏诗", "id_type": "resident_id", "id_number": "11010519491231002x", "phone": "13800138000",
    "region_code": "440105", "consent": True,
}  # fmt: skip
CHEN = {**LIU, "name": "陈一舟", "id_type": "passport", "id_number": "E12345678", "phone": "13900139001"}
HUANG = {**CHEN, "name": "黄星野", "id_number": "E22345678", "phone": "13900139002"}


def register(given: Mapping[str, Any], day: date = TODAY) -> str:
    return volunteers.register(given, "zh", "10.0.0.1", today=day)


def all_rows(model: type[Any]) -> list[Any]:
    with db.reading(SYSTEM) as session:
        return list(session.exec(select(model).order_by(model.id)))


def only(model: type[Any]) -> Any:
    (row,) = all_rows(model)
    return row


def change(key: int, **values: Any) -> None:
    with db.unit(SYSTEM) as session:
        for name, value in values.items():
            setattr(session.get_one(Volunteer, key), name, value)


# -- registration --------------------------------------------------


def test_an_application_waits_with_its_consent_and_without_a_number(cast: Cast) -> None:
    reference = register(LIU)
    row = only(Volunteer)
    assert (row.state, row.source, row.number, row.verified_on) == ("applied", "public", None, None)
    assert (row.consent_on, row.consent_version) == (TODAY, f"{volunteers.NOTICE_VERSION}-zh")
    assert len(reference) == 9 and volunteers.find_reference(cast.lin, reference.lower()) == row.id


def test_nobody_applies_as_approved(cast: Cast) -> None:
    register({**LIU, "state": "active", "number": "V2026000001", "verified_on": TODAY, "unit_id": cast.station})
    row = only(Volunteer)
    assert (row.state, row.number, row.verified_on, row.unit_id) == ("applied", None, None, None)


def test_all_wrong_fields_are_told_at_once_and_nothing_is_kept(cast: Cast) -> None:
    with pytest.raises(Invalid) as error:
        register({**LIU, "id_number": "110105194912310021", "phone": "128", "consent": False})
    assert error.value.fields == {"id_number": "id_checksum", "phone": "phone_format", "consent": "consent_missing"}
    assert all_rows(Person) == []


def test_a_minor_needs_a_guardian(cast: Cast) -> None:
    with pytest.raises(Invalid) as error:
        register({**CHEN, "birth_date": date(2012, 1, 1)})
    assert error.value.fields == {"guardian_name": "guardian_missing", "guardian_phone": "guardian_missing"}


def test_somebody_on_the_register_gets_the_same_answer_and_is_flagged(cast: Cast) -> None:
    register(LIU)
    key = only(Volunteer).id
    volunteers.approve(cast.lin, key, verified=True, today=TODAY)
    later = TODAY + timedelta(days=3)
    assert len(register({**LIU, "phone": "13900139009"}, later)) == 9
    row, person = only(Volunteer), only(Person)
    assert (row.state, row.registered_again_on, person.phone) == (VolunteerState.ACTIVE, later, "13800138000")
    (applicant,) = volunteers.queue(cast.lin).rows
    assert (applicant.registered_again_on, applicant.differs) == (later, ["phone"])
    volunteers.acknowledge(cast.lin, key)
    assert volunteers.queue(cast.lin).total == 0


def test_a_known_person_becomes_a_volunteer_without_a_change_of_their_data(cast: Cast) -> None:
    with db.unit(SYSTEM) as session:
        session.add(Person(name="刘敏诗", phone="13800138000", email="old@example.org"))
    register({**LIU, "email": "new@example.org"})
    person, row = only(Person), only(Volunteer)
    assert (person.email, person.id_number, person.version) == ("old@example.org", None, 1)
    assert "电子邮箱" in row.notes and "new@example.org" not in row.notes
    with db.connection() as bare:
        raw = repr(bare.exec_driver_sql("SELECT * FROM volunteer").all())
        raw += repr(bare.exec_driver_sql("SELECT * FROM audit_entry").all())
    assert "new@example.org" not in raw and "19491231" not in raw


def test_a_verified_approval_completes_what_was_not_known(cast: Cast) -> None:
    with db.unit(SYSTEM) as session:
        session.add(Person(name="刘敏诗", phone="13800138000", email="old@example.org"))
    register({**LIU, "email": "new@example.org"})
    volunteers.approve(cast.lin, only(Volunteer).id, verified=True, today=TODAY)
    person = only(Person)
    assert (person.id_number, person.birth_date) == ("11010519491231002X", date(1949, 12, 31))
    assert (person.email, person.gender, only(Volunteer).application) == ("old@example.org", "female", None)


def test_a_document_under_another_name_is_not_revealed(cast: Cast) -> None:
    register(LIU)
    assert len(register({**LIU, "name": "刘敏"})) == 9
    assert only(Person).name == "刘敏诗"
    assert volunteers.queue(cast.lin).rows[0].differs == ["name"]


def test_the_same_phone_and_name_with_another_document_is_somebody_else(cast: Cast) -> None:
    register(LIU)
    register({**CHEN, "name": "刘敏诗", "phone": LIU["phone"]})
    assert len(all_rows(Person)) == 2
    assert [[one.kind for one in row.duplicates] for row in volunteers.queue(cast.lin).rows] == [["phone"], ["phone"]]


def test_somebody_with_the_same_name_and_birthday_keeps_their_data(cast: Cast) -> None:
    with db.unit(SYSTEM) as session:
        session.add(Person(name="刘敏诗", birth_date=date(1949, 12, 31), phone="13700137000"))
    register(LIU)
    assert [person.phone for person in all_rows(Person)] == ["13700137000", "13800138000"]


def test_somebody_who_left_applies_again_with_a_new_consent(cast: Cast) -> None:
    register(LIU)
    key = only(Volunteer).id
    volunteers.withdraw(cast.lin, key, "本人要求")
    with pytest.raises(Invalid):
        volunteers.move(cast.lin, key, "reopen")
    register(LIU, TODAY + timedelta(days=1))
    row = only(Volunteer)
    assert (row.state, row.consent, row.consent_on) == ("applied", True, TODAY + timedelta(days=1))


def test_an_address_has_its_hourly_share(cast: Cast) -> None:
    with db.unit(SYSTEM) as session:
        session.add(Setting(key="registrations_per_hour", value=1))
    moment = datetime(2026, 11, 23, 4, tzinfo=UTC)
    volunteers.register(LIU, "zh", "10.0.0.1", today=TODAY, now=moment)
    with pytest.raises(Denied) as error:
        volunteers.register(CHEN, "zh", "10.0.0.1", today=TODAY, now=moment)
    assert error.value.code == "too_many"
    volunteers.register(CHEN, "zh", "10.0.0.2", today=TODAY, now=moment)
    volunteers.register(HUANG, "zh", "10.0.0.1", today=TODAY, now=moment + timedelta(hours=2))


def test_the_same_person_twice_at_once_is_one_row(cast: Cast) -> None:
    with ThreadPoolExecutor(6) as pool:
        references = list(pool.map(lambda _: register(LIU), range(6)))
    assert len(set(references)) == 6 and only(Person) and only(Volunteer)


# -- duplicates --------------------------------------------------


def kinds(actor: Actor, of: Mapping[str, Any] | int) -> list[str]:
    return [one.kind for one in volunteers.duplicates(actor, of, today=TODAY)]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"id_number": LIU["id_number"], "id_type": "resident_id"}, "document"),
        ({"name": "陈一舟", "phone": "138 0013 8000"}, "phone"),
        ({"name": "刘敏诗", "birth_date": date(1949, 12, 31)}, "name_birth"),
        ({"name": "柳闽施", "phone": "13900008000"}, "similar"),
    ],
)
def test_a_duplicate_is_recognised(cast: Cast, given: Mapping[str, Any], kind: str) -> None:
    key = store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    (found,) = volunteers.duplicates(cast.lin, given, today=TODAY)
    assert (found.kind, found.volunteer_id, found.name, found.certain) == (kind, key, "刘敏诗", kind == "document")


def test_people_who_differ_are_no_duplicates(cast: Cast) -> None:
    key = store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    assert kinds(cast.lin, key) == []
    assert kinds(cast.lin, {"name": "刘敏诗", "phone": "13900008001"}) == []
    assert kinds(cast.lin, {"name": "黄星野", "phone": "13900008000"}) == []
    assert kinds(cast.lin, {}) == []


def test_somebody_who_is_no_volunteer_is_not_told_of(cast: Cast) -> None:
    with db.unit(SYSTEM) as session:
        session.add(Person(name="刘敏诗", phone="13800138000"))
    assert kinds(cast.lin, LIU) == []


def test_another_stations_volunteer_has_neither_id_nor_name(cast: Cast) -> None:
    store.save(cast.lin, VOLUNTEER, {**LIU, "unit_id": cast.other_station}, today=TODAY)
    (found,) = volunteers.duplicates(cast.wang, LIU, today=TODAY)
    assert (found.kind, found.elsewhere, found.volunteer_id, found.name) == ("document", True, None, "")


def test_readers_and_strangers_cannot_ask_who_is_known(cast: Cast) -> None:
    for actor in (cast.chen, cast.stranger):
        with pytest.raises(Denied):
            volunteers.duplicates(actor, LIU)
    with pytest.raises(NotFound):
        volunteers.duplicates(cast.lin, 999)


# -- approval --------------------------------------------------


def test_approval_gives_a_number_and_says_who_verified(cast: Cast) -> None:
    register(LIU)
    (applicant,) = volunteers.queue(cast.lin).rows
    number = volunteers.approve(cast.lin, applicant.id, verified=True, version=applicant.version, today=TODAY)
    row = only(Volunteer)
    assert (number, row.number, row.state) == ("V2026000001", number, "active")
    assert (row.verified_on, row.verified_by) == (TODAY, "林社工")
    with db.reading(SYSTEM) as session:
        last = session.exec(select(AuditEntry).where(AuditEntry.record == "volunteer")).all()[-1]
    assert (last.actor, last.changes["state"], last.changes["number"]) == (
        "林社工", ["applied", "active"], [None, number],
    )  # fmt: skip


def test_an_unverified_approval_leaves_the_verification_open(cast: Cast) -> None:
    register(LIU)
    volunteers.approve(cast.lin, only(Volunteer).id, verified=False, today=TODAY)
    assert (only(Volunteer).state, only(Volunteer).verified_on) == ("active", None)


def test_the_queue_is_oldest_first_and_masked(cast: Cast) -> None:
    register(CHEN, TODAY - timedelta(days=1))
    register(LIU, TODAY - timedelta(days=5))
    lin = volunteers.queue(cast.lin)
    assert [row.name for row in lin.rows] == ["刘敏诗", "陈一舟"] and lin.total == 2
    assert lin.rows[0].phone == "138****8000" and "4912" not in lin.rows[0].id_number
    assert volunteers.queue(cast.lin, page=1).rows == []


def test_nobody_approves_their_own_entry(cast: Cast) -> None:
    register(LIU)
    key = only(Volunteer).id
    lin = replace(cast.lin, account_id=7)
    change(key, created_by=7)
    assert volunteers.queue(lin).rows[0].own_entry
    with pytest.raises(Denied) as error:
        volunteers.approve(lin, key, verified=True)
    assert error.value.code == "own_entry" and only(Volunteer).state == "applied"
    volunteers.approve(replace(cast.lin, account_id=8), key, verified=True)


def test_a_decided_or_changed_application_is_a_conflict(cast: Cast) -> None:
    register(LIU)
    (applicant,) = volunteers.queue(cast.lin).rows
    store.save(cast.lin, VOLUNTEER, {"employer": "医院"}, id=applicant.id)
    with pytest.raises(Conflict):
        volunteers.approve(cast.lin, applicant.id, verified=True, version=applicant.version)
    volunteers.approve(cast.lin, applicant.id, verified=True)
    with pytest.raises(Conflict):
        volunteers.approve(cast.lin, applicant.id, verified=True)
    with pytest.raises(Conflict):
        volunteers.reject(cast.lin, applicant.id, "重复")


def test_a_rejection_needs_its_reason_and_can_be_reopened(cast: Cast) -> None:
    register(LIU)
    key = only(Volunteer).id
    for reason, code in ((" ", "required"), ("长" * 201, "too_long")):
        with pytest.raises(Invalid) as error:
            volunteers.reject(cast.lin, key, reason)
        assert error.value.fields == {"reason": code}
    volunteers.reject(cast.lin, key, "资料不符")
    assert (only(Volunteer).state, only(Volunteer).reject_reason) == ("rejected", "资料不符")
    assert volunteers.queue(cast.lin).total == 0
    volunteers.move(cast.lin, key, "reopen")
    assert volunteers.queue(cast.lin).total == 1


def test_numbers_are_unique_and_without_gaps_when_many_approve_at_once(cast: Cast) -> None:
    for place in range(8):
        register({**CHEN, "id_number": f"E1234567{place}", "phone": f"1390013900{place}"})
    ids = [row.id for row in all_rows(Volunteer)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda key: volunteers.approve(cast.lin, key, verified=True, today=TODAY), ids))
    assert sorted(numbers) == [f"V2026{place:06d}" for place in range(1, 9)]


def test_a_failed_approval_leaves_no_gap_and_a_binned_number_is_not_given_again(cast: Cast) -> None:
    for given in (LIU, CHEN, HUANG):
        register(given)
    one, two, three = (row.id for row in all_rows(Volunteer))
    assert volunteers.approve(cast.lin, one, verified=True, today=TODAY) == "V2026000001"
    change(two, consent=False)
    with pytest.raises(Invalid):
        volunteers.approve(cast.lin, two, verified=True, today=TODAY)
    store.remove(cast.admin, VOLUNTEER, one)
    assert volunteers.approve(cast.lin, three, verified=True, today=TODAY) == "V2026000002"


def test_a_station_lead_does_not_give_a_number_that_another_station_has(cast: Cast) -> None:
    register(LIU)
    register(CHEN)
    one, two = (row.id for row in all_rows(Volunteer))
    change(one, unit_id=cast.other_station)
    change(two, unit_id=cast.station)
    volunteers.approve(cast.lin, one, verified=True, today=TODAY)
    assert [row.name for row in volunteers.queue(cast.wang).rows] == ["陈一舟"]
    assert volunteers.approve(cast.wang, two, verified=True, today=TODAY) == "V2026000002"
    with pytest.raises(NotFound):
        volunteers.reject(cast.wang, one, "不归我")


def test_a_selection_is_approved_as_far_as_it_can_be(cast: Cast) -> None:
    for given in (LIU, CHEN, HUANG):
        register(given)
    one, two, three = (row.id for row in all_rows(Volunteer))
    change(two, created_by=7)
    lin = replace(cast.lin, account_id=7)
    done = volunteers.approve_many(lin, {one: None, two: None, three: 99, 999: None}, verified=True, today=TODAY)
    assert done.numbers == {one: "V2026000001"}
    assert done.refused == {two: "own_entry", three: "conflict", 999: "not_found"}
    assert [row.state for row in all_rows(Volunteer)] == ["active", "applied", "applied"]


def test_readers_and_strangers_decide_nothing(cast: Cast) -> None:
    register(LIU)
    key = only(Volunteer).id
    for actor in (cast.chen, cast.stranger, cast.he):
        for act in (
            lambda who: volunteers.queue(who),
            lambda who: volunteers.approve(who, key, verified=True),
            lambda who: volunteers.approve_many(who, {key: None}, verified=True),
            lambda who: volunteers.reject(who, key, "不"),
            lambda who: volunteers.acknowledge(who, key),
            lambda who: volunteers.move(who, key, "leave"),
            lambda who: volunteers.withdraw(who, key),
            lambda who: volunteers.merge(who, key, 2, "同一人"),
        ):
            with pytest.raises(Denied):
                act(actor)
    with pytest.raises(NotFound):
        volunteers.approve(cast.lin, 999, verified=True)


# -- states and merging --------------------------------------------------


def test_the_states_follow_the_table(cast: Cast) -> None:
    key = store.save(cast.lin, VOLUNTEER, LIU, today=TODAY)
    assert volunteers.moves(cast.lin, VolunteerState.ACTIVE) == ["pause", "leave", "withdraw"]
    assert volunteers.moves(cast.chen, VolunteerState.APPLIED) == []
    volunteers.move(cast.lin, key, "pause", "进修")
    with pytest.raises(Conflict):
        volunteers.move(cast.lin, key, "pause")
    volunteers.move(cast.lin, key, "resume")
    register(LIU)
    volunteers.move(cast.lin, key, "leave")
    assert (only(Volunteer).state, volunteers.queue(cast.lin).total) == ("left", 0)


def enrol(session: Any, at: int, person: int) -> None:
    session.add(Enrolment(session_id=at, person_id=person))
    session.add(Attendance(session_id=at, person_id=person))


def two_entries(cast: Cast) -> tuple[int, int]:
    return tuple(store.save(cast.lin, VOLUNTEER, given, today=TODAY) for given in (LIU, CHEN))  # type: ignore[return-value]


def test_a_merge_moves_what_does_not_collide_and_bins_the_rest(cast: Cast) -> None:
    keep, drop = two_entries(cast)
    team = store.save(cast.lin, TEAM, {"name": "救护队", "founded_on": TODAY})
    for key in (keep, drop):
        store.save(cast.lin, MEMBER, {"team_id": team, "volunteer_id": key, "joined_on": TODAY})
    paper = {"kind": "bls", "number": "B1", "issuer": "红十字会", "issued_on": TODAY, "volunteer_id": drop}
    store.save(cast.lin, CREDENTIAL, paper, today=TODAY)
    begins = datetime(2026, 11, 20, 1, tzinfo=UTC)
    with db.unit(SYSTEM) as session:
        session.add(Course(id=1, code="c", name="救护", kind=CourseKind.FIRST_AID))
        session.flush()
        for place in (1, 2):
            session.add(
                TrainingSession(id=place, title="班", course_id=1, starts=begins, ends=begins + timedelta(hours=2))
            )
        session.flush()
        people = {row.id: row.person_id for row in session.exec(select(Volunteer))}
        enrol(session, 1, people[keep])
        enrol(session, 1, people[drop])
        session.flush()
        enrol(session, 2, people[drop])
    volunteers.merge(cast.lin, keep, drop, "同一人的两份登记")
    assert [row.id for row in all_rows(Volunteer)] == [keep]
    assert [person.name for person in all_rows(Person)] == ["刘敏诗"]
    for model in (Enrolment, Attendance):
        assert [(row.session_id, row.person_id) for row in all_rows(model)] == [(1, people[keep]), (2, people[keep])]
    assert store.rows(cast.lin, CREDENTIAL).rows[0].values["volunteer_id"] == keep
    assert [row.values["volunteer_id"] for row in store.rows(cast.lin, MEMBER).rows] == [keep]
    assert [row.id for row in store.rows(cast.lin, MEMBER, store.Query(binned=True)).rows] != []
    with db.reading(SYSTEM) as session:
        reasons = session.exec(select(AuditEntry.reason).where(AuditEntry.verb == "remove")).all()
    assert reasons and set(reasons) == {"同一人的两份登记"}


def test_a_merge_needs_a_reason_and_two_entries_that_one_may_see(cast: Cast) -> None:
    keep, drop = two_entries(cast)
    with pytest.raises(Invalid):
        volunteers.merge(cast.lin, keep, drop, " ")
    with pytest.raises(Invalid):
        volunteers.merge(cast.lin, keep, keep, "同一人")
    change(keep, unit_id=cast.station)
    for actor, other in ((cast.wang, drop), (cast.lin, 999)):
        with pytest.raises(NotFound):
            volunteers.merge(actor, keep, other, "同一人")
    assert len(all_rows(Volunteer)) == 2


# -- certificates and the pool --------------------------------------------------


@pytest.mark.parametrize(
    ("days", "state"), [(-1, "expired"), (0, "expiring"), (90, "expiring"), (91, "valid"), (None, "valid")]
)
def test_a_certificate_is_valid_through_its_last_day(days: int | None, state: str) -> None:
    expires = None if days is None else TODAY + timedelta(days=days)
    assert credential_state(expires, TODAY) == state


def certify(cast: Cast, key: int, kind: str, days: int | None, number: str) -> None:
    expires = None if days is None else TODAY + timedelta(days=days)
    paper = {"volunteer_id": key, "kind": kind, "number": number, "issuer": "红十字会", "issued_on": date(2024, 1, 1)}
    store.save(cast.lin, CREDENTIAL, paper | {"expires_on": expires}, today=TODAY)


def test_a_renewed_certificate_is_not_listed_as_expiring(cast: Cast) -> None:
    one, two = two_entries(cast)
    certify(cast, one, "bls", 30, "B1")
    certify(cast, one, "bls", 900, "B2")
    certify(cast, two, "bls", 0, "B3")
    certify(cast, two, "cpr_aed", 91, "C1")
    certify(cast, two, "first_aider", -1, "F1")
    (found,) = expiry.board(cast.lin, Band.QUARTER, today=TODAY).lines
    assert (found.volunteer_id, found.number, found.days_left, found.name) == (two, "B3", 0, "陈一舟")
    assert expiry.board(cast.chen, Band.QUARTER, today=TODAY).lines[0].name == "陈**"
    with pytest.raises(Denied):
        expiry.board(cast.stranger, Band.QUARTER, today=TODAY)


def pool(cast: Cast, **asked: Any) -> list[str]:
    return sorted(row.name for row in rescue.rescue_view(cast.lin, RescueQuery(**asked), today=TODAY).rows)


def fill_pool(cast: Cast) -> dict[str, int]:
    given = {
        "刘敏诗": (LIU, "海珠区", "weekend_morning", ("bls", 200)),
        "陈一舟": (CHEN, "海珠区", "weekend_morning", ("cpr_aed", -1)),
        "黄星野": (HUANG, "天河区", "weekday_evening", ("first_aider", 10)),
        "林语桐": ({**HUANG, "name": "林语桐", "id_number": "E3", "phone": "13900139003"}, "天河区", "", None),
    }
    keys = {}
    for number, (name, (values, region, slot, paper)) in enumerate(given.items()):
        more = {
            "region": region,
            "region_code": "440105" if region == "海珠区" else "440106",
            "availability": [slot] if slot else [],
        }
        values = {**values, **more, "id_number": values["id_number"] if name != "林语桐" else "E32345678"}
        keys[name] = store.save(cast.lin, VOLUNTEER, values, today=TODAY)
        if paper:
            certify(cast, keys[name], *paper, f"N{number}")
    return keys


def test_the_pool_is_filtered_by_certificate_region_time_and_text(cast: Cast) -> None:
    fill_pool(cast)
    assert pool(cast) == sorted(["刘敏诗", "陈一舟", "黄星野", "林语桐"])
    assert [pool(cast, certificate=state) for state in ("valid", "expired", "expiring", "none")] == [
        ["刘敏诗"], ["陈一舟"], ["黄星野"], ["林语桐"]
    ]  # fmt: skip
    assert pool(cast, certificate="valid", region="海珠区", availability="weekend_morning") == ["刘敏诗"]
    assert pool(cast, region="440105") == pool(cast, region="海珠区") == sorted(["刘敏诗", "陈一舟"])
    assert len(pool(cast, region="440100")) == 4
    assert pool(cast, availability="weekday_evening") == pool(cast, text="hxy") == pool(cast, text="9002") == ["黄星野"]
    assert pool(cast, page=1) == []


def test_the_certificate_that_lasts_longest_speaks_for_the_volunteer(cast: Cast) -> None:
    key = fill_pool(cast)["陈一舟"]
    certify(cast, key, "first_aider", 20, "F1")
    certify(cast, key, "social_worker", 2000, "S1")
    row = next(row for row in rescue.rescue_view(cast.lin, today=TODAY).rows if row.id == key)
    assert (row.certificate, row.certificate_state, row.days_left) == (CredentialKind.FIRST_AIDER, "expiring", 20)
    assert (row.phone, rescue.rescue_view(cast.chen, today=TODAY).rows[-1].name) == ("139****9001", "刘**")


def test_whoever_withdraws_consent_is_on_no_call_list(cast: Cast) -> None:
    keys = fill_pool(cast)
    volunteers.withdraw(cast.lin, keys["刘敏诗"], "本人要求")
    assert "刘敏诗" not in pool(cast)
    assert pool(cast, state=VolunteerState.LEFT) == []
    row = next(row for row in all_rows(Volunteer) if row.id == keys["刘敏诗"])
    assert (row.state, row.consent) == ("left", False)


def test_the_pool_shows_a_lead_their_own_station_and_a_stranger_nothing(cast: Cast) -> None:
    keys = fill_pool(cast)
    change(keys["黄星野"], unit_id=cast.station)
    assert [row.name for row in rescue.rescue_view(cast.wang, today=TODAY).rows] == ["黄星野"]
    for actor in (cast.stranger, Actor(None, "管家", (Role.HEALTH_STEWARD,))):
        with pytest.raises(Denied):
            rescue.rescue_view(actor)
