"""What Aster's streams tell: prices and candles whenever they change, and what happens to an account."""

from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import TypeAlias

from desk.model.books import Quote
from desk.model.instrument import Instrument
from simulator.dialects.aster.customers import Customers
from simulator.dialects.aster.listening import ListenKeys
from simulator.dialects.aster.news import tell_event
from simulator.dialects.aster.public import INTERVALS, Public
from simulator.dialects.aster.rules import from_milliseconds, milliseconds, symbol_of, text
from simulator.dialects.aster.telling import Told

News: TypeAlias = Callable[[], Awaitable[Sequence[Told]]]
"""Returns what is new since it was asked the last time."""
_Known: TypeAlias = Sequence[tuple[object, Told]]
"""Messages with what makes each of them new, the oldest first."""

_CANDLES_EVERY = 0.25


class Channels:
    """Everything that can be listened to, by the venue's name of the stream."""

    def __init__(self, customers: Customers, public: Public, keys: ListenKeys) -> None:
        self._customers = customers
        self._clock = customers.exchange.clock
        self._public = public
        self._keys = keys

    def news_of(self, name: str) -> News:
        """Return what a stream tells from now on; one that nobody knows tells nothing."""
        symbol, _, kind = name.partition("@")
        if not kind:
            return self._account(name)
        if kind == "bookTicker":
            return _changes(lambda: self._prices(symbol))
        if kind.partition("@")[0] == "markPrice":
            return _changes(lambda: self._marks(symbol))
        minutes = INTERVALS.get(kind.removeprefix("kline_"))
        return _nothing if minutes is None else _changes(lambda: self._candles(symbol, kind, minutes), _CANDLES_EVERY)

    def _account(self, key: str) -> News:
        account = self._keys.owner(key)
        told = len(account.events) if account else 0

        async def news() -> Sequence[Told]:
            nonlocal account, told
            if account is None:
                return []
            if self._keys.owner(key) is not account:
                account = None
                return [{"e": "listenKeyExpired", "E": milliseconds(self._clock.told())}]
            await self._customers.refresh(account)
            fresh, told = account.events[told:], len(account.events)
            return [message for event in fresh for message in tell_event(account, event)]

        return news

    async def _prices(self, symbol: str) -> _Known:
        quote = await self._quote(symbol)
        if quote is None:
            return []
        at = milliseconds(quote.at)
        prices = {"b": text(quote.bid), "B": "100", "a": text(quote.ask), "A": "100"}
        told = {"e": "bookTicker", "u": at, "s": symbol.upper(), **prices, "T": at, "E": at}
        return [((quote.bid, quote.ask), told)]

    async def _marks(self, symbol: str) -> _Known:
        quote = await self._quote(symbol)
        if quote is None:
            return []
        mark, at = text(quote.mid), milliseconds(quote.at)
        prices = {"p": mark, "i": mark, "r": "0.0001", "T": milliseconds(self._public.next_funding())}
        return [(mark, {"e": "markPriceUpdate", "E": at, "s": symbol.upper(), **prices})]

    async def _candles(self, symbol: str, kind: str, minutes: int) -> _Known:
        instrument, now = await self._instrument(symbol), milliseconds(self._clock.now())
        if instrument is None:
            return []
        rows = await self._public.rows(instrument, minutes, from_milliseconds(now), 2)
        wanted = [row for start, row in rows if start <= now][-2:]
        told = [_candle(symbol.upper(), kind, row, now) for row in wanted]
        return [(candle["k"], candle) for candle in told]

    async def _quote(self, symbol: str) -> Quote | None:
        instrument = await self._instrument(symbol)
        quotes = await self._customers.exchange.quotes([instrument.name]) if instrument else {}
        return next(iter(quotes.values()), None)

    async def _instrument(self, symbol: str) -> Instrument | None:
        listed = (await self._customers.instruments()).values()
        return next((one for one in listed if symbol_of(one.name).lower() == symbol), None)


async def _nothing() -> Sequence[Told]:
    return []


def _changes(read: Callable[[], Awaitable[_Known]], every: float = 0.0) -> News:
    """Return news of something that can be looked at: the newest of the first look, then what is new in each.

    Args:
        every: the shortest pause between looks, in seconds.
    """
    known: list[object] | None = None
    due = monotonic()

    async def news() -> Sequence[Told]:
        nonlocal known, due
        if monotonic() < due:
            return []
        due = monotonic() + every
        seen = await read()
        fresh = seen[-1:] if known is None else [one for one in seen if one[0] not in known]
        known = [mark for mark, _ in seen]
        return [told for _, told in fresh]

    return news


def _candle(symbol: str, kind: str, row: Sequence[int | str], now: int) -> Told:
    begin, open_, high, low, close, volume, end, worth, count, taken, taken_worth, _ = row
    prices = {"o": open_, "c": close, "h": high, "l": low, "v": volume, "n": count, "q": worth}
    taker = {"V": taken, "Q": taken_worth, "B": "0"}
    span = {"t": begin, "T": end, "s": symbol, "i": kind.removeprefix("kline_"), "f": 0, "L": 0}
    return {"e": "kline", "E": now, "s": symbol, "k": {**span, **prices, **taker, "x": int(end) < now}}
