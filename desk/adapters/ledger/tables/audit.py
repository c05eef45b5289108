"""What was done by whom: operator actions and changes of state, each chained to the one before; and flattenings."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import Json, UtcTime


class AuditRow(SQLModel, table=True):
    """One action; `hash` is over the row and `previous_hash`, the hash of the row before, empty for the first."""

    __tablename__ = "audit"

    sequence: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcTime)
    who: str
    action: str
    subject: str
    detail: object = Field(sa_type=Json, nullable=False)
    previous_hash: str
    hash: str


class FlatteningRow(SQLModel, table=True):
    """An order to close what an account has, `instruments` or all; `remaining` is what was left at the last look."""

    __tablename__ = "flattening"

    account: str = Field(primary_key=True)
    begun_at: datetime = Field(primary_key=True, sa_type=UtcTime)
    instruments: object = Field(sa_type=Json, nullable=False)
    who: str
    why: str
    remaining: str
    ended_at: datetime | None = Field(default=None, sa_type=UtcTime)
