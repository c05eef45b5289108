"""A feed whose quotes come from a price stream while that is live, and from the feed behind it otherwise."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from desk.adapters.streams.events import Event
from desk.adapters.streams.supervised import StreamState, StreamStatus
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Feed

FRESH_FOR = timedelta(seconds=30)
AHEAD = timedelta(seconds=5)
"""How far a venue's clock may be ahead of ours for its quotes to be believed."""


class StreamedQuotes:
    """Implements `desk.ports.Feed` over another one, and `Listener` to a price stream.

    What the stream said on an earlier connection, or before a gap, is forgotten.

    Args:
        inner: gives candles, instruments, and the quotes that the stream does not give.
        say: told, once per change of the stream, where quotes come from.
        fresh_for: how old a streamed quote may be; above that, and for one from the future, the inner feed is asked.
    """

    def __init__(
        self, inner: Feed, *, fresh_for: timedelta = timedelta(seconds=30), say: Callable[[str], None]
    ) -> None:
        self._inner = inner
        self._fresh_for = fresh_for
        self._say = say
        self._quotes: dict[str, Quote] = {}
        self._is_live = False

    @property
    def base_timeframe(self) -> Timeframe:
        """The inner feed's."""
        return self._inner.base_timeframe

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every instrument of the inner feed, by name."""
        return await self._inner.instruments()

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return the inner feed's candles; see `desk.ports.Feed`."""
        return await self._inner.candles(instrument, timeframe, until=until, count=count)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return streamed quotes that are fresh at `at`, and ask the inner feed for the others in one call."""
        streamed = {name: self._quotes[name] for name in instruments if self._is_fresh(name, at)}
        others = [name for name in instruments if name not in streamed]
        return {**streamed, **await self._inner.quotes(others, at=at)} if others else streamed

    def heard(self, event: Event) -> None:
        """Keep a quote, unless it is a little older than the one that is kept: one from the future keeps none out."""
        if isinstance(event, Quote):
            kept = self._quotes.get(event.instrument)
            if kept is None or event.at >= kept.at or kept.at - event.at > AHEAD:
                self._quotes[event.instrument] = event

    def missed(self) -> None:
        """Forget every quote: a later one may have been left out."""
        self._quotes.clear()

    def turned(self, status: StreamStatus) -> None:
        """Say where quotes come from now."""
        self._is_live = status.state is StreamState.LIVE
        if status.state is not StreamState.CLOSED:
            self._say(f"{status}: quotes {'come from it' if self._is_live else 'are asked for'}")

    def _is_fresh(self, instrument: str, at: datetime) -> bool:
        quote = self._quotes.get(instrument)
        return self._is_live and quote is not None and -AHEAD <= at - quote.at <= self._fresh_for
