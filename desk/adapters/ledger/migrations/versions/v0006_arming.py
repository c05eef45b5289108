"""The arms of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
_NAMES = ("account", "config_version", "environment", "venue_account", "who")


def upgrade() -> None:
    """Create the table; nothing is armed yet."""
    op.create_table(
        "arm",
        *(sa.Column(name, sa.String(), nullable=False) for name in _NAMES),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("account"),
    )
