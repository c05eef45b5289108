"""What the kernels share: their inputs, the columns of a position's state and of a trade, and the codes in them."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from desk.model.candles import FloatArray, IntArray


class Prices(NamedTuple):
    """One side of the market, the instruments one after the other."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray


class Market(NamedTuple):
    """The candles of all instruments, one after the other.

    Attributes:
        buy: what a buyer pays (ask); the same as `sell` where the two sides are not known.
        first: where each instrument begins, and the length of all as one more element.
        rows: for each candle its row on the common axis; empty where all instruments have the same candles.
        row_count: length of the common axis.
    """

    buy: Prices
    sell: Prices
    time: IntArray
    first: IntArray
    rows: IntArray
    row_count: int


class Wishes(NamedTuple):
    """The signals of all instruments, in the order of the candles; arrays of one element hold for all rows."""

    bits: npt.NDArray[np.uint8]
    stop: FloatArray
    target: FloatArray
    unit: FloatArray
    quantity: FloatArray
    limit: FloatArray
    replacement: FloatArray
    exit_limit: FloatArray


class Terms(NamedTuple):
    """`Rules` as numbers: ages in seconds, infinite or NaN where there is none."""

    sized_by: int
    amount: float
    fee: float
    slippage: float
    leverage: float
    maintenance: float
    distance: int
    trailing: float
    activation: float
    trailing_before: float
    break_even: float
    lock: float
    rung_ages: FloatArray
    rung_gains: FloatArray
    part_gains: FloatArray
    part_fractions: FloatArray
    time_exit: float
    entry_timeout: float
    exit_timeout: float
    replaces: int
    closes_at_end: int
    conventions: int
    quick: int


# Bits of a row's signals.
ENTER_LONG: Final = 1
ENTER_SHORT: Final = 2
EXIT_LONG: Final = 4
EXIT_SHORT: Final = 8
ENTER: Final = 3

DESK: Final = 0
FREQTRADE: Final = 1

BY_EQUITY: Final = 0
BY_NOTIONAL: Final = 1
BY_QUANTITY: Final = 2

OF_PRICE: Final = 0
OF_FRACTION: Final = 1
OF_UNIT: Final = 2

# Status of an instrument.
FLAT: Final = 0
WAITING: Final = 1
HELD: Final = 2

# Why a part of a position was closed; REASONS gives the words.
SIGNAL: Final = 0
STOP: Final = 1
TARGET: Final = 2
LADDER: Final = 3
TRAILING_STOP: Final = 4
BREAK_EVEN_STOP: Final = 5
TIME_EXIT: Final = 6
PART: Final = 7
LIQUIDATION: Final = 8
END: Final = 9

# Columns of an instrument's state, all float64. Rows are its own, those of the candles given.
STATUS: Final = 0
CURSOR: Final = 1  # the next row to look at
SIDE: Final = 2  # 1 long, -1 short
QUANTITY_LEFT: Final = 3
FIRST_QUANTITY: Final = 4
ENTRY_PRICE: Final = 5
PLACED_ROW: Final = 6
ENTRY_ROW: Final = 7
ENTRY_TIME: Final = 8
AT_MARKET: Final = 9  # 1 where the order of entry has no limit
ORDER_TIME: Final = 10
ORDER_PRICE: Final = 11  # of a waiting entry
INSIDE: Final = 12  # 1 where the entry was filled inside its candle
UNIT: Final = 13  # price of one unit of distance at the entry
STOP_PRICE: Final = 14
STOP_REASON: Final = 15
FIRST_STOP: Final = 16
TARGET_PRICE: Final = 17
LIQUIDATION_PRICE: Final = 18
WORST: Final = 19
BEST: Final = 20
PARTS_DONE: Final = 21
EXIT_PRICE: Final = 22  # of a waiting exit order, NaN without one
EXIT_TIME: Final = 23
POSITION: Final = 24
TRAILED_BY: Final = 25  # the distance at which the stop was moved last
# What happens next, at the row of the cursor.
EVENT_PRICE: Final = 26
EVENT_REASON: Final = 27
EVENT_QUANTITY: Final = 28
# What the signal of the entry says, kept until the order fills.
STOP_DISTANCE: Final = 29
TARGET_DISTANCE: Final = 30
SIGNAL_UNIT: Final = 31
STATE_COLUMNS: Final = 32

# Columns of a trade while it is written.
TRADE_COLUMNS: Final = (
    "instrument",
    "position",
    "side",
    "placed_row",
    "entry_row",
    "exit_row",
    "reason",
    "entry_time",
    "exit_time",
    "entry_price",
    "exit_price",
    "stop_price",
    "quantity",
    "profit",
    "fees",
    "worst_price",
    "best_price",
)
