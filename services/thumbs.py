"""The small pictures of attachments, made once of a content and kept beside it by its hash (issue 3, evidence)."""

import subprocess
import sys
from contextlib import suppress
from threading import Semaphore

from services import db, files, thumbdraw
from services.access import SYSTEM

PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
DRAWN = (*PICTURES, "application/pdf")
MIME = "image/webp"
AT_ONCE = Semaphore(2)


def of(sha256: str, mime: str) -> bytes | None:
    """The small picture as WebP, at most thumbdraw.SIDE pixels a side; None where none can be made of this content."""
    if mime not in DRAWN:
        return None
    key = files.thumb_key(sha256)
    if files.exists(key):
        return files.read(key) or None
    small = _drawn(files.read(files.content_key(sha256)), mime)
    if small is not None:
        _keep(sha256, small)
    return small or None


def _drawn(data: bytes, mime: str) -> bytes | None:
    """Nothing (b"") for a file that cannot be drawn; None where the drawing was cut short, and may do another time."""
    with AT_ONCE:
        try:
            child = subprocess.run(
                [sys.executable, "-I", thumbdraw.__file__, mime],
                input=data, capture_output=True, env={}, timeout=2 * thumbdraw.SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return None
    if child.returncode < 0:
        return None
    return child.stdout if child.returncode == 0 else b""


def _keep(sha256: str, small: bytes) -> None:
    """Beside its content, while there is that: nobody drops it meanwhile (store.drop_content). Where the database is busy
    it is drawn again another time."""
    with suppress(db.Busy), db.unit(SYSTEM) as session:
        db.alone(session, sha256)
        if files.exists(files.content_key(sha256)):
            files.write(files.thumb_key(sha256), small)
