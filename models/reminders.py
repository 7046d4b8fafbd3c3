"""Reminders that leave the building: the channels an administrator set, and each reminder with what became of it."""

import re
from datetime import date, datetime
from typing import Annotated, Any

from sqlalchemy import Index
from sqlmodel import Field

from models.base import FIXED, LIST, Choice, StationRow, Table, Ui, now, record
from models.types import Codes, Encrypted, UtcDateTime, Word
from models.words import L

EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
KEY = re.compile(r"[A-Za-z0-9_-]{8,80}")
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
ROBOT_HOST = "https://qyapi.weixin.qq.com"


class ChannelKind(Choice):
    EMAIL = "email", "电子邮件", "E-mail"
    WECOM = "wecom", "企业微信群机器人", "WeCom group robot"


class Security(Choice):
    SSL = "ssl", "SSL（465）", "SSL (465)"
    STARTTLS = "starttls", "STARTTLS（587）", "STARTTLS (587)"
    INSECURE = "insecure", "不加密（25，仅限院内）", "None (25, inside the house only)"


class Pace(Choice):
    DAILY = "daily", "每天一次", "Once a day"
    AT_ONCE = "at_once", "随时", "At once"


class Tongue(Choice):
    ZH = "zh", "中文", "Chinese"
    EN = "en", "英文", "English"


@record("提醒渠道", "Reminder channel", area="admin", menu=0, icon="notifications", title="name", sort="name")
class ReminderChannel(StationRow, table=True):
    """Where reminders go and which: `kinds` are names of services.reminders.kinds; of one station only its own.

    `secret` is the password or the robot's key; it is never shown again, and neither stands in the audit.
    """

    name: Annotated[str, Ui("名称", "Name", LIST | FIXED)] = Field(min_length=1, max_length=60)
    kind: Annotated[ChannelKind, Ui("种类", "Kind", LIST | FIXED)] = Field(sa_type=Word)
    active: Annotated[bool, Ui("启用", "Active", LIST | FIXED)] = True
    server: Annotated[str, Ui("服务器", "Server", FIXED)] = Field(default="", max_length=120)
    port: Annotated[int | None, Ui("端口", "Port", FIXED)] = Field(default=None, ge=1, le=65535)
    security: Annotated[Security, Ui("加密", "Encryption", FIXED)] = Field(default=Security.SSL, sa_type=Word)
    username: Annotated[str, Ui("用户名", "User name", FIXED)] = Field(default="", max_length=120)
    secret: str | None = Field(default=None, sa_type=Encrypted)
    sender: Annotated[str, Ui("发件人", "From", FIXED)] = Field(default="", max_length=120)
    recipients: str | None = Field(default=None, sa_type=Encrypted)
    kinds: Annotated[list[str], Ui("提醒内容", "What is told", FIXED)] = Field(default_factory=list, sa_type=Codes)
    pace: Annotated[Pace, Ui("何时", "When", LIST | FIXED)] = Field(default=Pace.DAILY, sa_type=Word)
    at: Annotated[str, Ui("时刻", "At", LIST | FIXED)] = Field(default="08:30", max_length=5)
    language: Annotated[Tongue, Ui("语言", "Language", FIXED)] = Field(default=Tongue.ZH, sa_type=Word)
    planned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @classmethod
    def check(cls, values: dict[str, Any], today: date) -> dict[str, str]:
        errors = {"name": "required"} if not str(values.get("name") or "").strip() else {}
        if values.get("pace") == Pace.DAILY and not CLOCK.fullmatch(values.get("at") or ""):
            errors["at"] = "clock_format"
        if not values.get("kinds"):
            errors["kinds"] = "required"
        return errors | (_mail if values.get("kind") == ChannelKind.EMAIL else _robot)(values)


def _mail(values: dict[str, Any]) -> dict[str, str]:
    errors = {} if values.get("server") else {"server": "required"}
    if not 1 <= (1 if values.get("port") is None else values["port"]) <= 65535:
        errors["port"] = "port_range"
    if not EMAIL.fullmatch(values.get("sender") or ""):
        errors["sender"] = "email_format"
    addresses = addresses_of(values.get("recipients"))
    if not addresses or not all(EMAIL.fullmatch(one) for one in addresses):
        errors["recipients"] = "email_format" if addresses else "required"
    return errors


def _robot(values: dict[str, Any]) -> dict[str, str]:
    """The key may come as the whole address that WeCom shows; another server is one of the hospital's own."""
    secret = (values.get("secret") or "").rpartition("key=")[2].partition("&")[0].strip()
    values["secret"] = secret
    errors = {} if KEY.fullmatch(secret) else {"secret": "robot_key" if secret else "required"}
    if values.get("server") and not re.fullmatch(r"https?://[^\s/]+", values.get("server") or ""):
        errors["server"] = "robot_server"
    return errors


def addresses_of(text: str | None) -> list[str]:
    """The addresses in a text, however they are separated."""
    return [one for one in re.split(r"[\s,;，；、]+", text or "") if one]


class ReminderState(Choice):
    QUEUED = "queued", "待发送", "Queued"
    SENT = "sent", "已发送", "Sent"
    FAILED = "failed", "未送达", "Not delivered"


class Reminder(Table, table=True):
    """One thing to be told on a channel, once for its day: `subject` is what it is about, `title` how it reads."""

    __table_args__ = (
        Index("ux_reminder_once", "channel_id", "kind", "subject", "day", unique=True),
        Index("ix_reminder_due", "state", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    channel_id: int = Field(foreign_key="reminder_channel.id")
    kind: str = Field(max_length=40)
    subject: str = Field(max_length=80)
    day: date
    title: str = Field(max_length=400)
    state: ReminderState = Field(default=ReminderState.QUEUED, sa_type=Word)
    due_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    last_error: str = Field(default="", max_length=300)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


TEST = L("测试提醒：收到说明渠道可用。", "A test: if this arrives, the channel works.")
