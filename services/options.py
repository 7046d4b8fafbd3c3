"""The lists that a hospital may extend (skills, service categories, regions): their codes and labels."""

from functools import lru_cache

from sqlmodel import col, select

from models.system import Option
from models.words import L
from services import db
from services.access import SYSTEM
from services.kept import newest


def labels(list_name: str) -> dict[str, L]:
    """{code: label} of a list, in its order."""
    with db.reading(SYSTEM) as session:
        known = newest(session, ["option"])
    return _labels(list_name, known.ids["option"], known.in_flight)


@lru_cache(maxsize=64)
def _labels(list_name: str, _newest: int, _in_flight: str) -> dict[str, L]:
    with db.reading(SYSTEM) as session:
        found = session.exec(
            select(Option)
            .where(Option.list_name == list_name, col(Option.active))
            .order_by(col(Option.position), col(Option.id))
        )
        return {option.code: L(option.zh, option.en) for option in found}
