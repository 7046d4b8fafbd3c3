"""Certificate issuers that are one of the bases"""

import sqlalchemy as sa
from alembic import op

import models.types

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Issuers of before stand for themselves: they belong to no base until somebody says so."""
    op.add_column("certificate_issuer", sa.Column("base", models.types.Word(length=40), nullable=True))


def downgrade() -> None:
    op.drop_column("certificate_issuer", "base")
