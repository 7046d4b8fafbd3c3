"""The journeys of the mission in a real browser, in both languages, with somebody else writing at the same time."""

import re
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest

from models import RECORDS
from models.system import Role
from models.training import Audience, Base, SessionState
from models.words import L, Language
from services import accounts, clock, kpi, store, training
from services.store import Query
from tests.stage import PASSWORD, PHONE, Visitor, seat

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("browser")
Window = Callable[..., Visitor]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
SESSION, VOLUNTEER, ORGANISATION = (RECORDS[name] for name in ("training_session", "volunteer", "organisation"))
SERIAL = iter(range(1000, 9999))
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
STREAMLITS_OWN = {
    "[data-testid=stSidebarNavItems]": "its list items do not lie in the list itself",
    "[data-testid=stDataFrame]": "drawn on a canvas, with a hidden grid for readers",
}


def ready(page: Page) -> Page:
    """The page after its script has run."""
    expect(page.locator("h1.t").first).to_be_visible()
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_attached()
    return page


def click(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).first.click()


def typed(page: Page, label: str, text: str) -> None:
    page.get_by_label(label, exact=True).first.fill(text)


def passport() -> str:
    return f"E9{next(SERIAL):04d}{next(SERIAL):04d}"[:9]


def phone() -> str:
    return f"1380013{next(SERIAL):04d}"


# -- register → approve -----------------------------------------------


def register(visitor: Visitor, name: str) -> None:
    """Fill in the public page as a phone does, and send it."""
    page = visitor.open("register")
    page.fill("[name=name]", name)
    page.fill("[name=phone]", phone())
    page.select_option("[name=id_type]", "passport")
    page.fill("[name=id_number]", passport())
    page.fill("[name=birth_date]", "1990-05-01")
    page.select_option("[name=region_code]", index=1)
    page.locator("label.chip", has=page.locator("[name=is_emergency_rescue][value=yes]")).click()
    page.locator("label.check", has=page.locator("[name=consent]")).click()
    page.locator("form button").last.click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_registration_on_a_phone_is_approved_and_stands_in_the_rescue_register(
    window: Window, language: Language
) -> None:
    name = {"zh": "欧阳初一", "en": "欧阳初二"}[language]
    applicant = window(language, PHONE)
    register(applicant, name)
    expect(applicant.page.locator("p.number strong")).to_have_text(re.compile(r"\w{4,}"))
    assert applicant.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    coordinator = window(language).sign_in(seat(Role.COORDINATOR))
    page = ready(coordinator.open("approvals"))
    card = page.locator("[data-testid=stVerticalBlock][class*=st-emotion]").filter(has_text=name).last
    expect(card).to_be_visible()
    card.get_by_text(L("已核对证件原件", "Document seen")(language)).click()
    ready(page)
    card = page.locator("[data-testid=stVerticalBlock][class*=st-emotion]").filter(has_text=name).last
    card.get_by_role("button", name=L("通过", "Approve")(language)).click()
    expect(page.get_by_text(re.compile(name + L(" 已通过", " approved")(language)))).to_be_visible()

    page = ready(coordinator.open("rescue", q=name))
    expect(page.locator("[role=gridcell]").filter(has_text=name)).to_be_attached()


# -- session → attendance → indicator ---------------------------------------------


def line(page: Page, code: str) -> str:
    """The words of an indicator's line on the dashboard."""
    return page.locator(f"a[href*='code={code}&']").first.inner_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_session_is_scheduled_attended_by_phone_and_moves_the_indicators(window: Window, language: Language) -> None:
    boss = seat(Role.COORDINATOR)
    now = clock.now().replace(second=0, microsecond=0)
    venue = store.save(boss.actor, RECORDS["venue"], {"name": f"考场{next(SERIAL)}"})
    course = next(iter(store.choices(boss.actor, RECORDS["course"])))
    same = {
        "venue_id": venue,
        "course_id": course,
        "starts": now - timedelta(minutes=10),
        "ends": now + timedelta(hours=1),
    }
    other = training.save_session(boss.actor, {**same, "title": "先来的一班"})
    title, guest, desk = (f"{word}{next(SERIAL)}" for word in ("对外一班", "欧阳签", "欧阳报"))

    visitor = window(language).sign_in(boss)
    page = ready(visitor.open("indicators"))
    before = line(page, "05.2"), line(page, "05.3")
    start, end = (f"{clock.local(same[side]):%Y-%m-%d %H:%M}" for side in ("starts", "ends"))  # type: ignore[arg-type]
    asked = {
        "venue_id": venue,
        "course_id": course,
        "starts": start,
        "ends": end,
        "base": Base.TRAINING_BASE,
        "audience": Audience.EXTERNAL,
    }
    page = ready(visitor.open("training_session", do="new", **{f"set.{name}": value for name, value in asked.items()}))
    expect(page.locator("[data-testid=stAlert]").filter(has_text="先来的一班")).to_be_visible()
    typed(page, L("班名 *", "Title *")(language), title)
    reason = L("仍要保存的理由（写了就能保存，会记入日志）", "Reason for saving all the same (is logged)")(language)
    typed(page, reason, "同一场地可容两班")
    click(page, L("保存", "Save")(language))
    expect(page.locator("h1.t")).to_have_text(title)
    click(page, L("添加学员", "Add a trainee")(language))
    typed(page, L("姓名 *", "Name *")(language), desk)
    typed(page, L("手机号 *", "Phone *")(language), phone())
    page.get_by_role("button", name=L("报名", "Enrol")(language), exact=True).click()
    expect(page.locator("[role=gridcell]").filter(has_text=desk)).to_be_attached()

    door = window(language, PHONE)
    digits = page.get_by_test_id("stMetricValue").filter(has_text=re.compile(r"^\d{3} \d{3}$")).inner_text()
    door.open("c").fill("[name=code]", digits)
    door.page.locator("form button").last.click()
    door.page.fill("[name=name]", guest)
    door.page.fill("[name=phone]", phone())
    door.page.locator("button[value=in]").click()
    door.page.locator("button[value=walk]").click()  # not on the list: asked once
    expect(door.page.locator("h1")).to_have_text(L("签到成功", "You are checked in")(language))

    key = int(re.findall(r"id=(\d+)", page.url)[0])
    page = ready(visitor.open("training_session", id=key))
    expect(page.locator("[role=gridcell]").filter(has_text=guest)).to_be_attached()
    click(page, L("标为已举办", "Mark as held")(language))
    click(page, L("仍标为已举办", "Mark as held all the same")(language))
    expect(page.locator("ol.steps li.now")).to_have_text(SessionState.HELD.label(language))
    page = ready(visitor.open("indicators"))
    assert (line(page, "05.2") != before[0], line(page, "05.3") != before[1]) == (True, True)
    assert store.get(boss.actor, SESSION, other).values["state"] == SessionState.OPEN


# -- dashboard → indicator → rows ------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_dashboard_to_the_record_that_proves_a_number(window: Window, language: Language) -> None:
    visitor = window(language).sign_in(seat(Role.LEADER))
    page = ready(visitor.open("indicators"))
    page.locator("a[href*='code=05.2&']").first.click()
    expect(page.locator("h1.t")).to_contain_text("05.2")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    rows = page.locator("[data-testid=stDataFrame]").last
    rows.scroll_into_view_if_needed()
    place = ready(page) and rows.bounding_box()
    assert place
    page.mouse.click(place["x"] + 60, place["y"] + 55)
    expect(page).to_have_url(re.compile(r"/training_session\?id=\d+"))
    expect(page.locator("ol.steps")).to_be_visible()


def test_the_dashboard_follows_what_somebody_else_writes_by_itself(window: Window) -> None:
    visitor = window().sign_in(seat(Role.LEADER))
    page = ready(visitor.open("indicators"))
    before = line(page, "05.2")
    boss, day = seat(Role.COORDINATOR).actor, clock.now() - timedelta(days=1)
    given = {
        "title": "别人办的班", "course_id": next(iter(store.choices(boss, RECORDS["course"]))), "starts": day,
        "ends": day + timedelta(hours=1), "base": Base.TRAINING_BASE, "audience": Audience.EXTERNAL,
    }  # fmt: skip
    key = training.save_session(boss, given)
    training.set_state(boss, key, SessionState.OPEN)
    store.save(boss, RECORDS["attendance"], {"session_id": key, "name": "欧阳走", "phone": phone()})
    training.set_state(boss, key, SessionState.HELD)
    expect(page.locator("a[href*='code=05.2&']").first).not_to_have_text(before, use_inner_text=True)


# -- signing in and out ------------------------------------------------


def fill_door(page: Page, username: str, password: str) -> None:
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.locator("form button").last.click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_deep_link_leads_through_sign_in_to_the_record_and_survives_a_reload(
    window: Window, language: Language
) -> None:
    who = seat(Role.COORDINATOR, password=PASSWORD)
    row = store.rows(who.actor, ORGANISATION, Query(size=1)).rows[0]
    visitor = window(language)
    page = visitor.open("organisation", id=row.id, tab="history")
    expect(page.locator("[name=password]")).to_be_visible()
    fill_door(page, who.username, "Wrong-Word-2026")
    expect(page.locator("[role=alert]")).to_contain_text(L("用户名或密码不正确", "is not right")(language))
    assert page.input_value("[name=username]") == who.username
    fill_door(page, who.username, PASSWORD)
    expect(page.locator("h1.t")).to_have_text(row.title)
    page.reload()
    expect(page.locator("h1.t")).to_have_text(row.title)
    assert f"id={row.id}" in page.url and "tab=history" in page.url
    page.get_by_role("link", name=L("退出", "Sign out")(language)).click()
    expect(page.locator("h1")).to_be_visible()
    page = visitor.open("organisation", id=row.id)
    expect(page.locator("[name=password]")).to_be_visible()


def test_five_wrong_passwords_lock_the_door_and_say_so(window: Window) -> None:
    who = seat(Role.COORDINATOR, password=PASSWORD)
    page = window().open("signin")
    for _ in range(5):
        fill_door(page, who.username, "Wrong-Word-2026")
        expect(page.locator("[role=alert]")).to_contain_text("用户名或密码不正确")
    fill_door(page, who.username, PASSWORD)
    expect(page.locator("[role=alert]")).to_contain_text("尝试次数过多，请 15 分钟后再试")


def test_a_cookie_of_a_session_that_ended_is_worth_nothing(window: Window) -> None:
    who = seat(Role.COORDINATOR)
    visitor = window().sign_in(who)
    ready(visitor.open("volunteer"))
    accounts.sign_out(who.session)
    expect(visitor.open("volunteer").locator("[name=password]")).to_be_visible()


def test_a_session_that_an_administrator_ends_leaves_the_screen(window: Window) -> None:
    who, admin = seat(Role.COORDINATOR), seat(Role.ADMINISTRATOR)
    page = ready(window().sign_in(who).open("volunteer"))
    assert accounts.end_sessions(admin.actor, who.actor.account_id or 0) == 1
    page.get_by_label("查找", exact=True).first.fill("li")
    page.keyboard.press("Enter")
    expect(page.get_by_text("您的登录已结束。")).to_be_visible()
    expect(page.locator("[data-testid=stDataFrame]")).to_have_count(0)


def test_the_address_of_a_page_that_is_not_theirs_says_so_also_after_a_reload(window: Window) -> None:
    page = window().sign_in(seat(Role.HEALTH_STEWARD)).open("journal")
    for _ in range(2):
        expect(page.get_by_text("您的角色没有这项权限")).to_be_visible()
        page.reload()
    page = window().sign_in(seat(Role.HEALTH_STEWARD)).open("nosuch")
    expect(page.locator("h1.t")).to_have_text("今日")


# -- forms ------------------------------------------------------


def test_a_double_click_on_save_makes_one_record(window: Window) -> None:
    who, name = seat(Role.COORDINATOR), f"双击单位{next(SERIAL)}"
    page = ready(window().sign_in(who).open("organisation", do="new", **{"set.kind": "school"}))
    typed(page, "单位名称 *", name)
    page.get_by_role("button", name="保存").first.dblclick()
    expect(page.locator("h1.t")).to_have_text(name)
    assert store.rows(who.actor, ORGANISATION, Query(text=name)).total == 1


def test_what_is_typed_last_is_saved_by_the_keyboard_too(window: Window) -> None:
    who, name = seat(Role.COORDINATOR), f"键盘单位{next(SERIAL)}"
    page = ready(window().sign_in(who).open("organisation", do="new", **{"set.kind": "school"}))
    page.get_by_label("单位名称 *", exact=True).press_sequentially(name)
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1.t")).to_have_text(name)


def test_bad_input_is_told_beside_the_field_and_nothing_typed_is_lost(window: Window) -> None:
    page = ready(window().sign_in(seat(Role.COORDINATOR)).open("volunteer", do="new"))
    typed(page, "姓名 *", "欧阳误")
    typed(page, "手机号 *", "12345")
    click(page, "保存")
    expect(page.locator(".fe[role=alert]").filter(has_text="手机号应为 11 位数字")).to_be_visible()
    assert page.get_by_label("姓名 *", exact=True).input_value() == "欧阳误"
    assert page.get_by_label("手机号 *", exact=True).input_value() == "12345"


def test_what_is_typed_at_once_after_a_refused_save_is_not_swallowed(window: Window) -> None:
    """The message of the refusal goes away with the first change; the fields must stay where the hands are."""
    name = f"快手场地{next(SERIAL)}"
    page = ready(window().sign_in(seat(Role.COORDINATOR)).open("venue", do="new"))
    click(page, "保存")
    expect(page.locator(".fe[role=alert]").first).to_be_visible()
    page.get_by_label("场地名称 *", exact=True).click()
    page.keyboard.type(name, delay=60)
    for words in ("55", "珠江路一号"):
        page.keyboard.press("Tab")
        page.keyboard.press("Control+a")
        page.keyboard.type(words, delay=60)
    click(page, "保存")
    expect(page.locator("h1.t")).to_have_text(name)
    expect(page.get_by_text("珠江路一号")).to_be_visible()
    expect(page.get_by_text("55", exact=True)).to_be_visible()


def test_a_stale_form_shows_both_versions(window: Window) -> None:
    who = seat(Role.COORDINATOR)
    key = store.save(who.actor, ORGANISATION, {"name": f"两人单位{next(SERIAL)}", "kind": "school", "owner": "原来"})
    page = ready(window().sign_in(who).open("organisation", id=key, do="edit"))
    typed(page, "负责人", "后写的人")
    store.save(who.actor, ORGANISATION, {"owner": "先写的人"}, id=key)
    click(page, "保存")
    expect(page.get_by_text("您打开之后，别人改过这条记录。请对照后再保存。")).to_be_visible()
    for words in ("先写的人", "后写的人"):
        expect(page.locator("[role=gridcell]").filter(has_text=words)).to_be_attached()
    assert page.get_by_label("负责人", exact=True).input_value() == "后写的人"
    assert store.get(who.actor, ORGANISATION, key).values["owner"] == "先写的人"


# -- for everybody ----------------------------------------------------


def narrow(page: Page) -> int:
    """How much wider than the window the page is."""
    return int(page.evaluate("Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"))


PLACES = [
    "",
    "volunteer",
    "volunteer?do=new",
    "rescue",
    "callout",
    "reminders?do=new",
    "indicators",
    "figure?code=05.2",
    "calendar",
    "organisation?id=1",
]


def test_every_kind_of_page_fits_a_phone(window: Window) -> None:
    visitor = window("zh", PHONE).sign_in(seat(Role.ADMINISTRATOR))
    for place in PLACES:
        assert narrow(ready(visitor.open(place))) == 0, place


def violations(page: Page) -> list[str]:
    """Serious and critical findings of axe, but for the parts that Streamlit draws so by itself."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(
        "([tags, but]) => axe.run({exclude: but.map(one => [one])}, {runOnly: tags, resultTypes: ['violations']})",
        [AXE_TAGS, list(STREAMLITS_OWN)],
    )
    return [
        f"{one['id']}: {node['target']} {node['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("place", ["signin", "register"])
def test_the_plain_pages_can_be_used_by_everybody(window: Window, place: str) -> None:
    assert violations(window("zh", PHONE).open(place)) == []


@pytest.mark.parametrize(
    "place", ["indicators", "figure?code=03.1", "screen", "volunteer", "volunteer?do=new", "training_session?id=1"]
)
def test_the_portal_can_be_used_by_everybody(window: Window, place: str) -> None:
    page = ready(window().sign_in(seat(Role.COORDINATOR)).open(place))
    assert violations(page) == []


def test_it_can_be_read_in_the_dark(window: Window) -> None:
    visitor = window().sign_in(seat(Role.COORDINATOR))
    visitor.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    for place in ("", "training_session?id=1"):
        assert violations(ready(visitor.open(place))) == []


# -- application → approved by another → paid → indicator ---------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_application_is_paid_by_two_people_and_moves_the_people_aided_by_one(
    window: Window, language: Language
) -> None:
    one, other = seat(Role.COORDINATOR), seat(Role.COORDINATOR)
    person = {"name": f"欧阳助{next(SERIAL)}", "phone": phone(), "consent": True}
    store.save(one.actor, RECORDS["client"], person)
    project = store.rows(one.actor, RECORDS["charity_project"], Query(filters={"state": "running"}, size=1)).rows[0].id
    before = _aided(one)

    page = ready(window(language).sign_in(one).open("charity_project", id=project))
    click(page, L("登记申请", "New application")(language))
    page.get_by_label(L("查找服务对象", "Find client")(language)).fill(person["name"])  # type: ignore[arg-type]
    page.keyboard.press("Enter")
    box = page.get_by_label(L("服务对象 *", "Client *")(language), exact=True).first
    ready(page)
    box.click()
    page.get_by_role("option", name=str(person["name"])).first.click()
    click(page, L("保存", "Save")(language))
    expect(page.locator("ol.steps li.now")).to_have_text(L("草拟", "Drafted")(language))
    typed(page, L("诊断", "Diagnosis")(language), "漏斗胸")
    typed(page, L("申请金额（元）", "Amount asked (CNY)")(language), "8000")
    click(page, L("提交申请", "Submit")(language))
    expect(page.locator("ol.steps li.now")).to_have_text(L("已提交", "Submitted")(language))
    page.wait_for_timeout(1100)  # a click that follows at once is taken for a double click
    click(page, L("初审通过，报送资助方", "Screened, send to the funder")(language))
    told = L("您提交的申请，请由另一人批准。", "You submitted this; somebody else approves it.")(language)
    expect(page.get_by_text(told)).to_be_visible()
    key = int(re.findall(r"id=(\d+)", page.url)[0])

    page = ready(window(language).sign_in(other).open("aid_application", id=key))
    typed(page, L("批准金额（元）", "Amount granted (CNY)")(language), "9000")
    click(page, L("批准", "Approve")(language))
    told = L("批准金额不能超过申请金额", "No more than was asked can be granted")(language)
    expect(page.locator(".fe").filter(has_text=told)).to_be_visible()
    typed(page, L("批准金额（元）", "Amount granted (CNY)")(language), "6000")
    click(page, L("批准", "Approve")(language))
    expect(page.locator("ol.steps li.now")).to_have_text(L("已批准", "Approved")(language))
    assert _aided(one) == before
    page.wait_for_timeout(1100)
    click(page, L("登记拨付", "Record the payment")(language))
    expect(page.locator("ol.steps li.now")).to_have_text(L("已拨付", "Paid")(language))
    assert _aided(one) == before + 1
    expect(page.locator("ol.tl li")).to_have_count(4)


def _aided(who: Any) -> int:
    figure = next(f for f in kpi.board(who.actor).figures if f.code == "01.3")
    return int(figure.actual or 0)
