"""Lessons of a session, presence at each of them, the code at the door, the least attendance of a course"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lesson",
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
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("starts", models.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends", models.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("topic", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=True),
        sa.Column("instructor_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["instructor_id"],
            ["instructor.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["training_session.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"],
            ["venue.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("lesson", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_instructor_id"), ["instructor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index("ix_lesson_venue_time", ["venue_id", "starts", "ends"], unique=False)
        batch_op.create_index(
            "ux_lesson_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ux_lesson_number",
            ["session_id", "number"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "presence",
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
        sa.Column("lesson_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", models.types.Word(length=40), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("arrived_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("left_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("noted_by", models.types.Word(length=40), nullable=False),
        sa.Column("once", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lesson.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["training_session.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presence_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_presence_session", ["session_id", "person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_presence_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "ux_presence_lesson",
            ["lesson_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ux_presence_whole",
            ["session_id", "person_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL AND lesson_id IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL AND lesson_id IS NULL"),
        )

    op.add_column(
        "training_session", sa.Column("door_code", models.types.Word(length=40), nullable=False, server_default="fixed")
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE lesson_search USING fts5(search_text, prefix='2 3')")
    else:
        op.execute("CREATE INDEX ix_lesson_search ON lesson USING gin (to_tsvector('simple', search_text))")
    op.execute(PRESENT)


SAME = "created_at, created_by, changed_at, changed_by, unit_id, session_id, person_id"
PRESENT = f"""INSERT INTO presence({SAME}, version, search_text, notes, state, reason, once, arrived_at, noted_by)
SELECT {SAME}, 1, '', '', 'present', '', '', checked_in_at, checked_in_by FROM attendance WHERE deleted_at IS NULL"""


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
