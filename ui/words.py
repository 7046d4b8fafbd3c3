"""Words that several screens share: weekdays, days left."""

from datetime import date, datetime
from decimal import Decimal

from models.words import L
from services import clock

WEEKDAYS = (
    L("星期一", "Mon"),
    L("星期二", "Tue"),
    L("星期三", "Wed"),
    L("星期四", "Thu"),
    L("星期五", "Fri"),
    L("星期六", "Sat"),
    L("星期日", "Sun"),
)


def weekday(day: date) -> L:
    return WEEKDAYS[day.weekday()]


def day_words(day: date) -> L:
    """2026-11-22 星期日"""
    name = weekday(day)
    return L(f"{day.isoformat()} {name.zh}", f"{day.isoformat()} {name.en}")


def left_words(days: int) -> L:
    """How long until a day, or how long it is over."""
    if days == 0:
        return L("今天", "today")
    if days > 0:
        return L(f"还有 {days} 天", f"in {days} days" if days > 1 else "tomorrow")
    return L(f"逾期 {-days} 天", f"{-days} days overdue" if days < -1 else "1 day overdue")


def came_words(came: int, total: int) -> L:
    return L(f"{came} / {total} 人到场", f"{came} of {total} came")


def span(starts: datetime, ends: datetime) -> L:
    """2026-11-22 星期日 14:00–17:30"""
    first, last = clock.local(starts), clock.local(ends)
    end = last.strftime("%H:%M" if first.date() == last.date() else "%Y-%m-%d %H:%M")
    name = weekday(first.date())
    return L(*(f"{first:%Y-%m-%d} {word} {first:%H:%M}–{end}" for word in name))


def due_words(day: date, days: int) -> L:
    """2026-11-22 星期日，还有 3 天"""
    when, left = day_words(day), left_words(days)
    return L(f"{when.zh}，{left.zh}", f"{when.en}, {left.en}")


def plural(label: L) -> L:
    """The label of many: Chinese has no plural, English adds its ending."""
    word = label.en
    if word.endswith("y") and word[-2] not in "aeiou":
        return L(label.zh, word[:-1] + "ies")
    return L(label.zh, word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s"))


def yuan(amount: Decimal) -> L:
    """¥12,500 in both languages; the fen only where there are any."""
    text = f"¥{abs(amount):,.2f}".removesuffix(".00")
    return L(*[f"−{text}" if amount < 0 else text] * 2)
