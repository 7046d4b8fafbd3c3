"""From the class to its certificates as people go through it: while it runs, when it was too short, who is who, what is final."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from models.system import Role
from services import attending, certificates, clock, eligibility, training
from services.access import SYSTEM, Actor
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_certificates import course, held, papers, reasons
from tests.test_training import refusal

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HOUR = timedelta(hours=1)


@pytest.fixture
def lin(cast: Cast) -> Actor:
    return replace(cast.lin, account_id=101)


@pytest.fixture
def zhao(cast: Cast) -> Actor:
    return replace(cast.lin, account_id=102, name="赵社工")


def running(*numbers: int) -> int:
    """A class of three hours that began an hour ago."""
    return held(course(hours=3), *numbers, starts=clock.now() - HOUR)


def said(at: "AppTest", words: str) -> bool:
    return any(words in text for text in texts(at))


def labels(at: "AppTest") -> set[str]:
    return {button.label for button in at.button}


def press(at: "AppTest", label: str) -> "AppTest":
    return next(button for button in at.button if button.label == label).click().run()


# -- while the class runs --------------------------------------------------


def test_time_that_has_not_happened_counts_for_nobody_and_nobody_has_passed(lin: Actor) -> None:
    key = running(1)
    [one] = eligibility.eligibility(lin, key).candidates
    assert one.result and one.result.present is not None
    assert one.result.present < 1.1 * HOUR and one.result.planned == 3 * HOUR
    assert reasons(key)["学员1"][0] == "课还没结束" and not one.too_little


def test_a_list_is_neither_submitted_nor_approved_before_the_end(lin: Actor, zhao: Actor) -> None:
    key = running(1)
    assert refusal(lambda: certificates.submit(lin, key)) == {"": "class_not_over"}
    now = clock.now()
    training.save_session(SYSTEM, {"starts": now - 4 * HOUR, "ends": now - HOUR}, id=key)
    batch = certificates.submit(lin, key)
    training.save_session(SYSTEM, {"ends": now + HOUR}, id=key)
    assert refusal(lambda: certificates.approve(zhao, batch)) == {"": "class_not_over"}
    assert papers() == []


@ON_SQLITE
def test_the_page_of_a_running_class_says_until_when_and_judges_nobody(cast: Cast) -> None:
    key = running(1, 2)
    ends = clock.local(eligibility.eligibility(SYSTEM, key).ends)
    at = visit(seat(Role.COORDINATOR), "certify", id=key)
    assert healthy(at) and said(at, "课还没结束，") and said(at, f"{ends:%H:%M} 以后才能定谁通过")
    [line, _] = at.dataframe[0].value.to_dict("records")
    assert line["到课"].endswith("/ 3 小时") and not line["到课"].startswith("3 ")
    assert "结果" not in line and not any("提交名单" in label for label in labels(at))


@pytest.mark.parametrize(("minutes", "words"), [(0, "0"), (3, "不到 0.1"), (6, "0.1"), (119, "1.9"), (180, "3")])
def test_a_stay_is_told_in_tenths_of_an_hour_rounded_down(minutes: int, words: str) -> None:
    assert attending.been(timedelta(minutes=minutes)).zh.strip() == words
