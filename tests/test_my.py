"""The volunteer's own page and the proof that anyone checks: the link, the visit, whose rows, deadlines, the paper (V7, V9)."""

import io
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import expect
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models import RECORDS
from models.people import CredentialKind, IdType, Person, Volunteer
from models.service import (
    CorrectionRequest,
    HoursSource,
    HoursState,
    ServiceHours,
    ShiftSignup,
    SignupSource,
    SignupState,
    VolunteerPass,
)
from models.system import Account, AuditEntry, Role, Setting
from reports import proof as paper
from services import (
    clock,
    db,
    institution,
    serving,
    serving_absence,
    serving_hours,
    serving_pass,
    serving_proof,
    serving_self,
    store,
)
from services.access import SYSTEM
from services.errors import Conflict, Denied, Invalid, NotFound
from tests.conftest import Cast
from tests.stage import Visitor, healthy, seat, texts, visit
from tests.test_serving import DAY, at, credential, post, refusal, shift, signups, volunteer
from tests.test_serving_hours import YESTERDAY, entry, moment, of_shift

HERE = "http://testserver"
HTML = {"accept": "text/html"}
UNIT: dict[str, Any] = {"unit_name": "示例医院医务社工部", "in_charge": "林社工", "contact": "020-12345678"}


def link(who: int) -> str:
    return serving_pass.make_link(SYSTEM, who)


def token_of(path: str) -> str:
    return path.rsplit("/", 1)[1]


def visitor(who: int) -> serving_pass.Visitor:
    found = serving_pass.visitor(serving_pass.enter(token_of(link(who))))
    assert found
    return found


def named(who: int, **values: Any) -> int:
    """A volunteer whose person has these values."""
    with db.unit(SYSTEM) as s:
        row = s.get_one(Volunteer, who)
        row.number = f"V2026{who:06d}"
        person = s.get_one(Person, row.person_id)
        for name, value in values.items():
            setattr(person, name, value)
    return who


def test_past_shifts_of_any_number_cost_the_same_number_of_statements(
    cast: Cast, statements: Callable[[], int]
) -> None:
    costs = []
    for number in (4, 12):
        who = volunteer()
        mine, places = visitor(who), [post() for _ in range(number)]
        for back, place in enumerate(places, 1):
            day = clock.today() - timedelta(days=back)
            key = shift(8, 12, day=day, post_id=place)
            serving.sign_up(SYSTEM, key, who)
            entry(who, "08:00-12:00", day, shift_id=key)
        statements()
        assert len(serving_self.page(mine).past) == number
        costs.append(statements())
    assert costs[0] == costs[1]


# -- the link --------------------------------------------------


def test_a_link_works_once_and_only_its_hash_is_kept(cast: Cast) -> None:
    who = volunteer()
    token = token_of(link(who))
    assert serving_pass.is_good(token) and serving_pass.is_good(token)
    visit = serving_pass.enter(token)
    assert not serving_pass.is_good(token)
    with pytest.raises(NotFound):
        serving_pass.enter(token)
    found = serving_pass.visitor(visit)
    assert found and found.volunteer_id == who
    with db.reading(SYSTEM) as s:
        row = s.exec(select(VolunteerPass)).one()
    assert token not in repr(row) and visit not in repr(row)
    assert serving_pass.visitor("wrong") is serving_pass.visitor("") is serving_pass.visitor(None) is None


def test_two_who_use_a_link_at_once_and_one_enters(cast: Cast) -> None:
    token, start = token_of(link(volunteer())), Barrier(2)

    def go(_: int) -> bool:
        start.wait()
        try:
            return bool(serving_pass.enter(token))
        except NotFound:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, range(2))) == [False, True]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_all_links_end_for_a_reason_after_the_page_has_said_how_many(cast: Cast) -> None:
    who = volunteer()
    serving_pass.enter(token_of(link(who)))
    link(who)
    page = visit(seat(Role.COORDINATOR), "volunteer", id=who)
    assert any("将作废 2 个，其中 1 个已在本人手机上打开" in text for text in texts(page))

    def confirm() -> None:
        next(button for button in page.button if button.label == "确认作废 2 个").click().run()

    confirm()
    assert any("请写明理由" in text for text in texts(page)) and len(serving_pass.passes(cast.lin, who)) == 2
    next(field for field in page.text_input if field.label == "理由 *").set_value("手机遗失")
    confirm()
    assert healthy(page) and serving_pass.passes(cast.lin, who) == []
    with db.reading(SYSTEM) as s:
        notes = s.exec(
            select(AuditEntry).where(AuditEntry.record == "volunteer", AuditEntry.reason == "手机遗失")
        ).all()
    assert notes and notes[-1].changes == {"link": "revoked"}
    assert "全部作废" not in texts(visit(seat(Role.COORDINATOR), "volunteer", id=who))


def test_links_and_visits_end_with_time_by_revoking_and_with_the_consent(cast: Cast) -> None:
    who, now = volunteer(), clock.now()
    late = token_of(link(who))
    with pytest.raises(NotFound):
        serving_pass.enter(late, now=now + timedelta(hours=73))
    older = late
    visit = serving_pass.enter(token_of(link(who)))
    assert not serving_pass.is_good(older)  # a newer link ends one that was not used
    assert serving_pass.visitor(visit, now + timedelta(days=29)) and not serving_pass.visitor(
        visit, now + timedelta(days=31)
    )
    assert len(serving_pass.passes(cast.lin, who)) == 1
    assert serving_pass.revoke(cast.lin, who, "手机遗失") == 1
    assert serving_pass.visitor(visit) is None and serving_pass.passes(cast.lin, who) == []
    visit = serving_pass.enter(token_of(link(who)))
    with db.unit(SYSTEM) as s:
        s.get_one(Volunteer, who).consent = False
    assert serving_pass.visitor(visit) is None
    assert refusal(lambda: link(who)) == {"": "volunteer_not_active"}


def test_links_are_made_by_who_writes_volunteers_of_their_station(cast: Cast) -> None:
    who = volunteer(unit_id=cast.other_station)
    for actor in (cast.chen, cast.he, cast.stranger):
        with pytest.raises(Denied):
            serving_pass.make_link(actor, who)
    with pytest.raises(NotFound):
        serving_pass.make_link(cast.wang, who)


def test_guessing_links_is_limited(cast: Cast) -> None:
    with db.unit(SYSTEM) as s:
        s.add(Setting(key="links_per_hour", value=2))
    for _ in range(2):
        with pytest.raises(NotFound):
            serving_pass.enter("guess", ip="10.0.0.9")
    with pytest.raises(Denied):
        serving_pass.enter("guess", ip="10.0.0.9")


# -- shifts --------------------------------------------------


def test_the_page_offers_what_this_volunteer_can_take(cast: Cast) -> None:
    infection = CredentialKind.INFECTION_CONTROL
    gated = post(credentials=[infection])
    who = visitor(volunteer(unit_id=cast.station))
    free, needs, full = shift(8, 10), shift(10, 12, post_id=gated), shift(12, 13, capacity=1)
    shift(13, 14, unit_id=cast.other_station)
    shift(14, 15, signup_until=clock.now() - timedelta(hours=1))
    own = shift(15, 16, unit_id=cast.station)
    serving.sign_up(SYSTEM, full, volunteer())
    assert [turn.shift_id for turn in serving_self.page(who).open] == [free, own]
    credential(who.volunteer_id, infection, DAY)
    assert [turn.shift_id for turn in serving_self.page(who).open] == [free, needs, own]
    serving_self.sign_up(who, free)
    page = serving_self.page(who)
    assert [turn.shift_id for turn in page.mine] == [free] and free not in [turn.shift_id for turn in page.open]
    [row] = signups(free)
    assert (row.source, row.state) == (SignupSource.SELF, SignupState.SIGNED)


@pytest.mark.parametrize("why", ["late", "other", "cancelled", "twice", "overlap", "credential"])
def test_a_volunteer_takes_nothing_that_is_not_offered(cast: Cast, why: str) -> None:
    who = visitor(volunteer())
    refused: dict[str, dict[str, Any]] = {
        "late": {"signup_until": clock.now() - timedelta(hours=1)},
        "other": {"unit_id": cast.station},
        "credential": {"post_id": post(credentials=["bls"])},
    }
    key = shift(8, 10, **refused.get(why, {}))
    if why == "cancelled":
        serving.cancel_shift(SYSTEM, key, "台风")
    if why in ("twice", "overlap"):
        serving_self.sign_up(who, key if why == "twice" else shift(9, 11))
    with pytest.raises(Invalid):
        serving_self.sign_up(who, key)
    assert len(signups(key)) == (why == "twice")


def test_two_volunteers_at_once_for_the_last_seat(cast: Cast) -> None:
    key, start = shift(capacity=1), Barrier(2)

    def go(who: serving_pass.Visitor) -> bool:
        start.wait()
        try:
            serving_self.sign_up(who, key)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(go, [visitor(volunteer()), visitor(volunteer())])) == [False, True]


def test_withdrawing_ends_a_day_before_or_when_the_shift_says(cast: Cast) -> None:
    who = visitor(volunteer())
    usual, own = shift(8, 10), shift(10, 12, withdraw_until=at(9))
    for key in (usual, own):
        serving_self.sign_up(who, key)
    first, second = signups(usual)[0].id or 0, signups(own)[0].id or 0
    day_before = at(8) - timedelta(hours=24)
    assert refusal(lambda: serving_self.withdraw(who, first, now=day_before)) == {"": "withdraw_over"}
    serving_self.withdraw(who, first, now=day_before - timedelta(minutes=1))
    assert refusal(lambda: serving_self.withdraw(who, second, now=at(9))) == {"": "withdraw_over"}
    serving_self.withdraw(who, second, now=at(8, 59))
    assert [signups(key)[0].state for key in (usual, own)] == [SignupState.WITHDRAWN] * 2


def test_nobody_reaches_what_is_somebody_elses(cast: Cast) -> None:
    mine, other = visitor(volunteer()), visitor(volunteer())
    key = shift()
    serving_self.sign_up(mine, key)
    hours = entry(mine.volunteer_id, "08:00-10:00")
    serving_hours.confirm(SYSTEM, hours)
    proof = serving_proof.issue(SYSTEM, mine.volunteer_id, **UNIT)
    for act in (
        lambda: serving_self.withdraw(other, signups(key)[0].id or 0),
        lambda: serving_self.entry(other, hours),
        lambda: serving_proof.own(other, proof),
    ):
        with pytest.raises(NotFound):
            act()
    assert refusal(lambda: serving_self.ask(other, hours, "不是我的")) == {"hours_id": "not_found"}
    page = serving_self.page(other)
    assert not (page.mine or page.entries or page.requests or page.proofs)


def test_signing_in_by_oneself_waits_for_somebody_of_the_staff(cast: Cast) -> None:
    who = visitor(volunteer())
    key = shift(8, 11, day=YESTERDAY)
    serving.sign_up(SYSTEM, key, who.volunteer_id)
    serving_self.sign_in(who, key, now=moment(8))
    assert serving_self.sign_out(who, now=moment(11)) == 3
    row = of_shift(key)
    assert (row.state, row.entered_name) == ("pending", f"志愿者 {who.volunteer_id}")
    serving_hours.confirm(cast.lin, row.id or 0)
    assert serving_self.page(who).ledger.total == 3


def test_a_correction_is_asked_and_its_answer_read(cast: Cast) -> None:
    from services import serving_awards

    who = visitor(volunteer())
    serving_self.ask(who, None, "手机号换了")
    with db.reading(SYSTEM) as s:
        key = s.exec(select(CorrectionRequest.id)).one() or 0
        made = s.exec(select(AuditEntry).where(AuditEntry.record == "correction_request")).one()
    assert made.actor.startswith("志愿者")
    serving_awards.answer(cast.lin, key, accept=True, words="已更新")
    [request] = serving_self.page(who).requests
    assert (request.answer, request.state) == ("已更新", "accepted")
    for _ in range(10):
        serving_self.ask(who, None, "再问")
    with pytest.raises(Denied):
        serving_self.ask(who, None, "第十一次")


# -- proofs --------------------------------------------------


def proven(**more: Any) -> tuple[int, int]:
    """A volunteer with five hours in two activities, and the id of a proof."""
    who = named(volunteer(), name="欧阳明珠", id_type=IdType.RESIDENT_ID, id_number="11010519491231002X")
    for times, activity in (("08:00-10:00", "门诊导诊"), ("13:00-16:00", "病房探访"), ("18:00-19:00", "还没确认")):
        key = entry(who, times, activity=activity)
        if activity != "还没确认":
            serving_hours.confirm(SYSTEM, key)
    return who, serving_proof.issue(SYSTEM, who, **UNIT, **more)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return re.sub(r"\s", "", document[0].get_textpage().get_text_range())


def test_the_paper_holds_who_how_long_what_by_whom_and_its_number(cast: Cast) -> None:
    _, key = proven(purpose="升学")
    proof = serving_proof.get(cast.lin, key)
    assert proof.number == f"ZM{clock.today().year}000001" and proof.hours == 5
    text = text_of(paper.pdf(proof, "https://portal.example/"))
    for words in ("志愿服务记录证明", "欧阳明珠", "110*************2X", "5.00小时", "门诊导诊", "病房探访", "示例医院医务社工部",
                  "林社工", "升学", proof.number, f"portal.example{proof.address}"):  # fmt: skip
        assert words.replace("*************", "") in text.replace("*", ""), words
    assert "11010519491231002X" not in text and "还没确认" not in text


def test_numbers_follow_each_other_and_wait_for_each_other(cast: Cast) -> None:
    people = [volunteer() for _ in range(4)]
    for who in people:
        serving_hours.confirm(SYSTEM, entry(who, "08:00-10:00"))
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda who: serving_proof.issue(SYSTEM, who, **UNIT), people))
    numbers = sorted(serving_proof.get(SYSTEM, key).number for key in ids)
    assert numbers == [f"ZM{clock.today().year}{n:06d}" for n in range(1, 5)]


def test_a_proof_asks_for_hours_a_unit_and_a_person(cast: Cast) -> None:
    who = volunteer()
    assert refusal(lambda: serving_proof.issue(cast.lin, who, **UNIT)) == {"": "no_hours"}
    assert refusal(lambda: serving_proof.issue(cast.lin, who, unit_name=" ", in_charge="")) == {
        "unit_name": "required", "in_charge": "required",
    }  # fmt: skip
    serving_hours.confirm(SYSTEM, entry(who, "08:00-10:00"))
    before: dict[str, Any] = {"starts": date(2020, 1, 1), "ends": date(2020, 12, 31)}
    assert refusal(lambda: serving_proof.issue(cast.lin, who, **UNIT, **before)) == {"": "no_hours"}


def test_whoever_checks_reads_everything_printed_with_the_name_masked(cast: Cast, phone: TestClient) -> None:
    _, key = proven()
    proof = serving_proof.get(SYSTEM, key)
    page = phone.get(proof.address)
    assert page.status_code == 200
    masked = serving_proof.check(proof.address.rsplit("/", 1)[1])
    for words in paper.printed(masked).values():
        assert words in page.text, words
    assert all(line["activity"] in page.text for line in proof.lines)
    assert "欧阳明珠" not in page.text and "欧*" in page.text.replace("**", "*")
    serving_proof.revoke(cast.lin, key, "姓名有误")
    revoked = phone.get(proof.address).text
    assert f"已撤销 {clock.today()}" in revoked and "姓名有误" not in revoked
    with pytest.raises(Conflict):
        serving_proof.revoke(cast.lin, key, "再撤")
    assert f"已撤销Revoked{clock.today()}" in text_of(paper.pdf(serving_proof.get(SYSTEM, key), "http://x"))


def test_a_wrong_number_or_check_tells_nothing(cast: Cast, phone: TestClient) -> None:
    _, key = proven()
    number = serving_proof.get(SYSTEM, key).number
    pages = [phone.get(f"/proof/{wrong}") for wrong in (f"{number}-AAAAAA", f"{number}-", number, "ZM1-X", "a/b")]
    assert [page.status_code for page in pages] == [404] * 5
    told = {re.sub(r"next=\S+|value=\S+|href=\"/lang\S+|href=\S+lang=\S+", "", page.text) for page in pages}
    assert len(told) == 1 and "不是本院出具" in told.pop()
    assert "Not issued here" in phone.get(f"/proof/{number}-AAAAAA?lang=en").text


def test_a_proof_is_checked_by_the_number_and_the_code_that_are_typed(cast: Cast, phone: TestClient) -> None:
    proof = serving_proof.get(SYSTEM, proven()[1])
    right = send(phone, "/proof", "/proof", number=f" {proof.number.lower()}", code=proof.check_code.lower())
    assert "有效，本院出具" in right.text and proof.number in right.text
    wrong = send(phone, "/proof", "/proof", number=proof.number, code="AAAAAA")
    assert wrong.status_code == 404 and "不是本院出具" in wrong.text
    assert "请填写这一项" in send(phone, "/proof", "/proof", number=proof.number, code="").text


# -- the pages over HTTP --------------------------------------------------


@pytest.fixture
def phone(database: str) -> Iterator[TestClient]:
    """A phone that nobody signed in on, before a portal that has been set up."""
    with db.unit(SYSTEM) as s:
        s.add(Account(username="admin", name="管理员"))
    app = Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS)
    with TestClient(app, headers=HTML) as client:
        yield client


def send(phone: TestClient, page: str, path: str, **typed: str) -> Any:
    found = re.search(r'name="form_token" value="([^"]+)"', phone.get(page).text)
    assert found
    return phone.post(path, data=typed | {"form_token": found[1]}, headers={"origin": HERE})


def test_a_look_at_the_link_uses_nothing_and_a_click_opens_the_page(cast: Cast, phone: TestClient) -> None:
    who = named(volunteer(), name="何晓舟")
    path = link(who)
    assert phone.get("/my").status_code == 401
    for _ in range(2):
        assert phone.get(path).status_code == 200
    page = send(phone, path, path)
    assert page.status_code == 200 and page.url.path == "/my" and "何晓舟" in page.text and "<script" not in page.text
    assert phone.get(path).status_code == 404 and "链接已用过" in phone.get(path).text
    assert len(page.content) < 40_000
    left = send(phone, "/my", "/my", act="leave")
    assert left.status_code == 401 and phone.get("/my").status_code == 401


def test_the_visit_opens_nothing_else_of_the_portal(cast: Cast, phone: TestClient) -> None:
    path = link(volunteer())
    send(phone, path, path)
    for other in ("/", "/volunteer", "/proofs/1.pdf", "/files/1"):
        assert phone.get(other, follow_redirects=False).status_code in (303, 401), other
    assert phone.get("/my/nothing").status_code == 404


def test_signing_up_withdrawing_and_asking_on_the_phone(cast: Cast, phone: TestClient) -> None:
    who = volunteer()
    key = shift(title="周三门诊导诊", place="门诊大厅", risk_note="久站")
    hours = entry(who, "08:00-10:00")
    path = link(who)
    page = send(phone, path, path)
    assert "周三门诊导诊" in page.text and "久站" in page.text
    assert "报名成功" in send(phone, "/my", "/my", act="sign_up", id=str(key)).text
    again = send(phone, "/my", "/my", act="sign_up", id=str(key))
    assert "已经报了这一班" in again.text and again.status_code == 200
    signup = signups(key)[0]
    assert "已退出：周三门诊导诊，" in send(phone, "/my", "/my", act="withdraw", id=str(signup.id)).text
    ask = f"/my/ask?hours={hours}"
    assert "请填写这一项" in send(phone, ask, ask, asked=" ").text
    sent = send(phone, ask, ask, asked="少记了一小时").text
    assert "已提交" in sent and "少记了一小时" in sent and "待处理" in sent
    assert re.search(rf"关于：\S+ {YESTERDAY} 08:00-10:00 2.00 小时", sent)
    assert send(phone, "/my", "/my", act="nothing").status_code == 400
    assert phone.get("/my/ask?hours=999").status_code == 404
    with db.reading(SYSTEM) as s:
        assert s.exec(select(CorrectionRequest.asked)).one() == "少记了一小时"


def test_the_page_speaks_english_throughout(cast: Cast, phone: TestClient) -> None:
    who = volunteer()
    shift(title="Guide", place="Hall", in_charge="Lin", post_id=post(risk_note="crowds"))
    path = link(who)
    send(phone, path, path)
    text = re.sub(r"<[^>]+>", "", phone.get("/my?lang=en").text)
    left = re.findall(r"[\u4e00-\u9fff]+", text.replace("中文", ""))
    assert [words for words in left if not words.startswith("志愿")] == []


def test_ones_own_proof_is_a_pdf_and_somebody_elses_is_none(cast: Cast, phone: TestClient) -> None:
    who, key = proven()
    path = link(who)
    send(phone, path, path)
    pdf = phone.get(f"/my/proof/{key}.pdf")
    assert pdf.headers["content-type"] == "application/pdf" and io.BytesIO(pdf.content).read(4) == b"%PDF"
    other = volunteer()
    serving_hours.confirm(SYSTEM, entry(other, "08:00-10:00"))
    assert phone.get(f"/my/proof/{serving_proof.issue(SYSTEM, other, **UNIT)}.pdf").status_code == 404


def test_a_form_of_another_site_signs_nobody_up(cast: Cast, phone: TestClient) -> None:
    path, key = link(volunteer()), shift()
    send(phone, path, path)
    answer = phone.post("/my", data={"act": "sign_up", "id": str(key)}, headers={"origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    with db.reading(SYSTEM) as s:
        assert s.exec(select(ShiftSignup)).all() == []


def test_a_volunteer_who_is_merged_away_or_binned_has_no_page(cast: Cast) -> None:
    who = volunteer()
    visit = serving_pass.enter(token_of(link(who)))
    store.remove(cast.admin, RECORDS["volunteer"], who)
    assert serving_pass.visitor(visit) is None


def test_a_shift_that_is_over_tells_what_was_served_and_no_time_to_withdraw(cast: Cast, phone: TestClient) -> None:
    who = volunteer()
    served, missed, off, bare = (shift(*at_, day=YESTERDAY, title=title, place="门诊") for at_, title in (
        ((8, 10), "导诊"), ((10, 12), "陪伴"), ((13, 14), "候诊"), ((15, 16), "探访")
    ))  # fmt: skip
    keys = [serving.sign_up(SYSTEM, key, who) for key in (served, missed, off, bare)]
    serving_hours.record_shift(SYSTEM, served, {keys[0]: "08:00-09:30"})
    serving_absence.no_show(cast.lin, keys[1], "没有来，电话不通")
    serving_absence.take_off(cast.lin, keys[2], "那天改由护士陪")
    path = link(who)
    page = send(phone, path, path).text
    for words in (
        "已服务 1.50 小时",
        "待确认",
        "未到：没有来，电话不通",
        "移出这一班：那天改由护士陪",
        "时长还没有登记",
        "未到 1 次",
    ):
        assert words in page, words
    assert "可自行退出至" not in page


def test_who_was_taken_off_reads_why_and_does_not_take_the_seat_again_alone(cast: Cast, phone: TestClient) -> None:
    who, key = volunteer(), shift(title="周三导诊")
    path = link(who)
    send(phone, path, path)
    send(phone, "/my", "/my", act="sign_up", id=str(key))
    assert "可自行退出至" in phone.get("/my").text
    serving_absence.take_off(cast.lin, signups(key)[0].id or 0, "这一班改为护士")
    page = phone.get("/my").text
    assert "移出这一班：这一班改为护士" in page and "可自行退出至" not in page and ">报名<" not in page
    assert "请联系负责人" in send(phone, "/my", "/my", act="sign_up", id=str(key)).text
    assert serving.sign_up(cast.lin, key, who)  # staff may put them back


def pressed(page: Any, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


def test_the_pages_of_staff_take_off_and_mark_and_count(demo: None) -> None:
    lin, today = seat(Role.COORDINATOR), clock.today()
    key = shift(0, 1, day=today, capacity=3, minimum=1)
    who, other = named(volunteer(), name="何晓舟"), named(volunteer(), name="何晓帆")
    for one in (who, other):
        serving.sign_up(SYSTEM, key, one)
    page = visit(lin, "service_shift", id=key)
    assert healthy(page) and {"移出班次", "标为未到"} <= set(texts(page))
    for label, name, why in (("移出班次", "何晓帆", "请假"), ("标为未到", "何晓舟", "没来")):
        form = {"移出班次": "off", "标为未到": "missed"}[label]
        assert pressed(page, label).disabled
        choose = [one for one in page.selectbox if one.label == "谁 *"][0 if form == "off" else -1]
        choose.set_value(next(one for one in choose.options if name in one)).run()
        pressed(page, label).click().run()
        assert "请写明理由" in " ".join(texts(page))
        reasons = [one for one in page.text_input if one.label.startswith("理由 *（")]
        reasons[0 if form == "off" else -1].input(why)
        pressed(page, label).click().run()
        assert healthy(page), texts(page)
    assert [(row.state, row.note) for row in signups(key)] == [("no_show", "没来"), ("withdrawn", "请假")]
    card = visit(lin, "volunteer", id=who)
    assert healthy(card) and ("未到次数", "1") in {(one.label, one.value) for one in card.metric}


@pytest.mark.xdist_group("browser")
def test_after_a_no_show_is_marked_nothing_else_stands_open(window: Callable[..., Visitor]) -> None:
    key = shift(0, 1, day=clock.today(), capacity=3, minimum=1)
    serving.sign_up(SYSTEM, key, named(volunteer(), name="何晓舟"))
    page = window().sign_in(seat(Role.COORDINATOR)).open("service_shift", id=key)
    body = page.get_by_test_id("stPopoverBody")
    page.get_by_role("button", name="标为未到").click()
    body.get_by_role("combobox").click()
    page.get_by_role("option").first.click()
    body.get_by_role("textbox").fill("没来")
    body.get_by_role("textbox").press("Tab")
    body.get_by_role("button", name="标为未到").click()
    expect(page.get_by_test_id("stToast")).to_be_visible()
    expect(page.get_by_role("button", name="标为未到")).to_have_count(0)
    expect(page.get_by_role("button", name="取消班次")).to_have_count(1)  # and not a second one in an open form
    expect(body).to_have_count(0)


def test_whoever_can_no_longer_withdraw_alone_is_told_before_and_whom_to_call(cast: Cast, phone: TestClient) -> None:
    who, soon = volunteer(), clock.now() + timedelta(hours=3)
    day = clock.local(soon).date()
    late = shift(0, 1, day=day + timedelta(days=1), withdraw_until=clock.now() - timedelta(hours=1), title="明早导诊")
    shift(title="下月导诊")
    institution.save(SYSTEM, {"phone": "020-12345678"})
    path = link(who)
    page = send(phone, path, path).text
    [asked, plain] = page.split("可以报名的班次")[1].split("服务时长")[0].split("<article")[1:]
    assert "明早导诊" in asked and "不能再自行退出" in asked and "确定报名" in asked and "tel:02012345678" in asked
    assert "下月导诊" in plain and "确定报名" not in plain
    sent = send(phone, "/my", "/my", act="sign_up", id=str(late)).text
    assert "已过自行退出的时间，来不了请致电" in sent
    other = visitor(volunteer())
    assert serving_self.left(other, signups(late)[0].id or 0) is None


def test_stars_are_applied_for_once_and_the_page_says_that_they_wait(cast: Cast, phone: TestClient) -> None:
    who = volunteer()
    row: dict[str, Any] = {
        "volunteer_id": who,
        "activity": "导诊",
        "served_on": YESTERDAY,
        "times": "08:00-12:00",
        "minutes": 101 * 60,
    }
    with db.unit(SYSTEM) as s:
        s.add(ServiceHours(**row, hours=Decimal(101), state=HoursState.EFFECTIVE, source=HoursSource.GROUP))
    path = link(who)
    assert "申请 1 星志愿者" in send(phone, path, path).text
    sent = send(phone, "/my", "/my", act="stars").text
    assert "已申请 1 星，等评定" in sent and "申请 1 星志愿者" not in sent
    assert "已申请，等评定" in send(phone, "/my", "/my", act="stars").text
    given = {"volunteer_id": who, "level": 1}
    assert refusal(lambda: store.save(cast.lin, RECORDS["star_award"], given)) == {"level": "stars_waiting"}
