"""When staff typed somebody in is not when they came"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TYPED = timedelta(minutes=10)


def upgrade() -> None:
    _forget_when_it_was_typed(op.get_bind())


def _forget_when_it_was_typed(bare: sa.Connection) -> None:
    """Presences by hand or from a list whose time of coming is that of the row itself: no time; the attendance keeps it."""
    moment = models.types.UtcDateTime()
    typed = sa.text(
        "SELECT id, arrived_at, created_at FROM presence WHERE noted_by IN ('hand', 'import') AND arrived_at IS NOT NULL"
    ).columns(arrived_at=moment, created_at=moment)
    found = [{"key": key} for key, arrived, made in bare.execute(typed) if abs(made - arrived) < TYPED]
    if found:
        bare.execute(sa.text("UPDATE presence SET arrived_at = NULL WHERE id = :key"), found)


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
