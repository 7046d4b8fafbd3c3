"""The lists that a hospital may extend (skills, service categories, regions), as the public pages offer them."""

from sqlmodel import col, select

from models.system import Option
from models.words import L
from services import db
from services.access import PUBLIC


def entries(name: str) -> tuple[tuple[str, L], ...]:
    """Code and label of a list's active entries, in its own order."""
    wanted = select(Option).where(Option.list_name == name, col(Option.active))
    with db.reading(PUBLIC) as s:
        rows = s.exec(wanted.order_by(col(Option.position), col(Option.id))).all()
    return tuple((row.code, L(row.zh, row.en)) for row in rows)
