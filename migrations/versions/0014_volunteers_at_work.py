"""Volunteers at work: posts, shifts, hours, stars, insurance, corrections, proofs"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import models.types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_post",
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
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("form", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("content", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("credentials", models.types.Codes(), nullable=False),
        sa.Column("either", models.types.Codes(), nullable=False),
        sa.Column("needs_insurance", sa.Boolean(), nullable=False),
        sa.Column("risk_note", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("service_post", schema=None) as batch_op:
        batch_op.create_index(
            "ux_service_post_code",
            ["code"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "service_proof",
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
        sa.Column("number", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("check_code", sqlmodel.sql.sqltypes.AutoString(length=8), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("holder", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("document", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("volunteer_number", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("hours", models.types.Amount(precision=16, scale=2), nullable=False),
        sa.Column("lines", models.types.Json(), nullable=False),
        sa.Column("unit_name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("in_charge", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("contact", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("purpose", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("issued_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=True),
        sa.Column("revoke_reason", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("service_proof", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_proof_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_proof_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index("ux_service_proof_number", ["number"], unique=True)

    op.create_table(
        "service_shift",
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
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("starts", models.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends", models.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("in_charge", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("signup_until", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("withdraw_until", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("risk_note", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("state", models.types.Word(length=40), nullable=False),
        sa.Column("record_by", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["post_id"],
            ["service_post.id"],
        ),
        sa.ForeignKeyConstraint(
            ["team_id"],
            ["volunteer_team.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("service_shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_shift_post_id"), ["post_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_shift_starts"), ["starts"], unique=False)
        batch_op.create_index("ix_service_shift_state_starts", ["state", "deleted_at", "starts"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_shift_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_shift_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "star_award",
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
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("state", models.types.Word(length=40), nullable=False),
        sa.Column("hours", models.types.Amount(precision=16, scale=2), nullable=False),
        sa.Column("is_manual", sa.Boolean(), nullable=False),
        sa.Column("decided_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("applied_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("star_award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_star_award_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_star_award_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index(
            "ux_star_award",
            ["volunteer_id", "level"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL AND state <> 'refused'"),
            postgresql_where=sa.text("deleted_at IS NULL AND state <> 'refused'"),
        )

    op.create_table(
        "volunteer_insurance",
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
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("policy", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("insurer", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("volunteer_insurance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteer_insurance_ends"), ["ends"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_insurance_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_volunteer_insurance_volunteer_id"), ["volunteer_id"], unique=False)
        batch_op.create_index(
            "ux_volunteer_insurance",
            ["volunteer_id", "policy"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "volunteer_pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("link_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("session_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=True),
        sa.Column("made_at", models.types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("used_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("link_hash"),
        sa.UniqueConstraint("session_hash"),
    )
    with op.batch_alter_table("volunteer_pass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_volunteer_pass_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "service_hours",
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
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("activity", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("served_on", sa.Date(), nullable=True),
        sa.Column("times", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("hours", models.types.Amount(precision=16, scale=2), nullable=False),
        sa.Column("content", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("place", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("in_charge", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("quality", models.types.Word(length=40), nullable=True),
        sa.Column("source", models.types.Word(length=40), nullable=False),
        sa.Column("state", models.types.Word(length=40), nullable=False),
        sa.Column("review_level", sa.Integer(), nullable=False),
        sa.Column("is_short", sa.Boolean(), nullable=False),
        sa.Column("is_forced", sa.Boolean(), nullable=False),
        sa.Column("record_by", sa.Date(), nullable=True),
        sa.Column("entered_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("confirmed_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("decision", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("signed_in_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shift_id"],
            ["service_shift.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("service_hours", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_hours_served_on"), ["served_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_hours_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index("ix_service_hours_state_due", ["state", "deleted_at", "record_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_hours_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index("ix_service_hours_volunteer_day", ["volunteer_id", "served_on", "state"], unique=False)
        batch_op.create_index(
            "ux_service_hours_open",
            ["volunteer_id"],
            unique=True,
            sqlite_where=sa.text("signed_in_at IS NOT NULL AND deleted_at IS NULL"),
            postgresql_where=sa.text("signed_in_at IS NOT NULL AND deleted_at IS NULL"),
        )
        batch_op.create_index(
            "ux_service_hours_shift",
            ["volunteer_id", "shift_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "shift_slot",
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
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("credential", models.types.Word(length=40), nullable=True),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shift_id"],
            ["service_shift.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("shift_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_slot_shift_id"), ["shift_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_slot_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "ux_shift_slot",
            ["shift_id", "name"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "correction_request",
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
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("hours_id", sa.Integer(), nullable=True),
        sa.Column("asked", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("state", models.types.Word(length=40), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
        sa.Column("answered_name", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["hours_id"],
            ["service_hours.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("correction_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_request_hours_id"), ["hours_id"], unique=False)
        batch_op.create_index("ix_correction_request_state", ["state", "deleted_at", "asked_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_correction_request_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_correction_request_volunteer_id"), ["volunteer_id"], unique=False)

    op.create_table(
        "shift_signup",
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
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("state", models.types.Word(length=40), nullable=False),
        sa.Column("source", models.types.Word(length=40), nullable=False),
        sa.Column("withdrawn_at", models.types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["shift_id"],
            ["service_shift.id"],
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["shift_slot.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.ForeignKeyConstraint(
            ["volunteer_id"],
            ["volunteer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("shift_signup", schema=None) as batch_op:
        batch_op.create_index("ix_shift_signup_shift_state", ["shift_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_signup_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_signup_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index("ix_shift_signup_volunteer_state", ["volunteer_id", "state"], unique=False)
        batch_op.create_index(
            "ux_shift_signup",
            ["shift_id", "volunteer_id"],
            unique=True,
            sqlite_where=sa.text("deleted_at IS NULL"),
            postgresql_where=sa.text("deleted_at IS NULL"),
        )
    _make_search_tables()


SEARCHED = (
    "correction_request",
    "service_hours",
    "service_post",
    "service_proof",
    "service_shift",
    "shift_slot",
    "volunteer_insurance",
)


def _make_search_tables() -> None:
    for name in SEARCHED:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"CREATE VIRTUAL TABLE {name}_search USING fts5(search_text, prefix='2 3')")
        else:
            op.execute(f"CREATE INDEX ix_{name}_search ON {name} USING gin (to_tsvector('simple', search_text))")


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
