"""Where the circuit breaker tripped, and from where its limits count since."""

from datetime import datetime
from decimal import Decimal

from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import ExactDecimal, UtcTime


class TripRow(SQLModel, table=True):
    """The last time that a limit of an account tripped; the times before that are in the audit.

    `reference_at` is the venue's time, the others are the machine's; both references are NULL until the account is
    looked at for the first time after the trip is over.
    """

    __tablename__ = "trip"

    account: str = Field(primary_key=True)
    limit: str = Field(primary_key=True)
    state: str
    why: str
    tripped_at: datetime = Field(sa_type=UtcTime)
    until: datetime | None = Field(default=None, sa_type=UtcTime)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcTime)
    told_at: datetime | None = Field(default=None, sa_type=UtcTime)
    reference_at: datetime | None = Field(default=None, sa_type=UtcTime)
    reference_equity: Decimal | None = Field(default=None, sa_type=ExactDecimal)
