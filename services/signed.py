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
    key = claimed(token)
    if not hmac.compare_digest(token.partition("-")[2].encode(), _signature(page, key).encode()):
        raise NotFound
    return key


def claimed(token: str) -> int:
    """The row that an address says it is of, for a page whose name depends on that row; to be proved with row_of."""
    number = token.partition("-")[0]
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise NotFound
    return int(number)


def _signature(page: str, key: int) -> str:
    return digest(f"{page}:{key}")[:SIGNATURE]
