"""The call list: who of the rescue volunteers can be called now, those rested longest first, and the sheet to take along."""

from io import BytesIO
from uuid import uuid4

import streamlit as st

from models.people import Availability
from models.words import L
from services import clock, options, readiness, rescue
from services.access import Actor
from services.readiness import CallList, CallQuery, Ready
from ui.shell import counted, empty, field_key, field_value, go, header, language, number, param, set_params, t
from ui.tables import Columns, frame, picked, turn_page

FORM = "callout"
NOW, ANY = "now", "any"


def page(actor: Actor) -> None:
    about = L(
        "证书有效、同意被联系、此刻不在岗的人，休息最久的在前；点一行打开。",
        "Certificate valid, consent given, not on duty now; those rested longest first. Click a row to open it.",
    )
    place = header(t(readiness.TITLE), about)
    query = _controls(actor)
    found = readiness.call_list(actor, query)
    if actor.may("export", "volunteers") and found.rows:
        with place:
            _export(actor, query)
    busy = L(f"另有 {found.on_duty} 人正在岗", f"{found.on_duty} more are on duty") if found.on_duty else L("", "")
    if found.rows:
        st.markdown(f"**{counted(found.total)}** {t(L('人可调派', 'can be called'))}　:small[{t(busy)}]")
        _table(found.rows, f"callout.{query}")
        turn_page(found.total, readiness.PAGE, f"callout.page.{query.region}.{query.slot}")
    else:
        _nobody(query, busy)
    if found.unknown:
        _unknown(found, query)


def _table(rows: list[Ready], key: str) -> None:
    if row := picked(frame(rows, COLUMNS), rows, key, height=min(36 * len(rows) + 40, 920)):
        go("volunteer", id=row.who.id)


def _nobody(query: CallQuery, busy: L) -> None:
    """Nobody said that they have time then, or nobody is there at all."""
    told = L(f"放宽区域、时间或证书再试。{busy.zh}", f"Relax region, time or certificate. {busy.en}")
    if query.slot == Availability.NIGHT:
        place = empty(L("没有人登记夜间可服务", "Nobody said that they have time at night"), told, "bedtime")
    else:
        place = empty(L("没有登记这个时间可服务的人", "Nobody has time then"), told, "emergency")
    if query.slot and place.button(t(L("看不限时间的名单", "See the list for any time")), icon=":material/schedule:"):
        set_params(time=ANY)
        st.session_state.pop(f"{FORM}.time", None)
        st.rerun()


def _unknown(found: CallList, query: CallQuery) -> None:
    """Who never said when: apart, to be asked after the others."""
    more = t(L(f"，列出前 {len(found.unknown)} 人", f", the first {len(found.unknown)} of them"))
    head = t(L(f"没有登记可服务时间的 {found.unsaid} 人", f"{found.unsaid} who never said when they have time"))
    st.subheader(head + (more if found.unsaid > len(found.unknown) else ""), anchor=False)
    st.caption(
        t(L("此刻有没有空不知道，打电话先问。", "Whether they are free now is unknown: ask first when you call."))
    )
    _table(found.unknown, f"callout.unknown.{query}")


def _controls(actor: Actor) -> CallQuery:
    now = readiness.slot_of(actor, clock.now())
    slots = {
        NOW: L(f"现在（{now.label.zh}）", f"Now ({now.label.en.lower()})"),
        "weekday": L("工作日", "Weekdays"), "weekend": L("周末", "Weekend"),
        **{one.value: one.label for one in Availability}, ANY: L("不限", "Any time"),
    }  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        region = _pick("region", L("区域（居住或服务）", "Region (lives or serves)"), options.labels("regions"))
        slot = _pick("time", L("时间", "Time"), slots, NOW)
        kind = _pick("cert", L("有效证书", "Valid certificate"), {one.value: one.label for one in rescue.FIRST_AID})
    wanted = {NOW: now.value, ANY: ""}.get(slot, slot)
    return CallQuery(region, wanted, kind, max(number("page") - 1, 0))


def _pick(name: str, label: L, labels: dict[str, L], usual: str = "") -> str:
    codes = list(labels)
    asked = param(name) or usual
    chosen: str | None = st.selectbox(
        t(label), codes, index=codes.index(asked) if asked in codes else None, key=f"{FORM}.{name}", width=230,
        format_func=lambda code: t(labels[code]), placeholder=t(L("不限", "Any")),
    )  # fmt: skip
    set_params(**{name: "" if chosen == usual else chosen or ""})
    return chosen or usual


def _export(actor: Actor, query: CallQuery) -> None:
    with st.popover(t(L("导出", "Export")), icon=":material/download:"):
        if actor.may("personal", "volunteers"):
            st.text_input(
                t(L("需要完整手机号时填写用途", "For full phone numbers, give the purpose")),
                key=field_key(FORM, "purpose"), max_chars=200,
                help=t(L("不填则号码打码；用途记入日志", "Left empty, numbers are masked; the purpose is logged")),
            )  # fmt: skip
        name = f"{t(readiness.TITLE)}-{clock.local(clock.now()):%Y%m%d-%H%M}-{uuid4().hex[:4]}.xlsx"
        st.download_button(
            t(L("导出名单", "Export the list")), lambda: _sheet(actor, query), name, on_click="ignore",
            icon=":material/download:", type="primary",
        )  # fmt: skip


def _sheet(actor: Actor, query: CallQuery) -> bytes:
    made = BytesIO()
    purpose = field_value(FORM, "purpose", "") or ""
    readiness.export(actor, query, made, language=language(), purpose=purpose)
    return made.getvalue()


def _rest(row: Ready) -> str:
    if row.who.last_duty is None:
        return t(L("还没有出勤", "none yet"))
    return t(L(f"{row.who.last_duty}（休息 {row.rested} 天）", f"{row.who.last_duty} ({row.rested} days ago)"))


COLUMNS: Columns = {
    L("姓名", "Name"): lambda row: row.who.name,
    L("手机", "Phone"): lambda row: row.who.phone,
    L("上次出勤", "Last duty"): _rest,
    L("居住区域", "Region"): lambda row: row.who.region,
    L("服务区域", "Serves in"): lambda row: row.service_area,
    L("证书", "Certificate"): lambda row: t(row.who.certificate.label) if row.who.certificate else "",
    L("有效期至", "Valid until"): lambda row: row.who.expires_on.isoformat() if row.who.expires_on else "—",
    L("可服务时间", "Availability"): lambda row: "、".join(t(Availability(one).label) for one in row.who.availability),
}
