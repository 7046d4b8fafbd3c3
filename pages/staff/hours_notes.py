"""What a person who confirms hours must know of an entry, in words."""

from collections.abc import Sequence

from models.service import HoursSource, SignupState
from models.words import L
from services.serving_roster import Missed, Waiting
from ui.shell import t

SHORT, FORCED = L("在岗不足", "Too short"), L("系统代签退", "Closed by force")
OWN, CLAIMED = L("您录入的，由同事确认", "Entered by you: a colleague confirms"), L("本人补报", "Claimed")
HIGHER = L("由更高一级复核", "For a higher level")


def notes(row: Waiting) -> list[str]:
    """What a confirming person must know."""
    level = L(f"须{row.level}级复核", f"Review level {row.level}")
    told = (
        (row.is_short, SHORT),
        (row.is_forced, FORCED),
        (row.level > 0, level),
        (row.own, OWN),
        (row.too_high and not row.own, HIGHER),
        (row.source == HoursSource.CLAIM, CLAIMED),
    )
    return [t(words) for is_so, words in told if is_so] + absent(row.missed) + before(row.refused)


def absent(missed: Sequence[Missed]) -> list[str]:
    """What staff said of the volunteer's shifts of that day."""
    told = []
    for one in missed:
        off, why = one.state == SignupState.WITHDRAWN, one.note and L(f"（{one.note}）", f" ({one.note})")
        words = (
            L("被移出当天班次：", "Taken off a shift that day: ") if off else L("当天班次未到：", "No-show that day: ")
        )
        told.append(t(words) + one.title + (t(why) if why else ""))
    return told


def before(refused: str) -> list[str]:
    """Why an entry that waits was refused before."""
    return [t(L("曾被拒绝：", "Refused before: ")) + refused] if refused else []
