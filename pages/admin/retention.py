"""Retention: how long personal data are kept, what would be made anonymous today, and the button that does it for good."""

import streamlit as st

from models import RECORDS
from models.words import L
from pages.admin import retention_forms
from services import retention
from services.access import Actor
from services.retention import Class, Plan
from ui.shell import escaped, header, link, t
from ui.tables import grid_html


def page(actor: Actor) -> None:
    header(
        t(L("留存与匿名化", "Retention")),
        L(
            "保存期满的个人信息匿名化，统计数字不变；不可恢复。",
            "Personal data past their period become anonymous, figures stay; it cannot be undone.",
        ),
    )
    found = retention.plan(actor)
    one, two, three, four = st.columns(4)
    one.metric(t(L("到期，可匿名化", "Past their period")), found.total, border=True)
    two.metric(t(L("在用或未到期", "In use or in their period")), found.kept, border=True)
    three.metric(t(L("暂缓（争议、检查）", "On hold")), found.held, border=True)
    four.metric(t(L("已匿名", "Anonymous already")), found.anonymous, border=True)
    st.html(_table(found))
    st.caption(
        t(
            L(
                "服务对象从最后一次服务起算，未成年人从满 18 岁起算。",
                "Clients: since their last service; minors: from 18 on.",
            )
        )
    )
    link(L("改保存年限", "Change the years"), "numbers", ":material/tune:", subject="retention")
    with st.container(border=True, width=760):
        retention_forms.run(actor, found)
    retention_forms.hold(actor)


def _table(found: Plan) -> str:
    names = (L("类别", "Class"), L("保存年限", "Years"), L("到期人数", "People due"), L("例", "Such as"))
    return grid_html(names, "".join(map(_row, found.classes)))


def _row(one: Class) -> str:
    links = t(L("、", ", ")).join(_link(*role) for role in one.sample) or "—"
    label = escaped(t(one.kind.label))
    return f"<tr><th scope='row'>{label}</th><td>{one.years}</td><td>{one.people:,}</td><td>{links}</td></tr>"


def _link(record: str, key: int) -> str:
    words = f"{escaped(t(RECORDS[record].label))} #{key}"
    return f"<a href='/{record}?id={key}' target='_self'>{words}</a>" if RECORDS[record].menu else words
