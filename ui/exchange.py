"""Import and export of any record type."""

from models import RecordType
from services.access import Actor
from services.store import Query


def export_button(actor: Actor, record: RecordType, query: Query) -> None:
    """Placed by the list; filled in with the exchange engine."""


def import_page(actor: Actor, record: RecordType) -> None:
    """The import of a sheet."""
