"""Certificates: who may have one, four eyes, numbers without a gap, renewal, revocation, and what anybody may check."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from models import RECORDS
from models.certificates import BatchState, Certificate, Standing, last_day, standing
from models.people import VolunteerCredential
from models.system import Setting
from models.training import SessionState
from models.words import L
from services import (
    certificates,
    clock,
    db,
    eligibility,
    exchange,
    numbers,
    passing,
    rescue,
    seats,
    store,
    training,
    verifying,
    volunteers,
)
from services.access import SYSTEM, Actor
from services.errors import Conflict, Denied, Invalid, NotFound
from services.finding import Query
from services.sheets import read_sheet
from tests.conftest import Cast
from tests.test_training import EVERY, came, refusal, someone

NINE = datetime(2026, 3, 9, 1, tzinfo=UTC)
DAY = date(2026, 3, 12)
SOMEBODY, ANOTHER = 101, 102
KEEP_BACK: dict[int, L] = {}


@pytest.fixture
def lin(cast: Cast) -> Actor:
    return replace(cast.lin, account_id=SOMEBODY)


@pytest.fixture
def zhao(cast: Cast) -> Actor:
    """Somebody else with the same roles."""
    return replace(cast.lin, account_id=ANOTHER, name="赵社工")


@pytest.fixture(autouse=True)
def practical() -> Iterator[None]:
    """A condition of the test's own: whom it keeps back stands in KEEP_BACK."""
    passing.CONDITIONS["test"] = lambda s, training, course, people: {
        key: reason for key, reason in KEEP_BACK.items() if key in people
    }
    yield
    KEEP_BACK.clear()
    del passing.CONDITIONS["test"]


def issuer(**more: Any) -> int:
    found = store.choices(SYSTEM, RECORDS["certificate_issuer"])
    given = {"name": "示例医院应急救护科普基地", "prefix": "JH", "person_in_charge": "示例主任"}
    return (
        next(iter(found), 0) if found and not more else store.save(SYSTEM, RECORDS["certificate_issuer"], given | more)
    )


def course(code: str = "cpr", **more: Any) -> int:
    given = {
        "code": code, "name": f"课程{code}", "kind": "cpr_aed", "hours": 3, "certified": True,
        "credential": "心肺复苏培训合格证", "credential_kind": "cpr_aed", "issuer_id": issuer(), "validity_months": 36,
    }  # fmt: skip
    return store.save(SYSTEM, RECORDS["course"], given | more)


def held(course_id: int, *numbers: int, starts: datetime = NINE, absent: tuple[int, ...] = (), **more: Any) -> int:
    """A session that was held, with these people; all came but those absent."""
    given = {"title": f"班{starts:%m%d}", "course_id": course_id, "starts": starts, "ends": starts + timedelta(hours=3)}
    key = training.save_session(SYSTEM, given | more)
    for number in (*numbers, *absent):
        seats.enrol(SYSTEM, key, someone(number))
    for number in numbers:
        came(SYSTEM, key, person(number), now=starts + timedelta(hours=1))
    training.set_state(SYSTEM, key, SessionState.HELD, now=starts + timedelta(days=1))
    return key


def person(number: int) -> int:
    with db.reading(SYSTEM) as s:
        found = store.find_person(s, someone(number))
        assert found and found.id
        return found.id


def issue(by: Actor, other: Actor, session: int, today: date = DAY) -> list[str]:
    return certificates.approve(other, certificates.submit(by, session), today=today)


def papers(session: int | None = None) -> list[Certificate]:
    wanted = select(Certificate).order_by(col(Certificate.sequence))
    with db.reading(SYSTEM) as s:
        return list(s.exec(wanted.where(Certificate.session_id == session) if session else wanted))


def vars_of(paper: Certificate) -> dict[str, Any]:
    return {name: getattr(paper, name) for name in Certificate.model_fields}


def reasons(session: int, actor: Actor = SYSTEM) -> dict[str, list[str]]:
    return {one.name: [missing.reason.zh for missing in one.missing] for one in _listed(session, actor)}


def _listed(session: int, actor: Actor = SYSTEM) -> list[eligibility.Candidate]:
    return eligibility.eligibility(actor, session).candidates


# -- days --------------------------------------------------


@pytest.mark.parametrize(
    ("issued", "months", "month_end", "until"),
    [
        (date(2026, 3, 15), 36, False, date(2029, 3, 15)),
        (date(2024, 2, 29), 12, False, date(2025, 2, 28)),
        (date(2026, 8, 31), 6, False, date(2027, 2, 28)),
        (date(2026, 1, 10), 24, True, date(2028, 1, 31)),
        (date(2026, 2, 10), 24, True, date(2028, 2, 29)),
        (date(2026, 3, 15), None, False, None),
    ],
)
def test_a_certificate_ends_on_the_corresponding_day_or_at_the_end_of_its_month(
    issued: date, months: int | None, month_end: bool, until: date | None
) -> None:
    assert last_day(issued, months, month_end=month_end) == until


@pytest.mark.parametrize(
    ("left", "stands"),
    [
        (None, "valid"), (91, "valid"), (90, "expiring"), (1, "expiring"), (0, "expiring"), (-1, "grace"),
        (-30, "grace"), (-31, "expired"),
    ],
)  # fmt: skip
def test_a_certificate_is_in_force_through_its_last_day(left: int | None, stands: str) -> None:
    until = None if left is None else DAY + timedelta(days=left)
    assert standing(until, DAY, grace=30) == stands
    assert standing(until, DAY) == ("expired" if stands == "grace" else stands)


# -- who may have one --------------------------------------------------


def test_everybody_who_took_part_is_listed_with_every_reason_against_them(lin: Actor) -> None:
    session = held(course(), 1, 2, absent=(3,))
    KEEP_BACK[person(2)] = L("实操未通过", "Practical failed")
    KEEP_BACK[person(3)] = L("没有考试", "No exam")
    assert reasons(session, lin) == {"学员1": [], "学员2": ["实操未通过"], "学员3": ["没有签到", "没有考试"]}


def test_a_prerequisite_is_missing_or_expired_or_met(lin: Actor, zhao: Actor) -> None:
    first = course("first", validity_months=1)
    issue(lin, zhao, held(first, 1, 2, starts=NINE - timedelta(days=90)), today=date(2025, 12, 12))
    issue(lin, zhao, held(first, 2, starts=NINE - timedelta(days=9)), today=date(2026, 3, 1))
    second = course("second", prerequisites=[first])
    told = reasons(held(second, 1, 2, 3))
    assert told == {
        "学员1": ["先修证书已于 2026-01-12 过期：课程first"],
        "学员2": [],
        "学员3": ["没有先修证书：课程first"],
    }


def test_a_prerequisite_without_a_certificate_is_met_by_a_class_before(lin: Actor) -> None:
    first = course("first", certified=False)
    held(first, 1, starts=NINE - timedelta(days=3))
    told = reasons(held(course("second", prerequisites=[first]), 1, 2))
    assert told == {"学员1": [], "学员2": ["没有上过先修课程：课程first"]}


def test_no_course_comes_before_itself(cast: Cast) -> None:
    key = course()
    wrong = refusal(lambda: store.save(SYSTEM, RECORDS["course"], {"prerequisites": [key]}, id=key))
    assert wrong == {"prerequisites": "own_prerequisite"}


def test_a_certificate_needs_a_title_a_kind_and_an_issuer(cast: Cast) -> None:
    bare = {"code": "x", "name": "课", "kind": "cpr_aed", "certified": True}
    wrong = refusal(lambda: store.save(SYSTEM, RECORDS["course"], bare))
    assert wrong == dict.fromkeys(("credential", "credential_kind", "issuer_id"), "required")


@pytest.mark.parametrize(
    ("prefix", "wrong"),
    [("jh", {}), ("J2H", {}), ("JH2", {"prefix": "prefix_format"}), ("证", {"prefix": "prefix_format"})],
)
def test_a_prefix_cannot_be_mistaken_for_a_year(cast: Cast, prefix: str, wrong: dict[str, str]) -> None:
    given = {"name": "甲", "prefix": prefix}
    if wrong:
        assert refusal(lambda: store.save(SYSTEM, RECORDS["certificate_issuer"], given)) == wrong
    else:
        key = store.save(SYSTEM, RECORDS["certificate_issuer"], given)
        assert store.get(SYSTEM, RECORDS["certificate_issuer"], key).values["prefix"] == prefix.upper()


# -- from the list to the numbers --------------------------------------------------


def test_an_unclosed_session_and_a_course_without_certificates_issue_none(cast: Cast, lin: Actor) -> None:
    given = {"title": "班", "course_id": course(), "starts": NINE, "ends": NINE + timedelta(hours=3)}
    unclosed = training.save_session(SYSTEM, given)
    seats.enrol(SYSTEM, unclosed, someone(1))
    assert refusal(lambda: certificates.submit(lin, unclosed)) == {"": "session_not_held"}
    bare = held(course("bare", certified=False), 1)
    assert refusal(lambda: certificates.submit(lin, bare)) == {"": "not_certified"}
    nobody = held(course("cpr2"), absent=(1,))
    assert refusal(lambda: certificates.submit(lin, nobody)) == {"": "nobody_passed"}
    assert papers() == []


def test_nobody_approves_their_own_list_whatever_their_role_is_now(cast: Cast, lin: Actor, zhao: Actor) -> None:
    batch = certificates.submit(lin, held(course(), 1))
    for same in (lin, replace(cast.admin, account_id=SOMEBODY), replace(cast.wang, units=None, account_id=SOMEBODY)):
        with pytest.raises(Denied) as refused:
            certificates.approve(same, batch)
        assert refused.value.code == "own_submission"
    assert papers() == []
    assert certificates.approve(zhao, batch, today=DAY) == ["JH2026-00001"]


def test_issuing_twice_gives_the_same_numbers_and_nothing_new(lin: Actor, zhao: Actor) -> None:
    session = held(course(), 1, 2, 3, absent=(4,))
    batch = certificates.submit(lin, session)
    assert refusal(lambda: certificates.submit(zhao, session)) == {"": "batch_waits"}
    numbers = certificates.approve(zhao, batch, today=DAY)
    assert numbers == ["JH2026-00001", "JH2026-00002", "JH2026-00003"]
    assert certificates.approve(zhao, batch, today=DAY + timedelta(days=400)) == numbers
    assert refusal(lambda: certificates.submit(lin, session)) == {"": "nobody_passed"}
    assert len(papers()) == 3


def test_who_passes_later_follows_in_a_batch_of_their_own(lin: Actor, zhao: Actor) -> None:
    session = held(course(), 1, 2)
    KEEP_BACK[person(2)] = L("实操未通过", "Practical failed")
    assert issue(lin, zhao, session) == ["JH2026-00001"]
    KEEP_BACK.clear()
    assert issue(lin, zhao, session) == ["JH2026-00002"]
    assert [one.number for one in _listed(session)] == ["JH2026-00001", "JH2026-00002"]


def test_who_does_not_pass_any_more_stops_the_whole_batch(lin: Actor, zhao: Actor) -> None:
    session = held(course(), 1, 2)
    batch = certificates.submit(lin, session)
    KEEP_BACK[person(1)] = L("成绩更正", "Score corrected")
    with pytest.raises(Invalid) as refused:
        certificates.approve(zhao, batch)
    assert (refused.value.fields, refused.value.detail) == ({"": "no_longer_passed"}, {"count": 1})
    assert papers() == []
    certificates.send_back(zhao, batch, "请核对成绩")
    with pytest.raises(Conflict):
        certificates.approve(zhao, batch)
    assert issue(lin, zhao, session) == ["JH2026-00001"]
    assert [one.state for one in eligibility.eligibility(lin, session).batches] == [
        BatchState.ISSUED,
        BatchState.RETURNED,
    ]


def test_a_later_change_of_the_course_changes_no_issued_certificate(lin: Actor, zhao: Actor) -> None:
    key = course()
    first = held(key, 1)
    issue(lin, zhao, first)
    before = vars_of(papers(first)[0])
    store.save(SYSTEM, RECORDS["course"], {"validity_months": 24, "name": "新名", "credential": "新证"}, id=key)
    store.save(SYSTEM, RECORDS["certificate_issuer"], {"name": "新单位"}, id=issuer())
    second = held(key, 2, starts=NINE + timedelta(days=1))
    issue(lin, zhao, second)
    assert vars_of(papers(first)[0]) == before
    assert [(row.valid_until, row.title) for row in papers()] == [
        (date(2029, 3, 12), "心肺复苏培训合格证"), (date(2028, 3, 12), "新证")
    ]  # fmt: skip


def test_every_prefix_and_year_has_a_series_of_its_own(lin: Actor, zhao: Actor) -> None:
    own = course("own")
    other = course("other", issuer_id=issuer(name="另一单位", prefix="HX"))
    said = [
        *issue(lin, zhao, held(own, 1)),
        *issue(lin, zhao, held(other, 1, starts=NINE + timedelta(days=1))),
        *issue(lin, zhao, held(own, 2, starts=NINE + timedelta(days=2)), date(2027, 1, 4)),
        *issue(lin, zhao, held(own, 3, starts=NINE + timedelta(days=3)), date(2026, 12, 31)),
    ]
    assert said == ["JH2026-00001", "HX2026-00001", "JH2027-00001", "JH2026-00002"]


# -- numbers under any interleaving --------------------------------------------------


def test_of_two_approvers_at_once_both_get_the_same_numbers(lin: Actor, zhao: Actor) -> None:
    batch = certificates.submit(lin, held(course(), *range(1, 6)))
    ready = Barrier(2)

    def decide(turn: int) -> list[str]:
        ready.wait()
        return certificates.approve(replace(zhao, account_id=ANOTHER + turn), batch, today=DAY)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(decide, range(2))
    assert first == second == [f"JH2026-{number:05d}" for number in range(1, 6)]
    assert len(papers()) == 5


def test_batches_of_several_sessions_at_once_share_one_series_without_a_gap(lin: Actor, zhao: Actor) -> None:
    key = course()
    batches = [
        certificates.submit(lin, held(key, *range(turn * 5, turn * 5 + 4), starts=NINE + timedelta(days=turn)))
        for turn in range(4)
    ]
    ready = Barrier(4)

    def decide(batch: int) -> list[str]:
        ready.wait()
        return certificates.approve(zhao, batch, today=DAY)

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(decide, batches))
    assert sorted(number for numbers in given for number in numbers) == [f"JH2026-{n:05d}" for n in range(1, 17)]


ACTS = st.lists(st.tuples(st.sampled_from(["issue", "fail", "again"]), st.integers(1, 3)), min_size=1, max_size=5)


@settings(EVERY, max_examples=8)
@given(acts=ACTS)
def test_numbers_have_no_gap_and_no_double_after_any_issues_and_rollbacks(
    cast: Cast, acts: list[tuple[str, int]]
) -> None:
    lin, zhao = (replace(cast.lin, account_id=account) for account in (SOMEBODY, ANOTHER))
    with db.reading(SYSTEM) as s:
        known = s.exec(select(Certificate.number)).all()
    key = next(iter(store.choices(SYSTEM, RECORDS["course"])), 0) or course()
    done: dict[int, list[str]] = {}
    for turn, (act, people) in enumerate(acts):
        base = len(known) + 100 * turn
        session = held(key, *range(base, base + people), starts=NINE - timedelta(days=len(known) + turn + 1))
        batch = certificates.submit(lin, session)
        if act == "fail":
            with pytest.raises(RuntimeError), _broken_at_the_end():
                certificates.approve(zhao, batch, today=DAY)
        else:
            done[batch] = certificates.approve(zhao, batch, today=DAY)
        if act == "again" and done:
            assert all(certificates.approve(zhao, each, today=DAY) == numbers for each, numbers in done.items())
    numbers = sorted(row.number for row in papers())
    assert numbers == [f"JH2026-{number:05d}" for number in range(1, len(numbers) + 1)]


@contextmanager
def _broken_at_the_end() -> Iterator[None]:
    """Everything was written, and then the transaction fails."""

    def fail(*_given: Any) -> None:
        raise RuntimeError("power cut")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certificates, "_decide", fail)
        yield


# -- volunteers: one story --------------------------------------------------


def volunteer(number: int, **more: Any) -> int:
    given = {"id_type": "passport", "id_number": f"E{number:08d}", "region_code": "440105", "consent": True}
    return store.save(
        SYSTEM, RECORDS["volunteer"], {**someone(number), "birth_date": date(1990, 1, 1), **given, **more}
    )


def credentials() -> list[VolunteerCredential]:
    with db.reading(SYSTEM) as s:
        return list(s.exec(select(VolunteerCredential).order_by(col(VolunteerCredential.id))))


def test_a_volunteers_credential_follows_the_certificate_and_ends_with_it(cast: Cast, lin: Actor, zhao: Actor) -> None:
    volunteer(1)
    session = held(course(), 1, 2)
    issue(lin, zhao, session)
    [credential] = credentials()
    paper = papers(session)[0]
    assert (credential.number, credential.issuer, credential.kind) == (paper.number, paper.issuer, paper.kind)
    assert (credential.issued_on, credential.expires_on) == (paper.issued_on, paper.valid_until)
    assert pool_states(DAY) == {"学员1": "valid"}
    changes = {"expires_on": date(2040, 1, 1)}
    record = RECORDS["volunteer_credential"]
    assert refusal(lambda: store.save(lin, record, changes, id=credential.id)) == {"": "follows_certificate"}
    assert refusal(lambda: store.remove(cast.admin, record, credential.id or 0)) == {"": "follows_certificate"}
    certificates.revoke(zhao, paper.id or 0, "成绩有误", today=DAY + timedelta(days=5))
    assert credentials()[0].expires_on == DAY + timedelta(days=4)
    assert pool_states(DAY + timedelta(days=5)) == {"学员1": "expired"}


def pool_states(today: date) -> dict[str, str]:
    return {row.name: row.certificate_state for row in rescue.rescue_view(SYSTEM, today=today).rows}


def test_who_registers_after_the_course_has_the_credential_from_the_beginning(lin: Actor, zhao: Actor) -> None:
    [number] = issue(lin, zhao, held(course(), 1))
    volunteer(1)
    assert [row.number for row in credentials()] == [number]
    store.save(SYSTEM, RECORDS["volunteer"], {"occupation": "教师"}, id=1)
    assert len(credentials()) == 1


def test_what_two_entries_of_one_person_hold_comes_together(cast: Cast, lin: Actor, zhao: Actor) -> None:
    keep, drop = volunteer(1), volunteer(2)
    issue(lin, zhao, held(course(), 2))
    volunteers.merge(cast.admin, keep, drop, "同一人")
    assert [row.person_id for row in papers()] == [person(1)]
    assert [row.volunteer_id for row in credentials()] == [keep]


# -- renewal --------------------------------------------------


def renewing() -> tuple[int, int]:
    """A full course valid for 12 months, renewable from 3 months before its end, and the course that renews it."""
    refresher = course("refresher", certified=False, kind="refresher", hours=2)
    return course("full", validity_months=12, renewed_by_id=refresher, renewal_months=3), refresher


def first_issued(lin: Actor, zhao: Actor, full: int, *numbers: int) -> list[Certificate]:
    """Issued on 2025-03-12, valid until 2026-03-12."""
    session = held(full, *numbers, starts=NINE - timedelta(days=365))
    issue(lin, zhao, session, today=date(2025, 3, 12))
    return papers(session)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2025, 12, 11), "证书 JH2025-00001 自 2025-12-12 起才可续期"),
        (date(2025, 12, 12), None),
        (date(2026, 3, 12), None),
        (date(2026, 4, 11), None),
        (date(2026, 4, 12), "证书 JH2025-00001 已于 2026-03-12 到期，过了续期期限，须重新参加全程培训"),
    ],
)
def test_the_refresher_extends_inside_the_window_and_is_refused_outside(
    cast: Cast, lin: Actor, zhao: Actor, day: date, reason: str | None
) -> None:
    full, refresher = renewing()
    [old] = first_issued(lin, zhao, full, 1)
    starts = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
    session = held(refresher, 1, starts=starts)
    assert reasons(session) == {"学员1": [reason] if reason else []}
    if reason:
        assert refusal(lambda: certificates.submit(lin, session)) == {"": "nobody_passed"}
        return
    issue(lin, zhao, session, today=day + timedelta(days=20))
    [new] = papers(session)
    assert (new.renews, new.renews_id, new.course_id) == (old.number, old.id, full)
    assert (new.title, new.course_name, new.hours) == (old.title, "课程refresher", 2)
    assert new.valid_until == last_day(day + timedelta(days=20), 12)
    assert [(row.number, row.state) for row in papers()] == [(n, "issued") for n in (old.number, new.number)]


def test_who_never_took_the_full_course_is_not_certified_by_the_refresher(lin: Actor, zhao: Actor) -> None:
    full, refresher = renewing()
    [old] = first_issued(lin, zhao, full, 1)
    certificates.revoke(zhao, old.id or 0, "成绩有误", today=DAY)
    told = reasons(held(refresher, 1, 2))
    assert told == {name: ["没有可由本课程续期的证书"] for name in ("学员1", "学员2")}


def test_the_days_of_grace_are_a_setting(cast: Cast, lin: Actor, zhao: Actor) -> None:
    full, refresher = renewing()
    first_issued(lin, zhao, full, 1)
    session = held(refresher, 1, starts=datetime(2026, 4, 12, 1, tzinfo=UTC))
    assert any(reasons(session)["学员1"])
    assert refusal(lambda: numbers.change(cast.admin, {eligibility.GRACE.key: -1})) == {
        eligibility.GRACE.key: "too_small"
    }
    numbers.change(cast.admin, {eligibility.GRACE.key: 31})
    assert reasons(session) == {"学员1": []}


def test_a_course_that_renews_itself_certifies_newcomers_too(lin: Actor, zhao: Actor) -> None:
    key = course(validity_months=12)
    store.save(SYSTEM, RECORDS["course"], {"renewed_by_id": key}, id=key)
    first_issued(lin, zhao, key, 1)
    session = held(key, 1, 2)
    issue(lin, zhao, session)
    assert [row.renews for row in papers(session)] == ["JH2025-00001", ""]


# -- afterwards --------------------------------------------------


def test_a_certificate_is_revoked_once_with_a_reason_and_never_removed(cast: Cast, lin: Actor, zhao: Actor) -> None:
    session = held(course(), 1)
    issue(lin, zhao, session)
    [paper] = papers(session)
    key = paper.id or 0
    assert refusal(lambda: certificates.revoke(zhao, key, "  ")) == {"reason": "reason_missing"}
    certificates.revoke(zhao, key, "冒名顶替", today=DAY)
    [gone] = papers(session)
    assert (gone.state, gone.revoked_on, gone.revoked_by, gone.revoke_reason) == ("revoked", DAY, "赵社工", "冒名顶替")
    with pytest.raises(Conflict):
        certificates.revoke(lin, key, "再撤一次")
    assert refusal(lambda: store.remove(cast.admin, RECORDS["certificate"], key)) == {"": "certificate_stays"}
    for act in (
        lambda: store.save(cast.admin, RECORDS["certificate"], {"state": "issued"}, id=key),
        lambda: store.save(cast.admin, RECORDS["certificate_batch"], {"session_id": session}),
    ):
        assert refusal(act) == {"": "only_by_steps"}


def test_after_a_revocation_another_is_issued_only_where_somebody_asks_for_it(lin: Actor, zhao: Actor) -> None:
    session = held(course(), 1, 2)
    issue(lin, zhao, session)
    certificates.revoke(zhao, papers(session)[0].id or 0, "姓名有误", today=DAY)
    assert refusal(lambda: certificates.submit(lin, session)) == {"": "nobody_passed"}
    batch = certificates.submit(lin, session, [person(1), person(2)])
    assert certificates.approve(zhao, batch, today=DAY) == ["JH2026-00003"]
    assert [(one.number, one.is_revoked) for one in _listed(session)] == [
        ("JH2026-00003", False),
        ("JH2026-00002", False),
    ]


def test_a_lost_paper_is_printed_again_under_its_number(lin: Actor, zhao: Actor) -> None:
    session = held(course(), 1)
    issue(lin, zhao, session)
    key = papers(session)[0].id or 0
    assert refusal(lambda: certificates.copy(lin, key, "")) == {"reason": "reason_missing"}
    certificates.copy(lin, key, "遗失", today=DAY)
    [row] = certificates.printed(lin, keys=[key])
    assert (row["number"], row["copies"], row["copied_on"]) == ("JH2026-00001", 1, DAY)
    certificates.revoke(zhao, key, "冒名顶替")
    assert refusal(lambda: certificates.copy(lin, key, "遗失")) == {"": "certificate_revoked"}
    assert certificates.printed(lin, session) == []


# -- who may --------------------------------------------------


def test_a_reader_sees_surnames_and_decides_nothing(cast: Cast, lin: Actor, zhao: Actor) -> None:
    session = held(course(), 1)
    batch = certificates.submit(lin, session)
    assert list(reasons(session, cast.chen)) == ["学**"]
    for act in (
        lambda: certificates.submit(cast.chen, session),
        lambda: certificates.approve(cast.chen, batch),
        lambda: certificates.send_back(cast.chen, batch, "不"),
        lambda: certificates.printed(cast.chen, session),
        lambda: eligibility.eligibility(cast.stranger, session),
    ):
        with pytest.raises(Denied):
            act()


def test_a_station_keeps_to_its_sessions_and_follows_volunteers_of_others(cast: Cast, zhao: Actor) -> None:
    wang = replace(cast.wang, account_id=SOMEBODY)
    other = held(course(), 1, unit_id=cast.other_station)
    batch = certificates.submit(zhao, other)
    for act in (
        lambda: eligibility.eligibility(wang, other),
        lambda: certificates.submit(wang, other),
        lambda: certificates.approve(wang, batch),
        lambda: certificates.send_back(wang, batch, "不"),
    ):
        with pytest.raises(NotFound):
            act()
    volunteer(2, unit_id=cast.other_station)
    own = held(course("own"), 2, unit_id=cast.station, starts=NINE + timedelta(days=1))
    certificates.approve(wang, certificates.submit(zhao, own), today=DAY)
    assert [row.unit_id for row in credentials()] == [cast.other_station]
    assert store.rows(wang, RECORDS["certificate"]).total == 1
    with pytest.raises(NotFound):
        certificates.revoke(wang, certificates_of(zhao, batch)[0].id or 0, "不")


def certificates_of(other: Actor, batch: int) -> list[Certificate]:
    certificates.approve(replace(other, account_id=ANOTHER + 1), batch, today=DAY)
    return [row for row in papers() if row.batch_id == batch]


# -- what anybody may check --------------------------------------------------


def test_the_check_shows_what_is_printed_and_how_it_stands_each_day(lin: Actor, zhao: Actor) -> None:
    session = held(course(validity_months=12), 1)
    [number] = issue(lin, zhao, session)
    code = verifying.check_code(number)
    ends = date(2027, 3, 12)
    days = [(DAY, Standing.VALID), (ends - timedelta(days=90), Standing.EXPIRING), (ends, Standing.EXPIRING)]
    for day, stands in [*days, (ends + timedelta(days=1), Standing.EXPIRED)]:
        seen = verifying.check(number, code, today=day)
        assert (seen.standing, seen.since) == (stands, ends)
    [printed] = certificates.printed(lin, session)
    told = {
        name: getattr(seen, name) for name in ("number", "hours", "starts_on", "ends_on", "issued_on", "valid_until")
    }
    assert told == {name: printed[name] for name in told}
    assert (seen.title.zh, seen.course.zh, seen.issuer.zh) == (
        printed["title"],
        printed["course_name"],
        printed["issuer"],
    )
    assert (seen.holder, seen.person_in_charge) == ("学**", printed["person_in_charge"])
    certificates.revoke(zhao, papers()[0].id or 0, "冒名顶替", today=DAY + timedelta(days=9))
    seen = verifying.check(f" {number.lower()} ", code.upper(), today=DAY + timedelta(days=9))
    assert (seen.standing, seen.since) == (Standing.REVOKED, DAY + timedelta(days=9))


def test_an_unknown_number_and_a_wrong_code_are_told_alike(lin: Actor, zhao: Actor) -> None:
    [number] = issue(lin, zhao, held(course(), 1))
    wrong = [
        (number, ""),
        (number, "0" * 12),
        (number, verifying.check_code("JH2026-00002")),
        ("JH2026-00002", verifying.check_code("JH2026-00002")),
        ("", ""),
    ]
    for pair in wrong:
        with pytest.raises(NotFound) as refused:
            verifying.check(*pair)
        assert (refused.value.code, refused.value.detail) == ("not_found", {})


def test_checks_of_one_address_are_limited(lin: Actor, zhao: Actor) -> None:
    [number] = issue(lin, zhao, held(course(), 1))
    with db.unit(SYSTEM) as s:
        s.add(Setting(key=verifying.LIMIT.key, value=2))
    for _ in range(2):
        verifying.check(number, verifying.check_code(number), ip="192.0.2.1", today=clock.today())
    with pytest.raises(Denied) as refused:
        verifying.check(number, verifying.check_code(number), ip="192.0.2.1")
    assert refused.value.code == "too_many"
    verifying.check(number, verifying.check_code(number), ip="192.0.2.2")


@settings(max_examples=200, deadline=None)
@given(numbers=st.lists(st.integers(1, 99_999), min_size=2, max_size=2, unique=True))
def test_a_code_says_nothing_of_another_numbers_code(numbers: list[int]) -> None:
    first, second = (verifying.check_code(f"JH2026-{number:05d}") for number in numbers)
    assert first != second and len(first) == len(second) == 12


# -- the sheet ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", ["xlsx", "csv"])
def test_an_export_carries_every_field_of_a_certificate(
    cast: Cast, lin: Actor, zhao: Actor, tmp_path: Path, fmt: Any
) -> None:
    [number] = issue(lin, zhao, held(course(), 1))
    record, target = RECORDS["certificate"], tmp_path / f"certificates.{fmt}"
    assert exchange.export(cast.admin, record, Query(), target, fmt=fmt, purpose="核对") == 1
    sheet = read_sheet(target)
    assert list(sheet.headings) == [spec.label.zh for spec in record.fields]
    assert len(set(sheet.headings)) == len(sheet.headings)
    told = dict(zip((spec.name for spec in record.fields), sheet.rows[0], strict=True))
    [paper] = papers()
    assert (told["number"], told["course_name"], told["valid_until"]) == (
        number,
        paper.course_name,
        str(paper.valid_until),
    )
    assert (told["state"], told["phone"]) == ("已发", someone(1)["phone"])


def test_an_export_for_a_reader_masks_who_the_certificates_are_of(
    cast: Cast, lin: Actor, zhao: Actor, tmp_path: Path
) -> None:
    issue(lin, zhao, held(course(), 1))
    record, target = RECORDS["certificate"], tmp_path / "certificates.xlsx"
    exchange.export(cast.chen, record, Query(), target)
    told = dict(zip((spec.name for spec in record.fields), read_sheet(target).rows[0], strict=True))
    assert someone(1)["phone"] not in told.values() and "学员1" not in told.values()
    with pytest.raises(Denied):
        exchange.export(cast.chen, record, Query(), target, purpose="核对")


def test_the_sheet_of_certificates_does_not_come_back_in(cast: Cast, lin: Actor, zhao: Actor, tmp_path: Path) -> None:
    issue(lin, zhao, held(course(), 1))
    record, target = RECORDS["certificate"], tmp_path / "certificates.xlsx"
    exchange.export(cast.admin, record, Query(), target, purpose="核对")
    for act in (
        lambda: exchange.run_import(cast.admin, record, target),
        lambda: exchange.template(record, tmp_path / "t.xlsx"),
    ):
        assert refusal(act) == {"file": "made_by_portal"}
    assert len(papers()) == 1
