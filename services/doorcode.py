"""The code at the door of a session, made of the server's key and the time: whoever has it is in the room (feature T5).

On a screen it changes every 30 seconds, as the long form in the QR code and as six digits beside it. A room without one
has a poster whose QR code holds the door's address alone: the digits are told by the staff, and change every 5 minutes so
that there is time to. A code holds for its own window and some before it, and is worth nothing ten minutes later. No
sign tells one while the door is shut.
"""

import hmac
import re
import unicodedata
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import col, select

from models.training import DoorCode, SessionState, TrainingSession
from models.vault import digest
from services import signed
from services.db import PortalSession
from services.errors import Invalid, NotFound
from services.presence import AFTER, BEFORE

DIGITS = 6
LONGEST = timedelta(days=30)
SHUT = (SessionState.DRAFT, SessionState.CANCELLED)


class Pace(NamedTuple):
    """How long a code stands, in seconds, and how many windows it holds after its own."""

    step: int
    kept: int


PACES = {DoorCode.ROTATING: Pace(30, 5), DoorCode.TOLD: Pace(300, 1)}


def pace(training: TrainingSession) -> Pace:
    return PACES[DoorCode(training.door_code)]


def window(training: TrainingSession, now: datetime) -> int:
    """The number of the window that a moment lies in."""
    return int(now.timestamp()) // pace(training).step


def left_of(training: TrainingSession, now: datetime) -> float:
    """Seconds until the next window."""
    return pace(training).step - now.timestamp() % pace(training).step


def in_address(training: TrainingSession, at: int) -> str:
    """The long form of a window's code: 16 hexadecimal characters."""
    return _long(_made(training, at))


def in_digits(training: TrainingSession, at: int) -> str:
    """The six digits of a window, to be typed."""
    return _short(_made(training, at))


def _long(made: str) -> str:
    return made[:16]


def _short(made: str) -> str:
    return f"{int(made[16:], 16) % 10**DIGITS:0{DIGITS}}"


def _made(training: TrainingSession, at: int) -> str:
    return digest(f"door:{training.id}:{training.checkin_token}:{at}")


def is_fresh(training: TrainingSession, given: str, now: datetime) -> bool:
    """Whether somebody has just seen the code, or been told it."""
    return _holds(training, typed(given), now)


def typed(code: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", code)).lower()


def is_digits(code: str) -> bool:
    """Whether a code was typed, rather than scanned."""
    return len(typed(code)) == DIGITS


def _holds(training: TrainingSession, given: str, now: datetime) -> bool:
    this, form = window(training, now), _short if is_digits(given) else _long
    codes = (form(_made(training, this - n)) for n in range(pace(training).kept + 1))
    return any(hmac.compare_digest(given.encode(), code.encode()) for code in codes)


def on_paper(training: TrainingSession) -> str:
    """The address on a poster; without the code of the moment it lets nobody in."""
    return f"/c/{training.checkin_token}"


def path(training: TrainingSession, now: datetime) -> str:
    """The address that the QR code of this moment leads to."""
    return f"{on_paper(training)}?k={in_address(training, window(training, now))}"


def is_open(training: TrainingSession, now: datetime) -> bool:
    """From an hour before the session to an hour after it; between its lessons too, since some only leave then."""
    is_on = training.state not in SHUT and training.checkin_token is not None
    return is_on and training.starts - BEFORE <= now < training.ends + AFTER


def path_of_digits(s: PortalSession, given: str, now: datetime) -> str:
    """Where six digits lead, among the sessions whose door is open. Raises Invalid({"code": "code_unknown"})."""
    running = select(TrainingSession).where(
        TrainingSession.starts <= now + BEFORE, TrainingSession.starts > now - LONGEST, TrainingSession.ends > now - AFTER,
        col(TrainingSession.state).not_in(SHUT),
        col(TrainingSession.checkin_token).is_not(None),
    )  # fmt: skip
    wanted = typed(given)
    found = [one for one in s.exec(running) if is_digits(wanted) and _holds(one, wanted, now)]
    if len(found) != 1:  # of two sessions with the same digits neither: the next ones differ, or the QR code does
        raise Invalid({"code": "code_unknown"})
    return f"{on_paper(found[0])}?k={wanted}"


# -- the screen in the room -------------------------------------------------------------------------------------------


def screen_token(training: TrainingSession) -> str:
    """The secret of the page that shows the codes; it cannot be guessed from the link that the codes lead to, and ends
    with it."""
    return signed.sign(_screen(training), training.id or 0)


def _screen(training: TrainingSession) -> str:
    return f"show:{training.checkin_token}"


def screened(s: PortalSession, token: str) -> TrainingSession:
    """The session of a screen. Raises NotFound for a wrong token."""
    row = s.exec(select(TrainingSession).where(TrainingSession.id == signed.claimed(token))).first()
    if row is None or not row.checkin_token:
        raise NotFound(record="training_session")
    signed.row_of(_screen(row), token)
    return row
