"""Which spot instruments concern an account: those that it trades, and those that it did.

The venue tells of orders and fills by symbol only. What is left over in an instrument that was taken out of the
configuration still has to be asked for, or it is lost.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from desk.adapters.venues.kucoin.fills import WINDOW
from desk.adapters.venues.recalling import Recall
from desk.ports import Clock

RecallSince = Callable[[datetime], Awaitable[frozenset[str]]]
"""Remembers the instruments that the account holds, has an unfinished order in, or ordered since a time."""


class TradedInstruments:
    """The instruments of one account.

    Args:
        configured: those that the account trades now.
        recall: remembers what was sent under a client order id.
        recall_since: remembers what the account traded, over the time of which the venue tells.
    """

    def __init__(self, configured: Sequence[str], *, recall: Recall, recall_since: RecallSince, clock: Clock) -> None:
        self.configured = tuple(configured)
        self._recall = recall
        self._recall_since = recall_since
        self._clock = clock

    async def names(self) -> tuple[str, ...]:
        """Return those that are traded now, then those that are remembered."""
        remembered = await self._recall_since(self._clock.now() - WINDOW)
        return tuple(dict.fromkeys((*self.configured, *sorted(remembered))))

    async def held(self) -> tuple[str, ...]:
        """Return the names with one for each base currency: two would count its balance twice."""
        by_base: dict[str, str] = {}
        for name in await self.names():
            by_base.setdefault(name.partition("/")[0], name)
        return tuple(by_base.values())

    async def of_order(self, client_order_id: str) -> str | None:
        """Return the instrument of an order; None where it is not remembered."""
        sent = await self._recall(client_order_id)
        return sent.instrument if sent else None
