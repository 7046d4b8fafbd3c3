"""What the page of settings says of a number: its limits, what is wrong with it, where it comes from, who set it last."""

from models.words import L
from services import clock, numbers
from services.numbers import Number, Stand
from ui.messages import words_of
from ui.shell import field_value


def wrong(form: str, one: Number, code: str) -> L:
    """What is wrong with a number: against its limits, or against the one that it must exceed."""
    if code != "not_rising":
        words, limits = words_of(code), _limits(one)
        return L(words.zh + limits.zh, words.en + limits.en)
    below = numbers.NUMBERS[one.above]
    value = field_value(form, below.key, below.usual)
    return words_of("not_rising_above", below=below.label, value=f"{value:,}")


def _limits(one: Number) -> L:
    return L(f"（{one.low:,} 至 {one.high:,}）", f" ({one.low:,} to {one.high:,})")


def about(stand: Stand) -> L:
    """默认 10（0 至 240）；民政部令第 67 号第十一条；林社工 2026-11-20 改"""
    one, limits = stand.number, _limits(stand.number)
    last = L("", "")
    if stand.at:
        day = f"{clock.local(stand.at):%Y-%m-%d}"
        last = L(f"；{stand.by or '系统'} {day} 改", f"; set by {stand.by or 'the system'} on {day}")
    zh, en = f"默认 {one.usual:,}{limits.zh}", f"Usually {one.usual:,}{limits.en}"
    if one.source != numbers.USUAL:
        zh, en = f"{zh}；{one.source.zh}", f"{en}; {one.source.en}"
    return L(zh + last.zh, en + last.en)
