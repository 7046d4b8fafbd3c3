"""A setting has a version, and tells who changed it last and when"""

import json

import sqlalchemy as sa
from alembic import op

import models.base
import models.types

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("setting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("changed_at", models.types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("changed_by", sa.Integer(), nullable=True))
    _told_by_the_audit(op.get_bind())
    with op.batch_alter_table("setting", schema=None) as batch_op:
        batch_op.alter_column("version", server_default=None)
        batch_op.alter_column("changed_at", nullable=False)


def _told_by_the_audit(bare: sa.Connection) -> None:
    """Who set what stands, and when; whatever nobody set has stood since now."""
    told: dict[str, dict[str, object]] = {}
    entries = sa.text("SELECT at, account_id, changes FROM audit_entry WHERE record = 'setting' ORDER BY id")
    for at, account, changes in bare.execute(entries.columns(at=models.types.UtcDateTime())):
        for key in json.loads(changes) if isinstance(changes, str) else changes or {}:
            told[key] = {"at": at, "account": account}
    change = sa.text("UPDATE setting SET changed_at = :at, changed_by = :account WHERE key = :key").bindparams(
        sa.bindparam("at", type_=models.types.UtcDateTime())
    )
    for (key,) in list(bare.execute(sa.text("SELECT key FROM setting"))):
        bare.execute(change, {"key": key, "at": models.base.now(), "account": None} | told.get(key, {}))


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
