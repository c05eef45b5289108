"""One account and all of its instruments: events in the order of their rows, cash, equity and trades."""

from math import isinf
from typing import Final

from desk.backtest.kernels.entering import fill, place
from desk.backtest.kernels.layout import (
    AT_MARKET,
    BEST,
    BY_EQUITY,
    CURSOR,
    DESK,
    ENTER,
    ENTRY_PRICE,
    ENTRY_ROW,
    ENTRY_TIME,
    EVENT_PRICE,
    EVENT_QUANTITY,
    EVENT_REASON,
    EXIT_PRICE,
    FIRST_STOP,
    FLAT,
    HELD,
    PART,
    PARTS_DONE,
    PLACED_ROW,
    POSITION,
    QUANTITY_LEFT,
    SIDE,
    SIGNAL,
    STATUS,
    TIME_EXIT,
    WORST,
    Market,
    Terms,
    Wishes,
)
from desk.backtest.kernels.walking import look_ahead
from desk.model.candles import FloatArray, IntArray

UNKNOWN: Final = -1


def run(
    market: Market,
    wishes: Wishes,
    terms: Terms,
    states: FloatArray,
    cash: float,
    equity: FloatArray,
    trades: FloatArray,
    scratch: IntArray,
) -> tuple[float, int, int]:
    """Carry `states` and `cash` through all candles; return the cash, the number of trades and of refused entries.

    Args:
        states: one row per instrument, columns as in `layout`; changed.
        equity: one element per row of the common axis; written.
        trades: one row per trade, columns as `TRADE_COLUMNS`; written in the order of their ends. It must be as long
            as there can be trades.
        scratch: two rows of zeros, one element per instrument; used up.
    """
    rows, marks = scratch[0], scratch[1]
    count, refused, filled, before = 0, 0, 0, cash
    rows[:] = UNKNOWN
    while True:
        k = earliest(rows)
        row = rows[k]
        if row == UNKNOWN:  # the only place that looks, for a compiler copies what is called into each
            rows[k] = next_row(market, wishes, terms, states[k], k)
            continue
        if row >= market.row_count:
            break
        if row > filled:
            equity[filled:row] = cash
            filled = row
            if terms.sized_by == BY_EQUITY and may_enter(market, wishes, states, rows, row):
                before = equity_before(market, terms, states, marks, row, cash)
        if states[k][STATUS] == HELD:
            cash += close(market, terms, states[k], k, trades[count])
            count += 1
        else:
            cost = enter(market, wishes, terms, states[k], market.first[k], before, cash)
            refused += cost < 0.0
            cash -= max(cost, 0.0)
        rows[k] = UNKNOWN
    equity[filled:] = cash
    add_holdings(market, terms, states, trades, count, equity)
    return cash, count, refused


def next_row(market: Market, wishes: Wishes, terms: Terms, state: FloatArray, k: int) -> int:
    """Return the row of the instrument's next event on the common axis, whose length it is where there is none."""
    base = market.first[k]
    end = market.first[k + 1] - base
    row = look_ahead(market, wishes, terms, state, base, end)
    if row >= end:
        return market.row_count
    return market.rows[base + row] if len(market.rows) > 0 else row


def earliest(rows: IntArray) -> int:
    """Return the instrument whose event is next; of several in one row the first."""
    found = 0
    for k in range(1, len(rows)):
        if rows[k] < rows[found]:
            found = k
    return found


def may_enter(market: Market, wishes: Wishes, states: FloatArray, rows: IntArray, row: int) -> bool:
    """Return whether an instrument with an event in this row has a signal of entry for it."""
    for k in range(len(rows)):
        if rows[k] == row and wishes.bits[market.first[k] + int(states[k][CURSOR]) - 1] & ENTER:
            return True
    return False


def equity_before(market: Market, terms: Terms, states: FloatArray, marks: IntArray, row: int, cash: float) -> float:
    """Return what the account was worth at the closes before `row`.

    Args:
        marks: for each instrument the last row that was valued; moved forward.
    """
    equity = cash
    for k in range(len(states)):
        if states[k][STATUS] == HELD:
            at = market.first[k] + last_before(market, marks, k, row)
            side, price = states[k][SIDE], mark(market, states[k][SIDE], at)
            equity += worth(terms, side, states[k][QUANTITY_LEFT], states[k][ENTRY_PRICE], price)
    return equity


def last_before(market: Market, marks: IntArray, k: int, row: int) -> int:
    """Return the instrument's own row of its newest candle before `row` of the common axis."""
    if len(market.rows) == 0:
        return row - 1
    base, end = market.first[k], market.first[k + 1]
    own = marks[k]
    while base + own + 1 < end and market.rows[base + own + 1] < row:
        own += 1
    marks[k] = own
    return own


def mark(market: Market, side: float, at: int) -> float:
    """Return the close at which a position of this side could be left."""
    return market.sell.close[at] if side > 0 else market.buy.close[at]


def worth(terms: Terms, side: float, quantity: float, entry: float, price: float) -> float:
    """Return the margin of a position and its profit at `price`."""
    return quantity * entry * (1.0 / terms.leverage - side) + quantity * price * side


def enter(
    market: Market, wishes: Wishes, terms: Terms, state: FloatArray, base: int, equity: float, cash: float
) -> float:
    """Place an order or fill the one that waits; return what that takes from the cash, -1 where it was refused."""
    if state[STATUS] == FLAT:
        place(market, wishes, terms, state, base, equity)
        if state[STATUS] == FLAT:
            return -1.0
        if state[AT_MARKET] == 0.0:
            return 0.0
    return fill(market, terms, state, base, cash)


def close(market: Market, terms: Terms, state: FloatArray, k: int, trade: FloatArray) -> float:
    """Close what the event says, write the trade and return what it gives back to the cash."""
    side, entry = state[SIDE], state[ENTRY_PRICE]
    price, quantity = state[EVENT_PRICE], state[EVENT_QUANTITY]
    write_trade(market, terms, state, k, trade)
    state[QUANTITY_LEFT] -= quantity
    if state[EVENT_REASON] == PART:
        state[PARTS_DONE] += 1.0
    if state[QUANTITY_LEFT] == 0.0:
        state[STATUS] = FLAT
        if not may_turn(terms, state):
            state[CURSOR] += 1.0
    return quantity * entry * (1.0 / terms.leverage - side) + quantity * price * (side - terms.fee)


def may_turn(terms: Terms, state: FloatArray) -> bool:
    """Return whether a signal of the same row may enter: the position was left at the open, by choice."""
    by_signal = state[EVENT_REASON] == SIGNAL and isinf(state[EXIT_PRICE])
    return terms.conventions == DESK and (by_signal or state[EVENT_REASON] == TIME_EXIT)


def write_trade(market: Market, terms: Terms, state: FloatArray, k: int, trade: FloatArray) -> None:
    """Write down what the event closes."""
    side, entry = state[SIDE], state[ENTRY_PRICE]
    price, quantity = state[EVENT_PRICE], state[EVENT_QUANTITY]
    trade[0], trade[1], trade[2] = k, state[POSITION], side
    trade[3], trade[4], trade[5] = state[PLACED_ROW], state[ENTRY_ROW], state[CURSOR]
    trade[6] = state[EVENT_REASON]
    trade[7], trade[8] = state[ENTRY_TIME], market.time[market.first[k] + int(state[CURSOR])]
    trade[9], trade[10], trade[11] = entry, price, state[FIRST_STOP]
    trade[12] = quantity
    trade[13] = quantity * (price * (side - terms.fee) - entry * (side + terms.fee))
    trade[14] = quantity * terms.fee * (entry + price)
    trade[15] = price if side * (price - state[WORST]) < 0.0 else state[WORST]
    trade[16] = price if side * (price - state[BEST]) > 0.0 else state[BEST]


def add_holdings(
    market: Market, terms: Terms, states: FloatArray, trades: FloatArray, count: int, equity: FloatArray
) -> None:
    """Add to the cash of every row what the positions of that row were worth at its close."""
    for n in range(count):
        trade = trades[n]
        hold(market, terms, int(trade[0]), trade[2], trade[12], trade[9], int(trade[4]), int(trade[5]), equity)
    for k in range(len(states)):
        state = states[k]
        if state[STATUS] == HELD:
            end = market.first[k + 1] - market.first[k]
            since = int(state[ENTRY_ROW])
            hold(market, terms, k, state[SIDE], state[QUANTITY_LEFT], state[ENTRY_PRICE], since, end, equity)


def hold(
    market: Market,
    terms: Terms,
    k: int,
    side: float,
    quantity: float,
    entry: float,
    since: int,
    until: int,
    equity: FloatArray,
) -> None:
    """Add one position's worth to the rows from the candle of its entry until that of its end, which has it no more."""
    base = market.first[k]
    fixed = quantity * entry * (1.0 / terms.leverage - side)
    moving = quantity * side
    closes = market.sell.close if side > 0 else market.buy.close
    if len(market.rows) == 0:
        for row in range(max(since, 0), until):
            equity[row] += fixed + moving * closes[base + row]
        return
    end = market.first[k + 1] - base
    for own in range(max(since, 0), until):
        after = market.rows[base + own + 1] if own + 1 < end else market.row_count
        for row in range(market.rows[base + own], after):
            equity[row] += fixed + moving * closes[base + own]
