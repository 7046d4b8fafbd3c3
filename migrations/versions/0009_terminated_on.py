"""Through which day a terminated agreement was in force"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that are terminated already stay without a day, and so as they were counted."""
    op.add_column("agreement", sa.Column("terminated_on", sa.Date(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
