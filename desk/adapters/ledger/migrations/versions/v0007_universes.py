"""What accounts chose to trade."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Create the table; nothing was chosen yet."""
    op.create_table(
        "universe_choice",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("candle_close", _TIME, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("universe", "config_version")),
        sa.Column("standings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("account", "candle_close"),
    )
