"""What stands at the head of the public pages and which phone they tell to call."""

import streamlit as st

from models.words import L
from services import institution
from services.access import Actor
from services.institution import FIELDS
from ui.shell import Outcome, button, errors_of, field_key, field_value, header, t

FORM = "institution"


def page(actor: Actor) -> None:
    about = L("报名、签到、查验等公众页面的抬头和咨询电话；没有电话的，页面不提打电话。",
              "The name and phone on the public pages; where no phone is set, no page asks anybody to call.")  # fmt: skip
    header(t(L("单位与电话", "Name and phone")), about)
    may = actor.may("write", "admin")
    shown = st.session_state.setdefault(field_key(FORM, "_shown"), institution.read(actor))
    hints = {
        institution.NAME: L("留空用合同甲方的名称", "The contract's client where it is empty"),
        **dict.fromkeys(institution.PHONES.values(), L("留空用单位的联系电话", "The phone above where it is empty")),
    }
    with st.container(border=True, width=640):
        for name, label in FIELDS.items():
            hint = t(hints[name]) if name in hints else None
            st.text_input(t(label), shown[name].value, key=field_key(FORM, name), placeholder=hint, disabled=not may)
            errors_of(FORM, name)

    def act(_used: str) -> Outcome:
        typed = {name: field_value(FORM, name, shown[name].value) for name in FIELDS}
        changed = {name: text for name, text in typed.items() if text != shown[name].value}
        institution.save(actor, changed, {name: shown[name].version for name in changed})
        return Outcome(L("已保存", "Saved"))

    if may:
        button(L("保存", "Save"), act, form=FORM, kind="primary", icon=":material/check:")
