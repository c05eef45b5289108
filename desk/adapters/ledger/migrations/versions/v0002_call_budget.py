"""The call budget: buckets, ordered pauses and counts of calls; and whose books an account has."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
_SCOPE = ("venue", "environment", "credential")


def upgrade() -> None:
    """Create the three tables and add the column."""
    op.add_column("lease", sa.Column("books", sa.String(), nullable=False, server_default=""))
    # The first release had no other books than those of the paper venue.
    op.execute("UPDATE lease SET books = 'paper' WHERE account IN (SELECT account FROM paper_account)")
    op.create_table(
        "call_bucket",
        *_columns(sa.String(), *_SCOPE, "period"),
        *_columns(sa.Integer(), "calls"),
        *_columns(_TIME, "full_at"),
        sa.PrimaryKeyConstraint(*_SCOPE, "period"),
    )
    op.create_table(
        "call_pause",
        *_columns(sa.String(), *_SCOPE),
        *_columns(_TIME, "since", "until"),
        *_columns(sa.Integer(), "status"),
        *_columns(sa.String(), "why"),
        sa.PrimaryKeyConstraint(*_SCOPE),
    )
    op.create_table(
        "call_usage",
        *_columns(sa.String(), *_SCOPE, "endpoint"),
        *_columns(_TIME, "hour"),
        *_columns(sa.Integer(), "calls", "errors", "limited", "refused"),
        *_columns(_TIME, "last_at"),
        sa.PrimaryKeyConstraint(*_SCOPE, "endpoint", "hour"),
    )
    op.create_index("ix_call_usage_hour", "call_usage", ["hour"])


def _columns(kind: sa.types.TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
