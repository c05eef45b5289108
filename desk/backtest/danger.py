"""Where in the past an account may be liquidated: looked for in floats, to be decided by the exact candles."""

from collections.abc import Callable

import numpy as np

from desk.backtest.history import History
from desk.backtest.prices import Sides
from desk.matching.book import Book
from desk.matching.conversion import conversion_pair
from desk.model.books import Position
from desk.model.candles import FloatArray, IntArray

_FIRST_LOOK, _FARTHER = 64, 4
"""How many candles are looked at first, and how many times as many after that."""
_NEARLY = 1e-9
"""Which part of all amounts binary arithmetic may be off by: far more than it is."""


class Danger:
    """When the equity of an account may fall under its maintenance margin, never later than when it does.

    Args:
        history: of the market.
        currency: the account's.
        sides: what orders in an instrument meet.
        maintenance_fraction: of the value of what is held on margin, above 0.
    """

    def __init__(
        self, history: History, currency: str, sides: Callable[[str], Sides], maintenance_fraction: float
    ) -> None:
        self._history = history
        self._currency = currency
        self._sides = sides
        self._share = maintenance_fraction
        self._known: tuple[object, ...] = ()
        self._safe_until = 0
        self._found: int | None = None

    def next(self, book: Book, after: int, until: int | None) -> int | None:
        """Return the first time in between at which candles close that may be too much, in seconds; None without one.

        Args:
            book: as it is while nothing else happens.
            after: up to when the candles have been matched, in seconds.
            until: how far is looked; None for to the end.
        """
        if not any(self._is_on_margin(position) for position in book.positions):
            return None
        known = (book.cash, *book.positions)
        if known != self._known:
            self._known, self._safe_until, self._found = known, after, None
        if self._found is None or self._found <= after:
            self._found = self._search(book, max(after, self._safe_until), self._end(book, until))
        return self._found if until is None or (self._found or 0) <= until else None

    def _end(self, book: Book, until: int | None) -> int:
        last = max(int(self._history.base[one.instrument].close_times[-1]) for one in book.positions)
        return last if until is None else min(last, until)

    def _search(self, book: Book, start: int, end: int) -> int | None:
        length = _FIRST_LOOK * self._history.timeframe.seconds
        while start < end:
            stop = min(start + length, end)
            if (found := self._in(book, start, stop)) is not None:
                return found
            start, length = stop, length * _FARTHER
        self._safe_until = max(self._safe_until, end)
        return None

    def _in(self, book: Book, start: int, stop: int) -> int | None:
        """The first close after `start` and up to `stop` at which what is spare may be used up."""
        times = self._closes(book, start, stop)
        spare, size = np.full(len(times), float(book.cash)), np.full(len(times), abs(float(book.cash)))
        for position in book.positions:
            value, part = self._part(position, times)
            size += value
            spare += part
        met = spare <= size * _NEARLY
        return int(times[met.argmax()]) if met.any() else None

    def _closes(self, book: Book, start: int, stop: int) -> IntArray:
        held = [self._history.base[one.instrument] for one in book.positions if self._is_on_margin(one)]
        found = [one.close_times[one.rows_until(start) : one.rows_until(stop)] for one in held]
        return np.unique(np.concatenate(found))

    def _part(self, position: Position, times: IntArray) -> tuple[FloatArray, FloatArray]:
        """The value of a position, and what it adds to the equity beyond its own margin, at its worst at each time."""
        instrument, sign = self._history.instruments[position.instrument], position.side.sign
        quantity, share = abs(float(position.quantity)), self._share if self._is_on_margin(position) else 0.0
        rate = self._rate(instrument.quote, times)
        price = self._worst(position, times) - sign * float(instrument.tick)
        value = quantity * price * rate
        return value, (sign - share) * value - float(position.cost) * rate

    def _worst(self, position: Position, times: IntArray) -> FloatArray:
        """The worst price of the candle that closes at each time, or the last one before that."""
        sides = self._sides(position.instrument)
        bars, sign = sides.bars(position.side.opposite), position.side.sign
        closes = sides.candles.close_times
        newest = np.searchsorted(closes, times, side="right") - 1
        before = np.searchsorted(closes, times, side="left") - 1
        last = np.where(before < 0, float(position.average_price), bars.close[np.maximum(before, 0)])
        adverse = (bars.low if sign > 0 else bars.high)[np.maximum(newest, 0)]
        return np.where(newest > before, sign * np.minimum(sign * adverse, sign * last), last)

    def _rate(self, currency: str, times: IntArray) -> FloatArray:
        """What one unit of a currency is worth to the account at each time; NaN where that is not known."""
        home, candles = self._currency, self._history.base
        if currency == home:
            return np.ones(len(times))
        pair = conversion_pair(currency, home, candles)
        if pair is None:
            return np.full(len(times), np.nan)
        rows = np.searchsorted(candles[pair].close_times, times, side="right") - 1
        prices = np.where(rows < 0, np.nan, candles[pair].close[np.maximum(rows, 0)])
        return prices if pair.startswith(f"{currency}/") else 1 / prices

    def _is_on_margin(self, position: Position) -> bool:
        return self._history.instruments[position.instrument].can_short
