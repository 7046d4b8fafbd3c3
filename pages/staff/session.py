"""One training session on one page: where it stands, who is enrolled, who came, the QR code of the door."""

from datetime import datetime

import pandas as pd
import streamlit as st

from models import RECORDS
from models.training import EnrolmentState, SessionState
from models.words import L
from services import checkin, clock, training
from services.access import Actor
from services.store import Row
from services.training import RosterRow
from ui.detail import detail, fields_html
from ui.shell import Outcome, button, errors_of, escaped, field_key, language, literal, t
from ui.words import came_words, weekday

SESSION = RECORDS["training_session"]
STEPS = {
    SessionState.DRAFT: L("排课", "Planned"),
    SessionState.OPEN: L("报名", "Enrolment"),
    SessionState.CLOSED: L("签到", "Attendance"),
    SessionState.HELD: L("已举办", "Held"),
}
INFO = ("course_id", "instructors", "venue_id", "base", "audience", "organisation_id")


def page(actor: Actor, key: int) -> None:
    detail(actor, SESSION, key, actions=_actions, above=_session, titled=_titled)


def span(starts: datetime, ends: datetime) -> str:
    """2026-11-22 星期日 14:00–17:30"""
    first, last = clock.local(starts), clock.local(ends)
    end = last.strftime("%H:%M" if first.date() == last.date() else "%Y-%m-%d %H:%M")
    return f"{first:%Y-%m-%d} {t(weekday(first.date()))} {first:%H:%M}–{end}"


def _titled(row: Row) -> tuple[str, str]:
    parts = [span(row.values["starts"], row.values["ends"]), row.show("venue_id"), row.show("audience", language())]
    return row.title, " · ".join(part for part in parts if part)


def _actions(actor: Actor, row: Row) -> None:
    """The next step of the session, as one button."""
    if not actor.may("write", "training"):
        return
    state, begun = SessionState(row.values["state"]), row.values["starts"] <= clock.now()
    if state == SessionState.DRAFT:
        _move(actor, row, SessionState.OPEN, L("开放报名", "Open enrolment"))
    elif state in (SessionState.OPEN, SessionState.CLOSED) and begun:
        _move(actor, row, SessionState.HELD, L("标为已举办", "Mark as held"))
    elif state == SessionState.OPEN:
        _move(actor, row, SessionState.CLOSED, L("截止报名", "Close enrolment"))


def _move(actor: Actor, row: Row, state: SessionState, label: L, reason: str = "") -> None:
    def act(_used: str) -> Outcome:
        told = training.set_state(actor, row.id, state, reason)
        return Outcome(L(f"{state.label.zh}，涉及 {told} 人", f"{state.label.en}; {told} people enrolled"))

    button(label, act, form=f"state.{row.id}.{state}", icon=":material/arrow_forward:", kind="primary")


def _session(actor: Actor, row: Row) -> None:
    people = training.roster(actor, row.id)
    st.html(_steps(SessionState(row.values["state"]), people, row.values["capacity"]))
    left, right = st.columns([7, 3], gap="medium")
    with left:
        with st.container(border=True):
            pairs = [(t(SESSION.field(n).label), row.show(n, language())) for n in INFO if row.values.get(n)]
            st.html(fields_html([*pairs, (t(L("名额", "Seats")), _seats(people, row))]))
        _roster(actor, row, people)
    with right:
        _door(actor, row)
        if actor.may("write", "training"):
            _add(actor, row)
            _other_moves(actor, row)


def _steps(state: SessionState, people: list[RosterRow], capacity: int) -> str:
    if state == SessionState.CANCELLED:
        return f"<p class='steps'><b>{escaped(t(state.label))}</b></p>"
    order = list(STEPS)
    now = order.index(state)
    enrolled = sum(person.state == EnrolmentState.ENROLLED for person in people)
    came = sum(person.came_at is not None for person in people)
    numbers = {SessionState.OPEN: f" {enrolled} / {capacity}", SessionState.CLOSED: f" {came}"}
    cells = "".join(
        f"<li class='{'now' if i == now else 'past' if i < now else ''}'"
        f"{' aria-current=step' if i == now else ''}>{escaped(t(label))}{numbers.get(step, '')}</li>"
        for i, (step, label) in enumerate(STEPS.items())
    )
    return f"<ol class='steps'>{cells}</ol>"


def _seats(people: list[RosterRow], row: Row) -> str:
    enrolled = sum(person.state == EnrolmentState.ENROLLED for person in people)
    waiting = sum(person.state == EnrolmentState.WAITLISTED for person in people)
    return t(
        L(
            f"录取 {enrolled} 人，候补 {waiting} 人，名额 {row.values['capacity']}",
            f"{enrolled} enrolled, {waiting} waiting, {row.values['capacity']} seats",
        )
    )


# -- who is enrolled, who came -------------------------------


def _roster(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    shown = [person for person in people if person.state != EnrolmentState.CANCELLED]
    came = sum(person.came_at is not None for person in shown)
    st.markdown(f"**{t(L('签到', 'Attendance'))}**　{t(came_words(came, len(shown)))}")
    if not shown:
        st.caption(
            t(
                L(
                    "还没有人报名：在右边添加，或导入名单。",
                    "Nobody has enrolled yet: add people at the right, or import a list.",
                )
            )
        )
        return
    present = t(L("到场", "Came"))
    frame = pd.DataFrame(
        {
            t(L("姓名", "Name")): [person.name for person in shown],
            t(L("手机", "Phone")): [person.phone for person in shown],
            t(L("单位", "From")): [person.employer for person in shown],
            t(L("状态", "State")): [_state(person) for person in shown],
            present: [person.came_at is not None for person in shown],
            t(L("签到时间", "At")): [
                f"{clock.local(person.came_at):%H:%M}" if person.came_at else "" for person in shown
            ],
        }
    )
    form = f"attendance.{row.id}"
    may = actor.may("write", "training")
    edited = st.data_editor(
        frame, hide_index=True, key=field_key(form, "grid"), placeholder="", height=min(36 * len(frame) + 40, 1000),
        disabled=[name for name in frame.columns if name != present or not may],
    )  # fmt: skip
    marks = {person.person_id: bool(now) for person, now in zip(shown, edited[present], strict=True)}
    changed = {person.person_id for person in shown if marks[person.person_id] != (person.came_at is not None)}

    def act(used: str) -> Outcome:
        done = training.mark_attendance(actor, row.id, {key: marks[key] for key in changed}, token=used)
        return Outcome(L(f"已更新 {done} 人的签到", f"Attendance of {done} people updated"))

    if changed:
        button(L(f"保存 {len(changed)} 处改动", f"Save {len(changed)} changes"), act, form=form, kind="primary")
    errors_of(form)


def _state(person: RosterRow) -> str:
    if person.state is None:
        return t(L("未报名", "Not enrolled"))
    place = f" {person.position}" if person.position else ""
    return t(person.state.label) + place


# -- the door, and the desk ----------------------------------


def _door(actor: Actor, row: Row) -> None:
    with st.container(border=True):
        st.markdown(f"**{t(L('扫码签到', 'Check in by QR code'))}**")
        if row.values["state"] in (SessionState.CANCELLED, SessionState.HELD) or not actor.may("write", "training"):
            st.caption(t(L("当前状态不能扫码签到。", "No check-in in this state.")))
            return
        url = f"{str(st.context.url or '').split('/training_session')[0]}{checkin.checkin_path(actor, row.id)}"
        st.image(
            checkin.poster_svg(url),
            width="stretch",
            caption=t(L("开始前 60 分钟起，结束后 60 分钟止", "From 60 minutes before to 60 minutes after")),
        )
        st.link_button(
            t(L("打开签到页", "Open the check-in page")), url, icon=":material/open_in_new:", width="stretch"
        )


def _add(actor: Actor, row: Row) -> None:
    """One person at the desk: enrolled before the day, a walk-in on it."""
    form = f"enrol.{row.id}"
    with st.container(border=True):
        st.markdown(f"**{t(L('添加学员', 'Add a trainee'))}**")
        name = st.text_input(t(L("姓名 *", "Name *")), key=field_key(form, "name"))
        phone = st.text_input(t(L("手机号 *", "Phone *")), key=field_key(form, "phone"))
        employer = st.text_input(t(L("单位", "From")), key=field_key(form, "employer"))
        errors_of(form)

        def act(used: str) -> Outcome:
            state = training.enrol(actor, row.id, {"name": name, "phone": phone}, employer=employer, token=used)
            return Outcome(L(f"{literal(name)}：{state.label.zh}", f"{literal(name)}: {state.label.en}"))

        button(L("报名", "Enrol"), act, form=form, icon=":material/person_add:")


def _other_moves(actor: Actor, row: Row) -> None:
    state = SessionState(row.values["state"])
    form = f"cancel.{row.id}"
    moves = {move for move in training.MOVES[state] if move != SessionState.HELD}
    with st.popover(t(L("改变状态", "Change the state")), icon=":material/swap_horiz:", width="stretch"):
        reason = st.text_input(t(L("理由", "Reason")), key=field_key(form, "reason"))
        for move in SessionState:
            if move in moves:
                _move(actor, row, move, L(f"改为{move.label.zh}", f"To: {move.label.en}"), reason)


def advise(actor: Actor, given: dict[str, object], key: int) -> None:
    """Clashes of venue and instructors, told while people type."""
    starts, ends = given.get("starts"), given.get("ends")
    if not isinstance(starts, datetime) or not isinstance(ends, datetime) or ends <= starts:
        return
    venue, teachers = given.get("venue_id"), given.get("instructors")
    found = training.clashes(
        actor, venue_id=venue if isinstance(venue, int) else None, instructor_ids=teachers if isinstance(teachers, list) else [],
        starts=starts, ends=ends, session_id=key or None,
    )  # fmt: skip
    for clash in found:
        title = clash.title or t(L("其他站点的培训", "a session of another station"))
        st.warning(
            f"{literal(clash.name)} · {span(clash.starts, clash.ends)} · {literal(title)}", icon=":material/event_busy:"
        )
    if found:
        st.text_input(
            t(L("仍要保存的理由（会记入日志）", "Reason for saving all the same (is logged)")),
            key=field_key(_form(key), "override"),
        )


def save(actor: Actor, given: dict[str, object], key: int | None, version: int | None, used: str) -> int:
    reason = str(st.session_state.get(f"{used}.override", ""))
    return training.save_session(actor, given, id=key, version=version, token=used, override_reason=reason)


def _form(key: int) -> str:
    return f"training_session.{key or 'new'}"
