"""What happens to a held position in the conventions of freqtrade; see `Conventions.FREQTRADE`.

Written from a statement of its semantics and held to its own cases, 154 of them. Ratios are profits of the margin after
fees, rounded to 8 decimals before they are compared.
"""

from math import floor, inf, isnan

from desk.backtest.kernels.events import (
    adverse_price,
    favourable_price,
    leaving_side,
    tell,
    value_at,
    wants_to_leave,
)
from desk.backtest.kernels.layout import (
    CURSOR,
    END,
    ENTRY_PRICE,
    ENTRY_ROW,
    ENTRY_TIME,
    EVENT_PRICE,
    EXIT_TIME,
    FIRST_STOP,
    LADDER,
    QUANTITY_LEFT,
    SIDE,
    SIGNAL,
    STOP,
    STOP_PRICE,
    TRAILED_BY,
    TRAILING_STOP,
    Market,
    Prices,
    Terms,
    Wishes,
)
from desk.model.candles import FloatArray


def walk_freqtrade(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, base: int, end: int) -> None:
    """Go on until something closes the position; what nothing has closed ends at the last open."""
    row = int(state[CURSOR])
    while row < end and not leaves(market, wishes, terms, state, base, row):
        row += 1
    if row == end and terms.closes_at_end:
        row = end - 1
        tell(state, END, leaving_side(market, state).open[base + row], state[QUANTITY_LEFT])
    state[CURSOR] = row


def leaves(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, base: int, row: int) -> bool:
    """Look for what closes the position in the candle of `row`, by an order that has to fill in it too."""
    at = base + row
    prices = leaving_side(market, state)
    if market.time[at] - state[EXIT_TIME] >= terms.exit_timeout:
        state[EXIT_TIME] = inf
    if state[EXIT_TIME] == inf:
        follow(terms, state, prices, at)
        if not orders_exit(market, wishes, terms, state, prices, at, row):
            return False
        state[EXIT_TIME] = market.time[at]
    return prices.low[at] <= state[EVENT_PRICE] <= prices.high[at]


def orders_exit(
    market: Market, wishes: Wishes, terms: Terms, state: FloatArray, prices: Prices, at: int, row: int
) -> bool:
    """Look for a reason to leave; the first one counts."""
    if wants_to_leave(wishes, state, at - 1):
        return tell(state, SIGNAL, exit_price(wishes, state, prices, at), state[QUANTITY_LEFT])
    hit = state[SIDE] * (state[STOP_PRICE] - adverse_price(prices, state, at)) >= 0.0
    moved = state[STOP_PRICE] != state[FIRST_STOP]
    if hit and not moved:
        return tell(state, STOP, stop_exit(terms, state, prices, at, row), state[QUANTITY_LEFT])
    if climbs(market, terms, state, prices, at, row):
        return True
    return hit and tell(state, TRAILING_STOP, stop_exit(terms, state, prices, at, row), state[QUANTITY_LEFT])


def ratio(terms: Terms, state: FloatArray, price: float) -> float:
    """Return the profit at `price` as a ratio of the margin, rounded to 8 decimals."""
    entry, fee = state[ENTRY_PRICE], terms.fee
    if state[SIDE] > 0:
        exact = (1.0 - fee) * price / ((1.0 + fee) * entry) - 1.0
    else:
        exact = 1.0 - (1.0 + fee) * price / ((1.0 - fee) * entry)
    # By hand, since a compiled round differs from Python's in the last digit.
    return floor(exact * terms.leverage * 1e8 + 0.5) / 1e8


def price_of(terms: Terms, state: FloatArray, gain: float) -> float:
    """Return the price at which the profit after fees is this part of the margin, the margin without its fee."""
    side = state[SIDE]
    return state[ENTRY_PRICE] * (1.0 + side * (terms.fee + gain / terms.leverage)) / (1.0 - side * terms.fee)


def clamped(prices: Prices, at: int, price: float) -> float:
    """Return the nearest price that the candle has."""
    return min(max(price, prices.low[at]), prices.high[at])


def stop_exit(terms: Terms, state: FloatArray, prices: Prices, at: int, row: int) -> float:
    """Return the stop's level, or the open where the whole candle is beyond it."""
    level = state[STOP_PRICE]
    if state[SIDE] * (level - favourable_price(prices, state, at)) > 0.0:
        return prices.open[at]
    if level != state[FIRST_STOP] and row == int(state[ENTRY_ROW]):
        return entry_candle_stop(terms, state, prices, at)
    return level


def follow(terms: Terms, state: FloatArray, prices: Prices, at: int) -> None:
    """Move the stop by the candle's best price, unless the candle has reached it."""
    side = state[SIDE]
    if side * (adverse_price(prices, state, at) - state[STOP_PRICE]) <= 0.0:
        return
    best = favourable_price(prices, state, at)
    active = terms.activation == 0.0 or ratio(terms, state, best) > terms.activation
    distance = terms.trailing if active else terms.trailing_before
    if isnan(distance):
        return
    level = best * (1.0 - side * distance / terms.leverage)
    if side * (level - state[STOP_PRICE]) > 0.0:
        state[STOP_PRICE] = level
        state[TRAILED_BY] = distance


def entry_candle_stop(terms: Terms, state: FloatArray, prices: Prices, at: int) -> float:
    """Return the pessimistic price of a stop that moved and was hit within the candle of entry."""
    side = state[SIDE]
    if terms.activation > 0.0 and isnan(terms.trailing_before):
        level = prices.open[at] * (1.0 + side * (terms.activation - terms.trailing / terms.leverage))
    else:
        level = prices.open[at] * (1.0 - side * state[TRAILED_BY] / terms.leverage)
    return max(level, prices.low[at]) if side > 0 else min(level, prices.high[at])


def exit_price(wishes: Wishes, state: FloatArray, prices: Prices, at: int) -> float:
    """Return the price of an exit signal's order: the open, or its limit, no worse than the candle."""
    limit = value_at(wishes.exit_limit, at - 1)
    if isnan(limit):
        return prices.open[at]
    return max(limit, prices.low[at]) if state[SIDE] > 0 else min(limit, prices.high[at])


def climbs(market: Market, terms: Terms, state: FloatArray, prices: Prices, at: int, row: int) -> bool:
    """Look for the ladder."""
    age = market.time[at] - state[ENTRY_TIME]
    step = -1
    for n in range(len(terms.rung_ages)):
        if terms.rung_ages[n] <= age:
            step = n
    if step < 0 or not ratio(terms, state, favourable_price(prices, state, at)) > terms.rung_gains[step]:
        return False
    price = rung_price(market, terms, state, prices, at, step)
    if row == int(state[ENTRY_ROW]) and is_refused(state, prices, at, price):
        return False
    return tell(state, LADDER, price, state[QUANTITY_LEFT])


def rung_price(market: Market, terms: Terms, state: FloatArray, prices: Prices, at: int, step: int) -> float:
    """Return what a rung fills at: its price within the candle, or the open, from which on it was in force."""
    length = market.time[at] - market.time[at - 1]
    starts = terms.rung_ages[step] % length == 0.0
    if starts and terms.rung_gains[step] == -1.0:
        return prices.open[at]
    price = price_of(terms, state, terms.rung_gains[step])
    age = market.time[at] - state[ENTRY_TIME]
    better = state[SIDE] * (prices.open[at] - price) > 0.0
    if starts and age > 0.0 and age == terms.rung_ages[step] and better:
        return prices.open[at]
    return clamped(prices, at, price)


def is_refused(state: FloatArray, prices: Prices, at: int, price: float) -> bool:
    """Return whether the entry candle may not have come to `price` after the entry: it went against the position."""
    side, opened, closed = state[SIDE], prices.open[at], prices.close[at]
    adverse = side * (closed - opened) < 0.0
    return adverse and side * (state[ENTRY_PRICE] - opened) < 0.0 and side * (price - closed) > 0.0
