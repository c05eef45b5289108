"""The simulation candle by candle: a strategy's own Python is called at each close and says what it wants.

Fills, stops and ages are those of the kernels, which run here as plain Python. A strategy may write its signals one
after the other, look at what it holds, and move its stop; what it wants is acted on in the candle after.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, isnan, nan
from typing import Any, Final, cast

import numpy as np

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
    WAITING,
    Market,
    Prices,
    Terms,
    Wishes,
)
from desk.backtest.kernels.plain import as_lists
from desk.backtest.kernels.walking import look_ahead
from desk.backtest.preparing import Part, market_of, terms_of
from desk.backtest.rules import Conventions, Distance, Rules, SizedBy
from desk.backtest.signals import Signals
from desk.backtest.simulate import Engine, Simulation, state_after, trades_of
from desk.errors import ConfigError, DataError
from desk.model.candles import Array, Candles, FloatArray

UNIT: Final = "unit"
"""The series that tells the price of one unit of distance, for `Distance.UNIT`."""

OnCandle = Callable[["Context"], None]
"""What is called at the close of each candle of each instrument, in the order in which the instruments were given."""


def _agreed(bits: int) -> int:
    """What is left of the wishes of a row: entry and exit of one side cancel each other, entries of both sides do."""
    both = bits & ENTER == ENTER
    for enter, leave in ((ENTER_LONG, EXIT_LONG), (ENTER_SHORT, EXIT_SHORT)):
        if bits & enter and bits & leave:
            bits &= ~(enter | leave)
    return bits & ~ENTER if both else bits


_AGREED: Final = tuple(_agreed(bits) for bits in range(16))


class Context:
    """What a strategy knows at the close of a candle, and how it says what it wants.

    Attributes:
        instrument: its name.
        row: of the candle that has just closed, from 0.
        cash: of the account, in quote currency.
        equity: of the account at this close.
        position: base units held, negative in a short position, 0 without one.
        series: by name, the values that were given for this instrument, as lists with one element per candle. Those
            after `row` are the future.
    """

    __slots__ = ("_book", "cash", "equity", "instrument", "position", "row", "series")

    def __init__(self, instrument: str, series: Mapping[str, list[float]], book: "_Book") -> None:
        self.instrument = instrument
        self.series = series
        self.row, self.position = -1, 0.0
        self.cash = self.equity = nan
        self._book = book

    @property
    def waiting_side(self) -> int:
        """1 where a limit order to buy waits, -1 where one to sell does, 0 where none."""
        return int(self._book.state[layout.SIDE]) if self._book.status == WAITING else 0

    @property
    def entry_row(self) -> int:
        """The row in which the position was entered; only while there is one, as everything below."""
        return int(self._book.held[layout.ENTRY_ROW])

    @property
    def entry_price(self) -> float:
        """What was paid or received for one base unit."""
        return float(self._book.held[layout.ENTRY_PRICE])

    @property
    def stop_price(self) -> float:
        """Where the stop is, infinitely far without one."""
        return float(self._book.held[layout.STOP_PRICE])

    @property
    def target_price(self) -> float:
        """Where the target is, infinitely far without one."""
        return float(self._book.held[layout.TARGET_PRICE])

    def enter_long(
        self,
        *,
        stop: float = nan,
        target: float = nan,
        limit: float = nan,
        quantity: float = nan,
    ) -> None:
        """Buy in the next candle: at its open, or from `limit` down until the order's time is out or `exit` is called.

        Without effect while there is a position on this side; with both sides at once neither is entered.

        Args:
            stop: distance from the entry price, in `Rules.distance`; NaN for none, as everywhere here.
            target: the same.
            limit: the price of a limit order.
            quantity: base units, for `SizedBy.QUANTITY`.

        Raises:
            DataError: one of them is not positive, or is needed and not there.
        """
        values = {"stop": stop, "target": target, "limit": limit, "quantity": quantity}
        self._book.want(ENTER_LONG, values)

    def enter_short(
        self,
        *,
        stop: float = nan,
        target: float = nan,
        limit: float = nan,
        quantity: float = nan,
    ) -> None:
        """Sell in the next candle; as `enter_long`."""
        values = {"stop": stop, "target": target, "limit": limit, "quantity": quantity}
        self._book.want(ENTER_SHORT, values)

    def exit(self, *, limit: float = nan) -> None:
        """Leave the position in the next candle, at its open or at `limit` or better; or withdraw the entry that waits.

        Together with an entry of the other side the position is turned.
        """
        self._book.want_exit(limit)

    def move_stop(self, price: float) -> None:
        """Put the stop of the position at a price, valid from the next candle."""
        self._book.move(layout.STOP_PRICE, price)

    def move_target(self, price: float) -> None:
        """Put the target of the position at a price, valid from the next candle."""
        self._book.move(layout.TARGET_PRICE, price)


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


class _Book:
    """One instrument on its way: its state and wishes, and between which levels a candle changes nothing.

    Attributes:
        state: as the kernels keep it, as a list.
        below, above: a candle that stays between them leaves a held position alone, unless its exit was wanted.
        leaving: the bit of that wish.
        lowest, highest: of the candles since the entry.
        fixed, moving: at a price p the position is worth fixed + moving * p.
    """

    __slots__ = (
        "_rules",
        "_terms",
        "_wishes",
        "above",
        "base",
        "below",
        "closes",
        "context",
        "end",
        "fixed",
        "highest",
        "highs",
        "leaving",
        "lowest",
        "lows",
        "market",
        "moving",
        "place",
        "state",
        "status",
    )

    def __init__(self, place: int, market: Market, wishes: Wishes, terms: Terms, rules: Rules) -> None:
        self._wishes, self._terms, self._rules = wishes, terms, rules
        self.market, self.place, self.base = market, place, int(market.first[place])
        self.end = int(market.first[place + 1]) - 1
        self.state = cast(FloatArray, [0.0] * layout.STATE_COLUMNS)
        self.context: Context
        self.look()

    @property
    def held(self) -> FloatArray:
        """The state, for what only a position has."""
        if self.status != HELD:
            raise DataError(f"{self.context.instrument}: no position is held at row {self.context.row}")
        return self.state

    def look(self) -> None:
        """Take over what has changed in the state."""
        state, terms = self.state, self._terms
        self.status, side = state[STATUS], state[layout.SIDE]
        prices = self.market.sell if side > 0 else self.market.buy
        self.lows, self.highs, self.closes = prices.low, prices.high, prices.close
        self.fixed = self.moving = 0.0
        # Nothing lies between these.
        self.below, self.above, self.leaving = inf, -inf, 0
        if self.status != HELD:
            return
        quantity, entry = state[layout.QUANTITY_LEFT], state[layout.ENTRY_PRICE]
        self.fixed, self.moving = quantity * entry * (1.0 / terms.leverage - side), quantity * side
        self.leaving = EXIT_LONG if side > 0 else EXIT_SHORT
        extremes = state[layout.WORST], state[layout.BEST]
        self.lowest, self.highest = min(extremes), max(extremes)
        if terms.quick and state[layout.EXIT_TIME] == inf:
            stop, liquidation, target = (
                state[column] for column in (layout.STOP_PRICE, layout.LIQUIDATION_PRICE, layout.TARGET_PRICE)
            )
            nearest = max(stop, liquidation) if side > 0 else min(stop, liquidation)
            self.below, self.above = (nearest, target) if side > 0 else (target, nearest)

    def passes(self, at: int) -> bool:
        """Return whether a candle changes nothing but the extremes, which are kept then; the last never passes."""
        low, high = self.lows[at], self.highs[at]
        if not (self.below < low and high < self.above) or at == self.end:
            return False
        if low < self.lowest:
            self.lowest = low
        if high > self.highest:
            self.highest = high
        return True

    def tell_extremes(self) -> None:
        """Bring the state up to the candles that changed nothing else."""
        if self.status == HELD:
            ends = (self.lowest, self.highest) if self.state[layout.SIDE] > 0 else (self.highest, self.lowest)
            self.state[layout.WORST], self.state[layout.BEST] = ends

    def move(self, column: int, price: float) -> None:
        """Put the stop or the target of the position at a price, or infinitely far."""
        held = self.held
        if isnan(price):
            raise DataError(f"{self.context.instrument}: expected a price, found {price} at row {self.context.row}")
        held[column] = price
        self.tell_extremes()
        self.look()

    def want(self, bit: int, values: Mapping[str, float]) -> None:
        """Write down the wish to enter."""
        at = self.base + self.context.row
        needed = {"unit": self._rules.distance is Distance.UNIT, "quantity": self._rules.sizing.by is SizedBy.QUANTITY}
        for name, value in {**values, "unit": self._wishes.unit[at]}.items():
            if value <= 0 or (needed.get(name) and not value > 0):
                raise DataError(
                    f"{self.context.instrument}: {name} of an entry must be positive; expected a positive number, "
                    f"found {value} at row {self.context.row}"
                )
        self._wishes.bits[at] |= bit
        for name, value in values.items():
            getattr(self._wishes, name)[at] = value

    def want_exit(self, limit: float) -> None:
        """Write down the wish to leave the position, or to withdraw the order."""
        if self.status != FLAT:
            at = self.base + self.context.row
            self._wishes.bits[at] |= EXIT_LONG if self.state[layout.SIDE] > 0 else EXIT_SHORT
            self._wishes.exit_limit[at] = limit


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
        self._books = [_Book(k, self._market, self._wishes, terms, rules) for k in range(len(candles))]
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
                    bits[at] = _AGREED[bits[at]]

    def _present(self) -> Iterable[Sequence[_Book]]:
        """The instruments that have a candle in each row of the common axis."""
        if not len(self._market.rows):
            return [self._books] * len(self._axis)
        present: list[list[_Book]] = [[] for _ in self._axis]
        for book in self._books:
            for row in self._market.rows[book.base : book.end + 1]:
                present[row].append(book)
        return present

    def _act(self, book: _Book, row: int) -> None:
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

    def _last_signals(self, book: _Book) -> Signals:
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
