"""How an indicator counts, set without code: which records, by which day, under which conditions, counted how."""

import streamlit as st

from models import RECORDS
from models.contract import Counting
from models.general import usable
from models.words import L
from pages.admin.rule_fields import conditions, one
from reports.figure_words import value_words
from services import counting_rules, store
from services.access import Actor
from services.counting_rules import Rule
from ui.shell import Outcome, button, errors_of, field_key, header, language, link, number, t

WAYS = {
    Counting.SUM: L("每条都计（人次、件数），或把数字相加", "Every record, or a number added up"),
    Counting.DISTINCT: L("去重，各计一次（人、家、个）", "Once each (people, organisations)"),
    Counting.LATEST: L("取每个的最新一条相加（存量）", "The newest of each, added up (a stock)"),
}


def page(actor: Actor) -> None:
    key = number("id")
    row = store.get(actor, RECORDS["indicator"], key)
    link(L("返回指标", "Back to the indicator"), "indicator", ":material/arrow_back:", id=key)
    header(
        t(L(f"怎样计数 · {row.title}", f"How it counts · {row.title}")),
        L("选好后右侧马上显示今天会计出多少；不用写代码。", "The number of today follows what you choose; no code."),
    )
    form, stored = f"rule.{key}", counting_rules.rule_of(actor, key)
    left, right = st.columns([6, 4], gap="large")
    with left:
        rule = _choose(form, stored, str(row.values["measure"]).split(".")[0])
    with right, st.container(border=True):
        _preview(actor, key, rule, form)


def _choose(form: str, stored: Rule | None, usual: str) -> Rule:
    names = [record.name for record in counting_rules.countable()]
    now = stored.record if stored else usual
    record = RECORDS[
        st.selectbox(
            t(L("统计哪种记录", "Which records")), names, index=names.index(now) if now in names else 0,
            format_func=lambda name: t(RECORDS[name].label), key=field_key(form, "record"),
        )
    ]  # fmt: skip
    kept = stored if stored and stored.record == record.name else None
    part = f"{form}.{record.name}"
    days, usual_day = usable(record, "date"), next(iter(record.days), "")
    day = one(L("按哪个日期归期", "Placed by which day"), days, part, "day", kept.day if kept else usual_day)
    where = conditions(counting_rules.conditions(record), part, kept.where if kept else {})
    way = st.radio(
        t(L("怎么计", "How")), list(WAYS), index=list(WAYS).index(kept.counting) if kept and kept.counting in WAYS else 0,
        format_func=lambda way: t(WAYS[way]), key=field_key(part, "way"),
    )  # fmt: skip
    who = n = ""
    if way != Counting.SUM:
        who = one(
            L("各计一次的是", "Once each"), counting_rules.once_each(record), part, "who", kept.who if kept else ""
        )
    if way != Counting.DISTINCT:
        n = one(
            L("相加的数字（不选则每条计一）", "The number (none: each record is one)"), counting_rules.numbers(record),
            part, "n", kept.n if kept else "", may_be_none=way == Counting.SUM,
        )  # fmt: skip
    return Rule(record.name, day, Counting(way), where, who, n)


def _preview(actor: Actor, key: int, rule: Rule, form: str) -> None:
    figure = counting_rules.preview(actor, key, rule)
    actual, against = value_words(figure)
    st.metric(t(L("今天会显示", "Today it would show")), f"{actual(language())} {against(language())}")
    st.markdown(t(counting_rules.describe(rule)))

    def act(used: str) -> Outcome:
        counting_rules.define(actor, key, rule, token=used)
        return Outcome(
            L("口径已保存，指标即时按它计数", "Saved; the indicator counts so from now on"), "indicator", {"id": key}
        )

    button(L("采用这个口径", "Use this rule"), act, form=form, kind="primary", icon=":material/check:")
    errors_of(form)
