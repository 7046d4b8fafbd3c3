"""Groups and their counts, deliverables and their documents, assistance, sites, departments, bases: rules and pages."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from models import RECORDS
from models.system import Role
from models.training import Base
from seed import load
from services import (
    assistance,
    attachments,
    bases,
    clock,
    communities,
    db,
    deliverables,
    departments,
    exchange,
    kpi,
    steps,
    store,
    wechat,
)
from services.access import SYSTEM
from services.deliverables import DELIVERABLE, POLICY, SITE
from services.errors import AlreadyDone, Conflict, Denied, Invalid, NotFound
from services.store import Query
from tests.conftest import HOME, Cast
from tests.stage import Seat, healthy, seat, texts, visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

LONG_AGO = clock.today() - timedelta(days=60)
PDF = b"%PDF-1.7\n%\xe2\xe3\n"
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def add(record: str, **given: Any) -> int:
    return store.save(SYSTEM, RECORDS[record], given)


def press(at: "AppTest", label: str) -> "AppTest":
    return next(button for button in at.button if button.label == label).click().run()


def labels(at: "AppTest") -> set[str]:
    return {button.label for button in at.button}


# -- WeChat groups --------------------------------------------------


def group(name: str, **given: Any) -> int:
    return add("wechat_group", name=name, founded_on=LONG_AGO, **given)


def members(key: int) -> list[tuple[date, int]]:
    return wechat.series(SYSTEM, key)


def test_the_counts_of_a_day_are_written_at_once_and_empty_ones_skipped(cast: Cast) -> None:
    one, two, three = group("甲群"), group("乙群"), group("丙群")
    assert wechat.take(cast.lin, clock.today(), {one: 120, two: None, three: 0}) == 2
    assert (members(one), members(two), members(three)) == ([(clock.today(), 120)], [], [(clock.today(), 0)])


def test_a_second_count_of_the_day_changes_the_row(cast: Cast) -> None:
    key = group("甲群")
    add("group_snapshot", group_id=key, taken_on=clock.today(), members=120, active=110)
    assert wechat.take(cast.lin, clock.today(), {key: 90}) == 1
    assert wechat.take(cast.lin, clock.today(), {key: 90}) == 0
    assert members(key) == [(clock.today(), 90)]
    assert store.rows(cast.lin, wechat.SNAPSHOT).rows[0].values["active"] is None


def test_one_wrong_count_writes_none(cast: Cast) -> None:
    one, two = group("甲群"), group("乙群")
    with pytest.raises(Invalid) as refused:
        wechat.take(cast.lin, clock.today(), {one: 5, two: -1})
    assert refused.value.fields == {str(two): "too_small"}
    for counts in ({one: 5, two: 2_000_000}, {one: 5, 999: 7}):
        with pytest.raises((Invalid, NotFound)):
            wechat.take(cast.lin, clock.today(), counts)
    with pytest.raises(Invalid):
        wechat.take(cast.lin, clock.today() + timedelta(days=1), {one: 5})
    assert members(one) == []


def test_only_groups_in_operation_are_counted_and_the_last_day_still_is_one(cast: Cast) -> None:
    gone = group("旧群", state="dissolved", dissolved_on=clock.today() - timedelta(days=1))
    last = group("末日群", state="dissolved", dissolved_on=clock.today())
    future = add("wechat_group", name="今日群", founded_on=clock.today())
    assert {one.id for one in wechat.counts(cast.lin, clock.today())} == {future, last}
    assert {one.id for one in wechat.counts(cast.lin, clock.today() - timedelta(days=1))} == {gone, last}
    with pytest.raises(NotFound):
        wechat.take(cast.lin, clock.today(), {gone: 5})


def test_a_count_knows_the_last_one_and_whether_the_month_has_one(cast: Cast) -> None:
    key, first = group("甲群"), clock.today().replace(day=1)
    add("group_snapshot", group_id=key, taken_on=first - timedelta(days=1), members=80)
    (one,) = wechat.counts(cast.lin, clock.today())
    assert (one.last, one.now, one.members, one.counted_in(clock.today())) == (80, None, 80, False)
    wechat.take(cast.lin, clock.today(), {key: 85})
    (one,) = wechat.counts(cast.lin, clock.today())
    assert (one.last, one.now, one.members, one.counted_in(clock.today())) == (80, 85, 85, True)


@pytest.mark.parametrize(
    ("last", "number", "doubt"),
    [(None, 500, None), (None, 501, "over_full"), (100, -1, "negative"), (100, 151, "jump"), (100, 150, None),
     (100, 49, "jump"), (100, 50, None), (0, 400, None)],
)  # fmt: skip
def test_what_looks_wrong_of_a_count_is_asked_about(last: int | None, number: int, doubt: str | None) -> None:
    one = wechat.Count(1, "甲群", "", LONG_AGO if last is not None else None, last, None)
    assert [found for _, found in wechat.doubts([one], {1: number})] == ([doubt] if doubt else [])


def test_a_station_counts_only_its_own_groups(cast: Cast) -> None:
    own, other = group("本站群", unit_id=cast.station), group("邻站群", unit_id=cast.other_station)
    assert [one.id for one in wechat.counts(cast.wang, clock.today())] == [own]
    with pytest.raises(NotFound):
        wechat.take(cast.wang, clock.today(), {own: 1, other: 1})
    assert wechat.take(cast.wang, clock.today(), {own: 1}) == 1


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed=some.lists(some.lists(some.none() | some.integers(0, 500), min_size=4, max_size=4), min_size=1, max_size=3)
)
def test_the_newest_counts_sum_to_the_indicator(cast: Cast, typed: list[list[int | None]]) -> None:
    """02.3 is the sum of what each group counted last, over whatever days it was counted."""
    contract = load.load_preset_contract(SYSTEM, "medical_social_work", clock.today() - timedelta(days=100))
    known = {one.name: one.id for one in wechat.counts(cast.lin, clock.today())}
    keys = [known.get(name) or group(name) for name in ("一群", "二群", "三群", "四群")]
    for back, row in enumerate(reversed(typed)):
        wechat.take(cast.lin, clock.today() - timedelta(days=len(typed) - 1 - back), dict(zip(keys, row, strict=True)))
    figure = next(f for f in kpi.board(cast.lin, contract).figures if f.code == "02.3")
    assert (figure.actual or 0) == sum(one.members for one in wechat.counts(cast.lin, clock.today()))


def test_a_group_is_dissolved_once(cast: Cast) -> None:
    key, step = group("甲群"), wechat.STEPS["dissolve"]
    with pytest.raises(Invalid):
        steps.take(cast.lin, wechat.GROUP, step, key, {"dissolved_on": LONG_AGO - timedelta(days=1)})
    steps.take(cast.lin, wechat.GROUP, step, key, {"dissolved_on": clock.today()})
    with pytest.raises(Conflict):
        steps.take(cast.lin, wechat.GROUP, step, key, {"dissolved_on": clock.today()})
    with pytest.raises(Denied):
        steps.take(cast.chen, wechat.GROUP, step, key, {"dissolved_on": clock.today()})
    assert store.get(cast.lin, wechat.GROUP, key).values["state"] == "dissolved"


@ON_SQLITE
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_of_counts_is_filled_in_and_saved(cast: Cast, language: str) -> None:
    one, two = group("甲群", owner="何岚"), group("乙群", owner="苏禾")
    at = visit(seat(Role.COORDINATOR), "snapshots", language)
    grid = f"{at.session_state['tokens'][f'snapshots.{clock.today()}']}.grid.{hash((one, two)):x}"
    now = {"zh": "本次", "en": "Now"}[language]
    at.session_state[grid] = {"edited_rows": {0: {now: 321}, 1: {now: 501}}, "added_rows": [], "deleted_rows": []}
    at.run()
    assert healthy(at) and any("500" in text and "501" in text for text in texts(at))
    press(at, {"zh": "保存 2 个群的人数", "en": "Save 2 counts"}[language])
    assert {number for key in (one, two) for _, number in members(key)} == {321, 501}


@ON_SQLITE
def test_a_reader_sees_the_counts_and_saves_none(cast: Cast) -> None:
    group("甲群")
    at = visit(seat(Role.LEADER), "snapshots")
    assert healthy(at) and not any("保存" in label for label in labels(at))


# -- deliverables and documents --------------------------------------------------


def wanted(*names: str, code: str = "training_base") -> tuple[int, list[int]]:
    key = add("deliverable", name=f"基地{code}", code=code)
    return key, [add("required_document", deliverable_id=key, name=name) for name in names]


def states(required: int) -> dict[str, str]:
    rows = store.rows(SYSTEM, POLICY, Query(filters={"required_id": required})).rows
    return {row.values["version_name"]: row.values["state"] for row in rows}


def test_a_document_is_published_with_its_file_in_one_act_and_the_older_version_retires(cast: Cast) -> None:
    key, (rules, _) = wanted("管理制度", "学员制度")
    first = deliverables.publish(cast.lin, rules, "制度.pdf", PDF, published_on=LONG_AGO)
    second = deliverables.publish(cast.lin, rules, "制度2.pdf", PDF)
    assert states(rules) == {"1.0": "retired", "2.0": "published"}
    found = deliverables.checklist(cast.lin, DELIVERABLE, key)
    item = found.items[0]
    assert item.current and (item.current.id, item.current.file_name) == (second, "制度2.pdf")
    assert [one.id for one in item.others] == [first]
    assert (found.done, found.missing) == (1, 1)
    assert attachments.list(cast.lin, POLICY, first)[0].name == "制度.pdf"


def test_a_file_that_is_refused_publishes_nothing(cast: Cast) -> None:
    _, (rules,) = wanted("管理制度")
    for name, data in (("制度.exe", b"MZ\0\0"), ("制度.pdf", b"")):
        with pytest.raises(Invalid):
            deliverables.publish(cast.lin, rules, name, data)
    with pytest.raises(Invalid):
        deliverables.publish(cast.lin, rules, "制度.pdf", PDF, published_on=clock.today() + timedelta(days=1))
    deliverables.publish(cast.lin, rules, "制度.pdf", PDF, version_name="3")
    with pytest.raises(Invalid):
        deliverables.publish(cast.lin, rules, "制度.pdf", PDF, version_name="3")
    assert states(rules) == {"3": "published"}


def test_a_draft_is_what_is_published(cast: Cast) -> None:
    _, (rules,) = wanted("管理制度")
    draft = add("policy_document", title="管理制度（草案）", required_id=rules)
    assert deliverables.publish(cast.lin, rules, "制度.pdf", PDF) == draft
    assert states(rules) == {"1.0": "published"}


def test_two_things_that_want_a_document_of_the_same_name_have_each_their_own(cast: Cast) -> None:
    _, (one,) = wanted("管理制度")
    _, (other,) = wanted("管理制度", code="emergency_base_rules")
    for required in (one, other):
        deliverables.publish(cast.lin, required, "制度.pdf", PDF)
    assert states(one) == states(other) == {"1.0": "published"}


def test_a_version_that_is_published_by_form_or_sheet_retires_the_older_too(cast: Cast) -> None:
    same = {"title": "志愿者守则", "state": "published"}
    add("policy_document", **same, version_name="1", published_on=LONG_AGO)
    add("policy_document", **same, version_name="2", published_on=clock.today())
    add("policy_document", **same, version_name="0", published_on=LONG_AGO - timedelta(days=9))
    rows = store.rows(SYSTEM, POLICY).rows
    assert {row.values["version_name"]: row.values["state"] for row in rows} == {
        "0": "retired", "1": "retired", "2": "published",
    }  # fmt: skip


@pytest.mark.parametrize("days", [(60, 0, 30), (0, 0, 0), (0, 30, 60)])
def test_a_sheet_of_every_version_settles_at_once(cast: Cast, days: tuple[int, ...]) -> None:
    sheet = HOME / "documents.csv"
    lines = (f"守则,{version}.0,已发布,{clock.today() - timedelta(days=ago)}" for version, ago in enumerate(days))
    sheet.write_text("\n".join(["文件名称,版本,状态,发布日期", *lines, ""]), encoding="utf-8")
    assert exchange.run_import(cast.lin, POLICY, sheet).created == 3
    states, newest = [row.values["state"] for row in store.rows(SYSTEM, POLICY).rows], db.data_version()
    assert sorted(states) == ["published", "retired", "retired"]
    again = exchange.run_import(cast.lin, POLICY, sheet)
    assert (again.unchanged, again.updated, db.data_version()) == (3, 0, newest)
    assert [row.values["state"] for row in store.rows(SYSTEM, POLICY).rows] == states


def test_the_version_in_force_stays_so_when_its_day_is_corrected(cast: Cast) -> None:
    key = add("policy_document", title="守则", state="published", published_on=clock.today())
    store.save(cast.lin, POLICY, {"published_on": LONG_AGO}, id=key)
    assert store.get(cast.lin, POLICY, key).values["state"] == "published"


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=some.lists(some.integers(0, 30), min_size=1, max_size=5))
def test_one_version_is_in_force_and_it_is_the_newest(cast: Cast, days: list[int]) -> None:
    title = f"制度{len(store.rows(SYSTEM, POLICY, Query(size=1000)).rows)}"
    for version, day in enumerate(days):
        published = clock.today() - timedelta(days=day)
        add("policy_document", title=title, state="published", version_name=str(version), published_on=published)
    rows = store.rows(SYSTEM, POLICY, Query(filters={"title": [title]}, size=100)).rows
    in_force = [row.values["published_on"] for row in rows if row.values["state"] == "published"]
    assert in_force == [clock.today() - timedelta(days=min(days))]


def at_once(*acts: Callable[[], object]) -> list[str]:
    def tried(act: Callable[[], object]) -> str:
        try:
            act()
        except (Conflict, Invalid, AlreadyDone) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(tried, acts))


def test_of_two_who_publish_at_once_one_version_is_in_force(cast: Cast) -> None:
    _, (rules,) = wanted("管理制度")
    both = [lambda: deliverables.publish(cast.lin, rules, "制度.pdf", PDF)] * 2
    assert at_once(*both) == ["done", "done"]
    assert sorted(states(rules).values()) == ["published", "retired"]


def test_a_document_is_retired_for_a_reason(cast: Cast) -> None:
    key, (rules,) = wanted("管理制度")
    document = deliverables.publish(cast.lin, rules, "制度.pdf", PDF)
    with pytest.raises(Invalid):
        deliverables.retire(cast.lin, document, " ")
    deliverables.retire(cast.lin, document, "院方更换制度")
    assert deliverables.checklist(cast.lin, DELIVERABLE, key).missing == 1
    assert store.history(cast.lin, POLICY, document)[0].reason == "院方更换制度"


def test_a_deliverable_is_accepted_when_it_is_complete_and_by_who_may(cast: Cast) -> None:
    key, (rules,) = wanted("管理制度")
    facts = {"accepted_on": clock.today(), "accepted_by": "陈院长"}
    with pytest.raises(Denied):
        deliverables.accept(cast.lin, DELIVERABLE, key, facts)
    with pytest.raises(Invalid) as refused:
        deliverables.accept(cast.chen, DELIVERABLE, key, facts)
    assert refused.value.fields == {"": "documents_missing"}
    deliverables.publish(cast.lin, rules, "制度.pdf", PDF)
    with pytest.raises(Invalid) as refused:
        deliverables.accept(cast.chen, DELIVERABLE, key, {"accepted_on": None, "accepted_by": ""})
    assert refused.value.fields == dict.fromkeys(facts, "required")
    accept = [lambda: deliverables.accept(cast.chen, DELIVERABLE, key, facts)] * 2
    assert at_once(*accept) == ["Conflict", "done"]
    deliverables.reopen(cast.chen, DELIVERABLE, key, "缺签章")
    assert store.get(cast.lin, DELIVERABLE, key).values["accepted_on"] is None


def test_neither_form_nor_sheet_accepts_for_who_may_not(cast: Cast) -> None:
    key, _ = wanted("管理制度")
    accepted = {"state": "accepted", "accepted_on": clock.today(), "accepted_by": "我"}
    for record, name in ((DELIVERABLE, "基地"), (SITE, "东苑")):
        with pytest.raises(Invalid) as refused:
            store.save(cast.lin, record, {"name": name, **accepted}, id=key if record is DELIVERABLE else None)
        assert refused.value.fields == {"state": "only_by_steps"}
    store.save(cast.admin, DELIVERABLE, accepted, id=key)
    store.save(cast.lin, DELIVERABLE, {"notes": "已归档"}, id=key)


def test_neither_form_nor_sheet_undoes_or_alters_an_acceptance_for_who_may_not(cast: Cast) -> None:
    accepted = {"state": "accepted", "accepted_on": LONG_AGO, "accepted_by": "陈院长"}
    key = add("demonstration_site", name="东苑", **accepted)
    for changed in ({"state": "open"}, {"accepted_on": clock.today()}, {"accepted_by": "我"}):
        with pytest.raises(Invalid) as refused:
            store.save(cast.lin, SITE, changed, id=key)
        assert refused.value.fields == {"state": "only_by_steps"}
    sheet = HOME / "sites.csv"
    sheet.write_text("示范点名称,状态\n东苑,建设中\n", encoding="utf-8")
    done = exchange.run_import(cast.lin, SITE, sheet)
    assert (done.updated, [problem.code for problem in done.problems]) == (0, ["only_by_steps"])
    assert store.get(cast.lin, SITE, key).values["state"] == "accepted"
    assert exchange.run_import(cast.admin, SITE, sheet).updated == 1


def test_accepting_moves_the_indicator(cast: Cast) -> None:
    contract = load.load_preset_contract(SYSTEM, "medical_social_work", clock.today() - timedelta(days=100))
    found = deliverables.of_code(cast.lin, "training_base")
    assert found
    for item in found[1].items:
        deliverables.publish(cast.lin, item.id, "制度.pdf", PDF)
    deliverables.accept(cast.chen, DELIVERABLE, found[0], {"accepted_on": clock.today(), "accepted_by": "陈院长"})
    figure = next(f for f in kpi.board(cast.lin, contract).figures if f.code == "05.1")
    assert figure.status == "achieved"


def test_a_site_takes_over_the_five_steps_once(cast: Cast) -> None:
    load.load_preset_contract(SYSTEM, "medical_social_work", clock.today() - timedelta(days=100))
    site = add("demonstration_site", name="东苑示范点")
    assert deliverables.adopt(cast.lin, site, "community_service_model") == 5
    assert deliverables.adopt(cast.lin, site, "community_service_model") == 0
    assert deliverables.checklist(cast.lin, SITE, site).missing == 5


@ON_SQLITE
@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.LEADER, {"验收通过"}, {"发布", "加入清单"}),
        (Role.COORDINATOR, {"提交验收", "发布", "加入清单"}, {"验收通过"}),
        (Role.AUDITOR, set(), {"提交验收", "验收通过", "发布", "加入清单"}),
    ],
)
def test_the_page_of_a_deliverable_offers_what_the_role_may(
    cast: Cast, role: Role, shown: set[str], hidden: set[str]
) -> None:
    key, (rules,) = wanted("管理制度")
    deliverables.publish(cast.lin, rules, "制度.pdf", PDF)
    at = visit(seat(role), "deliverable", id=key)
    assert healthy(at)
    assert shown <= labels(at) and not hidden & labels(at)
    assert any("/files/" in text for text in texts(at))


# -- assistance --------------------------------------------------


def served(kind: str = "escort", **given: Any) -> tuple[int, int]:
    client = add("client", name="欧阳一", phone="13900000001")
    return client, add(
        "assistance_service", client_id=client, kind=kind, requested_on=clock.today(), state="requested", **given
    )


@pytest.mark.parametrize(
    ("kind", "last", "state"), [("escort", "serve", "served"), ("green_channel", "open", "opened")]
)
def test_assistance_is_accepted_and_done(cast: Cast, kind: str, last: str, state: str) -> None:
    _, key = served(kind)
    for name, facts in (("accept", {"accepted_on": clock.today()}), (last, {"served_on": clock.today()})):
        assert assistance.open_to(cast.lin, store.get(cast.lin, assistance.ASSISTANCE, key))[0] == name
        assistance.advance(cast.lin, key, name, facts)
    assert store.get(cast.lin, assistance.ASSISTANCE, key).values["state"] == state
    with pytest.raises(Conflict):
        assistance.advance(cast.lin, key, "fail", {"summary": "晚了"})


def test_what_failed_says_why(cast: Cast) -> None:
    _, key = served("green_channel")
    with pytest.raises(Invalid) as refused:
        assistance.advance(cast.lin, key, "fail", {"summary": ""})
    assert refused.value.fields == {"summary": "required"}
    with pytest.raises(Invalid):
        assistance.advance(cast.lin, key, "serve", {"served_on": clock.today()})
    assistance.advance(cast.lin, key, "fail", {"summary": "床位已满"})


def test_of_two_who_finish_a_service_at_once_one_wins(cast: Cast) -> None:
    _, key = served()
    both = [lambda: assistance.advance(cast.lin, key, "serve", {"served_on": clock.today()})] * 2
    assert at_once(*both) == ["Conflict", "done"]


def test_the_same_client_kind_and_day_is_told(cast: Cast) -> None:
    client, key = served()
    assert [row.id for row in assistance.alike(cast.lin, client, "escort", clock.today())] == [key]
    assert assistance.alike(cast.lin, client, "escort", clock.today(), but=key) == []
    assert assistance.alike(cast.lin, client, "paperwork", clock.today()) == []
    assert assistance.alike(cast.lin, client, "escort", clock.today() - timedelta(days=1)) == []


def typed(at: "AppTest", name: str, value: Any) -> None:
    widget(at, name).set_value(value).run()


def widget(at: "AppTest", name: str) -> Any:
    return next(node for node in at.main if str(getattr(node, "key", "")).endswith(f".{name}"))


@ON_SQLITE
def test_entering_many_keeps_kind_department_and_worker_and_tells_duplicates(cast: Cast) -> None:
    client, _ = served()
    department = add("department", name="儿科")
    at = visit(seat(Role.COORDINATOR), "assistance_service", do="new")
    kind = next(one for one in RECORDS["assistance_service"].field("kind").choices or () if one.value == "escort")
    for name, value in (("client_id", client), ("kind", kind), ("department_id", department), ("worker", "苏禾")):
        typed(at, name, value)
    assert any("已登记同类协助" in one.value for one in at.warning)
    press(at, "保存并再登记一条")
    assert healthy(at)
    assert any("已保存" in one.value for one in at.success)
    again = [widget(at, name).value for name in ("client_id", "kind", "department_id", "worker", "requested_on")]
    assert again == [None, kind, department, "苏禾", clock.today()]
    assert store.rows(cast.lin, assistance.ASSISTANCE).total == 2


@ON_SQLITE
@pytest.mark.parametrize(("role", "may"), [(Role.COORDINATOR, True), (Role.LEADER, False), (Role.AUDITOR, False)])
def test_the_next_step_of_assistance_is_one_button(cast: Cast, role: Role, may: bool) -> None:
    _, key = served()
    at = visit(seat(role), "assistance_service", id=key)
    assert healthy(at) and ("受理" in labels(at)) is may
    if may:
        press(at, "受理")
        at.session_state["clicked"] = ("", 0.0)  # a second later: at once it would be taken for a double click
        press(at, "登记完成")
        assert store.get(cast.lin, assistance.ASSISTANCE, key).values["served_on"] == clock.today()


# -- communities, departments, bases --------------------------------------------------


def test_one_visit_counts_by_the_rule_of_both_indicators(cast: Cast) -> None:
    contract = load.load_preset_contract(SYSTEM, "medical_social_work", clock.today() - timedelta(days=100))
    site = add("demonstration_site", name="东苑示范点")
    key = add("community_visit", place="东苑", visited_on=clock.today(), encounters=24, site_id=site)
    add("screening", disease="高血压", place="东苑", screened_on=clock.today(), screened=20, visit_id=key)
    add("screening", disease="眼病", place="东苑", screened_on=clock.today(), screened=7, site_id=site)
    add("community_visit", place="东苑", visited_on=clock.today(), encounters=5, site_id=site, state="planned")
    add("coordination_meeting", title="联席会", held_on=clock.today(), site_id=site)
    assert communities.counts_of_visit(cast.lin, key) == (1, 24)
    work = communities.site_work(cast.lin, site)
    assert (work.visits, work.screenings, work.meetings, work.served) == (1, 2, 1, 31)
    figures = {f.code: f.actual for f in kpi.board(cast.lin, contract).figures}
    assert (figures["06.3"], figures["06.7"]) == (1, 31)


@ON_SQLITE
def test_a_screening_is_entered_on_the_page_of_its_visit(cast: Cast) -> None:
    key = add("community_visit", place="东苑", visited_on=LONG_AGO, encounters=24)
    at = visit(seat(Role.COORDINATOR), "community_visit", id=key)
    assert any("06.3 社区走访 1 次，06.7 服务 24 人次" in one.value for one in at.info)
    typed(at, "disease", "高血压")
    typed(at, "screened", "20")
    press(at, "登记筛查")
    assert healthy(at)
    (row,) = store.rows(cast.lin, communities.SCREENING, Query(fields=("visit_id", "place", "screened_on"))).rows
    assert row.values == {"visit_id": key, "place": "东苑", "screened_on": LONG_AGO}


def test_a_department_counts_what_its_lists_hold(cast: Cast) -> None:
    own, other = add("department", name="内科"), add("department", name="心血管内科")
    for technology, department in (("微创 A", own), ("微创a", own), ("早筛", own), ("介入", other)):
        add("technology_promotion", technology=technology, promoted_on=clock.today(), department_id=department)
    add("technology_promotion", technology="明年再办", promoted_on=clock.today(), department_id=own, state="planned")
    for name, won_for in (("东校", "内科"), ("西校", "心血管内科")):
        add("organisation", name=name, kind="school", department=won_for)
    add("cooperation_project", name="联合门诊", department_id=own, state="planned")
    found = departments.whole(cast.lin, own)
    totals = {part.record.name: part.page.total for part in found.parts}
    assert totals == {
        "cooperation_project": 1, "technology_promotion": 4, "organisation": 1, "charity_project": 0,
        "assistance_service": 0,
    }  # fmt: skip
    assert found.technologies == 2
    assert "assistance_service" not in {part.record.name for part in departments.whole(cast.he, own).parts}


def test_a_base_shows_its_own_month(cast: Cast) -> None:
    load.load_preset_contract(SYSTEM, "medical_social_work", clock.today() - timedelta(days=3))
    for base, day in (
        ("emergency_base", clock.today()),
        ("emergency_base", clock.today() - timedelta(days=9)),
        ("training_base", clock.today()),
    ):
        add("base_duty_log", base=base, logged_on=day, on_duty="何岚", entry="巡检")
    found = bases.overview(cast.lin, Base.EMERGENCY_BASE)
    assert (found.log.total, found.first) == (1, clock.today() - timedelta(days=3))
    assert found.rules and len(found.rules[1].items) == 5


@ON_SQLITE
def test_the_log_of_a_base_is_one_line(cast: Cast) -> None:
    at = visit(seat(Role.BASE_MANAGER), "base", base="training_base")
    press(at, "记下")
    assert any("必填" in text or "需要" in text for text in texts(at))
    typed(at, "entry", "设备巡检")
    press(at, "记下")
    (row,) = store.rows(cast.lin, RECORDS["base_duty_log"]).rows
    assert (row.values["base"], row.values["entry"], row.values["logged_on"]) == (
        "training_base",
        "设备巡检",
        clock.today(),
    )


@ON_SQLITE
@pytest.mark.parametrize("role", [Role.LEADER, Role.AUDITOR, Role.HEALTH_STEWARD])
def test_a_reader_of_a_base_writes_nothing(cast: Cast, role: Role) -> None:
    at = visit(seat(role), "base")
    assert healthy(at) and "记下" not in labels(at)


PAGES = ("charity_project", "aid_application", "wechat_group", "deliverable", "demonstration_site", "community_visit",
         "department", "assistance_service")  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_costs_a_bounded_number_of_statements(demo: None, statements: Callable[[], int], name: str) -> None:
    who: Seat = seat(Role.ADMINISTRATOR)
    visit(who, name, id=1)
    statements()
    assert healthy(visit(who, name, id=1))
    assert 0 < statements() <= 60
