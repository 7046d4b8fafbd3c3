"""Which deployment hours of service were given in"""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from services import clock

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

HOURS = sa.table(
    "service_hours", sa.column("volunteer_id"), sa.column("deployment_id"), sa.column("source"), sa.column("activity"),
    sa.column("served_on", sa.Date),
)  # fmt: skip
MEMBER = sa.table("deployment_member", sa.column("deployment_id"), sa.column("volunteer_id"), sa.column("credited_on"))
DEPLOYMENT = sa.table(
    "deployment", sa.column("id"), sa.column("title"), sa.column("starts", sa.DateTime), sa.column("ends", sa.DateTime)
)


def _day(moment: datetime) -> date:
    """The site's day of a moment, which SQLite gives without its zone."""
    return clock.local(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).date()


def upgrade() -> None:
    """Hours credited before are told by whose they are, the event and its days."""
    column = sa.Column("deployment_id", sa.Integer(), sa.ForeignKey("deployment.id"), nullable=True)
    op.add_column("service_hours", column, inline_references=True)
    op.create_index("ix_service_hours_deployment_id", "service_hours", ["deployment_id"])
    credited = (
        sa.select(DEPLOYMENT, MEMBER.c.volunteer_id)
        .join(MEMBER, MEMBER.c.deployment_id == DEPLOYMENT.c.id)
        .where(MEMBER.c.credited_on.is_not(None), DEPLOYMENT.c.ends.is_not(None))
    )
    for row in op.get_bind().execute(credited).all():
        mine = sa.and_(
            HOURS.c.volunteer_id == row.volunteer_id, HOURS.c.source == "deployment",
            HOURS.c.activity == row.title[:80], HOURS.c.deployment_id.is_(None),
            HOURS.c.served_on.between(_day(row.starts), _day(row.ends)),
        )  # fmt: skip
        op.execute(HOURS.update().where(mine).values(deployment_id=row.id))


def downgrade() -> None:
    op.drop_index("ix_service_hours_deployment_id", "service_hours")
    op.drop_column("service_hours", "deployment_id")
