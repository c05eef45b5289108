"""What KuCoin's spot host tells everyone: symbols, candles, prices, books."""

from datetime import timedelta

from desk.model.books import Quote
from desk.model.candles import Candles
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from simulator.books import book_of
from simulator.dialects.kucoin.rules import VENUE, symbol_of
from simulator.dialects.kucoin.telling import Told, tell_symbol
from simulator.dialects.kucoin_common.call import Call
from simulator.dialects.kucoin_common.candles import Row, rows_to
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.paths import Paths, Priced
from simulator.dialects.kucoin_common.pools import PUBLIC
from simulator.dialects.kucoin_common.spelling import milliseconds, text

MINUTES = {"1min": 1, "3min": 3, "5min": 5, "15min": 15, "30min": 30, "1hour": 60, "2hour": 120, "4hour": 240}
MINUTES |= {"6hour": 360, "8hour": 480, "12hour": 720, "1day": 1_440, "1week": 10_080}
_MOST_CANDLES = 1_500
_CANDLES = 100
_SIZE = "100"


class Public:
    """The paths that need no key."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._exchange = customers.exchange

    def paths(self) -> Paths:
        """Return what is served."""
        return {
            ("GET", "v2/symbols"): Priced(self.symbols, PUBLIC, 4),
            ("GET", "v1/symbols"): Priced(self.symbols, PUBLIC, 4),
            ("GET", "v2/symbols/{symbol}"): Priced(self.symbol, PUBLIC, 4),
            ("GET", "v1/market/candles"): Priced(self.candles, PUBLIC, 3),
            ("GET", "v1/market/allTickers"): Priced(self.tickers, PUBLIC, 15),
            ("GET", "v1/market/stats"): Priced(self.stats, PUBLIC, 15),
            ("GET", "v1/market/orderbook/level1"): Priced(self.ticker, PUBLIC),
            ("GET", "v1/market/orderbook/level2_20"): Priced(self.depth, PUBLIC),
            ("GET", "v1/market/orderbook/level2_100"): Priced(self.deep, PUBLIC, 4),
        }

    async def symbols(self, _: Call) -> object:
        listed = await self._customers.instruments()
        quotes = await self._exchange.quotes(list(listed))
        return [tell_symbol(one, tradable=_is_tradable(quotes.get(name))) for name, one in listed.items()]

    async def symbol(self, call: Call) -> object:
        instrument = await self._named(call)
        quotes = await self._exchange.quotes([instrument.name])
        return tell_symbol(instrument, tradable=_is_tradable(quotes.get(instrument.name)))

    async def candles(self, call: Call) -> object:
        """Candles that began from `startAt` until before `endAt`, the newest first."""
        instrument, minutes = await self._named(call), MINUTES.get(call.get("type"))
        if minutes is None:
            raise wrong("400100", "type is invalid")
        begin, end = call.whole("startAt"), call.whole("endAt")
        end = end or milliseconds(self._exchange.clock.now()) // 1_000 + 1
        wanted = _MOST_CANDLES if begin else _CANDLES
        count = min(wanted, (end - begin) // (minutes * 60) + 1) if begin else wanted
        rows = await rows_to(self._exchange, instrument.name, minutes * 60, end=end, count=max(0, count))
        chosen = [tell_candle(row) for row in rows if row.start >= (begin or 0)]
        return chosen[-wanted:][::-1]

    async def ticker(self, call: Call) -> object:
        quote = await self._quote(await self._named(call))
        return {"time": milliseconds(quote.at), **tell_quote(quote)}

    async def depth(self, call: Call) -> object:
        return await self._book(call, 20)

    async def deep(self, call: Call) -> object:
        return await self._book(call, 100)

    async def _book(self, call: Call, levels: int) -> object:
        book = await book_of(self._exchange, (await self._named(call)).name, levels)
        if book is None:
            raise wrong("900001")
        bids, asks = ([[text(one.price), text(one.quantity)] for one in side] for side in (book.bids, book.asks))
        at = milliseconds(book.at)
        return {"time": at, "sequence": str(at), "bids": bids, "asks": asks}

    async def tickers(self, _: Call) -> object:
        names = list(await self._customers.instruments())
        quotes = await self._exchange.quotes(names)
        told = [await self._tell_day(quotes[name]) for name in names if name in quotes]
        rows = [{"symbol": row["symbol"], "symbolName": row["symbol"], **row} for row in told]
        return {"time": milliseconds(self._exchange.clock.told()), "ticker": rows}

    async def stats(self, call: Call) -> object:
        quote = await self._quote(await self._named(call))
        return {"time": milliseconds(quote.at), **await self._tell_day(quote)}

    async def _tell_day(self, quote: Quote) -> Told:
        """Tell the price and what has become of it in a day."""
        day = await self._day(quote.instrument)
        known = len(day) > 0
        first = float(day.open[0]) if known else float(quote.mid)
        change = float(quote.mid) - first
        return {
            "symbol": symbol_of(quote.instrument),
            "buy": text(quote.bid),
            "bestBidSize": _SIZE,
            "sell": text(quote.ask),
            "bestAskSize": _SIZE,
            "changeRate": f"{change / first:.4f}",
            "changePrice": f"{change:.8g}",
            "high": f"{max(day.high) if known else first:.8g}",
            "low": f"{min(day.low) if known else first:.8g}",
            "vol": f"{sum(day.volume):.8f}",
            "volValue": f"{sum(day.volume * day.close):.8f}",
            "last": text(quote.bid),
            "averagePrice": f"{first:.8g}",
            "takerFeeRate": text(VENUE.fees.taker_bps / 10_000),
            "makerFeeRate": text(VENUE.fees.maker_bps / 10_000),
            "takerCoefficient": "1",
            "makerCoefficient": "1",
        }

    async def _day(self, name: str) -> Candles:
        now = self._exchange.clock.now()
        hours = await self._exchange.candles(name, Timeframe.H1, until=now, count=24)
        return hours.since(now - timedelta(days=1))

    async def _quote(self, instrument: Instrument) -> Quote:
        quotes = await self._exchange.quotes([instrument.name])
        if instrument.name not in quotes:
            raise wrong("900001")
        return quotes[instrument.name]

    async def _named(self, call: Call) -> Instrument:
        for name, instrument in (await self._customers.instruments()).items():
            if symbol_of(name) == call.get("symbol"):
                return instrument
        raise wrong("900001")


def tell_candle(row: Row) -> list[str]:
    """Tell a candle in the spot market's columns: the close comes before the high."""
    prices = (f"{price:.8g}" for price in (row.open, row.close, row.high, row.low))
    return [str(row.start), *prices, f"{row.volume:.8f}", f"{row.volume * row.close:.8f}"]


def tell_quote(quote: Quote) -> Told:
    """Tell the best prices."""
    return {
        "sequence": str(milliseconds(quote.at)),
        "price": text(quote.bid),
        "size": _SIZE,
        "bestBid": text(quote.bid),
        "bestBidSize": _SIZE,
        "bestAsk": text(quote.ask),
        "bestAskSize": _SIZE,
    }


def _is_tradable(quote: Quote | None) -> bool:
    return quote is not None and quote.tradable
