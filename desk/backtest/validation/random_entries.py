"""Whether the times of entries earn anything: the same trades, entered at random times instead.

Each trade keeps its instrument, side, size, the distances of its stop and target, its costs, and the longest time that
it may be held, which is how long it was held; a trailing stop stays where it began. What remains above the trades at
random times is the timing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from desk.backtest.history import History
from desk.backtest.result import BacktestResult
from desk.backtest.significance import p_value
from desk.model.candles import Candles, FloatArray, IntArray
from desk.model.orders import Barriers
from desk.model.records import ClosedTrade, Trade

_AT_ONCE = 2_000_000
"""Candles that are looked at in one go, so that long trades do not fill the memory."""


@dataclass(frozen=True, slots=True)
class TakenTrade:
    """What of a trade does not depend on when it was entered.

    Attributes:
        sign: 1 bought, -1 sold.
        candles: for how many base candles it was held, 1 or more.
        stop, target: distances from the entry, as fractions of its price; infinite where there is none.
        value: at the entry, in account currency.
        costs: fees, spread and slippage, as a fraction of that value.
        profit: what it brought, in account currency, after costs.
    """

    instrument: str
    sign: int
    candles: int
    stop: float
    target: float
    value: float
    costs: float
    profit: float


@dataclass(frozen=True, slots=True)
class EntryTest:
    """What trades at random times brought, beside those of the strategy.

    Attributes:
        trades: how many were compared: those with a known value.
        observed: what they brought, in account currency, after costs.
        drawn: what as many trades at random times brought, sorted, an element for each draw.
        p_value: how likely random times do as well; None without a trade.
    """

    trades: int
    observed: float
    drawn: FloatArray
    p_value: float | None


def compare_entries(result: BacktestResult, history: History, *, draws: int, seed: int) -> EntryTest:
    """Return how the trades of a backtest compare with the same trades at random times of the same past.

    Times are drawn from the closes of base candles between the start and the end of the backtest, each as likely as
    any other; a candle that reaches both levels is taken for the stop.
    """
    taken = taken_trades(result, history)
    between = {name: _rows(result, history.base[name]) for name in {one.instrument for one in taken}}
    random = np.random.default_rng(seed)
    drawn = np.zeros(draws)
    for one in taken:
        drawn += _profits(one, history.base[one.instrument], between[one.instrument], draws, random)
    observed = sum(one.profit for one in taken)
    return EntryTest(len(taken), observed, np.sort(drawn), p_value(observed, drawn) if taken else None)


def taken_trades(result: BacktestResult, history: History) -> tuple[TakenTrade, ...]:
    """Return the trades of a backtest whose value in account currency is known, without their times."""
    barriers = {intent.client_order_id: intent.barriers for step in result.steps for intent in step.decision.intents}
    pairs = zip(result.trades, result.closed, strict=True)
    return tuple(
        _taken(trade, closed, barriers, history)
        for trade, closed in pairs
        if closed.entry_value and closed.entry_value > 0
    )


def profits_at(trade: TakenTrade, candles: Candles, rows: IntArray) -> FloatArray:
    """Return what a trade brings that is entered at the close of each of some candles, in account currency.

    Args:
        rows: each with as many candles after it as the trade is held.
    """
    entry = candles.close[rows]
    length = trade.candles
    worst, best = (candles.low, candles.high) if trade.sign > 0 else (candles.high, candles.low)
    against = trade.sign * (sliding_window_view(worst, length)[rows + 1] / entry[:, None] - 1)
    along = trade.sign * (sliding_window_view(best, length)[rows + 1] / entry[:, None] - 1)
    opened = trade.sign * (sliding_window_view(candles.open, length)[rows + 1] / entry[:, None] - 1)
    stopped, reached = _first(against <= -trade.stop), _first(along >= trade.target)
    last = trade.sign * (candles.close[rows + length] / entry - 1)
    ends = np.minimum(np.minimum(stopped, reached), length - 1)
    at_open = opened[np.arange(len(rows)), ends]
    # Beyond a level that it opens at, a candle fills at its open.
    by_stop = np.minimum(at_open, -trade.stop)
    by_target = np.maximum(at_open, trade.target)
    gains = np.where(stopped <= reached, by_stop, by_target)
    gains = np.where(np.minimum(stopped, reached) < length, gains, last)
    return trade.value * (gains - trade.costs)


def _profits(
    trade: TakenTrade, candles: Candles, between: tuple[int, int], draws: int, random: np.random.Generator
) -> FloatArray:
    """What a trade brings at random times; what it brought, where there is no room for it anywhere."""
    first, last = between[0], min(between[1], len(candles) - 1 - trade.candles)
    if last < first:
        return np.full(draws, trade.profit)
    rows = random.integers(first, last + 1, size=draws)
    parts = np.array_split(rows, -(-draws * trade.candles // _AT_ONCE))
    return np.concatenate([profits_at(trade, candles, part) for part in parts])


def _first(met: npt.NDArray[np.bool_]) -> IntArray:
    """The first column of each row in which something holds; the number of columns where it never does."""
    found = met.argmax(axis=1)
    return np.asarray(np.where(met[np.arange(len(met)), found], found, met.shape[1]), dtype=np.int64)


def _rows(result: BacktestResult, candles: Candles) -> tuple[int, int]:
    closes = candles.close_times
    first = int(np.searchsorted(closes, result.start.timestamp(), side="right"))
    return first, int(np.searchsorted(closes, result.end.timestamp(), side="right")) - 1


def _taken(trade: Trade, closed: ClosedTrade, barriers: Mapping[str, Barriers], history: History) -> TakenTrade:
    assert closed.entry_value is not None
    value, seconds = float(closed.entry_value), history.timeframe.seconds
    sign, entry = trade.side.sign, float(trade.entry_price)
    levels = barriers.get(trade.entry_order_id, Barriers())
    held = (closed.closed_at - trade.opened_at).total_seconds()
    return TakenTrade(
        instrument=trade.instrument,
        sign=sign,
        candles=max(1, round(held / seconds)),
        stop=inf if levels.stop is None else max(sign * (1 - float(levels.stop) / entry), 0.0),
        target=inf if levels.target is None else max(sign * (float(levels.target) / entry - 1), 0.0),
        value=value,
        costs=float(closed.fees + closed.price_cost) / value,
        profit=float(closed.profit),
    )
