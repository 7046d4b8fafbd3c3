"""Assessment: theory scores, practical checks, the question bank, quiz papers, feedback, and what a course asks for"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from models.types import Codes, Json, UtcDateTime, Word

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ALIVE = "deleted_at IS NULL"


def upgrade() -> None:
    for column in (
        sa.Column("practical_items", Codes(), nullable=False, server_default=""),
        sa.Column("practical_optional", Codes(), nullable=False, server_default=""),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="2"),
        sa.Column("quiz_questions", sa.Integer(), nullable=True),
        sa.Column("quiz_minutes", sa.Integer(), nullable=True),
        sa.Column("quiz_topics", Codes(), nullable=False, server_default=""),
    ):
        op.add_column("course", column)
    _examined("theory_score", sa.Column("score", sa.Float(), nullable=False), _source())
    _examined("practical_check", sa.Column("items", Codes(), nullable=False))
    _question()
    _of_session(
        "quiz_paper",
        _person(),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("drawn", Json(), nullable=True),
        sa.Column("answers", Json(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
    )
    op.create_index("ix_quiz_paper_person_id", "quiz_paper", ["person_id"])
    op.create_index("ix_quiz_paper_session", "quiz_paper", ["session_id", "person_id", "id"])
    _unique("ux_quiz_paper_open", "quiz_paper", ["session_id", "person_id"], f"submitted_at IS NULL AND {ALIVE}")
    _of_session(
        "feedback",
        sa.Column("content", sa.Integer(), nullable=False),
        sa.Column("teaching", sa.Integer(), nullable=False),
        sa.Column("organising", sa.Integer(), nullable=False),
        sa.Column("remark", AutoString(length=500), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=True),
        sa.Column("device_key", AutoString(length=32), nullable=True),
    )
    _unique("ux_feedback_device", "feedback", ["session_id", "device_key"])


def _examined(name: str, *columns: Any) -> None:
    """A table of attempts."""
    _of_session(
        name,
        _person(),
        sa.Column("attempt", sa.Integer(), nullable=False),
        *columns,
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("examiner", AutoString(length=60), nullable=False),
        sa.Column("examined_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
    )
    op.create_index(f"ix_{name}_person_id", name, ["person_id"])
    _unique(f"ux_{name}_attempt", name, ["session_id", "person_id", "attempt"])


def _question() -> None:
    _record(
        "question",
        sa.Column("text", AutoString(length=300), nullable=False),
        sa.Column("kind", Word(length=40), nullable=False),
        sa.Column("topic", AutoString(length=40), nullable=True),
        sa.Column("options", AutoString(length=1200), nullable=False),
        sa.Column("answer", AutoString(length=20), nullable=False),
        sa.Column("explanation", AutoString(length=600), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("text_en", AutoString(length=500), nullable=False),
        sa.Column("options_en", AutoString(length=2000), nullable=False),
        sa.Column("explanation_en", AutoString(length=1000), nullable=False),
    )
    _unique("ux_question_text", "question", ["text"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE question_search USING fts5(search_text, prefix='2 3')")
    else:
        op.execute("CREATE INDEX ix_question_search ON question USING gin (to_tsvector('simple', search_text))")


def _of_session(name: str, *columns: Any) -> None:
    """A record that belongs to a training session and carries its station."""
    _record(
        name,
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"]),
        sa.ForeignKeyConstraint(["session_id"], ["training_session.id"]),
    )
    op.create_index(f"ix_{name}_unit_id", name, ["unit_id"])


def _record(name: str, *columns: Any) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("deleted_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("deleted_by", sa.Integer(), nullable=True),
        sa.Column("search_text", AutoString(), nullable=False),
        sa.Column("notes", AutoString(length=2000), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )


def _unique(index: str, table: str, columns: list[str], where: str = ALIVE) -> None:
    condition = sa.text(where)
    op.create_index(index, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)


def _person() -> Any:
    return sa.Column("person_id", sa.Integer(), nullable=False)


def _source() -> Any:
    return sa.Column("source", Word(length=40), nullable=False)


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
