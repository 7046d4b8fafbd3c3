"""The work list: every number is the length of its list, oldest first, only what one may do."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from models import RECORDS
from models.people import Volunteer
from models.training import Course, CourseKind, SessionState, TrainingSession
from services import db, partners, rescue, store, today, volunteers
from services.access import SYSTEM, Actor
from services.today import Moment, Today
from tests.conftest import Cast

VOLUNTEER, CREDENTIAL, ORGANISATION, AGREEMENT, INTERACTION = (
    RECORDS[name] for name in ("volunteer", "volunteer_credential", "organisation", "agreement", "interaction")
)
DAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)  # noon at the site
PASSPORT = {
    "name": "刘敏诗", "id_type": "passport", "id_number": "E12345678", "phone": "13800138000", "region_code": "440105",
    "consent": True,
}  # fmt: skip


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def person(number: int) -> dict[str, Any]:
    return {**PASSPORT, "id_number": f"E1234567{number}", "phone": f"1380013800{number}"}


def held(title: str, starts: datetime, state: str = "open", hours: int = 2, **more: Any) -> None:
    with db.unit(SYSTEM) as session:
        if session.get(Course, 1) is None:
            session.add(Course(id=1, code="c", name="救护", kind=CourseKind.FIRST_AID))
            session.flush()
        ends = starts + timedelta(hours=hours)
        session.add(
            TrainingSession(title=title, course_id=1, state=SessionState(state), starts=starts, ends=ends, **more)
        )


def busy(cast: Cast) -> None:
    """Two applications, a step overdue and one to come, an agreement and a certificate that end, sessions."""
    for number in (1, 2):
        volunteers.register(person(number), "zh", "10.0.0.1", today=later(-number))
    key = store.save(cast.lin, VOLUNTEER, person(3), today=DAY)
    paper = {"volunteer_id": key, "kind": "bls", "number": "B1", "issuer": "红十字会", "issued_on": date(2024, 1, 1)}
    store.save(cast.lin, CREDENTIAL, {**paper, "expires_on": later(40)}, today=DAY)
    place = store.save(cast.he, ORGANISATION, {"name": "康馨公益基金会", "kind": "foundation", "owner": "何经理"})
    signed = {"organisation_id": place, "signed_on": later(-300), "starts": later(-300), "ends": later(28)}
    store.save(cast.he, AGREEMENT, signed, today=DAY)
    for due in (-5, 3):
        said = {"organisation_id": place, "happened_on": later(-20), "summary": "谈续签"}
        store.save(cast.he, INTERACTION, {**said, "next_step": "回电话", "next_on": later(due)}, today=DAY)
    held("上周五的班", NOW - timedelta(days=3))
    held("已举办的班", NOW - timedelta(days=3), "held")
    held("明天的班", NOW + timedelta(days=1))


def of_kind(seen: Today, kind: str) -> list[today.Item]:
    return [item for item in seen.items if item.kind == kind]


def counts(seen: Today) -> Mapping[str, int]:
    return {number.kind: number.count for number in seen.numbers}


def test_a_coordinator_sees_what_waits_the_oldest_first(cast: Cast) -> None:
    busy(cast)
    seen = today.work(cast.lin, DAY, NOW)
    assert counts(seen) == {"approvals": 2, "this_week": 1, "next_steps": 2, "to_close": 1}
    assert [(item.kind, item.due, item.overdue) for item in seen.items] == [
        ("next_steps", later(-5), 5),
        ("to_close", later(-3), 3),
        ("approvals", later(-2), 0),
        ("this_week", later(1), 0),
        ("next_steps", later(3), 0),
        ("agreements", later(28), 0),
        ("certificates", later(40), 0),
    ]
    assert seen.items[0].title == "康馨公益基金会" and seen.items[0].detail["step"] == "回电话"


def test_every_number_is_the_length_of_the_modules_list(cast: Cast) -> None:
    busy(cast)
    lin = cast.lin
    both = {**counts(today.work(lin, DAY, NOW)), **counts(today.work(Actor(None, "陈", cast.chen.roles), DAY, NOW))}
    assert both["approvals"] == volunteers.queue(lin).total == len(volunteers.queue(lin).rows)
    assert both["next_steps"] == len(partners.next_steps(lin, DAY))
    assert both["agreements"] == len(partners.expiring_agreements(lin, DAY))
    assert both["certificates"] == len(rescue.expiring(lin, DAY))
    shown = {number.kind: number.query for number in today.work(cast.he, DAY, NOW).numbers}
    assert shown["agreements"] == {"f.state": "signed", "f.ends": "2026-11-23~2027-01-22"}
    assert shown["this_week"] == {"f.starts": "2026-11-23~2026-11-29"}
    (approvals,) = of_kind(today.work(lin, DAY, NOW), "approvals")
    assert approvals.detail == {"count": 2, "first": later(-2)}


def test_deciding_and_closing_takes_things_off_the_list(cast: Cast) -> None:
    busy(cast)
    for row in volunteers.queue(cast.lin).rows:
        volunteers.approve(cast.lin, row.id, verified=True, today=DAY)
    for step in partners.next_steps(cast.he, DAY):
        partners.finish_step(cast.he, step.interaction_id, "已回", today=DAY)
    seen = today.work(cast.lin, DAY, NOW)
    assert (counts(seen)["approvals"], counts(seen)["next_steps"]) == (0, 0)
    assert of_kind(seen, "approvals") == of_kind(seen, "next_steps") == []


def test_a_partner_manager_sees_no_volunteers(cast: Cast) -> None:
    busy(cast)
    seen = today.work(cast.he, DAY, NOW)
    assert list(counts(seen)) == ["next_steps", "agreements", "this_week"]
    assert {item.record for item in seen.items} == {"interaction", "agreement", "training_session"}
    assert of_kind(seen, "to_close") == []


def test_a_reader_has_nothing_to_act_on(cast: Cast) -> None:
    busy(cast)
    seen = today.work(cast.chen, DAY, NOW)
    assert {item.kind for item in seen.items} == {"this_week", "agreements", "certificates"}
    assert len(seen.numbers) == 3


def test_a_stranger_sees_nothing(cast: Cast) -> None:
    busy(cast)
    assert today.work(cast.stranger, DAY, NOW) == Today([], [])


def test_a_station_lead_sees_their_own_station(cast: Cast) -> None:
    busy(cast)
    held("一号站的班", NOW + timedelta(days=2), unit_id=cast.station)
    with db.unit(SYSTEM) as session:
        session.get_one(Volunteer, 1).unit_id = cast.station
    seen = today.work(cast.wang, DAY, NOW)
    assert counts(seen) == {"approvals": 1, "this_week": 1, "next_steps": 0, "agreements": 0}
    assert [item.title for item in of_kind(seen, "this_week")] == ["一号站的班"]


def test_an_empty_portal_has_nothing_to_do(cast: Cast) -> None:
    seen = today.work(cast.lin, DAY, NOW)
    assert seen.items == [] and set(counts(seen).values()) == {0} and seen.numbers[0].first is None


@pytest.mark.parametrize(
    ("hours", "state", "kinds"),
    [
        (-2, "open", ["to_close"]),
        (-2, "closed", ["to_close"]),
        (-2, "draft", ["to_close"]),
        (-2, "held", []),
        (-2, "cancelled", []),
        (-1, "open", ["this_week"]),
        (1, "draft", []),
        (24 * 6 + 11, "open", ["this_week"]),
        (24 * 6 + 12, "open", []),
    ],
)
def test_the_week_ends_on_sunday_and_a_session_is_over_at_its_end(
    cast: Cast, hours: int, state: str, kinds: list[str]
) -> None:
    held("班", NOW + timedelta(hours=hours), state)
    assert [item.kind for item in today.work(cast.lin, DAY, NOW).items] == kinds


def test_the_count_goes_on_where_the_list_stops(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "SHOWN", 2)
    for day in range(3):
        held(f"班{day}", NOW + timedelta(days=day))
    seen = today.work(cast.lin, DAY, NOW)
    assert (counts(seen)["this_week"], len(of_kind(seen, "this_week"))) == (3, 2)
    with db.reading(SYSTEM) as session:
        assert len(session.execute(today.sessions_this_week(Moment(DAY, NOW))).all()) == 3
