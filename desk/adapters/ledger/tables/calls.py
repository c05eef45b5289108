"""How often venues are called: what is left of each limit, ordered pauses, and counts by endpoint and hour."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import UtcTime


class CallBucketRow(SQLModel, table=True):
    """One limit, `calls` in any `period`, as a token bucket that is full at `full_at` when nothing more is taken.

    `credential` is the operator's name for a set of credentials, empty where the limit is for all of a venue.
    """

    __tablename__ = "call_bucket"

    venue: str = Field(primary_key=True)
    environment: str = Field(primary_key=True)
    credential: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    calls: int
    full_at: datetime = Field(sa_type=UtcTime)


class CallPauseRow(SQLModel, table=True):
    """The last silence that a venue ordered, for one set of credentials or, with an empty `credential`, for all."""

    __tablename__ = "call_pause"

    venue: str = Field(primary_key=True)
    environment: str = Field(primary_key=True)
    credential: str = Field(primary_key=True)
    since: datetime = Field(sa_type=UtcTime)
    until: datetime = Field(sa_type=UtcTime)
    status: int
    why: str


class CallUsageRow(SQLModel, table=True):
    """Calls of one hour to one endpoint; `refused` ones did not leave, `limited` ones were too many for the venue."""

    __tablename__ = "call_usage"
    __table_args__ = (Index("ix_call_usage_hour", "hour"),)

    venue: str = Field(primary_key=True)
    environment: str = Field(primary_key=True)
    credential: str = Field(primary_key=True)
    endpoint: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=UtcTime)
    calls: int
    errors: int
    limited: int
    refused: int
    last_at: datetime = Field(sa_type=UtcTime)
