"""Where the ledger and a venue are not of one mind: what was made good, and what others did at the account."""

from datetime import datetime
from decimal import Decimal

from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import ExactDecimal, UtcTime


class AdjustmentRow(SQLModel, table=True):
    """Why there is a fill that never happened: what each side held before it; signed quantities in base units."""

    __tablename__ = "adjustment"

    account: str = Field(primary_key=True)
    venue_trade_id: str = Field(primary_key=True)
    instrument: str
    ledger_quantity: Decimal = Field(sa_type=ExactDecimal)
    venue_quantity: Decimal = Field(sa_type=ExactDecimal)
    why: str
    at: datetime = Field(sa_type=UtcTime)


class ExternalRow(SQLModel, table=True):
    """An order or a position at the venue that the desk did not make; the row goes when it does."""

    __tablename__ = "external"

    account: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    instrument: str
    detail: str
    first_seen: datetime = Field(sa_type=UtcTime)
