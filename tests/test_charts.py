"""The charts as plain dictionaries: what is drawn is what the figure says, and each can be read as a table."""

import json
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any, get_args

import pytest

from models.words import L, Language
from reports.series import monthly_values
from tests import boards
from ui import charts
from ui.charts import Chart, Mode

PLAN = [50, 50, 100, 100, 100, 150, 150, 150, 150, 200, 150, 150]
STATIONS = [("急诊", 48), ("门诊", 268), ("住院部", 214), ("儿科", 152), ("线上", 130)]
BEHIND = replace(boards.BEHIND, by_month=boards.MONTHS)
BOARD = boards.board(BEHIND)


def drawn(language: Language = "zh", mode: Mode = "light") -> list[Chart]:
    return [
        charts.cumulative(BEHIND, BOARD, None, language, mode),
        charts.cumulative(BEHIND, BOARD, PLAN, language, mode),
        charts.cumulative(boards.STOCK, BOARD, None, language, mode),
        charts.by_month(BEHIND, BOARD, language, mode),
        charts.by_month(boards.AT_RISK, BOARD, language, mode),
        charts.by_month(replace(boards.RATIO, by_month=(0.8, 0.95)), BOARD, language, mode),
        charts.split(STATIONS, BEHIND, language, mode),
        charts.split([("甲", 3), ("乙", 1)], boards.STATIONS, language, mode),
        charts.split([], BEHIND, language, mode),
    ]


def trace(chart: Chart, name: str) -> dict[str, Any]:
    (found,) = [one for one in chart.figure["data"] if one["name"] == name]
    return dict(found)


@pytest.mark.parametrize(("language", "mode"), list(product(["zh", "en"], ["light", "dark"])))
def test_every_chart_is_plain_data_that_plotly_accepts(language: Language, mode: Mode) -> None:
    graph_objects = pytest.importorskip("plotly.graph_objects")
    for chart in drawn(language, mode):
        json.dumps(chart.figure)
        graph_objects.Figure(chart.figure)
        assert chart.title.zh and chart.title.en and chart.subtitle.zh and chart.subtitle.en


def test_titles_ask_a_question() -> None:
    for chart in drawn():
        assert "？" in chart.title.zh
        assert "?" in chart.title.en


def test_the_title_answers_with_what_is_missing() -> None:
    title = charts.cumulative(BEHIND, BOARD, None, "zh", "light").title
    assert title.zh == "期末能到 1,500 人吗？按现速到 1,256 人，差 244 人"
    assert title.en == "Will the target of 1,500 people be reached? Heading for 1,256, 244 short"
    achieved = charts.cumulative(boards.ACHIEVED, BOARD, None, "zh", "light").title
    assert achieved.zh == "达到 20 次了吗？已达成，现为 21 次"


def test_the_pace_line_slopes_from_nothing_to_the_target() -> None:
    due = trace(charts.cumulative(BEHIND, BOARD, None, "zh", "light"), "应到")
    assert (due["y"][0], due["y"][-1], due["x"][-1]) == (0, 1500, "2027-03-31")
    assert due["y"] == sorted(due["y"])
    assert len(set(due["y"])) == 13


def test_with_a_plan_the_pace_line_follows_the_plan() -> None:
    due = trace(charts.cumulative(BEHIND, BOARD, PLAN, "zh", "light"), "应到")
    assert due["y"] == pytest.approx([sum(PLAN[:month]) for month in range(13)])


def test_the_running_total_ends_today_at_the_actual_value() -> None:
    total = trace(charts.cumulative(BEHIND, BOARD, None, "zh", "light"), "累计")
    assert (total["x"][0], total["y"][0]) == ("2026-04-01", 0)
    assert (total["x"][-1], total["y"][-1]) == ("2026-11-22", 812)


def test_a_stock_is_drawn_by_its_values_not_by_their_sum() -> None:
    total = trace(charts.cumulative(boards.STOCK, BOARD, None, "zh", "light"), "累计")
    assert total["y"] == [0, 20_000, 30_000, 38_120]


def test_the_projection_is_dotted_from_today_and_today_is_dashed() -> None:
    chart = charts.cumulative(BEHIND, BOARD, None, "zh", "light")
    heading = trace(chart, "推算")
    assert heading["line"]["dash"] == "dot"
    assert heading["x"] == ["2026-11-22", "2027-03-31"]
    assert heading["y"] == pytest.approx([812, 812 * 365 / 236])
    (today,) = chart.figure["layout"]["shapes"]
    assert (today["x0"], today["line"]["dash"]) == ("2026-11-22", "dash")


@pytest.mark.parametrize("as_of", [date(2026, 3, 1), date(2027, 3, 31), date(2027, 5, 1)])
def test_outside_the_period_there_is_nothing_to_project(as_of: date) -> None:
    figure = boards.counted("01.1", 0 if as_of < boards.PERIOD.start else 90, 100, as_of, by_month=())
    chart = charts.cumulative(figure, boards.board(figure, as_of=as_of), None, "zh", "light")
    assert [one["name"] for one in chart.figure["data"]] == ["应到", "累计"]
    assert chart.figure["layout"]["shapes"] == []


def test_months_that_reached_what_they_need_stand_out() -> None:
    chart = charts.by_month(BEHIND, BOARD, "zh", "light")
    colours = chart.figure["data"][0]["marker"]["color"]
    assert [colour == charts.PALETTES["light"].main for colour in colours] == [False] * 5 + [True] + [False] * 2
    assert chart.title.zh == "哪几个月够数？8 个月里有 1 个月达到每月 125 人"
    assert chart.subtitle.zh.endswith("11月截至 2026-11-22")


def test_where_less_than_one_a_month_is_due_no_month_is_called_too_little() -> None:
    chart = charts.by_month(boards.AT_RISK, BOARD, "zh", "light")
    assert chart.title.zh.startswith("哪几个月有记录？")
    assert len(chart.figure["data"]) == 1


def test_what_stands_is_shown_as_it_was_at_each_months_end() -> None:
    staff = replace(boards.AT_RISK, target=3, actual=4, is_stock=True, by_month=(4.0, 2.0, 4.0))
    chart = charts.by_month(staff, BOARD, "zh", "light", standing=True)
    bars, line = chart.figure["data"]
    assert (bars["y"][:3], set(line["y"])) == ([4.0, 2.0, 4.0], {3.0})
    assert chart.title.zh.startswith("每个月末都够吗？3 个月里有 2 个月达到 3")
    groups = charts.by_month(replace(staff, kind="several", target=None), BOARD, "en", "dark", standing=True)
    assert groups.title.en.startswith("How many were there each month? 4") and len(groups.figure["data"]) == 1


def test_a_stock_shows_what_each_month_changed() -> None:
    assert monthly_values(boards.STOCK) == [20_000, 10_000, 8_120]
    assert monthly_values(replace(boards.STOCK, carried=(18_000, 0, 0))) == [2_000, 10_000, 8_120]


def test_a_split_is_ranked_and_says_where_most_comes_from() -> None:
    chart = charts.split(STATIONS, BEHIND, "zh", "light")
    bars = chart.figure["data"][0]
    assert bars["customdata"] == ["门诊", "住院部", "儿科", "线上", "急诊"]
    assert chart.title.zh == "集中在哪里？前三个服务点占 78%"
    assert bars["text"][0] == "268 · 33%"


def test_the_longest_bar_leaves_room_for_its_number_outside() -> None:
    layout = charts.split(STATIONS, BEHIND, "zh", "light").figure["layout"]
    assert layout["xaxis"]["range"][1] == 1.5 * 268


def test_two_workers_of_one_name_keep_a_bar_each() -> None:
    chart = charts.split([("王芳", 3), ("王芳", 1)], BEHIND, "zh", "light", by=L("社工", "Worker"))
    assert charts.as_table(chart.figure) == [{"社工": "王芳", "人": 3.0}, {"社工": "王芳", "人": 1.0}]


def test_names_are_never_markup_in_a_chart() -> None:
    layout = charts.split([("<b>甲</b>&", 3)], BEHIND, "zh", "light").figure["layout"]
    assert layout["yaxis"]["ticktext"] == ["&lt;b&gt;甲&lt;/b&gt;&amp;"]


def test_per_unit_bars_stand_out_where_the_target_is_met_beside_its_line() -> None:
    rows = [(unit.name, unit.actual) for unit in boards.STATIONS.units]
    chart = charts.split(rows, boards.STATIONS, "zh", "dark")
    main, soft = charts.PALETTES["dark"].main, charts.PALETTES["dark"].soft
    assert chart.figure["data"][0]["marker"]["color"] == [main, main, main, soft]
    assert chart.figure["layout"]["shapes"][0]["x0"] == 3
    assert chart.title.zh == "谁还没有达到？4 个里 1 个未满 3 次"


def test_month_ticks_stay_upright_and_name_the_year_once() -> None:
    axis = charts.cumulative(BEHIND, BOARD, None, "zh", "light").figure["layout"]["xaxis"]
    assert axis["tickangle"] == 0
    assert axis["ticktext"] == ["4<br>2026年", "5", "6", "7", "8", "9", "10", "11", "12", "1<br>2027年", "2", "3"]


def test_the_month_grid_has_a_square_for_every_month() -> None:
    grid = charts.month_grid(boards.ONGOING, BOARD, "zh")
    assert [grid.html.count(f'<li class="{state}">') for state in ("yes", "no", "running", "open")] == [7, 1, 0, 4]
    assert grid.title.zh == "每个月都有记录吗？8 个月里有 7 个月，缺 8月"
    assert [row["状态"] for row in grid.rows][3:5] == ["有记录", "无记录"]
    assert "%" not in grid.html + grid.title.zh


def test_the_running_month_of_the_grid_is_open_not_missed() -> None:
    grid = charts.month_grid(boards.monthly("x", *[True] * 7), BOARD, "en")
    assert '<li class="running">Nov<span>still open</span></li>' in grid.html
    assert "none in" not in grid.title.en


def test_a_chart_can_be_read_as_a_table() -> None:
    rows = charts.as_table(charts.by_month(BEHIND, BOARD, "zh", "light").figure)
    assert len(rows) == 12
    assert rows[5] == {"月份": "2026-09", "人": 131.0, "每月须有": 125.0}
    assert rows[11] == {"月份": "2027-03", "人": None, "每月须有": 125.0}


def test_the_table_of_the_running_total_holds_every_line_of_a_day() -> None:
    rows = {row["日期"]: row for row in charts.as_table(charts.cumulative(BEHIND, BOARD, None, "zh", "light").figure)}
    assert rows["2026-11-22"] == {"日期": "2026-11-22", "应到": None, "推算": 812, "累计": 812}
    assert rows["2027-03-31"] == {"日期": "2027-03-31", "应到": 1500, "推算": 1255.85, "累计": None}


@pytest.mark.parametrize("mode", get_args(Mode))
def test_charts_take_only_the_colours_of_their_mode(mode: Mode) -> None:
    other = charts.PALETTES["dark" if mode == "light" else "light"]
    text = json.dumps([chart.figure for chart in drawn(mode=mode)])
    assert charts.PALETTES[mode].main in text
    assert not any(colour in text for colour in (other.main, other.ink, other.soft, other.grid))


def test_what_must_stand_on_every_day_is_due_in_full_from_the_first() -> None:
    chart = charts.cumulative(BEHIND, BOARD, None, "zh", "light", standing=True)
    assert set(trace(chart, "应到")["y"]) == {1500.0}


def test_many_parts_are_folded_into_one_and_still_add_up() -> None:
    bars = charts.split([(f"第{n}项", n) for n in range(1, 31)], BEHIND, "zh", "light").figure["data"][0]
    assert len(bars["x"]) == charts.MOST_BARS and bars["customdata"][-1] == "其余 19 项"
    assert sum(bars["x"]) == sum(range(1, 31))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_saved_picture_has_its_name_its_scale_and_a_ground(mode: Mode) -> None:
    chart, config = charts.by_month(BEHIND, BOARD, "zh", mode), charts.config("03.1-名-2026-11-22", "zh")
    assert chart.figure["layout"]["paper_bgcolor"] == charts.PALETTES[mode].ground
    assert config["modeBarButtons"] == [["toImage"]]
    assert config["toImageButtonOptions"] == {"format": "png", "filename": "03.1-名-2026-11-22", "scale": 2}
    assert "保存为图片" in config["locales"]["zh"]["dictionary"].values()
