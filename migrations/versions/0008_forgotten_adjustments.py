"""Adjustments forget whom they are about"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SAME = ("id", "closing_id", "record", "record_id", "verb", "day_before", "day_after", "at", "account_id", "actor")
FORGOTTEN = "NEW.title = '' AND NEW.reason = ''"


def upgrade() -> None:
    """The database still refuses to change an adjustment, but for one thing: that its title and its reason give way to
    nothing (PIPL art. 47)."""
    op.execute("DROP TRIGGER adjustment_frozen" + ("" if _is_sqlite() else " ON adjustment"))
    same = " AND ".join(f"NEW.{name} {'IS' if _is_sqlite() else 'IS NOT DISTINCT FROM'} OLD.{name}" for name in SAME)
    refuse = (
        "BEGIN SELECT RAISE(ABORT, 'what was closed stays as it was'); END"
        if _is_sqlite()
        else "EXECUTE FUNCTION refuse_change_of_the_closed()"
    )
    op.execute(
        "CREATE TRIGGER adjustment_frozen BEFORE UPDATE ON adjustment FOR EACH ROW "
        f"WHEN (NOT ({same} AND {FORGOTTEN})) {refuse}"
    )


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def downgrade() -> None:
    raise NotImplementedError("restore a backup of the version before instead")
