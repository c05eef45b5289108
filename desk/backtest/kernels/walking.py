"""From candle to candle: until an instrument enters, until an order fills, until a position is closed or reduced.

`look_ahead` finds the next event of one instrument. None of it depends on the account's cash, so that only events have
to be put in order among the instruments, and not candles.
"""

from math import isnan

from desk.backtest.kernels.events import end_candle, happens, leaving_side, tell_market, value_at
from desk.backtest.kernels.freqtrade import walk_freqtrade
from desk.backtest.kernels.layout import (
    BEST,
    CURSOR,
    END,
    ENTER,
    ENTER_LONG,
    ENTER_SHORT,
    EXIT_LONG,
    EXIT_SHORT,
    FLAT,
    FREQTRADE,
    INSIDE,
    LIQUIDATION_PRICE,
    ORDER_PRICE,
    ORDER_TIME,
    PLACED_ROW,
    SIDE,
    STATUS,
    STOP_PRICE,
    TARGET_PRICE,
    WAITING,
    WORST,
    Market,
    Prices,
    Terms,
    Wishes,
)
from desk.model.candles import FloatArray


def look_ahead(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, base: int, end: int) -> int:
    """Return the row of the instrument's next event, or `end`; the state's cursor is left there.

    Args:
        base: where the instrument's candles begin.
        end: how many they are.
    """
    if state[STATUS] == WAITING:
        wait(market, wishes, terms, state, base, end)
    if state[STATUS] == FLAT:
        state[CURSOR] = next_entry(wishes, terms, base, int(state[CURSOR]), end)
    elif state[STATUS] != WAITING:
        walk(market, wishes, terms, state, base, end)
    return int(state[CURSOR])


def next_entry(wishes: Wishes, terms: Terms, base: int, row: int, end: int) -> int:
    """Return the first row from `row` on at which the signal before it enters."""
    last = end - 1 if terms.conventions == FREQTRADE else end
    bits = wishes.bits
    while row < last:
        if bits[base + row - 1] & ENTER:
            return row
        row += 1
    return end


def walk(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, base: int, end: int) -> None:
    """Go on until something closes the position or a part of it."""
    if terms.conventions == FREQTRADE:
        walk_freqtrade(market, wishes, terms, state, base, end)
        return
    row = int(state[CURSOR])
    while row < end:
        if terms.quick and state[INSIDE] == 0.0:
            row = skip_quiet(market, wishes, state, base, row, end)
            if row == end:
                break
        if happens(market, wishes, terms, state, base, row):
            state[CURSOR] = row
            return
        end_candle(market, wishes, terms, state, base + row)
        row += 1
    state[CURSOR] = end
    if terms.closes_at_end:
        close_at_end(market, terms, state, base, end)


def close_at_end(market: Market, terms: Terms, state: FloatArray, base: int, end: int) -> None:
    """Close what is left at the last close."""
    state[CURSOR] = end - 1
    tell_market(state, terms, END, leaving_side(market, state).close[base + end - 1])


def skip_quiet(market: Market, wishes: Wishes, state: FloatArray, base: int, row: int, end: int) -> int:
    """Return the first row in which a signal, stop or target may close the position, which is all that can.

    The extremes of the candles that are passed are kept.
    """
    prices = leaving_side(market, state)
    if state[SIDE] > 0:
        floor = max(state[STOP_PRICE], state[LIQUIDATION_PRICE])
        return skip_long(prices, wishes, state, floor, state[TARGET_PRICE], base, row, end)
    ceiling = min(state[STOP_PRICE], state[LIQUIDATION_PRICE])
    return skip_short(prices, wishes, state, ceiling, state[TARGET_PRICE], base, row, end)


def skip_long(
    prices: Prices, wishes: Wishes, state: FloatArray, floor: float, target: float, base: int, row: int, end: int
) -> int:
    """Return the first row from `row` on that reaches one of the levels or has an exit signal before it."""
    lows, highs, bits = prices.low, prices.high, wishes.bits
    worst, best = state[WORST], state[BEST]
    while row < end:
        low, high = lows[base + row], highs[base + row]
        if low <= floor or high >= target or bits[base + row - 1] & EXIT_LONG:
            break
        worst = min(worst, low)
        best = max(best, high)
        row += 1
    state[WORST], state[BEST] = worst, best
    return row


def skip_short(
    prices: Prices, wishes: Wishes, state: FloatArray, ceiling: float, target: float, base: int, row: int, end: int
) -> int:
    """Return the same for a short position."""
    lows, highs, bits = prices.low, prices.high, wishes.bits
    worst, best = state[WORST], state[BEST]
    while row < end:
        low, high = lows[base + row], highs[base + row]
        if high >= ceiling or low <= target or bits[base + row - 1] & EXIT_SHORT:
            break
        worst = max(worst, high)
        best = min(best, low)
        row += 1
    state[WORST], state[BEST] = worst, best
    return row


def wait(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, base: int, end: int) -> None:
    """Go on until the order of entry fills, or is withdrawn, which leaves the instrument flat."""
    row = int(state[CURSOR])
    while row < end:
        if row > int(state[PLACED_ROW]) and is_withdrawn(market, wishes, terms, state, base + row):
            state[STATUS] = FLAT
            break
        if reaches(market, terms, state, base + row):
            break
        row += 1
    state[CURSOR] = row


def is_withdrawn(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, at: int) -> bool:
    """Return whether the order ends before the candle; one that is replaced goes on with its new price and age."""
    if market.time[at] - state[ORDER_TIME] >= terms.entry_timeout:
        return True
    if terms.conventions != FREQTRADE and is_contradicted(wishes, state, at - 1):
        return True
    if not terms.replaces:
        return False
    price = value_at(wishes.replacement, at - 1)
    if price != state[ORDER_PRICE]:
        state[ORDER_PRICE] = price
        state[ORDER_TIME] = market.time[at]
    return isnan(price)


def is_contradicted(wishes: Wishes, state: FloatArray, signal: int) -> bool:
    """Return whether a signal wants the position of a waiting order gone, or the opposite one."""
    against = EXIT_LONG | ENTER_SHORT if state[SIDE] > 0 else EXIT_SHORT | ENTER_LONG
    return wishes.bits[signal] & against != 0


def reaches(market: Market, terms: Terms, state: FloatArray, at: int) -> bool:
    """Return whether the candle comes to the order's price."""
    limit = state[ORDER_PRICE]
    prices = market.buy if state[SIDE] > 0 else market.sell
    if terms.conventions == FREQTRADE:
        return prices.low[at] <= limit <= prices.high[at]
    return prices.low[at] <= limit if state[SIDE] > 0 else prices.high[at] >= limit
