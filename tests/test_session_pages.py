"""The page of a training session: marked as held, its door, its people, and how enrolment went, as staff see it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from models import RECORDS
from models.lessons import PresenceState
from models.system import Role
from models.training import EnrolmentSource, Instructor, SessionState
from pages.staff import session_moves
from services import checkin, clock, db, ending, lessons, seats, store, training
from services.access import SYSTEM
from services.errors import Denied, NotFound
from tests.conftest import Cast
from tests.stage import healthy, seat, texts, visit
from tests.test_checkin import code_at
from tests.test_lessons import HOUR, lesson, people, presences, scan
from tests.test_training import NINE, instructor, put, refusal, session, someone, stored

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OPEN, CLOSED, HELD, CANCELLED = SessionState.OPEN, SessionState.CLOSED, SessionState.HELD, SessionState.CANCELLED


def running(began: float, **more: Any) -> int:
    """A session of four hours that began so many hours ago."""
    starts = clock.now() - timedelta(hours=began)
    return training.save_session(
        SYSTEM, {"title": "急救班", "course_id": course_of(), "starts": starts, "ends": starts + 4 * HOUR, **more}
    )


def course_of() -> int:
    known = store.choices(SYSTEM, RECORDS["course"])
    if known:
        return next(iter(known))
    return store.save(SYSTEM, RECORDS["course"], {"code": "cpr", "name": "心肺复苏", "kind": "cpr_aed"})


def come(key: int, *numbers: int) -> None:
    for number in numbers:
        who, code = someone(number), code_at(key, clock.now())
        checkin.check_in(stored(key).checkin_token or "", who["name"], who["phone"], code=code)


def labels(at: "AppTest") -> set[str]:
    return {button.label for button in at.button}


def said(at: "AppTest", words: str) -> bool:
    return any(words in text for text in texts(at))


def press(at: "AppTest", label: str) -> "AppTest":
    return next(button for button in at.button if button.label == label).click().run()


# -- how a session stands at its end ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "left", "inside", "asks"),
    [(1, 2, 2, True), (3, 0, 2, True), (3.9, 0, 2, True), (4.1, 0, 0, False)],
)
def test_before_the_door_is_shut_somebody_may_still_sign_out(
    cast: Cast, after: float, left: float, inside: int, asks: bool
) -> None:
    key = session(hours=3)
    put(key, 1, 2, 3, 4)
    for number in (1, 2, 3):
        scan(key, number, 0)
    scan(key, 3, 0.9, leaves=True)
    found = ending.ending(cast.lin, key, NINE + after * HOUR)
    assert (found.left, found.inside, found.asks) == (left * HOUR, inside, asks)
    assert found.door == NINE + 4 * HOUR


def test_who_left_early_or_was_at_an_earlier_lesson_is_not_inside(cast: Cast) -> None:
    key = session(hours=8)
    first, second = lesson(key, 0), lesson(key, 4)
    put(key, 1, 2, 3)
    one, two, three = people(key)
    marks: dict[Any, Any] = {
        (first, one): (PresenceState.PRESENT, ""),
        (second, two): (PresenceState.LEFT_EARLY, ""),
        (second, three): (PresenceState.PRESENT, ""),
    }
    lessons.mark(SYSTEM, key, marks, now=NINE + 5 * HOUR)
    assert ending.ending(cast.lin, key, NINE + 5 * HOUR).inside == 1


def test_who_may_know(cast: Cast) -> None:
    key = session(unit_id=cast.other_station)
    with pytest.raises(Denied):
        ending.ending(cast.stranger, key)
    with pytest.raises(NotFound):
        ending.ending(cast.wang, key)


@pytest.mark.parametrize("leaves", [2.5, 3.9])
def test_signing_out_stays_possible_after_the_session_was_marked_as_held(cast: Cast, leaves: float) -> None:
    key = session(hours=3)
    put(key, 1)
    scan(key, 1, 0)
    training.set_state(cast.lin, key, HELD, now=NINE + HOUR)
    scan(key, 1, leaves, leaves=True)
    assert presences(key)[None, people(key)[0]].left_at == NINE + leaves * HOUR
    assert refusal(lambda: scan(key, 1, 4, leaves=True)) == {"": "not_checked_in"}


# -- the page ------------------------------------------------------------------------------------------------------------


@ON_SQLITE
def test_a_class_under_way_is_marked_as_held_after_one_confirmation_with_both_figures(cast: Cast) -> None:
    key = running(1)
    for number in (1, 2):
        seats.enrol(SYSTEM, key, someone(number))
    come(key, 1, 2)
    lin = seat(Role.COORDINATOR)
    at = visit(lin, "training_session", id=key)
    assert healthy(at) and "标为已举办" not in labels(at)
    [words] = [text for text in texts(at) if "还没签退" in text]
    assert "离下课还有 **3 小时**" in words and "**2** 人在场" in words
    at = press(at, "仍标为已举办")
    assert healthy(at) and stored(key).state == HELD
    assert said(at, "已改为“已举办”。本班已录取和候补共 2 人。")
    assert said(at, "扫码签退") and not said(at, "扫码签到、签退")


@ON_SQLITE
def test_a_class_that_is_over_is_marked_as_held_at_once_and_its_door_is_shut(cast: Cast) -> None:
    key = running(6)
    seats.enrol(SYSTEM, key, someone(1))
    at = visit(seat(Role.COORDINATOR), "training_session", id=key)
    assert not said(at, "扫码签退") and not said(at, "扫码签到、签退")
    at = press(at, "标为已举办")
    assert healthy(at) and stored(key).state == HELD


@ON_SQLITE
def test_within_the_hour_after_the_class_the_door_lets_out(cast: Cast) -> None:
    key = running(4.5, state=HELD)
    at = visit(seat(Role.COORDINATOR), "training_session", id=key)
    assert healthy(at) and said(at, "扫码签退")


@pytest.mark.parametrize(
    ("state", "number", "zh", "en"),
    [
        (CLOSED, 2, "已改为“报名截止”。本班已录取和候补共 2 人。", "Now: Closed. 2 people are enrolled or waiting."),
        (
            CANCELLED,
            1,
            "已取消。本班已录取和候补共 1 人，请逐一通知。",
            "Cancelled. 1 person is enrolled or waiting: please let them know.",
        ),
        (
            CANCELLED,
            0,
            "已改为“已取消”。本班已录取和候补共 0 人。",
            "Now: Cancelled. 0 people are enrolled or waiting.",
        ),
    ],
)
def test_a_move_says_whom_it_concerns(state: SessionState, number: int, zh: str, en: str) -> None:
    assert tuple(session_moves.moved(state, number)) == (zh, en)


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [(125, "2 小时 5 分钟", "2 h 5 min"), (60, "1 小时", "1 h"), (2940, "2 天 1 小时", "2 d 1 h")],
)
def test_the_time_to_the_end_in_words(minutes: int, zh: str, en: str) -> None:
    assert tuple(session_moves.length(timedelta(minutes=minutes))) == (zh, en)


@ON_SQLITE
def test_a_list_is_imported_by_a_button(cast: Cast) -> None:
    key = running(-30)
    at = visit(seat(Role.COORDINATOR), "training_session", id=key)
    assert healthy(at) and {"导入报名名单", "添加课次", "报名"} <= labels(at)
    at = press(at, "导入报名名单")
    assert healthy(at) and at.query_params["do"] == "import"
    assert not {"导入报名名单", "报名"} & labels(visit(seat(Role.LEADER), "training_session", id=key))


@ON_SQLITE
@pytest.mark.parametrize("state", [CLOSED, HELD, CANCELLED])
def test_once_registration_is_over_the_page_tells_on_which_ways_people_came(cast: Cast, state: SessionState) -> None:
    key, lin = running(1), seat(Role.COORDINATOR)
    seats.enrol(SYSTEM, key, someone(1))
    seats.enrol(SYSTEM, key, someone(2), source=EnrolmentSource.IMPORT)
    training.set_state(SYSTEM, key, state)
    at = visit(lin, "training_session", id=key)
    assert healthy(at) and not said(at, "网上报名") and "停止公开" not in labels(at)
    assert said(at, "报名已截止") and said(at, "由工作人员报名 1 人") and said(at, "由名单导入 1 人")


@ON_SQLITE
def test_before_registration_is_over_it_is_offered(cast: Cast) -> None:
    at = visit(seat(Role.COORDINATOR), "training_session", id=running(-30))
    assert healthy(at) and said(at, "网上报名") and "对外公开" in labels(at) and not said(at, "报名已截止")
    assert healthy(visit(seat(Role.COORDINATOR), "training_session", "en", id=running(1)))


@ON_SQLITE
def test_the_door_gets_new_links_on_the_page_of_its_session(cast: Cast) -> None:
    key = running(1)
    old = stored(key).checkin_token
    at = press(visit(seat(Role.COORDINATOR), "training_session", id=key), "更换")
    assert healthy(at) and said(at, "已更换，旧链接已失效") and stored(key).checkin_token != old


@ON_SQLITE
def test_the_list_of_classes_opens_at_what_is_ahead_says_so_and_shows_all_on_a_click(cast: Cast) -> None:
    lin = seat(Role.COORDINATOR)
    running(30, title="过去班", state=HELD)
    assert "看全部" not in labels(visit(lin, "training_session"))
    running(-30, title="将来班")
    at = visit(lin, "training_session")
    [shown] = [list(one.value["班名"]) for one in at.dataframe]
    assert healthy(at) and shown == ["将来班"] and list(at.dataframe[0].value.columns).index("状态") < 4
    at = press(at, "看全部")
    assert healthy(at) and sorted(at.dataframe[0].value["班名"]) == ["将来班", "过去班"]


@ON_SQLITE
def test_instructors_whose_certificate_has_lapsed_stand_last_and_are_marked(cast: Cast) -> None:
    instructor("新讲师", "13700000001")
    lapsed = instructor("老讲师", "13700000002")
    with db.unit(SYSTEM) as s:
        s.get_one(Instructor, lapsed).credential_until = clock.today() - timedelta(days=1)
    at = visit(seat(Role.COORDINATOR), "training_session", do="new")
    shown = [one.options for one in at.multiselect if any("讲师" in option for option in one.options)]
    assert healthy(at) and shown == [["新讲师", "老讲师（证书已过期）"]]
