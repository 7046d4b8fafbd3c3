"""The pipeline of aid applications: which state may follow which (feature S1)."""

from datetime import date
from typing import Any

from models.base import Record
from models.charity import AidState, reachable
from services.db import PortalSession
from services.errors import Invalid
from services.hooks import before_write


@before_write("aid_application")
def _keep_to_the_pipeline(_session: PortalSession, values: dict[str, Any], row: Record | None, _today: date) -> None:
    """An application goes on, or back by a move of the table; a new one may stand anywhere (a ledger of the past)."""
    before: Any = getattr(row, "state", None)
    if before and values["state"] != before and values["state"] not in reachable(AidState(before)):
        raise Invalid({"state": "state_move"})
