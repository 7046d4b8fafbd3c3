"""今日: the numbers that matter to this role, then what to do now, oldest first, each with its button."""

from datetime import date

import streamlit as st

from models.words import L
from services import clock
from services import today as work
from services.access import Actor
from services.today import Item, Number
from ui.shell import empty, go, header, literal, param, t
from ui.words import day_words, due_words

SHOWN = 20

NUMBERS = {
    "approvals": L("待审核志愿者", "Volunteers to approve"),
    "next_steps": L("要做的下一步", "Next steps"),
    "to_close": L("待结束的培训", "Sessions to close"),
    "this_week": L("本周培训", "Sessions this week"),
    "agreements": L("60 天内到期协议", "Agreements ending in 60 days"),
    "certificates": L("90 天内到期证书", "Certificates ending in 90 days"),
}
ICONS = {
    "approvals": "how_to_reg",
    "next_steps": "event_upcoming",
    "to_close": "task_alt",
    "this_week": "school",
    "agreements": "contract",
    "certificates": "workspace_premium",
}
BUTTONS = {
    "approvals": L("去审核", "Review"),
    "next_steps": L("去完成", "Do it"),
    "to_close": L("去结束", "Close it"),
    "this_week": L("打开", "Open"),
    "agreements": L("去续签", "Renew"),
    "certificates": L("看名单", "See the list"),
}


def page(actor: Actor) -> None:
    today = clock.today()
    found = work.work(actor)
    header(t(L("今日", "Today")), day_words(today))
    if found.numbers:
        with st.grid(4, min_column_width=200):
            for number in found.numbers:
                _number(number, today)
    if not found.items:
        empty(
            L("今天没有待办", "Nothing waits today"),
            L("新的申请、到期和培训会出现在这里。", "Applications, endings and sessions appear here."),
            "task_alt",
        )
        return
    st.subheader(
        t(L(f"现在要做的 {len(found.items)} 件事，最早的在前", f"{len(found.items)} things to do, oldest first"))
    )
    shown = found.items if param("all") else found.items[:SHOWN]
    for place, item in enumerate(shown):
        _item(item, place, today)
    if len(shown) < len(found.items) and st.button(t(L(f"全部 {len(found.items)} 件", f"All {len(found.items)}"))):
        go("today", all=1)


def _number(number: Number, today: date) -> None:
    with st.container(border=True):
        st.metric(t(NUMBERS[number.kind]), f"{number.count:,}")
        first = t(L(f"最早 {number.first.isoformat()}", f"first {number.first.isoformat()}")) if number.first else " "
        if st.button(first, key=f"number.{number.kind}", type="tertiary", disabled=not number.count):
            go(number.page, **number.query)


def _item(item: Item, place: int, today: date) -> None:
    with st.container(horizontal=True, border=True, vertical_alignment="center", key=f"item-{place}"):
        colour = "red" if item.overdue else "gray"
        st.markdown(
            f":{colour}[:material/{ICONS[item.kind]}:]　**{literal(t(_title(item)))}**  \n:{colour}[{literal(t(_when(item, today)))}]",
            width="stretch",
        )
        kind = "primary" if place == 0 else "secondary"
        if st.button(t(BUTTONS[item.kind]), key=f"do.{place}", type=kind):  # type: ignore[arg-type]
            go(item.page, **item.query)


def _title(item: Item) -> L:
    count, detail = item.detail.get("count", 0), item.detail
    match item.kind:
        case "approvals":
            return L(f"审核 {count} 份志愿者申请", f"Review {count} volunteer applications")
        case "certificates":
            return L(f"{count} 张证书 90 天内到期", f"{count} certificates end within 90 days")
        case "next_steps":
            return L(f"{item.title}：{detail['step']}", f"{item.title}: {detail['step']}")
        case "agreements":
            return L(f"续签合作协议：{item.title}", f"Renew the agreement with {item.title}")
        case "to_close":
            return L(f"结束培训：{item.title}", f"Close the session {item.title}")
    return L(f"培训：{item.title}", f"Session: {item.title}")


def _when(item: Item, today: date) -> L:
    if item.kind == "approvals":
        return L(f"最早提交于 {item.due.isoformat()}", f"The first came on {item.due.isoformat()}")
    owner = f" · {item.detail['owner']}" if item.detail.get("owner") else ""
    due = due_words(item.due, (item.due - today).days)
    return L(f"{due.zh}{owner}", f"{due.en}{owner}")
