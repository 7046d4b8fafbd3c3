"""From the class to its certificates as people go through it: while it runs, when it was too short, who is who, what is final."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models.certificates import CertificateState, Ruling
from models.system import AuditEntry, Role
from services import (
    assessment,
    attending,
    certificates,
    clock,
    db,
    eligibility,
    namesakes,
    results,
    rulings,
    seats,
    today,
    training,
    verifying,
)
from services.access import SYSTEM, Actor
from services.errors import Conflict
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_certificates import NINE, course, held, papers, person, reasons
from tests.test_training import refusal

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def lin(cast: Cast) -> Actor:
    return replace(cast.lin, account_id=101)


@pytest.fixture
def zhao(cast: Cast) -> Actor:
    return replace(cast.lin, account_id=102, name="赵社工")


def running(*numbers: int) -> int:
    """A class of three hours that began an hour ago."""
    return held(course(hours=3), *numbers, starts=clock.now() - HOUR)


def said(at: "AppTest", words: str) -> bool:
    return any(words in text for text in texts(at))


def labels(at: "AppTest") -> set[str]:
    return {button.label for button in at.button}


def press(at: "AppTest", label: str) -> "AppTest":
    return next(button for button in at.button if button.label == label).click().run()


# -- while the class runs --------------------------------------------------


def test_time_that_has_not_happened_counts_for_nobody_and_nobody_has_passed(lin: Actor) -> None:
    key = running(1)
    [one] = eligibility.eligibility(lin, key).candidates
    assert one.result and one.result.present is not None
    assert one.result.present < 1.1 * HOUR and one.result.planned == 3 * HOUR
    assert reasons(key)["学员1"][0] == "课还没结束" and not one.too_little


def test_a_list_is_neither_submitted_nor_approved_before_the_end(lin: Actor, zhao: Actor) -> None:
    key = running(1)
    assert refusal(lambda: certificates.submit(lin, key)) == {"": "class_not_over"}
    now = clock.now()
    training.save_session(SYSTEM, {"starts": now - 4 * HOUR, "ends": now - HOUR}, id=key)
    batch = certificates.submit(lin, key)
    training.save_session(SYSTEM, {"ends": now + HOUR}, id=key)
    assert refusal(lambda: certificates.approve(zhao, batch)) == {"": "class_not_over"}
    assert papers() == []


@ON_SQLITE
def test_the_page_of_a_running_class_says_until_when_and_judges_nobody(cast: Cast) -> None:
    key = running(1, 2)
    ends = clock.local(eligibility.eligibility(SYSTEM, key).ends)
    at = visit(seat(Role.COORDINATOR), "certify", id=key)
    assert healthy(at) and said(at, "课还没结束，") and said(at, f"{ends:%H:%M} 以后才能定谁通过")
    [line, _] = at.dataframe[0].value.to_dict("records")
    assert line["到课"].endswith("/ 3 小时") and not line["到课"].startswith("3 ")
    assert "结果" not in line and not any("提交名单" in label for label in labels(at))


@pytest.mark.parametrize(("minutes", "words"), [(0, "0"), (3, "不到 0.1"), (6, "0.1"), (119, "1.9"), (180, "3")])
def test_a_stay_is_told_in_tenths_of_an_hour_rounded_down(minutes: int, words: str) -> None:
    assert attending.been(timedelta(minutes=minutes)).zh.strip() == words


# -- a class that was too short --------------------------------------------------


def test_a_class_shorter_than_its_course_needs_a_reason_and_the_paper_names_its_own_hours(
    lin: Actor, zhao: Actor
) -> None:
    key = held(course(hours=8), 1)
    assert refusal(lambda: certificates.submit(lin, key)) == {"short_reason": "reason_missing"}
    assert refusal(lambda: certificates.submit(lin, key, (), "长" * 201)) == {"short_reason": "too_long"}
    batch = certificates.submit(lin, key, (), " 下午停电，已自学补足 ")
    assert eligibility.eligibility(zhao, key).batches[0].short_reason == "下午停电，已自学补足"
    certificates.approve(zhao, batch)
    assert [row.hours for row in papers()] == [3]
    with db.reading(SYSTEM) as s:
        mine = select(AuditEntry.reason).where(AuditEntry.record == "certificate_batch", AuditEntry.verb == "create")
        assert s.exec(mine).all() == ["下午停电，已自学补足"]


def test_a_class_that_became_too_short_after_its_list_was_submitted_is_not_approved(lin: Actor, zhao: Actor) -> None:
    key = held(course(hours=3), 1)
    batch = certificates.submit(lin, key)
    training.save_session(SYSTEM, {"ends": NINE + 2.5 * HOUR}, id=key)
    assert refusal(lambda: certificates.approve(zhao, batch)) == {"": "class_too_short"}
    certificates.send_back(zhao, batch, "课时不足")
    certificates.approve(zhao, certificates.submit(lin, key, (), "提前下课"))
    assert [row.hours for row in papers()] == [2.5]


@given(lasted=st.integers(1, 2000), hours=st.floats(0.5, 40), minutes=st.integers(30, 60))
def test_no_paper_names_more_hours_than_the_class_or_its_course_had(lasted: int, hours: float, minutes: int) -> None:
    length = results.Length(timedelta(minutes=lasted), hours * timedelta(minutes=minutes), hours)
    assert (
        length.taught <= hours
        and length.taught * minutes <= max(lasted, hours * minutes if not length.is_short else 0) + 1e-6
    )


@ON_SQLITE
def test_the_reason_stands_before_the_approver_and_the_warning_goes_with_the_last_certificate(cast: Cast) -> None:
    key, lin, he = held(course(hours=8), 1), seat(Role.COORDINATOR), seat(Role.BASE_MANAGER)
    at = press(visit(lin, "certify", id=key), "提交名单（1 人）")
    assert said(at, "请写明理由") and said(at, "证书上写实际的 3 学时")
    next(field for field in at.text_input if field.label.startswith("课时不足仍发证的理由")).set_value("下午停电")
    at = press(at, "提交名单（1 人）")
    assert healthy(at)
    at = visit(he, "certify", id=key)
    assert said(at, "课时不足仍发证：下午停电") and said(at, "少于课程的 8 学时")
    certificates.approve(he.actor, eligibility.eligibility(he.actor, key).batches[0].id)
    assert not said(visit(he, "certify", id=key), "少于课程的")


# -- who is who --------------------------------------------------


def test_two_of_a_name_are_told_apart_by_their_phone_wherever_somebody_is_chosen(cast: Cast, lin: Actor) -> None:
    key = held(course(hours=3, passing_score=60), 1, 2)
    seats.enrol(SYSTEM, key, {"name": "学员1", "phone": "13800004321"})
    assert {one.name for one in assessment.exam(lin, key).people} == {"学员1 · 0001", "学员1 · 4321", "学员2"}
    assert set(reasons(key)) == {"学员1 · 0001", "学员1 · 4321", "学员2"}


@given(names=st.dictionaries(st.integers(1, 9), st.sampled_from("甲乙"), max_size=6))
def test_no_two_keep_one_name_where_no_phone_is_known(names: dict[int, str]) -> None:
    told = namesakes.by_phone(names, {})
    assert len(set(told.values())) == len(names) and all(told[key].startswith(name) for key, name in names.items())


# -- from the home page to the decision --------------------------------------------------


def test_one_list_that_waits_opens_itself_and_several_open_their_list(cast: Cast, lin: Actor, zhao: Actor) -> None:
    def decision() -> tuple[str, dict[str, object]]:
        [one] = [one for one in today.work(zhao).decisions if one.kind == "certify"]
        return one.page, dict(one.query)

    first = held(course(hours=3), 1, 2)
    certificates.submit(lin, first)
    assert decision() == ("certify", {"id": first})
    certificates.submit(lin, held(course("b", hours=3), 3, starts=NINE + 24 * HOUR))
    assert decision() == ("certify", {})
    listed = [(one.title, one.people, one.submitted_by) for one in eligibility.lists_waiting(zhao)]
    assert listed == [("班0309", 2, "林社工"), ("班0310", 1, "林社工")]
    assert not eligibility.lists_waiting(replace(zhao, units=frozenset({cast.other_station})))


@ON_SQLITE
def test_the_page_without_a_class_lists_what_waits(cast: Cast, lin: Actor) -> None:
    he = seat(Role.BASE_MANAGER)
    assert said(visit(he, "certify"), "没有等待批准的名单")
    certificates.submit(lin, held(course(), 1, 2))
    [line] = visit(he, "certify").dataframe[0].value.to_dict("records")
    assert line == {"培训班": "班0309", "人数": 2, "提交人": "林社工", "提交日期": f"{clock.today()}"}


# -- what is final is asked once more, and named --------------------------------------------------


@ON_SQLITE
def test_the_approver_is_told_how_many_of_which_class_are_numbered_and_a_single_number_stands_alone(
    cast: Cast, lin: Actor
) -> None:
    key = held(course(), 1)
    certificates.submit(lin, key)
    at = visit(seat(Role.BASE_MANAGER), "certify", id=key)
    assert said(at, "将为“班0309”的 **1 张证书** 编号并发出")
    at = press(at, "确认发证 1 张")
    assert healthy(at) and said(at, f"已发 1 张：{papers()[0].number}") and not said(at, "至 JH")


@ON_SQLITE
def test_whoever_submitted_a_list_withdraws_it_and_it_does_not_say_returned(cast: Cast) -> None:
    key, lin = held(course(), 1), seat(Role.COORDINATOR)
    certificates.submit(lin.actor, key)
    at = visit(lin, "certify", id=key)
    next(field for field in at.text_input if field.label == "理由 *").set_value("漏了一人")
    at = press(at, "确认撤回")
    assert healthy(at) and said(at, "已撤回 · 1 人") and not said(at, "退回")
    [batch] = eligibility.eligibility(lin.actor, key).batches
    with pytest.raises(Conflict):
        certificates.approve(SYSTEM, batch.id)


def test_a_class_falls_into_those_to_certify_those_left_out_and_those_who_did_not_pass(lin: Actor) -> None:
    key = held(course(hours=3), 1, 2, absent=(3,))
    for number in (2, 3):
        rulings.rule(lin, key, person(number), Ruling.WITHHELD, "证件待核对")
    found = {one.name: (bool(one.missing), one.is_left_out) for one in eligibility.eligibility(lin, key).candidates}
    assert found == {"学员1": (False, False), "学员2": (True, True), "学员3": (True, False)}


@ON_SQLITE
def test_the_groups_stand_under_their_names(cast: Cast, lin: Actor) -> None:
    key = held(course(), 1, 2, absent=(3,))
    rulings.rule(lin, key, person(2), Ruling.WITHHELD, "证件待核对")
    at = visit(seat(Role.COORDINATOR), "certify", id=key)
    told = {metric.label: metric.value for metric in at.metric}
    assert told == {"参加": "3", "可发证": "1", "暂不发证（人工留下）": "1", "还不能发证": "1", "已发证": "0"}


@ON_SQLITE
def test_revoking_names_the_person_and_the_number_and_stars_its_reason(cast: Cast, lin: Actor, zhao: Actor) -> None:
    certificates.approve(zhao, certificates.submit(lin, held(course(), 1)))
    [paper] = papers()
    at = visit(seat(Role.BASE_MANAGER), "certificate", id=paper.id)
    assert said(at, "将撤销 **学员1** 的证书 **JH") and {field.label for field in at.text_input} >= {"理由 *"}
    assert said(press(at, "确认撤销"), "请写明理由") and papers()[0].state == CertificateState.ISSUED


@pytest.mark.parametrize(("ends", "first"), [(False, "已撤销：这张证书无效"), (True, "已过期：这张证书不再有效")])
def test_who_checks_a_certificate_that_ended_reads_that_first(lin: Actor, zhao: Actor, ends: bool, first: str) -> None:
    batch = certificates.submit(lin, held(course(hours=3, validity_months=1), 1))
    certificates.approve(zhao, batch, today=NINE.date() if ends else None)
    [paper] = papers()
    if not ends:
        certificates.revoke(zhao, paper.id or 0, "冒名顶替")
    seat(Role.AUDITOR)
    app = Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS)
    page = TestClient(app, "http://testserver", headers={"accept": "text/html"}).get(verifying.path(paper.number)).text
    assert page.index(first) < page.index("<h1>") and "原定有效期至" in page and "逐项核对" not in page
