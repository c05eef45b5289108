"""What accounts chose to trade that have no fixed list of instruments."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import Json, UtcTime


class UniverseChoiceRow(SQLModel, table=True):
    """`desk.universe.choosing.Choice`, written by the cycle that chose; `standings` says why each is in or not."""

    __tablename__ = "universe_choice"

    account: str = Field(primary_key=True)
    candle_close: datetime = Field(primary_key=True, sa_type=UtcTime)
    universe: str
    config_version: str
    standings: object = Field(sa_type=Json, nullable=False)
