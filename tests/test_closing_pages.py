"""The pages of the contract's year: closing and reopening months, a plan and an amendment, and one journey of three."""

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from models import RECORDS
from models.system import Role
from models.words import L, Language
from services import closing, kpi, store, targets
from services.access import SYSTEM
from services.figures import Figure
from services.store import Query
from tests.stage import Seat, Visitor, healthy, menu, seat, texts, visit
from ui.messages import words_of

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

LANGUAGES: tuple[Language, ...] = ("zh", "en")
VISIT = RECORDS["community_visit"]


@pytest.fixture
def leader(demo: None) -> Seat:
    return seat(Role.LEADER)


def said(at: "AppTest") -> str:
    assert healthy(at)
    return " ".join(texts(at))


def press(at: "AppTest", label: str) -> None:
    next(one for one in at.button if one.label == label).click().run()


def figure(code: str) -> Figure:
    return next(one for one in kpi.board(SYSTEM).figures if one.code == code)


# -- months --------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_months_say_how_they_stand(leader: Seat, language: Language) -> None:
    year = closing.year(leader.actor)
    at = visit(leader, "closing", language)
    words = said(at)
    for state in (L("可以结账", "Can be closed"), L("进行中", "Running"), L("已结账", "Closed")):
        assert state(language) in words
    closed = sum(month.state == "closed" for month in year.months)
    assert L(f"已结 {closed} / 12 个月", f"{closed} of 12 months closed")(language) in words


def test_a_leader_closes_the_next_month_and_opens_it_again(leader: Seat) -> None:
    first = next(month.first for month in closing.year(leader.actor).months if month.state == "ready")
    at = visit(leader, "closing")
    press(at, "确认结账")
    assert healthy(at) and closing.year(leader.actor).month(first).state == "closed"
    form = f"closing.{first}"
    at.button(key=_key(at, form, "do")).click().run()
    assert "请写明理由" in said(at)
    at.text_input(key=_key(at, form, "reason")).set_value("核对签到表")
    at.button(key=_key(at, form, "do")).click().run()
    month = closing.year(leader.actor).month(first)
    assert month.newest and (month.state, month.newest.reason) == ("reopened", "核对签到表")
    assert "核对签到表" in said(at)


def _key(at: "AppTest", form: str, name: str) -> str:
    """The widget's key at this moment: it changes with every submit that succeeds."""
    return f"{at.session_state['tokens'][form]}.{name}"


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.HEALTH_STEWARD, Role.AUDITOR])
def test_who_may_not_close_sees_the_months_and_no_button(demo: None, role: Role) -> None:
    at = visit(seat(role), "closing")
    assert "已结账" in said(at)
    assert not {one.label for one in at.button} & {"结账", "重新打开", "再次结账"}


def test_a_station_lead_sees_which_months_are_closed_and_no_figures_of_others(demo: None) -> None:
    station = store.save(SYSTEM, RECORDS["unit"], {"name": "石桥站"})
    lead = seat(Role.STATION_LEAD, units=(station,))
    assert "closing" in menu(at := visit(lead, "closing"))
    assert "已结账" in said(at) and "按进度" not in said(at)
    month = closing.year(SYSTEM).months[0].first
    assert "没有找到" in " ".join(texts(visit(lead, "closing", month=month)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_corrected_month_shows_both_editions_what_changed_and_who_did_it(leader: Seat, language: Language) -> None:
    month = closing.year(leader.actor).months[0]
    assert [edition.number for edition in month.editions] == [1, 2]
    at = visit(leader, "closing", language, month=month.first)
    words = said(at)
    before, after = (closing.snapshot(leader.actor, edition.id) for edition in month.editions)
    (changed,) = closing.differences(before, after)
    assert changed.after.code == "06.7" and f"{changed.before.actual} · " in words
    changes, table = (frame.value for frame in at.dataframe)
    assert changes.iloc[0, -1] == "按纸质签到表更正"
    assert re.fullmatch(r"(服务人次：|Attendances served: )\d+ → \d+", changes.iloc[0, 4])
    assert list(table.iloc[:, 0]) == [one.code for one in after.figures]


def test_a_month_that_is_closed_offers_no_late_entry_but_says_what_it_takes(leader: Seat) -> None:
    lin, post = seat(Role.COORDINATOR), RECORDS["official_account_post"]
    months = closing.year(leader.actor).months
    closed, open_ = months[1], months[2]
    assert (closed.state, open_.state) == ("closed", "ready") and closed.newest
    closing.reopen(leader.actor, closed.newest.id, "误记")
    for month in (closed, open_):
        found = store.rows(SYSTEM, post, Query(filters={"published_on": (month.first, month.last)}))
        for row in found.rows:
            store.remove(SYSTEM, post, row.id, reason="误记")
    closing.close(leader.actor, closing.year(leader.actor).contract_id, closed.first)
    at = visit(lin, "figure", code="08.5")
    assert [one.label for one in at.button if one.label.startswith("补录")] == [f"补录 {open_.first:%Y-%m}"]
    assert "已结账，不能直接补录" in said(at)


def test_a_split_that_nobody_filled_in_says_where_to_fill_it_in(leader: Seat) -> None:
    words = said(visit(leader, "figure", code="08.5", by="author"))
    assert "这些公众号推文都没有填“作者”" in words and "未填写占" not in words


# -- target and plan --------------------------------------------------


def test_an_amended_indicator_shows_both_targets_and_why(leader: Seat) -> None:
    words = said(visit(leader, "figure", code="06.7"))
    assert "原 500" in words and "500 → 600 人次" in words and "补充协议（一）" in words
    assert "月度计划" in said(visit(leader, "figure", code="06.3"))


def test_a_plan_is_spread_evenly_saved_and_cleared(leader: Seat) -> None:
    at = visit(leader, "target", code="05.3")
    assert "没有月度计划" in said(at)
    press(at, "平均分到各月")
    assert "**合计 500** · 合计与目标 500 人次一致" in said(at)
    assert figure("05.3").plan == ()
    press(at, "保存计划")
    assert sum(figure("05.3").plan) == 500
    press(at, "清空计划")
    press(at, "保存计划")
    assert figure("05.3").plan == ()


def test_a_target_is_amended_on_its_page_and_a_bad_one_is_told_beside_its_field(leader: Seat) -> None:
    at = visit(leader, "target", code="03.1")
    press(at, "保存新目标")
    assert said(at).count(words_of("required").zh) >= 3
    target = next(one for one in at.text_input if one.label == "新目标 *")
    target.set_value("1800")
    next(one for one in at.text_area if one.label == "为什么改 *").set_value("门诊量上升")
    day = kpi.board(SYSTEM).as_of
    next(one for one in at.date_input if one.label == "新目标从哪天起 *").set_value(day)
    press(at, "保存新目标")
    found = figure("03.1")
    assert (found.target, found.original_target) == (1800, 1500)
    assert "1,500 → 1,800 人" in said(at)


def test_who_only_reads_sees_a_plan_and_cannot_type(demo: None) -> None:
    at = visit(seat(Role.COORDINATOR), "target", code="06.3")
    assert "合计" in said(at)
    assert not {one.label for one in at.button} & {"保存计划", "保存新目标", "平均分到各月"}


def test_an_indicator_without_a_number_has_no_such_page(leader: Seat) -> None:
    for code in ("01.1", "02.5", "99.9", ""):
        assert "没有找到" in " ".join(texts(visit(leader, "target", code=code)))
    assert targets.history(leader.actor, figure("01.1").id) == []


# -- a journey --------------------------------------------------

Window = Callable[..., Visitor]


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closed_month_refuses_a_coordinator_until_a_leader_reopens_it(window: Window, language: Language) -> None:
    """The leader closes; the coordinator's save is refused and keeps what was typed; reopened, it is an adjustment."""
    pytest.importorskip("playwright.sync_api")
    from playwright.sync_api import expect

    from tests.test_journeys import click, ready, typed

    month = next(m for m in closing.year(SYSTEM).months if m.state in ("ready", "reopened"))
    visit_id = _visit_in(month.first)
    boss, lin = window(language).sign_in(seat(Role.LEADER)), window(language).sign_in(seat(Role.COORDINATOR))
    page = ready(boss.open("closing"))
    page.locator(f".st-key-month-{month.first}").get_by_role("button").first.click()
    page.get_by_role("button", name=L("确认结账", "Close the month")(language)).click()
    expect(page.locator(f".st-key-month-{month.first}")).to_contain_text(L("已结账", "Closed")(language))

    form = ready(lin.open("community_visit", id=visit_id, do="edit"))
    label = L("服务人次 *", "Attendances served *")(language)
    typed(form, label, "77")
    click(form, L("保存", "Save")(language))
    expect(form.locator(".refused")).to_contain_text(str(month.last))
    expect(form.get_by_label(label, exact=True).first).to_have_value("77")

    row = ready(boss.open("closing")).locator(f".st-key-month-{month.first}")
    row.get_by_role("button", name=L("重新打开", "Reopen")(language)).click()
    reason = page.get_by_role("textbox", name=re.compile(L("理由", "Reason")(language)))
    reason.fill(f"签到表更正 {language}")
    page.get_by_role("button", name=L("重新打开", "Reopen")(language)).last.click()
    expect(row).to_contain_text(f"签到表更正 {language}")

    click(form, L("保存", "Save")(language))
    expect(form).to_have_url(re.compile(rf"id={visit_id}(?!.*do=edit)"))
    assert store.get(SYSTEM, VISIT, visit_id).values["encounters"] == 77
    newest = closing.year(SYSTEM).month(month.first).newest
    assert newest
    (change,) = closing.adjustments(SYSTEM, newest.id)
    assert (change.record_id, change.day_before, change.reason) == (visit_id, month.first, f"签到表更正 {language}")
    told = ready(boss.open("closing", month=month.first))
    expect(told.locator("h4").filter(has_text=L("调整 1 处", "Adjustments: 1")(language))).to_be_visible()


def _visit_in(first: date) -> int:
    """A visit on the first day of the month."""
    return store.save(SYSTEM, VISIT, {"place": f"石桥社区 {first}", "visited_on": first, "encounters": 1})
