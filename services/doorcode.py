"""The code at the door of a session: fixed, or a new one every 30 seconds, made of the server's key and the time (T5).

The long form stands in the QR code, six digits beside it for phones that cannot scan. A changing code holds for its own
window and the KEPT windows before it, so that forty people can scan and type, and no longer.
"""

import hmac
import re
import unicodedata
from datetime import datetime, timedelta

from sqlmodel import col, select

from models.training import DoorCode, SessionState, TrainingSession
from models.vault import digest
from services import signed
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.presence import AFTER, BEFORE

STEP = 30  # seconds
KEPT = 5
DIGITS = 6
LONGEST = timedelta(days=30)
SCREEN = "show"


def rotates(training: TrainingSession) -> bool:
    return training.door_code == DoorCode.ROTATING


def window(now: datetime) -> int:
    """The number of the window that a moment lies in."""
    return int(now.timestamp()) // STEP


def left_of(now: datetime) -> float:
    """Seconds until the next window."""
    return STEP - now.timestamp() % STEP


def in_address(training: TrainingSession, at: int) -> str:
    """The long form of a window's code: 16 hexadecimal characters."""
    return _made(training, at)[:16]


def in_digits(training: TrainingSession, at: int) -> str:
    """Six digits to be typed; of a session with a fixed code always the same."""
    made = _made(training, at if rotates(training) else 0)
    return f"{int(made[16:], 16) % 10**DIGITS:0{DIGITS}}"


def _made(training: TrainingSession, at: int) -> str:
    return digest(f"door:{training.id}:{training.checkin_token}:{at}")


def is_fresh(training: TrainingSession, given: str, now: datetime) -> bool:
    """Whether somebody has just seen the code; of a session with a fixed one its link says enough."""
    return not rotates(training) or _window_of(training, typed(given), now) is not None


def typed(code: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", code)).lower()


def _window_of(training: TrainingSession, given: str, now: datetime) -> int | None:
    this = window(now)
    for at in range(this, this - KEPT - 1, -1):
        if any(hmac.compare_digest(given.encode(), made(training, at).encode()) for made in (in_address, in_digits)):
            return at
    return None


def path(training: TrainingSession, now: datetime) -> str:
    """The address that the QR code of this moment leads to."""
    return _path(training, window(now))


def _path(training: TrainingSession, at: int) -> str:
    link = f"/c/{training.checkin_token}"
    return f"{link}?k={in_address(training, at)}" if rotates(training) else link


def path_of_digits(s: PortalSession, given: str, now: datetime) -> str:
    """Where six digits lead, among the sessions whose door is open. Raises Invalid({"code": "code_unknown"})."""
    running = select(TrainingSession).where(
        TrainingSession.starts <= now + BEFORE, TrainingSession.starts > now - LONGEST, TrainingSession.ends > now - AFTER,
        col(TrainingSession.state).not_in([SessionState.DRAFT, SessionState.CANCELLED]),
        col(TrainingSession.checkin_token).is_not(None),
    )  # fmt: skip
    found = [path for one in s.exec(running) if (path := _led(one, typed(given), now))]
    if len(found) != 1:  # of two sessions with the same digits neither: the next ones differ, or the QR code does
        raise Invalid({"code": "code_unknown"})
    return found[0]


def _led(training: TrainingSession, given: str, now: datetime) -> str:
    if not rotates(training):
        return _path(training, 0) if given == in_digits(training, 0) else ""
    at = _window_of(training, given, now) if len(given) == DIGITS else None
    return "" if at is None else _path(training, at)


# -- the screen in the room -------------------------------------------------------------------------------------------


def screen_token(training: TrainingSession) -> str:
    """The secret of the page that shows the codes; it cannot be guessed from the link that the codes lead to."""
    return signed.sign(SCREEN, training.id or 0)


def screened(s: PortalSession, token: str) -> TrainingSession:
    """The session of a screen. Raises NotFound for a wrong token."""
    row = s.exec(select(TrainingSession).where(TrainingSession.id == signed.row_of(SCREEN, token))).first()
    if row is None:
        raise NotFound(record="training_session")
    return row
