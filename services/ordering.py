"""The order in which people count: 第2组 before 第10组, 一号站 before 二号站 before 十号站."""

import re

COUNTED = re.compile(r"(\d+|[一二三四五六七八九十]+(?=[号组站队班期]))")
DIGITS = {sign: value for value, sign in enumerate("一二三四五六七八九", start=1)}


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sorting key: runs of digits by their value, before any letter; all else as it is written."""
    parts = COUNTED.split(name)  # every second part is a number
    return tuple((0, _value(part), "") if place % 2 else (1, 0, part) for place, part in enumerate(parts) if part)


def _value(part: str) -> int:
    """The number that digits say; of Chinese ones up to 九十九."""
    if part.isdecimal():
        return int(part)
    tens, ten, ones = part.rpartition("十")
    return (DIGITS.get(tens, 1) * 10 if ten else 0) + DIGITS.get(ones, 0)
