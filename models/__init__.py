"""Every record type of the portal, imported by name: nothing is found by scanning."""

from sqlalchemy import column

from models import (
    acceptance,
    assessment,
    base_work,
    certificates,
    charity,
    clients,
    community,
    contract,
    deliverables,
    deployment,
    equipment,
    general,
    lessons,
    outreach,
    partners,
    people,
    planning,
    quotas,
    reminders,
    research,
    service,
    system,
    training,
    year,
)
from models.base import RECORDS, Record, RecordType, StationRow
from models.measures import MEASURES
from models.waiting import WAITING

__all__ = [
    "MEASURES", "RECORDS", "WAITING", "RecordType", "acceptance", "assessment", "base_work", "certificates",
    "charity", "clients", "community", "contract", "deliverables", "deployment", "equipment", "lessons", "outreach", "partners",
    "people", "planning", "quotas", "reminders", "research", "service", "system", "training", "year"
]  # fmt: skip

general.declare()

# SQLAlchemy reads the scope's criteria once on these mixins before it applies them to each table.
Record.deleted_at = column("deleted_at")  # type: ignore[assignment]
StationRow.unit_id = column("unit_id")  # type: ignore[assignment]
