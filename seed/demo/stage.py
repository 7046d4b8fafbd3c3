"""What every part of the demonstration year shares: the transaction, the dates, the source of chance."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any

from models import RECORDS
from models.periods import Period, add_months
from seed.demo.invented import Inventor
from services import clock, db, values
from services.db import PortalSession

SEED = 20260401
REACH = timedelta(days=200)
DAY = timedelta(days=1)


@dataclass
class Stage:
    """One load: what is written lies between `since` and `today`, whenever the contract began."""

    session: PortalSession
    period: Period
    today: date
    random: Random = field(default_factory=lambda: Random(SEED))
    at_station: set[int] = field(default_factory=set)

    @cached_property
    def invent(self) -> Inventor:
        return Inventor(self.random, self.today)

    @property
    def since(self) -> date:
        """The contract's first day, or 55 % of a year ago if it began later than that."""
        return min(self.period.start, self.today - REACH)

    @property
    def elapsed(self) -> float:
        """The part of the contract that has gone by, to which the deliberate lags and leads are fitted."""
        return self.period.elapsed(self.today)

    @cached_property
    def months(self) -> tuple[tuple[date, date], ...]:
        """The contract's months from `since` on, and those before it, the last one ending yesterday."""
        firsts, before = [first for first, _ in self.period.months], 1
        while firsts[0] > self.since:
            firsts.insert(0, add_months(self.period.start, -before))
            before += 1
        lasts = [first - DAY for first in firsts[1:]] + [self.period.end]
        yesterday = self.today - DAY
        spans = zip(firsts, lasts, strict=True)
        return tuple((first, min(last, yesterday)) for first, last in spans if first <= yesterday)

    @cached_property
    def station(self) -> int:
        """The one station, whose lead sees only its clients (`at_station`) and what is done for them."""
        return self.add("unit", [{"name": "门诊社工站", "lead": "王站长", "address": "门诊楼一层"}])[0]

    def placed(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows about clients, each at the station of its client."""
        return [row | {"unit_id": self.station if row["client_id"] in self.at_station else None} for row in rows]

    def day(self, first: date, last: date) -> date:
        """A day from first to last, and never after today."""
        last = min(last, self.today)
        return first + DAY * self.random.randint(0, max((last - first).days, 0))

    def paced(self, target: int, lead: float) -> list[date]:
        """Days since the beginning, evenly, so many that a target stands at `lead` times what is due."""
        span = (self.today - self.since).days + 1
        wanted = max(round(target * lead * span / self.period.days), 1)
        return [self.since + DAY * (span * place // wanted) for place in range(wanted)]

    def add(self, record: str, rows: Sequence[dict[str, Any]]) -> list[int]:
        """Check rows as a form would and insert them; returns their ids. A row of a role holds its person's values."""
        return db.bulk_insert(self.session, RECORDS[record], [self._checked(record, row) for row in rows])

    def _checked(self, record: str, row: dict[str, Any]) -> dict[str, Any]:
        """The row's own columns; ValueError where it would be refused, which is a mistake of this demonstration."""
        declared = RECORDS[record]
        clean, errors = values.validate(declared, row, self.today)
        if errors:
            raise ValueError(f"{record}: {errors}")
        own = {spec.name for spec in declared.own_fields if spec.kind != "links"}
        fixed = {name: row[name] for name in (*declared.extra.get("also", ()), "person_id") if name in row}
        return {name: value for name, value in clean.items() if name in own} | fixed

    def people(self, people: Sequence[dict[str, Any]]) -> None:
        """Insert people and note under `person_id` who is who."""
        for person, key in zip(people, self.add("person", people), strict=True):
            person["person_id"] = key


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A local time of the site."""
    return clock.from_local(datetime.combine(day, time(hour, minute)))
