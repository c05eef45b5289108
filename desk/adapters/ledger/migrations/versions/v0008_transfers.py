"""Money that the desk moves itself, and what the paper venue has of it on its side."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")
_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
_WORDS = ("transfer_id", "day", "source", "target", "currency", "into", "state", "detail", "prepared")
_BEFORE = ("source_equity", "source_peak", "target_equity", "target_peak")


def upgrade() -> None:
    """Create both tables; nothing was moved yet."""
    op.create_table(
        "transfer",
        *(sa.Column(name, sa.String(), nullable=False) for name in _WORDS),
        *(sa.Column(name, _MONEY, nullable=False) for name in ("amount", "worth")),
        sa.Column("planned_at", _TIME, nullable=False),
        *(sa.Column(name, _TIME, nullable=True) for name in ("sent_at", "ended_at", "source_at", "target_at")),
        *(sa.Column(name, _MONEY, nullable=True) for name in _BEFORE),
        sa.PrimaryKeyConstraint("transfer_id"),
    )
    for name in ("state", "source", "target"):
        op.create_index(f"ix_transfer_{name}", "transfer", [name])
    op.create_table(
        "paper_transfer",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("transfer_id", "source", "target", "currency")),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("transfer_id"),
    )
