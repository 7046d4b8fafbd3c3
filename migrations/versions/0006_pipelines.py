"""Steps of aid applications and what was paid; meetings name their demonstration site"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STEP = "aid_step"


def upgrade() -> None:
    op.create_table(
        STEP,
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
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("aid_application_id", sa.Integer(), nullable=False),
        sa.Column("before", models.types.Word(length=40), nullable=False),
        sa.Column("after", models.types.Word(length=40), nullable=False),
        sa.Column("stepped_on", sa.Date(), nullable=False),
        sa.Column("taken_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.ForeignKeyConstraint(["aid_application_id"], ["aid_application.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_aid_step_aid_application_id", STEP, ["aid_application_id"])
    op.create_index("ix_aid_step_unit_id", STEP, ["unit_id"])
    op.add_column("aid_application", sa.Column("paid", models.types.Amount(), nullable=True))
    result = sa.Column("result", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False, server_default="")
    op.add_column("aid_application", result)
    op.execute("UPDATE aid_application SET paid = granted WHERE state IN ('paid', 'closed')")
    op.execute("ALTER TABLE coordination_meeting ADD COLUMN site_id INTEGER REFERENCES demonstration_site (id)")
    op.create_index("ix_coordination_meeting_site_id", "coordination_meeting", ["site_id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
