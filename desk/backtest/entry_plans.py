"""What would come of each entry of an instrument, for many entries at once with numpy; `jumps` chooses among them."""

from bisect import bisect_left
from collections.abc import Iterator
from math import inf, isfinite
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from desk.backtest.kernels import layout
from desk.backtest.kernels.layout import Market, Prices, Terms, Wishes
from desk.model.candles import FloatArray, IntArray

_FEWEST, _MOST = 16, 4096
"""Entries that are looked at together: more where each is made, fewer where most come while a position is open."""

_WIDTH = 32
"""How many candles ahead of an entry are looked at first."""

_ELEMENTS = 1 << 18
"""How many prices are looked at together at most: what fits into a processor's cache."""


class Plan(NamedTuple):
    """What would come of an entry: all but its size, which depends on the account.

    Attributes:
        row: of the entry; the instrument's own, as `end` is.
        end: the row of the exit; the instrument's length where the position is kept.
    """

    row: int
    side: float
    price: float
    stop: float
    target: float
    liquidation: float
    end: int
    exit_price: float
    reason: int


class Entries:
    """The entries of one instrument in order, and what would come of each, found out for some at a time."""

    def __init__(self, market: Market, wishes: Wishes, terms: Terms, k: int) -> None:
        self._terms, self._wishes = terms, wishes
        self.base, self.length = int(market.first[k]), int(market.first[k + 1] - market.first[k])
        span = slice(self.base, self.base + self.length)
        self.buy = Prices(*(values[span] for values in market.buy))
        self.sell = Prices(*(values[span] for values in market.sell))
        self.time = market.time[span]
        self.axis = market.rows[span] if len(market.rows) else None
        bits = wishes.bits[span]
        self._longs = bits & layout.ENTER_LONG != 0
        self._leaving = {1.0: _rows_after(bits, layout.EXIT_LONG), -1.0: _rows_after(bits, layout.EXIT_SHORT)}
        self._rows = _rows_after(bits, layout.ENTER)
        self._listed: list[int] = self._rows.tolist()
        self._first, self._size, self._used = 0, _FEWEST, 0
        self._plans: list[Plan] = []

    def at_or_after(self, row: int) -> Plan | None:
        """Return the first entry from `row` on; rows that are asked for never go back."""
        place = bisect_left(self._listed, row, self._first)
        if place == len(self._listed):
            return None
        if place >= self._first + len(self._plans):
            self._plan_from(place)
        self._used += 1
        return self._plans[place - self._first]

    def wished_quantity(self, plan: Plan) -> float:
        """Return what the signals say of the size of an entry."""
        values = self._wishes.quantity
        return float(values[self.base + plan.row - 1] if len(values) > 1 else values[0])

    def _plan_from(self, place: int) -> None:
        is_sparse = self._used * 2 >= len(self._plans)
        self._size = min(self._size * 4, _MOST) if is_sparse else max(self._size // 2, _FEWEST)
        self._first, self._used = place, 0
        rows = self._rows[place : place + self._size]
        longs = self._longs[rows - 1]
        plans: list[Plan] = [*self._plans_of(1.0, rows[longs]), *self._plans_of(-1.0, rows[~longs])]
        self._plans = sorted(plans) if longs.any() and not longs.all() else plans

    def _plans_of(self, side: float, rows: IntArray) -> Iterator[Plan]:
        if not len(rows):
            return iter(())
        terms = self._terms
        enter, leave = (self.buy, self.sell) if side > 0 else (self.sell, self.buy)
        price = enter.open[rows] * (1.0 + side * terms.slippage)
        stop, target, liquidation = self._levels(side, rows, price)
        nearest = np.fmax(side * stop, side * liquidation) * side
        until, reason_at_open = self._until(side, rows)
        end = _first_reached(leave, side, nearest, target, rows, until)
        at = np.minimum(end, self.length - 1)
        opened = leave.open[at]
        adverse = (leave.low if side > 0 else leave.high)[at]
        is_inside, is_kept = end < until, end == self.length
        is_stopped = is_inside & (side * (adverse - nearest) <= 0.0)
        slip = 1.0 - side * terms.slippage
        stopped_at = np.where(side * (opened - nearest) < 0.0, opened, nearest) * slip
        gained_at = np.where(side * (opened - target) > 0.0, opened, target)
        left_at = np.where(is_kept, leave.close[-1], opened) * slip
        exit_price = np.where(is_stopped, stopped_at, np.where(is_inside, gained_at, left_at))
        by_stop = np.where(side * liquidation > side * stop, layout.LIQUIDATION, layout.STOP)
        at_open = np.where(is_kept, layout.END, reason_at_open)
        reason = np.where(is_stopped, by_stop, np.where(is_inside, layout.TARGET, at_open))
        columns = (rows, np.full(len(rows), side), price, stop, target, liquidation, end, exit_price, reason)
        return map(Plan._make, zip(*(column.tolist() for column in columns), strict=True))

    def _levels(self, side: float, rows: IntArray, price: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Prices of stop, target and liquidation, infinitely far where there is none."""
        terms, signals = self._terms, rows - 1
        unit = self._unit(signals, price)
        stop, target = (_at(values, self.base + signals) * unit for values in (self._wishes.stop, self._wishes.target))
        reserve = 1.0 / terms.leverage - terms.maintenance if isfinite(terms.maintenance) else inf
        liquidation = price * (1.0 - side * reserve)
        return price - side * _or_infinite(stop), price + side * _or_infinite(target), liquidation

    def _unit(self, signals: IntArray, price: FloatArray) -> FloatArray | float:
        if self._terms.distance == layout.OF_FRACTION:
            return price
        return _at(self._wishes.unit, self.base + signals) if self._terms.distance == layout.OF_UNIT else 1.0

    def _until(self, side: float, rows: IntArray) -> tuple[IntArray, IntArray]:
        """At whose open each is left by choice, the length where none is, and why; an age comes before a signal."""
        leaving = np.append(self._leaving[side], self.length)
        by_signal = leaving[np.searchsorted(leaving, rows)]
        if self._terms.time_exit == inf:
            return by_signal, np.full(len(rows), layout.SIGNAL)
        by_age = np.searchsorted(self.time, self.time[rows] + self._terms.time_exit)
        return np.minimum(by_signal, by_age), np.where(by_age <= by_signal, layout.TIME_EXIT, layout.SIGNAL)


def _rows_after(bits: npt.NDArray[np.uint8], wanted: int) -> IntArray:
    """Rows whose signals before them have one of these bits."""
    return np.flatnonzero(bits[:-1] & wanted) + 1


def _at(values: FloatArray, rows: IntArray) -> FloatArray:
    return values[rows] if len(values) > 1 else values


def _or_infinite(distance: FloatArray) -> FloatArray:
    return np.where(np.isnan(distance), inf, distance)


def _first_reached(
    prices: Prices, side: float, floor: FloatArray, ceiling: FloatArray, begin: IntArray, until: IntArray
) -> IntArray:
    """The first row of each span that reaches one of its two levels, `until` where none does.

    The further a position has come, the more candles are looked at together.
    """
    lower, upper = (floor, ceiling) if side > 0 else (ceiling, floor)
    found, open_, offset, width = until.copy(), np.flatnonzero(begin < until), 0, _WIDTH
    while len(open_):
        # Rows beyond the span are its last again, which was looked at already.
        rows = np.minimum((begin[open_] + offset)[:, np.newaxis] + np.arange(width), until[open_, np.newaxis] - 1)
        reached = (prices.low[rows] <= lower[open_, np.newaxis]) | (prices.high[rows] >= upper[open_, np.newaxis])
        column = reached.argmax(axis=1)
        each = np.arange(len(open_))
        is_reached = reached[each, column]
        found[open_[is_reached]] = rows[each, column][is_reached]
        offset += width
        open_ = open_[~is_reached & (begin[open_] + offset < until[open_])]
        width = max(_WIDTH, min(2 * width, _ELEMENTS // max(1, len(open_))))
    return found
