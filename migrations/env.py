"""Alembic's environment: the schema is what models/ declares; search tables and triggers are kept by hand in versions/."""

from alembic import context
from sqlmodel import SQLModel

import models  # noqa: F401 - declares every table
from services import db


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave alone what the models do not declare: the search tables and their shadows, the search indexes."""
    return not (name and ("_search" in name) and kind in ("table", "index"))


with db.engine().connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_object=ours,
        compare_type=True,
        render_as_batch=db.is_sqlite(),
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
