"""Where files are kept apart from the database: a folder, or any store that fsspec knows by URL (PORTAL_FILES)."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

from fsspec.core import url_to_fs

from services.db import ROOT
from services.errors import NotFound


def _root() -> tuple[Any, str]:
    filesystem, path = url_to_fs(os.environ.get("PORTAL_FILES") or str(ROOT / "data" / "files"))
    return filesystem, str(path).rstrip("/")


def _at(key: str) -> tuple[Any, str]:
    filesystem, root = _root()
    return filesystem, f"{root}/{key}"


def content_key(sha256: str) -> str:
    return f"content/{sha256[:2]}/{sha256}"


def thumb_key(sha256: str) -> str:
    return f"thumbs/{sha256[:2]}/{sha256}"


def hashed(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def keep(data: bytes) -> str:
    """Store content under its sha256, once; returns the hash."""
    sha256 = hashed(data)
    filesystem, path = _at(content_key(sha256))
    if not filesystem.exists(path):
        write(content_key(sha256), data)
    return sha256


def write(key: str, data: bytes) -> None:
    """Store whole or not at all: a half-written file never goes by its name."""
    filesystem, path = _at(key)
    beside = f"{path}.{secrets.token_hex(4)}"
    filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    filesystem.pipe_file(beside, data)
    filesystem.mv(beside, path)


def read(key: str) -> bytes:
    """Raises NotFound where the store has lost the file."""
    filesystem, path = _at(key)
    try:
        return bytes(filesystem.cat_file(path))
    except FileNotFoundError as error:
        raise NotFound("file_missing") from error


def exists(key: str) -> bool:
    filesystem, path = _at(key)
    return bool(filesystem.exists(path))


def remove(key: str) -> None:
    filesystem, path = _at(key)
    if filesystem.exists(path):
        filesystem.rm_file(path)


def new_key(folder: str, name: str) -> str:
    """A key that nobody can guess, with the name's ending."""
    return f"{folder}/{secrets.token_urlsafe(18)}{Path(name).suffix.lower()[:8]}"
