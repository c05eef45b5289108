"""An index by which the last trades of an account are found without a look at all of them."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_trade_account_closed_at", "trade", ["account", "closed_at"])
