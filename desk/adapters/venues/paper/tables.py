"""The paper venue's own tables: what a real venue would keep on its side."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import ExactDecimal, UtcTime


class PaperAccountRow(SQLModel, table=True):
    """The money of one account; `version` grows with every change of its books."""

    __tablename__ = "paper_account"

    account: str = Field(primary_key=True)
    venue: str
    currency: str
    starting_cash: Decimal = Field(sa_type=ExactDecimal)
    cash: Decimal = Field(sa_type=ExactDecimal)
    watermark: datetime = Field(sa_type=UtcTime)
    order_count: int
    fill_count: int
    version: int


class PaperPositionRow(SQLModel, table=True):
    """One open position with its barriers; `best_price` is where a trailing stop hangs from."""

    __tablename__ = "paper_position"

    account: str = Field(primary_key=True, foreign_key="paper_account.account", ondelete="CASCADE")
    instrument: str = Field(primary_key=True)
    quantity: Decimal = Field(sa_type=ExactDecimal)
    cost: Decimal = Field(sa_type=ExactDecimal)
    opened_at: datetime = Field(sa_type=UtcTime)
    strategy: str
    entry_id: str
    best_price: Decimal = Field(sa_type=ExactDecimal)
    stop: Decimal | None = Field(None, sa_type=ExactDecimal)
    target: Decimal | None = Field(None, sa_type=ExactDecimal)
    trailing_distance: Decimal | None = Field(None, sa_type=ExactDecimal)
    time_limit_seconds: Decimal | None = Field(None, sa_type=ExactDecimal)


class PaperOrderRow(SQLModel, table=True):
    """One order, as it was asked and as it is now; the working ones are those in state acked or partial."""

    __tablename__ = "paper_order"
    __table_args__ = (
        UniqueConstraint("account", "venue_order_id"),
        Index("ix_paper_order_account_state", "account", "state"),
    )

    account: str = Field(primary_key=True, foreign_key="paper_account.account", ondelete="CASCADE")
    client_order_id: str = Field(primary_key=True)
    venue_order_id: str
    number: int
    strategy: str
    instrument: str
    candle_close: datetime = Field(sa_type=UtcTime)
    side: str
    type: str
    quantity: Decimal = Field(sa_type=ExactDecimal)
    price: Decimal | None = Field(None, sa_type=ExactDecimal)
    stop: Decimal | None = Field(None, sa_type=ExactDecimal)
    target: Decimal | None = Field(None, sa_type=ExactDecimal)
    trailing_distance: Decimal | None = Field(None, sa_type=ExactDecimal)
    time_limit_seconds: Decimal | None = Field(None, sa_type=ExactDecimal)
    time_in_force: str
    reduce_only: bool
    is_triggered: bool
    filled_quantity: Decimal = Field(sa_type=ExactDecimal)
    state: str
    reason: str
    at: datetime = Field(sa_type=UtcTime)


class PaperFillRow(SQLModel, table=True):
    """One fill; `sequence` counts the account's fills and is the cursor of `fills_since`.

    The account's cash is its starting cash, plus the realised profits, less the fees, plus what transfers brought, less
    what they took, to the last digit.
    """

    __tablename__ = "paper_fill"
    __table_args__ = (Index("ix_paper_fill_account_client_order_id", "account", "client_order_id"),)

    account: str = Field(primary_key=True, foreign_key="paper_account.account", ondelete="CASCADE")
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    venue_trade_id: str
    client_order_id: str
    instrument: str
    side: str
    quantity: Decimal = Field(sa_type=ExactDecimal)
    price: Decimal = Field(sa_type=ExactDecimal)
    fee: Decimal = Field(sa_type=ExactDecimal)
    fee_currency: str
    at: datetime = Field(sa_type=UtcTime)
    reason: str
    realised_profit: Decimal = Field(sa_type=ExactDecimal)


class PaperTransferRow(SQLModel, table=True):
    """Money that was moved between the books of two accounts, once for each id."""

    __tablename__ = "paper_transfer"

    transfer_id: str = Field(primary_key=True)
    source: str
    target: str
    currency: str
    amount: Decimal = Field(sa_type=ExactDecimal)
    at: datetime = Field(sa_type=UtcTime)
