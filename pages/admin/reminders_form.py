"""The form of a reminder channel, saved or removed; a password goes in and never comes out."""

import streamlit as st

from models.words import L
from pages.admin import reminders_fields
from pages.admin.reminders_fields import FORM
from services import channels
from services.access import Actor
from services.channels import Channel
from ui.shell import Outcome, button, field_value, go, header, t

NEW = L("新建渠道", "New channel")


def form(actor: Actor, given: Channel | None) -> None:
    title = L("修改渠道", "Edit the channel") if given else NEW
    header(
        t(title), L("密码和密钥加密保存，之后不再显示。", "Passwords and keys are kept encrypted, never shown again.")
    )
    values = dict(given.values) if given else channels.USUAL
    with st.container(width=640, border=True):
        reminders_fields.where(values, has_secret=given is not None and given.has_secret)
    with st.container(width=640, border=True):
        reminders_fields.what(actor, values)
    _acts(actor, given)


def _acts(actor: Actor, given: Channel | None) -> None:
    key, version = (given.id, given.version) if given else (None, None)

    def act(used: str) -> Outcome:
        typed = {name: field_value(FORM, name) for name in (*channels.FIELDS, channels.SECRET)}
        mine = {name: value for name, value in typed.items() if value is not None or name in ("port", "unit_id")}
        channels.save(actor, mine, id=key, version=version, token=used)
        return Outcome(L("渠道已保存", "The channel is saved"), "reminders")

    def remove(used: str) -> Outcome:
        channels.remove(actor, key or 0, token=used)
        return Outcome(L("渠道已删除", "The channel is removed"), "reminders")

    with st.container(horizontal=True):
        button(L("保存", "Save"), act, form=FORM, kind="primary")
        if st.button(t(L("返回", "Back")), key="reminders.back"):
            go("reminders")
        if given:
            button(L("删除渠道", "Remove"), remove, form=f"remove.{given.id}", icon=":material/delete:")
