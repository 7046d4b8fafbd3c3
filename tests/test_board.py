"""The dashboard as HTML: every kind has its drawing, the worst comes first, and nothing is said that is not so."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from models.words import L, Language
from reports.figure_words import amount, gap_words, number, sentence, value_words
from reports.states import STATES, icon, state_of
from services.figures import Figure
from tests import boards
from ui.board import BOARD_CSS, BOARD_JS, board_html, category_note, worst_first

VOID = {"path", "rect", "circle"}


class Balance(HTMLParser):
    """Notes every element that is closed by another than its own end tag."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def drawn(*figures: Figure, language: Language = "zh", as_of: date = boards.TODAY) -> str:
    return board_html(boards.board(*figures, as_of=as_of), language)


def line(figure: Figure, language: Language = "zh") -> str:
    """The one line of the board that shows this figure."""
    lines = re.findall(r"<a class=.*?</a>", drawn(*boards.ALL, language=language))
    (found,) = [text for text in lines if f'data-code="{figure.code}"' in text]
    return str(found)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_markup_is_well_formed(language: Language) -> None:
    parser = Balance()
    parser.feed(drawn(*boards.ALL, language=language))
    assert (parser.open, parser.wrong) == ([], [])


def test_whatever_comes_from_outside_is_escaped() -> None:
    evil = '"><script>alert(1)</script>&'
    hostile = [
        replace(one, code=f"{one.code}{evil}", name=L(evil, evil), unit=L(evil, evil), waits_for=L(evil, evil))
        for one in boards.ALL
    ]
    station = replace(boards.STATIONS.units[2], name=evil)
    hostile.append(replace(boards.STATIONS, id=99, units=(station,)))
    board = replace(boards.board(*hostile), categories=tuple((one.category, L(evil, evil)) for one in hostile))
    for language in ("zh", "en"):
        html = board_html(board, language, link=lambda code: f"?x={code}")  # type: ignore[arg-type]
        assert "<script" not in html
        assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", html)


@pytest.mark.parametrize(
    ("figure", "mark"),
    [
        (boards.BEHIND, 'class="bar"'),
        (boards.SEVERAL, "不设目标"),
        (boards.ONGOING, 'class="cells"'),
        (boards.DOCUMENTS, 'class="ticks"'),
        (boards.RATIO, 'class="pace"'),
        (boards.STATIONS, 'class="unit met"'),
    ],
)
def test_every_kind_has_its_own_drawing(figure: Figure, mark: str) -> None:
    assert mark in line(figure)


def test_the_bar_the_pace_mark_and_the_target_stand_where_the_numbers_say() -> None:
    text = line(boards.BEHIND)
    assert f'class="bar" style="width:{812 / 15:.2f}%"' in text
    assert f'class="pace" style="left:{100 * 236 / 365:.2f}%"' in text
    assert 'class="goal" style="left:100.00%"' in text


def test_over_the_target_the_scale_grows_and_the_target_is_a_notch() -> None:
    text = line(boards.ACHIEVED)
    assert 'class="bar" style="width:100.00%"' in text
    assert f'class="notch" style="left:{100 * 20 / 21:.2f}%"' in text


def test_ongoing_is_twelve_squares_with_the_missed_month_marked() -> None:
    squares = re.findall(r'<i class="(yes|no|open)"></i>', line(boards.ONGOING))
    assert squares == ["yes"] * 4 + ["no"] + ["yes"] * 3 + ["open"] * 4


def test_deliverables_tick_documents_where_documents_are_required() -> None:
    assert line(boards.DOCUMENTS).count('<i class="yes">') == 4
    assert line(boards.DOCUMENTS).count("<i></i>") == 2
    assert line(boards.SITES).count('<i class="yes">') == line(boards.SITES).count("<i></i>") == 1


def test_every_station_has_its_cell() -> None:
    text = line(boards.STATIONS)
    assert text.count('class="unit met"') == 3
    assert text.count('class="unit"') == 1
    assert "<b>3</b> / 4 达标" in text


def test_the_sparkline_has_a_column_for_every_month_and_the_running_one_is_paler() -> None:
    text = line(boards.BEHIND)
    assert text.count("<rect") == 8
    assert text.count("<rect class=run") == 1
    assert "<rect" not in line(boards.STOCK)
    assert 'class="trace"' in line(boards.STOCK)


def test_what_lags_stands_first_worst_first_and_only_once() -> None:
    codes = re.findall(r'data-code="([^"]+)"', drawn(*boards.ALL))
    assert codes[:5] == ["01.2", "03.4", "01.1", "02.2", "03.3"]
    assert sorted(codes) == sorted(one.code for one in boards.ALL)
    assert [one.code for one in worst_first(boards.ALL)] == codes[:5]


def test_when_nothing_lags_the_board_says_so() -> None:
    assert "没有落后的指标。" in drawn(boards.ON_PACE)
    assert "Nothing is behind." in drawn(boards.ON_PACE, language="en")


def test_an_empty_contract_says_so() -> None:
    assert "这份合同还没有指标。" in drawn()


@pytest.mark.parametrize("figure", [boards.SEVERAL, boards.ONGOING])
def test_several_and_ongoing_never_show_a_percentage(figure: Figure) -> None:
    said = re.sub(r'style="[^"]*"', "", line(figure)) + sentence(figure, boards.board(figure)).zh
    assert "%" not in said
    assert 'class="pace"' not in said


def test_what_waits_for_records_is_named_and_never_shown_as_zero() -> None:
    text = line(boards.WAITING)
    assert "等待：公益项目 记录类型上线" in text
    assert "Waiting for: charity projects" in line(boards.WAITING, "en")
    assert 'class="bullet"' not in text
    assert 'class="value"' not in text
    assert "有风险" not in text
    assert "0" not in re.sub(r"<svg.*?</svg>|04\.1", "", text)


def test_a_category_that_only_waits_shows_no_count_of_what_was_met() -> None:
    html = drawn(boards.WAITING, boards.ON_PACE)
    assert "类别01" in html
    assert "类别04" not in html


def test_categories_count_rows_met_of_rows_in_total() -> None:
    five = [boards.BEHIND, boards.AT_RISK, boards.ON_PACE, boards.ACHIEVED, boards.WAITING]
    assert category_note(five).zh == "量化指标达成 1 / 5 项 · 2 项落后，见上 · 1 项等待记录，见下"
    assert category_note([boards.ACHIEVED]).en == "1 of 1 targets met"


def test_the_counts_by_state_add_up_to_all_indicators() -> None:
    counts = re.search(r'<ul class="counts">.*?</ul>', drawn(*boards.ALL))
    assert counts
    assert sum(map(int, re.findall(r"<b>(\d+)</b>", counts[0]))) == len(boards.ALL)


def test_several_is_count_only_whatever_its_status() -> None:
    assert boards.SEVERAL.status == "achieved"
    assert state_of(boards.SEVERAL) == "count"
    assert state_of(replace(boards.SEVERAL, status="waiting")) == "waiting"


@pytest.mark.parametrize("name", STATES)
def test_every_state_has_a_shape_of_its_own_a_word_and_a_colour(name: str) -> None:
    state = STATES[name]  # type: ignore[index]
    assert state.word.zh and state.word.en
    assert state.shape in icon(name)  # type: ignore[arg-type]
    assert f".s-{name}{{--c:var(--st-{state.colour}-color)" in BOARD_CSS
    for field in ("shape", "word", "symbol"):
        assert len({getattr(other, field) for other in STATES.values()}) == len(STATES)


def test_chinese_and_english_do_not_mix() -> None:
    english = re.sub(r"石桥\d站", "", drawn(*boards.ALL, language="en"))
    assert not re.search(r"[\u4e00-\u9fff]", english)
    assert "Behind the pace" in english


def test_the_whole_line_is_one_sentence_for_those_who_hear_it() -> None:
    said = sentence(boards.BEHIND, boards.board(boards.BEHIND))
    assert said.zh == "01.1 指标01.1：落后，812 / 1,500 人，今天应到 969.9 人，每周 38 人即可达标，比进度少 158 人。"
    assert said.en == (
        "01.1 Line 01.1: Behind, 812 / 1,500 people, 969.9 people due today, 38 people a week will do, "
        "158 people below pace."
    )
    assert f'aria-label="{said.zh}"' in line(boards.BEHIND)


def test_links_can_be_given_by_the_page() -> None:
    html = board_html(boards.board(boards.BEHIND), "zh", link=lambda code: f"/kpi?code={code}&x=1")
    assert 'href="/kpi?code=01.1&amp;x=1" data-code="01.1"' in html


@pytest.mark.parametrize(
    ("as_of", "words"),
    [
        (date(2026, 3, 22), ("第 0 天", "10 天后开始")),
        (date(2026, 4, 1), ("第 1 天", "还有 364 天")),
        (date(2027, 3, 31), ("第 365 天", "还有 0 天")),
        (date(2027, 4, 2), ("第 365 天", "已结束 2 天")),
    ],
)
def test_the_header_tells_the_day_before_during_and_after(as_of: date, words: tuple[str, str]) -> None:
    html = drawn(as_of=as_of)
    assert all(word in html for word in words)


def test_before_the_first_day_every_line_says_that_the_period_has_not_begun() -> None:
    early = date(2026, 3, 22)
    board = boards.board(as_of=early)
    assert gap_words(boards.counted("01.1", 0, 5, early), board)[0].zh == "合同期尚未开始"


def test_after_the_last_day_the_gap_is_what_was_missed() -> None:
    late = date(2027, 4, 2)
    missed = boards.counted("01.1", 90, 100, late)
    assert gap_words(missed, boards.board(missed, as_of=late)) == (
        L("期末仍差 10 次", "ended 10 visits short"),
        L("", ""),
    )


@pytest.mark.parametrize(
    ("figure", "zh", "en"),
    [
        (boards.AT_RISK, "每月 1.7 次即可达标", "1.7 visits a month will do"),
        (boards.counted("x", 1, 2), "期末前再 1 次即可达标", "1 visit more by the end will do"),
        (boards.counted("x", 0, 1), "尚无记录，须在 129 天内完成 1 次", "No record yet: 1 visit to do in 129 days"),
        (boards.ON_PACE, "按现速期末约 323 次", "Heading for 323 visits"),
        (boards.ONGOING, "8月无记录", "No record in Aug"),
        (boards.monthly("x", *[True] * 7), "每月都有记录", "A record in every month"),
        (boards.DOCUMENTS, "还差 2 份文件", "2 documents missing"),
        (boards.SITES, "还有 1 次待验收", "1 visit to be accepted"),
        (boards.RATIO, "还差 4 次", "4 visits short"),
        (boards.share("x", 0, 0, 0.9), "还没有应计的记录", "Nothing to count yet"),
        (boards.STATIONS, "最少：石桥2站 1 次", "Lowest: 石桥2站, 1 visit"),
    ],
)
def test_what_closes_the_gap_is_said_in_both_languages(figure: Figure, zh: str, en: str) -> None:
    assert gap_words(figure, boards.board(figure))[0] == L(zh, en)


def test_a_ratio_is_never_rounded_up_to_its_requirement() -> None:
    nearly = boards.share("x", 8996, 10_000, 0.9)
    assert value_words(nearly)[0].zh == "89.9%"
    assert nearly.status != "achieved"


def test_numbers_are_grouped_and_round_ten_thousands_are_said_by_language() -> None:
    assert (number(50_000, "zh"), number(50_000, "en")) == ("5万", "50,000")
    assert (number(38_120, "zh"), number(1.25, "en"), number(4.0)) == ("38,120", "1.2", "4")
    assert amount(1, L("人", "people")).en == "1 person"
    assert amount(1, L("次", "activities")).en == "1 activity"


def test_the_style_follows_the_theme_and_the_width_of_its_container() -> None:
    assert "@container" in BOARD_CSS
    assert "@media" not in BOARD_CSS
    used = set(re.findall(r"var\((--[a-z-]+)", BOARD_CSS))
    defined = set(re.findall(r"(--[a-z]+):", BOARD_CSS))
    assert {name for name in used if not name.startswith("--st-")} <= defined
    assert BOARD_CSS.count("{") == BOARD_CSS.count("}")
    assert "setTriggerValue('open'" in BOARD_JS
