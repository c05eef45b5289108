"""What the paper venue asks of its feed: the prices of now, and the candles that closed since the last time."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from desk.adapters.feeds.expecting import expected_opens
from desk.adapters.venues.paper.terms import PaperTerms
from desk.errors import DataError
from desk.matching.book import Book
from desk.matching.conversion import CandleRates, conversion_pairs
from desk.matching.spread import to_decimal
from desk.matching.valuation import MarketNow, market_now
from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.ports import Feed


class PaperMarket:
    """A feed as the matching engine wants it, for an account's currency and terms."""

    def __init__(self, feed: Feed, terms: PaperTerms) -> None:
        self._feed = feed
        self._terms = terms

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every instrument, by name."""
        return await self._feed.instruments()

    async def now(self, book: Book, at: datetime, *, wanted: frozenset[str] = frozenset()) -> MarketNow:
        """Return what is needed to value the book, and to place an order in one of the `wanted` instruments.

        What the book holds and has no quote now counts at its last close, and cannot be traded.

        Raises:
            DataError: the feed does not have an instrument of the book.
        """
        instruments = await self._instruments_for(book)
        pairs = self._pairs(instruments.values(), instruments)
        currencies = {instruments[name].quote for name in book.exposed}
        exposed = book.exposed | {pair for currency, pair in pairs.items() if currency in currencies}
        names = sorted(exposed | wanted | set(pairs.values()))
        quotes = dict(await self._feed.quotes(names, at=at))
        for name in exposed - quotes.keys():
            quotes |= await self._last_close(name, at)
        return market_now(
            at,
            instruments,
            quotes,
            pairs,
            currency=self._terms.currency,
            half_spread_bps=self._terms.half_spread_bps,
            volumes=await self._volumes(wanted, at),
        )

    async def candles(self, book: Book, until: datetime) -> tuple[Mapping[str, Candles], CandleRates]:
        """Return the candles that the book has not been matched against, and the conversion rates of that time.

        Raises:
            DataError: the feed does not have an instrument of the book.
        """
        instruments = await self._instruments_for(book)
        # As many as can close in the time, and one before; a pair that misses one gives the candle before it, which is
        # its rate.
        count = (until - book.watermark) // self._terms.base_timeframe.duration + 2
        pairs = self._pairs((instruments[name] for name in book.exposed), instruments)
        fetched = {
            name: await self._feed.candles(name, self._terms.base_timeframe, until=until, count=count)
            for name in sorted(book.exposed | set(pairs.values()))
        }
        return fetched, CandleRates(self._terms.currency, fetched)

    async def complete_until(
        self, book: Book, candles: Mapping[str, Candles], now: datetime, *, read_at: datetime
    ) -> datetime:
        """Return until when the book can be matched: `now`, or the open of the first candle that has not arrived.

        A candle that an open market should have is waited for, because one that came later would be left out. Where
        the last price is from before it, there was no price in it, and it will not come; nor will one that was not
        there `quiet_after` its close.

        Args:
            candles: what the feed has, of every exposed instrument of the book.
            read_at: when the feed had told them.
        """
        if self._terms.longest_lag is None:
            return now
        awaited = await self._awaited(book, candles, now, read_at)
        quotes = await self._feed.quotes(sorted(awaited), at=now) if awaited else {}
        missing = (at for name, at in awaited.items() if name not in quotes or quotes[name].at > at)
        return max(book.watermark, min(missing, default=now))

    async def _awaited(
        self, book: Book, candles: Mapping[str, Candles], now: datetime, read_at: datetime
    ) -> dict[str, datetime]:
        """Return the open time of the first candle of each instrument that may come and is not there."""
        instruments, timeframe = await self._instruments_for(book), self._terms.base_timeframe
        awaited = {}
        for name in book.exposed:
            first = timeframe.floor(book.watermark)
            if len(candles[name]):
                first = max(first, candles[name].closed_at)
            if self._terms.quiet_after is not None:
                first = max(first, timeframe.floor(read_at - self._terms.quiet_after))
            opens = expected_opens(instruments[name].kind, timeframe, first, timeframe.floor(now))
            if len(opens):
                awaited[name] = datetime.fromtimestamp(int(opens[0]), tz=UTC)
        return awaited

    async def _instruments_for(self, book: Book) -> Mapping[str, Instrument]:
        instruments = await self._feed.instruments()
        missing = sorted(book.exposed - instruments.keys())
        if missing:
            raise DataError(
                f"account {book.account}: expected a feed that has every instrument of its positions and orders, found "
                f"none for {', '.join(missing)}; use the feed that the account was traded on"
            )
        return instruments

    def _pairs(self, quoted: Iterable[Instrument], instruments: Mapping[str, Instrument]) -> dict[str, str]:
        return conversion_pairs((instrument.quote for instrument in quoted), self._terms.currency, instruments)

    async def _last_close(self, name: str, at: datetime) -> dict[str, Quote]:
        candles = await self._feed.candles(name, self._terms.base_timeframe, until=at, count=1)
        if not len(candles):
            return {}
        bid, ask = ((side or candles).close[-1] for side in (candles.bid, candles.ask))
        return {name: Quote(name, to_decimal(bid), to_decimal(ask), candles.closed_at, tradable=False)}

    async def _volumes(self, names: frozenset[str], at: datetime) -> dict[str, Decimal]:
        """Return the newest closed candle's volume, which stands for that of the candle in which an order arrives."""
        if not self._terms.needs_volume:
            return {}
        newest = {name: await self._feed.candles(name, self._terms.base_timeframe, until=at, count=1) for name in names}
        return {name: to_decimal(float(candles.volume[-1])) for name, candles in newest.items() if len(candles)}
