"""Market data of KuCoin's linear perpetuals; no key is needed."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from desk.adapters.venue_http.session import Parameters
from desk.adapters.venues.candle_lengths import named
from desk.adapters.venues.kucoin.api import Api
from desk.adapters.venues.kucoin.candles import Columns, candle_table, closed_candles
from desk.adapters.venues.kucoin.errors import VENUE
from desk.adapters.venues.kucoin.freshness import Kept
from desk.adapters.venues.kucoin.futures_wire import BOOK, CONTRACTS, FUNDING_RATE, FUTURES_TICKERS, Contract
from desk.adapters.venues.kucoin.wire import SERVICE_STATUS, to_milliseconds
from desk.errors import DataError, VenueError
from desk.model.books import Quote
from desk.model.candles import Candles, FloatArray
from desk.model.depth import Depth, Funding
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Clock

_MINUTES: Mapping[Timeframe, str] = {one: str(one.seconds // 60) for one in Timeframe if one is not Timeframe.M10}
_PAGE = 499  # 500 rows at the most, both ends may be included


class Contracts:
    """The linear perpetuals of the venue by our names and by the venue's.

    Attributes:
        by_name: by name of instrument, the halted ones included.
        tradable: names of the instruments that take orders now.
    """

    def __init__(self, contracts: Iterable[Contract], *, service: str) -> None:
        self._by_symbol = {contract.symbol: contract for contract in contracts if contract.is_linear_perpetual}
        self.by_name = {contract.instrument().name: contract for contract in self._by_symbol.values()}
        open_names = (name for name, contract in self.by_name.items() if contract.status == "Open")
        self.tradable = frozenset(open_names) if service == "open" else frozenset()

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._by_symbol

    def of_symbol(self, symbol: str) -> Contract:
        """Return the contract that the venue calls `symbol`.

        Raises:
            VenueError: it is not a linear perpetual, and its quantities cannot be told in base units.
        """
        if symbol not in self._by_symbol:
            told = f"expected a linear perpetual of the venue, found {symbol}; the desk cannot count it"
            raise VenueError(VENUE, f"contract {symbol}", "UNKNOWN_CONTRACT", told)
        return self._by_symbol[symbol]


class FuturesMarket:
    """Implements `desk.ports.Feed`, `DepthFeed` and `FundingFeed`.

    Args:
        clock: tells which candle is still forming, which the venue does not.
        keep_for: how long the list of contracts, with what is tradable, is used before it is asked for again.
    """

    def __init__(self, api: Api, *, clock: Clock, keep_for: timedelta = timedelta(minutes=1)) -> None:
        self._api = api
        self._clock = clock
        self._listing = Kept(self._read_listing, keep_for=keep_for, clock=clock)

    @property
    def base_timeframe(self) -> Timeframe:
        """One minute."""
        return Timeframe.M1

    async def contracts(self) -> Contracts:
        """Return every linear perpetual as the venue has it."""
        return await self._listing.get()

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every linear perpetual, by name, in base units."""
        return {name: contract.instrument() for name, contract in (await self.contracts()).by_name.items()}

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`, oldest first; see `desk.ports.Feed`."""
        contract = await self._contract(instrument)
        symbol, name = contract.symbol, f"candles of {instrument}"
        lot = float(contract.multiplier)
        columns = Columns(open=1, high=2, low=3, close=4, volume=5, per_second=1000, lot=lot)
        reading = partial(candle_table, columns=columns, instrument=instrument)

        async def fetch(start: datetime, end: datetime) -> FloatArray:
            query: Parameters = {
                "symbol": symbol,
                "granularity": named(timeframe, _MINUTES, venue="kucoin futures", instrument=instrument),
                "from": to_milliseconds(start),
                "to": to_milliseconds(end),
            }
            return await self._api.get_by(reading, "/api/v1/kline/query", name, query)

        closed = min(until, self._clock.now())
        return await closed_candles(instrument, timeframe, fetch, until=closed, count=count, page=_PAGE)

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices now, in one call for all; the venue has none of the past, so `at` is not used."""
        if not instruments:
            return {}
        contracts, tickers = await asyncio.gather(
            self.contracts(), self._api.get("/api/v1/allTickers", "prices", FUTURES_TICKERS)
        )
        by_symbol = {ticker.symbol: ticker for ticker in tickers}
        symbols = {name: contracts.by_name[name].symbol for name in instruments if name in contracts.by_name}
        found = ((name, by_symbol[symbol]) for name, symbol in symbols.items() if symbol in by_symbol)
        return {
            name: Quote(name, ticker.best_bid_price, ticker.best_ask_price, ticker.ts, name in contracts.tradable)
            for name, ticker in found
            if ticker.best_bid_price and ticker.best_ask_price
        }

    async def depth(self, instrument: str, *, at: datetime) -> Depth:
        """Return the first 20 prices of each side now, whatever `at` is; see `desk.ports.DepthFeed`."""
        contract = await self._contract(instrument)
        query: Parameters = {"symbol": contract.symbol}
        told = await self._api.get("/api/v1/level2/depth20", f"book of {instrument}", BOOK, query)
        return told.depth(contract)

    async def funding(self, instrument: str, *, at: datetime) -> Funding:
        """Return the funding that is paid next, known now; see `desk.ports.FundingFeed`."""
        path = f"/api/v1/funding-rate/{(await self._contract(instrument)).symbol}/current"
        told = await self._api.get(path, f"funding of {instrument}", FUNDING_RATE)
        return told.funding(instrument, self._clock.now())

    async def _contract(self, instrument: str) -> Contract:
        contract = (await self.contracts()).by_name.get(instrument)
        if contract is None:
            raise DataError(f"kucoin futures: expected a linear perpetual of the venue, found {instrument}")
        return contract

    async def _read_listing(self) -> Contracts:
        contracts, status = await asyncio.gather(
            self._api.get("/api/v1/contracts/active", "instruments", CONTRACTS),
            self._api.get("/api/v1/status", "state of the service", SERVICE_STATUS),
        )
        return Contracts(contracts, service=status.status)
