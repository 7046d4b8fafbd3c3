"""The emergency-rescue register: who holds which certificate, until when, where and when they can be called."""

from typing import get_args

import streamlit as st

from models.people import Availability, VolunteerState
from models.words import L
from services import options, rescue, volunteers
from services.access import Actor
from services.rescue import HeldState, RescueQuery, Rescuer
from ui.shell import counted, empty, go, header, number, param, set_params, t
from ui.tables import Columns, frame, height, picked, turn_page

STATES = {
    "valid": L("● 有效", "● valid"),
    "expiring": L("▲ 即将到期", "▲ ends soon"),
    "expired": L("◆ 已过期", "◆ expired"),
    "none": L("○ 无证书", "○ none"),
}
TIMES = {"weekday": L("工作日", "Weekdays"), "weekend": L("周末", "Weekend")} | {a.value: a.label for a in Availability}


def page(actor: Actor) -> None:
    header(
        t(L("应急救护志愿者", "Emergency-rescue volunteers")),
        L("证书、区域与可服务时间；点一行打开。", "Certificates, regions, availability; click a row to open it."),
    )
    query = _controls()
    found = rescue.rescue_view(actor, query)
    if not found.rows:
        empty(
            L("没有符合条件的人", "Nobody matches"),
            L("放宽证书、区域或时间再试。", "Relax certificate, region or time."),
            "emergency",
        )
        return
    st.markdown(f"**{counted(found.total, found.more)}** {t(L('人', 'people'))}")
    if row := picked(frame(found.rows, COLUMNS), found.rows, f"rescue.{query}", height=height(len(found.rows))):
        go("volunteer", id=row.id)
    turn_page(found.total, volunteers.PAGE, f"rescue.page.{query.text}")


def _controls() -> RescueQuery:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            t(L("查找", "Find")), value=param("q"), key="rescue.q", icon=":material/search:", width=260
        )
        held = _pick("cert", L("证书", "Certificate"), {state: STATES[state] for state in get_args(HeldState)})
        region = _pick("region", L("居住区域", "Region"), options.labels("regions"))
        time = _pick("time", L("可服务时间", "Availability"), TIMES)
        states = (VolunteerState.ACTIVE, VolunteerState.PAUSED, VolunteerState.APPLIED)
        state = _pick("state", L("状态", "State"), {s.value: s.label for s in states}) or VolunteerState.ACTIVE
    set_params(q=text)
    return RescueQuery(text, held or None, region, time, VolunteerState(state), max(number("page") - 1, 0))  # type: ignore[arg-type]


def _pick(name: str, label: L, labels: dict[str, L]) -> str:
    codes = list(labels)
    index = codes.index(param(name)) if param(name) in codes else None
    chosen: str | None = st.selectbox(
        t(label), codes, index=index, key=f"rescue.{name}", format_func=lambda code: t(labels[code]),
        placeholder=t(L("不限", "Any")), width=170,
    )  # fmt: skip
    set_params(**{name: chosen})
    return chosen or ""


def _note(row: Rescuer) -> str:
    if row.certificate_state == "expiring" and row.days_left is not None:
        return t(L(f"▲ 还有 {row.days_left} 天", f"▲ {row.days_left} days left"))
    return t(STATES[row.certificate_state])


COLUMNS: Columns = {
    L("姓名", "Name"): lambda row: row.name,
    L("编号", "Number"): lambda row: row.number,
    L("手机", "Phone"): lambda row: row.phone,
    L("区域", "Region"): lambda row: row.region,
    L("证书", "Certificate"): lambda row: t(row.certificate.label) if row.certificate else "—",
    L("有效期至", "Valid until"): lambda row: row.expires_on.isoformat() if row.expires_on else "",
    L("提示", "Note"): _note,
    L("上次出勤", "Last duty"): lambda row: row.last_duty.isoformat() if row.last_duty else "",
    L("可服务时间", "Availability"): lambda row: t(L("、", ", ")).join(
        t(Availability(code).label) for code in row.availability
    ),
}
