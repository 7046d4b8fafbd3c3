"""The counts of all groups in one table: type a number, Enter, the next; one save for the whole month."""

from datetime import date

import streamlit as st

from models.words import L
from pages.staff.snapshot_grid import grid
from services import clock, wechat
from services.access import Actor
from services.wechat import Count
from ui.shell import (
    empty,
    go,
    header,
    param,
    set_params,
    t,
)
from ui.shell import page as page_at


def page(actor: Actor) -> None:
    header(
        t(L("本月快照", "Monthly snapshots")),
        L("输入人数按 Enter 到下一群，也可从 Excel 粘贴一列；空着的不登记。",
          "Type a number, Enter for the next group; a column from Excel can be pasted. Empty ones are skipped."),
    )  # fmt: skip
    day, owner = _asked(actor)
    everybody = wechat.counts(actor, day)
    shown = _chosen(everybody, day, owner)
    _numbers(everybody, day)
    if not everybody:
        box = empty(
            L("还没有运营中的社群", "No group in operation"), L("先登记社群。", "Enter the groups first."), "groups_3"
        )
        if page_at("wechat_group") and box.button(t(L("去登记", "Enter one")), type="primary"):
            go("wechat_group", do="new")
    elif not shown:
        st.success(
            t(L("这些群本月都登记过了。", "Every one of these groups has its count.")), icon=":material/check_circle:"
        )
    else:
        grid(actor, day, shown)


def _asked(actor: Actor) -> tuple[date, str]:
    """The day of the count and whose groups, from the address and the fields above the table."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        today = clock.today()
        day = st.date_input(
            t(L("统计日期", "Counted on")), value=today, max_value=today, format="YYYY-MM-DD", width=170
        )
        owners = sorted({group.owner for group in wechat.counts(actor, day or today) if group.owner})
        index = owners.index(param("owner")) if param("owner") in owners else None
        owner = st.selectbox(t(L("群主", "Owner")), owners, index=index, placeholder=t(L("全部", "All")), width=170)
        set_params(owner=owner)
        st.toggle(t(L("只看本月还没登记的", "Only those without a count this month")), key="left")
    return day or today, owner or ""


def _chosen(groups: list[Count], day: date, owner: str) -> list[Count]:
    left = bool(st.session_state.get("left"))
    return [one for one in groups if (not owner or one.owner == owner) and not (left and one.counted_in(day))]


def _numbers(groups: list[Count], day: date) -> None:
    done, members = sum(one.counted_in(day) for one in groups), sum(one.members for one in groups)
    zh = f"本月已登记 **{done} / {len(groups)}** 个群，成员合计 **{members:,}** 人。"
    st.markdown(t(L(zh, f"**{done} of {len(groups)}** groups counted this month, **{members:,}** members in all.")))
