"""The desk of a session: one more trainee, one less, lists that are brought in, papers."""

import streamlit as st

from models.training import SEATED, EnrolmentSource
from models.words import L
from pages.staff.personal_link import named, own_link
from services import seats, walk_ins
from services.access import Actor
from services.store import Row
from services.timetable import RosterRow
from ui.shell import Outcome, button, errors_of, field_key, field_value, go, literal, t


def desk(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    """Everything that is done to the list of people, in one row above it."""
    if not actor.may("write", "training"):
        return
    with st.container(horizontal=True):
        add(actor, row)
        if actor.may("import", "training"):
            bring_in(L("导入报名名单", "Import who enrols"), "enrolment")
        leave(actor, row, people)
        own_link(actor, row, people)


def bring_in(label: L, record: str) -> None:
    """A button that leads to the import of a record type."""
    if st.button(t(label), icon=":material/upload_file:", key=f"import.{record}"):
        go(record, do="import")


def add(actor: Actor, row: Row) -> None:
    """One person at the desk: enrolled before the day, a walk-in on it."""
    form = f"enrol.{row.id}"
    with st.popover(t(L("添加学员", "Add a trainee")), icon=":material/person_add:"):
        st.text_input(t(L("姓名 *", "Name *")), key=field_key(form, "name"))
        st.text_input(t(L("手机号 *", "Phone *")), key=field_key(form, "phone"))
        st.text_input(t(L("单位", "Organisation")), key=field_key(form, "employer"))
        errors_of(form)

        def act(used: str) -> Outcome:
            name, phone, employer = (field_value(form, n, "") for n in ("name", "phone", "employer"))
            state = seats.enrol(actor, row.id, {"name": name, "phone": phone}, employer=employer, token=used)
            return Outcome(L(f"{literal(name)}：{state.label.zh}", f"{literal(name)}: {state.label.en}"))

        button(L("报名", "Enrol"), act, form=form, icon=":material/person_add:", kind="primary")


def leave(actor: Actor, row: Row, people: list[RosterRow]) -> None:
    """Somebody gives their place back, or a walk-in who stands there twice is taken out; the first who waits moves up."""
    seated = {p.enrolment_id: p for p in people if p.enrolment_id and p.state in SEATED and _may_go(p)}
    if not seated:
        return
    form = f"leave.{row.id}"
    with st.popover(t(L("取消报名", "Cancel an enrolment")), icon=":material/person_remove:"):
        st.selectbox(
            t(L("谁", "Who")),
            list(seated),
            format_func=lambda key: named(seated[key]),
            key=field_key(form, "who"),
        )
        chosen = seated.get(field_value(form, "who"))
        if chosen and chosen.came_at:
            told = L(
                "现场报名、已签到：取消会同时撤销签到，要写理由。",
                "Walked in and is here: that is undone too; say why.",
            )
            st.caption(t(told))
        st.text_input(t(L("理由", "Reason")), key=field_key(form, "reason"))

        def act(_used: str) -> Outcome:
            who = field_value(form, "who")
            act_of = seats.cancel if seated[who].came_at is None else walk_ins.take_out
            moved = act_of(actor, who, field_value(form, "reason", ""))
            return Outcome(L(f"已取消，{moved} 人由候补转正", f"Cancelled; {moved} moved up from the waitlist"))

        button(L("取消报名", "Cancel it"), act, form=form)
        errors_of(form)


def _may_go(person: RosterRow) -> bool:
    return person.came_at is None or person.source == EnrolmentSource.WALK_IN
