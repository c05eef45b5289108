"""Entries: from a row's signal to an order, and from an order to a position."""

from math import inf, isnan

from desk.backtest.kernels.events import value_at
from desk.backtest.kernels.layout import (
    AT_MARKET,
    BEST,
    BY_EQUITY,
    BY_NOTIONAL,
    CURSOR,
    ENTER_LONG,
    ENTRY_PRICE,
    ENTRY_ROW,
    ENTRY_TIME,
    EXIT_PRICE,
    EXIT_TIME,
    FIRST_QUANTITY,
    FIRST_STOP,
    FLAT,
    FREQTRADE,
    HELD,
    INSIDE,
    LIQUIDATION_PRICE,
    OF_FRACTION,
    OF_UNIT,
    ORDER_PRICE,
    ORDER_TIME,
    PARTS_DONE,
    PLACED_ROW,
    POSITION,
    QUANTITY_LEFT,
    SIDE,
    SIGNAL_UNIT,
    STATUS,
    STOP,
    STOP_DISTANCE,
    STOP_PRICE,
    STOP_REASON,
    TARGET_DISTANCE,
    TARGET_PRICE,
    TRAILED_BY,
    UNIT,
    WAITING,
    WORST,
    Market,
    Terms,
    Wishes,
)
from desk.model.candles import FloatArray


def place(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, base: int, equity: float) -> None:
    """Make an order of the signal before the cursor's row: one that waits, or one that fills at the open."""
    row = int(state[CURSOR])
    signal = base + row - 1
    side = 1.0 if wishes.bits[signal] & ENTER_LONG else -1.0
    state[SIDE] = side
    state[PLACED_ROW], state[ORDER_TIME] = row, market.time[base + row]
    state[STOP_DISTANCE], state[TARGET_DISTANCE] = value_at(wishes.stop, signal), value_at(wishes.target, signal)
    state[SIGNAL_UNIT] = value_at(wishes.unit, signal)
    state[AT_MARKET] = 1.0 if isnan(value_at(wishes.limit, signal)) else 0.0
    price = order_price(market, wishes, terms, side, base + row)
    state[ORDER_PRICE] = price
    state[QUANTITY_LEFT] = wanted_quantity(wishes, terms, signal, price, equity)
    state[STATUS] = WAITING
    if not state[QUANTITY_LEFT] > 0.0:
        state[STATUS] = FLAT
        state[CURSOR] += 1.0


def order_price(market: Market, wishes: Wishes, terms: Terms, side: float, at: int) -> float:
    """Return the limit, or what a market order pays at the open."""
    prices = market.buy if side > 0 else market.sell
    limit = value_at(wishes.limit, at - 1)
    if isnan(limit):
        return prices.open[at] * (1.0 + side * terms.slippage)
    if terms.conventions == FREQTRADE:
        return min(limit, prices.high[at]) if side > 0 else max(limit, prices.low[at])
    return limit


def wanted_quantity(wishes: Wishes, terms: Terms, signal: int, price: float, equity: float) -> float:
    """Return base units; nothing where there is no equity left."""
    if terms.sized_by == BY_EQUITY:
        return terms.amount * equity / price
    if terms.sized_by == BY_NOTIONAL:
        return terms.amount / price
    return terms.amount * value_at(wishes.quantity, signal)


def fill(market: Market, terms: Terms, state: FloatArray, base: int, cash: float) -> float:
    """Turn the order into a position at the cursor's row and return the margin and fee that it takes.

    Where `cash` does not carry them, the order is dropped, the next signal counts, and the answer is -1.
    """
    row = int(state[CURSOR])
    price = fill_price(market, terms, state, base, row)
    cost = state[QUANTITY_LEFT] * price * (1.0 / terms.leverage + terms.fee)
    if not cost <= cash:
        state[STATUS] = FLAT
        state[CURSOR] = max(row, int(state[PLACED_ROW]) + 1)
        return -1.0
    state[STATUS] = HELD
    state[ENTRY_PRICE], state[ENTRY_ROW], state[ENTRY_TIME] = price, row, market.time[base + row]
    state[FIRST_QUANTITY] = state[QUANTITY_LEFT]
    state[WORST], state[BEST] = price, price
    state[PARTS_DONE] = 0.0
    state[POSITION] += 1.0
    state[EXIT_PRICE], state[EXIT_TIME] = state[SIDE] * inf, inf
    protect(terms, state)
    return cost


def fill_price(market: Market, terms: Terms, state: FloatArray, base: int, row: int) -> float:
    """Return what the order pays; one that the open is already beyond pays the open."""
    state[INSIDE] = 0.0
    if state[AT_MARKET] == 1.0:
        return state[ORDER_PRICE]
    limit, side = state[ORDER_PRICE], state[SIDE]
    opened = (market.buy if side > 0 else market.sell).open[base + row]
    if terms.conventions != FREQTRADE and side * (opened - limit) <= 0.0:
        return opened
    state[INSIDE] = 1.0
    return limit


def protect(terms: Terms, state: FloatArray) -> None:
    """Set stop, target and liquidation as the signal has them; what there is not, is infinitely far."""
    side, entry = state[SIDE], state[ENTRY_PRICE]
    state[UNIT] = unit_at_entry(terms, state, entry)
    stop, target = state[STOP_DISTANCE], state[TARGET_DISTANCE]
    state[STOP_PRICE] = entry - side * (inf if isnan(stop) else stop * state[UNIT])
    state[TARGET_PRICE] = entry + side * (inf if isnan(target) else target * state[UNIT])
    state[FIRST_STOP], state[STOP_REASON] = state[STOP_PRICE], STOP
    state[TRAILED_BY] = stop
    state[LIQUIDATION_PRICE] = entry * (1.0 - side * (1.0 / terms.leverage - terms.maintenance))


def unit_at_entry(terms: Terms, state: FloatArray, entry: float) -> float:
    """Return the price of one unit of distance."""
    if terms.distance == OF_FRACTION:
        return entry / terms.leverage if terms.conventions == FREQTRADE else entry
    return state[SIGNAL_UNIT] if terms.distance == OF_UNIT else 1.0
