"""Who may come to the control room, and what was answered to them."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from desk.adapters.ledger.types import UtcTime


class TokenRow(SQLModel, table=True):
    """A program's key to the API: `digest` is its SHA-256, the key itself is kept nowhere. Revoking deletes the row."""

    __tablename__ = "token"

    name: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    rights: str
    who: str
    made_at: datetime = Field(sa_type=UtcTime)


class PersonRow(SQLModel, table=True):
    """A person who logs in with a password, of which `password` is the Argon2 hash."""

    __tablename__ = "person"

    name: str = Field(primary_key=True)
    password: str
    rights: str
    changed_at: datetime = Field(sa_type=UtcTime)


class SessionRow(SQLModel, table=True):
    """A browser that is logged in; `digest` is the SHA-256 of its cookie. Logging out deletes the row."""

    __tablename__ = "session"

    digest: str = Field(primary_key=True)
    name: str
    rights: str
    begun_at: datetime = Field(sa_type=UtcTime)
    ends_at: datetime = Field(sa_type=UtcTime)


class ReplyRow(SQLModel, table=True):
    """What was answered to a write with an `Idempotency-Key`; it is answered again for a day, and nothing is done.

    The row is there before the write begins, with the status 102 and no body until the answer is known.
    """

    __tablename__ = "reply"

    name: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request: str
    status: int
    body: str
    at: datetime = Field(sa_type=UtcTime)
