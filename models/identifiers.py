"""Owns the checks and the masks of identity documents, telephone numbers and credit codes (rules §4)."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from operator import mul
from typing import Literal

from models.words import L

Gender = Literal["male", "female"]


class BadIdentifier(ValueError):
    """A number that fails its check; carries only the error code, never the number."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """A checked document: its number in the form used for matching, and what the number itself tells."""

    number: str
    birth_date: date | None = None
    gender: Gender | None = None


@dataclass(frozen=True, slots=True)
class IdentityKind:
    """One document type; national_code is None where the national volunteer system has no code for it."""

    label: L
    national_code: str | None
    check: Callable[[str, date, int], Identity]


_WIDTHLESS = r"\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_DASHES = r"\-\u2010-\u2015\u2212"
_BLANKS = re.compile(f"[{_WIDTHLESS}]+")
_SEPARATORS = re.compile(f"[{_WIDTHLESS}{_DASHES}]+")
_DASH = re.compile(f"[{_DASHES}]")
_BRACKETS = str.maketrans("", "", "()")


def normalised(text: str) -> str:
    """Half-width upper-case form without blanks, dashes and invisible marks."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


# Resident numbers and the cards that share their build (GB 11643-1999)

_RESIDENT_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
_ZEROS = ord("0") * sum(_RESIDENT_WEIGHTS)
PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82, 83),
    )
    for code in codes
)
_is_resident_shaped = re.compile(r"[0-9]{17}[0-9X]").fullmatch
_PERMIT_AREAS = ("810000", "820000", "830000")


def resident_check_character(first17: str) -> str:
    """Check character ("0"-"9" or "X") of a resident number's first 17 digits; later characters are ignored."""
    return "10X98765432"[(sum(map(mul, first17.encode("ascii"), _RESIDENT_WEIGHTS)) - _ZEROS) % 11]


def _born(digits: str, today: date, max_age: int) -> date:
    """The date of YYYYMMDD; id_date if it does not exist or is to come, id_age beyond max_age full years."""
    try:
        born = date.fromisoformat(digits)
    except ValueError:
        raise BadIdentifier("id_date") from None
    if born > today:
        raise BadIdentifier("id_date")
    if today.year - born.year - ((today.month, today.day) < (born.month, born.day)) > max_age:
        raise BadIdentifier("id_age")
    return born


def _resident_build(number: str, today: date, max_age: int) -> Identity:
    """Date, age and check character of an 18-character number whose shape and area are already checked."""
    born = _born(number[6:14], today, max_age)
    if resident_check_character(number) != number[17]:
        raise BadIdentifier("id_checksum")
    return Identity(number, born, "male" if number[16] in "13579" else "female")


def _resident(number: str, today: date, max_age: int) -> Identity:
    if not _is_resident_shaped(number):
        raise BadIdentifier("id_old_15" if len(number) == 15 and number.isdecimal() else "id_format")
    if number[:2] not in PROVINCES:
        raise BadIdentifier("id_area")
    return _resident_build(number, today, max_age)


def _residence_permit(number: str, today: date, max_age: int) -> Identity:
    if not _is_resident_shaped(number):
        raise BadIdentifier("id_format")
    if not number.startswith(_PERMIT_AREAS):
        raise BadIdentifier("id_area")
    return _resident_build(number, today, max_age)


def _foreign_permanent(number: str, today: date, max_age: int) -> Identity:
    """The 2023 card (9, issuing area, nationality, resident build) or the older three letters and 12 digits."""
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return Identity(number)
    if not _is_resident_shaped(number):
        raise BadIdentifier("id_format")
    if number[0] != "9":
        raise BadIdentifier("id_area")
    return _resident_build(number, today, max_age)


# Documents whose number tells nothing of the person


def _shaped(pattern: str) -> Callable[[str, date, int], Identity]:
    """A check by shape alone; brackets are dropped, and a group named `same` is what identity is matched by."""
    fullmatch = re.compile(pattern).fullmatch

    def check(number: str, today: date, max_age: int) -> Identity:
        match = fullmatch(number.translate(_BRACKETS))
        if match is None:
            raise BadIdentifier("id_format")
        return Identity(match.groupdict().get("same") or match.group())

    return check


_free_form = _shaped(r"[0-9A-Z\u4e00-\u9fff./#]{6,20}")


def _not_resident(number: str, today: date, max_age: int) -> Identity:
    """6 to 20 characters that are not, whatever the age, a resident number under another name."""
    identity = _free_form(number, today, max_age)
    try:
        _resident(identity.number, today, max_age=today.year)
    except BadIdentifier:
        return identity
    raise BadIdentifier("id_is_resident")


identity_kinds: dict[str, IdentityKind] = {
    "resident_id": IdentityKind(L("内地居民身份证", "Mainland resident identity card"), "01", _resident),
    "hk_id": IdentityKind(L("香港居民身份证", "Hong Kong identity card"), "02", _shaped(r"[A-Z]{1,2}[0-9]{6}[0-9A]")),
    "macau_id": IdentityKind(L("澳门居民身份证", "Macau identity card"), "03", _shaped(r"[0-9]{8}")),
    "taiwan_id": IdentityKind(L("台湾居民身份证", "Taiwan identity card"), "04", _shaped(r"[A-Z][12][0-9]{8}")),
    "passport": IdentityKind(L("护照", "Passport"), "05", _shaped(r"[A-Z0-9]{5,17}")),
    "officer_card": IdentityKind(L("军官证", "Military officer card"), "06", _not_resident),
    "soldier_card": IdentityKind(L("士兵证", "Soldier card"), "07", _not_resident),
    "hk_macau_permit": IdentityKind(
        L("港澳居民来往内地通行证（回乡证）", "Mainland travel permit for Hong Kong and Macau residents"),
        None,
        _shaped(r"(?P<same>[HM][0-9]{8})(?:[0-9]{2})?"),
    ),
    "taiwan_permit": IdentityKind(
        L("台湾居民来往大陆通行证（台胞证）", "Mainland travel permit for Taiwan residents"),
        None,
        _shaped(r"[0-9]{8}|[0-9]{10}[A-Z]"),
    ),
    "residence_permit": IdentityKind(
        L("港澳台居民居住证", "Residence permit for Hong Kong, Macau and Taiwan residents"), None, _residence_permit
    ),
    "foreign_permanent": IdentityKind(
        L("外国人永久居留身份证", "Foreign permanent resident card"), None, _foreign_permanent
    ),
    "other": IdentityKind(L("其他国际旅行证件", "Other international travel document"), "99", _not_resident),
}


def check_identity(id_type: str, number: str, today: date, max_age: int = 130) -> Identity:
    """The identity that `number` states as a document of the type the user chose; the type is never guessed.

    max_age is in full years. Raises BadIdentifier: id_unknown_type, id_format, id_old_15, id_area, id_date, id_age,
    id_checksum, id_is_resident.
    """
    kind = identity_kinds.get(id_type)
    if kind is None:
        raise BadIdentifier("id_unknown_type")
    return kind.check(normalised(number), today, max_age)


# Telephones

_COUNTRY_PREFIX = re.compile(r"^\(?(?:\+|00)86\)?-?")
_is_mobile = re.compile(r"1[3-9][0-9]{9}").fullmatch
_is_hotline = re.compile(r"[48]00[0-9]{7}").fullmatch
_landline = re.compile(r"\(?(010|02[0-9]|0[0-9]{3}|0[0-9]{2})\)?-?([0-9]{7,8})(?:-([0-9]{1,6}))?").fullmatch


def _dialled(text: str) -> str:
    """Half-width text with plain dashes, without blanks and the country prefix."""
    bare = _BLANKS.sub("", unicodedata.normalize("NFKC", text))
    return _COUNTRY_PREFIX.sub("", _DASH.sub("-", bare))


def mobile(text: str) -> str:
    """The 11 digits of a mainland mobile number; raises BadIdentifier phone_format."""
    digits = _dialled(text).replace("-", "")
    if not _is_mobile(digits):
        raise BadIdentifier("phone_format")
    return digits


def phone(text: str) -> str:
    """Digits of a mobile or 400/800 number, area-number[-extension] of a landline; else BadIdentifier phone_format."""
    dialled = _dialled(text)
    digits = dialled.replace("-", "")
    if _is_mobile(digits) or _is_hotline(digits):
        return digits
    landline = _landline(dialled)
    if landline is None:
        raise BadIdentifier("phone_format")
    return "-".join(part for part in landline.groups() if part)


# Unified social credit codes (GB 32100-2015)

_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUE = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = tuple(3**place % 31 for place in range(17))
_is_credit_shaped = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}").fullmatch


def credit_code_check(first17: str) -> str:
    """Check character of a credit code's first 17; KeyError for a character outside the standard's alphabet."""
    return _CREDIT_ALPHABET[-sum(map(mul, (_CREDIT_VALUE[each] for each in first17), _CREDIT_WEIGHTS)) % 31]


def credit_code(text: str) -> str:
    """The 18 characters of a unified social credit code, letters allowed in the first two (registrar and type).

    Raises BadIdentifier credit_code_format or credit_code_checksum.
    """
    code = normalised(text)
    if not _is_credit_shaped(code):
        raise BadIdentifier("credit_code_format")
    if credit_code_check(code[:17]) != code[17]:
        raise BadIdentifier("credit_code_checksum")
    return code


# Masking: what a list, an export or a log may show


def _hide(text: str, head: int, tail: int) -> str:
    """Stars for all but head and tail; a text too short to hide four characters shows a quarter at either end."""
    if len(text) < head + tail + 4:
        head = tail = len(text) // 4
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


def mask_identity(number: str) -> str:
    """First 3 and last 2 characters, so neither birth date nor sequence can be read."""
    return _hide(number, 3, 2)


def mask_phone(number: str) -> str:
    """138****8000."""
    return _hide(number, 3, 4)


def mask_name(name: str) -> str:
    """The first character and a star for each of the next two at most: 张*, 张**, A**; a single one is hidden."""
    name = name.strip()
    return name[0] + "*" * min(len(name) - 1, 2) if len(name) > 1 else "*" * len(name)


def mask_email(address: str) -> str:
    """First character of the mailbox and the domain; without a domain or for a mailbox of one letter, no character."""
    mailbox, at, domain = address.strip().rpartition("@")
    if not at:
        return mask_text(address)
    return f"{mailbox[:1] if len(mailbox) > 1 else ''}***@{domain}"


def mask_text(text: str) -> str:
    """Three stars for any text, so not even its length can be read; nothing for nothing."""
    return "***" if text.strip() else ""
