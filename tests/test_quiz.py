"""The question bank and the quiz on the phone: graded here, once, within the attempts, telling nothing beforehand."""

import random
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.testclient import TestClient

import web
from models import RECORDS
from models.assessment import Question, QuestionKind, QuizPaper, ScoreSource, TheoryScore, graded, letters
from models.system import Account, AuditEntry, Setting
from models.training import Course, SessionState
from seed import load
from services import assessment, clock, db, exchange, options, quiz, seats, signed, store, training
from services.access import SYSTEM
from services.errors import Denied, NotFound
from tests.conftest import Cast
from tests.test_assessment import class_of, standing
from tests.test_training import DURING, NINE, refusal, rows, session, someone, stored

HERE, HTML = "http://testserver", {"accept": "text/html"}
QUESTION = RECORDS["question"]
HAN, FIGURES = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[\d:]+")
SINGLE, MULTIPLE, TRUE_FALSE = QuestionKind
EXAM = {"passing_score": 60, "practical_items": [], "practical_optional": [], "quiz_questions": 4, "attempts": 2}


def bank(count: int = 6, **more: Any) -> None:
    """So many questions, of each kind in turn; the right options are told by their words."""
    for n in range(count):
        kind = list(QuestionKind)[n % 3]
        options = "" if kind == TRUE_FALSE else f"对的甲{n}\n{'对的乙' if kind == MULTIPLE else '错的乙'}{n}\n错的丙{n}"
        answer = {SINGLE: "A", MULTIPLE: "AB", TRUE_FALSE: "对"}[kind]
        given = {"text": f"题目{n}", "kind": kind, "options": options, "answer": answer, "explanation": f"解析{n}"}
        store.save(SYSTEM, QUESTION, given | more)


def quiz_class(people: int = 1, starts: datetime | None = None, **asked: Any) -> tuple[int, str, list[int]]:
    """A session whose course has a quiz of four; its key, its link's secret, its people."""
    bank()
    key, ids = class_of(people, asked=EXAM | asked, **({"starts": starts} if starts else {}))
    return key, signed.sign("quiz", key), ids


def start(token: str, number: int = 1, now: datetime = DURING, **more: Any) -> str:
    who = someone(number)
    return quiz.begin(token, who["name"], who["phone"], now=now, **more)


def papers() -> list[QuizPaper]:
    with db.reading(SYSTEM) as s:
        return list(s.exec(select(QuizPaper).order_by(col(QuizPaper.id))))


def right_places(token: str, paper: str) -> list[list[int]]:
    """What somebody who knows everything would choose, read off the words of the options."""
    asked = quiz.sheet(token, paper, DURING).questions
    return [[n for n, option in enumerate(one.options) if option.zh.startswith("对")] for one in asked]


def solve(token: str, paper: str, wrong: int = 0, now: datetime = DURING, **more: Any) -> quiz.Sheet:
    """Hand in a paper with so many questions wrong."""
    chosen = right_places(token, paper)
    for n in range(wrong):
        chosen[n] = []
    quiz.hand_in(token, paper, chosen, now=now, **more)
    return quiz.sheet(token, paper, now)


# -- grading ---------------------------------------------------------------------------------------------------------

KEYS = st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=1, max_size=30)


@given(right=KEYS, data=st.data())
def test_a_question_counts_when_exactly_the_right_options_are_chosen_in_any_order(
    right: list[set[int]], data: st.DataObject
) -> None:
    chosen = [data.draw(st.one_of(st.just(key), st.sets(st.integers(0, 5)))) for key in right]
    shuffled = [random.Random(n).sample(sorted(one), len(one)) for n, one in enumerate(chosen)]
    hits = sum(one == other for one, other in zip(right, chosen, strict=True))
    score = graded([sorted(key) for key in right], shuffled)
    assert 0 <= score <= 100 and 0 <= 100 * hits / len(right) - score < 0.1
    assert (score == 100) == (hits == len(right)) and (score == 0) == (hits == 0)
    assert all(score < mark for mark in range(101) if 100 * hits < mark * len(right))


@given(right=KEYS)
def test_half_of_a_multiple_choice_is_nothing_and_one_too_many_too(right: list[set[int]]) -> None:
    keys = [sorted(key) for key in right]
    assert graded(keys, keys) == 100
    assert graded(keys, [key[1:] for key in keys]) == 0
    assert graded(keys, [[*key, 6] for key in keys]) == 0


@pytest.mark.parametrize(
    ("written", "kind", "meant"),
    [("a", SINGLE, "A"), ("C、A", MULTIPLE, "AC"), ("b, d", MULTIPLE, "BD"), ("对", TRUE_FALSE, "A"),
     ("False", TRUE_FALSE, "B"), ("对", SINGLE, ""), ("1", SINGLE, "")],
)  # fmt: skip
def test_an_answer_is_read_as_people_write_it(written: str, kind: QuestionKind, meant: str) -> None:
    assert letters(written, kind) == meant


# -- the bank --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"options": "只有一个"}, {"options": "options_number"}),
        ({"options": "\n".join("甲乙丙丁戊己庚")}, {"options": "options_number"}),
        ({"answer": "D"}, {"answer": "answer_format"}),
        ({"answer": "AB"}, {"answer": "answer_format"}),
        ({"answer": "A", "kind": "multiple"}, {"answer": "answer_format"}),
        ({"answer": "maybe", "kind": "true_false"}, {"answer": "answer_format"}),
        ({"options_en": "one"}, {"options_en": "options_differ"}),
        ({"text": ""}, {"text": "required"}),
    ],
)  # fmt: skip
def test_a_question_without_one_clear_answer_is_refused(cast: Cast, changed: Any, wrong: Any) -> None:
    good = {"text": "按压深度？", "kind": "single", "options": "A. 3 厘米\n\nB、5–6 厘米\n8 厘米", "answer": "b"}
    assert refusal(lambda: store.save(cast.lin, QUESTION, good | changed)) == wrong


def test_a_question_is_kept_without_its_letters_and_only_once(cast: Cast) -> None:
    good = {"text": "按压深度？", "kind": "single", "options": "A. 3 厘米\n\nB、5–6 厘米\n8 厘米", "answer": "b"}
    made = store.get(cast.lin, QUESTION, store.save(cast.lin, QUESTION, good)).values
    assert (made["options"], made["answer"]) == ("3 厘米\n5–6 厘米\n8 厘米", "B")
    assert refusal(lambda: store.save(cast.lin, QUESTION, good)) == {"text": "taken"}


def test_the_bank_comes_and_goes_by_sheet(cast: Cast, tmp_path: Path) -> None:
    bank()
    path = tmp_path / "bank.xlsx"
    exchange.export(cast.lin, QUESTION, store.EVERYTHING, path)
    back = exchange.run_import(cast.lin, QUESTION, path)
    assert (back.created, back.updated, back.unchanged, back.rejected) == (0, 0, 6, 0)


# -- a paper ----------------------------------------------------------------------------------------------------------


def test_a_quiz_becomes_the_theory_attempt_and_the_resit_the_second(cast: Cast) -> None:
    key, token, [person] = quiz_class()
    first = solve(token, start(token), wrong=2)
    assert (first.score, first.passed, len(first.marks)) == (50, False, 4)
    second = solve(token, start(token), wrong=1)
    assert (second.score, second.passed) == (75, True)
    assert [(one.attempt, one.value, one.passed) for one in standing(key, person).scores] == [
        (1, 50, False), (2, 75, True),
    ]  # fmt: skip
    with db.reading(SYSTEM) as s:
        assert set(s.exec(select(TheoryScore.source))) == {ScoreSource.QUIZ}
    assert refusal(lambda: start(token)) == {"": "quiz_done"}


def test_whoever_has_no_attempt_left_draws_no_paper(cast: Cast) -> None:
    key, token, [person] = quiz_class()
    solve(token, start(token), wrong=4)
    assessment.take(SYSTEM, key, {person: 20}, {}, assessment.Sitting(2))
    assert refusal(lambda: start(token)) == {"": "quiz_done"}
    assert len(papers()) == 1


def test_a_paper_stays_the_same_until_it_is_handed_in(cast: Cast) -> None:
    _, token, _ = quiz_class()
    first = start(token)
    before = quiz.sheet(token, first, DURING)
    assert start(token, ip="10.0.0.9") == first  # another phone
    assert quiz.sheet(token, first, DURING).questions == before.questions
    assert len({asked.text for asked in before.questions}) == 4
    assert len(papers()) == 1


def test_handing_in_twice_counts_once_and_the_first_time(cast: Cast) -> None:
    key, token, [person] = quiz_class()
    paper = start(token)
    chosen = right_places(token, paper)
    quiz.hand_in(token, paper, chosen, now=DURING)
    quiz.hand_in(token, paper, [[] for _ in chosen], now=DURING)
    assert quiz.sheet(token, paper, DURING).score == 100
    assert [one.value for one in standing(key, person).scores] == [100]


def test_two_phones_that_begin_at_once_get_one_paper(cast: Cast) -> None:
    _, token, _ = quiz_class()
    gate = Barrier(4)

    def go(_: int) -> str:
        gate.wait()
        return start(token)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(go, range(4)))) == 1
    assert len(papers()) == 1


def test_two_phones_that_hand_in_at_once_make_one_attempt(cast: Cast) -> None:
    key, token, [person] = quiz_class()
    paper = start(token)
    chosen, gate = right_places(token, paper), Barrier(4)

    def go(_: int) -> None:
        gate.wait()
        quiz.hand_in(token, paper, chosen, now=DURING)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(go, range(4)))
    assert [one.attempt for one in standing(key, person).scores] == [1]


def test_a_class_begins_at_once_and_everybody_has_a_paper(cast: Cast) -> None:
    _, token, people = quiz_class(people=8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: start(token, number), range(1, 9)))
    assert sorted(paper.person_id for paper in papers()) == sorted(people)


def test_the_right_answers_are_those_of_the_day_it_was_drawn(cast: Cast) -> None:
    _, token, _ = quiz_class(quiz_questions=6)
    paper = start(token)
    chosen = right_places(token, paper)
    for row in store.rows(SYSTEM, QUESTION).rows:
        store.save(SYSTEM, QUESTION, {"options": "错\n对", "answer": "B", "kind": "single"}, id=row.id)
    quiz.hand_in(token, paper, chosen, now=DURING)
    assert quiz.sheet(token, paper, DURING).score == 100


# -- who and when ----------------------------------------------------------------------------------------------------


def test_only_who_has_a_seat_may_begin_and_nobody_else_is_told_of(cast: Cast) -> None:
    key, token, _ = quiz_class()
    assert refusal(lambda: start(token, 7)) == {"": "quiz_stranger"}
    assert refusal(lambda: quiz.begin(token, "学员1", someone(2)["phone"], now=DURING)) == {"": "quiz_stranger"}
    seats.cancel(SYSTEM, rows(key)[0].id)
    assert refusal(lambda: start(token)) == {"": "quiz_stranger"}
    assert refusal(lambda: quiz.begin(token, " ", "12", now=DURING)) == {"name": "required", "phone": "phone_format"}


@pytest.mark.parametrize(
    ("hours", "closed"), [(-1.1, "quiz_not_yet"), (-1, ""), (3, ""), (24 * 14 + 2.9, ""), (24 * 14 + 3, "quiz_over")]
)
def test_the_quiz_is_open_from_an_hour_before_to_two_weeks_after(cast: Cast, hours: float, closed: str) -> None:
    _, token, _ = quiz_class()
    assert quiz.view(token, NINE + timedelta(hours=hours)).closed == closed


def test_a_cancelled_session_a_course_without_a_quiz_and_a_short_bank_have_none(cast: Cast) -> None:
    key, token, _ = quiz_class()
    store.save(SYSTEM, RECORDS["course"], {"quiz_questions": 7}, id=stored(key).course_id)
    assert quiz.view(token, DURING).closed == "quiz_none"
    told = quiz.invitation(SYSTEM, key)
    assert told and told.short == 6
    store.save(SYSTEM, RECORDS["course"], {"quiz_questions": None}, id=stored(key).course_id)
    assert quiz.view(token, DURING).closed == "quiz_none"
    assert quiz.invitation(SYSTEM, key) is None
    store.save(SYSTEM, RECORDS["course"], {"quiz_questions": 4}, id=stored(key).course_id)
    training.set_state(SYSTEM, key, SessionState.CANCELLED)
    assert quiz.view(token, DURING).closed == "session_cancelled"
    assert refusal(lambda: start(token)) == {"": "session_cancelled"}


def test_questions_come_from_the_topics_of_the_course_and_from_those_in_use(cast: Cast) -> None:
    bank(2, topic="burns")
    bank_of_others = [row.id for row in store.rows(SYSTEM, QUESTION).rows]
    for n in range(3):
        given = {"text": f"别的{n}", "kind": "true_false", "answer": "对", "topic": "cpr", "active": n < 2}
        store.save(SYSTEM, QUESTION, given)
    key, _ = class_of(1, asked=EXAM | {"quiz_questions": 2, "quiz_topics": ["cpr"]})
    start(signed.sign("quiz", key))
    drawn = {one["question"] for one in papers()[0].drawn}
    assert len(drawn) == 2 and not drawn & set(bank_of_others)


@pytest.mark.parametrize(("minutes", "score"), [(10, 100), (10.9, 100), (11.1, 0)])
def test_after_the_time_limit_the_answers_do_not_count(cast: Cast, minutes: float, score: float) -> None:
    key, token, [person] = quiz_class(quiz_minutes=10)
    paper = start(token)
    sheet = solve(token, paper, now=DURING + timedelta(minutes=minutes))
    assert (sheet.score, sheet.late) == (score, score == 0)
    assert [one.value for one in standing(key, person).scores] == [score]


def test_a_paper_left_behind_is_an_attempt_without_answers(cast: Cast) -> None:
    key, token, [person] = quiz_class(quiz_minutes=10)
    first, later = start(token), DURING + timedelta(hours=1)
    second = start(token, now=later)
    assert second != first
    assert [(one.attempt, one.value) for one in standing(key, person).scores] == [(1, 0)]


@pytest.mark.parametrize("token", ["", "1", "1-", "wrong", "1-0000", "-", "９-1", "1" * 30 + "-1"])
def test_a_wrong_link_says_nothing(cast: Cast, token: str) -> None:
    key, good, _ = quiz_class()
    mine = start(good)
    other = session()
    for call in (
        lambda: quiz.view(token), lambda: start(token), lambda: quiz.sheet(good, token),
        lambda: quiz.sheet(signed.sign("quiz", other), mine), lambda: quiz.hand_in(good, token, []),
        lambda: quiz.view(signed.sign("feedback", key)), lambda: quiz.view(signed.sign("quiz", 999)),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            call()


@pytest.mark.parametrize("chosen", [[], [[0]], [[9], [], [], []], [[-1], [], [], []]])
def test_answers_that_the_paper_does_not_have_are_refused(cast: Cast, chosen: list[list[int]]) -> None:
    _, token, _ = quiz_class()
    paper = start(token)
    assert refusal(lambda: quiz.hand_in(token, paper, chosen, now=DURING)) == {"": "not_a_choice"}
    assert papers()[0].submitted_at is None


def test_one_address_has_only_so_many_tries_an_hour(cast: Cast) -> None:
    _, token, _ = quiz_class()
    with db.unit(SYSTEM) as s:
        s.add(Setting(key=quiz.LIMIT.key, value=2))
    start(token, ip="10.0.0.1")
    start(token, ip="10.0.0.1")
    with pytest.raises(Denied) as error:
        start(token, ip="10.0.0.1")
    assert error.value.code == "too_many"


# -- the pages -------------------------------------------------------------------------------------------------------


@pytest.fixture
def phone(database: str) -> Iterator[TestClient]:
    """A phone that nobody signed in on, before a portal that has been set up."""
    with db.unit(SYSTEM) as s:
        s.add(Account(username="admin", name="管理员"))
    app = Starlette(routes=web.ROUTES, middleware=web.MIDDLEWARE, exception_handlers=web.HANDLERS)
    with TestClient(app, headers=HTML) as client:
        yield client


def post(browser: TestClient, path: str, /, **typed: Any) -> Any:
    found = re.search(r'name="form_token" value="([^"]+)"', browser.get(path).text)
    assert found
    return browser.post(path, data=typed | {"form_token": found[1]}, headers={"origin": HERE})


def open_now() -> tuple[int, str]:
    key, token, _ = quiz_class(starts=clock.now() - timedelta(minutes=10))
    return key, f"/q/{token}"


def test_a_phone_goes_from_name_to_questions_to_the_result(cast: Cast, phone: TestClient) -> None:
    key, path = open_now()
    door = phone.get(path)
    assert "60 分合格" in door.text and "<script" not in door.text
    page = post(phone, path, **someone(1))
    assert page.url.path.startswith(path + "/") and page.text.count("<fieldset") == 4
    chosen: dict[str, list[str]] = {name: [] for name in re.findall(r'<fieldset class="field" id="(q\d)"', page.text)}
    for name, place, text in re.findall(r'name="(q\d)" value="(\d)"[^>]*><span>[A-F]\. ([^<]+)', page.text):
        if text.startswith("对"):
            chosen[name].append(place)
    result = post(phone, page.url.path, **chosen)
    assert result.url.path == page.url.path
    assert "合格" in result.text and "100 分" in result.text and "解析" in result.text
    assert phone.get(page.url.path).text.count("正确答案") >= 4  # a reload shows the same
    assert [one.value for one in standing(key, rows(key)[0].person_id).scores] == [100]


def test_nothing_on_the_page_of_questions_tells_the_right_answers(cast: Cast, phone: TestClient) -> None:
    _, path = open_now()
    page = post(phone, path, **someone(1)).text
    assert "解析" not in page and "checked" not in page and "right" not in page
    chips = re.findall(r'<label class="chip">.*?</label>', page)
    varies = r'value="\d"|[A-F]\. [^<]+|name="q\d"|radio|checkbox| required'
    assert len(chips) > 8 and len({re.sub(varies, "", chip) for chip in chips}) == 1
    assert "学员1" not in page and someone(1)["phone"] not in page


def test_the_order_of_the_options_gives_nothing_away(cast: Cast) -> None:
    """The right option is written first in the bank; on the papers it stands anywhere."""
    _, token, _ = quiz_class(people=20, quiz_questions=1, quiz_topics=[])
    for row in store.rows(SYSTEM, QUESTION).rows[1:]:
        store.remove(SYSTEM, QUESTION, row.id)
    [left] = store.rows(SYSTEM, QUESTION).rows
    store.save(SYSTEM, QUESTION, {"kind": "single", "options": "对的\n错一\n错二\n错三", "answer": "A"}, id=left.id)
    first = {tuple(right_places(token, start(token, number))[0]) for number in range(1, 21)}
    assert len(first) > 1


def test_open_questions_are_asked_once_more_and_what_was_chosen_stays(cast: Cast, phone: TestClient) -> None:
    key, path = open_now()
    paper = post(phone, path, **someone(1)).url.path
    page = post(phone, paper, q0="0")
    assert "还有 3 题没答" in page.text and "#q1" in page.text and page.text.count("这题还没答") >= 3
    assert re.search(r'name="q0" value="0" checked', page.text)
    assert standing(key, rows(key)[0].person_id).scores == ()
    done = post(phone, paper, q0="0", anyway="yes")
    assert "不合格" in done.text
    assert len(standing(key, rows(key)[0].person_id).scores) == 1


def test_an_option_that_is_none_is_not_taken(cast: Cast, phone: TestClient) -> None:
    key, path = open_now()
    paper = post(phone, path, **someone(1)).url.path
    assert post(phone, paper, q0="17", anyway="yes").url.path == paper
    assert standing(key, rows(key)[0].person_id).scores == ()


def test_a_stranger_is_told_kindly_and_keeps_what_was_typed(cast: Cast, phone: TestClient) -> None:
    _, path = open_now()
    page = post(phone, path, name="过路人", phone="13900000099").text
    assert "名单里没有这个姓名和手机号" in page and 'value="过路人"' in page
    assert papers() == []


def test_a_post_that_arrives_twice_shows_the_result_once_made(cast: Cast, phone: TestClient) -> None:
    key, path = open_now()
    paper = post(phone, path, **someone(1)).url.path
    token = re.search(r'name="form_token" value="([^"]+)"', phone.get(path).text)
    assert token
    answers = {"q0": "0", "anyway": "yes", "form_token": token[1]}
    for _ in range(2):
        assert "测验结果" in phone.post(paper, data=answers, headers={"origin": HERE}).text
    assert len(standing(key, rows(key)[0].person_id).scores) == 1


def test_the_pages_speak_english(cast: Cast, phone: TestClient) -> None:
    _, path = open_now()
    assert "Begin</button>" in phone.get(path + "?lang=en").text
    paper = post(phone, path, **someone(1))
    assert "Hand in</button>" in paper.text
    assert "Not passed" in post(phone, paper.url.path, anyway="yes").text


def test_neither_papers_nor_the_audit_hold_a_phone_in_plain(cast: Cast) -> None:
    _, token, _ = quiz_class()
    solve(token, start(token))
    with db.reading(SYSTEM) as s:
        told = repr([entry.changes for entry in s.exec(select(AuditEntry))])
    assert someone(1)["phone"] not in told


# -- the bank that ships ----------------------------------------------------------------------------------------------


def test_the_questions_that_ship_are_right_in_both_languages_and_enough_for_every_quiz(database: str) -> None:
    load.load_reference(SYSTEM)
    with db.reading(SYSTEM) as s:
        questions, courses = s.exec(select(Question)).all(), s.exec(select(Course)).all()
    assert len(questions) >= 30
    for question in questions:
        values = {spec.name: getattr(question, spec.name) for spec in QUESTION.own_fields}
        assert Question.check(dict(values), clock.today()) == {}, question.text
        written = [question.said(), question.why(), *question.choices()]
        assert all(
            HAN.search(text.zh) and not HAN.search(text.en) for text in written if not FIGURES.fullmatch(text.zh)
        )
    topics = {question.topic for question in questions}
    assert topics == set(options.labels("question_topics"))
    for course in courses:
        pool = [q for q in questions if not course.quiz_topics or q.topic in course.quiz_topics]
        assert len(pool) >= (course.quiz_questions or 0)
        assert set(course.practical_items) <= set(options.labels("practical_items"))
