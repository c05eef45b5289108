"""What money was moved by the desk itself, and how far each move has come."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import ExactDecimal, UtcTime


class TransferRow(SQLModel, table=True):
    """A transfer between accounts, or a conversion, which has one account at both ends; written down before it is sent.

    `worth` is the amount in the fleet's currency, `prepared` what the venue calls it. The equities and peaks are those
    before it was sent, NULL until then; `source_at` and `target_at` are when it was counted, on the accounts' clocks,
    NULL until it is done. The other times are the machine's.
    """

    __tablename__ = "transfer"
    __table_args__ = (Index("ix_transfer_state", "state"), Index("ix_transfer_target", "target"))

    transfer_id: str = Field(primary_key=True)
    day: str
    source: str = Field(index=True)
    target: str
    currency: str
    amount: Decimal = Field(sa_type=ExactDecimal)
    into: str
    worth: Decimal = Field(sa_type=ExactDecimal)
    state: str
    detail: str
    prepared: str
    planned_at: datetime = Field(sa_type=UtcTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
    source_equity: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    source_peak: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    target_equity: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    target_peak: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    source_at: datetime | None = Field(default=None, sa_type=UtcTime)
    target_at: datetime | None = Field(default=None, sa_type=UtcTime)
