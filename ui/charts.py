"""The charts of one indicator as plain Plotly dictionaries; each title asks its question and answers it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise
from textwrap import wrap
from typing import Any, Literal

from models.periods import Period
from models.words import L, Language
from reports.figure_words import amount, days_left, missing_months, month_name, number, period_of, remaining, whole
from reports.series import cumulated, month_states, monthly_needs, monthly_values, pace_line
from services.figures import Board, Figure, Number
from services.pace import expected

Mode = Literal["light", "dark"]
SAYS = {
    "Download plot as a PNG": L("保存为图片", "Save as a picture"),
    "Preparing image - this may take a few seconds": L("正在生成图片", "Making the picture"),
    "Image download succeeded": L("图片已保存", "Picture saved"),
    "Sorry, there was a problem downloading your image!": L("图片没有存成", "The picture could not be saved"),
}
MOST_BARS = 12
BY_STATION = L("服务点", "Station")


@dataclass(frozen=True, slots=True)
class Palette:
    """The template's colours in one mode; soft: bars that did not reach, pace: what is due."""

    ink: str
    muted: str
    ground: str
    grid: str
    axis: str
    main: str
    fill: str
    soft: str
    pace: str
    projection: str


PALETTES: dict[Mode, Palette] = {
    "light": Palette("#17272A", "#5B6B6E", "#FFFFFF", "#E9EEEF", "#C9D4D6", "#0B6E75", "rgba(11,110,117,.08)",
                     "#B9D6D8", "#8A9A9D", "#B56A00"),
    "dark": Palette("#E4ECED", "#9DB0B3", "#101719", "#223035", "#3A4B50", "#4DB6C2", "rgba(77,182,194,.10)",
                    "#28545A", "#7F9195", "#E5A23B"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its words in both languages; the figure is drawn in one language and one mode."""

    title: L
    subtitle: L
    figure: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Grid:
    """A drawing in HTML (style: MONTH_GRID_CSS) with its words and the same content as rows of a table."""

    title: L
    subtitle: L
    html: str
    rows: list[dict[str, Any]]


def config(name: str, language: Language) -> dict[str, Any]:
    """What Plotly offers: one button, which saves the chart as a picture of that name, in the browser itself."""
    words = {"dictionary": {plotly: said(language) for plotly, said in SAYS.items()}, "format": {}}
    return {
        "displayModeBar": True,
        "displaylogo": False,
        "responsive": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
        "locale": language,
        "locales": {language: words},
    }


def cumulative(
    figure: Figure,
    board: Board,
    plan: Sequence[Number] | None,
    language: Language,
    mode: Mode,
    *,
    standing: bool = False,
) -> Chart:
    """Will the target be reached? The running total against the sloped pace line, with the projection dotted.

    standing: the whole target is due on every day, so its line is flat.
    """
    colours, period = PALETTES[mode], period_of(board)
    today = min(board.as_of, board.end)
    heading = figure.projection is not None and today < board.end
    traces = [
        _pace_trace(figure, period, plan, language, colours),
        *([_projection_trace(figure, today, board, language, colours)] if heading else []),
        *_actual_traces(figure, period, today, language, colours),
    ]
    if standing:
        traces[0]["y"] = [float(figure.target or 0)] * len(traces[0]["x"])
    layout = _layout(colours, label=L("日期", "Date")(language), right=66)
    layout["height"] = 360
    layout["xaxis"] |= _month_ticks(period, language) | {"range": [str(board.start), str(board.end)], "type": "date"}
    layout["yaxis"]["range"] = [0, 1.12 * max(float(value) for trace in traces for value in trace["y"]) or 1]
    layout["shapes"] = [_today_line(today, colours)] if board.start <= board.as_of < board.end else []
    target = float(sum(plan)) if plan else float(figure.target or 0)
    layout["annotations"] = _end_labels(figure, board, target, language, colours)
    return Chart(_cumulative_title(figure, board), _cumulative_subtitle(figure), {"data": traces, "layout": layout})


def by_month(
    figure: Figure,
    board: Board,
    language: Language,
    mode: Mode,
    plan: Sequence[Number] | None = None,
    *,
    standing: bool = False,
) -> Chart:
    """Which months were enough? A column for every month, dark where it reached what a month needs.

    standing: of what is told by a day alone, what there was at the end of each.
    """
    colours, months = PALETTES[mode], period_of(board).months
    values = [float(value) for value in figure.by_month] if standing else monthly_values(figure)
    needs = _needs(figure, period_of(board), plan, standing)
    names = [f"{first.year}-{first.month:02}" for first, _ in months]
    bars = _month_bars(figure, names, values, needs, language, colours)
    layout = _layout(colours, label=L("月份", "Month")(language)) | {"hovermode": "closest"}  # a click means a column
    layout["xaxis"] |= _month_ticks(period_of(board), language, names) | {"type": "category"}
    layout["yaxis"] |= _value_axis(values, needs, figure)
    data = [bars, *([_needs_trace(names, needs, language, colours)] if needs else [])]
    words = _standing_words if standing else _month_words
    return Chart(*words(figure, board, values, needs), {"data": data, "layout": layout})


def _month_bars(
    figure: Figure,
    names: Sequence[str],
    values: Sequence[float],
    needs: Sequence[float],
    language: Language,
    colours: Palette,
) -> dict[str, Any]:
    reached = [value >= need for value, need in zip(values, needs or values, strict=False)]
    return {
        "type": "bar",
        "name": figure.unit(language),
        "x": names,
        "y": [*values, *[None] * (len(names) - len(values))],
        "text": [_short(value, figure, language) if value else "" for value in values],
        "textposition": _label_places(values, needs),
        "textangle": 0,
        "constraintext": "none",
        "cliponaxis": False,
        "textfont": {"size": 10 if max([0.0, *values]) >= 1000 else 11, "color": colours.muted},
        "insidetextfont": {"color": colours.ink},
        "marker": {"color": [colours.main if hit else colours.soft for hit in reached]},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _needs(figure: Figure, period: Period, plan: Sequence[Number] | None, standing: bool) -> list[float]:
    """What each month needs: the whole target where it stands, else by amendments, plan or in equal parts."""
    if standing:
        return [float(figure.target)] * len(period.months) if figure.target else []
    bent = _amended_needs(figure, period) if figure.amendments and not plan else []
    return bent or monthly_needs(figure, len(period.months), plan)


def over_time(points: Sequence[tuple[date, int]], name: L, full: int | None, language: Language, mode: Mode) -> Chart:
    """How did a stock move? Its counts as a line, with what is full dashed where that is near."""
    colours = PALETTES[mode]
    line = _line_trace(name, [str(day) for day, _ in points], [n for _, n in points], language, colours.main, width=3)
    line |= {"mode": "lines+markers", "marker": {"size": 7, "color": colours.main}, "fill": "tozeroy",
             "fillcolor": colours.fill}  # fmt: skip
    layout = _layout(colours, label=L("日期", "Date")(language), right=24)
    layout["xaxis"] |= {"type": "date", "nticks": 5, "tickformat": "%Y-%m", "tickangle": 0}
    most = max([1, *(n for _, n in points)])
    if full and most > 0.6 * full:
        shape = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": full, "y1": full}
        layout["shapes"] = [shape | {"line": {"color": colours.pace, "width": 1.5, "dash": "dash"}}]
        most = max(most, full)
    layout["yaxis"]["range"] = [0, 1.12 * most]
    return Chart(*_over_time_words(points, full), {"data": [line], "layout": layout})


def _over_time_words(points: Sequence[tuple[date, int]], full: int | None) -> tuple[L, L]:
    note = L(f"虚线＝普通群上限 {full} 人", f"Dashed: a normal group holds {full}") if full else L("", "")
    if len(points) < 2:
        return L("人数怎样变化？要有两次快照才看得出", "How do the members move? Two snapshots are needed"), note
    (first, before), (_, now) = points[0], points[-1]
    by = f"{now - before:+,}"
    return L(
        f"人数怎样变化？自 {first} 起 {by}，现 {now:,} 人", f"How do the members move? {by} since {first}, now {now:,}"
    ), note


def split(
    rows: Sequence[tuple[str, Number]],
    figure: Figure,
    language: Language,
    mode: Mode,
    by: L = BY_STATION,
) -> Chart:
    """Where does it come from? A bar for every label, longest first; for a per_unit indicator dark where it is met."""
    colours = PALETTES[mode]
    per_unit = figure.kind == "per_unit" and figure.target is not None
    ranked = sorted(rows, key=lambda row: -float(row[1]))
    ranked = ranked if per_unit else _folded(ranked, language)
    total = sum(float(value) for _, value in rows)
    bars = {
        "type": "bar",
        "orientation": "h",
        "name": figure.unit(language),
        "y": list(range(len(ranked))),
        "customdata": [label for label, _ in ranked],
        "x": [float(value) for _, value in ranked],
        "text": [_bar_text(value, total, per_unit, language) for _, value in ranked],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "textfont": {"size": 12, "color": colours.muted},
        "marker": {"color": _split_colours(ranked, figure if per_unit else None, colours)},
        "hovertemplate": "%{x:,}<extra></extra>",
    }
    layout = _split_layout(ranked, colours, by(language))
    if per_unit:
        layout["shapes"] = [_target_line(float(figure.target or 0), colours)]
    return Chart(*_split_words(ranked, total, figure, by), {"data": [bars], "layout": layout})


def month_grid(figure: Figure, board: Board, language: Language) -> Grid:
    """Is every month covered? A labelled square for every month of an ongoing indicator."""
    missing = [month_name(first) for first in missing_months(figure, board)]
    elapsed, active = figure.months_elapsed or 0, figure.months_active or 0
    none = L("、".join(name.zh for name in missing), ", ".join(name.en for name in missing))
    answer = L(f"{elapsed} 个月里有 {active} 个月", f"In {active} of {elapsed} so far")
    if missing:
        answer = L(f"{answer.zh}，缺 {none.zh}", f"{answer.en}, none in {none.en}")
    cells = "".join(_grid_cell(*cell, language) for cell in month_states(figure, board))
    return Grid(
        L(f"每个月都有记录吗？{answer.zh}", f"Is there a record in every month? {answer.en}"),
        L("每月至少 1 条有效记录；缺的月份补录即可", "At least one valid record a month; a late entry fills the month"),
        f'<ul class="month-grid">{cells}</ul>',
        _grid_rows(figure, board, language),
    )


MONTH_GRID_CSS = """
.month-grid{list-style:none!important;margin:0!important;padding:0!important;display:grid;gap:8px;
  grid-template-columns:repeat(auto-fill,minmax(76px,1fr));font-variant-numeric:tabular-nums}
.stHtml ul.month-grid{margin-top:.6rem!important}
.month-grid li{margin:0;padding:8px 10px;border-radius:8px;font-size:12.5px;line-height:1.4;
  border:1px solid color-mix(in srgb,currentColor 16%,transparent)}
.month-grid b,.month-grid span{display:block;font-size:16px;line-height:24px;font-weight:650}
.month-grid span{font-size:13px;font-weight:500}
.month-grid .yes{background:color-mix(in srgb,#0B8A92 20%,transparent);border-color:transparent}
.month-grid .no{border-color:#C77700;
  background:repeating-linear-gradient(45deg,transparent 0 5px,color-mix(in srgb,#C77700 22%,transparent) 5px 7px)}
.month-grid .open{color:color-mix(in srgb,currentColor 62%,transparent)}
"""


def as_table(figure: dict[str, Any]) -> list[dict[str, Any]]:
    """The chart's numbers as rows: one for every bar of a split, else one for every day or month, a column per line."""
    key, traces = figure["layout"]["meta"]["label"], figure["data"]
    bars = traces[0]
    if "customdata" in bars:
        return [{key: label, bars["name"]: value} for label, value in zip(bars["customdata"], bars["x"], strict=True)]
    rows: dict[str, dict[str, Any]] = {}
    for trace in traces:
        for label, value in zip(trace["x"], trace["y"], strict=True):
            row = rows.setdefault(label, {key: label, **{other["name"]: None for other in traces}})
            row[trace["name"]] = None if value is None else round(value, 2)
    return [rows[label] for label in sorted(rows)]


def _amended_needs(figure: Figure, period: Period) -> list[float]:
    """What each month has to add while the line that an amendment bent runs through it."""
    if figure.kind != "at_least" or figure.target is None:
        return []
    lasts = [last for _, last in period.months]
    due = [expected(figure.target, period, day, None, figure.amendments) for day in lasts]
    return [later - before for before, later in pairwise([0.0, *due])]


def _layout(colours: Palette, label: str, right: int = 12) -> dict[str, Any]:
    ticks = {"tickfont": {"size": 12, "color": colours.muted}, "automargin": True, "fixedrange": True,
             "ticklabeloverflow": "allow"}  # fmt: skip
    return {
        "meta": {"label": label},
        "font": {
            "family": '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif', "size": 13, "color": colours.ink
        },
        "paper_bgcolor": colours.ground,
        "plot_bgcolor": colours.ground,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.muted, "activecolor": colours.ink},
        "margin": {"l": 22, "r": right, "t": 30, "b": 4},
        "height": 300,
        "showlegend": False,
        "hovermode": "x unified",
        "hoverlabel": {"bgcolor": colours.ground, "bordercolor": colours.axis, "font": {"color": colours.ink}},
        "dragmode": False,
        "bargap": 0.35,
        "barcornerradius": 3,
        "xaxis": {"showgrid": False, "zeroline": False, "showline": True, "linecolor": colours.axis, **ticks},
        "yaxis": {"gridcolor": colours.grid, "zeroline": False, "rangemode": "tozero", "nticks": 5,
                  "tickformat": ",~r", "separatethousands": True, **ticks},
    }  # fmt: skip


def _month_ticks(period: Period, language: Language, at: Sequence[str] | None = None) -> dict[str, Any]:
    """Upright ticks that fit 390 px: the bare month, its year below the first shown of each year.

    English names beside a value axis with end labels have room for every second month only.
    """
    firsts = [first for first, _ in period.months]
    step = -(-len(firsts) // 12) * (2 if language == "en" and at is None else 1)
    shown = range(0, len(firsts), step)
    text = [_tick(firsts[index], firsts[index - step] if index else None, language) for index in shown]
    places = at or [str(first) for first in firsts]
    return {"tickmode": "array", "tickvals": [places[index] for index in shown], "ticktext": text, "tickangle": 0}


def _tick(first: date, before: date | None, language: Language) -> str:
    name = str(first.month) if language == "zh" else month_name(first).en
    if before is not None and before.year == first.year:
        return name
    return f"{name}<br>{first.year}年" if language == "zh" else f"{name}<br>{first.year}"


def _pace_trace(
    figure: Figure, period: Period, plan: Sequence[Number] | None, language: Language, colours: Palette
) -> dict[str, Any]:
    """A corner at every month's end, and where an amendment turns the line."""
    line = pace_line(figure, period, plan)
    days, due = [_at(day, period) for day, _ in line], [value for _, value in line]
    return _line_trace(L("应到", "Due"), days, due, language, colours.pace, width=1.5)


def _projection_trace(
    figure: Figure, today: date, board: Board, language: Language, colours: Palette
) -> dict[str, Any]:
    values = [float(figure.actual or 0), float(figure.projection or 0)]
    days = [str(today), str(board.end)]
    trace = _line_trace(L("推算", "Projected"), days, values, language, colours.projection, width=2)
    trace["line"]["dash"] = "dot"
    return trace


def _actual_traces(
    figure: Figure, period: Period, today: date, language: Language, colours: Palette
) -> list[dict[str, Any]]:
    days, values = cumulated(figure, period, today)
    line = _line_trace(L("累计", "So far"), days, values, language, colours.main, width=3)
    line |= {"fill": "tozeroy", "fillcolor": colours.fill}
    if days:
        sizes = [0] * (len(days) - 1) + [9]
        line |= {"mode": "lines+markers", "marker": {"size": sizes, "color": colours.main, "opacity": 1}}
    return [line]


def _line_trace(
    name: L, days: Sequence[str], values: Sequence[float], language: Language, colour: str, width: float
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name(language),
        "x": list(days),
        "y": list(values),
        "line": {"color": colour, "width": width},
        "hovertemplate": "%{y:,.0f}",
    }


def _at(day: date, period: Period) -> str:
    return str(max(day, period.start))


def _today_line(today: date, colours: Palette) -> dict[str, Any]:
    line = {"color": colours.axis, "width": 1.5, "dash": "dash"}
    return {"type": "line", "x0": str(today), "x1": str(today), "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _target_line(target: float, colours: Palette) -> dict[str, Any]:
    line = {"color": colours.pace, "width": 1.5}
    return {"type": "line", "x0": target, "x1": target, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _end_labels(
    figure: Figure, board: Board, target: float, language: Language, colours: Palette
) -> list[dict[str, Any]]:
    """Direct labels instead of a legend: where the lines end, and where they stand today."""
    end = _Note(str(board.end), 1, language)
    if not board.start <= board.as_of < board.end or figure.projection is None:
        return [end.at(target, L("目标<br>", "Target<br>"), colours.muted, 0, target)]
    apart = 17 if abs(target - figure.projection) < 0.16 * max(target, figure.projection) else 0
    up = apart if target >= figure.projection else -apart
    return [
        end.at(target, L("目标<br>", "Target<br>"), colours.muted, up, target),
        end.at(figure.projection, L("推算<br>", "Projected<br>"), colours.projection, -up, round(figure.projection)),
        *_today_labels(figure, board, language, colours),
    ]


def _today_labels(figure: Figure, board: Board, language: Language, colours: Palette) -> list[dict[str, Any]]:
    """The higher of actual and due is written above it to the left, the lower one below it to the right."""
    actual, due, today = float(figure.actual or 0), figure.expected or 0.0, str(board.as_of)
    left = _Note(today, 1 if period_of(board).elapsed(board.as_of) < 0.3 else -1, language)
    right = _Note(today, 1, language)
    ahead = actual >= due
    return [
        (left if ahead else right).at(
            actual, L("今天 ", "Today "), colours.main, 14 if ahead else -14, figure.actual or 0, bold=True
        ),
        (right if ahead else left).at(due, L("应到 ", "Due "), colours.muted, -14 if ahead else 14, round(due)),
    ]


@dataclass(frozen=True, slots=True)
class _Note:
    """Writes labels beside one day: side 1 to its right, -1 to its left."""

    day: str
    side: int
    language: Language

    def at(self, height: float, word: L, colour: str, lift: int, value: Number, bold: bool = False) -> dict[str, Any]:
        text = f"{word(self.language)}{number(value, self.language)}"
        return {
            "x": self.day,
            "y": height,
            "text": f"<b>{text}</b>" if bold else text,
            "showarrow": False,
            "align": "left",
            "xanchor": "left" if self.side > 0 else "right",
            "xshift": 8 * self.side,
            "yshift": lift,
            "font": {"size": 12, "color": colour},
        }


def _needs_trace(names: Sequence[str], needs: Sequence[float], language: Language, colours: Palette) -> dict[str, Any]:
    trace = _line_trace(L("每月须有", "Needed"), names, needs, language, colours.pace, width=1.5)
    trace["line"]["shape"] = "hvh"
    return trace | {"hoverinfo": "skip", "hovertemplate": None}


def _label_places(values: Sequence[float], needs: Sequence[float]) -> list[str]:
    """Above the columns, but inside those whose number the line of what is needed would strike through."""
    height = 0.08 * (_room(values, needs)[1])
    struck = [need - height < value < need for value, need in zip(values, needs, strict=False)] or [False] * len(values)
    return ["inside" if hit else "outside" for hit in struck]


def _value_axis(values: Sequence[float], needs: Sequence[float], figure: Figure) -> dict[str, Any]:
    room = _room(values, needs)
    if figure.kind == "ratio":
        return {"range": room, "tickformat": ".0%"}
    return {"range": room, "dtick": 1, "nticks": 0} if room[1] - room[0] < 5 else {"range": room}


def _room(values: Sequence[float], needs: Sequence[float]) -> list[float]:
    """From zero (or below, where a stock shrank) to what leaves room for the numbers above the columns."""
    lowest, highest = min([0.0, *values]), max([0.0, *values, *needs])
    return [1.15 * lowest, 1.15 * highest or 1]


def _short(value: float, figure: Figure, language: Language) -> str:
    """A number that fits above a column on a phone."""
    if figure.kind == "ratio":
        return f"{100 * value:.0f}"
    if abs(value) >= 10_000:
        return f"{value / 10_000:.1f}万" if language == "zh" else f"{value / 1000:.0f}k"
    return f"{value:.0f}" if abs(value) >= 100 else number(value, language)


def _folded(ranked: list[tuple[str, Number]], language: Language) -> list[tuple[str, Number]]:
    """The longest bars, and one for all others together: the parts still add up."""
    shown, rest = ranked[: MOST_BARS - 1], ranked[MOST_BARS - 1 :]
    if len(rest) < 2:
        return ranked
    total = sum(float(value) for _, value in rest)
    others = L(f"其余 {len(rest)} 项", f"{len(rest)} others")(language)
    return [*shown, (others, int(total) if total == int(total) else total)]


def _split_layout(ranked: Sequence[tuple[str, Number]], colours: Palette, label: str) -> dict[str, Any]:
    layout = _layout(colours, label)
    longest = max((float(value) for _, value in ranked), default=0.0)
    layout["xaxis"] |= {"range": [0, 1.5 * longest or 1], "visible": False}
    layout["yaxis"] = layout["xaxis"] | {
        "visible": True,
        "showline": False,
        "range": [len(ranked) - 0.5, -0.5],
        "tickvals": list(range(len(ranked))),
        "ticktext": [_wrapped(name) for name, _ in ranked],
        "tickfont": {"size": 12, "color": colours.ink},
    }
    return layout | {"height": 34 * max(len(ranked), 1) + 28, "hovermode": "closest"}


def _wrapped(name: str) -> str:
    """A label in at most two lines that leave room for the bars on a phone; nothing in it is markup."""
    lines = wrap(name, 18 if name.isascii() else 10, max_lines=2, placeholder="…")
    return "<br>".join(escape(line, quote=False) for line in lines)


def _bar_text(value: Number, total: float, per_unit: bool, language: Language) -> str:
    own = number(value, language)
    return own if per_unit or not total else f"{own} · {float(value) / total:.0%}"


def _split_colours(ranked: Sequence[tuple[str, Number]], per_unit: Figure | None, colours: Palette) -> list[str]:
    """Dark: the units that reached the target, or else the three that contribute most."""
    if per_unit:
        return [colours.main if value >= (per_unit.target or 0) else colours.soft for _, value in ranked]
    return [colours.main if place < 3 else colours.soft for place in range(len(ranked))]


def _cumulative_title(figure: Figure, board: Board) -> L:
    actual, target = figure.actual or 0, figure.target or 0
    goal, has = amount(target, figure.unit), amount(actual, figure.unit)
    if figure.status == "achieved":
        return L(f"达到 {goal.zh}了吗？已达成，现为 {has.zh}", f"Is the target of {goal.en} reached? Yes: {has.en}")
    if days_left(board) <= 0 or figure.projection is None:
        left = amount(remaining(figure), figure.unit)
        return L(f"达到 {goal.zh}了吗？还差 {left.zh}", f"Is the target of {goal.en} reached? {left.en} to go")
    end = round(figure.projection)
    reach, short = amount(end, figure.unit), amount(float(target) - end, figure.unit)
    if end >= target:
        return L(
            f"期末能到 {goal.zh}吗？能，按现速到 {reach.zh}",
            f"Will the target of {goal.en} be reached? Yes, heading for {whole(end)}",
        )
    return L(
        f"期末能到 {goal.zh}吗？按现速到 {reach.zh}，差 {short.zh}",
        f"Will the target of {goal.en} be reached? Heading for {whole(end)}, {whole(float(target) - end)} short",
    )


def _cumulative_subtitle(figure: Figure) -> L:
    line = L("每月末的数", "month-end value") if figure.is_stock else L("累计", "running total")
    return L(
        f"实线＝{line.zh}　细线＝应到的进度　点线＝按至今的速度推算",
        f"Thick: {line.en} · thin: what is due · dotted: at the present speed",
    )


def _month_words(figure: Figure, board: Board, values: Sequence[float], needs: Sequence[float]) -> tuple[L, L]:
    past = len(values)
    hits = sum(v >= need for v, need in zip(values, needs, strict=False)) if needs else sum(v > 0 for v in values)
    if not needs:
        return (
            L(f"哪几个月有记录？{past} 个月里有 {hits} 个月", f"Which months had records? {hits} of {past}"),
            _until(board, L("每月新增", "Added in each month")),
        )
    need = _need_words(figure, needs)
    return (
        L(
            f"哪几个月够数？{past} 个月里有 {hits} 个月达到{need.zh}",
            f"Which months were enough? {hits} of {past} reached {need.en}",
        ),
        _until(board, L(f"突出的是达到{need.zh}的月份", f"Highlighted: months that reached {need.en}")),
    )


def _standing_words(figure: Figure, board: Board, values: Sequence[float], needs: Sequence[float]) -> tuple[L, L]:
    note = _until(board, L("每月末的数", "At each month's end"))
    if not needs:
        now = amount(figure.actual or 0, figure.unit)
        return L(f"每个月末有多少？现有 {now.zh}", f"How many were there each month? {now.en} now"), note
    hits, need = sum(value >= needs[0] for value in values), amount(needs[0], figure.unit)
    return L(
        f"每个月末都够吗？{len(values)} 个月里有 {hits} 个月达到 {need.zh}",
        f"Were there enough each month? {hits} of {len(values)} had {need.en}",
    ), note


def _need_words(figure: Figure, needs: Sequence[float]) -> L:
    if figure.kind == "ratio":
        return L(f" {needs[0]:.0%}", f"{needs[0]:.0%}")
    if figure.amendments and not figure.plan:
        return L("当月应完成量", "what the month needed")
    if len(set(needs)) > 1:
        return L("当月计划", "the month's plan")
    each = amount(round(needs[0], 0 if needs[0] >= 10 else 1), figure.unit)
    return L(f"每月 {each.zh}", f"{each.en} a month")


def _until(board: Board, text: L) -> L:
    """Adds up to which day the running month counts, where one is running."""
    period = period_of(board)
    started = period.months_started(board.as_of)
    if started == period.months_completed(board.as_of):
        return text
    month = month_name(period.months[started - 1][0])
    return L(f"{text.zh}；{month.zh}截至 {board.as_of}", f"{text.en}; {month.en} up to {board.as_of}")


def _split_words(ranked: Sequence[tuple[str, Number]], total: float, figure: Figure, by: L) -> tuple[L, L]:
    note = L(f"按{by.zh}，合同期内", f"By {by.en.lower()}, within the period")
    if not total:
        return L("集中在哪里？还没有记录", "Where does it come from? No records yet"), note
    if figure.kind == "per_unit":
        short, goal = sum(value < (figure.target or 0) for _, value in ranked), amount(figure.target or 0, figure.unit)
        title = L(
            f"谁还没有达到？{len(ranked)} 个里 {short} 个未满 {goal.zh}",
            f"Who is short? {short} of {len(ranked)} below {goal.en}",
        )
        return title, L(f"突出的是已达到的；竖线＝{goal.zh}", f"Highlighted: reached; line: {goal.en}")
    top = ranked[:3] if len(ranked) > 3 else ranked[:1]
    part = f"{sum(float(value) for _, value in top) / total:.0%}"
    if len(top) == 3:
        return L(f"集中在哪里？前三个{by.zh}占 {part}", f"Where does it come from? The first three are {part}"), note
    return L(f"集中在哪里？{top[0][0]}占 {part}", f"Where does it come from? {top[0][0]}: {part}"), note


_CELL_WORDS = {
    "yes": L("有记录", "recorded"),
    "no": L("无记录", "none"),
    "running": L("本月待记", "still open"),
    "open": L("未到", "ahead"),
}


def _grid_cell(first: date, value: float, state: str, language: Language) -> str:
    word = f"<span>{_CELL_WORDS[state](language)}</span>"
    said = f"<b>{number(value, language)}</b>" if state == "yes" and value else word
    return f'<li class="{state}">{month_name(first)(language)}{said}</li>'


def _grid_rows(figure: Figure, board: Board, language: Language) -> list[dict[str, Any]]:
    month, state, count = L("月份", "Month"), L("状态", "State"), L("记录", "Records")
    return [
        {month(language): f"{first.year}-{first.month:02}", state(language): _CELL_WORDS[name](language),
         count(language): value}
        for first, value, name in month_states(figure, board)
    ]  # fmt: skip
