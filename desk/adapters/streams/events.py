"""What a stream tells, the same for every venue, and where it comes from."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from desk.errors import VenueUnavailable
from desk.model.books import Quote


class AccountEventKind(StrEnum):
    """What something that happened to an account is about."""

    ORDER = "order"
    FILL = "fill"
    POSITION = "position"
    MONEY = "money"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Something happened to an account; the venue is asked what exactly.

    Attributes:
        at: when, by the venue's clock.
        client_order_id, venue_order_id: of the order that it is about, as far as the venue tells.
    """

    kind: AccountEventKind
    at: datetime
    client_order_id: str = ""
    venue_order_id: str = ""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The stream is alive and there is nothing to tell.

    Attributes:
        at: when, by whoever made it: the venue, or the desk where its ping was answered.
    """

    at: datetime


Event: TypeAlias = Quote | AccountEvent | Heartbeat


class StreamGap(VenueUnavailable):
    """The venue's numbers show that messages were left out; what they said has to be asked for."""


class Source(Protocol):
    """One stream of one venue."""

    def messages(self) -> AsyncGenerator[Event, None]:
        """Connect, subscribe, and give what comes until the connection ends.

        Every call is a connection of its own, which is closed with the iterator.

        Raises:
            StreamGap: something was left out.
            VenueUnavailable: the connection could not be made, broke, or said something that cannot be understood.
            VenueError: what the venue said instead.
        """
        ...
