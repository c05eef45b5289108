"""The simulation candle by candle: a strategy's own Python is called at each close and says what it wants.

Fills, stops and ages are those of the kernels, which run here as plain Python. A strategy may write its signals one
after the other, look at what it holds, and move its stop; what it wants is acted on in the candle after.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import nan
from typing import Any, Final, cast

import numpy as np

from desk.backtest.context import AGREED, Book, Context
from desk.backtest.kernels import layout, portfolio
from desk.backtest.kernels.layout import (
    ENTER,
    ENTER_LONG,
    ENTER_SHORT,
    EXIT_LONG,
    EXIT_SHORT,
    FLAT,
    HELD,
    STATUS,
    Market,
    Prices,
    Wishes,
)
from desk.backtest.kernels.plain import as_lists
from desk.backtest.kernels.walking import look_ahead
from desk.backtest.preparing import Part, market_of, terms_of
from desk.backtest.rules import Conventions, Rules
from desk.backtest.signals import Signals
from desk.backtest.simulate import Engine, Simulation, state_after, trades_of
from desk.errors import ConfigError, DataError
from desk.model.candles import Array, Candles, FloatArray

UNIT: Final = "unit"
"""The series that tells the price of one unit of distance, for `Distance.UNIT`."""

OnCandle = Callable[[Context], None]
"""What is called at the close of each candle of each instrument, in the order in which the instruments were given."""


def simulate_by_candle(
    candles: Sequence[Candles],
    on_candle: OnCandle,
    rules: Rules,
    *,
    series: Sequence[Mapping[str, FloatArray]] | None = None,
) -> Simulation:
    """Return what a strategy would have made of `rules.cash` that is asked at every close.

    About a million candles a second; where signals can be computed beforehand, `simulate` is many times as fast.

    Args:
        candles: of one timeframe; the instruments need not have the same open times.
        series: for each instrument the indicators that `on_candle` reads, by name; one named `unit` is the price that
            one unit of distance is, for `Distance.UNIT`.

    Raises:
        ConfigError: the rules are in the conventions of freqtrade, which look at a candle's place in the data.
        DataError: a series has another length than its candles, or a wish cannot be fulfilled.
    """
    if rules.conventions is not Conventions.DESK:
        raise ConfigError(
            f"a strategy that is asked at every candle runs in the conventions {Conventions.DESK.value!r}; "
            f"found {rules.conventions.value!r}"
        )
    given = series if series is not None else [{} for _ in candles]
    _check(candles, given)
    account = _Account(candles, rules, given)
    account.go_on(on_candle)
    return account.simulation()


def _check(candles: Sequence[Candles], series: Sequence[Mapping[str, FloatArray]]) -> None:
    if len(candles) != len(series):
        raise DataError(f"expected series for each of {len(candles)} instruments, found them for {len(series)}")
    for one, named in zip(candles, series, strict=True):
        wrong = [f"{name} {len(values)}" for name, values in named.items() if len(values) != len(one)]
        if wrong:
            raise DataError(
                f"{one.instrument}: series must have one element per candle; expected {len(one)}, "
                f"found {', '.join(wrong)}"
            )


class _Account:
    """Cash, and the way of all instruments from candle to candle."""

    def __init__(self, candles: Sequence[Candles], rules: Rules, series: Sequence[Mapping[str, FloatArray]]) -> None:
        self._candles, self._rules = candles, rules
        market, self._axis = market_of([[Part(one, Signals())] for one in candles])
        self._market, self._wishes = _for_python(market), _no_wishes(candles, series)
        terms = terms_of(rules, frozenset())
        # Wishes for a limit may come at any candle: the kernels are to look at everything that may happen in one.
        self._at_last = as_lists(terms._replace(quick=0))
        self._terms = self._at_last._replace(closes_at_end=0)
        self._cash = self._equity = rules.cash
        self._refused = 0
        self._curve: list[float] = []
        self._trades: list[FloatArray] = []
        self._books = [Book(k, self._market, self._wishes, terms, rules) for k in range(len(candles))]
        for book, one, named in zip(self._books, candles, series, strict=True):
            lists = {name: values.tolist() for name, values in named.items()}
            book.context = Context(one.instrument, lists, book)

    def go_on(self, on_candle: OnCandle) -> None:
        """Go through all candles, and ask at the close of each."""
        bits, books, add_to_curve = cast(bytearray, self._wishes.bits), self._books, self._curve.append
        for present in self._present():
            for book in present:
                row = book.context.row = book.context.row + 1
                at = book.base + row
                if book.status == FLAT:
                    if bits[at - 1] & ENTER and row:
                        self._act(book, row)
                elif bits[at - 1] & book.leaving or not book.passes(at):
                    self._act(book, row)
            cash = equity = self._cash
            for book in books:
                if book.status == HELD:
                    equity += book.fixed + book.moving * book.closes[book.base + book.context.row]
            self._equity = equity
            add_to_curve(equity)
            for book in present:
                context = book.context
                context.cash, context.equity = cash, equity
                on_candle(context)
                at = book.base + context.row
                if bits[at]:
                    bits[at] = AGREED[bits[at]]

    def _present(self) -> Iterable[Sequence[Book]]:
        """The instruments that have a candle in each row of the common axis."""
        if not len(self._market.rows):
            return [self._books] * len(self._axis)
        present: list[list[Book]] = [[] for _ in self._axis]
        for book in self._books:
            for row in self._market.rows[book.base : book.end + 1]:
                present[row].append(book)
        return present

    def _act(self, book: Book, row: int) -> None:
        """Let the kernels do one candle."""
        state, terms = book.state, self._at_last if book.base + row == book.end else self._terms
        book.tell_extremes()
        state[layout.CURSOR] = row
        while look_ahead(self._market, self._wishes, terms, state, book.base, row + 1) <= row:
            if state[STATUS] == HELD:
                trade = cast(FloatArray, [0.0] * len(layout.TRADE_COLUMNS))
                self._cash += portfolio.close(self._market, terms, state, book.place, trade)
                self._trades.append(trade)
            else:
                cost = portfolio.enter(self._market, self._wishes, terms, state, book.base, self._equity, self._cash)
                self._refused += cost < 0.0
                self._cash -= max(cost, 0.0)
        book.look()
        book.context.position = book.moving

    def simulation(self) -> Simulation:
        """Return what came of it; its state can be continued with explicit signals."""
        for book in self._books:
            book.tell_extremes()
        none = np.zeros(len(self._books), np.int64)
        table = np.array(self._trades, np.float64).reshape(-1, len(layout.TRADE_COLUMNS))
        parts = [[Part(one, self._last_signals(book))] for one, book in zip(self._candles, self._books, strict=True)]
        positions = np.array([book.state for book in self._books], np.float64)
        return Simulation(
            instruments=tuple(one.instrument for one in self._candles),
            time=self._axis,
            equity=np.array(self._curve),
            trades=trades_of(table, none),
            refused=self._refused,
            state=state_after(parts, positions, self._cash, none),
            engine=Engine.PYTHON,
        )

    def _last_signals(self, book: Book) -> Signals:
        at = book.end
        bits = self._wishes.bits[at] if at >= book.base else 0
        names = {"enter_long": ENTER_LONG, "enter_short": ENTER_SHORT, "exit_long": EXIT_LONG, "exit_short": EXIT_SHORT}
        wanted: dict[str, Any] = {name: np.array([bool(bits & bit)]) for name, bit in names.items()}
        columns = ("stop", "target", "unit", "quantity", "limit", "exit_limit")
        return Signals(**wanted, **{name: np.array([getattr(self._wishes, name)[at]]) for name in columns})


def _for_python(market: Market) -> Market:
    """The same with views whose elements are Python's own numbers: no copies, and nothing for its garbage collector."""
    sell = Prices(*(_view(values) for values in market.sell))
    buy = sell if market.buy is market.sell else Prices(*(_view(values) for values in market.buy))
    return market._replace(
        buy=buy, sell=sell, time=_view(market.time), first=_view(market.first), rows=_view(market.rows)
    )


def _view(values: Array) -> Array:
    return cast(Array, values.data)


def _no_wishes(candles: Sequence[Candles], series: Sequence[Mapping[str, FloatArray]]) -> Wishes:
    """Wishes that can be written, and the units that were given."""
    rows = sum(len(one) for one in candles)
    columns: dict[str, Any] = {name: array("d", [nan]) * rows for name in Wishes._fields}
    begin = 0
    for one, named in zip(candles, series, strict=True):
        if UNIT in named:
            columns["unit"][begin : begin + len(one)] = array("d", np.asarray(named[UNIT], np.float64).tobytes())
        begin += len(one)
    return Wishes(**columns | {"bits": bytearray(rows), "replacement": array("d", [nan])})
