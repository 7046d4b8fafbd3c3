"""What a line of the work list says of itself: under which heading it stands, and when it is due or why it matters."""

from collections.abc import Sequence
from datetime import date, datetime

from models.words import L
from reports.figure_words import gap_words
from reports.states import STATES, state_of
from services import clock
from services.today import Item
from ui.words import due_words

NONE = L("", "")
GROUPS = (
    L("已逾期", "Overdue"),
    L("今天", "Today"),
    L("本周", "This week"),
    L("以后", "Later"),
    L("不限日期", "No date"),
)


def group(item: Item, today: date) -> L:
    """Overdue, due today, by Sunday, later, or without a day of its own."""
    if item.overdue:
        return GROUPS[0]
    if item.due is None:
        return GROUPS[4]
    left = (item.due - today).days
    return GROUPS[1 if left <= 0 else 2 if left <= 6 - today.weekday() else 3]


def about(item: Item, today: date) -> L:
    """The second line."""
    if item.due is None:
        why: L = item.detail.get("why", NONE)
        return _gap(item) if item.kind == "behind" else why
    if item.kind == "approvals":
        return L(f"最早提交于 {item.due}", f"The first came on {item.due}")
    due = due_words(item.due, (item.due - today).days)
    if figure := item.detail.get("figure"):
        return L(f"{figure.code} {figure.name.zh} · {due.zh}", f"{figure.code} {figure.name.en} · {due.en}")
    if at := _at(item):
        due = L(f"{at}，{due.zh}", f"{at}, {due.en}")
    owner = f" · {item.detail['owner']}" if item.detail.get("owner") else ""
    return L(f"{due.zh}{owner}", f"{due.en}{owner}")


def _at(item: Item) -> str:
    """The time of what begins on the day that it is due."""
    given = item.detail.get("given")
    at = clock.local(given) if isinstance(given, datetime) else None
    return f"{at:%H:%M}" if at and at.date() == item.due else ""


def waited_words(since: date | None, today: date) -> L:
    """How long the oldest of a kind has waited, in days; what lies ahead is not late yet."""
    if since is None:
        return NONE
    days = (today - since).days
    if days <= 0:
        return L("今天起", "since today")
    return L(f"最早的一件已等 {days} 天", f"the oldest has waited {days} day{'s' if days > 1 else ''}")


def fold_words(label: L, rows: Sequence[Item], *, are_rest: bool) -> L:
    """How many of a kind are folded, and when the first of them is due."""
    due = rows[0].due
    zh, en = (f"另有 {len(rows)} 项", f"{len(rows)} more") if are_rest else (f"{len(rows)} 项", f"{len(rows)}")
    return L(
        f"{label.zh}：{zh}" + (f"，最早 {due}" if due else ""), f"{label.en}: {en}" + (f", first {due}" if due else "")
    )


def _gap(item: Item) -> L:
    """How an indicator stands, and what closes its gap."""
    figure = item.detail["figure"]
    state, gap = STATES[state_of(figure)].word, gap_words(figure, item.detail["board"])[0]
    return L(f"{state.zh} · {gap.zh}", f"{state.en} · {gap.en}")
