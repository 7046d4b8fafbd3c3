"""The screen of a class's exam and the card on the session's page, without a browser."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from models.assessment import Verdict
from models.system import Role
from pages.staff.score_cells import changes
from services import assessment, clock, signed
from services.access import SYSTEM
from services.assessment import Standing
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_assessment import class_of, standing
from tests.test_pages import press
from tests.test_training import came

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SCORE = {"zh": "理论分数", "en": "Theory score"}
PASSED, FAILED, PENDING = Verdict


def grid(at: "AppTest", key: int, edits: dict[int, dict[str, Any]], attempt: int = 1, ticked: bool = False) -> None:
    """Type into the table."""
    field = f"{at.session_state['tokens'][f'exam.{key}.{attempt}']}.grid.{ticked}"
    at.session_state[field] = {"edited_rows": edits, "added_rows": [], "deleted_rows": []}
    at.run()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_class_is_entered_in_one_table_with_one_save(cast: Cast, language: str) -> None:
    key, people = class_of(3)
    at = visit(seat(Role.BASE_MANAGER), "scores", language, id=key)
    grid(at, key, {0: {SCORE[language]: 88.0, "cpr *": True, "aed *": True}, 1: {SCORE[language]: 41.0}})
    press(at, {"zh": "保存 2 人的成绩", "en": "Save the results of 2 people"}[language])
    assert healthy(at)
    assert [standing(key, person).verdict for person in people] == [PASSED, FAILED, PENDING]


def test_everything_can_be_ticked_first_and_failures_unticked(cast: Cast) -> None:
    key, people = class_of(3)
    at = visit(seat(Role.BASE_MANAGER), "scores", id=key)
    at.toggle[0].set_value(True).run()
    grid(
        at,
        key,
        {1: {"aed *": False}, 2: {"cpr *": False, "aed *": False, "bleeding": False, "实操已考": False}},
        ticked=True,
    )
    assert at.toggle[0].disabled  # another table would lose what was typed
    press(at, "保存 2 人的成绩")
    assert [standing(key, person).practical for person in people] == [PASSED, FAILED, PENDING]
    assert standing(key, people[1]).checks[0].value == ["cpr", "bleeding"]


def test_what_is_wrong_is_told_by_name_and_stays_typed(cast: Cast) -> None:
    key, people = class_of(2)
    at = visit(seat(Role.BASE_MANAGER), "scores", id=key)
    grid(at, key, {0: {SCORE["zh"]: 150.0}, 1: {SCORE["zh"]: 80.0}})
    assert any("学员1：分数应为 0 至 100" in text for text in texts(at))
    press(at, "保存 2 人的成绩")
    assert any("学员1：分数应为 0 至 100" in text for text in texts(at))
    assert any(button.label == "保存 2 人的成绩" for button in at.button)
    assert all(standing(key, person).scores == () for person in people)


def test_a_resit_shows_those_who_failed_and_what_they_had(cast: Cast) -> None:
    key, people = class_of(3)
    assessment.take(SYSTEM, key, {people[0]: 90, people[1]: 50}, {people[0]: ["cpr"], people[1]: ["cpr", "aed"]})
    at = visit(seat(Role.BASE_MANAGER), "scores", id=key, attempt=2)
    table = next(one for one in at.dataframe if "姓名" in one.value.columns).value
    assert list(table["姓名"]) == ["学员1", "学员2"]
    assert list(table["此前"]) == ["理论 90 ✓ · 实操 ✗", "理论 50 ✗ · 实操 ✓"]
    grid(at, key, {0: {"cpr *": True, "aed *": True}, 1: {SCORE["zh"]: 75.0}}, attempt=2)
    press(at, "保存 2 人的成绩")
    assert [standing(key, person).verdict for person in people] == [PASSED, PASSED, PENDING]


def test_a_reader_sees_results_and_saves_none(cast: Cast) -> None:
    key, people = class_of(1)
    assessment.take(SYSTEM, key, {people[0]: 90}, {})
    at = visit(seat(Role.LEADER), "scores", id=key)
    assert healthy(at) and not any("保存" in button.label for button in at.button) and not at.toggle
    at = visit(seat(Role.LEADER), "training_session", id=key)
    assert healthy(at) and not any(button.label in ("手机测验", "课后评价") for button in at.button)


def test_without_a_session_the_screen_lists_the_recent_exams(cast: Cast) -> None:
    key, _ = class_of(2, starts=clock.now() - timedelta(days=1))
    at = visit(seat(Role.BASE_MANAGER), "scores")
    assert healthy(at) and any(list(one.value["培训班"]) == ["急救班"] for one in at.dataframe)
    assert healthy(visit(seat(Role.BASE_MANAGER), "scores", id=key + 99))


def test_a_course_without_an_exam_says_so(cast: Cast) -> None:
    key, _ = class_of(1, asked={"passing_score": None, "practical_items": [], "practical_optional": []})
    at = visit(seat(Role.BASE_MANAGER), "scores", id=key)
    assert healthy(at) and any("这门课没有考核" in text for text in texts(at))


def test_who_never_checked_in_is_marked_in_the_table(cast: Cast) -> None:
    key, people = class_of(2)
    came(SYSTEM, key, people[0])
    at = visit(seat(Role.BASE_MANAGER), "scores", id=key)
    assert healthy(at) and any(list(one.value.get("签到", ())) == ["", "没签到"] for one in at.dataframe)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_codes_for_the_phones_are_shown_to_who_keeps_the_session(cast: Cast, language: str) -> None:
    key, _ = class_of(1, asked={"quiz_questions": 3})
    at = visit(seat(Role.BASE_MANAGER), "training_session", language, id=key)
    short = {"zh": "题库里只有 0 题", "en": "The bank has 0 questions"}[language]
    assert any(short in text for text in texts(at))
    press(at, {"zh": "课后评价", "en": "Feedback"}[language])
    assert healthy(at)
    assert any(signed.sign("feedback", key) in str(one.proto) for one in at.get("link_button"))


def test_only_what_changed_is_saved(database: str) -> None:
    people = [Standing(7, "甲", "", (), (), PENDING, PENDING)]
    old = {"score": 60.0, "cpr": True, "aed": False, "done": True}
    assert changes(people, [old], [old], {}) == ({}, {})
    assert changes(people, [old], [old | {"score": None}], {}) == ({7: None}, {})
    assert changes(people, [old], [old | {"aed": True}], {0: {"aed": True}}) == ({}, {7: ["cpr", "aed"]})
    assert changes(people, [old], [old | {"done": False}], {0: {"done": False}}) == ({}, {7: None})
    none = {"cpr": False, "aed": False, "done": False}
    assert changes(people, [none], [none | {"done": True}], {0: {"done": True}}) == ({}, {7: []})
    assert changes(people, [none], [none | {"aed": True}], {0: {"aed": True}}) == ({}, {7: ["aed"]})
