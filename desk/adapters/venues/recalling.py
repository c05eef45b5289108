"""What is remembered of orders beyond the life of the process that sent them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """What is remembered of an order that was sent: its instrument and when."""

    instrument: str
    at: datetime


Recall = Callable[[str], Awaitable[Sent | None]]
"""Remembers what was sent under a client order id; None where it does not."""

RecallTraded = Callable[[str, datetime], Awaitable[frozenset[str]]]
"""Remembers the instruments that an account holds, has an unfinished order in, or ordered since a time."""

RecallDealings = Callable[[str, datetime], Awaitable[Mapping[str, datetime | None]]]
"""Remembers the instruments that an account holds, has an unfinished order in, or had an order or a fill in since a
time, with when the last of it ended; None where it has not ended."""


async def recall_nothing(client_order_id: str) -> Sent | None:
    """Remember nothing."""
    return None


async def recall_nothing_traded(account: str, since: datetime) -> frozenset[str]:
    """Remember no instrument."""
    return frozenset()
