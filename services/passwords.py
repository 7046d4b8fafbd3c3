"""What a password must be, and its bcrypt hash (rules.md §7 a; GB/T 22239-2019 8.1.4.1).

Hashing is streamlit-authenticator's Hasher. Its file is loaded by itself, since the package imports Streamlit, which
has no place in a service.
"""

import secrets
import string
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

SHORTEST, LONGEST_BYTES, CLASSES, REMEMBERED = 10, 72, 3, 5
ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def problem(password: str, username: str = "") -> str | None:
    """The error code of an unfit password, None for a fit one. bcrypt reads 72 bytes and no more: longer is refused."""
    if len(password) < SHORTEST:
        return "password_short"
    if len(password.encode()) > LONGEST_BYTES or "\0" in password:
        return "password_long"
    if _classes(password) < CLASSES:
        return "password_simple"
    return "password_has_username" if username and username.lower() in password.lower() else None


def _classes(password: str) -> int:
    """How many kinds of characters there are: capitals, small letters, digits, anything else."""
    kinds = {(c.isupper(), c.islower(), c.isdigit()) for c in password}
    return len(kinds)


def hashed(password: str) -> str:
    return str(_hasher().hash(password))


def matches(password: str, known: str) -> bool:
    """Whether the password has this hash; as slow for one that no account could have."""
    usable = len(password.encode()) <= LONGEST_BYTES and "\0" not in password
    same = bool(_hasher().check_pw(password if usable else "", known))
    return same and usable


def used_before(password: str, hashes: Iterable[str]) -> bool:
    return any(matches(password, known) for known in hashes)


@cache
def of_nobody() -> str:
    """A hash that no password has: compared with when there is no such account, so that both take as long."""
    return hashed(secrets.token_urlsafe(32))


def one_time(length: int = 14) -> str:
    """A password to hand over, without characters that look alike."""
    while True:
        made = "".join(secrets.choice(ALPHABET) for _ in range(length))
        if _classes(made) >= CLASSES and made[0] in string.ascii_letters:
            return made


@cache
def _hasher() -> Any:
    package = find_spec("streamlit_authenticator")
    assert package and package.origin
    path = Path(package.origin).parent / "utilities" / "hasher.py"
    spec = spec_from_file_location("streamlit_authenticator_hasher", path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Hasher
