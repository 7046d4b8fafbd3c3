"""The call list: who of the rescue volunteers can be called now, in the order of calling."""

import streamlit as st

from models.people import Availability
from models.words import L
from pages.staff.callout_export import export
from pages.staff.callout_going import going
from pages.staff.callout_numbers import ask, shown
from pages.staff.callout_rows import LASTING, columns, order_words, regions
from services import clock, readiness, rescue
from services.access import Actor
from services.readiness import CallList, CallOrder, CallQuery, Ready
from ui.shell import counted, empty, go, header, number, param, set_params, t
from ui.tables import frame, height, picked, turn_page

FORM = "callout"
NOW, ANY = "now", "any"


def page(actor: Actor) -> None:
    about = L(
        "证书有效、同意被联系、此刻不在岗的人；点一行打开。",
        "Certificate valid, consent given, not on duty now. Click a row to open it.",
    )
    place = header(t(readiness.TITLE), about)
    query = _controls(actor)
    found = readiness.call_list(actor, query)
    if actor.may("export", "volunteers") and found.rows:
        with place:
            export(actor, query)
    busy = L(f"另有 {found.on_duty} 人正在岗", f"{found.on_duty} more are on duty") if found.on_duty else L("", "")
    if found.rows:
        st.markdown(f"**{counted(found.total)}** {t(L('人可调派', 'can be called'))}　:small[{t(busy)}]")
        st.caption(t(order_words(query)) + (t(LASTING) if query.kind else ""))
        ask(actor, found.rows, found.unknown)
        going(actor, shown(actor))
        _table(actor, found.rows, f"callout.{query}")
        turn_page(found.total, readiness.PAGE, f"callout.page.{query.region}.{query.slot}")
    else:
        _nobody(query, busy, own_only=actor.units is not None)
    if found.unknown:
        _unknown(actor, found, query)


def _table(actor: Actor, rows: list[Ready], key: str) -> None:
    cells = frame(rows, columns(shown(actor).phones))
    if row := picked(cells, rows, key, height=height(len(rows))):
        go("volunteer", id=row.who.id)


def _nobody(query: CallQuery, busy: L, *, own_only: bool) -> None:
    """Nobody said that they have time then, or nobody is there at all."""
    told = L(f"放宽区域、时间或证书再试。{busy.zh}", f"Relax region, time or certificate. {busy.en}")
    if own_only:
        told = L(f"您只看得到本站点的志愿者。{told.zh}", f"You see the volunteers of your own station only. {told.en}")
    if query.slot == Availability.NIGHT:
        place = empty(L("没有人登记夜间可服务", "Nobody said that they have time at night"), told, "bedtime")
    else:
        place = empty(L("没有登记这个时间可服务的人", "Nobody has time then"), told, "emergency")
    if query.slot:
        label = t(L("看不限时间的名单", "See the list for any time"))
        place.button(label, icon=":material/schedule:", on_click=_any_time)


def _any_time() -> None:
    st.session_state[f"{FORM}.time"] = ANY


def _unknown(actor: Actor, found: CallList, query: CallQuery) -> None:
    """Who never said when: apart, to be asked after the others."""
    more = t(L(f"，列出前 {len(found.unknown)} 人", f", the first {len(found.unknown)} of them"))
    head = t(L(f"没有登记可服务时间的 {found.unsaid} 人", f"{found.unsaid} who never said when they have time"))
    st.subheader(head + (more if found.unsaid > len(found.unknown) else ""), anchor=False)
    st.caption(
        t(L("此刻有没有空不知道，打电话先问。", "Whether they are free now is unknown: ask first when you call."))
    )
    if not found.rows:
        ask(actor, [], found.unknown)
        going(actor, shown(actor))
    _table(actor, found.unknown, f"callout.unknown.{query}")


def _controls(actor: Actor) -> CallQuery:
    now = readiness.slot_of(actor, clock.now())
    slots = {
        NOW: L(f"现在（{now.label.zh}）", f"Now ({now.label.en.lower()})"),
        "weekday": L("工作日", "Weekdays"), "weekend": L("周末", "Weekend"),
        **{one.value: one.label for one in Availability}, ANY: L("不限", "Any time"),
    }  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        region = _pick("region", L("区域（居住或服务）", "Region (lives or serves)"), regions())
        slot = _pick("time", L("时间", "Time"), slots, NOW)
        kind = _pick("cert", L("有效证书", "Valid certificate"), {one.value: one.label for one in rescue.FIRST_AID})
        order = _pick("order", L("次序", "Order"), {one.value: one.label for one in CallOrder}, CallOrder.USUAL)
    wanted = {NOW: now.value, ANY: ""}.get(slot, slot)
    return CallQuery(region, wanted, kind, max(number("page") - 1, 0), CallOrder(order))


def _pick(name: str, label: L, labels: dict[str, L], usual: str = "") -> str:
    codes = list(labels)
    asked = param(name) or usual
    chosen: str | None = st.selectbox(
        t(label), codes, index=codes.index(asked) if asked in codes else None, key=f"{FORM}.{name}", width=230,
        format_func=lambda code: t(labels[code]), placeholder=t(L("不限", "Any")),
    )  # fmt: skip
    set_params(**{name: "" if chosen == usual else chosen or ""})
    return chosen or usual
