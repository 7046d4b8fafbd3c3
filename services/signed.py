"""Addresses of public pages that nobody can guess: a row's number with the portal's own signature, kept nowhere."""

import hmac

from models.vault import digest
from services.errors import NotFound

SIGNATURE = 24


def sign(page: str, key: int) -> str:
    """The secret part of an address, good for this page and this row alone."""
    return f"{key}-{_signature(page, key)}"


def row_of(page: str, token: str) -> int:
    """The row that an address names. Raises NotFound for one that the portal did not make, and tells nothing more."""
    number, _, signature = token.partition("-")
    is_number = number.isascii() and number.isdecimal() and len(number) < 16
    if not is_number or not hmac.compare_digest(signature.encode(), _signature(page, int(number)).encode()):
        raise NotFound
    return int(number)


def _signature(page: str, key: int) -> str:
    return digest(f"{page}:{key}")[:SIGNATURE]
