"""What the house calls itself and how it is reached: the name at the head of public pages, the phone beside every "call us"
(source 000 §三.5 and §三.8). A session's page bears its base's name, every other one the institution's.

Codes: telephone_format.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlmodel import col, select

from models.contract import Contract
from models.training import Base
from models.words import L
from services import db, settings
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
FEWEST_DIGITS = 7
TELEPHONE = re.compile(r"\+?[\d\s()（）/-]{7,40}(?:\s*(?:转|ext\.?)\s*\d{1,6})?", re.IGNORECASE)


class Stand(NamedTuple):
    """What is set, and the version of its row (0: never set)."""

    value: str
    version: int


@dataclass(frozen=True, slots=True)
class Host:
    """Whose page it is: the name at its head, and the phone that its words tell to call ("" where none is set)."""

    name: L = PORTAL
    phone: str = ""

    @property
    def dialled(self) -> str:
        """The number as a phone dials it: of several the first, without the extension."""
        return re.sub(r"[^\d+]", "", re.split(r"/|转|ext", self.phone, flags=re.IGNORECASE)[0])


def host(s: PortalSession, base: str | None = None) -> Host:
    """The base whose session it is, else the institution; a base without a phone of its own has the institution's."""
    if base:
        return hosts(s)[Base(base)]
    told = _told(s)
    name = told[NAME] or _client(s)
    return Host(L(name or PORTAL.zh, told[NAME_EN] or name or PORTAL.en), told[PHONE])


def hosts(s: PortalSession) -> dict[Base, Host]:
    """The host of every base's sessions, in one statement."""
    told = _told(s)
    return {base: Host(base.label, told[PHONES[base]] or told[PHONE]) for base in Base}


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
    return {name: stand.value for name, stand in _stands(s).items()}


def _stands(s: PortalSession) -> dict[str, Stand]:
    kept = settings.stored(s, [PREFIX + name for name in FIELDS])
    rows = {name: kept.get(PREFIX + name) for name in FIELDS}
    return {name: Stand(str(row.value or ""), row.version) if row else Stand("", 0) for name, row in rows.items()}


def _client(s: PortalSession) -> str:
    """The client of the newest contract."""
    return s.exec(select(Contract.client).order_by(col(Contract.starts).desc()).limit(1)).first() or ""


def read(actor: Actor) -> dict[str, Stand]:
    """What is set now, by the names of FIELDS; "" for what is not."""
    actor.need("read", "admin")
    with db.reading(actor) as s:
        return _stands(s)


def save(actor: Actor, wanted: Mapping[str, str], seen: Mapping[str, int] | None = None) -> None:
    """Set names and phones. seen: the versions that they had when they were shown.

    Raises Denied to all but administrators, Invalid: too_long, telephone_format, Conflict where somebody else set one
    meanwhile.
    """
    actor.need("write", "admin")
    typed = {name: " ".join(wanted[name].split()) for name in FIELDS if name in wanted}
    if errors := {name: code for name, text in typed.items() if (code := _wrong(name, text))}:
        raise Invalid(errors)
    with db.unit(actor) as s:
        settings.hold(s)
        before = _told(s)
        changed = {PREFIX + name: text for name, text in typed.items() if text != before[name]}
        settings.put(s, changed, _keyed(before), _keyed(FIELDS), _keyed(seen or {}))


def _keyed(told: Mapping[str, Any]) -> dict[str, Any]:
    return {PREFIX + name: value for name, value in told.items()}


def _wrong(name: str, text: str) -> str:
    if len(text) > LONGEST:
        return "too_long"
    if name in (NAME, NAME_EN) or not text:
        return ""
    is_one = TELEPHONE.fullmatch(text) and len(Host(phone=text).dialled.lstrip("+")) >= FEWEST_DIGITS
    return "" if is_one else "telephone_format"
