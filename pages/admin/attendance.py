"""The numbers of attendance: when somebody is late or gone early, how long one must be there, how long a class hour is."""

from dataclasses import asdict

import streamlit as st

from models.words import L
from services import attendance_rules
from services.access import Actor
from ui.messages import words_of
from ui.shell import Outcome, button, errors, escaped, field_key, field_value, header, t

NAMES = {
    "late_minutes": L("开课后几分钟算迟到", "Late after so many minutes"),
    "early_minutes": L("下课前几分钟离开算早退", "Left early, so many minutes before the end"),
    "hours_percent": L(
        "到课时长至少占多少（%，课程没写明时）", "Time present required (%), where the course says nothing"
    ),
    "absent_hours": L("缺课满几小时不发证（0 不限）", "No certificate from so many missed hours on (0: no such rule)"),
    "class_hour_minutes": L("一学时几分钟", "Minutes in a class hour"),
}
FORM = "attendance_rules"


def page(actor: Actor) -> None:
    header(
        t(L("出勤规则", "Attendance rules")),
        L(
            "扫码签到按这些数字判断；各课程的最低出勤在课程里设定。",
            "The door judges by these; a course has its own least attendance.",
        ),
    )
    wrong = errors(FORM)
    with st.container(border=True):
        for name, value in asdict(attendance_rules.current(actor)).items():
            st.number_input(
                t(NAMES[name]), value=value, step=1, key=field_key(FORM, name), disabled=not actor.may("write", "admin")
            )
            if name in wrong:
                st.html(f"<p class='fe' role='alert'>{escaped(t(words_of(wrong[name])))}</p>")

        def act(_used: str) -> Outcome:
            attendance_rules.change(actor, {name: int(field_value(FORM, name) or 0) for name in NAMES})
            return Outcome(L("已保存", "Saved"))

        if actor.may("write", "admin"):
            button(L("保存", "Save"), act, form=FORM, kind="primary")
