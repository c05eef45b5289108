"""Who may do what: leases of accounts, trading states, and the configurations that decisions were made with."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import UtcTime


class LeaseRow(SQLModel, table=True):
    """The right to trade an account; `holder` is empty where it was given back, `token` only ever grows.

    `books` says what its fills and positions are of: `paper`, or which of a venue's accounts; empty for nothing yet.
    """

    __tablename__ = "lease"

    account: str = Field(primary_key=True)
    venue: str
    holder: str = Field(index=True)
    token: int
    books: str = ""
    expires_at: datetime = Field(sa_type=UtcTime)


class ControlRow(SQLModel, table=True):
    """A trading state that somebody ordered for a scope, such as `fleet` or `account:sample/instrument:EUR/USD`."""

    __tablename__ = "control"

    scope: str = Field(primary_key=True)
    state: str
    who: str
    why: str
    since: datetime = Field(sa_type=UtcTime)
    until: datetime | None = Field(default=None, sa_type=UtcTime)


class ConfigVersionRow(SQLModel, table=True):
    """A configuration that decisions were made with, by its hash."""

    __tablename__ = "config_version"

    hash: str = Field(primary_key=True)
    content: str
    first_seen: datetime = Field(sa_type=UtcTime)
