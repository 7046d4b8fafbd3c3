"""Handing a text to a channel by the library apprise, imported at the first need: it costs 25 MB and half a second."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from models.base import Choice
from models.reminders import ROBOT_HOST, ChannelKind, ReminderChannel, Security, addresses_of

SECONDS = 15
LONGEST_ERROR = 300
LIMITS = {ChannelKind.EMAIL: 40_000, ChannelKind.WECOM: 2000}  # bytes of a message; a robot takes 2048
PORTS = {Security.SSL: 465, Security.STARTTLS: 587, Security.INSECURE: 25}


class Failure(Choice):
    """Why a message was not taken, as far as the server's own words tell."""

    CERTIFICATE = "certificate", "服务器的安全证书无效", "The server's certificate is not valid"
    TIMEOUT = "timeout", "服务器没有及时回应", "The server did not answer in time"
    ENCRYPTION = "encryption", "服务器不支持所选的加密方式", "The server does not offer this encryption"
    LOGIN = (
        "login",
        "登录被拒：请核对用户名、密码或机器人 key",
        "The login was refused: check user name, password or robot key",
    )
    RECIPIENT = "recipient", "收件人地址被拒", "The recipient's address was refused"
    UNREACHABLE = (
        "unreachable",
        "连不上服务器：请核对地址和端口",
        "The server cannot be reached: check address and port",
    )
    REMOVED = "removed", "渠道已删除", "The channel was removed"
    OTHER = "other", "服务器没有接收（其他原因）", "The server did not take it, for another reason"


REMOVED = "channel removed"
SIGNS = (
    (Failure.REMOVED, rf"^{REMOVED}$"),
    (Failure.CERTIFICATE, r"certificate.verify|SSLError|hostname mismatch"),
    (Failure.TIMEOUT, r"timed out|timeout"),
    (Failure.ENCRYPTION, r"STARTTLS extension|WRONG_VERSION_NUMBER|\[SSL"),
    (Failure.LOGIN, r"\((530|534|535|538),|AUTH extension|WeCom (93000|40001|40014|40058)\b|invalid webhook"),
    (Failure.RECIPIENT, r"\{'[^']*': \([45]\d\d,|\((550|551|553|554),"),
    (Failure.UNREACHABLE, r"Errno -?\d+|ConnectionError|unreachable|Connection unexpectedly closed"),
)


def failure_of(words: str) -> Failure:
    """What a server's words, or the library's, say of a failure."""
    return next((failure for failure, sign in SIGNS if re.search(sign, words, re.I)), Failure.OTHER)


class NotSent(Exception):
    """The channel did not take the message; says why, without the secret."""


def send(channel: ReminderChannel, title: str, body: str) -> None:
    """Send one message. Raises NotSent."""
    with _heard() as said:
        try:
            sent = _plugin(channel).notify(title=title, body=body)
        except NotSent:
            raise
        except Exception as error:
            raise NotSent(_safe(channel, f"{type(error).__name__}: {error}")) from error
    if not sent:
        raise NotSent(_safe(channel, " ".join(said) or "the server refused the message"))


def _safe(channel: ReminderChannel, words: str) -> str:
    return words.replace(channel.secret or "\0", "***")[:LONGEST_ERROR]


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What the library complains of: it tells reasons to its log alone."""
    said: list[str] = []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: said.append(record.getMessage()) if _complains(record) else None  # type: ignore[method-assign]
    logger = logging.getLogger("apprise")
    before, logger.propagate = (logger.level, logger.propagate), False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before


def _complains(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING or "Exception:" in record.getMessage()


def _plugin(channel: ReminderChannel) -> Any:
    return (_mail if channel.kind == ChannelKind.EMAIL else _robot)(channel)


def _mail(channel: ReminderChannel) -> Any:
    """All recipients get one message, the further ones as blind copies: it is taken for all of them or for none."""
    from apprise.plugins.email.base import NotifyEmail

    first, *others = addresses_of(channel.recipients)
    make: Any = NotifyEmail
    return make(
        host=channel.server, smtp_host=channel.server, port=channel.port or PORTS[Security(channel.security)],
        user=channel.username or None, password=channel.secret or None, secure_mode=channel.security,
        from_addr=channel.sender, targets=[first], bcc=others or None, format="text", cto=SECONDS, rto=SECONDS,
    )  # fmt: skip


def _robot(channel: ReminderChannel) -> Any:
    """A WeCom robot answers 200 also where it refuses, and says so in `errcode`."""
    import requests
    from apprise.plugins.wecombot import NotifyWeComBot

    base: Any = NotifyWeComBot

    class Robot(base):  # type: ignore[misc]
        notify_url = f"{channel.server or ROBOT_HOST}/cgi-bin/webhook/send?key={{key}}"

        def send(self, body: str, title: str = "", **_more: Any) -> bool:
            text: Any = {"msgtype": "text", "text": {"content": body}}
            answer = requests.post(self.api_url, json=text, timeout=SECONDS, allow_redirects=False)
            answer.raise_for_status()
            told = answer.json()
            if told.get("errcode"):
                raise NotSent(f"WeCom {told['errcode']}: {told.get('errmsg', '')}")
            return True

    return Robot(key=channel.secret)
