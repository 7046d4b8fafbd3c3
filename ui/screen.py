"""The dashboard on the wall of a meeting room as pure HTML: first the whole, then each category, one slide at a time."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from models.words import L, Language
from reports.figure_words import days_left, gap_words, met_words, value_words
from reports.states import STATES, icon, state_of
from services.figures import Board, Figure
from ui.board import measure, share, worst_first
from ui.board_style import BOARD_CSS
from ui.screen_style import SCREEN_CSS as OWN_CSS
from ui.screen_style import SCREEN_JS

__all__ = ["SCREEN_CSS", "SCREEN_JS", "screen_html", "slides"]

SCREEN_CSS = BOARD_CSS + OWN_CSS
MOST_LINES, MOST_WORST, FEW_LINES = 6, 5, 3
KEYS = L("空格暂停　← → 翻页　Esc 退出", "Space pauses　← → turn　Esc leaves")
WORDS = {
    "paused": L("已暂停", "Paused"),
    "updated": L("更新于", "Updated"),
    "lost": L("连接中断，最后更新于", "Connection lost, last update"),
}


def screen_html(board: Board, language: Language) -> str:
    """Every slide in its turn, under one head and over one foot; the script shows one of them."""
    shown = slides(board, language)
    body = "".join(
        f'<section class="slide" data-slide="{place}" hidden>{html}</section>' for place, html in enumerate(shown)
    )
    words = " ".join(f'data-{name}="{escape(text(language))}"' for name, text in WORDS.items())
    return (
        f'<div class="board screen" lang="{"zh-CN" if language == "zh" else "en"}" {words}>{_head(board, language)}'
        f'<div class="deck">{body}</div><footer><i class="turn"><i></i></i><span class="place"></span>'
        f'<span class="keys">{KEYS(language)}</span><span class="stamp" role="status"></span>'
        f'<a class="leave" href="indicators">{L("退出大屏", "Leave")(language)}</a></footer></div>'
    )


def slides(board: Board, language: Language) -> list[str]:
    """The whole, then the categories in their order; a long category takes several slides."""
    found = [_whole(board, language)]
    for code, name in board.categories:
        figures = [figure for figure in board.figures if figure.category == code]
        for part, chunk in enumerate(_parts(figures)):
            note = met_words(figures)(language)
            place = f" · {part + 1} / {len(_parts(figures))}" if len(_parts(figures)) > 1 else ""
            title = (
                f'<h2><span class="no">{escape(code)}</span> {escape(name(language))} <small>{note}{place}</small></h2>'
            )
            found.append(title + _lines(chunk, board, language))
    return found


def _parts(figures: Sequence[Figure]) -> list[Sequence[Figure]]:
    """In slides of about the same length, none longer than MOST_LINES."""
    count = -(-len(figures) // MOST_LINES)
    size = -(-len(figures) // count) if count else 1
    return [figures[start : start + size] for start in range(0, len(figures), size)]


def _head(board: Board, language: Language) -> str:
    left = max(days_left(board), 0)
    day = L(f"<b>第 {board.day} 天</b> / {board.days} 天", f"<b>Day {board.day}</b> of {board.days}")
    remaining = L(f"还有 {left} 天", f"{left} days left")
    return (
        f'<header><h1 class="t">{escape(board.title)}</h1><span>{day(language)}</span>'
        f"<span>{remaining(language)}</span></header>"
        f'<div class="elapsed"><i style="width:{share(board.day, board.days)}"></i></div>'
    )


def _whole(board: Board, language: Language) -> str:
    """How many are in which state, and the worst lines."""
    count = Counter(state_of(figure) for figure in board.figures)
    tiles = "".join(
        f"<li>{icon(name)}<b>{count[name]}</b><span>{state.word(language)}</span></li>"
        for name, state in STATES.items()
        if count[name]
    )
    lagging = worst_first(board.figures)
    title = L("最急的", "Most urgent") if lagging else L("没有落后的指标", "Nothing is behind")
    more = len(lagging) - MOST_WORST
    note = L(f"落后共 {len(lagging)} 项", f"{len(lagging)} behind in all")(language) if more > 0 else ""
    lines = _lines(lagging[:MOST_WORST], board, language)
    return f'<ul class="tiles">{tiles}</ul><h2>{title(language)} <small>{note}</small></h2>{lines}'


def _lines(figures: Sequence[Figure], board: Board, language: Language) -> str:
    few = " few" if len(figures) <= FEW_LINES else ""
    return f'<ul class="bigs{few}">{"".join(_line(figure, board, language) for figure in figures)}</ul>'


def _line(figure: Figure, board: Board, language: Language) -> str:
    name = state_of(figure)
    actual, against = (escape(part(language)) for part in value_words(figure))
    gap = escape(gap_words(figure, board)[0](language))
    return (
        f'<li class="big s-{name}">{icon(name)}'
        f'<span class="name"><span class="code">{escape(figure.code)}</span> {escape(figure.name(language))}</span>'
        f'<span class="gap"><b>{STATES[name].word(language)}</b> {gap}</span>'
        f'<span class="measure">{measure(figure, board, language)}</span>'
        f'<span class="value"><b>{actual}</b> {against}</span></li>'
    )
