"""The lessons of a session on its page: when each is, how many came, the ways to add one or bring in a list; its form."""

import streamlit as st

from models import RECORDS
from models.lessons import CAME, Lesson
from models.words import L
from pages.staff.door import bring_in
from pages.staff.scheduling import REASON
from services import clock, lessons, store
from services.access import Actor
from services.store import Row
from ui.shell import errors, escaped, field_key, go, t

LESSON = RECORDS["lesson"]
OVERRULED = ("clash", "credential_lapsed")


def plan(actor: Actor, row: Row, planned: list[Lesson]) -> None:
    with st.container(border=True):
        st.markdown(f"**{t(L('课次', 'Lessons'))}**")
        if planned:
            st.html(_list(actor, row, planned))
        else:
            st.caption(t(L("不分课次，按一次课签到。", "Not divided: attendance is taken once.")))
        if not actor.may("write", "training"):
            return
        preset = {"set.session_id": row.id, "set.starts": row.values["starts"], "set.ends": row.values["ends"]}
        with st.container(horizontal=True):
            if st.button(t(L("添加课次", "Add a lesson")), icon=":material/add:", key="lesson.new"):
                go("lesson", do="new", **preset)
            if planned and actor.may("import", "training"):
                bring_in(L("导入签到表", "Import a list of presence"), "presence")


def _list(actor: Actor, row: Row, planned: list[Lesson]) -> str:
    came: dict[int | None, int] = {}
    for (lesson, _), cell in lessons.grid(actor, row.id).items():
        came[lesson] = came.get(lesson, 0) + (cell.state in CAME)
    return "".join(_line(lesson, came.get(lesson.id, 0)) for lesson in planned)


def _line(lesson: Lesson, came: int) -> str:
    starts, ends = clock.local(lesson.starts), clock.local(lesson.ends)
    name = t(L(f"第 {lesson.number} 次", f"Lesson {lesson.number}")) + f" · {starts:%m-%d %H:%M}–{ends:%H:%M}"
    about = " · ".join(text for text in (lesson.topic, t(L(f"{came} 人到", f"{came} came"))) if text)
    link_ = f"<a href='/lesson?id={lesson.id}' target='_self'>{escaped(name)}</a>"
    return f"<p style='margin:0 0 8px'>{link_}<br><small>{escaped(about)}</small></p>"


# -- the form of a lesson ---------------------------------------------------------------------------------------------


def advise(_actor: Actor, _given: dict[str, object], key: int) -> None:
    """A room that is taken, or a certificate that has lapsed, passes for a reason."""
    form = f"lesson.{key or 'new'}"
    if any(code in OVERRULED for code in errors(form).values()):
        st.text_input(t(REASON), key=field_key(form, "override"), max_chars=500)


def save(actor: Actor, given: dict[str, object], key: int | None, version: int | None, used: str) -> int:
    reason = str(st.session_state.get(f"{used}.override", ""))
    return store.save(actor, LESSON, given, id=key, version=version, token=used, reason=reason)
