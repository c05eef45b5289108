"""What happens to a held position inside one candle, in the conventions of the desk.

Every function that returns a bool writes an event into the state where it returns True.
"""

from math import inf, isnan

from desk.backtest.kernels.layout import (
    BEST,
    BREAK_EVEN_STOP,
    ENTRY_PRICE,
    ENTRY_ROW,
    ENTRY_TIME,
    EVENT_PRICE,
    EVENT_QUANTITY,
    EVENT_REASON,
    EXIT_LONG,
    EXIT_PRICE,
    EXIT_SHORT,
    EXIT_TIME,
    FIRST_QUANTITY,
    INSIDE,
    LADDER,
    LIQUIDATION,
    LIQUIDATION_PRICE,
    OF_FRACTION,
    OF_UNIT,
    PART,
    PARTS_DONE,
    QUANTITY_LEFT,
    SIDE,
    SIGNAL,
    STOP_PRICE,
    STOP_REASON,
    TARGET,
    TARGET_PRICE,
    TIME_EXIT,
    TRAILING_STOP,
    UNIT,
    WORST,
    Market,
    Prices,
    Terms,
    Wishes,
)
from desk.model.candles import FloatArray


def value_at(values: FloatArray, at: int) -> float:
    """Return the element, or the only one of what holds for all rows."""
    return values[at] if len(values) > 1 else values[0]


def leaving_side(market: Market, state: FloatArray) -> Prices:
    """Return the prices at which the position can be left: bids of a long one, asks of a short one."""
    return market.sell if state[SIDE] > 0 else market.buy


def adverse_price(prices: Prices, state: FloatArray, at: int) -> float:
    """Return the candle's worst price for the position."""
    return prices.low[at] if state[SIDE] > 0 else prices.high[at]


def favourable_price(prices: Prices, state: FloatArray, at: int) -> float:
    """Return the candle's best price for the position."""
    return prices.high[at] if state[SIDE] > 0 else prices.low[at]


def tell(state: FloatArray, reason: int, price: float, quantity: float) -> bool:
    """Write down that `quantity` is closed at `price`."""
    state[EVENT_REASON] = reason
    state[EVENT_PRICE] = price
    state[EVENT_QUANTITY] = quantity
    return True


def tell_market(state: FloatArray, terms: Terms, reason: int, price: float) -> bool:
    """Write down that all is closed by a market order, which slips."""
    return tell(state, reason, price * (1.0 - state[SIDE] * terms.slippage), state[QUANTITY_LEFT])


def wants_to_leave(wishes: Wishes, state: FloatArray, signal: int) -> bool:
    """Return whether the signals of a row close the position."""
    return wishes.bits[signal] & (EXIT_LONG if state[SIDE] > 0 else EXIT_SHORT) != 0


def happens(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, base: int, row: int) -> bool:
    """Look for what closes the position, or a part of it, in the candle of `row`."""
    at = base + row
    prices = leaving_side(market, state)
    if leaves_at_open(market, wishes, terms, state, prices, at):
        return True
    if is_stopped(terms, state, prices, at):
        return True
    if state[INSIDE] == 1.0 and row == int(state[ENTRY_ROW]):
        return False
    return gains(market, terms, state, prices, at)


def leaves_at_open(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, prices: Prices, at: int) -> bool:
    """Look for what was decided before the candle; an exit with a limit becomes an order that waits."""
    if market.time[at] - state[EXIT_TIME] >= terms.exit_timeout:
        state[EXIT_PRICE] = state[SIDE] * inf
    if market.time[at] - state[ENTRY_TIME] >= terms.time_exit:
        return tell_market(state, terms, TIME_EXIT, prices.open[at])
    if not wants_to_leave(wishes, state, at - 1):
        return False
    limit = value_at(wishes.exit_limit, at - 1)
    if isnan(limit):
        return tell_market(state, terms, SIGNAL, prices.open[at])
    state[EXIT_PRICE] = limit
    state[EXIT_TIME] = market.time[at]
    return False


def is_stopped(terms: Terms, state: FloatArray, prices: Prices, at: int) -> bool:
    """Look for the stop, and for the liquidation that may come before it."""
    side = state[SIDE]
    liquidated = side * (state[LIQUIDATION_PRICE] - state[STOP_PRICE]) > 0.0
    level = state[LIQUIDATION_PRICE] if liquidated else state[STOP_PRICE]
    if side * (adverse_price(prices, state, at) - level) > 0.0:
        return False
    beyond = side * (prices.open[at] - level) < 0.0
    reason = LIQUIDATION if liquidated else int(state[STOP_REASON])
    return tell_market(state, terms, reason, prices.open[at] if beyond else level)


def gains(market: Market, terms: Terms, state: FloatArray, prices: Prices, at: int) -> bool:
    """Look for the nearest of the limit orders that wait beyond the entry."""
    side = state[SIDE]
    level, reason, quantity = state[TARGET_PRICE], TARGET, state[QUANTITY_LEFT]
    rung = rung_price(terms, state, market.time[at] - state[ENTRY_TIME])
    if side * (rung - level) < 0.0:
        level, reason = rung, LADDER
    if side * (state[EXIT_PRICE] - level) < 0.0:
        level, reason = state[EXIT_PRICE], SIGNAL
    part = part_price(terms, state)
    if side * (part - level) < 0.0:
        level, reason, quantity = part, PART, part_quantity(terms, state)
    if not side * (favourable_price(prices, state, at) - level) >= 0.0:
        return False
    beyond = side * (prices.open[at] - level) > 0.0
    return tell(state, reason, prices.open[at] if beyond else level, quantity)


def rung_price(terms: Terms, state: FloatArray, age: float) -> float:
    """Return the target that the ladder has for a position of this age, infinitely far without one."""
    gain = inf
    for step in range(len(terms.rung_ages)):
        if terms.rung_ages[step] <= age:
            gain = terms.rung_gains[step]
    return state[ENTRY_PRICE] + state[SIDE] * gain * state[UNIT]


def part_price(terms: Terms, state: FloatArray) -> float:
    """Return where the next partial exit is, infinitely far without one."""
    done = int(state[PARTS_DONE])
    if done >= len(terms.part_gains):
        return state[SIDE] * inf
    return state[ENTRY_PRICE] + state[SIDE] * terms.part_gains[done] * state[UNIT]


def part_quantity(terms: Terms, state: FloatArray) -> float:
    """Return how much the next partial exit closes; parts that add up to 1 leave nothing."""
    done = int(state[PARTS_DONE])
    given = 0.0
    for step in range(done + 1):
        given += terms.part_fractions[step]
    if given >= 1.0 - 1e-9:
        return state[QUANTITY_LEFT]
    return terms.part_fractions[done] * state[FIRST_QUANTITY]


def end_candle(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, at: int) -> None:
    """Keep the extremes of a candle that left the position open, and move its stop for the next."""
    side = state[SIDE]
    prices = leaving_side(market, state)
    worst, best = adverse_price(prices, state, at), favourable_price(prices, state, at)
    if side * (worst - state[WORST]) < 0.0:
        state[WORST] = worst
    if side * (best - state[BEST]) > 0.0:
        state[BEST] = best
    gain = side * (state[BEST] - state[ENTRY_PRICE])
    if gain >= terms.break_even * state[UNIT]:
        tighten(state, state[ENTRY_PRICE] + side * terms.lock * state[UNIT], BREAK_EVEN_STOP)
    distance = terms.trailing if gain >= terms.activation * state[UNIT] else terms.trailing_before
    tighten(state, best - side * distance * following_unit(wishes, terms, best, at), TRAILING_STOP)


def following_unit(wishes: Wishes, terms: Terms, best: float, at: int) -> float:
    """Return the price of one unit of a trailing stop's distance."""
    if terms.distance == OF_FRACTION:
        return best
    return value_at(wishes.unit, at) if terms.distance == OF_UNIT else 1.0


def tighten(state: FloatArray, level: float, reason: int) -> None:
    """Move the stop where `level` is nearer to the price; NaN is not."""
    if state[SIDE] * (level - state[STOP_PRICE]) > 0.0:
        state[STOP_PRICE] = level
        state[STOP_REASON] = reason
