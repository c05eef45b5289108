"""The audit chain, flattenings, and what a finding says beside its numbers."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Create the two tables and add the column; what was done before has no audit."""
    op.add_column("finding", sa.Column("detail", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        *_columns(_TIME, "at"),
        *_columns(sa.String(), "who", "action", "subject"),
        *_columns(sa.JSON(), "detail"),
        *_columns(sa.String(), "previous_hash", "hash"),
        sa.PrimaryKeyConstraint("sequence"),
    )
    op.create_table(
        "flattening",
        *_columns(sa.String(), "account"),
        *_columns(_TIME, "begun_at"),
        *_columns(sa.JSON(), "instruments"),
        *_columns(sa.String(), "who", "why", "remaining"),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("account", "begun_at"),
    )


def _columns(kind: sa.types.TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
