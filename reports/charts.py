"""The charts of an indicator as SVG, drawn once and used by the PDF, the Word file."""

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from models.periods import Period
from reports.content import Line
from reports.figure_words import number, percent, period_of
from reports.series import cumulated, month_states, pace_line
from reports.states import STATES, StateName
from services.figures import Board, Figure

FONT = "Noto Sans SC"
INK, MUTED, GRID, AXIS = "#17272A", "#5B6B6E", "#E3E9EA", "#AEBCBF"
MAIN, FILL, SOFT, PACE, PROJECTION = "#0B6E75", "#DCECED", "#B9D6D8", "#8A9A9D", "#B56A00"
COLOURS = {"green": "#2E7D4F", "blue": "#0B6E75", "orange": "#C77700", "red": "#C2362F", "gray": "#6B7B7E"}
WIDTH, HEIGHT = 520, 150
LEFT, RIGHT, TOP, BOTTOM = 44.0, 84.0, 14.0, 20.0
MOST_TICKS, MOST_UNITS = 40, 30


def chart(line: Line, board: Board) -> tuple[str, str]:
    """The indicator's chart and what it shows in words (for those who do not see it); two empty texts if it has none."""
    figure = line.figure
    if figure.status == "waiting":
        return "", ""
    match figure.kind:
        case "at_least" if figure.target:
            return cumulative(line, board), f"{figure.name.zh}：累计与应到进度曲线"
        case "ongoing":
            return month_grid(figure, board), f"{figure.name.zh}：逐月有无记录"
        case "deliver":
            return ticks(figure), f"{figure.name.zh}：交付与必备文件"
        case "per_unit" if 0 < len(figure.units) <= MOST_UNITS:
            return units(figure), f"{figure.name.zh}：各站点完成情况"
    return columns(line, board), f"{figure.name.zh}：逐月数量"


def state_icon(name: StateName) -> str:
    """The shape of a state in its colour."""
    colour = COLOURS[STATES[name].colour]
    shape = STATES[name].shape.replace("currentColor", colour).replace("var(--bg)", "#FFFFFF")
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" width="16" height="16">{shape}</svg>'


# -- at least: will the target be reached --------------------------------------------------


def cumulative(line: Line, board: Board) -> str:
    """The running total against what is due, as the screen draws it, with the projection dotted."""
    figure, due = line.figure, due_line(line, board)
    period, today = period_of(board), min(board.as_of, board.end)
    days, values = cumulated(figure, period, today)
    heading = figure.projection is not None and today < board.end
    highest = max(float(figure.target or 0), *(value for _, value in due), *values)
    top = max(highest, float(figure.projection or 0) if heading else 0.0, 1.0)
    frame = _Frame(period, top * 1.1)
    parts, pace = _ground(frame, period), _stroke([frame.at(day, value) for day, value in due], PACE, 1.2, "5 2.5")
    if days:
        ends = [period.start - timedelta(days=1), *map(date.fromisoformat, days[1:])]
        points = [frame.at(day, value) for day, value in zip(ends, values, strict=True)]
        parts.append(
            f'<path d="{_path([*points, (points[-1][0], frame.y(0)), (points[0][0], frame.y(0))])}Z" fill="{FILL}"/>'
        )
        if heading:
            end = frame.at(board.end, float(figure.projection or 0))
            parts.append(_stroke([points[-1], end], PROJECTION, 1.5, "1.5 3"))
        parts += [pace, _stroke(points, MAIN, 2.2), _dot(*points[-1], MAIN)]
    return _svg([*parts, *([] if days else [pace]), *_end_words(frame, figure, board, heading)])


class _Frame:
    """Where a day and a value lie in the drawing."""

    def __init__(self, period: Period, top: float) -> None:
        self.period, self.top = period, top

    def x(self, day: date) -> float:
        """The end of the day."""
        part = ((day - self.period.start).days + 1) / self.period.days
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(part, 0.0), 1.0)

    def y(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * max(value, 0.0) / self.top

    def at(self, day: date, value: float) -> tuple[float, float]:
        return self.x(day), self.y(value)


def _ground(frame: _Frame, period: Period) -> list[str]:
    """Lines of the scale with their numbers, the months below."""
    parts = []
    for value in nice(frame.top):
        y = frame.y(value)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID if value else AXIS}" stroke-width=".8"/>'
        )
        parts.append(_text(LEFT - 5, y + 3, number(value), "end"))
    step = -(-len(period.months) // 12)
    for first, last in period.months[::step]:
        left, right = frame.x(first - timedelta(days=1)), frame.x(last)
        parts.append(_text((left + right) / 2, HEIGHT - 7, f"{first.month}月"))
    return parts


def due_line(line: Line, board: Board) -> list[tuple[date, float]]:
    """What is due by which day; all of it on every day of what has to be there at any time."""
    drawn = pace_line(line.figure, period_of(board), line.figure.plan or None)
    return [(day, float(line.figure.target or 0)) for day, _ in drawn] if line.standing else drawn


def _end_words(frame: _Frame, figure: Figure, board: Board, heading: bool) -> list[str]:
    """At the right: target and projection, kept apart; at today's point the value."""
    x, target = WIDTH - RIGHT + 6, float(figure.target or 0)
    words = [(frame.y(target), f"目标 {number(target)}", MUTED)]
    if heading:
        end = float(figure.projection or 0)
        words.append((frame.y(end), f"推算 {number(round(end))}", PROJECTION))
    else:
        words.append((frame.y(float(figure.actual or 0)), f"实际 {number(figure.actual or 0)}", MAIN))
    words.sort()
    if words[1][0] - words[0][0] < 12:
        middle = (words[0][0] + words[1][0]) / 2
        words = [(middle - 6, *words[0][1:]), (middle + 6, *words[1][1:])]
    shown = [_text(x, y + 3, text, "start", colour) for y, text, colour in words]
    if heading and board.as_of >= board.start:
        y = frame.y(float(figure.actual or 0))
        shown.append(_text(frame.x(board.as_of) - 4, y - 7, f"{number(figure.actual or 0)}", "end", MAIN, bold=True))
    return shown


# -- months, ticks, units --------------------------------------------------


def columns(line: Line, board: Board) -> str:
    """What every month added, each with its number; of a ratio its share, with the line that it must reach."""
    figure, months = line.figure, line.months
    values = [None if month.added is None else float(month.added) for month in months]
    need = float(figure.target or 0) if figure.kind == "ratio" else 0.0
    frame = _Frame(period_of(board), max(*(value or 0.0 for value in values), need, 1e-9) * 1.2)
    right = WIDTH - LEFT - 8
    step = right / max(len(months), 1)
    parts = [f'<path d="M{LEFT} {HEIGHT - BOTTOM}H{LEFT + right}" stroke="{AXIS}" stroke-width=".8"/>']
    for place, (month, value) in enumerate(zip(months, values, strict=True)):
        middle = LEFT + (place + 0.5) * step
        parts.append(_text(middle, HEIGHT - 7, f"{month.first.month}月"))
        if value:
            y, wide = frame.y(value), min(step * 0.6, 26)
            colour = MAIN if value >= need else SOFT
            parts.append(_box(middle - wide / 2, y, wide, HEIGHT - BOTTOM - y, colour))
            parts.append(_text(middle, y - 4, percent(value) if figure.kind == "ratio" else number(value)))
    if need:
        parts.append(_stroke([(LEFT, frame.y(need)), (LEFT + right, frame.y(need))], PACE, 1.2, "5 2.5"))
        parts.append(_text(LEFT - 4, frame.y(need) + 3, percent(need), "end"))
    return _svg(parts)


GRID_WORDS = {"yes": "有记录", "no": "无记录", "running": "本月待记", "open": "未到"}


def month_grid(figure: Figure, board: Board) -> str:
    """A labelled square for every month: filled with a record, hatched without one, empty where it is to come."""
    cells, wide, high = month_states(figure, board), (WIDTH - 12) / 12, 44.0
    parts = []
    for place, (first, value, state) in enumerate(cells):
        x, y = 6 + place % 12 * wide, 4 + place // 12 * (high + 5)
        look = {"yes": (FILL, MAIN), "no": ("#FCEBD5", "#C77700")}.get(state, ("#FFFFFF", AXIS))
        parts.append(_box(x + 1.5, y, wide - 3, high, look[0], look[1], 4))
        parts.append(_text(x + wide / 2, y + 14, f"{first.month}月", colour=INK))
        words = f"{number(value)} 条" if state == "yes" and value else GRID_WORDS[state]
        parts.append(_text(x + wide / 2, y + 32, words, colour=look[1] if state == "no" else INK, bold=state != "open"))
    return _svg(parts, 8 + -(-len(cells) // 12) * (high + 5))


def ticks(figure: Figure) -> str:
    """A box for every deliverable, ticked where it was accepted, and for every document that it takes."""
    parts: list[str] = []
    parts += _tick_row("交付", int(figure.actual or 0), int(figure.target or 0), 4)
    if figure.denominator:
        parts += _tick_row("必备文件", int(figure.numerator or 0), int(figure.denominator), 32)
    return _svg(parts, 60 if figure.denominator else 32)


def _tick_row(word: str, done: int, total: int, y: float) -> list[str]:
    parts = [_text(6, y + 14, word, "start", INK)]
    shown = min(max(total, done), MOST_TICKS)
    size = min(18.0, (WIDTH - 150) / max(shown, 1) - 3)
    for place in range(shown):
        x, ticked = 64 + place * (size + 4), place < done
        parts.append(_box(x, y + 1, size, size, MAIN if ticked else "#FFFFFF", MAIN if ticked else AXIS, 3))
        if ticked:
            s = size / 18
            mark = [(x + 4 * s, y + 1 + 9.5 * s), (x + 7.5 * s, y + 1 + 13 * s), (x + 14 * s, y + 1 + 5.5 * s)]
            parts.append(_stroke(mark, "#FFFFFF", 2 * s))
    return [*parts, _text(64 + shown * (size + 4) + 6, y + 14, f"{done} / {total}", "start", INK, bold=True)]


def units(figure: Figure) -> str:
    """A bar for every station or worker, dark where it reached the target."""
    ranked = sorted(figure.units, key=lambda unit: -float(unit.actual))
    target = float(figure.target or (figure.months_elapsed or 1))
    top, high = max(target, *(float(unit.actual) for unit in ranked), 1e-9), 17.0
    room = WIDTH - 190
    parts = []
    for place, unit in enumerate(ranked):
        y, wide = 4 + place * high, room * float(unit.actual) / top
        parts.append(_text(134, y + 11, unit.name[:12], "end", INK))
        parts.append(_box(140, y + 2, wide, high - 6, MAIN if unit.met else SOFT))
        parts.append(_text(146 + wide, y + 11, number(unit.actual), "start"))
    x = 140 + room * target / top
    parts.append(_stroke([(x, 2), (x, 6 + len(ranked) * high)], PACE, 1.2, "5 2.5"))
    parts.append(_text(x, 18 + len(ranked) * high, f"须满 {number(target)}"))
    return _svg(parts, 24 + len(ranked) * high)


# -- strokes --------------------------------------------------


def nice(top: float) -> list[float]:
    """Round values from 0 to at most `top`, three to six of them."""
    rough = top / 4
    power = 10.0 ** len(str(int(rough))) / 10 if rough >= 1 else 0.1
    step = next((power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough), rough)
    step = max(step, 1.0) if top >= 2 else step
    return [step * place for place in range(int(top / step) + 1)]


def _svg(parts: Sequence[str], height: float = HEIGHT) -> str:
    size = f'width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FONT}">{"".join(parts)}</svg>'


def _text(
    x: float, y: float, text: str, anchor: str = "middle", colour: str = MUTED, *, bold: bool = False, size: float = 9
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" text-anchor="{anchor}"{weight}>'
        f"{escape(text)}</text>"
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _stroke(points: Sequence[tuple[float, float]], colour: str, width: float, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    look = f'fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linejoin="round" stroke-linecap="round"'
    return f'<path d="{_path(points)}" {look}{dashed}/>'


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}" stroke="#FFFFFF" stroke-width="1"/>'


def _box(x: float, y: float, w: float, h: float, fill: str, edge: str = "none", round_: float = 1.5) -> str:
    corner = f'rx="{round_:g}" fill="{fill}" stroke="{edge}" stroke-width=".9"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(w, 0):.1f}" height="{max(h, 0):.1f}" {corner}/>'
