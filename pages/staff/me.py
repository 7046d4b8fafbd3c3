"""My account: who I am here, my password, signing out everywhere."""

import streamlit as st

from models.words import L
from services import accounts
from services.access import Actor
from ui.detail import fields_html
from ui.shell import Outcome, button, header, t


def page(actor: Actor) -> None:
    header(t(L("我的账号", "My account")), L("离开公用电脑前请退出。", "Sign out before you leave a shared computer."))
    roles = t(L("、", ", ")).join(t(role.label) for role in actor.roles)
    with st.container(border=True, width=560):
        st.html(fields_html([(t(L("姓名", "Name")), actor.name), (t(L("角色", "Roles")), roles)]))
        with st.container(horizontal=True):
            st.link_button(t(L("修改密码", "Change the password")), "/password", icon=":material/key:")
            button(
                L("退出所有设备", "Sign out everywhere"), lambda _used: _leave(actor), form="me.leave",
                icon=":material/logout:",
            )  # fmt: skip


def _leave(actor: Actor) -> Outcome:
    ended = accounts.sign_out_everywhere(actor.account_id or 0)
    return Outcome(L(f"已退出 {ended} 处登录", f"{ended} sessions ended"))
