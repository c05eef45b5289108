"""Market data of KuCoin's spot market; no key is needed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from desk.adapters.venue_http.session import Parameters
from desk.adapters.venues.candle_lengths import named
from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.candles import Columns, candle_table, closed_candles
from desk.adapters.venues.kucoin.freshness import Kept
from desk.adapters.venues.kucoin.names import spot_name, spot_symbol
from desk.adapters.venues.kucoin.spot_wire import BOOK, SYMBOLS, TICKERS
from desk.adapters.venues.kucoin.wire import SERVICE_STATUS, to_seconds
from desk.errors import DataError
from desk.model.books import Quote
from desk.model.candles import Candles, FloatArray
from desk.model.depth import Depth
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Clock

_COLUMNS = Columns(open=1, close=2, high=3, low=4, volume=5)
_PAGE = 1499  # 1500 rows at the most, and it is not documented whether the last second asked for is included
_TYPES = {
    Timeframe.M1: "1min",
    Timeframe.M5: "5min",
    Timeframe.M15: "15min",
    Timeframe.M30: "30min",
    Timeframe.H1: "1hour",
    Timeframe.H2: "2hour",
    Timeframe.H4: "4hour",
    Timeframe.D1: "1day",
}


@dataclass(frozen=True, slots=True)
class _Listing:
    instruments: Mapping[str, Instrument]
    tradable: frozenset[str]


class SpotMarket:
    """Implements `desk.ports.Feed` and `DepthFeed`.

    Args:
        clock: tells which candle is still forming, which the venue does not.
        keep_for: how long the list of markets, with what is tradable, is used before it is asked for again.
    """

    def __init__(self, api: Api, *, clock: Clock, keep_for: timedelta = timedelta(minutes=1)) -> None:
        self._api = api
        self._clock = clock
        self._listing = Kept(self._read_listing, keep_for=keep_for, clock=clock)

    @property
    def base_timeframe(self) -> Timeframe:
        """One minute."""
        return Timeframe.M1

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every market, by name, those included that are halted now."""
        return (await self._listing.get()).instruments

    async def tradable(self) -> frozenset[str]:
        """Return the names of the markets that take orders now."""
        return (await self._listing.get()).tradable

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`, oldest first; see `desk.ports.Feed`."""
        symbol, name = await self._symbol(instrument), f"candles of {instrument}"
        reading = partial(candle_table, columns=_COLUMNS, instrument=instrument)

        async def fetch(start: datetime, end: datetime) -> FloatArray:
            query: Parameters = {
                "symbol": symbol,
                "type": named(timeframe, _TYPES, venue="kucoin", instrument=instrument),
                "startAt": to_seconds(start),
                "endAt": to_seconds(end),
            }
            return await self._api.get_by(reading, "/api/v1/market/candles", name, query)

        closed = min(until, self._clock.now())
        return await closed_candles(instrument, timeframe, fetch, until=closed, count=count, page=_PAGE)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices now, in one call for all; the venue has none of the past, so `at` is not used."""
        if not instruments:
            return {}
        listing, tickers = await asyncio.gather(
            self._listing.get(), self._api.get("/api/v1/market/allTickers", "prices", TICKERS)
        )
        wanted = frozenset(instruments)
        found = ((spot_name(ticker.symbol), ticker) for ticker in tickers.ticker)
        return {
            name: Quote(name, ticker.buy, ticker.sell, tickers.time, name in listing.tradable)
            for name, ticker in found
            if name in wanted and ticker.buy and ticker.sell
        }

    async def depth(self, instrument: str, *, at: datetime) -> Depth:
        """Return the first 20 prices of each side now, whatever `at` is; see `desk.ports.DepthFeed`."""
        query: Parameters = {"symbol": await self._symbol(instrument)}
        told = await self._api.get("/api/v1/market/orderbook/level2_20", f"book of {instrument}", BOOK, query)
        return told.depth(instrument)

    async def _symbol(self, instrument: str) -> str:
        if instrument not in await self.instruments():
            raise DataError(f"kucoin spot: expected an instrument of the venue, found {instrument}")
        return spot_symbol(instrument)

    async def _read_listing(self) -> _Listing:
        symbols, status = await asyncio.gather(
            self._api.get("/api/v2/symbols", "instruments", SYMBOLS),
            self._api.get("/api/v1/status", "state of the service", SERVICE_STATUS),
        )
        is_open = status.status == "open"
        tradable = frozenset(spot_name(symbol.symbol) for symbol in symbols if is_open and symbol.enable_trading)
        instruments = (symbol.instrument() for symbol in symbols)
        return _Listing({instrument.name: instrument for instrument in instruments}, tradable)
