"""What KuCoin's futures host tells everyone: contracts, candles, prices, books."""

from datetime import timedelta

from desk.model.books import Quote
from desk.model.instrument import Instrument
from desk.model.timeframe import Timeframe
from simulator.books import book_of
from simulator.dialects.kucoin_common.call import Call
from simulator.dialects.kucoin_common.candles import Row, rows_to
from simulator.dialects.kucoin_common.customers import Customers
from simulator.dialects.kucoin_common.errors import wrong
from simulator.dialects.kucoin_common.paths import Paths, Priced
from simulator.dialects.kucoin_common.pools import PUBLIC
from simulator.dialects.kucoin_common.spelling import milliseconds, nanoseconds
from simulator.dialects.kucoin_futures.contracts import contract_of
from simulator.dialects.kucoin_futures.rules import multiplier_of, symbol_of
from simulator.dialects.kucoin_futures.telling import tell_contract, tell_quote

_GRANULARITIES = (1, 3, 5, 15, 30, 60, 120, 240, 480, 720, 1_440, 10_080)
_MOST_CANDLES = 500
_CANDLES = 200


class Public:
    """The paths that need no key."""

    def __init__(self, customers: Customers) -> None:
        self._customers = customers
        self._exchange = customers.exchange

    def paths(self) -> Paths:
        """Return what is served."""
        return {
            ("GET", "v1/contracts/active"): Priced(self.contracts, PUBLIC, 3),
            ("GET", "v1/contracts/{symbol}"): Priced(self.contract, PUBLIC, 3),
            ("GET", "v1/kline/query"): Priced(self.candles, PUBLIC, 3),
            ("GET", "v1/ticker"): Priced(self.ticker, PUBLIC),
            ("GET", "v1/allTickers"): Priced(self.tickers, PUBLIC, 5),
            ("GET", "v1/mark-price/{symbol}/current"): Priced(self.mark_price, PUBLIC, 3),
            ("GET", "v1/funding-rate/{symbol}/current"): Priced(self.funding_rate, PUBLIC),
            ("GET", "v1/level2/depth20"): Priced(self.depth, PUBLIC, 5),
            ("GET", "v1/level2/depth100"): Priced(self.deep, PUBLIC, 10),
        }

    async def contracts(self, _: Call) -> object:
        listed = await self._customers.instruments()
        quotes, now = await self._exchange.quotes(list(listed)), self._exchange.clock.told()
        return [tell_contract(one, quotes.get(name), now) for name, one in listed.items()]

    async def contract(self, call: Call) -> object:
        instrument = await contract_of(self._customers, call.get("symbol"))
        quotes = await self._exchange.quotes([instrument.name])
        return tell_contract(instrument, quotes.get(instrument.name), self._exchange.clock.told())

    async def candles(self, call: Call) -> object:
        """Candles that began from `from` to `to`, oldest first; of more than a page the first ones."""
        instrument, minutes = await contract_of(self._customers, call.get("symbol")), call.whole("granularity")
        if minutes not in _GRANULARITIES:
            raise wrong("100001", "granularity is invalid")
        begin, end = call.whole("from"), call.whole("to")
        last = milliseconds(self._exchange.clock.now()) if end is None else end
        length = minutes * 60
        if begin is not None:
            last = min(last, begin + (_MOST_CANDLES + 1) * length * 1_000)
        wanted = _CANDLES if begin is None else _MOST_CANDLES
        count = wanted if begin is None else max(0, last - begin) // (length * 1_000) + 2
        rows = await rows_to(self._exchange, instrument.name, length, end=last // 1_000 + 1, count=count)
        chosen = [tell_candle(instrument, row) for row in rows if begin is None or row.start * 1_000 >= begin]
        return chosen[-wanted:] if begin is None else chosen[:wanted]

    async def ticker(self, call: Call) -> object:
        return tell_quote(*await self._quote(call))

    async def tickers(self, _: Call) -> object:
        listed = await self._customers.instruments()
        quotes = await self._exchange.quotes(list(listed))
        return [tell_quote(one, quotes[name]) for name, one in listed.items() if name in quotes]

    async def depth(self, call: Call) -> object:
        return await self._book(call, 20)

    async def deep(self, call: Call) -> object:
        return await self._book(call, 100)

    async def _book(self, call: Call, levels: int) -> object:
        """Prices and whole lots as JSON numbers."""
        instrument = await contract_of(self._customers, call.get("symbol"))
        book = await book_of(self._exchange, instrument.name, levels)
        if book is None:
            raise wrong("100003")
        lot, at = multiplier_of(instrument), nanoseconds(book.at)
        bids, asks = ([[one.price, int(one.quantity / lot)] for one in side] for side in (book.bids, book.asks))
        return {"sequence": at // 1_000_000, "symbol": symbol_of(instrument.name), "bids": bids, "asks": asks, "ts": at}

    async def mark_price(self, call: Call) -> object:
        instrument, quote = await self._quote(call)
        prices = {"value": quote.mid, "indexPrice": quote.mid}
        return {
            "symbol": symbol_of(instrument.name),
            "granularity": 1_000,
            "timePoint": milliseconds(quote.at),
            **prices,
        }

    async def funding_rate(self, call: Call) -> object:
        instrument, _ = await self._quote(call)
        begun = Timeframe.H4.floor(self._exchange.clock.told())
        return {
            "symbol": f".{symbol_of(instrument.name)}FPI8H",
            "granularity": 14_400_000,
            "timePoint": milliseconds(begun),
            "value": 0.0001,
            "predictedValue": 0.0001,
            "fundingRateCap": 0.003,
            "fundingRateFloor": -0.003,
            "period": 0,
            "fundingTime": milliseconds(begun + timedelta(hours=4)),
        }

    async def _quote(self, call: Call) -> tuple[Instrument, Quote]:
        instrument = await contract_of(self._customers, call.get("symbol"))
        quotes = await self._exchange.quotes([instrument.name])
        if instrument.name not in quotes:
            raise wrong("100003")
        return instrument, quotes[instrument.name]


def tell_candle(instrument: Instrument, row: Row) -> list[float]:
    """Tell a candle in the futures market's columns, its volume in lots."""
    return [
        row.start * 1_000,
        row.open,
        row.high,
        row.low,
        row.close,
        round(row.volume / float(multiplier_of(instrument))),
    ]
