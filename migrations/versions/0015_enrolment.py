"""Enrolment by the public and by partners, the order of the waitlist, roles without a seat"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_link",
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
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("revoked_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_partner_link_session", "partner_link", ["session_id", "id"])
    op.create_index("ix_partner_link_unit_id", "partner_link", ["unit_id"])
    op.create_index("ix_partner_link_organisation_id", "partner_link", ["organisation_id"])
    _training_session()
    _enrolment()


def _training_session() -> None:
    """Nothing is shown to the public that nobody has decided to show."""
    op.add_column("training_session", sa.Column("open_to_public", sa.Boolean(), nullable=True))
    op.execute("UPDATE training_session SET open_to_public = false")


def _enrolment() -> None:
    text = sqlmodel.sql.sqltypes.AutoString
    op.add_column(
        "enrolment", sa.Column("role", models.types.Word(length=40), nullable=False, server_default="trainee")
    )
    op.add_column("enrolment", sa.Column("consent_version", text(length=20), nullable=False, server_default=""))
    op.add_column("enrolment", sa.Column("queue", sa.Integer(), nullable=True))
    op.execute("ALTER TABLE enrolment ADD COLUMN partner_link_id INTEGER REFERENCES partner_link (id)")
    op.create_index("ix_enrolment_partner_link_id", "enrolment", ["partner_link_id"])
    op.add_column("enrolment", sa.Column("link_key", text(length=32), nullable=True))
    op.create_index("ix_enrolment_link_key", "enrolment", ["link_key"], unique=True)


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
