"""Who may come to the control room, and how it turns the pages of trades."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Create the tables, in which nobody has a key yet, and the index of trades by time."""
    op.create_index("ix_trade_account_opened_at", "trade", ["account", "opened_at"])
    op.create_table(
        "token",
        *_words("name", "digest", "rights", "who"),
        sa.Column("made_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "person",
        *_words("name", "password", "rights"),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "session",
        *_words("digest", "name", "rights"),
        *(sa.Column(name, _TIME, nullable=False) for name in ("begun_at", "ends_at")),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "reply",
        *_words("name", "key", "request", "body"),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", "key"),
    )


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]
