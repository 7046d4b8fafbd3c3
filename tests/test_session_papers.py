"""The papers of a session: what stands on the poster and on the sheet to sign, who may have them."""

import re
from datetime import timedelta

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models import RECORDS
from models.system import AuditEntry, Role, Verb
from models.training import Audience, Base, DoorCode
from models.words import L
from reports import session_papers
from services import checkin, db, enrolling, feedback, institution, store
from services.access import SYSTEM
from services.errors import Denied, NotFound
from tests.conftest import Cast
from tests.stage import seat
from tests.test_feedback import held
from tests.test_lessons import lesson
from tests.test_training import DURING, NINE, put, refusal, session, someone


def pages(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of which QR codes were made."""
    made: list[str] = []
    draw = checkin.poster_svg

    def drawn(url: str) -> str:
        made.append(url)
        return draw(url)

    monkeypatch.setattr(checkin, "poster_svg", drawn)
    return made


def test_the_poster_says_what_when_and_where_and_what_to_do_in_both_languages(cast: Cast, codes: list[str]) -> None:
    room = store.save(SYSTEM, RECORDS["venue"], {"name": "一号教室"})
    institution.save(SYSTEM, {"phone": "020-12345678"})
    key = session(venue_id=room, title="家属急救班", base=Base.EMERGENCY_BASE)
    [text] = pages(session_papers.poster(cast.lin, key, "https://portal.example"))
    for words in ("扫码签到", "Check in here", "家属急救班", "一号教室", "Mon 9 Mar 2026, 09:00–12:00", "020-12345678",
                  "6 位数字", "six digits", "https://portal.example/c", *Base.EMERGENCY_BASE.label):  # fmt: skip
        assert words in text
    assert Base.TRAINING_BASE.label.zh not in text
    assert codes == [f"https://portal.example{checkin.checkin_path(cast.lin, key)}"]


def test_what_the_poster_carries_checks_nobody_in(cast: Cast, codes: list[str]) -> None:
    key = session()
    put(key, 1)
    session_papers.poster(cast.lin, key, "")
    token, _, code = codes[0].removeprefix("/c/").partition("?k=")
    assert refusal(lambda: checkin.check_in(token, **someone(1), now=NINE, code=code)) == {"code": "code_expired"}


def test_the_poster_to_enrol_has_the_public_address_to_scan_and_to_type(cast: Cast, codes: list[str]) -> None:
    key = session(audience=Audience.PUBLIC, registration_closes=NINE - timedelta(days=1))
    [text] = pages(session_papers.enrolment_poster(cast.lin, key, "https://portal.example"))
    url = f"https://portal.example{enrolling.path(cast.lin, key)}"
    assert codes == [url] and url in text.replace("\r\n", "")
    assert "扫码报名" in text and "签到" not in text and "Sun 8 Mar 2026, 09:00" in text
    with pytest.raises(NotFound):
        session_papers.enrolment_poster(cast.lin, session(), "")


def test_the_sheet_has_a_row_for_each_enrolled_with_a_masked_phone_and_blank_ones(cast: Cast) -> None:
    key = session(capacity=2)
    put(key, 1, 2, 3)
    [text] = pages(session_papers.sign_in_sheet(cast.lin, key))
    assert "学员 1" in text
    assert "学员 2" in text
    assert "学员 3" not in text  # waits
    assert "139****0001" in text
    assert someone(1)["phone"] not in text
    assert str(2 + session_papers.BLANK_ROWS) in text
    with db.reading(SYSTEM) as s:
        [note] = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.EXPORT)).all()
    assert (note.record, note.record_id) == ("training_session", key)


def test_a_class_over_three_days_has_a_column_for_each(cast: Cast) -> None:
    key = session(hours=2 * 24 + 8)
    assert [day.day for day in session_papers.days(NINE, NINE + timedelta(hours=56))] == [9, 10, 11]
    [text] = pages(session_papers.sign_in_sheet(cast.lin, key, "en"))
    assert all(day in text for day in ("Mon 9 Mar", "Tue 10 Mar", "Wed 11 Mar"))


def test_a_class_over_nine_days_has_them_all_on_two_pages(cast: Cast) -> None:
    key = session(hours=8 * 24 + 8)
    found = pages(session_papers.sign_in_sheet(cast.lin, key, "en"))
    assert len(found) == 2
    assert all(f" {day} Mar" in found[0] for day in range(9, 14)) and all(
        f" {day} Mar" in found[1] for day in range(14, 18)
    )


def test_of_lessons_each_has_its_column_with_day_hours_and_topic(cast: Cast) -> None:
    key = session(hours=30)
    put(key, 1)
    for number, topic in enumerate(("心肺复苏", "创伤救护与自动体外除颤器实操练习"), 1):
        lesson(key, 24 * (number - 1), 3, topic=topic)
    [text] = pages(session_papers.sign_in_sheet(cast.lin, key))
    for words in ("第 1 次", "3月9日", "09:00–12:00", "心肺复苏", "第 2 次", "3月10日", "创伤救护与自动体外除"):
        assert "".join(words.split()) in "".join(text.split())
    assert "签名" not in text and "实操练习" not in text
    [text] = pages(session_papers.sign_in_sheet(cast.lin, key, "en"))
    assert "Lesson 2" in text and "Tue 10 Mar" in text


def test_more_lessons_than_fit_go_on_over_pages_with_everybody_on_each(cast: Cast) -> None:
    key = session(hours=20)
    put(key, 1, 2)
    for number in range(14):
        lesson(key, number)
    found = pages(session_papers.sign_in_sheet(cast.lin, key, "en"))
    assert [sorted(map(int, re.findall(r"Lesson (\d+)", text))) for text in found] == [
        list(range(1, 6)), list(range(6, 11)), list(range(11, 15)),
    ]  # fmt: skip
    assert all("139****0002" in text for text in found)


@given(number=st.integers(1, 99))
def test_every_column_is_on_one_page_in_its_order(number: int) -> None:
    columns = [L(str(place), str(place)) for place in range(number)]
    found = session_papers._pages(columns)
    assert [one for some in found for one in some] == columns
    assert all(1 <= len(some) <= session_papers.MOST_COLUMNS for some in found)


def test_a_class_that_ends_at_midnight_has_one_day(cast: Cast) -> None:
    assert len(session_papers.days(NINE, NINE + timedelta(hours=15))) == 1
    assert len(session_papers.days(NINE, NINE + timedelta(hours=15, minutes=1))) == 2


def test_a_long_list_goes_on_over_pages_with_its_heads(cast: Cast) -> None:
    key = session(capacity=60)
    put(key, *range(1, 61))
    found = pages(session_papers.sign_in_sheet(cast.lin, key))
    assert len(found) > 1
    assert all("签名" in text for text in found[:-1])


def test_who_may_not_write_gets_no_papers_and_stations_their_own(cast: Cast) -> None:
    key = session()
    for who, error in ((cast.chen, Denied), (cast.stranger, Denied), (cast.wang, NotFound)):
        with pytest.raises(error):
            session_papers.sign_in_sheet(who, key)
        with pytest.raises(error):
            session_papers.poster(who, key, "")
        with pytest.raises(error):
            session_papers.enrolment_poster(who, key, "")


def test_the_summary_of_feedback_has_its_numbers_and_remarks_and_nobodys_name(cast: Cast) -> None:
    key, token = held(people=3)
    for device, stars, remark in (("one", 5, "多练*几次*"), ("two", 2, "")):
        answer = {"content": stars, "teaching": 4, "organising": 3, "remark": remark}
        feedback.give(token, device, answer, now=DURING)
    found = feedback.opinion(cast.lin, key)
    assert (found.people, found.found.number, found.remarks) == (3, 2, ["多练*几次*"])
    assert found.stars == {"content": [0, 1, 0, 0, 1], "teaching": [0, 0, 0, 2, 0], "organising": [0, 0, 2, 0, 0]}
    [text] = pages(session_papers.feedback_sheet(cast.lin, key, "en"))
    for words in ("Feedback summary", "2 answers of 3 people", "Mean 3.5 of 5", "多练*几次*"):
        assert words in text
    assert "学员" not in text
    with db.reading(SYSTEM) as s:
        [note] = s.exec(select(AuditEntry).where(AuditEntry.verb == Verb.EXPORT)).all()
    assert note.changes == {"paper": "feedback", "rows": 2}


def test_a_session_without_answers_says_so_and_strangers_get_nothing(cast: Cast) -> None:
    key = session(unit_id=cast.other_station)
    assert "没有收到评价" in pages(session_papers.feedback_sheet(cast.lin, key))[0]
    for who, error in ((cast.chen, Denied), (cast.stranger, Denied), (cast.wang, NotFound)):
        with pytest.raises(error):
            session_papers.feedback_sheet(who, key)


def test_they_are_fetched_by_who_is_signed_in(cast: Cast) -> None:
    key = session()
    client = TestClient(Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS))
    path = f"/papers/session/{key}/sign-in.pdf"
    who = seat(Role.COORDINATOR)
    assert client.get(path).status_code == 401
    client.cookies.set("portal_session", who.token)
    assert client.get(path).headers["content-type"] == "application/pdf"
    assert client.get(f"/papers/session/{key}/poster.pdf").content.startswith(b"%PDF")
    assert client.get(f"/papers/session/{key}/feedback.pdf").content.startswith(b"%PDF")
    assert client.get("/papers/session/999/poster.pdf").status_code == 404
    client.cookies.set("portal_session", seat(Role.LEADER).token)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("kind", "zh"), [(DoorCode.ROTATING, "每 30 秒更换"), (DoorCode.TOLD, "每 5 分钟更换")])
def test_a_poster_says_how_often_the_digits_of_its_door_change(cast: Cast, kind: DoorCode, zh: str) -> None:
    [text] = pages(session_papers.poster(cast.lin, session(door_code=kind), "https://portal.example"))
    assert zh.replace(" ", "") in text.replace(" ", "") and "of then" not in text
