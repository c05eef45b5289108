"""Which accounts a person has armed, and for what."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import Json, UtcTime


class ArmRow(SQLModel, table=True):
    """An armed account; it holds for the configuration of `config_version` and no other. Disarming deletes the row.

    `venue_account` is the venue's own id, empty where it does not tell; `checks` is what was found before.
    """

    __tablename__ = "arm"

    account: str = Field(primary_key=True)
    config_version: str
    environment: str
    venue_account: str
    who: str
    at: datetime = Field(sa_type=UtcTime)
    checks: object = Field(sa_type=Json, nullable=False)
