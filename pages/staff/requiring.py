"""What a checklist asks for: one more document, or the five steps of the service model for a site."""

from functools import partial

import streamlit as st

from models import RecordType
from models.words import L
from services import deliverables, store
from services.access import Actor
from services.deliverables import PARENT, REQUIRED
from services.store import Row
from ui.shell import Outcome, button, errors_of, field_key, field_value, literal, t

MODEL = "community_service_model"


def adopt(actor: Actor, row: Row) -> None:
    """The five steps of the service model as a site's checklist."""

    def act(used: str) -> Outcome:
        number = deliverables.adopt(actor, row.id, MODEL, token=used)
        return Outcome(L(f"已列入 {number} 份文件", f"{number} documents listed"))

    label = L("按“宣教-建档-筛查-就医-随访”五步列清单", "List the five steps of the service model")
    button(label, act, form=f"adopt.{row.id}", icon=":material/checklist:")


def add(actor: Actor, record: RecordType, row: Row) -> None:
    form = f"require.{record.name}.{row.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t(L("还需要哪份文件", "Another document that is needed")), key=field_key(form, "name"))
        act = partial(_add, actor, record, row, form)
        button(L("加入清单", "Add to the list"), act, form=form, icon=":material/add:")
    errors_of(form)


def _add(actor: Actor, record: RecordType, row: Row, form: str, used: str) -> Outcome:
    name = field_value(form, "name", "")
    store.save(actor, REQUIRED, {PARENT[record.name]: row.id, "name": name}, token=used)
    return Outcome(L(f"已加入：{literal(name)}", f"Added: {literal(name)}"))
