"""The page of any record type: what its address asks for - the list, a new record, one record, its form, import, bin."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from models import RecordType
from services.access import Actor
from ui import exchange
from ui.detail import detail, parameters
from ui.form import edit
from ui.listing import listing
from ui.shell import number, param


@dataclass(frozen=True)
class Own:
    """What a record type has beyond the generic page; every part may be absent."""

    detail: Callable[[Actor, int], None] | None = None
    form: dict[str, Any] | None = None
    before_list: Callable[[Actor], None] | None = None
    begin: Callable[[Actor], dict[str, Any]] = lambda _actor: {}


def record_page(record: RecordType, own: Own = Own()) -> Callable[[Actor], None]:
    """The page function of a record type."""

    def page(actor: Actor) -> None:
        key, do = number("id"), param("do")
        if do == "new" or (do == "edit" and key):
            preset = {**own.begin(actor), **parameters(record)}
            edit(actor, record, key if do == "edit" else 0, preset=preset, **(own.form or {}))
        elif do == "import":
            exchange.import_page(actor, record)
        elif key:
            (own.detail or (lambda who, k: detail(who, record, k)))(actor, key)
        else:
            listing(actor, record, before=own.before_list)

    page.__name__ = record.name
    return page
