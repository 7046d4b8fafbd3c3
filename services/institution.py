"""What the house calls itself and how it is reached: the name at the head of public pages, the phone beside every "call us"
(source 000 §三.5 and §三.8). A session's page bears its base's name, every other one the institution's.

Codes: telephone_format.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from models.contract import Contract
from models.system import Setting, Verb
from models.training import Base
from models.words import L
from services import db
from services.access import PUBLIC, Actor
from services.db import PortalSession
from services.errors import Invalid

PORTAL = L("医务社工服务平台", "Medical Social Work Portal")
PREFIX = "institution."
NAME, NAME_EN, PHONE = "name", "name_en", "phone"
PHONES = {base: f"phone_{base.value}" for base in Base}
FIELDS: dict[str, L] = {
    NAME: L("单位名称", "Name of the institution"),
    NAME_EN: L("单位英文名称", "Its name in English"),
    PHONE: L("联系电话", "Phone"),
    **{name: L(f"{base.label.zh}联系电话", f"Phone of the {base.label.en}") for base, name in PHONES.items()},
}
LONGEST = 80
TELEPHONE = re.compile(r"\+?[\d\s()（）/-]{5,24}(?:\s*(?:转|ext\.?)\s*\d{1,6})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Host:
    """Whose page it is: the name at its head, and the phone that its words tell to call ("" where none is set)."""

    name: L = PORTAL
    phone: str = ""

    @property
    def dialled(self) -> str:
        """The number as a phone dials it, without the extension."""
        return re.sub(r"[^\d+]", "", re.split(r"转|ext", self.phone, flags=re.IGNORECASE)[0])


def host(s: PortalSession, base: str | None = None) -> Host:
    """The base whose session it is, else the institution; a base without a phone of its own has the institution's."""
    told = _told(s)
    if base:
        return Host(Base(base).label, told[PHONES[Base(base)]] or told[PHONE])
    name = told[NAME] or _client(s)
    return Host(L(name or PORTAL.zh, told[NAME_EN] or name or PORTAL.en), told[PHONE])


def of_base(actor: Actor, base: str) -> Host:
    """The host of a base's sessions, for their papers."""
    actor.need("read", "training")
    with db.reading(actor) as s:
        return host(s, base)


def here() -> Host:
    """The institution, for a page that belongs to no session."""
    with db.reading(PUBLIC) as s:
        return host(s)


def _told(s: PortalSession) -> dict[str, str]:
    kept = s.exec(select(Setting).where(col(Setting.key).in_([PREFIX + name for name in FIELDS])))
    return dict.fromkeys(FIELDS, "") | {row.key.removeprefix(PREFIX): str(row.value or "") for row in kept}


def _client(s: PortalSession) -> str:
    """The client of the newest contract."""
    return s.exec(select(Contract.client).order_by(col(Contract.starts).desc()).limit(1)).first() or ""


def read(actor: Actor) -> dict[str, str]:
    """What is set now, by the names of FIELDS; "" for what is not."""
    actor.need("read", "admin")
    with db.reading(actor) as s:
        return _told(s)


def save(actor: Actor, wanted: Mapping[str, str]) -> None:
    """Set names and phones. Raises Denied to all but administrators, Invalid: too_long, telephone_format."""
    actor.need("write", "admin")
    typed = {name: " ".join(wanted[name].split()) for name in FIELDS if name in wanted}
    if errors := {name: code for name, text in typed.items() if (code := _wrong(name, text))}:
        raise Invalid(errors)
    with db.unit(actor) as s:
        before = _told(s)
        for name, text in typed.items():
            if text != before[name]:
                s.merge(Setting(key=PREFIX + name, value=text, changed_by=actor.account_id))
                changes: dict[str, Any] = {PREFIX + name: [before[name], text]}
                db.note(s, Verb.CHANGE, "setting", None, changes)


def _wrong(name: str, text: str) -> str:
    if len(text) > LONGEST:
        return "too_long"
    is_phone = name not in (NAME, NAME_EN)
    return "telephone_format" if is_phone and text and not TELEPHONE.fullmatch(text) else ""
