"""Parts of an indicator's page as pure HTML: its numbers, its counting rule, what closes its gap, who did how much."""

from collections.abc import Sequence

from models import RECORDS
from models.words import L, Language
from reports.closing_words import counting_words
from reports.figure_words import amount, days_left, original_words, value_words
from services.figures import Board, Figure
from services.proofs import How
from ui.charts import MONTH_GRID_CSS, Grid
from ui.shell import escaped

FIGURE_CSS = """<style>
dl.num{display:flex;flex-wrap:wrap;gap:.7rem 2.2rem;margin:0!important;font-variant-numeric:tabular-nums}
dl.num dt,.how dt{font-size:.87rem;color:color-mix(in srgb,currentColor 76%,transparent)}
dl.num dd{margin:0;font-size:1.35rem;font-weight:650;line-height:1.35;white-space:nowrap}
dl.num dd small{font-size:.93rem;font-weight:400;color:color-mix(in srgb,currentColor 76%,transparent)}
dl.num.small{margin-top:.6rem!important} dl.num.small dd{font-size:1.07rem}
p.gap{margin:0;font-size:1.07rem;font-weight:600;overflow-wrap:anywhere}
.st-key-rule [data-testid='stPageLink'] *{white-space:normal;overflow:visible;text-overflow:clip}
.how+*{margin-top:.2rem}
p.gap span{font-weight:400;color:color-mix(in srgb,currentColor 76%,transparent)}
.how dl{margin:0} .how dt{margin-top:.55rem} .how dd{margin:0;line-height:1.5;overflow-wrap:anywhere}
table.who{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.93rem;margin-top:.4rem}
table.who th{font-weight:400;text-align:right;font-size:.87rem;padding:.3rem .25rem;line-height:1.3;vertical-align:bottom;
 color:color-mix(in srgb,currentColor 76%,transparent);border-bottom:1px solid color-mix(in srgb,currentColor 18%,transparent)}
table.who td{text-align:right;padding:.38rem .25rem;border-bottom:1px solid color-mix(in srgb,currentColor 8%,transparent)}
table.who th:first-child,table.who td:first-child{text-align:left;overflow-wrap:anywhere}
table.who td b{font-weight:600}
</style>"""


def gap(words: tuple[L, L], language: Language) -> str:
    """What closes the gap, in one line."""
    first, second = (escaped(part(language)) for part in words)
    return f"{FIGURE_CSS}<p class='gap'>{first}{f' <span>· {second}</span>' if second else ''}</p>"


def numbers(figure: Figure, board: Board, language: Language) -> str:
    """Actual and target, what is due today, where it is heading, the time left."""
    value, target = (escaped(part(language)) for part in value_words(figure))
    was = escaped(original_words(figure)(language)) if figure.amendments else ""
    found = [(L("实际 / 目标", "Actual / target"), f"{value} <small>{target}{was}</small>")]
    if figure.kind == "several":
        found = [(L("实际", "Actual"), f"{value} <small>{target}</small>")]
    if figure.expected is not None and figure.kind == "at_least":
        found.append((L("至此应到", "Due so far"), _amount(figure.expected, figure, language)))
    if figure.projection is not None:
        found.append((L("按现速期末", "At this speed"), _amount(figure.projection, figure, language)))
    if figure.kind == "deliver" and figure.denominator:
        files = f"{figure.numerator} <small>/ {figure.denominator}</small>"
        found.append((L("必备文件已发布", "Documents published"), files))
    if figure.kind == "ratio" and figure.denominator:
        both = f"{figure.numerator:,} <small>/ {escaped(amount(figure.denominator, figure.unit)(language))}</small>"
        found.append((L("做到 / 应做", "Done / due"), both))
    left = max(days_left(board), 0)
    found.append((L("剩余", "Left"), f"{left} <small>{L('天', 'days')(language)}</small>"))
    return (
        "<dl class='num'>"
        + "".join(f"<div><dt>{label(language)}</dt><dd>{n}</dd></div>" for label, n in found)
        + "</dl>"
    )


def _amount(value: float, figure: Figure, language: Language) -> str:
    decimals = 1 if value < 20 else 0
    whole = amount(round(value, decimals), figure.unit, decimals)(language)
    number, _, unit = whole.partition(" ")
    return f"{escaped(number)} <small>{escaped(unit)}</small>"


def rule(figure: Figure, how: How, language: Language) -> str:
    """How it counts: the rule, people or attendances, which date, the source's own wording."""
    told = [
        (L("计算口径", "The rule"), figure.rule(language) if figure.rule else ""),
        (L("计数方式", "What is counted"), counting_words(how.counting, figure)(language)),
        (L("按哪个日期", "By which date"), _dates(how, language)),
        (
            L("数据来自", "From the records"),
            L("、", ", ")(language).join(RECORDS[feed.record].label(language) for feed in how.feeds),
        ),
        (L("合同原文", "The contract says"), f"“{figure.wording}”" if figure.wording else ""),
    ]
    items = "".join(f"<dt>{label(language)}</dt><dd>{escaped(text)}</dd>" for label, text in told if text)
    return f"<div class='how'><h4>{L('怎么算的', 'How it counts')(language)}</h4><dl>{items}</dl></div>"


def _dates(how: How, language: Language) -> str:
    labels = [RECORDS[feed.record].field(feed.day).label(language) for feed in how.feeds if feed.day]
    return " / ".join(dict.fromkeys(labels))


def grid(drawn: Grid, language: Language) -> str:
    """The squares of an ongoing indicator under their question."""
    title, note = escaped(drawn.title(language)), escaped(drawn.subtitle(language))
    return f"<style>{MONTH_GRID_CSS}</style><h4>{title}</h4><p class='s'>{note}</p>{drawn.html}"


def table(heading: Sequence[L], rows: Sequence[Sequence[str]], language: Language) -> str:
    """A small table whose first column is words and whose others are numbers."""
    head = "".join(f"<th scope='col'>{escaped(label(language))}</th>" for label in heading)
    body = "".join("<tr>" + "".join(f"<td>{escaped(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table class='who'><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def facts_card(heading: L, title: L, pairs: Sequence[tuple[L, L]], language: Language) -> str:
    """A heading, the one answer, and the numbers it rests on: labels over their values, side by side."""
    items = "".join(
        f"<div><dt>{label(language)}</dt><dd>{escaped(value(language))}</dd></div>" for label, value in pairs
    )
    answer = f"<h4>{heading(language)}</h4><p class='gap'>{escaped(title(language))}</p>"
    return answer + (f"<dl class='num small'>{items}</dl>" if pairs else "")
