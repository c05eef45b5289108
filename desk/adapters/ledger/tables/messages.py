"""What people are told, and what became of it at each place that it goes to."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import UtcTime


class MessageRow(SQLModel, table=True):
    """A message, written down before it is sent.

    `alike` is a digest of what it says; `repeats` counts what said the same until `counted_until`, and `repeats_told`
    how many of those were told. `occasion` is what can be told only once, such as the digest of a day; mostly empty.
    """

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_alike", "alike"), Index("ix_message_occasion", "occasion"))

    number: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcTime)
    kind: str
    severity: str
    title: str
    body: str
    silent: bool
    alike: str
    occasion: str
    counted_until: datetime = Field(sa_type=UtcTime)
    repeats: int
    repeats_told: int


class DeliveryRow(SQLModel, table=True):
    """A message on its way to one place, whose name has nothing secret; `next_at` is also when a claim ends."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_state_next_at", "state", "next_at"),)

    message: int = Field(primary_key=True)
    target: str = Field(primary_key=True)
    state: str
    attempts: int
    next_at: datetime = Field(sa_type=UtcTime)
    changed_at: datetime = Field(sa_type=UtcTime)
    detail: str
