"""Why certificates are issued for a class that was shorter than its course"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Lists of before say nothing of it."""
    reason = sa.Column("short_reason", sa.String(length=200), nullable=False, server_default="")
    op.add_column("certificate_batch", reason)


def downgrade() -> None:
    op.drop_column("certificate_batch", "short_reason")
