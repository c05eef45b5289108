"""Between which prices the market was while a trade was held."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")
_MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")


def upgrade() -> None:
    """Create the table; of the trades that there are it is not known."""
    op.create_table(
        "excursion",
        *(sa.Column(name, sa.String(), nullable=False) for name in ("account", "instrument")),
        sa.Column("opened_at", _TIME, nullable=False),
        *(sa.Column(name, _MONEY, nullable=False) for name in ("lowest", "highest")),
        sa.Column("seen_until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("account", "instrument", "opened_at"),
    )
