"""The rota: the shifts of two weeks, day by day, who is missing where; and who missed shifts before."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

import streamlit as st

from models.service import ServiceShift, ShiftState
from models.words import L
from pages.staff.shift import short_badge
from services import clock, serving
from services.access import Actor
from services.serving import Staffing
from ui.shell import empty, go, header, link, literal, number, set_params, t
from ui.words import day_words

DAYS = 14


def page(actor: Actor) -> None:
    week = number("week")
    first = clock.today() + timedelta(days=DAYS * week)
    about = L(
        "两周的班次和人手；点开安排志愿者、登记时长。",
        "Two weeks of shifts and people; open one to fill it or record hours.",
    )
    with header(t(L("排班", "Rota")), about):
        if actor.may("write", "volunteers") and st.button(
            t(L("新班次", "New shift")), type="primary", icon=":material/add:"
        ):
            go("service_shift", do="new")
    _weeks(week)
    shifts = serving.coming(actor, first, first + timedelta(days=DAYS - 1))
    if shifts:
        staffed = serving.staffing(actor, [row.id or 0 for row in shifts])
        _days(shifts, staffed)
    else:
        about_empty = L("新建一个班次，可以每周重复。", "Make one; it can be repeated weekly.")
        empty(L("这两周还没有班次", "No shifts in these two weeks"), about_empty, "calendar_clock")
    _unreliable(actor)


def _weeks(week: int) -> None:
    with st.container(horizontal=True):
        if week and st.button(t(L("前两周", "Earlier")), icon=":material/chevron_left:", key="earlier"):
            set_params(week=week - 1)
            st.rerun()
        if st.button(t(L("后两周", "Later")), icon=":material/chevron_right:", key="later"):
            set_params(week=week + 1)
            st.rerun()


def _days(shifts: Sequence[ServiceShift], staffed: dict[int, Staffing]) -> None:
    for day, members in groupby(shifts, key=lambda row: clock.local(row.starts).date()):
        st.html(f"<h4 class='due'>{t(day_words(day))}</h4>")
        for row in members:
            _line(row, staffed[row.id or 0])


def _counted(staffing: Staffing) -> L:
    taken, least, most = staffing.taken, staffing.minimum, staffing.capacity
    return L(f"已报 {taken}，至少 {least}，最多 {most}", f"{taken} signed up, {least} to {most} wanted")


def _line(row: ServiceShift, staffing: Staffing) -> None:
    state, key = ShiftState(row.state), row.id or 0
    with st.container(horizontal=True, border=True, vertical_alignment="center", key=f"shift-{key}"):
        hours = "–".join(f"{clock.local(moment):%H:%M}" for moment in (row.starts, row.ends))
        where = " · ".join(literal(part) for part in (row.place, row.in_charge) if part)
        st.markdown(f"**{hours}　{literal(row.title)}**  \n:small[:gray[{where}]]", width="stretch")
        st.markdown(t(_counted(staffing)), width="content")
        if row.ends <= clock.now() and state == ShiftState.OPEN:
            st.badge(t(L("已结束", "Over")), color="gray")
        elif state == ShiftState.OPEN:
            short_badge(staffing)
        else:
            st.badge(t(state.label), color="gray")
        if st.button(t(L("打开", "Open")), key=f"open.{key}", type="tertiary"):
            go("service_shift", id=key)


def _unreliable(actor: Actor) -> None:
    """Who did not come several times without withdrawing."""
    found = serving.unreliable(actor)
    if not found:
        return
    st.subheader(t(L("多次未到", "Missed several times")), anchor=False)
    for one in found:
        with st.container(horizontal=True, vertical_alignment="center", key=f"missed-{one.volunteer_id}"):
            link(literal(one.name), "volunteer", ":material/person:", id=one.volunteer_id)
            words = L(f"未到 {one.no_shows} 次，到岗率 {one.percent}%", f"{one.no_shows} no-shows, came {one.percent}%")
            st.markdown(f":gray[{t(words)}]", width="stretch")
