"""The small pictures of attachments, made once of a content and kept beside it by its hash (issue 3, evidence)."""

import subprocess
import sys
from threading import Semaphore

from services import files, thumbdraw

PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
DRAWN = (*PICTURES, "application/pdf")
MIME = "image/webp"
AT_ONCE = Semaphore(2)


def of(sha256: str, mime: str) -> bytes | None:
    """The small picture as WebP, at most thumbdraw.SIDE pixels a side; None where none can be made of this content."""
    if mime not in DRAWN:
        return None
    key = files.thumb_key(sha256)
    if not files.exists(key):
        files.write(key, _drawn(files.read(files.content_key(sha256)), mime))
    return files.read(key) or None


def _drawn(data: bytes, mime: str) -> bytes:
    """Nothing for a file that cannot be drawn: that it cannot is kept as well."""
    with AT_ONCE:
        try:
            child = subprocess.run(
                [sys.executable, "-I", thumbdraw.__file__, mime],
                input=data, capture_output=True, env={}, timeout=2 * thumbdraw.SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return b""
    return child.stdout if child.returncode == 0 else b""
