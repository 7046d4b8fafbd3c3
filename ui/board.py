"""The dashboard of a contract as pure HTML: worst first, then by category, each indicator one line that opens it."""

from collections import Counter
from collections.abc import Callable, Sequence
from html import escape
from urllib.parse import quote

from models.words import L, Language
from reports.figure_words import (
    days_left,
    gap_words,
    met_words,
    missing_months,
    original_words,
    period_of,
    sentence,
    value_words,
    waiting_words,
)
from reports.states import STATES, StateName, icon, state_of
from services.figures import Board, Figure
from ui.board_style import BOARD_CSS, BOARD_JS

__all__ = ["BOARD_CSS", "BOARD_JS", "board_html", "category_note", "indicator_link", "measure", "share", "worst_first"]

Link = Callable[[str], str]

ALWAYS_COUNTED: tuple[StateName, ...] = ("achieved", "on_pace", "behind", "at_risk")
MOST_TICKS = 12
MOST_CELLS = 40


def indicator_link(code: str) -> str:
    """The address of an indicator's page, relative to the dashboard's."""
    return f"indicator?code={quote(code)}"


def board_html(board: Board, language: Language, link: Link = indicator_link) -> str:
    """The whole dashboard under its title: time, counts, what lags, the categories, what waits for records."""
    lagging = worst_first(board.figures)
    waiting = [figure for figure in board.figures if figure.status == "waiting"]
    body = (
        [_lagging(lagging, board, language, link), *_categories(board, lagging, language, link)]
        if board.figures
        else [_quiet(L("这份合同还没有指标。", "This contract has no indicators yet."), language)]
    )
    return (
        f'<div class="board" lang="{"zh-CN" if language == "zh" else "en"}">{_time(board, language)}'
        f"{_counts(board.figures, language)}{''.join(body)}{_waiting(waiting, board, language, link)}</div>"
    )


def worst_first(figures: Sequence[Figure]) -> list[Figure]:
    """The figures at risk, then those behind; in each state the one with the least of what is due comes first."""
    order = {"at_risk": 0, "behind": 1}
    lagging = [figure for figure in figures if figure.status in order]
    return sorted(lagging, key=lambda figure: (order[figure.status], _done_of_due(figure), figure.code))


def _done_of_due(figure: Figure) -> float:
    match figure.kind:
        case "ongoing":
            return (figure.months_active or 0) / (figure.months_elapsed or 1)
        case "per_unit":
            return (figure.units_met or 0) / (figure.units_total or 1)
        case "at_least" if figure.expected:
            return float(figure.actual or 0) / figure.expected
    return figure.share or 0.0


def _time(board: Board, language: Language) -> str:
    left = days_left(board)
    day = L(f"<b>第 {board.day} 天</b> / {board.days} 天", f"<b>Day {board.day}</b> of {board.days}")
    span = L(f"{board.start} 至 {board.end}", f"{board.start} to {board.end}")
    remaining = L(f"还有 {left} 天", f"{left} days left")
    if left < 0:
        remaining = L(f"已结束 {-left} 天", f"ended {-left} days ago")
    if board.as_of < board.start:
        days = (board.start - board.as_of).days
        remaining = L(f"{days} 天后开始", f"starts in {days} days")
    return (
        f'<div class="time"><span>{day(language)}</span><span class="mu">{span(language)}</span>'
        f'<span class="mu end">{remaining(language)}</span></div>'
        f'<div class="elapsed"><i style="width:{share(board.day, board.days)}"></i></div>'
    )


def _counts(figures: Sequence[Figure], language: Language) -> str:
    count = Counter(state_of(figure) for figure in figures)
    items = "".join(
        f"<li>{icon(name)}<b>{count[name]}</b> <span>{state.word(language)}</span></li>"
        for name, state in STATES.items()
        if name in ALWAYS_COUNTED or count[name]
    )
    key = L("竖线＝应到的进度", "Mark = what is due")(language)
    return f'<ul class="counts">{items}<li class="key"><i></i>{key}</li></ul>'


def _lagging(figures: Sequence[Figure], board: Board, language: Language, link: Link) -> str:
    title = L("落后于进度", "Behind the pace")
    if not figures:
        return _section("", title(language), "", _quiet(L("没有落后的指标。", "Nothing is behind."), language))
    note = L(f"{len(figures)} 项，最急的在前", f"{len(figures)}, most urgent first")(language)
    return _section("", title(language), note, _lines(figures, board, language, link))


def _categories(board: Board, above: Sequence[Figure], language: Language, link: Link) -> list[str]:
    shown_above = {figure.id for figure in above}
    sections = []
    for code, name in board.categories:
        figures = [figure for figure in board.figures if figure.category == code]
        here = [figure for figure in figures if figure.id not in shown_above and figure.status != "waiting"]
        if any(figure.status != "waiting" for figure in figures):
            lines = _lines(here, board, language, link) if here else ""
            sections.append(_section(code, name(language), category_note(figures)(language), lines))
    return sections


def category_note(figures: Sequence[Figure]) -> L:
    """Rows met of rows in total, never an average; and how many of them are to be looked for elsewhere on the board."""
    lag = sum(figure.status in ("behind", "at_risk") for figure in figures)
    wait = sum(figure.status == "waiting" for figure in figures)
    met = met_words(figures)
    parts = [met] if met.zh else []
    if lag:
        parts.append(L(f"{lag} 项落后，见上", f"{lag} behind, see above"))
    if wait:
        parts.append(L(f"{wait} 项等待记录，见下", f"{wait} waiting, see below"))
    return L(" · ".join(part.zh for part in parts), " · ".join(part.en for part in parts))


def _waiting(figures: Sequence[Figure], board: Board, language: Language, link: Link) -> str:
    if not figures:
        return ""
    title = L("等待记录类型上线", "Waiting for their records")
    note = L(f"{len(figures)} 项，尚无法计数，不算未完成", f"{len(figures)}, not countable yet, so not missed either")
    items = "".join(
        f'<li><a class="wait" {_anchor(figure, sentence(figure, board)(language), link)}>{icon("waiting")}'
        f'<span class="code">{escape(figure.code)}</span><span class="name">{escape(figure.name(language))}</span>'
        f'<span class="gap">{escape(waiting_words(figure)(language))}</span></a></li>'
        for figure in figures
    )
    return _section("", title(language), note(language), f'<ul class="lines waits">{items}</ul>')


def _section(code: str, title: str, note: str, content: str) -> str:
    number = f'<span class="no">{escape(code)}</span> ' if code else ""
    return f"<section><h2>{number}{escape(title)} <small>{escape(note)}</small></h2>{content}</section>"


def _quiet(text: L, language: Language) -> str:
    return f'<p class="quiet">{icon("achieved")}{escape(text(language))}</p>'


def _lines(figures: Sequence[Figure], board: Board, language: Language, link: Link) -> str:
    return f'<ul class="lines">{"".join(f"<li>{_line(f, board, language, link)}</li>" for f in figures)}</ul>'


def _line(figure: Figure, board: Board, language: Language, link: Link) -> str:
    name = state_of(figure)
    first, second = (escape(part(language)) for part in gap_words(figure, board))
    actual, against = (escape(part(language)) for part in value_words(figure))
    more = f'<span class="more"> · {second}</span>' if second else ""
    was = f"<small>{escape(original_words(figure)(language))}</small>" if figure.amendments else ""
    return (
        f'<a class="line s-{name}" {_anchor(figure, sentence(figure, board)(language), link)}>{icon(name)}'
        f'<span class="code">{escape(figure.code)}</span><span class="name">{escape(figure.name(language))}</span>'
        f'<span class="gap"><b>{STATES[name].word(language)}</b> {first}{more}</span>'
        f'<span class="measure">{measure(figure, board, language)}</span>'
        f'<span class="value"><b>{actual}</b> {against}{was}</span>{_sparkline(figure, board)}</a>'
    )


def _anchor(figure: Figure, label: str, link: Link) -> str:
    code, address = escape(figure.code), escape(link(figure.code))
    return f'href="{address}" data-code="{code}" aria-label="{escape(label)}"'


def _bullet(figure: Figure, board: Board, language: Language) -> str:
    """A bar to the target; over it the scale grows and the target becomes a notch."""
    actual, target, due = (float(value or 0) for value in (figure.actual, figure.target, figure.expected))
    scale = max(actual, target, due)
    end = f'<i class="{"notch" if target < scale else "goal"}" style="left:{share(target, scale)}"></i>'
    mark = f'<i class="pace" style="left:{share(due, scale)}"></i>' if figure.expected else ""
    return f'<span class="bullet"><i class="bar" style="width:{share(actual, scale)}"></i>{end}{mark}</span>'


def _ratio_bar(figure: Figure, board: Board, language: Language) -> str:
    """A bar of 0 to 100 % with a notch where the requirement lies."""
    reached = float(figure.numerator or 0) / float(figure.denominator or 1)
    mark = f'<i class="pace" style="left:{share(float(figure.target or 0), 1)}"></i>'
    return f'<span class="bullet"><i class="bar" style="width:{share(reached, 1)}"></i>{mark}</span>'


def _count_only(figure: Figure, board: Board, language: Language) -> str:
    return f'<span class="plain">{L("不设目标", "No target set")(language)}</span>'


def _months(figure: Figure, board: Board, language: Language) -> str:
    """One square for every month: with a record, missed, or to come."""
    period = period_of(board)
    missing = set(missing_months(figure, board))
    filled = dict(zip((first for first, _ in period.months), figure.months_filled, strict=False))
    names = ("no" if first in missing else "yes" if filled.get(first) else "open" for first, _ in period.months)
    cells = "".join(f'<i class="{name}"></i>' for name in names)
    return f'<span class="cells">{cells}</span>'


def _ticks(figure: Figure, board: Board, language: Language) -> str:
    """One box for every required document, or for every deliverable where no documents are required."""
    done, total = (figure.numerator, figure.denominator) if figure.denominator else (figure.actual, figure.target)
    if float(total or 0) > MOST_TICKS:
        return _plain_bar(float(done or 0), float(total or 0))
    boxes = (_TICKED if index < int(done or 0) else "<i></i>" for index in range(int(total or 0)))
    return f'<span class="ticks">{"".join(boxes)}</span>'


def _plain_bar(part: float, whole: float) -> str:
    return f'<span class="bullet"><i class="bar" style="width:{share(part, whole)}"></i></span>'


def _units(figure: Figure, board: Board, language: Language) -> str:
    """One cell for every station or worker, filled as far as it has come."""
    total = figure.units_total or 0
    if not 0 < len(figure.units) <= MOST_CELLS:
        return _plain_bar(figure.units_met or 0, total)
    target = float(figure.target or 0)
    cells = "".join(
        f'<i class="unit{" met" if unit.met else ""}"><i style="width:{share(float(unit.actual), target)}"></i></i>'
        for unit in figure.units
    )
    return f'<span class="cells{" dense" if len(figure.units) > 15 else ""}">{cells}</span>'


_TICKED = '<i class="yes"><svg viewBox="0 0 16 16"><path d="M4 8.3l2.7 2.7 5.3-5.9"/></svg></i>'
_MEASURES: dict[str, Callable[[Figure, Board, Language], str]] = {
    "at_least": _bullet,
    "several": _count_only,
    "ongoing": _months,
    "deliver": _ticks,
    "ratio": _ratio_bar,
    "per_unit": _units,
}


def measure(figure: Figure, board: Board, language: Language) -> str:
    """The drawing of a figure by its kind: a bar, squares, ticks, cells."""
    return _MEASURES[figure.kind](figure, board, language)


def _sparkline(figure: Figure, board: Board) -> str:
    """The months as grey columns, the running one paler; a stock as a line."""
    months = len(period_of(board).months)
    if not figure.by_month:
        return '<span class="spark"></span>'
    draw = _spark_line if figure.is_stock else _spark_columns
    running = period_of(board).months_completed(board.as_of)
    return f'<svg class="spark" viewBox="0 0 96 24" aria-hidden="true">{draw(figure.by_month, months, running)}</svg>'


def _spark_columns(values: Sequence[float], months: int, running: int) -> str:
    step, top = 96 / months, max(max(values), 1e-9)
    columns = (
        f'<rect{" class=run" if month >= running else ""} x="{month * step + 1:.1f}" width="{max(step - 3, 1):.1f}"'
        f' y="{23 - 21 * value / top:.1f}" height="{21 * value / top:.1f}"/>'
        for month, value in enumerate(map(float, values))
        if value > 0
    )
    return f'{"".join(columns)}<path class="ground" d="M0 23.5H96"/>'


def _spark_line(values: Sequence[float], months: int, running: int) -> str:
    step, top = 96 / months, max(max(values), 1e-9)
    points = [(f"{(month + 0.5) * step:.1f}", f"{22 - 18 * float(v) / top:.1f}") for month, v in enumerate(values)]
    line = " L".join(f"{x} {y}" for x, y in points)
    (first, _), (last, height) = points[0], points[-1]
    return (
        f'<path class="area" d="M{first} 23.5 L{line} L{last} 23.5z"/><path class="trace" d="M{line}"/>'
        f'<circle cx="{last}" cy="{height}" r="1.8"/><path class="ground" d="M0 23.5H96"/>'
    )


def share(part: float, whole: float) -> str:
    """A part of a whole as a CSS percentage, held between 0 and 100."""
    return f"{min(max(part / whole, 0), 1) * 100:.2f}%" if whole else "0%"
