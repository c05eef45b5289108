"""What Aster tells everyone: instruments, candles, prices, books."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np

from desk.model.books import Quote
from desk.model.candles import PriceBars
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from simulator.books import book_of
from simulator.dialects.aster.customers import Customers
from simulator.dialects.aster.door import Call
from simulator.dialects.aster.rules import VENUE, from_milliseconds, milliseconds, symbol_of, text, wrong
from simulator.dialects.aster.telling import Told, tell_instrument
from simulator.dialects.minutes import merged, minutes_to

INTERVALS = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "4h": 240}
INTERVALS |= {"6h": 360, "8h": 480, "12h": 720, "1d": 1_440, "3d": 4_320}
_MOST_CANDLES = 1_500
_DEPTHS = frozenset({5, 10, 20, 50, 100, 500, 1_000})
_MOST_LEVELS = 20
_FUNDING_HOURS = 4
WEIGHT_A_MINUTE = 2_400


class Public:
    """The paths that need no signature."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers

    async def ping(self, _: Call) -> object:
        return {}

    async def time(self, _: Call) -> object:
        return {"serverTime": milliseconds(self._customers.exchange.clock.told())}

    async def info(self, _: Call) -> object:
        return {
            **_told_limits(self._customers.exchange.clock.told()),
            "assets": [{"asset": VENUE.currency, "marginAvailable": True, "autoAssetExchange": "0"}],
            "symbols": [tell_instrument(one) for one in (await self._customers.instruments()).values()],
        }

    async def spot_info(self, _: Call) -> object:
        """The spot market of the same venue, which lists nothing here; clients read both before they trade."""
        return {**_told_limits(self._customers.exchange.clock.told()), "assets": [], "symbols": []}

    async def klines(self, call: Call) -> object:
        instrument, minutes = await self._customers.instrument(call), INTERVALS.get(call.required("interval"))
        if minutes is None:
            raise wrong(-1120)
        limit, begin, end = call.whole("limit") or 500, call.whole("startTime"), call.whole("endTime")
        if limit > _MOST_CANDLES:
            raise wrong(-1102)
        length = minutes * 60_000
        last = end if end is not None else milliseconds(self._customers.exchange.clock.now())
        if begin is not None:
            last = min(last, begin + (limit + 1) * length)
        rows = await self.rows(instrument, minutes, from_milliseconds(last), limit)
        wanted = [row for start, row in rows if start <= last and (begin is None or start >= begin)]
        return wanted[:limit] if begin is not None else wanted[-limit:]

    async def rows(
        self, instrument: Instrument, minutes: int, last: datetime, limit: int
    ) -> list[tuple[int, list[int | str]]]:
        """Return candles around `last` with their open times in milliseconds; the last ones may be of the future."""
        base = max((one for one in Timeframe if minutes * 60 % one.seconds == 0), key=lambda one: one.seconds)
        length = minutes * 60
        count = (limit + 2) * length // base.seconds
        found = await minutes_to(
            self._customers.exchange, instrument.name, base, end=last + timedelta(seconds=length), count=count
        )
        if found is None:
            return []
        starts = found.time // length * length
        firsts = np.flatnonzero(np.diff(starts, prepend=starts[:1] - 1))
        bars = merged(PriceBars(found.open, found.high, found.low, found.close), firsts)
        prices = zip(bars.open, bars.high, bars.low, bars.close, strict=True)
        volumes = np.add.reduceat(found.volume, firsts)
        return [
            (int(start) * 1_000, _row(int(start), length, row, float(volume)))
            for start, row, volume in zip(starts[firsts], prices, volumes, strict=True)
        ]

    async def book_ticker(self, call: Call) -> object:
        def told(quote: Quote) -> Told:
            at = milliseconds(quote.at)
            return {
                "bidPrice": text(quote.bid),
                "bidQty": "100",
                "askPrice": text(quote.ask),
                "askQty": "100",
                "time": at,
            }

        return await self._for_each(call, told)

    async def depth(self, call: Call) -> object:
        instrument, limit = await self._customers.instrument(call), call.whole("limit") or 500
        if limit not in _DEPTHS:
            raise wrong(-1102)
        book = await book_of(self._customers.exchange, instrument.name, min(limit, _MOST_LEVELS))
        if book is None:
            return {"lastUpdateId": 0, "bids": [], "asks": []}
        at = milliseconds(book.at)
        bids, asks = ([[text(one.price), text(one.quantity)] for one in side] for side in (book.bids, book.asks))
        return {"lastUpdateId": at, "E": at, "T": at, "bids": bids, "asks": asks}

    async def price_ticker(self, call: Call) -> object:
        return await self._for_each(call, lambda quote: {"price": text(quote.mid), "time": milliseconds(quote.at)})

    async def premium(self, call: Call) -> object:
        def told(quote: Quote) -> Told:
            now = self._customers.exchange.clock.told()
            mark = text(quote.mid)
            funding = {"lastFundingRate": "0.0001", "nextFundingTime": milliseconds(self.next_funding())}
            return {"markPrice": mark, "indexPrice": mark, "time": milliseconds(now), **funding}

        return await self._for_each(call, told)

    async def funding_info(self, call: Call) -> object:
        def told(_: Quote) -> Told:
            return {"fundingIntervalHours": _FUNDING_HOURS, "fundingFeeCap": "0.03", "fundingFeeFloor": "-0.03"}

        rows = await self._for_each(call, told)
        return rows if isinstance(rows, list) else [rows]

    def next_funding(self) -> datetime:
        """Return when funding is paid next."""
        return Timeframe.H4.floor(self._customers.exchange.clock.told()) + timedelta(hours=_FUNDING_HOURS)

    async def _for_each(self, call: Call, told: Callable[[Quote], Told]) -> object:
        """Return an object for the symbol that was named, a list of all without."""
        names = (
            [(await self._customers.instrument(call)).name]
            if call.get("symbol")
            else list(await self._customers.instruments())
        )
        quotes = await self._customers.exchange.quotes(names)
        rows = [{"symbol": symbol_of(name), **told(quotes[name])} for name in names if name in quotes]
        return rows[0] if call.get("symbol") and rows else rows


def _told_limits(at: datetime) -> Told:
    limits = [
        {"rateLimitType": kind, "interval": "MINUTE", "intervalNum": 1, "limit": limit}
        for kind, limit in (("REQUEST_WEIGHT", WEIGHT_A_MINUTE), ("ORDERS", 1_200))
    ]
    return {"timezone": "UTC", "serverTime": milliseconds(at), "rateLimits": limits, "exchangeFilters": []}


def _row(start: int, length: int, prices: Sequence[float], volume: float) -> list[int | str]:
    worth = volume * prices[3]
    return [
        start * 1_000,
        *(f"{price:.8g}" for price in prices),
        f"{volume:.3f}",
        (start + length) * 1_000 - 1,
        f"{worth:.5f}",
        max(1, int(volume)),
        f"{volume / 2:.3f}",
        f"{worth / 2:.5f}",
        "0",
    ]
