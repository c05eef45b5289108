"""Adjustments of positions, and what others have at the accounts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
_MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    """Create the two tables; both begin empty."""
    op.create_table(
        "adjustment",
        *_columns(sa.String(), "account", "venue_trade_id", "instrument"),
        *_columns(_MONEY, "ledger_quantity", "venue_quantity"),
        *_columns(sa.String(), "why"),
        *_columns(_TIME, "at"),
        sa.PrimaryKeyConstraint("account", "venue_trade_id"),
    )
    op.create_table(
        "external",
        *_columns(sa.String(), "account", "kind", "name", "instrument", "detail"),
        *_columns(_TIME, "first_seen"),
        sa.PrimaryKeyConstraint("account", "kind", "name"),
    )


def _columns(kind: sa.types.TypeEngine[Any], *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]
