"""What a coordinator decides of one person against their results, on both databases: kept, audited, taken back in time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from models import RECORDS
from models.certificates import CertificateRuling, CertificateState, Ruling
from models.lessons import PresenceState
from models.system import AuditEntry
from models.training import SessionState
from services import (
    certificates,
    db,
    eligibility,
    forgetting,
    lessons,
    numbers,
    rulings,
    seats,
    store,
    training,
)
from services.access import SYSTEM, Actor
from services.errors import Denied, Invalid, NotFound
from tests.conftest import Cast
from tests.test_certificates import NINE, course, held, papers, person, reasons
from tests.test_training import refusal, someone

WITHHELD, LET_THROUGH = Ruling
EARLY = (PresenceState.LEFT_EARLY, "")


@pytest.fixture
def lin(cast: Cast) -> Actor:
    return replace(cast.lin, account_id=101)


@pytest.fixture
def zhao(cast: Cast) -> Actor:
    return replace(cast.lin, account_id=102, name="赵社工")


def left_early(key: int, number: int) -> None:
    lessons.mark(SYSTEM, key, {(None, person(number)): EARLY}, now=NINE + timedelta(days=2))


def people(key: int) -> dict[str, eligibility.Candidate]:
    return {one.name: one for one in eligibility.eligibility(SYSTEM, key).candidates}


def test_somebody_is_left_out_with_a_reason_and_taken_back_before_the_list_is_submitted(
    lin: Actor, zhao: Actor
) -> None:
    key = held(course(), 1, 2)
    made = rulings.rule(lin, key, person(2), WITHHELD, "  证件待核对 ")
    one = people(key)["学员2"]
    assert [missing.reason.zh for missing in one.missing] == ["暂不发证：证件待核对"]
    assert one.ruled and (one.ruled.id, one.ruled.by, one.ruled.reason) == (made, "林社工", "证件待核对")
    rulings.take_back(lin, made)
    assert not people(key)["学员2"].missing
    rulings.rule(lin, key, person(2), WITHHELD, "再核对")
    batch = certificates.submit(lin, key)
    assert refusal(lambda: rulings.rule(lin, key, person(1), WITHHELD, "迟了")) == {"": "batch_waits"}
    certificates.approve(zhao, batch)
    assert [row.holder for row in papers()] == ["学员1"]
    assert refusal(lambda: rulings.rule(lin, key, person(1), WITHHELD, "迟了")) == {"": "certified_already"}


def test_who_left_early_is_let_through_with_a_reason_and_by_four_eyes_gets_a_certificate(
    lin: Actor, zhao: Actor
) -> None:
    key = held(course(), 1)
    left_early(key, 1)
    assert people(key)["学员1"].too_little
    assert refusal(lambda: certificates.submit(lin, key)) == {"": "nobody_passed"}
    rulings.rule(lin, key, person(1), LET_THROUGH, "已补课")
    assert not people(key)["学员1"].missing
    with pytest.raises(Denied):
        certificates.approve(lin, certificates.submit(lin, key))
    [batch] = eligibility.eligibility(SYSTEM, key).batches
    certificates.approve(zhao, batch.id)
    assert [row.holder for row in papers()] == ["学员1"]


def test_whoever_ruled_on_somebody_of_the_list_does_not_approve_it(lin: Actor, zhao: Actor) -> None:
    key = held(course(), 1, 2)
    left_early(key, 1)
    rulings.rule(lin, key, person(1), LET_THROUGH, "已补课")
    batch = certificates.submit(zhao, key)
    assert [eligibility.eligibility(who, key).batches[0].ruled for who in (lin, zhao)] == [True, False]
    with pytest.raises(Denied) as refused:
        certificates.approve(lin, batch)
    assert refused.value.code == "own_ruling" and not papers()
    assert len(certificates.approve(replace(lin, account_id=103), batch)) == 2


def test_a_ruling_on_somebody_else_and_one_that_was_taken_back_keep_nobody_from_approving(
    lin: Actor, zhao: Actor
) -> None:
    key = held(course(), 1, 2)
    rulings.rule(lin, key, person(2), WITHHELD, "证件待核对")
    rulings.take_back(lin, rulings.rule(lin, key, person(1), WITHHELD, "证件待核对"))
    assert len(certificates.approve(lin, certificates.submit(zhao, key))) == 1


def test_being_let_through_sets_aside_the_attendance_alone(lin: Actor) -> None:
    key = held(course(passing_score=60), 1, absent=(2,))
    left_early(key, 1)
    for number in (1, 2):
        rulings.rule(lin, key, person(number), LET_THROUGH, "照顾")
    assert reasons(key) == {"学员1": ["没有理论成绩"], "学员2": ["没有签到", "没有理论成绩"]}


def test_a_later_ruling_takes_the_place_of_the_one_before(lin: Actor) -> None:
    key = held(course(), 1)
    left_early(key, 1)
    rulings.rule(lin, key, person(1), LET_THROUGH, "已补课")
    rulings.rule(lin, key, person(1), WITHHELD, "补课记录有误")
    with db.reading(SYSTEM) as s:
        [row] = s.exec(select(CertificateRuling)).all()
    assert (row.ruling, row.reason) == (WITHHELD, "补课记录有误")
    told = people(key)["学员1"].missing
    assert {missing.condition for missing in told} == {"attendance", "withheld"}


def test_every_ruling_and_its_taking_back_is_in_the_audit(lin: Actor) -> None:
    key = held(course(), 1)
    made = rulings.rule(lin, key, person(1), WITHHELD, "证件待核对")
    rulings.take_back(lin, made)
    with db.reading(SYSTEM) as s:
        mine = select(AuditEntry).where(AuditEntry.record == "certificate_ruling").order_by(col(AuditEntry.id))
        verbs = [(entry.verb, entry.reason) for entry in s.exec(mine)]
    assert verbs == [("create", "证件待核对"), ("remove", "")]


def test_a_ruling_goes_to_the_bin_by_being_taken_back_alone(lin: Actor, zhao: Actor) -> None:
    """Neither before the list is submitted, nor while it waits, nor once the certificate is issued."""
    key = held(course(), 1)
    left_early(key, 1)
    made = rulings.rule(lin, key, person(1), LET_THROUGH, "已补课")

    def removed() -> dict[str, str]:
        return refusal(lambda: store.remove(lin, RECORDS["certificate_ruling"], made))

    assert removed() == {"": "ruling_stays"}
    batch = certificates.submit(lin, key)
    assert removed() == {"": "ruling_stays"}
    certificates.approve(zhao, batch)
    assert removed() == {"": "ruling_stays"}
    assert people(key)["学员1"].ruled


def test_what_cannot_be_ruled(cast: Cast, lin: Actor) -> None:
    key = held(course(), 1)
    who = person(1)

    def code(*given: Any) -> dict[str, str]:
        return refusal(lambda: rulings.rule(lin, *given))

    assert code(key, who, WITHHELD, " ") == {"reason": "reason_missing"}
    assert code(key, who, WITHHELD, "长" * 201) == {"reason": "too_long"}
    assert code(key, 999, WITHHELD, "谁") == {"": "not_enrolled"}
    open_one = training.save_session(
        SYSTEM, {"title": "班", "course_id": course("b"), "starts": NINE, "ends": NINE + timedelta(hours=3)}
    )
    seats.enrol(SYSTEM, open_one, someone(5))
    assert code(open_one, person(5), WITHHELD, "早了") == {"": "session_not_held"}
    assert refusal(lambda: store.save(cast.admin, RECORDS["certificate_ruling"], {"session_id": key})) != {}
    with pytest.raises(NotFound):
        rulings.take_back(lin, 999)


def test_who_may_rule(cast: Cast) -> None:
    key, other = held(course(), 1, unit_id=cast.station), held(course("b"), 2, unit_id=cast.other_station)
    acts: list[Callable[[Actor], Any]] = [
        lambda who: rulings.rule(who, key, person(1), WITHHELD, "理由"),
        lambda who: rulings.take_back(who, 1),
    ]
    for act in acts:
        for who in (cast.chen, cast.stranger):
            with pytest.raises(Denied):
                act(who)
    with pytest.raises(NotFound):
        rulings.rule(cast.wang, other, person(2), WITHHELD, "理由")
    made = rulings.rule(cast.wang, key, person(1), WITHHELD, "理由")
    training.save_session(SYSTEM, {"unit_id": cast.other_station}, id=key)
    with pytest.raises(NotFound):
        rulings.take_back(cast.wang, made)


def test_the_reason_goes_with_the_person_and_who_ruled_stays(lin: Actor) -> None:
    key = held(course(), 1)
    rulings.rule(lin, key, person(1), WITHHELD, "身体不适")
    with db.unit(SYSTEM) as s:
        forgetting.forget(s, [person(1)], NINE.date())
    with db.reading(SYSTEM) as s:
        [row] = s.exec(select(CertificateRuling)).all()
    assert "身体" not in row.reason and row.ruled_by == "林社工"


def test_the_figures_of_everybody_and_a_class_that_was_too_short(lin: Actor) -> None:
    key = held(course(passing_score=60, hours=4), 1, 2)
    left_early(key, 2)
    found = eligibility.eligibility(lin, key)
    first, second = (one.result for one in found.candidates)
    assert first and (first.lessons, first.present, first.planned) == (0, timedelta(hours=3), timedelta(hours=3))
    assert first.asks_theory and first.score is None and first.practical is None
    assert second and second.present is None
    assert found.length.is_short and (found.length.lasted, found.length.class_hours) == (timedelta(hours=3), 4)
    numbers.change(SYSTEM, {"attendance.class_hour_minutes": 45})
    assert not eligibility.eligibility(lin, key).length.is_short


def test_the_statements_do_not_grow_with_the_class(lin: Actor, statements: Callable[[], int]) -> None:
    small, large = held(course(), *range(1, 4)), held(course("b"), *range(4, 34))
    eligibility.eligibility(lin, small)
    statements()
    eligibility.eligibility(lin, small)
    few = statements()
    eligibility.eligibility(lin, large)
    assert statements() == few


def test_nothing_is_issued_to_somebody_who_was_left_out_meanwhile(lin: Actor, zhao: Actor) -> None:
    """A ruling waits for the list to come back; the list is checked once more when it is approved."""
    key = held(course(), 1, 2)
    batch = certificates.submit(lin, key)
    left_early(key, 2)
    with pytest.raises(Invalid) as error:
        certificates.approve(zhao, batch)
    assert error.value.fields == {"": "no_longer_passed"}
    certificates.send_back(zhao, batch, "核对到课")
    rulings.rule(lin, key, person(2), LET_THROUGH, "已补课")
    numbers = certificates.approve(zhao, certificates.submit(lin, key))
    assert len(numbers) == 2
    training.set_state(SYSTEM, key, SessionState.CLOSED, "核对")
    assert refusal(lambda: rulings.rule(lin, key, person(2), WITHHELD, "迟了")) == {"": "session_not_held"}


def test_what_is_asked_later_takes_no_certificate_back_and_holds_for_the_next_list(lin: Actor, zhao: Actor) -> None:
    """Also of a class that was held before, as after an upgrade that asks for more."""
    asks_nothing = course(hours_percent=0)
    key = held(asks_nothing, 1, 2)
    left_early(key, 1)
    left_early(key, 2)
    made = rulings.rule(lin, key, person(2), WITHHELD, "证件待核对")
    certificates.approve(zhao, certificates.submit(lin, key))
    store.save(SYSTEM, RECORDS["course"], {"hours_percent": None}, id=asks_nothing)
    rulings.take_back(lin, made)
    assert [(row.holder, row.state) for row in papers()] == [("学员1", CertificateState.ISSUED)]
    assert refusal(lambda: certificates.submit(lin, key)) == {"": "nobody_passed"}
