"""What a session that is marked as held would cut short: the time to its end, and people who may still sign out (feature T5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.training import TrainingSession
from services import clock, db, presence, store
from services.access import Actor
from services.attending import EARLY, NEVER
from services.training import SESSION


@dataclass(frozen=True, slots=True)
class Ending:
    """left: until the end of the session (none once it is over); inside: how many are there and have not signed out, of
    the lessons that one may still sign out of, which is until `door`."""

    left: timedelta
    inside: int
    door: datetime

    @property
    def asks(self) -> bool:
        """Whether to mark it as held needs a second thought."""
        return self.left > NEVER or self.inside > 0


def ending(actor: Actor, session_id: int, now: datetime | None = None) -> Ending:
    """How a session stands at its end. Raises Denied, NotFound."""
    actor.need("read", "training")
    now = now or clock.now()
    with db.reading(actor) as s:
        training: TrainingSession = store.find(s, SESSION, session_id)
        parts = presence.parts(training, presence.lessons_of(s, session_id))
        running = {part.id for part in parts if part.opens <= now < part.ends + presence.AFTER}
        inside = {
            person
            for (lesson, person), row in presence.noted(s, session_id).items()
            if lesson in running and row.came and row.left_at is None and row.state not in EARLY
        }
        return Ending(max(training.ends - now, NEVER), len(inside), parts[-1].ends + presence.AFTER)
