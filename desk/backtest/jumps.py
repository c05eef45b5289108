"""The simulation with numpy alone: it looks for the ends of many entries at once, and visits trades instead of candles.

It gives what the kernels give as long as nothing but an exit signal, an age, a stop, a target, liquidation and the end
of the data ends a position; `uncovered` says what is more than that.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf, isnan
from typing import NamedTuple

import numpy as np

from desk.backtest.entry_plans import Entries, Plan
from desk.backtest.kernels import layout
from desk.backtest.kernels.entering import fill, place
from desk.backtest.kernels.layout import Market, Prices, Terms, Wishes
from desk.model.candles import FloatArray, IntArray


def uncovered(wishes: Wishes, terms: Terms, states: FloatArray) -> list[str]:
    """Return what this way cannot do of what is asked; nothing where it can do all of it."""
    asked = {
        "the conventions of freqtrade": terms.conventions != layout.DESK,
        "limit entries": not np.isnan(wishes.limit).all(),
        "limit exits": not np.isnan(wishes.exit_limit).all(),
        "a trailing stop": not (isnan(terms.trailing) and isnan(terms.trailing_before)),
        "break-even": not isnan(terms.break_even),
        "a ladder": len(terms.rung_ages) > 0,
        "partial exits": len(terms.part_gains) > 0,
        "positions and orders from a run before": bool(states[:, layout.STATUS].any()),
    }
    return [name for name, is_asked in asked.items() if is_asked]


def run(
    market: Market,
    wishes: Wishes,
    terms: Terms,
    states: FloatArray,
    cash: float,
    equity: FloatArray,
    trades: FloatArray,
    _scratch: IntArray,
) -> tuple[float, int, int]:
    """Do what `portfolio.run` of the kernels does, with what it is given, where `uncovered` has nothing."""
    courses = [_Course(Entries(market, wishes, terms, k)) for k in range(len(states))]
    account = _Account(terms, courses, cash)
    account.go_on(states[:, layout.CURSOR].astype(np.int64).tolist())
    equity[:] = account.cash_by_row(market.row_count)
    tables = []
    for k, course in enumerate(courses):
        taken = _taken(course)
        extremes = _extremes(course.entries, taken)
        tables.append(_trades_of(terms, course.entries, taken, extremes, k, int(states[k, layout.POSITION])))
        _add_holdings(terms, course.entries, taken, equity)
        _write_state(market, wishes, terms, course, extremes, states[k])
    _write_trades(tables, account.closed, trades)
    return account.cash, len(account.closed), account.refused


@dataclass(slots=True)
class _Course:
    """One instrument on its way: its entries, the next or the one that was made, and all that were, with quantities."""

    entries: Entries
    next: Plan | None = None
    is_held: bool = False
    taken: list[Plan] = field(default_factory=list)
    quantities: list[float] = field(default_factory=list)

    def on_axis(self, row: int) -> int:
        """Return the row of the common axis."""
        axis = self.entries.axis
        return row if axis is None else int(axis[row])

    def last_row(self, plan: Plan) -> int:
        """Return the instrument's row in which a position ends; that of the end of the data is its last."""
        return min(plan.end, self.entries.length - 1)

    def price_before(self, row: int) -> float:
        """Return at which price the position could be left at the last close before a row of the common axis."""
        axis, side = self.entries.axis, self.taken[-1].side
        own = row - 1 if axis is None else bisect_left(axis, row) - 1
        return (self.entries.sell if side > 0 else self.entries.buy).close.item(own)


class _Account:
    """Cash, and the order of events: entries and exits of all instruments by row, then by the instrument's place."""

    def __init__(self, terms: Terms, courses: Sequence[_Course], cash: float) -> None:
        self._terms, self._courses = terms, courses
        self._events: list[tuple[int, int]] = []
        self._rows, self._cash_after = [0], [cash]
        self.cash, self.refused = cash, 0
        self.closed: list[tuple[int, int]] = []

    def go_on(self, begin: Sequence[int]) -> None:
        """Make every entry and exit from these rows on, and note whose each that is closed is, and which of its own."""
        for k, row in enumerate(begin):
            self._await_entry(k, row)
        now, before = -1, self.cash
        while self._events:
            row, k = heappop(self._events)
            course = self._courses[k]
            if row > now:
                now, before = row, self._equity_before(row)
            if course.is_held:
                self._close(k, course)
            else:
                self._enter(k, course, before)
            self._rows.append(row)
            self._cash_after.append(self.cash)

    def cash_by_row(self, row_count: int) -> FloatArray:
        """Return the cash after each row of the common axis."""
        return np.repeat(self._cash_after, np.diff(self._rows, append=row_count))

    def _await_entry(self, k: int, row: int) -> None:
        course = self._courses[k]
        course.next = course.entries.at_or_after(row)
        if course.next is not None:
            heappush(self._events, (course.on_axis(course.next.row), k))

    def _equity_before(self, row: int) -> float:
        if self._terms.sized_by != layout.BY_EQUITY:
            return self.cash
        return self.cash + sum(self._worth(course, row) for course in self._courses if course.is_held)

    def _worth(self, course: _Course, row: int) -> float:
        plan, quantity = course.taken[-1], course.quantities[-1]
        return quantity * (plan.price * (1.0 / self._terms.leverage - plan.side) + course.price_before(row) * plan.side)

    def _enter(self, k: int, course: _Course, equity: float) -> None:
        plan = course.next
        assert plan is not None, k
        quantity = self._quantity(course, plan, equity)
        cost = quantity * plan.price * (1.0 / self._terms.leverage + self._terms.fee)
        if not (quantity > 0.0 and cost <= self.cash):
            self.refused += 1
            self._await_entry(k, plan.row + 1)
            return
        self.cash -= cost
        course.is_held = True
        course.taken.append(plan)
        course.quantities.append(quantity)
        if plan.end < course.entries.length or self._terms.closes_at_end:
            heappush(self._events, (course.on_axis(course.last_row(plan)), k))

    def _quantity(self, course: _Course, plan: Plan, equity: float) -> float:
        if self._terms.sized_by == layout.BY_EQUITY:
            return self._terms.amount * equity / plan.price
        if self._terms.sized_by == layout.BY_NOTIONAL:
            return self._terms.amount / plan.price
        return self._terms.amount * course.entries.wished_quantity(plan)

    def _close(self, k: int, course: _Course) -> None:
        plan, quantity, terms = course.taken[-1], course.quantities[-1], self._terms
        self.cash += quantity * plan.price * (1.0 / terms.leverage - plan.side)
        self.cash += quantity * plan.exit_price * (plan.side - terms.fee)
        self.closed.append((k, len(course.taken) - 1))
        course.is_held = False
        # A position that was left at the open by choice may be turned at the same open.
        row = course.last_row(plan)
        self._await_entry(k, row if plan.reason in (layout.SIGNAL, layout.TIME_EXIT) else row + 1)


class _Taken(NamedTuple):
    """All positions of an instrument by column, the one that is still open too; `exit` is the row of the exit."""

    row: IntArray
    end: IntArray
    exit: IntArray
    side: FloatArray
    price: FloatArray
    stop: FloatArray
    exit_price: FloatArray
    reason: FloatArray
    quantity: FloatArray


def _taken(course: _Course) -> _Taken:
    table = np.array(course.taken, np.float64).reshape(-1, len(Plan._fields))
    columns = dict(zip(Plan._fields, table.T, strict=True))
    row, end = columns["row"].astype(np.int64), columns["end"].astype(np.int64)
    kept = ("side", "price", "stop", "exit_price", "reason")
    last = np.minimum(end, course.entries.length - 1)
    side, price, stop, exit_price, reason = (columns[name] for name in kept)
    return _Taken(row, end, last, side, price, stop, exit_price, reason, np.array(course.quantities, np.float64))


def _extremes(entries: Entries, taken: _Taken) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest price of each position from its entry until before its exit, on the side that it is left."""
    if not len(taken.row):
        return np.empty(0), np.empty(0)
    # What is between two positions is reduced as well, and left out: every second value.
    bounds = np.column_stack((taken.row, taken.end)).ravel()
    bounds = bounds[:-1] if bounds[-1] == entries.length else bounds
    low, high = (
        np.where(taken.side > 0, *(reduce(getattr(side, name), bounds)[::2] for side in (entries.sell, entries.buy)))
        for name, reduce in (("low", np.minimum.reduceat), ("high", np.maximum.reduceat))
    )
    is_empty = taken.row == taken.end
    lowest, highest = np.minimum(low, taken.price), np.maximum(high, taken.price)
    return np.where(is_empty, taken.price, lowest), np.where(is_empty, taken.price, highest)


def _trades_of(
    terms: Terms, entries: Entries, taken: _Taken, extremes: tuple[FloatArray, FloatArray], k: int, before: int
) -> FloatArray:
    """Return a row for each position, the one that is still open too; columns as the kernels'."""
    side, entry, price, quantity = taken.side, taken.price, taken.exit_price, taken.quantity
    below, above = np.minimum(extremes[0], price), np.maximum(extremes[1], price)
    columns: dict[str, FloatArray | IntArray] = {
        "instrument": np.full(len(side), k),
        "position": np.arange(before + 1, before + len(side) + 1),
        "side": side,
        "placed_row": taken.row,
        "entry_row": taken.row,
        "exit_row": taken.exit,
        "reason": taken.reason,
        "entry_time": entries.time[taken.row],
        "exit_time": entries.time[taken.exit],
        "entry_price": entry,
        "exit_price": price,
        "stop_price": taken.stop,
        "quantity": quantity,
        "profit": quantity * (price * (side - terms.fee) - entry * (side + terms.fee)),
        "fees": quantity * terms.fee * (entry + price),
        "worst_price": np.where(side > 0, below, above),
        "best_price": np.where(side > 0, above, below),
    }
    return np.column_stack([columns[name] for name in layout.TRADE_COLUMNS])


def _write_trades(tables: Sequence[FloatArray], closed: Sequence[tuple[int, int]], trades: FloatArray) -> None:
    """Write the positions that were closed, in the order in which they were."""
    if closed:
        first = np.cumsum([0, *(len(table) for table in tables[:-1])])
        places = np.array(closed)
        trades[: len(closed)] = np.concatenate(tables)[first[places[:, 0]] + places[:, 1]]


def _add_holdings(terms: Terms, entries: Entries, taken: _Taken, equity: FloatArray) -> None:
    """Add what positions were worth at each close, from the row of their entry until that of their exit."""
    length = len(equity)
    bounds = np.column_stack((taken.row, taken.exit if terms.closes_at_end else taken.end)).ravel()
    if entries.axis is not None:
        bounds = np.append(entries.axis, length)[bounds]
    lengths = np.diff(bounds, prepend=0, append=length)
    for sells, prices in ((True, entries.sell), (False, entries.buy)):
        is_mine = (taken.side > 0) == sells
        if is_mine.any():
            quantity = np.where(is_mine, taken.quantity, 0.0)
            equity += _spread(quantity * taken.price * (1.0 / terms.leverage - taken.side), lengths)
            equity += _spread(quantity * taken.side, lengths) * _closes(prices, entries, length)


def _spread(values: FloatArray, lengths: IntArray) -> FloatArray:
    """Return each value for the rows of its position, and 0 between positions."""
    held = np.zeros(len(lengths))
    held[1::2] = values
    return np.repeat(held, lengths)


def _closes(prices: Prices, entries: Entries, length: int) -> FloatArray:
    """Return the newest close of each row of the common axis."""
    if entries.axis is None:
        return prices.close
    return prices.close[np.maximum(np.searchsorted(entries.axis, np.arange(length), side="right") - 1, 0)]


def _write_state(
    market: Market,
    wishes: Wishes,
    terms: Terms,
    course: _Course,
    extremes: tuple[FloatArray, FloatArray],
    state: FloatArray,
) -> None:
    """Leave the state as the kernels do for a run over the candles after these."""
    state[layout.POSITION] += len(course.taken)
    if course.is_held:
        plan, base = course.taken[-1], course.entries.base
        state[layout.CURSOR] = plan.row
        place(market, wishes, terms, state, base, inf)
        state[layout.QUANTITY_LEFT] = course.quantities[-1]
        state[layout.POSITION] -= 1
        fill(market, terms, state, base, inf)
        low, high = (float(values[-1]) for values in extremes)
        state[layout.WORST], state[layout.BEST] = (low, high) if plan.side > 0 else (high, low)
    state[layout.CURSOR] = course.entries.length
