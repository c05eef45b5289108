"""Who comes to the control room, and what they may do there."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

BEGUN = int(HTTPStatus.PROCESSING)
"""The status that is kept of a write that has begun, until its reply is there."""


class Rights(StrEnum):
    """What a visitor may do; each has what those before it have."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"

    def include(self, needed: "Rights") -> bool:
        """Return whether these rights are enough for what needs others."""
        ladder = tuple(Rights)
        return ladder.index(self) >= ladder.index(needed)


@dataclass(frozen=True, slots=True)
class Token:
    """A program's key to the API, without what it is: that is kept nowhere."""

    name: str
    rights: Rights
    who: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: a program by its token, or a person by the session of a browser.

    Attributes:
        name: as it is written into the audit.
        session: the digest of the session; empty for a program.
    """

    name: str
    rights: Rights
    session: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered to a write.

    Attributes:
        request: a digest of what was asked, so that one key does not stand for two questions.
        body: JSON, as it was sent; empty for a write of which nothing but its beginning was written down.
    """

    request: str
    status: int
    body: str

    @property
    def is_known(self) -> bool:
        """Whether there was an answer: without one, nobody knows whether the write was done."""
        return self.status != BEGUN
