"""What was decided: a cycle and, below it, its signals, passed-over instruments, verdicts and findings."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import ExactDecimal, Json, UtcTime


def _of_cycle() -> tuple[ForeignKeyConstraint]:
    columns = ["account", "candle_close"]
    return (ForeignKeyConstraint(columns, [f"cycle.{column}" for column in columns], ondelete="CASCADE"),)


class CycleRow(SQLModel, table=True):
    """One scan of one account; `equity` repeats the snapshot's for lists, `parts` is a hash of the rows below."""

    __tablename__ = "cycle"
    __table_args__ = (Index("ix_cycle_candle_close", "candle_close"),)

    account: str = Field(primary_key=True)
    candle_close: datetime = Field(primary_key=True, sa_type=UtcTime)
    state: str
    mode: str
    flow_run_id: str
    started_at: datetime = Field(sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcTime)
    notified_at: datetime | None = Field(default=None, sa_type=UtcTime)
    detail: str
    config_version: str
    code_version: str
    equity: Decimal | None = Field(default=None, sa_type=ExactDecimal)
    durations: object = Field(sa_type=Json, nullable=False)
    snapshot: object = Field(default=None, sa_type=Json, nullable=True)
    proposals: object = Field(sa_type=Json, nullable=False)
    intents: object = Field(sa_type=Json, nullable=False)
    orders: object = Field(sa_type=Json, nullable=False)
    parts: str


class SignalRow(SQLModel, table=True):
    """`desk.model.views.Signal`; `judged_close` is the candle that the strategy looked at."""

    __tablename__ = "signal"
    __table_args__ = _of_cycle()

    account: str = Field(primary_key=True)
    candle_close: datetime = Field(primary_key=True, sa_type=UtcTime)
    sequence: int = Field(primary_key=True)
    strategy: str
    instrument: str
    judged_close: datetime = Field(sa_type=UtcTime)
    score: float
    stop_distance: float
    target_distance: float
    reason: str


class NoTradeRow(SQLModel, table=True):
    """`desk.model.trade.NoTrade`."""

    __tablename__ = "no_trade"
    __table_args__ = _of_cycle()

    account: str = Field(primary_key=True)
    candle_close: datetime = Field(primary_key=True, sa_type=UtcTime)
    sequence: int = Field(primary_key=True)
    instrument: str
    reason: str
    detail: str


class VerdictRow(SQLModel, table=True):
    """`desk.model.trade.Verdict`: what is asked about most in columns, its whole proposal as a document."""

    __tablename__ = "verdict"
    __table_args__ = _of_cycle()

    account: str = Field(primary_key=True)
    candle_close: datetime = Field(primary_key=True, sa_type=UtcTime)
    sequence: int = Field(primary_key=True)
    strategy: str
    instrument: str
    side: str
    intention: str
    proposed_quantity: Decimal = Field(sa_type=ExactDecimal)
    reference_price: Decimal = Field(sa_type=ExactDecimal)
    proposal: object = Field(sa_type=Json, nullable=False)
    state: str
    quantity: Decimal = Field(sa_type=ExactDecimal)


class FindingRow(SQLModel, table=True):
    """`desk.model.trade.Finding`; `verdict` is the sequence of its verdict."""

    __tablename__ = "finding"
    __table_args__ = _of_cycle()

    account: str = Field(primary_key=True)
    candle_close: datetime = Field(primary_key=True, sa_type=UtcTime)
    verdict: int = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    rule: str
    allowed_quantity: Decimal = Field(sa_type=ExactDecimal)
    limit: Decimal = Field(sa_type=ExactDecimal)
    observed: Decimal = Field(sa_type=ExactDecimal)
    unit: str
    reason: str | None = None
    detail: str = ""
