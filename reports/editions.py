"""Which part of a contract a report is about: the whole, one category, one contract month or one quarter (K10)."""

from dataclasses import dataclass
from datetime import date

from models.acceptance import EditionKind
from models.periods import Period
from models.words import L
from services.errors import Invalid
from services.figures import Board

MONTHS_OF_A_QUARTER = 3
KINDS_OF_TIME = (EditionKind.MONTH, EditionKind.QUARTER)


@dataclass(frozen=True, slots=True)
class Edition:
    """kind, and which: a category's code, or the number of a contract month or quarter, from 1."""

    kind: EditionKind = EditionKind.WHOLE
    which: str = ""

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.which}" if self.which else self.kind.value

    def months(self, period: Period) -> tuple[int, int] | None:
        """First and last month (from 0) of a month or quarter; None for the whole period. Raises Invalid."""
        if self.kind not in KINDS_OF_TIME:
            return None
        size = MONTHS_OF_A_QUARTER if self.kind == EditionKind.QUARTER else 1
        first = (int(self.which) - 1) * size
        if first >= len(period.months):
            raise Invalid({"edition": "no_such_edition"})
        return first, min(first + size, len(period.months)) - 1

    def last_day(self, period: Period, as_of: date) -> date:
        """The day at whose end the edition looks: the asked one, or the last of its months. Raises Invalid."""
        months = self.months(period)
        if months is None:
            return as_of
        if as_of < period.months[months[0]][0]:
            raise Invalid({"edition": "edition_not_begun"})
        return min(as_of, period.months[months[1]][1])


WHOLE = Edition()


def read(written: str) -> Edition:
    """whole, category:01, month:3 or quarter:1; raises Invalid."""
    kind, _, which = written.partition(":")
    if kind not in list(EditionKind) or bool(which) == (kind == EditionKind.WHOLE):
        raise Invalid({"edition": "edition_format"})
    if kind in KINDS_OF_TIME and not (which.isascii() and which.isdecimal() and 0 < int(which[:6]) < 1000):
        raise Invalid({"edition": "edition_format"})
    return Edition(EditionKind(kind), which)


def editions(board: Board) -> dict[str, L]:
    """Every edition that can be made on the board's day, by its written form, with its name."""
    period = Period(board.start, board.end)
    found = {str(WHOLE): L("全本", "Whole")}
    found |= {f"category:{code}": L(f"{code} {name.zh}", f"{code} {name.en}") for code, name in board.categories}
    for kind in (EditionKind.QUARTER, EditionKind.MONTH):
        size = MONTHS_OF_A_QUARTER if kind == EditionKind.QUARTER else 1
        begun = -(-period.months_started(board.as_of) // size)
        found |= {str(e): name(e, board) for e in (Edition(kind, str(n)) for n in range(1, begun + 1))}
    return found


def name(edition: Edition, board: Board) -> L:
    """What an edition is called, with its days where it is of a month or a quarter. Raises Invalid."""
    months = edition.months(Period(board.start, board.end))
    if months:
        days = Period(board.start, board.end).months
        first, last = days[months[0]][0], days[months[1]][1]
        number = edition.which
        if edition.kind == EditionKind.MONTH:
            return L(f"第 {number} 月（{first} 至 {last}）", f"Month {number} ({first} to {last})")
        return L(f"第 {number} 季度（{first} 至 {last}）", f"Quarter {number} ({first} to {last})")
    if edition.kind == EditionKind.CATEGORY:
        names = dict(board.categories)
        if edition.which not in names:
            raise Invalid({"edition": "no_such_edition"})
        return L(f"{edition.which} {names[edition.which].zh}", f"{edition.which} {names[edition.which].en}")
    return L("全本", "Whole")
