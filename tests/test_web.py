"""The plain pages and the guard in front of Streamlit, over HTTP."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import bcrypt
import httpx
import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.web.server.starlette.starlette_gzip_middleware import SelectiveGZipMiddleware
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_assets_routes

import seed
import web
from models.system import Account, Attempt, Option, Role, WebSession
from models.words import L
from seed.presets import load_reference
from services import accounts, db, journal, numbers, passwords, volunteers
from services.access import SYSTEM
from services.errors import Invalid
from web import headers, pages
from web.forms import Field, Form, Group
from web.messages import MESSAGES
from web.register import NOTICE

HERE = "http://testserver"
PAGE = {"accept": "text/html,application/xhtml+xml"}
GOOD, BETTER = "Sunny-Day-2026", "Rainy-Day-2026"
APPLICANT: dict[str, Any] = {
    "name": "林晓禾",
    "phone": "13800000021",
    "id_type": "passport",
    "id_number": "E12345678",
    "birth_date": "1990-05-01",
    "region_code": "440105",
    "is_emergency_rescue": "yes",
    "service_categories": ["ward_visit", "first_aid"],
    "availability": ["weekend_morning"],
    "consent": "yes",
}


async def seen_headers(request: Request) -> JSONResponse:
    return JSONResponse(
        {name: request.headers.getlist(name) for name in request.headers if name.startswith("x-portal")}
    )


async def fault(request: Request) -> JSONResponse:
    raise RuntimeError("a secret detail")


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({name: value for name, value in socket.headers.items() if name.startswith("x-portal")})
    await socket.close()


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = lambda password: bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()  # noqa: E731
    monkeypatch.setattr(passwords, "hashed", quick)


@pytest.fixture
def empty(database: str) -> Iterator[TestClient]:
    """A browser before the portal is set up; Streamlit's own page and bundles stand behind the guard."""
    behind = [Route("/seen", seen_headers), Route("/fault", fault), WebSocketRoute("/_stcore/stream", stream)]
    gzip = Middleware(SelectiveGZipMiddleware, minimum_size=500, compresslevel=6, base_url="")
    app = Starlette(
        routes=[*web.ROUTES, *behind, *create_streamlit_static_assets_routes(base_url=None)],
        middleware=[*web.MIDDLEWARE, gzip],
        exception_handlers=web.HANDLERS,
    )
    with TestClient(app, HERE, follow_redirects=False, headers=PAGE) as client:
        yield client


@pytest.fixture
def browser(empty: TestClient) -> TestClient:
    """A browser, once Wang has an account with the password GOOD; nobody is signed in."""
    accounts.create_account(SYSTEM, "wang.min", "王敏", [Role.COORDINATOR], password=GOOD)
    with db.unit(SYSTEM) as s:
        s.exec(select(Account)).one().must_change = False
        for row in load_reference("regions") + load_reference("service_categories"):
            name = "regions" if "level" in row else "service_categories"
            s.add(Option(list_name=name, code=row["code"], zh=row["zh"], en=row["en"]))
    return empty


@pytest.fixture
def wang(browser: TestClient) -> TestClient:
    """Wang's signed-in browser."""
    submit(browser, "/signin", username="wang.min", password=GOOD)
    return browser


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What reaches the register of volunteers; it answers every time with the same number."""
    received: list[dict[str, Any]] = []

    def answer(values: dict[str, Any], language: str, ip: str) -> str:
        received.append(values)
        return "BM-2026-0001"

    monkeypatch.setattr("web.register.volunteers", SimpleNamespace(register=answer))
    return received


def submit(client: TestClient, path: str, origin: str = HERE, **fields: Any) -> httpx.Response:
    """Open a page and send its form as a browser does."""
    found = re.search(r'name="form_token" value="([^"]+)"', client.get(path).text)
    token = {"form_token": found[1]} if found else {}
    answer: httpx.Response = client.post(path, data={**token, **fields}, headers={"origin": origin})
    return answer


def errors_of(answer: httpx.Response) -> dict[str, str]:
    pairs = re.findall(r'id="(\w+)-error"><b[^>]*>!</b> ([^<]+)<', answer.text)
    return dict(pairs)


# -- who may pass -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/volunteer?id=3", "/static/js/index.js", "/password", "/media/abc", "/seen"])
def test_a_stranger_who_opens_a_page_is_sent_to_sign_in(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin")


@pytest.mark.parametrize("path", ["/media/abc", "/static/js/index.js", "/_stcore/host-config", "/seen", "/portal"])
def test_a_stranger_is_refused_everything_that_is_no_page(browser: TestClient, path: str) -> None:
    assert browser.get(path, headers={"accept": "*/*"}).status_code == 401
    assert browser.put(path, headers=PAGE).status_code == 401


@pytest.mark.parametrize(
    "path", ["//signin/x", "/signin/x", "/portalx", "/register/../seen", "/%2e%2e/seen", "/cx", "/showx"]
)
def test_a_path_that_resembles_a_public_one_is_not_public(browser: TestClient, path: str) -> None:
    assert browser.get(path).status_code in (303, 400, 404)
    assert "x-portal-language" not in browser.get(path).text


@pytest.mark.parametrize(
    "path", ["/signin", "/register", "/c/abc", "/c/abc/d", "/portal/x", "/portal/", "/lang", "/healthz", "/favicon.ico"]
)
def test_no_public_path_falls_through_to_streamlit(browser: TestClient, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code in (200, 303, 404)
    assert 'id="root"' not in answer.text


def test_a_stranger_gets_no_websocket(browser: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect("/_stcore/stream"):
        pass


def test_a_websocket_of_a_signed_in_person_carries_the_session_and_the_language(wang: TestClient) -> None:
    forged = {"x-portal-session": "999", "X-Portal-Anything": "x"}
    with wang.websocket_connect("/_stcore/stream", headers=forged) as socket:
        assert socket.receive_json() == {"x-portal-session": "1", "x-portal-language": "zh"}


def test_forged_headers_are_dropped(wang: TestClient) -> None:
    seen = wang.get("/seen", headers={"x-portal-session": "999", "X-PORTAL-Role": "administrator"}).json()
    assert seen == {"x-portal-session": ["1"], "x-portal-language": ["zh"]}


def test_the_link_that_needed_sign_in_opens_after_it(browser: TestClient) -> None:
    asked = browser.get("/volunteer?id=3&tab=log").headers["location"]
    assert asked == "/signin?next=%2Fvolunteer%3Fid%3D3%26tab%3Dlog"
    target = re.search(r'name="next" value="([^"]+)"', browser.get(asked).text)
    assert target
    answer = submit(browser, "/signin", username="wang.min", password=GOOD, next=target[1].replace("&amp;", "&"))
    assert answer.headers["location"] == "/volunteer?id=3&tab=log"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/\t/evil",
        "x",
        "",
    ],
)
def test_nobody_is_redirected_to_another_site(browser: TestClient, target: str) -> None:
    assert submit(browser, "/signin", username="wang.min", password=GOOD, next=target).headers["location"] == "/"
    assert browser.get("/lang", params={"to": "en", "next": target}).headers["location"] == "/"


def test_a_session_that_was_ended_is_a_stranger_again(wang: TestClient) -> None:
    assert wang.get("/seen").status_code == 200
    accounts.sign_out_everywhere(1)
    assert wang.get("/seen").status_code == 303


def test_a_cookie_that_is_nonsense_is_a_stranger(browser: TestClient) -> None:
    for cookie in (b"portal_session=x", b'portal_session="; a=b', b"portal_session=\xff", b"=;=;"):
        assert browser.get("/seen", headers={"cookie": cookie}).status_code == 303


def test_who_must_change_the_password_reaches_nothing_else(wang: TestClient) -> None:
    accounts.reset_password(SYSTEM, 1)
    with db.unit(SYSTEM) as s:
        s.exec(select(WebSession)).one().revoked_at = None
    assert wang.get("/").headers["location"] == "/password"
    assert wang.get("/seen", headers={"accept": "*/*"}).status_code == 401
    with pytest.raises(WebSocketDisconnect), wang.websocket_connect("/_stcore/stream"):
        pass
    assert wang.get("/password").status_code == 200


# -- signing in and out -----------------------------------------------------------------------------------------------


def test_a_sign_in_sets_a_cookie_that_no_script_reads(browser: TestClient) -> None:
    answer = submit(browser, "/signin", username="wang.min", password=GOOD)
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 303
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


def test_a_cookie_is_secure_where_the_request_came_by_https(browser: TestClient) -> None:
    browser.base_url = httpx.URL("https://testserver")
    answer = submit(browser, "/signin", "https://testserver", username="wang.min", password=GOOD)
    assert "; Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_a_failed_sign_in_keeps_the_name_and_never_the_password(browser: TestClient) -> None:
    answer = submit(browser, "/signin", username="wang.min", password="Wrong-Pass-99")
    assert "用户名或密码不正确" in answer.text
    assert 'value="wang.min"' in answer.text
    assert "Wrong-Pass-99" not in answer.text


def test_the_page_says_when_a_name_is_locked(browser: TestClient) -> None:
    for _ in range(5):
        submit(browser, "/signin", username="wang.min", password="wrong")
    assert "15 分钟" in submit(browser, "/signin", username="wang.min", password=GOOD).text


def test_sign_out_ends_the_session_and_forgets_the_cookie(wang: TestClient) -> None:
    token = wang.cookies[pages.SESSION_COOKIE]
    assert "您已退出登录" in wang.get("/signout").text
    assert pages.SESSION_COOKIE not in wang.cookies
    assert wang.get("/seen", headers={"cookie": f"{pages.SESSION_COOKIE}={token}"}).status_code == 303


def test_another_sites_link_signs_nobody_out(wang: TestClient) -> None:
    answer = wang.get("/signout", headers={"sec-fetch-site": "cross-site"})
    assert "确定退出登录吗" in answer.text
    assert wang.get("/seen").status_code == 200
    assert "您已退出登录" in wang.post(
        "/signout",
        data={"form_token": wang.cookies[pages.FORM_COOKIE]},
        headers={"origin": HERE},
    ).text  # fmt: skip
    assert wang.get("/seen").status_code == 303


def test_a_password_is_changed_and_the_browser_stays_signed_in(wang: TestClient) -> None:
    answer = submit(wang, "/password", current=GOOD, password=BETTER, again=BETTER)
    assert answer.headers["location"] == "/"
    assert wang.get("/seen").status_code == 200


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"current": "", "password": BETTER, "again": BETTER}, "current"),
        ({"current": "wrong", "password": BETTER, "again": BETTER}, "current"),
        ({"current": GOOD, "password": BETTER, "again": BETTER + "x"}, "again"),
        ({"current": GOOD, "password": "short", "again": "short"}, "password"),
        ({"current": GOOD, "password": "Aa1-" + "医" * 23, "again": "Aa1-" + "医" * 23}, "password"),
    ],
)
def test_the_trouble_with_a_password_stands_beside_its_field(
    wang: TestClient, typed: dict[str, str], field: str
) -> None:
    answer = submit(wang, "/password", **typed)
    assert list(errors_of(answer)) == [field]
    assert GOOD not in answer.text


# -- forms come from our own pages ------------------------------------------------------------------------------------


def test_a_form_sent_from_another_site_is_refused(browser: TestClient) -> None:
    assert submit(browser, "/signin", "https://evil.example", username="wang.min", password=GOOD).status_code == 403
    assert submit(browser, "/signin", "null", username="wang.min", password=GOOD).status_code == 403


def test_a_form_without_an_origin_or_the_right_token_is_refused(browser: TestClient) -> None:
    browser.get("/signin")
    token = browser.cookies[pages.FORM_COOKIE]
    typed = {"username": "wang.min", "password": GOOD, "form_token": token}
    assert browser.post("/signin", data=typed).status_code == 403
    assert browser.post("/signin", data={**typed, "form_token": "x"}, headers={"origin": HERE}).status_code == 403
    browser.cookies.clear()
    assert browser.post("/signin", data={**typed, "form_token": ""}, headers={"origin": HERE}).status_code == 403


def test_a_form_is_bounded_in_size_and_kind(browser: TestClient) -> None:
    assert submit(browser, "/signin", username="x" * 70_000, password=GOOD).status_code == 413
    many = {f"f{number}": "x" for number in range(300)}
    assert submit(browser, "/signin", **many).status_code == 400
    origin = {"origin": HERE}
    assert browser.post("/signin", json={"username": "x"}, headers=origin).status_code == 415
    assert browser.post("/signin", files={"username": b"x"}, headers=origin).status_code == 415


# -- languages, errors, headers ---------------------------------------------------------------------------------------


def test_the_language_is_remembered_and_the_visitor_goes_back(browser: TestClient) -> None:
    answer = browser.get("/lang", params={"to": "en", "next": "/register?x=1"})
    assert answer.headers["location"] == "/register?x=1"
    assert '<html lang="en">' in browser.get("/register").text
    browser.get("/lang", params={"to": "zh"})
    assert '<html lang="zh-CN">' in browser.get("/register").text


def test_the_address_may_ask_for_a_language_too(browser: TestClient) -> None:
    assert "Sign in" in browser.get("/signin?lang=en").text
    assert "Sign in" in browser.get("/signin").text


@pytest.mark.parametrize("path", ["/signin", "/register", "/signout"])
def test_an_english_page_has_no_chinese_but_the_switch(browser: TestClient, path: str) -> None:
    text = browser.get(f"{path}?lang=en").text.replace("中文", "")
    assert re.findall(r"[一-鿿]+", text) == []


def test_a_page_that_is_not_there_says_so_in_words(wang: TestClient) -> None:
    answer = wang.get("/portal/nothing.css")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text
    assert wang.get("/portal/nothing.css", headers={"accept": "*/*"}).text == "404"


def test_a_fault_shows_a_number_that_stands_in_the_log_and_no_detail(
    wang: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = wang.get("/fault")
    number = re.search(r"<code>(\w{8})</code>", answer.text)
    assert answer.status_code == 500
    assert number
    assert number[1] in caplog.text
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/signin", "/healthz", "/seen", "/nowhere", "/portal/pages.css", "/fault"])
def test_every_answer_carries_the_security_headers(browser: TestClient, path: str) -> None:
    given = browser.get(path).headers
    assert given["x-content-type-options"] == "nosniff"
    assert given["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in given["content-security-policy"]
    assert "unsafe-eval" not in given["content-security-policy"]
    assert "strict-transport-security" not in given


def test_a_plain_page_may_run_no_script_at_all(browser: TestClient) -> None:
    answer = browser.get("/register")
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", answer.text)
    assert answer.headers["cache-control"] == "no-store"


def test_a_component_may_be_framed_by_our_own_pages_only(wang: TestClient) -> None:
    assert "frame-ancestors 'self'" in wang.get("/component/x/index.html").headers["content-security-policy"]


def test_streamlits_page_bears_our_name_and_language(wang: TestClient) -> None:
    etag = {"accept-encoding": "gzip", "if-none-match": "x"}
    answer = wang.get("/volunteer", headers=etag)
    assert '<html lang="zh-CN">' in answer.text
    assert "<title>医务社工服务平台</title>" in answer.text
    assert answer.text.count('<script src="/portal/words.js"></script>') == 1
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers
    wang.get("/lang", params={"to": "en"})
    assert "words.js" not in wang.get("/volunteer").text


def test_the_policy_allows_streamlits_inline_script_by_its_hash(wang: TestClient) -> None:
    answer = wang.get("/")
    inline = re.findall(r"<script>(.*?)</script>", answer.text, flags=re.S)
    assert len(inline) == 1
    assert f"'sha256-{headers._sha256(inline[0])}'" in answer.headers["content-security-policy"]


def test_health_tells_whether_the_database_answers(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert browser.get("/healthz").text == "ok"

    def gone() -> bool:
        raise OSError

    monkeypatch.setattr(accounts, "any_exists", gone)
    assert browser.get("/healthz").status_code == 503


# -- the first set-up -------------------------------------------------------------------------------------------------

SET_UP: dict[str, Any] = {
    "organisation": "示例医院",
    "name": "张三",
    "username": "admin.one",
    "password": GOOD,
    "again": GOOD,
    "contract": "township_station",
    "starts": "2026-03-01",
    "demo": "yes",
}


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the loader of contracts was asked to begin."""
    asked: list[Any] = []
    begin = lambda *args, **more: asked.append((*args, more))  # noqa: E731
    monkeypatch.setattr(seed, "load", SimpleNamespace(begin=begin), raising=False)
    return asked


def test_before_the_set_up_every_page_leads_there(empty: TestClient) -> None:
    for path in ("/", "/signin", "/register", "/volunteer"):
        assert empty.get(path).headers["location"] == "/setup"
    assert empty.get("/setup").status_code == 200
    assert empty.get("/portal/pages.css").status_code == 200


def test_the_set_up_makes_the_administrator_loads_the_contract_and_signs_in(
    empty: TestClient, begun: list[Any]
) -> None:
    answer = submit(empty, "/setup", code=accounts.setup_code(), **SET_UP)
    assert answer.headers["location"] == "/"
    assert [(begun[0][0], begun[0][1].isoformat(), begun[0][2])] == [
        ("township_station", "2026-03-01", {"organisation": "示例医院", "demo": True})
    ]
    assert empty.get("/seen").status_code == 200
    assert empty.get("/setup").headers["location"] == "/signin"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"code": "AAAA-AAAA-AAAA"}, "code"),
        ({"username": "Ab"}, "username"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": BETTER}, "again"),
        ({"contract": "another"}, "contract"),
        ({"starts": "2026-02-30"}, "starts"),
        ({"starts": "9999-12-31"}, "starts"),
        ({"organisation": " "}, "organisation"),
    ],
)
def test_a_set_up_with_a_mistake_makes_nothing(
    empty: TestClient, begun: list[Any], typed: dict[str, str], field: str
) -> None:
    answer = submit(empty, "/setup", **{"code": accounts.setup_code(), **SET_UP, **typed})
    assert list(errors_of(answer)) == [field]
    assert 'value="张三"' in answer.text
    assert not accounts.any_exists()
    assert not begun


# -- public registration ----------------------------------------------------------------------------------------------


def test_an_applicant_without_an_account_gets_a_reference_number(
    browser: TestClient, register: list[dict[str, Any]]
) -> None:
    answer = submit(browser, "/register", **APPLICANT)
    thanks = answer.headers["location"]
    assert "BM-2026-0001" in browser.get(thanks).text
    assert "BM-2026-0001" in browser.get(thanks).text
    values = register[0]
    assert len(register) == 1
    assert values["service_categories"] == ["ward_visit", "first_aid"]
    assert values["birth_date"].isoformat() == "1990-05-01"
    assert (values["is_emergency_rescue"], values["consent"], values["source"]) == (True, True, "public")
    assert "guardian_name" not in values


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"region_code": "999999"}, "region_code"),
        ({"id_type": "library_card"}, "id_type"),
        ({"birth_date": "1.5.1990"}, "birth_date"),
        ({"availability": ["weekend_morning", "never"]}, "availability"),
        ({"is_emergency_rescue": ""}, "is_emergency_rescue"),
        ({"consent": ""}, "consent"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(
    browser: TestClient, register: list[dict[str, Any]], typed: dict[str, Any], field: str
) -> None:
    answer = submit(browser, "/register", **{**APPLICANT, **typed})
    assert list(errors_of(answer)) == [field]
    assert f'<a href="#{field}">' in answer.text
    assert 'value="13800000021"' in answer.text
    assert re.search(r'value="ward_visit" checked', answer.text)
    assert not register


def test_what_the_register_refuses_is_told_beside_its_field(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(values: dict[str, Any], language: str, ip: str) -> str:
        raise Invalid({"id_number": "id_checksum", "person_id": "taken"})

    monkeypatch.setattr("web.register.volunteers", SimpleNamespace(register=refuse))
    answer = submit(browser, "/register", **APPLICANT)
    assert errors_of(answer) == {"id_number": MESSAGES["id_checksum"].zh}
    assert "taken" not in answer.text


def test_markup_that_somebody_types_is_shown_as_text(browser: TestClient, register: list[dict[str, Any]]) -> None:
    answer = submit(browser, "/register", **{**APPLICANT, "name": '"><script>alert(1)</script>', "consent": ""})
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_registrations_from_one_address_are_limited(browser: TestClient) -> None:
    numbers.change(SYSTEM, {volunteers.LIMIT.key: 2})
    for _ in range(3):
        answer = submit(browser, "/register", **APPLICANT)
    assert MESSAGES["too_many"].zh in answer.text
    with db.reading(SYSTEM) as s:
        assert len(s.exec(select(Attempt)).all()) == 2


def test_the_consent_is_not_ticked_beforehand_and_the_notice_has_ten_lines(browser: TestClient) -> None:
    page = browser.get("/register").text
    assert "checked" not in page
    assert 1 + len(NOTICE) == len(re.findall(r"<li>", page)) == 10


def test_the_public_page_stays_small(browser: TestClient) -> None:
    sizes = [len(browser.get(path).content) for path in ("/register", "/portal/pages.css", "/portal/icon.svg")]
    assert sum(sizes) < 100_000


# -- the forms helper -------------------------------------------------------------------------------------------------


def test_an_error_of_no_field_belongs_to_the_form_as_a_whole() -> None:
    form = Form((Group((Field("name", L("姓名", "Name")),)),)).refuse({"name": "required", "elsewhere": "taken"})
    assert form.errors == {"name": "required", "": "taken"}


def test_every_code_has_words_in_both_languages() -> None:
    assert all(text.zh.strip() and text.en.strip() for text in MESSAGES.values())


def test_one_signs_out_on_every_device_at_once(wang: TestClient) -> None:
    with db.reading(SYSTEM) as session:
        account = session.exec(select(Account).where(Account.username == "wang.min")).one()
    other = accounts.sign_in("wang.min", GOOD)
    assert "退出所有设备" in wang.get("/password").text
    form = {"form_token": wang.cookies[pages.FORM_COOKIE], "everywhere": "yes"}
    assert "您已退出登录" in wang.post("/signout", data=form, headers={"origin": HERE}).text
    assert accounts.find_session(other) is None
    newest = journal.read(SYSTEM, journal.Wanted(record="account")).entries[0]
    assert (newest.verb, newest.actor, newest.record_id) == ("sign_out", account.name, account.id)
