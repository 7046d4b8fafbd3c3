"""The screen of the meeting room: its slides, what stands on them, and how it turns in a browser."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from models.system import Role
from models.words import L, Language
from services import kpi
from tests import boards
from tests.stage import Seat, Visitor, healthy, seat, visit
from ui.screen import MOST_LINES, MOST_WORST, screen_html, slides

BOARD = boards.board(*boards.ALL)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_indicator_stands_on_its_categorys_slide(language: Language) -> None:
    whole, *categories = slides(BOARD, language)
    text = "".join(categories)
    assert all(f'<span class="code">{one.code}</span>' in text for one in boards.ALL)
    assert whole.count('class="big ') == min(MOST_WORST, 5)


def test_the_first_slide_counts_every_indicator_and_shows_the_worst_first() -> None:
    tiles = slides(BOARD, "zh")[0].split("</ul>")[0]
    assert sum(int(part.split("</b>")[0]) for part in tiles.split("<b>")[1:]) == len(boards.ALL)
    assert slides(BOARD, "zh")[0].index(boards.AT_RISK.code) < slides(BOARD, "zh")[0].index(boards.BEHIND.code)


def test_a_long_category_takes_several_slides_of_the_same_length() -> None:
    many = [boards.counted(f"01.{n}", n, 10) for n in range(1, 8)]
    _, first, second = slides(boards.board(*many), "zh")
    assert (first.count('class="big '), second.count('class="big ')) == (4, 3)
    assert "1 / 2" in first and "2 / 2" in second and MOST_LINES == 6


def test_the_markup_is_well_formed_and_escaped() -> None:
    named = boards.counted("01.1", 1, 10, name=L("<b>&", '"<i>'))
    html = screen_html(boards.board(named), "zh")
    assert "<b>&</" not in html and "&lt;b&gt;&amp;" in html
    open_tags: list[str] = []

    class Check(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag not in ("path", "circle"):
                assert open_tags and open_tags.pop() == tag

        def handle_startendtag(self, tag: str, attrs: object) -> None:
            pass

    Check().feed(html)
    assert open_tags == []


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_of_every_indicator_the_board_of_a_past_day_and_the_screen_are_drawn(language: str) -> None:
    who = seat(Role.COORDINATOR)
    board = kpi.board(who.actor)
    kinds = {figure.kind: figure.code for figure in board.figures}
    for code in (*kinds.values(), "06.7", "10.1"):
        assert healthy(visit(who, "figure", language, code=code)), code
    past = board.start.replace(day=28).isoformat()
    assert healthy(visit(who, "figure", language, code="03.1", on=past, month=past[:7], by="kind"))
    at = visit(who, "indicators", language, on=past)
    assert healthy(at) and any(past in node.value for node in at.markdown)
    assert healthy(visit(who, "screen", language, seconds="5"))


@pytest.mark.usefixtures("demo")
def test_an_auditor_reads_and_enters_nothing() -> None:
    who = seat(Role.AUDITOR)
    at = visit(who, "figure", code="08.4")
    assert healthy(at) and not [button for button in at.button if "登记" in button.label or "补录" in button.label]


@pytest.fixture
def watcher(portal: object) -> Seat:
    return seat(Role.LEADER)


@pytest.mark.xdist_group("browser")
def test_the_screen_turns_pauses_and_leaves_by_keys(window: Callable[..., Visitor], watcher: Seat) -> None:
    page = window(size={"width": 1920, "height": 1080}).sign_in(watcher).open("screen", seconds="120")
    place = page.locator(".place")
    place.filter(has_text="1 / ").wait_for()
    page.keyboard.press("ArrowRight")
    page.locator(".slide[data-slide='1']:not([hidden])").wait_for()
    page.keyboard.press("Space")
    place.filter(has_text="已暂停").wait_for()
    assert page.locator("[data-testid=stSidebar]").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    page.wait_for_url("**/indicators**")
