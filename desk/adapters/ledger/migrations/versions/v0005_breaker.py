"""The trips of the circuit breaker."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
_MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    """Create the table; nothing has tripped yet."""
    op.create_table(
        "trip",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("account", "limit", "state", "why")),
        sa.Column("tripped_at", _TIME, nullable=False),
        *(sa.Column(name, _TIME, nullable=True) for name in ("until", "lifted_at", "told_at", "reference_at")),
        sa.Column("reference_equity", _MONEY, nullable=True),
        sa.PrimaryKeyConstraint("account", "limit"),
    )
