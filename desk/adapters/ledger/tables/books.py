"""What is owned: fills, and what they fold into: positions, trades and their ways; and the equity over time."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import ExactDecimal, Json, UtcTime


class FillRow(SQLModel, table=True):
    """An execution, once per account and venue trade id.

    The rates turn one unit of the quote and of the fee currency into the account's; they are NULL until the fill is
    booked, that is folded into position and trade, and after that while no rate is known.
    """

    __tablename__ = "fill"
    __table_args__ = (
        Index("ix_fill_account_instrument_at", "account", "instrument", "at"),
        Index("ix_fill_client_order_id", "client_order_id"),
    )

    account: str = Field(primary_key=True)
    venue_trade_id: str = Field(primary_key=True)
    client_order_id: str
    instrument: str
    side: str
    quantity: Decimal = Field(sa_type=ExactDecimal)
    price: Decimal = Field(sa_type=ExactDecimal)
    fee: Decimal = Field(sa_type=ExactDecimal)
    fee_currency: str
    at: datetime = Field(sa_type=UtcTime)
    reason: str
    realised_profit: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    rate: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    fee_rate: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    booked_at: datetime | None = Field(default=None, sa_type=UtcTime)


class FillCursorRow(SQLModel, table=True):
    """How far the venue's fills of an account have been booked."""

    __tablename__ = "fill_cursor"

    account: str = Field(primary_key=True)
    cursor: str
    updated_at: datetime = Field(sa_type=UtcTime)


class PositionRow(SQLModel, table=True):
    """What an account holds now, folded from its fills; flat has no row."""

    __tablename__ = "position"

    account: str = Field(primary_key=True)
    instrument: str = Field(primary_key=True)
    quantity: Decimal = Field(sa_type=ExactDecimal)
    cost: Decimal = Field(sa_type=ExactDecimal)
    opened_at: datetime = Field(sa_type=UtcTime)
    barriers: object = Field(sa_type=Json, nullable=False)
    strategy: str


class TradeRow(SQLModel, table=True):
    """A round trip from flat to flat, named by the fill that opened it; open where `closed_at` is NULL.

    Notionals are in quote currency, profit and fees in the account's.
    """

    __tablename__ = "trade"
    __table_args__ = (
        Index("ix_trade_account_instrument", "account", "instrument", "opened_at"),
        Index("ix_trade_account_opened_at", "account", "opened_at"),
        Index("ix_trade_account_closed_at", "account", "closed_at"),
    )

    account: str = Field(primary_key=True)
    opened_by: str = Field(primary_key=True)
    instrument: str
    strategy: str
    side: str
    entry_order_id: str
    entry_candle_close: datetime | None = Field(default=None, sa_type=UtcTime)
    opened_at: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    entry_quantity: Decimal = Field(sa_type=ExactDecimal)
    entry_notional: Decimal = Field(sa_type=ExactDecimal)
    exit_quantity: Decimal = Field(sa_type=ExactDecimal)
    exit_notional: Decimal = Field(sa_type=ExactDecimal)
    realised_profit: Decimal = Field(sa_type=ExactDecimal)
    fees: Decimal = Field(sa_type=ExactDecimal)
    exit_reason: str


class ExcursionRow(SQLModel, table=True):
    """Between which prices the market was while a trade was held, on the side on which that is closed.

    From `opened_at`, which names the trade of the instrument, to `seen_until` no candle is missing; of the time after
    that single prices count. A trade of which a part was never seen has no row: its way is not known.
    """

    __tablename__ = "excursion"

    account: str = Field(primary_key=True)
    instrument: str = Field(primary_key=True)
    opened_at: datetime = Field(primary_key=True, sa_type=UtcTime)
    lowest: Decimal = Field(sa_type=ExactDecimal)
    highest: Decimal = Field(sa_type=ExactDecimal)
    seen_until: datetime = Field(sa_type=UtcTime)


class EquityRow(SQLModel, table=True):
    """The account's money over time; `peak` is the highest equity up to that time.

    A scan writes a row, and the watch one with every look. Of those of the watch that are older than a day only the
    last of each hour is kept; reconciliation, every quarter of an hour, deletes the others.
    """

    __tablename__ = "equity"

    account: str = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    equity: Decimal = Field(sa_type=ExactDecimal)
    cash: Decimal = Field(sa_type=ExactDecimal)
    peak: Decimal = Field(sa_type=ExactDecimal)
