"""What a report says of the months of its contract that were closed, and of what was adjusted since (features K8, K10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from models import RECORDS
from services import closing, snapshots
from services.access import Actor
from services.closing import Change, Difference, Edition, Month
from services.figures import Board, Figure


@dataclass(frozen=True, slots=True)
class Correction:
    """An edition of a month that was reopened: what was written to its records, and the figures that the next edition
    tells differently (None until there is one)."""

    month: Month
    edition: Edition
    changes: tuple[Change, ...]
    differences: tuple[Difference, ...] | None


@dataclass(frozen=True, slots=True)
class Settled:
    """The report's months that are over, and how they were closed. corrections: only for whoever sees every station.

    frozen: the figures of the last month's closing by code, where a month or quarter all of which is closed is reported
    and the figures of now are others; None where there is nothing to compare.
    """

    months: tuple[Month, ...] = ()
    corrections: tuple[Correction, ...] = ()
    frozen: dict[str, Figure] | None = None
    areas: frozenset[str] = field(default=frozenset())

    @property
    def closed(self) -> tuple[Month, ...]:
        """The months that were closed at least once."""
        return tuple(month for month in self.months if month.editions)


def read(actor: Actor, board: Board, months: tuple[int, int] | None, codes: Iterable[str]) -> Settled:
    """The closings of the months that a report covers; its indicators are those of the codes. Raises Denied, NotFound."""
    year = closing.year(actor, board.contract_id).months
    part = year if months is None else year[months[0] : months[1] + 1]
    over = tuple(month for month in part if month.last <= board.as_of)
    if actor.units is not None or not any(month.editions for month in over):
        return Settled(over)
    told = frozenset(codes)
    corrections = tuple(one for month in over for one in _corrections(actor, month, told))
    areas = {RECORDS[change.record].area for one in corrections for change in one.changes if change.title}
    is_settled = months is not None and over == part and all(month.state == "closed" for month in over)
    frozen = _frozen(actor, board, over[-1], told) if is_settled else None
    return Settled(over, corrections, frozen, frozenset(areas))


def _corrections(actor: Actor, month: Month, codes: frozenset[str]) -> list[Correction]:
    reopened = [edition for edition in month.editions if edition.reopened_at is not None]
    boards = {edition.id: closing.snapshot(actor, edition.id) for edition in month.editions} if reopened else {}
    found = []
    for edition in reopened:
        after = next((boards[one.id] for one in month.editions if one.number == edition.number + 1), None)
        changes = tuple(_shown(actor, change) for change in closing.adjustments(actor, edition.id))
        differing = None if after is None else _of(closing.differences(boards[edition.id], after), codes)
        found.append(Correction(month, edition, changes, differing))
    return found


def _of(found: Sequence[Difference], codes: frozenset[str]) -> tuple[Difference, ...]:
    return tuple(one for one in found if one.after.code in codes)


def _shown(actor: Actor, change: Change) -> Change:
    """Titles that were kept say nothing of a person; who may not read such records sees the number alone."""
    return change if actor.may("read", RECORDS[change.record].area) else replace(change, title="")


def _frozen(actor: Actor, board: Board, month: Month, codes: frozenset[str]) -> dict[str, Figure] | None:
    if month.newest is None:
        return None
    kept, now = closing.snapshot(actor, month.newest.id), snapshots.to_board(snapshots.to_document(board))
    return {one.before.code: one.before for one in _of(closing.differences(kept, now), codes)}
