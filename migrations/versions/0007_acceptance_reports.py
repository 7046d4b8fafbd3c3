"""Acceptance reports"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acceptance_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", models.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", models.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("deleted_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.Integer(), nullable=True),
        sa.Column("search_text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("notes", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("edition", models.types.Word(length=40), nullable=False),
        sa.Column("which", sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("moment", models.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("data_version", sa.Integer(), nullable=False),
        sa.Column("made_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("met", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("areas", models.types.Codes(), nullable=False),
        sa.Column("units", models.types.Codes(), nullable=False),
        sa.Column("state", models.types.Word(length=40), nullable=False),
        sa.Column("signed_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("signed_account_id", sa.Integer(), nullable=True),
        sa.Column("signed_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("opinion", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("acceptance_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acceptance_report_contract_id"), ["contract_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("acceptance_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_acceptance_report_contract_id"))

    op.drop_table("acceptance_report")
