"""Messages to people, written down before they are sent."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Create the tables; nobody was told anything through them yet."""
    op.create_table(
        "message",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("number", "repeats", "repeats_told")),
        *(sa.Column(name, _TIME, nullable=False) for name in ("at", "counted_until")),
        *_words("kind", "severity", "title", "body", "alike", "occasion"),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_message_alike", "message", ["alike"])
    op.create_index("ix_message_occasion", "message", ["occasion"])
    op.create_table(
        "delivery",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("message", "attempts")),
        *_words("target", "state", "detail"),
        *(sa.Column(name, _TIME, nullable=False) for name in ("next_at", "changed_at")),
        sa.PrimaryKeyConstraint("message", "target"),
    )
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"])


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
