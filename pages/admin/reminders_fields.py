"""The fields of a reminder channel: where it goes, what is told and when."""

from typing import Any

import streamlit as st

from models import RECORDS
from models.reminders import ChannelKind, Pace, Security, Tongue
from models.words import L
from services import channels, store
from services.access import Actor
from ui.shell import errors_of, field_key, t

FORM = "reminders.channel"


def where(values: dict[str, Any], *, has_secret: bool) -> None:
    _text("name", L("名称 *", "Name *"), values)
    kind = _choice("kind", L("种类", "Kind"), ChannelKind, values)
    (_mail if kind == ChannelKind.EMAIL else _robot)(values, has_secret)


def _text(name: str, label: L, values: dict[str, Any], **more: Any) -> None:
    st.text_input(t(label), value=values[name] or "", key=field_key(FORM, name), **more)
    errors_of(FORM, name)


def _choice(name: str, label: L, of: Any, values: dict[str, Any]) -> Any:
    return st.segmented_control(
        t(label), list(of), default=of(values[name]), format_func=lambda one: t(one.label), required=True,
        key=field_key(FORM, name),
    )  # fmt: skip


def _secret(label: L, has_one: bool) -> None:
    kept = t(L("已保存；留空则不变", "Kept; empty leaves it as it is")) if has_one else None
    st.text_input(t(label), type="password", key=field_key(FORM, "secret"), placeholder=kept, autocomplete="off")
    errors_of(FORM, "secret")


def _mail(values: dict[str, Any], has_secret: bool) -> None:
    _text("server", L("SMTP 服务器 *", "SMTP server *"), values, placeholder="smtp.hospital.cn")
    _choice("security", L("加密", "Encryption"), Security, values)
    st.number_input(
        t(L("端口（留空按加密方式）", "Port (empty: as the encryption has it)")), value=values["port"], step=1,
        key=field_key(FORM, "port"),
    )  # fmt: skip
    errors_of(FORM, "port")
    _text("username", L("用户名", "User name"), values)
    _secret(L("密码或授权码", "Password"), has_secret)
    _text("sender", L("发件人地址 *", "From *"), values, placeholder="portal@hospital.cn")
    told = t(L("多个用逗号或换行隔开", "Several are separated by commas or lines"))
    st.text_area(t(L("收件人地址 *", "To *")), values["recipients"] or "", key=field_key(FORM, "recipients"), help=told)
    errors_of(FORM, "recipients")


def _robot(values: dict[str, Any], has_secret: bool) -> None:
    _secret(L("机器人 Webhook 地址或 key *", "The robot's webhook address or key *"), has_secret)
    label = L("服务器地址（仅私有化部署时填）", "Server address (only where the hospital runs its own WeCom)")
    _text("server", label, values, placeholder="https://qyapi.weixin.qq.com")


def what(actor: Actor, values: dict[str, Any]) -> None:
    known = channels.kinds()
    st.multiselect(
        t(L("提醒内容 *", "What is told *")), list(known), [n for n in values["kinds"] if n in known],
        format_func=lambda name: t(known[name]), key=field_key(FORM, "kinds"),
    )  # fmt: skip
    errors_of(FORM, "kinds")
    if _choice("pace", L("何时", "When"), Pace, values) == Pace.DAILY:
        _text("at", L("时刻（当地时间）*", "At (local time) *"), values, placeholder="08:30")
    named = store.choices(actor, RECORDS["unit"], size=200)
    stations: dict[int | None, str] = {None: t(L("全部", "All"))} | {key: named[key] for key in named}
    keys = list(stations)
    place = keys.index(values["unit_id"]) if values["unit_id"] in stations else 0
    name, unit = t(L("站点", "Station")), field_key(FORM, "unit_id")
    st.selectbox(name, keys, index=place, format_func=stations.__getitem__, key=unit)
    _choice("language", L("语言", "Language"), Tongue, values)
    st.toggle(t(L("启用", "On")), value=values["active"], key=field_key(FORM, "active"))
