"""What stands at the head of public pages and on certificates, and which phone they tell to call, on both databases."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models import RECORDS
from models.contract import Contract
from models.system import AuditEntry, Role
from models.training import Audience, Base
from models.words import L
from seed import load
from services import accounts, certificates, clock, db, enrolling, feedback, institution, store
from services.access import SYSTEM
from services.errors import Denied
from services.institution import FIELDS, PORTAL, Host
from tests.conftest import Cast
from tests.stage import healthy, seat, visit
from tests.test_certificates import course, held, papers
from tests.test_checkin import HERE, HTML, token_of
from tests.test_training import refusal, session
from web.messages import CALLS, words_of

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def browser(database: str) -> Iterator[TestClient]:
    accounts.create_account(SYSTEM, "somebody", "某人", [Role.AUDITOR], password="Sunny-Day-2026")
    app = Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS)
    yield TestClient(app, HERE, headers=HTML)


def named(**told: str) -> None:
    institution.save(SYSTEM, told)


def soon(base: Base) -> int:
    return session(starts=clock.now() + timedelta(days=2), audience=Audience.PUBLIC, base=base)


# -- the name ---------------------------------------------------------------------------------------------------------


def test_the_institution_is_named_by_the_setting_else_the_newest_contract_else_the_portal(cast: Cast) -> None:
    assert institution.here() == Host(PORTAL, "")
    with db.unit(SYSTEM) as s:
        for code, client, year in (("A", "旧医院", 2025), ("B", "新医院", 2026)):
            s.add(Contract(code=code, title=code, client=client, starts=date(year, 4, 1), ends=date(year + 1, 3, 31)))
    assert institution.here().name == ("新医院", "新医院")
    named(name="示例医院", name_en="Sample Hospital", phone="020-12345678")
    assert institution.here() == Host(L("示例医院", "Sample Hospital"), "020-12345678")


def test_a_base_has_its_own_phone_else_the_institutions(cast: Cast) -> None:
    named(phone="020-1111111", phone_emergency_base="020-2222222 转 801")
    with db.reading(SYSTEM) as s:
        hosts = [institution.host(s, base) for base in Base]
    assert [(one.name, one.phone) for one in hosts] == [
        (Base.TRAINING_BASE.label, "020-1111111"), (Base.EMERGENCY_BASE.label, "020-2222222 转 801"),
    ]  # fmt: skip
    assert hosts[1].dialled == "0202222222"


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"phone": "医务社工部"}, {"phone": "telephone_format"}),
        ({"phone": "javascript:1"}, {"phone": "telephone_format"}),
        ({"phone": "12"}, {"phone": "telephone_format"}),
        ({"name": "长" * 81}, {"name": "too_long"}),
    ],
)
def test_a_wrong_phone_is_told_and_nothing_is_kept(cast: Cast, told: dict[str, str], wrong: dict[str, str]) -> None:
    assert refusal(lambda: named(**{"name_en": "X"} | told)) == wrong
    assert institution.read(SYSTEM) == dict.fromkeys(FIELDS, "")


def test_administrators_alone_set_it_and_the_audit_says_so(cast: Cast) -> None:
    for who in (cast.lin, cast.chen, cast.stranger):
        with pytest.raises(Denied):
            institution.save(who, {"phone": "020-1111111"})
    institution.save(cast.admin, {"phone": " 020-1111111 "})
    institution.save(cast.admin, {"phone": "020-1111111"})
    with db.reading(SYSTEM) as s:
        [entry] = s.exec(select(AuditEntry).where(AuditEntry.record == "setting")).all()
    assert entry.changes == {"institution.phone": ["", "020-1111111"]}


@pytest.mark.parametrize("base", list(Base))
def test_every_page_of_a_session_bears_its_own_base_and_nobody_elses(
    cast: Cast, browser: TestClient, base: Base
) -> None:
    [other] = set(Base) - {base}
    key = soon(base)
    secret = enrolling.enrol(enrolling.path(SYSTEM, key)[3:], "", {"name": "甲", "phone": "13900000001"}, "zh")
    pages = [enrolling.path(SYSTEM, key), f"/e/mine/{secret}", f"/c/{token_of(key)}", feedback.path(SYSTEM, key)]
    for page in pages:
        for language, label in (("zh", base.label.zh), ("en", base.label.en)):
            text = browser.get(f"{page}?lang={language}").text
            assert f'<p class="site">{label}</p>' in text, page
            assert other.label.zh not in text and other.label.en not in text, page


def test_pages_of_no_session_bear_the_institution(cast: Cast, browser: TestClient) -> None:
    named(name="示例医院", name_en="Sample Hospital")
    for page in ("/e", "/v", "/register", "/c"):
        assert '<p class="site">示例医院</p>' in browser.get(page).text
        assert '<p class="site">Sample Hospital</p>' in browser.get(page, headers={"cookie": "portal_lang=en"}).text


# -- the phone --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", list(CALLS))
def test_words_tell_to_call_exactly_where_there_is_a_number(code: str) -> None:
    without, told = words_of(code), words_of(code, "020-12345678")
    assert not any(word in text for text in without for word in ("致电", "电话", "联系", " call"))
    assert all("020-12345678" in text for text in told)


def test_the_phone_stands_on_the_page_and_a_change_is_seen_at_once(cast: Cast, browser: TestClient) -> None:
    key = soon(Base.EMERGENCY_BASE)
    pages = (enrolling.path(SYSTEM, key), f"/c/{token_of(key)}")
    assert all("tel:" not in browser.get(page).text for page in pages)
    named(phone="020-12345678 转 801")
    assert all('<a href="tel:02012345678">020-12345678 转 801</a>' in browser.get(page).text for page in pages)


# -- certificates -----------------------------------------------------------------------------------------------------


def test_a_bases_certificate_bears_the_base_that_held_the_session(cast: Cast) -> None:
    load.load_reference(SYSTEM)
    load.name_issuer("示例医院")
    other = seat(Role.BASE_MANAGER)
    issuers = store.choices(SYSTEM, RECORDS["certificate_issuer"])
    ours = next(key for key, name in issuers.items() if name == "示例医院应急救护科普基地")
    outside = store.save(SYSTEM, RECORDS["certificate_issuer"], {"name": "示例红十字会", "prefix": "HZ"})
    for base, issuer, name, prefix in (
        (Base.EMERGENCY_BASE, ours, "示例医院应急救护科普基地", "JH"),
        (Base.TRAINING_BASE, ours, "示例医院医务社工实训基地", "SX"),
        (Base.TRAINING_BASE, outside, "示例红十字会", "HZ"),
    ):
        key = held(course(issuer_id=issuer, code=f"{prefix}1", name=f"{prefix}课"), 1, base=base)
        [number] = certificates.approve(other.actor, certificates.submit(SYSTEM, key))
        [paper] = [row for row in papers() if row.number == number]
        assert (paper.issuer, paper.number[:2]) == (name, prefix)
    english = {row.issuer_en for row in papers() if row.issuer_en}
    assert english == {base.label.en for base in Base}


# -- where it is set --------------------------------------------------------------------------------------------------


@ON_SQLITE
def test_an_administrator_sets_it_on_its_page_and_a_wrong_number_stays_there(cast: Cast) -> None:
    admin = seat(Role.ADMINISTRATOR)
    at = visit(admin, "institution")
    assert healthy(at)
    field = next(one for one in at.text_input if one.label == "联系电话")
    field.set_value("医务社工部").run()
    at = next(one for one in at.button if one.label == "保存").click().run()
    assert next(one for one in at.text_input if one.label == "联系电话").value == "医务社工部"
    assert institution.read(SYSTEM)["phone"] == ""
    next(one for one in at.text_input if one.label == "联系电话").set_value("020-12345678").run()
    next(one for one in at.button if one.label == "保存").click().run()
    assert institution.read(SYSTEM)["phone"] == "020-12345678"
