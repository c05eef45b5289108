"""What an account was worth at the end of every cycle while nothing was traded, in floats."""

import numpy as np

from desk.backtest.prices import Sides
from desk.backtest.venue import PaperBooks
from desk.matching.conversion import conversion_pair
from desk.model.candles import FloatArray, IntArray
from desk.model.instrument import Side


class EquityPath:
    """The books of an account over time; within a rounding error of what the exact books come to.

    Args:
        books: whose positions are valued.
        times: closes of all cycles, in seconds.
    """

    def __init__(self, books: PaperBooks, times: IntArray) -> None:
        self._books = books
        self._times = times
        self._quotes: dict[tuple[str, Side], FloatArray] = {}
        self._rates: dict[str, FloatArray] = {}

    def between(self, first: int, last: int) -> FloatArray:
        """Return the equity at the cycles from `first` to before `last`, with what is held now."""
        book = self._books.book
        worth = np.full(last - first, float(book.cash))
        for position in book.positions:
            name = position.instrument
            exits = self._quoted(name, position.side.opposite)[first:last]
            profit = float(position.quantity) * exits - float(position.cost)
            worth += profit * self._rate(self._books.history.instruments[name].quote)[first:last]
        return worth

    def _quoted(self, name: str, side: Side) -> FloatArray:
        if (name, side) not in self._quotes:
            self._quotes[name, side] = self._books.sides(name).quotes(self._times, side)
        return self._quotes[name, side]

    def _rate(self, currency: str) -> FloatArray:
        if currency not in self._rates:
            self._rates[currency] = self._found_rate(currency)
        return self._rates[currency]

    def _found_rate(self, currency: str) -> FloatArray:
        home, history = self._books.book.currency, self._books.history
        if currency == home:
            return np.ones(len(self._times))
        pair = conversion_pair(currency, home, history.instruments)
        if pair is None:
            return np.full(len(self._times), np.nan)
        sides = Sides(history.instruments[pair], history.base[pair], 0.0)
        mids = (sides.quotes(self._times, Side.BUY) + sides.quotes(self._times, Side.SELL)) / 2
        return mids if pair.startswith(f"{currency}/") else 1 / mids
