"""The rule of a series as fields, and its days as ticks with what is in their way."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from models.planning import Weekday
from models.words import L
from services import recurring
from services.recurring import Occasion, Rule
from ui.shell import field_key, field_value, literal, t
from ui.words import span


def rule(form: str, first: date) -> Rule:
    """The fields of the rule; a last day or a number ends it, whichever comes first."""
    st.pills(
        t(L("星期 *", "Weekdays *")), list(Weekday), default=[Weekday(str(first.weekday()))], selection_mode="multi",
        format_func=lambda day: t(day.label), key=field_key(form, "weekdays"),
    )  # fmt: skip
    with st.grid(3, min_column_width=160):
        st.number_input(t(L("每几周一次", "Every so many weeks")), 1, 52, 1, key=field_key(form, "every"))
        st.number_input(t(L("次数", "Times")), 1, recurring.MOST, 8, key=field_key(form, "times"))
        st.date_input(
            t(L("截止日期（含）", "Until (included)")), value=None, min_value=first, key=field_key(form, "until"),
            max_value=first + timedelta(days=5 * 366), format="YYYY-MM-DD",
        )  # fmt: skip
    st.checkbox(t(L("跳过法定节假日", "Skip public holidays")), value=True, key=field_key(form, "skip_holidays"))
    return read(form)


def read(form: str) -> Rule:
    every, times = field_value(form, "every", 1), field_value(form, "times")
    until, skip = field_value(form, "until"), field_value(form, "skip_holidays", True)
    return Rule(field_value(form, "weekdays") or [], every or 1, until, times, bool(skip))


def days(found: Sequence[Occasion], form: str) -> bool:
    """One tick for each day; what has something in its way is unticked until somebody wants it all the same."""
    held = [one for one in found if not one.is_holiday]
    if held:
        st.markdown(
            f"**{t(L(f'将排 {len(held)} 次，可去掉个别日期', f'{len(held)} sessions; untick what is not wanted'))}**"
        )
    taken = [_day(one, form) and bool(one.in_the_way) for one in found]  # every day is drawn
    return any(taken)


def _day(one: Occasion, form: str) -> bool:
    when = t(span(one.starts, one.ends))
    if one.is_holiday:
        st.caption(f"{when} · {t(L('节假日，跳过', 'public holiday, skipped'))}")
        return False
    way = t(L("、", ", ")).join(one.in_the_way)
    told = f" · :orange[:material/event_busy: {literal(way)} {t(L('有冲突', 'not free'))}]" if way else ""
    mark = "taken" if way else "free"
    return st.checkbox(literal(when) + told, value=not way, key=field_key(form, f"day.{one.day}.{mark}"))
