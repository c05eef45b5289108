"""What a feed can do that tells the newest closed candles of many instruments in one call."""

from collections.abc import Collection, Mapping
from typing import Protocol, TypeAlias, runtime_checkable

from desk.model.candles import Candles
from desk.model.timeframe import Timeframe
from desk.ports import Feed

Pair: TypeAlias = tuple[str, Timeframe]
"""An instrument's name and the length of its candles."""


@runtime_checkable
class LatestCandles(Protocol):
    """Something with such a call."""

    async def latest(self, wanted: Collection[Pair]) -> Mapping[Pair, Candles]:
        """Return the newest closed candle of each pair, in one call.

        A pair that has no closed candle yet has an empty collection; one that the source does not know is missing.

        Raises:
            VenueUnavailable: try again.
            DataError, OrderRefused: of one pair or more nothing can be told; ask for them one by one.
        """
        ...


class BatchFeed(Feed, LatestCandles, Protocol):
    """A feed with such a call."""
