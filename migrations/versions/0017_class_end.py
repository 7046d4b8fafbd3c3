"""How long one must be at a class, and what was decided of one person against their results"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.types

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("course", sa.Column("hours_percent", sa.Integer(), nullable=True))
    op.create_table(
        "certificate_ruling",
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
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ruling", models.types.Word(length=40), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("ruled_by", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"]),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    alive = sa.text("deleted_at IS NULL")
    with op.batch_alter_table("certificate_ruling", schema=None) as batch_op:
        for column in ("person_id", "session_id", "unit_id"):
            batch_op.create_index(batch_op.f(f"ix_certificate_ruling_{column}"), [column], unique=False)
        batch_op.create_index(
            "ux_certificate_ruling_person", ["session_id", "person_id"], unique=True,
            sqlite_where=alive, postgresql_where=alive,
        )  # fmt: skip


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
