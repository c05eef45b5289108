"""What was done: an order from intent to its end, and every change of its state."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import ExactDecimal, Json, UtcTime


class OrderRow(SQLModel, table=True):
    """An intent and what became of it, committed before anything is sent; `venue_at` is the venue's last word."""

    __tablename__ = "order"
    __table_args__ = (
        Index("ix_order_account_state", "account", "state"),
        Index("ix_order_account_candle_close", "account", "candle_close"),
    )

    client_order_id: str = Field(primary_key=True)
    account: str
    candle_close: datetime = Field(sa_type=UtcTime)
    strategy: str
    instrument: str
    side: str
    type: str
    quantity: Decimal = Field(sa_type=ExactDecimal)
    price: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    barriers: object = Field(sa_type=Json, nullable=False)
    time_in_force: str
    reduce_only: bool
    state: str
    venue_order_id: str
    filled_quantity: Decimal = Field(sa_type=ExactDecimal)
    reason: str
    planned_at: datetime = Field(sa_type=UtcTime)
    updated_at: datetime = Field(sa_type=UtcTime)
    venue_at: datetime | None = Field(default=None, sa_type=UtcTime)


class OrderEventRow(SQLModel, table=True):
    """One thing that became known of an order; `venue_at` is the venue's time where the venue said it."""

    __tablename__ = "order_event"

    client_order_id: str = Field(primary_key=True, foreign_key="order.client_order_id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True)
    state: str
    filled_quantity: Decimal = Field(sa_type=ExactDecimal)
    detail: str
    at: datetime = Field(sa_type=UtcTime)
    venue_at: datetime | None = Field(default=None, sa_type=UtcTime)
