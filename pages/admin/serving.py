"""The numbers of volunteering that the hospital sets: stars, presence, review, deadlines."""

import streamlit as st

from models.words import L
from services import serving_numbers
from services.access import Actor
from services.serving_numbers import NUMBERS
from ui.shell import Outcome, button, errors_of, field_key, field_value, header, link, t

FORM = "serving"


def page(actor: Actor) -> None:
    actor.need("write", "admin")
    about = L("都是通行做法的默认值，不是法规；改动记入日志，立即生效。",
              "Usual values to start from, none of them law; a change is logged and works at once.")  # fmt: skip
    header(t(L("志愿服务设置", "Volunteering settings")), about)
    if year := serving_numbers.unknown_year():
        told = L(f"还没有 {year} 年的节假日，只按周末推算；国务院公布后请录入。",
                 f"No holidays of {year} yet, so only weekends are skipped; enter them once they are published.")  # fmt: skip
        st.warning(t(told), icon=":material/event:")
        link(L("录入节假日", "Enter holidays"), "public_holiday", ":material/celebration:")
    stored = serving_numbers.read(actor)
    with st.container(border=True, width=760):
        for name, number in NUMBERS.items():
            st.number_input(t(number.label), value=stored[name], step=1, min_value=number.low, max_value=number.high,
                            key=field_key(FORM, name))  # fmt: skip
            errors_of(FORM, name)

    def act(_used: str) -> Outcome:
        serving_numbers.save(actor, {name: int(field_value(FORM, name, stored[name])) for name in NUMBERS})
        return Outcome(L("已保存", "Saved"))

    button(L("保存", "Save"), act, form=FORM, kind="primary", icon=":material/check:")
