"""今日: the numbers that matter to this role, then what to do now, oldest first."""

from models.words import L
from services import clock
from services.access import Actor
from ui.shell import header, t


def page(actor: Actor) -> None:
    header(t(L("今日", "Today")), clock.today().isoformat())
