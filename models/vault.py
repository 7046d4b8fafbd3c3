"""Encryption and keyed hashes of personal data (PIPL art. 51; GB/T 22239-2019 8.1.4): the keys stand outside the database.

The key file holds one key a line, `number:base64 of 32 bytes`; the last line encrypts, all lines decrypt, the
first makes the search hashes. PORTAL_KEYS names the file (default data/portal.keys beside the code, wherever a command
is started; made at first need, 0600).
"""

import base64
import hashlib
import hmac
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ROOT = Path(__file__).resolve().parent.parent


def key_file() -> Path:
    return Path(os.environ.get("PORTAL_KEYS") or ROOT / "data" / "portal.keys")


def _make(path: Path) -> None:
    """Of two processes that make one at the same moment, the second takes the first's, and neither sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}\n")
    try:
        os.link(beside, path)
    except FileExistsError:
        return
    finally:
        beside.unlink()


@cache
def _keys() -> dict[int, bytes]:
    path = key_file()
    if not path.exists():
        _make(path)
    pairs = (line.split(":", 1) for line in path.read_text().split())
    return {int(number): base64.b64decode(key) for number, key in pairs}


@cache
def _cipher(number: int) -> AESGCM:
    """The cipher of a key; one that another process has added since is looked for in the file."""
    if number not in _keys():
        _keys.cache_clear()
        _newest.cache_clear()
    return AESGCM(_keys()[number])


@cache
def _newest() -> int:
    return list(_keys())[-1]


@cache
def _search_key() -> bytes:
    return hashlib.sha256(b"search" + next(iter(_keys().values()))).digest()


def add_key() -> int:
    """Append a new key, which encrypts from now on; returns its number."""
    number = max(_keys()) + 1
    with key_file().open("a") as file:
        file.write(f"{number}:{base64.b64encode(secrets.token_bytes(32)).decode()}\n")
    forget()
    return number


def forget() -> None:
    """Read the key file again at the next need."""
    for cached in (_keys, _cipher, _newest, _search_key):
        cached.cache_clear()


def fingerprint() -> str:
    """Names the search key without telling it: a backup refuses to be restored beside another key."""
    return hashlib.sha256(_search_key()).hexdigest()[:16]


def encrypt(text: str) -> bytes:
    number = _newest()
    nonce = os.urandom(12)
    return bytes([number]) + nonce + _cipher(number).encrypt(nonce, text.encode(), None)


def decrypt(data: bytes) -> str:
    return _cipher(data[0]).decrypt(data[1:13], data[13:], None).decode()


def digest(text: str) -> str:
    """A keyed hash by which an encrypted value is found again: 32 hexadecimal characters."""
    return hmac.digest(_search_key(), text.encode(), "sha256").hex()[:32]
