"""What is said of the months of a contract: their names, how they stand, what they came to (feature K8)."""

from models.words import L
from reports.figure_words import NONE, month_name
from reports.states import STATES
from services import clock
from services.closing import Change, Edition, Month


def month_title(month: Month) -> L:
    """A contract month is called after the month in which its first day lies."""
    name = month_name(month.first)
    return L(f"{month.first.year} 年 {name.zh}", f"{name.en} {month.first.year}")


STATE_WORDS: dict[str, L] = {
    "closed": L("已结账", "Closed"),
    "reopened": L("已重新打开", "Reopened"),
    "ready": L("可以结账", "Can be closed"),
    "waiting": L("等前面的月份结账", "After the months before it"),
    "running": L("进行中", "Running"),
    "ahead": L("未到", "Ahead"),
}


def month_words(month: Month) -> L:
    """Its days, and who closed or reopened it when."""
    days, newest = L(f"{month.first} 至 {month.last}", f"{month.first} to {month.last}"), month.newest
    if newest is None:
        return days
    by = edition_words(newest)
    if newest.reopened_at:
        day = clock.local(newest.reopened_at).date()
        by = L(f"{newest.reopened_by} {day} 重新打开", f"reopened by {newest.reopened_by} on {day}")
    return L(f"{days.zh} · {by.zh}", f"{days.en} · {by.en}")


def edition_words(edition: Edition) -> L:
    """Who closed it and when; the number of the edition from the second on."""
    day = clock.local(edition.closed_at).date()
    which = L(f"（第 {edition.number} 版）", f" (edition {edition.number})") if edition.number > 1 else NONE
    return L(f"{edition.closed_by} {day} 结账{which.zh}", f"closed by {edition.closed_by} on {day}{which.en}")


def counts_words(month: Month) -> L:
    """How many indicators stood how at its end, and how many adjustments wait for the next edition."""
    counts = month.newest.counts if month.newest else {}
    parts = [
        L(f"{STATES[name].word.zh} {counts[name]}", f"{counts[name]} {STATES[name].word.en.lower()}")
        for name in ("achieved", "on_pace", "behind", "at_risk")
        if counts.get(name)
    ]
    if month.state == "reopened":
        number = month.adjustments
        parts.append(L(f"调整 {number} 处", f"{number} adjustment{'' if number == 1 else 's'}"))
    return L(" · ".join(part.zh for part in parts), " · ".join(part.en for part in parts)) if parts else NONE


def days_words(change: Change) -> str:
    """The day on which a corrected record stands; from which to which where it moved."""
    return " → ".join(dict.fromkeys(str(day or "—") for day in (change.day_before, change.day_after)))
