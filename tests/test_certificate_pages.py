"""Certificates where people meet them: the session's page, the paper, the public check."""

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models.certificates import Certificate, Standing
from models.lessons import PresenceState
from models.system import Role
from reports import certificates as papers
from services import accounts, assessment, certificates, clock, files, jobs, lessons, numbers, verifying
from services.access import SYSTEM
from services.errors import Denied
from tests.conftest import Cast
from tests.stage import Seat, healthy, seat, texts, visit
from tests.test_certificates import NINE, course, held, person
from tests.test_certificates import papers as issued
from web import verify

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HERE, PAGE = "http://testserver", {"accept": "text/html"}


@pytest.fixture
def visitor(database: str) -> TestClient:
    """A stranger's browser before a portal that is set up."""
    accounts.create_account(SYSTEM, "somebody", "某人", [Role.AUDITOR], password="Sunny-Day-2026")
    app = Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS)
    return TestClient(app, HERE, follow_redirects=False, headers=PAGE)


def one_issued(today: date | None = None, **more: Any) -> Certificate:
    key = certificates.submit(SYSTEM, held(course(**more), 1))
    [paper] = certificates.approve(seat(Role.BASE_MANAGER).actor, key, today=today)
    return next(row for row in issued() if row.number == paper)


def press(at: "AppTest", label: str) -> "AppTest":
    return next(button for button in at.button if button.label == label).click().run()


def labels(at: "AppTest") -> set[str]:
    return {button.label for button in at.button}


def said(at: "AppTest", words: str) -> bool:
    return any(words in text for text in texts(at))


# -- the session's page --------------------------------------------------


@ON_SQLITE
def test_one_submits_another_approves_and_the_class_is_printed(cast: Cast) -> None:
    session = held(course(), 1, 2, absent=(3,))
    lin, he = seat(Role.COORDINATOR), seat(Role.BASE_MANAGER)
    at = press(visit(lin, "certify", id=session), "提交名单（2 人）")
    assert healthy(at) and "确认发证 2 张" not in labels(at)
    assert said(at, "您提交的名单由另一位同事批准。")
    at = visit(he, "certify", id=session)
    assert list(at.dataframe[0].value["结果"]) == ["● 通过", "● 通过"]
    assert said(at, "没有签到")
    at = press(at, "确认发证 2 张")
    year = clock.today().year
    assert healthy(at)
    assert list(at.dataframe[0].value["证书编号"]) == [f"JH{year}-00001", f"JH{year}-00002"]
    at = press(at, "打印全班 2 张")
    assert healthy(at) and jobs.work_once()
    key = int(at.query_params["job"])
    assert jobs.get(he.actor, key).result["rows"] == 2
    assert said(visit(he, "certify", id=session, job=key), "下载 2 张证书")


@ON_SQLITE
def test_a_returned_list_says_why_and_is_submitted_again(cast: Cast) -> None:
    session = held(course(), 1)
    lin, he = seat(Role.COORDINATOR), seat(Role.BASE_MANAGER)
    press(visit(lin, "certify", id=session), "提交名单（1 人）")
    at = press(visit(he, "certify", id=session), "确认退回")
    assert said(at, "请写明理由")
    reason = next(field for field in at.text_input if field.label == "理由 *")
    reason.set_value("请核对姓名").run()
    at = press(at, "确认退回")
    assert healthy(at)
    at = visit(lin, "certify", id=session)
    assert said(at, "请核对姓名") and "提交名单（1 人）" in labels(at)


def choose(at: "AppTest", label: str, value: Any) -> None:
    next(box for box in at.selectbox if box.label == label).set_value(value)


def fill(at: "AppTest", label: str, words: str) -> None:
    next(field for field in at.text_input if field.label == label).set_value(words)


@ON_SQLITE
def test_figures_stand_beside_every_name_on_both_sides(cast: Cast) -> None:
    key = held(course(passing_score=60, hours=3), 1, 2)
    assessment.take(SYSTEM, key, {person(1): 85, person(2): 40}, {})
    lessons.mark(SYSTEM, key, {(None, person(2)): (PresenceState.LEFT_EARLY, "")}, now=NINE + timedelta(days=1))
    at = visit(seat(Role.COORDINATOR), "certify", id=key)
    [line] = at.dataframe[0].value.to_dict("records")
    assert line == {"姓名": "学员1", "到课": "3 / 3 小时", "理论": "85", "结果": "● 通过"}
    [table] = [text for text in texts(at) if "原因" in text]
    for words in ("学员2", "要求 2.4 小时（3 小时的 80%）", "理论 40 分，未到 60 分", "时长不明", "<td>40</td>"):
        assert words in table
    assert not said(at, "少于课程的")


@ON_SQLITE
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "本班共 3 小时，少于课程的 4 学时（每学时 60 分钟，共 4 小时）"),
        ("en", "This class lasted 3 hours, less than the 4 class hours"),
    ],
)
def test_a_class_shorter_than_its_course_is_told_with_figures(cast: Cast, language: str, words: str) -> None:
    assert said(visit(seat(Role.COORDINATOR), "certify", language, id=held(course(hours=4), 1)), words)


@ON_SQLITE
def test_one_person_is_left_out_and_taken_back_on_the_page(cast: Cast) -> None:
    key, lin = held(course(), 1, 2), seat(Role.COORDINATOR)
    at = visit(lin, "certify", id=key)
    choose(at, "谁", person(2))
    at = press(at, "确定")
    assert said(at, "请写明理由") and said(at, "提交名单（2 人）")
    fill(at, "理由 *", "证件待核对")
    at = press(at, "确定")
    assert healthy(at) and said(at, "提交名单（1 人）") and said(at, "暂不发证：证件待核对")
    assert said(at, f"暂不发证 · 证件待核对 · {lin.actor.name}")
    at = press(at, "撤回")
    assert healthy(at) and said(at, "提交名单（2 人）")


@ON_SQLITE
def test_who_left_early_is_let_through_on_the_page_and_the_approver_reads_why(cast: Cast) -> None:
    key, lin = held(course(), 1), seat(Role.COORDINATOR)
    lessons.mark(SYSTEM, key, {(None, person(1)): (PresenceState.LEFT_EARLY, "")}, now=NINE + timedelta(days=1))
    at = visit(lin, "certify", id=key)
    assert not any("提交名单" in label for label in labels(at)) and said(at, "没有人符合条件")
    choose(at, "谁", person(1))
    fill(at, "理由 *", "已补课")
    at = press(at, "确定")
    at = press(at, "提交名单（1 人）")
    assert "撤回" not in labels(at)
    at = visit(seat(Role.BASE_MANAGER), "certify", id=key)
    assert list(at.dataframe[0].value["结果"]) == ["▲ 到课不足仍发证：已补课"] and "撤回" not in labels(at)
    assert healthy(press(at, "确认发证 1 张"))


@ON_SQLITE
def test_where_all_were_revoked_nothing_is_offered_but_another_one_by_name(cast: Cast) -> None:
    paper, lin = one_issued(), seat(Role.COORDINATOR)
    certificates.revoke(SYSTEM, paper.id or 0, "冒名顶替")
    at = visit(lin, "certify", id=paper.session_id)
    assert not any(label.startswith("提交名单") for label in labels(at))
    assert said(at, "为已撤销的人重新发证（1 人）")
    again = next(button for button in at.button if button.label == "提交重新发证 0 人")
    assert again.disabled
    at.multiselect[0].set_value([paper.person_id]).run()
    at = press(at, "提交重新发证 1 人")
    assert healthy(at) and said(at, "您提交的名单由另一位同事批准。")


@ON_SQLITE
def test_who_only_reads_sees_the_figures_and_rules_nothing(cast: Cast) -> None:
    at = visit(seat(Role.LEADER), "certify", id=held(course(), 1, 2))
    assert healthy(at) and len(at.dataframe[0].value) == 2
    assert not labels(at) & {"确定", "撤回"} and "学员1" not in set(at.dataframe[0].value["姓名"])


@ON_SQLITE
def test_a_session_that_was_not_held_and_one_without_certificates_say_so(cast: Cast) -> None:
    he = seat(Role.BASE_MANAGER)
    assert said(visit(he, "certify", id=held(course(certified=False), 1)), "这门课程不发证")
    assert healthy(visit(he, "certify", id=999)) and healthy(visit(he, "certify"))


@ON_SQLITE
@pytest.mark.parametrize(("role", "may"), [(Role.LEADER, set()), (Role.BASE_MANAGER, {"登记补发", "确认撤销"})])
def test_who_only_reads_neither_copies_nor_revokes(cast: Cast, role: Role, may: set[str]) -> None:
    paper = one_issued()
    who = seat(role)
    at = visit(who, "certificate", id=paper.id)
    assert healthy(at)
    assert labels(at) & {"登记补发", "确认撤销", "编辑", "移入回收站"} == may
    assert not {"new", "import"} & {str(button.key) for button in visit(who, "certificate").button}


@ON_SQLITE
def test_a_certificate_is_revoked_on_its_page(cast: Cast) -> None:
    paper, he = one_issued(), seat(Role.BASE_MANAGER)
    at = visit(he, "certificate", id=paper.id)
    reason = [field for field in at.text_input if field.label == "理由 *"][-1]
    reason.set_value("冒名顶替").run()
    at = press(at, "确认撤销")
    assert healthy(at) and issued()[0].revoke_reason == "冒名顶替"
    assert "确认撤销" not in labels(visit(he, "certificate", id=paper.id))


# -- the paper --------------------------------------------------


def words_of(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [re.sub(r"\s+", "", page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(pdf)]


@ON_SQLITE
def test_every_certificate_of_a_class_is_a_page_of_one_file(cast: Cast) -> None:
    session = held(course(name_en="CPR course"), 1, 2, 3)
    certificates.approve(seat(Role.BASE_MANAGER).actor, certificates.submit(SYSTEM, session), today=date(2026, 3, 12))
    he = seat(Role.BASE_MANAGER).actor
    papers.submit(he, session, "https://portal.example.org")
    assert jobs.work_once()
    [task] = jobs.recent(he)
    pages = words_of(files.read(task.result["file"]))
    rows = certificates.printed(he, session)
    assert len(pages) == len(rows) == 3
    for page, row in zip(pages, rows, strict=True):
        wanted = (
            row["number"],
            row["holder"],
            row["issuer"],
            row["person_in_charge"],
            row["title"],
            "3学时",
            "2029-03-12",
        )
        assert [text for text in (*wanted, verifying.check_code(row["number"])) if text not in page] == []


@ON_SQLITE
def test_a_paper_without_an_end_a_renewal_and_a_copy_say_so(cast: Cast) -> None:
    paper = one_issued(validity_months=None)
    row = {name: getattr(paper, name) for name in Certificate.model_fields}
    more: dict[str, Any] = {
        "copies": 2,
        "copied_on": date(2026, 5, 1),
        "renews": "JH2023-00009",
        "holder": "买买提·阿不都热合曼·艾则孜",
    }
    [page] = words_of(papers.pdf([row | more], "http://127.0.0.1"))
    for text in ("长期Noexpiry", "补发Copy2·2026-05-01", "JH2023-00009", more["holder"]):
        assert text in page


@ON_SQLITE
def test_the_class_is_printed_for_whoever_may_see_names_alone(cast: Cast) -> None:
    paper = one_issued()
    with pytest.raises(Denied):
        papers.submit(seat(Role.LEADER).actor, paper.session_id, HERE)


# -- over HTTP --------------------------------------------------


def signed(visitor: TestClient, who: Seat) -> TestClient:
    visitor.cookies.set("portal_session", who.token)
    return visitor


@ON_SQLITE
def test_one_certificate_is_downloaded_by_whoever_may_see_names(cast: Cast, visitor: TestClient) -> None:
    paper = one_issued()
    address = f"/files/certificate/{paper.id}"
    assert visitor.get(address, headers={"accept": "*/*"}).status_code == 401
    assert signed(visitor, seat(Role.LEADER)).get(address).status_code == 404
    answer = signed(visitor, seat(Role.BASE_MANAGER)).get(address)
    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
    assert f"{paper.number}.pdf" in answer.headers["content-disposition"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_anybody_checks_a_certificate_without_an_account(cast: Cast, visitor: TestClient, language: str) -> None:
    paper = one_issued(credential_en="Certificate of CPR")
    page = visitor.get(f"{verifying.path(paper.number)}?lang={language}")
    assert page.status_code == 200
    title = {"zh": "心肺复苏培训合格证", "en": "Certificate of CPR"}[language]
    for text in (paper.number, title, "学**", str(paper.valid_until), {"zh": "有效", "en": "Valid"}[language]):
        assert text in page.text
    assert paper.holder not in page.text and "script" not in page.text
    certificates.revoke(SYSTEM, paper.id or 0, "冒名顶替")
    page = visitor.get(verifying.path(paper.number))
    assert {"zh": "已撤销", "en": "Revoked"}[language] in page.text and str(clock.today()) in page.text
    assert "冒名顶替" not in page.text


def test_a_wrong_pair_says_the_same_as_an_unknown_number(cast: Cast, visitor: TestClient) -> None:
    paper = one_issued()
    wrong = [f"/v/{paper.number}-{'0' * 12}", f"/v/{paper.number}", "/v/JH2026-99999-000000000000", "/v/%00", "/v/证书"]
    answers = [visitor.get(path) for path in wrong]
    told = {re.sub(r"/v/[^\"&]*|%2Fv%2F[^\"&]*|next=[^\"]*", "", answer.text) for answer in answers}
    assert {answer.status_code for answer in answers} == {404} and len(told) == 1
    assert "没有查到这张证书" in told.pop()
    assert visitor.get("/v/a/b").status_code == 404


def test_the_form_leads_to_the_certificates_page(cast: Cast, visitor: TestClient) -> None:
    paper = one_issued()
    token = re.search(r'name="form_token" value="([^"]+)"', visitor.get("/v").text)
    assert token

    def post(**given: str) -> Any:
        return visitor.post("/v", data={"form_token": token[1], **given}, headers={**PAGE, "origin": HERE})

    answer = post(number=paper.number.lower(), code=verifying.check_code(paper.number))
    assert (answer.status_code, answer.headers["location"]) == (303, verifying.path(paper.number))
    refused = post(number=paper.number, code="abc")
    assert refused.status_code == 404 and f'value="{paper.number}"' in refused.text
    assert 'id="code-error"' in post(number=paper.number, code="").text


def test_too_many_checks_of_one_address_are_refused(cast: Cast, visitor: TestClient) -> None:
    numbers.change(cast.admin, {verifying.LIMIT.key: 2})
    assert [visitor.get("/v/JH2026-00001-0").status_code for _ in range(3)] == [404, 404, 429]


def test_every_standing_has_a_mark_and_words() -> None:
    shown = set(verify.MARKS) & set(verify.SINCE)
    assert shown == {one for one in Standing if one != "grace"}
