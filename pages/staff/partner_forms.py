"""What is told while people type about partners: organisations of a similar name."""

import streamlit as st

from models.words import L
from services import partners
from services.access import Actor
from ui.shell import literal, t


def advise(actor: Actor, given: dict[str, object], key: int) -> None:
    for one in partners.similar(actor, str(given.get("name") or ""), but=key):
        name = f"{literal(one.name)}（{t(one.stage.label)}）"
        st.warning(t(L(f"已有名称相近的单位：{name}", f"A similar name exists: {name}")), icon=":material/difference:")
