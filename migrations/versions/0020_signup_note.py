"""Why staff took somebody off a shift or marked them as not having come"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("shift_signup", sa.Column("note", sa.String(length=200), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
