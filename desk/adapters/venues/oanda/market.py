"""OANDA as a feed: closed candles with both sides of the market, the newest ones and prices in one call each."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from desk.adapters.feeds.latest import Pair
from desk.adapters.venues.oanda.api import OandaApi
from desk.adapters.venues.oanda.conversions import HomeConversions
from desk.adapters.venues.oanda.instruments import OandaInstruments
from desk.adapters.venues.oanda.names import GRANULARITIES, from_wire, to_wire
from desk.adapters.venues.oanda.poll import AccountPoll
from desk.adapters.venues.oanda.wire.candles import CandlePage, read_latest, read_page
from desk.adapters.venues.oanda.wire.market import PricingReply, WirePrice
from desk.errors import DataError
from desk.model.assembling import from_bars, middle
from desk.model.books import Quote
from desk.model.candles import Candles, PriceBars
from desk.model.depth import Depth, Level
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from desk.ports import Clock

LONGEST_PAGE = 5_000
# A page may end with the open candle, and with one that closed after the time that is asked about.
_SPARE = 2
# Our candles are counted from midnight UTC; OANDA's days start at 17:00 in New York unless it is told otherwise.
_ALIGNMENT: Mapping[str, str | int] = {"dailyAlignment": 0, "alignmentTimezone": "UTC"}


class OandaMarket:
    """Implements `desk.ports.Feed`, `LatestCandles` and `DepthFeed`; volume is the number of price updates.

    Args:
        conversions: learns from every answer about prices.
    """

    def __init__(
        self,
        api: OandaApi,
        instruments: OandaInstruments,
        clock: Clock,
        *,
        poll: AccountPoll,
        conversions: HomeConversions,
    ) -> None:
        self._api = api
        self._instruments = instruments
        self._clock = clock
        self._poll = poll
        self._conversions = conversions

    @property
    def base_timeframe(self) -> Timeframe:
        """One minute."""
        return Timeframe.M1

    async def instruments(self) -> Mapping[str, Instrument]:
        """Return every instrument that the account may trade, by name."""
        return await self._instruments.all()

    async def candles(self, instrument: str, timeframe: Timeframe, *, until: datetime, count: int) -> Candles:
        """Return at most `count` candles that were closed at `until`, oldest first; see `desk.ports.Feed`."""
        await self._check_listed(instrument)
        before, found = timeframe.floor(until), _no_page()
        while len(found.time) < count:
            wanted = min(LONGEST_PAGE, count - len(found.time) + _SPARE)
            page = await self._page(instrument, timeframe, before, wanted)
            found = _joined(found, page)
            if page.listed < wanted or page.first is None or page.first >= before.timestamp():
                break
            before = datetime.fromtimestamp(page.first, tz=UTC)
        return _candles(instrument, timeframe, found).until(until).tail(count)

    async def latest(self, wanted: Collection[Pair]) -> Mapping[Pair, Candles]:
        """Return the newest closed candle of each pair in one call; see `LatestCandles`."""
        listed = await self._instruments.all()
        asked = {(to_wire(name), GRANULARITIES[one]): (name, one) for name, one in wanted if name in listed}
        if not asked:
            return {}
        written = ",".join(f"{name}:{granularity}:BA" for name, granularity in asked)
        pages = await self._api.read_arrays(
            read_latest, "/candles/latest", f"newest candles of {written}", candleSpecifications=written, **_ALIGNMENT
        )
        return {asked[key]: _candles(*asked[key], page).tail(1) for key, page in pages.items() if key in asked}

    async def quotes(self, instruments: Sequence[str], *, at: datetime) -> Mapping[str, Quote]:
        """Return the best prices of now in one call; `at` is not looked at, and each quote says when it was given."""
        known = await self._instruments.all()
        names = ",".join(to_wire(name) for name in dict.fromkeys(instruments) if name in known)
        if not names:
            return {}
        home = await self._poll.currency()
        reply = await self._api.read(
            PricingReply, "/pricing", f"prices of {names}", instruments=names, includeHomeConversions="true"
        )
        self._conversions.learn(home, reply.home_conversions)
        quotes = (quote_of(price) for price in reply.prices if price.bids and price.asks)
        return {quote.instrument: quote for quote in quotes}

    async def depth(self, instrument: str, *, at: datetime) -> Depth | None:
        """Return what the broker offers now, whatever `at` is; None while it does not trade the instrument.

        It is no order book: the broker is on the other side of every trade, and mostly offers as much as it bids.
        """
        await self._check_listed(instrument)
        name = to_wire(instrument)
        reply = await self._api.read(PricingReply, "/pricing", f"offers of {name}", instruments=name)
        found = next((price for price in reply.prices if price.instrument == name), None)
        return depth_of(found) if found is not None and found.is_tradable else None

    async def _check_listed(self, instrument: str) -> None:
        if instrument not in await self._instruments.all():
            raise DataError(f"{instrument}: expected an instrument that the account may trade at OANDA, found none")

    async def _page(self, instrument: str, timeframe: Timeframe, before: datetime, count: int) -> CandlePage:
        return await self._api.read_market(
            read_page,
            f"/instruments/{to_wire(instrument)}/candles",
            f"{timeframe} candles of {instrument}",
            price="BA",
            granularity=GRANULARITIES[timeframe],
            count=count,
            **_ALIGNMENT,
            **({} if self._is_present(timeframe, before) else {"to": f"{before:%Y-%m-%dT%H:%M:%S}Z"}),
        )

    def _is_present(self, timeframe: Timeframe, before: datetime) -> bool:
        """Whether the newest candles are wanted: a `to` in OANDA's future, by a clock behind ours, is refused."""
        return self._clock.now() - before < timeframe.duration


def _no_page() -> CandlePage:
    return read_page({"candles": []})


def _joined(later: CandlePage, earlier: CandlePage) -> CandlePage:
    """Both pages in order of time, each candle once: pages overlap by a candle, and a reply may repeat itself."""
    time, rows = np.unique(np.concatenate((earlier.time, later.time)), return_index=True)
    return CandlePage(
        time=time,
        volume=np.concatenate((earlier.volume, later.volume))[rows],
        bid=_joined_bars(earlier.bid, later.bid, rows),
        ask=_joined_bars(earlier.ask, later.ask, rows),
        listed=earlier.listed,
        first=earlier.first,
    )


def _joined_bars(earlier: PriceBars, later: PriceBars, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> PriceBars:
    names = ("open", "high", "low", "close")
    return PriceBars(*(np.concatenate((getattr(earlier, name), getattr(later, name)))[rows] for name in names))


def _candles(instrument: str, timeframe: Timeframe, page: CandlePage) -> Candles:
    mid = middle(page.bid, page.ask)
    return from_bars(instrument, timeframe, page.time, mid, page.volume, bid=page.bid, ask=page.ask)


def quote_of(price: WirePrice) -> Quote:
    """Return the best of a price's levels; it must have some on both sides."""
    return Quote(
        instrument=from_wire(price.instrument),
        bid=max(level.price for level in price.bids),
        ask=min(level.price for level in price.asks),
        at=price.time,
        tradable=price.is_tradable,
    )


def depth_of(price: WirePrice) -> Depth:
    """Return all levels of a price."""
    bids, asks = ([Level(one.price, one.liquidity) for one in side] for side in (price.bids, price.asks))
    return Depth.sorted(from_wire(price.instrument), bids, asks, price.time)
