"""The first tables: cycles, orders, books, leases, and the paper venue's side of them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

# As the types were when this was written: a migration never changes with the code.
_MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")
_TIME = sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Create everything; a table comes after those that it refers to."""
    _create_lease()
    _create_control()
    _create_config_version()
    _create_cycle()
    _create_signal()
    _create_no_trade()
    _create_verdict()
    _create_finding()
    _create_order()
    _create_order_event()
    _create_fill()
    _create_fill_cursor()
    _create_position()
    _create_trade()
    _create_equity()
    _create_paper_account()
    _create_paper_position()
    _create_paper_order()
    _create_paper_fill()


def _create_lease() -> None:
    op.create_table(
        "lease",
        *_columns(sa.String(), "account", "venue", "holder"),
        *_columns(sa.Integer(), "token"),
        *_columns(_TIME, "expires_at"),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_index("ix_lease_holder", "lease", ["holder"])


def _create_control() -> None:
    op.create_table(
        "control",
        *_columns(sa.String(), "scope", "state", "who", "why"),
        *_columns(_TIME, "since"),
        *_columns(_TIME, "until", nullable=True),
        sa.PrimaryKeyConstraint("scope"),
    )


def _create_config_version() -> None:
    op.create_table(
        "config_version",
        *_columns(sa.String(), "hash", "content"),
        *_columns(_TIME, "first_seen"),
        sa.PrimaryKeyConstraint("hash"),
    )


def _create_cycle() -> None:
    op.create_table(
        "cycle",
        *_columns(sa.String(), "account"),
        *_columns(_TIME, "candle_close"),
        *_columns(sa.String(), "state", "mode", "flow_run_id"),
        *_columns(_TIME, "started_at"),
        *_columns(_TIME, "finished_at", "notified_at", nullable=True),
        *_columns(sa.String(), "detail", "config_version", "code_version"),
        *_columns(_MONEY, "equity", nullable=True),
        *_columns(sa.JSON(), "durations"),
        *_columns(sa.JSON(), "snapshot", nullable=True),
        *_columns(sa.JSON(), "proposals", "intents", "orders"),
        *_columns(sa.String(), "parts"),
        sa.PrimaryKeyConstraint("account", "candle_close"),
    )
    op.create_index("ix_cycle_candle_close", "cycle", ["candle_close"])


def _create_signal() -> None:
    op.create_table(
        "signal",
        *_columns(sa.String(), "account"),
        *_columns(_TIME, "candle_close"),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        *_columns(sa.String(), "strategy", "instrument"),
        *_columns(_TIME, "judged_close"),
        *_columns(sa.Float(), "score", "stop_distance", "target_distance"),
        *_columns(sa.String(), "reason"),
        sa.PrimaryKeyConstraint("account", "candle_close", "sequence"),
        sa.ForeignKeyConstraint(
            ["account", "candle_close"], ["cycle.account", "cycle.candle_close"], ondelete="CASCADE"
        ),
    )


def _create_no_trade() -> None:
    op.create_table(
        "no_trade",
        *_columns(sa.String(), "account"),
        *_columns(_TIME, "candle_close"),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        *_columns(sa.String(), "instrument", "reason", "detail"),
        sa.PrimaryKeyConstraint("account", "candle_close", "sequence"),
        sa.ForeignKeyConstraint(
            ["account", "candle_close"], ["cycle.account", "cycle.candle_close"], ondelete="CASCADE"
        ),
    )


def _create_verdict() -> None:
    op.create_table(
        "verdict",
        *_columns(sa.String(), "account"),
        *_columns(_TIME, "candle_close"),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        *_columns(sa.String(), "strategy", "instrument", "side", "intention"),
        *_columns(_MONEY, "proposed_quantity", "reference_price"),
        *_columns(sa.JSON(), "proposal"),
        *_columns(sa.String(), "state"),
        *_columns(_MONEY, "quantity"),
        sa.PrimaryKeyConstraint("account", "candle_close", "sequence"),
        sa.ForeignKeyConstraint(
            ["account", "candle_close"], ["cycle.account", "cycle.candle_close"], ondelete="CASCADE"
        ),
    )


def _create_finding() -> None:
    op.create_table(
        "finding",
        *_columns(sa.String(), "account"),
        *_columns(_TIME, "candle_close"),
        sa.Column("verdict", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        *_columns(sa.String(), "rule"),
        *_columns(_MONEY, "allowed_quantity", "limit", "observed"),
        *_columns(sa.String(), "unit"),
        *_columns(sa.String(), "reason", nullable=True),
        sa.PrimaryKeyConstraint("account", "candle_close", "verdict", "sequence"),
        sa.ForeignKeyConstraint(
            ["account", "candle_close"], ["cycle.account", "cycle.candle_close"], ondelete="CASCADE"
        ),
    )


def _create_order() -> None:
    op.create_table(
        "order",
        *_columns(sa.String(), "client_order_id", "account"),
        *_columns(_TIME, "candle_close"),
        *_columns(sa.String(), "strategy", "instrument", "side", "type"),
        *_columns(_MONEY, "quantity"),
        *_columns(_MONEY, "price", nullable=True),
        *_columns(sa.JSON(), "barriers"),
        *_columns(sa.String(), "time_in_force"),
        *_columns(sa.Boolean(), "reduce_only"),
        *_columns(sa.String(), "state", "venue_order_id"),
        *_columns(_MONEY, "filled_quantity"),
        *_columns(sa.String(), "reason"),
        *_columns(_TIME, "planned_at", "updated_at"),
        *_columns(_TIME, "venue_at", nullable=True),
        sa.PrimaryKeyConstraint("client_order_id"),
    )
    op.create_index("ix_order_account_candle_close", "order", ["account", "candle_close"])
    op.create_index("ix_order_account_state", "order", ["account", "state"])


def _create_order_event() -> None:
    op.create_table(
        "order_event",
        *_columns(sa.String(), "client_order_id"),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        *_columns(sa.String(), "state"),
        *_columns(_MONEY, "filled_quantity"),
        *_columns(sa.String(), "detail"),
        *_columns(_TIME, "at"),
        *_columns(_TIME, "venue_at", nullable=True),
        sa.PrimaryKeyConstraint("client_order_id", "sequence"),
        sa.ForeignKeyConstraint(["client_order_id"], ["order.client_order_id"], ondelete="CASCADE"),
    )


def _create_fill() -> None:
    op.create_table(
        "fill",
        *_columns(sa.String(), "account", "venue_trade_id", "client_order_id", "instrument", "side"),
        *_columns(_MONEY, "quantity", "price", "fee"),
        *_columns(sa.String(), "fee_currency"),
        *_columns(_TIME, "at"),
        *_columns(sa.String(), "reason"),
        *_columns(_MONEY, "realised_profit", "rate", "fee_rate", nullable=True),
        *_columns(_TIME, "booked_at", nullable=True),
        sa.PrimaryKeyConstraint("account", "venue_trade_id"),
    )
    op.create_index("ix_fill_account_instrument_at", "fill", ["account", "instrument", "at"])
    op.create_index("ix_fill_client_order_id", "fill", ["client_order_id"])


def _create_fill_cursor() -> None:
    op.create_table(
        "fill_cursor",
        *_columns(sa.String(), "account", "cursor"),
        *_columns(_TIME, "updated_at"),
        sa.PrimaryKeyConstraint("account"),
    )


def _create_position() -> None:
    op.create_table(
        "position",
        *_columns(sa.String(), "account", "instrument"),
        *_columns(_MONEY, "quantity", "cost"),
        *_columns(_TIME, "opened_at"),
        *_columns(sa.JSON(), "barriers"),
        *_columns(sa.String(), "strategy"),
        sa.PrimaryKeyConstraint("account", "instrument"),
    )


def _create_trade() -> None:
    op.create_table(
        "trade",
        *_columns(sa.String(), "account", "opened_by", "instrument", "strategy", "side", "entry_order_id"),
        *_columns(_TIME, "entry_candle_close", nullable=True),
        *_columns(_TIME, "opened_at"),
        *_columns(_TIME, "closed_at", nullable=True),
        *_columns(
            _MONEY, "entry_quantity", "entry_notional", "exit_quantity", "exit_notional", "realised_profit", "fees"
        ),
        *_columns(sa.String(), "exit_reason"),
        sa.PrimaryKeyConstraint("account", "opened_by"),
    )
    op.create_index("ix_trade_account_instrument", "trade", ["account", "instrument", "opened_at"])


def _create_equity() -> None:
    op.create_table(
        "equity",
        *_columns(sa.String(), "account"),
        *_columns(_TIME, "at"),
        *_columns(_MONEY, "equity", "cash", "peak"),
        sa.PrimaryKeyConstraint("account", "at"),
    )


def _create_paper_account() -> None:
    op.create_table(
        "paper_account",
        *_columns(sa.String(), "account", "venue", "currency"),
        *_columns(_MONEY, "starting_cash", "cash"),
        *_columns(_TIME, "watermark"),
        *_columns(sa.Integer(), "order_count", "fill_count", "version"),
        sa.PrimaryKeyConstraint("account"),
    )


def _create_paper_position() -> None:
    op.create_table(
        "paper_position",
        *_columns(sa.String(), "account", "instrument"),
        *_columns(_MONEY, "quantity", "cost"),
        *_columns(_TIME, "opened_at"),
        *_columns(sa.String(), "strategy", "entry_id"),
        *_columns(_MONEY, "best_price"),
        *_columns(_MONEY, "stop", "target", "trailing_distance", "time_limit_seconds", nullable=True),
        sa.PrimaryKeyConstraint("account", "instrument"),
        sa.ForeignKeyConstraint(["account"], ["paper_account.account"], ondelete="CASCADE"),
    )


def _create_paper_order() -> None:
    op.create_table(
        "paper_order",
        *_columns(sa.String(), "account", "client_order_id", "venue_order_id"),
        *_columns(sa.Integer(), "number"),
        *_columns(sa.String(), "strategy", "instrument"),
        *_columns(_TIME, "candle_close"),
        *_columns(sa.String(), "side", "type"),
        *_columns(_MONEY, "quantity"),
        *_columns(_MONEY, "price", "stop", "target", "trailing_distance", "time_limit_seconds", nullable=True),
        *_columns(sa.String(), "time_in_force"),
        *_columns(sa.Boolean(), "reduce_only", "is_triggered"),
        *_columns(_MONEY, "filled_quantity"),
        *_columns(sa.String(), "state", "reason"),
        *_columns(_TIME, "at"),
        sa.PrimaryKeyConstraint("account", "client_order_id"),
        sa.ForeignKeyConstraint(["account"], ["paper_account.account"], ondelete="CASCADE"),
        sa.UniqueConstraint("account", "venue_order_id"),
    )
    op.create_index("ix_paper_order_account_state", "paper_order", ["account", "state"])


def _create_paper_fill() -> None:
    op.create_table(
        "paper_fill",
        *_columns(sa.String(), "account"),
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        *_columns(sa.String(), "venue_trade_id", "client_order_id", "instrument", "side"),
        *_columns(_MONEY, "quantity", "price", "fee"),
        *_columns(sa.String(), "fee_currency"),
        *_columns(_TIME, "at"),
        *_columns(sa.String(), "reason"),
        *_columns(_MONEY, "realised_profit"),
        sa.PrimaryKeyConstraint("account", "sequence"),
        sa.ForeignKeyConstraint(["account"], ["paper_account.account"], ondelete="CASCADE"),
    )
    op.create_index("ix_paper_fill_account_client_order_id", "paper_fill", ["account", "client_order_id"])


def _columns(kind: sa.types.TypeEngine[Any], *names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable) for name in names]
