"""What an application went through, and the way back to an earlier step, for a reason."""

import streamlit as st

from models.charity import AidState
from models.words import L
from services import charity
from services.access import Actor
from services.store import Row
from ui.shell import Outcome, button, errors_of, escaped, field_key, field_value, language, t
from ui.words import day_words


def lead_back(actor: Actor, row: Row, states: tuple[AidState, ...]) -> None:
    form = f"aid.{row.id}.back"
    with st.popover(t(L("退回", "Lead back")), icon=":material/undo:"):
        st.selectbox(t(L("退到", "Back to")), states[::-1], format_func=lambda s: t(s.label), key=field_key(form, "to"))
        st.text_input(t(L("理由 *", "Reason *")), key=field_key(form, "reason"))

        def act(_used: str) -> Outcome:
            to = field_value(form, "to")
            charity.step_back(actor, row.id, to, field_value(form, "reason", ""), version=row.version)
            return Outcome(L(f"已退回到{to.label.zh}", f"Led back to: {to.label.en}"))

        button(L("退回", "Lead back"), act, form=form)
        errors_of(form)


def timeline(told: list[Row]) -> str:
    lines = "".join(
        f"<li><b>{escaped(row.show('after', language()))}</b> {escaped(row.values['taken_by'])}"
        f"<small>{escaped(t(day_words(row.values['stepped_on'])))}</small><p>{escaped(row.values['reason'])}</p></li>"
        for row in told
    )
    nothing = f"<p class='s'>{escaped(t(L('还没有办理过步骤。', 'No step has been taken yet.')))}</p>"
    return f"<h4>{escaped(t(L('办理经过', 'Steps so far')))}</h4>" + (
        f"<ol class='tl'>{lines}</ol>" if lines else nothing
    )
