"""What a strategy that is asked at every close sees and says: its context, and the book of one instrument behind it."""

from collections.abc import Mapping
from math import inf, isnan, nan
from typing import Final, cast

from desk.backtest.kernels import layout
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
    Terms,
    Wishes,
)
from desk.backtest.rules import Distance, Rules, SizedBy
from desk.errors import DataError
from desk.model.candles import FloatArray


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

    def __init__(self, instrument: str, series: Mapping[str, list[float]], book: "Book") -> None:
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


def _agreed(bits: int) -> int:
    """What is left of the wishes of a row: entry and exit of one side cancel each other, entries of both sides do."""
    both = bits & ENTER == ENTER
    for enter, leave in ((ENTER_LONG, EXIT_LONG), (ENTER_SHORT, EXIT_SHORT)):
        if bits & enter and bits & leave:
            bits &= ~(enter | leave)
    return bits & ~ENTER if both else bits


AGREED: Final = tuple(_agreed(bits) for bits in range(16))
"""The same for every set of wishes, by its bits."""


class Book:
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
